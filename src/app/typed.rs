//! Keys outside the keymap: sequences that grow, what is typed into a prompt or as an answer, and the ways to leave.

use super::{
    command::Command,
    effect::{Effect, LoopEffect},
    help, job, mark_sets, marks,
    model::{Model, Split},
    notice::Severity,
    overlay::{ANSWER_DELAY, Overlay},
    paste,
    prompt::{Prompt, PromptKind},
};
use crate::{
    app::{layers, typing},
    entity::{key::JobId, number::group_digits},
};
use crossterm::event::{KeyCode, KeyEvent};
use std::time::Duration;

pub(super) fn extend_sequence(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if model.sequence.keys.is_empty() {
        model.sequence.started_at = model.now.since_start;
    }
    model.sequence.keys.push(key);
    Vec::new()
}

pub(super) fn end_sequence(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    model.sequence.keys.clear();
    model.notices.acknowledge(now);
    Vec::new()
}

/// Answers whether jobs that did not end go on, are discarded, or stay as they are.
fn answer_resume(model: &mut Model, key: KeyEvent, jobs: &[JobId]) -> Vec<Effect> {
    match key.code {
        KeyCode::Char('r') => {
            model.overlays.pop();
            return job::resume_all(&mut model.jobs_update(), jobs, false);
        }
        KeyCode::Char('d') => {
            model.overlays.pop();
            return job::resume_all(&mut model.jobs_update(), jobs, true);
        }
        KeyCode::Char('n' | 'q') | KeyCode::Esc => {
            model.overlays.pop();
            job::dismiss_resume(&mut model.jobs_update());
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn on_key_typed(model: &mut Model, key: KeyEvent, read: Duration) -> Vec<Effect> {
    if model.prompt.is_some() {
        return typing::on_key(model, key);
    }
    let first_run = model.data.first_run;
    match model.overlays.last_mut() {
        Some(Overlay::Plan(plan)) => match key.code {
            // What was read before the plan stood on the screen is no part of the number either.
            _ if !plan.accepts_answer_at(read) => plan.ignored_answers += 1,
            KeyCode::Enter => plan.apply_requested = true,
            KeyCode::Char(digit)
                if plan.required_number.is_some() && plan.typed_number.len() < 9 =>
            {
                plan.typed_number.push(digit);
                plan.apply_requested = false;
            }
            KeyCode::Backspace => {
                plan.typed_number.pop();
                plan.apply_requested = false;
            }
            _ => {}
        },
        Some(Overlay::MarkAll { .. }) => match key.code {
            KeyCode::Char('w') => {
                model.overlays.pop();
                marks::mark_all_when_loaded(&mut model.workspace_update());
            }
            KeyCode::Char('y') => {
                model.overlays.pop();
                marks::mark_all_loaded(&mut model.workspace_update());
            }
            KeyCode::Char('n' | 'q') | KeyCode::Esc => {
                model.overlays.pop();
            }
            _ => {}
        },
        Some(Overlay::Quit) => match key.code {
            KeyCode::Char('y') => return vec![Effect::Loop(LoopEffect::Quit(0))],
            KeyCode::Char('w') => {
                model.overlays.pop();
                model.jobs.quit_asked = true;
            }
            KeyCode::Char('n' | 'q') | KeyCode::Esc => {
                model.jobs.quit_asked = false;
                model.overlays.pop();
            }
            _ => {}
        },
        Some(Overlay::Resume {
            jobs,
            drawn_at: drawn,
        }) => {
            // What was typed before it stood there was meant for something else.
            if drawn.is_none_or(|drawn| read < drawn + ANSWER_DELAY) {
                return Vec::new();
            }
            let jobs = jobs.clone();
            return answer_resume(model, key, &jobs);
        }
        Some(Overlay::Views {
            confirming_delete: true,
            ..
        }) => {
            let Split {
                overlays,
                views,
                mut update,
                ..
            } = model.split();
            if let Some(Overlay::Views {
                cursor,
                confirming_delete: asks,
            }) = overlays.last_mut()
            {
                return views.answered(&mut update, (cursor, asks), key.code);
            }
        }
        Some(Overlay::Help { .. }) if key.code == KeyCode::Enter => act_from_help(model),
        Some(Overlay::Help { .. }) => model.prompt = Some(Prompt::new(PromptKind::HelpSearch, "")),
        // The exit code that tells the program to start the demo.
        None if first_run && key.code == KeyCode::Char('d') => {
            return vec![Effect::Loop(LoopEffect::Quit(EXIT_START_DEMO))];
        }
        Some(
            Overlay::Job { .. }
            | Overlay::Notices { .. }
            | Overlay::Team { .. }
            | Overlay::Traffic { .. }
            | Overlay::Rejects { .. }
            | Overlay::Tour { .. }
            | Overlay::Lookup(_)
            | Overlay::Views { .. }
            | Overlay::Columns(_)
            | Overlay::Facets(_)
            | Overlay::PlanBuild { .. }
            | Overlay::Inspect(_)
            | Overlay::Record(_),
        )
        | None => {}
    }
    Vec::new()
}

/// Does the action under the cursor of the help where help was opened, above whatever it explains.
fn act_from_help(model: &mut Model) {
    if let Some(action) = help::chosen(model) {
        model.overlays.pop();
        model.commands.push(Command::Act(action));
    }
}

/// What the first-run screen ends with when the demo was asked for: no process ends with it.
pub const EXIT_START_DEMO: u8 = 250;

pub(super) fn on_pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    // A line above the plan takes what is pasted; the plan itself never does.
    let typing = model.prompt.is_some();
    if let Some(plan) = model.plan_mut().filter(|_| !typing) {
        plan.ignored_answers += 1;
    } else if paste::paste_into_prompt(model, text) {
        typing::on_edited(model);
    }
    Vec::new()
}

/// So long `q` is the answer to the question whether marks may be lost.
const STILL_ASKED: Duration = Duration::from_secs(10);

pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if model.overlay().is_some() {
        return layers::close(model);
    }
    if model
        .jobs
        .running
        .iter()
        .any(|job| job.error.is_none() && !job.paused_by_operator)
    {
        model.overlays.push(Overlay::Quit);
        return Vec::new();
    }
    if let Some(count) = mark_sets::unsaved(model.context()) {
        let now = model.now.since_start;
        let asked = model.asked_about_marks.replace(now);
        // Asked a moment ago: the answer is yes.
        if asked.is_none_or(|before| now.saturating_sub(before) > STILL_ASKED) {
            let text = format!(
                "{} marks are not saved: q once more drops them",
                group_digits(count as u64)
            );
            let hint = Some(":marks save NAME keeps them".to_owned());
            model.notices.push(Severity::Warning, text, hint, now);
            return Vec::new();
        }
    }
    vec![Effect::Loop(LoopEffect::Quit(0))]
}

/// Ctrl-C: ends what lies above; at the top, twice within two seconds quits.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    if model.overlay().is_some() {
        return layers::close(model);
    }
    if model
        .ctrl_c_pressed_at
        .is_some_and(|before| now.saturating_sub(before) < Duration::from_secs(2))
    {
        return quit(model);
    }
    model.ctrl_c_pressed_at = Some(now);
    model
        .notices
        .push(Severity::Info, "Ctrl-C once more quits", None, now);
    Vec::new()
}
