//! The plan in words, for a person.

use crate::{
    entity::{
        job::{InexactMapping, Plan, SkipCode, StorageTarget},
        number::group_digits,
        status::Status,
    },
    provider::registration,
};
use std::collections::BTreeMap;

/// What will change, what is left alone and why, what it costs, and the beginning of the hash. All of it is ours or
/// plain: profile names have a safe spelling.
pub(super) fn format_plan(plan: &Plan) -> String {
    let mut lines = vec![headline(plan)];
    lines.extend(storage_counts(plan));
    for share in &plan.shares {
        let binding = &share.binding;
        lines.push(format!(
            "{} at {}, profile {}",
            group_digits((share.remote + share.local) as u64),
            binding.provider,
            binding.name
        ));
        if let Some(beyond) = share.reach.extra_scope() {
            lines.push(format!(
                "note: at {} this also changes {beyond}, named or not",
                binding.provider
            ));
        }
    }
    let mut now: BTreeMap<Status, u64> = BTreeMap::new();
    for change in &plan.eligible {
        *now.entry(change.before).or_default() += 1;
    }
    let now: Vec<_> = now
        .into_iter()
        .map(|(status, count)| format!("{} {status}", group_digits(count)))
        .collect();
    if !plan.eligible.is_empty() {
        lines.push(format!(
            "now: {}; then: {}",
            now.join(", "),
            status_summary(plan)
        ));
    }
    lines.extend(plan.inexact_mappings.iter().map(mapping_note));
    for (reason, count) in reasons(plan) {
        lines.push(format!("skipped: {} {reason}", group_digits(count)));
    }
    if plan
        .skipped
        .iter()
        .any(|left| left.code == SkipCode::Closed)
    {
        lines.push("--include-closed takes in what is closed as something else".to_owned());
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

/// `ProjectDiscovery 8 remote · Leaks.ai 5 local`: where the changes will be kept.
fn storage_counts(plan: &Plan) -> Option<String> {
    let mut places: Vec<(&str, usize, usize)> = Vec::new();
    for share in &plan.shares {
        let id = share.binding.provider.as_str();
        let title = registration(id).map_or(id, |row| row.title);
        match places.iter_mut().find(|(known, ..)| *known == title) {
            Some((_, remote, local)) => {
                *remote += share.remote;
                *local += share.local;
            }
            None => places.push((title, share.remote, share.local)),
        }
    }
    let count = |count: usize, place: &str| {
        (count > 0).then(|| format!("{} {place}", group_digits(count as u64)))
    };
    let places: Vec<_> = places
        .into_iter()
        .filter(|(_, remote, local)| remote + local > 0)
        .map(|(title, remote, local)| {
            let counts = [count(remote, "remote"), count(local, "local")];
            let counts: Vec<_> = counts.into_iter().flatten().collect();
            format!("{title} {}", counts.join(" "))
        })
        .collect();
    (!places.is_empty()).then(|| places.join(" · "))
}

/// What the changes come to: mostly one status, each with its number where there are several.
fn status_summary(plan: &Plan) -> String {
    let mut statuses: BTreeMap<Status, u64> = BTreeMap::new();
    for change in &plan.eligible {
        let status = match change.storage_target {
            // The provider's word is told with what it loses.
            StorageTarget::Both => plan.wanted,
            StorageTarget::Remote | StorageTarget::Local => change.wanted,
        };
        *statuses.entry(status).or_default() += 1;
    }
    let one = statuses.len() == 1;
    let statuses: Vec<_> = statuses
        .into_iter()
        .map(|(status, count)| {
            // Only what we kept is taken away: nothing can be set to unknown.
            let status = match status {
                Status::Unknown => "no status".to_owned(),
                status => status.to_string(),
            };
            if one {
                status
            } else {
                format!("{} {status}", group_digits(count))
            }
        })
        .collect();
    statuses.join(", ")
}

/// What a provider makes of a status that it does not have.
fn mapping_note(lossy: &InexactMapping) -> String {
    let again = if lossy.is_confirmed {
        ", as confirmed before"
    } else {
        ""
    };
    format!(
        "note: {} stores {} as {}{again}; {} is kept by us",
        lossy.profile, lossy.wanted, lossy.stored, lossy.wanted
    )
}

/// `10 will change, 2 skipped: already fixed`.
pub(super) fn headline(plan: &Plan) -> String {
    let eligible = group_digits(plan.eligible.len() as u64);
    if plan.skipped.is_empty() {
        return format!("{eligible} will change");
    }
    let reasons: Vec<_> = reasons(plan).into_keys().collect();
    let skipped = group_digits(plan.skipped.len() as u64);
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
