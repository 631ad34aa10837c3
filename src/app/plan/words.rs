//! Why a plan is made: reason, note and ticket, typed before it is applied and kept with the job and with each leak.

use crate::{
    app::{
        model::Plan,
        notice::Severity,
        overlay::update::OverlayUpdate,
        plan::word::JustificationField,
        prompt::{Completion, Prompt, PromptKind},
    },
    entity::claim::{Justification, MAX_JUSTIFICATION_CHARS, non_blank},
    table::RowId,
};
use tui_input::Input;

/// Opens the line for one of them, with what was said before.
pub fn open_prompt(update: &mut OverlayUpdate<'_>, word: JustificationField) {
    let now = update.now.since_start;
    let Some(plan) = update.plan_mut() else {
        return;
    };
    if let Some(id) = plan.resumed_job {
        let text = format!("job {id} resumes with the words that it was made with");
        update.notices.push(Severity::Info, text, None, now);
        return;
    }
    let before = field_mut(&mut plan.justification, word)
        .clone()
        .unwrap_or_default();
    let mut prompt = Prompt::new(PromptKind::Justification(word), before);
    if word == JustificationField::Reason && !update.setup.reasons.is_empty() {
        prompt.description = Some(format!("Tab: {}", update.setup.reasons.join("  ")));
    }
    *update.prompt = Some(prompt);
}

/// `Tab` and `Shift-Tab` on the line of a reason: the next of the configured ones that begins as what was typed.
pub(in crate::app) fn complete(
    prompt: &mut Prompt,
    word: JustificationField,
    reasons: &[String],
    by: isize,
) {
    if word != JustificationField::Reason {
        return;
    }
    let completion = if let Some(going) = prompt.completion.take() {
        let count = going.words.len();
        let at = (going.at + count).saturating_add_signed(by) % count.max(1);
        Completion { at, ..going }
    } else {
        let typed = prompt.input.value().trim().to_lowercase();
        let begins = |reason: &&String| reason.to_lowercase().starts_with(&typed);
        let words: Vec<String> = reasons.iter().filter(begins).cloned().collect();
        Completion {
            before: String::new(),
            words,
            at: 0,
        }
    };
    let Some(word) = completion.words.get(completion.at) else {
        return;
    };
    prompt.input = Input::new(word.clone());
    prompt.completion = Some(completion);
}

/// What is being typed is remembered, so that a console that dies does not lose it.
pub(in crate::app) fn remember(prompt: &Prompt, draft: &mut Justification) {
    if let PromptKind::Justification(word) = prompt.kind {
        *field_mut(draft, word) = non_blank(prompt.input.value());
    }
}

/// An empty line begins with what an earlier console left of it.
pub(in crate::app) fn recall(prompt: Option<&mut Prompt>, draft: &mut Justification) {
    if let Some(prompt) = prompt
        && let PromptKind::Justification(word) = prompt.kind
        && prompt.input.value().is_empty()
        && let Some(draft) = field_mut(draft, word)
    {
        prompt.input = Input::new(draft.clone());
    }
}

/// The line was typed. The plan is shown anew and read anew: what was pasted behind the line's end is no answer to it.
pub fn on_submitted(update: &mut OverlayUpdate<'_>, word: JustificationField, text: &str) {
    let Some(plan) = update.plan_mut() else {
        return;
    };
    let text: String = text.chars().take(MAX_JUSTIFICATION_CHARS).collect();
    *field_mut(&mut plan.justification, word) = non_blank(&text);
    plan.drawn_at = None;
}

/// A plan is on disk: its words are no draft any more. Returns the plan's hash and the rows of its changes, where they
/// were looked up.
pub(in crate::app) fn on_recorded(
    draft: &mut Justification,
    plan: &mut Plan,
) -> Option<(String, Vec<RowId>)> {
    *draft = Justification::default();
    plan.confirmed_rows.take()
}

fn field_mut(words: &mut Justification, word: JustificationField) -> &mut Option<String> {
    match word {
        JustificationField::Reason => &mut words.reason,
        JustificationField::Note => &mut words.note,
        JustificationField::Ticket => &mut words.ticket,
    }
}
