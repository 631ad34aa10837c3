//! The one integration binary: one link, shared support.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]
#![expect(clippy::print_stderr, reason = "a test that is skipped says why")]

mod actions;
mod answers;
mod app;
mod architecture;
mod assets;
mod cli;
mod commands;
mod config;
mod contracts;
mod credential;
mod demo;
mod evidence;
mod export;
mod files;
mod filter;
mod flow;
mod fuzz;
mod guide;
mod hostile_http;
mod journal;
mod lookup_input;
mod matrix;
mod operations;
mod properties;
mod provider;
mod pty;
mod report;
mod screens;
mod secrets;
mod seen;
mod support;
mod table;
mod visible;
mod wire;
