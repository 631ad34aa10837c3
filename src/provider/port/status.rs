//! Statuses that the provider stores itself.

use super::{Provider, require};
use crate::entity::{
    capability::StoreLimits,
    change_response::{ChangeResponse, ReadBack, ReadBackEntry},
    key::RemoteId,
    status::Status,
};
use async_trait::async_trait;

/// Changes statuses and reads them back.
#[async_trait]
pub trait StatusStore: Send + Sync {
    /// Which statuses with which reach, for which ids, and how many changes a request.
    fn limits(&self) -> StoreLimits;

    /// The request that changes leaks, for the audit log: method and path template, never a path with values in it.
    fn request(&self) -> &'static str;

    /// Sends one chunk of changes, once. It is never sent again here: the caller reads back first.
    async fn set_statuses(&self, ids: &[RemoteId], status: Status) -> ChangeResponse;

    /// Reads leaks back by the cheapest sufficient reads: every id gets exactly one reading. The second member is the
    /// number of requests.
    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<ReadBackEntry>, u64);

    /// The number of requests that reading `changes` leaks back is expected to take, when the profile has `total`
    /// leaks.
    fn read_back_cost(&self, changes: u64, total: u64) -> u64;
}

/// Reads leaks back; where the provider has no store, every reading says so and nothing is sent.
pub async fn read_back(
    provider: &dyn Provider,
    ids: &[RemoteId],
    wanted: Status,
) -> (Vec<ReadBackEntry>, u64) {
    match require(provider.statuses()) {
        Ok(store) => store.read_back(ids, wanted).await,
        Err(error) => {
            let unread = |id: &RemoteId| (id.clone(), ReadBack::Unreadable(error.clone()));
            (ids.iter().map(unread).collect(), 0)
        }
    }
}
