//! A hash index over things that are kept elsewhere: four bytes a slot and no second copy of the key.

/// Open addressing with linear probing. The owner says what a number stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    slots: Vec<u32>,
    len: usize,
}

const EMPTY: u32 = u32::MAX;

impl Index {
    /// The number for which `same` holds, among those with this hash.
    pub(super) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                EMPTY => return None,
                number if same(number) => return Some(number),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Adds a number that is not in it. `hash_of` is asked again for the others when the index grows.
    pub(super) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        // Three quarters full at most, else probing gets long.
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let size = (self.slots.len() * 2).max(16);
            self.resize(size, hash_of);
        }
        self.place(hash, number);
        self.len += 1;
    }

    /// Makes room for so many numbers in all.
    pub(super) fn reserve(&mut self, numbers: usize, hash_of: impl Fn(u32) -> u64) {
        let size = (numbers.saturating_mul(4) / 3 + 1).next_power_of_two();
        if size > self.slots.len() {
            self.resize(size, hash_of);
        }
    }

    fn resize(&mut self, size: usize, hash_of: impl Fn(u32) -> u64) {
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        for number in old.into_iter().filter(|&number| number != EMPTY) {
            self.place(hash_of(number), number);
        }
    }

    fn place(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = number;
    }
}
