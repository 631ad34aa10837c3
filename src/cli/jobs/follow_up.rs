//! `stanch jobs retry|undo|redo`: each is a job of its own, planned on how its leaks stand now.

use super::FollowUpArguments;
use crate::{
    app::{job::targets::FollowUpError, plan},
    cli::{
        accounts, audit_line, change,
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
    },
    entity::{
        job::{JobCommand, Plan},
        key::JobId,
    },
    journal::{AuditRecord, OpenMode},
    runtime::headless::HeadlessRun as Run,
};
use std::time::Instant;

/// Plans, asks, and carries it out.
pub(super) async fn run(
    session: &mut CommandContext,
    command: JobCommand,
    arguments: &FollowUpArguments,
) -> Result<ExitCode, Failure> {
    let done = attempt(session, command, arguments).await;
    if let Err(failure) = &done
        && !arguments.dry_run
        && failure.exit == ExitCode::Policy
    {
        let line = AuditRecord {
            detail: Some(format!("{command} of job {}", arguments.id)),
            justification: arguments.justification.justification(),
            ..audit_line::line("plan", "")
        };
        audit_line::write_refusal(session, line, failure).await;
    }
    done
}

async fn attempt(
    session: &mut CommandContext,
    command: JobCommand,
    arguments: &FollowUpArguments,
) -> Result<ExitCode, Failure> {
    let ask = !arguments.yes && session.output.can_prompt();
    let applies = !arguments.dry_run && (arguments.yes || ask);
    if !arguments.dry_run {
        change::check_policy(session)?;
        change::check_reason(session, &arguments.justification.justification())?;
    }
    let mode = if applies {
        OpenMode::Write
    } else {
        OpenMode::Read
    };
    let (mut run, _) = accounts::start_headless(session, mode).await?;
    let allowed = if applies {
        change::check_journal(&run)
    } else {
        Ok(())
    };
    let result = match allowed {
        Ok(()) => plan_and_execute(session, &mut run, command, (arguments, ask)).await,
        Err(failure) => Err(failure),
    };
    run.journal().close().await;
    result
}

async fn plan_and_execute(
    session: &mut CommandContext,
    run: &mut Run,
    command: JobCommand,
    (arguments, ask): (&FollowUpArguments, bool),
) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let plan = plan(session, run, command, (JobId(arguments.id), ask)).await?;
    let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let how = change::Arguments {
        justification: arguments.justification.clone(),
        dry_run: arguments.dry_run,
        yes: arguments.yes,
        expect_count: arguments.expect_count,
        detach: arguments.detach,
        format: arguments.format,
        ..change::Arguments::default()
    };
    change::execute(session, run, &how, plan, took, ask).await
}

async fn plan(
    session: &mut CommandContext,
    run: &mut Run,
    command: JobCommand,
    (id, ask): (JobId, bool),
) -> Result<Plan, Failure> {
    let live = run.journal().active_leaks().await;
    let live = live.map_err(|error| Failure::from(&error))?;
    run.model.jobs.active_leaks.extend(live);
    let survey = run
        .load_follow_up_targets(id, command)
        .await
        .map_err(|error| match error {
            FollowUpError::Journal(error) => Failure::from(&error),
            FollowUpError::Provider(error) => Failure::from(&error),
            FollowUpError::Refused(why) => {
                Failure::new(FailureKind::Usage, why, "stanch jobs list names the jobs")
            }
        })?;
    if let Some(role) = plan::whose(&survey).filter(|_| ask) {
        let of = survey.job.id;
        session
            .output
            .notice(&format!("stanch: job {of} is {role}'s"));
    }
    let now = run.refresh_now();
    plan::build_follow_up(run.model.context(), &survey, now).map_err(|why| {
        Failure::new(
            FailureKind::Policy,
            why,
            "stanch config show lists the profiles; --profile chooses among them",
        )
    })
}
