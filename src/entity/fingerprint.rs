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
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        // The length first: no login can be made to look like another's end.
        hasher.update(&(login.len() as u64).to_le_bytes());
        hasher.update(&login);
        hasher.update(secret);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Fingerprint(bytes)
    }
}

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
        assert_eq!(base.to_string().len(), 32);
        assert_eq!(format!("{one:?}"), "FingerprintKey");
    }
}
