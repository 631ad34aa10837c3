//! The provider port: a suite that every row of the registry passes, and what is particular to each provider.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod conformance;
mod domains;
mod hibp;
mod leaked_checker;
mod leaks_ai;
mod projectdiscovery;
mod quirks;
mod read_back;
mod slow_line;
mod transport;
mod unusual_responses;

use super::support::fault_server::{FaultServer, ServerResponse, fast_limits};
use stanch::{
    entity::{
        error::ProviderError,
        key::RemoteId,
        page::{LeakPage, PageRequest},
        query::LeakQuery,
    },
    provider::Provider,
};
use std::sync::Arc;

async fn list(provider: &Arc<dyn Provider>) -> Result<LeakPage, ProviderError> {
    provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
}

/// A server with one answer for everything, and the provider at it.
async fn provider_with_response(answer: ServerResponse) -> (FaultServer, Arc<dyn Provider>) {
    let server = FaultServer::with_response(answer).await;
    let provider = server.connect(fast_limits());
    (server, provider)
}

fn ids(numbers: std::ops::Range<u32>) -> Vec<RemoteId> {
    numbers
        .map(|n| RemoteId::from(&super::support::fault_server::id(n)[..]))
        .collect()
}
