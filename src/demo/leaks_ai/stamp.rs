//! Times that sort like numbers and are written like the vendor's: UTC, milliseconds.

/// A time: its digits from the year to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// A second of a day, `YYYY-MM-DD`, and a part of it.
    pub(crate) fn from_day(day: &str, second: u32, milli: u32) -> Self {
        let time = u64::from(second / 3_600 * 10_000 + second / 60 % 60 * 100 + second % 60);
        Self((digits(day) * 1_000_000 + time) * 1_000 + u64::from(milli))
    }

    /// A time as `YYYY-MM-DDThh:mm:ssZ`, and a part of its second.
    pub(crate) fn from_time(time: &str, milli: u32) -> Self {
        Self(digits(time) * 1_000 + u64::from(milli))
    }

    /// The same day at another second.
    pub(crate) fn with_second(self, second: u32) -> Self {
        let time = u64::from(second / 3_600 * 10_000 + second / 60 % 60 * 100 + second % 60);
        Self((self.0 / 1_000_000_000 * 1_000_000 + time) * 1_000)
    }

    /// As the vendor writes it.
    pub(crate) fn text(self) -> String {
        let part = |over: u64, bound: u64| self.0 / over % bound;
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            part(10_000_000_000_000, 10_000),
            part(100_000_000_000, 100),
            part(1_000_000_000, 100),
            part(10_000_000, 100),
            part(100_000, 100),
            part(1_000, 100),
            part(1, 1_000),
        )
    }
}

fn digits(text: &str) -> u64 {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_sorted() {
        let noon = Stamp::from_day("2026-03-01", 43_200, 7);
        assert_eq!(noon.text(), "2026-03-01T12:00:00.007Z");
        let read = Stamp::from_time("2026-02-28T23:59:08Z", 12);
        assert_eq!(read.text(), "2026-02-28T23:59:08.012Z");
        assert!(read < noon);
        assert_eq!(read.with_second(61).text(), "2026-02-28T00:01:01.000Z");
    }
}
