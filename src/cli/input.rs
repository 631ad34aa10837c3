//! Files and pipes that an operator gives: read piece by piece, and no further than a stated size. What has no end, a
//! device or a pipe, costs no more than its first pieces.

use crate::{config::open::open, entity::visible::escape};
use std::{
    io::{self, ErrorKind, Read},
    path::Path,
};

/// Bytes of one piece.
const CHUNK_BYTES: usize = 64 << 10;

/// What a device or a pipe gives at most, in bytes: its length is not known before it is read.
const MAX_STREAM_BYTES: u64 = 32 << 20;

/// How much of a file is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadLimits {
    /// The longest regular file, in bytes.
    pub(super) max_file_bytes: u64,
    /// The longest line, in bytes.
    pub(super) max_line_bytes: usize,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InputError {
    /// It is not there.
    pub(super) is_missing: bool,
    /// Why, in our words.
    pub(super) why: String,
}

impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        Self {
            is_missing: error.kind() == ErrorKind::NotFound,
            why: match error.kind() {
                ErrorKind::Other => error.to_string(),
                kind => kind.to_string(),
            },
        }
    }
}

impl InputError {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self {
            is_missing: false,
            why: why.into(),
        }
    }
}

/// Hands out what an input gives, piece by piece, until `take` says no.
pub(super) fn for_each_chunk<E: From<io::Error>>(
    mut input: impl Read,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => take(buffer.get(..length).unwrap_or_default())?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// All bytes of a file of lines.
pub(super) fn read_file(path: &Path, bounds: ReadLimits) -> Result<Vec<u8>, InputError> {
    let file = open(path)?;
    let data = file.metadata()?;
    let most = if data.is_file() {
        bounds.max_file_bytes
    } else {
        bounds.max_file_bytes.min(MAX_STREAM_BYTES)
    };
    let too_long = || {
        let kind = if data.is_file() {
            "it is"
        } else {
            "it is no regular file, and gives more than"
        };
        let longer = if data.is_file() { " longer than" } else { "" };
        InputError::new(format!("{kind}{longer} {} MiB", most >> 20))
    };
    if data.is_file() && data.len() > most {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    let (mut line, mut lines) = (0, 1_u64);
    for_each_chunk(file, |piece| {
        if bytes.len() as u64 + piece.len() as u64 > most {
            return Err(too_long());
        }
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            line += part.len();
            if line > bounds.max_line_bytes {
                return Err(InputError::new(format!(
                    "line {lines} is longer than {} KiB",
                    bounds.max_line_bytes >> 10
                )));
            }
            if part.ends_with(b"\n") {
                (line, lines) = (0, lines + 1);
            }
        }
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}

/// A path as it is shown.
pub(super) fn printable_path(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes())
        .as_str()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: ReadLimits = ReadLimits {
        max_file_bytes: 1 << 20,
        max_line_bytes: 1 << 10,
    };

    fn of(bytes: &[u8]) -> Result<Vec<u8>, InputError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read_file(file.path(), BOUNDS)
    }

    #[test]
    fn what_is_too_long_is_told_with_the_size() {
        assert_eq!(of(b"a\nb").unwrap(), b"a\nb");
        let line = [&b"a\n"[..], &[b'x'; 1_025]].concat();
        assert_eq!(of(&line).unwrap_err().why, "line 2 is longer than 1 KiB");
        let long = b"y\n".repeat((1 << 19) + 1);
        assert_eq!(of(&long).unwrap_err().why, "it is longer than 1 MiB");
        assert_eq!(of(&b"y\n".repeat(1 << 19)).unwrap().len(), 1 << 20);
    }

    #[test]
    fn what_is_no_file_of_its_own_is_told_too() {
        let zero = read_file(Path::new("/dev/zero"), BOUNDS).unwrap_err();
        assert_eq!(zero.why, "line 1 is longer than 1 KiB");
        assert!(
            read_file(Path::new("/nowhere/at/all"), BOUNDS)
                .unwrap_err()
                .is_missing
        );
        let directory = tempfile::tempdir().unwrap();
        let error = read_file(directory.path(), BOUNDS).unwrap_err();
        assert!(error.why.contains("directory"), "{error:?}");
    }

    #[test]
    fn an_endless_pipe_ends_at_a_stated_size() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            &path,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        )
        .unwrap();
        let writer = std::thread::spawn({
            let path = path.clone();
            move || {
                let mut pipe = std::fs::OpenOptions::new().write(true).open(path).unwrap();
                let piece = b"y\n".repeat(1 << 15);
                // The reader goes when it has seen enough.
                while io::Write::write_all(&mut pipe, &piece).is_ok() {}
            }
        });
        let error = read_file(&path, BOUNDS).unwrap_err();
        assert_eq!(
            error.why,
            "it is no regular file, and gives more than 1 MiB"
        );
        writer.join().unwrap();
    }
}
