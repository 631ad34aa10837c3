//! The embedded store: SQLite below the state directory, one writer at a time, and the audit log as a file beside it.
//!
//! Start with [`store`]. [`read`] and [`write`] are the bodies of its transactions, [`row`] and [`chain`] what a row and
//! an event look like on disk.

mod chain;
mod claim;
mod fault;
mod local;
mod lock;
mod moved;
mod noted;
mod plan;
mod read;
mod rehearsal;
mod row;
mod schema;
mod sent;
mod sql;
pub(super) mod store;
mod tally;
mod verify;
mod write;

pub use local::KeptStatus;
pub use moved::Move;
