//! `stanch serve`: the stand-in alone.

use super::{
    context::CommandContext,
    demo::{self, StandInOptions},
    exit::ExitCode,
    failure::{Failure, FailureKind},
};
use std::{net::SocketAddr, path::PathBuf};
use tokio::signal::unix::{SignalKind, signal};

/// `stanch serve`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Listen here; on this machine only.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = parse_loopback)]
    pub listen: SocketAddr,
    /// What the stand-in is like.
    #[command(flatten)]
    pub stand_in: StandInOptions,
    /// Write a configuration for it to a new file.
    #[arg(long, value_name = "FILE")]
    pub config_out: Option<PathBuf>,
}

fn parse_loopback(text: &str) -> Result<SocketAddr, String> {
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
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let server = demo::start(arguments.stand_in.server_options(arguments.listen)?).await?;
    if let Some(path) = &arguments.config_out {
        let path = std::path::absolute(path).map_err(|_| {
            Failure::new(
                FailureKind::Usage,
                "--config-out has no path",
                "name a new file",
            )
        })?;
        let mut key_path = path.clone().into_os_string();
        key_path.push(".key");
        let key_path = PathBuf::from(key_path);
        demo::write_configuration(&server, &path, &key_path)?;
    }
    session.output.text(&server.announcement());
    session.output.text("\n");
    session.output.flush();
    let ended = wait_for_signal().await;
    server.stop().await;
    ended
}

/// Waits for the signal that ends it.
async fn wait_for_signal() -> Result<ExitCode, Failure> {
    let listen = |kind| {
        signal(kind)
            .map_err(|_| Failure::new(FailureKind::Internal, "signals cannot be listened to", ""))
    };
    let (mut terminate, mut interrupt) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::interrupt())?,
    );
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(ExitCode::Done)
}
