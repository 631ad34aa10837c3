//! Bytes that can be read at any place: those of a file, or those of an archive in an archive.

use crate::{entity::profile::RateBudget, http::ZeroizingBuffer};
use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::sync::watch;

/// Counts bytes of files, for the progress. Once it is stopped, every file has come to its end: so that a line without
/// an end does not hold a reading that nobody waits for.
#[derive(Clone, Debug, Default)]
pub(in crate::provider::file) struct Count {
    bytes: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
    told: Option<watch::Sender<RateBudget>>,
}

/// It is said at least so often how many there are, in bytes: a line may be longer.
const TOLD: u64 = 64 << 20;

impl Count {
    /// One that tells how far a reading is, once that has begun to tell it.
    pub(in crate::provider::file) fn telling(told: watch::Sender<RateBudget>) -> Self {
        Self {
            told: Some(told),
            ..Self::default()
        }
    }

    pub(in crate::provider::file) fn get(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Ends the reading.
    pub(in crate::provider::file) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(in crate::provider::file) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: usize) {
        let before = self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let now = before + bytes as u64;
        if let (Some(told), true) = (&self.told, before / TOLD != now / TOLD) {
            told.send_modify(|budget| {
                if let Some(reading) = &mut budget.reading {
                    reading.bytes = now;
                }
            });
        }
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
    Memory(Arc<ZeroizingBuffer>),
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
                if count.is_stopped() {
                    return Ok(0);
                }
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
