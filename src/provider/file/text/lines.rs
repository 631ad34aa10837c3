//! Lines of a text, with the place of each.

use super::super::fault::{Fault, of_io};
use std::io::{self, Read};
use zeroize::Zeroize;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// A line without its end.
pub(in crate::provider::file) struct Line<'b> {
    /// Its bytes. Of one that is too long, nothing.
    pub(in crate::provider::file) bytes: &'b [u8],
    /// What ends it; nothing at the end of the text.
    pub(in crate::provider::file) end: &'b [u8],
    /// Its number, from 1.
    pub(in crate::provider::file) number: u64,
    /// Bytes of the text before it.
    pub(in crate::provider::file) offset: u64,
    /// It is longer than what is taken.
    pub(in crate::provider::file) too_long: bool,
}

/// How lines ended so far.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::provider::file) struct NewLine {
    lf: bool,
    crlf: bool,
    cr: bool,
}

impl NewLine {
    /// The word for it.
    pub(in crate::provider::file) fn word(self) -> Option<&'static str> {
        match (self.lf, self.crlf, self.cr) {
            (true, true, _) => Some("mixed"),
            (true, false, _) => Some("lf"),
            (false, true, _) => Some("crlf"),
            (false, false, true) => Some("cr"),
            (false, false, false) => None,
        }
    }
}

/// The lines of a text.
pub(in crate::provider::file) struct Lines<'r> {
    stream: Box<dyn Read + 'r>,
    /// The longest line that is taken, in bytes.
    cap: usize,
    /// What ends a line.
    mark: u8,
    buffer: Vec<u8>,
    /// What of the buffer is filled.
    filled: usize,
    /// Where the next line begins in it.
    at: usize,
    /// Bytes of the text before the buffer.
    before: u64,
    number: u64,
    ended: bool,
    /// What ended the text too early.
    failed: Option<io::Error>,
    /// How lines ended so far.
    pub(in crate::provider::file) newline: NewLine,
}

impl Drop for Lines<'_> {
    fn drop(&mut self) {
        wipe(&mut self.buffer);
    }
}

/// Zeroes a buffer in one pass; byte by byte would show where files are many.
fn wipe(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.spare_capacity_mut().zeroize();
}

impl<'r> Lines<'r> {
    /// Lines of at most `cap` bytes. `head` is the beginning of the text: without an LF in it a CR ends lines.
    pub(in crate::provider::file) fn new(
        stream: Box<dyn Read + 'r>,
        cap: usize,
        head: &[u8],
    ) -> Self {
        let by_return =
            memchr::memchr(b'\n', head).is_none() && memchr::memchr(b'\r', head).is_some();
        // What is short needs little; a longer line makes it larger.
        let room = PIECE.min(head.len().max(2048) * 2);
        Self {
            stream,
            cap,
            mark: if by_return { b'\r' } else { b'\n' },
            buffer: vec![0; room],
            filled: 0,
            at: 0,
            before: 0,
            number: 0,
            ended: false,
            failed: None,
            newline: NewLine::default(),
        }
    }

    /// Begins to count at another line.
    pub(in crate::provider::file) fn counted_from(mut self, line: u64, offset: u64) -> Self {
        self.number = line.saturating_sub(1);
        self.before = offset;
        self
    }

    /// How many lines there were.
    pub(in crate::provider::file) fn count(&self) -> u64 {
        self.number
    }

    /// Bytes of the text that were taken.
    pub(in crate::provider::file) fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Reads more behind what is there. False at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at > 0 {
            self.buffer.copy_within(self.at..self.filled, 0);
            self.before += self.at as u64;
            self.filled -= self.at;
            self.at = 0;
        }
        if self.filled == self.buffer.len() {
            let room = (self.buffer.len() * 2)
                .min(self.cap + 4096)
                .max(self.buffer.len() + 1);
            let mut larger = vec![0; room];
            larger[..self.filled].copy_from_slice(&self.buffer[..self.filled]);
            wipe(&mut self.buffer);
            self.buffer = larger;
        }
        loop {
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.filled += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    // Where the bytes are cut off, so is the last line.
                    if of_io(&error) != Fault::Crc {
                        self.filled = self.at;
                    }
                    self.failed = Some(error);
                    return Ok(false);
                }
            }
        }
    }

    /// The next line; none at the end.
    pub(in crate::provider::file) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut searched = 0;
        loop {
            let begin = self.at + searched;
            if let Some(found) = memchr::memchr(self.mark, &self.buffer[begin..self.filled]) {
                return Ok(Some(self.take(begin + found)));
            }
            searched = self.filled - self.at;
            if self.ended {
                if searched > 0 && self.at < self.filled {
                    return Ok(Some(self.take_rest()));
                }
                return self.failed.take().map_or(Ok(None), Err);
            }
            if searched > self.cap {
                return self.skip().map(Some);
            }
            self.fill()?;
            // What came before an error may have been dropped.
            searched = searched.min(self.filled - self.at);
        }
    }

    fn take(&mut self, mark: usize) -> Line<'_> {
        let begin = self.at;
        self.at = mark + 1;
        self.number += 1;
        let line = &self.buffer[begin..mark];
        let returns = if self.mark == b'\n' {
            line.iter().rev().take_while(|byte| **byte == b'\r').count()
        } else {
            0
        };
        match (self.mark, returns) {
            (b'\r', _) => self.newline.cr = true,
            (_, 0) => self.newline.lf = true,
            _ => self.newline.crlf = true,
        }
        let end = mark - returns;
        let bytes = unmarked(&self.buffer[begin..end]);
        let too_long = bytes.len() > self.cap;
        Line {
            bytes: if too_long { &[] } else { bytes },
            end: &self.buffer[end..=mark],
            number: self.number,
            offset: self.before + begin as u64,
            too_long,
        }
    }

    fn take_rest(&mut self) -> Line<'_> {
        let begin = self.at;
        self.at = self.filled;
        self.number += 1;
        let bytes = unmarked(&self.buffer[begin..self.filled]);
        let too_long = bytes.len() > self.cap;
        Line {
            bytes: if too_long { &[] } else { bytes },
            end: &[],
            number: self.number,
            offset: self.before + begin as u64,
            too_long,
        }
    }

    /// Passes a line over that is too long to be held.
    fn skip(&mut self) -> io::Result<Line<'_>> {
        let offset = self.before + self.at as u64;
        self.number += 1;
        loop {
            self.at = self.filled;
            if !self.fill()? {
                break;
            }
            if let Some(found) = memchr::memchr(self.mark, &self.buffer[self.at..self.filled]) {
                self.at += found + 1;
                break;
            }
        }
        Ok(Line {
            bytes: &[],
            end: &[],
            number: self.number,
            offset,
            too_long: true,
        })
    }
}

/// E1, E13: without a byte order mark before it.
fn unmarked(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}
