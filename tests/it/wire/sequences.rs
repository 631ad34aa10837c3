//! No terminal is sent what its terminfo entry does not have, and nothing is erased with a colour.

use stanch::runtime::terminal_output::{ScrollMode, TerminalCapabilities};
use std::collections::HashMap;

/// Reads a frame's bytes and fails on the first that such a terminal may not be sent.
pub(super) fn assert_known(frame: &[u8], facts: TerminalCapabilities) {
    let text = std::str::from_utf8(frame).unwrap();
    let (mut ground, mut reversed) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\r' | '\n' | '\x08' => assert!(facts.relative_moves, "{c:?}"),
            '\x1b' => {
                rest = rest.strip_prefix('[').unwrap();
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                let (numbers, kind) = (&rest[..end], rest.as_bytes()[end]);
                rest = &rest[end + 1..];
                if kind == b'm' {
                    turn(numbers, &mut ground, &mut reversed);
                    assert!(facts.italic || !numbers.split(';').any(|one| one == "3"));
                    continue;
                }
                let allowed = match (numbers, kind) {
                    ("?25", b'h' | b'l') | (_, b'H') | ("", b'J') => true,
                    ("?2026", b'h' | b'l') => facts.synchronized_output,
                    (_, b'r') => facts.scroll != ScrollMode::None,
                    (_, b'S' | b'T') => facts.scroll == ScrollMode::Scroll,
                    (_, b'L' | b'M') => facts.scroll == ScrollMode::Lines,
                    ("", b'K') => facts.erase_line,
                    (_, b'X') => facts.erase_cells,
                    (_, b'A' | b'B' | b'C' | b'D' | b'G' | b'd') => facts.relative_moves,
                    _ => false,
                };
                assert!(allowed, "CSI {numbers} {}", kind as char);
                if b"SLTMKXJ".contains(&kind) {
                    // Some erase with the colour in force, some without: only without colour they agree.
                    assert!(!ground && !reversed, "{} in colour", kind as char);
                }
            }
            c => assert!(!c.is_control(), "{c:?}"),
        }
    }
}

fn turn(numbers: &str, ground: &mut bool, reversed: &mut bool) {
    let mut numbers = numbers.split(';').map(|one| one.parse().unwrap_or(0_u8));
    while let Some(number) = numbers.next() {
        match number {
            0 => (*ground, *reversed) = (false, false),
            7 => *reversed = true,
            27 => *reversed = false,
            49 => *ground = false,
            40..=47 | 100..=107 => *ground = true,
            38 | 48 => {
                let count = if numbers.next() == Some(2) { 3 } else { 1 };
                numbers.by_ref().take(count).for_each(drop);
                *ground |= number == 48;
            }
            _ => {}
        }
    }
}

/// Entries of terminfo, as `infocmp -1` prints them, with the capabilities that matter here.
fn entries() -> HashMap<&'static str, HashMap<&'static str, &'static str>> {
    let text = include_str!("../../fixtures/terminfo.txt");
    let sections = text.split("== ").skip(1);
    sections
        .map(|section| {
            let mut lines = section.lines();
            let name = lines.next().unwrap();
            let capabilities = lines.map(|line| line.split_once('=').unwrap_or((line, "")));
            (name, capabilities.collect())
        })
        .collect()
}

#[test]
fn every_fact_is_in_the_terminfo_entry() {
    let entries = entries();
    assert!(entries.len() >= 15);
    for (name, entry) in &entries {
        let facts = TerminalCapabilities::from_term(name);
        let has = |capability, sequence| entry.get(capability) == Some(&sequence);
        let regions = has("csr", r"\E[%i%p1%d;%p2%dr");
        let moves = match facts.scroll {
            ScrollMode::None => true,
            ScrollMode::Scroll => regions && has("indn", r"\E[%p1%dS") && has("rin", r"\E[%p1%dT"),
            ScrollMode::Lines => regions && has("dl", r"\E[%p1%dM") && has("il", r"\E[%p1%dL"),
        };
        assert!(moves, "{name} moves rows");
        assert!(
            !facts.erase_line || has("el", r"\E[K"),
            "{name} erases lines"
        );
        assert!(
            !facts.erase_cells || has("ech", r"\E[%p1%dX"),
            "{name} erases"
        );
        assert!(!facts.italic || has("sitm", r"\E[3m"), "{name} slants");
        assert!(
            !facts.dim || has("dim", r"\E[2m") || facts == TerminalCapabilities::PLAIN,
            "{name} dims"
        );
        let steps = [
            ("cuu", r"\E[%p1%dA"),
            ("cud", r"\E[%p1%dB"),
            ("cuf", r"\E[%p1%dC"),
            ("cub", r"\E[%p1%dD"),
            ("hpa", r"\E[%i%p1%dG"),
            ("vpa", r"\E[%i%p1%dd"),
            ("cr", r"\r"),
            ("ind", r"\n"),
        ];
        for (capability, sequence) in steps {
            assert!(
                !facts.relative_moves || has(capability, sequence),
                "{name} has {capability}: {:?}",
                entry.get(capability)
            );
        }
    }
}

#[test]
fn a_terminal_that_nobody_knows_is_sent_positions_and_colours() {
    for name in ["", "dumb", "vt52", "xtermite", "screenful"] {
        assert_eq!(
            TerminalCapabilities::from_term(name),
            TerminalCapabilities::PLAIN,
            "{name}"
        );
    }
    assert_ne!(
        TerminalCapabilities::from_term("xterm-256color"),
        TerminalCapabilities::PLAIN
    );
}
