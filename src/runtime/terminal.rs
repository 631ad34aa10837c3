//! The terminal: entered and left by a guard and by the panic hook, neither of which may panic. Everything that is
//! written to it while the console is there goes through its [`OutputQueue`].

use super::{
    renderer::Renderer,
    terminal_output::{NonblockingWrite, OutputQueue, TerminalBackend, TerminalCapabilities},
};
use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    execute,
    style::{Attribute, SetAttribute},
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
    io::Errno,
    stdio::{stdin, stdout},
};
use std::{
    io,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The terminal of a real run.
pub type RealTerminal = Renderer<TerminalBackend<OutputQueue>>;

static ENTERED: AtomicBool = AtomicBool::new(false);
static HUNG_UP: AtomicBool = AtomicBool::new(false);
static OUTPUT: OnceLock<OutputQueue> = OnceLock::new();

/// A terminal that takes nothing for so long is left as it is.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

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

/// A terminal to draw on that understands this, and the line to it.
pub fn open(facts: TerminalCapabilities) -> io::Result<(RealTerminal, OutputQueue)> {
    let line = output()?;
    let terminal = Renderer::new(TerminalBackend::new(line.clone(), facts)?)?;
    Ok((terminal, line))
}

/// The line to the terminal of this process; there is only one.
fn output() -> io::Result<OutputQueue> {
    if let Some(line) = OUTPUT.get() {
        return Ok(line.clone());
    }
    let line = OutputQueue::open(nonblocking_writer(), write)?;
    Ok(OUTPUT.get_or_init(|| line).clone())
}

/// The terminal once more, opened anew so that a write to it never waits: whether one waits is not a matter of the
/// terminal but of who opened it, and standard output is shared with the shell. None where standard output is another
/// terminal than the one that this program was started from.
fn nonblocking_writer() -> Option<NonblockingWrite> {
    rustix::termios::tcgetsid(stdout()).ok()?;
    let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let own = rustix::fs::open("/dev/tty", flags, Mode::empty()).ok()?;
    Some(Box::new(move |bytes| {
        if HUNG_UP.load(Ordering::SeqCst) {
            return bytes.len();
        }
        // Whatever is wrong, the line's thread meets it too and tells.
        rustix::io::write(&own, bytes).unwrap_or(0)
    }))
}

/// One write, where the terminal takes all of it. Standard output's own buffer would divide it at each line feed.
fn write(mut bytes: &[u8]) -> io::Result<()> {
    // A terminal that went away takes nothing, and nobody is left to tell.
    while !bytes.is_empty() && !HUNG_UP.load(Ordering::SeqCst) {
        match rustix::io::write(stdout(), bytes) {
            Ok(taken) => bytes = bytes.get(taken..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Somebody who shares the terminal made it so.
            Err(Errno::AGAIN) => {
                let out = stdout();
                poll(&mut [PollFd::new(&out, PollFlags::OUT)], None).ok();
            }
            Err(_) if HUNG_UP.load(Ordering::SeqCst) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Whether something was typed that nobody has read yet.
pub fn has_input() -> bool {
    let input = stdin();
    let mut watched = [PollFd::new(&input, PollFlags::IN)];
    let now = Timespec::default();
    poll(&mut watched, Some(&now)).is_ok() && watched[0].revents() == PollFlags::IN
}

/// Whether the mouse is reported: also after the terminal was given to the shell and taken back.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Remembers whether the mouse is to be reported, and returns what tells the terminal so.
pub fn report_mouse(on: bool) -> &'static [u8] {
    MOUSE.store(on, Ordering::SeqCst);
    mouse_sequence(on)
}

/// What makes a terminal report buttons, wheel and drags by their cells, or ends that.
fn mouse_sequence(on: bool) -> &'static [u8] {
    if on {
        b"\x1b[?1000h\x1b[?1002h\x1b[?1006h"
    } else {
        b"\x1b[?1006l\x1b[?1002l\x1b[?1000l"
    }
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
    )?;
    if MOUSE.load(Ordering::SeqCst) {
        io::Write::write_all(&mut io::stdout(), mouse_sequence(true))?;
        io::Write::flush(&mut io::stdout())?;
    }
    Ok(())
}

/// Enters it once more, if it was not left: the program was stopped from outside. Answers its size.
pub fn re_enter() -> Option<(u16, u16)> {
    if !ENTERED.load(Ordering::SeqCst) || HUNG_UP.load(Ordering::SeqCst) {
        return None;
    }
    // It is raw only in our memory, if a shell has set it since.
    disable_raw_mode().ok()?;
    enter().ok()?;
    crossterm::terminal::size().ok()
}

/// Leaves it, if it was entered and is still there. What cannot be restored is left as it is.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) || HUNG_UP.load(Ordering::SeqCst) {
        return;
    }
    // The last frame is whole, or the terminal takes nothing any more.
    let takes = OUTPUT.get().is_none_or(|line| line.drain(WRITE_TIMEOUT));
    if takes {
        if MOUSE.load(Ordering::SeqCst) {
            io::Write::write_all(&mut io::stdout(), mouse_sequence(false)).ok();
        }
        execute!(
            io::stdout(),
            SetAttribute(Attribute::Reset),
            DisableFocusChange,
            DisableBracketedPaste,
            Show,
            LeaveAlternateScreen
        )
        .ok();
    }
    disable_raw_mode().ok();
}

/// The terminal went away: nothing is written to it any more.
pub fn abandon() {
    HUNG_UP.store(true, Ordering::SeqCst);
}
