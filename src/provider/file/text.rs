//! Text of a file: which encoding it is in, and its lines as UTF-8, or as the bytes that they are. Rules E1 to E14.

mod guess;
mod lines;
mod wide;

pub(super) use guess::{Encoding, of_label};
pub(super) use lines::{Line, Lines};

use super::fault::Fault;
use crate::http::ZeroizingBuffer;
use std::io::{self, Read};
use wide::Wide;

/// What is looked at to guess an encoding, in bytes.
const SAMPLE: usize = 1 << 20;

/// The longest record of a table and the longest line of JSON, in bytes.
pub(super) const ITEM: usize = 1 << 20;

/// The longest line of a list or of a file of blocks, in bytes.
pub(super) const LINE: usize = 65_536;

/// What a format is told by, in bytes.
pub(super) const HEAD: usize = 64 << 10;

/// How far what is no text is read on, in bytes.
pub(super) const FAR: u64 = 20 << 20;

/// Bytes in which two zero bytes are too many for a text.
const SPARSE: usize = 1024;

/// A text that was begun.
pub(super) struct Text<'r> {
    /// What it is in.
    pub(super) encoding: Encoding,
    /// Its first 64 KiB as UTF-8, or less where it is shorter.
    pub(super) head: ZeroizingBuffer,
    /// The whole is in `head`.
    pub(super) is_short: bool,
    /// All of it, from its first byte behind a byte order mark on.
    pub(super) stream: Box<dyn Read + 'r>,
    /// Bytes of the file before that.
    pub(super) mark: u64,
}

/// Reads the beginning of a text.
///
/// # Errors
/// It is in UTF-32, it is no text, or it cannot be read.
pub(super) fn open<'r>(
    mut reader: Box<dyn Read + 'r>,
    forced: Option<&'static encoding_rs::Encoding>,
) -> io::Result<Text<'r>> {
    let mut sample = ZeroizingBuffer::default();
    let failed = sample.read_from(&mut reader, SAMPLE).err();
    let failed = match failed {
        Some(error) if sample.is_empty() => return Err(error),
        failed => failed,
    };
    if sample.starts_with(&[0xff, 0xfe, 0, 0]) || sample.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(Fault::UnsupportedEncoding.into());
    }
    let (encoding, mark) = guess::encoding(&sample, forced);
    let rest = io::Cursor::new(Begun(sample, mark))
        .chain(Failing(failed))
        .chain(reader);
    let mut stream: Box<dyn Read + 'r> = match encoding {
        Encoding::Utf16 { big } => Box::new(Wide::new(rest, big)),
        Encoding::Utf8 | Encoding::Bytes { .. } => Box::new(rest),
    };
    let mut head = ZeroizingBuffer::default();
    let failed = head.read_from(&mut stream, HEAD).err();
    let nulls = memchr::memchr_iter(0, &head).count();
    if !matches!(encoding, Encoding::Utf16 { .. }) && nulls * SPARSE > head.len() {
        // What is packed is read on a little: it may be made to do harm.
        io::copy(&mut (&mut stream).take(FAR), &mut io::sink())?;
        return Err(Fault::UnknownFormat.into());
    }
    let is_short = head.len() < HEAD && failed.is_none();
    let again = io::Cursor::new(Begun(ZeroizingBuffer::from(&head[..]), 0));
    Ok(Text {
        encoding,
        head,
        is_short,
        stream: Box::new(again.chain(Failing(failed)).chain(stream)),
        mark: mark as u64,
    })
}

/// An error that comes when the bytes before it are read.
pub(super) struct Failing(pub(super) Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Bytes from a place on; they are zeroed when they are dropped.
struct Begun(ZeroizingBuffer, usize);

impl AsRef<[u8]> for Begun {
    fn as_ref(&self) -> &[u8] {
        self.0.get(self.1..).unwrap_or_default()
    }
}

/// The number, from 1, of the character that begins at this byte of a line; of the byte where the line is no UTF-8.
pub(super) fn character(line: &[u8], byte: usize) -> u64 {
    let before = line.get(..byte).unwrap_or(line);
    let count = std::str::from_utf8(before).map_or(before.len(), |text| text.chars().count());
    count as u64 + 1
}
