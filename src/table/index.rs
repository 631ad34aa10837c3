//! A hash index over things that are kept elsewhere: five bytes a slot and no second copy of the key.

/// Open addressing with linear probing. The owner says what a number stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    slots: Vec<u32>,
    /// Some bits of each one's hash, [`FREE`] where there is none. What differs in them need not be looked at, and what
    /// it stands for lies somewhere else in the memory.
    tags: Vec<u8>,
    len: usize,
}

const FREE: u8 = 0;

/// The bits of a hash that its place does not depend on; never [`FREE`].
fn tag(hash: u64) -> u8 {
    (hash >> 57) as u8 | 0x80
}

impl Index {
    /// The number for which `same` holds, among those with this hash.
    pub(super) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.tags.len().checked_sub(1)?;
        let (mut at, wanted) = (hash as usize & mask, tag(hash));
        loop {
            match self.tags[at] {
                FREE => return None,
                tag if tag == wanted && same(self.slots[at]) => return Some(self.slots[at]),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The first number that may be the one of a hash. Asked for many one after the other, the memory is waited for
    /// once, not for each.
    pub(super) fn likely(&self, hash: u64) -> Option<u32> {
        let mask = self.tags.len().checked_sub(1)?;
        let (mut at, wanted) = (hash as usize & mask, tag(hash));
        loop {
            match self.tags[at] {
                FREE => return None,
                tag if tag == wanted => return Some(self.slots[at]),
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
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        let tags = std::mem::replace(&mut self.tags, vec![FREE; size]);
        let taken = old.into_iter().zip(tags).filter(|(_, tag)| *tag != FREE);
        for (number, _) in taken {
            self.place(hash_of(number), number);
        }
    }

    fn place(&mut self, hash: u64, number: u32) {
        let mask = self.tags.len() - 1;
        let mut at = hash as usize & mask;
        while self.tags[at] != FREE {
            at = (at + 1) & mask;
        }
        (self.slots[at], self.tags[at]) = (number, tag(hash));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_what_they_stand_for_whatever_their_hashes_share() {
        // All hash to one place, then only their tags differ, then they differ in all bits.
        let spread: [fn(u32) -> u64; 3] = [
            |_| 7,
            |number| u64::from(number) << 57 | 7,
            |number| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ];
        for hash in spread {
            let mut index = Index::default();
            for number in 0..200 {
                assert_eq!(index.find(hash(number), |other| other == number), None);
                index.insert(hash(number), number, hash);
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
}
