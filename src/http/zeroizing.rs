//! A buffer that is zeroed when it is dropped.

use std::{
    io::{self, Read},
    ops::Deref,
};
use zeroize::Zeroize;

/// Bytes that are asked of a reader at once.
const PIECE: usize = 64 << 10;

/// The least that is asked of one.
const LEAST: usize = 4 << 10;

/// Bytes of an answer or of a file, which may hold passwords: zeroed when they are dropped and when they move to a larger buffer.
/// In one pass: a vector within [`zeroize::Zeroizing`] is zeroed byte by byte, which shows where a million leaks come.
#[derive(Default)]
pub struct ZeroizingBuffer(Vec<u8>);

impl ZeroizingBuffer {
    /// Returns an empty buffer with this capacity in bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Makes room for so many bytes more.
    pub fn reserve(&mut self, bytes: usize) {
        let needed = self.0.len() + bytes;
        if needed > self.0.capacity() {
            let mut larger = Self::with_capacity(needed.max(self.0.capacity() * 2));
            larger.0.extend_from_slice(&self.0);
            *self = larger;
        }
    }

    /// Adds bytes.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Forgets what is in it. It is zeroed when the buffer is dropped.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds what a reader has, at most so many bytes.
    ///
    /// # Errors
    /// What the reader says. What came before stays.
    pub fn read_from(&mut self, reader: &mut dyn Read, most: usize) -> io::Result<()> {
        let mut left = most;
        while left > 0 {
            let room = left.min(self.0.len().clamp(LEAST, PIECE));
            match self.read_some(reader, room) {
                Ok(0) => break,
                Ok(came) => left -= came,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Adds what one read of a reader gives, at most so many bytes. Answers how many came.
    ///
    /// # Errors
    /// What the reader says. Nothing came then.
    pub fn read_some(&mut self, reader: &mut dyn Read, most: usize) -> io::Result<usize> {
        let begin = self.0.len();
        self.reserve(most);
        self.0.resize(begin + most, 0);
        let read = reader.read(&mut self.0[begin..]);
        self.0.truncate(begin + *read.as_ref().unwrap_or(&0));
        read
    }
}

impl From<&[u8]> for ZeroizingBuffer {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl AsRef<[u8]> for ZeroizingBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for ZeroizingBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for ZeroizingBuffer {
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
        let mut wiped = ZeroizingBuffer::with_capacity(3);
        let mut plain = Vec::new();
        for part in [&b"ab"[..], b"", b"cd", &[7; 1000], b"e"] {
            wiped.extend(part);
            plain.extend_from_slice(part);
            assert_eq!(&*wiped, &plain[..]);
        }
        assert_eq!(&*ZeroizingBuffer::from(&plain[..]), &plain[..]);
        assert!(ZeroizingBuffer::default().is_empty());
    }

    #[test]
    fn a_reader_is_read_to_its_end_or_to_what_is_wanted() {
        let plain: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
        let mut whole = ZeroizingBuffer::default();
        whole.read_from(&mut &plain[..], usize::MAX).unwrap();
        assert!(*whole == plain[..]);
        let mut part = ZeroizingBuffer::from(&b"ab"[..]);
        let mut rest = &plain[..];
        part.read_from(&mut rest, 70_001).unwrap();
        assert!(part[2..] == plain[..70_001] && rest == &plain[70_001..]);
    }
}
