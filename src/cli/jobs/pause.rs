//! `stanch jobs pause`: asks the console of a colleague to pause the job that it runs.

use super::PauseArguments;
use crate::{
    cli::{
        accounts,
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
    },
    entity::key::JobId,
    export::json,
    journal::OpenMode,
};

/// Asks for it; the console that runs the job obeys after the answer that is under way.
pub(super) async fn run(
    session: &mut CommandContext,
    arguments: &PauseArguments,
) -> Result<ExitCode, Failure> {
    let id = JobId(arguments.id);
    if !arguments.yes && session.output.can_prompt() {
        session.output.prompt(&format!(
            "ask the console that runs job {id} to pause it? [y/N] "
        ));
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        if read.is_err() || !matches!(answer.trim(), "y" | "yes") {
            return Err(Failure::new(
                FailureKind::Cancelled,
                "nothing was asked",
                "answer y, or give --yes",
            ));
        }
    }
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Write).await?;
    let asked = journal.ask_pause(id).await;
    journal.close().await;
    if !asked.map_err(|error| Failure::from(&error))? {
        return Err(Failure::new(
            FailureKind::Unsupported,
            "the journal of one host has one console: nobody else can be asked",
            "press p in the console that runs the job",
        ));
    }
    match arguments.format.format {
        Format::Json => session.output.json(&json::answer(
            "asked",
            &serde_json::json!({"job": arguments.id, "what": "pause"}),
        )),
        Format::Table => session.output.text(&format!(
            "the console that runs job {id} was asked to pause it\n"
        )),
    }
    Ok(ExitCode::Done)
}
