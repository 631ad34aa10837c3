//! The record of a person, a machine or another group: its facts, what is related to it, its leaks, what was done with
//! them, and the files of a stealer's archive as a tree.

use super::{Look, record, text};
use crate::{
    app::{
        inspect::{self, Acts, Inspected, Item},
        model::Context,
    },
    entity::number::group_digits,
    table::GroupKind,
    ui::{detail_fields, value},
};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

/// Columns of the name of a member that a provider adds.
const MEMBER: usize = 20;

/// Draws it.
pub fn draw(
    context: Context<'_>,
    look: &Look,
    record: &Inspected,
    area: Rect,
    buffer: &mut Buffer,
) {
    let ascii = look.glyphs.border == crate::config::glyphs::ASCII.border;
    let columns = record::inside(area);
    let items = inspect::items(context, record, ascii);
    let blocks = items
        .iter()
        .map(|item| drawn(context, look, record, item, columns));
    let title = value::form_label(record.group.0);
    record::scrolled(look, title, blocks.collect(), record.cursor, area, buffer);
}

/// The lines of an item.
fn drawn(
    context: Context<'_>,
    look: &Look,
    record: &Inspected,
    item: &Item,
    columns: usize,
) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let room = columns.saturating_sub(record::LABEL).max(1);
    match item {
        Item::Heading(words) => vec![
            Line::default(),
            Line::from(vec![text::from_ui(words.clone(), styles.title)]),
        ],
        Item::Words(words) => text::wrap(words, columns)
            .into_iter()
            .map(|line| Line::from(vec![text::from_ui(line, styles.dim)]))
            .collect(),
        Item::Fact(fact) => detail_fields::lines(context, look, record.group, fact, room)
            .into_iter()
            .flat_map(|(label, line)| record::labelled(look, label, vec![line]))
            .collect(),
        Item::Group(group, leaks) => {
            let leaks = match leaks {
                0 => String::new(),
                1 => "  1 leak".to_owned(),
                more => format!("  {} leaks", group_digits((*more).into())),
            };
            let wide = room.saturating_sub(leaks.len()).max(1);
            let mut name = value::group_name(context, look, *group, wide);
            name.push_span(text::from_ui(leaks, styles.dim));
            record::labelled(look, value::form_label(group.0), vec![name])
        }
        // All leaks of a user have its login.
        Item::Leak(leak) => {
            let of = (record.group.0 == GroupKind::User).then_some(*leak);
            vec![record::other(context, look, of, *leak, columns)]
        }
        Item::Act(at) => match &record.history {
            Acts::Known(acts) => acts.get(*at).map_or_else(Vec::new, |act| {
                record::act(context, look, &act.entry, act.leaks.len(), columns)
            }),
            Acts::Loading | Acts::Failed(_) => Vec::new(),
        },
        Item::Member(name, value) => {
            let mut line = text::fit_visible(name, MEMBER, styles.dim, styles.escape);
            let gap = (MEMBER + 2).saturating_sub(line.width());
            line.push_span(text::from_ui(" ".repeat(gap), styles.text));
            let rest = columns.saturating_sub(line.width());
            let value = text::fit_visible(value, rest, styles.text, styles.escape);
            line.spans.extend(value.spans);
            vec![line]
        }
        Item::File(line) => vec![text::fit_visible(line, columns, styles.text, styles.escape)],
    }
}
