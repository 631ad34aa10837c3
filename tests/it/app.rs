//! `update` without I/O: messages in, model and effects out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod acting;
mod action_table;
mod check;
pub(crate) mod core;
mod failures;
mod groups;
mod help;
mod job;
mod job_control;
mod job_screens;
mod job_table;
mod judge;
mod news;
mod paging;
mod plan;
mod plan_screen;
mod plan_turns;
mod searching;
mod team_screens;
mod turns;
mod views;

use core::Core;
