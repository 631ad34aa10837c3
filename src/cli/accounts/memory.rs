//! The memory of what was seen, for what reads or keeps it.

use super::operator;
use crate::{
    cli::{context::CommandContext, seen_options::seen_options},
    runtime::seen_memory::SeenMemory,
    seen::SeenOptions,
};
use std::path::Path;

/// The memory of what was seen, as far as the installation's key is known. Files that are only looked at are no account.
pub(super) fn memory(session: &CommandContext, state: &Path) -> Option<SeenMemory> {
    let key = session.fingerprint.as_ref()?;
    if !session.from.from.is_empty() {
        return None;
    }
    let options = SeenOptions {
        // It is opened by a thread that steps back already, and steps back with it.
        thread_init: || {},
        ..seen_options(session, state, key, operator(session).host).ok()?
    };
    Some(SeenMemory::new(options, &operator(session).user))
}
