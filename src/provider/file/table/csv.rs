//! Rows of delimited cells: RFC 4180, quoted line ends are data. A quote that is never closed costs its line and no other.

use super::super::{sink::Sink, text::Lines};
use crate::http::ZeroizingBuffer;
use std::{collections::VecDeque, io};

/// The longest row, in bytes.
const ROW: usize = 1 << 20;

/// What came of a row.
pub(super) enum Outcome {
    Row(Cells),
    /// It is longer than what is taken, in this cell, from 1.
    TooLarge(u64),
    /// A quote in this cell, from 1, is not closed.
    Open(u64),
}

/// The cells of a row.
#[derive(Default)]
pub(super) struct Cells {
    bytes: ZeroizingBuffer,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Cells {
    /// All of them.
    pub(super) fn all(&self) -> Vec<&[u8]> {
        let mut from = 0;
        self.ends
            .iter()
            .map(|end| {
                let cell = &self.bytes[from..*end];
                from = *end;
                cell
            })
            .collect()
    }
}

/// A line that was read, with its end.
struct Held {
    bytes: ZeroizingBuffer,
    end: Vec<u8>,
    number: u64,
    too_long: bool,
}

/// The rows of a table.
pub(super) struct Rows<'r> {
    lines: Lines<'r>,
    delimiter: u8,
    /// Lines that are read once more.
    again: VecDeque<Held>,
}

impl<'r> Rows<'r> {
    pub(super) fn new(lines: Lines<'r>, delimiter: u8) -> Self {
        Self {
            lines,
            delimiter,
            again: VecDeque::new(),
        }
    }

    pub(super) fn lines(&self) -> u64 {
        self.lines.count()
    }

    pub(super) fn newline(&self) -> Option<&'static str> {
        self.lines.newline.word()
    }

    /// Passes so many lines over: banners, and a header.
    pub(super) fn skip_to(&mut self, line: u64, sink: &mut Sink<'_>) -> io::Result<()> {
        while self.lines.count() < line {
            let Some(found) = self.lines.next()? else {
                break;
            };
            sink.line(found.bytes);
            if found.number < line && !found.bytes.trim_ascii().is_empty() {
                sink.banner();
            }
        }
        Ok(())
    }

    fn line(&mut self, sink: &mut Sink<'_>) -> io::Result<Option<Held>> {
        if let Some(held) = self.again.pop_front() {
            return Ok(Some(held));
        }
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        sink.line(line.bytes);
        Ok(Some(Held {
            bytes: ZeroizingBuffer::from(line.bytes),
            end: line.end.to_vec(),
            number: line.number,
            too_long: line.too_long,
        }))
    }

    /// The next row and its first line; none at the end.
    pub(super) fn next(&mut self, sink: &mut Sink<'_>) -> io::Result<Option<(u64, Outcome)>> {
        let first = loop {
            let Some(line) = self.line(sink)? else {
                return Ok(None);
            };
            if line.too_long {
                return Ok(Some((line.number, Outcome::TooLarge(1))));
            }
            if !line.bytes.trim_ascii().is_empty() {
                break line;
            }
        };
        let number = first.number;
        let mut row = Row::default();
        row.line(&first.bytes, self.delimiter);
        let mut held: Vec<Held> = Vec::new();
        let (mut end, mut size) = (first.end, first.bytes.len());
        while row.quoted {
            let next = self.line(sink)?;
            let Some(line) = next.filter(|line| !line.too_long && size + line.bytes.len() <= ROW)
            else {
                let is_end = self.lines_ended();
                self.again.extend(held);
                let cell = row.cells.ends.len() as u64 + 1;
                let outcome = if is_end {
                    Outcome::Open(cell)
                } else {
                    Outcome::TooLarge(cell)
                };
                return Ok(Some((number, outcome)));
            };
            row.cells.bytes.extend(&end);
            row.line(&line.bytes, self.delimiter);
            size += line.bytes.len();
            end.clone_from(&line.end);
            held.push(line);
        }
        row.close();
        Ok(Some((number, Outcome::Row(row.cells))))
    }

    fn lines_ended(&self) -> bool {
        self.again.is_empty()
    }
}

/// A row that is being read.
#[derive(Default)]
struct Row {
    cells: Cells,
    /// Within quotes.
    quoted: bool,
}

impl Row {
    fn close(&mut self) {
        self.cells.ends.push(self.cells.bytes.len());
    }

    fn line(&mut self, line: &[u8], delimiter: u8) {
        self.cells.bytes.reserve(line.len());
        let mut at = 0;
        let mut begins = !self.quoted;
        while at < line.len() {
            if self.quoted {
                let Some(quote) = memchr::memchr(b'"', &line[at..]) else {
                    self.cells.bytes.extend(&line[at..]);
                    return;
                };
                self.cells.bytes.extend(&line[at..at + quote]);
                at += quote + 1;
                if line.get(at) == Some(&b'"') {
                    self.cells.bytes.extend(b"\"");
                    at += 1;
                } else {
                    self.quoted = false;
                }
                continue;
            }
            let byte = line[at];
            if byte == delimiter {
                self.close();
                begins = true;
            } else if byte == b'"' && begins {
                self.quoted = true;
                begins = false;
            } else {
                self.cells.bytes.extend(&[byte]);
                begins = false;
            }
            at += 1;
        }
    }
}

/// The cells of one line, which may be a header, or the first of a list.
pub(super) fn split(line: &[u8], delimiter: u8) -> Cells {
    let mut row = Row::default();
    row.line(line, delimiter);
    row.close();
    row.cells
}
