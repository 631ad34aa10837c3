//! Random screens, each made from the one before: lists that scroll, markers that move, boxes that come and go, text of
//! every width and direction, other sizes.

use proptest::{collection::vec, option, prelude::*, sample::select};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::{Clear, Widget},
};
use stanch::ui::redraw::{ScrollRegion, UnchangedRows};

/// What happens between two frames.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The list scrolls by so many lines.
    Scroll(isize),
    /// The same, and whoever draws it knows.
    Turn(isize),
    /// The marker moves to a row.
    Mark(usize),
    /// A line becomes another one.
    Change(usize, Vec<(String, Style)>),
    /// A box lies above, or none.
    Above(Option<(u16, u16, u16, u16)>),
    /// The cursor is shown somewhere, or not.
    Cursor(Option<(u16, u16)>),
    /// Everything is another text.
    Replace(Vec<Vec<(String, Style)>>),
    /// The terminal has another size.
    Resize(u16, u16),
    /// Everything is painted anew.
    Redraw,
    /// Nothing changes.
    Nothing,
}

/// A screen.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) size: (u16, u16),
    lines: Vec<Vec<(String, Style)>>,
    offset: usize,
    mark: usize,
    above: Option<(u16, u16, u16, u16)>,
    cursor: Option<(u16, u16)>,
}

impl Scene {
    /// Takes a step, and answers what moves by it as far as whoever draws it knows.
    pub(super) fn apply(&mut self, step: &Step) -> Option<ScrollRegion> {
        let lines = self.lines.len();
        match step {
            Step::Scroll(by) | Step::Turn(by) => {
                let before = self.offset;
                self.offset = self.offset.saturating_add_signed(*by).min(lines);
                let distance = self.offset.abs_diff(before) as u16;
                let (top, bottom) = (1, self.size.1 - 1);
                if matches!(step, Step::Turn(_)) && (1..bottom - top).contains(&distance) {
                    let (up, by) = (self.offset > before, distance);
                    return Some(ScrollRegion {
                        top,
                        bottom,
                        up,
                        distance: by,
                    });
                }
            }
            Step::Mark(row) => self.mark = *row,
            Step::Change(line, text) => {
                let line = line % lines;
                self.lines[line].clone_from(text);
            }
            Step::Above(above) => self.above = *above,
            Step::Cursor(cursor) => self.cursor = *cursor,
            Step::Replace(lines) => self.lines.clone_from(lines),
            Step::Resize(columns, rows) => self.size = (*columns, *rows),
            Step::Redraw | Step::Nothing => {}
        }
        None
    }

    pub(super) fn draw(&self, buffer: &mut Buffer) -> Option<Position> {
        let area = buffer.area;
        let head = format!("lines {} of {}", self.offset, self.lines.len());
        buffer.set_string(0, 0, head, Style::new().add_modifier(Modifier::REVERSED));
        for row in 1..area.height.saturating_sub(1) {
            let at = self.offset + usize::from(row);
            let Some(text) = self.lines.get(at) else {
                break;
            };
            let spans = text
                .iter()
                .map(|(text, style)| Span::styled(&text[..], *style));
            let line = Line::from(spans.collect::<Vec<_>>());
            buffer.set_line(2, row, &line, area.width.saturating_sub(3));
            if usize::from(row) == self.mark {
                buffer.set_string(0, row, "❯", Style::new().fg(Color::Yellow));
            }
            if area.width > 0 {
                buffer.set_string(area.width - 1, row, "│", Style::new().fg(Color::Blue));
            }
        }
        if let Some((x, y, width, height)) = self.above {
            let above = Rect::new(x, y, width, height).intersection(area);
            Clear.render(above, buffer);
            for row in above.rows() {
                buffer.set_stringn(
                    row.x,
                    row.y,
                    "=".repeat(row.width.into()),
                    row.width.into(),
                    Style::new().bg(Color::Indexed(24)),
                );
            }
        }
        stanch::ui::clear_split_wide(&UnchangedRows::NONE, buffer);
        let cursor = self.cursor.map(Position::from);
        cursor.filter(|position| area.contains(*position))
    }
}

fn style() -> impl Strategy<Value = Style> {
    let colors = [
        Color::Reset,
        Color::Reset,
        Color::Red,
        Color::Gray,
        Color::DarkGray,
        Color::LightCyan,
        Color::White,
        Color::Indexed(201),
        Color::Rgb(1, 20, 255),
    ];
    // Bold and dim exclude each other in the emulator that reads this.
    let marks = [
        Modifier::empty(),
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::ITALIC,
        Modifier::UNDERLINED,
        Modifier::REVERSED,
        Modifier::BOLD.union(Modifier::REVERSED),
        Modifier::DIM.union(Modifier::UNDERLINED),
    ];
    (
        select(colors.to_vec()),
        select(colors.to_vec()),
        select(marks.to_vec()),
    )
        .prop_map(|(fg, bg, marks)| Style::new().fg(fg).bg(bg).add_modifier(marks))
}

fn piece() -> impl Strategy<Value = String> {
    let few = [
        "a",
        "leak",
        "status",
        "login@example.test",
        " ",
        "      ",
        "                    ",
        "│",
        "─────────",
        "漢字",
        "한",
        "ｆｕｌｌ",
        "e\u{301}",
        "é",
        "●",
        "👍",
        "❤️",
        "👨\u{200d}👩\u{200d}👧",
        "🇩🇪",
        "مرحبا",
        "שלום",
        "नमस्ते",
        "ﾞ",
        "\\x1b[2J",
        "\u{fffd}",
        "\u{1f3ff}",
        "〆",
        "x",
    ];
    prop_oneof![
        8 => select(few.to_vec()).prop_map(str::to_owned),
        3 => "[ -~]{0,24}",
        1 => any::<char>().prop_map(String::from),
    ]
}

fn line() -> impl Strategy<Value = Vec<(String, Style)>> {
    vec((piece(), style()), 0..6)
}

fn plain_line() -> impl Strategy<Value = Vec<(String, Style)>> {
    ("[a-z0-9 ]{4,40}", style()).prop_map(|(text, style)| vec![(text, style)])
}

fn size() -> impl Strategy<Value = (u16, u16)> {
    (3_u16..70, 2_u16..24)
}

/// A first screen.
pub(super) fn scene() -> impl Strategy<Value = Scene> {
    let lines = prop_oneof![vec(plain_line(), 1..60), vec(line(), 1..60)];
    (size(), lines).prop_map(|(size, lines)| Scene {
        size,
        lines,
        offset: 0,
        mark: 1,
        above: None,
        cursor: None,
    })
}

/// What happens to it.
pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (-30_isize..30).prop_map(Step::Scroll),
        6 => select(vec![Step::Scroll(1), Step::Scroll(-1)]),
        4 => (-30_isize..30).prop_map(Step::Turn),
        6 => select(vec![Step::Turn(1), Step::Turn(-1)]),
        4 => (0_usize..24).prop_map(Step::Mark),
        4 => (any::<usize>(), line()).prop_map(|(at, line)| Step::Change(at, line)),
        2 => option::of((0_u16..60, 0_u16..20, 0_u16..40, 0_u16..12)).prop_map(Step::Above),
        2 => option::of((0_u16..70, 0_u16..24)).prop_map(Step::Cursor),
        1 => vec(line(), 1..40).prop_map(Step::Replace),
        1 => size().prop_map(|(columns, rows)| Step::Resize(columns, rows)),
        1 => Just(Step::Redraw),
        1 => Just(Step::Nothing),
    ]
}
