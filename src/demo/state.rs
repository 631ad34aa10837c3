//! What the connections of the stand-in share: its systems, their limits and faults, and the log of requests.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::fault::{Fault, FaultName, Faults};
use super::rate::Window;
use super::receiver::Receiver;
use super::requests::Requests;
use super::system::{Odd, RequestFaults, StandInSystem, System, SystemRouter};

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Shared(pub(super) Arc<Inner>);

/// The state itself.
pub(super) struct Inner {
    systems: Vec<MountedSystem>,
    pub(super) faults: Mutex<Faults>,
    requests: Mutex<Requests>,
    receiver: Mutex<Receiver>,
    pub(super) latency: Duration,
    /// Where a redirect leads.
    pub(super) redirect_target: SocketAddr,
    pub(super) end: CancellationToken,
}

/// A system and its own limit.
pub(crate) struct MountedSystem {
    /// Its door, which is always open.
    pub(crate) router: Box<dyn SystemRouter>,
    pub(super) window: Mutex<Window>,
    system: Mutex<Box<dyn System>>,
    /// Whether its key is refused, whatever it is.
    refuses_key: AtomicBool,
}

/// What the server is told once.
pub(crate) struct Settings {
    pub(crate) latency: Duration,
    /// In place of every system's own limit.
    pub(crate) rpm: Option<u32>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) redirect_target: SocketAddr,
    pub(crate) end: CancellationToken,
}

/// Locks, also after a panic.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in one answer must not end the rehearsal of all others.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MountedSystem {
    /// The system, for as long as the guard lives.
    pub(crate) fn system(&self) -> MutexGuard<'_, Box<dyn System>> {
        lock(&self.system)
    }

    /// Refuses its key from now on, or takes it again.
    pub(crate) fn refuse_key(&self, refuses: bool) {
        self.refuses_key.store(refuses, Ordering::Relaxed);
    }

    /// Whether its key is refused, whatever it is.
    pub(crate) fn refuses_key(&self) -> bool {
        self.refuses_key.load(Ordering::Relaxed)
    }
}

impl Shared {
    /// The state at the start.
    pub(crate) fn new(systems: Vec<StandInSystem>, settings: Settings) -> Self {
        let mut faults = Faults::default();
        faults.replace(&settings.faults);
        let systems = systems.into_iter().map(|imitation| MountedSystem {
            window: Mutex::new(Window::new(settings.rpm.or(imitation.router.rpm()))),
            router: imitation.router,
            system: Mutex::new(imitation.system),
            refuses_key: AtomicBool::new(false),
        });
        Self(Arc::new(Inner {
            systems: systems.collect(),
            faults: Mutex::new(faults),
            requests: Mutex::default(),
            receiver: Mutex::default(),
            latency: settings.latency,
            redirect_target: settings.redirect_target,
            end: settings.end,
        }))
    }

    /// The imitated systems.
    pub(crate) fn systems(&self) -> &[MountedSystem] {
        &self.0.systems
    }

    /// The request log.
    pub(crate) fn requests(&self) -> MutexGuard<'_, Requests> {
        lock(&self.0.requests)
    }

    /// The receiver of messages.
    pub(crate) fn receiver(&self) -> MutexGuard<'_, Receiver> {
        lock(&self.0.receiver)
    }

    /// Replaces the faults.
    pub(crate) fn set_faults(&self, faults: &[Fault]) {
        lock(&self.0.faults).replace(faults);
    }

    /// Data, statuses and requests as at the start. The faults stay set and count anew; who used up a minute's
    /// requests has still used them up.
    pub(crate) fn reset(&self) {
        for place in &self.0.systems {
            place.system().reset();
            place.refuse_key(false);
        }
        *self.receiver() = Receiver::default();
        lock(&self.0.faults).restart();
        self.requests().reset();
    }

    /// The switches that are set.
    pub(crate) fn global_faults(&self) -> RequestFaults {
        let faults = lock(&self.0.faults);
        RequestFaults {
            na: faults.is_set(FaultName::Na),
            strict_limit: faults.is_set(FaultName::StrictLimit),
            flat_stats: faults.is_set(FaultName::FlatStats),
            bearer_only: faults.is_set(FaultName::BearerOnly),
            status_mismatch: faults.is_set(FaultName::StatusMismatch),
            boolean: faults.is_set(FaultName::Boolean),
            alias_key: faults.is_set(FaultName::AliasKey),
            need_agent: faults.is_set(FaultName::NeedAgent),
            odd: Odd {
                small_plan: faults.is_set(FaultName::SmallPlan),
                no_plan: faults.is_set(FaultName::NoPlan),
                beyond_plan: faults.is_set(FaultName::BeyondPlan),
                cut_domain: faults.is_set(FaultName::CutDomain),
                bare_401: faults.is_set(FaultName::Bare401),
                bare_404: faults.is_set(FaultName::Bare404),
                logs_429: faults.is_set(FaultName::Logs429),
                range_404: faults.is_set(FaultName::Range404),
                edge_403: faults.is_set(FaultName::Edge403),
                edge_503: faults.is_set(FaultName::Edge503),
            },
            ..RequestFaults::default()
        }
    }
}
