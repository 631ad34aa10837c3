//! Fits provider text to columns: the only place that makes spans of it, and it makes them of
//! [`visible`] units alone. Escapes and the sign of a cut take the escape style, so that
//! neither looks like text that was typed.

mod path_parts;

use super::cells;
use crate::entity::visible::{self, Unit, Visible};
pub use crate::entity::{number::group_digits, visible::wrap};
use path_parts::{AsciiMeasure, Measure, PathParts, Piece};
use ratatui::{
    buffer::Buffer,
    style::{Modifier, Style},
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use zeroize::Zeroize as _;

/// Fits a value to a number of columns; `escape_style` is for escapes. What does not fit is cut at its end, and `…` says
/// so; an address or a path is cut in its middle, so that host and file name stay. Output grows with the columns, not
/// with the value.
pub fn fit(bytes: &[u8], columns: usize, style: Style, escape_style: Style) -> Line<'static> {
    if let Some(text) = (bytes.len() <= columns)
        .then(|| visible::as_plain(bytes))
        .flatten()
    {
        return Line::from(Span::styled(text.to_owned(), style));
    }
    if let Some(line) = fit_path(bytes, columns, (style, escape_style)) {
        return line;
    }
    if let Some(line) = fit_ascii(bytes, columns, style) {
        return line;
    }
    let prefix = visible::escape_prefix(bytes, columns);
    let clusters = clusters(&prefix.text, &prefix.units);
    let shown = FittedText {
        text: &prefix.text,
        clusters: &clusters,
        is_complete: prefix.is_whole,
    };
    shown.line(columns, style, escape_style)
}

/// A line that holds a secret: each character in a span of its own, so that nothing of it stays together in memory when
/// the line is dropped.
pub fn scattered(line: Line<'static>) -> Line<'static> {
    let mut spans = Vec::new();
    for span in line.spans {
        let mut text = span.content.into_owned();
        let letters = text.graphemes(true);
        spans.extend(letters.map(|one| Span::styled(one.to_owned(), span.style)));
        text.zeroize();
    }
    Line::from(spans)
}

/// No address that is longer is looked at as a whole.
const MAX_PATH_BYTES: usize = 4_096;

/// The same for an address or a path that does not fit; `None` where it does, or is none.
fn fit_path(
    bytes: &[u8],
    columns: usize,
    (style, escape_style): (Style, Style),
) -> Option<Line<'static>> {
    let place = PathParts::parse(bytes)?;
    let mut spans: Vec<Span<'static>> = Vec::new();
    if let Some(text) = visible::as_plain(bytes) {
        for piece in place.pieces(&AsciiMeasure, bytes.len(), columns)? {
            spans.push(match piece {
                Piece::Ellipsis => ellipsis(style),
                Piece::Part(from, to) => Span::styled(text.get(from..to)?.to_owned(), style),
            });
        }
        return Some(Line::from(spans));
    }
    if bytes.len() > MAX_PATH_BYTES {
        return None;
    }
    let whole = visible::escape_prefix(bytes, MAX_PATH_BYTES);
    let clusters = clusters(&whole.text, &whole.units);
    let measured = ClusterMeasure(&clusters);
    if measured.width(0, bytes.len()) <= columns {
        return None;
    }
    for piece in place.pieces(&measured, bytes.len(), columns)? {
        match piece {
            Piece::Ellipsis => spans.push(ellipsis(style)),
            Piece::Part(from, to) => {
                for cluster in measured.clusters_between(from, to) {
                    let text = whole.text.get(cluster.start..cluster.end)?.to_owned();
                    let style = if cluster.escape { escape_style } else { style };
                    spans.push(Span::styled(text, style));
                }
            }
        }
    }
    // A mark that is cut off its letter is wider alone: then the value is cut at its end, as any other.
    let line = Line::from(spans);
    (line.width() <= columns).then_some(line)
}

/// The clusters of a whole value, to be measured by places in it.
struct ClusterMeasure<'a>(&'a [Cluster]);

impl ClusterMeasure<'_> {
    /// Those between two places.
    fn clusters_between(
        &self,
        from: usize,
        to: usize,
    ) -> impl DoubleEndedIterator<Item = &Cluster> {
        let first = self.0.partition_point(|cluster| cluster.source_end <= from);
        let end = self.0.partition_point(|cluster| cluster.source_end <= to);
        self.0.get(first..end.max(first)).unwrap_or_default().iter()
    }
}

impl Measure for ClusterMeasure<'_> {
    fn width(&self, from: usize, to: usize) -> usize {
        self.clusters_between(from, to)
            .map(|cluster| cluster.width)
            .sum()
    }

    fn prefix_end(&self, from: usize, to: usize, columns: usize) -> usize {
        let (mut used, mut end) = (0, from);
        for cluster in self.clusters_between(from, to) {
            used += cluster.width;
            if used > columns {
                break;
            }
            end = cluster.source_end;
        }
        end
    }

    fn suffix_start(&self, from: usize, to: usize, columns: usize) -> usize {
        let mut left = columns;
        let mut begin = to;
        for cluster in self.clusters_between(from, to).rev() {
            let Some(rest) = left.checked_sub(cluster.width) else {
                break;
            };
            left = rest;
            begin = cluster.source_start;
        }
        begin
    }
}

