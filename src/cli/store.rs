//! `stanch store`: the journal of a team.

pub(super) mod options;
#[cfg(feature = "postgres")]
mod print;

#[cfg(feature = "postgres")]
use super::failure::FailureKind;
use super::{context::CommandContext, exit::ExitCode, failure::Failure, format::FormatOption};
#[cfg(feature = "postgres")]
use crate::journal::team_store::{self, Admin, Terms};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// What can be done with the journal of a team.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// Make the store: schema, functions, roles and grants, with the owner's login.
    Init(InitArguments),
    /// Take the store to the newest schema, each step in one transaction.
    Migrate(MigrateArguments),
    /// Show server, schema, who is online, and what is weak.
    Status(FormatOption),
    /// Verify event chain, audit chain and rules; the exit code is 8 when something is wrong.
    Check(CheckArguments),
    /// Take the journal of one host into the store of the team.
    Import(ImportArguments),
    /// List the accounts of the team, or pin one to another origin.
    #[command(subcommand, arg_required_else_help = true)]
    Account(AccountCommand),
    /// Drop the changes of jobs that ended before a date; jobs, events and audit lines stay.
    Retain(RetainArguments),
}

/// `init`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct InitArguments {
    /// After so many seconds without a sign of life a console's jobs may be taken over.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(3..))]
    pub lease: u32,
    /// A write request to a provider takes at most so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(2..))]
    pub send: u32,
    /// Print the SQL and connect to nothing.
    #[arg(long)]
    pub print_sql: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `migrate`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct MigrateArguments {
    /// Print the SQL of all steps and connect to nothing.
    #[arg(long)]
    pub print_sql: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `check`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct CheckArguments {
    /// Count the changes of every job too.
    #[arg(long)]
    pub deep: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `import`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ImportArguments {
    /// The state directory of that journal; this installation's without it.
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Count and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `account`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum AccountCommand {
    /// List the accounts, and what they are pinned to.
    List(FormatOption),
    /// Pin an account to another origin or team.
    Set(AccountArguments),
}

/// `account set`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["origin", "team"]))]
pub struct AccountArguments {
    /// Its name in the team.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Scheme, host and port.
    #[arg(long, value_name = "URL")]
    pub origin: Option<String>,
    /// The team at the provider.
    #[arg(long, value_name = "ID")]
    pub team: Option<String>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `retain`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct RetainArguments {
    /// The first day whose jobs keep their changes.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub before: Timestamp,
    /// Print what would be dropped and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

fn day(text: &str) -> Result<Timestamp, String> {
    let day: Result<jiff::civil::Date, _> = text.parse();
    day.ok()
        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|zoned| zoned.timestamp())
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "a day, such as 2026-02-28".to_owned())
}

/// Runs one of them. The calls block, and have a thread of their own.
#[cfg(feature = "postgres")]
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(arguments) if arguments.print_sql => {
            let schema = schema(session);
            session
                .output
                .text(&team_store::init_sql(&schema, terms(arguments)));
            return Ok(ExitCode::Done);
        }
        Command::Migrate(arguments) if arguments.print_sql => {
            let schema = schema(session);
            session.output.text(&team_store::migrate_sql(&schema, 0));
            return Ok(ExitCode::Done);
        }
        Command::Status(format) if options::options(session)?.is_none() => {
            return embedded(session, format.format).await;
        }
        _ => {}
    }
    let Some(options) = options::options(session)? else {
        return Err(no_store());
    };
    match command {
        Command::Init(arguments) => {
            let (terms, state) = (terms(arguments), absolute(&session.state_directory()?)?);
            let (path, _) = with(options, move |admin| admin.init(terms, state)).await?;
            print::made(session, arguments.format.format, &path);
            Ok(ExitCode::Done)
        }
        Command::Migrate(arguments) => {
            let versions = with(options, Admin::migrate).await?;
            print::migrated(session, arguments.format.format, versions);
            Ok(ExitCode::Done)
        }
        Command::Status(format) => {
            let status = with(options, Admin::status).await?;
            print::status(session, format.format, &status);
            Ok(ExitCode::Done)
        }
        Command::Check(arguments) => {
            let deep = arguments.deep;
            let found = with(options, move |admin| admin.check(deep)).await?;
            print::found(session, arguments.format.format, &found);
            Ok(if found.ok {
                ExitCode::Done
            } else {
                ExitCode::Verification
            })
        }
        Command::Import(arguments) => {
            let directory = match &arguments.directory {
                Some(directory) => directory.clone(),
                None => session.state_directory()?,
            };
            let (directory, dry) = (absolute(&directory)?, arguments.dry_run);
            let who = super::accounts::operator(session);
            let imported = with(options, move |admin| admin.import(directory, &who, dry)).await?;
            print::imported(session, arguments.format.format, &imported);
            Ok(ExitCode::Done)
        }
        Command::Account(AccountCommand::List(format)) => {
            let accounts = with(options, Admin::accounts).await?;
            print::accounts(session, format.format, &accounts);
            Ok(ExitCode::Done)
        }
        Command::Account(AccountCommand::Set(arguments)) => {
            let wanted = arguments.clone();
            let count = with(options, move |admin| {
                admin.set_account(
                    &wanted.name,
                    wanted.origin.as_deref(),
                    wanted.team.as_deref(),
                )
            });
            if count.await? == 0 {
                return Err(Failure::new(
                    FailureKind::NotFound,
                    format!("the team has no account {}", print::word(&arguments.name)),
                    "stanch store account list names them",
                ));
            }
            print::account_set(session, arguments);
            Ok(ExitCode::Done)
        }
        Command::Retain(arguments) => {
            let (before, dry) = (arguments.before, arguments.dry_run);
            let retained = with(options, move |admin| admin.retain(before, dry)).await?;
            print::retained(session, arguments, &retained);
            Ok(ExitCode::Done)
        }
    }
}

/// Without the team store there is nothing to do.
#[cfg(not(feature = "postgres"))]
pub async fn run(session: &mut CommandContext, _: &Command) -> Result<ExitCode, Failure> {
    options::options(session)?;
    Err(options::not_built())
}

#[cfg(feature = "postgres")]
async fn with<T: Send + 'static>(
    options: crate::journal::TeamOptions,
    work: impl FnOnce(&mut Admin) -> Result<T, crate::entity::error::JournalError> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(move || work(&mut Admin::new(options)?));
    match done.await {
        Ok(done) => done.map_err(|error| Failure::from(&error)),
        Err(_) => Err(Failure::new(
            FailureKind::Internal,
            "the store's thread died",
            "",
        )),
    }
}

