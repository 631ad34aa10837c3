//! The answers that a plan takes, with the keys that give them.

use super::{StyledText, Tone};
use crate::{
    app::{model::Context, overlay::PlanOverlay, permission},
    entity::visible,
};

/// The answers that a plan takes now, on lines of so many columns.
pub(super) fn answer_lines(
    context: Context<'_>,
    overlay: &PlanOverlay,
    columns: usize,
) -> Vec<Vec<StyledText>> {
    let closed = overlay.is_about_closed().then(|| {
        key_hint(
            "i",
            if overlay.include_closed {
                "leave closed alone"
            } else {
                "include closed"
            },
        )
    });
    if overlay.plan.eligible.is_empty() {
        let mut keys = vec![vec![("Nothing to change.  ".to_owned(), Tone::Text)]];
        keys.extend(closed);
        keys.push(key_hint("n", "close"));
        return wrap_hints(keys, columns);
    }
    if permission::refused(context).is_some() {
        return wrap_hints(vec![key_hint("n", "cancel")], columns);
    }
    let mut lines = Vec::new();
    if overlay.needs_mapping_acceptance() {
        lines.push(key_hint("c", "accept that difference"));
    }
    lines.extend(number_line(overlay));
    if let Some(words) = overlay
        .blocking_reason()
        .filter(|_| overlay.apply_requested)
    {
        let wrapped = visible::wrap(&words, columns);
        lines.extend(wrapped.into_iter().map(|line| vec![(line, Tone::Warn)]));
    }
    if overlay.is_typing_number() {
        let mut keys = Vec::new();
        if overlay.is_number_complete() && overlay.is_reason_missing() {
            keys.push(key_hint("r", "reason"));
        }
        if overlay.is_ready() {
            keys.push(key_hint("y", "apply"));
        }
        keys.push(key_hint("backspace", "deletes"));
        keys.push(key_hint("esc", "can cancel"));
        lines.extend(wrap_hints(keys, columns));
        return lines;
    }
    let mut keys = Vec::new();
    if overlay.is_reason_missing() {
        keys.push(key_hint("r", "reason"));
    }
    if overlay.is_ready() {
        keys.push(key_hint("y", "apply"));
    }
    keys.push(key_hint("n", "cancel"));
    if overlay.plan.hidden > 0 {
        keys.push(key_hint("h", "drop hidden"));
    }
    keys.extend(closed);
    if !overlay.is_reason_missing() {
        keys.push(key_hint("r", "reason"));
    }
    keys.push(key_hint("o", "note"));
    keys.push(key_hint("t", "ticket"));
    lines.extend(wrap_hints(keys, columns));
    lines
}

/// The number that is typed, and what is wrong with it.
fn number_line(overlay: &PlanOverlay) -> Option<Vec<StyledText>> {
    let number = overlay.required_number?;
    let mut line = vec![(format!("type {number} to apply: "), Tone::Warn)];
    line.push((overlay.typed_number.clone(), Tone::Accent));
    if overlay.is_number_complete() {
        line[0].1 = Tone::Text;
        if overlay.is_ready() {
            line.push(("  y applies".to_owned(), Tone::Text));
        }
    } else if overlay.is_number_wrong() {
        line.push((format!("  is not {number}"), Tone::Error));
    } else {
        line.push(("_".to_owned(), Tone::Dim));
    }
    Some(line)
}

fn key_hint(key: &str, words: &str) -> Vec<StyledText> {
    vec![
        (key.to_owned(), Tone::Key),
        (format!(" {words}   "), Tone::Text),
    ]
}

/// Keys one after the other, on as many lines as they need.
fn wrap_hints(keys: Vec<Vec<StyledText>>, columns: usize) -> Vec<Vec<StyledText>> {
    let mut lines: Vec<Vec<StyledText>> = Vec::new();
    let mut used = 0;
    for words in keys {
        let whole: usize = words.iter().map(|(text, _)| visible::width(text)).sum();
        // The blanks behind the last word need no room.
        let shown: usize = whole
            - words
                .last()
                .map_or(0, |(text, _)| text.len() - text.trim_end().len());
        if let Some(line) = lines.last_mut().filter(|_| used + shown <= columns) {
            line.extend(words);
        } else {
            lines.push(words);
            used = 0;
        }
        used += whole;
    }
    lines
}
