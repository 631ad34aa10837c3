//! Counting and hashing a file while it is written.

use std::io::{self, Write};

/// What a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileDigest {
    /// Its bytes.
    pub(super) bytes: u64,
    /// Its hash, hex.
    pub(super) hash: String,
    /// The hash of each line with its end, hex.
    pub(super) lines: Vec<String>,
}

/// A writer that hashes what goes through it.
pub(super) struct HashingWriter<'w> {
    out: &'w mut dyn Write,
    whole: blake3::Hasher,
    bytes: u64,
    line: blake3::Hasher,
    in_line: bool,
    lines: Vec<String>,
}

impl HashingWriter<'_> {
    /// Lets `body` write through it.
    pub(super) fn write_with<T>(
        out: &mut dyn Write,
        body: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<(FileDigest, T)> {
        let mut tally = HashingWriter {
            out,
            whole: blake3::Hasher::new(),
            bytes: 0,
            line: blake3::Hasher::new(),
            in_line: false,
            lines: Vec::new(),
        };
        let answer = body(&mut tally)?;
        if tally.in_line {
            tally.end_line();
        }
        let tallied = FileDigest {
            bytes: tally.bytes,
            hash: tally.whole.finalize().to_hex().to_string(),
            lines: tally.lines,
        };
        Ok((tallied, answer))
    }

    fn end_line(&mut self) {
        self.lines.push(short(&self.line));
        self.line.reset();
        self.in_line = false;
    }
}

impl Write for HashingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.whole.update(bytes);
        self.bytes += bytes.len() as u64;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.update(piece);
            self.in_line = true;
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The hash of one line, with its end.
pub(super) fn line_hash(line: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(line);
    short(&hasher)
}

/// Sixteen bytes tell a line from every other.
fn short(hasher: &blake3::Hasher) -> String {
    let mut hash = hasher.finalize().to_hex().to_string();
    hash.truncate(32);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_hashed_however_they_are_written() {
        let mut written = Vec::new();
        let (tallied, ()) = HashingWriter::write_with(&mut written, |out| {
            out.write_all(b"one\ntw")?;
            out.write_all(b"o\n\nth")?;
            out.write_all(b"ree")
        })
        .unwrap();
        assert_eq!(written, b"one\ntwo\n\nthree");
        assert_eq!(tallied.bytes, 14);
        let lines = [&b"one\n"[..], b"two\n", b"\n", b"three"];
        assert_eq!(tallied.lines, lines.map(line_hash));
        assert_eq!(tallied.hash, blake3::hash(&written).to_hex().to_string());
    }
}
