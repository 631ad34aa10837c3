//! `update` without I/O: messages in, model and effects out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod acting;
mod action_table;
mod check;
pub(crate) mod core_fixture;
mod eligibility;
mod failures;
mod groups;
mod help;
mod job;
mod job_control;
mod job_screens;
mod job_table;
mod news;
mod paging;
mod plan;
mod plan_screen;
mod plan_slices;
mod search;
mod team_screens;
mod time_slices;
mod views;

use core_fixture::Core;
