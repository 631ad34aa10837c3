//! The memory of what was seen, for what reads or keeps it.

use super::{absolute, who};
use crate::{
    cli::session::Session, entity::seen::MarkKey, runtime::seen_memory::SeenMemory,
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
        directory: absolute(state).ok()?,
        marks: MarkKey::of(key),
        now: || jiff::Timestamp::now().as_second(),
        // It is opened by a thread that steps back already, and steps back with it.
        thread_init: || {},
        max_pages: None,
    };
    Some(SeenMemory::new(options, &who(session).user))
}
