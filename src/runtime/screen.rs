//! What the loop does to the terminal beside drawing.

use super::{terminal, wire::Line};
use crate::app::sent::Traffic;
use std::io;

/// What the loop does to the terminal beside drawing; a test does nothing.
pub trait Screen {
    /// Sends bytes that are no part of a frame.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Gives the terminal to the shell and takes it back.
    fn suspend(&mut self) -> io::Result<()>;
    /// Whether the last frame was taken: until then no other is drawn.
    fn is_free(&self) -> io::Result<bool> {
        Ok(true)
    }
    /// Comes back when the terminal has taken something.
    fn freed(&self) -> impl Future<Output = ()> {
        std::future::pending()
    }
    /// Whether something was typed that was not read yet.
    fn has_input(&self) -> bool {
        false
    }
    /// What was sent so far.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// The terminal of a real run.
#[derive(Debug)]
pub struct RealScreen(pub Line);

impl Screen for RealScreen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.beside(bytes)
    }

    fn suspend(&mut self) -> io::Result<()> {
        terminal::leave();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        terminal::enter()
    }

    fn is_free(&self) -> io::Result<bool> {
        self.0.is_free()
    }

    async fn freed(&self) {
        self.0.freed().await;
    }

    fn has_input(&self) -> bool {
        terminal::has_input()
    }

    fn traffic(&self) -> Traffic {
        self.0.traffic()
    }
}
