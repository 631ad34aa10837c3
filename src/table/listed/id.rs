//! Ids of what is listed, in their shortest form: a UUID or 32 digits as their sixteen bytes, an id that is a login as
//! the number of that login, anything else as it came.

use crate::table::{
    GroupKind, Table,
    interner::NO_VALUE,
    uuid::{DASHES, packed, parse_uuid, written},
};
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

/// An id by itself.
fn encode_id(id: &[u8]) -> Vec<u8> {
    if id.len() == 32
        && let Some(bytes) = packed(id)
    {
        return [&[DIGITS][..], &bytes].concat();
    }
    for (tag, prefix) in (UUID..).zip(PREFIXES) {
        if let Some(bytes) = id.strip_prefix(prefix).and_then(parse_uuid) {
            return [&[tag][..], &bytes].concat();
        }
    }
    [&[TEXT], id].concat()
}

impl Table {
    /// The form in which a new id is kept.
    pub(super) fn encode_listed_id(&self, kind: GroupKind, id: &[u8]) -> Vec<u8> {
        self.login_id(kind, id).unwrap_or_else(|| encode_id(id))
    }

    /// The forms in which an id may be kept: the login may have been unknown when it came.
    pub(super) fn id_forms(&self, kind: GroupKind, id: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        [self.login_id(kind, id), Some(encode_id(id))]
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
    pub(super) fn decode_listed_id<'t>(&'t self, short: &'t [u8]) -> Cow<'t, [u8]> {
        let Some((tag, rest)) = short.split_first() else {
            return Cow::Borrowed(&[]);
        };
        match *tag {
            LOGIN => {
                let login = rest.try_into().map_or(NO_VALUE, u32::from_le_bytes);
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
            let short = encode_id(id.as_bytes());
            assert_eq!(short.len(), length, "{id}");
            assert_eq!(&*table.decode_listed_id(&short), id.as_bytes());
        }
    }
}
