//! `stanch leaks fix|reopen|set`: plan, confirm, journal, send, read back.

use super::{
    accounts, audit_line,
    change::{self, Arguments, StatusCommand, targets},
    context::CommandContext,
    exit::ExitCode,
    failure::Failure,
};
use crate::{
    app::plan,
    entity::status::Status,
    journal::{AuditRecord, OpenMode},
};

/// `set`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct SetArguments {
    /// The status.
    #[arg(value_name = "STATUS", value_parser = super::values::status())]
    pub status: Status,
    /// Which leaks, and how.
    #[command(flatten)]
    pub change: Arguments,
}

/// Changes leaks.
pub async fn run(
    session: &mut CommandContext,
    change: StatusCommand,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let done = attempt(session, change, arguments).await;
    if let Err(failure) = &done
        && !arguments.dry_run
        && failure.exit == ExitCode::Policy
    {
        let wish = change::requested_change(change);
        let line = AuditRecord {
            after: Some(wish.wanted.to_string()),
            detail: Some(wish.command.to_string()),
            justification: arguments.justification.justification(),
            ..audit_line::line("plan", "")
        };
        audit_line::write_refusal(session, line, failure).await;
    }
    done
}

async fn attempt(
    session: &mut CommandContext,
    change: StatusCommand,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let named = targets::read(
        arguments.filter.as_deref(),
        arguments.ids_from.as_deref(),
        &arguments.keys,
    )?;
    let ask = !arguments.yes && session.output.can_prompt();
    let applies = !arguments.dry_run && (arguments.yes || ask);
    if !arguments.dry_run {
        change::check_policy(session)?;
        change::check_reason(session, &arguments.justification.justification())?;
    }
    // A plan that will not be applied takes no lock: a console may be at work.
    let mode = if applies {
        OpenMode::Write
    } else {
        OpenMode::Read
    };
    let (mut run, connected) = accounts::start_headless(session, mode).await?;
    if applies {
        change::check_journal(&run)?;
    }
    let wish = plan::PlanSpec {
        include_closed: arguments.include_closed,
        ..change::requested_change(change)
    };
    let prepared = change::prepare(session, &mut run, &connected, wish, named).await;
    let result = match prepared {
        Ok((plan, plan_ms)) => {
            change::execute(session, &mut run, arguments, plan, plan_ms, ask).await
        }
        Err(failure) => Err(failure),
    };
    run.journal().close().await;
    result
}
