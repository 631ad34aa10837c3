//! What a bundle of evidence is about: leaks as they stand, and what a job did to them. No secret is in it.

use super::{
    fingerprint::Fingerprint,
    job::{Change, Job},
    key::{EntityKey, ProviderId},
    leak::Leak,
};

/// One leak of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceItem {
    /// Which.
    pub key: EntityKey,
    /// Whose it is; `None` where neither the leak nor a job says so.
    pub provider: Option<ProviderId>,
    /// As it stands here; `None` when it is not loaded.
    pub leak: Option<Leak>,
    /// What stands for login and secret, where the secret came in clear.
    pub credential: Option<Fingerprint>,
    /// What the job did to it, if the bundle is about one.
    pub change: Option<Change>,
}

/// What a bundle of evidence is about.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Evidence {
    /// The job; `None` when leaks were chosen.
    pub job: Option<Box<Job>>,
    /// The leaks, those of a job in its order.
    pub items: Vec<EvidenceItem>,
}
