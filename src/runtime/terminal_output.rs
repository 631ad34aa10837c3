//! The way from a frame to the terminal, in as few bytes as the terminal allows.
//!
//! The [renderer](super::renderer) says which cells changed; [`TerminalBackend`] keeps what is wanted beside what is shown, and once a frame
//!
//! 1. is told of rows that only moved, or looks for them, and moves them by the terminal's scroll region,
//! 2. paints what is still different: gaps are skipped or written again, whichever is shorter, blanks are erased, colours
//!    change by the difference, the cursor takes the shortest way,
//! 3. hands the bytes to the [`OutputQueue`], which gives them to the terminal in one write; what the terminal does not take at
//!    once, a thread waits with. Until that was taken no further frame is drawn: what a slow line cannot carry is never
//!    made.
//!
//! What a terminal understands is in [`TerminalCapabilities`]. An unknown one gets absolute positions and colours and nothing else.

mod backend;
mod capability;
mod cell;
mod cursor;
mod frame_diff;
mod output;
mod row;
mod scroll;
mod style;

pub use backend::{FrameSink, TerminalBackend};
pub use capability::{ScrollMode, TerminalCapabilities};
pub use output::{NonblockingWrite, OutputQueue};
