//! A bundle's leaks in our own forms: JSON Lines with every member exact, and a table.

use crate::{
    entity::{
        evidence::EvidenceItem,
        job::{Change, ChangeOutcome},
        key::{EntityKey, ProfileName, ProviderId},
        raw_text::RawText,
        status::Status,
    },
    export::{
        Record, RecordKind,
        csv::{self, Value},
        json::{self, Schema},
    },
};
use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use serde::Serialize;
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// A leak with what the job did to it.
pub(super) fn leak_json(subject: &EvidenceItem) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a, L> {
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a Option<ProviderId>,
        id: RawText,
        credential: Option<String>,
        change: Option<ChangeResult>,
        leak: Option<L>,
    }
    #[derive(Serialize)]
    struct ChangeResult {
        before: Option<Status>,
        wanted: Status,
        outcome: ChangeOutcome,
        code: Option<u16>,
        reason: Option<String>,
        attempts: u32,
    }
    let changed = |change: &Change| ChangeResult {
        before: change.before,
        wanted: change.wanted,
        outcome: change.state().outcome(),
        code: change.code(),
        reason: change.reason().map(str::to_owned),
        attempts: change.attempts(),
    };
    Schema::new(Json {
        key: &subject.key,
        profile: &subject.key.profile,
        provider: &subject.provider,
        id: RawText::from(subject.key.id.as_bytes()),
        credential: credential(subject),
        change: subject.change.as_ref().map(changed),
        leak: subject.leak.as_ref().map(json::leak_json),
    })
}

/// What stands for login and secret.
pub(super) fn credential(subject: &EvidenceItem) -> Option<String> {
    subject.credential.map(|credential| credential.to_string())
}

/// The columns behind those of a list of leaks.
const EXTRA_COLUMNS: [&str; 6] = [
    "credential",
    "before",
    "wanted",
    "outcome",
    "code",
    "outcome_reason",
];

/// The table: inert, as every file.
pub(super) fn csv(out: &mut dyn Write, subjects: &[Cow<'_, EvidenceItem>]) -> io::Result<()> {
    let columns: Vec<&str> = csv::columns(RecordKind::Leak)
        .iter()
        .copied()
        .chain(EXTRA_COLUMNS)
        .collect();
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(out);
    writer.write_record(columns.iter().chain(&["_escaped", "_neutralised"]))?;
    for subject in subjects {
        let (mut escaped, mut neutralised) = (Vec::new(), Vec::new());
        for (name, value) in columns.iter().zip(values(subject)) {
            let cell = csv::cell(name, &value);
            writer.write_field(&cell.text)?;
            escaped.extend(cell.escaped.then_some(*name));
            neutralised.extend(cell.neutralised.then_some(*name));
        }
        writer.write_field(escaped.join(" "))?;
        writer.write_field(neutralised.join(" "))?;
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

fn values(subject: &EvidenceItem) -> Vec<Value<'_>> {
    let mut values = if let Some(leak) = &subject.leak {
        csv::values(Record::Leak(leak))
    } else {
        let provider = subject.provider.as_ref().map_or("", ProviderId::as_str);
        let mut row = csv::identity(&subject.key, provider);
        row.resize(csv::columns(RecordKind::Leak).len(), csv::empty());
        row
    };
    let change = subject.change.as_ref();
    values.extend([
        csv::optional(credential(subject)),
        csv::optional(change.and_then(|change| change.before)),
        csv::optional(change.map(|change| change.wanted)),
        csv::optional(change.map(|change| change.state().outcome())),
        csv::optional(change.and_then(Change::code)),
        csv::optional(change.and_then(|change| change.reason())),
    ]);
    values
}
