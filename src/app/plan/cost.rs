//! What a plan costs: who contributes what, how many requests that takes, and how long.

use crate::{
    app::model::Context,
    entity::{
        capability::Reach,
        job::{PlannedChange, ProfileShare, StorageTarget},
    },
};
use std::collections::BTreeMap;

/// What each profile contributes.
pub(super) fn shares(context: Context<'_>, eligible: &[PlannedChange]) -> Vec<ProfileShare> {
    let mut counts: BTreeMap<_, (usize, usize, Reach)> = BTreeMap::new();
    // They come in the order of their keys: those of a profile one after the other.
    let of_profiles = eligible.chunk_by(|one, two| one.key.profile == two.key.profile);
    for changes in of_profiles {
        let Some(first) = changes.first() else {
            continue;
        };
        let is_local = |change: &&PlannedChange| change.storage_target == StorageTarget::Local;
        let kept = changes.iter().filter(is_local).count();
        let reached = reach(context, changes);
        let (remote, local, widest) = counts.entry(first.key.profile.clone()).or_default();
        *remote += changes.len() - kept;
        *local += kept;
        *widest = reached.max(*widest);
    }
    counts
        .into_iter()
        .filter_map(|(name, (remote, local, reach))| {
            let profile = &context.data.profile(&name)?.profile;
            Some(ProfileShare {
                binding: profile.binding.clone(),
                remote,
                local,
                bulk_size: profile.capabilities.bulk_size,
                reach,
            })
        })
        .collect()
}

/// The widest reach of changes of one profile that are sent.
fn reach(context: Context<'_>, changes: &[PlannedChange]) -> Reach {
    let profile = changes
        .first()
        .and_then(|it| context.data.profile(&it.key.profile));
    let store = profile.and_then(|state| state.profile.capabilities.store.as_ref());
    // Of most stores no change goes beyond its row.
    let Some(store) = store.filter(|store| !store.wider_reach.is_empty()) else {
        return Reach::Row;
    };
    let sent = changes
        .iter()
        .filter(|it| it.storage_target != StorageTarget::Local);
    let widest = sent.map(|change| store.reach(change.wanted)).max();
    widest.unwrap_or_default()
}

/// Write requests, read requests, and seconds at the profiles' rates.
pub(super) fn cost(context: Context<'_>, shares: &[ProfileShare]) -> (u64, u64, Option<u64>) {
    let (mut requests, mut reads, mut seconds) = (0, 0, 0_u64);
    // What is kept here costs nothing.
    for share in shares.iter().filter(|share| share.remote > 0) {
        let remote = share.remote as u64;
        let writes = remote.div_ceil(u64::from(share.bulk_size.max(1)));
        let Some(state) = context.data.profile(&share.binding.name) else {
            continue;
        };
        // One call a leak where they are few, else pages of the list.
        let pages = state
            .paging
            .total
            .unwrap_or(remote)
            .div_ceil(u64::from(state.paging.page_size.max(1)))
            .max(1);
        let reading = if remote <= crate::app::job::MAX_SINGLE_READS {
            remote
        } else {
            pages
        };
        requests += writes;
        reads += reading;
        let first_reading = state
            .profile
            .verify
            .first()
            .map_or(1, |wait| wait.as_secs().max(1));
        let budget = state.budget.limit.filter(|limit| *limit > 0);
        let at_rate = budget.map_or(0, |limit| {
            let free = u64::from(state.budget.remaining(context.now.wall).unwrap_or(limit));
            (writes + reading)
                .saturating_sub(free)
                .div_ceil(u64::from(limit))
                * 61
        });
        seconds = seconds.max(at_rate + first_reading + (writes + reading).div_ceil(4));
    }
    (requests, reads, (requests > 0).then_some(seconds))
}
