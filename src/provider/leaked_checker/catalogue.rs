//! The catalogue of breaches, pastes, and both as connections.

use super::{LeakedChecker, malformed_error, optional_external_request, wire};
use crate::entity::{
    breach::{Breach, BreachQuery, Paste},
    error::ProviderError,
    page::FullList,
    raw_text::RawText,
};
use crate::{
    http::json::Value,
    provider::{
        breach::{
            catalogue::{Catalogue, is_named, matches_query},
            connection::ConnectionMaker,
        },
        judge::{self, Judgement, ListForm},
    },
};
use std::sync::Arc;

/// The catalogue narrowed by a domain or by a flag may well be empty; whole it is not.
const FILTERED_LIST: ListForm = ListForm {
    list_members: &["breaches", "data"],
    may_be_empty: true,
};

/// Pastes of an address; a 404 is the answer that there are none.
const PASTE_LIST: ListForm = ListForm {
    list_members: &["pastes", "data"],
    may_be_empty: false,
};

impl LeakedChecker {
    /// The catalogue, asked for once. A key whose plan has none gets an empty one: leaks have names without it.
    pub(super) async fn known_breaches(&self) -> Result<Arc<Catalogue>, ProviderError> {
        // Held while it is asked for: pages come four at a time, and one answer is enough for them.
        let mut held = self.catalogue.lock().await;
        if let Some(catalogue) = &*held {
            return Ok(Arc::clone(catalogue));
        }
        let breaches = match self.get(&["breaches"]).await {
            Err(ProviderError::Forbidden { .. }) => Vec::new(),
            // What cannot be read of it is missing from a leak's facts and from no list.
            answer => wire::breaches(answer).into_listed()?.items,
        };
        let catalogue = Arc::new(Catalogue::new(&breaches));
        *held = Some(Arc::clone(&catalogue));
        Ok(catalogue)
    }

    pub(super) async fn query_breaches(
        &self,
        query: &BreachQuery,
    ) -> Result<FullList<Breach>, ProviderError> {
        let whole = *query == BreachQuery::default();
        if whole {
            let breaches = wire::breaches(self.get(&["breaches"]).await).into_listed()?;
            *self.catalogue.lock().await = Some(Arc::new(Catalogue::new(&breaches)));
            return Ok(breaches);
        }
        self.filtered_breaches(query).await.into_listed()
    }

    /// The breaches of a domain or of a flag. The filter is applied again here: a service may ignore it.
    pub(super) async fn filtered_breaches(&self, query: &BreachQuery) -> Judgement<Breach> {
        let mut request = optional_external_request(&["breaches"]);
        if let Some(domain) = &query.domain {
            request = request.redacted_query("domain", domain.trim());
        }
        if let Some(spam) = query.spam {
            request = request.query("isSpamList", spam);
        }
        let answer = self.transport.read(&request).await;
        // A breach that has no more than a name cannot be held against the filter.
        let told = |value: Value<'_>| wire::breach(value).filter(|_| value.is_object());
        let judged = judge::list(answer, FILTERED_LIST, told);
        judged.map(|answered| answered.retain(|breach| matches_query(breach, query)))
    }

    pub(super) async fn breach_by_name(&self, name: &str) -> Result<Breach, ProviderError> {
        let request = optional_external_request(&["breach", name]).redact(name.as_bytes());
        let reply = self.transport.read(&request).await?;
        let object = wire::object(reply.json()?, &["breach"])?;
        let breach = wire::breach(object).ok_or_else(no_breach_error)?;
        if !is_named(&breach, name) {
            return Err(malformed_error("it is about another breach"));
        }
        Ok(breach)
    }

    pub(super) async fn newest_breach(&self) -> Result<Breach, ProviderError> {
        let reply = self.get(&["latestbreach"]).await?;
        let object = wire::object(reply.json()?, &["breach"])?;
        wire::breach(object).ok_or_else(no_breach_error)
    }

    pub(super) async fn classes(&self) -> Result<Vec<RawText>, ProviderError> {
        wire::names(self.get(&["dataclasses"]).await, &["dataclasses", "data"])
    }

    /// The pastes that an address is in.
    pub(super) async fn pastes_by_address(&self, address: &str) -> Judgement<Paste> {
        let request =
            optional_external_request(&["pasteaccount", address]).redact(address.as_bytes());
        judge::list(self.transport.read(&request).await, PASTE_LIST, wire::paste)
    }

    pub(super) async fn paste_sources(&self) -> Result<Vec<RawText>, ProviderError> {
        wire::names(
            self.get(&["pastesources"]).await,
            &["sources", "pastesources", "data"],
        )
    }

    /// What connections are made with.
    pub(super) fn maker(&self) -> ConnectionMaker<'_> {
        ConnectionMaker {
            settings: &self.settings,
            attribution: self.attribution.as_deref(),
        }
    }
}

fn no_breach_error() -> ProviderError {
    malformed_error("there is no breach in it")
}
