//! Things and their numbers, sorted by the numbers.

/// What is being sorted, and room to do it in.
#[derive(Clone, Debug)]
pub(super) struct SortBuffer<T> {
    pairs: Vec<(u64, T)>,
    keys: Vec<u64>,
    sorted: Vec<(u64, T)>,
}

/// From so many things on it pays to sort numbers alone.
const MIN_KEY_SORT_LEN: usize = 32;
/// Of so many the places still leave most of a number.
const MAX_KEY_SORT_LEN: usize = 1 << 14;

impl<T: Copy> SortBuffer<T> {
    /// Nothing.
    pub(super) fn new() -> Self {
        Self {
            pairs: Vec::new(),
            keys: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// Sorts things by their numbers.
    pub(super) fn sort(&mut self, pairs: impl Iterator<Item = (u64, T)>) -> &[(u64, T)] {
        self.pairs.clear();
        self.pairs.extend(pairs);
        if (MIN_KEY_SORT_LEN..=MAX_KEY_SORT_LEN).contains(&self.pairs.len()) {
            self.sort_keys();
        } else {
            self.pairs.sort_unstable_by_key(|(number, _)| *number);
        }
        &self.pairs
    }

    /// Each number with its place in place of its last bits: half as much to move about, and hardly any two are alike
    /// in the others.
    fn sort_keys(&mut self) {
        let places = self.pairs.len().next_power_of_two() as u64 - 1;
        let numbered = (0..).zip(&self.pairs);
        self.keys.clear();
        self.keys
            .extend(numbered.map(|(place, (number, _))| number & !places | place));
        self.keys.sort_unstable();
        self.sorted.clear();
        let at = |key: &u64| self.pairs[(key & places) as usize];
        self.sorted.extend(self.keys.iter().map(at));
        let alike = |(one, _): &(u64, T), (two, _): &(u64, T)| one & !places == two & !places;
        for run in self.sorted.chunk_by_mut(alike).filter(|run| run.len() > 1) {
            run.sort_unstable_by_key(|(number, _)| *number);
        }
        std::mem::swap(&mut self.pairs, &mut self.sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_differ_in_their_last_bits_alone_are_sorted_too() {
        let spread: [fn(u64) -> u64; 4] = [
            |at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            |at| at.wrapping_mul(7_919) % 1_000,
            |at| u64::MAX - at % 50,
            |_| 3,
        ];
        let mut scratch = SortBuffer::new();
        for number in spread {
            for count in [0, 1, 31, 32, 33, 1_000, 4_096, 20_000] {
                let pairs = || (0..count).map(|at| (number(at), at));
                let mut wanted: Vec<_> = pairs().collect();
                wanted.sort_unstable();
                let mut sorted = scratch.sort(pairs()).to_vec();
                assert!(sorted.is_sorted_by_key(|(number, _)| *number));
                sorted.sort_unstable();
                assert_eq!(sorted, wanted);
            }
        }
    }
}
