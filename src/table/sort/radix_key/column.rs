//! The columns of dates and of texts that an order may go by.

use super::Value;
use crate::table::{
    RowId, Table,
    columns::Columns,
    group::Machine,
    interner::{Interner, NO_VALUE},
};

#[derive(Clone, Copy, Debug)]
pub(super) enum DateColumn {
    Seen,
    Added,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum TextColumn {
    Login,
    Domain,
    Url,
    Host,
    Country,
}

impl DateColumn {
    pub(super) fn value(self, table: &Table) -> Value {
        let (seen, added) = table.columns.dates();
        let narrow = match self {
            Self::Seen => seen.is_narrow(),
            Self::Added => added.is_narrow(),
        };
        // A plain time is no small number.
        if narrow {
            Value::RankedDate(self, table.dates.ranks())
        } else {
            Value::Date(self)
        }
    }

    pub(super) fn number(self, table: &Table, row: RowId) -> u32 {
        match self {
            Self::Seen => table.columns.seen(row),
            Self::Added => table.columns.added(row),
        }
    }

    /// The numbers of rows.
    pub(super) fn numbers(self, table: &Table, rows: &[RowId]) -> Vec<u32> {
        let (seen, added) = table.columns.dates();
        let column = match self {
            Self::Seen => seen,
            Self::Added => added,
        };
        column.get_many(rows.iter().map(|row| row.0 as usize))
    }

    pub(super) fn seconds(self, table: &Table, row: RowId) -> Option<i64> {
        match self {
            Self::Seen => table.seen_seconds(row),
            Self::Added => table.added_seconds(row),
        }
    }
}

impl TextColumn {
    pub(super) fn strings(self, table: &Table) -> &Interner {
        match self {
            Self::Login => &table.logins,
            Self::Domain => &table.domains,
            Self::Url => &table.urls,
            Self::Host => &table.hostnames,
            Self::Country => &table.countries,
        }
    }

    pub(super) fn number(self, table: &Table, row: RowId) -> u32 {
        let columns: &Columns = &table.columns;
        let machine = |member: fn(&Machine) -> u32| {
            let machine = table.groups.machine(columns.machine(row));
            machine.map_or(NO_VALUE, member)
        };
        match self {
            Self::Login => columns.login(row),
            Self::Domain => columns.domain(row),
            Self::Url => columns.url(row),
            Self::Host => machine(|machine| machine.hostname),
            Self::Country => machine(|machine| machine.country),
        }
    }

    /// The numbers of rows.
    pub(super) fn numbers(self, table: &Table, rows: &[RowId]) -> Vec<u32> {
        let columns: &Columns = &table.columns;
        let column = match self {
            Self::Login => columns.logins(),
            Self::Domain => columns.domains(),
            Self::Url => columns.urls(),
            Self::Host | Self::Country => columns.machines(),
        };
        let numbers = column.get_many(rows.iter().map(|row| row.0 as usize));
        let of = |member: fn(&Machine) -> u32| {
            let machines = numbers.iter().map(|machine| table.groups.machine(*machine));
            machines
                .map(|machine| machine.map_or(NO_VALUE, member))
                .collect()
        };
        match self {
            Self::Host => of(|machine| machine.hostname),
            Self::Country => of(|machine| machine.country),
            Self::Login | Self::Domain | Self::Url => numbers,
        }
    }
}
