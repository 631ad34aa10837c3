//! The console end to end: real runtime, real adapter, real stand-in, real journal; keys in, screen and requests out.

mod claims;
mod columns;
mod evidence;
mod facets;
mod failed_jobs;
mod fictional_providers;
mod filter;
mod job_screen;
mod jobs;
mod local_statuses;
mod marks;
mod navigation_history;
mod news;
mod output;
mod paging;
mod panics;
mod plan;
mod record;
mod rounds;
mod tasks;
mod views;

use super::support::{
    console_fixture::{ConsoleFixture, Wrap},
    driver::Driver,
    statusless_provider::StatuslessProvider,
};
