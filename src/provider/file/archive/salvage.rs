//! The members of a ZIP whose directory is missing or broken: found by their own headers, one behind the other.

use super::{
    ENTRIES,
    entry::{Entry, local_entry, read},
    store::Store,
};
use crate::http::ZeroizingBuffer;
use std::io;

/// What stands before the bytes of a member.
const LOCAL: &[u8] = b"PK\x03\x04";

/// What may stand behind the bytes of a member: its sizes, the next member, the directory.
const BEHIND: [&[u8]; 3] = [b"PK\x07\x08", LOCAL, b"PK\x01\x02"];

/// Bytes that are searched at once.
const PIECE: u64 = 64 << 10;

/// What a header of a member says that its sizes stand behind it.
const SIZES_BEHIND: u16 = 8;

/// The members whose headers are found, in the order of the file.
pub(super) fn members(store: &Store) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut from = 0;
    while let Some(place) = find(store, from, &[LOCAL])? {
        if entries.len() >= ENTRIES {
            break;
        }
        let Some((mut entry, begin)) = local_entry(store, place)? else {
            break;
        };
        let end = begin.saturating_add(entry.packed);
        let is_unsized = entry.flags & SIZES_BEHIND != 0 && entry.packed == 0;
        from = end;
        if is_unsized || !is_followed(store, end)? {
            // No size is believed that leads nowhere: a member ends where the next one begins.
            entry.unsure |= is_unsized;
            from = match find(store, begin, &BEHIND)? {
                Some(next) => {
                    entry.packed = next - begin;
                    next
                }
                None if is_unsized => {
                    entry.packed = store.size().saturating_sub(begin);
                    store.size()
                }
                None => store.size(),
            };
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Whether the end of a member's bytes is one.
fn is_followed(store: &Store, end: u64) -> io::Result<bool> {
    if end >= store.size() {
        return Ok(end == store.size());
    }
    let behind = read(store, end, 4)?;
    Ok(BEHIND.iter().any(|mark| behind.starts_with(mark)))
}

/// The first place of one of several marks.
fn find(store: &Store, mut from: u64, marks: &[&[u8]]) -> io::Result<Option<u64>> {
    while from < store.size() {
        let piece: ZeroizingBuffer = read(store, from, PIECE)?;
        let found = marks
            .iter()
            .filter_map(|mark| memchr::memmem::find(&piece, mark))
            .min();
        if let Some(at) = found {
            return Ok(Some(from + at as u64));
        }
        if piece.len() < 4 {
            break;
        }
        // A mark may lie across two pieces.
        from += piece.len() as u64 - 3;
    }
    Ok(None)
}
