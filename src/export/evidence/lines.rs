//! A bundle's leaks in our own forms: JSON Lines with every member exact, and a table.

use crate::{
    entity::{
        evidence::Subject,
        job::{Change, Outcome},
        key::{EntityKey, ProfileName, ProviderId},
        status::Status,
        text::Text,
    },
    export::{
        Noun, Record,
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
pub(super) fn leak_json(subject: &Subject) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a, L> {
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a Option<ProviderId>,
        id: Text,
        credential: Option<String>,
        change: Option<Changed>,
        leak: Option<L>,
    }
    #[derive(Serialize)]
    struct Changed {
        before: Option<Status>,
        wanted: Status,
        outcome: Outcome,
        code: Option<u16>,
        reason: Option<String>,
        attempts: u32,
    }
    let changed = |change: &Change| Changed {
        before: change.before,
        wanted: change.wanted,
        outcome: change.state().outcome(),
        code: change.code(),
        reason: change.reason().map(str::to_owned),
        attempts: change.attempts(),
    };
    Schema::of(Json {
        key: &subject.key,
        profile: &subject.key.profile,
        provider: &subject.provider,
        id: Text::from(subject.key.id.as_bytes()),
        credential: credential(subject),
        change: subject.change.as_ref().map(changed),
        leak: subject.leak.as_ref().map(json::leak_json),
    })
}

/// What stands for login and secret.
pub(super) fn credential(subject: &Subject) -> Option<String> {
    subject.credential.map(|credential| credential.to_string())
}

/// The columns behind those of a list of leaks.
const MORE: [&str; 6] = [
    "credential",
    "before",
    "wanted",
    "outcome",
    "code",
    "outcome_reason",
];

/// The table: inert, as every file.
pub(super) fn csv(out: &mut dyn Write, subjects: &[Cow<'_, Subject>]) -> io::Result<()> {
    let columns: Vec<&str> = csv::columns(Noun::Leak)
        .iter()
        .copied()
        .chain(MORE)
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

fn values(subject: &Subject) -> Vec<Value<'_>> {
    let mut values = if let Some(leak) = &subject.leak {
        csv::values(Record::Leak(leak))
    } else {
        let provider = subject.provider.as_ref().map_or("", ProviderId::as_str);
        let mut row = csv::identity(&subject.key, provider);
        row.resize(csv::columns(Noun::Leak).len(), csv::nothing());
        row
    };
    let change = subject.change.as_ref();
    values.extend([
        csv::maybe(credential(subject)),
        csv::maybe(change.and_then(|change| change.before)),
        csv::maybe(change.map(|change| change.wanted)),
        csv::maybe(change.map(|change| change.state().outcome())),
        csv::maybe(change.and_then(|change| change.code())),
        csv::maybe(change.and_then(|change| change.reason())),
    ]);
    values
}
