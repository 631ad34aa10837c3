//! What the loop does to the terminal beside drawing.

use super::{terminal, terminal_output::OutputQueue};
use crate::app::sent::Traffic;
use std::io;

/// What the loop does to the terminal beside drawing; a test does nothing.
pub trait Screen {
    /// Sends bytes that are no part of a frame.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Gives the terminal to the shell and takes it back.
    fn suspend(&mut self) -> io::Result<()>;
    /// Whether the last frame was taken: until then no other is drawn.
    fn is_drained(&self) -> io::Result<bool> {
        Ok(true)
    }
    /// Comes back when the terminal has taken something.
    fn drained(&self) -> impl Future<Output = ()> {
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
pub struct RealScreen(pub OutputQueue);

impl Screen for RealScreen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.send_out_of_frame(bytes)
    }

    fn suspend(&mut self) -> io::Result<()> {
        terminal::leave();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        terminal::enter()
    }

    fn is_drained(&self) -> io::Result<bool> {
        self.0.is_drained()
    }

    async fn drained(&self) {
        self.0.drained().await;
    }

    fn has_input(&self) -> bool {
        terminal::has_input()
    }

    fn traffic(&self) -> Traffic {
        self.0.traffic()
    }
}
