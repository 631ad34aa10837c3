//! Copies a secret out of a command, as the console does: by the configured way, where the policy allows it.

use crate::{
    cli::{
        accounts,
        context::CommandContext,
        failure::{Failure, FailureKind},
    },
    clipboard::{self, ClipboardError, ClipboardTarget, CopyTarget},
    config::Config,
    entity::secret::Secret,
};
use std::os::unix::fs::DirBuilderExt as _;

/// Whether a copy could be made, as far as that can be told before there is anything to copy.
pub(super) fn check_copy_allowed(session: &CommandContext, config: &Config) -> Result<(), Failure> {
    if !config.policy.copy_secrets {
        return Err(Failure::new(
            FailureKind::Policy,
            "the policy forbids copying secrets: [policy] copy_secrets = false",
            "--output FILE writes the key to a new file; without either it is shown once",
        ));
    }
    match accounts::clipboard(session, config).0 {
        ClipboardTarget::Off => Err(copy_failure(&ClipboardError::Off)),
        ClipboardTarget::Osc52 if !session.output.has_terminal() => Err(Failure::new(
            FailureKind::Usage,
            "a copy goes through the terminal, and standard error is none",
            "use --output FILE",
        )),
        ClipboardTarget::Osc52
        | ClipboardTarget::Desktop
        | ClipboardTarget::Command(_)
        | ClipboardTarget::File => Ok(()),
    }
}

/// Copies it; answers what to tell the operator.
pub(super) fn copy(
    session: &mut CommandContext,
    config: &Config,
    secret: &Secret,
) -> Result<String, Failure> {
    let (via, multiplexer) = accounts::clipboard(session, config);
    let directory = session.state_directory()?;
    if via == ClipboardTarget::File {
        // Nothing else may have made it yet; where it cannot be made, the copy itself says so.
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&directory).ok();
    }
    let copy = clipboard::copy(secret.expose(), &via, multiplexer, &directory);
    let copy = copy.map_err(|error| copy_failure(&error))?;
    if let CopyTarget::Bytes(bytes) = copy.target {
        session.output.terminal(&bytes);
    }
    Ok(copy.notice)
}

fn copy_failure(error: &ClipboardError) -> Failure {
    Failure::new(
        FailureKind::Policy,
        error.to_string(),
        "--output FILE writes the key to a new file",
    )
}
