//! Days and times as people and programs write them, read from the left to the right.

use jiff::civil::{Date, DateTime, Time};

/// A text that is read piece by piece.
struct Reader<'t> {
    rest: &'t str,
    /// The time that was read is 24:00, the end of its day.
    ends_day: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            rest: text,
            ends_day: false,
        }
    }

    /// Takes what is begun with by something that holds for its characters; it may be empty.
    fn take_while(&mut self, holds: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !holds(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn digits(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_digit())
    }

    /// A number of so many digits at most.
    fn number(&mut self, most: usize) -> Option<i16> {
        let digits = self.digits();
        (digits.len() <= most)
            .then(|| digits.parse().ok())
            .flatten()
    }

    fn word(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_alphabetic())
    }

    /// Passes over the letters of `29th`.
    fn ordinal(&mut self) {
        let rest = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|end| self.rest.strip_prefix(end));
        if let Some(rest) = rest.filter(|rest| !rest.starts_with(char::is_alphanumeric)) {
            self.rest = rest;
        }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn accept(&mut self, wanted: &[char]) -> Option<char> {
        let rest = self.rest.strip_prefix(wanted)?;
        let taken = self.rest.chars().next();
        self.rest = rest;
        taken
    }
}

/// A day or a time, and by how many seconds its zone is ahead of UTC.
pub(super) fn parse_date_time(text: &str) -> Option<(DateTime, i32)> {
    if let Some(found) = parse_packed(text) {
        return Some(found);
    }
    let mut reader = Reader::new(text);
    let (time, offset) = parse_unpacked(&mut reader)?;
    Some((time, offset - if reader.ends_day { DAY_SECONDS } else { 0 }))
}

const DAY_SECONDS: i32 = 86_400;

fn parse_unpacked(reader: &mut Reader<'_>) -> Option<(DateTime, i32)> {
    let first = reader.rest;
    let name = reader.word();
    if !name.is_empty() {
        if is_weekday(name) {
            reader.accept(&[',', '.']);
            reader.blanks();
        } else {
            reader.rest = first;
        }
    }
    if reader.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return parse_after_month(reader);
    }
    let date = parse_date(reader)?;
    let (time, offset) = parse_time_and_zone(reader)?;
    Some((date.to_datetime(time), offset))
}

/// A day that begins with a number.
fn parse_date(reader: &mut Reader<'_>) -> Option<Date> {
    let first = reader.digits();
    reader.ordinal();
    let sign = reader.accept(&['-', '/', '.', ' '])?;
    reader.blanks();
    if reader.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let month = month_by_name(reader.word())?;
        reader.accept(&['-', '/', '.', ' ', ','])?;
        reader.blanks();
        return date_from_parts(reader.digits(), month, first);
    }
    if sign == ' ' {
        return None;
    }
    let second = reader.digits();
    reader.accept(&[sign])?;
    let third = reader.digits();
    let number = |text: &str| text.parse::<i8>().ok();
    if first.len() == 4 {
        return date_from_parts(first, number(second)?, third);
    }
    if third.len() != 4 || first.len() > 2 || second.len() > 2 {
        return None;
    }
    let (one, two) = (number(first)?, number(second)?);
    // With dots the day comes first; else it is the one that is no month, and nobody knows which where both may be.
    match (sign, one, two) {
        ('.', _, _) | (_, 13.., 1..=12) => date_from_parts(third, two, first),
        (_, 1..=12, 13..) => date_from_parts(third, one, second),
        (_, one, two) if one == two => date_from_parts(third, one, second),
        (_, _, _) => None,
    }
}

fn date_from_parts(year: &str, month: i8, day: &str) -> Option<Date> {
    let fits = year.len() == 4 && (1..=2).contains(&day.len());
    fits.then(|| Date::new(year.parse().ok()?, month, day.parse().ok()?).ok())
        .flatten()
}

/// `Feb 11, 2026 09:30` and `Feb 11 09:30:00 2026`.
fn parse_after_month(reader: &mut Reader<'_>) -> Option<(DateTime, i32)> {
    let month = month_by_name(reader.word())?;
    reader.accept(&['.']);
    reader.blanks();
    let day = reader.digits();
    reader.ordinal();
    reader.accept(&[',']);
    reader.blanks();
    let behind = reader.rest;
    let year = reader.digits();
    if year.len() == 4 {
        let date = date_from_parts(year, month, day)?;
        let (time, offset) = parse_time_and_zone(reader)?;
        return Some((date.to_datetime(time), offset));
    }
    reader.rest = behind;
    let time = parse_time(reader)?;
    reader.blanks();
    // A zone may stand before the year.
    let name = reader.word();
    let offset = if name.is_empty() {
        0
    } else {
        zone_offset_by_name(name)?
    };
    reader.blanks();
    let date = date_from_parts(reader.digits(), month, day)?;
    reader
        .rest
        .is_empty()
        .then(|| (date.to_datetime(time), offset))
}

