//! Updates of changes as the server takes them: in groups that share the step.

use crate::{
    entity::{job::ChangeUpdate, status::Status},
    journal::encoding,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the changes of a group have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Step<'a> {
    from: i64,
    was: u32,
    state: i64,
    attempts: u32,
    code: Option<u16>,
    reason: Option<&'a str>,
    kept: Option<u8>,
}

/// Returns updates in groups. `kept` is the status that is kept here beside what the provider stores, for the changes
/// that have one.
pub(super) fn of(updates: &[ChangeUpdate], kept: &BTreeMap<u32, Status>) -> Value {
    let mut groups: BTreeMap<Step<'_>, Vec<u32>> = BTreeMap::new();
    for update in updates {
        let (from, was) = update.step.origin();
        let step = Step {
            from: encoding::state_number(from),
            was,
            state: encoding::state_number(update.state()),
            attempts: update.step.attempts(),
            code: update.step.code(),
            reason: update.step.reason(),
            kept: kept.get(&update.index).map(|status| *status as u8),
        };
        groups.entry(step).or_default().push(update.index);
    }
    groups
        .into_iter()
        .map(|(step, idx)| {
            json!({
                "from": step.from, "was": step.was, "state": step.state, "attempts": step.attempts,
                "code": step.code, "reason": step.reason, "kept": step.kept, "idx": idx,
            })
        })
        .collect()
}
