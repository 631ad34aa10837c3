//! The period of a report: whole days, UTC.

use crate::cli::failure::{Failure, FailureKind};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

/// From one day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Date,
    pub(super) to: Date,
}

impl Period {
    /// Its first second.
    pub(super) fn begin(self) -> i64 {
        seconds(self.from)
    }

    /// The first second behind it.
    pub(super) fn end(self) -> i64 {
        seconds(self.to.saturating_add(1.day()))
    }

    /// The one before: the month before a month, else as many days.
    pub(super) fn previous(self) -> Self {
        let to = self.from.saturating_sub(1.day());
        let is_month =
            self.from == self.from.first_of_month() && self.to == self.from.last_of_month();
        let days = (self.end() - self.begin()) / 86_400;
        let from = if is_month {
            to.first_of_month()
        } else {
            self.from.saturating_sub(days.days())
        };
        Self { from, to }
    }
}

fn seconds(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC)
        .map_or(0, |zoned| zoned.timestamp().as_second())
}

/// The period that was asked for; the last whole month where nothing was.
pub(super) fn of(from: Option<Date>, to: Option<Date>, today: Date) -> Result<Period, Failure> {
    let last = today.first_of_month().saturating_sub(1.day());
    let period = match (from, to) {
        (None, None) => Period {
            from: last.first_of_month(),
            to: last,
        },
        (Some(from), None) => Period {
            from,
            to: if from > last { today } else { last },
        },
        (None, Some(to)) => Period {
            from: to.first_of_month(),
            to,
        },
        (Some(from), Some(to)) => Period { from, to },
    };
    if period.from > period.to {
        return Err(Failure::new(
            FailureKind::Usage,
            "the period ends before it begins",
            "give --from a day that is not behind --to",
        ));
    }
    if period.begin() < seconds(today) - 400 * 86_400 {
        return Err(Failure::new(
            FailureKind::Usage,
            "what was seen is kept for 400 days: no report reaches further back",
            "give --from a later day",
        ));
    }
    Ok(period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn without_days_it_is_the_last_whole_month() {
        let today = date(2026, 3, 15);
        let period = of(None, None, today).unwrap();
        assert_eq!(
            (period.from, period.to),
            (date(2026, 2, 1), date(2026, 2, 28))
        );
        let before = period.previous();
        assert_eq!(
            (before.from, before.to),
            (date(2026, 1, 1), date(2026, 1, 31))
        );
        let week = of(Some(date(2026, 3, 2)), Some(date(2026, 3, 8)), today).unwrap();
        assert_eq!(week.previous().from, date(2026, 2, 23));
        assert_eq!(week.end() - week.begin(), 7 * 86_400);
        assert!(of(Some(date(2026, 3, 9)), Some(date(2026, 3, 8)), today).is_err());
        assert!(of(Some(date(2020, 1, 1)), None, today).is_err());
    }
}