/// What follows a day, to the end: nothing, a time, a zone.
fn parse_time_and_zone(reader: &mut Reader<'_>) -> Option<(Time, i32)> {
    let mut at = Time::midnight();
    reader.accept(&[',']);
    let marked = reader.accept(&['T', 't', '_', ':']).is_some();
    reader.blanks();
    if marked || reader.rest.starts_with(|c: char| c.is_ascii_digit()) {
        at = parse_time(reader)?;
    }
    reader.blanks();
    Some((at, parse_zone(reader)?))
}

fn parse_time(reader: &mut Reader<'_>) -> Option<Time> {
    let hour = reader.number(2)? as i8;
    reader.accept(&[':'])?;
    let minute = reader.number(2)? as i8;
    let mut second = 0;
    if reader.accept(&[':']).is_some() {
        second = reader.number(2)? as i8;
        if reader.accept(&['.', ',']).is_some() && reader.digits().is_empty() {
            return None;
        }
    }
    let behind = reader.rest;
    reader.blanks();
    let hour = match &reader.word().to_ascii_lowercase()[..] {
        "am" if (1..=12).contains(&hour) => hour % 12,
        "pm" if (1..=12).contains(&hour) => hour % 12 + 12,
        "am" | "pm" => return None,
        _ => {
            reader.rest = behind;
            hour
        }
    };
    if (hour, minute, second) == (24, 0, 0) {
        reader.ends_day = true;
        return Some(Time::midnight());
    }
    // A leap second is the last one of its minute.
    let second = if second == 60 { 59 } else { second };
    Time::new(hour, minute, second, 0).ok()
}

/// A zone to the end of the text, in seconds ahead of UTC. One that cannot be read must not be passed over.
fn parse_zone(reader: &mut Reader<'_>) -> Option<i32> {
    let name = reader.word();
    let mut offset = if name.is_empty() {
        0
    } else {
        zone_offset_by_name(name)?
    };
    if let Some(sign) = reader.accept(&['+', '-']) {
        let hours = reader.digits();
        let (hours, minutes) = match hours.len() {
            1 | 2 => {
                let minutes = reader.accept(&[':']).map_or("0", |_| reader.digits());
                (hours, minutes)
            }
            4 => hours.split_at(2),
            _ => return None,
        };
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        if hours > 18 || minutes > 59 {
            return None;
        }
        let ahead = hours * 3_600 + minutes * 60;
        offset += if sign == '-' { -ahead } else { ahead };
        reader.blanks();
        // Go names the zone behind its offset, and may write its own clock behind that.
        let name = reader.rest;
        let shown = reader.word();
        if !(2..=5).contains(&shown.len()) || shown.bytes().any(|byte| byte.is_ascii_lowercase()) {
            reader.rest = name;
        }
        reader.blanks();
        if let Some(clock) = reader.rest.strip_prefix("m=") {
            let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
            reader.rest = clock.trim_start_matches(plain);
        }
    }
    reader.blanks();
    let comment =
        reader.rest.is_empty() || reader.rest.starts_with('(') && reader.rest.ends_with(')');
    comment.then_some(offset)
}

fn zone_offset_by_name(zone: &str) -> Option<i32> {
    let hours = match &zone.to_ascii_uppercase()[..] {
        "Z" | "UTC" | "GMT" | "UT" => 0,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "CET" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        _ => return None,
    };
    Some(hours * 3_600)
}

/// Whether digits are a day and perhaps a time without signs between them.
pub(super) fn is_packed(digits: &str) -> bool {
    parse_packed(digits).is_some()
}

/// `20260211`, `202602110930`, `20260211093005`, `20260211T093005Z`.
fn parse_packed(text: &str) -> Option<(DateTime, i32)> {
    let mut reader = Reader::new(text);
    let mut digits = reader.digits();
    if digits.len() == 8 && reader.accept(&['T', 't', '_']).is_some() {
        let time = reader.digits();
        digits = text.get(..9 + time.len())?;
    }
    let day = digits.get(..8)?;
    let clock = digits.get(8..)?.trim_start_matches(['T', 't', '_']);
    let two = |from: usize| clock.get(from..from + 2)?.parse::<i8>().ok();
    let time = match clock.len() {
        0 => Time::midnight(),
        4 => Time::new(two(0)?, two(2)?, 0, 0).ok()?,
        6 => Time::new(two(0)?, two(2)?, two(4)?, 0).ok()?,
        _ => return None,
    };
    let date = date_from_parts(day.get(..4)?, day.get(4..6)?.parse().ok()?, day.get(6..)?)?;
    if !(1900..2200).contains(&date.year()) {
        return None;
    }
    Some((date.to_datetime(time), parse_zone(&mut reader)?))
}

fn is_weekday(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    index_by_prefix(name, &NAMES).is_some()
}

/// Returns the number of a month by its English name, or the first letters of that, three at least.
pub fn month_by_name(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    index_by_prefix(name, &NAMES).map(|at| at as i8 + 1)
}

/// Which of some names begins with these three letters or more.
fn index_by_prefix(name: &str, names: &[&str]) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    if name.len() < 3 {
        return None;
    }
    names.iter().position(|one| one.starts_with(&name))
}
