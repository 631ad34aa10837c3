//! The rows of a reading, gathered in slices: of a million leaks no key waits for more than a few thousand.

use super::reading::Reading;
use crate::{
    app::{model::ProfileState, paging::Paging},
    entity::{
        key::{Kind, ProfileName},
        leak::LeakField,
        seen::{Account, LeakRead, MarkKey, PackedRead, Scan},
        status::Status,
    },
    table::{GroupId, GroupKind, ProfileSlot, RowId, Table},
};
use fixedbitset::FixedBitSet;
use std::time::Duration;

/// So long a change may take to be seen where a profile says nothing.
const SETTLE: Duration = Duration::from_secs(60);

/// So long after a first miss a second one makes a leak gone, in seconds: as a watch has it.
const GONE_AFTER: i64 = 6 * 3_600;

/// More events than this in a reading are a storm.
const STORM: usize = 500;

/// Rows that are being gathered.
#[derive(Clone, Debug)]
pub(super) struct Gathering {
    profile: ProfileName,
    slot: ProfileSlot,
    ended: i64,
    next: usize,
    /// The numbers of the credentials of leaks that read as fixed; complete when all rows were looked at once.
    fixed: FixedBitSet,
    has_fixed: bool,
    leaks: Vec<PackedRead>,
    /// What a probe from before the reading said.
    probe: Option<Vec<u8>>,
}

impl Gathering {
    /// Begins with a profile whose list has come to its end.
    pub(super) fn new(
        state: &ProfileState,
        ended: jiff::Timestamp,
        probe: Option<Vec<u8>>,
    ) -> Self {
        Self {
            profile: state.profile.binding.name.clone(),
            slot: state.slot,
            ended: ended.as_second(),
            next: 0,
            fixed: FixedBitSet::new(),
            has_fixed: false,
            leaks: Vec::new(),
            probe,
        }
    }

    /// Whose rows they are.
    pub(super) fn profile(&self) -> &ProfileName {
        &self.profile
    }

    /// Looks at so many rows; the reading, once that were all.
    pub(super) fn step(
        &mut self,
        table: &Table,
        state: &ProfileState,
        marks: &MarkKey,
        some: usize,
    ) -> Option<Reading> {
        let to = self.next.saturating_add(some).min(table.row_id_count());
        for row in (self.next..to).map(|row| RowId(row as u32)) {
            if table.slot(row) != self.slot || table.is_gone(row) {
                continue;
            }
            if self.has_fixed {
                let leak = self.read(table, state, marks, row);
                self.leaks.push(PackedRead::new(&leak, row.0));
            } else if table.status(row) == Status::Fixed
                && let Some(credential) = table.group(row, GroupKind::Credential)
            {
                self.fixed.grow_and_insert(credential.0 as usize);
            }
        }
        self.next = to;
        if to < table.row_id_count() {
            return None;
        }
        if !std::mem::replace(&mut self.has_fixed, true) {
            self.next = 0;
            self.leaks
                .reserve(usize::try_from(state.paging.rows_retained).unwrap_or(0));
            return None;
        }
        Some(Reading {
            scan: self.scan(state),
            leaks: std::mem::take(&mut self.leaks),
        })
    }

    fn read(&self, table: &Table, state: &ProfileState, marks: &MarkKey, row: RowId) -> LeakRead {
        let provider = &state.profile.binding.provider;
        let status = table.status(row);
        let credential = table.group(row, GroupKind::Credential);
        let of_fixed = |credential: GroupId| self.fixed.contains(credential.0 as usize);
        LeakRead {
            mark: marks.mark(provider, Kind::Leak, &table.text(row, LeakField::Id)),
            remote: table.remote_status(row),
            status,
            risk: table.risk(row),
            disputed: table.is_disputed(row),
            again: status.is_unresolved() && credential.is_some_and(of_fixed),
            added: table.added_seconds(row).or_else(|| table.seen_seconds(row)),
            doubtful: false,
            unconfirmed: false,
        }
    }

    fn scan(&self, state: &ProfileState) -> Scan {
        let paging: &Paging = &state.paging;
        let settle = state.profile.verify.last().copied().unwrap_or(SETTLE);
        let answered = paging.error.is_none() && paging.skipped_domains.is_empty();
        let began = paging
            .started_at
            .map_or(self.ended, jiff::Timestamp::as_second);
        Scan {
            account: Account::from(&state.profile.binding),
            began,
            ended: self.ended,
            whole: answered && paging.is_complete() && paging.incomplete_reason().is_none(),
            answered,
            requests: u64::from(paging.next_page) * u64::from(paging.passes.max(1)),
            total: paging.total,
            leaks: Vec::new(),
            own: Vec::new(),
            probe: self.probe.clone(),
            since: None,
            gone_after: GONE_AFTER,
            settle: i64::try_from(settle.as_secs_f64().ceil() as u64).unwrap_or(60),
            storm: STORM,
        }
    }
}
