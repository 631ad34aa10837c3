//! One word for one thing: what the guide's glossary does not call a thing so is on no screen, in no help text, in no page
//! of the guide and not in the manual.

use stanch::{action::Action, app::palette::COMMANDS};
use std::{fs, path::Path};
use strum::IntoEnumIterator as _;

/// Words that say something else than they mean, and what is said instead.
const BANNED: &[(&str, &str)] = &[
    ("settled", "finished"),
    ("gather", "group"),
    ("gathers", "groups"),
    ("gathered", "grouped"),
    ("false +", "false positive"),
    ("kept here", "local only"),
    ("said yes", "the provider returned success"),
    ("reads as before", "the status is unchanged"),
    ("called off", "cancelled"),
    ("calls off", "cancels"),
    ("left alone", "skipped"),
    ("narrow, or not", "toggle filter"),
    ("as at first", "reset columns"),
    ("not now", "unavailable"),
    ("watching", "other console writes"),
    ("fix to fixed", "mark fixed"),
    ("taken up", "resumed"),
    ("takes up", "resumes"),
    ("goes on", "resumes"),
    ("gives up", "cancels"),
    ("give up", "cancel"),
    ("this person", "this user"),
    ("by person", "by user"),
    ("looking", "investigating"),
    ("own word", "at provider"),
    ("exceptions", "partial"),
];

/// The first banned word of a text, and what it should be.
fn banned(text: &str) -> Option<(&'static str, &'static str)> {
    let text = text.to_lowercase();
    let is_whole = |at: usize, word: &str| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !letter(text[..at].chars().next_back()) && !letter(text[at + word.len()..].chars().next())
    };
    let found = BANNED.iter().find(|(word, _)| {
        let mut places = text.match_indices(word);
        places.any(|(at, _)| is_whole(at, word))
    });
    found.copied()
}

fn assert_plain(what: &str, text: &str) {
    for (number, line) in text.lines().enumerate() {
        if let Some((word, better)) = banned(line) {
            panic!(
                "{what}:{}: {word:?} should be {better:?}: {line}",
                number + 1
            );
        }
    }
}

/// The files of a directory whose names begin and end so, each with its text.
fn files(directory: &str, begins: &str, ends: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut found: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(begins) && name.ends_with(ends)
        })
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.display().to_string(), text)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{directory} has none");
    found
}

#[test]
fn no_screen_help_or_page_has_a_word_that_means_something_else() {
    for action in Action::iter() {
        assert_plain(&action.to_string(), action.help());
        assert_plain(&action.to_string(), action.label());
    }
    for (name, _, help) in COMMANDS {
        assert_plain(name, help);
    }
    // The screens as they are compared elsewhere, so that none is forgotten here.
    for (directory, begins) in [
        ("tests/it/snapshots", "it__screens__"),
        ("tests/it/snapshots", "it__cli__"),
        ("tests/it/app/snapshots", "it__app__job_screens__"),
    ] {
        for (name, text) in files(directory, begins, ".snap") {
            assert_plain(&name, &text);
        }
    }
    for (name, text) in files("assets/guide", "", ".md") {
        assert_plain(&name, &text);
    }
    for (name, text) in files(".", "README", ".md") {
        assert_plain(&name, &text);
    }
}

#[test]
fn a_banned_word_is_found_as_a_word_alone() {
    assert_eq!(
        banned("12 of 14 Settled").map(|(word, _)| word),
        Some("settled")
    );
    assert_eq!(banned("✗ false + ⌂").map(|(word, _)| word), Some("false +"));
    assert_eq!(banned("unsettledness and gathering"), None);
    assert_eq!(banned("finished: 18 of 21 changed, 3 failed"), None);
}
