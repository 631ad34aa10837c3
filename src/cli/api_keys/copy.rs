//! Copies a secret out of a command, as the console does: by the configured way, where the policy allows it.

use crate::{
    cli::{
        connect,
        failure::{Failure, FailureKind},
        session::Session,
    },
    clipboard::{self, ClipboardError, Copied, Via},
    config::Config,
    entity::secret::Secret,
};
use std::os::unix::fs::DirBuilderExt as _;

/// Whether a copy could be made, as far as that can be told before there is anything to copy.
pub(super) fn can_be_copied(session: &Session, config: &Config) -> Result<(), Failure> {
    if !config.policy.copy_secrets {
        return Err(Failure::new(
            FailureKind::Policy,
            "the policy forbids copying secrets: [policy] copy_secrets = false",
            "--output FILE writes the key to a new file; without either it is shown once",
        ));
    }
    match connect::clipboard(session, config).0 {
        Via::Off => Err(failed(&ClipboardError::Off)),
        Via::Osc52 if !session.output.has_terminal() => Err(Failure::new(
            FailureKind::Usage,
            "a copy goes through the terminal, and standard error is none",
            "use --output FILE",
        )),
        Via::Osc52 | Via::Desktop | Via::Command(_) | Via::File => Ok(()),
    }
}

/// Copies it; answers what to tell the operator.
pub(super) fn copy(
    session: &mut Session,
    config: &Config,
    secret: &Secret,
) -> Result<String, Failure> {
    let (via, multiplexer) = connect::clipboard(session, config);
    let directory = session.state_directory()?;
    if via == Via::File {
        // Nothing else may have made it yet; where it cannot be made, the copy itself says so.
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&directory).ok();
    }
    let copy = clipboard::copy(secret.expose(), &via, multiplexer, &directory);
    let copy = copy.map_err(|error| failed(&error))?;
    if let Copied::Bytes(bytes) = copy.copied {
        session.output.terminal(&bytes);
    }
    Ok(copy.notice)
}

fn failed(error: &ClipboardError) -> Failure {
    Failure::new(
        FailureKind::Policy,
        error.to_string(),
        "--output FILE writes the key to a new file",
    )
}
