//! A hash index over things that are kept elsewhere: eight bytes a slot and no second copy of the key.

/// Open addressing with linear probing. The owner says what a number stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// By slot, half of the hash and the number and one, side by side: what lies together is waited for once.
    /// [`EMPTY_SLOT`] where there is none.
    slots: Vec<u64>,
    len: usize,
    /// The slots before it grew, until what is in them has moved, and how many have: to move a million at once would
    /// take longer than a key may wait.
    old_slots: Vec<u64>,
    moved_slots: usize,
    /// The slots that it is going to have, as far as they are made, and how many they will be.
    next_slots: Vec<u64>,
    next_len: usize,
}

const EMPTY_SLOT: u64 = 0;

/// So many slots move with each number that is added: all have long before it grows again.
const MOVES_PER_INSERT: usize = 4;

/// So many of the next slots are made with each number, of twice as many as there are or of very many. Made all at once
/// they would hold up a key, and memory that is read before it is written is mapped twice.
const SLOTS_PER_INSERT: usize = 16;
const MAX_SLOTS_PER_INSERT: usize = 64;

/// What a slot holds of a hash: it says where the slot is, too.
fn hash_tag(hash: u64) -> u64 {
    hash >> 32
}

fn make_slot(hash: u64, number: u32) -> u64 {
    hash_tag(hash) << 32 | u64::from(number + 1)
}

fn slot_number(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}

/// The number for which `same` holds, among those with this hash.
fn find_in(slots: &[u64], hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
    let mask = slots.len().checked_sub(1)?;
    let mut at = hash_tag(hash) as usize & mask;
    loop {
        let slot = slots[at];
        if slot == EMPTY_SLOT {
            return None;
        }
        if slot >> 32 == hash_tag(hash) && same(slot_number(slot)) {
            return Some(slot_number(slot));
        }
        at = (at + 1) & mask;
    }
}

/// By hash, what is in the slot where the search for it begins.
fn first_slots(slots: &[u64], hashes: &[u64]) -> Vec<u64> {
    let Some(mask) = slots.len().checked_sub(1) else {
        return vec![EMPTY_SLOT; hashes.len()];
    };
    let at = |hash: &u64| slots[hash_tag(*hash) as usize & mask];
    hashes.iter().map(at).collect()
}

impl Index {
    /// The number for which `same` holds, among those with this hash.
    pub(super) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let found = find_in(&self.slots, hash, &same);
        if found.is_some() || self.old_slots.is_empty() {
            return found;
        }
        find_in(&self.old_slots, hash, same)
    }

    /// By hash, the first number that may be its own.
    pub(super) fn first_candidates(&self, hashes: &[u64]) -> Vec<Option<u32>> {
        // Slots are nowhere near each other. What stands first in the place of each is read of all before anything is
        // made of it: nothing has to be guessed then, and the memory is waited for once, not for each.
        let first = first_slots(&self.slots, hashes);
        let old = first_slots(&self.old_slots, hashes);
        let found = hashes.iter().zip(first.into_iter().zip(old));
        let found = found.map(|(hash, (first, old))| {
            if first >> 32 == hash_tag(*hash) && first != EMPTY_SLOT {
                Some(slot_number(first))
            } else if first == EMPTY_SLOT && old == EMPTY_SLOT {
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
        self.insert_slot(make_slot(hash, number));
        self.len += 1;
        if !self.old_slots.is_empty() {
            self.move_some(MOVES_PER_INSERT);
        } else if self.len * 8 > self.slots.len() * 5 || self.next_len > self.slots.len() {
            self.prepare();
        }
    }

    /// Is going to have room for so many numbers in all, soon.
    pub(super) fn reserve(&mut self, numbers: usize) {
        let size = (numbers.saturating_mul(4) / 3 + 1).next_power_of_two();
        if size > self.slots.len() && size != self.next_len {
            self.next_len = size;
            self.next_slots = Vec::new();
        }
    }

    /// Makes some more of the next slots; puts them in place of the others when they are all there.
    fn prepare(&mut self) {
        self.next_len = self.next_len.max(self.slots.len() * 2);
        let step = if self.next_len > self.slots.len() * 2 {
            MAX_SLOTS_PER_INSERT
        } else {
            SLOTS_PER_INSERT
        };
        if self.next_slots.is_empty() {
            self.next_slots.reserve_exact(self.next_len);
        }
        let made = (self.next_slots.len() + step).min(self.next_len);
        self.next_slots.resize(made, EMPTY_SLOT);
        if made == self.next_len {
            let next = std::mem::take(&mut self.next_slots);
            self.replace_slots(next);
        }
    }

    /// Has twice as many slots, at once: there was no time to make them before.
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let next = if self.next_len == size {
            let mut next = std::mem::take(&mut self.next_slots);
            next.resize(size, EMPTY_SLOT);
            next
        } else {
            vec![EMPTY_SLOT; size]
        };
        self.replace_slots(next);
    }

    fn replace_slots(&mut self, next: Vec<u64>) {
        self.move_some(usize::MAX);
        self.old_slots = std::mem::replace(&mut self.slots, next);
        self.moved_slots = 0;
    }

    /// Moves what is in some more of the old slots. What each number stands for need not be looked at: a slot says
    /// where it belongs.
    fn move_some(&mut self, some: usize) {
        let end = self
            .moved_slots
            .saturating_add(some)
            .min(self.old_slots.len());
        for at in self.moved_slots..end {
            if self.old_slots[at] != EMPTY_SLOT {
                self.insert_slot(self.old_slots[at]);
            }
        }
        self.moved_slots = end;
        if end == self.old_slots.len() {
            self.old_slots = Vec::new();
        }
    }

    fn insert_slot(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while self.slots[at] != EMPTY_SLOT {
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
        assert_eq!(index.first_candidates(&hashes), vec![None; 300]);
        let mut moves = 0;
        for number in 0..200 {
            index.insert(hash(number), number);
            moves += usize::from(!index.old_slots.is_empty());
            let found = hashes.iter().map(|hash| index.find(*hash, |_| true));
            assert_eq!(index.first_candidates(&hashes), found.collect::<Vec<_>>());
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
