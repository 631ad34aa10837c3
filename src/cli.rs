//! The command line: what can be asked for, and where each command is. Commands share the console's core; each has a
//! file here. `exit.rs` has the exit codes, `output.rs` is the only place that prints.
//!
//! Start reading at [`run_from`].

pub mod accounts;
pub mod api_keys;
pub mod associated;
pub mod audit;
mod audit_line;
pub mod breaches;
pub mod change;
pub mod check;
pub mod claims;
pub mod completions;
pub mod config;
pub mod console;
pub mod context;
pub mod demo;
mod detach;
pub mod doctor;
pub mod entities;
pub mod evidence;
pub mod exit;
pub mod export;
pub mod failure;
pub mod files;
pub mod fix;
pub mod format;
pub mod handoff;
pub mod help;
pub mod import;
mod input;
pub mod jobs;
pub mod keys;
mod language;
pub mod man;
pub mod marks;
mod merged_list;
pub mod notes;
pub mod options;
mod orphaned_statuses;
pub mod output;
mod parse;
pub mod pastes;
pub mod report;
mod secret_input;
mod seen_head;
mod seen_options;
pub mod serve;
pub mod stats;
pub mod statuses;
pub mod store;
pub mod subscription;
#[cfg(test)]
mod test_provider;
mod values;
pub mod verify_domain;
pub mod version;
pub mod views;
pub mod watch;

use self::{
    context::{CommandContext, Environment},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    output::Output,
};
use crate::entity::key::Kind;
use clap::{Parser, Subcommand};
use std::ffi::OsString;

pub use options::GlobalOptions;
pub use parse::parse;

/// The leak triage console for the terminal.
///
/// Without a command it opens the console on the configured profiles.
#[derive(Clone, Debug, Parser)]
#[command(name = "stanch", version, disable_help_subcommand = true)]
pub struct Arguments {
    /// What the console shows at first.
    #[command(flatten)]
    pub console: console::Arguments,
    /// Options that work everywhere.
    #[command(flatten)]
    pub options: GlobalOptions,
    /// The command; none is the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// The files that a command reads instead of the configured profiles.
    fn from(&self) -> Option<&files::FromOptions> {
        use entities::{Command as Read, LeaksCommand};
        let read = match self.command.as_ref()? {
            Command::Domains(read)
            | Command::Users(read)
            | Command::Connections(read)
            | Command::Leaks(LeaksCommand::Read(read)) => read,
            Command::Leaks(LeaksCommand::Fix(change) | LeaksCommand::Reopen(change)) => {
                return Some(&change.from);
            }
            Command::Leaks(LeaksCommand::Set(set)) => return Some(&set.change.from),
            Command::Leaks(LeaksCommand::Claim(claim) | LeaksCommand::Release(claim)) => {
                return Some(&claim.from);
            }
            Command::Export(export) => return Some(&export.from),
            Command::Evidence(evidence) => return Some(&evidence.from),
            Command::Jobs(jobs) => return jobs.from(),
            _ => return None,
        };
        Some(match read {
            Read::List(list) => &list.from,
            Read::Count(count) => &count.from,
            Read::Show(show) => &show.from,
        })
    }

    /// Whether it opens a console.
    fn opens_console(&self) -> bool {
        matches!(self.command, None | Some(Command::Demo(_)))
    }
}

