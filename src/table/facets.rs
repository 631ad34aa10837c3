//! What some rows have in common, counted: for a picture of them.

use super::{Marks, RowId, Table, columns::Columns, interner::Interner};
use crate::{
    entity::{leak::RiskLevel, raw_text::RawText, status::Status},
    filter::case_fold,
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, HashMap};
use strum::IntoEnumIterator;

/// So many values of a class or a country are told at most; those that are left out have fewer rows each.
pub const MAX_FACET_VALUES: usize = 100;

/// Counts of some rows. Each row is counted once in each of them, but for the values that [`MAX_FACET_VALUES`] leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facets {
    /// By status, in the order of their numbers; those that occur.
    pub status: Vec<(Status, u32)>,
    /// By risk, gravest first, what has none last; those that occur.
    pub risk: Vec<(Option<RiskLevel>, u32)>,
    /// By class, largest first, those of one size by name. Values that differ in case alone are one; nothing and an
    /// empty text are one too.
    pub class: Vec<(Option<RawText>, u32)>,
    /// By the machine's country, in the same way.
    pub country: Vec<(Option<RawText>, u32)>,
    /// By provider, largest first.
    pub source: Vec<(String, u32)>,
    /// By year and month of the provider's date, ascending; those that occur.
    pub months: Vec<(i16, i8, u32)>,
    /// Rows without a date that can be read.
    pub undated: u32,
}

const RISKS: [Option<RiskLevel>; 5] = [
    Some(RiskLevel::High),
    Some(RiskLevel::Medium),
    Some(RiskLevel::Low),
    Some(RiskLevel::None),
    None,
];

const DAY_SECONDS: i64 = 86_400;

/// Days from 1970 on that are counted in an array: to the year 2106. What lies elsewhere is rare.
const MAX_DAYS: usize = 50_000;

impl Table {
    /// Counts rows by what people look at first, each row once.
    pub fn facets(&self, rows: &[RowId]) -> Facets {
        let columns = &self.columns;
        let mut by_status = [0_u32; 8];
        let mut by_risk = [0_u32; 5];
        let mut by_slot = vec![0_u32; self.profiles.len()];
        let mut by_class = NumberCounts::with_len(self.classes.len());
        let mut by_machine = NumberCounts::with_len(self.groups.machines().len());
        let mut days = DayCounts::default();
        // By handle, not in their order: columns are then read from one end to the other.
        for row in rows.iter().copied().collect::<Marks>().iter() {
            by_status[columns.status(row) as usize & 7] += 1;
            by_risk[risk_index(columns, row)] += 1;
            by_slot[columns.slot(row).0 as usize] += 1;
            by_class.add(columns.class(row));
            by_machine.add(columns.machine(row));
            days.add(self.seen_seconds(row));
        }
        let mut by_country = NumberCounts::with_len(self.countries.len());
        by_country.none = by_machine.none;
        for (machine, count) in self.groups.machines().iter().zip(&by_machine.with_len) {
            by_country.add_many(machine.country, *count);
        }
        let statuses = Status::iter().zip(by_status);
        let mut source: HashMap<&str, u32> = HashMap::new();
        for ((_, provider), count) in self.profiles.iter().zip(&by_slot) {
            *source.entry(provider.as_str()).or_default() += count;
        }
        Facets {
            status: statuses.filter(|(_, count)| *count > 0).collect(),
            risk: RISKS
                .into_iter()
                .zip(by_risk)
                .filter(|(_, count)| *count > 0)
                .collect(),
            class: by_class.largest(&self.classes),
            country: by_country.largest(&self.countries),
            source: {
                let mut source: Vec<(String, u32)> = source
                    .into_iter()
                    .filter(|(_, count)| *count > 0)
                    .map(|(name, count)| (name.to_owned(), count))
                    .collect();
                source.sort_unstable_by(|(one, fewer), (two, more)| {
                    more.cmp(fewer).then_with(|| one.cmp(two))
                });
                source
            },
            undated: days.none,
            months: days.months(),
        }
    }
}

