//! What a first look through a document notes of it, so that no other is needed.

use super::{Value, scan::End};

/// So many containers within each other are noted with what stands in them: an answer, its list, its items.
const OUTLINED: usize = 3;

/// What stands in the outermost containers of a document, and where: noted when it was looked through for the first
/// time, so that its rows are read without looking for the end of each text again.
///
/// A document whose notes would take more memory than its bytes has none, and is read without them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// In the order in which they begin.
    notes: Vec<Note>,
}

impl Outline {
    /// All of them.
    pub(super) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The bytes that they take.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.notes.capacity() * size_of::<Note>()
    }
}

/// Where a value or a name stands. One with [`Note::HOLDS`] is a container whose own notes follow, behind a second note
/// that says where they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Note {
    start: u32,
    /// And what is known of it.
    end: u32,
}

impl Note {
    /// There is a backslash in it.
    const ESCAPED: u32 = 1 << 31;
    /// What stands in it is noted.
    const HOLDS: u32 = 1 << 30;
    /// A document that is longer has no notes.
    const LONGEST: usize = Self::HOLDS as usize;

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    /// Where it ends; of a second note, the place of the first one behind.
    pub(super) fn end(self) -> usize {
        (self.end & !(Self::ESCAPED | Self::HOLDS)) as usize
    }

    /// Whether what stands in it is noted behind it.
    pub(super) fn holds(self) -> bool {
        self.end & Self::HOLDS != 0
    }

    /// What it is a note of.
    #[inline]
    pub(super) fn value(self, bytes: &[u8]) -> Option<Value<'_>> {
        Some(Value {
            raw: bytes.get(self.start()..self.end())?,
            plain: self.end & Self::ESCAPED == 0,
        })
    }
}

/// Notes that are being taken.
pub(super) struct Notes {
    notes: Vec<Note>,
    /// More than these are too many.
    most: usize,
    /// What stands in fewer containers than these is noted: nothing once there were too many.
    depth: usize,
    /// The places of the noted ones that are open.
    open: [usize; OUTLINED + 1],
}

impl Notes {
    /// None are taken.
    pub(super) fn none() -> Self {
        Self {
            notes: Vec::new(),
            most: 0,
            depth: 0,
            open: [0; OUTLINED + 1],
        }
    }

    /// For a document.
    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.len() >= Note::LONGEST {
            return Self::none();
        }
        Self {
            // Most texts take more bytes than these.
            notes: Vec::with_capacity(bytes.len() / 16),
            most: bytes.len() / size_of::<Note>() + 64,
            depth: OUTLINED + 1,
            ..Self::none()
        }
    }

    /// Ends the notes.
    pub(super) fn finish(self) -> Outline {
        Outline { notes: self.notes }
    }

    #[inline]
    fn push(&mut self, start: usize, end: u32) {
        if self.notes.len() >= self.most {
            *self = Self::none();
            return;
        }
        let start = start as u32;
        self.notes.push(Note { start, end });
    }

    /// A text, within so many containers.
    #[inline]
    pub(super) fn text(&mut self, depth: usize, start: usize, end: End) {
        if depth < self.depth {
            let escaped = if end.plain { 0 } else { Note::ESCAPED };
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
            *place = self.notes.len();
        }
        self.push(start, 0);
        if depth < OUTLINED && self.depth > 0 {
            self.push(start, 0);
        }
    }

    /// It ends.
    pub(super) fn close(&mut self, depth: usize, end: usize) {
        if depth >= self.depth {
            return;
        }
        let behind = self.notes.len() as u32;
        let place = self.open.get(depth).copied().unwrap_or(usize::MAX);
        if let Some(note) = self.notes.get_mut(place) {
            let holds = if depth < OUTLINED { Note::HOLDS } else { 0 };
            note.end = end as u32 | holds;
        }
        if depth < OUTLINED
            && let Some(note) = self.notes.get_mut(place.saturating_add(1))
        {
            note.end = behind;
        }
    }
}
