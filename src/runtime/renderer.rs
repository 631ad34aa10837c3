//! The frame that is shown, and the cells that lead to the next one. In place of ratatui's terminal, which looks at each
//! cell of a frame with care: nearly all rows of nearly all frames are as they were, or have no wide characters.

use crate::ui::redraw::{ScrollRegion, UnchangedRows};
use ratatui::{
    backend::Backend,
    buffer::{Buffer, Cell, CellWidth},
    layout::{Position, Rect, Size},
};

/// A backend that can move rows of what it shows.
pub trait Surface: Backend {
    /// Moves rows; blank ones come in.
    ///
    /// # Errors
    /// What the terminal says.
    fn scroll(&mut self, turn: ScrollRegion) -> Result<(), Self::Error>;
}

/// What frames are drawn on.
#[derive(Debug)]
pub struct Renderer<B> {
    backend: B,
    current: Buffer,
    /// What a frame finds on the screen, of the rows that it draws; blank between two frames.
    previous: Buffer,
    /// What the terminal shows is not known, or blank.
    needs_full_paint: bool,
    /// By row, room for its cells as they were and as they are, while what differs is looked for.
    scratch_rows: Vec<[Buffer; 2]>,
}

impl<B: Surface> Renderer<B> {
    /// A blank one, as large as the terminal.
    ///
    /// # Errors
    /// What the terminal says where it tells no size.
    pub fn new(backend: B) -> Result<Self, B::Error> {
        let mut canvas = Self {
            current: Buffer::default(),
            previous: Buffer::default(),
            needs_full_paint: true,
            scratch_rows: Vec::new(),
            backend,
        };
        let size = canvas.size()?;
        canvas.resize(size);
        Ok(canvas)
    }

    /// Where frames go.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// Where frames go.
    pub fn backend_mut(&mut self) -> &mut B {
        &mut self.backend
    }

    /// Columns and rows of the terminal.
    ///
    /// # Errors
    /// What the terminal says where it tells none.
    pub fn size(&self) -> Result<Size, B::Error> {
        self.backend.size()
    }

    /// Forgets what is shown: the next frame paints every cell.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn invalidate(&mut self) -> Result<(), B::Error> {
        let size = self.size()?;
        self.resize(size);
        self.backend.clear()
    }

    /// Draws a frame on a buffer that is blank but for rows that shall stay as they are, some of them after they have
    /// moved, and the cursor where the painter says; answers the frame. Where nothing is known to be shown, no row
    /// stays: at first, after a [`forget`](Self::invalidate), on a terminal that has another size now.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn draw(
        &mut self,
        kept: &UnchangedRows,
        paint: impl FnOnce(&UnchangedRows, &mut Buffer) -> Option<Position>,
    ) -> Result<&Buffer, B::Error> {
        let (mut kept, none) = (kept, UnchangedRows::NONE);
        if self.size()? != self.current.area.as_size() {
            self.invalidate()?;
        }
        if std::mem::take(&mut self.needs_full_paint) {
            kept = &none;
        }
        if let Some(turn) = kept.scroll_region() {
            self.backend.scroll(turn)?;
            self::scroll_rows(turn, &mut self.current);
        }
        if kept.is_empty() {
            std::mem::swap(&mut self.previous, &mut self.current);
        } else {
            let drawn = self.rows_to_draw(kept);
            drawn.for_each(|(was, is)| was.swap_with_slice(is));
        }
        let cursor = paint(kept, &mut self.current);
        self.send(kept)?;
        match cursor {
            Some(position) => {
                self.backend.show_cursor()?;
                self.backend.set_cursor_position(position)?;
            }
            None => self.backend.hide_cursor()?,
        }
        self.backend.flush()?;
        // The key is answered: what the next frame needs is done behind it.
        for (was, _) in self.rows_to_draw(kept) {
            was.iter_mut().for_each(Cell::reset);
        }
        Ok(&self.current)
    }

    /// The rows that are drawn, as they were and as they are.
    fn rows_to_draw<'all>(
        &'all mut self,
        kept: &UnchangedRows,
    ) -> impl Iterator<Item = (&'all mut [Cell], &'all mut [Cell])> {
        let columns = usize::from(self.current.area.width).max(1);
        let was = self.previous.content.chunks_exact_mut(columns);
        let rows = was.zip(self.current.content.chunks_exact_mut(columns));
        let rows = rows.enumerate();
        rows.filter(|(row, _)| !kept.contains(*row as u16))
            .map(|(_, cells)| cells)
    }

    fn resize(&mut self, size: Size) {
        let area = Rect::from((Position::ORIGIN, size));
        (self.current, self.previous) = (Buffer::empty(area), Buffer::empty(area));
        let rows = area.rows();
        self.scratch_rows = rows.map(|row| [row, row].map(Buffer::empty)).collect();
        self.needs_full_paint = true;
    }

    /// Sends the cells that differ, of the rows that do.
    fn send(&mut self, kept: &UnchangedRows) -> Result<(), B::Error> {
        let columns = usize::from(self.current.area.width).max(1);
        let was = self.previous.content.chunks_exact_mut(columns);
        let is = self.current.content.chunks_exact_mut(columns);
        let rows = was.zip(is).zip(&mut self.scratch_rows).enumerate();
        let (mut narrow, mut wide) = (Vec::new(), Vec::new());
        for (row, ((was, is), room)) in rows {
            if kept.contains(row as u16) || was.iter().zip(&*is).all(|(was, is)| is_same(was, is)) {
                continue;
            }
            if was.iter().chain(&*is).all(is_narrow) {
                narrow.push((row as u16, &*was, &*is));
            } else {
                wide.push(Row {
                    old_cells: was,
                    new_cells: is,
                    scratch: room,
                });
            }
        }
        wide.iter_mut().for_each(Row::swap);
        let narrow = narrow.iter().flat_map(|(row, was, is)| {
            let cells = was.iter().zip(*is).enumerate();
            let changed = cells.filter(|(_, (was, is))| !is_same(was, is));
            changed.map(|(column, (_, is))| (column as u16, *row, is))
        });
        let rest = wide
            .iter()
            .flat_map(|row| row.scratch[0].diff_iter(&row.scratch[1]));
        let sent = self.backend.draw(narrow.chain(rest));
        wide.iter_mut().for_each(Row::swap);
        sent
    }
}

