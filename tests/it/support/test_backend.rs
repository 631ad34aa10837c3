//! What a terminal would show: a backend that keeps its cells, as text, as text with its styles, and as a picture.

#![expect(clippy::panic, reason = "tests")]

use ratatui::{
    backend::{Backend, ClearType, TestBackend, WindowSize},
    buffer::{Buffer, Cell},
    layout::{Position, Size},
    style::{Color, Modifier},
};
use stanch::{
    runtime::renderer::{self, Surface},
    ui::redraw::ScrollRegion,
};
use std::{collections::BTreeMap, fmt::Write as _, io};
use unicode_width::UnicodeWidthStr;

/// Ratatui's test backend with an error that the runtime knows, and a count of what a real terminal must not be asked.
pub(crate) struct CountingBackend {
    inner: TestBackend,
    /// Cells that were drawn anew.
    pub(crate) drawn_cells: usize,
    /// Frames that changed at least one cell.
    pub(crate) changed_frames: usize,
}

impl CountingBackend {
    pub(crate) fn new(columns: u16, rows: u16) -> Self {
        Self {
            inner: TestBackend::new(columns, rows),
            drawn_cells: 0,
            changed_frames: 0,
        }
    }

    pub(crate) fn buffer(&self) -> &Buffer {
        self.inner.buffer()
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.inner.resize(columns, rows);
    }
}

fn into_io_result<T>(result: Result<T, std::convert::Infallible>) -> io::Result<T> {
    result.map_err(|never| match never {})
}

impl Backend for CountingBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        self.drawn_cells += cells.len();
        self.changed_frames += usize::from(!cells.is_empty());
        into_io_result(self.inner.draw(cells.into_iter()))
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        into_io_result(self.inner.hide_cursor())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        into_io_result(self.inner.show_cursor())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        panic!(
            "the terminal was asked where its cursor is: the answer would race the reader of events"
        )
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        into_io_result(self.inner.set_cursor_position(position))
    }

    fn clear(&mut self) -> io::Result<()> {
        into_io_result(self.inner.clear())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        into_io_result(self.inner.clear_region(clear_type))
    }

    fn size(&self) -> io::Result<Size> {
        into_io_result(self.inner.size())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        into_io_result(self.inner.window_size())
    }

    fn flush(&mut self) -> io::Result<()> {
        into_io_result(self.inner.flush())
    }
}

impl Surface for CountingBackend {
    fn scroll(&mut self, turn: ScrollRegion) -> io::Result<()> {
        let mut buffer = self.inner.buffer().clone();
        renderer::scroll_rows(turn, &mut buffer);
        let cells = buffer.area.positions().zip(&buffer.content);
        into_io_result(self.inner.draw(cells.map(|(at, cell)| (at.x, at.y, cell))))
    }
}

/// The cells of a row with their columns; the second half of a wide character is left out.
pub(crate) fn cells(buffer: &Buffer, row: u16) -> Vec<(u16, &Cell)> {
    let (mut cells, mut column) = (Vec::new(), 0);
    while column < buffer.area.width {
        let cell = &buffer[(column, row)];
        cells.push((column, cell));
        column += cell.symbol().width().max(1) as u16;
    }
    cells
}

/// A screen as text, without blanks at the ends of its lines.
pub(crate) fn screen_text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let line: String = cells(buffer, row)
            .iter()
            .map(|(_, cell)| cell.symbol())
            .collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The styles of a screen: a legend, and by row the runs that are not plain.
pub(crate) fn styles(buffer: &Buffer) -> String {
    let mut legend: BTreeMap<String, usize> = BTreeMap::new();
    for row in 0..buffer.area.height {
        for (_, cell) in cells(buffer, row) {
            legend.entry(style_words(cell)).or_default();
        }
    }
    legend.remove("");
    for (number, (_, place)) in legend.iter_mut().enumerate() {
        *place = number;
    }
    let mut out = String::new();
    for (words, place) in &legend {
        let _ = writeln!(out, "{} = {words}", letter(*place));
    }
    for row in 0..buffer.area.height {
        let mut runs: Vec<(String, u16, u16)> = Vec::new();
        for (column, cell) in cells(buffer, row) {
            let words = style_words(cell);
            // A blank between two words of a style ends nothing.
            if cell.symbol() == " " && words.is_empty() {
                continue;
            }
            match runs.last_mut() {
                Some((last, _, end)) if *last == words => *end = column,
                _ => runs.push((words, column, column)),
            }
        }
        let runs: Vec<String> = runs
            .iter()
            .filter(|(words, ..)| !words.is_empty())
            .map(|(words, start, end)| format!("{}{start}-{end}", letter(legend[words])))
            .collect();
        if !runs.is_empty() {
            let _ = writeln!(out, "{row:>2}: {}", runs.join(" "));
        }
    }
    out
}

fn letter(number: usize) -> char {
    char::from(b'A' + number as u8)
}

fn style_words(cell: &Cell) -> String {
    // A blank that is only coloured, not underlined or reversed, looks like any other blank.
    let blank = cell.symbol() == " "
        && !cell
            .modifier
            .intersects(Modifier::REVERSED | Modifier::UNDERLINED);
    let mut words = Vec::new();
    if cell.fg != Color::Reset && !blank {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg.to_string().to_lowercase()));
    }
    if !cell.modifier.is_empty() && !blank {
        words.push(format!("{:?}", cell.modifier).to_lowercase());
    }
    words.join(" ")
}
