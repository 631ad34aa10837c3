//! The store of a team: what several hosts have seen, in the PostgreSQL that their journal is in. Functions of the server
//! write; a reading is judged here, and kept only where nobody has written since what it was judged by.

mod account;
mod reading;
mod store;

use super::StoreKind;

/// This store's row.
pub(super) const STORE: StoreKind = StoreKind {
    name: "team",
    open: |options| Ok(Box::new(store::TeamSeen::open(options)?)),
    forget_all: store::forget_all,
};
