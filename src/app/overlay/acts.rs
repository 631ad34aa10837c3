//! What actions and keys do to an overlay, how far it scrolls, and what its end calls off.

use super::{ANSWER_DELAY, Overlay};
use crate::{
    action::Action,
    app::{
        columns::edit::ColumnEditor,
        command::{Ask, Command},
        effect::{Effect, LoopEffect},
        facets::{self, FacetPanel},
        help,
        inspect::{self, Chosen, Inspected},
        job, marks,
        model::{Context, Model, Workspace, WorkspaceSplit, WorkspaceUpdate},
        output, plan,
        record::{self, Record},
        tour,
    },
    entity::job::Job,
};
use crossterm::event::{KeyCode, KeyEvent};
use std::time::Duration;

/// The last line that an overlay may begin with: no key is spent beyond the end.
pub(in crate::app) fn last(model: &Model) -> usize {
    // The frame, and the line that the hints keep.
    let rows = usize::from(model.size.1.saturating_sub(3));
    match model.overlays.last() {
        Some(Overlay::Help { search, .. }) => help::lines(model, search, model.size.0)
            .len()
            .saturating_sub(1),
        Some(Overlay::Job { id, record, .. }) => {
            let live = model.jobs.running.iter().find(|job| job.id == *id);
            let changes = live.map(|job| job.changes.len());
            let changes = changes.or(record.as_ref().map(|record| record.changes.len()));
            let known = job::shown::known_job(model.context(), *id, record.as_deref());
            let head = job_header_lines(model.context(), known);
            changes
                .unwrap_or_default()
                .saturating_sub(rows.saturating_sub(head))
        }
        Some(Overlay::Notices { .. }) => model.notices.newest_first().count().saturating_sub(1),
        Some(Overlay::Traffic { .. }) => model.traffic.causes_by_bytes().len().saturating_sub(1),
        Some(Overlay::Rejects { .. }) => model
            .data
            .reports()
            .map(|(_, report)| report.rejects.len())
            .sum::<usize>()
            .saturating_sub(1),
        Some(Overlay::Team { .. }) => {
            let team = model.access.team.as_ref();
            team.map_or(0, |team| team.state.consoles.len().saturating_sub(1))
        }
        Some(Overlay::Tour { .. }) => tour::CARDS.len() - 1,
        Some(Overlay::Lookup(check)) => check.rows(model.size.0).saturating_sub(rows),
        Some(Overlay::Plan(plan)) => plan::text::max_scroll(model.context(), plan),
        Some(Overlay::Views { .. }) => model.views.saved.len().saturating_sub(1),
        Some(Overlay::Columns(editor)) => editor.rows.len().saturating_sub(1),
        Some(
            Overlay::PlanBuild { .. }
            | Overlay::MarkAll { .. }
            | Overlay::Facets(_)
            | Overlay::Record(_)
            | Overlay::Inspect(_)
            | Overlay::Quit
            | Overlay::Resume { .. },
        )
        | None => 0,
    }
}

/// How many lines stand above the changes of a job, at the most: none of these may be out of reach.
fn job_header_lines(context: Context<'_>, job: Option<&Job>) -> usize {
    let (columns, rows) = context.size;
    let wrapped = if columns < 120 { 3 } else { 1 };
    if rows < 16 {
        return 1 + wrapped;
    }
    let words = job.map(|job| [&job.reason, &job.note, &job.ticket]);
    let said = words.into_iter().flatten().flatten().count();
    let linked = usize::from(job.is_some_and(|job| job.undone_by.is_some()));
    // Its numbers, the bar, what it does, what it is, a blank, the titles.
    6 + wrapped + said + linked
}

