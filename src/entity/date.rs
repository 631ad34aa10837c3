//! A provider's date as a number, to sort by and to give to others. Never an error: what cannot be read, and what back
//! ends write where they have none, is no date.

mod calendar;

pub use calendar::month_by_name;

use jiff::{Timestamp, civil, tz::TimeZone};

/// Longer texts are no dates; to look at them only costs time.
const MAX_DATE_BYTES: usize = 80;

/// Seconds since 1970 of a date (its first second, UTC) or of a time (UTC where it names no zone).
///
/// Read are the forms that back ends send: RFC 3339 and its relatives (a blank for the `T`, an offset without a colon,
/// no zone), days in the order of year, month and day, days with dots, RFC 2822, days with a month's name, seconds and
/// parts of seconds since 1970, .NET's `/Date(…)/`. Of `03/04/2026` nobody can say which is the month: that is no date.
pub fn parse_seconds(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if !(8..=MAX_DATE_BYTES).contains(&text.len()) {
        return None;
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        // The day as it was written: midnight of a null date in any zone is a null date.
        let written = text.get(..10)?.parse::<civil::Date>().ok();
        let midnight = text.get(11..19) == Some("00:00:00");
        return non_null_seconds(time, written.map(|date| (date, midnight)));
    }
    if let Some(time) = parse_epoch(text).or_else(|| parse_dot_net(text)) {
        return non_null_seconds(time, None);
    }
    let (time, offset) = calendar::parse_date_time(text)?;
    let seconds = time
        .to_zoned(TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_second()
        .checked_sub(offset.into())?;
    // The first moment of 1970 as a clock showed it that does not say of which zone it is.
    if (-12 * 3_600..=14 * 3_600).contains(&seconds) && seconds % 900 == 0 {
        return None;
    }
    let midnight = time.time() == civil::Time::midnight();
    non_null_seconds(
        Timestamp::from_second(seconds).ok()?,
        Some((time.date(), midnight)),
    )
}

/// The seconds of a moment that is no null date, neither as it was written nor at UTC.
fn non_null_seconds(time: Timestamp, written: Option<(civil::Date, bool)>) -> Option<i64> {
    // The second that it lies in: before 1970 a part of a second would count towards the later one.
    let seconds = time.as_second() - i64::from(time.subsec_nanosecond() < 0);
    let at_utc = Timestamp::from_second(seconds)
        .ok()?
        .to_zoned(TimeZone::UTC);
    let midnight = at_utc.hour() == 0 && at_utc.minute() == 0 && at_utc.second() == 0;
    let is_null = |(date, midnight): (civil::Date, bool)| {
        let day = (date.year(), date.month(), date.day());
        date.year() < 2 || NULL_DAYS.contains(&day) || midnight && NULL_MIDNIGHTS.contains(&day)
    };
    let null = is_null((at_utc.date(), midnight)) || written.is_some_and(is_null);
    (!null).then_some(seconds)
}

/// What back ends write for no date, at whatever time of the day: the ends of their calendars, and the day before one
/// where it is read west of Greenwich.
const NULL_DAYS: [(i16, i8, i8); 8] = [
    (1600, 12, 31),
    (1601, 1, 1),
    (1753, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1858, 11, 17),
    (9999, 12, 31),
];

/// The same where the time is midnight; at other times something may have been.
const NULL_MIDNIGHTS: [(i16, i8, i8); 4] =
    [(1904, 1, 1), (1969, 12, 31), (1970, 1, 1), (1980, 1, 1)];

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, by how many digits there are; of 17 and 18 digits those
/// of browsers, of Windows and of .NET. Numbers of less than nine digits would be days of the early seventies, and are
/// none.
fn parse_epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return parse_exponent(text);
    }
    let number: i64 = whole.parse().ok()?;
    if LAST_NUMBERS.contains(&number) {
        return None;
    }
    match whole.len() {
        9 | 10 => Timestamp::from_second(number),
        12 | 13 if !calendar::is_packed(whole) => Timestamp::from_millisecond(number),
        15 | 16 => Timestamp::from_microsecond(number),
        17 => Timestamp::from_microsecond(number - SINCE_1601 * 1_000_000),
        18 if number < FIRST_TICKS => {
            Timestamp::from_microsecond(number / 10 - SINCE_1601 * 1_000_000)
        }
        18 => Timestamp::from_microsecond(number / 10 - SINCE_YEAR_ONE * 1_000_000),
        19 => Timestamp::from_nanosecond(number.into()),
        _ => return None,
    }
    .ok()
    .filter(is_plausible)
}

