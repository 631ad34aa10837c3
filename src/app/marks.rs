//! Marks: a set of leaks, held by identity. Filters, sorts, refreshes and pages never change it.

use super::{
    effect::Effect,
    grouping::{self, Grouping},
    model::{Context, Model, Pane},
    notice::Severity,
    overlay::Overlay,
    paging, search, searching, view,
};
use crate::{
    action::Action,
    entity::{
        ids::{Given, Word},
        key::{EntityKey, RemoteId},
        leak::LeakField,
        number::grouped,
        visible::escape,
    },
    filter::{Filter, Term},
    table::{GroupKind, Handle, Marks, Table},
};

/// The leaks behind the cursor of the focused pane.
fn behind_cursor(context: Context<'_>) -> Vec<Handle> {
    match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_some() => {
            grouping::under_cursor(context)
                .map(|group| grouping::leaks_of(context, group))
                .unwrap_or_default()
        }
        Pane::Leaks => context.workspace.leaks.list.cursor().into_iter().collect(),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            let Some((kind, group)) = context
                .workspace
                .groups(pane)
                .and_then(|groups| groups.list.cursor())
            else {
                return Vec::new();
            };
            let mut scope = context.workspace.scope_groups();
            scope.push((kind, group));
            context
                .data
                .table
                .select(&Filter::default(), &scope, None, &context.workspace.marks)
        }
        Pane::Jobs => Vec::new(),
    }
}

/// Marks or unmarks what is behind the cursor, and moves down.
pub fn toggle(model: &mut Model) {
    let rows = behind_cursor(model.context());
    let all = !rows.is_empty()
        && rows
            .iter()
            .all(|handle| model.workspace.marks.contains(*handle));
    let cursor = model.workspace.leaks.list.cursor();
    set(model, rows, !all);
    // Where only marked leaks are shown, the row that was unmarked went and the next took its place.
    let groups = model.workspace.leaks.grouping.is_some();
    if model.workspace.focus != Pane::Leaks
        || groups
        || model.workspace.leaks.list.cursor() == cursor
    {
        super::navigate::step(model, 1);
    }
}

fn set(model: &mut Model, rows: impl IntoIterator<Item = Handle>, mark: bool) {
    for handle in rows {
        if mark {
            model.workspace.marks.insert(handle);
        } else {
            model.workspace.marks.remove(handle);
        }
    }
    searching::marks_changed(model);
}

/// Whether a filter looks at the marks.
pub(super) fn are_asked_for(filter: &Filter) -> bool {
    filter.has(|term| matches!(term, Term::Marked))
}

/// Begins a range, or marks (unmarks) from where it began to the cursor.
pub fn range(model: &mut Model, mark: bool) {
    let Some(cursor) = model
        .workspace
        .leaks
        .list
        .cursor()
        .filter(|_| model.workspace.focus == Pane::Leaks)
    else {
        return;
    };
    match model.workspace.leaks.range.take() {
        Some((start, begun)) if begun == mark => {
            let rows = model.workspace.leaks.list.between(start, cursor).to_vec();
            if rows.is_empty() {
                let now = model.now.since_start;
                let text =
                    "the row where the range began is not shown any more: nothing was marked";
                model.notices.push(Severity::Warning, text, None, now);
            }
            set(model, rows, mark);
        }
        _ => model.workspace.leaks.range = Some((cursor, mark)),
    }
}

/// The leaks that the focused pane's view stands for.
fn in_view(context: Context<'_>) -> Vec<Handle> {
    match context.workspace.focus {
        Pane::Leaks => {
            let rows = context.workspace.leaks.list.order().iter().copied();
            match &context.workspace.leaks.grouping {
                // What is in no group is not in view.
                Some(Grouping { kind, .. }) => rows
                    .filter(|row| context.data.table.group(*row, *kind).is_some())
                    .collect(),
                None => rows.collect(),
            }
        }
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            let Some(groups) = context.workspace.groups(pane) else {
                return Vec::new();
            };
            let shown: std::collections::HashSet<_> = groups.list.order().iter().copied().collect();
            let rows = context.data.table.select(
                &Filter::default(),
                &context.workspace.scope_groups(),
                None,
                &context.workspace.marks,
            );
            rows.into_iter()
                .filter(|handle| {
                    view::kinds_of(pane).into_iter().any(|kind| {
                        context
                            .data
                            .table
                            .group(*handle, kind)
                            .is_some_and(|group| shown.contains(&(kind, group)))
                    })
                })
                .collect()
        }
        Pane::Jobs => Vec::new(),
    }
}

