//! `stanch jobs`: what the journal holds.

use super::{
    exit::ExitCode,
    failure::Failure,
    format::{FormatOption, ListFormatOption},
    session::Session,
};

/// What can be read of jobs.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the jobs, the newest first.
    List(ListFormatOption),
    /// Show one job with its changes.
    Show(ShowArguments),
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

/// Reads the journal.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, command))).await
}