#[cfg(feature = "postgres")]
fn terms(arguments: &InitArguments) -> Terms {
    Terms {
        lease_seconds: arguments.lease,
        send_seconds: arguments.send,
    }
}

#[cfg(feature = "postgres")]
fn schema(session: &CommandContext) -> String {
    let store = session.full_config().store;
    store.map_or_else(|| "stanch".to_owned(), |store| store.schema)
}

/// What the embedded store says of itself.
#[cfg(feature = "postgres")]
async fn embedded(
    session: &mut CommandContext,
    format: super::format::Format,
) -> Result<ExitCode, Failure> {
    let state = session.state_directory()?;
    let mode = crate::journal::OpenMode::Read;
    let journal = super::accounts::open_journal(session, &state, mode).await?;
    let jobs = journal
        .jobs()
        .await
        .map_err(|error| Failure::from(&error))?;
    let head = journal
        .audit_head()
        .await
        .map_err(|error| Failure::from(&error))?;
    journal.close().await;
    let live = jobs.iter().filter(|job| !job.state.is_final()).count();
    print::embedded(session, format, live, &head);
    Ok(ExitCode::Done)
}

#[cfg(feature = "postgres")]
fn no_store() -> Failure {
    Failure::new(
        FailureKind::Config,
        "no team store is configured",
        "add [store] and url = \"postgres://…\" to the configuration, or set STANCH_STORE_URL",
    )
}

#[cfg(feature = "postgres")]
fn absolute(directory: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(directory).map_err(|_| {
        Failure::new(
            FailureKind::Journal,
            "the state directory has no path",
            "set STANCH_STATE_DIR",
        )
    })
}

/// Says that this host has a journal of its own with jobs in it, which a team store leaves alone.
pub(super) fn tell_own_journal(session: &mut CommandContext, state: &Path) {
    let is_team = matches!(options::options(session), Ok(Some(_)));
    if is_team && state.join("journal.db").exists() {
        session
            .output
            .notice("stanch: this host's own journal is not used; stanch store import takes it in");
    }
}
