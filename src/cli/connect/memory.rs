//! The memory of what was seen, for what reads or keeps it.

use super::{absolute, who};
use crate::{
    cli::{failure::Failure, session::Session, store::options::options},
    entity::{fingerprint::FingerprintKey, seen::MarkKey},
    runtime::seen_memory::SeenMemory,
    seen::SeenOptions,
};
use std::path::Path;

/// How the memory is opened: in the team's store where there is one whose key this installation has, else in the state
/// directory. Marks of two keys have nothing to do with one another, so without the team's key nothing can be shared.
pub(in crate::cli) fn seen_options(
    session: &Session,
    state: &Path,
    key: &FingerprintKey,
) -> Result<SeenOptions, Failure> {
    Ok(SeenOptions {
        directory: absolute(state)?,
        marks: MarkKey::of(key),
        now: || jiff::Timestamp::now().as_second(),
        thread_init: session.on_thread,
        max_pages: None,
        team: options(session)?.filter(|team| team.fingerprint.is_some()),
        seat: who(session).host,
    })
}

/// The memory of what was seen, as far as the installation's key is known. Files that are only looked at are no account.
pub(super) fn memory(session: &Session, state: &Path) -> Option<SeenMemory> {
    let key = session.fingerprint.as_ref()?;
    if !session.from.from.is_empty() {
        return None;
    }
    let options = SeenOptions {
        // It is opened by a thread that steps back already, and steps back with it.
        thread_init: || {},
        ..seen_options(session, state, key).ok()?
    };
    Some(SeenMemory::new(options, &who(session).user))
}
