//! Tar archives as streams: headers of ustar, GNU and PAX.

use super::super::fault::Fault;
use std::io::{self, Read};

const BLOCK: usize = 512;

/// The longest name that a header of its own may give.
const NAME: u64 = 64 << 10;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider::file) enum Kind {
    File,
    Folder,
    /// A link, a device or a pipe.
    Other,
    /// A file with holes, whose bytes are laid out otherwise.
    Sparse,
}

/// A member.
#[derive(Clone, Debug)]
pub(in crate::provider::file) struct Entry {
    pub(in crate::provider::file) name: Vec<u8>,
    pub(in crate::provider::file) kind: Kind,
}

/// A tar that passes by.
pub(in crate::provider::file) struct Tar<R> {
    inner: R,
    /// Bytes of the current member that were not read, and those that fill its last block.
    left: u64,
    padding: u64,
    /// Whether a header did not hold, so that members may be lost.
    pub(in crate::provider::file) is_broken: bool,
}

/// Whether 512 bytes are the header of a tar.
pub(super) fn is_header(block: &[u8]) -> bool {
    block.len() >= BLOCK && (&block[257..262] == b"ustar" || block[0] != 0) && checks(block)
}

/// The longest tar without members, as it is written: zero bytes to the end of a record.
const EMPTY: usize = 20 * BLOCK;

/// Whether a stream is a tar without members: two blocks of zero bytes or more, to the end of a record.
pub(in crate::provider::file) fn is_empty(stream: &mut dyn Read) -> io::Result<bool> {
    let mut bytes = Vec::new();
    stream.take(EMPTY as u64 + 1).read_to_end(&mut bytes)?;
    let is_record = (2 * BLOCK..=EMPTY).contains(&bytes.len()) && bytes.len().is_multiple_of(BLOCK);
    Ok(is_record && bytes.iter().all(|byte| *byte == 0))
}

/// Whether the checksum of a header holds.
fn checks(block: &[u8]) -> bool {
    let Some(sum) = number(&block[148..156]) else {
        return false;
    };
    let bytes = block[..BLOCK].iter().enumerate();
    let found: u64 = bytes
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u64::from(*byte)
            }
        })
        .sum();
    found == sum
}

/// A number in octal digits, or in binary where it is large.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let mut value = u64::from(field[0] & 0x7f);
        for byte in &field[1..] {
            value = value.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(value);
    }
    let text = field.split(|byte| *byte == 0).next()?;
    let text = std::str::from_utf8(text).ok()?.trim();
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

impl<R: Read> Tar<R> {
    pub(in crate::provider::file) fn new(inner: R) -> Self {
        Self {
            inner,
            left: 0,
            padding: 0,
            is_broken: false,
        }
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.inner).take(bytes), &mut io::sink())?;
        if skipped < bytes {
            return Err(Fault::Truncated.into());
        }
        Ok(())
    }

    /// The next member; none at the end. Behind a broken header it is the next one whose header holds.
    ///
    /// # Errors
    /// It ends without its end.
    pub(in crate::provider::file) fn next(&mut self) -> io::Result<Option<Entry>> {
        let (mut long, mut pax_name, mut pax_size) = (None, None, None);
        let mut lost = false;
        loop {
            self.skip(self.left + self.padding)?;
            (self.left, self.padding) = (0, 0);
            let mut block = [0; BLOCK];
            match self.inner.read_exact(&mut block) {
                Ok(()) => {}
                Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
                Err(_) if lost => return Ok(None),
                Err(_) => return Err(Fault::Truncated.into()),
            }
            if !lost && block.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            if !checks(&block) {
                (lost, self.is_broken) = (true, true);
                continue;
            }
            lost = false;
            let size = number(&block[124..136]).ok_or(Fault::Truncated)?;
            match block[156] {
                b'L' => long = Some(self.small(size)?),
                b'x' => {
                    let (name, size) = pax(&self.small(size)?);
                    (pax_name, pax_size) = (name.or(pax_name), size.or(pax_size));
                }
                b'K' | b'g' => drop(self.small(size)?),
                kind => {
                    let size = pax_size.unwrap_or(size);
                    let name = pax_name.or(long).unwrap_or_else(|| full_name(&block));
                    let kind = match kind {
                        b'0' | 0 | b'7' if !name.ends_with(b"/") => Kind::File,
                        b'0' | 0 | b'5' => Kind::Folder,
                        b'S' => Kind::Sparse,
                        _ => Kind::Other,
                    };
                    let has_body = matches!(kind, Kind::File | Kind::Sparse) || block[156] == b'0';
                    self.set(if has_body { size } else { 0 });
                    return Ok(Some(Entry { name, kind }));
                }
            }
        }
    }

    fn set(&mut self, size: u64) {
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// A header's own bytes.
    fn small(&mut self, size: u64) -> io::Result<Vec<u8>> {
        self.set(size);
        let mut bytes = Vec::new();
        self.take(NAME).read_to_end(&mut bytes)?;
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        Ok(bytes)
    }
}

/// The bytes of the current member.
impl<R: Read> Read for Tar<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(0);
        }
        let read = self.inner.read(&mut into[..room])?;
        if read == 0 {
            return Err(Fault::Truncated.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn full_name(block: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(&block[..100]);
    let prefix = text(&block[345..500]);
    // GNU keeps other things there.
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

/// Name and size of a PAX header: `LENGTH KEY=VALUE\n`.
fn pax(mut bytes: &[u8]) -> (Option<Vec<u8>>, Option<u64>) {
    let (mut name, mut size) = (None, None);
    while let Some(space) = memchr::memchr(b' ', bytes) {
        let length = std::str::from_utf8(&bytes[..space])
            .ok()
            .and_then(|text| text.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| bytes.get(space + 1..length)) else {
            break;
        };
        let length = length.unwrap_or(bytes.len());
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(value) = record.strip_prefix(b"path=") {
            name = Some(value.to_vec());
        } else if let Some(value) = record.strip_prefix(b"size=") {
            size = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok());
        }
        bytes = bytes.get(length..).unwrap_or_default();
    }
    (name, size)
}
