//! JSON Lines: the records alone, one a line, each by itself the schema's.

use super::{Format, Record, RecordWriter, Summary, json};
use crate::entity::json as inert;
use serde::Serialize;
use std::io::{self, Write};

/// This format's row.
pub const FORMAT: Format = Format {
    name: "jsonl",
    extension: "jsonl",
    open: |out, _| Ok(Box::new(Lines { out })),
};

struct Lines<'w> {
    out: &'w mut dyn Write,
}

impl RecordWriter for Lines<'_> {
    fn write(&mut self, record: Record<'_>) -> io::Result<()> {
        let mut json = inert::to_vec(&line(record))?;
        json.push(b'\n');
        self.out.write_all(&json)
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// A record with the schema's number before its own members.
pub fn line(record: Record<'_>) -> impl Serialize + '_ {
    json::Schema::of(json::Bare(record))
}
