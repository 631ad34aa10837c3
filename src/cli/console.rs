//! `stanch`: the console.

use super::{exit::ExitCode, failure::Failure, session::Session};

/// What the console shows at first.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// Show only what matches.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
}

/// Opens the console on the configured profiles.
pub async fn run(session: &mut Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
