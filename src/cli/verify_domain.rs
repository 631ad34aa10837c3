//! `stanch verify-domain`: proofs of ownership.

use super::{
    exit::ExitCode,
    failure::Failure,
    format::{FormatOption, ListFormatOption},
    session::Session,
};
use crate::entity::report::VerificationType;

/// The calls of a proof.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// Ask for what to publish.
    Request(ProofArguments),
    /// Ask the provider to look for it.
    Confirm(ConfirmArguments),
    /// Give the proof up.
    Drop(ProofArguments),
    /// List all proofs.
    Status(ListFormatOption),
}

/// `request` and `drop`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ProofArguments {
    /// The root domain.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// How.
    #[arg(long = "type", value_name = "TYPE", default_value = "dns", value_parser = super::parse::verification())]
    pub how: VerificationType,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `confirm`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ConfirmArguments {
    /// Which proof.
    #[command(flatten)]
    pub proof: ProofArguments,
    /// Whom the provider shall tell.
    #[arg(long, value_name = "ADDR")]
    pub email: Option<String>,
}

/// Makes, checks, drops or lists proofs.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, command))).await
}
