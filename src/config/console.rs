//! `[console]`: how the console behaves. And the reasons of `[policy]`, which are offered where a change wants one.

use super::{
    problem::ProblemScope,
    toml_reader::{TableReader, TomlReader, parse_string},
};
use std::time::Duration;
use toml::de::{DeTable, DeValue};

/// The shortest time between two readings that nobody asked for.
pub(super) const MIN_REFRESH: Duration = Duration::from_secs(30);
/// The longest.
const MAX_REFRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// The most reasons that are offered.
const MAX_REASONS: usize = 50;
/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// How moments are shown in lists; details and records always have them in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Times {
    /// How long ago: `3 d`.
    #[default]
    Relative,
    /// The day: `2026-02-11`.
    Exact,
}

/// How the console behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Console {
    /// The mouse scrolls, chooses and sorts; else the terminal's own selection works without Shift.
    pub mouse: bool,
    /// Everything is read again after so long; `None` for never.
    pub refresh: Option<Duration>,
    /// How moments are shown in lists.
    pub times: Times,
}

/// A time between two readings: `90s`, `5m`, `1h`, or `off`.
///
/// # Errors
/// What a time looks like, or that it is too short or too long.
pub fn parse_refresh(text: &str) -> Result<Option<Duration>, &'static str> {
    const FORM: &str = "write a number and s, m or h, such as 5m, or off";
    if text == "off" {
        return Ok(None);
    }
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        _ => return Err(FORM),
    };
    let number: u64 = text
        .get(..text.len() - 1)
        .and_then(|number| number.parse().ok())
        .ok_or(FORM)?;
    let every = Duration::from_secs(number.saturating_mul(unit));
    if every < MIN_REFRESH {
        return Err("the shortest time is 30s");
    }
    if every > MAX_REFRESH {
        return Err("the longest time is 24h");
    }
    Ok(Some(every))
}

/// A time between two readings as [`parse_refresh`] reads it.
pub fn refresh_word(every: Option<Duration>) -> String {
    match every.map(|every| every.as_secs()) {
        None => "off".to_owned(),
        Some(seconds) if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        Some(seconds) if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        Some(seconds) => format!("{seconds}s"),
    }
}

/// The members of `[console]`.
pub(super) fn read(reader: &mut TomlReader<'_>, table: &DeTable<'_>) -> Console {
    const MEMBERS: &[&str] = &["mouse", "refresh", "times"];
    let mut section = TableReader::open(
        reader,
        ProblemScope::Console,
        "[console]",
        table,
        MEMBERS,
        &[],
    );
    let mouse = section.boolean("mouse").unwrap_or(false);
    let refresh = section.read_member("refresh", "\"5m\", 30s to 24h, or \"off\"", |value| {
        parse_refresh(&parse_string(value)?).ok()
    });
    let times = section.one_of("times", &["relative", "exact"]);
    Console {
        times: times.unwrap_or_default(),
        mouse,
        refresh: refresh.flatten(),
    }
}

/// The reasons of `[policy]`: short texts, each once.
pub(super) fn reasons(value: &DeValue<'_>) -> Option<Vec<String>> {
    let mut reasons: Vec<String> = Vec::new();
    for value in value.as_array()? {
        let reason = parse_string(value.get_ref())?.trim().to_owned();
        if reason.is_empty() || reason.chars().count() > MAX_REASON {
            return None;
        }
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    (reasons.len() <= MAX_REASONS).then_some(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_between_readings_survives_its_spelling() {
        for word in ["off", "30s", "90s", "5m", "1h", "24h"] {
            assert_eq!(parse_refresh(word).map(refresh_word), Ok(word.to_owned()));
        }
        for wrong in [
            "",
            "5",
            "m",
            "-5m",
            "29s",
            "25h",
            "5d",
            "5 m",
            "99999999999999999999h",
        ] {
            assert!(parse_refresh(wrong).is_err(), "{wrong}");
        }
    }
}