fn risk_index(columns: &Columns, row: RowId) -> usize {
    match columns.risk(row).map(|risk| risk.level) {
        Some(RiskLevel::High) => 0,
        Some(RiskLevel::Medium) => 1,
        Some(RiskLevel::Low) => 2,
        Some(RiskLevel::None) => 3,
        None => 4,
    }
}

/// Counts by number.
struct NumberCounts {
    with_len: Vec<u32>,
    none: u32,
}

impl NumberCounts {
    fn with_len(numbers: usize) -> Self {
        Self {
            with_len: vec![0; numbers],
            none: 0,
        }
    }

    fn add(&mut self, number: u32) {
        self.add_many(number, 1);
    }

    fn add_many(&mut self, number: u32, count: u32) {
        match self.with_len.get_mut(number as usize) {
            Some(place) => *place += count,
            None => self.none += count,
        }
    }

    /// The values with most rows, as they came most often.
    fn largest(&self, strings: &Interner) -> Vec<(Option<RawText>, u32)> {
        let mut none = self.none;
        // By the folded form: the count, and the form that came most often with its own count.
        let mut folded: HashMap<Vec<u8>, (u32, u32, &[u8])> = HashMap::new();
        for (number, &count) in self
            .with_len
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let text = strings.get(number as u32).unwrap_or_default();
            if text.is_empty() {
                none += count;
                continue;
            }
            let (sum, most, form) = folded
                .entry(case_fold(text).into_owned())
                .or_insert((0, 0, text));
            *sum += count;
            if count > *most || count == *most && text < *form {
                (*most, *form) = (count, text);
            }
        }
        let mut values: Vec<(Option<&[u8]>, u32)> = folded
            .into_values()
            .map(|(sum, _, form)| (Some(form), sum))
            .chain((none > 0).then_some((None, none)))
            .collect();
        values.sort_unstable_by(|(one, fewer), (two, more)| {
            more.cmp(fewer)
                .then_with(|| one.is_none().cmp(&two.is_none()))
                .then_with(|| one.cmp(two))
        });
        values.truncate(MAX_FACET_VALUES);
        values
            .into_iter()
            .map(|(form, count)| (form.map(RawText::from), count))
            .collect()
    }
}

/// Counts by day.
struct DayCounts {
    counts: Vec<u32>,
    /// Days before 1970 or far away.
    others: BTreeMap<i64, u32>,
    none: u32,
}

impl Default for DayCounts {
    fn default() -> Self {
        Self {
            counts: vec![0; MAX_DAYS],
            others: BTreeMap::new(),
            none: 0,
        }
    }
}

impl DayCounts {
    fn add(&mut self, seconds: Option<i64>) {
        let Some(seconds) = seconds else {
            self.none += 1;
            return;
        };
        let day = seconds.div_euclid(DAY_SECONDS);
        match usize::try_from(day)
            .ok()
            .and_then(|at| self.counts.get_mut(at))
        {
            Some(place) => *place += 1,
            None => *self.others.entry(day).or_default() += 1,
        }
    }

    fn months(&self) -> Vec<(i16, i8, u32)> {
        let near = self.counts.iter().enumerate();
        let near = near.map(|(day, count)| (day as i64, *count));
        let far = self.others.iter().map(|(day, count)| (*day, *count));
        let mut months: BTreeMap<(i16, i8), u32> = BTreeMap::new();
        for (day, count) in near.chain(far).filter(|(_, count)| *count > 0) {
            // A date that was read is one that the calendar has.
            let Ok(time) = Timestamp::from_second(day * DAY_SECONDS) else {
                continue;
            };
            let date = time.to_zoned(TimeZone::UTC).date();
            *months.entry((date.year(), date.month())).or_default() += count;
        }
        months
            .into_iter()
            .map(|((year, month), count)| (year, month, count))
            .collect()
    }
}
