//! `stanch export`: leaks into a new file.

use super::{exit::ExitCode, failure::Failure, session::Session};
use std::path::PathBuf;

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FileFormat {
    /// Comma-separated values, made inert.
    Csv,
    /// One object with all items.
    Json,
    /// One item a line.
    Jsonl,
}

/// How the leaks are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Via {
    /// Through the provider's list.
    #[default]
    List,
    /// Through the provider's own export operation, where it has one.
    Provider,
}

/// `stanch export`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Only what matches.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The form of the file.
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: FileFormat,
    /// The file; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// How the leaks are read.
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub via: Via,
}

/// Writes leaks to a new file.
pub async fn run(session: &mut Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
