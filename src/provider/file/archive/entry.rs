//! A member of a ZIP, as the directory lists it and as its own header says.

use super::{aes, store::Store};
use crate::http::ZeroizingBuffer;
use std::io::{self, Read};

/// A member.
#[derive(Clone, Debug)]
pub(in crate::provider::file) struct Entry {
    pub(in crate::provider::file) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    pub(super) mode: u32,
    pub(super) aes: Option<aes::Header>,
    pub(super) time: u16,
    /// Its checksum and its size are not known: they stand behind it.
    pub(super) unsure: bool,
}

impl Entry {
    /// Whether it is a folder.
    pub(in crate::provider::file) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.name.ends_with(b"\\")
    }

    /// Whether it is a link, a device or a pipe.
    pub(in crate::provider::file) fn is_special(&self) -> bool {
        let kind = self.mode & 0o170_000;
        kind != 0 && kind != 0o100_000 && kind != 0o040_000
    }

    /// Whether a password is needed.
    pub(in crate::provider::file) fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |four| {
        u32::from_le_bytes([four[0], four[1], four[2], four[3]])
    })
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// So many bytes from a place on, or fewer where it ends before. The end of an archive may hold plain text.
pub(super) fn read(store: &Store, from: u64, length: u64) -> io::Result<ZeroizingBuffer> {
    let mut bytes = ZeroizingBuffer::default();
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    bytes.read_from(&mut store.range(from, from.saturating_add(length)), wanted)?;
    Ok(bytes)
}

/// A member as the directory lists it.
pub(super) fn listed_entry(fixed: &[u8; 46], reader: &mut impl Read) -> io::Result<Entry> {
    let lengths = [u16_at(fixed, 28), u16_at(fixed, 30), u16_at(fixed, 32)];
    let mut read = |length: u16| {
        let mut bytes = vec![0; usize::from(length)];
        reader.read_exact(&mut bytes).map(|()| bytes)
    };
    let name = read(lengths[0])?;
    let extra = read(lengths[1])?;
    read(lengths[2])?;
    let is_unix = fixed[5] == 3;
    let mut entry = Entry {
        name,
        flags: u16_at(fixed, 8),
        method: u16_at(fixed, 10),
        time: u16_at(fixed, 12),
        crc: u32_at(fixed, 16),
        packed: u64::from(u32_at(fixed, 20)),
        size: u64::from(u32_at(fixed, 24)),
        offset: u64::from(u32_at(fixed, 42)),
        mode: if is_unix { u32_at(fixed, 38) >> 16 } else { 0 },
        aes: None,
        unsure: false,
    };
    extended(&mut entry, &extra);
    Ok(entry)
}

/// The member whose own header stands at a place, and where its bytes begin; none where the header is cut off.
pub(super) fn local_entry(store: &Store, place: u64) -> io::Result<Option<(Entry, u64)>> {
    let fixed = read(store, place, 30)?;
    if fixed.len() < 30 {
        return Ok(None);
    }
    let lengths = [u16_at(&fixed, 26), u16_at(&fixed, 28)].map(u64::from);
    let name = read(store, place + 30, lengths[0])?;
    let extra = read(store, place + 30 + lengths[0], lengths[1])?;
    let mut entry = Entry {
        name: name.to_vec(),
        flags: u16_at(&fixed, 6),
        method: u16_at(&fixed, 8),
        time: u16_at(&fixed, 10),
        crc: u32_at(&fixed, 14),
        packed: u64::from(u32_at(&fixed, 18)),
        size: u64::from(u32_at(&fixed, 22)),
        offset: place,
        mode: 0,
        aes: None,
        unsure: false,
    };
    extended(&mut entry, &extra);
    Ok(Some((entry, place + 30 + lengths[0] + lengths[1])))
}

/// What the extra field of a member says of it.
fn extended(entry: &mut Entry, extra: &[u8]) {
    let mut rest = extra;
    while rest.len() >= 4 {
        let (kind, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let body = rest.get(4..4 + length).unwrap_or_default();
        match kind {
            1 => wide(entry, body),
            0x9901 => entry.aes = aes::Header::read(body),
            _ => {}
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
}

/// The sizes and the place of a large member.
fn wide(entry: &mut Entry, body: &[u8]) {
    let mut at = 0;
    for field in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
        if *field == u64::from(u32::MAX) && body.len() >= at + 8 {
            *field = u64_at(body, at);
            at += 8;
        }
    }
}
