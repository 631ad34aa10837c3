//! The embedded store: SQLite below the state directory, one writer at a time, and the audit log as a file beside it.
//!
//! Start with [`store`]. [`read`] and [`write`] are the bodies of its transactions, [`row`] and [`chain`] what a row and
//! an event look like on disk.

pub(super) mod chain;
mod claim;
pub(super) mod fault;
mod local;
mod lock;
mod moved;
mod noted;
mod plan;
mod read;
mod row;
mod schema;
mod sent;
pub(super) mod store;
mod tally;
mod write;

pub use local::KeptStatus;
pub use moved::Move;
