//! One reading of accounts, as the memory takes it: marks and how each leak stands.

use super::own::Own;
use crate::{
    app::model::ProfileState,
    entity::{
        fingerprint::Fingerprint,
        key::{EntityKey, Kind, RemoteId},
        leak::LeakField,
        seen::{Account, LeakRead, Mark, MarkKey, OwnChange, Scan},
        status::Status,
    },
    table::{ProfileSlot, RowId, Table},
};
use std::collections::{HashMap, HashSet};

/// The rows of a profile that its last reading brought.
pub(super) fn rows(table: &Table, slot: ProfileSlot) -> impl Iterator<Item = RowId> + '_ {
    let all = (0..table.row_id_count()).map(|row| RowId(u32::try_from(row).unwrap_or(u32::MAX)));
    all.filter(move |row| table.slot(*row) == slot && !table.is_gone(*row))
}

/// The mark of a row.
pub(in crate::cli) fn mark(table: &Table, marks: &MarkKey, row: RowId) -> Mark {
    let provider = &table.profiles()[table.slot(row).0 as usize].1;
    marks.mark(provider, Kind::Leak, &table.text(row, LeakField::Id))
}

/// Login and password of leaks that read as fixed.
fn fixed(table: &Table, slot: ProfileSlot) -> HashSet<Fingerprint> {
    rows(table, slot)
        .filter(|row| table.status(*row) == Status::Fixed)
        .filter_map(|row| table.credential(row))
        .collect()
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

/// A reading of one profile.
pub(super) fn scan(
    table: &Table,
    state: &ProfileState,
    marks: &MarkKey,
    own: &Own,
    when: When,
) -> Scan {
    let provider = &state.profile.binding.provider;
    let of = |key: &EntityKey| marks.mark(provider, Kind::Leak, key.id.as_bytes());
    let here = |key: &EntityKey| key.profile == state.profile.binding.name;
    let settled = own.settled.iter().filter(|(key, _)| here(key));
    let mut changes: Vec<OwnChange> = settled
        .map(|(key, (status, at))| OwnChange {
            mark: of(key),
            status: *status,
            at: *at,
        })
        .collect();
    changes.sort_unstable_by_key(|own| own.mark);
    let late = |own: &&OwnChange| own.at.saturating_add(when.settle) > when.began;
    let unsettled: HashSet<Mark> = changes
        .iter()
        .filter(late)
        .map(|own| own.mark)
        .chain(own.running.iter().filter(|key| here(key)).map(of))
        .collect();
    let fixed = fixed(table, state.slot);
    let mut leaks: Vec<LeakRead> = rows(table, state.slot)
        .map(|row| {
            let mark = mark(table, marks, row);
            let status = table.status(row);
            let credential = table.credential(row).filter(|_| status.is_unresolved());
            LeakRead {
                mark,
                remote: table.remote_status(row),
                status,
                risk: table.row(row).risk.map(|risk| risk.level),
                disputed: table.is_disputed(row),
                again: credential.is_some_and(|credential| fixed.contains(&credential)),
                added: table.added_seconds(row).or_else(|| table.seen_seconds(row)),
                doubtful: unsettled.contains(&mark),
                unconfirmed: false,
            }
        })
        .collect();
    leaks.sort_unstable_by_key(|leak| leak.mark);
    leaks.dedup_by_key(|leak| leak.mark);
    let paging = &state.paging;
    let answered = paging.error.is_none() && paging.skipped_domains.is_empty();
    Scan {
        account: Account::from(&state.profile.binding),
        began: when.began,
        ended: when.ended,
        whole: answered && paging.is_complete() && paging.incomplete_reason().is_none(),
        answered,
        requests: u64::from(paging.next_page) * u64::from(paging.passes.max(1)),
        total: paging.total,
        leaks,
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