/// Moves rows of a frame.
pub fn scroll_rows(turn: ScrollRegion, frame: &mut Buffer) {
    let columns = usize::from(frame.area.width);
    let of = |rows: u16| usize::from(rows) * columns;
    let Some(rows) = frame.content.get_mut(of(turn.top)..of(turn.bottom)) else {
        return;
    };
    let by = of(turn.distance).min(rows.len());
    let (left, fresh) = if turn.up {
        (by, rows.len() - by..rows.len())
    } else {
        (rows.len() - by, 0..by)
    };
    rows.rotate_left(left);
    rows[fresh].iter_mut().for_each(Cell::reset);
}

/// Whether cells look the same. They compare themselves too, but more than is drawn here, and not as fast: this is done
/// with all cells of every frame.
fn is_same(was: &Cell, is: &Cell) -> bool {
    let same = match (was.symbol().as_bytes(), is.symbol().as_bytes()) {
        ([was], [is]) => was == is,
        (was, is) => was == is,
    };
    same && was.fg == is.fg && was.bg == is.bg && was.modifier == is.modifier
}

/// Whether a cell covers no other: then it changes alone.
fn is_narrow(cell: &Cell) -> bool {
    cell.symbol().len() == 1 || cell.cell_width() == 1
}

/// A row in which a cell covers others: which of them are sent then, ratatui knows. It compares whole buffers only: the
/// cells are lent to two of one row.
struct Row<'canvas> {
    old_cells: &'canvas mut [Cell],
    new_cells: &'canvas mut [Cell],
    scratch: &'canvas mut [Buffer; 2],
}

