//! Dates as stealers write them: S10.

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A day, `YYYY-MM-DD`, or a moment where the text names its zone. None where there is no such date.
pub(super) fn read(text: &str) -> Option<String> {
    let text: String = text.chars().take(80).collect();
    let upper = text.to_ascii_uppercase();
    let (mut numbers, mut time, mut month) = (Vec::new(), None, None);
    let mut date = None;
    let mut half = false;
    let mut zone = None;
    let spaced = upper.replace(',', " ");
    for token in spaced.split_whitespace() {
        let token = token.trim_matches(|c| matches!(c, '(' | ')'));
        // `2026-02-11T10:12:44Z`
        let (token, rest) = match token.split_once('T') {
            Some((day, rest))
                if day.ends_with(|c: char| c.is_ascii_digit())
                    && rest.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                (day, Some(rest))
            }
            _ => (token, None),
        };
        if matches!(token, "AM" | "PM") {
            half = true;
            time = time.map(|(hour, minute, second)| (twelve(hour, token == "PM"), minute, second));
        } else if matches!(token, "Z" | "UTC" | "GMT")
            || token.starts_with("UTC+")
            || token.starts_with("UTC-")
            || token.starts_with("GMT+")
            || token.starts_with("GMT-")
        {
            zone = offset(token.trim_start_matches("UTC").trim_start_matches("GMT"));
        } else if token.contains(':') && token.starts_with(|c: char| c.is_ascii_digit()) {
            clock(token, &mut time, &mut zone, &mut half);
        } else if (token.starts_with('+') || token.starts_with('-')) && token.len() >= 5 {
            zone = offset(token);
        } else if date.is_none() && parts(token).is_some() {
            date = parts(token);
        } else if let Some(at) = MONTHS
            .iter()
            .position(|name| token.to_ascii_lowercase().starts_with(name))
        {
            month = month.or(Some(at as i16 + 1));
        } else if let Ok(number) = token.parse::<i16>() {
            numbers.push((number, token.len()));
        }
        if let Some(rest) = rest {
            clock(&rest.replace('_', ":"), &mut time, &mut zone, &mut half);
        }
    }
    let (year, month, day) = match (date, month) {
        (Some((parts, separator)), _) => ordered(parts, half && separator == '/')?,
        (None, Some(month)) => worded(&numbers, month)?,
        _ => return None,
    };
    written(year, month, day, time, zone)
}

type Time = (i8, i8, i8);

fn twelve(hour: i8, after: bool) -> i8 {
    match (hour, after) {
        (12, false) => 0,
        (hour, true) if hour < 12 => hour + 12,
        (hour, _) => hour,
    }
}

/// `10:12:44`, `10:12`, with a fraction, `Z`, an offset or a half of the day behind it.
fn clock(token: &str, time: &mut Option<Time>, zone: &mut Option<i32>, half: &mut bool) {
    let end = token
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
        .unwrap_or(token.len());
    let (clock, rest) = token.split_at(end);
    let mut parts = clock
        .split('.')
        .next()
        .unwrap_or_default()
        .split(':')
        .map(str::parse::<i8>);
    let (Some(Ok(hour)), Some(Ok(minute))) = (parts.next(), parts.next()) else {
        return;
    };
    let second = parts.next().and_then(Result::ok).unwrap_or(0);
    *time = Some(match rest {
        "AM" | "PM" => {
            *half = true;
            (twelve(hour, rest == "PM"), minute, second)
        }
        _ => (hour, minute, second),
    });
    if !rest.is_empty() && !matches!(rest, "AM" | "PM") {
        *zone = offset(rest.trim_start_matches("UTC"));
    }
}

/// Seconds east of Greenwich.
fn offset(text: &str) -> Option<i32> {
    if matches!(text, "Z" | "") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (
            digits[..2].parse::<i32>().ok()?,
            digits[2..].parse::<i32>().ok()?,
        ),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Three numbers with one separator.
fn parts(token: &str) -> Option<([(i16, usize); 3], char)> {
    let separator = token.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '-' | '.') {
        return None;
    }
    let mut numbers = token
        .split(separator)
        .map(|part| Some((part.parse().ok()?, part.len())));
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some((found, separator))
}

fn ordered([one, two, three]: [(i16, usize); 3], american: bool) -> Option<(i16, i16, i16)> {
    let (year, mut month, mut day) = if one.1 == 4 {
        (one.0, two.0, three.0)
    } else {
        let year = match three.1 {
            4 => three.0,
            2 => 2000 + three.0,
            _ => return None,
        };
        if american {
            (year, one.0, two.0)
        } else {
            (year, two.0, one.0)
        }
    };
    if month > 12 && day <= 12 {
        (month, day) = (day, month);
    }
    Some((year, month, day))
}

/// `9 Dec 23`, `Jul 04 2026`.
fn worded(numbers: &[(i16, usize)], month: i16) -> Option<(i16, i16, i16)> {
    let year = numbers.iter().find(|(_, length)| *length == 4);
    let mut others = numbers.iter().filter(|(_, length)| *length <= 2);
    let day = others.next()?.0;
    let year = match year {
        Some((year, _)) => *year,
        None => 2000 + others.next()?.0,
    };
    Some((year, month, day))
}

fn written(
    year: i16,
    month: i16,
    day: i16,
    time: Option<Time>,
    zone: Option<i32>,
) -> Option<String> {
    if !(1990..=2100).contains(&year) {
        return None;
    }
    let date =
        jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let (Some((hour, minute, second)), Some(zone)) = (time, zone) else {
        return Some(date.to_string());
    };
    let Ok(time) = jiff::civil::Time::new(hour, minute, second, 0) else {
        return Some(date.to_string());
    };
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(zone).ok()?);
    let moment = date.to_datetime(time).to_zoned(zone).ok()?.timestamp();
    Some(moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn dates_are_days_unless_they_name_their_zone() {
        for (text, expected) in [
            ("30.07.2025 13:19:25", Some("2025-07-30")),
            ("2025/07/29 09:13:52", Some("2025-07-29")),
            ("7/29/2025 2:27:03 PM", Some("2025-07-29")),
            ("30/7/2025 10:11:12", Some("2025-07-30")),
            ("2/11/2026 10:12:44 AM", Some("2026-02-11")),
            ("Sat Jul 04 3:43:57 2026", Some("2026-07-04")),
            ("09 Dec 23 00:33 UTC", Some("2023-12-09T00:33:00Z")),
            ("2026-02-11T10:12:44Z", Some("2026-02-11T10:12:44Z")),
            ("2026-02-11T10:12:44+02:00", Some("2026-02-11T08:12:44Z")),
            ("12/25/2026", Some("2026-12-25")),
            ("2026/13/45 09:00:00", None),
            ("soon", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }
}
