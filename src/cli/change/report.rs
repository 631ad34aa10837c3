//! A job with its changes, printed.

use crate::{
    cli::{entities::rows, output::Column, session::Session},
    entity::job::{Change, JobRecord},
    export::json,
};

/// A job with its changes, as JSON.
pub(in crate::cli) fn print_json(session: &mut Session, record: &JobRecord) {
    let job = json::job_json(&record.job, Some(&record.changes));
    session.output.json(&json::answer("job", job));
}

/// Changes in a table.
pub(in crate::cli) fn print_changes(session: &mut Session, changes: &[Change]) {
    let lines: Vec<_> = changes
        .iter()
        .map(|change| {
            vec![
                rows::word(change.state().outcome()),
                rows::either(change.code()),
                rows::either(change.before),
                rows::word(change.wanted),
                rows::either(change.reason()),
                rows::word(&change.key),
            ]
        })
        .collect();
    let columns = [
        Column::text("OUTCOME"),
        Column::number("CODE"),
        Column::text("BEFORE"),
        Column::text("WANTED"),
        Column::text("REASON"),
        Column::whole("KEY"),
    ];
    if !lines.is_empty() {
        session.output.table(&columns, &lines);
    }
}
