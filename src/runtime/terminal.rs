//! The terminal: entered and left by a guard and by the panic hook, neither of which may panic, and written to in one
//! piece a frame.

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Terminal, backend::CrosstermBackend};
use std::{
    io::{self, Stdout, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// Collects a frame and sends it in one write, inside a synchronized update if it is more than a row or so.
#[derive(Debug)]
pub struct FrameWriter {
    buffer: Vec<u8>,
    out: Stdout,
}

const HIDE: &[u8] = b"\x1b[?25l";
const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";
// A frame up to this size changes a row at most: nothing can be seen half drawn.
const ONE_ROW: usize = 512;

impl Write for FrameWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // The cursor is hidden once, at the start; hiding it again with every frame says nothing.
        while let Some(rest) = self.buffer.strip_suffix(HIDE) {
            self.buffer.truncate(rest.len());
        }
        // A terminal that went away takes nothing, and nobody is left to tell: ratatui shows the cursor when it is
        // dropped, and panics where it cannot even say that it failed.
        if self.buffer.is_empty() || is_silent(&self.buffer) || GONE.load(Ordering::SeqCst) {
            self.buffer.clear();
            return Ok(());
        }
        if self.buffer.len() > ONE_ROW {
            self.buffer.splice(0..0, SYNC_BEGIN.iter().copied());
            self.buffer.extend_from_slice(SYNC_END);
        }
        let written = self
            .out
            .write_all(&self.buffer)
            .and_then(|()| self.out.flush());
        self.buffer.clear();
        written
    }
}

/// Whether bytes only set colours and attributes that nothing follows: a frame without a change.
fn is_silent(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == 0x1b).all(|part| {
        part.is_empty()
            || (part[0] == b'['
                && part.last() == Some(&b'm')
                && part[1..part.len() - 1]
                    .iter()
                    .all(|b| b.is_ascii_digit() || *b == b';'))
    })
}

/// The terminal of a real run.
pub type RealTerminal = Terminal<CrosstermBackend<FrameWriter>>;

static ENTERED: AtomicBool = AtomicBool::new(false);
static GONE: AtomicBool = AtomicBool::new(false);

/// Enters the alternate screen; leaves it when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Enters.
    pub fn enter() -> io::Result<Self> {
        enter()?;
        Ok(Self(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// A terminal to draw on.
pub fn open() -> io::Result<RealTerminal> {
    Terminal::new(CrosstermBackend::new(FrameWriter {
        buffer: Vec::with_capacity(1 << 16),
        out: io::stdout(),
    }))
}

/// Enters the alternate screen, raw.
pub fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange,
        Hide
    )
}

/// Enters it once more, if it was not left: the program was stopped from outside. Answers its size.
pub fn again() -> Option<(u16, u16)> {
    if !ENTERED.load(Ordering::SeqCst) || GONE.load(Ordering::SeqCst) {
        return None;
    }
    // It is raw only in our memory, if a shell has set it since.
    disable_raw_mode().ok()?;
    enter().ok()?;
    crossterm::terminal::size().ok()
}

/// Leaves it, if it was entered and is still there. What cannot be restored is left as it is.
pub fn leave() {
    if ENTERED.swap(false, Ordering::SeqCst) && !GONE.load(Ordering::SeqCst) {
        execute!(
            io::stdout(),
            DisableFocusChange,
            DisableBracketedPaste,
            Show,
            LeaveAlternateScreen
        )
        .ok();
        disable_raw_mode().ok();
    }
}

/// The terminal went away: nothing is written to it any more.
pub fn forget() {
    GONE.store(true, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::is_silent;

    #[test]
    fn only_bytes_that_change_nothing_are_silent() {
        assert!(is_silent(b"\x1b[39m\x1b[49m\x1b[59m\x1b[0m"));
        assert!(!is_silent(b"\x1b[1;1Hx\x1b[0m"));
        assert!(!is_silent(b"\x1b[2J"));
        assert!(!is_silent(b"x"));
    }
}
