//! `stanch completions`: what a shell needs to complete our commands.

use super::{exit::ExitCode, session::Session};
use clap::CommandFactory as _;

/// `stanch completions`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the completions of a shell.
pub fn run(session: &mut Session, arguments: &Arguments) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::Arguments::command(),
        "stanch",
        &mut script,
    );
    session.output.bytes(&script);
    ExitCode::Done
}
