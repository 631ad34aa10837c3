//! The line that is being typed, on the last line of the screen; above a wrong one a sign that points at the place, and
//! what to do.

use super::{Look, frame, overlay, pane::parts, text};
use crate::{
    app::{
        filter_line,
        model::{Context, Model},
        prompt::{Prompt, PromptKind},
    },
    entity::visible::is_hidden,
    filter::FilterError,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
    text::Span,
    widgets::{Clear, Widget},
};
use unicode_width::UnicodeWidthChar;

/// What stands where a filter will, as long as nothing is typed.
const EXAMPLES: &str =
    "word  risk>=medium  seen:2026-01..2026-03  age<7d  /re/  ~letters  !not  (a or b)";

/// What stands for a character that a terminal would not show, or would obey: a line may come from a file of views.
const HIDDEN: &str = "?";

/// Draws it; answers where the terminal's cursor belongs.
pub(super) fn draw(
    model: &Model,
    look: &Look,
    prompt: &Prompt,
    area: Rect,
    buffer: &mut Buffer,
) -> Position {
    let styles = &look.styles;
    let label = prompt.label();
    let start = area.x + 1 + label.len() as u16;
    let room = usize::from(area.width)
        .saturating_sub(usize::from(start) + 1)
        .max(1);
    let mut spans = vec![
        text::literal(" ", styles.text),
        text::literal(label, styles.accent),
    ];
    if let PromptKind::Secret { line, .. } = &prompt.kind {
        // One sign a character, so that a slip of the finger is seen, and no more than fit.
        let typed = line.char_count().min(room.saturating_sub(1));
        spans.push(text::from_ui(look.glyphs.mask.repeat(typed), styles.text));
        frame::line(spans, area, 0, buffer);
        draw_message(look, prompt, area, buffer);
        return Position::new(start + typed as u16, area.y);
    }
    let error = error(model.context(), prompt);
    let cursor = columns_before(prompt);
    let scroll = scrolled(prompt, cursor, room);
    // The scroll is in columns; a character may take two.
    let mut column = 0;
    // Where the line goes on to the left, a sign stands in the place of the first character that has room.
    let mut goes_on = scroll > 0;
    let mut place = None;
    for (at, c) in prompt.input.value().chars().enumerate() {
        let width = columns(c);
        let wrong = error.is_some_and(|error| error.column == at + 1);
        if column >= scroll && column + width <= scroll + room {
            let style = match (error, wrong) {
                (Some(_), true) => styles.error.add_modifier(Modifier::UNDERLINED),
                (Some(_), false) => styles.error,
                (None, _) => styles.text,
            };
            if width > 0 && std::mem::take(&mut goes_on) {
                let sign = format!("{}{}", text::ELLIPSIS, " ".repeat(width - 1));
                spans.push(text::from_ui(
                    sign,
                    style.add_modifier(text::ELLIPSIS_STYLE),
                ));
            } else if is_hidden(c) {
                spans.push(text::literal(HIDDEN, styles.escape));
            } else {
                spans.push(text::from_ui(c.to_string(), style));
            }
        }
        if wrong {
            place = Some(column);
        }
        column += width;
    }
    if prompt.input.value().is_empty() && matches!(prompt.kind, PromptKind::Filter { .. }) {
        // Behind the cursor.
        spans.push(text::literal("  ", styles.dim));
        spans.push(text::literal(EXAMPLES, styles.dim));
    }
    frame::line(spans, area, 0, buffer);
    if let (Some(words), Some(y)) = (&prompt.description, area.y.checked_sub(1)) {
        let above = Rect {
            y,
            height: 1,
            ..area
        };
        Clear.render(above, buffer);
        let room = usize::from(area.width).saturating_sub(2);
        // What the line is about may be long, and what Tab does must not go for it.
        let other = |end: &str| {
            prompt
                .tab_alternative
                .map(|other| format!("  Tab: {other}{end}"))
        };
        let tail = other(" instead").filter(|tail| width(words) + width(tail) <= room);
        let tail = tail.or(other("")).unwrap_or_default();
        let words = cut(look, words, room.saturating_sub(width(&tail)));
        let words = text::from_ui(format!(" {words}{tail}"), styles.title);
        frame::line(vec![words], above, 0, buffer);
    }
    if let Some(error) = error {
        // What is missing is missing behind the text.
        let place = place.unwrap_or(column).saturating_sub(scroll).min(room);
        draw_error_pointer(look, error, start + place as u16, area, buffer);
    }
    if matches!(prompt.kind, PromptKind::Palette { .. }) {
        overlay::palette::draw(model, look, prompt, area, buffer);
    }
    draw_message(look, prompt, area, buffer);
    let cursor = cursor.max(scroll) - scroll;
    Position::new(
        (start + cursor as u16).min(area.right().saturating_sub(1)),
        area.y,
    )
}

