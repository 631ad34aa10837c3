//! Where leaks stand, by their ids: what was seen, in few bytes a leak.
//!
//! Leaks are numbered as they are read. A number leads to the mark before it, which says where its part of a file
//! begins; a leak is read again from there on, so that no leak needs a place of its own.

use hashbrown::HashTable;

/// Where a leak is looked for: its file, and a line at most [`SPAN`] bytes before its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider::file) struct Place {
    pub(in crate::provider::file) file: u32,
    pub(in crate::provider::file) line: u32,
    /// Bytes of the text before that line. All ones where the file has to be read from its start.
    pub(in crate::provider::file) offset: u64,
}

impl Place {
    /// Whether what stands here is read again from a mark that was made there.
    fn is_behind(self, mark: Self) -> bool {
        let is_near = match (self.offset, mark.offset) {
            (u64::MAX, u64::MAX) => true,
            (here, there) => here.checked_sub(there).is_some_and(|bytes| bytes < SPAN),
        };
        self.file == mark.file && is_near
    }
}

/// Bytes of a file between two marks.
pub(in crate::provider::file) const SPAN: u64 = 64 << 10;

/// Ids in a piece of memory: a list of them grows without being copied.
const PIECE: usize = 1 << 14;

/// So much of an id is kept: enough that no two of a few billion are alike.
type Short = [u8; 12];

/// The first number of a part of a file, and where that part begins.
#[derive(Clone, Copy, Debug)]
struct Mark {
    first: u32,
    place: Place,
}

/// The places of leaks.
#[derive(Clone, Default)]
pub(in crate::provider::file) struct Places {
    /// The numbers of leaks, by their ids.
    numbers: HashTable<u32>,
    /// The ids, by their numbers.
    ids: Vec<Vec<Short>>,
    marks: Vec<Mark>,
}

fn short(id: u128) -> Short {
    let mut kept = Short::default();
    kept.copy_from_slice(&id.to_be_bytes()[..size_of::<Short>()]);
    kept
}

