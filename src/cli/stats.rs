//! `stanch stats`: public statistics.

use super::{exit::ExitCode, failure::Failure, format::FormatOption, session::Session};

/// What they are asked about.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// A domain.
    Domain(DomainArguments),
    /// An address.
    Email(EmailArguments),
}

/// `domain`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct DomainArguments {
    /// The domain.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `email`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct EmailArguments {
    /// The address.
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// Ask for addresses in full.
    #[arg(long)]
    pub unmask_email: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Asks for statistics.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, command))).await
}
