//! `--detach`: a job in a process of its own, in a session of its own, without a terminal. It outlives whoever
//! started it.

use super::{
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
};
use crate::entity::key::JobId;
use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

/// The line that the other process prints once the journal is its own.
const READY: &str = "ready";
/// What it says when it cannot is not longer than this.
const MAX_MESSAGE_BYTES: u64 = 4_096;

/// Starts a process that goes on with a job, and waits until it holds the journal's lock. The lock is free when this
/// is called.
pub(super) fn start(session: &CommandContext, id: JobId) -> Result<(), Failure> {
    let mut child = command(session, id)
        .and_then(|mut command| command.spawn())
        .map_err(|error| {
            Failure::new(
                FailureKind::Internal,
                format!("no process can be started: {}", error.kind()),
                format!("job {id} is recorded: stanch jobs resume {id} carries it out"),
            )
        })?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        // It ends without a line when the process ends.
        BufReader::new(out.take(MAX_MESSAGE_BYTES))
            .read_line(&mut line)
            .ok();
    }
    if line.trim() == READY {
        return Ok(());
    }
    Err(start_failure(child, id))
}

/// In the new process: a session of its own, so that nothing that happens to the terminal reaches it.
pub(super) fn leave_terminal() {
    // It fails only for the leader of a group, and that has no terminal to lose then.
    rustix::process::setsid().ok();
}

/// In the new process: the journal is its own.
pub(super) fn report_ready(session: &mut CommandContext) {
    session.output.text(&format!("{READY}\n"));
    session.output.flush();
}

fn command(session: &CommandContext, id: JobId) -> std::io::Result<Command> {
    let options = &session.options;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["jobs", "resume", &id.to_string(), "--yes", "--detached"]);
    command.arg("--quiet");
    if let Some(config) = &options.config {
        command.arg("--config").arg(config);
    }
    for profile in &options.profiles {
        command.args(["--profile", profile]);
    }
    if options.insecure_http {
        command.arg("--insecure-http");
    }
    if let Some(log) = &options.log {
        command.arg("--log").arg(log);
    }
    if options.verbose {
        command.arg("--verbose");
    }
    session.from.pass_on(&mut command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// What the process said before it ended.
fn start_failure(mut child: Child, id: JobId) -> Failure {
    let mut said = String::new();
    if let Some(errors) = child.stderr.take() {
        errors
            .take(MAX_MESSAGE_BYTES)
            .read_to_string(&mut said)
            .ok();
    }
    let code = child.wait().ok().and_then(|status| status.code());
    let first = said.lines().next().unwrap_or_default();
    let why = first.strip_prefix("stanch: ").unwrap_or(first);
    Failure {
        exit: code
            .and_then(|code| u8::try_from(code).ok())
            .map_or(ExitCode::Internal, ExitCode::from_code),
        ..Failure::new(
            FailureKind::Internal,
            format!("job {id} is recorded and does not run: {why}"),
            format!("stanch jobs resume {id} carries it out"),
        )
    }
}
