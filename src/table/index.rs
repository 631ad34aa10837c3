//! A hash index over things that are kept elsewhere: eight bytes a slot and no second copy of the key.

/// Open addressing with linear probing. The owner says what a number stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By slot, half of the hash and the number and one, side by side: what lies together is waited for once.
    /// [`FREE`] where there is none.
    slots: Vec<u64>,
    len: usize,
    /// The slots before it grew, until what is in them has moved, and how many have: to move a million at once would
    /// take longer than a key may wait.
    old: Vec<u64>,
    moved: usize,
}

const FREE: u64 = 0;

/// So many slots move with each number that is added: all have long before it grows again.
const MOVES: usize = 4;

/// What a slot holds of a hash: it says where the slot is, too.
fn half(hash: u64) -> u64 {
    hash >> 32
}

fn slot_of(hash: u64, number: u32) -> u64 {
    half(hash) << 32 | u64::from(number + 1)
}

fn number_in(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}

/// The number for which `same` holds, among those with this hash.
fn find_in(slots: &[u64], hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
    let mask = slots.len().checked_sub(1)?;
    let mut at = half(hash) as usize & mask;
    loop {
        let slot = slots[at];
        if slot == FREE {
            return None;
        }
        if slot >> 32 == half(hash) && same(number_in(slot)) {
            return Some(number_in(slot));
        }
        at = (at + 1) & mask;
    }
}

impl Index {
    /// The number for which `same` holds, among those with this hash.
    pub(super) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let found = find_in(&self.slots, hash, &same);
        if found.is_some() || self.old.is_empty() {
            return found;
        }
        find_in(&self.old, hash, same)
    }

    /// The first number that may be the one of a hash. Asked for many one after the other, the memory is waited for
    /// once, not for each.
    pub(super) fn likely(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// Adds a number that is not in it.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        // Three quarters full at most, else probing gets long.
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow((self.slots.len() * 2).max(16));
        }
        self.place(slot_of(hash, number));
        self.len += 1;
        if !self.old.is_empty() {
            self.move_on(MOVES);
        }
    }

    /// Makes room for so many numbers in all.
    pub(super) fn reserve(&mut self, numbers: usize) {
        let size = (numbers.saturating_mul(4) / 3 + 1).next_power_of_two();
        if size > self.slots.len() {
            self.grow(size);
        }
    }

    fn grow(&mut self, size: usize) {
        self.move_on(usize::MAX);
        self.old = std::mem::replace(&mut self.slots, vec![FREE; size]);
        self.moved = 0;
    }

    /// Moves what is in some more of the old slots. What each number stands for need not be looked at: a slot says
    /// where it belongs.
    fn move_on(&mut self, some: usize) {
        let end = self.moved.saturating_add(some).min(self.old.len());
        for at in self.moved..end {
            if self.old[at] != FREE {
                self.place(self.old[at]);
            }
        }
        self.moved = end;
        if end == self.old.len() {
            self.old = Vec::new();
        }
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while self.slots[at] != FREE {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_what_they_stand_for_whatever_their_hashes_share() {
        // All hash alike, then only what no slot holds differs, then they differ in all bits.
        let spread: [fn(u32) -> u64; 3] = [
            |_| 7,
            |number| u64::from(number) | 7 << 32,
            |number| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ];
        for hash in spread {
            let mut index = Index::default();
            for number in 0..200 {
                assert_eq!(index.find(hash(number), |other| other == number), None);
                index.insert(hash(number), number);
                for known in 0..=number {
                    let found = index.find(hash(known), |other| other == known);
                    assert_eq!(found, Some(known));
                }
            }
            for number in 0..200 {
                assert_eq!(
                    index.find(hash(number), |other| other == number),
                    Some(number)
                );
            }
            assert_eq!(index.find(hash(200), |other| other == 200), None);
        }
    }

    #[test]
    fn room_that_is_made_for_many_loses_none() {
        let hash = |number: u32| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut index = Index::default();
        for number in 0..100 {
            index.insert(hash(number), number);
            index.reserve(10 * number as usize);
        }
        for number in 0..100 {
            let found = index.find(hash(number), |other| other == number);
            assert_eq!(found, Some(number));
        }
    }
}
