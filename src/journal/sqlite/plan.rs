//! Plan and confirmation, recorded as one thing: a job with all its changes, or nothing.

mod changes;

use super::{
    chain,
    fault::Fault,
    local, noted, read,
    row::{self, JobRow},
    sent,
    sql::{marks, profile, stale},
    write::store,
};
use crate::entity::{
    job::{ChangeState, Counts, Job, JobCommand, JobState, NewJob, Timing},
    key::JobId,
};
use crate::journal::Who;
use jiff::Timestamp;
use rusqlite::{Connection, params, params_from_iter};
use serde_json::json;

/// Records plan and confirmation.
pub(super) fn job(
    connection: &Connection,
    new: &NewJob,
    who: &Who,
    now: Timestamp,
) -> Result<JobId, Fault> {
    let plan = &new.plan;
    let id: i64 = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM job", [], |row| {
        row.get(0)
    })?;
    let id = JobId(id);
    let states = || changes::of(plan).map(|planned| planned.state);
    let state = first_state(states(), plan.leaves_behind());
    let counts: Counts = states().map(ChangeState::outcome).collect();
    let of = |command| plan.of.filter(|_| plan.command == command);
    let row = JobRow {
        job: Job {
            id,
            state,
            paused: None,
            command: plan.command,
            wanted: plan.wanted,
            plan_hash: plan.hash.clone(),
            profiles: plan
                .shares
                .iter()
                .map(|share| share.binding.clone())
                .collect(),
            created_at: new.confirmed_at,
            started_at: None,
            ended_at: state.is_final().then_some(now),
            reason: new.reason.clone(),
            note: new.note.clone(),
            ticket: new.ticket.clone(),
            retries: of(JobCommand::Retry),
            undoes: of(JobCommand::Undo),
            redoes: of(JobCommand::Redo),
            undone_by: None,
            counts,
            timing: Timing {
                plan_ms: new.plan_ms,
                ..Timing::default()
            },
        },
        made_at: plan.made_at.to_string(),
        boot: sent::boot(),
        journal_us: 0,
    };
    let values = row.values();
    connection
        .execute(
            &format!(
                "INSERT INTO job ({}) VALUES ({})",
                row::JOB_COLUMNS,
                marks(values.len())
            ),
            params_from_iter(values),
        )
        .map_err(stale)?;
    shares(connection, new, id)?;
    changes::record(connection, plan, id)?;
    local::of_plan(connection, new, id, now)?;
    if let Some(undone) = of(JobCommand::Undo).or(of(JobCommand::Redo)) {
        let mut row = read::job(connection, undone)?;
        row.job.undone_by = Some(id);
        store(connection, &row)?;
    }
    noted::author(connection, id, who)?;
    chain::append(
        connection,
        now,
        Some(id),
        "recorded",
        &json!({
            "plan": plan.hash, "command": plan.command, "wanted": plan.wanted, "targets": plan.targets(),
            "user": who.user, "host": who.host, "pid": who.pid,
        }),
    )?;
    if state.is_final() {
        chain::append(
            connection,
            now,
            Some(id),
            "state",
            &json!({"state": state, "paused": null, "counts": counts}),
        )?;
    }
    Ok(id)
}

/// A job that no provider is asked for has ended with its recording: nothing can interrupt it.
fn first_state(states: impl Iterator<Item = ChangeState>, leaves_behind: bool) -> JobState {
    let (mut open, mut kept, mut drifted) = (false, false, false);
    for state in states {
        open |= !state.is_final();
        kept |= state == ChangeState::Local;
        drifted |= state == ChangeState::Drifted;
    }
    if open || !kept {
        JobState::Planned
    } else if drifted || leaves_behind {
        JobState::DoneWithExceptions
    } else {
        JobState::Done
    }
}

fn shares(connection: &Connection, new: &NewJob, job: JobId) -> Result<(), Fault> {
    for (place, share) in (0_i64..).zip(&new.plan.shares) {
        connection.execute(
            "INSERT INTO share (job, place, profile, remote, local, bulk_size) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                job.0,
                place,
                profile(connection, &share.binding)?,
                row::number(share.remote as u64),
                row::number(share.local as u64),
                share.bulk_size
            ],
        )?;
    }
    Ok(())
}
