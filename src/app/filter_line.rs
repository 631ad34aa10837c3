//! The line of a filter while it is typed: what the term takes, what `Tab` completes it to, and filters typed before.

use super::{
    model::{Context, Pane},
    prompt::{Completion, Prompt, PromptKind},
};
use crate::{
    entity::{leak::LeakField, visible::escape},
    filter::{Field, FilterError, IS_WORDS},
    table::RowId,
};
use std::collections::HashMap;
use strum::IntoEnumIterator as _;
use tui_input::Input;

/// So many leaks are looked through for values that a term could have.
const LOOKED_THROUGH: usize = 50_000;
/// No more values than these are offered.
const MAX_WORDS: usize = 50;

/// Where the last term of a line begins: behind the last blank, bracket or `!` that is not in quotes.
fn start_of_term(text: &str) -> usize {
    let (mut start, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ' ' | '(' | ')' if !quoted => start = at + c.len_utf8(),
            '!' if !quoted && at == start => start = at + 1,
            _ => {}
        }
    }
    start
}

/// Whether what is wrong with a line is no more than that it is not finished: something is missing behind its end.
pub fn is_unfinished(error: &FilterError, text: &str) -> bool {
    error.column > text.chars().count()
}

/// The field of a term, and where its value begins.
fn field_of(term: &str) -> Option<(Field, usize)> {
    let end = term.find([':', '<', '>', '='])?;
    let name = term.get(..end)?.to_ascii_lowercase();
    let sign = term.get(end..)?;
    let length = if sign.starts_with(">=") || sign.starts_with("<=") {
        2
    } else {
        1
    };
    Some((name.parse().ok()?, end + length))
}

/// What the last term of a line takes, for the line above it; `None` where there is nothing to say.
pub fn hint(context: Context<'_>, text: &str) -> Option<String> {
    let term = text.get(start_of_term(text)..)?;
    if let Some((field, _)) = field_of(term) {
        return Some(format!("{} {}", field.name(), takes(context, field)));
    }
    if term.is_empty() || term.starts_with(['"', '/', '~']) {
        return None;
    }
    let lower = term.to_ascii_lowercase();
    let fields: Vec<&str> = Field::iter()
        .map(Field::name)
        .filter(|name| name.starts_with(&lower))
        .collect();
    (!fields.is_empty()).then(|| format!("text, or a field: {}:", fields.join(": ")))
}

/// What a field takes, in words.
fn takes(context: Context<'_>, field: Field) -> String {
    match field {
        Field::Status => {
            "takes new investigating fixed false_positive unknown, open or closed, commas for several"
                .to_owned()
        }
        Field::Risk => {
            "takes high medium low level-none none; also >= > <= <".to_owned()
        }
        Field::Class => "takes the provider's words, whole; none".to_owned(),
        Field::Source => format!("takes {}", context.setup.sources.join(" ")),
        Field::Profile => {
            let names = context.data.profiles.iter();
            let names: Vec<&str> = names
                .map(|state| state.profile.binding.name.as_str())
                .collect();
            format!("takes {}", names.join(" "))
        }
        Field::Is => format!("takes {}", IS_WORDS.join(" ")),
        Field::Form => "takes endpoint resource breach paste".to_owned(),
        Field::Seen | Field::Added | Field::Found => {
            "takes days, months, instants or ages: >=2026-11-29T02:00  :2026-01..2026-03  <12h"
                .to_owned()
        }
        Field::Age => "takes < or > and h, d or w: age<7d".to_owned(),
        Field::Leaks => "takes a number: leaks>9".to_owned(),
        Field::Domain
        | Field::Login
        | Field::Url
        | Field::Host
        | Field::Ip
        | Field::Os
        | Field::Country
        | Field::Device
        | Field::Breach
        | Field::Reason
        | Field::Ticket
        | Field::Claimed
        | Field::Key => "takes a part of the text, commas for several; none".to_owned(),
    }
}

/// The words that the last term can become, the most frequent first, and what stands before them.
pub fn completions(context: Context<'_>, text: &str) -> (String, Vec<String>) {
    let start = start_of_term(text);
    let term = text.get(start..).unwrap_or_default();
    let Some((field, value)) = field_of(term) else {
        let lower = term.to_ascii_lowercase();
        let fields = Field::iter().map(|field| format!("{}:", field.name()));
        let words = fields.chain(["marked".to_owned()]);
        let words = words.filter(|word| word.starts_with(&lower)).collect();
        return (text.get(..start).unwrap_or_default().to_owned(), words);
    };
    // Behind a comma another value begins.
    let typed = term.get(value..).unwrap_or_default();
    let last = typed.rfind(',').map_or(0, |at| at + 1);
    let part = typed
        .get(last..)
        .unwrap_or_default()
        .trim_start_matches('"');
    let at = start + value + last;
    let before = text.get(..at).unwrap_or_default().to_owned();
    (before, values(context, field, &part.to_lowercase()))
}

/// The values of a field that begin so.
fn values(context: Context<'_>, field: Field, part: &str) -> Vec<String> {
    let known: Vec<String> = match field {
        Field::Status => [
            "open",
            "closed",
            "new",
            "investigating",
            "fixed",
            "false_positive",
            "unknown",
        ]
        .map(str::to_owned)
        .to_vec(),
        Field::Risk => ["high", "medium", "low", "level-none", "none"]
            .map(str::to_owned)
            .to_vec(),
        Field::Source => context
            .setup
            .sources
            .iter()
            .map(|id| (*id).to_owned())
            .collect(),
        Field::Profile => {
            let names = context.data.profiles.iter();
            names
                .map(|state| state.profile.binding.name.to_string())
                .collect()
        }
        Field::Is => IS_WORDS.iter().map(|word| (*word).to_owned()).collect(),
        Field::Form => ["endpoint", "resource", "breach", "paste"]
            .map(str::to_owned)
            .to_vec(),
        Field::Age => ["24h", "7d", "4w"].map(str::to_owned).to_vec(),
        _ => match text_of(field) {
            Some(texts) => return loaded(context, texts, part),
            None => Vec::new(),
        },
    };
    known
        .into_iter()
        .filter(|word| word.starts_with(part))
        .collect()
}

