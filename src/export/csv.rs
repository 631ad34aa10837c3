//! CSV that a spreadsheet can neither be tricked with nor change: every cell quoted, every hidden character an escape,
//! no cell a formula, a number that loses digits or a day that nobody meant. What was done to a cell stands in the last two columns, so that nothing is ambiguous. Secrets never.

mod spreadsheet;

use super::{Format, Record, RecordKind, RecordWriter, Summary};
use crate::entity::{
    breach::Breach,
    connection::Connection,
    job::ChangeOutcome,
    key::EntityKey,
    leak::{Device, Risk},
    raw_text::RawText,
    visible,
};
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use std::{
    borrow::Cow,
    io::{self, Write},
};
use strum::IntoEnumIterator;

/// This format's row.
pub const FORMAT: Format = Format {
    name: "csv",
    extension: "csv",
    open: |out, noun| Ok(Box::new(CsvWriter::new(out, noun)?)),
};

const LEAK_COLUMNS: &[&str] = &[
    "key",
    "profile",
    "provider",
    "id",
    "domain",
    "login",
    "url",
    "status",
    "status_source",
    "remote_status",
    "disputed",
    "risk",
    "risk_score",
    "class",
    "first_seen",
    "added_at",
    "country",
    "hostname",
    "ip",
    "os",
    "hardware_id",
    "malware_path",
    "sources",
    "claim",
    "reason",
    "note",
    "ticket",
    "breach",
    "attribution",
];
const USER_COLUMNS: &[&str] = &[
    "key",
    "profile",
    "provider",
    "id",
    "login",
    "identity_type",
    "risk",
    "risk_score",
    "first_seen",
    "leaks",
    "unresolved",
    "sources",
];
const DOMAIN_COLUMNS: &[&str] = &[
    "key",
    "profile",
    "provider",
    "id",
    "name",
    "verified",
    "archived",
    "leaks",
    "unresolved",
    "sources",
];
const CONNECTION_COLUMNS: &[&str] = &[
    "key",
    "profile",
    "provider",
    "id",
    "form",
    "name",
    "resource_type",
    "date",
    "leaks",
    "country",
    "hostname",
    "ip",
    "os",
    "hardware_id",
    "malware_path",
    "risk",
    "risk_score",
    "tree",
    "metadata",
    "breach",
    "breach_title",
    "breach_date",
    "data_classes",
    "breach_verified",
    "breach_spam",
    "paste_source",
    "paste_id",
    "attribution",
];
const JOB_COLUMNS: &[&str] = &[
    "id",
    "state",
    "command",
    "status",
    "plan_hash",
    "profiles",
    "created_at",
    "started_at",
    "ended_at",
    "reason",
    "note",
    "ticket",
    "verified",
    "local",
    "failed",
    "contradicted",
    "unverifiable",
    "drifted",
    "skipped",
    "cancelled",
    "accepted",
    "unknown",
    "pending",
];

/// The columns of a noun, without the last two.
pub fn columns(noun: RecordKind) -> &'static [&'static str] {
    match noun {
        RecordKind::Leak => LEAK_COLUMNS,
        RecordKind::User => USER_COLUMNS,
        RecordKind::Domain => DOMAIN_COLUMNS,
        RecordKind::Connection => CONNECTION_COLUMNS,
        RecordKind::Job => JOB_COLUMNS,
    }
}

/// A value made safe for a cell; quotes and separators are the writer's matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What stands in the cell.
    pub text: String,
    /// It holds an escape; its own backslashes are doubled.
    pub escaped: bool,
    /// An apostrophe was put before it.
    pub neutralised: bool,
}

/// What tells a spreadsheet that a file is UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The columns of days and moments: what is in the one form that sorts as text stays as it is.
const DATE_COLUMNS: &[&str] = &[
    "first_seen",
    "added_at",
    "date",
    "breach_date",
    "created_at",
    "started_at",
    "ended_at",
    "at",
    "until",
];

/// The columns of our own `true` and `false`.
const BOOL_COLUMNS: &[&str] = &[
    "disputed",
    "verified",
    "archived",
    "active",
    "spam",
    "breach_verified",
    "breach_spam",
];

/// Makes a value safe for a cell of a column.
pub fn cell(column: &str, value: &[u8]) -> Cell {
    let visible = visible::escape(value);
    let escaped = visible.has_escapes();
    // An escape is text already: no spreadsheet takes it for a number.
    let changed = !escaped && is_changed(value) && !is_canonical(column, value);
    let neutralised = changed || is_formula(value);
    let mut text = String::with_capacity(value.len() + 2);
    if neutralised {
        text.push('\'');
    }
    if escaped {
        for (is_escape, part) in visible.parts() {
            if is_escape {
                text.push_str(part);
            } else {
                text.push_str(&part.replace('\\', "\\\\"));
            }
        }
    } else {
        text.push_str(visible.as_str());
    }
    Cell {
        text,
        escaped,
        neutralised,
    }
}

