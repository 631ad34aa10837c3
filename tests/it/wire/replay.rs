//! What a terminal shows after the bytes is what was drawn, cell by cell.

use super::{
    frames::{Scene, Step, scene, step},
    sequences::assert_known,
};
use proptest::{collection::vec, prelude::*, sample::select};
use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::{Rect, Size},
    style::{Color, Modifier},
};
use stanch::{
    runtime::{
        renderer::{self, Renderer},
        terminal_output::{FrameSink, TerminalBackend, TerminalCapabilities},
    },
    ui::redraw::{ScrollRegion, UnchangedRows},
};
use std::{fmt::Write as _, io};
use unicode_width::UnicodeWidthChar;

/// Takes frames.
pub(super) struct Sink {
    size: Size,
    pub(super) frames: Vec<Vec<u8>>,
}

impl FrameSink for Sink {
    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn send(&mut self, frame: Vec<u8>) -> io::Result<()> {
        self.frames.push(frame);
        Ok(())
    }
}

pub(super) fn terminal(
    size: (u16, u16),
    facts: TerminalCapabilities,
) -> Renderer<TerminalBackend<Sink>> {
    let sink = Sink {
        size: size.into(),
        frames: Vec::new(),
    };
    Renderer::new(TerminalBackend::new(sink, facts).unwrap()).unwrap()
}

fn parser(size: (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(size.1.try_into().unwrap(), size.0.try_into().unwrap(), 0)
}

/// The emulator drops the replacement character as if it were broken text; terminals show it.
fn feed(parser: &mut vt100::Parser, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap().replace('\u{fffd}', "¤");
    parser.process(text.as_bytes());
}

/// A buffer painted cell by cell with absolute positions and whole styles: the plain frame.
fn replay_full_frame(buffer: &Buffer, facts: TerminalCapabilities) -> vt100::Parser {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let mut parser = parser((columns, rows));
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let cell = &buffer[(column, row)];
            let mut text = format!("\x1b[{};{}H\x1b[0m", row + 1, column + 1);
            for (mark, number) in [
                (Modifier::BOLD, 1),
                (Modifier::DIM, 2),
                (Modifier::ITALIC, 3),
                (Modifier::UNDERLINED, 4),
                (Modifier::REVERSED, 7),
            ] {
                let known = match mark {
                    Modifier::ITALIC => facts.italic,
                    Modifier::DIM => facts.dim,
                    _ => true,
                };
                if known && cell.modifier.contains(mark) {
                    write!(text, "\x1b[{number}m").unwrap();
                }
            }
            write!(text, "{}{}", color(cell.fg, 38), color(cell.bg, 48)).unwrap();
            let width = cell.cell_width();
            let fits = width > 0 && column + width <= columns;
            let apart: usize = cell
                .symbol()
                .chars()
                .filter_map(UnicodeWidthChar::width)
                .sum();
            let runs_over = apart > usize::from(columns - column) && apart > usize::from(width);
            let symbol = match width {
                1 | 2 if fits && runs_over => "\u{fffd}",
                _ if cell.symbol().chars().any(char::is_control) => " ",
                1 | 2 if fits => cell.symbol(),
                3.. => "\u{fffd}",
                _ => " ",
            };
            if !symbol.is_ascii() {
                // One that the emulator finds narrower leaves nothing of what stood there.
                let blanks = " ".repeat(symbol.cell_width().into());
                write!(text, "{blanks}\x1b[{};{}H", row + 1, column + 1).unwrap();
            }
            text.push_str(symbol);
            let covered = if fits && width == 2 { 2 } else { 1 };
            for _ in usize::from(symbol.cell_width())..covered {
                text.push_str("\x1b[0m ");
            }
            feed(&mut parser, text.as_bytes());
            column += if fits && width <= 2 { width } else { 1 };
        }
    }
    parser
}

fn color(color: Color, kind: u8) -> String {
    let index = match color {
        Color::Reset => return String::new(),
        Color::Rgb(red, green, blue) => return format!("\x1b[{kind};2;{red};{green};{blue}m"),
        Color::Indexed(index) => index,
        Color::Red => 1,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightCyan => 14,
        Color::White => 15,
        other => panic!("{other} is not used here"),
    };
    format!("\x1b[{kind};5;{index}m")
}

