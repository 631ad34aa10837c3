//! `stanch serve`: the stand-in alone.

use super::{demo::StandIn, exit::ExitCode, failure::Failure, session::Session};
use std::{net::SocketAddr, path::PathBuf};

/// `stanch serve`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Listen here; on this machine only.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = loopback)]
    pub listen: SocketAddr,
    /// What the stand-in is like.
    #[command(flatten)]
    pub stand_in: StandIn,
    /// Write a configuration for it to a new file.
    #[arg(long, value_name = "FILE")]
    pub config_out: Option<PathBuf>,
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "an address and a port, such as 127.0.0.1:8080".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("the stand-in listens on this machine only: 127.0.0.1 or [::1]".to_owned())
    }
}

/// Runs the stand-in until it is told to end.
pub async fn run(session: &mut Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    std::future::ready(Err(Failure::unwired(session, arguments))).await
}
