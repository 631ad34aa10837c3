//! The changes of a job, one a line: what did not go as asked comes first, for that is what a report is read for.

use super::{Look, frame, text};
use crate::{
    app::model::Context,
    entity::{
        job::{Change, ChangeOutcome, SkipCode, StorageTarget},
        leak::LeakField,
        number::group_digits,
        status::Status,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

/// Below this many columns a line has only what became of a change, and whose it is.
const NARROW_WIDTH: u16 = 60;
/// Columns of what became of it: the longest word, or a short one with its code.
const OUTCOME_WIDTH: usize = 19;
/// A login takes at most this much where more is to be said.
const MAX_LOGIN_WIDTH: usize = 40;
/// Columns that an address needs to be worth it.
const MIN_URL_WIDTH: usize = 16;

/// Draws those in view and, on the lower edge, which these are.
pub(super) fn draw(
    context: Context<'_>,
    look: &Look,
    (changes, asked, scroll): (&[Change], Status, usize),
    room: Rect,
    buffer: &mut Buffer,
) {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| (rank(change.state().outcome()), change.index));
    let titled = room.width >= NARROW_WIDTH && room.height > 4;
    let rows = usize::from(room.height).saturating_sub(usize::from(titled));
    let first = scroll.min(sorted.len().saturating_sub(rows));
    let shown: Vec<&Change> = sorted.iter().skip(first).take(rows).copied().collect();
    let lines: Vec<ChangeText> = shown
        .iter()
        .map(|change| ChangeText::from_change(change, asked))
        .collect();
    let widths = Widths::measure(context, &shown, &lines, usize::from(room.width));
    if titled {
        frame::line(widths.titles(look), room, 0, buffer);
    }
    for (at, (change, said)) in shown.iter().zip(&lines).enumerate() {
        let row = at as u16 + u16::from(titled);
        let line = widths.line(context, look, change, said);
        frame::line(line, room, row, buffer);
    }
    let edge = Rect {
        y: room.bottom(),
        height: 1,
        ..room
    };
    let which = format!(
        " {} to {} of {} changes ",
        group_digits((first + 1).min(sorted.len()) as u64),
        group_digits((first + shown.len()) as u64),
        group_digits(sorted.len() as u64)
    );
    let mut line = vec![text::from_ui(which, look.styles.dim)];
    if room.width >= NARROW_WIDTH {
        line.push(text::literal(" j k move, Esc closes ", look.styles.dim));
    }
    frame::line(line, edge, 0, buffer);
}

/// What is said of a change beside whose it is.
struct ChangeText {
    outcome: ChangeOutcome,
    outcome_label: String,
    status_change: String,
    reason: String,
}

impl ChangeText {
    fn from_change(change: &Change, asked: Status) -> Self {
        let outcome = change.state().outcome();
        let code = change
            .code()
            .map(|code| format!(" {code}"))
            .unwrap_or_default();
        let before = change.before.map_or("-", |status| status.label());
        // What is stored at the provider may be less than what was asked for.
        let becomes = if change.storage_target == StorageTarget::Both {
            format!(
                "{before} to {} (stored as {})",
                asked.label(),
                change.wanted.label()
            )
        } else {
            format!("{before} to {}", change.wanted.label())
        };
        Self {
            outcome,
            outcome_label: format!("{}{code}", outcome.in_words()),
            status_change: becomes,
            reason: reason(change),
        }
    }
}

/// Why, in words: the code has its own place, a skip code stands for a sentence.
fn reason(change: &Change) -> String {
    let Some(reason) = change.reason() else {
        return String::new();
    };
    if let Ok(code) = reason.parse::<SkipCode>() {
        return code.reason().to_owned();
    }
    let code = change.code().map(|code| format!(" (HTTP {code})"));
    code.map_or_else(|| reason.to_owned(), |code| reason.replacen(&*code, "", 1))
}

/// How wide each column is; one that nothing is in is left out.
struct Widths {
    status_change: usize,
    login: usize,
    reason: usize,
    url: usize,
}

impl Widths {
    fn measure(
        context: Context<'_>,
        shown: &[&Change],
        lines: &[ChangeText],
        columns: usize,
    ) -> Self {
        let room = columns.saturating_sub(OUTCOME_WIDTH + 2);
        if columns < usize::from(NARROW_WIDTH) {
            return Self {
                status_change: 0,
                login: room,
                reason: 0,
                url: 0,
            };
        }
        let becomes = lines.iter().map(|said| said.status_change.len()).max();
        let becomes = becomes.unwrap_or_default() + 2;
        let longest = shown
            .iter()
            .map(|change| change_subject(context, change).len())
            .max();
        let room = room.saturating_sub(becomes);
        let why = lines.iter().map(|said| said.reason.chars().count()).max();
        let why = why.filter(|why| *why > 0).map_or(0, |why| why + 2);
        let why = why.min(room / 2);
        let login = longest.unwrap_or_default().min(MAX_LOGIN_WIDTH) + 2;
        let login = login.min(room.saturating_sub(why));
        let url = room.saturating_sub(why + login);
        Self {
            status_change: becomes,
            login,
            reason: why,
            url: if url < MIN_URL_WIDTH { 0 } else { url },
        }
    }

    fn titles(&self, look: &Look) -> Vec<Span<'static>> {
        let column = |words: &str, width: usize| {
            let words = if width == 0 { "" } else { words };
            text::from_ui(format!("{words:<width$}"), look.styles.dim)
        };
        vec![
            column("  outcome", OUTCOME_WIDTH + 2),
            column("change", self.status_change),
            column("login", self.login),
            column("why", self.reason),
            column("url", self.url),
        ]
    }

    fn line(
        &self,
        context: Context<'_>,
        look: &Look,
        change: &Change,
        said: &ChangeText,
    ) -> Vec<Span<'static>> {
        let styles = &look.styles;
        let style = style(look, said.outcome);
        let mut spans = vec![
            text::literal(look.glyphs.outcome(said.outcome), style),
            text::from_ui(format!(" {:<OUTCOME_WIDTH$}", said.outcome_label), style),
        ];
        if self.status_change > 0 {
            let width = self.status_change;
            spans.push(text::from_ui(
                format!("{:<width$}", said.status_change),
                styles.dim,
            ));
        }
        let mut cell = |bytes: &[u8], width: usize, style: Style| {
            if width == 0 {
                return;
            }
            let cell = text::fit(bytes, width.saturating_sub(2), style, styles.escape);
            let gap = width.saturating_sub(cell.width());
            spans.extend(cell.spans);
            spans.push(text::from_ui(" ".repeat(gap), styles.text));
        };
        cell(&change_subject(context, change), self.login, styles.text);
        cell(said.reason.as_bytes(), self.reason, style);
        let handle = context.data.table.find(&change.key);
        let url = handle.map(|handle| context.data.table.text(handle, LeakField::Url).into_owned());
        cell(&url.unwrap_or_default(), self.url, styles.dim);
        spans
    }
}

