//! Plan and confirmation, recorded as one thing: a job with all its changes, or nothing.

use super::{
    Who, chain,
    fault::{Fault, is_conflict},
    local, noted, read,
    row::{self, ChangeRow, JobRow},
    sent,
    write::{marks, store},
};
use crate::entity::{
    error::JournalError,
    job::{Change, ChangeState, Job, JobCommand, JobState, NewJob, Place, SkipCode, Timing},
    key::{EntityKey, JobId, ProfileName, ProviderId},
    profile::ProfileBinding,
};
use jiff::Timestamp;
use rusqlite::{Connection, params, params_from_iter};
use serde_json::json;
use std::collections::HashMap;

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
    let changes = planned(new);
    let state = first_state(&changes);
    let counts = changes
        .iter()
        .map(|change| change.state.outcome())
        .collect();
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
    self::changes(connection, new, id, changes)?;
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
fn first_state(changes: &[Change]) -> JobState {
    let any = |is: fn(&Change) -> bool| changes.iter().any(is);
    if any(|change| !change.state.is_final()) || !any(|change| change.state == ChangeState::Local) {
        JobState::Planned
    } else if any(|change| change.state == ChangeState::Drifted) {
        JobState::DoneWithExceptions
    } else {
        JobState::Done
    }
}

/// The changes of a plan as they start: those to be made, then those left alone.
fn planned(new: &NewJob) -> Vec<Change> {
    let plan = &new.plan;
    let eligible = plan.eligible.iter().map(|planned| Change {
        index: 0,
        key: planned.key.clone(),
        before: Some(planned.before),
        wanted: planned.wanted,
        place: planned.place,
        state: if planned.place == Place::Local {
            ChangeState::Local
        } else {
            ChangeState::Pending
        },
        attempts: 0,
        code: None,
        reason: None,
    });
    let skipped = plan.skipped.iter().map(|skipped| Change {
        index: 0,
        key: skipped.key.clone(),
        before: skipped.before,
        wanted: plan.wanted,
        place: Place::Remote,
        state: match skipped.code {
            SkipCode::Drifted => ChangeState::Drifted,
            SkipCode::Already
            | SkipCode::BadId
            | SkipCode::NotFound
            | SkipCode::Gone
            | SkipCode::NotAllowed
            | SkipCode::Unsupported
            | SkipCode::InJob => ChangeState::Skipped,
        },
        attempts: 0,
        code: None,
        reason: Some(skipped.code.to_string()),
    });
    let mut changes: Vec<_> = eligible.chain(skipped).collect();
    for (index, change) in (0..).zip(&mut changes) {
        change.index = index;
    }
    changes
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

fn changes(
    connection: &Connection,
    new: &NewJob,
    job: JobId,
    changes: Vec<Change>,
) -> Result<(), Fault> {
    let mut profiles: HashMap<ProfileName, i64> = HashMap::new();
    for share in &new.plan.shares {
        profiles.insert(
            share.binding.name.clone(),
            profile(connection, &share.binding)?,
        );
    }
    // A key may name a profile that takes no part: it is left alone, and listed.
    for change in &changes {
        let name = &change.key.profile;
        if !profiles.contains_key(name) {
            let id = profile(
                connection,
                &ProfileBinding {
                    name: name.clone(),
                    provider: ProviderId::new(""),
                    origin: String::new(),
                    team: String::new(),
                },
            )?;
            profiles.insert(name.clone(), id);
        }
    }
    let bindings = read::bindings(connection)?;
    let mut insert = connection.prepare(&format!(
        "INSERT INTO change ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        row::CHANGE_COLUMNS
    ))?;
    let mut occupy =
        connection.prepare("INSERT INTO live (profile, kind, id, job) VALUES (?1, ?2, ?3, ?4)")?;
    let mut occupied =
        connection.prepare("SELECT 1 FROM live WHERE profile = ?1 AND kind = ?2 AND id = ?3")?;
    for change in changes {
        let profile = profiles
            .get(&change.key.profile)
            .copied()
            .unwrap_or_default();
        let EntityKey { kind, id, .. } = &change.key;
        let (kind, id) = (row::kind_number(*kind), row::pack(id.as_bytes()));
        if !change.state.is_final() {
            occupy
                .execute(params![profile, kind, id, job.0])
                .map_err(stale)?;
        } else if change.state == ChangeState::Local
            && occupied.exists(params![profile, kind, id])?
        {
            // What another job may still set is not to be hidden by ours.
            return Err(JournalError::StalePlan.into());
        }
        let row = ChangeRow {
            job,
            profile,
            change,
            chunk: None,
        };
        insert.execute(params_from_iter(row.values(&bindings)))?;
    }
    Ok(())
}

/// The row number of a profile, made where it is new.
fn profile(connection: &Connection, binding: &ProfileBinding) -> Result<i64, Fault> {
    let values = params![
        binding.name.as_str(),
        binding.provider.as_str(),
        binding.origin,
        binding.team
    ];
    connection.execute(
        "INSERT INTO profile (name, provider, origin, team) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        values,
    )?;
    Ok(connection.query_row(
        "SELECT id FROM profile WHERE name = ?1 AND provider = ?2 AND origin = ?3 AND team = ?4",
        values,
        |row| row.get(0),
    )?)
}

fn stale(error: rusqlite::Error) -> Fault {
    if is_conflict(&error) {
        JournalError::StalePlan.into()
    } else {
        error.into()
    }
}
