//! What stands for a credential where the secret itself must not: a keyed hash of login and secret. The key is made
//! once for an installation, so that fingerprints of two installations say nothing about each other.

use super::login::normalized_login;
use std::fmt;
use zeroize::Zeroize;

/// The key of an installation. Its `Debug` says nothing, and its bytes are zeroed on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    /// From the installation's own bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key for another purpose, which says nothing about this one.
    pub fn derived(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, &self.0)
    }

    /// What a team keeps of its key, to notice another one: a keyed hash that says nothing about it.
    pub fn check(&self) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, b"stanch fingerprint check 1").as_bytes()
    }

    /// The fingerprint of a login, compared without case and edge blanks, and its secret, byte for byte.
    pub fn credential(&self, login: &[u8], secret: &[u8]) -> Fingerprint {
        let login = normalized_login(login);
        // The length first: no login can be made to look like another's end.
        let length = (login.len() as u64).to_le_bytes();
        let hash = self.hash(&[&length, &login, secret]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Fingerprint(bytes)
    }

    /// The keyed hash of parts that follow each other. What is short is put together first, as nearly every login and
    /// secret is: then one call hashes all of it.
    fn hash(&self, parts: &[&[u8]]) -> blake3::Hash {
        let mut together = [0; TOGETHER];
        let mut rest = &mut together[..];
        for part in parts {
            let Some((room, behind)) = rest.split_at_mut_checked(part.len()) else {
                together.zeroize();
                let mut hasher = blake3::Hasher::new_keyed(&self.0);
                for part in parts {
                    hasher.update(part);
                }
                return hasher.finalize();
            };
            room.copy_from_slice(part);
            rest = behind;
        }
        let length = TOGETHER - rest.len();
        let hash = blake3::keyed_hash(&self.0, &together[..length]);
        together[..length].zeroize();
        hash
    }
}

/// As many bytes are put together to be hashed at once.
const TOGETHER: usize = 128;

impl Drop for FingerprintKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey")
    }
}

/// The fingerprint of a credential: equal where login and secret are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_knows_login_secret_and_installation_and_nothing_else() {
        let (one, two) = (FingerprintKey::new([1; 32]), FingerprintKey::new([2; 32]));
        let base = one.credential(b"M.Ortega@northwind.example ", b"hunter2");
        assert_eq!(
            base,
            one.credential(b"m.ortega@northwind.example", b"hunter2")
        );
        assert_ne!(
            base,
            one.credential(b"m.ortega@northwind.example", b"Hunter2")
        );
        assert_ne!(
            base,
            one.credential(b"m.ortega@northwind.exampleh", b"unter2")
        );
        assert_ne!(
            base,
            two.credential(b"m.ortega@northwind.example", b"hunter2")
        );
        // However long they are, the parts are hashed as one text.
        for length in [0, 100, TOGETHER - 8 - 3, TOGETHER - 8 - 2, 5_000] {
            let secret = vec![b'x'; length];
            let text = [&3_u64.to_le_bytes()[..], b"bob", &secret].concat();
            let hash = blake3::keyed_hash(&[1; 32], &text);
            assert_eq!(one.credential(b"Bob", &secret).0, hash.as_bytes()[..16]);
        }
        assert_eq!(base.to_string().len(), 32);
        assert_eq!(format!("{one:?}"), "FingerprintKey");
    }
}
