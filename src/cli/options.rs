//! The options that work everywhere.

use super::values;
use crate::config::theme::ColorChoice;
use std::path::PathBuf;

/// Options that work before and after a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Everywhere")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
pub struct GlobalOptions {
    /// Read this configuration.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Work on this profile alone; give it again for more.
    #[arg(long = "profile", global = true, value_name = "NAME")]
    pub profiles: Vec<String>,
    /// Forbid every change.
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Allow plain http where a profile allows it too.
    #[arg(long, global = true)]
    pub insecure_http: bool,
    /// Use colour.
    #[arg(long, global = true, value_name = "WHEN", value_parser = values::color())]
    pub color: Option<ColorChoice>,
    /// Use ASCII instead of box drawing and symbols.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Print no progress and no notices.
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Log more.
    #[arg(long, global = true)]
    pub verbose: bool,
    /// Write the log to this file.
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
}
