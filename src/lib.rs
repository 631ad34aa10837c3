//! Stanch: the leak triage console for the terminal.

pub mod action;
pub mod app;
pub mod cli;
pub mod clipboard;
pub mod config;
pub mod credential;
pub mod demo;
pub mod entity;
pub mod export;
pub mod filter;
pub mod journal;
pub mod logging;
pub mod provider;
pub mod runtime;
pub mod table;
pub mod ui;
