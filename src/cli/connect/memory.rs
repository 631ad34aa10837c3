//! The memory of what was seen, for what reads or keeps it.

use super::who;
use crate::{
    cli::{seen_options::seen_options, session::Session},
    runtime::seen_memory::SeenMemory,
    seen::SeenOptions,
};
use std::path::Path;

/// The memory of what was seen, as far as the installation's key is known. Files that are only looked at are no account.
pub(super) fn memory(session: &Session, state: &Path) -> Option<SeenMemory> {
    let key = session.fingerprint.as_ref()?;
    if !session.from.from.is_empty() {
        return None;
    }
    let options = SeenOptions {
        // It is opened by a thread that steps back already, and steps back with it.
        thread_init: || {},
        ..seen_options(session, state, key, who(session).host).ok()?
    };
    Some(SeenMemory::new(options, &who(session).user))
}
