//! The column cursor of the leaks: a cell is the leak under the cursor in one column. What it holds narrows the list,
//! sorts it, counts it, is copied or marks what is alike.

use super::{
    columns::{self, Column},
    command::{Command, Open},
    effect::{Effect, OutputEffect},
    grouping, marks,
    model::{Context, Pane, WorkspaceUpdate},
    notice::Severity,
};
use crate::{
    action::Action,
    entity::{leak::LeakField, secret::Secret, visible::escape},
    filter,
    table::{GroupKind, RowId},
};

/// The columns that are on the screen, from the left.
fn on_screen(context: Context<'_>) -> Vec<Column> {
    let room = columns::available_width(context, Pane::Leaks);
    let placed = columns::layout_columns(context, Pane::Leaks, room);
    placed.into_iter().map(|(column, _)| column).collect()
}

/// Puts the column cursor on the first column, or takes it away.
pub(super) fn toggle(update: &mut WorkspaceUpdate<'_>) {
    update.workspace.column = match update.workspace.column {
        Some(_) => None,
        None => on_screen(update.context()).first().copied(),
    };
}

/// Moves it to the next column, or the one before.
pub(super) fn step(update: &mut WorkspaceUpdate<'_>, by: isize) {
    let all = on_screen(update.context());
    let Some(column) = update.workspace.column else {
        return;
    };
    // A column that left the screen gives way to the first.
    let at = all.iter().position(|other| *other == column).unwrap_or(0);
    let to = at
        .saturating_add_signed(by)
        .min(all.len().saturating_sub(1));
    update.workspace.column = all.get(to).copied();
}

