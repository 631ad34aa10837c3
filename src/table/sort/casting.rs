//! Many things cast into the small parts of an order by a number of each, in turns: what is in one part comes before all
//! that is in the next, and to sort a part takes next to nothing.

use super::borders::Borders;
use std::ops::Range;

/// Things that are being cast.
#[derive(Clone, Debug)]
pub(super) struct Casting<T> {
    things: Vec<T>,
    borders: Borders,
    /// The numbers and the parts of those that have been looked at.
    numbers: Vec<u64>,
    parts: Vec<u16>,
    /// By part, how many there are.
    counts: Vec<u32>,
    placing: Option<Placing<T>>,
}

/// Things that are being put into their parts.
#[derive(Clone, Debug)]
struct Placing<T> {
    /// How many are.
    done: usize,
    /// By part, where the next one goes.
    places: Vec<u32>,
    cast: Cast<T>,
}

/// Things that are in their parts.
#[derive(Clone, Debug)]
pub(super) struct Cast<T> {
    /// Part by part.
    pub(super) things: Vec<T>,
    /// In the same order, the number of each.
    pub(super) numbers: Vec<u64>,
    /// By part, where it begins, and the end.
    starts: Vec<u32>,
    borders: Borders,
}

/// Things of a part, about, until there are so many parts: more of them are further apart in the memory, and it takes
/// longer to find the one of a thing.
const PART: usize = 1_024;
const PARTS: usize = 256;
/// So many things are looked at for each border.
const SAMPLES: usize = 16;

impl<T: Copy> Casting<T> {
    /// Begins with some of the things' numbers.
    pub(super) fn new(things: Vec<T>, number: impl Fn(T) -> u64) -> Self {
        let parts = (things.len() / PART).clamp(1, PARTS);
        let step = (things.len() / (parts * SAMPLES)).max(1);
        let some = things.iter().step_by(step);
        let mut sample: Vec<u64> = some.map(|&thing| number(thing)).collect();
        sample.sort_unstable();
        let borders = Borders::of(&sample, SAMPLES);
        Self {
            numbers: Vec::with_capacity(things.len()),
            parts: Vec::with_capacity(things.len()),
            counts: vec![0; borders.len() + 1],
            placing: None,
            things,
            borders,
        }
    }

    /// The next ones whose numbers are asked for, at most so many; none when all are known.
    pub(super) fn next(&self, some: usize) -> &[T] {
        let from = self.numbers.len();
        let to = from.saturating_add(some).min(self.things.len());
        &self.things[from..to]
    }

    /// Takes the numbers of the next ones.
    pub(super) fn take(&mut self, numbers: &[u64]) {
        let (borders, counts) = (&self.borders, &mut self.counts);
        self.parts.extend(numbers.iter().map(|number| {
            let part = borders.part_of(*number);
            counts[part] += 1;
            part as u16
        }));
        self.numbers.extend_from_slice(numbers);
    }

    /// Puts so many more into their parts, once all numbers are known; all of them, when that is done.
    pub(super) fn place(&mut self, some: usize) -> Option<Cast<T>> {
        let mut placing = self.placing.take().unwrap_or_else(|| self.begin());
        let from = placing.done;
        let to = from.saturating_add(some).min(self.things.len());
        let things = self.things[from..to].iter().zip(&self.numbers[from..to]);
        for ((thing, number), part) in things.zip(&self.parts[from..to]) {
            let place = &mut placing.places[usize::from(*part)];
            placing.cast.things[*place as usize] = *thing;
            placing.cast.numbers[*place as usize] = *number;
            *place += 1;
        }
        placing.done = to;
        if to == self.things.len() {
            return Some(placing.cast);
        }
        self.placing = Some(placing);
        None
    }

    fn begin(&mut self) -> Placing<T> {
        let mut starts = std::mem::take(&mut self.counts);
        let mut end = 0;
        for start in &mut starts {
            end += std::mem::replace(start, end);
        }
        let places = starts.clone();
        starts.push(end);
        Placing {
            done: 0,
            places,
            cast: Cast {
                // What stands there first is written over.
                things: self.things.clone(),
                numbers: vec![0; self.things.len()],
                starts,
                borders: self.borders.clone(),
            },
        }
    }
}

impl<T> Cast<T> {
    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The part of a number.
    pub(super) fn part_of(&self, number: u64) -> usize {
        self.borders.part_of(number)
    }

    /// The places of a part.
    pub(super) fn places(&self, part: usize) -> Range<usize> {
        let at = |part: usize| self.starts.get(part).map_or(0, |start| *start as usize);
        at(part)..at(part + 1)
    }

    /// The parts that some places are in.
    pub(super) fn parts_at(&self, places: &Range<usize>) -> Range<usize> {
        // The last of several parts that begin at one place is the one that has things.
        let begun = |place: usize| {
            let before = self
                .starts
                .partition_point(|start| *start as usize <= place);
            before.saturating_sub(1)
        };
        if places.is_empty() {
            return 0..0;
        }
        begun(places.start)..(begun(places.end - 1) + 1).min(self.parts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_cast_in_turns_as_they_are_at_once() {
        let number = |thing: u32| u64::from(thing.wrapping_mul(2_654_435_761) >> 12);
        for count in [0, 1, 1_000, 50_000] {
            for turn in [1_000, 7_777, usize::MAX] {
                let things: Vec<u32> = (0..count).collect();
                let mut casting = Casting::new(things.clone(), number);
                while !casting.next(turn).is_empty() {
                    let numbers: Vec<u64> =
                        casting.next(turn).iter().map(|at| number(*at)).collect();
                    casting.take(&numbers);
                }
                let cast = std::iter::repeat_with(|| casting.place(turn))
                    .take(100)
                    .find_map(std::convert::identity)
                    .unwrap();
                let mut sorted = Vec::new();
                for part in 0..cast.parts() {
                    let places = cast.places(part);
                    for place in places.clone() {
                        assert_eq!(cast.part_of(cast.numbers[place]), part);
                        assert_eq!(cast.numbers[place], number(cast.things[place]));
                        assert_eq!(cast.parts_at(&(place..place + 1)), part..part + 1);
                    }
                    let mut part = cast.things[places].to_vec();
                    part.sort_unstable_by_key(|thing| (number(*thing), *thing));
                    sorted.extend(part);
                }
                let mut expected = things;
                expected.sort_unstable_by_key(|thing| (number(*thing), *thing));
                assert_eq!(sorted, expected);
            }
        }
    }
}
