//! `stanch audit`: what was done here, and the proof that nothing of it was changed.

mod list;
mod verify;

use super::{
    accounts,
    context::CommandContext,
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption, ListFormatOption},
    input, seen_head,
};
use crate::{
    entity::number::group_digits,
    export,
    journal::{AuditLog, Journal, OpenMode},
};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// What can be done with the audit log.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the attempts, the newest first: who, where from, what, and what came of it.
    List(ListArguments),
    /// Copy the log as it is, with a line that says where it ends, to a new file or to standard output.
    Export(ExportArguments),
    /// Prove that the log, a copy of it or a bundle of evidence is whole; the exit code is 8 when it is not.
    Verify(VerifyArguments),
}

/// `list`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArguments {
    /// Not more than this many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// `export`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ExportArguments {
    /// The file; it must not exist. Standard output without one.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `verify`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct VerifyArguments {
    /// A copy of the log, or a bundle's directory; the log of this installation without one.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Reads, copies or verifies. Neither configuration nor provider has a part in it.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(arguments) => {
            let (_, log) = read(session).await?;
            Ok(list::run(session, &log, arguments))
        }
        Command::Export(arguments) => export(session, arguments.file.as_deref()).await,
        Command::Verify(arguments) => {
            let format = arguments.format.format;
            match &arguments.file {
                None => log(session, format).await,
                Some(path) if path.is_dir() => verify::verify_bundle(session, format, path),
                Some(path) if is_current_log(session, path).await => log(session, format).await,
                Some(path) => verify::verify_log_copy(session, format, path),
            }
        }
    }
}

/// Verifies the log, and the chain of readings of which it has the head.
async fn log(session: &mut CommandContext, format: Format) -> Result<ExitCode, Failure> {
    let (journal, log) = read(session).await?;
    let exit = verify::verify_log(session, format, &log);
    if exit == ExitCode::Done && !seen_head::holds(session, &journal, &log).await {
        session.output.warning(
            "stanch: the readings in seen.db are not those that the audit log has the head of",
        );
        return Ok(ExitCode::Verification);
    }
    Ok(exit)
}

/// The log of this installation, read without a lock.
async fn read(session: &mut CommandContext) -> Result<(Journal, AuditLog), Failure> {
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
    let log = journal.audit_log().await;
    let log = log.map_err(|error| Failure::from(&error))?;
    Ok((journal, log))
}

/// Whether a path is the log itself, which has its end in the journal. A copy is proven without one.
async fn is_current_log(session: &CommandContext, path: &Path) -> bool {
    let Ok(state) = session.state_directory() else {
        return false;
    };
    match accounts::open_journal(session, &state, OpenMode::Read).await {
        Ok(journal) => journal
            .is_audit_log(path.to_path_buf())
            .await
            .unwrap_or(false),
        Err(_) => false,
    }
}

async fn export(session: &mut CommandContext, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let (_, log) = read(session).await?;
    let copy = log.copy(&accounts::operator(session), Timestamp::now());
    let copy = copy.map_err(|error| Failure::from(&error))?;
    let Some(path) = file else {
        session.output.bytes(&copy);
        return Ok(ExitCode::Done);
    };
    export::write_new(path, |out| out.write_all(&copy)).map_err(|error| Failure::from(&error))?;
    session.output.notice(&format!(
        "{} records written to {}",
        group_digits(log.head.count),
        input::printable_path(path)
    ));
    Ok(ExitCode::Done)
}
