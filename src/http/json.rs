//! Reading JSON without losing anything: bytes in, bytes out.
//!
//! A provider's page is hostile: lone surrogates, bytes that are not UTF-8, numbers where text belongs, members
//! twice, arrays a thousand deep. A parser that fails on one of them loses the whole page, so values are found first
//! ([`parse`], without recursion and without decoding) and read one member at a time ([`Value`]).

mod check;
mod document;
mod index;
mod outline;
mod scan;
mod unescape;

pub use document::{Document, Item};
pub use index::JsonIndex;
pub use outline::build_index;

use check::check;
use index::IndexBuilder;
use scan::{skip, skip_blanks, string_end, value_start};
use std::borrow::Cow;
use unescape::unescape;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why bytes are not a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// They end before the document does: a cut answer.
    Truncated,
    /// They are not JSON.
    Syntax,
}

/// A member that must be unique is there twice: it is not known which one is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateMember;

/// A member that was looked for by its name.
#[derive(Clone, Copy, Debug, Default)]
pub struct FoundMember<'a> {
    /// The first one of that name.
    pub value: Option<Value<'a>>,
    /// There is a second one.
    pub is_duplicate: bool,
}

impl<'a> FoundMember<'a> {
    /// The member, where it does not come twice.
    pub fn unique(self) -> Result<Option<Value<'a>>, DuplicateMember> {
        if self.is_duplicate {
            Err(DuplicateMember)
        } else {
            Ok(self.value)
        }
    }
}

/// One JSON value, its brackets and quotes known to match.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    raw: &'a [u8],
    /// It is known to have no backslash.
    has_no_escape: bool,
}

/// Finds the one value of a document; a byte order mark before it is skipped, blanks around it too.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, JsonError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let start = skip_blanks(bytes, 0);
    let end = check(bytes, start, &mut IndexBuilder::disabled())?;
    if skip_blanks(bytes, end) == bytes.len() {
        Ok(Value::from_raw(&bytes[start..end]))
    } else {
        Err(JsonError::Syntax)
    }
}

impl<'a> Value<'a> {
    /// Of which nothing more is known.
    fn from_raw(raw: &'a [u8]) -> Self {
        Self {
            raw,
            has_no_escape: false,
        }
    }

