//! The way to the terminal: what it is sent makes the screen that was drawn, and nothing is sent that it does not know.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod busy;
mod bytes;
mod frames;
mod kept;
mod replay;
mod sequences;
