//! The audit log for people and programs. What a line says is its own; this adds and hides nothing.

use super::ListArguments;
use crate::{
    cli::{context::CommandContext, entities::value_list, exit::ExitCode, format::ListFormat},
    export::Summary,
    journal::AuditLog,
};
use serde_json::{Map, Value};

/// The members of a line in a table, the most telling first.
const COLUMNS: &[&str] = &[
    "seq", "at", "user", "host", "action", "outcome", "profile", "job", "keys", "key", "before",
    "after", "detail",
];

/// All of them, for programs.
const ALL_COLUMNS: &[&str] = &[
    "seq", "at", "user", "host", "tty", "pid", "from", "profile", "action", "key", "keys", "job",
    "before", "after", "outcome", "request", "detail", "reason", "note", "ticket", "prev", "hash",
];

/// Lists the attempts, the newest first.
pub(super) fn run(
    session: &mut CommandContext,
    log: &AuditLog,
    arguments: &ListArguments,
) -> ExitCode {
    let mut unreadable = 0_u64;
    let mut items = Vec::new();
    for line in log.lines() {
        match serde_json::from_slice::<Map<String, Value>>(line) {
            Ok(item) if is_selected(session, &item) => items.push(item),
            Ok(_) => {}
            Err(_) => unreadable += 1,
        }
    }
    items.reverse();
    let total = items.len() as u64;
    items.truncate(arguments.limit.unwrap_or(usize::MAX));
    let summary = Summary {
        total: Some(total),
        loaded: items.len() as u64,
        complete: unreadable == 0,
        profiles: Vec::new(),
    };
    let format = arguments.format.format;
    let names = if format == ListFormat::Table {
        COLUMNS
    } else {
        ALL_COLUMNS
    };
    value_list::print(
        &mut session.output,
        format,
        &items,
        &summary,
        names,
        |item| {
            let cells = names.iter().map(|name| match (format, *name) {
                (ListFormat::Table, "at") => to_the_second(cell(item, name)),
                (_, name) => cell(item, name),
            });
            cells.collect()
        },
    );
    if unreadable > 0 {
        session.output.notice(&format!(
            "stanch: {unreadable} lines cannot be read; stanch audit verify says which is the first"
        ));
        return ExitCode::Verification;
    }
    ExitCode::Done
}

/// A time as a person reads it: without the parts of a second, which the other formats have.
fn to_the_second(at: Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(&at).ok();
    let moment = text.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    moment.map_or(at, |moment| {
        moment
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
            .into_bytes()
    })
}

/// Whether it is of a profile that was asked for; without any it is.
fn is_selected(session: &CommandContext, item: &Map<String, Value>) -> bool {
    let asked = &session.options.profiles;
    let profile = item.get("profile").and_then(Value::as_str);
    asked.is_empty() || profile.is_some_and(|profile| asked.iter().any(|name| name == profile))
}

fn cell(item: &Map<String, Value>, name: &str) -> Vec<u8> {
    let value = match name {
        "user" | "host" | "tty" | "pid" => item.get("who").and_then(|who| who.get(name)),
        name => item.get(name),
    };
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
    }
}