/// Takes the topmost overlay away; what it still waits for is called off.
pub(in crate::app) fn close(overlays: &mut Vec<Overlay>, workspace: &mut Workspace) -> Vec<Effect> {
    match overlays.pop() {
        Some(Overlay::Lookup(check)) if check.is_waiting() => {
            vec![Effect::cancel(check.request)]
        }
        Some(Overlay::Record(_)) => {
            workspace.reveal = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// How many lines a motion scrolls by.
pub(in crate::app) fn lines_of(action: Action, rows: u16) -> isize {
    let page = isize::from(i16::try_from(rows.saturating_sub(6)).unwrap_or(1));
    match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::HalfPageDown => page / 2,
        Action::HalfPageUp => -page / 2,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::Top => isize::MIN / 2,
        _ => isize::MAX / 2,
    }
}

/// Scrolls an overlay by so many lines, to the [last] one at most.
pub(in crate::app) fn scroll(overlay: &mut Overlay, context: Context<'_>, last: usize, by: isize) {
    let position = match overlay {
        Overlay::Help { scroll, .. }
        | Overlay::Job { scroll, .. }
        | Overlay::Notices { scroll }
        | Overlay::Team { scroll }
        | Overlay::Traffic { scroll }
        | Overlay::Rejects { scroll } => scroll,
        Overlay::Lookup(check) => &mut check.scroll,
        Overlay::Plan(plan) => &mut plan.scroll,
        Overlay::Columns(editor) => &mut editor.cursor,
        Overlay::Views {
            cursor,
            confirming_delete: false,
        } => cursor,
        Overlay::Tour { card } => {
            *card = card.saturating_add_signed(by.signum()).min(last);
            return;
        }
        Overlay::Facets(picture) => return facets::move_cursor(picture, by),
        Overlay::Record(record) => return record::step(record, context, by),
        Overlay::Inspect(record) => return inspect::step(record, context, by),
        Overlay::PlanBuild { .. }
        | Overlay::MarkAll { .. }
        | Overlay::Views { .. }
        | Overlay::Quit
        | Overlay::Resume { .. } => return,
    };
    *position = position.saturating_add_signed(by).min(last);
}

/// Does what an overlay with a cursor is asked for; anything else is nothing to it.
pub(in crate::app) fn act(split: WorkspaceSplit<'_>, action: Action) -> Vec<Effect> {
    let WorkspaceSplit {
        overlays,
        views,
        mut update,
        ..
    } = split;
    match (overlays.last_mut(), action) {
        (Some(Overlay::Record(record)), _) => return act_on_record(record, &mut update, action),
        (Some(Overlay::Inspect(record)), _) => return act_on_group(record, &mut update, action),
        // Opens the view under the cursor in place of the list.
        (Some(Overlay::Views { cursor, .. }), Action::Choose) => {
            let cursor = *cursor;
            if cursor < views.saved.len() {
                overlays.pop();
                views.choose(&mut update.feature(), cursor);
            }
        }
        (
            Some(Overlay::Views {
                cursor,
                confirming_delete,
            }),
            Action::Remove,
        ) => *confirming_delete = *cursor < views.saved.len(),
        (Some(Overlay::Views { cursor, .. }), Action::MoveDown | Action::MoveUp) => {
            let down = action == Action::MoveDown;
            return views.move_view(&mut update.feature(), cursor, down);
        }
        // The editor of columns is done.
        (Some(Overlay::Columns(_)), Action::Choose) => return close(overlays, update.workspace),
        (Some(Overlay::Columns(editor)), _) => edit_columns(editor, &mut update, action),
        (Some(Overlay::Facets(picture)), _) => explore(picture, &mut update, action),
        _ => {}
    }
    Vec::new()
}

/// Copies a field of a record, opens another leak, asks for a note or for the password.
fn act_on_record(record: &Record, update: &mut WorkspaceUpdate<'_>, action: Action) -> Vec<Effect> {
    let leak = record.leak;
    match action {
        Action::CopyField => {
            let copied = record::copied(update.context(), record);
            return output::copy_text(&mut update.feature(), copied);
        }
        Action::Choose => {
            let chosen = record::chosen(update.context(), record);
            return chosen.map_or_else(Vec::new, |leak| record::open(update, leak));
        }
        Action::Reveal => return output::reveal_leak(update, leak, false),
        Action::AddNote => update.commands.push(Command::Prompt(Ask::Note(vec![leak]))),
        _ => {}
    }
    Vec::new()
}

/// Copies a line of the record of a group, or opens what it leads to above it.
fn act_on_group(
    record: &Inspected,
    update: &mut WorkspaceUpdate<'_>,
    action: Action,
) -> Vec<Effect> {
    match action {
        Action::CopyField => {
            let copied = inspect::copied(update.context(), record);
            output::copy_text(&mut update.feature(), copied)
        }
        Action::Choose => match inspect::chosen(update.context(), record) {
            Some(Chosen::Leak(leak)) => record::open(update, leak),
            Some(Chosen::Group(group)) => inspect::open_group(update, group),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A key that is no matter of the keymap: a digit of the plan's number, or an answer. An answer counts if it was `read`
/// when the question had been on the screen for a while.
pub(in crate::app) fn on_key(
    split: WorkspaceSplit<'_>,
    key: KeyEvent,
    read: Duration,
) -> Vec<Effect> {
    let WorkspaceSplit {
        overlays,
        views,
        mut update,
        ..
    } = split;
    let answer = match key.code {
        KeyCode::Esc | KeyCode::Char('q') => 'n',
        KeyCode::Char(typed) => typed,
        _ => '\0',
    };
    match (overlays.last_mut(), answer) {
        (Some(Overlay::Plan(plan)), _) => plan.on_key(key.code, read),
        (Some(Overlay::MarkAll { .. }), 'w') => {
            overlays.pop();
            marks::mark_all_when_loaded(&mut update);
        }
        (Some(Overlay::MarkAll { .. }), 'y') => {
            overlays.pop();
            marks::mark_all_loaded(&mut update);
        }
        (Some(Overlay::MarkAll { .. }), 'n') => {
            overlays.pop();
        }
        (Some(Overlay::Quit), 'y') => return vec![Effect::Loop(LoopEffect::Quit(0))],
        (Some(Overlay::Quit), 'w' | 'n') => {
            overlays.pop();
            update.commands.push(Command::QuitWhenDone(answer == 'w'));
        }
        // What was typed before it stood there was meant for something else.
        (Some(Overlay::Resume { drawn_at, .. }), _)
            if drawn_at.is_none_or(|drawn| read < drawn + ANSWER_DELAY) => {}
        // Unfinished jobs continue, are discarded, or stay as they are.
        (Some(Overlay::Resume { jobs, .. }), 'r' | 'd' | 'n') => {
            let jobs = std::mem::take(jobs);
            overlays.pop();
            update.commands.push(match answer {
                'n' => Command::DismissResume,
                _ => Command::ResumeJobs {
                    jobs,
                    discard: answer == 'd',
                },
            });
        }
        (
            Some(Overlay::Views {
                cursor,
                confirming_delete,
            }),
            _,
        ) if *confirming_delete => {
            let asked = (cursor, confirming_delete);
            return views.answered(&mut update.feature(), asked, key.code);
        }
        (Some(Overlay::Help { .. }), _) => {
            update.commands.push(Command::Prompt(Ask::HelpSearch));
        }
        _ => {}
    }
    Vec::new()
}

fn edit_columns(editor: &mut ColumnEditor, update: &mut WorkspaceUpdate<'_>, action: Action) {
    match action {
        Action::ToggleColumn => editor.toggle(update),
        Action::RestoreColumns => editor.restore(update),
        Action::MoveDown => editor.shift(update, true),
        Action::MoveUp => editor.shift(update, false),
        Action::Narrower => editor.widen(update, -WIDTH_STEP),
        Action::Wider => editor.widen(update, WIDTH_STEP),
        _ => {}
    }
}

fn explore(picture: &mut FacetPanel, update: &mut WorkspaceUpdate<'_>, action: Action) {
    match action {
        Action::Choose => facets::toggle_filter_term(picture, update),
        Action::NextPane => facets::next_chart(picture, 1),
        Action::PreviousPane => facets::next_chart(picture, -1),
        Action::PaneLeft | Action::PaneRight => {
            facets::move_horizontal(picture, action == Action::PaneRight);
        }
        _ => {}
    }
}

/// Columns of the terminal that a column is made wider or narrower by.
pub(in crate::app) const WIDTH_STEP: i16 = 2;
