//! What the loop does itself.

use crate::entity::{key::RequestId, secret::Secret};

/// What the loop does itself.
#[derive(Clone, Debug, PartialEq)]
pub enum LoopEffect {
    /// Call off everything that belongs to a request.
    CancelRequest(RequestId),
    /// Send bytes to the terminal, between frames.
    WriteTerminal(Secret),
    /// Let the terminal report the mouse, or no longer.
    Mouse(bool),
    /// Suspend to the shell.
    Suspend,
    /// Draw everything again.
    Redraw,
    /// End, with this exit code.
    Quit(u8),
}
