//! What the leaks in view have in common, counted: a picture to look at, and a way to filter, for each value narrows the
//! leaks to what has it.

pub mod timeline;

use super::{
    command::Command,
    model::{Context, Pane, WorkspaceUpdate},
    notice::Severity,
};
use crate::{
    entity::{leak::RiskLevel, raw_text::RawText, status::Status},
    filter,
    table::Facets,
};
use strum::{EnumCount, IntoEnumIterator};
use timeline::Timeline;

/// By what leaks are counted.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumCount,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
pub enum FacetChart {
    /// By status.
    Status,
    /// By risk.
    Risk,
    /// By class.
    Class,
    /// By the machine's country.
    Country,
    /// By provider.
    Source,
    /// By the date of the leak.
    Seen,
}

impl FacetChart {
    /// What stands above it.
    pub fn title(self) -> &'static str {
        self.into()
    }
}

/// What leaks have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A status.
    Status(Status),
    /// A risk; `None` where the provider says nothing.
    Risk(Option<RiskLevel>),
    /// A provider's id.
    Source(String),
    /// A text; `None` where there is none.
    Text(Option<RawText>),
}

/// A value and how many leaks have it.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetValue {
    /// What.
    pub value: Value,
    /// How many.
    pub count: u32,
}

/// The picture, and where the cursor stands in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacetPanel {
    /// The values, by the number of the card.
    charts: [Vec<FacetValue>; FacetChart::COUNT],
    /// By the date of the leak.
    pub timeline: Timeline,
    /// Leaks that were counted.
    pub total: usize,
    /// The card with the cursor.
    current_chart: usize,
    /// The cursor of each card.
    cursors: [usize; FacetChart::COUNT],
}

impl FacetPanel {
    /// The values of a card, largest first or in their own order; none for the dates, which are a chart.
    pub fn values(&self, card: FacetChart) -> &[FacetValue] {
        self.charts.get(card as usize).map_or(&[], Vec::as_slice)
    }

    /// The card with the cursor.
    pub fn current_chart(&self) -> FacetChart {
        FacetChart::iter()
            .nth(self.current_chart)
            .unwrap_or(FacetChart::Status)
    }

    /// Where the cursor of a card stands.
    pub fn cursor(&self, card: FacetChart) -> usize {
        self.cursors.get(card as usize).copied().unwrap_or(0)
    }

    fn row_count(&self, card: FacetChart) -> usize {
        if card == FacetChart::Seen {
            self.timeline.buckets.len()
        } else {
            self.values(card).len()
        }
    }

    fn set_facets(&mut self, facets: Facets, timeline: Timeline, total: usize) {
        let counted = |value, count| FacetValue { value, count };
        let status = facets.status.into_iter();
        let risk = facets.risk.into_iter();
        let class = facets.class.into_iter();
        let country = facets.country.into_iter();
        let source = facets.source.into_iter();
        self.charts = [
            status
                .map(|(it, n)| counted(Value::Status(it), n))
                .collect(),
            risk.map(|(it, n)| counted(Value::Risk(it), n)).collect(),
            class.map(|(it, n)| counted(Value::Text(it), n)).collect(),
            country.map(|(it, n)| counted(Value::Text(it), n)).collect(),
            source
                .map(|(it, n)| counted(Value::Source(it), n))
                .collect(),
            Vec::new(),
        ];
        self.timeline = timeline;
        self.total = total;
        for card in FacetChart::iter() {
            let last = self.row_count(card).saturating_sub(1);
            if let Some(cursor) = self.cursors.get_mut(card as usize) {
                *cursor = (*cursor).min(last);
            }
        }
    }
}

/// Opens the picture of the leaks in view; the newest date has the chart's cursor.
pub(super) fn picture(context: Context<'_>) -> FacetPanel {
    let mut picture = FacetPanel::default();
    if let Some(cursor) = picture.cursors.get_mut(FacetChart::Seen as usize) {
        *cursor = usize::MAX;
    }
    refresh_panel(context, &mut picture);
    picture
}

fn refresh_panel(context: Context<'_>, picture: &mut FacetPanel) {
    let rows = context.workspace.leaks.list.order();
    let facets = context.data.table.facets(rows);
    let timeline = timeline::count_by_date(&context.data.table, rows, &facets);
    picture.set_facets(facets, timeline, rows.len());
}

