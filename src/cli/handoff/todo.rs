//! What is to be done next, in the order in which it matters, each with the command that begins with it.

use crate::{
    app::output::shell_quote,
    cli::{entities::filter::parse, report::ground::Ground, watch::lines},
    entity::{
        job::{ChangeOutcome, Job, JobState},
        key::{EntityKey, JobId},
        number::group_digits,
        seen::EventKind,
    },
    report::handoff::{Handoff, Todo},
};
use std::collections::BTreeMap;

/// Claims that end within this are told, in seconds.
const SOON: i64 = 2 * 3600;

/// Everything that is left over.
pub(super) fn of(handoff: &Handoff, ground: &Ground) -> Vec<Todo> {
    let mut todo = Vec::new();
    todo.extend(handoff.jobs.iter().filter_map(waiting_job));
    todo.extend(came_back(handoff, ground));
    todo.extend(by_job(
        handoff,
        "contradicted",
        &[ChangeOutcome::Contradicted],
        "show",
    ));
    todo.extend(by_job(
        handoff,
        "failed",
        &[ChangeOutcome::Failed, ChangeOutcome::Unverifiable],
        "retry",
    ));
    todo.extend(over(handoff, ground));
    todo.extend(claims(handoff));
    todo.extend(handoff.accounts.iter().filter_map(|account| {
        let since = account.state.blind_since?;
        let profile = &account.state.account.profile;
        Some(Todo {
            what: "blind",
            words: format!(
                "{profile} cannot be read since {} UTC",
                lines::minute(since)
            ),
            count: 1,
            command: format!("stanch --profile {profile} doctor"),
            keys: Vec::new(),
        })
    }));
    todo.extend(messages(ground));
    todo
}

fn waiting_job(job: &Job) -> Option<Todo> {
    let why = match (job.state, job.pause) {
        (state, _) if state.is_final() => return None,
        (JobState::Paused, Some((why, _))) => why.label(),
        (JobState::Planned, _) => "nothing of it was sent",
        _ => "it was not ended",
    };
    let left = job.counts.pending + job.counts.unknown + job.counts.accepted;
    Some(Todo {
        what: "job",
        words: format!(
            "Job {} waits ({why}): {} of {} changes are left",
            job.id,
            group_digits(left),
            group_digits(job.counts.sum())
        ),
        count: left,
        command: format!("stanch jobs resume {}", job.id),
        keys: Vec::new(),
    })
}

fn came_back(handoff: &Handoff, ground: &Ground) -> Option<Todo> {
    let open: BTreeMap<_, _> = ground
        .leaks
        .iter()
        .map(|known| {
            (
                (&known.account, known.leak.mark),
                known.leak.state.is_open(),
            )
        })
        .collect();
    let regressed: Vec<_> = handoff
        .of_kinds(&[EventKind::Regressed])
        .filter(|happened| {
            let event = &happened.event;
            let account = event.account.as_ref();
            let of = account.map(|account| (account, event.what.mark));
            of.is_some_and(|of| open.get(&of).copied().unwrap_or(false))
        })
        .collect();
    let mut keys: Vec<EntityKey> = regressed
        .iter()
        .filter_map(|happened| happened.key.clone())
        .collect();
    keys.sort();
    keys.dedup();
    let count = regressed.len() as u64;
    (count > 0).then(|| Todo {
        what: "regressed",
        words: match count {
            1 => "1 leak came back and is still open".to_owned(),
            _ => format!("{} leaks came back and are still open", group_digits(count)),
        },
        count,
        command: match &keys[..] {
            [key] => format!("stanch leaks show {}", shell_quote(&key.to_string())),
            _ => list("is:regressed status:open"),
        },
        keys,
    })
}

/// A list of leaks; the words of older filters where this one is not known.
fn list(filter: &str) -> String {
    if parse(Some(filter)).is_ok() {
        format!("stanch leaks list --filter {}", shell_quote(filter))
    } else {
        "stanch watch --once --name handoff --since 8h --kinds regressed".to_owned()
    }
}

fn by_job(
    handoff: &Handoff,
    what: &'static str,
    outcomes: &[ChangeOutcome],
    command: &str,
) -> Vec<Todo> {
    let mut jobs: BTreeMap<JobId, Vec<EntityKey>> = BTreeMap::new();
    for change in handoff.changed(outcomes, |_| true) {
        jobs.entry(change.job).or_default().push(change.key.clone());
    }
    // What a later job repeats is that job's.
    for job in &handoff.jobs {
        if let Some(retries) = job.retry_of {
            jobs.remove(&retries);
        }
    }
    jobs.into_iter()
        .map(|(job, keys)| {
            let words = match what {
                "contradicted" => "read otherwise than we set it",
                _ => "failed, or cannot be read back",
            };
            let count = keys.len() as u64;
            Todo {
                what,
                words: match count {
                    1 => format!("1 change of job {job} {words}"),
                    _ => format!("{} changes of job {job} {words}", group_digits(count)),
                },
                count,
                command: format!("stanch jobs {command} {job}"),
                keys,
            }
        })
        .collect()
}

fn over(handoff: &Handoff, ground: &Ground) -> Option<Todo> {
    let over = crate::report::figures(&ground.input(handoff.from, handoff.to)).over;
    (ground.has_baseline() && over > 0).then(|| Todo {
        what: "over",
        words: format!("{} open over the agreed time", group_digits(over)),
        count: over,
        command: "stanch leaks list --filter status:open --sort added".to_owned(),
        keys: Vec::new(),
    })
}

fn claims(handoff: &Handoff) -> Option<Todo> {
    let soon = |until: jiff::Timestamp| until.as_second() - handoff.to < SOON;
    let held: Vec<_> = handoff
        .claims
        .iter()
        .filter(|held| soon(held.until))
        .collect();
    let keys: Vec<EntityKey> = held.iter().flat_map(|held| held.keys.clone()).collect();
    let count = held.len() as u64;
    (count > 0).then(|| Todo {
        what: "claims",
        words: match count {
            1 => "Claims of one person begin to end within two hours".to_owned(),
            _ => format!(
                "Claims of {} people begin to end within two hours",
                group_digits(count)
            ),
        },
        count: keys.len() as u64,
        command: "stanch claims list".to_owned(),
        keys,
    })
}

fn messages(ground: &Ground) -> Option<Todo> {
    let count = ground.waiting.len() as u64;
    (count > 0).then(|| Todo {
        what: "messages",
        words: match count {
            1 => "1 message was not delivered".to_owned(),
            _ => format!("{} messages were not delivered", group_digits(count)),
        },
        count,
        command: "stanch watch deliveries".to_owned(),
        keys: Vec::new(),
    })
}
