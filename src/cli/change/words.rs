//! The plan in words, for a person.

use crate::{
    entity::{
        job::{InexactMapping, Place, Plan, SkipCode},
        number::grouped,
        status::Status,
    },
    provider::registration,
};
use std::collections::BTreeMap;

/// What will change, what is left alone and why, what it costs, and the beginning of the hash. All of it is ours or
/// plain: profile names have a safe spelling.
pub(super) fn plan(plan: &Plan) -> String {
    let mut lines = vec![headline(plan)];
    lines.extend(places(plan));
    for share in &plan.shares {
        let binding = &share.binding;
        lines.push(format!(
            "{} at {}, profile {}",
            grouped((share.remote + share.local) as u64),
            binding.provider,
            binding.name
        ));
        if let Some(beyond) = share.reach.beyond_row() {
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
        .map(|(status, count)| format!("{} {status}", grouped(count)))
        .collect();
    if !plan.eligible.is_empty() {
        lines.push(format!("now: {}; then: {}", now.join(", "), then(plan)));
    }
    lines.extend(plan.lossy.iter().map(lossy));
    for (reason, count) in reasons(plan) {
        lines.push(format!("skipped: {} {reason}", grouped(count)));
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
fn places(plan: &Plan) -> Option<String> {
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
        (count > 0).then(|| format!("{} {place}", grouped(count as u64)))
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
fn then(plan: &Plan) -> String {
    let mut statuses: BTreeMap<Status, u64> = BTreeMap::new();
    for change in &plan.eligible {
        let status = match change.place {
            // The provider's word is told with what it loses.
            Place::Both => plan.wanted,
            Place::Remote | Place::Local => change.wanted,
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
                format!("{} {status}", grouped(count))
            }
        })
        .collect();
    statuses.join(", ")
}

/// What a provider makes of a status that it does not have.
fn lossy(lossy: &InexactMapping) -> String {
    let again = if lossy.confirmed {
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
