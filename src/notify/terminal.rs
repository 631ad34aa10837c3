//! The bytes that a terminal is told with. None asks the terminal anything, none sets a title, and the text is our own.

use crate::clipboard::{Multiplexer, wrapped};

/// A way that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing at all.
    Nothing,
    /// A bell.
    Bell,
    /// `OSC 9`.
    Osc9,
    /// `OSC 777`.
    Osc777,
    /// `OSC 99`.
    Osc99,
}

/// What a terminal that says this of itself is told with. An unknown one gets a bell, never a guess.
pub fn auto(env: impl Fn(&str) -> Option<String>) -> Way {
    let of = |name: &str| env(name).unwrap_or_default();
    let (term, program, local) = (of("TERM"), of("TERM_PROGRAM"), of("LC_TERMINAL"));
    if term.is_empty() || term == "dumb" {
        return Way::Nothing;
    }
    if term == "linux" {
        return Way::Bell;
    }
    if term == "xterm-kitty" {
        return Way::Osc99;
    }
    let starts = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
    let is_program = |name: &str| program.eq_ignore_ascii_case(name);
    if starts(&["foot", "rxvt-unicode", "xterm-ghostty", "wezterm"])
        || is_program("WezTerm")
        || is_program("ghostty")
    {
        return Way::Osc777;
    }
    if is_program("iTerm.app") || local == "iTerm2" {
        return Way::Osc9;
    }
    Way::Bell
}

/// The bytes. Through a multiplexer a bell comes first, bare: it is what always passes; the sequence is wrapped as a copy
/// is. A terminal that has no escape sequences at all gets none.
pub fn bytes(way: Way, text: &str, multiplexer: Multiplexer, is_dumb: bool) -> Vec<u8> {
    // The text is ASCII of our own; were it not, nothing of it could end the sequence.
    let text: String = text
        .chars()
        .filter(|c| (' '..='~').contains(c) && *c != ';')
        .collect();
    let sequence = match way {
        Way::Nothing => return Vec::new(),
        _ if is_dumb => return b"\x07".to_vec(),
        Way::Bell => return b"\x07".to_vec(),
        Way::Osc9 => format!("\x1b]9;{text}\x07"),
        Way::Osc777 => format!("\x1b]777;notify;Stanch;{text}\x07"),
        Way::Osc99 => format!("\x1b]99;i=stanch;{text}\x1b\\"),
    };
    match multiplexer {
        Multiplexer::None => sequence.into_bytes(),
        Multiplexer::Tmux | Multiplexer::Screen => {
            let mut bytes = b"\x07".to_vec();
            bytes.extend(wrapped(&sequence, multiplexer));
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_gets_what_it_knows_and_an_unknown_one_a_bell() {
        let way = |pairs: &'static [(&str, &str)]| {
            auto(move |name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(way(&[("TERM", "xterm-kitty")]), Way::Osc99);
        assert_eq!(way(&[("TERM", "foot-extra")]), Way::Osc777);
        assert_eq!(way(&[("TERM", "xterm-ghostty")]), Way::Osc777);
        assert_eq!(
            way(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")]),
            Way::Osc777
        );
        assert_eq!(
            way(&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")]),
            Way::Osc9
        );
        assert_eq!(way(&[("TERM", "xterm-256color")]), Way::Bell);
        assert_eq!(way(&[("TERM", "linux")]), Way::Bell);
        assert_eq!(way(&[("TERM", "dumb")]), Way::Nothing);
        assert_eq!(way(&[]), Way::Nothing);
    }

    #[test]
    fn the_bytes_are_these_bare_and_behind_a_multiplexer() {
        let text = "stanch: 2 new at acme-pd";
        let of =
            |way, multiplexer| String::from_utf8(bytes(way, text, multiplexer, false)).unwrap();
        let none = Multiplexer::None;
        assert_eq!(of(Way::Nothing, none), "");
        assert_eq!(of(Way::Bell, none), "\x07");
        assert_eq!(of(Way::Osc9, none), format!("\x1b]9;{text}\x07"));
        assert_eq!(
            of(Way::Osc777, none),
            format!("\x1b]777;notify;Stanch;{text}\x07")
        );
        assert_eq!(
            of(Way::Osc99, none),
            format!("\x1b]99;i=stanch;{text}\x1b\\")
        );
        let tmux = Multiplexer::Tmux;
        assert_eq!(of(Way::Bell, tmux), "\x07");
        assert_eq!(
            of(Way::Osc9, tmux),
            format!("\x07\x1bPtmux;\x1b\x1b]9;{text}\x07\x1b\\")
        );
        let screen = of(Way::Osc777, Multiplexer::Screen);
        assert!(
            screen.starts_with("\x07\x1bP\x1b]777;notify;"),
            "{screen:?}"
        );
        assert!(screen.ends_with("\x1b\\"));
        assert_eq!(of(Way::Bell, Multiplexer::Screen), "\x07");
    }

    #[test]
    fn hostile_text_cannot_end_the_sequence() {
        let hostile = "a;b\x07\x1b]0;title\x1b\\\u{9c}é";
        let out = bytes(Way::Osc9, hostile, Multiplexer::None, false);
        assert_eq!(out, b"\x1b]9;ab]0title\\\x07");
        assert_eq!(bytes(Way::Osc9, "x", Multiplexer::None, true), b"\x07");
    }
}
