//! The installation's own key, which fingerprints and the ids of leaks in files are made with.

use super::{absolute_path, open_journal};
use crate::{
    cli::{context::CommandContext, failure::Failure},
    entity::fingerprint::FingerprintKey,
    journal::{self, OpenMode},
};
use std::path::Path;

/// The installation's key: the one that came with the journal, or what can be had without it.
pub(super) fn fingerprint(session: &mut CommandContext) -> Result<FingerprintKey, Failure> {
    if let Some(key) = &session.fingerprint {
        return Ok(key.clone());
    }
    // What needs no journal works without a place for one.
    let directory = match session.state_directory() {
        Ok(directory) => Some(absolute_path(&directory)?),
        Err(_) => None,
    };
    let key =
        journal::fingerprint_key(directory.as_deref()).map_err(|error| Failure::from(&error))?;
    session.fingerprint = Some(key.clone());
    Ok(key)
}

/// Makes the installation's key where there is none: ids of leaks in files are made with it, and have to be the same
/// the next time.
pub(in crate::cli) async fn make_key(session: &mut CommandContext, state: &Path) {
    if journal::has_key(state) {
        return;
    }
    match open_journal(session, state, OpenMode::Write).await {
        Ok(journal) => {
            if journal.fingerprint_key().await.is_ok() && journal::has_key(state) {
                journal.close().await;
                return;
            }
            journal.close().await;
        }
        Err(_) if journal::has_key(state) => return,
        Err(_) => {}
    }
    session.output.notice(
        "stanch: the state directory cannot be written: ids of leaks in files hold for this run only",
    );
}