/// The member of a leak whose loaded values a field can have.
fn text_of(field: Field) -> Option<LeakField> {
    Some(match field {
        Field::Class => LeakField::Class,
        Field::Domain => LeakField::Domain,
        Field::Login => LeakField::Login,
        Field::Url => LeakField::UrlDomain,
        Field::Host => LeakField::Hostname,
        Field::Ip => LeakField::Ip,
        Field::Os => LeakField::Os,
        Field::Country => LeakField::Country,
        Field::Device => LeakField::HardwareId,
        Field::Breach => LeakField::Breach,
        _ => return None,
    })
}

/// Values of loaded leaks that begin so, or have a word that does; the most frequent first.
fn loaded(context: Context<'_>, field: LeakField, part: &str) -> Vec<String> {
    let table = &context.data.table;
    let mut counts: HashMap<String, usize> = HashMap::new();
    for row in (0..table.row_id_count().min(LOOKED_THROUGH)).map(|row| RowId(row as u32)) {
        let text = table.text(row, field);
        let Ok(text) = std::str::from_utf8(&text) else {
            continue;
        };
        // What would not stand on the line as it is cannot be typed either.
        let fits = text.to_lowercase().starts_with(part)
            && !text.is_empty()
            && !text.contains('"')
            && escape(text.as_bytes()).as_str() == text;
        if fits {
            *counts.entry(text.to_owned()).or_default() += 1;
        }
    }
    let mut found: Vec<(String, usize)> = counts.into_iter().collect();
    found.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    found.truncate(MAX_WORDS);
    found.into_iter().map(|(text, _)| quoted(text)).collect()
}

/// A value as the language spells it.
fn quoted(text: String) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | '/');
    if text.chars().all(plain) {
        text
    } else {
        format!("\"{text}\"")
    }
}

/// `Tab` and `Shift-Tab`: the term becomes the next word that it could be. Answers whether the line is another one.
pub(super) fn complete(prompt: &mut Prompt, context: Context<'_>, by: isize) -> bool {
    if !matches!(
        prompt.kind,
        PromptKind::Filter { .. } | PromptKind::MarkPattern | PromptKind::UnmarkPattern
    ) {
        return false;
    }
    let completion = if let Some(going) = prompt.completion.take() {
        let count = going.words.len();
        let at = (going.at + count).saturating_add_signed(by) % count.max(1);
        Some(Completion { at, ..going })
    } else {
        let (before, words) = completions(context, prompt.input.value());
        (!words.is_empty()).then_some(Completion {
            before,
            words,
            at: 0,
        })
    };
    let Some(completion) = completion else {
        return false;
    };
    let word = completion.words.get(completion.at).cloned();
    let line = format!("{}{}", completion.before, word.unwrap_or_default());
    prompt.input = Input::new(line);
    // A field is only the beginning: the next Tab completes its value.
    let one = completion.words.len() == 1;
    prompt.completion = (!one).then_some(completion);
    true
}

/// `Up` and `Down`: filters typed before. Answers whether the line is another one.
pub(super) fn history(prompt: &mut Prompt, lines: &[String], by: isize) -> bool {
    let Prompt {
        kind: PromptKind::Filter { back, .. },
        input,
        ..
    } = prompt
    else {
        return false;
    };
    let to = back.saturating_add_signed(by).min(lines.len());
    if to == *back {
        return false;
    }
    *back = to;
    let line = lines.len().checked_sub(to).and_then(|at| lines.get(at));
    *input = Input::new(line.cloned().unwrap_or_default());
    true
}

/// Says above the line what its last term takes. Several words that `Tab` goes round are named instead.
pub(super) fn explain(prompt: &mut Prompt, context: Context<'_>) {
    if !matches!(
        prompt.kind,
        PromptKind::Filter {
            pane: Pane::Leaks,
            ..
        } | PromptKind::MarkPattern
            | PromptKind::UnmarkPattern
    ) {
        return;
    }
    prompt.description = match &prompt.completion {
        Some(Completion { words, at, .. }) => {
            let others = words.iter().cycle().skip(*at).take(words.len().min(8));
            let others: Vec<&str> = others.map(String::as_str).collect();
            Some(format!("Tab: {}", others.join("  ")))
        }
        None => hint(context, prompt.input.value()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_term_begins_behind_a_blank_that_is_not_quoted() {
        assert_eq!(start_of_term("vpn status:op"), 4);
        assert_eq!(start_of_term("host:\"a b"), 0);
        assert_eq!(start_of_term("(a or !risk:"), 7);
        assert_eq!(start_of_term(""), 0);
    }

    #[test]
    fn a_term_has_a_field_and_a_value() {
        assert_eq!(field_of("risk>=hi"), Some((Field::Risk, 6)));
        assert_eq!(field_of("status:o"), Some((Field::Status, 7)));
        assert_eq!(field_of("status"), None);
        assert_eq!(field_of("nothing:o"), None);
    }

    #[test]
    fn values_are_quoted_where_the_language_wants_that() {
        assert_eq!(quoted("a.example".to_owned()), "a.example");
        assert_eq!(quoted("Windows 11".to_owned()), "\"Windows 11\"");
    }
}
