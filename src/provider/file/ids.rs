//! Ids of leaks: keyed, because an id is public and the login and the URL stand beside it. Rules I1 to I6.

use crate::entity::{fingerprint::FingerprintKey, secret::Secret};
use zeroize::{Zeroize, Zeroizing};

/// What the key of ids is derived for.
const LEAKS: &str = "stanch 2026-11 file leak id";

/// What the ids of machines are derived for.
const MACHINES: &str = "stanch 2026-11 file machine";

/// Makes ids.
pub(super) struct Ids {
    key: Zeroizing<[u8; 32]>,
    buffer: Zeroizing<Vec<u8>>,
}

impl Ids {
    /// With the profile's key, else with the installation's own.
    pub(super) fn new(own: Option<&Secret>, installation: &FingerprintKey) -> Self {
        let key = match own.filter(|key| !key.is_empty()) {
            Some(key) => blake3::derive_key(LEAKS, key.expose()),
            None => installation.derived(LEAKS),
        };
        Self {
            key: Zeroizing::new(key),
            buffer: Zeroizing::new(Vec::new()),
        }
    }

    /// The id of a record: of its URL, login, password and machine.
    pub(super) fn of(&mut self, parts: [Option<&[u8]>; 4]) -> u128 {
        self.buffer.clear();
        let bytes: usize = parts.iter().flatten().map(|part| part.len() + 5).sum();
        if bytes + parts.len() > self.buffer.capacity() {
            // Not by growing: what is left behind by that is not zeroed.
            self.buffer = Zeroizing::new(Vec::with_capacity((bytes + parts.len()) * 2));
        }
        for part in parts {
            let Some(part) = part else {
                self.buffer.push(0);
                continue;
            };
            self.buffer.push(1);
            self.buffer
                .extend_from_slice(&(part.len() as u32).to_le_bytes());
            self.buffer.extend_from_slice(part);
        }
        let hash = blake3::keyed_hash(&self.key, &self.buffer);
        let id = first(hash.as_bytes());
        // A password was in it.
        self.buffer.as_mut_slice().zeroize();
        id
    }

    /// What stands for an id of another system in the table of what was seen.
    pub(super) fn of_foreign(&mut self, id: &[u8]) -> u128 {
        self.of([None, None, None, Some(id)])
    }
}

/// The id of a machine, of what it adds to the ids of its leaks, or of where it stands.
pub(super) fn machine(bytes: &[u8]) -> String {
    let hash = blake3::derive_key(MACHINES, bytes);
    written(first(&hash))
}

fn first(hash: &[u8; 32]) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    u128::from_be_bytes(bytes)
}

/// An id as it is written.
pub(super) fn written(id: u128) -> String {
    digits(id).iter().copied().map(char::from).collect()
}

/// The digits of an id: 32, to the base of 16.
pub(super) fn digits(id: u128) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(id.to_be_bytes()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    digits
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// An id as it was written.
pub(super) fn read(id: &[u8]) -> Option<u128> {
    let text = std::str::from_utf8(id)
        .ok()
        .filter(|text| text.len() == 32)?;
    u128::from_str_radix(text, 16).ok()
}
