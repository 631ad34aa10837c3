//! One leak from its JSON object or its CSV record, straight into a batch.

use super::status_of;
use crate::{
    entity::{
        leak::{FIELDS, LeakBatch, LeakField, LeakRef, PasswordState},
        status::Status,
    },
    provider::http::json::Value,
};
use std::borrow::Cow;

/// Deeper than this an item's members are not read.
const DEPTH: usize = 64;

/// Larger than this an item is damaged; what fits is kept all the same, so that a fat row cannot hide.
const ITEM: usize = 1 << 20;

/// Bytes kept of one member.
const FIELD: usize = 64 << 10;

/// The wire's names, in the order of our columns.
const NAMES: &[(&str, LeakField)] = &[
    ("id", LeakField::Id),
    ("username", LeakField::Login),
    ("url", LeakField::Url),
    ("domain", LeakField::Domain),
    ("user_type", LeakField::Class),
    ("status", LeakField::RemoteStatus),
    ("log_date", LeakField::FirstSeen),
    ("fetched_at", LeakField::AddedAt),
    ("country", LeakField::Country),
    ("hostname", LeakField::Hostname),
    ("device_ip", LeakField::Ip),
    ("os", LeakField::Os),
    ("hardware_id", LeakField::HardwareId),
    ("malware_path", LeakField::MalwarePath),
    ("email_domain", LeakField::EmailDomain),
    ("url_domain", LeakField::UrlDomain),
];

/// The column of a wire member.
pub(super) fn field(name: &[u8]) -> Option<LeakField> {
    NAMES
        .iter()
        .find(|(known, _)| known.as_bytes() == name)
        .map(|(_, field)| *field)
}

/// A leak being read.
#[derive(Default)]
pub(super) struct Draft<'a> {
    fields: [Option<Cow<'a, [u8]>>; FIELDS],
    password: Option<PasswordState>,
    damaged: bool,
}

impl<'a> Draft<'a> {
    /// Notes a member; the second of a name is dropped and the row marked.
    pub(super) fn set(&mut self, field: LeakField, value: Cow<'a, [u8]>) {
        let slot = &mut self.fields[field as usize];
        if slot.is_some() {
            self.damaged = true;
            return;
        }
        *slot = Some(cap(value, &mut self.damaged));
    }

    /// Notes what a password says of itself; its text goes no further.
    pub(super) fn set_password(&mut self, text: Option<&[u8]>) {
        self.damaged |= self.password.is_some();
        self.password.get_or_insert(match text {
            None => PasswordState::None,
            Some(b"") => PasswordState::Empty,
            Some(b"***MASKED***" | b"***") => PasswordState::MaskedByProvider,
            Some(_) => PasswordState::Hidden,
        });
    }

    /// Marks the row.
    pub(super) fn damage(&mut self) {
        self.damaged = true;
    }

    /// Fills a member that the wire did not have.
    pub(super) fn default_to(&mut self, field: LeakField, value: &'static str) {
        self.fields[field as usize].get_or_insert(Cow::Borrowed(value.as_bytes()));
    }

    /// Adds the leak to a page.
    pub(super) fn push_to(&self, batch: &mut LeakBatch) {
        let word = self.fields[LeakField::RemoteStatus as usize].as_deref();
        batch.push(&LeakRef {
            fields: std::array::from_fn(|at| self.fields[at].as_deref()),
            status: word.map_or(Status::Unknown, status_of),
            password: self.password.unwrap_or(PasswordState::None),
            risk: None,
            credential: None,
            damaged: self.damaged,
        });
    }
}

fn cap<'a>(value: Cow<'a, [u8]>, damaged: &mut bool) -> Cow<'a, [u8]> {
    if value.len() <= FIELD {
        return value;
    }
    *damaged = true;
    let mut kept = value[..FIELD].to_vec();
    kept.extend_from_slice(format!(" …+{} bytes", value.len() - FIELD).as_bytes());
    Cow::Owned(kept)
}

