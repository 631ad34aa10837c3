//! A job with its changes, printed.

use crate::{
    cli::{
        context::CommandContext,
        entities::{columns::login_and_url, rows},
        output::Column,
    },
    entity::{
        job::{Change, JobRecord},
        key::EntityKey,
        leak::Leak,
        visible::Visible,
    },
    export::json,
};
use serde::Serialize;
use std::collections::HashMap;

/// A job with its changes, as JSON.
pub(in crate::cli) fn print_json(session: &mut CommandContext, record: &JobRecord) {
    let job = json::job_json(&record.job, Some(&record.changes));
    session.output.json(&json::answer("job", job));
}

/// The same, and beside it the leaks of its changes that could be read, as `"leaks"`.
pub(in crate::cli) fn print_json_with(
    session: &mut CommandContext,
    record: &JobRecord,
    leaks: &HashMap<EntityKey, Leak>,
) {
    #[derive(Serialize)]
    struct Answer<J, L> {
        job: J,
        leaks: Vec<L>,
    }
    let of = |change: &Change| leaks.get(&change.key).map(json::leak_json);
    session.output.json(&json::Schema::new(Answer {
        job: json::job_json(&record.job, Some(&record.changes)),
        leaks: record.changes.iter().filter_map(of).collect(),
    }));
}

/// Changes in a table.
pub(in crate::cli) fn print_changes(session: &mut CommandContext, changes: &[Change]) {
    let lines: Vec<_> = changes.iter().map(cells).collect();
    let columns = [&BEFORE_KEY[..], &[Column::uncut("KEY")]].concat();
    if !lines.is_empty() {
        session.output.table(&columns, &lines);
    }
}

/// The same, with login and URL of the leaks.
pub(in crate::cli) fn print_changes_with(
    session: &mut CommandContext,
    changes: &[Change],
    leaks: &HashMap<EntityKey, Leak>,
) {
    let lines: Vec<_> = changes
        .iter()
        .map(|change| {
            let mut line = cells(change);
            let key = line.pop();
            line.extend(login_and_url(leaks.get(&change.key)));
            line.extend(key);
            line
        })
        .collect();
    let columns = [
        &BEFORE_KEY[..],
        &[
            Column::text("LOGIN"),
            Column::text("URL"),
            Column::uncut("KEY"),
        ],
    ]
    .concat();
    if !lines.is_empty() {
        session.output.table(&columns, &lines);
    }
}

const BEFORE_KEY: [Column; 5] = [
    Column::text("OUTCOME"),
    Column::number("CODE"),
    Column::text("BEFORE"),
    Column::text("WANTED"),
    Column::text("REASON"),
];

fn cells(change: &Change) -> Vec<Visible> {
    vec![
        rows::printable(change.state().outcome().in_words()),
        rows::optional_printable(change.code()),
        rows::optional_printable(change.before),
        rows::printable(change.wanted),
        rows::optional_printable(change.reason()),
        rows::printable(&change.key),
    ]
}
