//! What the terminal sends, translated into messages: which keys apply follows from the model, never from what was drawn.

use super::{
    message::Message,
    model::Model,
    overlay::{Overlay, update::keymap_contexts},
};
use crate::{
    action::Action,
    config::{
        chord::Chord,
        commands,
        keymap::{self, KeyMatch},
    },
};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::Duration;

/// The keymap contexts in force, the innermost first.
pub fn contexts(model: &Model) -> &'static [keymap::Context] {
    keymap_contexts(&model.workspace, model.overlay())
}

/// The contexts that were in force before help was opened: the keys it is asked about.
pub fn contexts_below_help(model: &Model) -> &'static [keymap::Context] {
    keymap_contexts(&model.workspace, model.overlay_below_help())
}

/// Translates an event that was read at `read`, counted from the start. Key releases are dropped here and nowhere else.
pub fn translate(model: &Model, event: Event, read: Duration) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        Event::Key(key) => Some(translate_key(model, key, read)),
        Event::Paste(text) => Some(Message::TextPasted(text)),
        Event::Resize(columns, rows) => Some(Message::TerminalResized { columns, rows }),
        Event::FocusGained => Some(Message::FocusChanged(true)),
        Event::FocusLost => Some(Message::FocusChanged(false)),
        Event::Mouse(event) => model.mouse.on.then_some(Message::MouseUsed(event)),
    }
}

fn translate_key(model: &Model, key: KeyEvent, read: Duration) -> Message {
    let typed = Message::KeyTyped { key, read_at: read };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if model.prompt.is_some() {
        return typed;
    }
    let digit = matches!(key.code, KeyCode::Char(c) if c.is_ascii_digit()) && !control;
    let answers = digit || matches!(key.code, KeyCode::Backspace | KeyCode::Enter);
    if model.plan().is_some() && answers {
        return typed;
    }
    if model.data.first_run
        && model.overlay().is_none()
        && key.code == KeyCode::Char('d')
        && !control
    {
        return typed;
    }
    let asks = model.overlay().is_some_and(Overlay::awaits_answer);
    let explains = || {
        let found = model
            .setup
            .keymap
            .lookup(contexts(model), &[Chord::from(key)]);
        found == KeyMatch::Action(Action::Help)
    };
    if (asks && !control && !explains())
        || (model.overlay().is_some_and(Overlay::is_help)
            && matches!(key.code, KeyCode::Char('/') | KeyCode::Enter))
    {
        return typed;
    }
    let mut pressed: Vec<Chord> = model
        .sequence
        .keys
        .iter()
        .map(|key| Chord::from(*key))
        .collect();
    pressed.push(Chord::from(key));
    // Their keys are no keys of the console's own: the configuration sees to that.
    if model.overlay().is_none() && !model.data.first_run {
        match commands::lookup(&model.setup.commands, contexts(model), &pressed) {
            Ok(at) => return Message::CommandAsked(at),
            Err(true) => return Message::SequenceExtended(key),
            Err(false) => {}
        }
    }
    match model.setup.keymap.lookup(contexts(model), &pressed) {
        KeyMatch::Action(action) if is_intended(model, key, action) => Message::ActionRequested {
            action,
            read_at: read,
        },
        KeyMatch::Prefix(_) if model.plan().is_none_or(|plan| !plan.is_typing_number()) => {
            Message::SequenceExtended(key)
        }
        KeyMatch::Action(_) | KeyMatch::Prefix(_) | KeyMatch::None => Message::SequenceCleared,
    }
}

/// While the number of a plan is typed, a letter is a slip of the finger: it opens no field and answers nothing that is
/// not asked. What ends the plan, explains it or scrolls it still does.
fn is_intended(model: &Model, key: KeyEvent, action: Action) -> bool {
    let Some(plan) = model.plan().filter(|plan| plan.is_typing_number()) else {
        return true;
    };
    let letter = matches!(key.code, KeyCode::Char(_));
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match action {
        Action::PlanApply | Action::Help => true,
        Action::PlanReason => plan.is_number_complete() && plan.is_reason_missing(),
        Action::PlanAcceptLossy => plan.is_number_complete() && plan.needs_mapping_acceptance(),
        _ => control || !letter,
    }
}
