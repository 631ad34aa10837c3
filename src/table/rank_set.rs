//! Which of many numbers are in a set, and how many of those below each: a bit for a number, and half a bit more.

/// Numbers from 0 on, each of them in the set or not.
#[derive(Clone, Debug, Default)]
pub(super) struct RankSet {
    words: Vec<u64>,
    /// By word, how many are in the set before it.
    ranks_before: Vec<u32>,
    /// How many are in the set.
    count: u32,
}

const BITS: u32 = u64::BITS;

impl RankSet {
    /// Puts a number into the set that is above all that are in it.
    pub(super) fn insert(&mut self, number: u32) {
        let word = (number / BITS) as usize;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
            self.ranks_before.resize(word + 1, self.count);
        }
        self.words[word] |= 1 << (number % BITS);
        self.count += 1;
    }

    /// How many numbers below it are in the set, where it is itself.
    pub(super) fn rank(&self, number: u32) -> Option<u32> {
        let at = (number / BITS) as usize;
        let word = *self.words.get(at)?;
        let bit = number % BITS;
        let below = word & ((1 << bit) - 1);
        (word >> bit & 1 == 1).then(|| self.ranks_before[at] + below.count_ones())
    }

    /// Whether none is in the set.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_as_many_before_it_as_were_put() {
        let numbers = [0, 1, 5, 63, 64, 65, 200, 1_000, 1_023, 1_024, 70_000];
        let mut set = RankSet::default();
        assert!(set.is_empty());
        assert_eq!(set.rank(0), None);
        for (place, number) in (0..).zip(numbers) {
            assert_eq!(set.rank(number), None);
            set.insert(number);
            assert_eq!(set.rank(number), Some(place));
        }
        for (place, number) in (0..).zip(numbers) {
            assert_eq!(set.rank(number), Some(place));
        }
        for number in [2, 62, 66, 199, 1_025, 69_999, 70_001, u32::MAX] {
            assert_eq!(set.rank(number), None);
        }
    }
}
