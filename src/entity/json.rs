//! The only place where JSON that leaves the program is made. A character that [`visible`](super::visible) would not
//! print is written as `\uXXXX`, one above U+FFFF as a surrogate pair: whoever reads the JSON gets the same text, and a
//! terminal, a pager or an editor that shows it gets nothing that controls, turns or hides what stands beside it.

use super::visible::VisibilityFilter;
use serde::Serialize;
use std::fmt::Write as _;

/// A value as one line of JSON, without the end of the line.
///
/// # Errors
/// When the value cannot be JSON: a map whose keys are no strings.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(value).map(sanitize)
}

/// The same as a string.
///
/// # Errors
/// As [`to_vec`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|json| match escape_hidden(&json) {
        Some(escaped) => escaped,
        None => json,
    })
}

/// JSON that was written elsewhere, with every character escaped that would not be printed. Bytes that are no UTF-8,
/// which JSON cannot have, become lone surrogates as in [`Text`](super::raw_text::RawText).
pub fn sanitize(json: Vec<u8>) -> Vec<u8> {
    if let Ok(text) = std::str::from_utf8(&json) {
        return escape_hidden(text).map_or(json, String::into_bytes);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for chunk in json.utf8_chunks() {
        out.push_str(
            escape_hidden(chunk.valid())
                .as_deref()
                .unwrap_or(chunk.valid()),
        );
        for byte in chunk.invalid() {
            push_unit(&mut out, 0xdc00 | u16::from(*byte));
        }
    }
    out.into_bytes()
}

/// What stands between the quotes of a JSON string with this text.
pub(super) fn push_string_part(out: &mut String, text: &str) {
    let quoted = serde_json::Value::from(text).to_string();
    let part = &quoted[1..quoted.len() - 1];
    out.push_str(escape_hidden(part).as_deref().unwrap_or(part));
}

/// The JSON with every hidden character escaped; `None` where there is none. Outside of its strings JSON is ASCII, and
/// control characters below U+0020 are escaped in it already, so that the places of quotes need not be known.
fn escape_hidden(json: &str) -> Option<String> {
    if json.bytes().all(|byte| byte < 0x7f) {
        return None;
    }
    let mut out = String::with_capacity(json.len() + 32);
    let mut pile = VisibilityFilter::default();
    let mut rest = json.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                out.push(c);
                let kind = rest.next();
                out.extend(kind);
                if kind == Some('u') {
                    out.extend(rest.by_ref().take(4));
                }
                // A mark must not pile upon the letter of an escape.
                pile = VisibilityFilter::default();
            }
            // Nor upon the quote before it.
            '"' => {
                out.push(c);
                pile = VisibilityFilter::default();
            }
            '\0'..='\x1f' => out.push(c),
            c if pile.is_shown(c) => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    push_unit(&mut out, *unit);
                }
                pile = VisibilityFilter::default();
            }
        }
    }
    Some(out)
}

fn push_unit(out: &mut String, unit: u16) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\u{unit:04x}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::visible;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Whether a text can be shown as it is, the blanks at its edges aside.
    fn is_shown(text: &str) -> bool {
        !visible::escape(text.trim_matches(' ').as_bytes()).has_escapes()
    }

    #[test]
    fn hidden_characters_are_written_as_numbers() {
        for (text, json) in [
            ("a\u{9b}2J", r#""a\u009b2J""#),
            ("\u{7f}", r#""\u007f""#),
            ("\u{202e}exe.txt", r#""\u202eexe.txt""#),
            ("\u{2066}a\u{2069}", r#""\u2066a\u2069""#),
            ("a\u{200b}b\u{feff}", r#""a\u200bb\ufeff""#),
            ("\u{e0041}", r#""\udb40\udc41""#),
            ("\u{f0000}\u{e000}", r#""\udb80\udc00\ue000""#),
            ("a\u{2028}b\u{2029}", r#""a\u2028b\u2029""#),
            ("\u{378}", r#""\u0378""#),
            ("\u{a0}", r#""\u00a0""#),
            // A mark without a base would stand upon the quote.
            ("\u{301}e\u{301}", r#""\u0301é""#),
            ("\n\u{301}", r#""\n\u0301""#),
            ("müller 王伟 محمد 😀", r#""müller 王伟 محمد 😀""#),
        ] {
            let json = json.replace('é', "e\u{301}");
            assert_eq!(to_string(text).unwrap(), json);
            assert_eq!(to_vec(text).unwrap(), json.as_bytes());
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
        let member = json!({ "\u{202e}": ["\u{85}"] });
        assert_eq!(to_string(&member).unwrap(), r#"{"\u202e":["\u0085"]}"#);
    }

    #[test]
    fn every_character_that_is_not_shown_is_escaped() {
        for c in ('\0'..=char::MAX).filter(|c| !is_shown(&c.to_string())) {
            let json = to_string(&c).unwrap();
            assert!(json.is_ascii(), "U+{:04X}", u32::from(c));
            assert_eq!(serde_json::from_str::<char>(&json).unwrap(), c);
        }
    }

    #[test]
    fn bytes_that_are_no_text_stay_told_apart() {
        assert_eq!(
            sanitize(b"\"a\xff\xc2\x9b\"".to_vec()),
            br#""a\udcff\u009b""#
        );
    }

    proptest! {
        #[test]
        fn a_reader_gets_the_same_text_and_a_screen_nothing_hidden(
            texts in prop::collection::vec(
                prop_oneof![any::<String>(), "[\u{7f}-\u{a0}\u{300}-\u{303}\u{200b}-\u{202f}\u{e0000}-\u{e0100}\"\\\\ab]{0,12}"],
                0..4,
            ),
        ) {
            let json = to_string(&texts).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Vec<String>>(&json).unwrap(), &texts);
            prop_assert!(is_shown(&json), "{}", json);
            let object: serde_json::Map<String, Value> =
                texts.iter().map(|text| (text.clone(), json!(text))).collect();
            let json = to_string(&object).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Value>(&json).unwrap(), &Value::Object(object));
            prop_assert!(is_shown(&json), "{}", json);
        }
    }
}