/// Why nothing can be done with a cell.
pub(super) fn refused(context: Context<'_>) -> Option<&'static str> {
    if context.workspace.column.is_none() {
        return Some("the column cursor is off: zc puts it on");
    }
    let none = context.workspace.leaks.list.cursor().is_none();
    none.then_some("no leak is under the cursor")
}

/// What a cell holds, as it came.
fn text(context: Context<'_>, row: RowId, column: Column) -> Vec<u8> {
    let table = &context.data.table;
    let noted = || table.last_note(row);
    match column {
        Column::Status => table.status(row).to_string().into_bytes(),
        Column::Risk => table
            .row(row)
            .risk
            .map_or_else(Vec::new, |risk| risk.level.to_string().into_bytes()),
        Column::Seen => table.text(row, LeakField::FirstSeen).into_owned(),
        Column::Added => table.text(row, LeakField::AddedAt).into_owned(),
        Column::Found => table.found_text(row).into_bytes(),
        Column::News => table
            .fresh_news(row)
            .map_or_else(Vec::new, |news| news.kind.word().as_bytes().to_vec()),
        Column::From => table.key(row).profile.to_string().into_bytes(),
        Column::Claim => table
            .claim(row)
            .map_or_else(Vec::new, |claim| claim.claimant.user.clone().into_bytes()),
        Column::Reason => noted()
            .and_then(|noted| noted.justification.reason.clone())
            .unwrap_or_default()
            .into_bytes(),
        Column::Ticket => noted()
            .and_then(|noted| noted.justification.ticket.clone())
            .unwrap_or_default()
            .into_bytes(),
        column => column
            .field()
            .map_or_else(Vec::new, |field| table.text(row, field).into_owned()),
    }
}

/// The term of the filter language that takes what has the same as a cell.
///
/// # Errors
/// The language has no such term.
pub fn term(context: Context<'_>, row: RowId, column: Column) -> Result<String, &'static str> {
    let value = text(context, row, column);
    let field = match column {
        Column::From => "profile",
        Column::News if value.is_empty() => return Ok("!is:news".to_owned()),
        Column::News => "is",
        Column::Claim => "claimed",
        Column::Id => "key",
        column => column.title(),
    };
    if value.is_empty() {
        return Ok(format!("{field}:none"));
    }
    let value = std::str::from_utf8(&value).map_err(|_| "the value is no text")?;
    match column {
        Column::Status => return Ok(format!("status:{value}")),
        Column::Risk if value == "none" => return Ok("risk:level-none".to_owned()),
        Column::Risk => return Ok(format!("risk:{value}")),
        Column::Seen | Column::Added | Column::Found => {
            let day = value.get(..10).ok_or("the value is no day")?;
            return Ok(format!("{field}:{day}"));
        }
        _ => {}
    }
    let is_plain = escape(value.as_bytes()).as_str() == value && !value.contains(['"', '\\']);
    if !is_plain {
        return Err("the value has characters that a filter cannot have");
    }
    Ok(format!("{field}:\"{value}\""))
}

/// A filter and one more term.
fn narrowed(before: &str, term: &str) -> String {
    let before = before.trim();
    if before.is_empty() {
        return term.to_owned();
    }
    let has_or = before.split_whitespace().any(|word| word == "or");
    if has_or {
        format!("({before}) {term}")
    } else {
        format!("{before} {term}")
    }
}

/// Does what is asked of the cell.
pub(super) fn act(update: &mut WorkspaceUpdate<'_>, action: Action) -> Vec<Effect> {
    let (Some(row), Some(column)) = (
        update.workspace.leaks.list.cursor(),
        update.workspace.column,
    ) else {
        return Vec::new();
    };
    match action {
        Action::CellOnly | Action::CellWithout | Action::CellMark => {
            let found = term(update.context(), row, column).and_then(|term| {
                match filter::parse(&term, &update.setup.sources) {
                    Ok(filter) => Ok((term, filter)),
                    Err(_) => Err("the value cannot be filtered by"),
                }
            });
            match found {
                Ok((_, filter)) if action == Action::CellMark => {
                    marks::mark_matching(update, &filter, true);
                }
                Ok((term, _)) => {
                    let not = if action == Action::CellWithout {
                        "!"
                    } else {
                        ""
                    };
                    let before = update.workspace.leaks.filter.filter.text();
                    let text = narrowed(before, &format!("{not}{term}"));
                    update.commands.push(Command::SetFilter(Pane::Leaks, text));
                }
                Err(why) => tell(update, why),
            }
        }
        Action::CellSort => match sorted_by(column) {
            Some(action) => update.commands.push(Command::Act(action)),
            None => tell(update, "the leaks are not sorted by this column"),
        },
        Action::CellCount => match counted_by(column) {
            Some(kind) => grouping::set(update, Some(kind)),
            None => update.commands.push(Command::Open(Open::Facets)),
        },
        Action::CopyCell => {
            let value = text(update.context(), row, column);
            if value.is_empty() {
                tell(update, "nothing to copy here");
                return Vec::new();
            }
            let printable = escape(&value).as_str().to_owned();
            return vec![Effect::Output(OutputEffect::CopyText {
                text: Secret::from(printable),
                what: column.title(),
            })];
        }
        _ => {}
    }
    Vec::new()
}

fn tell(update: &mut WorkspaceUpdate<'_>, text: &str) {
    let now = update.now.since_start;
    update.notices.push(Severity::Info, text, None, now);
}

/// The action that sorts by a column.
pub(super) fn sorted_by(column: Column) -> Option<Action> {
    Some(match column {
        Column::Seen => Action::SortSeen,
        Column::Added => Action::SortAdded,
        Column::Login => Action::SortLogin,
        Column::Domain => Action::SortDomain,
        Column::Url => Action::SortUrl,
        Column::Status => Action::SortStatus,
        Column::Host => Action::SortHost,
        Column::Country => Action::SortCountry,
        Column::Risk => Action::SortRisk,
        _ => return None,
    })
}

/// What counts a column's values, where that is a grouping; the others are counted among the facets.
fn counted_by(column: Column) -> Option<GroupKind> {
    Some(match column {
        Column::Login => GroupKind::User,
        Column::Domain => GroupKind::Domain,
        Column::Url => GroupKind::Resource,
        Column::Host | Column::Ip | Column::Device => GroupKind::Endpoint,
        Column::Country => GroupKind::Country,
        Column::From => GroupKind::Source,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn a_term_narrows_what_was_there() {
        assert_eq!(narrowed(" ", "risk:high"), "risk:high");
        assert_eq!(narrowed("vpn", "risk:high"), "vpn risk:high");
        assert_eq!(narrowed("a or b", "!risk:high"), "(a or b) !risk:high");
    }
}
