//! UTF-16 as UTF-8. A lone surrogate becomes its three WTF-8 bytes, an odd last byte stays as it is.

use crate::http::ZeroizingBuffer;
use std::io::{self, Read};

/// Bytes that are turned at once.
const PIECE: usize = 64 << 10;

/// What they may become: two bytes may become three.
const TURNED: usize = PIECE / 2 * 3 + 16;

/// The text of a reader, turned.
pub(super) struct Wide<R> {
    inner: R,
    big: bool,
    /// What was read and is not turned yet: fewer bytes than a character has.
    left: Vec<u8>,
    /// What is turned.
    turned: ZeroizingBuffer,
    at: usize,
    ended: bool,
}

impl<R: Read> Wide<R> {
    pub(super) fn new(inner: R, big: bool) -> Self {
        Self {
            inner,
            big,
            left: Vec::new(),
            turned: ZeroizingBuffer::default(),
            at: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.turned.clear();
        self.at = 0;
        self.turned.reserve(TURNED);
        let mut raw = ZeroizingBuffer::from(&self.left[..]);
        let before = raw.len();
        raw.read_from(&mut self.inner, PIECE)?;
        self.ended = raw.len() == before;
        let mut at = 0;
        while let Some(pair) = raw.get(at..at + 2) {
            let unit = self.unit(pair);
            at += 2;
            if !(0xd800..0xe000).contains(&unit) {
                self.push(u32::from(unit));
                continue;
            }
            if unit < 0xdc00 {
                match raw.get(at..at + 2) {
                    Some(pair) => {
                        let low = self.unit(pair);
                        if (0xdc00..0xe000).contains(&low) {
                            at += 2;
                            let high = (u32::from(unit) - 0xd800) << 10;
                            self.push(0x1_0000 + high + u32::from(low) - 0xdc00);
                            continue;
                        }
                    }
                    None if !self.ended => {
                        at -= 2;
                        break;
                    }
                    None => {}
                }
            }
            let bytes = [
                0xe0 | (unit >> 12) as u8,
                0x80 | (unit >> 6 & 0x3f) as u8,
                0x80 | (unit & 0x3f) as u8,
            ];
            self.turned.extend(&bytes);
        }
        let rest = raw.get(at..).unwrap_or_default();
        if self.ended {
            self.turned.extend(rest);
        } else {
            self.left = rest.to_vec();
        }
        Ok(())
    }

    fn unit(&self, pair: &[u8]) -> u16 {
        let pair = [pair[0], pair[1]];
        if self.big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    }

    fn push(&mut self, scalar: u32) {
        let mut bytes = [0; 4];
        let c = char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.turned.extend(c.encode_utf8(&mut bytes).as_bytes());
    }
}

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.turned.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let rest = &self.turned[self.at..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}
