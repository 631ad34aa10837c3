//! When changes were verified, as the events of their job say.

use super::Journal;
use crate::entity::{error::JournalError, job::ChangeState, key::JobId};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

impl Journal {
    /// Returns when the journal committed that changes of a job are verified, by index.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn verified_at(&self, job: JobId) -> Result<BTreeMap<u32, Timestamp>, JournalError> {
        self.request(move |store| store.verified_at(job)).await
    }
}

/// Returns the moments of a job's events, by the changes that each says are verified. The events are in their order; a
/// verified change stays so, so its first moment counts.
pub(super) fn times(
    events: impl IntoIterator<Item = (Timestamp, Value)>,
) -> BTreeMap<u32, Timestamp> {
    let mut times = BTreeMap::new();
    for (at, detail) in events {
        for index in verified(&detail) {
            times.entry(index).or_insert(at);
        }
    }
    times
}

/// The indexes of the changes that an event says are verified: `0-99,105`.
fn verified(detail: &Value) -> Vec<u32> {
    let state = ChangeState::Verified.to_string();
    let ranges = detail
        .get("changes")
        .and_then(|changes| changes.get(&state)?.as_str());
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?)
    };
    let ranges = ranges.unwrap_or_default().split(',').filter_map(range);
    ranges.flatten().collect()
}
