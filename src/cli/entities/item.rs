//! A list in the format that was asked for.

use super::rows;
use crate::{
    cli::{
        failure::{Failure, FailureKind},
        format::ListFormat,
        merged_list,
        output::Output,
    },
    entity::{connection::Connection, domain::Domain, job::Job, leak::Leak, user::User},
    export::{
        self, Record, RecordKind, RecordWriter, Summary,
        json::{Schema, list},
        members,
    },
};
use std::{collections::BTreeSet, io};

/// One thing of a list, made when its turn comes.
pub(in crate::cli) enum Item {
    /// A leak.
    Leak(Box<Leak>),
    /// A user.
    User(User),
    /// A domain.
    Domain(Domain),
    /// A connection.
    Connection(Box<Connection>),
    /// A job.
    Job(Box<Job>),
}

impl Item {
    /// As writers take it.
    pub(in crate::cli) fn record(&self) -> Record<'_> {
        match self {
            Self::Leak(leak) => Record::Leak(leak),
            Self::User(user) => Record::User(user),
            Self::Domain(domain) => Record::Domain(domain),
            Self::Connection(connection) => Record::Connection(connection),
            Self::Job(job) => Record::Job(job),
        }
    }

    /// Whose data it is, where that must be said.
    fn attribution(&self) -> Option<&str> {
        match self {
            Self::Leak(leak) => leak.attribution.as_deref(),
            Self::Connection(connection) => connection.attribution.as_deref(),
            Self::User(_) | Self::Domain(_) | Self::Job(_) => None,
        }
    }
}

/// Prints a list.
pub(in crate::cli) fn list(
    output: &mut Output,
    format: ListFormat,
    noun: RecordKind,
    items: impl Iterator<Item = Item>,
    summary: &Summary,
) -> Result<(), Failure> {
    let Some(row) = format.writer().and_then(export::format) else {
        let mut sources = BTreeSet::new();
        let row = |item: Item| {
            sources.extend(item.attribution().map(str::to_owned));
            rows::row(item.record())
        };
        let rows: Vec<_> = items.map(row).collect();
        output.table(&rows::columns(noun), &rows);
        merged_list::print_sources(output, sources.iter().map(String::as_str));
        return Ok(());
    };
    if format == ListFormat::Csv {
        output.begin_csv();
    }
    let written = write(&mut output.writer(), row, noun, items, summary);
    match written {
        // What became of standard output is told at the end.
        Err(_) if !output.is_closed() => Err(Failure::new(
            FailureKind::Internal,
            "the list cannot be written in this format",
            "try --format json",
        )),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints leaks with some members of their JSON alone.
pub(in crate::cli) fn chosen(
    output: &mut Output,
    format: ListFormat,
    leaks: impl Iterator<Item = Leak>,
    names: &[String],
    summary: &Summary,
) -> Result<(), Failure> {
    let unwritten = |_| {
        Failure::new(
            FailureKind::Internal,
            "a leak cannot be written as JSON",
            "try it without --fields",
        )
    };
    if format == ListFormat::Jsonl {
        for leak in leaks {
            let members = members::chosen(&leak, names).map_err(unwritten)?;
            output.json(&Schema::new(members));
        }
        return Ok(());
    }
    let mut out = output.writer();
    let written = list::write(
        &mut out,
        leaks.map(|leak| members::chosen(&leak, names)),
        summary,
    );
    match written {
        Err(error) if !output.is_closed() => Err(unwritten(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a list in a format.
pub(in crate::cli) fn write(
    mut out: &mut dyn io::Write,
    format: &export::Format,
    noun: RecordKind,
    items: impl Iterator<Item = Item>,
    summary: &Summary,
) -> io::Result<()> {
    let mut writer: Box<dyn RecordWriter + '_> = (format.open)(&mut out, noun)?;
    for item in items {
        writer.write(item.record())?;
    }
    writer.finish(summary)
}
