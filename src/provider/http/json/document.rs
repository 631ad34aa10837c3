//! A document with its outline: what is long in it, a page's list, is walked through in one go.

use super::{BYTE_ORDER_MARK, Broken, Picked, Value, begin, blanks, check, pick, skip};
use std::borrow::Cow;

/// Where the containers of a document end, the outermost ones: what a list holds is walked through without looking for
/// the end of each item again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Where each begins and ends, in the order in which they begin.
    spans: Vec<(u32, u32)>,
}

/// So many containers within each other are noted: an answer, its list, its items.
pub(super) const OUTLINED: usize = 3;

/// A document and its outline.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    outline: &'a Outline,
}

impl<'a> Document<'a> {
    /// Of a document that [`outline`] has taken.
    pub(in super::super) fn new(bytes: &'a [u8], outline: &'a Outline) -> Self {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        Self { bytes, outline }
    }

    /// The whole of it.
    pub fn value(self) -> Value<'a> {
        Value(self.bytes.trim_ascii())
    }

    /// Members by their names, all in one walk, none where it is no object.
    pub fn pick<const N: usize>(self, names: [&str; N]) -> [Picked<'a>; N] {
        let mut found = [Picked::default(); N];
        let value = self.value();
        if value.is_object() {
            let mut at = self.place(value) + 1;
            while let Some((key, value)) = self.member(&mut at) {
                pick(&names, &mut found, &key, value);
            }
        }
        found
    }

    fn member(self, at: &mut usize) -> Option<(Cow<'a, [u8]>, Value<'a>)> {
        let name = self.element(at)?;
        let value = self.element(at)?;
        Some((name.string()?, value))
    }

    /// The elements of an array that is in it, in order, none for anything else.
    pub fn elements(self, array: Value<'a>) -> impl Iterator<Item = Value<'a>> {
        let mut at = array.is_array().then(|| self.place(array) + 1);
        std::iter::from_fn(move || self.element(at.as_mut()?))
    }

    /// Where a value begins that is a part of these bytes.
    fn place(self, value: Value<'a>) -> usize {
        (value.0.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize)
    }

    fn element(self, at: &mut usize) -> Option<Value<'a>> {
        let start = begin(self.bytes, *at)?;
        let opens = matches!(self.bytes.get(start), Some(b'{' | b'['));
        let spans = &self.outline.spans;
        let noted = |start: usize| {
            let place = spans.binary_search_by_key(&start, |span| span.0 as usize);
            place.ok().map(|place| spans[place].1 as usize)
        };
        let end = match opens.then(|| noted(start)).flatten() {
            Some(end) => end,
            None => skip(self.bytes, start)?,
        };
        *at = end;
        Some(Value(self.bytes.get(start..end)?))
    }
}

/// Looks through a whole document, as [`parse`](super::parse) does, and notes where its outermost containers end.
pub fn outline(bytes: &[u8]) -> Result<Outline, Broken> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let start = blanks(bytes, 0);
    let mut outline = Outline::default();
    let end = check(bytes, start, &mut outline.spans)?;
    if blanks(bytes, end) == bytes.len() {
        Ok(outline)
    } else {
        Err(Broken::Syntax)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parse, *};

    #[test]
    fn with_an_outline_everything_reads_as_without_one() {
        for json in [
            "{}",
            "7",
            "\t\"x\" ",
            "[[[[1]],2],{\"a\":[{}]}]",
            "\u{feff} {\"data\": [ {\"a\":[[1],\"]\"]} ,[], 3, {\"data\":[]}] ,\"n\":2}\r\n",
            "{\"data\":[],\"data\":{\"data\":[[[[]]]]},\"x\":null}",
        ] {
            let value = parse(json.as_bytes()).unwrap();
            let outline = outline(json.as_bytes()).unwrap();
            let document = Document::new(json.as_bytes(), &outline);
            assert_eq!(document.value().raw(), value.raw());
            let names = ["data", "n", "x", "y"];
            let raw = |picked: Picked<'_>| (picked.value.map(|it| it.raw().to_vec()), picked.twice);
            assert_eq!(
                document.pick(names).map(raw),
                value.pick(names).map(raw),
                "{json}"
            );
            let list = value.get("data").unwrap_or(value);
            let within = document.pick(["data"])[0].value.unwrap_or(document.value());
            let plain: Vec<_> = list.elements().map(Value::raw).collect();
            let outlined: Vec<_> = document.elements(within).map(Value::raw).collect();
            assert_eq!(outlined, plain, "{json}");
        }
        for bad in ["{", "[1", "{} {}", "[}"] {
            assert_eq!(outline(bad.as_bytes()).err(), parse(bad.as_bytes()).err());
        }
    }
}
