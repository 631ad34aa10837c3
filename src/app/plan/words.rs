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
        prompt::{Prompt, PromptKind},
    },
    entity::{
        claim::{LONGEST_WORDS, said},
        error::JournalError,
        key::JobId,
    },
};

/// Opens the line for one of them, with what was said before.
pub fn ask(update: &mut OverlayUpdate<'_>, word: Word) {
    let now = update.now.since_start;
    let Some(plan) = update.plan_mut() else {
        return;
    };
    if let Some(id) = plan.resumes {
        let text = format!("job {id} goes on with the words that it was made with");
        update.notices.push(Severity::Info, text, None, now);
        return;
    }
    let before = slot(&mut plan.words, word).clone().unwrap_or_default();
    *update.prompt = Some(Prompt::new(PromptKind::PlanWord(word), before));
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
    let said = result.is_ok() && recorded.says_why();
    let planned = result.is_ok().then(|| model.plan.planned.take()).flatten();
    let mut effects = job::on_recorded(&mut model.jobs_update(), recorded, planned, result);
    effects.extend(said.then(|| local::load(model.context())));
    effects
}

fn slot(words: &mut crate::entity::claim::Words, word: Word) -> &mut Option<String> {
    match word {
        Word::Reason => &mut words.reason,
        Word::Note => &mut words.note,
        Word::Ticket => &mut words.ticket,
    }
}
