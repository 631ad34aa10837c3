//! Dates of leaks. A time as nearly all providers write it, `2026-02-11T09:30:00Z`, is its own number, for hardly two
//! leaks have the same; whatever else came is kept as it came, each text once.

use super::interner::{Interner, NO_VALUE};
use crate::entity::date;
use fixedbitset::FixedBitSet;
use std::borrow::Cow;

/// The distinct texts that are no plain times, with their seconds.
#[derive(Clone, Debug)]
pub(super) struct Dates {
    texts: Interner,
    /// By text.
    seconds: Vec<i64>,
}

/// Stands for a text that is no date.
const NO_DATE: i64 = i64::MIN;
/// This bit marks a plain time: the others are the seconds since [`START_SECONDS`].
const PLAIN_BIT: u32 = 1 << 31;
/// 2000-01-01T00:00:00Z. From here 31 bits reach into the year 2068.
const START_SECONDS: i64 = 946_684_800;
const DAY_SECONDS: i64 = 86_400;

impl Default for Dates {
    fn default() -> Self {
        Self {
            texts: Interner::without_folding(),
            seconds: Vec::new(),
        }
    }
}

impl Dates {
    /// The number of a text.
    pub(super) fn intern(&mut self, text: Option<&[u8]>) -> u32 {
        let Some(text) = text else {
            return NO_VALUE;
        };
        if let Some(number) = pack_plain(text) {
            return number;
        }
        let number = self.texts.intern(text);
        if self.seconds.len() <= number as usize {
            self.seconds
                .push(date::parse_seconds(text).unwrap_or(NO_DATE));
        }
        number
    }

    /// The text of a number, as it came.
    pub(super) fn text(&self, number: u32) -> Option<Cow<'_, [u8]>> {
        match seconds_since_start(number) {
            Some(seconds) => Some(format_plain(seconds).to_vec().into()),
            None => self.texts.get(number).map(Cow::Borrowed),
        }
    }

    /// The text of a number, where one is kept.
    pub(super) fn stored_text(&self, number: u32) -> Option<&[u8]> {
        match seconds_since_start(number) {
            Some(_) => None,
            None => self.texts.get(number),
        }
    }

    /// The seconds since 1970 of a number, if it is a date.
    pub(super) fn seconds(&self, number: u32) -> Option<i64> {
        if let Some(seconds) = seconds_since_start(number) {
            return Some(START_SECONDS + i64::from(seconds));
        }
        let seconds = *self.seconds.get(number as usize)?;
        (seconds != NO_DATE).then_some(seconds)
    }

    /// Of the texts that are no plain times, by number: the place of its date among all of them, the same for the same
    /// seconds; [`NO_VALUE`] for no date.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut seconds = self.seconds.clone();
        seconds.sort_unstable();
        seconds.dedup();
        let dates = seconds.strip_prefix(&[NO_DATE]).unwrap_or(&seconds);
        let rank = |one: &i64| {
            dates
                .binary_search(one)
                .map_or(NO_VALUE, |rank| rank as u32)
        };
        self.seconds.iter().map(rank).collect()
    }

    /// The seconds since 1970 of a plain time, which is its own number.
    pub(super) fn plain_seconds(number: u32) -> Option<i64> {
        seconds_since_start(number).map(|seconds| START_SECONDS + i64::from(seconds))
    }

    /// Of the texts that are no plain times, the numbers of those for which something holds of the seconds; of what is
    /// no date there are none.
    pub(super) fn mark_matching(&self, holds: impl Fn(Option<i64>) -> bool) -> FixedBitSet {
        let seconds = self.seconds.iter().enumerate();
        seconds
            .filter(|(_, seconds)| holds((**seconds != NO_DATE).then_some(**seconds)))
            .map(|(at, _)| at)
            .collect()
    }
}

fn seconds_since_start(number: u32) -> Option<u32> {
    (number & PLAIN_BIT != 0 && number != NO_VALUE).then_some(number & !PLAIN_BIT)
}

/// The number of a plain time that there is; every byte of it can be told from the number.
fn pack_plain(text: &[u8]) -> Option<u32> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let separators = [text[4], text[7], text[10], text[13], text[16], text[19]];
    if separators != *b"--T::Z" {
        return None;
    }
    let digits = |at: usize| -> Option<u32> {
        let (high, low) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        (high < 10 && low < 10).then_some(u32::from(high) * 10 + u32::from(low))
    };
    if digits(0)? != 20 {
        return None;
    }
    let (year, month, day) = (digits(2)?, digits(5)?, digits(8)?);
    let (hour, minute, second) = (digits(11)?, digits(14)?, digits(17)?);
    let lengths = month_lengths(year);
    let length = *lengths.get(month.checked_sub(1)? as usize)?;
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Every fourth year of this century has one day more, its first one too.
    let days =
        year * 365 + year.div_ceil(4) + lengths.iter().take(month as usize - 1).sum::<u32>() + day
            - 1;
    let seconds = u64::from(days) * 86_400 + u64::from(hour * 3_600 + minute * 60 + second);
    let number = u32::try_from(seconds).ok().filter(|all| *all < PLAIN_BIT)? | PLAIN_BIT;
    (number != NO_VALUE).then_some(number)
}

