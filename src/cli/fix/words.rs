//! The plan in words, for a person.

use crate::{
    app::paging::grouped,
    entity::{job::Plan, status::Status},
};
use std::collections::BTreeMap;

/// What will change, what is left alone and why, what it costs, and the beginning of the hash. All of it is ours or
/// plain: profile names have a safe spelling.
pub(super) fn plan(plan: &Plan) -> String {
    let mut lines = vec![headline(plan)];
    for share in &plan.shares {
        let binding = &share.binding;
        lines.push(format!(
            "{} at {}, profile {}",
            grouped((share.remote + share.local) as u64),
            binding.provider,
            binding.name
        ));
    }
    let mut now: BTreeMap<Status, u64> = BTreeMap::new();
    for change in &plan.eligible {
        *now.entry(change.before).or_default() += 1;
    }
    let now: Vec<_> = now
        .into_iter()
        .map(|(status, count)| format!("{} {status}", grouped(count)))
        .collect();
    if let Some(change) = plan.eligible.first() {
        lines.push(format!("now: {}; then: {}", now.join(", "), change.wanted));
    }
    for (reason, count) in reasons(plan) {
        lines.push(format!("skipped: {} {reason}", grouped(count)));
    }
    if plan.requests > 0 {
        let many =
            |count, one: &'static str, more: &'static str| if count == 1 { one } else { more };
        let requests = many(plan.requests, "request", "requests");
        let reads = many(plan.reads, "read", "reads");
        let time = plan
            .eta_seconds
            .map_or_else(String::new, |seconds| format!(", about {seconds} s"));
        lines.push(format!(
            "{} write {requests}, about {} {reads} to verify{time}",
            plan.requests, plan.reads
        ));
    }
    lines.push(format!(
        "plan {}",
        plan.hash.get(..12).unwrap_or(&plan.hash)
    ));
    lines.join("\n") + "\n"
}

/// `10 will change, 2 skipped: already fixed`.
pub(super) fn headline(plan: &Plan) -> String {
    let eligible = grouped(plan.eligible.len() as u64);
    if plan.skipped.is_empty() {
        return format!("{eligible} will change");
    }
    let reasons: Vec<_> = reasons(plan).into_keys().collect();
    let skipped = grouped(plan.skipped.len() as u64);
    format!(
        "{eligible} will change, {skipped} skipped: {}",
        reasons.join(", ")
    )
}

fn reasons(plan: &Plan) -> BTreeMap<&str, u64> {
    let mut reasons = BTreeMap::new();
    for skipped in &plan.skipped {
        *reasons.entry(&skipped.reason[..]).or_default() += 1;
    }
    reasons
}
