//! What is listed, as a record: [`super::read`] makes the same of it again, byte for byte.

use super::record::Writer;
use crate::{
    entity::{
        breach::{Breach, Paste},
        connection::{Connection, ResourceType},
        key::{EntityKey, ProviderId},
        leak::Device,
        raw_text::RawText,
        user::{IdentityType, User},
    },
    table::{ProfileSlot, Table, dates, group::Machine},
};

/// Stands in the shape of a JSON text for a value.
pub(super) const VALUE_MARKER: u8 = 1;

/// Where a value of a JSON text is kept, in the low bits of its number.
pub(super) mod pool {
    pub(in crate::table::listed) const BITS: u32 = 3;
    /// Among the texts of what is listed.
    pub(in crate::table::listed) const TEXT: u64 = 0;
    /// With the addresses, systems, ids and paths of machines.
    pub(in crate::table::listed) const MACHINE: u64 = 1;
    /// With the host names.
    pub(in crate::table::listed) const HOST: u64 = 2;
    /// With the countries.
    pub(in crate::table::listed) const COUNTRY: u64 = 3;
    /// It is a time.
    pub(in crate::table::listed) const TIME: u64 = 4;
    /// With those of machines, each backslash twice here.
    pub(in crate::table::listed) const PATH: u64 = 5;
    /// It is a number.
    pub(in crate::table::listed) const NUMBER: u64 = 6;
}

/// How a JSON text is kept.
pub(super) mod json {
    /// There is none.
    pub(in crate::table::listed) const NONE: u64 = 0;
    /// Whole.
    pub(in crate::table::listed) const WHOLE: u64 = 1;
    /// As a shape, of this number and more, and its values.
    pub(in crate::table::listed) const SHAPE: u64 = 2;
}

impl Table {
    /// A user as a record.
    pub(super) fn write_user(&mut self, slot: ProfileSlot, user: &User, into: &mut Vec<u8>) {
        let mut record = Writer(into);
        let login = self.logins.intern(user.login.as_bytes());
        record.number(u64::from(login));
        self.write_provider(slot, &user.provider, &mut record);
        record.number(match user.identity_type {
            None => 0,
            Some(IdentityType::Email) => 1,
            Some(IdentityType::Username) => 2,
        });
        record.text(self.columns.intern_risk(user.risk));
        self.write_date(user.first_seen.as_ref(), &mut record);
        record.number(user.leaks.total);
        record.number(user.leaks.unresolved);
        record.number(u64::from(user.sources));
        record.optional_number(user.connections.as_ref().map(|keys| keys.len() as u64));
        for key in user.connections.iter().flatten() {
            self.write_key(key, &mut record);
        }
    }

    fn write_key(&mut self, key: &EntityKey, record: &mut Writer<'_>) {
        record.number(key.kind as u64);
        let texts = &mut self.listed_entities.texts;
        record.text(texts.intern(key.profile.as_str().as_bytes()));
        record.text(texts.intern(key.id.as_bytes()));
    }

    /// A connection as a record; its form is that of its list.
    pub(super) fn write_connection(
        &mut self,
        slot: ProfileSlot,
        connection: &Connection,
        into: &mut Vec<u8>,
    ) {
        let mut record = Writer(into);
        record.number(u64::from(connection.device.is_some()));
        let machine = self.listed_machine(connection);
        for text in [
            machine.hostname,
            machine.ip,
            machine.os,
            machine.hardware_id,
            machine.malware_path,
            machine.country,
        ] {
            record.text(text);
        }
        self.write_text(Some(&connection.name), &mut record);
        self.write_provider(slot, &connection.provider, &mut record);
        record.number(match connection.resource_type {
            None => 0,
            Some(ResourceType::Domain) => 1,
            Some(ResourceType::Ip) => 2,
            Some(ResourceType::Apk) => 3,
            Some(ResourceType::Url) => 4,
        });
        self.write_date(connection.date.as_ref(), &mut record);
        record.optional_number(connection.leaks);
        record.text(self.columns.intern_risk(connection.risk));
        self.write_tree(connection, &mut record);
        self.write_json(connection.metadata.as_ref(), &mut record);
        self.write_breach(connection.breach.as_ref(), &mut record);
        self.write_paste(connection.paste.as_ref(), &mut record);
        let attribution = connection.attribution.as_ref();
        let texts = &mut self.listed_entities.texts;
        record.text(texts.intern_optional(attribution.map(String::as_bytes)));
    }

