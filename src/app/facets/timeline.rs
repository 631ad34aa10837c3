//! The leaks in view by date: by day where they lie close together, else by month, else by year. Dates are those of
//! UTC, as in the filter language.

use crate::{
    entity::status::Status,
    table::{Facets, RowId, Table},
};
use jiff::civil::{Date, date};
use strum::IntoEnumIterator;

/// What one bar stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BucketSize {
    /// A day.
    Day,
    /// A month.
    #[default]
    Month,
    /// A year.
    Year,
}

/// A bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its first day.
    pub first_day: Date,
    /// How many leaks.
    pub count: u32,
    /// The same by the number of the status.
    pub by_status: [u32; STATUSES],
}

/// How many statuses there are.
pub const STATUSES: usize = 6;

/// Bars from the first to the last date, those without a leak too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// What one stands for.
    pub bucket_size: BucketSize,
    /// In order.
    pub buckets: Vec<Bucket>,
    /// Leaks without a date.
    pub undated: u32,
}

/// So many days are shown as days.
const MAX_DAYS: usize = 62;
/// So many months are shown as months.
const MAX_MONTHS: usize = 120;
/// Years beyond these are no dates that anybody looks at.
const MAX_YEARS: usize = 200;

/// Counts rows by date, and those of each date by status.
pub fn count_by_date(table: &Table, rows: &[RowId], facets: &Facets) -> Timeline {
    let mut timeline = by_date(table, rows, facets);
    count_statuses(table, rows, &mut timeline.buckets);
    timeline
}

/// Counts the rows of each bar by status.
fn count_statuses(table: &Table, rows: &[RowId], buckets: &mut [Bucket]) {
    let begin = date(1970, 1, 1);
    let day = |date: Date| {
        begin
            .until(date)
            .ok()
            .map(|span| i64::from(span.get_days()))
    };
    let firsts: Vec<i64> = buckets
        .iter()
        .filter_map(|bucket| day(bucket.first_day))
        .collect();
    let (Some(&first), Some(&last)) = (firsts.first(), firsts.last()) else {
        return;
    };
    // A row finds its bar by its day alone: there may be a million rows, and there are never many days.
    let mut bar_of: Vec<u16> = Vec::new();
    for (at, from) in firsts.iter().enumerate() {
        let until = firsts.get(at + 1).copied().unwrap_or(last + 1);
        let days = usize::try_from(until - from).unwrap_or(0);
        bar_of.extend(std::iter::repeat_n(at as u16, days));
    }
    for row in rows {
        let Some(seconds) = table.seen_seconds(*row) else {
            continue;
        };
        let Ok(at) = usize::try_from(seconds.div_euclid(86_400) - first) else {
            continue;
        };
        // The last bar takes what is left.
        let bar = bar_of.get(at).or(bar_of.last()).copied();
        if let Some(bucket) = bar.and_then(|bar| buckets.get_mut(usize::from(bar))) {
            bucket.by_status[table.status(*row) as usize] += 1;
        }
    }
}

fn by_date(table: &Table, rows: &[RowId], facets: &Facets) -> Timeline {
    let mut timeline = Timeline {
        undated: facets.undated,
        ..Timeline::default()
    };
    let months = &facets.months;
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return timeline;
    };
    let number = |(year, month, _): &(i16, i8, u32)| i32::from(*year) * 12 + i32::from(*month) - 1;
    let span = usize::try_from(number(last) - number(first)).unwrap_or(0) + 1;
    if span <= 3 {
        timeline.buckets = day_buckets(table, rows);
        timeline.bucket_size = BucketSize::Day;
        if (1..=MAX_DAYS).contains(&timeline.buckets.len()) {
            return timeline;
        }
    }
    if span <= MAX_MONTHS {
        timeline.bucket_size = BucketSize::Month;
        timeline.buckets = fill_buckets(number(first), span, |month| {
            let from = month_start(month)?;
            let found = months.iter().find(|one| number(one) == month);
            Some((from, found.map_or(0, |(_, _, count)| *count)))
        });
        return timeline;
    }
    timeline.bucket_size = BucketSize::Year;
    let years = usize::try_from(i32::from(last.0) - i32::from(first.0)).unwrap_or(0) + 1;
    let shown = years.min(MAX_YEARS);
    let begin = i32::from(last.0) - i32::try_from(shown - 1).unwrap_or(0);
    timeline.buckets = fill_buckets(begin, shown, |year| {
        let year = i16::try_from(year).ok()?;
        let of_year = months.iter().filter(|(other, _, _)| *other == year);
        let count = of_year.map(|(_, _, count)| *count).sum();
        Some((Date::new(year, 1, 1).ok()?, count))
    });
    timeline
}

