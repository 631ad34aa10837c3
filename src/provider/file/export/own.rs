//! Exports of this program itself: texts are turned back into the bytes that they were.

use super::{
    super::{
        header::{self, Field},
        record::{Bytes, Password, Record},
        table::{Layout, put},
    },
    formats::OWN_TABLE,
    value::text,
};
use crate::{
    entity::{
        breach::Breach,
        leak::{LeakField, Risk},
        raw_text::RawText,
    },
    http::json::Value,
};
use std::borrow::Cow;

/// Reads a row of such a table once more, by its own rules.
pub(in crate::provider::file) fn finish_row<'a>(
    layout: &Layout,
    cells: &[&'a [u8]],
    record: &mut Record<'a>,
) {
    if layout.format != OWN_TABLE {
        return;
    }
    let cell = |name: &str| -> &'a [u8] {
        let at = layout
            .names
            .iter()
            .position(|known| known == name.as_bytes());
        at.and_then(|at| cells.get(at).copied()).unwrap_or_default()
    };
    let words = |name: &str| -> Vec<&'a [u8]> { cell(name).split(|byte| *byte == b' ').collect() };
    let (escaped, neutralised) = (words("_escaped"), words("_neutralised"));
    let whole = |name: &[u8], mut bytes: &'a [u8]| -> Bytes<'a> {
        if neutralised.contains(&name) {
            bytes = bytes.strip_prefix(b"'").unwrap_or(bytes);
        }
        if escaped.contains(&name) {
            Cow::Owned(unescaped(bytes))
        } else {
            Cow::Borrowed(bytes)
        }
    };
    let mut read = Record {
        damaged: record.damaged,
        ..Record::default()
    };
    for (name, bytes) in layout.names.iter().zip(cells) {
        // Empty is nothing in such a table.
        let field = header::field(name).filter(|field| !bytes.is_empty() && *field != Field::Id);
        if let Some(field) = field {
            put(&mut read, field, whole(name, bytes));
        }
    }
    let key = cell("key");
    read.id = (!key.is_empty()).then(|| whole(b"key", key));
    read.risk = risk(cell("risk"), cell("risk_score"));
    *record = read;
}

fn risk(level: &[u8], score: &[u8]) -> Option<Risk> {
    let level = std::str::from_utf8(level).ok()?.parse().ok()?;
    let score = std::str::from_utf8(score)
        .ok()
        .and_then(|score| score.parse().ok());
    Some(Risk { level, score })
}

/// Escapes as bytes: `\\`, `\xHH`, `\u{H…}`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let number = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u32::from_str_radix(digits, 16).ok()
        };
        match rest.first() {
            Some(b'x') if rest.get(1..3).and_then(number).is_some() => {
                bytes.push(rest.get(1..3).and_then(number).unwrap_or_default() as u8);
                rest = &rest[3..];
            }
            Some(b'u') if rest.get(1) == Some(&b'{') => {
                let close = memchr::memchr(b'}', rest);
                let scalar = close
                    .and_then(|close| number(rest.get(2..close)?))
                    .and_then(char::from_u32);
                let (Some(close), Some(c)) = (close, scalar) else {
                    bytes.push(b'\\');
                    continue;
                };
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[close + 1..];
            }
            Some(other) if matches!(other, b'\\' | b'n' | b'r' | b't') => {
                bytes.push(match other {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    _ => b'\\',
                });
                rest = &rest[1..];
            }
            _ => bytes.push(b'\\'),
        }
    }
    bytes
}

/// Reads an object of such an export.
pub(super) fn object(item: Value<'_>) -> Record<'_> {
    let get = |name: &str| text(item, name).map(raw);
    let mut record = Record {
        id: get("key").filter(|key| !key.is_empty()),
        login: get("login"),
        url: get("url"),
        ..Record::default()
    };
    let members = [
        ("domain", LeakField::Domain),
        ("class", LeakField::Class),
        ("status", LeakField::RemoteStatus),
        ("first_seen", LeakField::FirstSeen),
        ("added_at", LeakField::AddedAt),
        ("country", LeakField::Country),
    ];
    for (name, field) in members {
        record.set(field, get(name).unwrap_or_default());
    }
    if let Some(device) = item.get("device") {
        let members = [
            ("hostname", LeakField::Hostname),
            ("ip", LeakField::Ip),
            ("os", LeakField::Os),
            ("hardware_id", LeakField::HardwareId),
            ("malware_path", LeakField::MalwarePath),
        ];
        for (name, field) in members {
            record.set(field, text(device, name).map(raw).unwrap_or_default());
        }
    }
    if let Some(breach) = item.get("breach").filter(|breach| breach.is_object()) {
        let breach = breach_of(breach);
        record.set(LeakField::Breach, breach.name.as_bytes().to_vec());
        record.breach = Some(Box::new(breach));
    }
    if let Some(found) = item.get("risk").filter(|risk| risk.is_object()) {
        let member = |name| text(found, name).unwrap_or_default();
        record.risk = risk(&member("level"), &member("score"));
    }
    match get("password_state").as_deref() {
        Some(b"hidden" | b"masked_by_provider") => record.masked = true,
        Some(b"empty") => record.password = Some(Password::default()),
        _ => {}
    }
    record
}

fn breach_of(breach: Value<'_>) -> Breach {
    let own = |name: &str| text(breach, name).map(|text| RawText::from(&*raw(text)));
    Breach {
        name: own("name").unwrap_or_default(),
        title: own("title"),
        domain: own("domain"),
        date: own("date"),
        data_classes: classes(breach.get("data_classes")),
        verified: breach.get("verified").and_then(Value::bool),
        ..Breach::default()
    }
}

/// Kinds of data.
pub(super) fn classes(list: Option<Value<'_>>) -> Vec<RawText> {
    let list = list.into_iter().flat_map(Value::elements);
    list.filter_map(Value::string)
        .map(|text| RawText::from(&*text))
        .collect()
}

/// Lone surrogates of `\udc80` to `\udcff` are bytes that were no text.
fn raw(text: Bytes<'_>) -> Bytes<'_> {
    if std::str::from_utf8(&text).is_ok() {
        return text;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = &text[..];
    while let Some((first, behind)) = rest.split_first() {
        if let [0xed, high @ (0xb2 | 0xb3), low, after @ ..] = rest {
            bytes.push((high & 0x03) << 6 | (low & 0x3f));
            rest = after;
            continue;
        }
        bytes.push(*first);
        rest = behind;
    }
    Cow::Owned(bytes)
}
