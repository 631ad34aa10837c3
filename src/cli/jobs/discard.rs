//! `stanch jobs discard`: gives up what of an interrupted job was never sent. What may have been applied is read once
//! more first, so that the journal ends with what is true: of what reads as before and was sent a moment ago only that
//! it cannot be told.

use crate::{
    app::job,
    cli::{
        accounts::{self, Accounts},
        change::{
            apply,
            report::{print_changes, print_json},
        },
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
    },
    entity::{
        change_response::ReadBack,
        error::{JournalError, ProviderError},
        job::{Change, ChangeState, ChangeUpdate, JobRecord, JobState},
        key::{JobId, RemoteId},
        profile::{Profile, ProfileBinding},
        transition::{self, ChangeEvent, Observation, Step},
    },
    journal::{Access, AuditOrigin, AuditRecord, AuditTarget, Journal, OpenMode},
    provider::read_back,
};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// Discards a job and prints it.
pub(super) async fn run(
    session: &mut CommandContext,
    id: JobId,
    yes: bool,
    format: Format,
) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    // A job whose profile is gone can be given up too: what cannot be read is said to be unverifiable.
    let connected = accounts::connect(session, &config, false)?;
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Write).await?;
    let result = discard(session, &connected, &journal, (id, yes, format)).await;
    journal.close().await;
    result
}

async fn discard(
    session: &mut CommandContext,
    connected: &Accounts,
    journal: &Journal,
    (id, yes, format): (JobId, bool, Format),
) -> Result<ExitCode, Failure> {
    let fail = |error: JournalError| Failure::from(&error);
    match journal.access() {
        Access::Writer => {}
        Access::Follower { holder } => return Err(fail(JournalError::Locked { holder })),
        Access::ReadOnly { why } => return Err(fail(JournalError::ReadOnly { why })),
    }
    let record = journal.job(id).await.map_err(fail)?;
    if record.job.state.is_final() {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("job {id} has ended: there is nothing to discard"),
            "stanch jobs show tells what became of it",
        ));
    }
    if !yes && !confirm(session, &record) {
        return Err(Failure::new(
            FailureKind::Policy,
            format!("job {id} was not discarded"),
            "--yes discards it without asking",
        ));
    }
    let ages = journal.pending_ages(id).await.map_err(fail)?;
    let (updates, reads) = final_read_back(connected, &record, &ages).await;
    if !updates.is_empty() {
        journal
            .record_read_backs(id, updates, reads, None)
            .await
            .map_err(fail)?;
    }
    let mut line = AuditRecord::new(AuditOrigin::Command, "discard", "done");
    line.profile = record
        .job
        .profiles
        .first()
        .map(|binding| binding.name.clone());
    line.target = AuditTarget::Many(record.changes.len() as u64);
    line.job = Some(id);
    journal
        .record_state(id, JobState::Discarded, None, Some(line))
        .await
        .map_err(fail)?;
    let record = journal.job(id).await.map_err(fail)?;
    match format {
        Format::Json => print_json(session, &record),
        Format::Table => {
            session
                .output
                .text(&format!("job {id}  {}\n", record.job.counts.in_words()));
            print_changes(session, &record.changes);
        }
    }
    apply::report_lost_output(session, &record);
    Ok(ExitCode::Done)
}

fn confirm(session: &mut CommandContext, record: &JobRecord) -> bool {
    if !session.output.can_prompt() {
        return false;
    }
    let question = format!(
        "job {}  {}\ncancel what was not sent? [y/N] ",
        record.job.id, record.job.counts
    );
    session.output.prompt(&question);
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Reads back what was sent and never proven, once, through the very profile that sent it.
async fn final_read_back(
    connected: &Accounts,
    record: &JobRecord,
    ages: &BTreeMap<u32, Duration>,
) -> (Vec<ChangeUpdate>, u64) {
    let mut updates = Vec::new();
    let mut requests = 0;
    for binding in &record.job.profiles {
        let open: Vec<Change> = record
            .changes
            .iter()
            .filter(|change| change.key.profile == binding.name && was_sent(change))
            .cloned()
            .collect();
        let profile = same_account(connected, binding);
        let provider = profile.and_then(|_| connected.providers.get(&binding.name));
        let (Some(first), Some(profile), Some(provider)) = (open.first(), profile, provider) else {
            continue;
        };
        let ids: Vec<RemoteId> = open.iter().map(|change| change.key.id.clone()).collect();
        let (readings, reads) = read_back(provider.as_ref(), &ids, first.wanted).await;
        requests += reads;
        let readings: HashMap<&RemoteId, &ReadBack> =
            readings.iter().map(|(id, read)| (id, read)).collect();
        let unread = ReadBack::Unreadable(ProviderError::Malformed {
            why: "the answer does not mention it".into(),
        });
        for change in &open {
            let reading = readings.get(&change.key.id).copied().unwrap_or(&unread);
            let seen =
                Observation::from_read_back(reading, |word| provider.leaks().parse_status(word));
            let event = if change.was_sent_before() {
                ChangeEvent::ReadBefore(seen)
            } else {
                ChangeEvent::ReadAfter {
                    observation: seen,
                    is_last_read: true,
                    window_over: job::is_window_over(
                        &profile.verify,
                        ages.get(&change.index).copied().unwrap_or_default(),
                    ),
                    // What reads as before is not sent once more: the job ends here.
                    confirmation_valid: true,
                }
            };
            updates.push(ChangeUpdate {
                index: change.index,
                step: step_after_interruption(change, &event),
            });
        }
    }
    (updates, requests)
}

/// The step of an event in a job that was interrupted: a change without a recorded answer may or may not be applied.
fn step_after_interruption(change: &Change, event: &ChangeEvent<'_>) -> Step {
    if change.state() != ChangeState::Inflight {
        return transition::step(change, event);
    }
    let interrupted = transition::step(change, &ChangeEvent::Interrupted);
    let mut unknown = change.clone();
    unknown.apply(interrupted.clone());
    interrupted.followed_by(transition::step(&unknown, event))
}

fn was_sent(change: &Change) -> bool {
    let under_way = matches!(
        change.state(),
        ChangeState::Inflight | ChangeState::Accepted | ChangeState::Unknown
    );
    under_way || change.was_sent_before()
}

/// The profile of that name, where it is still the account that the job is bound to.
fn same_account<'a>(connected: &'a Accounts, binding: &ProfileBinding) -> Option<&'a Profile> {
    connected
        .profiles
        .iter()
        .find(|profile| profile.binding == *binding)
}
