//! The stand-in server: imitated systems over real HTTP on loopback, with faults on demand.
//!
//! Every leak is computed from the seed and its number; nothing is stored but what was changed. Each imitated system is
//! one file and folder here: a door that routes and checks the key ([`system::SystemRouter`]), and an inside that answers
//! ([`system::System`]). ProjectDiscovery lies at the root of the port, the control calls below `/control`; further
//! systems take a prefix of their own, or a port. One port more takes whoever follows a redirect.
//!
//! Only documentation names and addresses occur in the data, and its passwords and keys are made up.

mod batch;
mod catalogue;
mod control;
mod delivery;
mod fault;
mod generator;
mod hibp;
mod leak;
mod leaked_checker;
mod leaks_ai;
mod listener;
mod name;
mod passwords;
mod population;
mod projectdiscovery;
mod rate;
mod receiver;
mod receiving;
mod redirect;
mod requests;
mod rng;
mod routes;
mod server;
mod state;
pub mod stealer;
mod system;
mod tamper;
mod word_lists;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use batch::batches;
pub use fault::{Fault, FaultError, FaultName, parse_list};
use listener::{Cut, CuttableListener};
pub use name::SystemName;
use population::{LeakSplit, split};
use state::{Settings, Shared};
use system::StandInSystem;

/// Leaks that a server has at most.
pub const MAX_LEAKS: u64 = 50_000_000;

/// How long an ending server waits for answers on their way.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(500);

/// What a stand-in is told at its start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens: loopback only; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Which systems it imitates.
    pub systems: BTreeSet<SystemName>,
    /// What the data and the keys depend on.
    pub seed: u64,
    /// Leaks in all systems together, at most [`MAX_LEAKS`].
    pub leaks: u64,
    /// Delay of every answer.
    pub latency: Duration,
    /// Requests that each system takes in any sixty seconds; none is each system's own limit.
    pub rpm: Option<u32>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The day that dates count back from.
    pub today: Date,
    /// Many more odd logins, and three ids that are not hexadecimal, which no contract allows.
    pub hostile: bool,
}

impl Options {
    /// The defaults of `stanch serve`: every system, a free port, seed 1, 5,000 leaks, nothing slow, nothing wrong.
    pub fn all_systems(today: Date) -> Self {
        Self {
            systems: SystemName::ALL.into(),
            ..Self::projectdiscovery_only(today)
        }
    }

