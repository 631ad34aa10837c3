//! `stanch watch`: what is new, what came back, what is disputed; once, or again and again. A round asks each account
//! once ([`round`]), whatever watches there are; each watch then tells what its filter takes of the events behind its
//! cursor ([`tell`]). What is remembered lies in [`crate::seen`].

mod administer;
mod channels;
pub(super) mod clock;
mod cursor;
mod deliver;
mod deliveries;
pub(super) mod lines;
mod looping;
mod messages;
pub(super) mod open;
mod own;
pub(super) mod read;
mod round;
mod scanning;
mod spec;
mod tell;
mod telling;
mod turn;

pub use super::values::Since;
use super::{
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption},
    values,
};
use crate::{
    config::watching::TerminalWay,
    entity::{key::ProfileName, seen::EventKind},
};
use std::{path::PathBuf, time::Duration};

/// `watch`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do with what is remembered; none watches.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to watch.
    #[command(flatten)]
    pub watch: WatchArguments,
}

/// How to watch.
#[derive(Clone, Debug, clap::Args)]
pub struct WatchArguments {
    /// Only what this saved view takes.
    #[arg(long, value_name = "NAME", conflicts_with = "filter")]
    pub view: Option<String>,
    /// Only what matches; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The watch's name: each has a cursor of its own.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How long between two rounds: 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = values::duration, conflicts_with = "once")]
    pub every: Option<Duration>,
    /// One round, then the end: exit code 10 when something was told.
    #[arg(long)]
    pub once: bool,
    /// A new watch begins here: 24h, a date, or all. Of a first reading, what was added since then is told too.
    #[arg(long, value_name = "TIME", value_parser = values::since)]
    pub since: Option<Since>,
    /// Which kinds are told: regressed, disputed, again, new, entered, changed, back, gone.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = values::event_kind())]
    pub kinds: Vec<EventKind>,
    /// Whether every round reads everything, or only one whose probe differs or whose time has come.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub scan: ScanWhen,
    /// Tell this program, on its standard input; its arguments need a [hooks.NAME] in the configuration.
    #[arg(long, value_name = "PROGRAM")]
    pub exec: Option<String>,
    /// Tell this [webhooks.NAME] of the configuration.
    #[arg(long, value_name = "NAME")]
    pub webhook: Vec<String>,
    /// Tell the terminal: off, auto, bell, osc9, osc777 or osc99.
    #[arg(long, value_name = "WAY", value_parser = values::terminal_way())]
    pub terminal: Option<TerminalWay>,
    /// Keep the cursor in this file and not in the memory.
    #[arg(long, value_name = "FILE")]
    pub cursor: Option<PathBuf>,
    /// The form of the lines.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: LineFormat,
}

/// When a round reads everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ScanWhen {
    /// Where the probe differs, or the last scan is old.
    #[default]
    Due,
    /// Always.
    Always,
}

/// The form of what is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LineFormat {
    /// For people, a line each.
    #[default]
    Table,
    /// One object; only with --once.
    Json,
    /// One object a line.
    Jsonl,
}

/// What can be done with what is remembered.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Show accounts, last rounds, baselines, cursors and what waits to be delivered.
    Status(FormatOption),
    /// List messages that were not delivered, give one another try, or drop it.
    Deliveries(DeliveriesArguments),
    /// Send a message to a hook or a webhook of the configuration, and say what came of it.
    Test {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Forget what was seen: the next scan is a baseline.
    Forget(ForgetArguments),
}

/// `deliveries`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DeliveriesArguments {
    /// What to do with one; none lists them.
    #[command(subcommand)]
    pub command: Option<DeliveryCommand>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// What can be done with a message.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum DeliveryCommand {
    /// Try it again, under its id.
    Retry {
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Give it up.
    Drop {
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// What stands before the name of a watch where its messages ended.
const TOLD: &str = "told:";

/// `forget`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ForgetArguments {
    /// Of this profile.
    #[arg(value_name = "PROFILE", required_unless_present = "all", conflicts_with = "all", value_parser = values::profile)]
    pub profile: Option<ProfileName>,
    /// Of all of them, and the file itself.
    #[arg(long)]
    pub all: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// Watches, or tells how that stands.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Some(Command::Status(option)) => administer::status(session, option.format).await,
        Some(Command::Deliveries(arguments)) => deliveries::run(session, arguments).await,
        Some(Command::Test { name }) => deliveries::test(session, name).await,
        Some(Command::Forget(arguments)) => administer::forget(session, arguments).await,
        None => watch(session, &arguments.watch).await,
    }
}

async fn watch(
    session: &mut CommandContext,
    arguments: &WatchArguments,
) -> Result<ExitCode, Failure> {
    if arguments.format == LineFormat::Json && !arguments.once {
        return Err(Failure::new(
            FailureKind::Usage,
            "--format json is one object and needs --once",
            "take --format jsonl for a stream, or add --once",
        ));
    }
    let mut watcher = open::open(session, arguments).await?;
    let ended = if arguments.once {
        watcher.once(session).await
    } else {
        let ended = looping::run(&mut watcher, session).await;
        watcher.give_back().await;
        ended
    };
    watcher.close().await;
    ended
}

/// Whether a result is for programs.
fn is_json(format: Format) -> bool {
    format == Format::Json
}