    /// The value as it is written.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Whether it is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        self.raw == b"null"
    }

    /// Whether it is an object.
    #[inline]
    pub fn is_object(self) -> bool {
        self.raw.first() == Some(&b'{')
    }

    /// Whether it is an array.
    #[inline]
    pub fn is_array(self) -> bool {
        self.raw.first() == Some(&b'[')
    }

    /// Whether it is text.
    #[inline]
    pub fn is_string(self) -> bool {
        self.raw.first() == Some(&b'"')
    }

    /// The decoded text; `None` for anything else. Lone surrogates become their WTF-8 bytes, other bytes stay.
    #[inline]
    pub fn string(self) -> Option<Cow<'a, [u8]>> {
        if !self.is_string() {
            return None;
        }
        let inner = self.raw.get(1..self.raw.len() - 1)?;
        Some(
            if !self.has_no_escape && memchr::memchr(b'\\', inner).is_some() {
                Cow::Owned(unescape(inner))
            } else {
                Cow::Borrowed(inner)
            },
        )
    }

    /// `true` or `false`.
    pub fn bool(self) -> Option<bool> {
        match self.raw {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// A count: a whole number from 0 on, also written `41.0` or as text; `None` for anything else.
    pub fn count(self) -> Option<u64> {
        let bytes = self.string().unwrap_or(Cow::Borrowed(self.raw));
        let text = std::str::from_utf8(&bytes).ok()?;
        text.parse().ok().or_else(|| {
            let number: f64 = text.parse().ok()?;
            // Beyond 2^53 a float is not a count any more.
            ((0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0)
                .then_some(number as u64)
        })
    }

    /// The members of an object, in order, none for anything else.
    pub fn members(self) -> Members<'a> {
        let bytes = if self.is_object() { self.raw } else { b"{}" };
        Members { bytes, at: 1 }
    }

    /// The first member with that name.
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        self.members()
            .find(|(key, _)| key.as_ref() == name.as_bytes())
            .map(|(_, value)| value)
    }

    /// A member that must not come twice: `Err` when it does.
    pub fn get_unique(self, name: &str) -> Result<Option<Value<'a>>, DuplicateMember> {
        let mut found = self
            .members()
            .filter(|(key, _)| key.as_ref() == name.as_bytes())
            .map(|(_, value)| value);
        let first = found.next();
        if found.next().is_some() {
            Err(DuplicateMember)
        } else {
            Ok(first)
        }
    }

    /// Members by their names, all in one pass: a page is long, and what is asked of it may stand behind its rows.
    pub fn pick<const N: usize>(self, names: [&str; N]) -> [FoundMember<'a>; N] {
        let mut found = [FoundMember::default(); N];
        for (key, value) in self.members() {
            pick(&names, &mut found, &key, value);
        }
        found
    }

    /// The elements of an array, in order, none for anything else.
    pub fn elements(self) -> Elements<'a> {
        let bytes = if self.is_array() { self.raw } else { b"[]" };
        Elements { bytes, at: 1 }
    }

    /// Whether brackets are nested deeper than `limit`.
    pub fn exceeds_depth(self, limit: usize) -> bool {
        // Most values have fewer brackets than that, wherever they stand.
        let opened = memchr::memchr2_iter(b'{', b'[', self.raw);
        if opened.take(limit + 1).count() <= limit {
            return false;
        }
        let (mut at, mut depth) = (0, 0usize);
        while at < self.raw.len() {
            match self.raw[at] {
                b'"' => {
                    at = string_end(self.raw, at).map_or(self.raw.len(), |end| end.at);
                    continue;
                }
                b'{' | b'[' => {
                    depth += 1;
                    if depth > limit {
                        return true;
                    }
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
        false
    }
}

fn pick<'a>(names: &[&str], found: &mut [FoundMember<'a>], key: &[u8], value: Value<'a>) {
    for (name, picked) in names.iter().zip(found) {
        if key == name.as_bytes() {
            picked.is_duplicate = picked.value.is_some();
            picked.value = picked.value.or(Some(value));
        }
    }
}

/// The members of an object: decoded name and value.
pub struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, [u8]>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = element(self.bytes, &mut self.at)?;
        let value = element(self.bytes, &mut self.at)?;
        Some((name.string()?, value))
    }
}

/// The elements of an array.
pub struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        element(self.bytes, &mut self.at)
    }
}

/// The next value at `at` of checked bytes, past blanks and separators; `None` at the closing bracket.
fn element<'a>(bytes: &'a [u8], at: &mut usize) -> Option<Value<'a>> {
    let start = value_start(bytes, *at)?;
    let end = skip(bytes, start)?;
    *at = end;
    Some(Value::from_raw(&bytes[start..end]))
}

#[cfg(test)]
mod tests {
    use super::{check::MAX_DEPTH, *};

    fn text(json: &[u8]) -> Vec<u8> {
        parse(json).unwrap().string().unwrap().into_owned()
    }