/// Ids are hashes: their own bits will do.
fn hash(id: &Short) -> u64 {
    id.first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

impl Places {
    /// How many leaks there are.
    pub(in crate::provider::file) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Numbers that were given out, those included that stand for nothing any more.
    fn given(&self) -> usize {
        let full = self.ids.len().saturating_sub(1) * PIECE;
        full + self.ids.last().map_or(0, Vec::len)
    }

    fn id(&self, number: u32) -> Short {
        let number = number as usize;
        let piece = self.ids.get(number / PIECE);
        let id = piece.and_then(|piece| piece.get(number % PIECE));
        id.copied().unwrap_or_default()
    }

    /// Keeps where a leak stands, unless its place is known. True where it was not.
    pub(in crate::provider::file) fn add(&mut self, id: u128, place: Place) -> bool {
        let id = short(id);
        let known = self
            .numbers
            .find(hash(&id), |number| self.id(*number) == id);
        if known.is_some() {
            return false;
        }
        let number = self.give(id, place);
        self.keep(id, number);
        true
    }

    /// Gives an id a number.
    fn give(&mut self, id: Short, place: Place) -> u32 {
        let number = self.given() as u32;
        if self
            .marks
            .last()
            .is_none_or(|mark| !place.is_behind(mark.place))
        {
            self.marks.push(Mark {
                first: number,
                place,
            });
        }
        match self.ids.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(id),
            _ => {
                let mut piece = Vec::with_capacity(if number == 0 { 0 } else { PIECE });
                piece.push(id);
                self.ids.push(piece);
            }
        }
        number
    }

    fn keep(&mut self, id: Short, number: u32) {
        if self.numbers.len() == self.numbers.capacity() {
            // In the order of the numbers: to look each id up for its hash would take longer than to read them all.
            let room = (self.numbers.len() * 2).max(16);
            let before = std::mem::replace(&mut self.numbers, HashTable::with_capacity(room));
            if before.len() + 1 == self.given() {
                for (id, number) in self.ids.iter().flatten().zip(0..before.len() as u32) {
                    self.numbers.insert_unique(hash(id), number, |_| 0);
                }
            } else {
                for number in before {
                    let id = self.id(number);
                    self.numbers.insert_unique(hash(&id), number, |_| 0);
                }
            }
        }
        self.numbers.insert_unique(hash(&id), number, |_| 0);
    }

    /// Where a leak is looked for.
    pub(in crate::provider::file) fn get(&self, id: u128) -> Option<Place> {
        let id = short(id);
        let number = self
            .numbers
            .find(hash(&id), |number| self.id(*number) == id)?;
        self.place(*number)
    }

    fn place(&self, number: u32) -> Option<Place> {
        let behind = self.marks.partition_point(|mark| mark.first <= number);
        let mark = self.marks.get(behind.checked_sub(1)?)?;
        Some(mark.place)
    }

    /// The files of all leaks.
    pub(in crate::provider::file) fn files(&self) -> impl Iterator<Item = u32> + '_ {
        let places = self.numbers.iter().filter_map(|number| self.place(*number));
        places.map(|place| place.file)
    }

    /// Takes in the places of another reading, whose files have numbers from `base` on. Those that were known go.
    pub(in crate::provider::file) fn take_in(&mut self, part: &Self, base: u32) {
        for (id, number) in part.ids.iter().flatten().zip(0..) {
            let Some(place) = part.place(number).filter(|_| part.is_current(*id, number)) else {
                continue;
            };
            let place = Place {
                file: base + place.file,
                ..place
            };
            let number = self.give(*id, place);
            let ids = &self.ids;
            let same = |known: &u32| {
                let known = *known as usize;
                ids[known / PIECE][known % PIECE] == *id
            };
            match self.numbers.find_mut(hash(id), same) {
                Some(known) => *known = number,
                None => self.keep(*id, number),
            }
        }
        // Ids that have another number now take memory as long as they are fewer than the others.
        if self.given() > self.len() * 2 {
            self.compact();
        }
    }

    fn is_current(&self, id: Short, number: u32) -> bool {
        self.numbers
            .find(hash(&id), |known| *known == number)
            .is_some()
    }

    fn compact(&mut self) {
        let before = std::mem::take(self);
        for (id, number) in before.ids.iter().flatten().zip(0..) {
            if let Some(place) = before
                .place(number)
                .filter(|_| before.is_current(*id, number))
            {
                let number = self.give(*id, place);
                self.keep(*id, number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> u128 {
        let hash = blake3::hash(&number.to_le_bytes());
        hash.as_bytes()[..16]
            .iter()
            .fold(0, |id, byte| id << 8 | u128::from(*byte))
    }

    fn place(file: u32, line: u32) -> Place {
        Place {
            file,
            line,
            offset: u64::from(line) * 70,
        }
    }

    #[test]
    fn a_leak_is_found_a_little_behind_where_it_is_looked_for() {
        let mut places = Places::default();
        for number in 0..100_000_u32 {
            let at = place(number / 40_000, number % 40_000 + 1);
            assert!(places.add(id(number.into()), at), "{number}");
            assert!(!places.add(id(number.into()), place(9, 9)));
        }
        assert_eq!(places.len(), 100_000);
        for number in 0..100_000_u32 {
            let found = places.get(id(number.into())).unwrap();
            let own = place(number / 40_000, number % 40_000 + 1);
            assert_eq!(found.file, own.file);
            assert!(found.line <= own.line && own.offset - found.offset < SPAN);
        }
        assert_eq!(places.get(id(100_000)), None);
        assert!(places.marks.len() < 200, "{}", places.marks.len());
    }

    #[test]
    fn a_file_that_is_read_from_its_start_has_one_mark() {
        let mut places = Places::default();
        for number in 0..1_000_u64 {
            let at = Place {
                file: (number / 100) as u32,
                line: 7,
                offset: u64::MAX,
            };
            places.add(id(number), at);
        }
        assert_eq!(places.marks.len(), 10);
        assert_eq!(places.files().filter(|file| *file == 3).count(), 100);
    }

    #[test]
    fn what_is_read_again_stands_where_it_was_read_last_and_takes_no_more_room() {
        let mut places = Places::default();
        for number in 0..50_000 {
            places.add(id(number), place(0, number as u32 + 1));
        }
        for round in 1..20_u32 {
            let mut part = Places::default();
            for number in 25_000..50_100 {
                part.add(id(number), place(0, number as u32 + 1));
            }
            places.take_in(&part, round);
            assert_eq!(places.len(), 50_100);
            assert_eq!(places.get(id(50_050)).unwrap().file, round);
            assert_eq!(places.get(id(7)).unwrap().file, 0);
            assert!(places.given() <= 2 * places.len());
        }
    }
}
