//! Bytes that can be read at any place: those of a file, or those of an archive in an archive.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use zeroize::Zeroizing;

/// Counts bytes of files, for the progress.
#[derive(Clone, Debug, Default)]
pub(in crate::provider::file) struct Count(Arc<AtomicU64>);

impl Count {
    pub(in crate::provider::file) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Bytes by their place.
#[derive(Clone)]
pub(in crate::provider::file) enum Store {
    File {
        file: Arc<File>,
        size: u64,
        count: Count,
    },
    Memory(Arc<Zeroizing<Vec<u8>>>),
}

impl Store {
    /// How many there are.
    pub(in crate::provider::file) fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Those from one place to another.
    pub(in crate::provider::file) fn range(&self, from: u64, to: u64) -> Range {
        Range {
            store: self.clone(),
            at: from,
            end: to,
        }
    }

    /// All of them. A file may have grown: it is read to its end.
    pub(in crate::provider::file) fn all(&self) -> Range {
        self.range(0, u64::MAX)
    }
}

/// A part of them.
pub(in crate::provider::file) struct Range {
    store: Store,
    at: u64,
    end: u64,
}

impl Read for Range {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.at);
        let room = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let into = &mut into[..room];
        let read = match &self.store {
            Store::File { file, count, .. } => {
                let read = file.read_at(into, self.at)?;
                count.add(read);
                read
            }
            Store::Memory(bytes) => {
                let from = usize::try_from(self.at)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let rest = &bytes[from..];
                let read = rest.len().min(into.len());
                into[..read].copy_from_slice(&rest[..read]);
                read
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}
