//! The changes of a job, one a line: what did not go as asked comes first, for that is what a report is read for.

use super::{Look, frame, text};
use crate::{
    app::model::Context,
    entity::{
        job::{Change, Outcome, Place, SkipCode},
        leak::LeakField,
        number::grouped,
        status::Status,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Span};

/// Below this many columns a line has only what became of a change, and whose it is.
const NARROW: u16 = 60;
/// Columns of what became of it: the longest word, or a short one with its code.
const OUTCOME: usize = 17;
/// A login takes at most this much where more is to be said.
const LOGIN: usize = 40;
/// Columns that an address needs to be worth it.
const ADDRESS: usize = 16;

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
    let titled = room.width >= NARROW && room.height > 4;
    let rows = usize::from(room.height).saturating_sub(usize::from(titled));
    let first = scroll.min(sorted.len().saturating_sub(rows));
    let shown: Vec<&Change> = sorted.iter().skip(first).take(rows).copied().collect();
    let lines: Vec<Said> = shown.iter().map(|change| Said::of(change, asked)).collect();
    let widths = Widths::of(context, &shown, &lines, usize::from(room.width));
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
        grouped((first + 1).min(sorted.len()) as u64),
        grouped((first + shown.len()) as u64),
        grouped(sorted.len() as u64)
    );
    let mut line = vec![text::own(which, look.styles.dim)];
    if room.width >= NARROW {
        line.push(text::literal(" j k move, Esc closes ", look.styles.dim));
    }
    frame::line(line, edge, 0, buffer);
}

/// What is said of a change beside whose it is.
struct Said {
    outcome: Outcome,
    word: String,
    becomes: String,
    why: String,
}

impl Said {
    fn of(change: &Change, asked: Status) -> Self {
        let outcome = change.state().outcome();
        let code = change
            .code()
            .map(|code| format!(" {code}"))
            .unwrap_or_default();
        let before = change.before.map_or("-", |status| status.in_words());
        // What is stored at the provider may be less than what was asked for.
        let becomes = if change.place == Place::Both {
            format!(
                "{before} to {} (stored as {})",
                asked.in_words(),
                change.wanted.in_words()
            )
        } else {
            format!("{before} to {}", change.wanted.in_words())
        };
        Self {
            outcome,
            word: format!("{}{code}", outcome.in_words()),
            becomes,
            why: why(change),
        }
    }
}

/// Why, in words: the code has its own place, a skip code stands for a sentence.
fn why(change: &Change) -> String {
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
    becomes: usize,
    login: usize,
    why: usize,
    url: usize,
}

impl Widths {
    fn of(context: Context<'_>, shown: &[&Change], lines: &[Said], columns: usize) -> Self {
        let room = columns.saturating_sub(OUTCOME + 2);
        if columns < usize::from(NARROW) {
            return Self {
                becomes: 0,
                login: room,
                why: 0,
                url: 0,
            };
        }
        let becomes = lines.iter().map(|said| said.becomes.len()).max();
        let becomes = becomes.unwrap_or_default() + 2;
        let longest = shown
            .iter()
            .map(|change| whose(context, change).len())
            .max();
        let room = room.saturating_sub(becomes);
        let why = lines.iter().map(|said| said.why.chars().count()).max();
        let why = why.filter(|why| *why > 0).map_or(0, |why| why + 2);
        let why = why.min(room / 2);
        let login = longest.unwrap_or_default().min(LOGIN) + 2;
        let login = login.min(room.saturating_sub(why));
        let url = room.saturating_sub(why + login);
        Self {
            becomes,
            login,
            why,
            url: if url < ADDRESS { 0 } else { url },
        }
    }

    fn titles(&self, look: &Look) -> Vec<Span<'static>> {
        let column = |words: &str, width: usize| {
            let words = if width == 0 { "" } else { words };
            text::own(format!("{words:<width$}"), look.styles.dim)
        };
        vec![
            column("  outcome", OUTCOME + 2),
            column("change", self.becomes),
            column("login", self.login),
            column("why", self.why),
            column("url", self.url),
        ]
    }

    fn line(
        &self,
        context: Context<'_>,
        look: &Look,
        change: &Change,
        said: &Said,
    ) -> Vec<Span<'static>> {
        let styles = &look.styles;
        let style = style(look, said.outcome);
        let mut spans = vec![
            text::literal(look.glyphs.outcome(said.outcome), style),
            text::own(format!(" {:<OUTCOME$}", said.word), style),
        ];
        if self.becomes > 0 {
            let width = self.becomes;
            spans.push(text::own(format!("{:<width$}", said.becomes), styles.dim));
        }
        let mut cell = |bytes: &[u8], width: usize, style: Style| {
            if width == 0 {
                return;
            }
            let cell = text::fit(bytes, width.saturating_sub(2), style, styles.escape);
            let gap = width.saturating_sub(cell.width());
            spans.extend(cell.spans);
            spans.push(text::own(" ".repeat(gap), styles.text));
        };
        cell(&whose(context, change), self.login, styles.text);
        cell(said.why.as_bytes(), self.why, style);
        let handle = context.data.table.find(&change.key);
        let url = handle.map(|handle| context.data.table.text(handle, LeakField::Url).into_owned());
        cell(&url.unwrap_or_default(), self.url, styles.dim);
        spans
    }
}

/// Whose a change is: the login where the leak is loaded, else its key.
fn whose(context: Context<'_>, change: &Change) -> Vec<u8> {
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

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failed | Outcome::Contradicted => 0,
        Outcome::Unverifiable | Outcome::Drifted => 1,
        Outcome::Accepted | Outcome::Unknown | Outcome::Pending => 2,
        Outcome::Verified | Outcome::Local => 3,
        Outcome::Skipped | Outcome::Cancelled => 4,
    }
}

/// The colour of an outcome.
pub(super) fn style(look: &Look, outcome: Outcome) -> Style {
    let styles = &look.styles;
    match outcome {
        Outcome::Verified | Outcome::Local => styles.ok,
        Outcome::Failed | Outcome::Contradicted => styles.error,
        Outcome::Unverifiable | Outcome::Drifted => styles.warn,
        Outcome::Accepted | Outcome::Unknown | Outcome::Pending => styles.pending,
        Outcome::Skipped | Outcome::Cancelled => styles.dim,
    }
}