/// Seconds from 1601 to 1970: what browsers and Windows count from.
const SINCE_1601: i64 = 11_644_473_600;
/// Seconds from year one to 1970: what .NET counts from.
const SINCE_YEAR_ONE: i64 = 62_135_596_800;
/// Of numbers with 18 digits, from here on it is .NET that counts: the years of Windows are far behind.
const FIRST_TICKS: i64 = 400_000_000_000_000_000;

/// The largest numbers that counters hold, and the last second of 9999: no date.
const LAST_NUMBERS: [i64; 8] = [
    2_147_483_647,
    2_147_483_647_000,
    4_294_967_295,
    4_294_967_295_000,
    253_402_300_799,
    253_402_300_799_000,
    253_402_300_799_999,
    253_402_214_400,
];

/// A number as JSON may write a large one: `1.7672256e9`.
fn parse_exponent(text: &str) -> Option<Timestamp> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+');
    if !text.bytes().all(plain) || !text.contains(['e', 'E']) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    match number {
        1e8..1e10 => Timestamp::from_second(number as i64),
        1e11..1e13 => Timestamp::from_millisecond(number as i64),
        _ => return None,
    }
    .ok()
    .filter(is_plausible)
}

/// Whether a number may have meant this: one that leads far away meant something else.
fn is_plausible(time: &Timestamp) -> bool {
    let year = time.to_zoned(TimeZone::UTC).year();
    (1973..2200).contains(&year)
}

