//! Lists of what is no entity: related domains, proofs of ownership. The same answer as of every list, for any item that
//! knows its JSON and its cells.

use super::load::LoadReport;
use crate::{
    cli::{
        format::ListFormat,
        output::{Column, Output},
    },
    entity::visible::escape,
    export::{Summary, json::Schema},
};
use serde::Serialize;

#[derive(Serialize)]
struct List<'a, T> {
    items: &'a [T],
    #[serde(flatten)]
    summary: &'a Summary,
}

/// Prints a list. `cells` are an item's values in the order of the columns: of the table and of CSV.
pub(in crate::cli) fn list<T: Serialize>(
    output: &mut Output,
    format: ListFormat,
    items: &[T],
    reading: &LoadReport,
    names: &[&'static str],
    cells: impl Fn(&T) -> Vec<Vec<u8>>,
) {
    let summary = Summary {
        total: reading.total(),
        loaded: reading.loaded(),
        complete: reading.is_complete(),
        profiles: reading.loads.clone(),
    };
    print(output, format, items, &summary, names, cells);
}

/// Prints a list that no profile was asked for.
pub(in crate::cli) fn print<T: Serialize>(
    output: &mut Output,
    format: ListFormat,
    items: &[T],
    summary: &Summary,
    names: &[&'static str],
    cells: impl Fn(&T) -> Vec<Vec<u8>>,
) {
    match format {
        ListFormat::Json => output.json(&Schema::new(List { items, summary })),
        ListFormat::Jsonl => {
            for item in items {
                output.json(&Schema::new(item));
            }
        }
        ListFormat::Csv => {
            let rows: Vec<_> = items.iter().map(cells).collect();
            output.csv(names, &rows);
        }
        ListFormat::Table => {
            let columns: Vec<_> = names.iter().map(|name| Column::text(name)).collect();
            let rows: Vec<Vec<_>> = items
                .iter()
                .map(|item| cells(item).iter().map(|cell| escape(cell)).collect())
                .collect();
            output.table(&columns, &rows);
        }
    }
}