/// The leaks in view are others now: a picture that is open is built again.
pub(super) fn rebuild(context: Context<'_>, picture: &mut FacetPanel) {
    refresh_panel(context, picture);
}

/// Moves the cursor: within the card, and over its ends to the next one; in the chart from date to date.
pub(super) fn move_cursor(picture: &mut FacetPanel, by: isize) {
    let card = picture.current_chart();
    let last = picture.row_count(card).saturating_sub(1);
    let at = picture.cursor(card);
    let beyond = if by < 0 { at == 0 } else { at >= last };
    if beyond && by.unsigned_abs() == 1 && card != FacetChart::Seen {
        next_chart(picture, by);
        let card = picture.current_chart();
        let end = picture.row_count(card).saturating_sub(1);
        if let Some(cursor) = picture.cursors.get_mut(card as usize)
            && card != FacetChart::Seen
        {
            *cursor = if by < 0 { end } else { 0 };
        }
        return;
    }
    if beyond && by == -1 {
        // Out of the chart upwards.
        return next_chart(picture, -1);
    }
    if card == FacetChart::Seen && by == 1 {
        return;
    }
    if let Some(cursor) = picture.cursors.get_mut(card as usize) {
        *cursor = at.saturating_add_signed(by).min(last);
    }
}

/// The next card that has anything, or the one before; they are not a ring.
pub(super) fn next_chart(picture: &mut FacetPanel, by: isize) {
    let mut at = picture.current_chart;
    loop {
        let next = at
            .saturating_add_signed(by.signum())
            .min(FacetChart::COUNT - 1);
        if next == at {
            return;
        }
        at = next;
        let has = FacetChart::iter()
            .nth(at)
            .is_some_and(|card| picture.row_count(card) > 0);
        if has {
            picture.current_chart = at;
            return;
        }
    }
}

/// To the side: another card, or another date of the chart.
pub(super) fn move_horizontal(picture: &mut FacetPanel, right: bool) {
    let by = if right { 1 } else { -1 };
    if picture.current_chart() != FacetChart::Seen {
        return next_chart(picture, by);
    }
    let last = picture.row_count(FacetChart::Seen).saturating_sub(1);
    if let Some(cursor) = picture.cursors.get_mut(FacetChart::Seen as usize) {
        *cursor = cursor.saturating_add_signed(by).min(last);
    }
}

/// Narrows the leaks to what is under the cursor; where the filter says so already, takes that out of it.
pub(super) fn toggle_filter_term(picture: &FacetPanel, update: &mut WorkspaceUpdate<'_>) {
    let (terms, now) = (terms(picture), update.now.since_start);
    let filter = update.workspace.leaks.filter.filter.text();
    let text = terms
        .iter()
        .find_map(|term| without_term(filter, term))
        .or_else(|| terms.first().map(|term| with_term(filter, term)));
    match text
        .as_deref()
        .map(|text| (text, filter::parse(text, &update.setup.sources)))
    {
        Some((text, Ok(_))) => update
            .commands
            .push(Command::SetFilter(Pane::Leaks, text.to_owned())),
        Some((_, Err(error))) => {
            let (text, hint) = (error.message, Some(error.hint));
            update.notices.push(Severity::Error, text, hint, now);
        }
        None => {
            let text = "no filter can name this";
            update.notices.push(Severity::Info, text, None, now);
        }
    }
}

/// The terms that name what is under the cursor, the best first.
fn terms(picture: &FacetPanel) -> Vec<String> {
    let card = picture.current_chart();
    let at = picture.cursor(card);
    if card == FacetChart::Seen {
        return picture.timeline.term(at).into_iter().collect();
    }
    let Some(FacetValue { value, .. }) = picture.values(card).get(at) else {
        return Vec::new();
    };
    if *value != Value::Status(Status::Open) {
        return term_for_value(card, value).into_iter().collect();
    }
    // Open as a word means everything that is not closed.
    let others = picture.values(FacetChart::Status).iter().any(|counted| {
        let is_open = |status: &Status| *status != Status::Open && status.is_unresolved();
        matches!(&counted.value, Value::Status(status) if is_open(status))
    });
    let alone = "status:open !status:new,investigating,unknown".to_owned();
    let open = "status:open".to_owned();
    if others {
        vec![alone, open]
    } else {
        vec![open, alone]
    }
}