/// Whose a change is: the login where the leak is loaded, else its key.
fn change_subject(context: Context<'_>, change: &Change) -> Vec<u8> {
    let handle = context.data.table.find(&change.key);
    let login = handle.map(|handle| {
        context
            .data
            .table
            .text(handle, LeakField::Login)
            .into_owned()
    });
    let login = login.filter(|login| !login.is_empty());
    login.unwrap_or_else(|| change.key.to_string().into_bytes())
}

fn rank(outcome: ChangeOutcome) -> u8 {
    match outcome {
        ChangeOutcome::Failed | ChangeOutcome::Contradicted => 0,
        ChangeOutcome::Unverifiable | ChangeOutcome::Drifted => 1,
        ChangeOutcome::Accepted | ChangeOutcome::Unknown | ChangeOutcome::Pending => 2,
        ChangeOutcome::Verified | ChangeOutcome::Local => 3,
        ChangeOutcome::Skipped | ChangeOutcome::Cancelled => 4,
    }
}

/// The colour of an outcome.
pub(super) fn style(look: &Look, outcome: ChangeOutcome) -> Style {
    let styles = &look.styles;
    match outcome {
        ChangeOutcome::Verified | ChangeOutcome::Local => styles.ok,
        ChangeOutcome::Failed | ChangeOutcome::Contradicted => styles.error,
        ChangeOutcome::Unverifiable | ChangeOutcome::Drifted => styles.warn,
        ChangeOutcome::Accepted | ChangeOutcome::Unknown | ChangeOutcome::Pending => styles.pending,
        ChangeOutcome::Skipped | ChangeOutcome::Cancelled => styles.dim,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator as _;

    #[test]
    fn a_gap_follows_the_longest_outcome() {
        for outcome in ChangeOutcome::iter() {
            assert!(outcome.in_words().len() + 2 <= OUTCOME_WIDTH, "{outcome}");
        }
    }
}
