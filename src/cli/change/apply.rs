//! A plan that was accepted: recorded, sent, read back, told. What the journal holds at the end is what is printed.

use crate::{
    app::{
        effect::{Effect, JobEffect},
        job::{self, JobError},
        model::Context,
        plan,
    },
    cli::{
        change::report,
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        output::Output,
    },
    entity::{
        error::{JournalError, ProfileError},
        job::{ChangeOutcome, JobRecord, JobState, PauseReason, Plan, is_incomplete_revert},
        key::JobId,
    },
    runtime::headless::HeadlessRun as Run,
};
use std::time::Duration;

/// Progress is told this often.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// Applies a plan and prints the job.
pub(super) async fn run(
    session: &mut CommandContext,
    run: &mut Run,
    plan: Plan,
    plan_ms: u64,
    format: Format,
) -> Result<ExitCode, Failure> {
    let id = record(session, run, plan, plan_ms).await?;
    finish(session, run, id, format).await
}

/// Records a plan and leaves it to a process of its own; prints the job as it was queued.
pub(super) async fn detach(
    session: &mut CommandContext,
    run: &mut Run,
    plan: Plan,
    plan_ms: u64,
    format: Format,
) -> Result<ExitCode, Failure> {
    run.model.jobs.detached = true;
    let id = record(session, run, plan, plan_ms).await?;
    let journal = run.journal();
    let record = journal.job(id).await;
    let record = record.map_err(|error| Failure::from(&error))?;
    // What is kept here alone has ended with its recording.
    if !record.job.state.is_final() {
        // The lock goes over: nobody holds it while the other process takes it.
        journal.close().await;
        crate::cli::detach::start(session, id)?;
    }
    print(session, format, &record);
    report_lost_output(session, &record);
    Ok(ExitCode::Done)
}

/// Leaks were changed whether or not that can be printed: where the result is lost, what became of the job is told.
pub(in crate::cli) fn report_lost_output(session: &mut CommandContext, record: &JobRecord) {
    if session.output.is_lost() {
        let job = &record.job;
        session.output.warning(&format!(
            "stanch: job {} is {}: {}\nhint: the result could not be written; stanch jobs show {} prints it again",
            job.id, job.state, job.counts, job.id
        ));
    }
}

/// Records a plan, and drives it as far as it comes.
async fn record(
    session: &mut CommandContext,
    run: &mut Run,
    plan: Plan,
    plan_ms: u64,
) -> Result<JobId, Failure> {
    if let Some(why) = plan::confirmation_expired(&plan, run.refresh_now().wall) {
        let hint = "give the command again";
        return Err(Failure::new(FailureKind::Policy, why, hint));
    }
    // From here on a signal must not cut a request in two.
    run.watch_signals();
    let hash = plan.hash.clone();
    run.refresh_now();
    let effects = plan::confirm(&mut run.model.overlay_update(), plan, plan_ms);
    run.start(effects);
    drive(&mut session.output, run).await;
    if run.exit_code().is_some() {
        run.wait_for_writes().await;
    }
    if let Some(error) = run.record_error() {
        return Err(Failure::from(error));
    }
    let Some(id) = find_job(run, &hash).await? else {
        return Err(stop_failure(run, None).unwrap_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                "the plan was confirmed and became no job",
                "stanch jobs list says what the journal holds",
            )
        }));
    };
    Ok(id)
}

/// Takes up a job of an earlier run and drives it as far as it comes; `again` is asked where its confirmation is too
/// old to go on without.
pub(in crate::cli) async fn resume(
    session: &mut CommandContext,
    run: &mut Run,
    id: JobId,
    again: impl FnOnce(&mut CommandContext, &Run) -> bool,
) {
    run.start(vec![Effect::Jobs(JobEffect::ResumeJob(id))]);
    drive(&mut session.output, run).await;
    let old = run
        .model
        .jobs
        .running
        .iter()
        .any(|job| job.id == id && job.error == Some(JobError::Confirm));
    if old && run.exit_code().is_none() && again(session, run) {
        run.refresh_now();
        let effects = job::on_reconfirmed(&mut run.model.jobs_update(), id);
        run.start(effects);
        drive(&mut session.output, run).await;
    }
    if run.exit_code().is_some() {
        run.wait_for_writes().await;
    }
}

/// Prints a job as the journal has it, and how it ended or what stopped it.
pub(in crate::cli) async fn finish(
    session: &mut CommandContext,
    run: &Run,
    id: JobId,
    format: Format,
) -> Result<ExitCode, Failure> {
    let journal = run.journal();
    if run.exit_code().is_some() {
        // Whoever looks next reads why it waits; that it cannot be written, or has just ended, changes nothing else.
        let why = Some((PauseReason::Hangup, None));
        journal
            .record_state(id, JobState::Paused, why, None)
            .await
            .ok();
    }
    let record = match journal.job(id).await {
        Ok(record) => record,
        Err(error) => return Err(journal_failure(run, id, &error)),
    };
    print(session, format, &record);
    report_lost_output(session, &record);
    for (job, error) in run
        .model
        .jobs
        .not_audited
        .iter()
        .filter(|(job, _)| *job == id)
    {
        session.output.notice(&format!(
            "stanch: job {job} has ended, and its lines are not in the audit log: {error}\nhint: {}",
            job::AUDIT_MISSING
        ));
    }
    match stop_failure(run, Some(&record)) {
        Some(failure) => Err(failure),
        None => Ok(exit_code(&record)),
    }
}

