//! The one integration binary: one link, shared support.

mod actions;
mod app;
mod architecture;
mod assets;
mod cli;
mod commands;
mod config;
mod contracts;
mod credential;
mod demo;
mod export;
mod filter;
mod flow;
mod hostile_http;
mod journal;
mod operations;
mod properties;
mod provider;
mod pty;
mod screens;
mod secrets;
mod support;
mod table;
mod visible;
