//! `stanch subscription`: plan and limits.

use super::{exit::ExitCode, failure::Failure, format::FormatOption, session::Session};

/// Shows plan and limits of every profile that tells.
pub async fn run(session: &mut Session, arguments: &FormatOption) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
