//! `stanch jobs retry|undo|redo`: each is a job of its own, planned on how its leaks stand now.

use super::FollowArguments;
use crate::{
    app::{job::targets::SurveyError, plan},
    cli::{
        audited, change, connect,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        session::Session,
    },
    entity::{
        job::{JobCommand, Plan},
        key::JobId,
    },
    journal::{AuditRecord, OpenMode},
    runtime::session::Session as Run,
};
use std::time::Instant;

/// Plans, asks, and carries it out.
pub(super) async fn run(
    session: &mut Session,
    command: JobCommand,
    arguments: &FollowArguments,
) -> Result<ExitCode, Failure> {
    let done = attempt(session, command, arguments).await;
    if let Err(failure) = &done
        && !arguments.dry_run
        && failure.exit == ExitCode::Policy
    {
        let line = AuditRecord {
            detail: Some(format!("{command} of job {}", arguments.id)),
            words: arguments.why.words(),
            ..audited::line("plan", "")
        };
        audited::refused(session, line, failure).await;
    }
    done
}

async fn attempt(
    session: &mut Session,
    command: JobCommand,
    arguments: &FollowArguments,
) -> Result<ExitCode, Failure> {
    let ask = !arguments.yes && session.output.can_ask();
    let applies = !arguments.dry_run && (arguments.yes || ask);
    if !arguments.dry_run {
        change::allowed(session)?;
        change::reasoned(session, &arguments.why.words())?;
    }
    let mode = if applies {
        OpenMode::Write
    } else {
        OpenMode::Read
    };
    let (mut run, _) = connect::headless(session, mode).await?;
    let allowed = if applies {
        change::writable(&run)
    } else {
        Ok(())
    };
    let result = match allowed {
        Ok(()) => planned(session, &mut run, command, (arguments, ask)).await,
        Err(failure) => Err(failure),
    };
    run.journal().close().await;
    result
}

async fn planned(
    session: &mut Session,
    run: &mut Run,
    command: JobCommand,
    (arguments, ask): (&FollowArguments, bool),
) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let plan = plan(session, run, command, (JobId(arguments.id), ask)).await?;
    let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let how = change::Arguments {
        why: arguments.why.clone(),
        dry_run: arguments.dry_run,
        yes: arguments.yes,
        expect_count: arguments.expect_count,
        detach: arguments.detach,
        format: arguments.format,
        ..change::Arguments::default()
    };
    change::go(session, run, &how, plan, took, ask).await
}

async fn plan(
    session: &mut Session,
    run: &mut Run,
    command: JobCommand,
    (id, ask): (JobId, bool),
) -> Result<Plan, Failure> {
    let live = run.journal().active_leaks().await;
    let live = live.map_err(|error| Failure::from(&error))?;
    run.model.jobs.live_keys.extend(live);
    let survey = run.survey(id, command).await.map_err(|error| match error {
        SurveyError::Journal(error) => Failure::from(&error),
        SurveyError::Provider(error) => Failure::from(&error),
        SurveyError::Refused(why) => {
            Failure::new(FailureKind::Usage, why, "stanch jobs list names the jobs")
        }
    })?;
    if let Some(role) = plan::whose(&survey).filter(|_| ask) {
        let of = survey.job.id;
        session
            .output
            .notice(&format!("stanch: job {of} is {role}'s"));
    }
    let now = run.now();
    plan::follow(run.model.context(), &survey, now).map_err(|why| {
        Failure::new(
            FailureKind::Policy,
            why,
            "stanch config show lists the profiles; --profile chooses among them",
        )
    })
}
