//! A column of numbers that is as wide as its largest one: most columns have few distinct values, and a byte holds them.

use super::{
    growth::{behind, make_room, put},
    strings::NONE,
};

/// Numbers by row. It reaches no further than its last value: where no row has one, it takes no memory.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    Bytes(Vec<u8>),
    Pairs(Vec<u16>),
    Words(Vec<u32>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Numbers {
    /// The number of a row, or [`NONE`].
    pub(super) fn get(&self, at: usize) -> u32 {
        match self {
            Self::Bytes(all) => match all.get(at) {
                None | Some(&u8::MAX) => NONE,
                Some(&number) => number.into(),
            },
            Self::Pairs(all) => match all.get(at) {
                None | Some(&u16::MAX) => NONE,
                Some(&number) => number.into(),
            },
            Self::Words(all) => all.get(at).copied().unwrap_or(NONE),
        }
    }

    /// The numbers of some rows, or [`NONE`].
    pub(super) fn of(&self, rows: impl Iterator<Item = usize>) -> Vec<u32> {
        // The width is looked at once, not for each row.
        match self {
            Self::Bytes(all) => numbers_at(all, rows, u8::MAX, |number| match number {
                u8::MAX => NONE,
                number => number.into(),
            }),
            Self::Pairs(all) => numbers_at(all, rows, u16::MAX, |number| match number {
                u16::MAX => NONE,
                number => number.into(),
            }),
            Self::Words(all) => numbers_at(all, rows, NONE, |number| number),
        }
    }

    /// Every row that has a number, with it, in order.
    pub(super) fn each(&self, mut take: impl FnMut(usize, u32)) {
        match self {
            Self::Bytes(all) => all
                .iter()
                .enumerate()
                .filter(|(_, number)| **number != u8::MAX)
                .for_each(|(row, number)| take(row, u32::from(*number))),
            Self::Pairs(all) => all
                .iter()
                .enumerate()
                .filter(|(_, number)| **number != u16::MAX)
                .for_each(|(row, number)| take(row, u32::from(*number))),
            Self::Words(all) => all
                .iter()
                .enumerate()
                .filter(|(_, number)| **number != NONE)
                .for_each(|(row, number)| take(row, *number)),
        }
    }

    /// The rows that have this number, in order.
    pub(super) fn each_of(&self, number: u32, take: impl FnMut(usize)) {
        // The largest number of a width stands for none, and a larger one is in no row.
        match self {
            Self::Bytes(all) if number < u32::from(u8::MAX) => places(all, number as u8, take),
            Self::Pairs(all) if number < u32::from(u16::MAX) => places(all, number as u16, take),
            Self::Words(all) if number < NONE => places(all, number, take),
            Self::Bytes(_) | Self::Pairs(_) | Self::Words(_) => {}
        }
    }

    /// Writes the number of a row.
    pub(super) fn set(&mut self, at: usize, number: u32) {
        if at >= self.len() && number == NONE {
            return;
        }
        self.widen_for(number);
        match self {
            Self::Bytes(all) => put(all, at, number as u8, u8::MAX),
            Self::Pairs(all) => put(all, at, number as u16, u16::MAX),
            Self::Words(all) => put(all, at, number, NONE),
        }
    }

    /// Writes the numbers of new rows, the first of which is `at`, behind all that are there.
    pub(super) fn append(&mut self, at: usize, numbers: impl Iterator<Item = u32> + Clone) {
        let largest = numbers.clone().filter(|number| *number != NONE).max();
        let Some(largest) = largest else {
            // It reaches no further than its last value.
            return;
        };
        self.widen_for(largest);
        match self {
            Self::Bytes(all) => behind(all, at, numbers.map(|number| number as u8), u8::MAX),
            Self::Pairs(all) => behind(all, at, numbers.map(|number| number as u16), u16::MAX),
            Self::Words(all) => behind(all, at, numbers, NONE),
        }
    }

    /// Makes room for so many rows in all, so that it need not be made again and again. A column without a value
    /// stays without.
    pub(super) fn reserve(&mut self, rows: usize) {
        match self {
            Self::Bytes(all) if !all.is_empty() => make_room(all, rows),
            Self::Pairs(all) => make_room(all, rows),
            Self::Words(all) => make_room(all, rows),
            Self::Bytes(_) => {}
        }
    }

    /// Whether all numbers are below 65,535.
    pub(super) fn is_narrow(&self) -> bool {
        !matches!(self, Self::Words(_))
    }

    fn len(&self) -> usize {
        match self {
            Self::Bytes(all) => all.len(),
            Self::Pairs(all) => all.len(),
            Self::Words(all) => all.len(),
        }
    }

    /// The largest number of a width stands for none.
    fn widen_for(&mut self, number: u32) {
        if number == NONE {
            return;
        }
        if let Self::Bytes(all) = self
            && number >= u32::from(u8::MAX)
        {
            let wider = |&number: &u8| match number {
                u8::MAX => u16::MAX,
                number => number.into(),
            };
            *self = Self::Pairs(widened(all, wider));
        }
        if let Self::Pairs(all) = self
            && number >= u32::from(u16::MAX)
        {
            let wider = |&number: &u16| match number {
                u16::MAX => NONE,
                number => number.into(),
            };
            *self = Self::Words(widened(all, wider));
        }
    }
}

/// What some rows have, or what stands for nothing.
fn numbers_at<T: Copy>(
    all: &[T],
    rows: impl Iterator<Item = usize>,
    none: T,
    number: impl Fn(T) -> u32,
) -> Vec<u32> {
    rows.map(|row| number(all.get(row).copied().unwrap_or(none)))
        .collect()
}

/// Where a value stands.
fn places<T: Copy + PartialEq>(all: &[T], wanted: T, mut take: impl FnMut(usize)) {
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

fn widened<S, W>(all: &Vec<S>, wider: impl Fn(&S) -> W) -> Vec<W> {
    let mut wide = Vec::with_capacity(all.capacity());
    wide.extend(all.iter().map(wider));
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_no_row_needs_takes_no_memory() {
        let mut column = Numbers::default();
        column.set(7, NONE);
        column.reserve(1000);
        assert_eq!((column.get(7), column.len()), (NONE, 0));
        column.set(2, 5);
        assert_eq!([0, 2, 7].map(|row| column.get(row)), [NONE, 5, NONE]);
        column.set(2, NONE);
        assert_eq!(column.get(2), NONE);
    }

    #[test]
    fn rows_that_are_written_together_are_as_if_written_one_by_one() {
        let rows = [NONE, NONE, 3, 300, NONE, 70_000, NONE, NONE, 1];
        for split in 0..rows.len() {
            let (mut together, mut apart) = (Numbers::default(), Numbers::default());
            together.append(0, rows[..split].iter().copied());
            together.append(split, rows[split..].iter().copied());
            for (at, &number) in rows.iter().enumerate() {
                apart.set(at, number);
            }
            let read = |column: &Numbers| {
                let each: Vec<u32> = (0..rows.len()).map(|at| column.get(at)).collect();
                assert_eq!(each, column.of(0..rows.len()));
                each
            };
            assert_eq!(read(&together), read(&apart), "{split}");
        }
    }

    #[test]
    fn a_larger_number_widens_the_column_and_loses_nothing() {
        let numbers = [0, 254, NONE, 255, 65_534, NONE, 65_535, NONE - 1, 7];
        let mut column = Numbers::default();
        for (at, &number) in numbers.iter().enumerate() {
            column.set(at, number);
            let so_far: Vec<u32> = (0..=at).map(|at| column.get(at)).collect();
            assert_eq!(so_far, numbers[..=at]);
            let mut all = Vec::new();
            column.each(|row, number| all.push((row, number)));
            let some = |(row, number): (usize, &u32)| (*number != NONE).then_some((row, *number));
            let expected: Vec<_> = so_far.iter().enumerate().filter_map(some).collect();
            assert_eq!(all, expected);
            for wanted in [0, 7, 254, 255, 65_534, 65_535, NONE - 1, NONE] {
                let mut found = Vec::new();
                column.each_of(wanted, |row| found.push(row));
                let rows = expected.iter().filter(|(_, number)| *number == wanted);
                assert_eq!(found, rows.map(|(row, _)| *row).collect::<Vec<_>>());
            }
        }
    }
}
