//! A document with its outline: what is long in it, a page's list, is read without looking at its bytes again.

use super::{
    BYTE_ORDER_MARK, FoundMember, Value, element,
    index::{IndexEntry, JsonIndex},
    pick,
};
use std::borrow::Cow;

/// A document and its outline.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    entries: &'a [IndexEntry],
}

impl<'a> Document<'a> {
    /// Of a document that [`build_index`](fn@super::build_index) has taken.
    pub(in super::super) fn new(bytes: &'a [u8], outline: &'a JsonIndex) -> Self {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        Self {
            bytes,
            entries: outline.entries(),
        }
    }

    /// The whole of it.
    pub fn value(self) -> Value<'a> {
        Value::from_raw(self.bytes.trim_ascii())
    }

    /// Members by their names, all in one pass; none if it is no object.
    pub fn pick<const N: usize>(self, names: [&str; N]) -> [FoundMember<'a>; N] {
        let mut found = [FoundMember::default(); N];
        for (key, value) in self.item(self.value()).members() {
            pick(&names, &mut found, &key, value);
        }
        found
    }

    /// The elements of an array that is in it, in order, none for anything else.
    pub fn elements(self, array: Value<'a>) -> impl Iterator<Item = Item<'a>> {
        let array = if array.is_array() {
            self.item(array)
        } else {
            Item::from(Value::from_raw(b"[]"))
        };
        let mut walk = array.iter_parts();
        std::iter::from_fn(move || walk.next())
    }

    /// A value that is a part of these bytes, with what is noted of it.
    fn item(self, value: Value<'a>) -> Item<'a> {
        let start = (value.raw.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize);
        let place = self.entries.partition_point(|note| note.start() < start);
        let mut walk = ContainerIter::Indexed {
            bytes: self.bytes,
            entries: self.entries,
            at: place,
            end: self.entries.len(),
        };
        match walk.next() {
            Some(item) if item.value.raw.as_ptr() == value.raw.as_ptr() => item,
            _ => Item::from(value),
        }
    }
}

/// A value in a document, with what is noted of it.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Of what stands in it: all notes, and the places of its own.
    index_range: Option<(&'a [u8], &'a [IndexEntry], usize, usize)>,
}

impl<'a> From<Value<'a>> for Item<'a> {
    fn from(value: Value<'a>) -> Self {
        Self {
            value,
            index_range: None,
        }
    }
}

impl<'a> Item<'a> {
    /// The members of an object, in order, none for anything else.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, [u8]>, Value<'a>)> {
        let object = if self.value.is_object() {
            self
        } else {
            Self::from(Value::from_raw(b"{}"))
        };
        let mut walk = object.iter_parts();
        std::iter::from_fn(move || {
            let name = walk.value()?;
            let value = walk.value()?;
            Some((name.string()?, value))
        })
    }

    /// Through what stands in a container.
    fn iter_parts(self) -> ContainerIter<'a> {
        match self.index_range {
            Some((bytes, all, at, end)) => ContainerIter::Indexed {
                bytes,
                entries: all,
                at,
                end,
            },
            None => ContainerIter::Plain {
                bytes: self.value.raw,
                at: 1,
            },
        }
    }
}

/// Iterates over the parts of a container: names, values, elements.
enum ContainerIter<'a> {
    /// Along the notes.
    Indexed {
        bytes: &'a [u8],
        entries: &'a [IndexEntry],
        at: usize,
        end: usize,
    },
    /// Along the bytes.
    Plain { bytes: &'a [u8], at: usize },
}

