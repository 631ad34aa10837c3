//! `stanch version`: which program this is, for a report of a fault.

use super::{
    context::CommandContext,
    exit::ExitCode,
    format::{Format, FormatOption},
};
use crate::export::json;
use serde::Serialize;
use std::fmt::Write as _;

/// What is told of the build.
#[derive(Clone, Debug, Serialize)]
struct Build {
    version: &'static str,
    /// The commit that it was built from, where who built it said so.
    commit: Option<&'static str>,
    /// The cargo features that are on.
    features: Vec<&'static str>,
    target: &'static str,
    /// `release` or `debug`.
    profile: &'static str,
    compiler: &'static str,
}

const FEATURES: &str = env!("STANCH_FEATURES");

/// The version alone: `stanch 0.2.0`.
const NAME: &str = concat!("stanch ", env!("CARGO_PKG_VERSION"));

fn build() -> Build {
    Build {
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("STANCH_COMMIT").filter(|commit| !commit.is_empty()),
        features: FEATURES.split_whitespace().collect(),
        target: env!("STANCH_BUILD_TARGET"),
        profile: env!("STANCH_BUILD_PROFILE"),
        compiler: env!("STANCH_BUILD_COMPILER"),
    }
}

/// What `--version --verbose` prints, one fact a line.
pub(super) fn verbose() -> String {
    let build = build();
    let mut text = format!("{NAME}\n");
    for (name, value) in [
        ("commit", build.commit.unwrap_or("not recorded")),
        (
            "features",
            if FEATURES.is_empty() {
                "none"
            } else {
                FEATURES
            },
        ),
        ("target", build.target),
        ("profile", build.profile),
        ("compiler", build.compiler),
    ] {
        let _ = writeln!(text, "{name:10}{value}");
    }
    text
}

/// Prints the version; with `--verbose` also commit, features and build.
pub fn run(session: &mut CommandContext, arguments: &FormatOption) -> ExitCode {
    match arguments.format {
        Format::Json => session.output.json(&json::answer("version", build())),
        Format::Table if session.options.verbose => session.output.text(&verbose()),
        Format::Table => session.output.text(&format!("{NAME}\n")),
    }
    ExitCode::Done
}
