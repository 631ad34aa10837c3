//! Dates and ages: whole days and months, UTC, as spans of seconds since 1970.

use super::Field;
use jiff::{ToSpan, civil};

/// How a value stands to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    More,
    /// `<=`
    AtMost,
    /// `<`
    Less,
}

impl Comparison {
    /// Whether a value stands so to a limit.
    pub fn matches<T: PartialOrd + Copy>(self, value: T, limit: T) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::More => value > limit,
            Self::AtMost => value <= limit,
            Self::Less => value < limit,
        }
    }
}

/// Seconds from the first on, up to another that is not part of it. Open ends are the ends of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateRange {
    start: i64,
    end: i64,
}

impl DateRange {
    /// The day, the month, the minute or the second that a text names.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((day, clock)) = text.split_once(['T', 't']) {
            return Self::parse(day)
                .filter(|_| day.len() == 10)?
                .with_clock(clock);
        }
        let number = |part: &str, digits: usize| {
            let all = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| part.parse::<i16>().ok()).flatten()
        };
        let mut parts = text.split('-');
        let year = number(parts.next()?, 4)?;
        let month = number(parts.next()?, 2)? as i8;
        let day = parts.next().map(|day| number(day, 2));
        if parts.next().is_some() {
            return None;
        }
        let (first, length) = match day {
            None => (civil::Date::new(year, month, 1).ok()?, 1.month()),
            Some(day) => (civil::Date::new(year, month, day? as i8).ok()?, 1.day()),
        };
        // The last day that the calendar knows has no next one.
        let next = first.checked_add(length).ok();
        Some(Self {
            start: midnight(first),
            end: next.map_or(i64::MAX, midnight),
        })
    }

    /// The minute or second of a day, UTC where no zone is said.
    fn with_clock(self, clock: &str) -> Option<Self> {
        let (clock, ahead) = match clock.find(['Z', 'z', '+', '-']) {
            Some(at) => (clock.get(..at)?, parse_offset(clock.get(at..)?)?),
            None => (clock, 0),
        };
        let whole = clock.split_once('.').map_or(Some(clock), |(whole, part)| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some(whole)
        })?;
        let parts: Option<Vec<i64>> = whole.split(':').map(two_digits).collect();
        let (seconds, length) = match parts?[..] {
            [hour @ 0..24, minute @ 0..60] => (hour * 3_600 + minute * 60, 60),
            [hour @ 0..24, minute @ 0..60, second @ 0..60] => {
                (hour * 3_600 + minute * 60 + second, 1)
            }
            _ => return None,
        };
        let from = self.start + seconds - ahead;
        Some(Self {
            start: from,
            end: from + length,
        })
    }

    /// From the beginning of one to the end of another; open where there is none.
    pub(super) fn from_bounds(first: Option<Self>, last: Option<Self>) -> Option<Self> {
        let span = Self {
            start: first.map_or(i64::MIN, |first| first.start),
            end: last.map_or(i64::MAX, |last| last.end),
        };
        (span.start < span.end).then_some(span)
    }

    /// What stands so to it as a whole.
    pub(super) fn compared_to(self, sign: Comparison) -> Self {
        let (from, until) = match sign {
            Comparison::AtLeast => (self.start, i64::MAX),
            Comparison::More => (self.end, i64::MAX),
            Comparison::AtMost => (i64::MIN, self.end),
            Comparison::Less => (i64::MIN, self.start),
        };
        Self {
            start: from,
            end: until,
        }
    }

    fn contains(self, seconds: i64) -> bool {
        (self.start..self.end).contains(&seconds)
    }

    fn is_within(self, wide: Self) -> bool {
        wide.start <= self.start && self.end <= wide.end
    }
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// By how many seconds a zone is ahead of UTC: `Z`, `+01:00` or `+0100`.
fn parse_offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = zone.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let ahead = two_digits(hours)? * 3_600 + two_digits(minutes)? * 60;
    match sign {
        "+" => Some(ahead),
        "-" => Some(-ahead),
        _ => None,
    }
}

/// The seconds since 1970 at the beginning of a day, also of the last one, whose end is beyond what a time can be.
fn midnight(day: civil::Date) -> i64 {
    day.duration_since(civil::date(1970, 1, 1)).as_secs()
}

