//! Every hostile string becomes exactly the text that is written down for it, and stays inert on a terminal.

use ratatui::{
    Terminal, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    layout::{Constraint, Rect},
    style::{Modifier, Style},
    text::{Line, Text},
    widgets::{Block, List, Paragraph, Row, Table, Tabs},
};
use serde_json::Value;
use stanch::{
    entity::visible::{Visible, escape, escape_prefix},
    ui::text::{fit, fit_visible, number},
};

/// The cases: name, input, and what is written down for it.
pub(crate) fn corpus() -> Vec<(String, Vec<u8>, Value)> {
    let json: Value =
        serde_json::from_str(include_str!("../fixtures/hostile_strings.json")).unwrap();
    let cases = json["cases"].as_array().unwrap();
    cases
        .iter()
        .map(|case| {
            let bytes = match &case["generator"] {
                Value::Array(parts) => parts.iter().flat_map(generate_bytes).collect(),
                _ => hex(case["bytes_hex"].as_str().unwrap()),
            };
            (
                case["name"].as_str().unwrap().to_owned(),
                bytes,
                case.clone(),
            )
        })
        .collect()
}

fn generate_bytes(part: &Value) -> Vec<u8> {
    match part {
        Value::String(text) => text.clone().into_bytes(),
        pair => pair[0]
            .as_str()
            .unwrap()
            .repeat(pair[1].as_u64().unwrap() as usize)
            .into_bytes(),
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn every_hostile_string_becomes_its_exact_text() {
    let cases = corpus();
    assert_eq!(cases.len(), 215);
    for (name, bytes, case) in cases {
        let visible = escape(&bytes);
        let screen = &case["screen"];
        match (screen["text"].as_str(), screen["text_prefix"].as_str()) {
            (Some(text), _) => assert_eq!(visible.as_str(), text, "{name}"),
            (None, Some(prefix)) => assert!(visible.as_str().starts_with(prefix), "{name}"),
            (None, None) => panic!("{name} has no text"),
        }
        assert_eq!(
            visible.has_escapes(),
            screen["has_escape_style"].as_bool().unwrap(),
            "{name}"
        );
        let joined: String = visible.parts().map(|(_, part)| part).collect();
        assert_eq!(joined, visible.as_str(), "{name}");
    }
}

#[test]
fn a_prefix_is_the_beginning_of_the_whole() {
    for (name, bytes, _) in corpus() {
        for columns in [0, 1, 8, 40, 200] {
            let prefix = escape_prefix(&bytes, columns);
            let whole = escape(&bytes);
            assert!(whole.as_str().starts_with(&prefix.text), "{name}");
            assert!(prefix.text.len() <= 24 * columns + 200, "{name}");
            assert!(!prefix.is_whole || prefix.text == whole.as_str(), "{name}");
        }
    }
}

#[test]
fn a_typed_escape_differs_from_a_real_one() {
    let typed = escape(b"a\\e[2J");
    let real = escape(b"a\x1b[2J");
    assert_eq!(typed.as_str(), real.as_str());
    assert_ne!(typed, real);
    assert!(!typed.has_escapes());
    assert!(Visible::literal("fixed").as_str() == "fixed");
}

#[test]
fn right_to_left_letters_stay_and_are_known() {
    assert!(escape("שלום".as_bytes()).is_right_to_left());
    assert!(!escape("раураl 한".as_bytes()).is_right_to_left());
}

const WIDTH: u16 = 40;
const CELL: u16 = 24;

fn style() -> (Style, Style) {
    (
        Style::default(),
        Style::default().add_modifier(Modifier::REVERSED),
    )
}

fn line(bytes: &[u8], columns: usize) -> Line<'static> {
    let (plain, escaped) = style();
    fit(bytes, columns, plain, escaped)
}

/// Draws a value between two fences, each in a line of its own area, through one way that text takes to a terminal.
fn draw(path: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, WIDTH, 3)),
    };
    {
        let backend = CrosstermBackend::new(&mut out);
        let mut terminal = Terminal::with_options(backend, options).unwrap();
        terminal
            .draw(|frame| {
                for y in 0..3 {
                    frame.render_widget(Line::from("<<<<"), Rect::new(0, y, 4, 1));
                    frame.render_widget(Line::from(">>>>"), Rect::new(4 + CELL, y, 4, 1));
                }
                let area = Rect::new(4, 1, CELL, 1);
                let value = line(bytes, CELL as usize);
                match path {
                    0 => frame.render_widget(value, area),
                    1 => frame.render_widget(Text::from(value), area),
                    2 => frame.render_widget(Paragraph::new(value), area),
                    3 => frame.render_widget(List::new([value]), area),
                    4 => frame.render_widget(
                        Table::new([Row::new([Text::from(value)])], [Constraint::Length(CELL)]),
                        area,
                    ),
                    5 => frame.render_widget(
                        Block::bordered().title(line(bytes, CELL as usize - 2)),
                        area,
                    ),
                    6 => frame.render_widget(Tabs::new([line(bytes, CELL as usize - 2)]), area),
                    7 => {
                        frame.buffer_mut().set_line(area.x, area.y, &value, CELL);
                    }
                    8 => {
                        let mut x = area.x;
                        for span in value.spans {
                            x = frame
                                .buffer_mut()
                                .set_span(x, area.y, &span, area.right() - x)
                                .0;
                        }
                    }
                    _ => {
                        let (plain, escaped) = style();
                        let visible = escape(bytes);
                        let value = fit_visible(&visible, CELL as usize, plain, escaped);
                        frame.render_widget(value, area);
                    }
                }
            })
            .unwrap();
    }
    out
}

