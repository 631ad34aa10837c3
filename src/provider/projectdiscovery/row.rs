//! One leak from its JSON object or its CSV record, straight into a batch.

use crate::{
    entity::leak::LeakField,
    http::json::Item,
    provider::leak_builder::{self, LeakBuilder},
};

/// The column of a wire member.
pub(super) fn field(name: &[u8]) -> Option<LeakField> {
    Some(match name {
        b"id" => LeakField::Id,
        b"username" => LeakField::Login,
        b"url" => LeakField::Url,
        b"domain" => LeakField::Domain,
        b"user_type" => LeakField::Class,
        b"status" => LeakField::RemoteStatus,
        b"log_date" => LeakField::FirstSeen,
        b"fetched_at" => LeakField::AddedAt,
        b"country" => LeakField::Country,
        b"hostname" => LeakField::Hostname,
        b"device_ip" => LeakField::Ip,
        b"os" => LeakField::Os,
        b"hardware_id" => LeakField::HardwareId,
        b"malware_path" => LeakField::MalwarePath,
        b"email_domain" => LeakField::EmailDomain,
        b"url_domain" => LeakField::UrlDomain,
        _ => return None,
    })
}

/// Reads one item of a page; `None` where it is no object at all.
pub(super) fn read<'a>(item: impl Into<Item<'a>>) -> Option<LeakBuilder<'a>> {
    leak_builder::read(item, field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entity::{
            fingerprint::FingerprintKey,
            leak::{LeakBatch, PasswordState},
        },
        http::json::parse,
        provider::projectdiscovery::parse_status,
    };

    fn batch(json: &[u8]) -> LeakBatch {
        let mut batch = LeakBatch::default();
        let draft = read(parse(json).unwrap()).unwrap();
        draft.push_to(&mut batch, &FingerprintKey::new([7; 32]), parse_status);
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
