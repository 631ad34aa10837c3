//! A list as one object: the items, then what stands beside them.

use super::{PlainRecord, SCHEMA};
use crate::{
    entity::json as inert,
    export::{Format, Record, RecordWriter, Summary},
};
use serde::Serialize;
use std::io::{self, Write};

/// This format's row.
pub const FORMAT: Format = Format {
    name: "json",
    extension: "json",
    open: |out, _| Ok(Box::new(JsonWriter::begin(out)?)),
};

struct JsonWriter<'w> {
    out: &'w mut dyn Write,
    first: bool,
}

impl<'w> JsonWriter<'w> {
    fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        write!(out, "{{\"schema\":{SCHEMA},\"items\":[")?;
        Ok(Self { out, first: true })
    }

    fn item<T: Serialize>(&mut self, item: &T) -> io::Result<()> {
        self.out
            .write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        self.out.write_all(&inert::to_vec(item)?)
    }
}

/// Writes a list of items of any form, one at a time.
///
/// # Errors
/// What cannot be written, and an item that is an error itself.
pub fn write<T: Serialize>(
    out: &mut dyn Write,
    items: impl Iterator<Item = io::Result<T>>,
    summary: &Summary,
) -> io::Result<()> {
    let mut list = JsonWriter::begin(out)?;
    for item in items {
        list.item(&item?)?;
    }
    list.finish(summary)
}

impl RecordWriter for JsonWriter<'_> {
    fn write(&mut self, record: Record<'_>) -> io::Result<()> {
        self.item(&PlainRecord(record))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.out.write_all(b"],")?;
        let rest = inert::to_string(summary)?;
        // The summary's members stand beside the items.
        self.out
            .write_all(rest.trim_start_matches('{').as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
