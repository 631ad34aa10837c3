//! Where a wanted status can be stored: at the provider, with us, or the nearest that the provider has there and the
//! rest with us. Follows from the provider's abilities and from what it says now, and from nothing else.

use crate::{
    app::{
        job,
        model::{Context, ProfileState},
    },
    entity::{
        job::{JobCommand, SkipCode, Skipped, StorageTarget},
        key::{EntityKey, JobId},
        status::Status,
        visible::escape,
    },
    table::RowId,
};

/// How one leak stands before it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentStatus {
    /// What is shown and acted on: the local status where there is one.
    pub effective: Status,
    /// What the provider's own word means now; `None` where it has no status.
    pub remote: Option<Status>,
    /// The provider has changed its word since the local status was set, to one that means something else.
    pub disputed: bool,
}

/// What comes of wanting a status for a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eligibility {
    /// It is that already.
    NoChange,
    /// It is no status that can be wanted.
    Unsupported,
    /// It is changed.
    Change {
        /// To what, where it is stored.
        wanted: Status,
        /// Where that is.
        storage_target: StorageTarget,
        /// What the provider has for it, where that is another status.
        nearest_status: Option<Status>,
    },
}

/// What was asked for, in the words of a provider that stores these: reopening means new where there is no open.
pub fn requested_status(stores: &[Status], wanted: Status) -> Status {
    let new = stores.is_empty() || stores.contains(&Status::New);
    if wanted == Status::Open && !stores.contains(&Status::Open) && new {
        Status::New
    } else {
        wanted
    }
}

/// What a provider that stores these has for a status: the status itself, or the nearest that loses something and
/// claims nothing.
pub fn nearest_stored_status(stores: &[Status], wanted: Status) -> Option<Status> {
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
pub fn eligibility(stores: &[Status], wanted: Status, standing: CurrentStatus) -> Eligibility {
    if wanted == Status::Unknown {
        return Eligibility::Unsupported;
    }
    let asked = requested_status(stores, wanted);
    // Where the provider objects, the same status again is an answer to that.
    if standing.effective == asked && !standing.disputed {
        return Eligibility::NoChange;
    }
    let stored = nearest_stored_status(stores, asked);
    let loses = stored.filter(|stored| *stored != asked);
    let (wanted, place) = match stored {
        None => (asked, StorageTarget::Local),
        Some(_) if standing.remote == stored => (asked, StorageTarget::Local),
        Some(stored) if stored == asked => (asked, StorageTarget::Remote),
        Some(stored) => (stored, StorageTarget::Both),
    };
    Eligibility::Change {
        wanted,
        storage_target: place,
        nearest_status: loses,
    }
}

/// How a leak stands: what is acted on, what the provider says, and whether the two are at odds.
pub fn standing(context: Context<'_>, handle: RowId) -> CurrentStatus {
    CurrentStatus {
        effective: context.data.table.status(handle),
        remote: context.data.table.known_remote_status(handle),
        disputed: context.data.table.is_disputed(handle),
    }
}

pub(super) fn skip(
    key: EntityKey,
    before: Option<Status>,
    code: SkipCode,
    reason: Option<String>,
) -> Skipped {
    Skipped {
        key,
        before,
        code,
        reason: reason.unwrap_or_else(|| code.reason().to_owned()),
    }
}

/// What will be done to one leak.
pub(super) struct Judged {
    pub(super) wanted: Status,
    pub(super) storage_target: StorageTarget,
    /// What was asked for and what the provider has for it, where that is another status.
    pub(super) inexact_mapping: Option<(Status, Status)>,
}

/// Whether one leak can be changed, to what and where; else why not.
pub(super) fn check_eligibility(
    context: Context<'_>,
    state: Option<&ProfileState>,
    gone: bool,
    key: &EntityKey,
    standing: CurrentStatus,
    wish: PlanSpec,
) -> Result<Judged, (SkipCode, Option<String>)> {
    let wanted = wish.wanted;
    let Some(state) = state else {
        return Err((SkipCode::NotFound, None));
    };
    if gone {
        return Err((SkipCode::Gone, None));
    }
    let stores = state.profile.capabilities.statuses();
    let judged = match eligibility(stores, wanted, standing) {
        Eligibility::Unsupported => return Err((SkipCode::Unsupported, None)),
        Eligibility::NoChange => {
            let word = requested_status(stores, wanted).label();
            return Err((SkipCode::Already, Some(format!("already {word}"))));
        }
        Eligibility::Change {
            wanted: stored,
            storage_target,
            nearest_status: nearest,
        } => Judged {
            wanted: stored,
            storage_target,
            inexact_mapping: nearest.map(|nearest| (requested_status(stores, wanted), nearest)),
        },
    };
    if wish.skips_closed(standing.effective) {
        let why = format!("closed as {}", standing.effective.label());
        return Err((SkipCode::Closed, Some(why)));
    }
    // What is kept here alone goes nowhere: neither its id nor the way there matters.
    check_writable(
        context,
        state,
        key,
        judged.storage_target != StorageTarget::Local,
    )?;
    Ok(judged)
}

/// Whether a leak of an account may be changed now; what is sent has to be something that can be sent.
pub(super) fn check_writable(
    context: Context<'_>,
    state: &ProfileState,
    key: &EntityKey,
    sent: bool,
) -> Result<(), (SkipCode, Option<String>)> {
    if sent && !state.profile.capabilities.accepts_id(key.id.as_bytes()) {
        return Err((SkipCode::BadId, None));
    }
    if sent && state.profile.insecure {
        return Err((
            SkipCode::NotAllowed,
            Some("no bulk write over plain http".into()),
        ));
    }
    if state.profile.read_only {
        return Err((SkipCode::NotAllowed, None));
    }
    if let Some(job) = job::job_of(context, key) {
        return Err((
            SkipCode::InJob,
            Some(match whose(context, job) {
                Some(whose) => format!("in job {job} ({whose}), which has not ended"),
                None => {
                    format!("in job {job}, which has not ended: stanch jobs discard {job} frees it")
                }
            }),
        ));
    }
    Ok(())
}

/// Which colleague a job is of, and whether it runs; `None` where it is one's own, or there is no team.
fn whose(context: Context<'_>, job: JobId) -> Option<String> {
    let holding = context.access.team.as_ref()?.holdings.get(&job)?;
    let role = escape(holding.of_another()?.as_bytes());
    let runs = if holding.is_free() {
        "no console runs it"
    } else {
        "running"
    };
    Some(format!("{}, {runs}", role.as_str()))
}

/// What a plan shall do with its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanSpec {
    /// What asks for it.
    pub command: JobCommand,
    /// What the targets shall become.
    pub wanted: Status,
    /// Those too that are closed as something else.
    pub include_closed: bool,
}

impl PlanSpec {
    /// Whether a leak that stands so is left alone, because it is closed as something else: who marks leaks fixed does
    /// not mean those that somebody found to be none. Reopening is about closed leaks, and what follows another job
    /// about the leaks of that.
    pub(super) fn skips_closed(self, shown: Status) -> bool {
        let sets = matches!(self.command, JobCommand::Fix | JobCommand::Set);
        sets && self.wanted != Status::Open && !shown.is_unresolved() && !self.include_closed
    }
}
