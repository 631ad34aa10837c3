//! How a leak reads, and the same in twenty bytes: of a million leaks a reading takes 19 MiB beside the leaks themselves.

use super::{LeakRead, Mark, SeenState, UNKNOWN};
use std::fmt;

impl LeakRead {
    /// Returns a leak that reads as it stood.
    pub fn of_state(mark: Mark, state: SeenState) -> Self {
        Self {
            mark,
            remote: state.remote,
            status: state.status,
            risk: state.risk,
            disputed: state.disputed,
            again: false,
            added: None,
            doubtful: false,
            unconfirmed: false,
        }
    }

    /// Returns how it stands by this reading alone.
    pub fn state(&self) -> SeenState {
        SeenState {
            remote: self.remote,
            status: self.status,
            risk: self.risk,
            disputed: self.disputed,
            ..UNKNOWN
        }
    }
}

/// A [`LeakRead`] in twenty bytes, and a number of the reader's own, which the memory makes nothing of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PackedRead {
    // Halves, so that eight bytes do not have to lie at a multiple of eight.
    mark: [u32; 2],
    /// Such as the row.
    place: u32,
    /// The 48 bits of a date.
    added: [u16; 3],
    facts: u16,
}

const AGAIN: u16 = 1 << 10;
const DOUBTFUL: u16 = 1 << 11;
const UNCONFIRMED: u16 = 1 << 12;
/// These are of a [`SeenState`].
const STATE: u16 = AGAIN - 1;

/// Stands for no date. Dates of the year 9999 take 38 bits.
const NO_DATE: i64 = i64::MIN >> 16;

fn flag(is: bool, bit: u16) -> u16 {
    if is { bit } else { 0 }
}

impl PackedRead {
    /// Packs how a leak reads, with a number of the reader's own.
    pub fn new(leak: &LeakRead, place: u32) -> Self {
        let date = leak
            .added
            .map_or(NO_DATE, |added| added.clamp(NO_DATE + 1, -(NO_DATE + 1)));
        Self {
            mark: [(leak.mark.0 >> 32) as u32, leak.mark.0 as u32],
            place,
            added: [(date >> 32) as u16, (date >> 16) as u16, date as u16],
            facts: leak.state().pack() as u16
                | flag(leak.again, AGAIN)
                | flag(leak.doubtful, DOUBTFUL)
                | flag(leak.unconfirmed, UNCONFIRMED),
        }
    }

    /// The leak's mark.
    pub fn mark(&self) -> Mark {
        Mark(u64::from(self.mark[0]) << 32 | u64::from(self.mark[1]))
    }

    /// The number of the reader's own.
    pub fn place(&self) -> u32 {
        self.place
    }

    /// How the leak reads.
    pub fn leak(&self) -> LeakRead {
        let state = SeenState::unpack(u32::from(self.facts & STATE));
        let [high, middle, low] = self.added.map(u64::from);
        // The sign comes down with the shift.
        let date = ((high << 32 | middle << 16 | low) << 16).cast_signed() >> 16;
        LeakRead {
            again: self.facts & AGAIN != 0,
            added: (date != NO_DATE).then_some(date),
            doubtful: self.is_doubtful(),
            unconfirmed: self.facts & UNCONFIRMED != 0,
            ..LeakRead::of_state(self.mark(), state)
        }
    }

    /// Whether how it reads is no evidence.
    pub fn is_doubtful(&self) -> bool {
        self.facts & DOUBTFUL != 0
    }

    /// Says whether how it reads is no evidence.
    pub fn set_doubtful(&mut self, is: bool) {
        self.facts = self.facts & !DOUBTFUL | flag(is, DOUBTFUL);
    }

    /// Says whether a second reading was not made.
    pub fn set_unconfirmed(&mut self, is: bool) {
        self.facts = self.facts & !UNCONFIRMED | flag(is, UNCONFIRMED);
    }

    /// Sorts leaks by mark, in place, and keeps each once: the one of the lowest place.
    pub fn sort(leaks: &mut Vec<Self>) {
        leaks.sort_unstable_by_key(|leak| (leak.mark(), leak.place));
        leaks.dedup_by_key(|leak| leak.mark());
    }
}

impl fmt::Debug for PackedRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.leak(), self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{leak::RiskLevel, status::Status};

    fn leak(mark: u64) -> LeakRead {
        LeakRead::of_state(Mark(mark), UNKNOWN)
    }

    #[test]
    fn a_packed_leak_takes_twenty_bytes_and_says_all_that_was_packed() {
        assert_eq!(size_of::<PackedRead>(), 20);
        let year_9999 = 253_402_300_799;
        let dates = [None, Some(0), Some(-1), Some(1_764_547_200)];
        let far = [Some(year_9999), Some(-377_705_116_800)];
        for (number, added) in dates.into_iter().chain(far).enumerate() {
            for bits in 0..1_u64 << 4 {
                let is = |bit: u64| bits >> bit & 1 == 1;
                let one = LeakRead {
                    remote: Status::from_u8(number as u8),
                    status: Status::from_u8(5 - number as u8),
                    risk: [None, Some(RiskLevel::None), Some(RiskLevel::High)][number % 3],
                    disputed: is(0),
                    again: is(1),
                    added,
                    doubtful: is(2),
                    unconfirmed: is(3),
                    ..leak(u64::MAX - bits)
                };
                let mut packed = PackedRead::new(&one, u32::MAX - 1);
                assert_eq!((packed.leak(), packed.place()), (one, u32::MAX - 1));
                packed.set_doubtful(!one.doubtful);
                packed.set_unconfirmed(!one.unconfirmed);
                let other = LeakRead {
                    doubtful: !one.doubtful,
                    unconfirmed: !one.unconfirmed,
                    ..one
                };
                assert_eq!(packed.leak(), other);
            }
        }
    }

    #[test]
    fn leaks_are_sorted_by_mark_and_of_the_same_mark_the_first_row_stays() {
        let marks = [u64::MAX, 3, 1 << 40, 3, 0];
        let mut leaks: Vec<PackedRead> = (0..)
            .zip(marks)
            .map(|(place, mark)| PackedRead::new(&leak(mark), place))
            .collect();
        PackedRead::sort(&mut leaks);
        let sorted: Vec<(u64, u32)> = leaks
            .iter()
            .map(|leak| (leak.mark().0, leak.place()))
            .collect();
        assert_eq!(sorted, [(0, 4), (3, 1), (1 << 40, 2), (u64::MAX, 0)]);
    }
}