/// Marks all that the filter shows. Where that is not all there is, the operator is asked first: *all* never silently
/// means what happens to be loaded.
pub fn all(model: &mut Model) {
    let missing = not_loaded(model.context());
    if missing > 0 || model.data.is_loading() {
        model.overlays.push(Overlay::MarkAll { missing });
    } else {
        loaded(model);
    }
}

/// Leaks that the providers say there are and that are not loaded.
pub fn not_loaded(context: Context<'_>) -> u64 {
    let missing = |state: &super::model::ProfileState| {
        let paging = &state.paging;
        paging.total.unwrap_or(0).saturating_sub(paging.seen)
    };
    context.data.profiles.iter().map(missing).sum()
}

/// Marks all that is loaded and that the filter shows.
pub fn loaded(model: &mut Model) {
    searching::finish(model);
    if shows_leaks(model.context()) {
        model.workspace.marks.add_all(&model.workspace.leaks.shown);
        set(model, [], true);
    } else {
        let rows = in_view(model.context());
        set(model, rows, true);
    }
    say(model);
}

/// Whether the view is the leaks themselves, which are known as a set.
fn shows_leaks(context: Context<'_>) -> bool {
    context.workspace.focus == Pane::Leaks && context.workspace.leaks.grouping.is_none()
}

/// Marks all once everything is loaded; starts to load it if nothing does.
pub fn when_loaded(model: &mut Model) -> Vec<Effect> {
    model.workspace.mark_when_loaded = true;
    if model.data.is_loading() {
        return Vec::new();
    }
    paging::start_all(model, &std::sync::Arc::default())
}

/// A page came: were marks waiting for the last one?
pub fn after_page(model: &mut Model) {
    if !model.workspace.mark_when_loaded || model.data.is_loading() {
        return;
    }
    model.workspace.mark_when_loaded = false;
    if model.data.is_complete() {
        loaded(model);
    } else {
        let now = model.now.since_start;
        let text = "nothing was marked: the lists are still not complete";
        let hint = "* asks again; r loads again".to_owned();
        model.notices.push(Severity::Warning, text, Some(hint), now);
    }
}

/// Marks what is not, unmarks what is, within the filter.
pub fn invert(model: &mut Model) {
    if shows_leaks(model.context()) {
        model
            .workspace
            .marks
            .toggle_all(&model.workspace.leaks.shown);
    } else {
        for handle in in_view(model.context()) {
            model.workspace.marks.toggle(handle);
        }
    }
    set(model, [], true);
}

/// Marks or unmarks the leaks in view that match.
pub fn by_pattern(model: &mut Model, filter: &Filter, mark: bool) {
    searching::finish(model);
    let before = model.workspace.marks.len();
    let within = in_view(model.context());
    let filter = filter.at(model.now.wall);
    let rows = model.data.table.select(
        &filter,
        &model.workspace.scope_groups(),
        Some(&within),
        &model.workspace.marks,
    );
    set(model, rows, mark);
    let (now, after) = (model.now.since_start, model.workspace.marks.len());
    let changed = before.abs_diff(after);
    model.notices.push(
        Severity::Info,
        format!(
            "{} {}",
            grouped(changed as u64),
            if mark { "more marked" } else { "unmarked" }
        ),
        None,
        now,
    );
}

/// Marks the leaks in view that have the same value as the one under the cursor.
pub fn same(model: &mut Model, action: Action) {
    let Some(cursor) = model
        .workspace
        .leaks
        .list
        .cursor()
        .filter(|_| model.workspace.focus == Pane::Leaks)
    else {
        return;
    };
    let table = &model.data.table;
    let by_group = |kind: GroupKind| {
        let value = table.group(cursor, kind);
        move |handle: &Handle| value.is_some() && table.group(*handle, kind) == value
    };
    let rows: Vec<Handle> = {
        let view = model.workspace.leaks.list.order().iter().copied();
        match action {
            Action::MarkSameUser => view.filter(by_group(GroupKind::User)).collect(),
            Action::MarkSameDomain => view.filter(by_group(GroupKind::Domain)).collect(),
            Action::MarkSameHost => view.filter(by_group(GroupKind::Endpoint)).collect(),
            Action::MarkSameUrl => view.filter(by_group(GroupKind::Resource)).collect(),
            Action::MarkSameStatus => view
                .filter(|handle| table.status(*handle) == table.status(cursor))
                .collect(),
            _ => view.filter(by_group(GroupKind::Country)).collect(),
        }
    };
    let count = rows.len();
    set(model, rows, true);
    let now = model.now.since_start;
    let text = if count == 0 {
        without_value(&model.data.table, cursor, action)
    } else {
        format!("{} with the same value marked", grouped(count as u64))
    };
    model.notices.push(Severity::Info, text, None, now);
}

