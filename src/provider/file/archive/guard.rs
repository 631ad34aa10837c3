//! What is unpacked may not grow without end: L4, L5. No size of a header is believed.

use super::super::fault::Fault;
use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Unpacked bytes to packed ones.
const RATIO: u64 = 200;

/// What a member may unpack to before the ratio is looked at.
const MEMBER_FREE: u64 = 16 << 20;

/// What a source may unpack to before it is.
const SOURCE_FREE: u64 = 64 << 20;

/// The largest member and the largest source, unpacked.
const MEMBER: u64 = 4 << 30;
const SOURCE: u64 = 64 << 30;

/// What a source has unpacked to.
#[derive(Clone, Debug)]
pub(in crate::provider::file) struct Budget {
    size: u64,
    unpacked: Arc<AtomicU64>,
}

impl Budget {
    /// Of a source of so many bytes.
    pub(in crate::provider::file) fn new(size: u64) -> Self {
        Self {
            size,
            unpacked: Arc::default(),
        }
    }

    /// Begins to count once more: the source is read another time.
    pub(in crate::provider::file) fn again(&self) {
        self.unpacked.store(0, Ordering::Relaxed);
    }
}

/// How many packed bytes stand for what came out so far. The size that a header gives would let a member of a gigabyte
/// of zeros grow to two hundred megabytes first.
pub(super) enum Packed {
    /// As many as came out.
    Stored,
    Counted(Arc<AtomicU64>),
}

/// A stream that is watched.
pub(super) struct Guard<R> {
    inner: R,
    packed: Packed,
    budget: Budget,
    out: u64,
}

impl<R: Read> Guard<R> {
    pub(super) fn new(inner: R, packed: Packed, budget: Budget) -> Self {
        Self {
            inner,
            packed,
            budget,
            out: 0,
        }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.out += read as u64;
        let whole = self
            .budget
            .unpacked
            .fetch_add(read as u64, Ordering::Relaxed)
            + read as u64;
        if self.out > MEMBER || whole > SOURCE {
            return Err(Fault::TooLarge.into());
        }
        let packed = match &self.packed {
            Packed::Stored => self.out,
            Packed::Counted(count) => count.load(Ordering::Relaxed),
        };
        let member = self.out > MEMBER_FREE && self.out / RATIO > packed;
        let source = whole > SOURCE_FREE && whole / RATIO > self.budget.size;
        if member || source {
            return Err(Fault::Ratio.into());
        }
        Ok(read)
    }
}