#[test]
fn no_hostile_string_reaches_the_terminal_or_its_neighbours() {
    let mut largest = 0;
    for (name, bytes, _) in corpus() {
        // The emulator takes U+FFFD for its own mark of a broken byte and draws nothing.
        if name == "fffd_literal" {
            continue;
        }
        for path in 0..10 {
            let out = draw(path, &bytes);
            largest = largest.max(out.len());
            let mut parser =
                vt100::Parser::new(3.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
            parser.process(&out);
            let screen = parser.screen();
            for y in 0..3 {
                for (x, wanted) in [(0, "<"), (3, "<"), (4 + CELL, ">"), (7 + CELL, ">")] {
                    let cell = screen.cell(y, x).unwrap();
                    assert_eq!(cell.contents(), wanted, "{name}, way {path}, {x},{y}");
                    assert!(!cell.inverse(), "{name}, way {path}, {x},{y}");
                }
            }
            assert!(
                !screen.alternate_screen() && !screen.bracketed_paste(),
                "{name}"
            );
            assert!(
                first_hidden_char(&out).is_none(),
                "{name}, way {path}: {:?}",
                first_hidden_char(&out)
            );
        }
    }
    assert!(largest < 1_000, "{largest} bytes for one small frame");
}

/// What is left of a frame when the drawing library's own cursor and style sequences are taken away, if anything of
/// it is not printable.
fn first_hidden_char(out: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(out).unwrap();
    let mut left = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        left.push_str(&rest[..at]);
        let body = rest[at + 1..].strip_prefix('[').expect("only CSI");
        let end = body
            .find(|c: char| ('@'..='~').contains(&c))
            .expect("a final byte");
        let last = body.as_bytes()[end];
        assert!(
            matches!(last, b'H' | b'm' | b'l' | b'h' | b'J'),
            "CSI {}",
            &body[..=end]
        );
        rest = &body[end + 1..];
    }
    left.push_str(rest);
    left.chars().find(|c| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    })
}

#[test]
fn a_cut_says_that_it_is_one_and_never_divides() {
    let text = |bytes: &[u8], columns| line(bytes, columns).to_string();
    assert_eq!(text(b"m.ortega@northwind.example", 16), "m.ortega@northw…");
    assert_eq!(text(b"abc", 3), "abc");
    assert_eq!(text(b"abcd", 3), "ab…");
    assert_eq!(text(b"abcd", 1), "…");
    assert_eq!(text(b"abcd", 0), "");
    // A wide character that does not fit is left out whole, and so is an escape.
    assert_eq!(text("漢字漢字".as_bytes(), 4), "漢…");
    assert_eq!(text("ab\u{202e}cd".as_bytes(), 9), "ab…");
    for (name, bytes, _) in corpus() {
        for columns in 0..32 {
            assert!(
                line(&bytes, columns).width() <= columns,
                "{name} at {columns}"
            );
        }
    }
}

#[test]
fn an_address_is_cut_in_its_middle_with_host_and_file_name() {
    let text = |value: &str, columns| line(value.as_bytes(), columns).to_string();
    let address = "https://vpn.northlake.example/remote/portal/login.php?user=1";
    for columns in 32..address.len() {
        let shown = text(address, columns);
        assert!(
            shown.contains("vpn.northlake.example"),
            "{columns}: {shown}"
        );
        assert!(shown.contains("login.php"), "{columns}: {shown}");
        assert!(shown.contains('…'), "{columns}: {shown}");
    }
    let path = r"C:\Users\marta\AppData\Local\Temp\7zS4C\installer.exe";
    for columns in 18..path.len() {
        let shown = text(path, columns);
        assert!(shown.ends_with(r"\installer.exe"), "{columns}: {shown}");
        assert!(shown.starts_with(r"C:\"), "{columns}: {shown}");
    }
    // What is escaped is not divided there either.
    let hostile = "https://vpn.example/a\u{202e}b\u{202e}c\u{202e}d\u{202e}e/f\u{202e}g.exe";
    for columns in 8..100 {
        let line = line(hostile.as_bytes(), columns);
        assert!(line.width() <= columns, "{columns}: {line}");
        let shown = line.to_string();
        let escapes = shown.matches('\\').count();
        assert_eq!(
            escapes,
            shown.matches(r"\u{202e}").count(),
            "{columns}: {shown}"
        );
    }
}

#[test]
fn joined_letters_without_end_stay_within_their_columns() {
    for unit in [
        "क्",
        "👍🏿🏿🏿🏿🏿🏿🏿",
        "\u{d4e}",
        "한\u{1161}",
        "\u{1161}",
        "e\u{301}",
    ] {
        let bytes = unit.repeat(5_000).into_bytes();
        let line = line(&bytes, 20);
        assert!(line.width() <= 20, "{unit}");
        let size: usize = line.spans.iter().map(|span| span.content.len()).sum();
        assert!(size < 20 * 32, "{unit}: {size} bytes");
    }
}

#[test]
fn a_number_fits_its_columns() {
    let text = |n, columns| number(n, columns, Style::default()).content.into_owned();
    assert_eq!(text(41_200, 8), "  41,200");
    assert_eq!(text(41_200, 5), "41200");
    assert_eq!(text(41_200, 3), "41k");
    assert_eq!(text(41_200_000, 3), "41M");
    assert_eq!(text(41_200, 1), "#");
}