/// When something may have been.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DateRanges {
    /// In any of these.
    pub(super) ranges: Vec<DateRange>,
    /// Or there is no date at all (`none`).
    pub missing: bool,
}

impl DateRanges {
    /// Whether a date lies in one of them.
    pub fn contains(&self, seconds: i64) -> bool {
        self.ranges.iter().any(|span| span.contains(seconds))
    }

    pub(super) fn is_subset(&self, wide: &Self) -> bool {
        let covered = |span: &DateRange| wide.ranges.iter().any(|wide| span.is_within(*wide));
        (wide.missing || !self.missing) && self.ranges.iter().all(covered)
    }
}

/// How long ago something was seen, or added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Age {
    /// Which date it is counted from.
    pub(super) field: Field,
    pub(super) comparison: Comparison,
    /// In seconds.
    pub(super) limit: i64,
}

impl Age {
    /// A number and its unit, in seconds: hours, days or weeks.
    pub(super) fn parse_seconds(text: &str) -> Option<i64> {
        let number = text.strip_suffix(['h', 'd', 'w', 'H', 'D', 'W'])?;
        let unit = match text.as_bytes().last()?.to_ascii_lowercase() {
            b'h' => 3_600,
            b'd' => 86_400,
            _ => 7 * 86_400,
        };
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = digits.then(|| number.parse().ok()).flatten()?;
        number.checked_mul(unit)
    }

    /// The date that it is counted from.
    pub fn field(self) -> Field {
        self.field
    }

    /// Whether it is so old at a moment. Without a moment nothing is known of an age.
    pub fn matches(self, seen: Option<i64>, now: Option<i64>) -> bool {
        match (seen, now) {
            (Some(seen), Some(now)) => self
                .comparison
                .matches(now.saturating_sub(seen), self.limit),
            (_, _) => false,
        }
    }

    /// Whether what is so old is sure to be as old as the other says, also where the other was asked for earlier: what
    /// is young now was younger then.
    pub(super) fn is_within(self, earlier: Self) -> bool {
        let young = |sign| matches!(sign, Comparison::Less | Comparison::AtMost);
        let tighter = self.limit < earlier.limit
            || self.limit == earlier.limit
                && (self.comparison == earlier.comparison || self.comparison == Comparison::Less);
        self.field == earlier.field
            && young(self.comparison)
            && young(earlier.comparison)
            && tighter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_whole_and_nothing_else_is_one() {
        let day = DateRange::parse("1970-01-02").unwrap();
        assert_eq!((day.start, day.end), (86_400, 2 * 86_400));
        let month = DateRange::parse("1970-02").unwrap();
        assert_eq!((month.start, month.end), (31 * 86_400, 59 * 86_400));
        let leap = DateRange::parse("2024-02-29").unwrap();
        assert_eq!(leap.end - leap.start, 86_400);
        assert_eq!(DateRange::parse("9999-12-31").unwrap().end, i64::MAX);
        let minute = DateRange::parse("1970-01-02T02:00").unwrap();
        assert_eq!((minute.start, minute.end), (93_600, 93_660));
        for second in [
            "1970-01-02T02:00:07Z",
            "1970-01-02T03:00:07.5+01:00",
            "1970-01-02t01:30:07-0030",
        ] {
            let second = DateRange::parse(second).unwrap();
            assert_eq!((second.start, second.end), (93_607, 93_608));
        }
        for wrong in [
            "1970-01-02T24:00",
            "1970-01-02T02:60",
            "1970-01T02:00",
            "1970-01-02T02:00+1",
            "1970-01-02T2:00",
            "1970-01-02T02:00:07.",
            "",
            "2026",
            "2026-1",
            "2026-13",
            "2026-00",
            "2025-02-29",
            "2026-01-1",
            "2026-01-01-01",
            "+026-01",
            "2026-01-",
            "26-01-01",
            "2026-01-01T00",
        ] {
            assert_eq!(DateRange::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_age_has_a_number_and_a_unit() {
        assert_eq!(Age::parse_seconds("24h"), Age::parse_seconds("1d"));
        assert_eq!(Age::parse_seconds("2W"), Age::parse_seconds("14d"));
        for wrong in ["", "d", "7", "7m", "-7d", "7dd", "9223372036854775807w"] {
            assert_eq!(Age::parse_seconds(wrong), None, "{wrong}");
        }
    }
}
