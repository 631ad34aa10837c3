//! `update` without I/O: messages in, model and effects out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod core;
mod job;
mod judge;
mod paging;
mod plan;

use core::Core;
