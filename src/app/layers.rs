//! What lies above the panes: what actions do to it, how far it scrolls, what its end calls off, and what another size of
//! the terminal and a drawn frame mean for it.

use super::{
    columns::edit::ColumnEditor,
    command::{Ask, Command},
    effect::{Effect, JobEffect, LoopEffect},
    facets::{self, FacetPanel},
    inspect::{self, Chosen, Inspected},
    job, layout,
    model::{self, Context, Model, Split, WorkspaceUpdate},
    output,
    overlay::Overlay,
    plan, record,
};
use crate::{
    action::Action,
    app::{local, marks, model::Pane, navigate, paging, typing, view},
    entity::job::Job,
};

/// Takes the topmost overlay away; what it still waits for is called off.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Lookup(check)) if check.is_waiting() => {
            vec![Effect::cancel(check.request)]
        }
        Some(Overlay::Record(_)) => {
            model.workspace.reveal = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The last line that an overlay may begin with: no key is spent beyond the end.
fn last(model: &Model) -> usize {
    // The frame, and the line that the hints keep.
    let rows = usize::from(model.size.1.saturating_sub(3));
    match model.overlays.last() {
        Some(Overlay::Help { search, .. }) => super::help::lines(model, search, model.size.0)
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
        Some(Overlay::Tour { .. }) => super::tour::CARDS.len() - 1,
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

/// Scrolls the topmost overlay by so many lines.
pub(super) fn scroll(model: &mut Model, by: isize) {
    let last = last(model);
    match model.overlays.last_mut() {
        Some(
            Overlay::Help { scroll, .. }
            | Overlay::Job { scroll, .. }
            | Overlay::Notices { scroll }
            | Overlay::Team { scroll }
            | Overlay::Traffic { scroll }
            | Overlay::Rejects { scroll },
        ) => *scroll = scroll.saturating_add_signed(by).min(last),
        Some(Overlay::Lookup(check)) => {
            check.scroll = check.scroll.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Tour { card }) => {
            *card = card.saturating_add_signed(by.signum()).min(last);
        }
        Some(Overlay::Plan(plan)) => {
            plan.scroll = plan.scroll.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Views {
            cursor,
            confirming_delete: false,
        }) => *cursor = cursor.saturating_add_signed(by).min(last),
        Some(Overlay::Columns(editor)) => {
            editor.cursor = editor.cursor.saturating_add_signed(by).min(last);
        }
        Some(Overlay::Facets(picture)) => facets::move_cursor(picture, by),
        Some(Overlay::Record(_) | Overlay::Inspect(_)) => {
            let Split {
                overlays, update, ..
            } = model.split();
            match overlays.last_mut() {
                Some(Overlay::Record(record)) => record::step(record, update.context, by),
                Some(Overlay::Inspect(record)) => inspect::step(record, update.context, by),
                _ => {}
            }
        }
        Some(
            Overlay::PlanBuild { .. }
            | Overlay::MarkAll { .. }
            | Overlay::Views { .. }
            | Overlay::Quit
            | Overlay::Resume { .. },
        )
        | None => {}
    }
}

/// Does what an overlay with a cursor is asked for; anything else is nothing to it.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let down = action == Action::MoveDown;
    match (model.overlays.last_mut(), action) {
        (Some(Overlay::Record(_)), _) => return act_on_record(model, action),
        (Some(Overlay::Inspect(record)), _) => {
            let record = (**record).clone();
            return act_on_group(model, &record, action);
        }
        (Some(Overlay::Views { .. } | Overlay::Columns(_)), Action::Choose) => {
            return choose(model);
        }
        (
            Some(Overlay::Views {
                cursor,
                confirming_delete: asks,
            }),
            Action::Remove,
        ) => {
            *asks = *cursor < model.views.saved.len();
        }
        (Some(Overlay::Views { .. }), Action::MoveDown | Action::MoveUp) => {
            let Split {
                overlays,
                views,
                mut update,
                ..
            } = model.split();
            if let Some(Overlay::Views { cursor, .. }) = overlays.last_mut() {
                return views.move_view(&mut update, cursor, down);
            }
        }
        (Some(Overlay::Columns(_) | Overlay::Facets(_)), _) => {
            let (overlays, mut update) = model.split_overlays();
            match overlays.last_mut() {
                Some(Overlay::Columns(editor)) => edit_columns(editor, &mut update, action),
                Some(Overlay::Facets(picture)) => explore(picture, &mut update, action),
                _ => {}
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Copies a field of a record, opens another leak, asks for a note or for the password.
fn act_on_record(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(record) = model.overlay().and_then(Overlay::record) else {
        return Vec::new();
    };
    let leak = record.leak;
    match action {
        Action::CopyField => {
            let copied = record::copied(model.context(), record);
            return output::copy_text(&mut model.split().update, copied);
        }
        Action::Choose => {
            let chosen = record::chosen(model.context(), record);
            let update = &mut model.workspace_update();
            return chosen.map_or_else(Vec::new, |leak| record::open(update, leak));
        }
        Action::Reveal => return output::reveal_leak(&mut model.workspace_update(), leak, false),
        Action::AddNote => model.commands.push(Command::Prompt(Ask::Note(vec![leak]))),
        _ => {}
    }
    Vec::new()
}

/// Copies a line of the record of a group, or opens what it leads to above it.
fn act_on_group(model: &mut Model, record: &Inspected, action: Action) -> Vec<Effect> {
    match action {
        Action::CopyField => {
            let copied = inspect::copied(model.context(), record);
            output::copy_text(&mut model.split().update, copied)
        }
        Action::Choose => {
            let chosen = inspect::chosen(model.context(), record);
            let update = &mut model.workspace_update();
            match chosen {
                Some(Chosen::Leak(leak)) => record::open(update, leak),
                Some(Chosen::Group(group)) => inspect::open_group(update, group),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Opens the view under the cursor in place of the list; the editor of columns is done.
fn choose(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Views { cursor, .. }) = model.overlay() {
        let cursor = *cursor;
        if cursor < model.views.saved.len() {
            model.overlays.pop();
            let Split {
                views, mut update, ..
            } = model.split();
            views.choose(&mut update, cursor);
        }
        return Vec::new();
    }
    close(model)
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

/// A motion of what the topmost overlay shows.
pub(super) fn motion(model: &mut Model, action: Action) {
    let page = isize::from(i16::try_from(model.size.1.saturating_sub(6)).unwrap_or(1));
    let by = match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::HalfPageDown => page / 2,
        Action::HalfPageUp => -page / 2,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::Top => isize::MIN / 2,
        _ => isize::MAX / 2,
    };
    scroll(model, by);
}

/// Columns of the terminal that a column is made wider or narrower by.
pub(super) const WIDTH_STEP: i16 = 2;

/// `Esc`: ends one thing, in this order: overlay, prompt, range, load, filter text, drill-down, marks.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    if model.overlay().is_some() {
        return close(model);
    } else if model.prompt.is_some() {
        typing::cancel(model);
    } else if model.workspace.detail_scroll.take().is_some()
        || model.workspace.leaks.range_mark.take().is_some()
        || model.workspace.column.take().is_some()
    {
    } else if let Some(effects) = paging::cancel(&mut model.data_update()) {
        return effects;
    } else if marks::clear_filter(&mut model.workspace_update()) {
    } else if !model.workspace.scope.is_empty() {
        let here = navigate::current_location(model.context());
        if let Some(to) = model.workspace.history_back.pop() {
            model.workspace.history_forward.push(here);
            let filter = model.workspace.leaks.filter.filter.clone();
            let to = model::Location { filter, ..to };
            navigate::restore_location(&mut model.workspace_update(), to);
        } else {
            model.workspace.scope.pop();
            view::refresh(&mut model.workspace_update());
        }
    } else if model.workspace.leaks.marked_only {
        marks::toggle_marked_only(&mut model.workspace_update());
    } else {
        marks::clear(&mut model.workspace_update());
    }
    view::on_cursor_moved(&mut model.workspace_update());
    Vec::new()
}

/// The pane's lists are loaded again.
pub(super) fn refresh(model: &mut Model, everything: bool) -> Vec<Effect> {
    if model.workspace.focus == Pane::Jobs && !everything {
        // Where another console writes, its statuses come with its jobs.
        return vec![
            Effect::Jobs(JobEffect::LoadJobs),
            local::load(model.context()),
        ];
    }
    let query = std::sync::Arc::default();
    model.data.related.clear();
    let mut effects = paging::start_all(&mut model.data_update(), &query);
    effects.extend([
        Effect::Jobs(JobEffect::LoadActiveLeaks),
        local::load(model.context()),
    ]);
    if everything {
        effects.push(Effect::Jobs(JobEffect::LoadJobs));
    }
    effects
}

/// The terminal has another size.
pub(super) fn on_resized(model: &mut Model, columns: u16, rows: u16) -> Vec<Effect> {
    model.size = (columns, rows);
    model.workspace.reveal = None;
    // A plan that left the screen has to be read again.
    let shown = layout::is_usable(model.size);
    if let Some(plan) = model.plan_mut().filter(|_| !shown) {
        plan.drawn_at = None;
    }
    view::clamp_cursors(&mut model.workspace_update());
    vec![Effect::Loop(LoopEffect::Redraw)]
}

/// The terminal got the focus or lost it: a password does not stay on a screen that nobody looks at.
pub(super) fn on_focus_changed(model: &mut Model, has: bool) -> Vec<Effect> {
    if !has {
        model.workspace.reveal = None;
    }
    Vec::new()
}

/// A frame is on the screen: what may only be answered once it was seen can be answered now.
pub(super) fn on_frame_drawn(model: &mut Model) -> Vec<Effect> {
    let now = model.now.since_start;
    let shown = layout::is_usable(model.size);
    if let Some(plan) = model
        .plan_mut()
        .filter(|plan| shown && plan.drawn_at.is_none())
    {
        plan.drawn_at = Some(now);
    }
    if let Some(Overlay::Resume {
        drawn_at: drawn, ..
    }) = model.overlays.last_mut()
        && shown
    {
        drawn.get_or_insert(now);
    }
    Vec::new()
}
