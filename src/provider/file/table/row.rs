//! What the cells of a row are: by the names of known columns, or by a mapping.

use super::{
    super::{
        blank::trim,
        context::Context,
        export,
        header::Field,
        list,
        record::{At, Record},
        sink::Sink,
    },
    keep::holds,
    layout::{Layout, put},
    mapping::Mapping,
};
use crate::entity::leak::LeakField;
use std::borrow::Cow;

/// What the cells of rows are.
pub(in crate::provider::file) enum Plan<'p> {
    Known(&'p Layout),
    /// A mapping, with the names of the columns; without a header they are numbers.
    Mapped(&'p Mapping, Vec<Vec<u8>>),
}

/// Takes a row in.
pub(in crate::provider::file) fn take(
    plan: &Plan<'_>,
    cells: &[&[u8]],
    at: At,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) {
    match plan {
        Plan::Known(layout) => take_known(layout, cells, at, context, sink),
        Plan::Mapped(mapping, names) => {
            let get = |column: &str| -> Option<Cow<'_, [u8]>> {
                let by_name = names
                    .iter()
                    .position(|name| trim(name) == column.as_bytes());
                let at = by_name.or_else(|| column.parse::<usize>().ok()?.checked_sub(1))?;
                cells.get(at).map(|cell| Cow::Borrowed(*cell))
            };
            let mut odd = !names.is_empty() && cells.len() != names.len();
            odd &= cells.len() > 1;
            let cell = |column: &str| {
                let at = names
                    .iter()
                    .position(|name| trim(name) == column.as_bytes());
                at.map(|at| at as u64 + 1).or_else(|| column.parse().ok())
            };
            take_mapped(mapping, &get, &cell, odd, at, sink);
        }
    }
}

fn take_known(
    layout: &Layout,
    cells: &[&[u8]],
    at: At,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) {
    let mut record = Record {
        damaged: layout.format != "xlsx" && cells.len() != layout.columns.len(),
        ..Record::default()
    };
    let mut alias: Option<&[u8]> = None;
    for (field, cell) in layout.columns.iter().zip(cells) {
        match field {
            None => {}
            Some(Field::Alias) => alias = Some(cell),
            Some(field) => put(&mut record, *field, Cow::Borrowed(*cell)),
        }
    }
    if let (None, Some(alias)) = (&record.login, alias.filter(|alias| !alias.is_empty())) {
        let domain = record.fields[LeakField::Domain as usize].as_deref();
        record.login = Some(Cow::Owned(export::aliased(alias, domain)));
    }
    if layout.format == export::DOMAIN_SEARCH_TABLE {
        record.login = record.login.map(|login| {
            if list::is_email(&login) {
                return login;
            }
            Cow::Owned(export::aliased(
                &login,
                context.alias_domain(sink).as_deref(),
            ))
        });
    }
    export::finish_row(layout, cells, &mut record);
    if record.is_empty() {
        sink.reject_at(at.line, "empty", || layout.cell_of_login());
        return;
    }
    if layout.format == export::DOMAIN_SEARCH_TABLE {
        return export::breaches_of(&record, at, sink);
    }
    sink.accept(&mut record, at);
}

/// Takes a row or an object in by a mapping. `get` answers a member by the name of its column, `cell` the number of that
/// column, from 1, where there are any.
pub(in crate::provider::file) fn take_mapped<'a>(
    mapping: &Mapping,
    get: &dyn Fn(&str) -> Option<Cow<'a, [u8]>>,
    cell: &dyn Fn(&str) -> Option<u64>,
    damaged: bool,
    at: At,
    sink: &mut Sink<'_>,
) {
    let encoding = sink.encoding();
    if !mapping.keep.iter().all(|keep| {
        let cell = get(&keep.column).map(|cell| encoding.shown(&cell).into_owned());
        holds(keep, cell.as_deref())
    }) {
        sink.filtered();
        return;
    }
    let mut record = Record {
        damaged,
        ..Record::default()
    };
    for (field, column) in &mapping.fields {
        let Some(cell) = get(column) else {
            continue;
        };
        let dated = mapping.dates.iter().find(|(dated, _)| dated == field);
        let Some((_, form)) = dated.filter(|_| !cell.is_empty()) else {
            put(&mut record, *field, cell);
            continue;
        };
        match form.read(&cell) {
            Some(date) => put(&mut record, *field, Cow::Owned(date.into_bytes())),
            None => sink.note("bad_date"),
        }
    }
    if let Some(word) = &record.fields[LeakField::RemoteStatus as usize] {
        let word = encoding.shown(word);
        let known = mapping
            .statuses
            .iter()
            .find(|(theirs, _)| theirs.as_bytes() == &word[..]);
        record.status = known.map(|(_, status)| *status);
    }
    if record.is_empty() {
        let wanted = |wanted| mapping.fields.iter().find(|(field, _)| *field == wanted);
        let found = wanted(Field::Login).or_else(|| wanted(Field::Password));
        sink.reject_at(at.line, "empty", || cell(&found?.1));
        return;
    }
    for (field, value) in &mapping.constants {
        put(&mut record, *field, Cow::Owned(value.clone().into_bytes()));
    }
    sink.accept(&mut record, at);
}
