//! The hash of a row: over all its values and the profiles that it points to.

use crate::entity::profile::ProfileBinding;
use rusqlite::types::Value;

/// Bytes of a row's hash: enough to see damage, small enough for a million rows.
pub(in crate::journal) const HASH: usize = 16;

/// The hash of a row and of the profiles that it points to. Lengths first: no value can be made to look like two.
pub(in crate::journal) fn hash<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    values: &[Value],
) -> Vec<u8> {
    // All of it in one call: the parts of a row are so short that a call for each costs more than they do.
    let mut bytes = Gathered(prefix(profiles));
    feed_values(&mut bytes, values);
    blake3::hash(&bytes.0).as_bytes()[..HASH].to_vec()
}

/// What the profiles that a row points to contribute to its hash.
pub(in crate::journal) fn prefix<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
) -> Vec<u8> {
    let mut bytes = Gathered(Vec::with_capacity(ROW_BYTES));
    for profile in profiles {
        for part in [
            profile.name.as_str(),
            profile.provider.as_str(),
            &profile.origin,
            &profile.team,
        ] {
            bytes.feed(4, part.as_bytes());
        }
    }
    bytes.0
}

/// The hashes of many rows, value by value in the order of the columns: the same as [`hash`] of those values.
#[derive(Default)]
pub(in crate::journal) struct Hashed(Vec<u8>);

impl Hashed {
    /// Begins a row with the [`prefix`] of what it points to.
    pub(in crate::journal) fn begin(&mut self, prefix: &[u8]) {
        self.0.clear();
        self.0.extend_from_slice(prefix);
    }

    fn feed(&mut self, tag: u8, bytes: &[u8]) {
        feed_to(&mut self.0, tag, bytes);
    }

    pub(in crate::journal) fn null(&mut self) {
        self.feed(0, &[]);
    }

    pub(in crate::journal) fn number(&mut self, number: i64) {
        self.feed(1, &number.to_le_bytes());
    }

    pub(in crate::journal) fn optional(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.number(number),
            None => self.null(),
        }
    }

    pub(in crate::journal) fn text(&mut self, text: &str) {
        self.feed(3, text.as_bytes());
    }

    pub(in crate::journal) fn blob(&mut self, bytes: &[u8]) {
        self.feed(5, bytes);
    }

    /// Ends it.
    pub(in crate::journal) fn end(&self) -> [u8; HASH] {
        let mut hash = [0; HASH];
        hash.copy_from_slice(&blake3::hash(&self.0).as_bytes()[..HASH]);
        hash
    }
}

/// Bytes that most rows come to.
const ROW_BYTES: usize = 384;

/// What values are fed to.
pub(in crate::journal) trait Fed {
    /// Takes a part: what it is, how long it is, and itself.
    fn feed(&mut self, tag: u8, bytes: &[u8]);
}

struct Gathered(Vec<u8>);

impl Fed for Gathered {
    fn feed(&mut self, tag: u8, bytes: &[u8]) {
        feed_to(&mut self.0, tag, bytes);
    }
}

fn feed_to(fed: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    fed.push(tag);
    fed.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    fed.extend_from_slice(bytes);
}

impl Fed for blake3::Hasher {
    fn feed(&mut self, tag: u8, bytes: &[u8]) {
        self.update(&[tag]);
        self.update(&(bytes.len() as u64).to_le_bytes());
        self.update(bytes);
    }
}

/// Feeds values so that different ones never feed the same bytes.
pub(in crate::journal) fn feed_values(fed: &mut impl Fed, values: &[Value]) {
    for value in values {
        match value {
            Value::Null => fed.feed(0, &[]),
            Value::Integer(number) => fed.feed(1, &number.to_le_bytes()),
            Value::Real(number) => fed.feed(2, &number.to_le_bytes()),
            Value::Text(text) => fed.feed(3, text.as_bytes()),
            Value::Blob(bytes) => fed.feed(5, bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::key::{ProfileName, ProviderId};

    fn binding() -> ProfileBinding {
        ProfileBinding {
            name: ProfileName::new("acme").unwrap(),
            provider: ProviderId::new("p"),
            origin: "https://a.example".into(),
            team: String::new(),
        }
    }

    #[test]
    fn gathered_or_fed_part_by_part_the_hash_is_the_same() {
        let binding = binding();
        let values = [
            Value::Null,
            Value::from(-7_i64),
            Value::Real(1.5),
            Value::from("é".to_owned()),
            Value::Blob(vec![0, 255]),
        ];
        let mut hasher = blake3::Hasher::new();
        for part in ["acme", "p", "https://a.example", ""] {
            hasher.feed(4, part.as_bytes());
        }
        feed_values(&mut hasher, &values);
        let expected = hasher.finalize().as_bytes()[..HASH].to_vec();
        assert_eq!(hash([&binding], &values), expected);
    }

    #[test]
    fn value_by_value_the_hash_is_the_same() {
        let binding = binding();
        let values = [
            Value::from(-7_i64),
            Value::Blob(vec![1, 0, 255]),
            Value::Null,
            Value::from(3_i64),
            Value::from("already".to_owned()),
        ];
        let mut hashed = Hashed::default();
        // What was hashed before leaves nothing behind.
        for _ in 0..2 {
            hashed.begin(&prefix([&binding]));
            hashed.number(-7);
            hashed.blob(&[1, 0, 255]);
            hashed.optional(None);
            hashed.optional(Some(3));
            hashed.text("already");
            assert_eq!(hashed.end()[..], hash([&binding], &values));
        }
    }
}
