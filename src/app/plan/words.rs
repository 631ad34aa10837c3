//! Why a plan is made: reason, note and ticket, typed before it is applied and kept with the job and with each leak.

use crate::{
    app::{
        effect::Effect,
        job::{self, Recorded},
        local,
        model::Model,
        notice::Severity,
        overlay::update::OverlayUpdate,
        plan::word::Word,
        prompt::{Completion, Prompt, PromptKind},
    },
    entity::{
        claim::{LONGEST_WORDS, Words, said},
        error::JournalError,
        key::JobId,
    },
};
use tui_input::Input;

/// Opens the line for one of them, with what was said before.
pub fn ask(update: &mut OverlayUpdate<'_>, word: Word) {
    let now = update.now.since_start;
    let Some(plan) = update.plan_mut() else {
        return;
    };
    if let Some(id) = plan.resumes {
        let text = format!("job {id} resumes with the words that it was made with");
        update.notices.push(Severity::Info, text, None, now);
        return;
    }
    let before = slot(&mut plan.words, word).clone().unwrap_or_default();
    let mut prompt = Prompt::new(PromptKind::PlanWord(word), before);
    if word == Word::Reason && !update.setup.reasons.is_empty() {
        prompt.about = Some(format!("Tab: {}", update.setup.reasons.join("  ")));
    }
    *update.prompt = Some(prompt);
}

/// `Tab` and `Shift-Tab` on the line of a reason: the next of the configured ones that begins as what was typed.
pub(in crate::app) fn complete(update: &mut OverlayUpdate<'_>, by: isize) {
    let reasons = &update.setup.reasons;
    let Some(prompt) = update
        .prompt
        .as_mut()
        .filter(|prompt| prompt.kind == PromptKind::PlanWord(Word::Reason))
    else {
        return;
    };
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
pub(in crate::app) fn remember(model: &mut Model) {
    if let Some(prompt) = &model.prompt
        && let PromptKind::PlanWord(word) = prompt.kind
    {
        *slot(&mut model.memory.draft, word) = said(prompt.input.value());
    }
}

/// An empty line begins with what an earlier console left of it.
pub(in crate::app) fn recall(model: &mut Model) {
    if let Some(prompt) = &mut model.prompt
        && let PromptKind::PlanWord(word) = prompt.kind
        && prompt.input.value().is_empty()
        && let Some(draft) = slot(&mut model.memory.draft, word)
    {
        prompt.input = Input::new(draft.clone());
    }
}

/// The line was typed. The plan is shown anew and read anew: what was pasted behind the line's end is no answer to it.
pub fn answered(update: &mut OverlayUpdate<'_>, word: Word, text: &str) {
    let Some(plan) = update.plan_mut() else {
        return;
    };
    let text: String = text.chars().take(LONGEST_WORDS).collect();
    *slot(&mut plan.words, word) = said(&text);
    plan.drawn = None;
}

/// A plan is on disk, or is not; why it was made stands with its leaks at once.
pub(in crate::app) fn on_recorded(
    model: &mut Model,
    recorded: Recorded,
    result: Result<JobId, JournalError>,
) -> Vec<Effect> {
    if result.is_ok() {
        model.memory.draft = Words::default();
    }
    let said = result.is_ok() && recorded.says_why();
    let planned = result.is_ok().then(|| model.plan.planned.take()).flatten();
    let mut effects = job::on_recorded(&mut model.jobs_update(), recorded, planned, result);
    effects.extend(said.then(|| local::load(model.context())));
    effects
}

fn slot(words: &mut Words, word: Word) -> &mut Option<String> {
    match word {
        Word::Reason => &mut words.reason,
        Word::Note => &mut words.note,
        Word::Ticket => &mut words.ticket,
    }
}
