//! The real program on a real pseudo-terminal: what it draws, what it leaves behind, and what becomes of it when the
//! terminal goes away.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it needs by failing"
)]

mod acting;
pub(crate) mod console;
mod environment;
mod files;
mod hangup;
mod hostile;
mod large;
#[cfg(target_os = "linux")]
mod memory;
mod news;
mod output_bytes;
mod session_restore;
pub(crate) mod stand_in;
mod startup_shutdown;
mod states;
#[cfg(feature = "postgres")]
mod team;
mod three_systems;
