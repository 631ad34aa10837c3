//! The plan of a retry, an undo or a redo: what is sent back, what is left alone because it is no longer as the job
//! left it, and the plan of what an interrupted job has still to do.

use super::{
    Standing, Wish, cost,
    judge::{self, Judged, may_change, skip},
    making::lossy_of,
    shares,
};
use crate::{
    app::{
        job::{
            RunningJob,
            targets::{Found, Remote, Survey},
        },
        message::Now,
        model::Context,
        permission,
    },
    entity::{
        job::{Job, JobCommand, Place, Plan, PlannedChange, SkipCode, plan_hash},
        status::Status,
        visible::escape,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// The colleague whose job an undo or a redo takes back; `None` for one's own job, and for a retry.
pub fn whose(survey: &Survey) -> Option<String> {
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
pub fn follow(context: Context<'_>, survey: &Survey, now: Now) -> Result<Plan, String> {
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
        permission::bound(context, binding)?;
    }
    let retry = survey.command == JobCommand::Retry;
    let (mut eligible, mut skipped, mut lossy) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut lines = Vec::with_capacity(survey.found.len());
    let mut statuses: BTreeMap<Status, usize> = BTreeMap::new();
    for found in &survey.found {
        let key = &found.change.key;
        let standing = standing(context, job, found);
        lines.push((key.to_string(), Some(standing.shown)));
        let wanted = if retry {
            Some(found.asked)
        } else {
            found.change.before
        };
        let judged = match wanted {
            _ if !retry && !as_left(found, standing) => Err((SkipCode::Drifted, None)),
            None => Err((SkipCode::NotFound, None)),
            Some(wanted) => {
                *statuses.entry(wanted).or_default() += 1;
                restored(context, survey, found, standing, wanted).map(|judged| (wanted, judged))
            }
        };
        match judged {
            Ok((
                _,
                Judged {
                    wanted,
                    place,
                    lossy: loses,
                },
            )) => {
                let profile = key.profile.clone();
                lossy.extend(loses.map(|(asked, stored)| (profile, asked, stored)));
                eligible.push(PlannedChange {
                    key: key.clone(),
                    before: standing.shown,
                    wanted,
                    place,
                    remote: standing.remote,
                });
            }
            Err((code, reason)) => {
                skipped.push(skip(key.clone(), Some(standing.shown), code, reason));
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
        lossy: lossy
            .into_iter()
            .map(|mapping| lossy_of(context, mapping))
            .collect(),
        hidden: 0,
        made_at: now.wall,
        of: Some(job.id),
    })
}

/// What brings one leak back, or why nothing does.
fn restored(
    context: Context<'_>,
    survey: &Survey,
    found: &Found,
    standing: Standing,
    wanted: Status,
) -> Result<Judged, (SkipCode, Option<String>)> {
    let key = &found.change.key;
    let state = context.data.profile(&key.profile);
    let gone = matches!(found.remote, Remote::Gone(_));
    // A leak that had no status before: what we keep of it goes away, and nobody has to be asked for that.
    if wanted == Status::Unknown
        && found.change.place == Place::Local
        && let Some(state) = state
    {
        may_change(context, state, key, false)?;
        return Ok(Judged {
            wanted,
            place: Place::Local,
            lossy: None,
        });
    }
    let wish = Wish {
        command: survey.command,
        wanted,
        include_closed: true,
    };
    judge::judge(context, state, gone, key, standing, wish)
}

/// How a leak stands now: what the provider was read as, and what we keep.
fn standing(context: Context<'_>, job: &Job, found: &Found) -> Standing {
    let remote = match found.remote {
        Remote::Status(status) => Some(status),
        Remote::Gone(_) => None,
        // It stores no status: what its lists said last, or said when ours was set.
        Remote::NotAsked => context
            .data
            .table
            .find(&found.change.key)
            .and_then(|handle| context.data.table.remote_said(handle))
            .or(found.local.and_then(|local| local.remote_then))
            // Nothing is kept any more of what was set back to the provider's own word.
            .or(Some(found.change.wanted).filter(|wanted| {
                let settled = found.local.is_none() && found.change.place == Place::Local;
                settled && *wanted != Status::Unknown && !went(job, found)
            })),
    };
    let local = found.local.map(|local| local.effective(remote).0);
    let left = match found.change.place {
        Place::Local if went(job, found) => None,
        // What we kept went away because the provider says it itself.
        Place::Local => Some(found.change.wanted),
        Place::Remote | Place::Both => found.change.before,
    };
    Standing {
        shown: local.or(remote).or(left).unwrap_or(Status::Unknown),
        remote,
        disputed: false,
    }
}

/// Whether what a job kept of a leak, where nothing is kept now, was taken away again: nobody had a status of it before,
/// or the job was taken back. Else the provider says it itself.
fn went(job: &Job, found: &Found) -> bool {
    found.change.before == Some(Status::Unknown) || job.undone_by.is_some()
}

/// Whether a leak still is as its job left it.
fn as_left(found: &Found, standing: Standing) -> bool {
    let change = &found.change;
    let disputed = found
        .local
        .is_some_and(|local| local.is_disputed(standing.remote));
    match (change.place, found.remote) {
        // It is left alone because it is gone, and that is said.
        (_, Remote::Gone(_)) => true,
        (Place::Local, _) => !disputed && standing.shown == change.wanted,
        (Place::Remote | Place::Both, remote) => {
            remote == Remote::Status(change.wanted) && standing.shown == found.asked
        }
    }
}

/// What a job that goes on has still to do, as a plan to confirm again.
pub fn resumed(context: Context<'_>, job: &RunningJob, now: Now) -> Plan {
    let open = job
        .changes
        .iter()
        .filter(|change| !change.state().is_final());
    let eligible: Vec<_> = open
        .map(|change| PlannedChange {
            key: change.key.clone(),
            before: change.before.unwrap_or(Status::Unknown),
            wanted: change.wanted,
            place: change.place,
            remote: job.remotes.get(change.index as usize).copied().flatten(),
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
        lossy: Vec::new(),
        hidden: 0,
        made_at: now.wall,
        of: None,
    }
}