async fn drive(output: &mut Output, run: &mut Run) {
    let (mut told, mut waits) = (None, None);
    run.drive(
        |_| false,
        |model| {
            let now = model.now.since_start;
            let Some(job) = model.jobs.running.first() else {
                return;
            };
            // While it waits nothing happens that could be told later.
            let until = job.verification_end.filter(|_| job.pending_reads > 0);
            let is_new = std::mem::replace(&mut waits, until) != until;
            if is_new || told.is_none_or(|told| now >= told + PROGRESS_INTERVAL) {
                told = Some(now);
                let until = until.map_or_else(String::new, |until| {
                    read_back_progress(model.context(), until)
                });
                output.progress(&format!(
                    "job {}  {}{until}",
                    job.id,
                    job.counts().in_words()
                ));
            }
        },
    )
    .await;
}

/// Until when it is read back what may still be applied.
fn read_back_progress(context: Context<'_>, until: Duration) -> String {
    let left = until.saturating_sub(context.now.since_start);
    let until = (context.now.wall + left).to_zoned(context.setup.zone.clone());
    format!("  reading back until {}", until.strftime("%H:%M:%S"))
}

/// The job that the plan became: ended, under way, or recorded just before a signal.
async fn find_job(run: &Run, hash: &str) -> Result<Option<JobId>, Failure> {
    let running = run.model.jobs.running.first().map(|job| job.id);
    if let Some(id) = run.model.jobs.finished.last().copied().or(running) {
        return Ok(Some(id));
    }
    let jobs = run.journal().jobs().await;
    let jobs = jobs.map_err(|error| Failure::from(&error))?;
    let newest = jobs
        .first()
        .filter(|job| job.plan_hash == hash && !job.state.is_final());
    Ok(newest.map(|job| job.id))
}

/// What kept the job from its end: a signal, the provider, the journal.
fn stop_failure(run: &Run, record: Option<&JobRecord>) -> Option<Failure> {
    if let Some(code) = run.exit_code() {
        let pending = record.map_or(0, |record| record.job.counts.pending);
        return Some(Failure {
            exit: ExitCode::from_code(code),
            ..Failure::new(
                FailureKind::Cancelled,
                match record {
                    Some(record) => format!(
                        "job {} was stopped: {pending} changes were not sent",
                        record.job.id
                    ),
                    None => "stopped before anything was sent".to_owned(),
                },
                "stanch jobs show says how each change stands",
            )
        });
    }
    let id = record.map(|record| record.job.id);
    let of = |job: JobId| id.is_none_or(|id| id == job);
    let not_resumed = &run.model.jobs.not_resumed;
    let error = run
        .model
        .jobs
        .running
        .iter()
        .filter(|job| of(job.id))
        .find_map(|job| job.error.as_ref())
        .or_else(|| {
            let refused = not_resumed.iter().find(|(job, _)| of(*job));
            refused.map(|(_, error)| error)
        })?;
    Some(match error {
        JobError::Confirm => Failure::new(
            FailureKind::Policy,
            format!("the job is paused: {error}"),
            "stanch jobs resume ID --yes confirms it again",
        ),
        JobError::Provider(profile, error) => Failure::from(&ProfileError {
            profile: profile.clone(),
            error: error.clone(),
        }),
        JobError::Journal(error) => {
            let failure = Failure::from(error);
            match id.or_else(|| run.model.jobs.running.first().map(|job| job.id)) {
                Some(id) => Failure {
                    message: format!("job {id} was stopped: {}", failure.message),
                    ..failure
                },
                None => failure,
            }
        }
    })
}

/// A journal that cannot be read any more: the job is stopped, and what this run knows of it is told.
fn journal_failure(run: &Run, id: JobId, error: &JournalError) -> Failure {
    let failure = Failure::from(error);
    let known = run.model.jobs.running.iter().find(|job| job.id == id);
    let known = known.map_or_else(String::new, |job| {
        format!(", at {}", job.counts().in_words())
    });
    Failure {
        message: format!("job {id} was stopped{known}: {}", failure.message),
        ..failure
    }
}

fn print(session: &mut CommandContext, format: Format, record: &JobRecord) {
    match format {
        Format::Json => report::print_json(session, record),
        Format::Table => {
            let (id, counts) = (record.job.id, record.job.counts);
            let counts = counts.in_words();
            session.output.text(&format!("job {id}  {counts}\n"));
            let exceptions: Vec<_> = record
                .changes
                .iter()
                .filter(|change| {
                    let behind = record.job.command.is_revert() && change.is_incomplete_skip();
                    behind || !is_clean(change.state().outcome())
                })
                .cloned()
                .collect();
            report::print_changes(session, &exceptions);
        }
    }
}

/// How a job that ended makes the program end.
fn exit_code(record: &JobRecord) -> ExitCode {
    let clean = record
        .changes
        .iter()
        .all(|change| is_clean(change.state().outcome()));
    if clean && !is_incomplete_revert(record.job.command, &record.changes) {
        ExitCode::Done
    } else {
        ExitCode::Partial
    }
}

fn is_clean(outcome: ChangeOutcome) -> bool {
    matches!(
        outcome,
        ChangeOutcome::Verified | ChangeOutcome::Local | ChangeOutcome::Skipped
    )
}