/// Whether a spreadsheet would show something else.
fn is_changed(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(spreadsheet::is_changed)
}

/// Whether a value is what its column is of, in the form in which every program reads it.
fn is_canonical(column: &str, value: &[u8]) -> bool {
    let is_day = || {
        let text = std::str::from_utf8(value).unwrap_or_default();
        let (day, time) = text.split_at_checked(10).unwrap_or_default();
        // What has the form of a day and is none is text to a spreadsheet too.
        let form = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        let day = day.len() == 10 && day.bytes().enumerate().all(form);
        day && (time.is_empty() || text.parse::<jiff::Timestamp>().is_ok())
    };
    (BOOL_COLUMNS.contains(&column) && matches!(value, b"true" | b"false"))
        || (DATE_COLUMNS.contains(&column) && is_day())
}

/// Whether a spreadsheet would take the value for more than text.
fn is_formula(value: &[u8]) -> bool {
    let head = value.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let first = head
        .chars()
        .find(|c| !matches!(c, ' ' | '\u{a0}' | '\u{feff}'));
    matches!(
        first,
        Some(
            '=' | '+'
                | '-'
                | '@'
                | '|'
                | '\t'
                | '\r'
                | '\n'
                | '\0'
                | '\u{ff1d}'
                | '\u{ff0b}'
                | '\u{ff0d}'
                | '\u{ff20}'
        )
    )
}

struct CsvWriter<'w> {
    writer: Writer<&'w mut dyn Write>,
    kind: RecordKind,
}

impl<'w> CsvWriter<'w> {
    fn new(out: &'w mut dyn Write, noun: RecordKind) -> io::Result<Self> {
        let mut writer = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(out);
        writer.write_record(columns(noun).iter().chain(&["_escaped", "_neutralised"]))?;
        Ok(Self { writer, kind: noun })
    }
}

impl RecordWriter for CsvWriter<'_> {
    fn write(&mut self, record: Record<'_>) -> io::Result<()> {
        if record.kind() != self.kind {
            return Err(io::Error::other("a table holds one kind of thing"));
        }
        let (mut escaped, mut neutralised) = (Vec::new(), Vec::new());
        for (name, value) in columns(self.kind).iter().zip(values(record)) {
            let cell = cell(name, &value);
            self.writer.write_field(&cell.text)?;
            if cell.escaped {
                escaped.push(*name);
            }
            if cell.neutralised {
                neutralised.push(*name);
            }
        }
        self.writer.write_field(escaped.join(" "))?;
        self.writer.write_field(neutralised.join(" "))?;
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.writer.flush()
    }
}

pub(super) type Value<'a> = Cow<'a, [u8]>;

