//! The plan of a retry, an undo or a redo: what is sent back, what is left alone because it is no longer as the job
//! left it, and the plan of what an interrupted job has still to do.

use super::{
    CurrentStatus, PlanSpec, cost,
    judge::{self, Judged, check_writable, skip},
    making::inexact_mapping,
    shares,
};
use crate::{
    app::{
        job::{
            RunningJob,
            targets::{FollowUpTarget, FollowUpTargets, RemoteState},
        },
        message::Moment,
        model::Context,
        permission,
    },
    entity::{
        job::{Job, JobCommand, Plan, PlannedChange, SkipCode, StorageTarget, plan_hash},
        status::Status,
        visible::escape,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// The colleague whose job an undo or a redo takes back; `None` for one's own job, and for a retry.
pub fn whose(survey: &FollowUpTargets) -> Option<String> {
    if survey.command == JobCommand::Retry {
        return None;
    }
    let role = survey.job.holding.as_ref()?.of_another()?;
    Some(escape(role.as_bytes()).as_str().to_owned())
}

/// Makes the plan of a retry, an undo or a redo.
///
/// # Errors
/// In words, where a profile is no longer the account that the job is bound to, or the policy forbids it.
pub fn build_follow_up(
    context: Context<'_>,
    survey: &FollowUpTargets,
    now: Moment,
) -> Result<Plan, String> {
    let job = &survey.job;
    if let Some(role) = whose(survey)
        && !context.setup.policy.undo_others
    {
        return Err(format!(
            "job {} is {role}'s, and the policy lets nobody undo a colleague's job: [policy] undo_others = false",
            job.id
        ));
    }
    for binding in &job.profiles {
        permission::check_same_account(context, binding)?;
    }
    let retry = survey.command == JobCommand::Retry;
    let (mut eligible, mut skipped, mut lossy) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut lines = Vec::with_capacity(survey.targets.len());
    let mut statuses: BTreeMap<Status, usize> = BTreeMap::new();
    for found in &survey.targets {
        let key = &found.change.key;
        let standing = current_status(context, job, found);
        lines.push((key.to_string(), Some(standing.effective)));
        let wanted = if retry {
            Some(found.requested)
        } else {
            found.change.before
        };
        let judged = match wanted {
            _ if !retry && !is_unchanged_since_job(found, standing) => {
                Err((SkipCode::Drifted, None))
            }
            None => Err((SkipCode::NotFound, None)),
            Some(wanted) => {
                *statuses.entry(wanted).or_default() += 1;
                restore_target(context, survey, found, standing, wanted)
                    .map(|judged| (wanted, judged))
            }
        };
        match judged {
            Ok((
                _,
                Judged {
                    wanted,
                    storage_target,
                    inexact_mapping: loses,
                },
            )) => {
                let profile = key.profile.clone();
                lossy.extend(loses.map(|(asked, stored)| (profile, asked, stored)));
                eligible.push(PlannedChange {
                    key: key.clone(),
                    before: standing.effective,
                    wanted,
                    storage_target,
                    remote_status: standing.remote,
                });
            }
            Err((code, reason)) => {
                skipped.push(skip(key.clone(), Some(standing.effective), code, reason));
            }
        }
    }
    eligible.sort_by(|a, b| a.key.cmp(&b.key));
    skipped.sort_by(|a, b| a.key.cmp(&b.key));
    // Most of them come to this; each has its own in the plan.
    let most = statuses.into_iter().max_by_key(|(_, count)| *count);
    let wanted = most.map_or(job.wanted, |(status, _)| status);
    let shares = shares(context, &eligible);
    let (requests, reads, eta_seconds) = cost(context, &shares);
    Ok(Plan {
        hash: plan_hash(&job.profiles, wanted, lines),
        command: survey.command,
        wanted,
        shares,
        eligible,
        skipped,
        requests,
        reads,
        eta_seconds,
        inexact_mappings: lossy
            .into_iter()
            .map(|mapping| inexact_mapping(context, mapping))
            .collect(),
        hidden: 0,
        built_at: now.wall,
        source_job: Some(job.id),
    })
}

/// What brings one leak back, or why nothing does.
fn restore_target(
    context: Context<'_>,
    survey: &FollowUpTargets,
    found: &FollowUpTarget,
    standing: CurrentStatus,
    wanted: Status,
) -> Result<Judged, (SkipCode, Option<String>)> {
    let key = &found.change.key;
    let state = context.data.profile(&key.profile);
    let gone = matches!(found.remote, RemoteState::Gone(_));
    // A leak that had no status before: what we keep of it goes away, and nobody has to be asked for that.
    if wanted == Status::Unknown
        && found.change.storage_target == StorageTarget::Local
        && let Some(state) = state
    {
        check_writable(context, state, key, false)?;
        return Ok(Judged {
            wanted,
            storage_target: StorageTarget::Local,
            inexact_mapping: None,
        });
    }
    let wish = PlanSpec {
        command: survey.command,
        wanted,
        include_closed: true,
    };
    judge::check_eligibility(context, state, gone, key, standing, wish)
}

/// How a leak stands now: what the provider was read as, and what we keep.
fn current_status(context: Context<'_>, job: &Job, found: &FollowUpTarget) -> CurrentStatus {
    let remote = match found.remote {
        RemoteState::Status(status) => Some(status),
        RemoteState::Gone(_) => None,
        // It stores no status: what its lists said last, or said when ours was set.
        RemoteState::NotStored => context
            .data
            .table
            .find(&found.change.key)
            .and_then(|handle| context.data.table.known_remote_status(handle))
            .or(found.local.and_then(|local| local.remote_when_set))
            // Nothing is kept any more of what was set back to the provider's own word.
            .or(Some(found.change.wanted).filter(|wanted| {
                let settled =
                    found.local.is_none() && found.change.storage_target == StorageTarget::Local;
                settled && *wanted != Status::Unknown && !was_reverted(job, found)
            })),
    };
    let local = found.local.map(|local| local.effective(remote).0);
    let left = match found.change.storage_target {
        StorageTarget::Local if was_reverted(job, found) => None,
        // What we kept went away because the provider says it itself.
        StorageTarget::Local => Some(found.change.wanted),
        StorageTarget::Remote | StorageTarget::Both => found.change.before,
    };
    CurrentStatus {
        effective: local.or(remote).or(left).unwrap_or(Status::Unknown),
        remote,
        disputed: false,
    }
}

/// Whether what a job kept of a leak, where nothing is kept now, was taken away again: nobody had a status of it before,
/// or the job was taken back. Else the provider says it itself.
fn was_reverted(job: &Job, found: &FollowUpTarget) -> bool {
    found.change.before == Some(Status::Unknown) || job.undone_by.is_some()
}

/// Whether a leak still is as its job left it.
fn is_unchanged_since_job(found: &FollowUpTarget, standing: CurrentStatus) -> bool {
    let change = &found.change;
    let disputed = found
        .local
        .is_some_and(|local| local.is_disputed(standing.remote));
    match (change.storage_target, found.remote) {
        // It is left alone because it is gone, and that is said.
        (_, RemoteState::Gone(_)) => true,
        (StorageTarget::Local, _) => !disputed && standing.effective == change.wanted,
        (StorageTarget::Remote | StorageTarget::Both, remote) => {
            remote == RemoteState::Status(change.wanted) && standing.effective == found.requested
        }
    }
}

/// What a job that goes on has still to do, as a plan to confirm again.
pub fn remaining_plan(context: Context<'_>, job: &RunningJob, now: Moment) -> Plan {
    let open = job
        .changes
        .iter()
        .filter(|change| !change.state().is_final());
    let eligible: Vec<_> = open
        .map(|change| PlannedChange {
            key: change.key.clone(),
            before: change.before.unwrap_or(Status::Unknown),
            wanted: change.wanted,
            storage_target: change.storage_target,
            remote_status: job
                .remote_statuses
                .get(change.index as usize)
                .copied()
                .flatten(),
        })
        .collect();
    let shares = shares(context, &eligible);
    let (requests, reads, eta_seconds) = cost(context, &shares);
    Plan {
        hash: job.plan_hash.clone(),
        command: job.command,
        wanted: job.wanted,
        shares,
        eligible,
        skipped: Vec::new(),
        requests,
        reads,
        eta_seconds,
        inexact_mappings: Vec::new(),
        hidden: 0,
        built_at: now.wall,
        source_job: None,
    }
}