impl<'a> ContainerIter<'a> {
    /// The next one, with what is noted of it.
    fn next(&mut self) -> Option<Item<'a>> {
        match self {
            Self::Indexed {
                bytes,
                entries: all,
                at,
                end,
            } => {
                if *at >= *end {
                    return None;
                }
                let note = *all.get(*at)?;
                let value = note.value(bytes)?;
                if !note.has_entries() {
                    *at += 1;
                    return Some(Item::from(value));
                }
                let (first, behind) = (*at + 2, all.get(*at + 1)?.end());
                *at = behind.max(first);
                Some(Item {
                    value,
                    index_range: Some((bytes, all, first, behind)),
                })
            }
            Self::Plain { bytes, at } => element(bytes, at).map(Item::from),
        }
    }

    /// The next one.
    #[inline]
    fn value(&mut self) -> Option<Value<'a>> {
        match self {
            // Nearly all that stands in an item.
            Self::Indexed {
                bytes,
                entries: all,
                at,
                end,
            } if *at < *end && !all.get(*at)?.has_entries() => {
                let note = all.get(*at)?;
                *at += 1;
                note.value(bytes)
            }
            _ => self.next().map(|item| item.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{outline::build_index, parse},
        *,
    };

    /// Everything that is read of a document, with its outline and without, is the same.
    fn check_both_ways(json: &[u8]) {
        let said = String::from_utf8_lossy(json);
        let value = parse(json).unwrap();
        let outline = build_index(json).unwrap();
        let document = Document::new(json, &outline);
        assert_eq!(document.value().raw(), value.raw());
        let names = ["data", "n", "x", "y"];
        let raw = |picked: FoundMember<'_>| {
            (
                picked.value.map(|it| it.raw().to_vec()),
                picked.is_duplicate,
            )
        };
        assert_eq!(
            document.pick(names).map(raw),
            value.pick(names).map(raw),
            "{said}"
        );
        let list = value.get("data").unwrap_or(value);
        let within = document.pick(["data"])[0].value;
        let within = within.unwrap_or(document.value());
        let members = |item: Item<'_>| -> Vec<_> {
            let member = |(name, value): (Cow<'_, [u8]>, Value<'_>)| {
                let text = value.string().map(Cow::into_owned);
                (name.into_owned(), value.raw().to_vec(), text)
            };
            item.members().map(member).collect()
        };
        let plain: Vec<_> = list
            .elements()
            .map(|value| (value.raw(), members(Item::from(value))))
            .collect();
        let outlined: Vec<_> = document
            .elements(within)
            .map(|item| (item.value.raw(), members(item)))
            .collect();
        assert_eq!(outlined, plain, "{said}");
    }

    #[test]
    fn with_an_outline_everything_reads_as_without_one() {
        for json in [
            "{}",
            "7",
            "\t\"x\" ",
            "[[[[1]],2],{\"a\":[{}]}]",
            "\u{feff} {\"data\": [ {\"a\":[[1],\"]\"]} ,[], 3, {\"data\":[]}] ,\"n\":2}\r\n",
            "{\"data\":[],\"data\":{\"data\":[[[[]]]]},\"x\":null}",
            r#"{"data":[{"a":"b","\u0061":"\"","c" :"d" , "e": "f","g":[{"h":"i"}],"j":"k","l":null}],"n":"o"}"#,
        ] {
            check_both_ways(json.as_bytes());
        }
        for bad in ["{", "[1", "{} {}", "[}"] {
            assert_eq!(
                build_index(bad.as_bytes()).err(),
                parse(bad.as_bytes()).err()
            );
        }
    }

    /// Some value, and what stands in it.
    fn write(random: &mut fastrand::Rng, depth: usize, into: &mut Vec<u8>) {
        let blank = |random: &mut fastrand::Rng, into: &mut Vec<u8>| {
            if random.u8(..8) == 0 {
                into.push(b" \n\t\r"[random.usize(..4)]);
            }
        };
        let text = |random: &mut fastrand::Rng, into: &mut Vec<u8>| {
            let texts = [
                "data",
                "n",
                "",
                "{[",
                r#"\""#,
                r"\\",
                r"a\u0041",
                "a longer text than eight",
            ];
            into.push(b'"');
            into.extend_from_slice(texts[random.usize(..texts.len())].as_bytes());
            into.push(b'"');
        };
        blank(random, into);
        match random.u8(..if depth < 5 { 8 } else { 4 }) {
            0 => into.extend_from_slice(b"null"),
            1 => into.extend_from_slice(b"-1.5e3"),
            2 | 3 => text(random, into),
            kind => {
                let (opens, closes) = if kind < 6 { (b'[', b']') } else { (b'{', b'}') };
                into.push(opens);
                for place in 0..random.usize(..5) {
                    if place > 0 {
                        into.push(b',');
                    }
                    blank(random, into);
                    if opens == b'{' {
                        text(random, into);
                        blank(random, into);
                        into.push(b':');
                    }
                    write(random, depth + 1, into);
                }
                blank(random, into);
                into.push(closes);
            }
        }
        blank(random, into);
    }

    #[test]
    fn any_document_reads_with_an_outline_as_without_one() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..3_000 {
            let mut json = Vec::new();
            write(&mut random, 0, &mut json);
            check_both_ways(&json);
            // Cut or broken anywhere, both say the same of it.
            let end = random.usize(..json.len());
            let cut = &json[..end];
            assert_eq!(build_index(cut).err(), parse(cut).err());
            json[end] = b"{}[]\",:x\\"[random.usize(..9)];
            assert_eq!(build_index(&json).err(), parse(&json).err());
        }
    }

    #[test]
    fn notes_never_take_more_room_than_the_document_and_without_them_it_reads_the_same() {
        let one = |item: &str| format!("{{\"data\":[{}],\"n\":1}}", vec![item; 1_000].join(","));
        for item in ["0", "[]", "{\"a\":0}", "[[[[]]]]", "{\"a\":\"bcdefgh\"}"] {
            let json = one(item);
            let outline = build_index(json.as_bytes()).unwrap();
            assert!(outline.size_in_bytes() <= json.len() + 1_024, "{item}");
            check_both_ways(json.as_bytes());
        }
        assert!(
            build_index(one("0").as_bytes())
                .unwrap()
                .entries()
                .is_empty()
        );
        assert!(
            !build_index(one("\"a longer text\"").as_bytes())
                .unwrap()
                .entries()
                .is_empty()
        );
    }
}