    /// The same with ProjectDiscovery alone, which then has all leaks.
    pub fn projectdiscovery_only(today: Date) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            systems: BTreeSet::from([SystemName::ProjectDiscovery]),
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
    #[error("the stand-in has at most {MAX_LEAKS} leaks, not {0}")]
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
    /// Where the systems with a port of their own listen.
    own: Vec<(SystemName, SocketAddr)>,
    systems: Vec<ServedSystem>,
    /// Requests a minute, where they were set for all systems.
    rpm: Option<u32>,
    end: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// What a client needs to know of one system.
#[derive(Debug)]
struct ServedSystem {
    name: SystemName,
    key: String,
    jwt: Option<String>,
}

impl Demo {
    /// Starts a stand-in; it listens when this returns.
    pub async fn start(options: Options) -> Result<Self, DemoError> {
        if !options.listen.ip().is_loopback() {
            return Err(DemoError::NotLoopback(options.listen));
        }
        let leaks = u32::try_from(options.leaks)
            .ok()
            .filter(|leaks| u64::from(*leaks) <= MAX_LEAKS)
            .ok_or(DemoError::TooManyLeaks(options.leaks))?;
        if options.rpm == Some(0) {
            return Err(DemoError::NoRequests);
        }
        let (listener, address) = bind(options.listen).await?;
        let (second, elsewhere) = bind(SocketAddr::new(options.listen.ip(), 0)).await?;
        let end = CancellationToken::new();
        let shares = split(leaks, &options.systems);
        let (mut served, mut systems) = (Vec::new(), Vec::new());
        for name in &options.systems {
            let imitation = build(*name, shares, &options);
            served.push(ServedSystem {
                name: *name,
                key: imitation.router.key().to_owned(),
                jwt: imitation.router.jwt().map(str::to_owned),
            });
            systems.push(imitation);
        }
        let settings = Settings {
            latency: options.latency,
            rpm: options.rpm,
            faults: options.faults,
            redirect_target: elsewhere,
            end: end.clone(),
        };
        let shared = Shared::new(systems, settings);
        let (mut own, mut own_tasks) = (Vec::new(), Vec::new());
        for (index, name) in options.systems.iter().enumerate() {
            if !name.has_own_port() {
                continue;
            }
            let (listener, at) = bind(SocketAddr::new(options.listen.ip(), 0)).await?;
            own.push((*name, at));
            let routes = server::routes_of(shared.clone(), index);
            let served = axum::serve(
                CuttableListener(listener),
                routes.into_make_service_with_connect_info::<Cut>(),
            )
            .with_graceful_shutdown(end.clone().cancelled_owned())
            .into_future();
            own_tasks.push(tokio::spawn(async move { drop(served.await) }));
        }
        let main = server::routes(shared.clone()).into_make_service_with_connect_info::<Cut>();
        let main = axum::serve(CuttableListener(listener), main)
            .with_graceful_shutdown(end.clone().cancelled_owned())
            .into_future();
        let target = axum::serve(second, redirect::routes(shared))
            .with_graceful_shutdown(end.clone().cancelled_owned())
            .into_future();
        // Serving on a bound socket has no error that could be reported to anyone.
        let mut tasks = vec![
            tokio::spawn(async move { drop(main.await) }),
            tokio::spawn(async move { drop(target.await) }),
        ];
        tasks.append(&mut own_tasks);
        Ok(Self {
            address,
            own,
            systems: served,
            rpm: options.rpm,
            end,
            tasks,
        })
    }

    /// The line of `stanch serve`: one JSON object, without a line end.
    pub fn announcement(&self) -> String {
        let mut line = serde_json::Map::new();
        for served in &self.systems {
            let mut member = json!({
                "base_url": self.system_base_url(served.name),
                "api_key": served.key,
            });
            if let Some(jwt) = &served.jwt {
                member["jwt"] = jwt.as_str().into();
            }
            if let Some(url) = self.keyless_url_of(served.name) {
                member["passwords_url"] = url.into();
            }
            line.insert(served.name.word().to_owned(), member);
        }
        line.insert(
            "control".to_owned(),
            json!({ "base_url": self.control_url() }),
        );
        line.insert(
            "receiver".to_owned(),
            json!({ "base_url": self.receiver_url() }),
        );
        // An object of strings is always JSON.
        crate::entity::json::to_string(&line).unwrap_or_default()
    }

    /// Where ProjectDiscovery's paths begin: `/v1/leaks` goes behind it.
    pub fn base_url(&self) -> String {
        self.system_base_url(SystemName::ProjectDiscovery)
    }

    /// Where a system's paths begin.
    pub fn system_base_url(&self, system: SystemName) -> String {
        format!("http://{}{}", self.address_of(system), system.prefix())
    }

    /// Where a system's second address begins, to which no key goes.
    pub fn keyless_url_of(&self, system: SystemName) -> Option<String> {
        let prefix = system.keyless_prefix()?;
        Some(format!("http://{}{prefix}", self.address_of(system)))
    }

    fn address_of(&self, system: SystemName) -> SocketAddr {
        let own = self.own.iter().find(|(name, _)| *name == system);
        own.map_or(self.address, |(_, address)| *address)
    }

    /// ProjectDiscovery's key: the same for the same seed, of no worth anywhere else.
    pub fn api_key(&self) -> &str {
        self.system_api_key(SystemName::ProjectDiscovery)
    }

    /// A system's key; empty where it is not served.
    pub fn system_api_key(&self, system: SystemName) -> &str {
        let found = self.systems.iter().find(|served| served.name == system);
        found.map_or("", |served| &served.key)
    }

    /// The token that administers Leaked Checker's keys; empty where that is not served.
    pub fn jwt(&self) -> &str {
        let found = self.systems.iter().find_map(|served| served.jwt.as_deref());
        found.unwrap_or_default()
    }

