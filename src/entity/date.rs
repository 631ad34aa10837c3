//! A provider's date as a number, to sort by and to give to others. Never an error.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Seconds since 1970 of a date (its first second, UTC) or of a time (UTC where it names no zone).
pub fn seconds(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    // The longest time with a zone is shorter; whatever is longer only costs time.
    if !(8..=48).contains(&text.len()) {
        return None;
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    // A zone that is named and cannot be read must not be passed over.
    let zoned =
        text.ends_with(['Z', 'z', ']']) || text.get(10..).is_some_and(|t| t.contains(['+', '-']));
    if zoned {
        return None;
    }
    let time = match text.parse::<civil::DateTime>() {
        Ok(time) => time,
        Err(_) => text.parse::<civil::Date>().ok()?.into(),
    };
    let time = time.to_zoned(TimeZone::UTC).ok()?;
    Some(time.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn dates_are_read_leniently_and_nonsense_is_none() {
        assert_eq!(seconds(b"1970-01-02"), Some(86_400));
        assert_eq!(seconds(b"1970-01-01T00:00:07Z"), Some(7));
        assert_eq!(seconds(b"1970-01-01T01:00:07.5+01:00"), Some(7));
        assert_eq!(seconds(b"1970-01-01 00:00:07"), Some(7));
        assert_eq!(seconds(b" 1970-01-01T00:00:07 "), Some(7));
        for nonsense in [
            &b""[..],
            b"0000-00-00",
            b"2025-13-45",
            b"-292277022657-01-27T08:29:52Z",
            b"2025-12-05\x1b[2J",
            b"\xff",
            b"yesterday",
        ] {
            assert_eq!(seconds(nonsense), None, "{nonsense:?}");
        }
    }
}
