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
    /// The slots that it is going to have, as far as they are made, and how many they will be.
    next: Vec<u64>,
    wanted: usize,
}

const FREE: u64 = 0;

/// So many slots move with each number that is added: all have long before it grows again.
const MOVES: usize = 4;

/// So many of the next slots are made with each number, of twice as many as there are or of very many. Made all at once
/// they would hold up a key, and memory that is read before it is written is mapped twice.
const STEP: usize = 16;
const LONG_STEP: usize = 64;

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

/// By hash, what is in the slot where the search for it begins.
fn firsts(slots: &[u64], hashes: &[u64]) -> Vec<u64> {
    let Some(mask) = slots.len().checked_sub(1) else {
        return vec![FREE; hashes.len()];
    };
    let at = |hash: &u64| slots[half(*hash) as usize & mask];
    hashes.iter().map(at).collect()
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

    /// By hash, the first number that may be its own.
    pub(super) fn likely(&self, hashes: &[u64]) -> Vec<Option<u32>> {
        // Slots are nowhere near each other. What stands first in the place of each is read of all before anything is
        // made of it: nothing has to be guessed then, and the memory is waited for once, not for each.
        let first = firsts(&self.slots, hashes);
        let old = firsts(&self.old, hashes);
        let found = hashes.iter().zip(first.into_iter().zip(old));
        let found = found.map(|(hash, (first, old))| {
            if first >> 32 == half(*hash) && first != FREE {
                Some(number_in(first))
            } else if first == FREE && old == FREE {
                None
            } else {
                self.find(*hash, |_| true)
            }
        });
        found.collect()
    }

    /// Adds a number that is not in it.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        // Three quarters full at most, else probing gets long.
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.place(slot_of(hash, number));
        self.len += 1;
        if !self.old.is_empty() {
            self.move_on(MOVES);
        } else if self.len * 8 > self.slots.len() * 5 || self.wanted > self.slots.len() {
            self.prepare();
        }
    }

    /// Is going to have room for so many numbers in all, soon.
    pub(super) fn reserve(&mut self, numbers: usize) {
        let size = (numbers.saturating_mul(4) / 3 + 1).next_power_of_two();
        if size > self.slots.len() && size != self.wanted {
            self.wanted = size;
            self.next = Vec::new();
        }
    }

    /// Makes some more of the next slots; puts them in place of the others when they are all there.
    fn prepare(&mut self) {
        self.wanted = self.wanted.max(self.slots.len() * 2);
        let step = if self.wanted > self.slots.len() * 2 {
            LONG_STEP
        } else {
            STEP
        };
        if self.next.is_empty() {
            self.next.reserve_exact(self.wanted);
        }
        let made = (self.next.len() + step).min(self.wanted);
        self.next.resize(made, FREE);
        if made == self.wanted {
            let next = std::mem::take(&mut self.next);
            self.change_to(next);
        }
    }

    /// Has twice as many slots, at once: there was no time to make them before.
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let next = if self.wanted == size {
            let mut next = std::mem::take(&mut self.next);
            next.resize(size, FREE);
            next
        } else {
            vec![FREE; size]
        };
        self.change_to(next);
    }

    fn change_to(&mut self, next: Vec<u64>) {
        self.move_on(usize::MAX);
        self.old = std::mem::replace(&mut self.slots, next);
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
    fn what_is_likely_of_many_is_what_each_finds_first() {
        let hash = |number: u32| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // Some of them are in it, in the slots or in those that it had before, some in the place of another.
        let hashes: Vec<u64> = (0..300).map(hash).collect();
        let mut index = Index::default();
        assert_eq!(index.likely(&hashes), vec![None; 300]);
        let mut moves = 0;
        for number in 0..200 {
            index.insert(hash(number), number);
            moves += usize::from(!index.old.is_empty());
            let found = hashes.iter().map(|hash| index.find(*hash, |_| true));
            assert_eq!(index.likely(&hashes), found.collect::<Vec<_>>());
        }
        assert!(moves > 20, "{moves}");
    }

    #[test]
    fn slots_are_made_before_they_are_needed() {
        let hash = |number: u32| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut index = Index::default();
        let mut sizes = Vec::new();
        for number in 0..50_000 {
            if number == 1_000 {
                index.reserve(40_000);
            }
            index.insert(hash(number), number);
            assert!(index.len * 4 <= index.slots.len() * 3);
            if sizes.last() != Some(&index.slots.len()) {
                sizes.push(index.slots.len());
            }
            // Some have moved and others have not.
            let some = (0..=number).step_by(997).chain([number]);
            for known in some {
                let found = index.find(hash(known), |other| other == known);
                assert_eq!(found, Some(known));
            }
        }
        assert_eq!(
            sizes,
            [
                16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 65_536, 131_072
            ]
        );
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