/// What can be seen of a cell.
fn describe_cell(cell: &vt100::Cell) -> String {
    if cell.is_wide_continuation() {
        return "half".to_owned();
    }
    let text = cell.contents();
    let blank = text.trim_matches(' ').is_empty();
    let mut seen = format!("{:?} on {:?}", text.trim_end_matches(' '), cell.bgcolor());
    if cell.is_wide() {
        seen.push_str(" wide");
    }
    if cell.inverse() {
        seen.push_str(" inverse");
    }
    if cell.underline() {
        seen.push_str(" underlined");
    }
    if !blank || cell.inverse() || cell.underline() {
        write!(seen, " in {:?}", cell.fgcolor()).unwrap();
        write!(seen, " {} {} {}", cell.bold(), cell.dim(), cell.italic()).unwrap();
    }
    seen
}

fn assert_same(shown: &vt100::Screen, plain: &vt100::Screen, what: &str) {
    let (rows, columns) = shown.size();
    for row in 0..rows.get() {
        for column in 0..columns.get() {
            let of = |screen: &vt100::Screen| screen.cell(row, column).map(describe_cell);
            assert_eq!(
                of(shown),
                of(plain),
                "column {column} of row {row} after {what}\n{}\nand plainly\n{}",
                shown.contents(),
                plain.contents()
            );
        }
    }
}

/// The rows that are as they were after a turn; after another step every other one of them, so that some are painted
/// though nothing changed.
fn find_unchanged(shown: &Buffer, whole: &Buffer, turn: Option<ScrollRegion>) -> UnchangedRows {
    if shown.area != whole.area {
        return UnchangedRows::NONE;
    }
    let mut shown = shown.clone();
    if let Some(turn) = turn {
        renderer::scroll_rows(turn, &mut shown);
    }
    let columns = usize::from(whole.area.width);
    let rows = shown.content.chunks_exact(columns);
    let rows = rows.zip(whole.content.chunks_exact(columns)).enumerate();
    let same = rows.map(|(row, (was, is))| was == is && (turn.is_some() || row % 2 == 0));
    UnchangedRows::from_rows(same, turn)
}

/// Plays a scene and compares each of its screens.
fn play(mut scene: Scene, steps: &[Step], facts: TerminalCapabilities) {
    let mut terminal = terminal(scene.size, facts);
    let mut shown = parser(scene.size);
    // What stood there before.
    shown.process(b"\x1b[1;7;31mprompt$ \x1b[44mls -l\r\nold old old\x1b[2;3r");
    let mut shown_before = None;
    let mut check = |scene: &Scene,
                     terminal: &mut Renderer<TerminalBackend<Sink>>,
                     turn,
                     what: &str| {
        if terminal.size().unwrap() != scene.size.into() {
            terminal.backend_mut().sink_mut().size = scene.size.into();
            let (columns, rows) = scene.size;
            shown
                .screen_mut()
                .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        }
        let mut whole = Buffer::empty(Rect::new(0, 0, scene.size.0, scene.size.1));
        let cursor = scene.draw(&mut whole);
        let kept = match &shown_before {
            Some(shown) => find_unchanged(shown, &whole, turn),
            None => UnchangedRows::NONE,
        };
        let columns = usize::from(scene.size.0);
        let buffer = terminal
            .draw(&kept, |kept, buffer| {
                let rows = buffer.content.chunks_exact_mut(columns);
                for (row, (to, from)) in rows.zip(whole.content.chunks_exact(columns)).enumerate() {
                    if !kept.contains(row as u16) {
                        to.clone_from_slice(from);
                    }
                }
                cursor
            })
            .unwrap()
            .clone();
        assert_eq!(buffer, whole, "after {what}");
        for frame in terminal.backend_mut().sink_mut().frames.drain(..) {
            assert_known(&frame, facts);
            feed(&mut shown, &frame);
        }
        let plain = replay_full_frame(&buffer, facts);
        assert_same(shown.screen(), plain.screen(), what);
        shown_before = Some(buffer);
        shown.screen().cursor_position()
    };
    check(&scene, &mut terminal, None, "the start");
    for step in steps {
        let turn = scene.apply(step);
        if matches!(step, Step::Redraw) {
            terminal.invalidate().unwrap();
        }
        check(&scene, &mut terminal, turn, &format!("{step:?}"));
    }
}

/// Terminals of each kind.
const TERMS: [&str; 8] = [
    "xterm-256color",
    "tmux-256color",
    "screen",
    "linux",
    "gnome-256color",
    "rxvt-unicode-256color",
    "putty-256color",
    "what is this",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_frames_shows_what_was_drawn(
        scene in scene(),
        steps in vec(step(), 1..14),
        term in select(&TERMS[..]),
    ) {
        play(scene, &steps, TerminalCapabilities::from_term(term));
    }
}
