//! What a first look through a document notes of it, so that no other is needed.

use super::{Value, scan::StringEnd};

/// So many containers within each other are noted with what stands in them: an answer, its list, its items.
const INDEXED_DEPTH: usize = 3;

/// What stands in the outermost containers of a document, and where: noted when it was looked through for the first
/// time, so that its rows are read without looking for the end of each text again.
///
/// A document whose notes would take more memory than its bytes has none, and is read without them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonIndex {
    /// In the order in which they begin.
    entries: Vec<IndexEntry>,
}

impl JsonIndex {
    /// All of them.
    pub(super) fn entries(&self) -> &[IndexEntry] {
        &self.entries
    }

    /// The bytes that they take.
    #[cfg(test)]
    pub(super) fn size_in_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<IndexEntry>()
    }
}

/// Where a value or a name stands. One with [`IndexEntry::HAS_ENTRIES`] is a container whose own notes follow, behind a second note
/// that says where they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    start: u32,
    /// And what is known of it.
    end: u32,
}

impl IndexEntry {
    /// There is a backslash in it.
    const ESCAPED: u32 = 1 << 31;
    /// What stands in it is noted.
    const HAS_ENTRIES: u32 = 1 << 30;
    /// A document that is longer has no notes.
    const MAX_DOCUMENT_BYTES: usize = Self::HAS_ENTRIES as usize;

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    /// Where it ends; of a second note, the place of the first one behind.
    pub(super) fn end(self) -> usize {
        (self.end & !(Self::ESCAPED | Self::HAS_ENTRIES)) as usize
    }

    /// Whether what stands in it is noted behind it.
    pub(super) fn has_entries(self) -> bool {
        self.end & Self::HAS_ENTRIES != 0
    }

    /// What it is a note of.
    #[inline]
    pub(super) fn value(self, bytes: &[u8]) -> Option<Value<'_>> {
        Some(Value {
            raw: bytes.get(self.start()..self.end())?,
            has_no_escape: self.end & Self::ESCAPED == 0,
        })
    }
}

/// Notes that are being taken.
pub(super) struct IndexBuilder {
    entries: Vec<IndexEntry>,
    /// More than these are too many.
    max_entries: usize,
    /// What stands in fewer containers than these is noted: nothing once there were too many.
    depth: usize,
    /// The places of the noted ones that are open.
    open: [usize; INDEXED_DEPTH + 1],
}

impl IndexBuilder {
    /// None are taken.
    pub(super) fn disabled() -> Self {
        Self {
            entries: Vec::new(),
            max_entries: 0,
            depth: 0,
            open: [0; INDEXED_DEPTH + 1],
        }
    }

    /// For a document.
    pub(super) fn for_document(bytes: &[u8]) -> Self {
        if bytes.len() >= IndexEntry::MAX_DOCUMENT_BYTES {
            return Self::disabled();
        }
        Self {
            // Most texts take more bytes than these.
            entries: Vec::with_capacity(bytes.len() / 16),
            max_entries: bytes.len() / size_of::<IndexEntry>() + 64,
            depth: INDEXED_DEPTH + 1,
            ..Self::disabled()
        }
    }

    /// Ends the notes.
    pub(super) fn finish(self) -> JsonIndex {
        JsonIndex {
            entries: self.entries,
        }
    }

    #[inline]
    fn push(&mut self, start: usize, end: u32) {
        if self.entries.len() >= self.max_entries {
            *self = Self::disabled();
            return;
        }
        let start = start as u32;
        self.entries.push(IndexEntry { start, end });
    }

    /// A text, within so many containers.
    #[inline]
    pub(super) fn text(&mut self, depth: usize, start: usize, end: StringEnd) {
        if depth < self.depth {
            let escaped = if end.has_no_escape {
                0
            } else {
                IndexEntry::ESCAPED
            };
            self.push(start, end.at as u32 | escaped);
        }
    }

    /// A number, a truth or nothing.
    pub(super) fn scalar(&mut self, depth: usize, start: usize, end: usize) {
        if depth < self.depth {
            self.push(start, end as u32);
        }
    }

    /// A container begins.
    pub(super) fn open(&mut self, depth: usize, start: usize) {
        if depth >= self.depth {
            return;
        }
        if let Some(place) = self.open.get_mut(depth) {
            *place = self.entries.len();
        }
        self.push(start, 0);
        if depth < INDEXED_DEPTH && self.depth > 0 {
            self.push(start, 0);
        }
    }

    /// It ends.
    pub(super) fn close(&mut self, depth: usize, end: usize) {
        if depth >= self.depth {
            return;
        }
        let behind = self.entries.len() as u32;
        let place = self.open.get(depth).copied().unwrap_or(usize::MAX);
        if let Some(note) = self.entries.get_mut(place) {
            let holds = if depth < INDEXED_DEPTH {
                IndexEntry::HAS_ENTRIES
            } else {
                0
            };
            note.end = end as u32 | holds;
        }
        if depth < INDEXED_DEPTH
            && let Some(note) = self.entries.get_mut(place.saturating_add(1))
        {
            note.end = behind;
        }
    }
}
