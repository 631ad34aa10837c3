//! Where a number falls among many borders, found in about one step.

use std::hint::select_unpredictable;

/// Numbers in ascending order, and between which of them a number lies.
#[derive(Clone, Debug)]
pub(super) struct Splitters {
    /// The first number of each part but the first.
    splitters: Vec<u64>,
    /// What is between the first and the last border in ranges of one width: by range, how many borders lie below it.
    below: Vec<u16>,
    /// A range is 2 to this power wide.
    shift: u32,
    /// So often the borders of a range are halved until one is left, whichever range that is.
    halvings: u32,
}

/// So many ranges at most, as a power of 2: a table of them stays in the fastest memory.
const MAX_RANGE_BITS: u32 = 12;

impl Splitters {
    /// The border of every `each` numbers of a sorted sample; of those alike one.
    pub(super) fn from_sample(sample: &[u64], each: usize) -> Self {
        let mut borders: Vec<u64> = sample
            .chunks(each)
            .skip(1)
            .filter_map(|chunk| chunk.first().copied())
            .collect();
        borders.dedup();
        borders.truncate(usize::from(u16::MAX));
        let (first, last) = (
            borders.first().copied().unwrap_or(0),
            borders.last().copied().unwrap_or(0),
        );
        let bits = u64::BITS - (last - first).leading_zeros();
        let shift = bits.saturating_sub(MAX_RANGE_BITS);
        let ranges = ((last - first) >> shift) + 2;
        let below: Vec<u16> = (0..=ranges)
            .map(|range| {
                let start = range
                    .checked_shl(shift)
                    .filter(|wide| wide >> shift == range)
                    .and_then(|wide| wide.checked_add(first));
                start.map_or(borders.len(), |start| {
                    borders.partition_point(|border| *border < start)
                }) as u16
            })
            .collect();
        let most = below.windows(2).map(|ends| ends[1] - ends[0]).max();
        Self {
            splitters: borders,
            below,
            shift,
            halvings: most
                .filter(|most| *most > 1)
                .map_or(0, |most| (most - 1).ilog2() + 1),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.splitters.len()
    }

    /// How many borders are not above a number.
    pub(super) fn bucket_of(&self, number: u64) -> usize {
        let Some(&first) = self.splitters.first() else {
            return 0;
        };
        if number < first {
            return 0;
        }
        let range = (((number - first) >> self.shift) as usize).min(self.below.len() - 2);
        let (mut from, to) = (
            usize::from(self.below[range]),
            usize::from(self.below[range + 1]),
        );
        // As many steps for each number, and none that depends on what was found: which half it is cannot be guessed.
        let mut left = to - from;
        for _ in 0..self.halvings {
            let half = left / 2;
            let middle = self.splitters[(from + half).saturating_sub(1)];
            from = select_unpredictable(middle <= number, from + half, from);
            left -= half;
        }
        let last = self
            .splitters
            .get(from)
            .is_some_and(|border| *border <= number);
        from + usize::from(left > 0 && last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_where_a_search_among_all_borders_finds_it() {
        let samples: [Vec<u64>; 7] = [
            vec![],
            vec![7],
            vec![7; 100],
            (0..1000).collect(),
            (0..1000).map(|number| number << 50 | 3).collect(),
            (0..64).map(|bit| 1 << bit).chain([u64::MAX]).collect(),
            (0..500).chain(u64::MAX - 500..=u64::MAX).collect(),
        ];
        for sample in samples {
            for each in [1, 2, 8] {
                let borders = Splitters::from_sample(&sample, each);
                let around = sample
                    .iter()
                    .flat_map(|number| [number.wrapping_sub(1), *number, number.wrapping_add(1)]);
                for number in around.chain([0, 1, u64::MAX, u64::MAX / 2]) {
                    let among = borders
                        .splitters
                        .partition_point(|border| *border <= number);
                    assert_eq!(borders.bucket_of(number), among, "{number} {borders:?}");
                }
            }
        }
    }
}
