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
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        output::Output,
        session::Session,
    },
    entity::{
        error::{JournalError, ProfileError},
        job::{JobRecord, JobState, Outcome, PauseReason, Plan, leaves_behind},
        key::JobId,
    },
    runtime::session::Session as Run,
};
use std::time::Duration;

/// Progress is told this often.
const TOLD: Duration = Duration::from_millis(250);

/// Applies a plan and prints the job.
pub(super) async fn run(
    session: &mut Session,
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
    session: &mut Session,
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
    tell_of_lost(session, &record);
    Ok(ExitCode::Done)
}

/// Leaks were changed whether or not that can be printed: where the result is lost, what became of the job is told.
pub(in crate::cli) fn tell_of_lost(session: &mut Session, record: &JobRecord) {
    if session.output.is_lost() {
        let job = &record.job;
        session.output.told(&format!(
            "stanch: job {} is {}: {}\nhint: the result could not be written; stanch jobs show {} prints it again",
            job.id, job.state, job.counts, job.id
        ));
    }
}

/// Records a plan, and drives it as far as it comes.
async fn record(
    session: &mut Session,
    run: &mut Run,
    plan: Plan,
    plan_ms: u64,
) -> Result<JobId, Failure> {
    if let Some(why) = plan::too_old(&plan, run.now().wall) {
        let hint = "give the command again";
        return Err(Failure::new(FailureKind::Policy, why, hint));
    }
    // From here on a signal must not cut a request in two.
    run.listen();
    let hash = plan.hash.clone();
    run.now();
    let effects = plan::confirm(&mut run.model.overlay_update(), plan, plan_ms);
    run.start(effects);
    drive(&mut session.output, run).await;
    if run.ended().is_some() {
        run.settle_writes().await;
    }
    if let Some(error) = run.not_recorded() {
        return Err(Failure::from(error));
    }
    let Some(id) = job_of(run, &hash).await? else {
        return Err(stopped(run, None).unwrap_or_else(|| {
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
    session: &mut Session,
    run: &mut Run,
    id: JobId,
    again: impl FnOnce(&mut Session, &Run) -> bool,
) {
    run.start(vec![Effect::Jobs(JobEffect::ResumeJob(id))]);
    drive(&mut session.output, run).await;
    let old = run
        .model
        .jobs
        .running
        .iter()
        .any(|job| job.id == id && job.error == Some(JobError::Confirm));
    if old && run.ended().is_none() && again(session, run) {
        run.now();
        let effects = job::confirmed_again(&mut run.model.jobs_update(), id);
        run.start(effects);
        drive(&mut session.output, run).await;
    }
    if run.ended().is_some() {
        run.settle_writes().await;
    }
}

/// Prints a job as the journal has it, and how it ended or what stopped it.
pub(in crate::cli) async fn finish(
    session: &mut Session,
    run: &Run,
    id: JobId,
    format: Format,
) -> Result<ExitCode, Failure> {
    let journal = run.journal();
    if run.ended().is_some() {
        // Whoever looks next reads why it waits; that it cannot be written, or has just ended, changes nothing else.
        let why = Some((PauseReason::Hangup, None));
        journal
            .record_state(id, JobState::Paused, why, None)
            .await
            .ok();
    }
    let record = match journal.job(id).await {
        Ok(record) => record,
        Err(error) => return Err(lost(run, id, &error)),
    };
    print(session, format, &record);
    tell_of_lost(session, &record);
    for (job, error) in run.model.jobs.not_told.iter().filter(|(job, _)| *job == id) {
        session.output.notice(&format!(
            "stanch: job {job} has ended, and its lines are not in the audit log: {error}\nhint: {}",
            job::NOT_TOLD
        ));
    }
    match stopped(run, Some(&record)) {
        Some(failure) => Err(failure),
        None => Ok(exit(&record)),
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
            let until = job.reads_until.filter(|_| job.reading > 0);
            let is_new = std::mem::replace(&mut waits, until) != until;
            if is_new || told.is_none_or(|told| now >= told + TOLD) {
                told = Some(now);
                let until = until.map_or_else(String::new, |until| reading(model.context(), until));
                output.progress(&format!("job {}  {}{until}", job.id, job.counts()));
            }
        },
    )
    .await;
}

/// Until when it is read back what may still be applied.
fn reading(context: Context<'_>, until: Duration) -> String {
    let left = until.saturating_sub(context.now.since_start);
    let until = (context.now.wall + left).to_zoned(context.setup.zone.clone());
    format!("  reading back until {}", until.strftime("%H:%M:%S"))
}

/// The job that the plan became: ended, under way, or recorded just before a signal.
async fn job_of(run: &Run, hash: &str) -> Result<Option<JobId>, Failure> {
    let running = run.model.jobs.running.first().map(|job| job.id);
    if let Some(id) = run.model.jobs.ended.last().copied().or(running) {
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
fn stopped(run: &Run, record: Option<&JobRecord>) -> Option<Failure> {
    if let Some(code) = run.ended() {
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
fn lost(run: &Run, id: JobId, error: &JournalError) -> Failure {
    let failure = Failure::from(error);
    let known = run.model.jobs.running.iter().find(|job| job.id == id);
    let known = known.map_or_else(String::new, |job| format!(", at {}", job.counts()));
    Failure {
        message: format!("job {id} was stopped{known}: {}", failure.message),
        ..failure
    }
}

fn print(session: &mut Session, format: Format, record: &JobRecord) {
    match format {
        Format::Json => report::print_json(session, record),
        Format::Table => {
            let (id, counts) = (record.job.id, record.job.counts);
            session.output.text(&format!("job {id}  {counts}\n"));
            let exceptions: Vec<_> = record
                .changes
                .iter()
                .filter(|change| {
                    let behind = record.job.command.takes_back() && change.is_left_behind();
                    behind || !is_clean(change.state().outcome())
                })
                .cloned()
                .collect();
            report::print_changes(session, &exceptions);
        }
    }
}

/// How a job that ended makes the program end.
fn exit(record: &JobRecord) -> ExitCode {
    let clean = record
        .changes
        .iter()
        .all(|change| is_clean(change.state().outcome()));
    if clean && !leaves_behind(record.job.command, &record.changes) {
        ExitCode::Done
    } else {
        ExitCode::Partial
    }
}

fn is_clean(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Verified | Outcome::Local | Outcome::Skipped
    )
}
