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
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub id: i64,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Reads the journal.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, command))).await
}
