//! Text that is pasted into a line. A line is one: what is pasted is taken as it came, taken with blanks for its line
//! ends where that changes nothing of what is meant, or refused with the reason; never changed without a word.

use super::{
    model::FeatureUpdate,
    notice::Severity,
    prompt::{Prompt, PromptKind},
};
use crate::entity::{lines, lookup::input, number::group_digits};
use tui_input::Input;

/// A line that is typed takes no more, in bytes.
pub const MAX_LINE_BYTES: usize = 16_384;

/// What is said where a hidden line has no room.
pub(super) const SECRET_TOO_LONG: &str =
    "that is longer than any secret: Ctrl-U empties the line, Esc leaves it";

/// What is said where a line has no room.
pub(super) fn line_too_long() -> String {
    format!(
        "a line takes {} bytes: nothing more was taken",
        group_digits(MAX_LINE_BYTES as u64)
    )
}

/// Text was pasted: the open line takes it, or says why not. Returns true if the line is another one now.
pub(super) fn paste_into_prompt(
    prompt: &mut Prompt,
    update: &mut FeatureUpdate<'_>,
    text: &str,
) -> bool {
    if paste_into_secret(prompt, update, text) {
        return false;
    }
    match normalize_pasted(&prompt.kind, prompt.input.value().len(), text) {
        Ok((text, told)) => {
            insert(prompt, &text);
            prompt.message = told.map(|told| (Severity::Warning, told.to_owned()));
            true
        }
        Err(why) => {
            refuse(prompt, update, why);
            false
        }
    }
}

/// Adds to a hidden line exactly what came, or empties it: half of a secret is another secret. Answers whether the line
/// is a hidden one.
pub(super) fn paste_into_secret(
    prompt: &mut Prompt,
    update: &mut FeatureUpdate<'_>,
    text: &str,
) -> bool {
    let PromptKind::Secret { line, .. } = &mut prompt.kind else {
        return false;
    };
    prompt.message = None;
    let why = if text.contains('\u{fffd}') {
        "what was pasted is no text (UTF-8)".to_owned()
    } else {
        match input::single_line(text.as_bytes()) {
            Ok(secret) if line.push_text(secret) => return true,
            Ok(_) => "that is longer than any secret".to_owned(),
            Err(refusal) => refusal.message,
        }
    };
    line.clear();
    refuse(prompt, update, format!("{why}: the line is empty again"));
    true
}

/// Says it above the line, and keeps it for later.
fn refuse(prompt: &mut Prompt, update: &mut FeatureUpdate<'_>, why: String) {
    update.notify(Severity::Error, why.clone(), None);
    prompt.message = Some((Severity::Error, why));
}

/// What a line that is shown takes of a text, and what is to be said of it.
fn normalize_pasted(
    kind: &PromptKind,
    there: usize,
    text: &str,
) -> Result<(String, Option<&'static str>), String> {
    if there + text.len() > MAX_LINE_BYTES {
        return Err(line_too_long());
    }
    let (text, mark) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, Some("the byte order mark was left out")),
        None => (text, None),
    };
    // Unicode's own ends of a line and of a paragraph are no control characters, and show nothing.
    let text = text.replace(['\u{2028}', '\u{2029}'], "\n");
    let mut parts = lines::split_lines(&text);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    if !rest.is_empty() {
        match kind {
            PromptKind::Palette { .. } => {
                return Err("a command is one line: nothing of the lines was taken".to_owned());
            }
            PromptKind::Export | PromptKind::Evidence(_) => {
                return Err("a file's name is one line: nothing of the lines was taken".to_owned());
            }
            PromptKind::TakeOver(..)
            | PromptKind::Filter { .. }
            | PromptKind::MarkPattern
            | PromptKind::UnmarkPattern
            | PromptKind::Justification(_)
            | PromptKind::Note(_)
            | PromptKind::Pipe
            | PromptKind::RunCommand(_)
            | PromptKind::HelpSearch
            | PromptKind::Secret { .. } => {}
        }
    }
    if matches!(kind, PromptKind::TakeOver(..)) {
        return Err("the word is typed, not pasted".to_owned());
    }
    let mut one = first.to_owned();
    for line in &rest {
        one.push(' ');
        one.push_str(line);
    }
    let tabs = one.contains('\t');
    if tabs && matches!(kind, PromptKind::Export | PromptKind::Evidence(_)) {
        return Err("there is a tab in it: nothing was taken".to_owned());
    }
    let one = one.replace('\t', " ");
    if let Some(odd) = one.chars().find(|c| c.is_control()) {
        let code = u32::from(odd);
        return Err(format!(
            "there is a control character in it (U+{code:04X}): nothing was taken"
        ));
    }
    let told = match (rest.is_empty(), tabs) {
        (false, _) => Some("line ends were taken as blanks"),
        (true, true) => Some("tabs were taken as blanks"),
        (true, false) => mark,
    };
    Ok((one, told))
}

/// Puts a text where the cursor stands, at once.
fn insert(prompt: &mut Prompt, text: &str) {
    let cursor = prompt.input.cursor();
    let value = prompt.input.value();
    let at = value
        .char_indices()
        .nth(cursor)
        .map_or(value.len(), |(at, _)| at);
    let whole = [&value[..at], text, &value[at..]].concat();
    prompt.input = Input::new(whole).with_cursor(cursor + text.chars().count());
}
