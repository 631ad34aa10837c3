//! Statuses that we keep because the provider cannot: taken in from the journal, which alone holds them.

use super::{
    command::{Command, Refresh},
    effect::{DataEffect, Effect},
    message::LocalRecords,
    model::{Context, DataUpdate},
};
use crate::entity::{
    error::JournalError,
    job::{InexactMapping, ProfileShare},
    key::{EntityKey, ProfileName, RemoteId},
    number::group_digits,
};
use std::collections::HashMap;

/// Asks the journal for them.
pub fn load(context: Context<'_>) -> Effect {
    let bindings = context
        .data
        .profiles
        .iter()
        .map(|state| state.profile.binding.clone());
    Effect::Data(DataEffect::LoadLocalRecords(bindings.collect()))
}

/// They came, or they did not: then the rows show what the providers say, and the operator is told.
pub fn on_loaded(update: &mut DataUpdate<'_>, result: Result<Box<LocalRecords>, JournalError>) {
    match result {
        Ok(kept) => {
            apply_local_records(update, *kept);
            update.commands.push(Command::AnnotationsChanged);
            update.refresh(Refresh::Soon { at_once: true });
        }
        Err(error) => {
            let now = update.now.since_start;
            let failed = "the local statuses cannot be read";
            update.notices.report(Err(error.to_string()), failed, now);
        }
    }
}

/// Puts what the journal keeps into the table, for rows that are here and rows that come later. For a run without a
/// console too.
pub fn apply_local_records(update: &mut DataUpdate<'_>, kept: LocalRecords) {
    update.data.local_status_count = kept.statuses.len();
    accept_mappings(update, kept.accepted_mappings);
    let mut by_profile = group_by_profile(kept.statuses);
    let mut claims = group_by_profile(kept.claims);
    let mut noted = group_by_profile(kept.last_notes);
    for state in &update.data.profiles {
        let (name, table) = (&state.profile.binding.name, &mut update.data.table);
        table.set_local_statuses(state.slot, by_profile.remove(name).unwrap_or_default());
        table.set_claims(state.slot, claims.remove(name).unwrap_or_default());
        table.set_last_notes(state.slot, noted.remove(name).unwrap_or_default());
    }
}

fn group_by_profile<T>(all: Vec<(EntityKey, T)>) -> HashMap<ProfileName, Vec<(RemoteId, T)>> {
    let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
    for (key, value) in all {
        by_name
            .entry(key.profile)
            .or_default()
            .push((key.id, value));
    }
    by_name
}

/// The operator has said yes to these: they are not asked about again.
pub(super) fn accept_mappings(
    update: &mut DataUpdate<'_>,
    lossy: impl IntoIterator<Item = InexactMapping>,
) {
    let yes = lossy.into_iter().filter(|lossy| lossy.is_confirmed);
    update
        .data
        .accepted_mappings
        .extend(yes.map(|lossy| (lossy.profile, lossy.wanted, lossy.stored)));
}

/// `ProjectDiscovery 8 remote · Leaks.ai 5 local`: what goes where, by provider, in the order of the profiles.
pub fn format_shares(context: Context<'_>, shares: &[ProfileShare], separator: &str) -> String {
    let mut sums: Vec<(&str, usize, usize)> = Vec::new();
    for state in &context.data.profiles {
        let binding = &state.profile.binding;
        let Some(share) = shares.iter().find(|share| share.binding == *binding) else {
            continue;
        };
        let title = &state.profile.provider_title[..];
        match sums.iter_mut().find(|(known, _, _)| *known == title) {
            Some(sum) => (sum.1, sum.2) = (sum.1 + share.remote, sum.2 + share.local),
            None => sums.push((title, share.remote, share.local)),
        }
    }
    let words: Vec<_> = sums
        .into_iter()
        .map(|(title, remote, local)| format!("{title} {}", format_share(remote, local)))
        .collect();
    words.join(&format!(" {separator} "))
}

/// `8 remote`, `5 local`, or both.
pub fn format_share(remote: usize, local: usize) -> String {
    let (remote_words, local_words) = (group_digits(remote as u64), group_digits(local as u64));
    match (remote, local) {
        (_, 0) => format!("{remote_words} remote"),
        (0, _) => format!("{local_words} local"),
        _ => format!("{remote_words} remote, {local_words} local"),
    }
}
