//! A column of numbers that is as wide as its largest one: most columns have few distinct values, and a byte holds them.

use super::{
    growth::{extend_at, reserve, set_or_extend},
    interner::NO_VALUE,
};

/// Numbers by row. It reaches no further than its last value: where no row has one, it takes no memory.
#[derive(Clone, Debug)]
pub(super) enum PackedColumn {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Default for PackedColumn {
    fn default() -> Self {
        Self::U8(Vec::new())
    }
}

impl PackedColumn {
    /// The number of a row, or [`NO_VALUE`].
    pub(super) fn get(&self, at: usize) -> u32 {
        match self {
            Self::U8(all) => match all.get(at) {
                None | Some(&u8::MAX) => NO_VALUE,
                Some(&number) => number.into(),
            },
            Self::U16(all) => match all.get(at) {
                None | Some(&u16::MAX) => NO_VALUE,
                Some(&number) => number.into(),
            },
            Self::U32(all) => all.get(at).copied().unwrap_or(NO_VALUE),
        }
    }

    /// The numbers of some rows, or [`NO_VALUE`].
    pub(super) fn get_many(&self, rows: impl Iterator<Item = usize>) -> Vec<u32> {
        // The width is looked at once, not for each row.
        match self {
            Self::U8(all) => values_at(all, rows, u8::MAX, |number| match number {
                u8::MAX => NO_VALUE,
                number => number.into(),
            }),
            Self::U16(all) => values_at(all, rows, u16::MAX, |number| match number {
                u16::MAX => NO_VALUE,
                number => number.into(),
            }),
            Self::U32(all) => values_at(all, rows, NO_VALUE, |number| number),
        }
    }

    /// Every row that has a number, with it, in order.
    pub(super) fn for_each(&self, mut take: impl FnMut(usize, u32)) {
        match self {
            Self::U8(all) => all
                .iter()
                .enumerate()
                .filter(|(_, number)| **number != u8::MAX)
                .for_each(|(row, number)| take(row, u32::from(*number))),
            Self::U16(all) => all
                .iter()
                .enumerate()
                .filter(|(_, number)| **number != u16::MAX)
                .for_each(|(row, number)| take(row, u32::from(*number))),
            Self::U32(all) => all
                .iter()
                .enumerate()
                .filter(|(_, number)| **number != NO_VALUE)
                .for_each(|(row, number)| take(row, *number)),
        }
    }

    /// The rows that have this number, in order.
    pub(super) fn for_each_row_with(&self, number: u32, take: impl FnMut(usize)) {
        // The largest number of a width stands for none, and a larger one is in no row.
        match self {
            Self::U8(all) if number < u32::from(u8::MAX) => find_positions(all, number as u8, take),
            Self::U16(all) if number < u32::from(u16::MAX) => {
                find_positions(all, number as u16, take);
            }
            Self::U32(all) if number < NO_VALUE => find_positions(all, number, take),
            Self::U8(_) | Self::U16(_) | Self::U32(_) => {}
        }
    }

    /// Writes the number of a row.
    pub(super) fn set(&mut self, at: usize, number: u32) {
        if at >= self.len() && number == NO_VALUE {
            return;
        }
        self.widen_for(number);
        match self {
            Self::U8(all) => set_or_extend(all, at, number as u8, u8::MAX),
            Self::U16(all) => set_or_extend(all, at, number as u16, u16::MAX),
            Self::U32(all) => set_or_extend(all, at, number, NO_VALUE),
        }
    }

    /// Writes the numbers of new rows, the first of which is `at`, behind all that are there.
    pub(super) fn append(&mut self, at: usize, numbers: impl Iterator<Item = u32> + Clone) {
        let largest = numbers.clone().filter(|number| *number != NO_VALUE).max();
        let Some(largest) = largest else {
            // It reaches no further than its last value.
            return;
        };
        self.widen_for(largest);
        match self {
            Self::U8(all) => extend_at(all, at, numbers.map(|number| number as u8), u8::MAX),
            Self::U16(all) => extend_at(all, at, numbers.map(|number| number as u16), u16::MAX),
            Self::U32(all) => extend_at(all, at, numbers, NO_VALUE),
        }
    }

    /// Makes room for so many rows in all, so that it need not be made again and again. A column without a value
    /// stays without.
    pub(super) fn reserve(&mut self, rows: usize) {
        match self {
            Self::U8(all) if !all.is_empty() => reserve(all, rows),
            Self::U16(all) => reserve(all, rows),
            Self::U32(all) => reserve(all, rows),
            Self::U8(_) => {}
        }
    }

    /// Whether all numbers are below 65,535.
    pub(super) fn is_narrow(&self) -> bool {
        !matches!(self, Self::U32(_))
    }

