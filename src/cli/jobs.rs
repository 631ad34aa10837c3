//! `stanch jobs`: what the journal holds.

use super::{
    accounts,
    change::{
        JustificationOptions,
        report::{print_changes, print_json},
    },
    context::CommandContext,
    entities::{
        item::{self, Item},
        rows,
    },
    exit::ExitCode,
    failure::Failure,
    files::FromOptions,
    format::{Format, FormatOption, ListFormatOption},
};
use crate::{
    entity::{
        job::{Job, JobCommand, JobState, PauseReason},
        key::JobId,
    },
    export::{Record, RecordKind, Summary},
    journal::{Journal, OpenMode},
};

mod discard;
mod follow_up;
mod pause;
mod resume;
mod with_leaks;

/// What can be done with jobs.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the jobs, the newest first.
    List(ListFormatOption),
    /// Show one job with its changes.
    Show(ShowArguments),
    /// Go on with interrupted jobs: with this one, or with all, the oldest first. Each is printed when it has ended or
    /// stopped: with --format json one object a job, one a line.
    Resume(ResumeArguments),
    /// Try again what failed of a job.
    Retry(FollowUpArguments),
    /// Undo a job: every leak becomes what it was, unless others have changed it since.
    Undo(FollowUpArguments),
    /// Redo a job that was undone.
    Redo(FollowUpArguments),
    /// Ask the console that runs a job of a team to pause it.
    Pause(PauseArguments),
    /// Cancel what of an interrupted job was not sent; its leaks are free for other jobs then.
    Discard(DiscardArguments),
}

impl Command {
    /// The files whose leaks a job is about, where they are given.
    pub(super) fn from(&self) -> Option<&FromOptions> {
        match self {
            Self::Show(show) => Some(&show.from),
            Self::Resume(resume) => Some(&resume.from),
            Self::Retry(follow) | Self::Undo(follow) | Self::Redo(follow) => Some(&follow.from),
            Self::List(_) | Self::Pause(_) | Self::Discard(_) => None,
        }
    }
}

/// `discard`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct DiscardArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = parse_job_number)]
    pub id: i64,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `pause`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct PauseArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = parse_job_number)]
    pub id: i64,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `resume`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
pub struct ResumeArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = parse_job_number)]
    pub id: Option<i64>,
    /// In a team: also the jobs of colleagues whose consoles are dead.
    #[arg(long, conflicts_with = "id")]
    pub all: bool,
    /// In a team: also from a console that is alive, which loses the job at once.
    #[arg(long, requires = "id")]
    pub take: bool,
    /// Do not ask, also where it was confirmed more than a day ago.
    #[arg(long)]
    pub yes: bool,
    /// In a session of its own: what --detach starts.
    #[arg(long, hide = true, requires = "id")]
    pub detached: bool,
    /// Files instead of the configured profiles.
    #[command(flatten)]
    pub from: FromOptions,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `retry`, `undo`, `redo`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct FollowUpArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = parse_job_number)]
    pub id: i64,
    /// Why; kept with the job and with each leak.
    #[command(flatten)]
    pub justification: JustificationOptions,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Refuse unless exactly this many changes will be made.
    #[arg(long, value_name = "N")]
    pub expect_count: Option<usize>,
    /// Record the job and carry it out in a process of its own, which outlives the terminal.
    #[arg(long)]
    pub detach: bool,
    /// Files instead of the configured profiles.
    #[command(flatten)]
    pub from: FromOptions,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `show`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ShowArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = parse_job_number)]
    pub id: i64,
    /// Read the leaks of its profiles, and show login and URL of each change; in JSON the leaks stand beside
    /// the job.
    #[arg(long)]
    pub with_leaks: bool,
    /// Files instead of the configured profiles.
    #[command(flatten)]
    pub from: FromOptions,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

pub(super) fn parse_job_number(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= 1)
        .ok_or_else(|| "a job's number, from 1".to_owned())
}

/// Reads the journal, or discards a job in it.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Discard(arguments) => {
            let (id, format) = (JobId(arguments.id), arguments.format.format);
            return discard::run(session, id, arguments.yes, format).await;
        }
        Command::Resume(arguments) => return resume::run(session, arguments).await,
        Command::Pause(arguments) => return pause::run(session, arguments).await,
        Command::Retry(arguments) => {
            return follow_up::run(session, JobCommand::Retry, arguments).await;
        }
        Command::Undo(arguments) => {
            return follow_up::run(session, JobCommand::Undo, arguments).await;
        }
        Command::Redo(arguments) => {
            return follow_up::run(session, JobCommand::Redo, arguments).await;
        }
        Command::Show(arguments) if arguments.with_leaks => {
            return with_leaks::run(session, arguments).await;
        }
        Command::List(_) | Command::Show(_) => {}
    }
    // Neither configuration nor provider has a part in it: what was sent must be readable when both are gone.
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
    match command {
        // They were carried out above, with other means.
        Command::Discard(_)
        | Command::Resume(_)
        | Command::Pause(_)
        | Command::Retry(_)
        | Command::Undo(_)
        | Command::Redo(_) => Ok(ExitCode::Done),
        Command::List(options) => list(session, &journal, *options).await,
        Command::Show(arguments) => {
            let job = journal.job(JobId(arguments.id)).await;
            let mut record = job.map_err(|error| Failure::from(&error))?;
            let written = has_writer(&journal).await?;
            mark_orphaned(&mut record.job, written);
            match arguments.format.format {
                Format::Json => print_json(session, &record),
                Format::Table => {
                    session
                        .output
                        .key_values(&rows::fields(Record::Job(&record.job)));
                    print_changes(session, &record.changes);
                }
            }
            Ok(ExitCode::Done)
        }
    }
}

async fn list(
    session: &mut CommandContext,
    journal: &Journal,
    options: ListFormatOption,
) -> Result<ExitCode, Failure> {
    let fail = |error| Failure::from(&error);
    // A change that was tampered with counts for its job, and nobody knows for which before all were read.
    journal.verify().await.map_err(fail)?;
    let mut jobs = journal.jobs().await.map_err(fail)?;
    let written = has_writer(journal).await?;
    for job in &mut jobs {
        mark_orphaned(job, written);
    }
    let count = jobs.len() as u64;
    let summary = Summary {
        total: Some(count),
        loaded: count,
        complete: true,
        profiles: Vec::new(),
    };
    let items = jobs.into_iter().map(|job| Item::Job(Box::new(job)));
    item::list(
        &mut session.output,
        options.format,
        RecordKind::Job,
        items,
        &summary,
    )?;
    Ok(ExitCode::Done)
}

async fn has_writer(journal: &Journal) -> Result<bool, Failure> {
    let written = journal.has_writer().await;
    written.map_err(|error| Failure::from(&error))
}

/// A job that runs, or waits for a moment, in nobody's hands: what had it was killed before it could say so. Of a team's
/// job its holder tells that, of another one whether the journal has a writer.
fn mark_orphaned(job: &mut Job, written: bool) {
    let runs = job.holding.as_ref();
    if runs.map_or(written, |holding| !holding.is_free()) {
        return;
    }
    let waits = matches!(job.pause, Some((_, Some(_))));
    if job.state == JobState::Running || job.state == JobState::Paused && waits {
        job.state = JobState::Paused;
        job.pause = Some((PauseReason::Hangup, None));
    }
}
