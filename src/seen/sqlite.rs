//! The embedded store of what was seen: `seen.db` in the state directory.

mod accounts;
mod cursors;
mod fault;
mod file;
mod parts;
mod scans;
mod store;

use super::StoreKind;

/// This store's row.
pub(super) const STORE: StoreKind = StoreKind {
    name: "sqlite",
    open: |options| Ok(Box::new(store::SqliteSeen::open(options)?)),
    forget_all: file::forget_all,
};
