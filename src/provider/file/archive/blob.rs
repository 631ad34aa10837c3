//! A file that can be opened more than once: on a disk, in memory, or in an archive.

use super::{
    super::fault::Fault,
    guard::{Budget, Guard, Packed},
    inflate::{Buffered, Gunzip},
    store::Store,
    zip::Zip,
};
use crate::http::ZeroizingBuffer;
use std::{
    io::{self, Read},
    sync::Arc,
};

/// A file.
#[derive(Clone)]
pub(in crate::provider::file) enum Blob {
    Held(Store),
    /// A member of a ZIP.
    Member(Arc<Zip>, usize, Budget),
    /// What a gzip file holds.
    Gzip(Arc<Blob>, Budget),
}

/// Bytes that are unpacked at once.
const PIECE: usize = 128 << 10;

impl Blob {
    /// Opens it.
    pub(in crate::provider::file) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Held(store) => Box::new(store.all()),
            Self::Member(zip, at, budget) => zip.open(*at, budget)?,
            Self::Gzip(inner, budget) => {
                let packed = Buffered::new(inner.open()?, PIECE);
                let taken = Packed::Counted(packed.taken());
                let unpacked = Truncated(Gunzip::new(packed));
                Box::new(Guard::new(unpacked, taken, budget.clone()))
            }
        })
    }

    /// Its bytes by their place; those of a member are held in memory.
    pub(in crate::provider::file) fn store(&self, most: u64) -> io::Result<Store> {
        match self {
            Self::Held(store) => Ok(store.clone()),
            Self::Member(..) | Self::Gzip(..) => held(&mut self.open()?, most),
        }
    }
}

/// Reads a stream into memory.
pub(in crate::provider::file) fn held(stream: &mut dyn Read, most: u64) -> io::Result<Store> {
    let mut bytes = ZeroizingBuffer::default();
    let wanted = usize::try_from(most)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    bytes.read_from(stream, wanted)?;
    if bytes.len() as u64 > most {
        return Err(Fault::NestedTooLarge.into());
    }
    Ok(Store::Memory(Arc::new(bytes)))
}

/// Tells a stream that ends too early from one that is broken.
struct Truncated<R>(R);

impl<R: Read> Read for Truncated<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Truncated.into(),
            _ => error,
        })
    }
}
