//! What fuzzing found, one test each.

use crate::app::core_fixture::Core;
use crossterm::event::Event;
use ratatui::{buffer::Buffer, layout::Rect};
use stanch::{
    app::input,
    config::Config,
    entity::{host, login::normalized_login, lookup::input::parse_email},
    ui::{self, redraw::UnchangedRows},
};

/// Two dots at the end of a host left one, which the next comparison took away: one host was two.
#[test]
fn the_normal_form_of_a_host_is_its_own() {
    let long = format!("{}.Example", "\u{130}".repeat(100));
    for (host, form) in [
        ("vpn.acme.example..", "vpn.acme.example"),
        ("a b..", "a b"),
        ("a b .", "a b"),
        ("\u{fc}.\u{a0}..", "xn--tda"),
        ("\u{212a}%41", "ka"),
        ("..", ".."),
        (&long, ""),
    ] {
        let normal = host::normalize(host.as_bytes());
        assert_eq!(host::normalize(&normal), normal, "{host:?}");
        let shown = host::display_form(host.as_bytes());
        assert_eq!(host::display_form(&shown), shown, "{host:?}");
        assert_eq!(host::normalize(&shown), normal, "{host:?}");
        if !form.is_empty() {
            assert_eq!(String::from_utf8_lossy(&normal), form, "{host:?}");
        }
    }
}

/// A blank beyond ASCII before the last dot of a login's host stayed in one form and went in the next.
#[test]
fn the_form_of_a_login_is_its_own() {
    for login in [
        "@\u{fc}\u{a0}.",
        "maya@m\u{fc}nchen.example.\u{3000}.",
        "maya@acme.example..",
    ] {
        let once = normalized_login(login.as_bytes());
        assert_eq!(normalized_login(&once), once, "{login:?}");
    }
    assert_eq!(
        normalized_login("Maya@acme.example\u{a0}.".as_bytes()),
        normalized_login(b"maya@acme.example")
    );
}

/// An address that was brought to its form was refused, or was another one, when it was given again: letters whose small
/// form is several characters or longer, marks that were quoted, dots that were escaped.
#[test]
fn the_form_of_an_address_is_its_own() {
    let long = format!("{}@acme.example", "\u{23a}".repeat(27));
    for (typed, form) in [
        ("\u{130}%40a.\u{130}", Some("\u{130}@a.xn--i-9bb")),
        ("AB\u{3a3}@acme.example", Some("ab\u{3c3}@acme.example")),
        ("\"maya\"@acme.example", Some("maya@acme.example")),
        ("o'reilly@acme.example", Some("o'reilly@acme.example")),
        ("\"'maya\"@acme.example", None),
        ("\"`maya\"@acme.example", None),
        ("\"{maya\"@acme.example", None),
        ("mailto:a%2e%2e%2eb@acme.example", None),
        (&long, None),
    ] {
        let found = parse_email(typed).ok();
        assert_eq!(found.as_deref(), form, "{typed:?}");
        if let Some(found) = found {
            assert_eq!(parse_email(&found), Ok(found.clone()), "{typed:?}");
        }
    }
}

/// A typed line showed hidden characters as they are; one at its end reached the terminal.
#[test]
fn what_is_hidden_in_a_typed_line_is_shown_as_a_sign() {
    let mut core = Core::with_leaks(30);
    for event in ["/", "a\u{202e}b\u{a0}\u{200b}"].map(|text| Event::Paste(text.to_owned())) {
        let event = match event {
            Event::Paste(text) if text == "/" => {
                Event::Key(stanch::config::chord::Chord::parse("/").unwrap().event())
            }
            other => other,
        };
        let message = input::translate(&core.model, event, core.now.since_start).unwrap();
        core.update(message);
    }
    let (columns, rows) = core.model.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let look = crate::support::console_fixture::look(&Config::default().theme);
    let cursor = ui::draw(&core.model, &look, &UnchangedRows::NONE, &mut buffer).unwrap();
    let line: String = (0..columns)
        .map(|x| buffer[(x, rows - 1)].symbol())
        .collect();
    assert!(line.contains("a?b??"), "{line:?}");
    let end = line.find("??").unwrap() + 2;
    assert_eq!(usize::from(cursor.x), end, "{line:?}");
}

/// A moment a part of a second before 1970 counted as the first second of it, which is a null date.
#[test]
fn a_part_of_a_second_before_1970_lies_in_the_last_second_of_1969() {
    for (text, seconds) in [
        ("/Date(-1)/", -1),
        ("/Date(-1001)/", -2),
        ("1969-12-31T23:59:58.5Z", -2),
    ] {
        assert_eq!(
            stanch::entity::date::parse_seconds(text.as_bytes()),
            Some(seconds),
            "{text}"
        );
    }
    for null in ["/Date(0)/", "/Date(1)/", "1970-01-01T00:00:00.25Z"] {
        assert_eq!(
            stanch::entity::date::parse_seconds(null.as_bytes()),
            None,
            "{null}"
        );
    }
}
