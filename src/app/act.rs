//! What actions do: above everything, on a plan, on what lies above the panes, on the panes.

use super::{
    availability, cells, claims, columns,
    command::{Ask, Command, Open},
    detail,
    effect::{Effect, JobEffect, LoopEffect},
    evidence, follow, grouping, inspect, job, local, marks,
    model::{Location, Model, Pane, Split},
    navigate, news,
    notice::Severity,
    output,
    overlay::{self, Overlay},
    paging, palette, permission,
    plan::{self, word::JustificationField},
    prompt::{Prompt, PromptKind},
    refusal, search, targets, tools, typed, view,
    views::SINCE_LEFT,
};
use crate::{
    action::{Action, Focus, OverlayPolicy},
    entity::{claim::Justification, job::JobCommand, status::Status},
    table::GroupKind,
};
use std::time::Duration;

/// Does what an action asks for, if it can be done now; else says why not.
pub fn act(model: &mut Model, action: Action, read: Duration) -> Vec<Effect> {
    let now = model.now.since_start;
    model.sequence.keys.clear();
    model.notices.acknowledge(now);
    if action != Action::Interrupt {
        model.ctrl_c_pressed_at = None;
    }
    let needs = action.requirement();
    if model.data.first_run && needs.focus != Focus::Anywhere {
        return Vec::new();
    }
    if let Err(why) = availability::availability(model, action) {
        let effects = refusal::audit_refused_action(model.context(), action, &why);
        model.notices.push(Severity::Info, why, None, now);
        return effects;
    }
    if evidence::is_about_other_leaks(action) && model.overlay().is_none() {
        model.jobs.just_finished = None;
    }
    view::prepare_rows(&mut model.workspace_update(), action);
    match (needs.overlay_policy, needs.focus) {
        (OverlayPolicy::Motion, _) if model.overlay().is_some() => {
            let by = overlay::lines_of(action, model.size.1);
            typed::scroll_top(model, by);
        }
        (OverlayPolicy::Motion, _) if model.workspace.detail_scroll.is_some() => {
            detail::motion(&mut model.workspace_update(), action);
        }
        (OverlayPolicy::Motion, _) => navigate::move_cursor(&mut model.workspace_update(), action),
        (OverlayPolicy::Overlays | OverlayPolicy::Always, _) => return act_above(model, action),
        (OverlayPolicy::Never, Focus::Plan) => return act_on_plan(model, action, read),
        (OverlayPolicy::Never, Focus::Job) => return act_on_job(model, action),
        // Below an overlay nothing is acted on.
        (OverlayPolicy::Never, _) if model.overlay().is_some() => {
            return act_on_overlay(model, action);
        }
        (OverlayPolicy::Never, _) => {
            detail::leave(&mut model.workspace, action);
            return act_on_panes(model, action);
        }
    }
    Vec::new()
}

/// What works wherever the operator is.
fn act_above(model: &mut Model, action: Action) -> Vec<Effect> {
    let shown = model.overlay();
    match action {
        Action::Back => return back(model),
        Action::Quit => return typed::quit(model),
        Action::Interrupt => return typed::interrupt(model),
        Action::Suspend => {
            model.workspace.reveal = None;
            return vec![Effect::Loop(LoopEffect::Suspend)];
        }
        Action::Redraw => return vec![Effect::Loop(LoopEffect::Redraw)],
        Action::MaskAll => model.workspace.reveal = None,
        // Above a plan too: that is where it is thought of.
        Action::ToggleWriteLock => toggle_write_lock(model),
        Action::Bytes | Action::ShowError
            if shown.is_some_and(|above| above.is_opened_by(action)) => {}
        Action::Bytes => {
            model.commands.push(Command::Open(Open::Traffic));
        }
        Action::ShowError => {
            model.commands.push(Command::Open(Open::Notices));
        }
        Action::Help if !shown.is_some_and(Overlay::is_help) => {
            model.overlays.push(Overlay::help());
            typed::search_help(model, String::new());
        }
        _ => {}
    }
    Vec::new()
}

