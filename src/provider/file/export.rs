//! Exports of other systems, known by the members of their objects or by their headers: rules V1 to V16. Each is named
//! once, in [`formats`].

mod alias;
mod events;
mod formats;
mod json;
mod objects;
mod own;
mod pieces;
mod value;

pub(super) use alias::{aliased, breaches_of};
pub(super) use formats::{DOMAIN_SEARCH_TABLE, table_format};
pub(super) use json::{Json, mapped, read as json};
pub(super) use own::finish_row;
