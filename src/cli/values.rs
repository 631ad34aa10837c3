//! Values of options that several commands have.

use crate::{
    config::{
        theme::ColorChoice,
        watching::{TERMINAL_WAYS, TerminalWay},
    },
    entity::{account::VerificationType, date, key::ProfileName, seen::EventKind, status::Status},
};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::time::Duration;

/// `--color`.
pub(super) fn color() -> impl TypedValueParser<Value = ColorChoice> {
    PossibleValuesParser::new(["auto", "always", "never"])
        .try_map(|word| word.parse::<ColorChoice>())
}

/// `--spam`.
pub(super) fn yes_or_no() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["yes", "no"]).map(|word| word == "yes")
}

/// The four statuses that can be set.
pub(super) fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(["new", "investigating", "fixed", "false_positive"])
        .try_map(|word| word.parse::<Status>())
}

/// `--type`.
pub(super) fn verification() -> impl TypedValueParser<Value = VerificationType> {
    PossibleValuesParser::new(["dns", "html", "file"])
        .try_map(|word| word.parse::<VerificationType>())
}

/// `--kinds`.
pub(super) fn event_kind() -> impl TypedValueParser<Value = EventKind> {
    PossibleValuesParser::new([
        "regressed",
        "disputed",
        "again",
        "new",
        "entered",
        "changed",
        "back",
        "gone",
    ])
    .try_map(|word| word.parse::<EventKind>())
}

/// `--terminal`.
pub(super) fn terminal_way() -> impl TypedValueParser<Value = TerminalWay> {
    PossibleValuesParser::new(TERMINAL_WAYS).try_map(|word| word.parse::<TerminalWay>())
}

/// A profile's name.
pub(super) fn profile(text: &str) -> Result<ProfileName, String> {
    ProfileName::new(text).map_err(|error| error.to_string())
}

/// A length of time: 90s, 15m, 2h, 7d, 2w; decimals are allowed.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as 90s, 15m, 2h, 7d or 2w".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        'w' => 604_800.0,
        _ => return Err(wrong()),
    };
    let number: f64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    if !number.is_finite() || number <= 0.0 {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(number * factor).map_err(|_| wrong())
}

/// A moment in the past: all, a length of time ago, a date or a time.
pub(super) fn since(text: &str) -> Result<Since, String> {
    if text == "all" {
        return Ok(Since::All);
    }
    if let Ok(ago) = duration(text) {
        return Ok(Since::Ago(ago));
    }
    date::parse_seconds(text.as_bytes())
        .map(Since::At)
        .ok_or_else(|| "write it as all, 24h, 7d, 2026-11-28 or 2026-11-28T14:00:00Z".to_owned())
}

/// Where a new watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// With everything.
    All,
    /// So long ago.
    Ago(Duration),
    /// At this moment, in seconds since 1970.
    At(i64),
}

impl Since {
    /// The moment, in seconds since 1970.
    pub(super) fn seconds(self, now: i64) -> i64 {
        match self {
            Self::All => i64::MIN,
            Self::Ago(time) => now.saturating_sub_unsigned(time.as_secs()),
            Self::At(at) => at,
        }
    }
}
