//! Groups counted: one row of counts for each, made in as many turns as there is time for.

use super::{GroupId, GroupKind, ProfileSlot, RowId, Table, interner::NO_VALUE};
use crate::entity::status::Status;
use std::num::NonZeroU32;

/// One group of some rows. There may be as many of them as there are rows: it is no larger than it must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupRow {
    /// Which.
    pub group: GroupId,
    /// Its rows by the number of the status.
    pub by_status: [u32; 6],
    /// How many providers report it.
    pub sources: u32,
    first: Option<PackedRowId>,
    last: Option<PackedRowId>,
}

/// A row's number and one.
type PackedRowId = NonZeroU32;

impl GroupRow {
    /// A group that no row is in, and how many providers report it.
    pub fn without_rows(group: GroupId, sources: u32) -> Self {
        Self {
            group,
            by_status: [0; 6],
            sources,
            first: None,
            last: None,
        }
    }

    /// How many rows it has.
    pub fn total(&self) -> u32 {
        self.by_status.iter().sum()
    }

    /// Those that still need work.
    pub fn unresolved(&self) -> u32 {
        let open = |(status, _): &(u8, &u32)| Status::from_u8(*status).is_unresolved();
        let counts = (0..).zip(&self.by_status);
        counts.filter(open).map(|(_, count)| count).sum()
    }

    /// The row with the earliest date, if any has one.
    pub fn first(&self) -> Option<RowId> {
        self.first.map(|place| RowId(place.get() - 1))
    }

    /// The row with the latest date.
    pub fn last(&self) -> Option<RowId> {
        self.last.map(|place| RowId(place.get() - 1))
    }
}

/// While its rows are counted, a group has a bit for each provider in place of their number: of many groups there is no
/// room for both.
impl GroupRow {
    /// 32 kinds of systems are told apart, which is more than there are.
    pub(super) fn add_source(&mut self, table: &Table, slot: ProfileSlot) {
        self.sources |= 1 << table.providers[slot.0 as usize].min(31);
    }

    pub(super) fn count(&mut self, table: &Table, row: RowId) {
        self.by_status[table.status(row) as usize] += 1;
        self.add_source(table, table.slot(row));
        let Some(seconds) = table.seen_seconds(row) else {
            return;
        };
        let place = PackedRowId::new(row.0 + 1);
        let beats = |known: Option<RowId>, is_beyond: fn(i64, i64) -> bool| {
            let Some(known) = known else { return true };
            let date = table.seen_seconds(known).unwrap_or_default();
            // Of two of one date the one that does not depend on which came first; where their texts are the same too,
            // it makes no difference.
            is_beyond(seconds, date)
                || seconds == date
                    && table.columns.seen(known) != table.columns.seen(row)
                    && table.compare_keys(row, known).is_lt()
        };
        if beats(self.first(), |one, two| one < two) {
            self.first = place;
        }
        if beats(self.last(), |one, two| one > two) {
            self.last = place;
        }
    }

    /// All of its rows are counted.
    pub(super) fn with_source_count(self) -> Self {
        Self {
            sources: self.sources.count_ones(),
            ..self
        }
    }
}

/// Groups whose rows are being counted.
#[derive(Clone, Debug)]
pub struct GroupCounting {
    kind: GroupKind,
    /// By group, its place among those that were found.
    positions: Vec<u32>,
    /// As they were found, and once all is counted by their numbers, as far as those are listed.
    found: Vec<GroupRow>,
    /// How many places were looked at since all was counted, and how many groups stand there.
    scan_position: (usize, usize),
}

impl GroupCounting {
    /// Nothing is counted yet.
    pub fn new(table: &Table, kind: GroupKind) -> Self {
        Self {
            kind,
            positions: vec![NO_VALUE; table.group_count(kind)],
            found: Vec::new(),
            scan_position: (0, 0),
        }
    }

    /// Counts more rows.
    pub fn count(&mut self, table: &Table, rows: impl IntoIterator<Item = RowId>) {
        for row in rows {
            if let Some(group) = table.group(row, self.kind) {
                self.row_mut(group).count(table, row);
            }
        }
    }

    fn row_mut(&mut self, group: GroupId) -> &mut GroupRow {
        let at = group.0 as usize;
        // One that came after the count began.
        if self.positions.len() <= at {
            self.positions.resize(at + 1, NO_VALUE);
        }
        if self.positions[at] == NO_VALUE {
            self.positions[at] = self.found.len() as u32;
            self.found.push(GroupRow::without_rows(group, 0));
        }
        &mut self.found[self.positions[at] as usize]
    }

    /// Adds what providers list of groups that have no row. Profiles in the scope say whose lists count; where it holds
    /// another group, what of a list belongs to that is not known, and only the group itself is added.
    pub fn add_listed_groups(&mut self, table: &Table, scope: &[(GroupKind, GroupId)]) {
        let of_scope = |slot: ProfileSlot| {
            let mut profiles = scope.iter().filter(|(kind, _)| *kind == GroupKind::Profile);
            profiles.all(|(_, profile)| profile.0 == u32::from(slot.0))
        };
        let open = scope.iter().all(|(kind, _)| *kind == GroupKind::Profile);
        let mut others = scope.iter().filter(|(kind, _)| *kind != GroupKind::Profile);
        let only = match (others.next(), others.next()) {
            (Some(&(of, group)), None) if of == self.kind => Some(group),
            (_, _) => None,
        };
        self.add_listed_by(table, of_scope, |group| open || only == Some(group));
    }

    /// Adds what providers list of the groups of the rows, and no other group.
    pub fn add_sources(&mut self, table: &Table) {
        self.add_listed_by(table, |_| true, |_| false);
    }

    /// Adds what is listed by the profiles that `whose` takes; groups without a row where `adds` says so.
    fn add_listed_by(
        &mut self,
        table: &Table,
        whose: impl Fn(ProfileSlot) -> bool,
        adds: impl Fn(GroupId) -> bool,
    ) {
        for (slot, group) in table
            .listed_groups(self.kind)
            .filter(|(slot, _)| whose(*slot))
        {
            let known = self.positions.get(group.0 as usize);
            if known.is_some_and(|place| *place != NO_VALUE) || adds(group) {
                self.row_mut(group).add_source(table, slot);
            }
        }
    }

    /// Looks at so many more places, when all rows are counted; the groups by their numbers, once that was the last one.
    /// They change places where they stand: a second copy of a million of them would take 40 MiB.
    pub fn scan_groups(&mut self, some: usize) -> Option<Vec<GroupRow>> {
        let (from, done) = &mut self.scan_position;
        let to = from.saturating_add(some).min(self.positions.len());
        for group in *from..to {
            let place = self.positions[group] as usize;
            // None has the number of no place.
            let Some(row) = self.found.get_mut(place) else {
                continue;
            };
            *row = row.with_source_count();
            self.found.swap(*done, place);
            let other = self.found[place].group.0 as usize;
            // One with a smaller number is listed, and not looked for again.
            self.positions[other] = place as u32;
            *done += 1;
        }
        *from = to;
        (to == self.positions.len()).then(|| {
            let mut rows = std::mem::take(&mut self.found);
            rows.shrink_to_fit();
            rows
        })
    }

    /// All groups at once, by their numbers.
    pub(super) fn finish(mut self) -> Vec<GroupRow> {
        self.scan_groups(usize::MAX).unwrap_or_default()
    }
}
