//! The columns of a table, by the names in its header.

use super::{
    super::{
        blank::trim,
        export::table_format,
        header::{self, Field},
        record::Record,
    },
    csv,
};
use crate::entity::{leak::LeakField, raw_text::RawText};
use std::{borrow::Cow, collections::HashSet};

/// The characters that part cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The columns of a table.
pub(in crate::provider::file) struct Layout {
    pub(in crate::provider::file) format: &'static str,
    pub(super) delimiter: u8,
    /// The line of the header.
    pub(super) line: u64,
    pub(in crate::provider::file) columns: Vec<Option<Field>>,
    /// The names of the columns, as they came.
    pub(in crate::provider::file) names: Vec<Vec<u8>>,
}

impl Layout {
    /// The members of a leak and the columns that they come from.
    pub(in crate::provider::file) fn sources(&self) -> Vec<(&'static str, RawText)> {
        let columns = self.columns.iter().zip(&self.names);
        columns
            .filter_map(|(field, name)| Some((header::word((*field)?), RawText::from(&name[..]))))
            .collect()
    }

    /// The number, from 1, of the cell that a login should be in, else that of a password.
    pub(super) fn cell_of_login(&self) -> Option<u64> {
        self.cell_of(&[Field::Login, Field::Alias, Field::Password])
    }

    /// The number, from 1, of the first of these cells that there is.
    fn cell_of(&self, fields: &[Field]) -> Option<u64> {
        let place = |field| self.columns.iter().position(|known| *known == Some(field));
        let found = fields.iter().find_map(|field| place(*field))?;
        Some(found as u64 + 1)
    }

    fn has(&self, field: Field) -> bool {
        self.columns.contains(&Some(field))
    }
}

/// The columns of a table, where a line is its header: D6.
pub(in crate::provider::file) fn layout(line: &[u8], number: u64) -> Option<Layout> {
    let counted = DELIMITERS.iter().map(|delimiter| {
        let cells = csv::split(line, *delimiter);
        (known(&cells.all()), *delimiter, cells)
    });
    // Of equal ones the first.
    let (known, delimiter, cells) = counted.rev().max_by_key(|(known, ..)| *known)?;
    let names = cells.all();
    if names.len() < 2 || known < 2 {
        return None;
    }
    let names = names.into_iter().map(<[u8]>::to_vec).collect();
    checked(of_names(names, delimiter, number))
}

/// How many of these are names of columns.
fn known(names: &[&[u8]]) -> usize {
    names
        .iter()
        .filter(|name| header::field(trim(name)).is_some())
        .count()
}

/// The columns of a spreadsheet, where a row is its header.
pub(super) fn layout_of_row(names: &[&[u8]], line: u64) -> Option<Layout> {
    if names.len() < 2 || known(names) < 2 {
        return None;
    }
    let names = names.iter().map(|name| name.to_vec()).collect();
    checked(Layout {
        format: "xlsx",
        ..of_names(names, b',', line)
    })
}

/// D6: what makes a header one.
fn checked(layout: Layout) -> Option<Layout> {
    let has = |field| layout.has(field);
    let breach = Field::Leak(LeakField::Breach);
    let login = has(Field::Login) || (has(Field::Alias) && has(Field::Leak(LeakField::Domain)));
    (login && (has(Field::Password) || has(Field::Url) || has(breach))).then_some(layout)
}

/// The columns of these names.
pub(in crate::provider::file) fn of_names(names: Vec<Vec<u8>>, delimiter: u8, line: u64) -> Layout {
    let mut seen = HashSet::new();
    let columns: Vec<Option<Field>> = names
        .iter()
        // The first column of a field counts.
        .map(|name| header::field(trim(name)).filter(|field| seen.insert(*field)))
        .collect();
    let format =
        table_format(&names, &columns).unwrap_or(if delimiter == b'\t' { "tsv" } else { "csv" });
    Layout {
        format,
        delimiter,
        line,
        columns,
        names,
    }
}

/// The delimiter that a table without a known header has most probably: the one that its first line has most of.
pub(super) fn likely_delimiter(head: &[u8], skipped: u64) -> u8 {
    let line = head
        .split(|byte| *byte == b'\n')
        .nth(skipped as usize)
        .unwrap_or_default();
    let count = |delimiter: &u8| memchr::memchr_iter(*delimiter, line).count();
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(count)
        .unwrap_or(b',')
}

/// Puts a cell where it belongs. Empty text is nothing, but for login, URL and password.
pub(in crate::provider::file) fn put<'a>(
    record: &mut Record<'a>,
    field: Field,
    cell: Cow<'a, [u8]>,
) {
    match field {
        Field::Login | Field::Alias => record.login = Some(cell),
        Field::Password => record.password = Some(cell.into()),
        Field::Url => record.url = Some(cell),
        Field::Id if cell.is_empty() => {}
        Field::Id => record.id = Some(cell),
        Field::Leak(field) => record.set(field, cell),
    }
}
