//! Hash of a row: over all of its values and the profiles that it refers to.

use crate::entity::profile::ProfileBinding;
use rusqlite::types::Value;

/// Length of a row hash in bytes: enough to find damage, small enough for a million rows.
pub(in crate::journal) const HASH: usize = 16;

/// Returns the hash of a row and of its profiles. Lengths come first, so that no value can look like two.
pub(in crate::journal) fn hash<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
    values: &[Value],
) -> Vec<u8> {
    // One call for all bytes: the parts are so short that a call for each would cost more.
    let mut bytes = RowBytes(prefix(profiles));
    update_values(&mut bytes, values);
    blake3::hash(&bytes.0).as_bytes()[..HASH].to_vec()
}

/// Returns the contribution of the profiles to the hash of a row.
pub(in crate::journal) fn prefix<'a>(
    profiles: impl IntoIterator<Item = &'a ProfileBinding>,
) -> Vec<u8> {
    let mut bytes = RowBytes(Vec::with_capacity(ROW_BYTES));
    for profile in profiles {
        for part in [
            profile.name.as_str(),
            profile.provider.as_str(),
            &profile.origin,
            &profile.team,
        ] {
            bytes.update_part(4, part.as_bytes());
        }
    }
    bytes.0
}

/// Computes the hashes of many rows, value by value in the order of the columns. The result is that of [`hash`].
#[derive(Default)]
pub(in crate::journal) struct RowHasher(Vec<u8>);

impl RowHasher {
    /// Begins a row with the [`prefix`] of its profiles.
    pub(in crate::journal) fn begin(&mut self, prefix: &[u8]) {
        self.0.clear();
        self.0.extend_from_slice(prefix);
    }

    fn update_part(&mut self, tag: u8, bytes: &[u8]) {
        update_bytes(&mut self.0, tag, bytes);
    }

    pub(in crate::journal) fn null(&mut self) {
        self.update_part(0, &[]);
    }

    pub(in crate::journal) fn number(&mut self, number: i64) {
        self.update_part(1, &number.to_le_bytes());
    }

    pub(in crate::journal) fn optional(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.number(number),
            None => self.null(),
        }
    }

    pub(in crate::journal) fn text(&mut self, text: &str) {
        self.update_part(3, text.as_bytes());
    }

    pub(in crate::journal) fn blob(&mut self, bytes: &[u8]) {
        self.update_part(5, bytes);
    }

    /// Returns the hash of the row.
    pub(in crate::journal) fn end(&self) -> [u8; HASH] {
        let mut hash = [0; HASH];
        hash.copy_from_slice(&blake3::hash(&self.0).as_bytes()[..HASH]);
        hash
    }
}

/// Length of most rows in bytes.
const ROW_BYTES: usize = 384;

/// Sink of the hashed bytes.
pub(in crate::journal) trait HashInput {
    /// Adds a part: its type tag, its length and its bytes.
    fn update_part(&mut self, tag: u8, bytes: &[u8]);
}

struct RowBytes(Vec<u8>);

impl HashInput for RowBytes {
    fn update_part(&mut self, tag: u8, bytes: &[u8]) {
        update_bytes(&mut self.0, tag, bytes);
    }
}

fn update_bytes(fed: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    fed.push(tag);
    fed.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    fed.extend_from_slice(bytes);
}

impl HashInput for blake3::Hasher {
    fn update_part(&mut self, tag: u8, bytes: &[u8]) {
        self.update(&[tag]);
        self.update(&(bytes.len() as u64).to_le_bytes());
        self.update(bytes);
    }
}

/// Adds values so that different values never give the same bytes.
pub(in crate::journal) fn update_values(fed: &mut impl HashInput, values: &[Value]) {
    for value in values {
        match value {
            Value::Null => fed.update_part(0, &[]),
            Value::Integer(number) => fed.update_part(1, &number.to_le_bytes()),
            Value::Real(number) => fed.update_part(2, &number.to_le_bytes()),
            Value::Text(text) => fed.update_part(3, text.as_bytes()),
            Value::Blob(bytes) => fed.update_part(5, bytes),
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
            hasher.update_part(4, part.as_bytes());
        }
        update_values(&mut hasher, &values);
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
        let mut hashed = RowHasher::default();
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
