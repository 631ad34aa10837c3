//! Tables: CSV and its kin by the names of their columns, spreadsheets, and any table by a mapping. Rules D6, T1 to T12.

mod csv;
mod keep;
mod layout;
mod mapping;
mod row;
mod xlsx;
mod xml;

pub(super) use layout::{Layout, layout, put};
pub(super) use mapping::{Mapping, MissingColumn, read as read_mapping, template};
pub(super) use row::{Plan, take, take_mapped};
pub(super) use xlsx::read as read_spreadsheet;

use super::{
    context::Context,
    export,
    record::At,
    sink::Sink,
    text::{ITEM, Lines, Text},
};
use csv::{Outcome, Rows};
use std::io;

/// Reads a table from its first line on.
pub(super) fn read(
    text: Text<'_>,
    layout: &Layout,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    context.begin(sink, layout.format, &text, false);
    sink.columns = layout.sources();
    let lines = Lines::new(text.stream, ITEM, &text.head);
    let mut rows = Rows::new(lines, layout.delimiter);
    rows.skip_to(layout.line, sink)?;
    let plan = Plan::Known(layout);
    let end = each(&mut rows, &plan, context, sink);
    sink.end(rows.lines(), rows.newline());
    end
}

fn each(
    rows: &mut Rows<'_>,
    plan: &Plan<'_>,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    while !sink.stopped {
        match rows.next(sink)? {
            None => break,
            Some((line, Outcome::Row(cells))) => {
                let at = At { line, offset: None };
                take(plan, &cells.all(), at, context, sink);
            }
            Some((line, Outcome::TooLarge(cell))) => {
                sink.reject_at(line, "too_large", || Some(cell));
            }
            Some((line, Outcome::Open(cell))) => sink.reject_at(line, "bad_row", || Some(cell)),
        }
    }
    Ok(())
}

/// Reads a table by a mapping.
pub(super) fn mapped(
    text: Text<'_>,
    mapping: &Mapping,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    if mapping.is_json(&text.head) {
        return export::mapped(text, mapping, context, sink);
    }
    context.begin(sink, "mapped", &text, false);
    sink.columns = mapping.sources();
    let delimiter = mapping
        .delimiter
        .unwrap_or_else(|| layout::likely_delimiter(&text.head, mapping.skip_lines));
    let lines = Lines::new(text.stream, ITEM, &text.head);
    let mut rows = Rows::new(lines, delimiter);
    rows.skip_to(mapping.skip_lines, sink)?;
    let mut names = Vec::new();
    if mapping.header {
        if let Some((_, Outcome::Row(cells))) = rows.next(sink)? {
            let encoding = sink.encoding();
            let shown = |cell: &&[u8]| encoding.shown(&(*cell).into()).into_owned();
            names = cells.all().iter().map(shown).collect();
        }
        mapping.check_header(&names)?;
    }
    let plan = Plan::Mapped(mapping, names);
    let end = each(&mut rows, &plan, context, sink);
    sink.end(rows.lines(), rows.newline());
    end
}
