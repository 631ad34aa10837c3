//! Keys as text: `j`, `G`, `space`, `ctrl-d`, `shift-tab`, `pgdn`, `f1`; sequences as `gg`, `zf` or `g space`.

use super::suggest::{suggest, suggestion};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// One key with its modifiers, in the one spelling that every terminal's way of sending it is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const KEY_NAMES: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
];

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ChordError {
    /// What is wrong with it.
    pub message: String,
    /// What to write.
    pub hint: String,
}

impl ChordError {
    fn new(message: &str, hint: impl Into<String>) -> Self {
        Self {
            message: message.to_owned(),
            hint: hint.into(),
        }
    }
}

impl Chord {
    /// A key, brought to its one spelling: a capital carries its own shift, and control knows no capitals.
    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers =
            modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::Char(c) => {
                let shifted = modifiers.contains(KeyModifiers::SHIFT);
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(if modifiers.contains(KeyModifiers::CONTROL) {
                    c.to_ascii_lowercase()
                } else if shifted {
                    c.to_ascii_uppercase()
                } else {
                    c
                })
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            other => other,
        };
        if code == KeyCode::BackTab {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code, modifiers }
    }

    /// A key without modifiers.
    pub fn plain(code: KeyCode) -> Self {
        Self::new(code, KeyModifiers::NONE)
    }

    /// The character, where the key types one.
    pub fn character(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// The key as an event of the terminal, for tests and replays.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// Reads one key.
    pub fn parse(text: &str) -> Result<Self, ChordError> {
        let named = KEY_NAMES.iter().find(|(name, _)| *name == text);
        if let Some((_, code)) = named {
            return Ok(Self::plain(*code));
        }
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        loop {
            let (modifier, after) = if let Some(after) = rest.strip_prefix("ctrl-") {
                (KeyModifiers::CONTROL, after)
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (KeyModifiers::ALT, after)
            } else if let Some(after) = rest.strip_prefix("shift-") {
                (KeyModifiers::SHIFT, after)
            } else {
                break;
            };
            if after.is_empty() || modifiers.contains(modifier) {
                return Err(ChordError::new(
                    "this is not a key",
                    "write for example ctrl-d",
                ));
            }
            modifiers |= modifier;
            rest = after;
        }
        let mut characters = rest.chars();
        let code = match (characters.next(), characters.next()) {
            (Some(c), None) if !c.is_control() && !c.is_whitespace() => KeyCode::Char(c),
            _ => Self::key_code_by_name(rest)?,
        };
        Self::validate(code, modifiers)
    }

    fn key_code_by_name(name: &str) -> Result<KeyCode, ChordError> {
        if let Some((_, code)) = KEY_NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(*code);
        }
        let function = name
            .strip_prefix('f')
            .and_then(|digits| digits.parse().ok());
        if let Some(number @ 1..=12) = function {
            return Ok(KeyCode::F(number));
        }
        if let Some((held, key)) = name.rsplit_once('-')
            && let [modifier, ..] = suggest(held, ["ctrl", "alt", "shift"])[..]
        {
            let hint = format!("did you mean {modifier}-{key}?");
            return Err(ChordError::new("this is not a key", hint));
        }
        let close = suggest(name, KEY_NAMES.iter().map(|(known, _)| *known));
        let hint = suggestion(&close, || {
            "a key is one character, ctrl-x, alt-x, f1 to f12, or one of: space, enter, esc, tab, shift-tab, backspace, delete, insert, home, end, pgup, pgdn, up, down, left, right".to_owned()
        });
        Err(ChordError::new("this is not a key", hint))
    }

    /// Refuses what no terminal sends, or sends as something else.
    fn validate(code: KeyCode, modifiers: KeyModifiers) -> Result<Self, ChordError> {
        if let KeyCode::Char(c) = code {
            if modifiers.contains(KeyModifiers::SHIFT) {
                return Err(ChordError::new(
                    "shift goes with named keys only",
                    "write the capital itself: G",
                ));
            }
            if modifiers == KeyModifiers::CONTROL
                && let Some((_, sent)) = [('i', "tab"), ('m', "enter"), ('[', "esc")]
                    .into_iter()
                    .find(|(held, _)| *held == c.to_ascii_lowercase())
            {
                return Err(ChordError::new(
                    &format!("a terminal sends {sent} for this key"),
                    format!("bind {sent}, or another key"),
                ));
            }
        }
        Ok(Self::new(code, modifiers))
    }
}

impl From<KeyEvent> for Chord {
    fn from(event: KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, word) in [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(word)?;
            }
        }
        if let Some((name, _)) = KEY_NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            // Keys that cannot be bound, and so are never shown in help.
            other => write!(f, "{other:?}"),
        }
    }
}

/// Reads a key or a sequence of keys: a name (`space`), two or three plain characters (`gg`), or keys with blanks
/// between them (`g space`).
pub fn parse_sequence(text: &str) -> Result<Vec<Chord>, ChordError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [] => Err(ChordError::new("an empty key", "a blank is written space")),
        [word] => match Chord::parse(word) {
            Ok(chord) => Ok(vec![chord]),
            Err(error) => parse_compact(word).ok_or(error),
        },
        _ if words.len() > 3 => Err(ChordError::new(
            "more than three keys",
            "a sequence has at most three keys",
        )),
        _ => words.into_iter().map(Chord::parse).collect(),
    }
}

fn parse_compact(word: &str) -> Option<Vec<Chord>> {
    let characters: Vec<char> = word.chars().collect();
    // `c-d` is how other programs write ctrl-d, and `f13` a key that is not there: never three keys of ours.
    let foreign = matches!(characters[..], [_, '-', _])
        || matches!(characters[..], ['f', a, b] if a.is_ascii_digit() && b.is_ascii_digit());
    let plain = characters.iter().all(|c| !c.is_control());
    ((2..=3).contains(&characters.len()) && plain && !foreign).then(|| {
        characters
            .into_iter()
            .map(|c| Chord::plain(KeyCode::Char(c)))
            .collect()
    })
}

/// Writes a sequence as it is shown and as it can be bound: `gg`, `g space`.
pub fn sequence_text(chords: &[Chord]) -> String {
    let compact = chords
        .iter()
        .all(|chord| chord.character().is_some_and(|c| c != ' '));
    let parts: Vec<String> = chords.iter().map(Chord::to_string).collect();
    let together = parts.concat();
    // Only where it reads back as the same keys: `up` is an arrow.
    if compact && parse_sequence(&together).is_ok_and(|read| read == chords) {
        together
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_is_one_key_however_the_terminal_says_it() {
        let capital = Chord::parse("G").unwrap();
        for (c, modifiers) in [
            ('G', KeyModifiers::NONE),
            ('G', KeyModifiers::SHIFT),
            ('g', KeyModifiers::SHIFT),
        ] {
            assert_eq!(
                Chord::from(KeyEvent::new(KeyCode::Char(c), modifiers)),
                capital
            );
        }
        for event in [
            KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
            KeyEvent::new(KeyCode::BackTab, KeyModifiers::NONE),
            KeyEvent::new(KeyCode::Tab, KeyModifiers::SHIFT),
        ] {
            assert_eq!(Chord::from(event), Chord::parse("shift-tab").unwrap());
        }
    }
}