fn fill_buckets(first: i32, count: usize, of: impl Fn(i32) -> Option<(Date, u32)>) -> Vec<Bucket> {
    let numbers = (first..).take(count);
    let found = numbers.filter_map(of);
    found
        .map(|(from, count)| Bucket::new(from, count))
        .collect()
}

fn month_start(number: i32) -> Option<Date> {
    let year = i16::try_from(number.div_euclid(12)).ok()?;
    let month = i8::try_from(number.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, 1).ok()
}

/// The days from the first to the last.
fn day_buckets(table: &Table, rows: &[RowId]) -> Vec<Bucket> {
    let day = |row: &RowId| Some(table.seen_seconds(*row)?.div_euclid(86_400));
    let found = || rows.iter().filter_map(day);
    let (Some(first), Some(last)) = (found().min(), found().max()) else {
        return Vec::new();
    };
    let mut counts = vec![0_u32; usize::try_from(last - first).unwrap_or(0) + 1];
    for day in found() {
        let at = usize::try_from(day - first).ok();
        if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    let begin = date(1970, 1, 1);
    let dated = (first..).zip(counts);
    dated
        .filter_map(|(day, count)| {
            let from = begin
                .checked_add(jiff::Span::new().try_days(day).ok()?)
                .ok()?;
            Some(Bucket::new(from, count))
        })
        .collect()
}

impl Bucket {
    fn new(from: Date, count: u32) -> Self {
        Self {
            first_day: from,
            count,
            by_status: [0; STATUSES],
        }
    }
}

impl Timeline {
    /// The statuses that leaks with a date have, in their own order.
    pub fn statuses(&self) -> Vec<Status> {
        let has = |status: &Status| {
            let mut bars = self.buckets.iter();
            bars.any(|bar| bar.by_status[*status as usize] > 0)
        };
        Status::iter().filter(has).collect()
    }

    /// What a bar is called: `2026-01-05`, `2026-01`, `2026`.
    pub fn name(&self, at: usize) -> Option<String> {
        let from = self.buckets.get(at)?.first_day;
        Some(match self.bucket_size {
            BucketSize::Day => from.to_string(),
            BucketSize::Month => format!("{:04}-{:02}", from.year(), from.month()),
            BucketSize::Year => format!("{:04}", from.year()),
        })
    }

    /// The filter term of a bar.
    pub fn term(&self, at: usize) -> Option<String> {
        let name = self.name(at)?;
        Some(match self.bucket_size {
            BucketSize::Day | BucketSize::Month => format!("seen:{name}"),
            BucketSize::Year => format!("seen:{name}-01..{name}-12"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facets(months: &[(i16, i8, u32)]) -> Facets {
        Facets {
            months: months.to_vec(),
            ..Facets::default()
        }
    }

    #[test]
    fn months_without_a_leak_are_bars_too() {
        let found = facets(&[(2025, 11, 3), (2026, 2, 1)]);
        let timeline = count_by_date(&Table::new(), &[], &found);
        let counts: Vec<u32> = timeline.buckets.iter().map(|bar| bar.count).collect();
        assert_eq!(counts, [3, 0, 0, 1]);
        assert_eq!(timeline.name(1).as_deref(), Some("2025-12"));
        assert_eq!(timeline.term(3).as_deref(), Some("seen:2026-02"));
        assert_eq!(timeline.term(4), None);
    }

    #[test]
    fn a_long_time_is_shown_by_year_and_a_wild_date_does_not_fill_the_screen() {
        let found = facets(&[(1999, 1, 1), (2026, 2, 1), (2026, 3, 2)]);
        let timeline = count_by_date(&Table::new(), &[], &found);
        assert_eq!(
            (timeline.bucket_size, timeline.buckets.len()),
            (BucketSize::Year, 28)
        );
        assert_eq!(timeline.buckets.last().map(|bar| bar.count), Some(3));
        let term = "seen:2026-01..2026-12";
        assert_eq!(timeline.term(27).as_deref(), Some(term));
        let wild = count_by_date(&Table::new(), &[], &facets(&[(-4000, 1, 1), (2026, 2, 1)]));
        assert_eq!(wild.buckets.len(), MAX_YEARS);
    }
}