    /// What a listed machine tells of itself, in numbers.
    pub(super) fn listed_machine(&mut self, connection: &Connection) -> Machine {
        let none = Device::default();
        let device = connection.device.as_ref().unwrap_or(&none);
        let bytes =
            |text: &'_ Option<RawText>| text.as_ref().map(RawText::as_bytes).map(<[u8]>::to_vec);
        let mut text = |text| self.machine_texts.intern_optional(bytes(text).as_deref());
        let [ip, os, hardware_id, malware_path] = [
            &device.ip,
            &device.os,
            &device.hardware_id,
            &device.malware_path,
        ]
        .map(&mut text);
        Machine {
            hostname: self
                .hostnames
                .intern_optional(device.hostname.as_ref().map(RawText::as_bytes)),
            ip,
            os,
            hardware_id,
            malware_path,
            country: self
                .countries
                .intern_optional(connection.country.as_ref().map(RawText::as_bytes)),
        }
    }

    fn write_text(&mut self, text: Option<&RawText>, record: &mut Writer<'_>) {
        let text = text.map(RawText::as_bytes);
        record.text(self.listed_entities.texts.intern_optional(text));
    }

    /// Nearly always it is that of the profile.
    fn write_provider(
        &mut self,
        slot: ProfileSlot,
        provider: &ProviderId,
        record: &mut Writer<'_>,
    ) {
        let known = &self.profiles[slot.0 as usize].1;
        let other = (known != provider).then(|| provider.as_str().as_bytes());
        record.text(self.listed_entities.texts.intern_optional(other));
    }

    /// A time is a number; its lowest bit says so.
    fn write_date(&mut self, date: Option<&RawText>, record: &mut Writer<'_>) {
        let date = date.map(RawText::as_bytes);
        record.optional_number(date.map(|text| match dates::pack_time(text) {
            Some(time) => time << 1 | 1,
            None => u64::from(self.listed_entities.texts.intern(text)) << 1,
        }));
    }

    /// The files of an archive: what they all begin with, which is most often the name of the archive, and the rest of
    /// each, which many archives have.
    fn write_tree(&mut self, connection: &Connection, record: &mut Writer<'_>) {
        let Some(files) = &connection.tree else {
            record.number(0);
            return;
        };
        record.number(files.len() as u64 + 1);
        let first = files.first().map_or(&[][..], RawText::as_bytes);
        let root = memchr::memchr(b'/', first).map_or(&[][..], |at| &first[..=at]);
        let natives = &mut self.listed_entities;
        record.number(match root.split_last() {
            None => 0,
            Some((_, name)) if name == connection.name.as_bytes() => 1,
            Some(_) => u64::from(natives.texts.intern(root)) + 2,
        });
        for file in files {
            let below = file
                .as_bytes()
                .strip_prefix(root)
                .filter(|_| !root.is_empty());
            let rest = below.unwrap_or(file.as_bytes());
            let number = u64::from(natives.files.intern(rest));
            record.number(number << 1 | u64::from(below.is_some()));
        }
    }

    /// A JSON text: what is between its values is the same in many, and so are most values.
    fn write_json(&mut self, text: Option<&RawText>, record: &mut Writer<'_>) {
        let Some(text) = text.map(RawText::as_bytes) else {
            record.number(json::NONE);
            return;
        };
        if text.contains(&VALUE_MARKER) {
            record.number(json::WHOLE);
            record.text(self.listed_entities.texts.intern(text));
            return;
        }
        let (shape, values) = split_values(text);
        record.number(u64::from(self.listed_entities.shapes.intern(&shape)) + json::SHAPE);
        for value in values {
            record.number(self.intern_value(value));
        }
    }

    fn intern_value(&mut self, value: &[u8]) -> u64 {
        let in_pool = |number: u32, pool: u64| u64::from(number) << pool::BITS | pool;
        let known = [
            (&self.countries, pool::COUNTRY),
            (&self.hostnames, pool::HOST),
            (&self.machine_texts, pool::MACHINE),
        ];
        for (texts, pool) in known {
            if let Some(number) = texts.find(value) {
                return in_pool(number, pool);
            }
        }
        if let Some(time) = dates::pack_time(value) {
            return time << pool::BITS | pool::TIME;
        }
        if let Some(number) = parse_plain_number(value) {
            return number << pool::BITS | pool::NUMBER;
        }
        let path = unescape_backslashes(value).and_then(|path| self.machine_texts.find(&path));
        if let Some(number) = path {
            return in_pool(number, pool::PATH);
        }
        in_pool(self.listed_entities.texts.intern(value), pool::TEXT)
    }

    fn write_breach(&mut self, breach: Option<&Breach>, record: &mut Writer<'_>) {
        let Some(breach) = breach else {
            record.number(0);
            return;
        };
        record.number(breach.data_classes.len() as u64 + 1);
        for class in &breach.data_classes {
            self.write_text(Some(class), record);
        }
        self.write_text(Some(&breach.name), record);
        self.write_text(breach.title.as_ref(), record);
        self.write_text(breach.domain.as_ref(), record);
        self.write_date(breach.date.as_ref(), record);
        self.write_date(breach.added_at.as_ref(), record);
        record.optional_number(breach.accounts);
        record.optional_bool(breach.verified);
        record.optional_bool(breach.spam);
        record.number(u64::from(breach.flags.bits()));
    }