fn act_on_plan(model: &mut Model, action: Action, read: Duration) -> Vec<Effect> {
    match action {
        Action::PlanApply => return plan::apply(&mut model.overlay_update(), read),
        Action::PlanCancel => {
            model.session.draft = Justification::default();
            model.overlays.pop();
        }
        Action::PlanVisibleOnly => plan::drop_hidden(&mut model.overlay_update()),
        Action::PlanIncludeClosed => plan::toggle_closed(&mut model.overlay_update()),
        Action::PlanAcceptLossy => plan::accept_mappings(&mut model.overlay_update(), read),
        Action::PlanReason => ask_for(model, JustificationField::Reason),
        Action::PlanNote => ask_for(model, JustificationField::Note),
        Action::PlanTicket => ask_for(model, JustificationField::Ticket),
        _ => {}
    }
    Vec::new()
}

/// Does what an action asks for with its job.
fn act_on_job(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(id) = follow::selected_job(model.context(), model.overlay(), action) else {
        return Vec::new();
    };
    match action {
        Action::JobPause => job::pause(&mut model.jobs_update(), id),
        Action::JobCancel => job::cancel(&mut model.jobs_update(), id),
        Action::JobRetry if follow::takes_over(model.context(), id) => {
            follow::take_over(&mut model.split().update, id);
            Vec::new()
        }
        _ => follow::load_targets(&mut model.split().update, action, id),
    }
}

fn ask_for(model: &mut Model, word: JustificationField) {
    plan::words::open_prompt(&mut model.overlay_update(), word);
    plan::words::recall(model.prompt.as_mut(), &mut model.session.draft);
}

fn open_evidence(model: &mut Model) {
    let Split {
        overlays,
        mut update,
        ..
    } = model.split();
    evidence::open(job::shown::top_job(overlays), &mut update);
}

/// What lies above has a use of its own for an action of the panes, or none.
fn act_on_overlay(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, job::shown::top_job(&model.overlays)) {
        (Action::Evidence, Some(_)) => {
            open_evidence(model);
            Vec::new()
        }
        (Action::FocusJobs, Some(id)) => {
            job::shown::close_all(&mut model.overlays);
            job::shown::focus_jobs(&mut model.workspace_update(), id)
        }
        _ => overlay::act(model.split_workspace(), action),
    }
}