/// The same for a value that is longer than its columns and begins with nothing but letters of one byte and one column,
/// which a cut may divide anywhere.
fn fit_ascii(bytes: &[u8], columns: usize, style: Style) -> Option<Line<'static>> {
    // What follows the cut may belong to what is before it, and blanks at an edge are escaped.
    let head = bytes.get(..=columns)?;
    let edges = bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ');
    if !edges || !head.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let room = columns.saturating_sub(1);
    let shown = std::str::from_utf8(head.get(..room)?).ok()?;
    let mut spans = Vec::with_capacity(2);
    if !shown.is_empty() {
        spans.push(Span::styled(shown.to_owned(), style));
    }
    if columns > 0 {
        spans.push(ellipsis(style));
    }
    Some(Line::from(spans))
}

/// The sign of a cut, one column wide. A theme of plain letters has another one, which is put in its place when the
/// frame is drawn.
pub const ELLIPSIS: &str = "…";

/// The style of a cut's sign, never that of text, for typed it would look otherwise.
pub const ELLIPSIS_STYLE: Modifier = Modifier::ITALIC;

fn ellipsis(style: Style) -> Span<'static> {
    Span::styled(ELLIPSIS, style.add_modifier(ELLIPSIS_STYLE))
}

/// Fits text that is printable already.
pub fn fit_visible(
    text: &Visible,
    columns: usize,
    style: Style,
    escape_style: Style,
) -> Line<'static> {
    let mut units = Vec::new();
    let mut at = 0;
    for (escape, part) in text.parts() {
        let mut push = |length: usize| {
            at += length;
            units.push(Unit {
                end: at,
                source_end: at,
                is_escape: escape,
            });
        };
        if escape {
            // Every escape begins with a backslash and has no other.
            part.split('\\').skip(1).for_each(|e| push(e.len() + 1));
        } else {
            part.chars().for_each(|c| push(c.len_utf8()));
        }
    }
    let clusters = clusters(text.as_str(), &units);
    let shown = FittedText {
        text: text.as_str(),
        clusters: &clusters,
        is_complete: true,
    };
    shown.line(columns, style, escape_style)
}

/// Folds a value onto as many lines as it needs, and cuts nothing but what is longer than [`LONGEST_FOLDED`] bytes, where
/// `…` says so. There is at least one line.
pub fn folded(
    bytes: &[u8],
    columns: usize,
    style: Style,
    escape_style: Style,
) -> Vec<Line<'static>> {
    let whole = visible::escape_prefix(bytes, LONGEST_FOLDED);
    let mut rest: &[Cluster] = &clusters(&whole.text, &whole.units);
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let mut used = 0;
        let fitting = rest.iter().take_while(|cluster| {
            used += cluster.width;
            used <= columns
        });
        // A cluster that is wider than the line has one of its own.
        let (line, below) = rest.split_at(fitting.count().clamp(1, rest.len()));
        let shown = FittedText {
            text: &whole.text,
            clusters: line,
            is_complete: true,
        };
        lines.push(shown.line(columns.max(used), style, escape_style));
        rest = below;
    }
    if !whole.is_whole {
        lines.push(Line::from(ellipsis(style)));
    }
    if lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// The longest value that [`folded`] shows whole, in columns.
pub const LONGEST_FOLDED: usize = 16_384;

/// Our own words.
pub fn literal(text: &'static str, style: Style) -> Span<'static> {
    Span::styled(text, style)
}

/// A number, right-aligned: `41,200`. One that does not fit is shown by its size (`41k`, `4M`), or as `#` a column.
pub fn number(number: u64, columns: usize, style: Style) -> Span<'static> {
    let whole = group_digits(number);
    let forms = [
        whole,
        number.to_string(),
        format!("{}k", number / 1_000),
        format!("{}M", number / 1_000_000),
        format!("{}G", number / 1_000_000_000),
    ];
    let fitting = forms
        .into_iter()
        .find(|form| form.len() <= columns)
        .unwrap_or_else(|| "#".repeat(columns));
    Span::styled(format!("{fitting:>columns$}"), style)
}

/// What a cut may not divide, and what is drawn as one.
#[derive(Clone, Copy)]
struct Cluster {
    start: usize,
    end: usize,
    source_start: usize,
    source_end: usize,
    width: usize,
    escape: bool,
    /// Drawn in a span of its own, so that the drawing library does not join it with its neighbour.
    own_span: bool,
}

struct FittedText<'a> {
    text: &'a str,
    clusters: &'a [Cluster],
    is_complete: bool,
}

