//! The answers that a plan takes, with the keys that give them.

use super::{Tone, Words};
use crate::{
    app::{model::Context, overlay::PlanOverlay, permission},
    entity::visible,
};

/// The answers that a plan takes now, on lines of so many columns.
pub(super) fn answers(
    context: Context<'_>,
    overlay: &PlanOverlay,
    columns: usize,
) -> Vec<Vec<Words>> {
    let closed = overlay.is_about_closed().then(|| {
        key(
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
        keys.push(key("n", "close"));
        return flow(keys, columns);
    }
    if permission::refused(context).is_some() {
        return flow(vec![key("n", "cancel")], columns);
    }
    let mut lines = Vec::new();
    if overlay.asks_about_lossy() {
        lines.push(key("c", "accept that difference"));
    }
    lines.extend(number(overlay));
    if let Some(words) = overlay.missing().filter(|_| overlay.entered) {
        let wrapped = visible::wrapped(&words, columns);
        lines.extend(wrapped.into_iter().map(|line| vec![(line, Tone::Warn)]));
    }
    if overlay.is_typing() {
        let mut keys = Vec::new();
        if overlay.has_number() && overlay.lacks_reason() {
            keys.push(key("r", "reason"));
        }
        if overlay.is_ready() {
            keys.push(key("y", "apply"));
        }
        keys.push(key("backspace", "deletes"));
        keys.push(key("esc", "can cancel"));
        lines.extend(flow(keys, columns));
        return lines;
    }
    let mut keys = Vec::new();
    if overlay.lacks_reason() {
        keys.push(key("r", "reason"));
    }
    if overlay.is_ready() {
        keys.push(key("y", "apply"));
    }
    keys.push(key("n", "cancel"));
    if overlay.plan.hidden > 0 {
        keys.push(key("h", "drop hidden"));
    }
    keys.extend(closed);
    if !overlay.lacks_reason() {
        keys.push(key("r", "reason"));
    }
    keys.push(key("o", "note"));
    keys.push(key("t", "ticket"));
    lines.extend(flow(keys, columns));
    lines
}

/// The number that is typed, and what is wrong with it.
fn number(overlay: &PlanOverlay) -> Option<Vec<Words>> {
    let number = overlay.number?;
    let mut line = vec![(format!("type {number} to apply: "), Tone::Warn)];
    line.push((overlay.typed.clone(), Tone::Accent));
    if overlay.has_number() {
        line[0].1 = Tone::Text;
        if overlay.is_ready() {
            line.push(("  y applies".to_owned(), Tone::Text));
        }
    } else if overlay.is_wrong() {
        line.push((format!("  is not {number}"), Tone::Error));
    } else {
        line.push(("_".to_owned(), Tone::Dim));
    }
    Some(line)
}

fn key(key: &str, words: &str) -> Vec<Words> {
    vec![
        (key.to_owned(), Tone::Key),
        (format!(" {words}   "), Tone::Text),
    ]
}

/// Keys one after the other, on as many lines as they need.
fn flow(keys: Vec<Vec<Words>>, columns: usize) -> Vec<Vec<Words>> {
    let mut lines: Vec<Vec<Words>> = Vec::new();
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