/// Of a year since 2000, before 2100.
fn month_lengths(year: u32) -> [u32; 12] {
    let february = if year.is_multiple_of(4) { 29 } else { 28 };
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/// A plain time as it came.
fn format_plain(since_start: u32) -> [u8; 20] {
    let (mut days, rest) = (
        since_start / DAY_SECONDS as u32,
        since_start % DAY_SECONDS as u32,
    );
    // Four years and their one day more are always of one length.
    let (fours, within) = (days / 1_461, days % 1_461);
    // The first of them is the long one.
    let year_of_four = if within < 366 {
        0
    } else {
        (within - 366) / 365 + 1
    };
    days = within - (year_of_four * 365 + year_of_four.min(1));
    let year = fours * 4 + year_of_four;
    let mut month = 1;
    for length in month_lengths(year) {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let mut text = *b"2000-00-00T00:00:00Z";
    let members = [
        (2, year),
        (5, month),
        (8, days + 1),
        (11, rest / 3_600),
        (14, rest / 60 % 60),
        (17, rest % 60),
    ];
    for (at, number) in members {
        text[at] = b'0' + (number / 10 % 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    }
    text
}

/// Thousandths of a second, and none.
const FRACTION_STEPS: u64 = 1_001;

/// A time to the second or to its thousandth, `2026-02-11T09:30:00.250Z`, as a number from which every byte of it can be
/// told.
pub(super) fn pack_time(text: &[u8]) -> Option<u64> {
    let (time, part) = match text {
        [time @ .., b'.', one, two, three, b'Z'] => {
            let mut part = 0;
            for digit in [one, two, three] {
                part = part * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
            }
            (&[time, b"Z"].concat()[..], part + 1)
        }
        time => (time, 0),
    };
    let seconds = seconds_since_start(pack_plain(time)?)?;
    Some(u64::from(seconds) * FRACTION_STEPS + part)
}

/// A packed time as it came.
pub(super) fn unpack_time(time: u64) -> Vec<u8> {
    let seconds = u32::try_from(time / FRACTION_STEPS).unwrap_or(0) & !PLAIN_BIT;
    let mut text = format_plain(seconds).to_vec();
    if let Some(part) = (time % FRACTION_STEPS).checked_sub(1) {
        text.pop();
        text.extend_from_slice(format!(".{part:03}Z").as_bytes());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_century_comes_back_as_it_came() {
        let mut dates = Dates::default();
        let mut day = jiff::civil::date(1999, 12, 30);
        for turn in 0..26_000_u32 {
            let second = turn.wrapping_mul(7_919) % 86_400;
            let (hour, minute) = (second / 3_600, second / 60 % 60);
            let text = format!("{day}T{hour:02}:{minute:02}:{:02}Z", second % 60);
            let number = dates.intern(Some(text.as_bytes()));
            assert_eq!(dates.text(number).as_deref(), Some(text.as_bytes()));
            assert_eq!(
                dates.seconds(number),
                date::parse_seconds(text.as_bytes()),
                "{text}"
            );
            let reachable = (2000..2068).contains(&day.year());
            let is_plain = dates.stored_text(number).is_none();
            assert_eq!(
                is_plain,
                reachable || day.year() == 2068 && is_plain,
                "{text}"
            );
            day = day.tomorrow().unwrap();
        }
    }

    #[test]
    fn a_packed_time_comes_back_as_it_came() {
        for text in [
            "2000-01-01T00:00:00Z",
            "2000-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.999Z",
            "2068-01-19T03:14:06.250Z",
        ] {
            let time = pack_time(text.as_bytes()).unwrap();
            assert_eq!(unpack_time(time), text.as_bytes());
        }
        for text in [
            "",
            "Z",
            ".000Z",
            "2024-02-29T23:59:59.99Z",
            "2024-02-29T23:59:59.9999Z",
            "2024-02-29T23:59:59.x99Z",
            "2024-02-29T23:59:59Z.000Z",
            "2024-02-29T23:59:59.000+00:00",
            "2023-02-29T23:59:59.000Z",
        ] {
            assert_eq!(pack_time(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_time_is_kept_as_it_came() {
        let mut dates = Dates::default();
        for text in [
            "2026-02-11",
            "2026-02-29T00:00:00Z",
            "2024-02-30T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T23:59:60Z",
            "2026-01-01t00:00:00Z",
            "2026-01-01T00:00:00z",
            "2026-01-01T00:00:0\u{0}Z",
            "2068-01-19T03:14:07Z",
            "2099-12-31T23:59:59Z",
            "",
            "soon",
        ] {
            let number = dates.intern(Some(text.as_bytes()));
            assert_eq!(dates.stored_text(number), Some(text.as_bytes()), "{text}");
            assert_eq!(dates.text(number).as_deref(), Some(text.as_bytes()));
            assert_eq!(
                dates.seconds(number),
                date::parse_seconds(text.as_bytes()),
                "{text}"
            );
        }
        assert_eq!(dates.intern(None), NO_VALUE);
        assert_eq!(
            (dates.text(NO_VALUE), dates.seconds(NO_VALUE)),
            (None, None)
        );
        let last = dates.intern(Some(b"2068-01-19T03:14:06Z"));
        assert_eq!(
            dates.stored_text(last),
            None,
            "the last one that a number holds"
        );
    }
}