/// The cells of a record, in the order of its columns.
pub(super) fn values(record: Record<'_>) -> Vec<Value<'_>> {
    match record {
        Record::Leak(leak) => {
            let mut row = identity(&leak.key, leak.provider.as_str());
            row.extend([
                text(leak.domain.as_ref()),
                text(leak.login.as_ref()),
                text(leak.url.as_ref()),
                word(leak.status),
                word(leak.status_source),
                text(leak.remote_status.as_ref()),
                word(leak.disputed),
            ]);
            row.extend(risk(leak.risk));
            row.extend([
                text(leak.class.as_ref()),
                text(leak.first_seen.as_ref()),
                text(leak.added_at.as_ref()),
                text(leak.country.as_ref()),
            ]);
            row.extend(device(leak.device.as_ref()));
            row.push(word(leak.sources));
            row.push(match &leak.claim {
                Some(claim) => word(claim.claimant.user_at_host()),
                None => empty(),
            });
            let words = leak.last_note.as_ref().map(|noted| &noted.justification);
            row.extend([
                optional(words.and_then(|words| words.reason.as_deref())),
                optional(words.and_then(|words| words.note.as_deref())),
                optional(words.and_then(|words| words.ticket.as_deref())),
            ]);
            row.extend([
                text(leak.breach.as_ref().map(|breach| &breach.name)),
                optional(leak.attribution.as_deref()),
            ]);
            row
        }
        Record::User(user) => {
            let mut row = identity(&user.key, user.provider.as_str());
            row.push(user.login.as_bytes().into());
            row.push(match user.identity_type {
                Some(crate::entity::user::IdentityType::Email) => word("email"),
                Some(crate::entity::user::IdentityType::Username) => word("username"),
                None => empty(),
            });
            row.extend(risk(user.risk));
            row.extend([
                text(user.first_seen.as_ref()),
                word(user.leaks.total),
                word(user.leaks.unresolved),
                word(user.sources),
            ]);
            row
        }
        Record::Domain(domain) => {
            let mut row = identity(&domain.key, domain.provider.as_str());
            row.extend([
                domain.name.as_bytes().into(),
                optional(domain.verified),
                optional(domain.archived),
                optional(domain.leaks.map(|leaks| leaks.total)),
                optional(domain.leaks.map(|leaks| leaks.unresolved)),
                word(domain.sources),
            ]);
            row
        }
        Record::Connection(connection) => connection_values(connection),
        Record::Job(job) => {
            let profiles: Vec<_> = job
                .profiles
                .iter()
                .map(|binding| binding.name.as_str())
                .collect();
            let mut row = vec![
                word(job.id),
                word(job.state),
                word(job.command),
                word(job.wanted),
                word(&job.plan_hash),
                word(profiles.join(" ")),
                word(job.created_at),
                optional(job.started_at),
                optional(job.ended_at),
                optional(job.reason.as_deref()),
                optional(job.note.as_deref()),
                optional(job.ticket.as_deref()),
            ];
            row.extend(ChangeOutcome::iter().map(|outcome| word(job.counts.get(outcome))));
            row
        }
    }
}

fn connection_values(connection: &Connection) -> Vec<Value<'_>> {
    let mut row = identity(&connection.key, connection.provider.as_str());
    row.extend([
        word(connection.kind),
        connection.name.as_bytes().into(),
        optional(connection.resource_type),
        text(connection.date.as_ref()),
        optional(connection.leaks),
        text(connection.country.as_ref()),
    ]);
    row.extend(device(connection.device.as_ref()));
    row.extend(risk(connection.risk));
    row.extend([
        files(connection.tree.as_deref()),
        text(connection.metadata.as_ref()),
    ]);
    row.extend(breach(connection.breach.as_ref()));
    let paste = connection.paste.as_ref();
    row.extend([
        text(paste.map(|paste| &paste.source)),
        text(paste.map(|paste| &paste.id)),
        optional(connection.attribution.as_deref()),
    ]);
    row
}

pub(super) fn identity<'a>(key: &'a EntityKey, provider: &'a str) -> Vec<Value<'a>> {
    vec![
        word(key),
        key.profile.as_str().as_bytes().into(),
        provider.as_bytes().into(),
        key.id.as_bytes().into(),
    ]
}

fn device(device: Option<&Device>) -> [Value<'_>; 5] {
    let Some(device) = device else {
        return [empty(), empty(), empty(), empty(), empty()];
    };
    [
        text(device.hostname.as_ref()),
        text(device.ip.as_ref()),
        text(device.os.as_ref()),
        text(device.hardware_id.as_ref()),
        text(device.malware_path.as_ref()),
    ]
}

/// The paths of a tree, one after the other as JSON has them: no path can be taken for two.
fn files(tree: Option<&[RawText]>) -> Value<'_> {
    tree.and_then(|tree| serde_json::to_vec(tree).ok())
        .map_or_else(empty, Cow::Owned)
}

fn breach(breach: Option<&Breach>) -> [Value<'_>; 6] {
    let Some(breach) = breach else {
        return [(); 6].map(|()| empty());
    };
    let classes: Vec<_> = breach.data_classes.iter().map(RawText::as_bytes).collect();
    [
        breach.name.as_bytes().into(),
        text(breach.title.as_ref()),
        text(breach.date.as_ref()),
        Cow::Owned(classes.join(&b", "[..])),
        optional(breach.verified),
        optional(breach.spam),
    ]
}

fn risk<'a>(risk: Option<Risk>) -> [Value<'a>; 2] {
    let level = risk.map(|risk| risk.level);
    [optional(level), optional(risk.and_then(|risk| risk.score))]
}

fn text(text: Option<&RawText>) -> Value<'_> {
    text.map_or_else(empty, |text| text.as_bytes().into())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "numbers and words are made where they are passed"
)]
fn word<'a>(value: impl ToString) -> Value<'a> {
    value.to_string().into_bytes().into()
}

pub(super) fn optional<'a>(value: Option<impl ToString>) -> Value<'a> {
    value.map_or_else(empty, word)
}

pub(super) fn empty<'a>() -> Value<'a> {
    Cow::Borrowed(&[])
}
