//! `stanch demo`: the console on the embedded stand-in.

use super::{exit::ExitCode, failure::Failure, session::Session};

/// What the stand-in is like; `demo` and `serve` share it.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct StandIn {
    /// The same number makes the same leaks.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many leaks there are in all.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub leaks: u64,
    /// Let every answer wait this many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,
    /// Allow this many requests a minute.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rpm: Option<u32>,
    /// Let things go wrong: NAME or NAME:N, with commas between them.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub faults: Vec<String>,
    /// The day that dates count back from; today unless it is given.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<jiff::civil::Date>,
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse()
        .map_err(|_| "a day, such as 2026-02-28".to_owned())
}

/// `stanch demo`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// What the stand-in is like.
    #[command(flatten)]
    pub stand_in: StandIn,
}

/// Opens the console on the stand-in.
pub async fn run(session: &mut Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
