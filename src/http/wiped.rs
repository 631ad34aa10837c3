//! A buffer that is zeroed when it is dropped.

use std::ops::Deref;
use zeroize::Zeroize;

/// Bytes of an answer, which may hold passwords: zeroed when they are dropped and when they move to a larger buffer.
/// In one pass: a vector within [`zeroize::Zeroizing`] is zeroed byte by byte, which shows where a million leaks come.
#[derive(Default)]
pub struct Wiped(Vec<u8>);

impl Wiped {
    /// Returns an empty buffer with this capacity in bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Adds bytes.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Self::with_capacity(needed.max(self.0.capacity() * 2));
            larger.0.extend_from_slice(&self.0);
            *self = larger;
        }
        self.0.extend_from_slice(bytes);
    }
}

impl From<&[u8]> for Wiped {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Deref for Wiped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.clear();
        self.0.spare_capacity_mut().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_as_they_are_while_they_grow() {
        let mut wiped = Wiped::with_capacity(3);
        let mut plain = Vec::new();
        for part in [&b"ab"[..], b"", b"cd", &[7; 1000], b"e"] {
            wiped.extend(part);
            plain.extend_from_slice(part);
            assert_eq!(&*wiped, &plain[..]);
        }
        assert_eq!(&*Wiped::from(&plain[..]), &plain[..]);
        assert!(Wiped::default().is_empty());
    }
}
