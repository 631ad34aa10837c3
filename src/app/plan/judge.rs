//! Where a wanted status can be stored: at the provider, with us, or the nearest that the provider has there and the
//! rest with us. Follows from the provider's abilities and from what it says now, and from nothing else.

use crate::entity::{job::Place, status::Status};

/// How one leak stands before it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is shown and acted on: the local status where there is one.
    pub shown: Status,
    /// What the provider's own word means now; `None` where it has no status.
    pub remote: Option<Status>,
    /// The provider has changed its word since the local status was set, to one that means something else.
    pub disputed: bool,
}

/// What comes of wanting a status for a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is that already.
    Already,
    /// It is no status that can be wanted.
    Unsupported,
    /// It is changed.
    Change {
        /// To what, where it is stored.
        wanted: Status,
        /// Where that is.
        place: Place,
        /// What the provider has for it, where that is another status.
        nearest: Option<Status>,
    },
}

/// What was asked for, in the words of a provider that stores these: reopening means new where there is no open.
pub fn meant(stores: &[Status], wanted: Status) -> Status {
    let new = stores.is_empty() || stores.contains(&Status::New);
    if wanted == Status::Open && !stores.contains(&Status::Open) && new {
        Status::New
    } else {
        wanted
    }
}

/// What a provider that stores these has for a status: the status itself, or the nearest that loses something and
/// claims nothing.
pub fn nearest(stores: &[Status], wanted: Status) -> Option<Status> {
    let near: &[Status] = match wanted {
        Status::New => &[Status::New, Status::Open],
        Status::Investigating => &[Status::Investigating, Status::Open, Status::New],
        Status::Open => &[Status::Open, Status::New, Status::Investigating],
        // Nothing else says that a credential is worthless now.
        Status::Fixed => &[Status::Fixed],
        Status::FalsePositive => &[Status::FalsePositive, Status::Fixed],
        Status::Unknown => &[],
    };
    near.iter().copied().find(|status| stores.contains(status))
}

/// Judges one leak of a provider that stores these.
pub fn verdict(stores: &[Status], wanted: Status, standing: Standing) -> Verdict {
    if wanted == Status::Unknown {
        return Verdict::Unsupported;
    }
    let asked = meant(stores, wanted);
    // Where the provider objects, the same status again is an answer to that.
    if standing.shown == asked && !standing.disputed {
        return Verdict::Already;
    }
    let stored = nearest(stores, asked);
    let loses = stored.filter(|stored| *stored != asked);
    let (wanted, place) = match stored {
        None => (asked, Place::Local),
        Some(_) if standing.remote == stored => (asked, Place::Local),
        Some(stored) if stored == asked => (asked, Place::Remote),
        Some(stored) => (stored, Place::Both),
    };
    Verdict::Change {
        wanted,
        place,
        nearest: loses,
    }
}