/// Reads one item of a page; `None` where it is no object at all.
pub(super) fn read(item: Value<'_>) -> Option<Draft<'_>> {
    if !item.is_object() {
        return None;
    }
    let mut draft = Draft {
        damaged: item.raw().len() > ITEM || item.deeper_than(DEPTH),
        ..Draft::default()
    };
    // Names seen as null count as seen: the second of a pair is a contradiction, whatever the first said.
    let mut nulls = [false; FIELDS];
    for (name, value) in item.members() {
        if &*name == b"password" {
            let text = if value.is_null() {
                None
            } else {
                draft.damaged |= !value.is_string();
                Some(value.string().unwrap_or(Cow::Borrowed(value.raw())))
            };
            draft.set_password(text.as_deref());
            wipe(text);
            continue;
        }
        let Some(field) = field(&name) else { continue };
        draft.damaged |= nulls[field as usize];
        if value.is_null() {
            draft.damaged |= draft.fields[field as usize].is_some();
            nulls[field as usize] = true;
        } else if let Some(text) = value.string() {
            draft.set(field, text);
        } else {
            let plain = !value.is_object() && !value.is_array();
            draft.damaged |= !plain;
            if plain || !value.deeper_than(DEPTH) {
                draft.set(field, Cow::Borrowed(value.raw()));
            }
        }
    }
    Some(draft)
}

/// A decoded copy of a password is ours to zero; a borrowed one goes with the answer's bytes.
fn wipe(text: Option<Cow<'_, [u8]>>) {
    if let Some(Cow::Owned(mut copy)) = text {
        zeroize::Zeroize::zeroize(&mut copy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::http::json::parse;

    fn batch(json: &[u8]) -> LeakBatch {
        let mut batch = LeakBatch::default();
        read(parse(json).unwrap()).unwrap().push_to(&mut batch);
        batch
    }

    fn check(json: &[u8], field: LeakField, expected: Option<&[u8]>, damaged: bool) {
        let batch = batch(json);
        let row = batch.iter().next().unwrap();
        assert_eq!(
            row.get(field),
            expected,
            "{}",
            String::from_utf8_lossy(json)
        );
        assert_eq!(row.damaged, damaged, "{}", String::from_utf8_lossy(json));
    }

    #[test]
    fn wrong_types_are_kept_as_written_and_containers_mark_the_row() {
        let url = LeakField::Url;
        check(br#"{"url":1.50e3}"#, url, Some(b"1.50e3"), false);
        check(br#"{"url":true}"#, url, Some(b"true"), false);
        check(br#"{"url":null}"#, url, None, false);
        check(b"{}", url, None, false);
        check(br#"{"url":""}"#, url, Some(b""), false);
        check(
            br#"{"url":["a",{"b":1}]}"#,
            url,
            Some(br#"["a",{"b":1}]"#),
            true,
        );
        check(br#"{"url":"a","url":"b"}"#, url, Some(b"a"), true);
        check(br#"{"url":null,"url":"b"}"#, url, Some(b"b"), true);
        check(br#"{"url":"a","url":null}"#, url, Some(b"a"), true);
        check(br#"{"new":{"x":[1]},"url":"a"}"#, url, Some(b"a"), false);
    }

    #[test]
    fn bytes_that_are_not_text_survive() {
        check(
            br#"{"url":"\ud800x"}"#,
            LeakField::Url,
            Some(b"\xed\xa0\x80x"),
            false,
        );
        check(
            b"{\"url\":\"\xff\xfe\"}",
            LeakField::Url,
            Some(b"\xff\xfe"),
            false,
        );
    }

    #[test]
    fn a_deep_or_fat_item_is_damaged_and_still_there() {
        let deep = format!(
            r#"{{"id":"a","url":{}{}}}"#,
            "[".repeat(200),
            "]".repeat(200)
        );
        check(deep.as_bytes(), LeakField::Id, Some(b"a"), true);
        check(deep.as_bytes(), LeakField::Url, None, true);
        let fat = format!(r#"{{"id":"a","url":"{}"}}"#, "u".repeat(70_000));
        let kept = format!("{} …+{} bytes", "u".repeat(65_536), 70_000 - 65_536);
        check(fat.as_bytes(), LeakField::Url, Some(kept.as_bytes()), true);
        let huge = format!(r#"{{"id":"a","x":"{}"}}"#, "x".repeat(1 << 20));
        check(huge.as_bytes(), LeakField::Id, Some(b"a"), true);
    }

    #[test]
    fn only_the_state_of_a_password_is_kept() {
        let state = |json: &str| batch(json.as_bytes()).iter().next().unwrap().password;
        assert_eq!(state(r#"{"password":"hunter2"}"#), PasswordState::Hidden);
        assert_eq!(
            state(r#"{"password":"***MASKED***"}"#),
            PasswordState::MaskedByProvider
        );
        assert_eq!(
            state(r#"{"password":"***"}"#),
            PasswordState::MaskedByProvider
        );
        assert_eq!(state(r#"{"password":""}"#), PasswordState::Empty);
        assert_eq!(state(r#"{"password":null}"#), PasswordState::None);
        assert_eq!(state("{}"), PasswordState::None);
        let batch = batch(br#"{"id":"a","password":"hunter2"}"#);
        let row = batch.iter().next().unwrap();
        assert!(row.fields.iter().flatten().all(|text| *text != b"hunter2"));
    }
}