/// The columns that a character of the line takes.
fn columns(c: char) -> usize {
    if is_hidden(c) {
        HIDDEN.len()
    } else {
        c.width().unwrap_or(0)
    }
}

/// The column of the cursor, from the beginning of the line.
fn columns_before(prompt: &Prompt) -> usize {
    let before = prompt.input.value().chars().take(prompt.input.cursor());
    before.map(columns).sum()
}

/// How many columns of the line are left of what is shown of it: whole characters, so that the cursor is in sight.
fn scrolled(prompt: &Prompt, cursor: usize, room: usize) -> usize {
    let least = cursor.saturating_sub(room);
    let mut scroll = 0;
    for c in prompt.input.value().chars() {
        if scroll >= least {
            break;
        }
        scroll += columns(c);
    }
    scroll
}

/// What is wrong with the line.
fn error<'a>(context: Context<'a>, prompt: &'a Prompt) -> Option<&'a FilterError> {
    prompt
        .error
        .as_ref()
        .or_else(|| match prompt.kind {
            PromptKind::Filter { pane, .. } => context.workspace.filter(pane)?.error.as_ref(),
            _ => None,
        })
        // While a term is typed, what it takes is worth more than that it is not there yet.
        .filter(|error| {
            prompt.description.is_none() || !filter_line::is_unfinished(error, prompt.input.value())
        })
}

/// What is to be said of the last thing that was typed or pasted, on the line above.
fn draw_message(look: &Look, prompt: &Prompt, area: Rect, buffer: &mut Buffer) {
    let (Some((severity, words)), Some(y)) = (&prompt.message, area.y.checked_sub(1)) else {
        return;
    };
    let above = Rect {
        y,
        height: 1,
        ..area
    };
    let room = usize::from(area.width).saturating_sub(2);
    let words = cut(look, words, room);
    Clear.render(above, buffer);
    let spans = vec![
        text::literal(" ", look.styles.text),
        text::from_ui(words, parts::severity_style(look, *severity)),
    ];
    frame::line(spans, above, 0, buffer);
}

/// Points at the place from the line above, on the side that has more room for the words. The column is said too: a
/// sign alone can be missed.
fn draw_error_pointer(look: &Look, error: &FilterError, x: u16, area: Rect, buffer: &mut Buffer) {
    let Some(y) = area.y.checked_sub(1) else {
        return;
    };
    let above = Rect {
        y,
        height: 1,
        ..area
    };
    let styles = &look.styles;
    let sign = look.glyphs.descending;
    let what = format!("column {}: {}", error.column, error.message);
    let hint = format!("  {}", error.hint);
    let before = usize::from(x.saturating_sub(area.x));
    let behind = usize::from(area.right().saturating_sub(x)).saturating_sub(2);
    Clear.render(above, buffer);
    let spans: Vec<Span<'static>> = if width(&what) <= behind || before <= behind {
        vec![
            text::from_ui(" ".repeat(before), styles.text),
            text::literal(sign, styles.error),
            text::from_ui(format!(" {}", cut(look, &what, behind)), styles.error),
            text::from_ui(hint, styles.dim),
        ]
    } else {
        let whole = width(&what) + width(&hint);
        let (what, hint) = if whole < before {
            (what, hint)
        } else {
            (cut(look, &what, before.saturating_sub(1)), String::new())
        };
        let blank = before.saturating_sub(width(&what) + width(&hint) + 1);
        vec![
            text::from_ui(" ".repeat(blank), styles.text),
            text::from_ui(what, styles.error),
            text::from_ui(format!("{hint} "), styles.dim),
            text::literal(sign, styles.error),
        ]
    };
    frame::line(spans, above, 0, buffer);
}

fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// Our own words, cut to a number of columns with a sign.
fn cut(look: &Look, words: &str, columns: usize) -> String {
    if width(words) <= columns {
        return words.to_owned();
    }
    let kept = columns.saturating_sub(1);
    let words: String = words.chars().take(kept).collect();
    format!("{words}{}", look.glyphs.ellipsis)
}