    /// Where the control calls begin: `/requests` goes behind it.
    pub fn control_url(&self) -> String {
        format!("http://{}{}", self.address, control::PREFIX)
    }

    /// Where messages of watches are taken; `GET /deliveries` of the control calls shows them.
    pub fn receiver_url(&self) -> String {
        format!("http://{}{}", self.address, receiver::PREFIX)
    }

    /// A configuration with one profile for each system, such as `demo-pd`. The keys lie in the files that
    /// [`Demo::key_files`] names; writing all of them is the caller's part.
    pub fn config_toml(&self, key_file: &Path) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let file = |path: PathBuf| quoted(&path.to_string_lossy());
        let mut text =
            "# Made by the stand-in server; it works for as long as that runs.\n".to_owned();
        for (place, served) in self.systems.iter().enumerate() {
            let name = served.name;
            if place > 0 {
                text.push('\n');
            }
            text += &format!(
                "[profiles.{}]\nprovider = \"{}\"\nbase_url = \"{}\"\nkey = {{ file = {} }}\n",
                name.profile(),
                name.provider(),
                self.system_base_url(name),
                file(key_path(key_file, name)),
            );
            if served.jwt.is_some() {
                text += &format!("jwt = {{ file = {} }}\n", file(jwt_path(key_file, name)));
            }
            if let Some(url) = self.keyless_url_of(name) {
                text += &format!("passwords_url = \"{url}\"\n");
            }
            // Of a limit that no answer tells, a client knows by its configuration alone.
            if let Some(rpm) = self.rpm.filter(|_| !name.reports_limit()) {
                text += &format!("rpm = {rpm}\n");
            }
            if let Some(line) = name.attribution() {
                text += &format!("attribution = {}\n", quoted(line));
            }
            text += "environment = \"demo\"\n";
        }
        text
    }

    /// Which secret goes into which file: ProjectDiscovery's key into the one that is given, the others beside it.
    pub fn key_files(&self, key_file: &Path) -> Vec<(PathBuf, &str)> {
        let mut files = Vec::new();
        for served in &self.systems {
            files.push((key_path(key_file, served.name), served.key.as_str()));
            if let Some(jwt) = &served.jwt {
                files.push((jwt_path(key_file, served.name), jwt.as_str()));
            }
        }
        files
    }

    /// Ends the server: answers on their way have half a second to arrive.
    pub async fn stop(mut self) {
        self.end.cancel();
        for task in std::mem::take(&mut self.tasks) {
            let abort = task.abort_handle();
            if tokio::time::timeout(SHUTDOWN_GRACE, task).await.is_err() {
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

/// The imitation of a system.
fn build(name: SystemName, shares: LeakSplit, options: &Options) -> StandInSystem {
    match name {
        SystemName::ProjectDiscovery => projectdiscovery::build(
            options.seed,
            shares.projectdiscovery,
            options.today,
            options.hostile,
        ),
        SystemName::LeaksAi => {
            leaks_ai::build(options.seed, shares, options.today, options.hostile)
        }
        SystemName::LeakedChecker => leaked_checker::build(leaked_checker::Settings {
            seed: options.seed,
            split: shares,
            today: options.today,
            hostile: options.hostile,
            rpm: options.rpm,
        }),
        SystemName::Hibp => hibp::imitate(hibp::Settings {
            seed: options.seed,
            shares,
            today: options.today,
            hostile: options.hostile,
            rpm: options.rpm,
        }),
    }
}

fn key_path(key_file: &Path, system: SystemName) -> PathBuf {
    if system == SystemName::ProjectDiscovery {
        return key_file.to_owned();
    }
    sibling_path(key_file, &format!(".{}", system.profile()))
}

fn jwt_path(key_file: &Path, system: SystemName) -> PathBuf {
    sibling_path(key_file, &format!(".{}.jwt", system.profile()))
}

fn sibling_path(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), DemoError> {
    let refused = |source| DemoError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    Ok((listener, bound))
}