    #[test]
    fn every_escape_and_every_byte_survives() {
        assert_eq!(text(br#""a\n\t\r\b\f\"\\\/b""#), b"a\n\t\r\x08\x0c\"\\/b");
        assert_eq!(text("\"né\"".as_bytes()), "né".as_bytes());
        assert_eq!(text(br#""\ud83d\ude00""#), "😀".as_bytes());
        assert_eq!(text(br#""\ud800""#), b"\xed\xa0\x80");
        assert_eq!(text(br#""\ude00\ud83d""#), b"\xed\xb8\x80\xed\xa0\xbd");
        assert_eq!(text(br#""\ud800\u0041""#), b"\xed\xa0\x80A");
        assert_eq!(text(b"\"\xff\xfe\""), b"\xff\xfe");
        assert_eq!(text(br#""\q \u12x4 \u+123""#), br"\q \u12x4 \u+123");
        assert_eq!(text(b"\"a\nb\""), b"a\nb");
    }

    #[test]
    fn a_document_cut_anywhere_is_known_to_be_cut() {
        let whole = br#"{"data":[{"id":"a\"b","n":-1.5e3,"t":true,"z":null},[]],"x":{}}"#;
        assert!(parse(whole).is_ok());
        for end in 0..whole.len() {
            assert_eq!(
                parse(&whole[..end]).err(),
                Some(JsonError::Truncated),
                "{end}"
            );
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for bad in [
            &b"<html>"[..],
            b"{]",
            b"[}",
            b"{\"a\"}",
            b"{\"a\":1,}",
            b"[1,]",
            b"[,1]",
            b"{} {}",
            b"nul0",
            b"[1 2]",
            b"{1:2}",
            b"]",
            b"[tru]",
            b"{\"a\":1]",
            b"'a'",
        ] {
            assert_eq!(parse(bad).err(), Some(JsonError::Syntax), "{bad:?}");
        }
        assert!(parse(b"\xef\xbb\xbf {}\r\n").is_ok());
        assert!(parse(b"\xef\xbb\xbf\xef\xbb\xbf{}").is_err());
    }

    #[test]
    fn members_and_elements_come_in_order_and_twice_is_seen() {
        let value = parse(br#" {"a" : [1 , "x]" , {"b":[]}] , "c":2 ,"a":3} "#).unwrap();
        let names: Vec<_> = value.members().map(|(name, _)| name).collect();
        assert_eq!(names, [&b"a"[..], b"c", b"a"]);
        let array = value.get("a").unwrap();
        let raw: Vec<_> = array.elements().map(Value::raw).collect();
        assert_eq!(raw, [&b"1"[..], b"\"x]\"", b"{\"b\":[]}"]);
        assert!(value.get_unique("a").is_err());
        assert_eq!(value.get_unique("c").unwrap().unwrap().count(), Some(2));
        assert!(value.get_unique("d").unwrap().is_none());
    }

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let deep = [b"[".repeat(65), b"]".repeat(65)].concat();
        assert!(parse(&deep).unwrap().exceeds_depth(64));
        assert!(!parse(&deep[1..130 - 1]).unwrap().exceeds_depth(64));
        assert!(!parse(b"\"[[[[\\\"[[\"").unwrap().exceeds_depth(1));
        let absurd = b"[".repeat(MAX_DEPTH + 1);
        assert_eq!(parse(&absurd).err(), Some(JsonError::Syntax));
    }

    #[test]
    fn members_are_picked_in_one_walk_and_twice_is_seen() {
        let value = parse(br#"{"a":[{"c":1}],"b":null,"a":2,"d":"x"}"#).unwrap();
        let [a, b, c, d] = value.pick(["a", "b", "c", "d"]);
        assert_eq!(a.value.map(Value::raw), Some(&br#"[{"c":1}]"#[..]));
        assert!(a.unique().is_err());
        assert!(b.unique().unwrap().is_some_and(Value::is_null));
        assert!(c.unique().unwrap().is_none());
        assert_eq!(d.value.and_then(Value::string).as_deref(), Some(&b"x"[..]));
        assert!(parse(b"[1]").unwrap().pick(["a"])[0].value.is_none());
    }

    #[test]
    fn counts_are_whole_and_not_negative() {
        let count = |json: &[u8]| parse(json).unwrap().count();
        assert_eq!(count(b"41"), Some(41));
        assert_eq!(count(b"41.0"), Some(41));
        assert_eq!(count(b"1e15"), Some(1_000_000_000_000_000));
        assert_eq!(count(b"\"7\""), Some(7));
        assert_eq!(count(b"-1"), None);
        assert_eq!(count(b"1.5"), None);
        assert_eq!(count(b"1e300"), None);
        assert_eq!(count(b"true"), None);
    }
}
