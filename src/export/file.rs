//! A file that was not there before: made closed to others, never through a link, never over another one, on disk when
//! it is done and gone when it failed half way.

use crate::entity::visible;
use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::Path,
};

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Something of that name is there, a link included.
    #[error("{path} is there already; nothing is ever written over")]
    Exists {
        /// The path, printable.
        path: String,
    },
    /// The disk is full.
    #[error("the disk is full: {path} was not written")]
    Full {
        /// The path, printable.
        path: String,
    },
    /// Making or writing it failed.
    #[error("{path} cannot be written: {why}")]
    Io {
        /// The path, printable.
        path: String,
        /// What failed, in our words.
        why: String,
    },
}

impl ExportError {
    /// The exit code that a command ends with when this ended it: the name that was given cannot be written.
    pub fn exit_code(&self) -> u8 {
        2
    }

    /// The word for JSON.
    pub fn kind(&self) -> &'static str {
        "usage"
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "give another name, or move the file away",
            Self::Full { .. } => "free some space, or write to another disk",
            Self::Io { .. } => "check that the directory is there and may be written",
        }
    }
}

/// Makes a new file, mode 0600, and lets `write` fill it. When that fails nothing of it stays.
pub fn write_new<T>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<T, ExportError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| io_error(path, &error))?;
    let written = fill(file, write);
    if written.is_err() {
        // Half a list would be taken for a whole one. The error that is told is the first.
        std::fs::remove_file(path).ok();
    }
    written.map_err(|error| io_error(path, &error))
}

fn fill<T>(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let mut buffer = BufWriter::with_capacity(1 << 16, file);
    let answer = write(&mut buffer)?;
    let file = buffer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(answer)
}

pub(super) fn io_error(path: &Path, error: &io::Error) -> ExportError {
    let path = visible::escape(path.as_os_str().as_bytes())
        .as_str()
        .to_owned();
    match error.kind() {
        ErrorKind::AlreadyExists => ExportError::Exists { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ExportError::Full { path },
        kind => ExportError::Io {
            path,
            why: kind.to_string(),
        },
    }
}
