//! Many things cast into the small parts of an order by a number of each, in slices: what is in one part comes before all
//! that is in the next, and to sort a part takes next to nothing.

use super::splitters::Splitters;
use std::ops::Range;

/// Things that are being cast.
#[derive(Clone, Debug)]
pub(super) struct Partitioning<T> {
    things: Vec<T>,
    splitters: Splitters,
    /// The numbers and the parts of those that have been looked at.
    numbers: Vec<u64>,
    parts: Vec<u16>,
    /// By part, how many there are.
    counts: Vec<u32>,
    placement: Option<Placement<T>>,
}

/// Things that are being put into their parts.
#[derive(Clone, Debug)]
struct Placement<T> {
    /// How many are.
    placed_count: usize,
    /// By part, where the next one goes.
    places: Vec<u32>,
    partitioned: Partitioned<T>,
}

/// Things that are in their parts.
#[derive(Clone, Debug)]
pub(super) struct Partitioned<T> {
    /// Part by part.
    pub(super) things: Vec<T>,
    /// In the same order, the number of each.
    pub(super) numbers: Vec<u64>,
    /// By part, where it begins, and the end.
    starts: Vec<u32>,
    splitters: Splitters,
}

/// Things of a part, about, until there are so many parts: more of them are further apart in the memory, and it takes
/// longer to find the one of a thing.
const BUCKET_LEN: usize = 1_024;
const MAX_BUCKETS: usize = 256;
/// So many things are looked at for each border.
const SAMPLES_PER_SPLITTER: usize = 16;

impl<T: Copy> Partitioning<T> {
    /// Begins with some of the things' numbers.
    pub(super) fn new(things: Vec<T>, number: impl Fn(T) -> u64) -> Self {
        let parts = (things.len() / BUCKET_LEN).clamp(1, MAX_BUCKETS);
        let step = (things.len() / (parts * SAMPLES_PER_SPLITTER)).max(1);
        let some = things.iter().step_by(step);
        let mut sample: Vec<u64> = some.map(|&thing| number(thing)).collect();
        sample.sort_unstable();
        let borders = Splitters::from_sample(&sample, SAMPLES_PER_SPLITTER);
        Self {
            numbers: Vec::with_capacity(things.len()),
            parts: Vec::with_capacity(things.len()),
            counts: vec![0; borders.len() + 1],
            placement: None,
            things,
            splitters: borders,
        }
    }

    /// The next ones whose numbers are asked for, at most so many; none when all are known.
    pub(super) fn next_unnumbered(&self, some: usize) -> &[T] {
        let from = self.numbers.len();
        let to = from.saturating_add(some).min(self.things.len());
        &self.things[from..to]
    }

    /// Takes the numbers of the next ones.
    pub(super) fn add_numbers(&mut self, numbers: &[u64]) {
        let (borders, counts) = (&self.splitters, &mut self.counts);
        self.parts.extend(numbers.iter().map(|number| {
            let part = borders.bucket_of(*number);
            counts[part] += 1;
            part as u16
        }));
        self.numbers.extend_from_slice(numbers);
    }

    /// Puts so many more into their parts, once all numbers are known; all of them, when that is done.
    pub(super) fn distribute(&mut self, some: usize) -> Option<Partitioned<T>> {
        let mut placing = self
            .placement
            .take()
            .unwrap_or_else(|| self.begin_placement());
        let from = placing.placed_count;
        let to = from.saturating_add(some).min(self.things.len());
        let things = self.things[from..to].iter().zip(&self.numbers[from..to]);
        for ((thing, number), part) in things.zip(&self.parts[from..to]) {
            let place = &mut placing.places[usize::from(*part)];
            placing.partitioned.things[*place as usize] = *thing;
            placing.partitioned.numbers[*place as usize] = *number;
            *place += 1;
        }
        placing.placed_count = to;
        if to == self.things.len() {
            return Some(placing.partitioned);
        }
        self.placement = Some(placing);
        None
    }

    fn begin_placement(&mut self) -> Placement<T> {
        let mut starts = std::mem::take(&mut self.counts);
        let mut end = 0;
        for start in &mut starts {
            end += std::mem::replace(start, end);
        }
        let places = starts.clone();
        starts.push(end);
        Placement {
            placed_count: 0,
            places,
            partitioned: Partitioned {
                // What stands there first is written over.
                things: self.things.clone(),
                numbers: vec![0; self.things.len()],
                starts,
                splitters: self.splitters.clone(),
            },
        }
    }
}

impl<T> Partitioned<T> {
    /// How many parts there are.
    pub(super) fn bucket_count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The part of a number.
    pub(super) fn bucket_of(&self, number: u64) -> usize {
        self.splitters.bucket_of(number)
    }

    /// The places of a part.
    pub(super) fn bucket_range(&self, part: usize) -> Range<usize> {
        let at = |part: usize| self.starts.get(part).map_or(0, |start| *start as usize);
        at(part)..at(part + 1)
    }

    /// The parts that some places are in.
    pub(super) fn buckets_at(&self, places: &Range<usize>) -> Range<usize> {
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
        begun(places.start)..(begun(places.end - 1) + 1).min(self.bucket_count())
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
                let mut casting = Partitioning::new(things.clone(), number);
                while !casting.next_unnumbered(turn).is_empty() {
                    let numbers: Vec<u64> = casting
                        .next_unnumbered(turn)
                        .iter()
                        .map(|at| number(*at))
                        .collect();
                    casting.add_numbers(&numbers);
                }
                let cast = std::iter::repeat_with(|| casting.distribute(turn))
                    .take(100)
                    .find_map(std::convert::identity)
                    .unwrap();
                let mut sorted = Vec::new();
                for part in 0..cast.bucket_count() {
                    let places = cast.bucket_range(part);
                    for place in places.clone() {
                        assert_eq!(cast.bucket_of(cast.numbers[place]), part);
                        assert_eq!(cast.numbers[place], number(cast.things[place]));
                        assert_eq!(cast.buckets_at(&(place..place + 1)), part..part + 1);
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