/// A filter with one term more.
fn with_term(filter: &str, term: &str) -> String {
    let filter = filter.trim();
    // The term must hold for all of it.
    let either = filter
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case("or"));
    if filter.is_empty() {
        term.to_owned()
    } else if either && !is_wrapped(filter) {
        format!("({filter}) {term}")
    } else {
        format!("{filter} {term}")
    }
}

/// A filter without one of its terms; `None` where it has it not, or inside of something.
fn without_term(filter: &str, term: &str) -> Option<String> {
    let filter = filter.trim();
    if filter == term {
        return Some(String::new());
    }
    if let Some(before) = filter
        .strip_suffix(term)
        .and_then(|it| it.strip_suffix(' '))
    {
        return Some(strip_parentheses(before.trim()).to_owned());
    }
    let inner = format!(" {filter} ");
    let (before, after) = inner.split_once(&format!(" {term} "))?;
    (!filter.contains(['"', '('])).then(|| {
        format!("{} {}", before.trim(), after.trim())
            .trim()
            .to_owned()
    })
}

fn is_wrapped(filter: &str) -> bool {
    let inner = filter.split_once(") ").map_or(filter, |(inner, _)| inner);
    filter.starts_with('(') && !inner.trim_start_matches('(').contains('(')
}

/// What was put into parentheses for a term that is gone needs them no more.
fn strip_parentheses(filter: &str) -> &str {
    let inner = filter.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    inner
        .filter(|inner| !inner.contains(['(', ')', '"', '/']))
        .unwrap_or(filter)
}

/// The term that names a value; `None` where no text does.
fn term_for_value(card: FacetChart, value: &Value) -> Option<String> {
    Some(match value {
        Value::Status(status) => format!("status:{status}"),
        Value::Risk(None) => "risk:none".to_owned(),
        Value::Risk(Some(RiskLevel::None)) => "risk:level-none".to_owned(),
        Value::Risk(Some(level)) => format!("risk:{level}"),
        Value::Source(source) => format!("source:{source}"),
        Value::Text(None) => format!("{}:none", card.title()),
        Value::Text(Some(text)) => {
            let text = text
                .as_str()
                .filter(|text| !text.chars().any(char::is_control))?;
            format!("{}:{}", card.title(), quote_value(text))
        }
    })
}

/// A value as the language takes it.
fn quote_value(text: &str) -> String {
    let bare = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.chars().all(bare) && !text.is_empty() && !text.eq_ignore_ascii_case("none") {
        return text.to_lowercase();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_added_and_taken_out_again() {
        for (before, after) in [
            ("", "risk:high"),
            ("vpn", "vpn risk:high"),
            ("a or b", "(a or b) risk:high"),
        ] {
            assert_eq!(without_term(before, "risk:high"), None);
            assert_eq!(with_term(before, "risk:high"), after);
            assert_eq!(without_term(after, "risk:high").as_deref(), Some(before));
        }
        let taken = without_term("a risk:high b", "risk:high");
        assert_eq!(taken.as_deref(), Some("a b"));
        assert_eq!(with_term("(a or b) c", "d"), "(a or b) c d");
        for other in ["arisk:high", "\"a risk:high b\"", "(a risk:high b) or c"] {
            assert_eq!(without_term(other, "risk:high"), None, "{other}");
        }
    }

    #[test]
    fn a_value_is_quoted_where_the_language_wants_it() {
        for (text, want) in [
            ("Poland", "poland"),
            ("United Kingdom", "\"United Kingdom\""),
            ("none", "\"none\""),
            ("a\"b", "\"a\\\"b\""),
        ] {
            let value = Value::Text(Some(RawText::from(text.as_bytes())));
            let term = term_for_value(FacetChart::Country, &value).unwrap();
            assert_eq!(term, format!("country:{want}"));
            assert!(filter::parse(&term, &[]).is_ok(), "{term}");
        }
        let broken = Value::Text(Some(RawText::from(&b"\xff"[..])));
        assert_eq!(term_for_value(FacetChart::Class, &broken), None);
    }
}
