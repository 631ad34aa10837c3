//! Text as a provider sent it: bytes that are mostly UTF-8, kept exactly.

use serde::{Serialize, Serializer, ser::Error as _};
use std::fmt;

/// Bytes from a provider. Not printable: pass them through [`super::visible::escape`] first.
///
/// Usually UTF-8; a lone surrogate arrives as its three WTF-8 bytes, anything else as it came.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RawText(Box<[u8]>);

impl RawText {
    /// The bytes, exactly as they came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, where it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl From<&[u8]> for RawText {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for RawText {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<String> for RawText {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into_boxed_slice())
    }
}

impl fmt::Debug for RawText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// JSON keeps the text exactly: bytes that are not UTF-8 become lone surrogates, `\udc80` to `\udcff` a byte, and
/// a WTF-8 surrogate becomes itself, so that a reader gets every byte back.
impl Serialize for RawText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serde_json::value::RawValue::from_string(to_json_string(&self.0))
                .map_err(|_| S::Error::custom("text cannot be written as JSON"))?
                .serialize(serializer),
        }
    }
}

fn to_json_string(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        super::json::push_string_part(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\udc{byte:02x}"));
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_survive_json() {
        let json = serde_json::to_string(&RawText::from(&b"a\xff\"b"[..])).unwrap_or_default();
        assert_eq!(json, r#""a\udcff\"b""#);
        let hidden = RawText::from(&b"\xff\xe2\x80\xae\x7f\n"[..]);
        let json = serde_json::to_string(&hidden).unwrap_or_default();
        assert_eq!(json, r#""\udcff\u202e\u007f\n""#);
        assert_eq!(
            serde_json::to_string(&RawText::from("né")).unwrap_or_default(),
            "\"né\""
        );
    }
}
