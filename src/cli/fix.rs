//! `stanch leaks fix|reopen|set`: plan, confirm, journal, send, read back.

use super::{
    audited,
    change::{self, Arguments, Change, targets},
    connect,
    exit::ExitCode,
    failure::Failure,
    session::Session,
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
    session: &mut Session,
    change: Change,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let done = attempt(session, change, arguments).await;
    if let Err(failure) = &done
        && !arguments.dry_run
        && failure.exit == ExitCode::Policy
    {
        let wish = change::asked(change);
        let line = AuditRecord {
            after: Some(wish.wanted.to_string()),
            detail: Some(wish.command.to_string()),
            words: arguments.why.words(),
            ..audited::line("plan", "")
        };
        audited::refused(session, line, failure).await;
    }
    done
}

async fn attempt(
    session: &mut Session,
    change: Change,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let named = targets::read(
        arguments.filter.as_deref(),
        arguments.ids_from.as_deref(),
        &arguments.keys,
    )?;
    let ask = !arguments.yes && session.output.can_ask();
    let applies = !arguments.dry_run && (arguments.yes || ask);
    if !arguments.dry_run {
        change::allowed(session)?;
        change::reasoned(session, &arguments.why.words())?;
    }
    // A plan that will not be applied takes no lock: a console may be at work.
    let mode = if applies {
        OpenMode::Write
    } else {
        OpenMode::Read
    };
    let (mut run, connected) = connect::headless(session, mode).await?;
    if applies {
        change::writable(&run)?;
    }
    let wish = plan::Wish {
        include_closed: arguments.include_closed,
        ..change::asked(change)
    };
    let prepared = change::prepare(session, &mut run, &connected, wish, named).await;
    let result = match prepared {
        Ok((plan, plan_ms)) => change::go(session, &mut run, arguments, plan, plan_ms, ask).await,
        Err(failure) => Err(failure),
    };
    run.journal().close().await;
    result
}
