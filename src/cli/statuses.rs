//! `stanch statuses`: what is kept by us, into a file and out of one.

mod line;
mod transfer;

use super::{
    accounts,
    context::CommandContext,
    entities::rows,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption},
    input::{self, ReadLimits},
    orphaned_statuses,
};
use crate::{
    entity::{
        error::JournalError, json as inert, key::ProfileName, local_status::ImportResult,
        number::group_digits,
    },
    export::{self, json},
    journal::{
        Access, AuditOrigin, AuditRecord, AuditTarget, Journal, LocalStatusRecord, OpenMode,
    },
};
use jiff::Timestamp;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// No file of statuses, and no line of one, is longer.
const BOUNDS: ReadLimits = ReadLimits {
    max_file_bytes: 256 << 20,
    max_line_bytes: 64 << 10,
};

/// What can be done with them.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// Write the local statuses as JSON Lines, to a new file or to standard output.
    Export(ExportArguments),
    /// Take statuses in from such a file; of each leak the one that was set last stays.
    Import(ImportArguments),
    /// Take what is kept under one profile's name to another name of the same provider: after a profile was renamed.
    Move(MoveArguments),
}

/// `move`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct MoveArguments {
    /// The name that it is kept under.
    #[arg(value_name = "OLD")]
    pub from: String,
    /// The configured profile that shall have it.
    #[arg(value_name = "NEW")]
    pub to: String,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `export`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ExportArguments {
    /// The file; it must not exist. Standard output without one.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `import`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ImportArguments {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Writes, takes in or moves statuses. No provider is asked; the configuration says which profile is whose.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Export(arguments) => export(session, arguments.file.as_deref()).await,
        Command::Import(arguments) => {
            import(session, &arguments.file, arguments.format.format).await
        }
        Command::Move(arguments) => transfer::run(session, arguments).await,
    }
}

async fn export(session: &mut CommandContext, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
    let kept = journal.all_local_statuses().await;
    let mut kept = kept.map_err(|error| Failure::from(&error))?;
    kept.retain(|kept| is_selected(session, kept));
    let Some(path) = file else {
        for kept in &kept {
            session.output.json(&line::json(kept));
        }
        return Ok(ExitCode::Done);
    };
    export::write_new(path, |out| {
        for kept in &kept {
            let mut json = inert::to_vec(&line::json(kept))?;
            json.push(b'\n');
            out.write_all(&json)?;
        }
        Ok(())
    })
    .map_err(|error| Failure::from(&error))?;
    session.output.notice(&format!(
        "{} statuses written to {}",
        group_digits(kept.len() as u64),
        input::printable_path(path)
    ));
    Ok(ExitCode::Done)
}

async fn import(
    session: &mut CommandContext,
    file: &Path,
    format: Format,
) -> Result<ExitCode, Failure> {
    if session.options.read_only {
        return Err(Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "statuses export only reads; it works all the same",
        ));
    }
    // The whole file first: what is wrong in it must not be found half way.
    let whole = session.full_config();
    let provider_of = |name: &ProfileName| {
        let profiles = whole.profiles.iter().map(|profile| &profile.settings);
        let named = profiles.into_iter().find(|settings| settings.name == *name);
        named.map(|settings| settings.provider.clone())
    };
    let mut statuses = line::parse(&read(file)?, Timestamp::now(), provider_of)?;
    let all = statuses.len();
    statuses.retain(|kept| is_selected(session, kept));
    let others = all - statuses.len();
    if others > 0 {
        session.output.notice(&format!(
            "stanch: {} statuses of other profiles were left out",
            group_digits(others as u64)
        ));
    }
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Write).await?;
    let named: HashSet<ProfileName> = statuses
        .iter()
        .map(|kept| kept.key.profile.clone())
        .collect();
    let imported = record(&journal, statuses).await;
    // What was taken in for a name that no profile has is not shown anywhere.
    let mut left = orphaned_statuses::find(&whole, &journal).await?;
    left.retain(|under| !whole.profiles.is_empty() && named.contains(&under.profile));
    journal.close().await;
    let imported = imported.map_err(|error| Failure::from(&error))?;
    match format {
        Format::Json => session.output.json(&json::answer("statuses", imported)),
        Format::Table => session.output.key_values(&[
            ("imported", rows::printable(imported.imported)),
            ("unchanged", rows::printable(imported.unchanged)),
            ("older", rows::printable(imported.older)),
        ]),
    }
    orphaned_statuses::notify(session, &left);
    Ok(ExitCode::Done)
}

/// The audit line of the attempt comes before it, the one of its end behind it.
async fn record(
    journal: &Journal,
    statuses: Vec<LocalStatusRecord>,
) -> Result<ImportResult, JournalError> {
    check_writable(journal)?;
    let mut asked = AuditRecord::new(AuditOrigin::Command, "import_statuses", "asked");
    asked.target = AuditTarget::Many(statuses.len() as u64);
    let mut done = AuditRecord {
        outcome: "done".to_owned(),
        ..asked.clone()
    };
    journal.audit(asked).await?;
    let imported = journal.import_statuses(statuses).await?;
    done.detail = Some(format!(
        "{} imported, {} unchanged, {} older",
        imported.imported, imported.unchanged, imported.older
    ));
    journal.audit(done).await?;
    Ok(imported)
}

/// The journal must be ours to write.
fn check_writable(journal: &Journal) -> Result<(), JournalError> {
    match journal.access() {
        Access::Writer => Ok(()),
        Access::Follower { holder } => Err(JournalError::Locked { holder }),
        Access::ReadOnly { why } => Err(JournalError::ReadOnly { why }),
    }
}

/// Whether it is of a profile that was asked for; without any it is.
fn is_selected(session: &CommandContext, kept: &LocalStatusRecord) -> bool {
    let asked = &session.options.profiles;
    asked.is_empty() || asked.iter().any(|name| name == kept.key.profile.as_str())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    input::read_file(path, BOUNDS).map_err(|unread| {
        Failure::new(
            FailureKind::Usage,
            format!(
                "{} cannot be read: {}",
                input::printable_path(path),
                unread.why
            ),
            "give a file that stanch statuses export has written",
        )
    })
}
