//! The embedded store: SQLite below the state directory, one writer at a time, and the audit log as a file beside it.
//!
//! Start with [`store`], which has the traits of the port. [`mod@write`] and [`read`] are the bodies of its transactions,
//! [`row`] and [`chain`] what a row and an event look like on disk; [`verify`] compares all of it and stands on top,
//! [`sql`] stands below. No other module of the crate uses the database.

mod chain;
mod claim;
mod fault_injector;
mod leak_event;
mod local;
mod lock;
mod notes;
mod plan;
mod profile_move;
mod read;
mod row;
mod row_checksum;
mod schema;
mod seat;
mod sent_times;
mod sql;
mod store;
mod store_error;
mod verify;
mod write;

use super::port::StoreKind;

/// Its row in the registry.
pub(super) const STORE: StoreKind = StoreKind {
    name: "embedded",
    open: |options| Ok(Box::new(store::SqliteStore::open(options)?)),
};
