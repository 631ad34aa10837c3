//! What an overlay shows first.

use super::Overlay;
use crate::app::{
    columns,
    command::Open,
    facets,
    inspect::Inspected,
    model::Context,
    record::{History, Record},
};

impl Overlay {
    /// What is asked for, as it is shown first.
    pub(in crate::app) fn open(what: Open, context: Context<'_>) -> Self {
        match what {
            Open::MarkAll { not_loaded } => Self::MarkAll { not_loaded },
            Open::Inspect(group) => Self::Inspect(Box::new(Inspected::new(group))),
            Open::Record(leak) => Self::Record(Box::new(Record {
                leak,
                cursor: 0,
                history: History::Loading,
            })),
            Open::Facets => Self::Facets(Box::new(facets::picture(context))),
            Open::Columns => Self::Columns(Box::new(columns::edit::editor(context))),
            Open::Views { cursor } => Self::Views {
                cursor,
                confirming_delete: false,
            },
            Open::Job(id) => Self::job_screen(id, false),
            Open::Resume(jobs) => Self::Resume {
                jobs,
                drawn_at: None,
            },
            Open::Notices => Self::Notices { scroll: 0 },
            Open::Traffic => Self::Traffic { scroll: 0 },
            Open::Rejects => Self::Rejects { scroll: 0 },
            Open::Team => Self::Team { scroll: 0 },
            Open::Tour => Self::Tour { card: 0 },
            Open::Quit => Self::Quit,
        }
    }
}