/// Why nothing has the same value as a row: it has none, or one that many have who have nothing in common.
fn without_value(table: &Table, row: Handle, action: Action) -> String {
    let fields: &[LeakField] = match action {
        Action::MarkSameUser => &[LeakField::Login],
        Action::MarkSameDomain => &[LeakField::Domain],
        Action::MarkSameHost => &[LeakField::HardwareId, LeakField::Hostname, LeakField::Ip],
        Action::MarkSameUrl => &[LeakField::Url],
        _ => &[LeakField::Country],
    };
    let mut texts = fields.iter().map(|field| table.text(row, *field));
    match texts.find(|text| !text.trim_ascii().is_empty()) {
        None => "the row has no such value".to_owned(),
        Some(text) => format!(
            "{} does not tell one from another: nothing is marked",
            escape(&text).as_str()
        ),
    }
}

/// Clears the marks; `gm` brings them back.
pub fn clear(model: &mut Model) {
    if !model.workspace.marks.is_empty() {
        model.workspace.last_marks = std::mem::take(&mut model.workspace.marks);
    }
    if model.workspace.leaks.marked_only {
        model.workspace.leaks.marked_only = false;
        view::refresh_leaks(model, false);
    }
    searching::marks_changed(model);
}

/// Brings the last marks back, beside those there are.
pub fn recall(model: &mut Model) {
    let last = std::mem::take(&mut model.workspace.last_marks);
    let before = model.workspace.marks.clone();
    set(model, last.iter(), true);
    model.workspace.last_marks = if before.is_empty() { last } else { before };
    say(model);
}

/// Takes another set of marks; `gm` brings the old one back.
pub fn replace(model: &mut Model, marks: Marks) {
    model.workspace.last_marks = std::mem::replace(&mut model.workspace.marks, marks);
    searching::marks_changed(model);
    say(model);
}

/// Shows marked leaks only, or all again.
pub fn toggle_marked_only(model: &mut Model) {
    model.workspace.leaks.marked_only = !model.workspace.leaks.marked_only;
    view::refresh_leaks(model, false);
}

/// Says how many are marked, hidden and gone.
pub fn say(model: &mut Model) {
    let table = &model.data.table;
    let gone = if table.len() == table.rows() {
        0
    } else {
        let marked = model.workspace.marks.iter();
        marked.filter(|handle| table.is_gone(*handle)).count()
    };
    let (marked, hidden, now) = (
        model.workspace.marks.len(),
        model.workspace.hidden_marks(),
        model.now.since_start,
    );
    let text = format!(
        "{} marked, {} hidden by the filter, {} gone at the provider",
        grouped(marked as u64),
        grouped(hidden as u64),
        grouped(gone as u64)
    );
    model.notices.push(Severity::Info, text, None, now);
}

/// A file of keys was read: marks what is loaded of it.
pub fn on_read(model: &mut Model, given: Vec<Given>) {
    let only = (model.data.profiles.len() == 1)
        .then(|| model.data.profiles[0].profile.binding.name.clone());
    let (mut found, mut missing) = (Vec::new(), 0_usize);
    for given in given {
        let key = match given.word {
            Word::Key(key) => Some(key),
            Word::Id(id) => only
                .clone()
                .map(|profile| EntityKey::leak(profile, RemoteId::from(&id[..]))),
        };
        match key.and_then(|key| model.data.table.find_in_any_case(&key)) {
            Some(handle) => found.push(handle),
            None => missing += 1,
        }
    }
    found.sort_unstable();
    found.dedup();
    let count = found.len();
    set(model, found, true);
    let now = model.now.since_start;
    model.notices.push(
        Severity::Info,
        format!("{count} marked from the file, {missing} of its keys are not loaded"),
        None,
        now,
    );
}

/// The filter of the leaks pane is taken away, marks stay.
pub fn clear_filter(model: &mut Model) -> bool {
    let pane = model.workspace.focus;
    let filtered = model
        .workspace
        .filter(pane)
        .is_some_and(|state| !state.filter.is_empty());
    if filtered {
        search::set_text(model, pane, "");
    }
    filtered
}