    fn len(&self) -> usize {
        match self {
            Self::U8(all) => all.len(),
            Self::U16(all) => all.len(),
            Self::U32(all) => all.len(),
        }
    }

    /// The largest number of a width stands for none.
    fn widen_for(&mut self, number: u32) {
        if number == NO_VALUE {
            return;
        }
        if let Self::U8(all) = self
            && number >= u32::from(u8::MAX)
        {
            let wider = |&number: &u8| match number {
                u8::MAX => u16::MAX,
                number => number.into(),
            };
            *self = Self::U16(widen(all, wider));
        }
        if let Self::U16(all) = self
            && number >= u32::from(u16::MAX)
        {
            let wider = |&number: &u16| match number {
                u16::MAX => NO_VALUE,
                number => number.into(),
            };
            *self = Self::U32(widen(all, wider));
        }
    }
}

/// What some rows have, or what stands for nothing.
fn values_at<T: Copy>(
    all: &[T],
    rows: impl Iterator<Item = usize>,
    none: T,
    number: impl Fn(T) -> u32,
) -> Vec<u32> {
    rows.map(|row| number(all.get(row).copied().unwrap_or(none)))
        .collect()
}

/// Where a value stands.
fn find_positions<T: Copy + PartialEq>(all: &[T], wanted: T, mut take: impl FnMut(usize)) {
    // Many are compared at once, and only among those that have it is each looked at.
    const STEP: usize = 64;
    for (step, some) in all.chunks(STEP).enumerate() {
        let count: usize = some.iter().map(|one| usize::from(*one == wanted)).sum();
        if count > 0 {
            let found = some.iter().enumerate().filter(|(_, one)| **one == wanted);
            found.for_each(|(at, _)| take(step * STEP + at));
        }
    }
}

fn widen<S, W>(all: &Vec<S>, wider: impl Fn(&S) -> W) -> Vec<W> {
    let mut wide = Vec::with_capacity(all.capacity());
    wide.extend(all.iter().map(wider));
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_no_row_needs_takes_no_memory() {
        let mut column = PackedColumn::default();
        column.set(7, NO_VALUE);
        column.reserve(1000);
        assert_eq!((column.get(7), column.len()), (NO_VALUE, 0));
        column.set(2, 5);
        assert_eq!(
            [0, 2, 7].map(|row| column.get(row)),
            [NO_VALUE, 5, NO_VALUE]
        );
        column.set(2, NO_VALUE);
        assert_eq!(column.get(2), NO_VALUE);
    }

    #[test]
    fn rows_that_are_written_together_are_as_if_written_one_by_one() {
        let rows = [
            NO_VALUE, NO_VALUE, 3, 300, NO_VALUE, 70_000, NO_VALUE, NO_VALUE, 1,
        ];
        for split in 0..rows.len() {
            let (mut together, mut apart) = (PackedColumn::default(), PackedColumn::default());
            together.append(0, rows[..split].iter().copied());
            together.append(split, rows[split..].iter().copied());
            for (at, &number) in rows.iter().enumerate() {
                apart.set(at, number);
            }
            let read = |column: &PackedColumn| {
                let each: Vec<u32> = (0..rows.len()).map(|at| column.get(at)).collect();
                assert_eq!(each, column.get_many(0..rows.len()));
                each
            };
            assert_eq!(read(&together), read(&apart), "{split}");
        }
    }

    #[test]
    fn a_larger_number_widens_the_column_and_loses_nothing() {
        let numbers = [
            0,
            254,
            NO_VALUE,
            255,
            65_534,
            NO_VALUE,
            65_535,
            NO_VALUE - 1,
            7,
        ];
        let mut column = PackedColumn::default();
        for (at, &number) in numbers.iter().enumerate() {
            column.set(at, number);
            let so_far: Vec<u32> = (0..=at).map(|at| column.get(at)).collect();
            assert_eq!(so_far, numbers[..=at]);
            let mut all = Vec::new();
            column.for_each(|row, number| all.push((row, number)));
            let some =
                |(row, number): (usize, &u32)| (*number != NO_VALUE).then_some((row, *number));
            let expected: Vec<_> = so_far.iter().enumerate().filter_map(some).collect();
            assert_eq!(all, expected);
            for wanted in [0, 7, 254, 255, 65_534, 65_535, NO_VALUE - 1, NO_VALUE] {
                let mut found = Vec::new();
                column.for_each_row_with(wanted, |row| found.push(row));
                let rows = expected.iter().filter(|(_, number)| *number == wanted);
                assert_eq!(found, rows.map(|(row, _)| *row).collect::<Vec<_>>());
            }
        }
    }
}