fn act_on_panes(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::NextPane => return navigate::cycle(&mut model.workspace_update(), 1),
        Action::PreviousPane => return navigate::cycle(&mut model.workspace_update(), 4),
        Action::PaneLeft => return navigate::focus_sideways(&mut model.workspace_update(), false),
        Action::PaneRight => return navigate::focus_sideways(&mut model.workspace_update(), true),
        Action::FocusDomains
        | Action::FocusUsers
        | Action::FocusLeaks
        | Action::FocusConnections
        | Action::FocusJobs => {
            return navigate::focus(&mut model.workspace_update(), pane_of(action));
        }
        Action::Drill => return navigate::drill(&mut model.workspace_update()),
        Action::Inspect => return inspect::open(&mut model.workspace_update()),
        Action::HistoryBack => go_back(model),
        Action::HistoryForward => navigate::history(&mut model.workspace_update(), false),
        Action::ToggleDetail | Action::FullScreen | Action::FocusDetail => lay_out(model, action),
        Action::ToggleMark => marks::toggle(&mut model.workspace_update()),
        Action::RangeMark => marks::mark_range(&mut model.workspace_update(), true),
        Action::RangeUnmark => marks::mark_range(&mut model.workspace_update(), false),
        Action::MarkAll => marks::mark_all(&mut model.workspace_update()),
        Action::InvertMarks => marks::invert(&mut model.workspace_update()),
        Action::MarkPattern => model.prompt = Some(Prompt::new(PromptKind::MarkPattern, "")),
        Action::UnmarkPattern => model.prompt = Some(Prompt::new(PromptKind::UnmarkPattern, "")),
        Action::MarkSameUser
        | Action::MarkSameDomain
        | Action::MarkSameHost
        | Action::MarkSameUrl
        | Action::MarkSameStatus
        | Action::MarkSameCountry => marks::mark_same(&mut model.workspace_update(), action),
        Action::RemarkLast => marks::recall(&mut model.workspace_update()),
        Action::ShowMarked => marks::toggle_marked_only(&mut model.workspace_update()),
        Action::GroupUser
        | Action::GroupDomain
        | Action::GroupHost
        | Action::GroupDevice
        | Action::GroupCountry
        | Action::GroupSource
        | Action::GroupCredential
        | Action::GroupNone => grouping::set(&mut model.workspace_update(), group_of(action)),
        Action::ClearMarks => marks::clear(&mut model.workspace_update()),
        Action::Filter => model.commands.push(Command::Prompt(Ask::Filter)),
        Action::ClearFilter => navigate::clear_filter(&mut model.workspace_update()),
        Action::SortSeen
        | Action::SortAdded
        | Action::SortLogin
        | Action::SortDomain
        | Action::SortUrl
        | Action::SortStatus
        | Action::SortHost
        | Action::SortCountry
        | Action::SortRisk
        | Action::SortLeaks => search::sort(&mut model.workspace_update(), action),
        Action::ThenSeen
        | Action::ThenAdded
        | Action::ThenLogin
        | Action::ThenDomain
        | Action::ThenUrl
        | Action::ThenStatus
        | Action::ThenHost
        | Action::ThenCountry
        | Action::ThenRisk => search::add_sort_key(&mut model.workspace_update(), action),
        Action::NextView | Action::PreviousView | Action::Views => act_on_views(model, action),
        Action::Columns => model.commands.push(Command::Open(Open::Columns)),
        Action::Narrower => resize(model, -overlay::WIDTH_STEP),
        Action::Wider => resize(model, overlay::WIDTH_STEP),
        Action::Facets => model.commands.push(Command::Open(Open::Facets)),
        Action::ReverseSort => search::reverse(&mut model.workspace_update()),
        Action::MarkFixed => {
            plan::open(&mut model.overlay_update(), JobCommand::Fix, Status::Fixed);
        }
        Action::Reopen => plan::open(
            &mut model.overlay_update(),
            JobCommand::Reopen,
            Status::Open,
        ),
        Action::SetNew | Action::SetInvestigating | Action::SetFixed | Action::SetFalsePositive => {
            plan::setting::open_for(&mut model.overlay_update(), action);
        }
        Action::AddNote => note(model),
        Action::Claim | Action::TakeOver => return claims::act(model.context(), action),
        _ => return act_on_output(model, action),
    }
    Vec::new()
}

/// What goes out, what is read again, and the palette.
fn act_on_output(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::CopyId
        | Action::CopyUser
        | Action::CopyHost
        | Action::CopyRow
        | Action::CopyMarked
        | Action::CopyCommand => return output::copy(&mut model.split().update, action),
        Action::CopySecret => return output::reveal(&mut model.workspace_update(), true),
        Action::Reveal => return output::reveal(&mut model.workspace_update(), false),
        Action::Export => output::open_export(&mut model.split().update),
        Action::Evidence => open_evidence(model),
        Action::Refresh => return refresh(model, false),
        Action::RefreshAll => return refresh(model, true),
        Action::Palette => {
            model.prompt = Some(palette::prompt(""));
        }
        _ => return act_on_cells(model, action),
    }
    Vec::new()
}

