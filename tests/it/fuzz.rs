//! Fuzzing of every reader of what others wrote. A target has seeds, words that are put between, and a check that says
//! what must hold of any bytes beside that nothing panics.
//!
//! Each target has two tests. `brief` is part of the suite: a few hundred runs from a fixed seed, so that it finds
//! today what it found yesterday. `minute` is ignored: a minute from a seed that it prints,
//!
//! ```text
//! STANCH_FUZZ_SECONDS=3600 cargo test --locked --test it -- --ignored --show-output fuzz:: minute
//! STANCH_FUZZ_SEED=17 cargo test --locked --test it -- --ignored --show-output fuzz::hosts::minute
//! ```
//!
//! What was found is shrunk and printed. It becomes a test with a name in `fuzz/finds.rs`.
//!
//! Below the targets are crossterm, which reads the terminal's bytes, and hyper, which reads the frames of HTTP: what
//! they hand on is what is made up here.

mod console;
mod engine;
mod files;
mod finds;
mod json;
mod text;
mod wire;

use engine::{Target, brief, minute};

/// Two tests for each target.
macro_rules! targets {
    ($($name:ident: $target:expr;)*) => {$(
        mod $name {
            #[test]
            fn brief() {
                super::brief(stringify!($name), &$target);
            }

            #[test]
            #[ignore = "takes a minute, or as long as STANCH_FUZZ_SECONDS says"]
            fn minute() {
                super::minute(stringify!($name), &$target);
            }
        }
    )*};
}

targets! {
    visible: super::text::visible();
    cells: super::text::cells();
    hosts: super::text::hosts();
    logins: super::text::logins();
    dates: super::text::dates();
    lookups: super::text::lookups();
    ids: super::text::ids();
    filters: super::text::filters();
    chords: super::text::chords();
    documents: super::json::documents();
    configuration: super::files::configuration();
    views: super::files::views();
    statuses: super::files::statuses();
    audit: super::files::audit();
    bundles: super::files::bundles();
    archives: super::files::archives();
    answers: super::wire::answers();
    heads: super::wire::heads();
    terminal: super::console::terminal();
}

/// The strings that are written to do harm.
fn hostile() -> Vec<Vec<u8>> {
    let cases = crate::visible::corpus().into_iter();
    cases
        .map(|(_, bytes, _)| bytes)
        .filter(|bytes| bytes.len() <= 200)
        .collect()
}

/// Words as bytes.
fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}
