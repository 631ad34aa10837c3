//! Groups counted: one row of counts for each, made in as many turns as there is time for.

use super::{GroupId, GroupKind, Handle, Slot, Table, strings::NONE};
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
    first: Option<Place>,
    last: Option<Place>,
}

/// A row's number and one.
type Place = NonZeroU32;

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
        let open = |(status, _): &(u8, &u32)| Status::from_u8(*status).is_open();
        let counts = (0..).zip(&self.by_status);
        counts.filter(open).map(|(_, count)| count).sum()
    }

    /// The row with the earliest date, if any has one.
    pub fn first(&self) -> Option<Handle> {
        self.first.map(|place| Handle(place.get() - 1))
    }

    /// The row with the latest date.
    pub fn last(&self) -> Option<Handle> {
        self.last.map(|place| Handle(place.get() - 1))
    }
}

/// What is known of a group while its rows are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    row: GroupRow,
    /// A bit for each provider.
    providers: u64,
}

impl Tally {
    pub(super) fn new(group: GroupId) -> Self {
        Self {
            row: GroupRow::without_rows(group, 0),
            providers: 0,
        }
    }

    /// 63 kinds of systems are told apart, which is many more than there are.
    pub(super) fn add_source(&mut self, table: &Table, slot: Slot) {
        self.providers |= 1 << table.providers[slot.0 as usize].min(63);
    }

    pub(super) fn count(&mut self, table: &Table, row: Handle) {
        self.row.by_status[table.status(row) as usize] += 1;
        self.add_source(table, table.slot(row));
        let Some(seconds) = table.seen_seconds(row) else {
            return;
        };
        let counts = &mut self.row;
        let place = Place::new(row.0 + 1);
        let beats = |known: Option<Handle>, is_beyond: fn(i64, i64) -> bool| {
            let Some(known) = known else { return true };
            let date = table.seen_seconds(known).unwrap_or_default();
            // Of two of one date the one that does not depend on which came first; where their texts are the same too,
            // it makes no difference.
            is_beyond(seconds, date)
                || seconds == date
                    && table.columns.seen(known) != table.columns.seen(row)
                    && table.compare_keys(row, known).is_lt()
        };
        if beats(counts.first(), |one, two| one < two) {
            counts.first = place;
        }
        if beats(counts.last(), |one, two| one > two) {
            counts.last = place;
        }
    }

    pub(super) fn row(&self) -> GroupRow {
        GroupRow {
            sources: self.providers.count_ones(),
            ..self.row
        }
    }
}

/// Groups whose rows are being counted.
#[derive(Clone, Debug)]
pub struct Gathering {
    kind: GroupKind,
    /// By group, its place among those that were found.
    places: Vec<u32>,
    found: Vec<Tally>,
}

impl Gathering {
    /// Nothing is counted yet.
    pub fn new(table: &Table, kind: GroupKind) -> Self {
        Self {
            kind,
            places: vec![NONE; table.groups(kind)],
            found: Vec::new(),
        }
    }

    /// Counts more rows.
    pub fn count(&mut self, table: &Table, rows: impl IntoIterator<Item = Handle>) {
        for row in rows {
            if let Some(group) = table.group(row, self.kind) {
                self.tally(group).count(table, row);
            }
        }
    }

    fn tally(&mut self, group: GroupId) -> &mut Tally {
        let at = group.0 as usize;
        // One that came after the count began.
        if self.places.len() <= at {
            self.places.resize(at + 1, NONE);
        }
        if self.places[at] == NONE {
            self.places[at] = self.found.len() as u32;
            self.found.push(Tally::new(group));
        }
        &mut self.found[self.places[at] as usize]
    }

    /// The groups, by their numbers. Profiles in the scope say whose lists count; where it holds another group, what of
    /// a list belongs to that is not known, and only the group itself is added.
    pub fn finish_overview(self, table: &Table, scope: &[(GroupKind, GroupId)]) -> Vec<GroupRow> {
        let of_scope = |slot: Slot| {
            let mut profiles = scope.iter().filter(|(kind, _)| *kind == GroupKind::Profile);
            profiles.all(|(_, profile)| profile.0 == u32::from(slot.0))
        };
        let open = scope.iter().all(|(kind, _)| *kind == GroupKind::Profile);
        let mut others = scope.iter().filter(|(kind, _)| *kind != GroupKind::Profile);
        let only = match (others.next(), others.next()) {
            (Some(&(of, group)), None) if of == self.kind => Some(group),
            (_, _) => None,
        };
        self.finish(table, of_scope, |group| open || only == Some(group))
    }

    /// The groups of the rows alone, by their numbers.
    pub fn finish_counted(self, table: &Table) -> Vec<GroupRow> {
        self.finish(table, |_| true, |_| false)
    }

    /// The groups, by their numbers, with what is listed by the profiles that `whose` takes; groups without a row are
    /// added where `adds` says so.
    fn finish(
        mut self,
        table: &Table,
        whose: impl Fn(Slot) -> bool,
        adds: impl Fn(GroupId) -> bool,
    ) -> Vec<GroupRow> {
        for native in table
            .natives_of(self.kind)
            .filter(|native| whose(native.slot))
        {
            let known = self.places.get(native.group.0 as usize);
            if known.is_some_and(|place| *place != NONE) || adds(native.group) {
                self.tally(native.group).add_source(table, native.slot);
            }
        }
        // By their numbers, which is the order of the places.
        let places = self.places.into_iter().filter(|place| *place != NONE);
        let mut rows = Vec::with_capacity(self.found.len());
        rows.extend(places.map(|place| self.found[place as usize].row()));
        rows
    }
}
