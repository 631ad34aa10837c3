//! `stanch associated`: related domains.

use super::{exit::ExitCode, failure::Failure, format::ListFormatOption, session::Session};

/// `stanch associated`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// One domain; all verified ones unless it is given.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only from these sources, with commas between them.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub source: Vec<String>,
    /// Only active ones.
    #[arg(long)]
    pub active: bool,
    /// In the order of this field of the provider's.
    #[arg(long, value_name = "FIELD")]
    pub sort: Option<String>,
    /// Names alone, one a line.
    #[arg(long)]
    pub raw: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// Lists related domains.
pub async fn run(session: &mut Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