impl Row<'_> {
    /// Lends the cells, or takes them back.
    fn swap(&mut self) {
        let [was, is] = &mut *self.scratch;
        was.content.swap_with_slice(self.old_cells);
        is.content.swap_with_slice(self.new_cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::{Terminal, backend::TestBackend, style::Style};

    impl Surface for TestBackend {
        fn scroll(&mut self, turn: ScrollRegion) -> Result<(), Self::Error> {
            let mut buffer = self.buffer().clone();
            super::scroll_rows(turn, &mut buffer);
            let cells = buffer.area.positions().zip(&buffer.content);
            self.draw(cells.map(|(at, cell)| (at.x, at.y, cell)))
        }
    }

    /// A row of a frame: letters, wide ones, or nothing.
    fn paint(mut random: fastrand::Rng, row: u16, buffer: &mut Buffer) {
        let text = match random.u8(..8) {
            0 => "コンニチハ and more".into(),
            1 => format!("number {}", random.u8(..3)),
            2 => String::new(),
            3 => "aコa コ 👩‍🚀 e\u{301}".into(),
            _ => format!("row {row}"),
        };
        buffer.set_string(random.u16(..3), row, text, Style::new());
    }

    #[test]
    fn it_shows_what_ratatuis_own_terminal_shows() {
        let mut random = fastrand::Rng::with_seed(5);
        let mut canvas = Renderer::new(TestBackend::new(24, 6)).unwrap();
        let mut terminal = Terminal::new(TestBackend::new(24, 6)).unwrap();
        let mut seeds: Vec<u64> = Vec::new();
        for frame in 0..3_000 {
            if frame % 97 == 96 {
                let (columns, rows) = (random.u16(1..40), random.u16(1..12));
                canvas.backend_mut().resize(columns, rows);
                terminal.backend_mut().resize(columns, rows);
            }
            // Those that stay are the same as before; of the others most are.
            let kept = match random.u8(..3) {
                _ if frame == 0 => UnchangedRows::NONE,
                0 => UnchangedRows::from_rows((0..12).map(|_| random.bool()), None),
                _ => UnchangedRows::NONE,
            };
            seeds.resize(12, 0);
            for (row, seed) in seeds.iter_mut().enumerate() {
                if !kept.contains(row as u16) && random.u8(..3) == 0 {
                    *seed = random.u64(..);
                }
            }
            let paint = |kept: &UnchangedRows, buffer: &mut Buffer| {
                for row in (0..buffer.area.height).filter(|row| !kept.contains(*row)) {
                    let seed = seeds[usize::from(row)];
                    paint(fastrand::Rng::with_seed(seed), row, buffer);
                }
                crate::ui::clear_split_wide(kept, buffer);
            };
            let cursor = random
                .bool()
                .then(|| Position::new(random.u16(..2), random.u16(..2)));
            let drawn = canvas
                .draw(&kept, |kept, buffer| {
                    paint(kept, buffer);
                    cursor
                })
                .unwrap()
                .clone();
            let frame = terminal
                .draw(|frame| {
                    paint(&UnchangedRows::NONE, frame.buffer_mut());
                    if let Some(position) = cursor {
                        frame.set_cursor_position(position);
                    }
                })
                .unwrap();
            assert_eq!(&drawn, frame.buffer);
            canvas.backend().assert_buffer(terminal.backend().buffer());
            assert_eq!(
                canvas.backend().cursor_visible(),
                terminal.backend().cursor_visible()
            );
        }
    }

    #[test]
    fn rows_that_move_stay_and_those_that_come_in_are_drawn() {
        let mut canvas = Renderer::new(TestBackend::new(5, 5)).unwrap();
        let lines = |words: [&'static str; 5]| {
            move |kept: &UnchangedRows, buffer: &mut Buffer| {
                for (row, word) in (0..).zip(words).filter(|(row, _)| !kept.contains(*row)) {
                    buffer.set_string(0, row, word, Style::new());
                }
                None
            }
        };
        let head = ["head", "one", "two", "three", "foot"];
        canvas.draw(&UnchangedRows::NONE, lines(head)).unwrap();
        let mut turn = ScrollRegion {
            top: 1,
            bottom: 4,
            up: true,
            distance: 1,
        };
        // What is kept is not asked for: were it drawn, it would say so.
        let kept = UnchangedRows::from_rows([true, true, true, false, true], Some(turn));
        let words = ["", "", "", "four", ""];
        let shown = canvas.draw(&kept, lines(words)).unwrap().clone();
        let up = Buffer::with_lines(["head ", "two  ", "three", "four ", "foot "]);
        assert_eq!(shown, up);
        canvas.backend().assert_buffer(&up);
        (turn.up, turn.distance) = (false, 2);
        let kept = UnchangedRows::from_rows([true, false, false, true, true], Some(turn));
        let words = ["", "", "a row", "", ""];
        let shown = canvas.draw(&kept, lines(words)).unwrap().clone();
        let down = Buffer::with_lines(["head ", "     ", "a row", "two  ", "foot "]);
        assert_eq!(shown, down);
        canvas.backend().assert_buffer(&down);
        // Where nothing is known to be shown, nothing is kept.
        canvas.invalidate().unwrap();
        canvas.draw(&kept, lines(head)).unwrap();
        let whole = Buffer::with_lines(["head ", "one  ", "two  ", "three", "foot "]);
        canvas.backend().assert_buffer(&whole);
    }

    #[test]
    fn a_canvas_that_was_forgotten_is_painted_whole() {
        let mut canvas = Renderer::new(TestBackend::new(8, 2)).unwrap();
        let words = |_: &UnchangedRows, buffer: &mut Buffer| {
            buffer.set_string(0, 0, "as it was", Style::new());
            None
        };
        canvas.draw(&UnchangedRows::NONE, words).unwrap();
        canvas.invalidate().unwrap();
        canvas
            .backend()
            .assert_buffer(&Buffer::empty(Rect::new(0, 0, 8, 2)));
        canvas.draw(&UnchangedRows::NONE, words).unwrap();
        canvas
            .backend()
            .assert_buffer(&Buffer::with_lines(["as it wa", "        "]));
    }
}
