//! Members that several items have, read one by one. A wrong type never costs an item.

use crate::{
    entity::{
        leak::{Risk, RiskLevel},
        raw_text::RawText,
    },
    http::json::Value,
    provider::leak_builder::{MAX_FIELD_BYTES, truncate},
};
use std::borrow::Cow;

/// A member's text, anything but text as it is written; nothing where it is `null` or not there.
pub(super) fn text(item: Value<'_>, name: &str) -> Option<RawText> {
    let value = item.get(name).filter(|value| !value.is_null())?;
    Some(text_value(value))
}

/// The first of several members that says anything.
pub(super) fn first_text(item: Value<'_>, names: &[&str]) -> Option<RawText> {
    names
        .iter()
        .filter_map(|name| text(item, name))
        .find(|text| !text.as_bytes().trim_ascii().is_empty())
}

/// A value's text, cut where it is longer than any honest one.
pub(super) fn text_value(value: Value<'_>) -> RawText {
    let text = value.string().unwrap_or(Cow::Borrowed(value.raw()));
    RawText::from(&*truncate(text, MAX_FIELD_BYTES, &mut false))
}

/// How grave it is, by the level's name: the scale of the number is not published.
pub(super) fn risk(item: Value<'_>) -> Option<Risk> {
    let name = item.get("risk_level_name")?.string()?;
    let name = std::str::from_utf8(&name).ok()?.to_ascii_lowercase();
    let level: RiskLevel = name.parse().ok()?;
    let score = item.get("risk_level").and_then(|value| {
        let number: f64 = std::str::from_utf8(value.raw()).ok()?.parse().ok()?;
        number.is_finite().then_some(number)
    });
    Some(Risk { level, score })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::parse;

    #[test]
    fn a_risk_is_known_by_its_name_alone() {
        let read = |json: &str| risk(parse(json.as_bytes()).unwrap());
        let medium = |score| {
            Some(Risk {
                level: RiskLevel::Medium,
                score,
            })
        };
        assert_eq!(
            read(r#"{"risk_level":5,"risk_level_name":"Medium"}"#),
            medium(Some(5.0))
        );
        assert_eq!(
            read(r#"{"risk_level":"x","risk_level_name":"medium"}"#),
            medium(None)
        );
        assert_eq!(
            read(r#"{"risk_level":1e999,"risk_level_name":"medium"}"#),
            medium(None)
        );
        assert_eq!(read(r#"{"risk_level":5}"#), None);
        assert_eq!(read(r#"{"risk_level_name":"apocalyptic"}"#), None);
        assert_eq!(read(r#"{"risk_level_name":null}"#), None);
    }

    #[test]
    fn a_wrong_type_is_kept_as_written_and_a_long_text_cut() {
        let read = |json: &str| text(parse(json.as_bytes()).unwrap(), "x");
        assert_eq!(read(r#"{"x":[1]}"#), Some(RawText::from("[1]")));
        assert_eq!(read(r#"{"x":null}"#), None);
        let long = read(&format!(r#"{{"x":"{}"}}"#, "a".repeat(MAX_FIELD_BYTES + 9))).unwrap();
        assert!(long.as_bytes().ends_with("a …+9 bytes".as_bytes()));
        let item = parse(br#"{"a":" ","b":null,"c":"d"}"#).unwrap();
        assert_eq!(first_text(item, &["a", "b", "c"]), Some(RawText::from("d")));
    }
}
