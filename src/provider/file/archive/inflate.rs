//! Unpacks deflate, by itself and in gzip. What was unpacked is zeroed where it stays behind: in the window and in buffers.

use crate::http::ZeroizingBuffer;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::{
    hint::black_box,
    io::{self, BufRead, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A reader with a buffer that is zeroed in the end: what is packed may hold plain text.
pub(super) struct Buffered<R> {
    inner: R,
    bytes: ZeroizingBuffer,
    at: usize,
    room: usize,
    /// How many bytes were taken: what is only held back counts for nothing.
    taken: Arc<AtomicU64>,
}

impl<R> Buffered<R> {
    /// With room for so many bytes.
    pub(super) fn new(inner: R, room: usize) -> Self {
        Self {
            inner,
            bytes: ZeroizingBuffer::default(),
            at: 0,
            room: room.max(1),
            taken: Arc::default(),
        }
    }

    /// How many bytes were taken from it, live.
    pub(super) fn taken(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.taken)
    }
}

impl<R: Read> BufRead for Buffered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.bytes.len() {
            self.at = 0;
            self.bytes.clear();
            self.bytes.read_some(&mut self.inner, self.room)?;
        }
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// A deflated stream.
pub(super) struct Inflate<R> {
    packed: R,
    window: Decompress,
}

impl<R> Inflate<R> {
    pub(super) fn new(packed: R) -> Self {
        Self {
            packed,
            window: Decompress::new(false),
        }
    }
}

impl<R> Drop for Inflate<R> {
    fn drop(&mut self) {
        // It zeroes the window; who looks at it afterwards keeps that from being left out.
        self.window.reset(false);
        black_box(&self.window);
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let packed = self.packed.fill_buf()?;
            let is_end = packed.is_empty();
            let flush = if is_end {
                FlushDecompress::Finish
            } else {
                FlushDecompress::None
            };
            let (before_in, before_out) = (self.window.total_in(), self.window.total_out());
            let status = self.window.decompress(packed, into, flush);
            let read = (self.window.total_out() - before_out) as usize;
            let taken = (self.window.total_in() - before_in) as usize;
            self.packed.consume(taken);
            match status {
                Ok(Status::Ok | Status::BufError) if read == 0 && !is_end && !into.is_empty() => {}
                Ok(_) => return Ok(read),
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidInput, error)),
            }
        }
    }
}

/// Flags of a header of gzip: what follows it.
const CHECKSUM: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// Gzip: one stream or several, one behind the other.
pub(super) struct Gunzip<R> {
    inner: Inflate<R>,
    crc: Crc,
    /// A header comes next.
    begins: bool,
    /// It is the first one.
    first: bool,
}

impl<R: BufRead> Gunzip<R> {
    pub(super) fn new(packed: R) -> Self {
        Self {
            inner: Inflate::new(packed),
            crc: Crc::new(),
            begins: true,
            first: true,
        }
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.inner.packed.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Passes a text over that ends with a zero byte.
    fn skip_text(&mut self) -> io::Result<()> {
        while self.take::<1>()? != [0] {}
        Ok(())
    }

    /// Passes zero bytes over that fill the last block of a disk or a tape. False where something else follows.
    fn is_padding(&mut self) -> io::Result<bool> {
        loop {
            let rest = self.inner.packed.fill_buf()?;
            let zeros = rest.iter().take_while(|byte| **byte == 0).count();
            if zeros < rest.len() || rest.is_empty() {
                let ended = rest.is_empty();
                self.inner.packed.consume(zeros);
                return Ok(ended);
            }
            self.inner.packed.consume(zeros);
        }
    }

    fn header(&mut self) -> io::Result<()> {
        let fixed = self.take::<10>()?;
        if fixed[..3] != [0x1f, 0x8b, 8] {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no header of gzip",
            ));
        }
        let flags = fixed[3];
        if flags & EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.take()?) {
                self.take::<1>()?;
            }
        }
        if flags & NAME != 0 {
            self.skip_text()?;
        }
        if flags & COMMENT != 0 {
            self.skip_text()?;
        }
        if flags & CHECKSUM != 0 {
            self.take::<2>()?;
        }
        self.inner.window.reset(false);
        self.crc.reset();
        (self.begins, self.first) = (false, false);
        Ok(())
    }

    /// What stands behind a stream: its checksum, and its length to the last 32 bits.
    fn trailer(&mut self) -> io::Result<()> {
        let sum = u32::from_le_bytes(self.take()?);
        let length = u32::from_le_bytes(self.take()?);
        self.begins = true;
        if (sum, length) == (self.crc.sum(), self.crc.amount()) {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a checksum of gzip is wrong",
            ))
        }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if self.begins {
                if !self.first && self.is_padding()? {
                    return Ok(0);
                }
                self.header()?;
            }
            let read = self.inner.read(into)?;
            if read > 0 {
                self.crc.update(&into[..read]);
                return Ok(read);
            }
            self.trailer()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = flate2::GzBuilder::new()
            .filename("a name")
            .comment("a comment")
            .extra(vec![7; 300])
            .write(Vec::new(), flate2::Compression::default());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn unpacked(packed: &[u8], room: usize) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        Gunzip::new(Buffered::new(packed, room)).read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn streams_come_one_behind_the_other_whatever_the_buffer() {
        let text: Vec<u8> = (0..90_000_u32).flat_map(u32::to_le_bytes).collect();
        let both = [gzip(&text), gzip(b""), gzip(b"end")].concat();
        let expected = [&text[..], b"end"].concat();
        for room in [1, 7, 4_096, 1 << 20] {
            assert!(unpacked(&both, room).unwrap() == expected, "{room}");
        }
    }

    #[test]
    fn zero_bytes_behind_a_stream_are_padding() {
        for zeros in [1, 11, 512, 100_000] {
            let padded = [gzip(b"one"), vec![0; zeros]].concat();
            for room in [1, 7, 4_096] {
                assert_eq!(unpacked(&padded, room).unwrap(), b"one", "{zeros}");
            }
            let more = [&padded[..], &gzip(b"two")].concat();
            assert_eq!(unpacked(&more, 64).unwrap(), b"onetwo", "{zeros}");
        }
        let behind = [&gzip(b"one")[..], &[0; 40], b"and something else"].concat();
        assert!(unpacked(&behind, 64).is_err());
    }

    #[test]
    fn what_is_cut_or_changed_is_told() {
        let whole = gzip(b"some text that is packed");
        for length in [1, 12, 400, whole.len() - 9, whole.len() - 1] {
            let error = unpacked(&whole[..length.min(whole.len() - 1)], 64).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{length}");
        }
        let mut changed = whole.clone();
        let sum = changed.len() - 8;
        changed[sum] ^= 1;
        let error = unpacked(&changed, 64).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let behind = [&whole[..], b"and more than a header"].concat();
        let error = unpacked(&behind, 64).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
