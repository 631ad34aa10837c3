//! What ratatui draws on.

use super::{
    facts::Facts,
    painter::{Painter, reserve},
};
use crate::{runtime::canvas::Surface, ui::kept::Turn};
use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};
use std::io;

/// Where frames go.
pub trait Out {
    /// Columns and rows.
    fn size(&self) -> io::Result<Size>;
    /// Takes the bytes of a frame; never none.
    fn send(&mut self, frame: Vec<u8>) -> io::Result<()>;
}

/// A terminal that is sent as few bytes as it allows.
#[derive(Debug)]
pub struct Wire<O> {
    painter: Painter,
    facts: Facts,
    out: O,
}

const AT_ONCE: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");
/// A frame up to this size changes a row or two: nothing can be seen half drawn.
const ONE_ROW: usize = 512;

impl<O: Out> Wire<O> {
    /// A terminal of which nothing is known but what it understands: the first frame paints all of it.
    pub fn new(out: O, facts: Facts) -> io::Result<Self> {
        let size = out.size()?;
        Ok(Self {
            painter: Painter::new(facts, size.width, size.height),
            facts,
            out,
        })
    }

    /// Where frames go.
    pub fn out(&self) -> &O {
        &self.out
    }

    /// Where frames go.
    pub fn out_mut(&mut self) -> &mut O {
        &mut self.out
    }
}

impl<O: Out> Backend for Wire<O> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (column, row, cell) in content {
            self.painter.put(column, row, cell);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.painter.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.painter.cursor.get_or_insert((0, 0));
        Ok(())
    }

    /// It is never asked: the answer would race the reader of events.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.painter.cursor.unwrap_or_default().into())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        if let Some(cursor) = &mut self.painter.cursor {
            *cursor = (x, y);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        let size = self.out.size()?;
        self.painter.forget(size.width, size.height);
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        self.out.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.out.size()?,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut frame = self.painter.frame();
        if frame.is_empty() {
            return Ok(());
        }
        if self.facts.at_once && frame.len() > ONE_ROW {
            reserve(&mut frame, AT_ONCE.0.len() + AT_ONCE.1.len());
            frame.splice(0..0, AT_ONCE.0.iter().copied());
            frame.extend_from_slice(AT_ONCE.1);
        }
        self.out.send(frame)
    }
}

impl<O: Out> Surface for Wire<O> {
    fn turn(&mut self, turn: Turn) -> io::Result<()> {
        self.painter.turn(turn);
        Ok(())
    }
}