/// Every command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Open the console on made-up leaks: no configuration, no network.
    Demo(demo::Arguments),
    /// Run the stand-in of every provider alone, on this machine only.
    Serve(serve::Arguments),
    /// Read domains.
    #[command(subcommand, arg_required_else_help = true)]
    Domains(entities::Command),
    /// Read users.
    #[command(subcommand, arg_required_else_help = true)]
    Users(entities::Command),
    /// Read and change leaks.
    #[command(subcommand, arg_required_else_help = true)]
    Leaks(entities::LeaksCommand),
    /// Read connections.
    #[command(subcommand, arg_required_else_help = true)]
    Connections(entities::Command),
    /// Read the journal's jobs; resume, retry, undo, redo one, or give it up.
    #[command(subcommand, arg_required_else_help = true)]
    Jobs(jobs::Command),
    /// Read who works on which leak.
    #[command(subcommand, arg_required_else_help = true)]
    Claims(claims::Command),
    /// Read, save and delete named sets of marked leaks.
    #[command(subcommand, arg_required_else_help = true)]
    Marks(marks::Command),
    /// Read the console's saved views, write them to a file, or take them in from one.
    #[command(subcommand, arg_required_else_help = true)]
    Views(views::Command),
    /// Write a bundle of evidence about leaks or a job: no secret is in it, and every line is sealed.
    Evidence(evidence::Arguments),
    /// Write the local triage statuses to a file, or take them in from one.
    #[command(subcommand, arg_required_else_help = true)]
    Statuses(statuses::Command),
    /// Read the notes on leaks, or add one; no status changes.
    #[command(subcommand, arg_required_else_help = true)]
    Notes(notes::Command),
    /// Look up whether something is known to be leaked.
    #[command(subcommand, arg_required_else_help = true)]
    Check(check::Command),
    /// Read the catalogue of breaches.
    #[command(subcommand, arg_required_else_help = true)]
    Breaches(breaches::Command),
    /// Read pastes that hold an address.
    #[command(subcommand, arg_required_else_help = true)]
    Pastes(pastes::Command),
    /// Ask for public statistics.
    #[command(subcommand, arg_required_else_help = true)]
    Stats(stats::Command),
    /// List domains related to one domain, or to all verified ones.
    Associated(associated::Arguments),
    /// Prove that a domain is yours.
    #[command(subcommand, arg_required_else_help = true)]
    VerifyDomain(verify_domain::Command),
    /// Show plan and limits of every profile that tells.
    Subscription(format::FormatOption),
    /// Administer API keys, where a provider lets them be.
    #[command(subcommand, arg_required_else_help = true)]
    ApiKeys(api_keys::Command),
    /// Read files of leaks without keeping anything: what is in them, what is no leak, and why.
    #[command(subcommand, arg_required_else_help = true)]
    Import(import::Command),
    /// Tell what is new, what came back and what is disputed, once or again and again.
    Watch(watch::Arguments),
    /// Make a report on a period: what came in, what was fixed, how long that took, what is open.
    Report(report::Arguments),
    /// Write what happened on a shift and what is to be done next, for whoever comes on.
    Handoff(handoff::Arguments),
    /// Write leaks to a new file, without their secrets.
    Export(export::Arguments),
    /// Read the audit log, copy it, or prove that it or a bundle of evidence is whole.
    #[command(subcommand, arg_required_else_help = true)]
    Audit(audit::Command),
    /// Find, check, show or create the configuration.
    #[command(subcommand, arg_required_else_help = true)]
    Config(config::Command),
    /// Check configuration, keys, providers and journal.
    Doctor(format::FormatOption),
    /// Make, check and look after the journal of a team, which several hosts share.
    #[command(subcommand, arg_required_else_help = true)]
    Store(store::Command),
    /// Show a page of the guide, or the help of a command.
    Help(help::Arguments),
    /// Print the version; with --verbose also commit, features and build.
    Version(format::FormatOption),
    /// Print completions for a shell.
    Completions(completions::Arguments),
    /// Print the manual page.
    Man,
    /// List keys and actions.
    Keys(keys::Arguments),
    /// Print the words that a shell may complete to.
    #[command(hide = true)]
    Complete(completions::WordsArguments),
}

/// Threads for what is read and written at the same time. Beside a console's loop there are fewer where it would have
/// to share its processor with them.
const WORKER_THREADS: usize = 2;

/// What reads, writes and records beside a console's loop takes the time that keys leave: where a machine is busy, keys
/// come first.
fn lower_priority() {
    // Elsewhere this would be said of the whole process.
    #[cfg(target_os = "linux")]
    rustix::process::nice(10).ok();
}

/// Runs the program on arguments, the first of which is its name.
pub fn run_from(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Environment,
    mut output: Output,
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    output.errors_as_json = parse::wants_json(&arguments);
    output.byte_order_mark = parse::wants_byte_order_mark(&arguments);
    let parsed = match parse(&arguments) {
        Ok(parsed) => parsed,
        Err(parse::EarlyExit::Show(text)) => {
            output.text(&text);
            return finish(&mut output, ExitCode::Done);
        }
        Err(parse::EarlyExit::UsageError(failure)) => return output.failure(&failure),
    };
    let mut session = CommandContext::new(parsed.options.clone(), environment, output);
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    threads.enable_all().worker_threads(WORKER_THREADS);
    if parsed.opens_console() {
        let processors = std::thread::available_parallelism().map_or(WORKER_THREADS, usize::from);
        threads
            .worker_threads(processors.saturating_sub(1).clamp(1, WORKER_THREADS))
            .on_thread_start(lower_priority);
        session.on_thread_start = lower_priority;
    }
    let result = threads
        .build()
        .map_err(|_| {
            Failure::new(
                FailureKind::Internal,
                "the runtime cannot be started",
                "check the limits on threads and open files",
            )
        })
        .and_then(|runtime| runtime.block_on(run(&mut session, &parsed)));
    let exit = result.unwrap_or_else(|failure| session.output.failure(&failure));
    finish(&mut session.output, exit)
}

