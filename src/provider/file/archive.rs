//! Archives, read where they are: nothing of them is ever unpacked to a disk. Rules A1 to A17, limits L4 to L7.

mod aes;
mod blob;
mod crypt;
mod entry;
mod guard;
mod inflate;
mod magic;
mod salvage;
mod store;
mod tar;
mod zip;

pub(super) use blob::{Blob, held};
pub(super) use entry::Entry as ZipEntry;
pub(super) use guard::Budget;
pub(super) use magic::{Magic, magic};
pub(super) use store::{Count, Store};
pub(super) use tar::{Kind as TarKind, Tar, is_empty as is_empty_tar};
pub(super) use zip::Zip;

/// Archives in one another that are read, the outermost one counted.
pub(super) const LEVELS: usize = 3;

/// The largest archive in an archive that is held in memory, in bytes.
pub(super) const NESTED: u64 = 128 << 20;

/// Members of an archive.
pub(super) const ENTRIES: usize = 500_000;
