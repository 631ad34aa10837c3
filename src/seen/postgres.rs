//! The store of a team: what several hosts have seen, in the PostgreSQL that their journal is in. Functions of the server
//! write; a reading is judged here, and kept only where nobody has written since what it was judged by.

mod account;
mod reading;
mod row;
mod store;
mod team;

use super::StoreKind;

/// This store's row.
pub(super) const STORE: StoreKind = StoreKind {
    name: "team",
    open: |options| Ok(Box::new(team::TeamSeen::open(options)?)),
    forget_all: team::forget_all,
};
