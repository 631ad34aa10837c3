//! What a bundle of evidence needs.

use super::{Failure, Request};
use crate::{
    app::message::Message,
    entity::{evidence::Evidence, key::JobId},
};
use std::{path::PathBuf, sync::Arc};

/// What a bundle of evidence needs.
#[derive(Clone, Debug, PartialEq)]
pub enum EvidenceEffect {
    /// Read a job for a bundle of evidence.
    LoadEvidence {
        /// Which.
        job: JobId,
        /// Where the bundle shall lie.
        path: PathBuf,
    },
    /// Write a bundle of evidence.
    WriteEvidence {
        /// Where.
        path: PathBuf,
        /// What it is about.
        evidence: Arc<Evidence>,
    },
}

impl Request for EvidenceEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        match self {
            Self::LoadEvidence { path, .. } => Message::EvidenceLoaded {
                path,
                result: Err(failure.to_journal_error()),
            },
            Self::WriteEvidence { path, .. } => Message::EvidenceWritten {
                path,
                audited: false,
                result: Err(failure.reason().to_owned()),
            },
        }
    }
}
