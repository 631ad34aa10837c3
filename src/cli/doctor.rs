//! `stanch doctor`: whether everything is in order.

use super::{exit::ExitCode, failure::Failure, format::FormatOption, session::Session};

/// Checks configuration, keys, providers and journal.
pub async fn run(session: &mut Session, arguments: &FormatOption) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