fn finish(output: &mut Output, exit: ExitCode) -> ExitCode {
    // Standard output went away with the terminal: that it cannot be written is no news.
    if exit == ExitCode::HungUp {
        return exit;
    }
    match output.finish() {
        Ok(()) => exit,
        Err(kind) => output.failure(&Failure::new(
            FailureKind::Internal,
            format!("standard output cannot be written: {kind}"),
            "check the disk or the program that reads it",
        )),
    }
}

/// Runs one command to its exit code.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Some(from) = arguments.from() {
        files::check(from)?;
        session.from = from.clone();
    }
    let Some(command) = &arguments.command else {
        return console::run(session, &arguments.console).await;
    };
    match command {
        Command::Demo(arguments) => demo::run(session, arguments).await,
        Command::Serve(arguments) => serve::run(session, arguments).await,
        Command::Domains(command) => entities::run(session, Kind::Domain, command).await,
        Command::Users(command) => entities::run(session, Kind::User, command).await,
        Command::Connections(command) => entities::run(session, Kind::Connection, command).await,
        Command::Leaks(command) => match command {
            entities::LeaksCommand::Read(command) => {
                entities::run(session, Kind::Leak, command).await
            }
            entities::LeaksCommand::Fix(arguments) => {
                fix::run(session, change::StatusCommand::Fix, arguments).await
            }
            entities::LeaksCommand::Reopen(arguments) => {
                fix::run(session, change::StatusCommand::Reopen, arguments).await
            }
            entities::LeaksCommand::Set(arguments) => {
                let change = change::StatusCommand::Set(arguments.status);
                fix::run(session, change, &arguments.change).await
            }
            entities::LeaksCommand::Claim(arguments) => {
                claims::change(session, false, arguments).await
            }
            entities::LeaksCommand::Release(arguments) => {
                claims::change(session, true, arguments).await
            }
        },
        Command::Jobs(command) => jobs::run(session, command).await,
        Command::Claims(command) => claims::run(session, command).await,
        Command::Marks(command) => marks::run(session, command).await,
        Command::Views(command) => views::run(session, command).await,
        Command::Evidence(arguments) => evidence::run(session, arguments).await,
        Command::Statuses(command) => statuses::run(session, command).await,
        Command::Notes(command) => notes::run(session, command).await,
        Command::Check(command) => check::run(session, command).await,
        Command::Breaches(command) => breaches::run(session, command).await,
        Command::Pastes(command) => pastes::run(session, command).await,
        Command::Stats(command) => stats::run(session, command).await,
        Command::Associated(arguments) => associated::run(session, arguments).await,
        Command::VerifyDomain(command) => verify_domain::run(session, command).await,
        Command::Subscription(arguments) => subscription::run(session, arguments).await,
        Command::ApiKeys(command) => api_keys::run(session, command).await,
        Command::Import(command) => import::run(session, command).await,
        Command::Watch(arguments) => watch::run(session, arguments).await,
        Command::Report(arguments) => report::run(session, arguments).await,
        Command::Handoff(arguments) => handoff::run(session, arguments).await,
        Command::Export(arguments) => export::run(session, arguments).await,
        Command::Audit(command) => audit::run(session, command).await,
        Command::Config(command) => config::run(session, command).await,
        Command::Doctor(arguments) => doctor::run(session, arguments).await,
        Command::Store(command) => store::run(session, command).await,
        Command::Help(arguments) => help::run(session, arguments),
        Command::Version(arguments) => Ok(version::run(session, arguments)),
        Command::Completions(arguments) => Ok(completions::run(session, arguments)),
        Command::Man => man::run(session),
        Command::Keys(arguments) => Ok(keys::run(session, arguments)),
        Command::Complete(arguments) => Ok(completions::words(session, arguments)),
    }
}
