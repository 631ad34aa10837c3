//! `stanch jobs`: what the journal holds.

use super::{
    connect,
    entities::{
        emit::{self, Item},
        rows,
    },
    exit::ExitCode,
    failure::Failure,
    format::{Format, FormatOption, ListFormatOption},
    output::Column,
    session::Session,
};
use crate::{
    entity::{
        job::{Change, JobRecord},
        key::JobId,
    },
    export::{Noun, Record, Summary, json},
    journal::{Journal, OpenMode},
};

mod discard;

/// What can be done with jobs.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the jobs, the newest first.
    List(ListFormatOption),
    /// Show one job with its changes.
    Show(ShowArguments),
    /// Give up what of an interrupted job was not sent; its leaks are free for other jobs then.
    Discard(DiscardArguments),
}

/// `discard`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct DiscardArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = number)]
    pub id: i64,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `show`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ShowArguments {
    /// The job's number.
    #[arg(value_name = "ID", value_parser = number)]
    pub id: i64,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

fn number(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= 1)
        .ok_or_else(|| "a job's number, from 1".to_owned())
}

/// Reads the journal, or discards a job in it.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    if let Command::Discard(arguments) = command {
        let (id, format) = (JobId(arguments.id), arguments.format.format);
        return discard::run(session, id, arguments.yes, format).await;
    }
    // Neither configuration nor provider has a part in it: what was sent must be readable when both are gone.
    let state = session.state_directory()?;
    let journal = connect::open_journal(session, &state, OpenMode::Read).await?;
    match command {
        // It was carried out above, with other means.
        Command::Discard(_) => Ok(ExitCode::Done),
        Command::List(options) => list(session, &journal, *options).await,
        Command::Show(arguments) => {
            let job = journal.job(JobId(arguments.id)).await;
            let record = job.map_err(|error| Failure::from(&error))?;
            match arguments.format.format {
                Format::Json => print_json(session, &record),
                Format::Table => {
                    session
                        .output
                        .fields(&rows::fields(Record::Job(&record.job)));
                    print_changes(session, &record.changes);
                }
            }
            Ok(ExitCode::Done)
        }
    }
}

async fn list(
    session: &mut Session,
    journal: &Journal,
    options: ListFormatOption,
) -> Result<ExitCode, Failure> {
    let jobs = journal
        .jobs()
        .await
        .map_err(|error| Failure::from(&error))?;
    let count = jobs.len() as u64;
    let summary = Summary {
        total: Some(count),
        loaded: count,
        complete: true,
        profiles: Vec::new(),
    };
    let items = jobs.into_iter().map(|job| Item::Job(Box::new(job)));
    emit::list(
        &mut session.output,
        options.format,
        Noun::Job,
        items,
        &summary,
    )?;
    Ok(ExitCode::Done)
}

/// A job with its changes, as JSON.
pub(super) fn print_json(session: &mut Session, record: &JobRecord) {
    let job = json::job_json(&record.job, Some(&record.changes));
    session.output.json(&json::answer("job", job));
}

/// Changes in a table.
pub(super) fn print_changes(session: &mut Session, changes: &[Change]) {
    let lines: Vec<_> = changes
        .iter()
        .map(|change| {
            vec![
                rows::word(change.state.outcome()),
                rows::either(change.code),
                rows::either(change.before),
                rows::word(change.wanted),
                rows::either(change.reason.as_deref()),
                rows::word(&change.key),
            ]
        })
        .collect();
    let columns = [
        Column::text("OUTCOME"),
        Column::number("CODE"),
        Column::text("BEFORE"),
        Column::text("WANTED"),
        Column::text("REASON"),
        Column::whole("KEY"),
    ];
    if !lines.is_empty() {
        session.output.table(&columns, &lines);
    }
}
