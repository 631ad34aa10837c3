//! JSON Lines: the records alone, one a line, each by itself the schema's.

use super::{Format, Record, RecordWriter, Summary, evidence, json};
use crate::entity::{json as inert, leak::Leak};
use serde::Serialize;
use std::io::{self, Write};

/// This format's row.
pub const FORMAT: Format = Format {
    name: "jsonl",
    extension: "jsonl",
    open: |out, _| Ok(Box::new(JsonlWriter { out })),
};

struct JsonlWriter<'w> {
    out: &'w mut dyn Write,
}

impl RecordWriter for JsonlWriter<'_> {
    fn write(&mut self, record: Record<'_>) -> io::Result<()> {
        let mut json = inert::to_vec(&line(record))?;
        json.push(b'\n');
        self.out.write_all(&json)
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// A leak as one line without any secret: also the password that a URL may carry is masked.
pub fn write_safe(out: &mut dyn Write, leak: &Leak) -> io::Result<()> {
    let masked = leak.url.as_ref().and_then(evidence::mask);
    let safe = masked.map(|url| Leak {
        url: Some(url),
        ..leak.clone()
    });
    let record = Record::Leak(safe.as_ref().unwrap_or(leak));
    let mut json = inert::to_vec(&line(record))?;
    json.push(b'\n');
    out.write_all(&json)
}

/// A record with the schema's number before its own members.
pub fn line(record: Record<'_>) -> impl Serialize + '_ {
    json::Schema::new(json::PlainRecord(record))
}