    fn write_paste(&mut self, paste: Option<&Paste>, record: &mut Writer<'_>) {
        record.number(u64::from(paste.is_some()));
        if let Some(paste) = paste {
            self.write_text(Some(&paste.source), record);
            self.write_text(Some(&paste.id), record);
            self.write_text(paste.title.as_ref(), record);
            self.write_date(paste.date.as_ref(), record);
            record.optional_number(paste.emails);
        }
    }
}

/// What is between the values of a JSON text, with [`VALUE_MARKER`] for each, and the values: texts that are no names, and long
/// numbers. Together they are the text, whatever it is.
fn split_values(text: &[u8]) -> (Vec<u8>, Vec<&[u8]>) {
    let (mut shape, mut values) = (Vec::with_capacity(text.len() / 2), Vec::new());
    let mut rest = text;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        let (before, after) = rest.split_at(quote + 1);
        extract_numbers(before, &mut shape, &mut values);
        let (inside, behind) = after.split_at(string_length(after));
        let is_name = behind
            .get(1..)
            .is_some_and(|behind| behind.trim_ascii_start().starts_with(b":"));
        if is_name {
            shape.extend_from_slice(inside);
        } else {
            shape.push(VALUE_MARKER);
            values.push(inside);
        }
        let (quote, behind) = behind.split_at(behind.len().min(1));
        shape.extend_from_slice(quote);
        rest = behind;
    }
    extract_numbers(rest, &mut shape, &mut values);
    (shape, values)
}

/// How long a text is whose opening quote was before it.
fn string_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
        at += found;
        if text[at] == b'"' {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// Digits that a number has at least, to be a value.
const MIN_VALUE_DIGITS: usize = 3;

fn extract_numbers<'t>(part: &'t [u8], shape: &mut Vec<u8>, values: &mut Vec<&'t [u8]>) {
    for run in part.chunk_by(|one, two| one.is_ascii_digit() == two.is_ascii_digit()) {
        if run.len() >= MIN_VALUE_DIGITS && run[0].is_ascii_digit() {
            shape.push(VALUE_MARKER);
            values.push(run);
        } else {
            shape.extend_from_slice(run);
        }
    }
}

/// A number whose digits can be told from it.
fn parse_plain_number(text: &[u8]) -> Option<u64> {
    let is_plain = (1..=17).contains(&text.len())
        && text.iter().all(u8::is_ascii_digit)
        && (text[0] != b'0' || text.len() == 1);
    let text = std::str::from_utf8(text).ok().filter(|_| is_plain)?;
    text.parse().ok()
}

/// A text in which backslashes are doubled and nothing else is escaped, with each once.
fn unescape_backslashes(text: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'\\', text)?;
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte == b'\\' {
            bytes.next().filter(|next| **next == b'\\')?;
        }
        out.push(*byte);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_text_is_its_shape_and_its_values_whatever_it_is() {
        let apart = |text: &str| {
            let (shape, values) = split_values(text.as_bytes());
            let marks = memchr::memchr_iter(VALUE_MARKER, &shape).count();
            assert_eq!(marks, values.len(), "{text}");
            let mut values = values.into_iter();
            let again: Vec<u8> = shape
                .iter()
                .flat_map(|byte| match *byte {
                    VALUE_MARKER => values.next().unwrap().to_vec(),
                    byte => vec![byte],
                })
                .collect();
            assert_eq!(again, text.as_bytes());
            String::from_utf8_lossy(&shape).replace('\u{1}', "_")
        };
        for (text, shape) in [
            (
                r#"{"os":"Windows 11","n":12345,"x":[1,"b"]}"#,
                r#"{"os":"_","n":_,"x":[1,"_"]}"#,
            ),
            (r#"{ "a" : "b\"c\\", "d":"" }"#, r#"{ "a" : "_", "d":"_" }"#),
            (r#"{"a":"unended"#, r#"{"a":"_"#),
            (r#"{"a":"b\"#, r#"{"a":"_"#),
            ("", ""),
            ("\"", "\"_"),
            ("1234.567e890", "_._e_"),
            ("no json", "no json"),
        ] {
            assert_eq!(apart(text), shape);
        }
    }

    #[test]
    fn numbers_and_paths_are_told_from_other_texts() {
        assert_eq!(parse_plain_number(b"0"), Some(0));
        assert_eq!(
            parse_plain_number(b"12345678901234567"),
            Some(12_345_678_901_234_567)
        );
        for other in ["", "01", "+1", "1 ", "123456789012345678"] {
            assert_eq!(parse_plain_number(other.as_bytes()), None, "{other}");
        }
        assert_eq!(
            unescape_backslashes(br"C:\\Users\\x").as_deref(),
            Some(&br"C:\Users\x"[..])
        );
        for other in [&b"plain"[..], br"C:\Users", br"a\\\n", br"\"] {
            assert_eq!(unescape_backslashes(other), None);
        }
    }
}
