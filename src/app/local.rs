//! Statuses that we keep because the provider cannot: taken in from the journal, which alone holds them.

use super::{
    command::{Command, Refresh},
    effect::{DataEffect, Effect},
    message::Kept,
    model::{Context, DataUpdate},
};
use crate::entity::{
    error::JournalError,
    job::{InexactMapping, ProfileShare},
    key::{EntityKey, ProfileName, RemoteId},
    number::grouped,
};
use std::collections::HashMap;

/// Asks the journal for them.
pub fn load(context: Context<'_>) -> Effect {
    let bindings = context
        .data
        .profiles
        .iter()
        .map(|state| state.profile.binding.clone());
    Effect::Data(DataEffect::LoadLocals(bindings.collect()))
}

/// They came, or they did not: then the rows show what the providers say, and the operator is told.
pub fn on_loaded(update: &mut DataUpdate<'_>, result: Result<Box<Kept>, JournalError>) {
    match result {
        Ok(kept) => {
            take_in(update, *kept);
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
pub fn take_in(update: &mut DataUpdate<'_>, kept: Kept) {
    update.data.locals = kept.statuses.len();
    said_yes(update, kept.lossy);
    let mut by_profile = by_name(kept.statuses);
    let mut claims = by_name(kept.claims);
    let mut noted = by_name(kept.noted);
    for state in &update.data.profiles {
        let (name, table) = (&state.profile.binding.name, &mut update.data.table);
        table.set_locals(state.slot, by_profile.remove(name).unwrap_or_default());
        table.set_claims(state.slot, claims.remove(name).unwrap_or_default());
        table.set_noted(state.slot, noted.remove(name).unwrap_or_default());
    }
}

fn by_name<T>(all: Vec<(EntityKey, T)>) -> HashMap<ProfileName, Vec<(RemoteId, T)>> {
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
pub(super) fn said_yes(
    update: &mut DataUpdate<'_>,
    lossy: impl IntoIterator<Item = InexactMapping>,
) {
    let yes = lossy.into_iter().filter(|lossy| lossy.confirmed);
    update
        .data
        .lossy
        .extend(yes.map(|lossy| (lossy.profile, lossy.wanted, lossy.stored)));
}

/// `ProjectDiscovery 8 remote · Leaks.ai 5 local`: what goes where, by provider, in the order of the profiles.
pub fn shares_in_words(context: Context<'_>, shares: &[ProfileShare], separator: &str) -> String {
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
        .map(|(title, remote, local)| format!("{title} {}", remote_and_local(remote, local)))
        .collect();
    words.join(&format!(" {separator} "))
}

/// `8 remote`, `5 local`, or both.
pub fn remote_and_local(remote: usize, local: usize) -> String {
    let (remote_words, local_words) = (grouped(remote as u64), grouped(local as u64));
    match (remote, local) {
        (_, 0) => format!("{remote_words} remote"),
        (0, _) => format!("{local_words} local"),
        _ => format!("{remote_words} remote, {local_words} local"),
    }
}
