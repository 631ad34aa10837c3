//! The stand-in server: imitated systems over real HTTP on loopback, with faults on demand.
//!
//! Every leak is computed from the seed and its number; nothing is stored but what was changed. Each imitated system is
//! one file and folder here: a door that routes and checks the key ([`system::Front`]), and an inside that answers
//! ([`system::System`]). ProjectDiscovery lies at the root of the port, the control calls below `/control`; further
//! systems take a prefix of their own. A second port takes whoever follows a redirect.
//!
//! Only documentation names and addresses occur in the data, and its passwords and keys are made up.

mod control;
mod delivery;
mod draw;
mod fault;
mod leak;
mod projectdiscovery;
mod rate;
mod redirect;
mod requests;
mod server;
mod system;
mod wire;
mod words;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use fault::{Fault, FaultError, FaultName, parse_list};
use projectdiscovery::front::{self, api_key};
use server::{Settings, Shared};
use wire::{Cut, Wires};

/// Leaks that a server has at most.
pub const MOST_LEAKS: u64 = 50_000_000;

/// How long an ending server waits for answers on their way.
const GRACE: Duration = Duration::from_millis(500);

/// What a stand-in is told at its start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens: loopback only; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What the data and the keys depend on.
    pub seed: u64,
    /// Leaks in all systems together, at most [`MOST_LEAKS`].
    pub leaks: u64,
    /// Delay of every answer.
    pub latency: Duration,
    /// Requests that each system takes in any sixty seconds; none is no limit.
    pub rpm: Option<u32>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The day that dates count back from.
    pub today: Date,
    /// Many more odd logins, and three ids that are not hexadecimal, which no contract allows.
    pub hostile: bool,
}

impl Options {
    /// The defaults of `stanch serve`: a free port, seed 1, 5,000 leaks, nothing slow, nothing wrong.
    pub fn on(today: Date) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            leaks: 5_000,
            latency: Duration::ZERO,
            rpm: None,
            faults: Vec::new(),
            today,
            hostile: false,
        }
    }
}

/// Why a stand-in did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// It would be reachable from elsewhere.
    #[error("the stand-in listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// Too many leaks.
    #[error("the stand-in has at most {MOST_LEAKS} leaks, not {0}")]
    TooManyLeaks(u64),
    /// No request could ever be answered.
    #[error("at 0 requests a minute nothing could be asked")]
    NoRequests,
    /// The port could not be had.
    #[error("the stand-in cannot listen on {address}: {source}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A running stand-in. It ends when it is dropped; [`Demo::stop`] waits until it has.
#[derive(Debug)]
pub struct Demo {
    address: SocketAddr,
    key: String,
    end: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Demo {
    /// Starts a stand-in; it listens when this returns.
    pub async fn start(options: Options) -> Result<Self, DemoError> {
        if !options.listen.ip().is_loopback() {
            return Err(DemoError::NotLoopback(options.listen));
        }
        let leaks = u32::try_from(options.leaks)
            .ok()
            .filter(|leaks| u64::from(*leaks) <= MOST_LEAKS)
            .ok_or(DemoError::TooManyLeaks(options.leaks))?;
        if options.rpm == Some(0) {
            return Err(DemoError::NoRequests);
        }
        let (listener, address) = bind(options.listen).await?;
        let (second, elsewhere) = bind(SocketAddr::new(options.listen.ip(), 0)).await?;
        let end = CancellationToken::new();
        let systems = vec![projectdiscovery::imitate(
            options.seed,
            leaks,
            options.today,
            options.hostile,
        )];
        let settings = Settings {
            latency: options.latency,
            rpm: options.rpm,
            faults: options.faults,
            elsewhere,
            end: end.clone(),
        };
        let shared = Shared::new(systems, settings);
        let main = server::routes(shared.clone()).into_make_service_with_connect_info::<Cut>();
        let main = axum::serve(Wires(listener), main)
            .with_graceful_shutdown(end.clone().cancelled_owned())
            .into_future();
        let target = axum::serve(second, redirect::routes(shared))
            .with_graceful_shutdown(end.clone().cancelled_owned())
            .into_future();
        // Serving on a bound socket has no error that could be reported to anyone.
        let tasks = vec![
            tokio::spawn(async move { drop(main.await) }),
            tokio::spawn(async move { drop(target.await) }),
        ];
        Ok(Self {
            address,
            key: api_key(options.seed),
            end,
            tasks,
        })
    }

    /// The line of `stanch serve`: one JSON object, without a line end.
    pub fn announcement(&self) -> String {
        json!({
            front::NAME: { "base_url": self.base_url(), "api_key": self.key },
            "control": { "base_url": self.control_url() },
        })
        .to_string()
    }

    /// Where ProjectDiscovery's paths begin: `/v1/leaks` goes behind it.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key: the same for the same seed, of no worth anywhere else.
    pub fn api_key(&self) -> &str {
        &self.key
    }

    /// Where the control calls begin: `/requests` goes behind it.
    pub fn control_url(&self) -> String {
        format!("{}{}", self.base_url(), control::PREFIX)
    }

    /// A configuration with the profile `demo-pd`, whose key lies in that file. Writing both is the caller's part.
    pub fn config_toml(&self, key_file: &Path) -> String {
        let key_file = toml::Value::from(key_file.to_string_lossy().into_owned());
        format!(
            "# Made by the stand-in server; it works for as long as that runs.\n\
             [profiles.demo-pd]\n\
             provider = \"projectdiscovery\"\n\
             base_url = \"{}\"\n\
             key = {{ file = {key_file} }}\n\
             environment = \"demo\"\n",
            self.base_url(),
        )
    }

    /// Ends the server: answers on their way have half a second to arrive.
    pub async fn stop(mut self) {
        self.end.cancel();
        for task in std::mem::take(&mut self.tasks) {
            let abort = task.abort_handle();
            if tokio::time::timeout(GRACE, task).await.is_err() {
                abort.abort();
            }
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), DemoError> {
    let refused = |source| DemoError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    Ok((listener, bound))
}
