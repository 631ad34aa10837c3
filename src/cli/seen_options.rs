//! Where what was seen is remembered: on this host, or in the store of a team.

use super::{context::CommandContext, failure::Failure, store::options::options};
use crate::{
    entity::{fingerprint::FingerprintKey, seen::MarkKey},
    seen::SeenOptions,
};
use std::path::Path;

/// How the memory is opened: in the team's store where there is one whose key this installation has, else in the state
/// directory. Marks of two keys have nothing to do with one another, so without the team's key nothing
/// can be shared. `seat` is this host, for colleagues.
pub(in crate::cli) fn seen_options(
    session: &CommandContext,
    state: &Path,
    key: &FingerprintKey,
    seat: String,
) -> Result<SeenOptions, Failure> {
    Ok(SeenOptions {
        directory: std::path::absolute(state).unwrap_or_else(|_| state.to_path_buf()),
        marks: MarkKey::of(key),
        now: || jiff::Timestamp::now().as_second(),
        thread_init: session.on_thread_start,
        max_pages: None,
        team: options(session)?.filter(|team| team.fingerprint.is_some()),
        seat,
    })
}