/// What acts on the column cursor and its cell, and what does again or elsewhere what was done.
fn act_on_cells(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::ColumnCursor => cells::toggle(&mut model.workspace_update()),
        Action::ColumnLeft => cells::step(&mut model.workspace_update(), -1),
        Action::ColumnRight => cells::step(&mut model.workspace_update(), 1),
        Action::CellMark
        | Action::CellOnly
        | Action::CellWithout
        | Action::CellSort
        | Action::CellCount
        | Action::CopyCell => return cells::act(&mut model.workspace_update(), action),
        Action::SinceLeft => act_on_views(model, action),
        Action::NewsSeen => return news::looked(&model.news, false).into_iter().collect(),
        Action::RepeatLast => plan::repeat(&mut model.overlay_update()),
        Action::Pipe => model.prompt = Some(tools::open_pipe(model.context())),
        // What works above the panes, and what needs a plan, a job or a list, is done elsewhere.
        _ => {}
    }
    Vec::new()
}

/// Asks for the text of a note on the targets.
fn note(model: &mut Model) {
    let (leaks, _) = targets::targets(model.context());
    model.commands.push(Command::Prompt(Ask::Note(leaks)));
}

/// Shows or hides the detail, gives it the focus, or gives the focused pane the whole screen.
fn lay_out(model: &mut Model, action: Action) {
    if action == Action::FocusDetail {
        detail::focus(&mut model.workspace_update());
        return;
    }
    let workspace = &mut model.workspace;
    workspace.reveal = None;
    if action == Action::FullScreen {
        workspace.zoomed = !workspace.zoomed;
    } else {
        workspace.detail_visible = !workspace.detail_visible;
    }
    view::clamp_cursors(&mut model.workspace_update());
}

/// The pane that an action gives the focus.
fn pane_of(action: Action) -> Pane {
    match action {
        Action::FocusDomains => Pane::Domains,
        Action::FocusUsers => Pane::Users,
        Action::FocusConnections => Pane::Connections,
        Action::FocusJobs => Pane::Jobs,
        _ => Pane::Leaks,
    }
}

/// What an action groups the leaks by; `None` shows them one by one.
fn group_of(action: Action) -> Option<GroupKind> {
    match action {
        Action::GroupUser => Some(GroupKind::User),
        Action::GroupDomain => Some(GroupKind::Domain),
        Action::GroupHost => Some(GroupKind::Resource),
        Action::GroupDevice => Some(GroupKind::Endpoint),
        Action::GroupCountry => Some(GroupKind::Country),
        Action::GroupSource => Some(GroupKind::Source),
        Action::GroupCredential => Some(GroupKind::Credential),
        _ => None,
    }
}

/// To the place before this one.
fn go_back(model: &mut Model) {
    navigate::history(&mut model.workspace_update(), true);
    let mut views = std::mem::take(&mut model.views);
    views.went_back(model.context());
    model.views = views;
}

fn act_on_views(model: &mut Model, action: Action) {
    let is_shown = model.views.shows_since_left(model.context());
    if action == Action::SinceLeft && is_shown {
        return go_back(model);
    }
    let Split {
        views, mut update, ..
    } = model.split();
    match action {
        Action::NextView => views.step(&mut update, true),
        Action::PreviousView => views.step(&mut update, false),
        Action::SinceLeft => views.open(&mut update, SINCE_LEFT),
        _ => views.show(&mut update),
    }
}

fn resize(model: &mut Model, by: i16) {
    if let Some(column) = columns::resize_target(model.context()) {
        columns::resize(&mut model.workspace_update(), column, by);
    }
}

fn toggle_write_lock(model: &mut Model) {
    if let Some(why) = permission::write_forbidden(model.context()) {
        let now = model.now.since_start;
        model.notices.push(Severity::Info, why, None, now);
        return;
    }
    model.access.write_lock = !model.access.write_lock;
    let text = if model.access.write_lock {
        "writes are locked in this console"
    } else {
        "writes are allowed again"
    };
    let now = model.now.since_start;
    model.notices.push(Severity::Info, text, None, now);
}

/// `Esc`: ends one thing, in this order: overlay, prompt, range, load, filter text, drill-down, marks.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.overlay().is_some() {
        return overlay::close(&mut model.overlays, &mut model.workspace);
    } else if model.prompt.is_some() {
        typed::cancel(model);
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
            let to = Location { filter, ..to };
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
