//! One reading of accounts, as the memory takes it: marks and how each leak stands.

use super::own::Own;
use crate::{
    app::{model::ProfileState, paging::Paging},
    entity::{
        key::{EntityKey, Kind, ProviderId, RemoteId},
        leak::LeakField,
        seen::{Account, LeakRead, Mark, MarkKey, OwnChange, PackedRead, Scan},
    },
    table::{ProfileSlot, RowId, Table},
};
use std::collections::{HashMap, HashSet};

/// The mark of a row.
pub(in crate::cli) fn mark(table: &Table, marks: &MarkKey, row: RowId) -> Mark {
    let provider = &table.profiles()[table.slot(row).0 as usize].1;
    marks.mark(provider, Kind::Leak, &table.text(row, LeakField::Id))
}

/// When a reading took place.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    pub(super) began: i64,
    pub(super) ended: i64,
    /// So long a change of ours may take to be seen, in seconds.
    pub(super) settle: i64,
    /// So long after a first miss a second one makes a leak gone, in seconds.
    pub(super) gone_after: i64,
    pub(super) storm: usize,
}

/// Our own changes to leaks of a profile, sorted by mark.
pub(super) fn own_changes(state: &ProfileState, marks: &MarkKey, own: &Own) -> Vec<OwnChange> {
    let binding = &state.profile.binding;
    let settled = own.settled.iter();
    let mut changes: Vec<OwnChange> = settled
        .filter(|(key, _)| key.profile == binding.name)
        .map(|(key, settled)| settled.of_mark(of_key(marks, &binding.provider, key)))
        .collect();
    changes.sort_unstable_by_key(|own| own.mark);
    changes
}

fn of_key(marks: &MarkKey, provider: &ProviderId, key: &EntityKey) -> Mark {
    marks.mark(provider, Kind::Leak, key.id.as_bytes())
}

/// Whether every page was answered.
fn is_answered(paging: &Paging) -> bool {
    paging.error.is_none() && paging.skipped_domains.is_empty()
}

/// Whether everything was read: what is not there is absent.
pub(super) fn is_whole(paging: &Paging) -> bool {
    is_answered(paging) && paging.is_complete() && paging.incomplete_reason().is_none()
}

/// A reading of one profile: its leaks sorted by mark, each once.
pub(super) fn scan(
    state: &ProfileState,
    marks: &MarkKey,
    own: &Own,
    when: When,
    mut leaks: Vec<LeakRead>,
) -> Scan {
    let binding = &state.profile.binding;
    let changes = own_changes(state, marks, own);
    let running = own.running.iter().filter(|key| key.profile == binding.name);
    let running = running.map(|key| of_key(marks, &binding.provider, key));
    let late = |own: &&OwnChange| own.may_be_unseen(when.began, when.settle);
    let late = changes.iter().filter(late).map(|own| own.mark);
    for mark in late.chain(running) {
        if let Ok(at) = leaks.binary_search_by_key(&mark, |leak| leak.mark) {
            leaks[at].doubtful = true;
        }
    }
    let packed = leaks.into_iter().map(|leak| PackedRead::new(&leak, 0));
    let paging = &state.paging;
    Scan {
        account: Account::from(&state.profile.binding),
        began: when.began,
        ended: when.ended,
        whole: is_whole(paging),
        answered: is_answered(paging),
        requests: u64::from(paging.next_page) * u64::from(paging.passes.max(1)),
        total: paging.total,
        leaks: packed.collect(),
        own: changes,
        probe: None,
        since: None,
        gone_after: when.gone_after,
        settle: when.settle,
        storm: when.storm,
    }
}

/// The rows of the leaks that events are of.
pub(super) fn find(
    table: &Table,
    marks: &MarkKey,
    wanted: &HashSet<Mark>,
) -> HashMap<(ProfileSlot, Mark), RowId> {
    if wanted.is_empty() {
        return HashMap::new();
    }
    let all = (0..table.row_id_count()).map(|row| RowId(u32::try_from(row).unwrap_or(u32::MAX)));
    all.filter(|row| !table.is_gone(*row))
        .map(|row| (mark(table, marks, row), row))
        .filter(|(mark, _)| wanted.contains(mark))
        .map(|(mark, row)| ((table.slot(row), mark), row))
        .collect()
}

/// The provider's id of a row.
pub(super) fn id(table: &Table, row: RowId) -> RemoteId {
    RemoteId::from(&*table.text(row, LeakField::Id))
}
