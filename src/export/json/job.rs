//! The JSON of a job.

use super::WantedChange;
use crate::entity::{
    job::{Change, ChangeOutcome, Job, JobCommand, JobState, OutcomeCounts, PauseReason, Timing},
    key::{EntityKey, JobId, ProfileName, ProviderId},
    status::Status,
    team::Colleague,
};
use jiff::Timestamp;
use serde::Serialize;

/// A job: what stands behind `"job"` in an answer, or an item of a list, which has no changes.
pub fn job_json<'a>(job: &'a Job, changes: Option<&'a [Change]>) -> impl Serialize + 'a {
    #[derive(Serialize)]
    struct Json<'a> {
        id: JobId,
        state: JobState,
        paused: Option<Paused>,
        command: JobCommand,
        change: WantedChange,
        plan_hash: &'a str,
        profiles: Vec<BoundProfile<'a>>,
        created_at: Timestamp,
        started_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
        reason: &'a Option<String>,
        note: &'a Option<String>,
        ticket: &'a Option<String>,
        retries: Option<JobId>,
        undoes: Option<JobId>,
        redoes: Option<JobId>,
        undone_by: Option<JobId>,
        counts: OutcomeCounts,
        timing: Timing,
        by: Option<Seat<'a>>,
        runs_at: Option<Seen<'a>>,
        token: Option<i32>,
        asked: Option<Asked<'a>>,
        paused_by: Option<&'a str>,
        changes: Option<Vec<Changed<'a>>>,
    }
    let seat = |of: &'a Colleague| Seat {
        role: &of.role,
        user: &of.user,
        host: &of.host,
        console: of.id,
    };
    let holding = job.holding.as_deref();
    Json {
        id: job.id,
        state: job.state,
        paused: job.pause.map(|(why, until)| Paused { why, until }),
        command: job.command,
        change: WantedChange { status: job.wanted },
        plan_hash: &job.plan_hash,
        profiles: job
            .profiles
            .iter()
            .map(|binding| BoundProfile {
                profile: &binding.name,
                provider: &binding.provider,
                origin: &binding.origin,
                team: Some(&*binding.team).filter(|team| !team.is_empty()),
            })
            .collect(),
        created_at: job.created_at,
        started_at: job.started_at,
        ended_at: job.ended_at,
        reason: &job.reason,
        note: &job.note,
        ticket: &job.ticket,
        retries: job.retry_of,
        undoes: job.undo_of,
        redoes: job.redo_of,
        undone_by: job.undone_by,
        counts: job.counts,
        timing: job.timing,
        by: holding.map(|holding| seat(&holding.by)),
        runs_at: holding
            .and_then(|holding| holding.runs_at.as_ref())
            .map(|at| Seen {
                seat: seat(at),
                seen_at: &at.seen_at,
                online: at.online,
            }),
        token: holding.map(|holding| holding.token),
        asked: holding
            .and_then(|holding| holding.asked_by.as_deref())
            .map(|by| Asked { what: "pause", by }),
        paused_by: holding.and_then(|holding| holding.paused_by.as_deref()),
        changes: changes.map(|changes| {
            changes
                .iter()
                .map(|change| Changed {
                    key: &change.key,
                    before: change.before,
                    wanted: change.wanted,
                    outcome: change.state().outcome(),
                    code: change.code(),
                    reason: change.reason(),
                })
                .collect()
        }),
    }
}

#[derive(Serialize)]
struct Paused {
    why: PauseReason,
    until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Seat<'a> {
    role: &'a str,
    user: &'a str,
    host: &'a str,
    console: i32,
}

#[derive(Serialize)]
struct Seen<'a> {
    #[serde(flatten)]
    seat: Seat<'a>,
    seen_at: &'a str,
    online: bool,
}

#[derive(Serialize)]
struct Asked<'a> {
    what: &'static str,
    by: &'a str,
}

#[derive(Serialize)]
struct BoundProfile<'a> {
    profile: &'a ProfileName,
    provider: &'a ProviderId,
    origin: &'a str,
    team: Option<&'a str>,
}

#[derive(Serialize)]
struct Changed<'a> {
    key: &'a EntityKey,
    before: Option<Status>,
    wanted: Status,
    outcome: ChangeOutcome,
    code: Option<u16>,
    reason: Option<&'a str>,
}
