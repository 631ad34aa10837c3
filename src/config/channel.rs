//! Words that the sections on watches share: whom they tell, names, kinds of events and lengths of time.

use super::toml_reader::TableReader;
use crate::entity::seen::EventKind;
use std::time::Duration;

/// Whom a watch tells beside its own output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The terminal, as `[notify]` says.
    Terminal,
    /// `[hooks.NAME]`.
    Hook(String),
    /// `[webhooks.NAME]`.
    Webhook(String),
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Terminal => f.write_str("terminal"),
            Self::Hook(name) => write!(f, "hook:{name}"),
            Self::Webhook(name) => write!(f, "webhook:{name}"),
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            None if text == "terminal" => Ok(Self::Terminal),
            Some(("hook", name)) if is_name(name) => Ok(Self::Hook(name.to_owned())),
            Some(("webhook", name)) if is_name(name) => Ok(Self::Webhook(name.to_owned())),
            _ => Err(()),
        }
    }
}

/// Kinds of events that can be told, by their words.
pub const KINDS: &[&str] = &[
    "regressed",
    "disputed",
    "again",
    "new",
    "entered",
    "changed",
    "back",
    "gone",
];

/// Whether a name can be that of a watch, a hook or a webhook.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(fits)
}

/// A length of time as people write it: 90s, 15m, 6h, 2d, 1w; decimals are allowed.
pub(super) fn length(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        'w' => 604_800.0,
        _ => return None,
    };
    let number: f64 = text.get(..text.len() - 1)?.parse().ok()?;
    let is_number = number.is_finite() && number >= 0.0;
    is_number
        .then(|| Duration::try_from_secs_f64(number * unit).ok())
        .flatten()
}

/// A length of time as [`length`] reads it.
pub(super) fn length_word(time: Duration) -> String {
    let seconds = time.as_secs();
    if time.subsec_nanos() > 0 {
        return format!("{}s", time.as_secs_f64());
    }
    match seconds {
        0 => "0s".to_owned(),
        _ if seconds.is_multiple_of(86_400) => format!("{}d", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// `kinds` of a section.
pub(super) fn kinds(section: &mut TableReader<'_, '_, '_>) -> Option<Vec<EventKind>> {
    let form = format!("a list of {}", KINDS.join(", "));
    section.read_member("kinds", &form, |value| {
        let mut kinds = Vec::new();
        for value in value.as_array()? {
            let word = value.get_ref().as_str()?;
            let kind = word.parse().ok().filter(|_| KINDS.contains(&word))?;
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        (!kinds.is_empty()).then_some(kinds)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_survives_its_spelling() {
        for word in ["0s", "90s", "5m", "6h", "2d", "0.05s"] {
            assert_eq!(length(word).map(length_word).as_deref(), Some(word));
        }
        for wrong in ["", "5", "m", "-5m", "nans", "1e400d", "5 m"] {
            assert_eq!(length(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_channel_survives_its_spelling() {
        for word in ["terminal", "hook:mail", "webhook:soc-2"] {
            let channel: Channel = word.parse().unwrap();
            assert_eq!(channel.to_string(), word);
        }
        for wrong in ["", "mail", "hook:", "hook:A", "hook:a b", "webhook:../x"] {
            assert!(wrong.parse::<Channel>().is_err(), "{wrong}");
        }
    }
}
