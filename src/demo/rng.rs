//! A cheap, deterministic stream of numbers (splitmix64), the same on every machine.

const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// Scrambles a number; no two give the same.
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The number that [`mix`] scrambled.
pub(crate) fn unmix(mixed: u64) -> u64 {
    let mut number = mixed;
    number = (number ^ (number >> 31) ^ (number >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    number = (number ^ (number >> 27) ^ (number >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    number ^ (number >> 30) ^ (number >> 60)
}

/// The stream.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix(u64);

impl SplitMix {
    /// A stream that depends on `seed` alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(INCREMENT);
        mix(self.0)
    }

    /// A number below `bound`, which is at most 2³².
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((self.next() >> 32) * bound) >> 32
    }

    /// True once in `count` times.
    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// A number below `bound`, small ones far more often: a few people have many leaks, most have few.
    pub(crate) fn skewed(&mut self, bound: u64) -> u64 {
        let (one, two) = (self.below(bound << 4), self.below(1 << 16));
        ((one * two) >> 20).min(bound.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmix_undoes_mix() {
        for number in [0, 1, 41, u64::MAX, 0x0123_4567_89ab_cdef] {
            assert_eq!(unmix(mix(number)), number);
        }
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut draw = SplitMix::new(3);
        for bound in [1, 2, 7, 100_000] {
            for _ in 0..1_000 {
                assert!(draw.below(bound) < bound);
                assert!(draw.skewed(bound) < bound);
            }
        }
    }
}
