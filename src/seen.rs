//! What was seen: the memory that *new*, *came back* and a report rest on. It holds a mark for each leak, how it stood,
//! and the events that readings found; no id, no login, no URL. It is a file of its own, written in transactions of
//! milliseconds by whoever reads an account whole, so that a watch never keeps a console from writing the journal.
//!
//! [`Seen`] is the handle: one thread owns the store, takes requests in order and answers each once. What a store does
//! is stated in [`port`]; what a reading means, in [`judge`]; each kind of store is a row of [`STORES`].

pub mod blindness;
pub mod judge;
pub mod port;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

pub use port::{
    Failed, Lease, LeaseOf, Position, Recorded, ScanLine, SeenError, SeenOptions, Store, Waiting,
};

use std::sync::mpsc;
use tokio::sync::oneshot;

/// One kind of store.
pub struct StoreKind {
    /// Its name.
    pub name: &'static str,
    /// Opens it, and makes it where it is not there.
    pub open: fn(&SeenOptions) -> Result<Box<dyn Store>, SeenError>,
    /// Removes what it holds, whatever key that was made with.
    pub forget_all: fn(&SeenOptions) -> Result<u64, SeenError>,
}

/// Every kind of store. `tests/it/seen` runs over each.
pub const STORES: &[StoreKind] = &[
    sqlite::STORE,
    #[cfg(feature = "postgres")]
    postgres::STORE,
];

/// The kind of store that these options mean: the team's where they name one, else the file of this host.
pub fn kind_of(options: &SeenOptions) -> &'static StoreKind {
    let is_meant = |kind: &&StoreKind| (kind.name == "team") == options.team.is_some();
    STORES.iter().find(is_meant).unwrap_or(&STORES[0])
}

type Work = Box<dyn FnOnce(&mut dyn Store) + Send>;

/// Handle of the memory; clones share one thread and one store.
#[derive(Clone)]
pub struct Seen {
    requests: mpsc::Sender<Work>,
}

impl Seen {
    /// Opens the memory on a thread of its own: the team's where the options name one, else that of this host.
    ///
    /// # Errors
    /// `OtherKey` or `OtherTeamKey` where its marks were made with another key, `Unreachable` where the team's server does
    /// not answer, `Full` or `Io` where it cannot be written.
    pub async fn open(options: SeenOptions) -> Result<Self, SeenError> {
        Self::open_in(kind_of(&options), options).await
    }

    /// Opens the memory in a store of this kind.
    ///
    /// # Errors
    /// As [`Seen::open`].
    pub async fn open_in(
        kind: &'static StoreKind,
        options: SeenOptions,
    ) -> Result<Self, SeenError> {
        let (requests, inbox) = mpsc::channel::<Work>();
        let (opened, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("seen".to_owned())
            .spawn(move || {
                (options.thread_init)();
                match (kind.open)(&options) {
                    Ok(mut store) => {
                        if opened.send(Ok(())).is_err() {
                            return;
                        }
                        while let Ok(work) = inbox.recv() {
                            work(&mut *store);
                        }
                    }
                    Err(error) => {
                        opened.send(Err(error)).ok();
                    }
                }
            })
            .map_err(|_| SeenError::Io {
                why: "its thread cannot be started".to_owned(),
            })?;
        answer.await.map_err(|_| ended())??;
        Ok(Self { requests })
    }

    /// Asks the store for one thing. The request is finished even if the caller stops waiting.
    ///
    /// # Errors
    /// What the store says.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T, SeenError> + Send + 'static,
    ) -> Result<T, SeenError> {
        let (done, answer) = oneshot::channel();
        let work: Work = Box::new(move |store| {
            // The caller may have gone; the work is done.
            done.send(work(store)).ok();
        });
        self.requests.send(work).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

fn ended() -> SeenError {
    SeenError::Io {
        why: "it was closed".to_owned(),
    }
}
