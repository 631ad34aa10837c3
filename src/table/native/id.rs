//! Ids of what is listed, in their shortest form: a UUID or 32 digits as their sixteen bytes, an id that is a login as
//! the number of that login, anything else as it came.

use crate::table::{GroupKind, Table, strings::NONE};
use std::borrow::Cow;

/// As it came.
const TEXT: u8 = 0;
/// The number of the login that it is.
const LOGIN: u8 = 1;
/// 32 lower-case hexadecimal digits.
const DIGITS: u8 = 2;
/// A UUID in lower case; from here on, behind one of [`PREFIXES`].
const UUID: u8 = 3;

/// What providers' ids of connections begin with.
const PREFIXES: [&[u8]; 3] = [b"", b"endpoint:", b"resource:"];

/// Where a UUID has its dashes.
const DASHES: [usize; 4] = [8, 13, 18, 23];

/// The bytes of 32 digits, with dashes or without.
fn packed(digits: &[u8]) -> Option<[u8; 16]> {
    let value = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(&pair[0])? << 4 | value(&pair[1])?;
    }
    Some(bytes)
}

/// The bytes of a UUID in lower case.
pub(in crate::table) fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    let has_dashes = text.len() == 36 && DASHES.iter().all(|at| text[*at] == b'-');
    let mut digits = [0; 32];
    let mut rest = text
        .iter()
        .enumerate()
        .filter(|(at, _)| !DASHES.contains(at));
    for digit in &mut digits {
        *digit = *rest.next().filter(|_| has_dashes)?.1;
    }
    packed(&digits)
}

/// An id by itself.
fn short(id: &[u8]) -> Vec<u8> {
    if id.len() == 32
        && let Some(bytes) = packed(id)
    {
        return [&[DIGITS][..], &bytes].concat();
    }
    for (tag, prefix) in (UUID..).zip(PREFIXES) {
        if let Some(bytes) = id.strip_prefix(prefix).and_then(uuid) {
            return [&[tag][..], &bytes].concat();
        }
    }
    [&[TEXT], id].concat()
}

/// A UUID of its bytes.
pub(in crate::table) fn written_uuid(bytes: &[u8; 16]) -> Vec<u8> {
    let mut text = Vec::with_capacity(36);
    written(bytes, &DASHES, &mut text);
    text
}

fn written(bytes: &[u8], dashes: &[usize], into: &mut Vec<u8>) {
    let digit = |number: u8| number + if number < 10 { b'0' } else { b'a' - 10 };
    let from = into.len();
    for byte in bytes {
        if dashes.contains(&(into.len() - from)) {
            into.push(b'-');
        }
        into.extend([digit(byte >> 4), digit(byte & 15)]);
    }
}

impl Table {
    /// The form in which a new id is kept.
    pub(super) fn short_id(&self, kind: GroupKind, id: &[u8]) -> Vec<u8> {
        self.login_id(kind, id).unwrap_or_else(|| short(id))
    }

    /// The forms in which an id may be kept: the login may have been unknown when it came.
    pub(super) fn id_forms(&self, kind: GroupKind, id: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        [self.login_id(kind, id), Some(short(id))]
            .into_iter()
            .flatten()
    }

    fn login_id(&self, kind: GroupKind, id: &[u8]) -> Option<Vec<u8>> {
        if kind != GroupKind::User {
            return None;
        }
        let login = self.logins.find(id)?;
        let same = self.logins.get(login) == Some(id);
        same.then(|| [&[LOGIN][..], &login.to_le_bytes()].concat())
    }

    /// An id as it came.
    pub(super) fn written_id<'t>(&'t self, short: &'t [u8]) -> Cow<'t, [u8]> {
        let Some((tag, rest)) = short.split_first() else {
            return Cow::Borrowed(&[]);
        };
        match *tag {
            LOGIN => {
                let login = rest.try_into().map_or(NONE, u32::from_le_bytes);
                self.logins.get(login).unwrap_or_default().into()
            }
            DIGITS => {
                let mut text = Vec::with_capacity(32);
                written(rest, &[], &mut text);
                text.into()
            }
            tag => match PREFIXES.get(usize::from(tag.wrapping_sub(UUID))) {
                Some(prefix) => {
                    let mut text = prefix.to_vec();
                    written(rest, &DASHES, &mut text);
                    text.into()
                }
                None => rest.into(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_comes_back_as_it_came() {
        let table = Table::new();
        let uuid = "7fb228dd-2e45-4eaf-a70a-ed7363a0a3dc";
        for (id, length) in [
            (uuid, 17),
            (&format!("endpoint:{uuid}"), 17),
            (&format!("resource:{uuid}"), 17),
            (&format!("breach:{uuid}"), 44),
            (&uuid.to_uppercase(), 37),
            (&uuid.replace('-', ""), 17),
            (&uuid.replace('-', "0"), 37),
            (&uuid.replace("dd-2", "d-d2"), 37),
            (&format!("{uuid}0"), 38),
            ("00000000-0000-0000-0000-000000000000", 17),
            ("", 1),
            ("\u{1}\u{3}", 3),
            ("endpoint:", 10),
        ] {
            let short = short(id.as_bytes());
            assert_eq!(short.len(), length, "{id}");
            assert_eq!(&*table.written_id(&short), id.as_bytes());
        }
    }
}
