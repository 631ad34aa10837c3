//! Statuses that we keep because the provider cannot: taken in from the journal, which alone holds them.

use super::{answers, effect::Effect, input, message::Kept, model::Model, paging::grouped, view};
use crate::{
    action::Action,
    entity::{
        error::JournalError,
        job::{Lossy, PlanShare},
        key::ProfileName,
        status::Status,
    },
};
use std::collections::HashMap;

/// Asks the journal for them.
pub fn load(model: &Model) -> Effect {
    let bindings = model
        .profiles
        .iter()
        .map(|state| state.profile.binding.clone());
    Effect::LoadLocals(bindings.collect())
}

/// They came, or they did not: then the rows show what the providers say, and the operator is told.
pub fn on_loaded(model: &mut Model, result: Result<Box<Kept>, JournalError>) -> Vec<Effect> {
    match result {
        Ok(kept) => {
            take_in(model, *kept);
            view::refresh_soon(model, true);
            Vec::new()
        }
        Err(error) => answers::said(
            model,
            Err(error.to_string()),
            "the statuses that are kept here cannot be read",
        ),
    }
}

/// Puts what the journal keeps into the table, for rows that are here and rows that come later. For a run without a
/// console too.
pub fn take_in(model: &mut Model, kept: Kept) {
    model.locals = kept.statuses.len();
    said_yes(model, kept.lossy);
    let mut by_profile: HashMap<ProfileName, Vec<_>> = HashMap::new();
    for (key, local) in kept.statuses {
        by_profile
            .entry(key.profile)
            .or_default()
            .push((key.id, local));
    }
    for state in &model.profiles {
        let locals = by_profile.remove(&state.profile.binding.name);
        model
            .table
            .set_locals(state.slot, locals.unwrap_or_default());
    }
}

/// The operator has said yes to these: they are not asked about again.
pub(super) fn said_yes(model: &mut Model, lossy: impl IntoIterator<Item = Lossy>) {
    let yes = lossy.into_iter().filter(|lossy| lossy.confirmed);
    model
        .lossy
        .extend(yes.map(|lossy| (lossy.profile, lossy.wanted, lossy.stored)));
}

/// The key that sets a status on the targets; none where no action wants it.
pub fn key_that_sets(model: &Model, status: Status) -> Option<String> {
    let action = match status {
        Status::New => Action::SetNew,
        Status::Investigating => Action::SetInvestigating,
        Status::Open => Action::Reopen,
        Status::Fixed => Action::MarkFixed,
        Status::FalsePositive => Action::SetFalsePositive,
        Status::Unknown => return None,
    };
    let keymap = &model.setup.keymap;
    keymap
        .keys_for(input::contexts(model), action)
        .into_iter()
        .next()
}

/// `ProjectDiscovery 8 remote · Leaks.ai 5 local`: what goes where, by provider, in the order of the profiles.
pub fn shares_in_words(model: &Model, shares: &[PlanShare], separator: &str) -> String {
    let mut sums: Vec<(&str, usize, usize)> = Vec::new();
    for state in &model.profiles {
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
