//! What is known of a person or a connection as lines: the detail shows the first of them, the record all.

use super::{Look, text, value};
use crate::app::{
    facts::{self, Fact},
    model::{Context, GroupRef},
};
pub use facts::joined;
use ratatui::text::Line;

/// A label and its value.
pub type Labelled = (&'static str, Line<'static>);

/// What is known of a group, the most important first, each cut to so many columns.
pub fn fields_of_group(
    context: Context<'_>,
    look: &Look,
    group: GroupRef,
    width: usize,
) -> Vec<Labelled> {
    let facts = facts::of(context, group);
    let lines = facts.iter().flat_map(|fact| match fact {
        Fact::Text(label, bytes) => {
            let line = text::fit(bytes, width, look.styles.text, look.styles.escape);
            vec![(*label, line)]
        }
        fact => lines(context, look, group, fact, width),
    });
    lines.collect()
}

/// A fact in full, on as many lines as it needs, the label before the first.
pub fn lines(
    context: Context<'_>,
    look: &Look,
    group: GroupRef,
    fact: &Fact,
    width: usize,
) -> Vec<Labelled> {
    let styles = &look.styles;
    let folded = |bytes: &[u8]| text::folded(bytes, width, styles.text, styles.escape);
    let (label, lines) = match fact {
        Fact::Name => {
            let name = value::group_name(context, look, group, width);
            (value::form_label(group.0), vec![name])
        }
        Fact::Text(label, bytes) => (*label, folded(bytes)),
        Fact::Words(label, words) => {
            let wrapped = text::wrap(words, width).into_iter();
            let lines = wrapped.map(|line| Line::from(vec![text::from_ui(line, styles.text)]));
            (*label, lines.collect())
        }
        Fact::Time(label, bytes) => {
            let lines = match value::local_time(context, bytes, "%Y-%m-%d %H:%M %Z") {
                Some(time) => vec![Line::from(vec![text::from_ui(time, styles.text)])],
                None => folded(bytes),
            };
            (*label, lines)
        }
        Fact::Counts(label, counts) => (*label, counted(look, counts, width)),
    };
    let mut label = label;
    let lines = lines.into_iter();
    lines
        .map(|line| (std::mem::take(&mut label), line))
        .collect()
}

/// Columns of the longest name beside a number.
const LONGEST: usize = 24;

/// Numbers and names with commas between, as many on a line as fit.
fn counted(look: &Look, counts: &[(u64, Vec<u8>)], width: usize) -> Vec<Line<'static>> {
    let styles = &look.styles;
    let mut lines = vec![Line::default()];
    for (count, name) in counts {
        let count = format!("{} ", crate::entity::number::group_digits(*count));
        let mut one = Line::from(vec![text::from_ui(count, styles.text)]);
        let name = text::fit(name, LONGEST, styles.text, styles.escape);
        one.spans.extend(name.spans);
        if let Some(line) = lines.last_mut().filter(|line| line.width() > 0) {
            line.push_span(text::literal(", ", styles.text));
            // A comma follows, unless it is the last.
            if line.width() + one.width() >= width {
                lines.push(Line::default());
            }
        }
        if let Some(line) = lines.last_mut() {
            line.spans.extend(one.spans);
        }
    }
    lines
}
