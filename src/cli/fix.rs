//! `stanch leaks fix|reopen`: plan, confirm, journal, send, read back.

use super::{exit::ExitCode, failure::Failure, format::FormatOption, session::Session};
use std::path::PathBuf;

/// What the leaks shall become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Fixed.
    Fix,
    /// Open again.
    Reopen,
}

/// `fix` and `reopen`. Exactly one of filter, file and keys is given.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[group(id = "targets", required = true, multiple = false, args = ["filter", "ids_from", "keys"])]
pub struct Arguments {
    /// All leaks that match.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The keys in this file, one a line; - is standard input.
    #[arg(long, value_name = "FILE|-")]
    pub ids_from: Option<PathBuf>,
    /// These leaks: profile:leak:id, or the id alone when one profile is in play.
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Refuse unless exactly this many changes will be made.
    #[arg(long, value_name = "N")]
    pub expect_count: Option<usize>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Changes leaks.
pub async fn run(
    session: &mut Session,
    change: Change,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, &(change, arguments)))).await
}