impl FittedText<'_> {
    fn line(&self, columns: usize, style: Style, escape_style: Style) -> Line<'static> {
        let total: usize = self.clusters.iter().map(|cluster| cluster.width).sum();
        let fits = self.is_complete && total <= columns;
        let room = if fits {
            columns
        } else {
            columns.saturating_sub(1)
        };
        let mut spans: Vec<Span<'static>> = Vec::new();
        let mut used = 0;
        let mut joins = None;
        for cluster in self.clusters {
            if used + cluster.width > room {
                break;
            }
            used += cluster.width;
            let text = &self.text[cluster.start..cluster.end];
            match spans.last_mut() {
                Some(span) if joins == Some(cluster.escape) && !cluster.own_span => {
                    span.content.to_mut().push_str(text);
                }
                Some(_) | None => {
                    let style = if cluster.escape { escape_style } else { style };
                    spans.push(Span::styled(text.to_owned(), style));
                }
            }
            joins = (!cluster.own_span).then_some(cluster.escape);
        }
        if !fits && columns > 0 {
            spans.push(ellipsis(style));
        }
        Line::from(spans)
    }
}

fn clusters(text: &str, units: &[Unit]) -> Vec<Cluster> {
    let mut clusters = Vec::with_capacity(units.len());
    let mut start = 0;
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        if unit.is_escape {
            clusters.push(Cluster {
                start,
                end: unit.end,
                source_start: 0,
                source_end: unit.source_end,
                width: unit.end - start,
                escape: true,
                own_span: false,
            });
            start = unit.end;
            at += 1;
            continue;
        }
        let run = units[at..]
            .iter()
            .take_while(|unit| !unit.is_escape)
            .count();
        let end = units[at + run - 1].end;
        for grapheme in text[start..end].graphemes(true) {
            push_grapheme(&mut clusters, grapheme, start, &units[at..]);
            at += grapheme.chars().count();
            start += grapheme.len();
        }
    }
    let mut before = 0;
    for cluster in &mut clusters {
        cluster.source_start = std::mem::replace(&mut before, cluster.source_end);
    }
    clusters
}

/// A grapheme, or its bases with their marks one by one where a script joins so many that they are wider than a
/// wide character.
fn push_grapheme(clusters: &mut Vec<Cluster>, grapheme: &str, start: usize, units: &[Unit]) {
    let width = grapheme.width();
    let apart = width > 2;
    let mut end = start;
    let first = clusters.len();
    for (c, unit) in grapheme.chars().zip(units) {
        let own = c.width().unwrap_or(0);
        match clusters.last_mut() {
            Some(last) if end > start && (!apart || own == 0) => {
                last.end = unit.end;
                last.source_end = unit.source_end;
            }
            Some(_) | None => clusters.push(Cluster {
                start: end,
                end: unit.end,
                source_start: 0,
                source_end: unit.source_end,
                width: if apart { own } else { width },
                escape: false,
                own_span: apart,
            }),
        }
        end = unit.end;
    }
    for cluster in &mut clusters[first..] {
        if apart {
            cluster.width = grapheme[cluster.start - start..cluster.end - start].width();
        }
    }
}

/// Our own words, made at run time. Should anything unprintable have got in, it is written out after all.
pub fn from_ui(text: String, style: Style) -> Span<'static> {
    if text.chars().any(char::is_control) {
        return Span::styled(
            crate::entity::visible::escape(text.as_bytes())
                .as_str()
                .to_owned(),
            style,
        );
    }
    Span::styled(text, style)
}

/// Puts a value somewhere, fitted to a number of columns.
pub fn draw_fitted(
    bytes: &[u8],
    columns: u16,
    (style, escape_style): (Style, Style),
    at: (u16, u16),
    buffer: &mut Buffer,
) {
    let whole = usize::from(columns);
    // As nearly all are: no span is made of it.
    let plain = (bytes.len() <= whole).then(|| visible::as_plain(bytes));
    match plain.flatten() {
        Some(text) => {
            cells::draw_text(text, style, at, columns, buffer);
        }
        None => cells::draw_spans(
            &fit(bytes, whole, style, escape_style).spans,
            at,
            columns,
            buffer,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn letters_are_cut_as_everything_is(
            value in "[ -~]{0,40}|[ -~é\u{301}あ]{0,40}",
            columns in 0_usize..40,
        ) {
            let style = Style::default();
            let bytes = value.as_bytes();
            if let Some(quick) = fit_ascii(bytes, columns, style) {
                let prefix = visible::escape_prefix(bytes, columns);
                let shown = FittedText {
                    text: &prefix.text,
                    clusters: &clusters(&prefix.text, &prefix.units),
                    is_complete: prefix.is_whole,
                };
                prop_assert_eq!(quick, shown.line(columns, style, style.reversed()));
            }
        }
    }
}
