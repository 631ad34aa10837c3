//! Marks: a set of leaks, held by identity. Filters, sorts, refreshes and pages never change it.

use super::{
    command::{Command, Open},
    model::{Context, FilterState, Pane, WorkspaceUpdate},
    notice::Severity,
    search, view,
};
use crate::{
    action::Action,
    app::{
        cursor,
        model::{Grouping, kinds_for_pane},
    },
    entity::{
        id_file::{IdEntry, LeakIdentifier},
        key::{EntityKey, RemoteId},
        leak::LeakField,
        number::group_digits,
        visible::escape,
    },
    filter::{Filter, Term},
    table::{GroupKind, Marks, RowId, Table},
};

/// The leaks behind the cursor of the focused pane.
fn cursor_leaks(context: Context<'_>) -> Vec<RowId> {
    match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_some() => cursor::selected_view(context)
            .map(|group| cursor::leaks_in_group(context, group))
            .unwrap_or_default(),
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
pub fn toggle(update: &mut WorkspaceUpdate<'_>) {
    let rows = cursor_leaks(update.context());
    let all = !rows.is_empty()
        && rows
            .iter()
            .all(|handle| update.workspace.marks.contains(*handle));
    let cursor = update.workspace.leaks.list.cursor();
    set(update, rows, !all);
    // Where only marked leaks are shown, the row that was unmarked went and the next took its place.
    let groups = update.workspace.leaks.grouping.is_some();
    if update.workspace.focus != Pane::Leaks
        || groups
        || update.workspace.leaks.list.cursor() == cursor
    {
        super::navigate::step(update, 1);
    }
}

fn set(update: &mut WorkspaceUpdate<'_>, rows: impl IntoIterator<Item = RowId>, mark: bool) {
    for handle in rows {
        if mark {
            update.workspace.marks.insert(handle);
        } else {
            update.workspace.marks.remove(handle);
        }
    }
    changed(update);
}

/// Marks changed: what a filter of marks takes is made again.
fn changed(update: &mut WorkspaceUpdate<'_>) {
    if update.workspace.leaks.marked_only
        || filter_uses_marks(&update.workspace.leaks.filter.filter)
    {
        view::refresh_leaks(update, false);
    }
    for pane in [Pane::Domains, Pane::Users, Pane::Connections] {
        let asked = |state: &FilterState| filter_uses_marks(&state.filter);
        if update.workspace.filter(pane).is_some_and(asked) {
            view::refresh_groups(update, pane);
        }
    }
}

/// Whether a filter looks at the marks.
fn filter_uses_marks(filter: &Filter) -> bool {
    filter.has_term(|term| matches!(term, Term::Marked))
}

/// Begins a range, or marks (unmarks) from where it began to the cursor.
pub fn mark_range(update: &mut WorkspaceUpdate<'_>, mark: bool) {
    let Some(cursor) = update
        .workspace
        .leaks
        .list
        .cursor()
        .filter(|_| update.workspace.focus == Pane::Leaks)
    else {
        return;
    };
    match update.workspace.leaks.range_mark.take() {
        Some((start, begun)) if begun == mark => {
            let rows = update.workspace.leaks.list.between(start, cursor).to_vec();
            if rows.is_empty() {
                let now = update.now.since_start;
                let text =
                    "the row where the range began is not shown any more: nothing was marked";
                update.notices.push(Severity::Warning, text, None, now);
            }
            set(update, rows, mark);
        }
        _ => update.workspace.leaks.range_mark = Some((cursor, mark)),
    }
}

/// The leaks that the focused pane's view stands for.
fn visible_leaks(context: Context<'_>) -> Vec<RowId> {
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
                    kinds_for_pane(pane).into_iter().any(|kind| {
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
pub fn mark_all(update: &mut WorkspaceUpdate<'_>) {
    let not_loaded = unloaded_count(update.context());
    if not_loaded > 0 || update.data.is_loading() {
        let question = Open::MarkAll { not_loaded };
        update.commands.push(Command::Open(question));
    } else {
        mark_all_loaded(update);
    }
}

/// Leaks that the providers say there are and that are not loaded.
pub fn unloaded_count(context: Context<'_>) -> u64 {
    let missing = |state: &super::model::ProfileState| {
        let paging = &state.paging;
        paging
            .total
            .unwrap_or(0)
            .saturating_sub(paging.rows_received)
    };
    context.data.profiles.iter().map(missing).sum()
}

/// Marks all that is loaded and that the filter shows.
pub fn mark_all_loaded(update: &mut WorkspaceUpdate<'_>) {
    view::finish_search(update);
    if shows_leaks(update.context()) {
        update
            .workspace
            .marks
            .union_with(&update.workspace.leaks.visible_rows);
        set(update, [], true);
    } else {
        let rows = visible_leaks(update.context());
        set(update, rows, true);
    }
    notify_marks(update);
}

/// Whether the view is the leaks themselves, which are known as a set.
fn shows_leaks(context: Context<'_>) -> bool {
    context.workspace.focus == Pane::Leaks && context.workspace.leaks.grouping.is_none()
}

/// Marks all once everything is loaded; starts to load it if nothing does.
pub fn mark_all_when_loaded(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.mark_when_loaded = true;
    if !update.data.is_loading() {
        update.commands.push(Command::LoadAll);
    }
}

/// A page came: were marks waiting for the last one?
pub fn on_page(update: &mut WorkspaceUpdate<'_>) {
    if !update.workspace.mark_when_loaded || update.data.is_loading() {
        return;
    }
    update.workspace.mark_when_loaded = false;
    if update.data.is_complete() {
        mark_all_loaded(update);
    } else {
        let now = update.now.since_start;
        let text = "nothing was marked: the lists are still not complete";
        let hint = "* asks again; r loads again".to_owned();
        update
            .notices
            .push(Severity::Warning, text, Some(hint), now);
    }
}

/// Marks what is not, unmarks what is, within the filter.
pub fn invert(update: &mut WorkspaceUpdate<'_>) {
    if shows_leaks(update.context()) {
        update
            .workspace
            .marks
            .toggle_all(&update.workspace.leaks.visible_rows);
    } else {
        for handle in visible_leaks(update.context()) {
            update.workspace.marks.toggle(handle);
        }
    }
    set(update, [], true);
}

/// Marks or unmarks the leaks in view that match.
pub fn mark_matching(update: &mut WorkspaceUpdate<'_>, filter: &Filter, mark: bool) {
    view::finish_search(update);
    let before = update.workspace.marks.len();
    let within = visible_leaks(update.context());
    let filter = filter.with_now(update.now.wall);
    let rows = update.data.table.select(
        &filter,
        &update.workspace.scope_groups(),
        Some(&within),
        &update.workspace.marks,
    );
    set(update, rows, mark);
    let (now, after) = (update.now.since_start, update.workspace.marks.len());
    let changed = before.abs_diff(after);
    update.notices.push(
        Severity::Info,
        format!(
            "{} {}",
            group_digits(changed as u64),
            if mark { "more marked" } else { "unmarked" }
        ),
        None,
        now,
    );
}

/// Marks the leaks in view that have the same value as the one under the cursor.
pub fn mark_same(update: &mut WorkspaceUpdate<'_>, action: Action) {
    let Some(cursor) = update
        .workspace
        .leaks
        .list
        .cursor()
        .filter(|_| update.workspace.focus == Pane::Leaks)
    else {
        return;
    };
    let table = &update.data.table;
    let by_group = |kind: GroupKind| {
        let value = table.group(cursor, kind);
        move |handle: &RowId| value.is_some() && table.group(*handle, kind) == value
    };
    let rows: Vec<RowId> = {
        let view = update.workspace.leaks.list.order().iter().copied();
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
    set(update, rows, true);
    let now = update.now.since_start;
    let text = if count == 0 {
        missing_value_reason(&update.data.table, cursor, action)
    } else {
        format!("{} with the same value marked", group_digits(count as u64))
    };
    update.notices.push(Severity::Info, text, None, now);
}

/// Why nothing has the same value as a row: it has none, or one that many have who have nothing in common.
fn missing_value_reason(table: &Table, row: RowId, action: Action) -> String {
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
pub fn clear(update: &mut WorkspaceUpdate<'_>) {
    if !update.workspace.marks.is_empty() {
        update.workspace.last_marks = std::mem::take(&mut update.workspace.marks);
    }
    if update.workspace.leaks.marked_only {
        update.workspace.leaks.marked_only = false;
        view::refresh_leaks(update, false);
    }
    changed(update);
}

/// Brings the last marks back, beside those there are.
pub fn recall(update: &mut WorkspaceUpdate<'_>) {
    let last = std::mem::take(&mut update.workspace.last_marks);
    let before = update.workspace.marks.clone();
    set(update, last.iter(), true);
    update.workspace.last_marks = if before.is_empty() { last } else { before };
    notify_marks(update);
}

/// Takes another set of marks; `gm` brings the old one back.
pub fn replace(update: &mut WorkspaceUpdate<'_>, marks: Marks) {
    update.workspace.last_marks = std::mem::replace(&mut update.workspace.marks, marks);
    changed(update);
    notify_marks(update);
}

/// Shows marked leaks only, or all again.
pub fn toggle_marked_only(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.leaks.marked_only = !update.workspace.leaks.marked_only;
    view::refresh_leaks(update, false);
}

/// Says how many are marked, hidden and gone.
pub fn notify_marks(update: &mut WorkspaceUpdate<'_>) {
    let table = &update.data.table;
    let gone = if table.len() == table.row_id_count() {
        0
    } else {
        let marked = update.workspace.marks.iter();
        marked.filter(|handle| table.is_gone(*handle)).count()
    };
    let (marked, hidden, now) = (
        update.workspace.marks.len(),
        update.workspace.hidden_marks(),
        update.now.since_start,
    );
    let text = format!(
        "{} marked, {} hidden by the filter, {} gone at the provider",
        group_digits(marked as u64),
        group_digits(hidden as u64),
        group_digits(gone as u64)
    );
    update.notices.push(Severity::Info, text, None, now);
}

/// A file of keys was read: marks what is loaded of it.
pub fn on_read(update: &mut WorkspaceUpdate<'_>, given: Vec<IdEntry>) {
    let only = (update.data.profiles.len() == 1)
        .then(|| update.data.profiles[0].profile.binding.name.clone());
    let (mut found, mut missing) = (Vec::new(), 0_usize);
    for given in given {
        let key = match given.identifier {
            LeakIdentifier::Key(key) => Some(key),
            LeakIdentifier::Id(id) => only
                .clone()
                .map(|profile| EntityKey::for_leak(profile, RemoteId::from(&id[..]))),
        };
        match key.and_then(|key| update.data.table.find_in_any_case(&key)) {
            Some(handle) => found.push(handle),
            None => missing += 1,
        }
    }
    found.sort_unstable();
    found.dedup();
    let count = found.len();
    set(update, found, true);
    let now = update.now.since_start;
    update.notices.push(
        Severity::Info,
        format!("{count} marked from the file, {missing} of its keys are not loaded"),
        None,
        now,
    );
}

/// The filter of the leaks pane is taken away, marks stay.
pub fn clear_filter(update: &mut WorkspaceUpdate<'_>) -> bool {
    let pane = update.workspace.focus;
    let filtered = update
        .workspace
        .filter(pane)
        .is_some_and(|state| !state.filter.is_empty());
    if filtered {
        search::set_filter_text(update, pane, "");
    }
    filtered
}
