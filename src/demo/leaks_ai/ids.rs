//! Ids: UUIDs of version 4 that the seed gives, so that nothing is stored and a leak's id leads back to its row.

use super::super::rng::{mix, unmix};

/// Bits of the check behind a row.
const CHECK_BITS: u32 = 58;

/// An id as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(u128);

impl Id {
    /// Reads an id as it is written, in either case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let dashes = [8, 13, 18, 23];
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(place, byte)| {
                if dashes.contains(&place) {
                    byte == b'-'
                } else {
                    byte.is_ascii_hexdigit()
                }
            });
        let digits: String = text.chars().filter(|letter| *letter != '-').collect();
        let number = u128::from_str_radix(&digits, 16).ok()?;
        fits.then_some(Self(number))
    }

    /// 122 bits of two numbers, and the six that say which kind of UUID it is.
    fn from_parts(high: u64, low: u64) -> Self {
        let bits = u128::from(high) << CHECK_BITS | u128::from(low >> (64 - CHECK_BITS));
        let (first, second, third) = (bits >> 74, bits >> 62 & 0xfff, bits & ((1 << 62) - 1));
        Self(first << 80 | 4 << 76 | second << 64 | 2 << 62 | third)
    }

    /// The two numbers; none where it is another kind of UUID.
    fn parts(self) -> Option<(u64, u64)> {
        if self.0 >> 76 & 0xf != 4 || self.0 >> 62 & 3 != 2 {
            return None;
        }
        let bits = self.0 >> 80 << 74 | (self.0 >> 64 & 0xfff) << 62 | self.0 & ((1 << 62) - 1);
        let low = bits & ((1 << CHECK_BITS) - 1);
        Some((
            (bits >> CHECK_BITS) as u64,
            (low as u64) << (64 - CHECK_BITS),
        ))
    }

    /// A number that depends on the id and `salt` alone.
    pub(crate) fn hash_u64(self, salt: u64) -> u64 {
        mix(mix((self.0 >> 64) as u64 ^ salt) ^ self.0 as u64)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, second) = (self.0 >> 96, self.0 >> 80 & 0xffff);
        let (third, fourth) = (self.0 >> 64 & 0xffff, self.0 >> 48 & 0xffff);
        let last = self.0 & 0xffff_ffff_ffff;
        write!(
            f,
            "{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{last:012x}"
        )
    }
}

/// Makes ids, and finds rows behind them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    seed: u64,
}

impl Ids {
    /// The ids that go with a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed: mix(seed ^ 0x6c61_2d69_6473),
        }
    }

    /// The id of a row's leak.
    pub(crate) fn leak(self, row: u32) -> Id {
        let high = mix(u64::from(row).wrapping_add(1).wrapping_add(self.seed));
        Id::from_parts(high, self.check(high))
    }

    /// The row behind a leak's id, whether or not it exists.
    pub(crate) fn row(self, id: Id) -> Option<u32> {
        let (high, low) = id.parts()?;
        let check = self.check(high) >> (64 - CHECK_BITS) << (64 - CHECK_BITS);
        let row = unmix(high).wrapping_sub(1).wrapping_sub(self.seed);
        u32::try_from(row).ok().filter(|_| low == check)
    }

    /// The id of what a name stands for; `kind` keeps a user and a resource of one name apart.
    pub(crate) fn id_by_name(self, kind: u64, name: &str) -> Id {
        let mixed = name.bytes().fold(
            mix(self.seed ^ kind),
            |sum, byte| mix(sum ^ u64::from(byte)),
        );
        Id::from_parts(mixed, mix(mixed.wrapping_add(self.seed)))
    }

    fn check(self, high: u64) -> u64 {
        mix(high ^ self.seed.rotate_left(23))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_lead_to_their_row() {
        let ids = Ids::new(1);
        for row in [0, 1, 499, 1_000_000, u32::MAX] {
            let id = ids.leak(row);
            assert_eq!(Id::parse(&id.to_string()), Some(id));
            assert_eq!(Id::parse(&id.to_string().to_uppercase()), Some(id));
            assert_eq!(ids.row(id), Some(row));
            assert_eq!(Ids::new(2).row(id), None);
        }
        let named = ids.id_by_name(1, "a");
        assert_eq!(Id::parse(&named.to_string()), Some(named));
        assert_eq!(ids.row(named), None);
        assert_ne!(named, ids.id_by_name(2, "a"));
        assert_eq!(named.to_string().as_bytes()[14], b'4');
    }

    #[test]
    fn what_is_no_uuid_is_none() {
        for bad in [
            "",
            "7f1c",
            "0e7f4a528c114b7d9d0e6a2b51c7f903",
            "0e7f4a52-8c11-4b7d-9d0e-6a2b51c7f90z",
            "0e7f4a52-8c11-4b7d-9d0e6-a2b51c7f903",
            "é0e7f4a5-8c11-4b7d-9d0e-6a2b51c7f90",
        ] {
            assert_eq!(Id::parse(bad), None, "{bad}");
        }
    }
}
