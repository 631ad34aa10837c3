//! What ratatui draws on.

use super::{
    capability::TerminalCapabilities,
    frame_diff::{FrameDiff, reserve},
};
use crate::{runtime::renderer::Surface, ui::redraw::ScrollRegion};
use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};
use std::io;

/// Where frames go.
pub trait FrameSink {
    /// Columns and rows.
    fn size(&self) -> io::Result<Size>;
    /// Takes the bytes of a frame; never none.
    fn send(&mut self, frame: Vec<u8>) -> io::Result<()>;
}

/// A terminal that is sent as few bytes as it allows.
#[derive(Debug)]
pub struct TerminalBackend<O> {
    frame_diff: FrameDiff,
    capabilities: TerminalCapabilities,
    sink: O,
}

const SYNCHRONIZED_OUTPUT: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");
/// A frame up to this size changes a row or two: nothing can be seen half drawn.
const MAX_UNSYNCHRONIZED_BYTES: usize = 512;

impl<O: FrameSink> TerminalBackend<O> {
    /// A terminal of which nothing is known but what it understands: the first frame paints all of it.
    pub fn new(out: O, facts: TerminalCapabilities) -> io::Result<Self> {
        let size = out.size()?;
        Ok(Self {
            frame_diff: FrameDiff::new(facts, size.width, size.height),
            capabilities: facts,
            sink: out,
        })
    }

    /// Where frames go.
    pub fn sink(&self) -> &O {
        &self.sink
    }

    /// Where frames go.
    pub fn sink_mut(&mut self) -> &mut O {
        &mut self.sink
    }
}

impl<O: FrameSink> Backend for TerminalBackend<O> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (column, row, cell) in content {
            self.frame_diff.set_cell(column, row, cell);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.frame_diff.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.frame_diff.cursor.get_or_insert((0, 0));
        Ok(())
    }

    /// It is never asked: the answer would race the reader of events.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.frame_diff.cursor.unwrap_or_default().into())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        if let Some(cursor) = &mut self.frame_diff.cursor {
            *cursor = (x, y);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        let size = self.sink.size()?;
        self.frame_diff.invalidate(size.width, size.height);
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        self.sink.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.sink.size()?,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut frame = self.frame_diff.frame();
        if frame.is_empty() {
            return Ok(());
        }
        if self.capabilities.synchronized_output && frame.len() > MAX_UNSYNCHRONIZED_BYTES {
            reserve(
                &mut frame,
                SYNCHRONIZED_OUTPUT.0.len() + SYNCHRONIZED_OUTPUT.1.len(),
            );
            frame.splice(0..0, SYNCHRONIZED_OUTPUT.0.iter().copied());
            frame.extend_from_slice(SYNCHRONIZED_OUTPUT.1);
        }
        self.sink.send(frame)
    }
}

impl<O: FrameSink> Surface for TerminalBackend<O> {
    fn scroll(&mut self, turn: ScrollRegion) -> io::Result<()> {
        self.frame_diff.scroll(turn);
        Ok(())
    }
}