/// `/Date(1767225600000+0100)/`: milliseconds; the zone only says where it was written.
fn parse_dot_net(text: &str) -> Option<Timestamp> {
    let text = text.trim_matches(['/', '\\']);
    let inner = text.strip_prefix("Date(")?.strip_suffix(')')?;
    let sign = inner.get(1..)?.find(['+', '-']).map(|at| at + 1);
    let number = sign.map_or(Some(inner), |at| inner.get(..at))?;
    Timestamp::from_millisecond(number.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::parse_seconds;

    /// 2026-02-11T09:30:05Z.
    const NOON: i64 = 1_770_802_205;
    /// Its day.
    const DAY: i64 = 1_770_768_000;

    #[test]
    fn dates_are_read_leniently_and_nonsense_is_none() {
        assert_eq!(parse_seconds(b"1970-01-02"), Some(86_400));
        assert_eq!(parse_seconds(b"1970-01-01T00:00:07Z"), Some(7));
        assert_eq!(parse_seconds(b"1970-01-01T01:00:07.5+01:00"), Some(7));
        assert_eq!(parse_seconds(b"1970-01-01 00:00:07"), Some(7));
        assert_eq!(parse_seconds(b" 1970-01-01T00:00:07 "), Some(7));
        for nonsense in [
            &b""[..],
            b"0000-00-00",
            b"2025-13-45",
            b"-292277022657-01-27T08:29:52Z",
            b"2025-12-05\x1b[2J",
            b"\xff",
            b"yesterday",
            b"2026-02-11T25:00:00Z",
            b"2026-02-11T09:30:05 XYZ",
            b"2026-02-11T09:30:05+99:00",
            b"03/04/2026",
            b"03-04-2026 10:00:00",
            b"30.02.2026",
            b"11 Foo 2026",
            b"7",
            b"20261345",
            b"99999999999999999999",
            b"/Date(soon)/",
            b"2026-02-11 and more",
            b"2026-02-11T24:00:01Z",
            b"2026-02-11T24:30:00Z",
            b"2026-02-11 09:30:05 +0000 utc",
            b"11xx February 2026",
            b"111111111111111111",
        ] {
            assert_eq!(parse_seconds(nonsense), None, "{}", nonsense.escape_ascii());
        }
    }

    #[test]
    fn every_form_that_back_ends_send_is_read() {
        for (text, wanted) in [
            ("2026-02-11T09:30:05Z", NOON),
            ("2026-02-11t09:30:05z", NOON),
            ("2026-02-11T09:30:05.123456789Z", NOON),
            ("2026-02-11T09:30:05,123Z", NOON),
            ("2026-02-11T10:30:05+01:00", NOON),
            ("2026-02-11T10:30:05+0100", NOON),
            ("2026-02-11T10:30:05+01", NOON),
            ("2026-02-11 10:30:05 +0100", NOON),
            ("2026-02-11 09:30:05.123456+00", NOON),
            ("2026-02-11 09:30:05 UTC", NOON),
            ("2026-02-11 09:30:05", NOON),
            ("2026-02-11T09:30:05", NOON),
            ("2026-02-11T09:30:05.000", NOON),
            ("2026-02-11T09:30Z", NOON - 5),
            ("2026-02-11 09:30", NOON - 5),
            ("2026/02/11 09:30:05", NOON),
            ("2026.02.11 09:30:05", NOON),
            ("11.02.2026 09:30:05", NOON),
            ("11.2.2026 9:30:05", NOON),
            ("2/13/2026 9:30:05 AM", NOON + 2 * 86_400),
            ("13/2/2026 9:30:05 PM", NOON + 2 * 86_400 + 43_200),
            ("Wed, 11 Feb 2026 09:30:05 +0000", NOON),
            ("Wed, 11 Feb 2026 09:30:05 GMT", NOON),
            ("Wed, 11 Feb 2026 04:30:05 EST", NOON),
            ("11 Feb 2026 09:30:05 +0000 (UTC)", NOON),
            ("Wed Feb 11 09:30:05 2026", NOON),
            (
                "Wed Feb 11 2026 09:30:05 GMT+0000 (Coordinated Universal Time)",
                NOON,
            ),
            ("11/Feb/2026:09:30:05 +0000", NOON),
            ("20260211T093005Z", NOON),
            ("20260211093005", NOON),
            ("1770802205", NOON),
            ("1770802205.5", NOON),
            ("1770802205123", NOON),
            ("1770802205123456", NOON),
            ("1770802205123456789", NOON),
            ("1.770802205e9", NOON),
            ("/Date(1770802205123)/", NOON),
            ("/Date(1770802205123+0100)/", NOON),
            ("2026-02-11", DAY),
            ("2026-2-11", DAY),
            ("2026/02/11", DAY),
            ("2026-02-10T24:00:00Z", DAY),
            ("2026-02-10 24:00", DAY),
            ("11th February 2026", DAY),
            ("February 11th, 2026", DAY),
            ("2026-02-11 09:30:05 +0000 UTC", NOON),
            ("2026-02-11 10:30:05.123456789 +0100 CET m=+0.000012", NOON),
            ("13415275805123456", NOON),
            ("134152758051234567", NOON),
            ("639063990051234567", NOON),
            ("20260211", DAY),
            ("11.02.2026", DAY),
            ("2026-02-11Z", DAY),
            ("02/28/2026", DAY + 17 * 86_400),
            ("28/02/2026", DAY + 17 * 86_400),
            ("02/02/2026", DAY - 9 * 86_400),
            ("Feb 11, 2026", DAY),
            ("February 11, 2026", DAY),
            ("11 February 2026", DAY),
            ("11-Feb-2026", DAY),
        ] {
            assert_eq!(parse_seconds(text.as_bytes()), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_back_ends_write_for_no_date_is_none() {
        for text in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00",
            "0001-01-01",
            "0001-01-01T00:00:00+03:00",
            "0001-01-01 00:00:00.0000000 +00:00",
            "1601-01-01T00:00:00Z",
            "1753-01-01",
            "1899-12-30T00:00:00",
            "1900-01-01",
            "01.01.1900",
            "1970-01-01",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00.000+00:00",
            "1970-01-01T00:00:00+02:00",
            "1969-12-31T19:00:00-05:00",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "1980-01-01 00:00:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31",
            "/Date(-62135596800000)/",
            "/Date(0)/",
            "1969-12-31",
            "12/31/1969",
            "December 31, 1969",
            "1969-12-31T19:00:00",
            "1970-01-01T01:00:00",
            "1970-01-01 05:30",
            "1600-12-31T23:00:00Z",
            "0001-01-03",
            "0000-12-31T19:00:00-05:00",
            "1858-11-17",
            "2147483647",
            "4294967295",
            "253402300799",
            "253402300799999",
            "0001-01-01 00:00:00 +0000 UTC",
            "00000000",
            "0000000000",
            "0000-00-00 00:00:00",
        ] {
            assert_eq!(parse_seconds(text.as_bytes()), None, "{text}");
        }
    }
}
