//! Decides whose words an answer is, before the transport returns it.
//!
//! The transport knows statuses, headers and bytes. What a refusal looks like in an answer, or the words "not found" of
//! a service differ from those of a gateway by, only the caller knows: it gives a [`Judge`] to each
//! [`Transport`](super::Transport) that it makes.

use super::{HttpResponse, not_found::NotFound};
use crate::entity::error::ProviderError;
use reqwest::header::HeaderMap;

/// A refusal that came as a good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// In the service's own words.
    Own,
    /// In the words of something else.
    Foreign,
}

/// Decides whose words an answer is.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Returns the error of a 404 or 410 that is not the service's own "not found" in the contract's shape.
    pub not_found_error: fn(u16, &HeaderMap, &[u8], NotFound) -> Option<ProviderError>,
    /// Returns how a good answer says in itself that it is none, if it does.
    pub refusal: fn(&HttpResponse) -> Option<Refusal>,
    /// Returns the error of an answer with this status that something else gave.
    pub foreign_error: fn(u16) -> ProviderError,
}
