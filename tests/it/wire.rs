//! The way to the terminal: what it is sent makes the screen that was drawn, and nothing is sent that it does not know.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod bytes;
mod frames;
mod replay;
mod sequences;
mod slow_terminal;
mod unchanged_rows;
