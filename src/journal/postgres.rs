//! The team store: PostgreSQL, written by many consoles at once through functions of the server alone.
//!
//! Start with [`store`], which has the traits of the port. [`call`] carries every call out: it numbers requests and asks
//! again where a connection broke; [`refusal`] turns the server's codes into errors. [`connect`] makes a connection, [`feed`] is
//! the second one, which listens. [`admin`] is what the commands of the store's owner use. The functions stand in
//! `assets/migrations/postgres`; a console never changes a schema.

pub mod admin;
mod call;
mod check;
mod checkup;
mod connect;
mod faults;
mod feed;
mod groups;
mod import;
pub mod line;
mod peer;
mod plan;
mod refusal;
mod row;
mod schema;
mod store;
mod witness;

use super::port::StoreKind;

/// Its row in the registry.
pub(super) const STORE: StoreKind = StoreKind {
    name: "team",
    open: |options| Ok(Box::new(store::TeamStore::open(options)?)),
};

/// Version of the functions that this program calls.
pub(super) const API: i32 = 1;
