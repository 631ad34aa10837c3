//! The catalogue of breaches, which needs no key, and the pastes of an address.

use super::{Hibp, account, malformed_error, unsupported_error, watch};
use crate::{
    entity::{
        breach::{Breach, BreachQuery, Paste},
        error::ProviderError,
        page::FullList,
        raw_text::RawText,
    },
    http::{NotFound, Request, json::Value},
    provider::{
        BreachCatalogue, PasteSource,
        breach::{
            catalogue::{Catalogue, is_named, matches_query},
            connection::ConnectionMaker,
            wire,
        },
        judge::{self, Judgement, ListForm},
    },
};
use async_trait::async_trait;
use std::{collections::HashSet, sync::Arc};

/// The catalogue narrowed by a domain or by a flag may well be empty; whole it is not.
const NARROWED: ListForm = ListForm {
    list_members: &[],
    may_be_empty: true,
};

/// Sources of pastes that are marks of somebody who does not want to be found, and no pastes.
const MARKS: [&[u8]; 2] = [b"OptOut", b"PermanentOptOut"];

/// The kept catalogue, and the names that it was asked for in vain.
#[derive(Debug, Default)]
pub(super) struct Known {
    catalogue: Option<Arc<Catalogue>>,
    /// The newest breach in it.
    newest: Option<watch::Newest>,
    unknown: HashSet<Vec<u8>>,
}

/// A public request: it takes no key.
fn public(path: &[&str]) -> Request {
    Request::get(path).without_key()
}

#[async_trait]
impl BreachCatalogue for Hibp {
    async fn breaches(&self, query: &BreachQuery) -> Result<FullList<Breach>, ProviderError> {
        if *query != BreachQuery::default() {
            return self.narrowed_breaches(query).await.into_listed();
        }
        let answer = self.main.read(&public(&["breaches"])).await;
        let breaches = judge::list(answer, watch::NEVER_EMPTY, whole_breach).into_listed()?;
        let mut held = self.catalogue.lock().await;
        held.catalogue = Some(Arc::new(Catalogue::new(&breaches)));
        held.newest = newest_of(&breaches);
        drop(held);
        Ok(breaches)
    }

    async fn breach(&self, name: &str) -> Result<Breach, ProviderError> {
        self.breach_named(name).await
    }

    async fn latest_breach(&self) -> Result<Breach, ProviderError> {
        let reply = self.main.read(&public(&["latestbreach"])).await?;
        whole_breach(reply.json()?).ok_or_else(no_breach)
    }

    async fn data_classes(&self) -> Result<Vec<RawText>, ProviderError> {
        wire::names(self.main.read(&public(&["dataclasses"])).await, &[])
    }
}

#[async_trait]
impl PasteSource for Hibp {
    async fn pastes(&self, address: &str) -> Result<FullList<Paste>, ProviderError> {
        self.pastes_of(address.trim()).await.into_listed()
    }

    async fn services(&self) -> Result<Vec<RawText>, ProviderError> {
        Err(unsupported_error(
            "it names the services that pastes are looked for on in prose alone",
        ))
    }
}

impl Hibp {
    /// The catalogue, asked for once, and once more where it does not know one of these breaches.
    pub(super) async fn known_breaches<'a>(
        &self,
        names: impl Iterator<Item = &'a RawText>,
    ) -> Result<Arc<Catalogue>, ProviderError> {
        let mut held = self.catalogue.lock().await;
        let catalogue = match &held.catalogue {
            Some(catalogue) => Arc::clone(catalogue),
            None => self.ask_catalogue(&mut held).await?,
        };
        let missing = |catalogue: &Catalogue, known: &Known, name: &RawText| {
            let compared = name.as_bytes().to_ascii_lowercase();
            (!catalogue.knows(name) && !known.unknown.contains(&compared)).then_some(compared)
        };
        let new: Vec<_> = names
            .filter_map(|name| missing(&catalogue, &held, name))
            .collect();
        if new.is_empty() {
            return Ok(catalogue);
        }
        let catalogue = self.ask_catalogue(&mut held).await?;
        // What the newest catalogue does not know either is shown by its bare name and not asked for again.
        held.unknown.extend(new);
        Ok(catalogue)
    }

    async fn ask_catalogue(&self, held: &mut Known) -> Result<Arc<Catalogue>, ProviderError> {
        let answer = self.main.read(&public(&["breaches"])).await;
        // What cannot be read of it is missing from a leak's facts and from no list.
        let breaches = judge::list(answer, watch::NEVER_EMPTY, whole_breach).into_listed()?;
        let catalogue = Arc::new(Catalogue::new(&breaches));
        held.catalogue = Some(Arc::clone(&catalogue));
        held.newest = newest_of(&breaches);
        Ok(catalogue)
    }

    /// The newest breach of the catalogue, where that was asked for.
    pub(super) async fn newest_known(&self) -> Option<watch::Newest> {
        self.catalogue.lock().await.newest.clone()
    }

    /// The breaches of a domain or of a flag. The filter is applied again here: a service may ignore it.
    pub(super) async fn narrowed_breaches(&self, query: &BreachQuery) -> Judgement<Breach> {
        let mut request = public(&["breaches"]);
        if let Some(domain) = &query.domain {
            request = request.redacted_query("domain", domain.trim());
        }
        if let Some(spam) = query.spam {
            request = request.query("isSpamList", spam);
        }
        let judged = judge::list(self.main.read(&request).await, NARROWED, whole_breach);
        judged.map(|answered| answered.retain(|breach| matches_query(breach, query)))
    }

    pub(super) async fn breach_named(&self, name: &str) -> Result<Breach, ProviderError> {
        let request = public(&["breach", name])
            .with_not_found(NotFound::StatusOrNothing)
            .redact(name.as_bytes());
        let reply = self
            .with_proven_address(self.main.read(&request).await)
            .await?;
        let breach = whole_breach(reply.json()?).ok_or_else(no_breach)?;
        if is_named(&breach, name) {
            Ok(breach)
        } else {
            Err(watch::other("breach"))
        }
    }

    /// The pastes that an address is in. Marks of an opt-out are none.
    pub(super) async fn pastes_of(&self, address: &str) -> Judgement<Paste> {
        let request = account(&["pasteaccount", address], address);
        let answer = match self.known_plan().await {
            Ok(_) => self.main.read(&request).await,
            Err(error) => Err(error),
        };
        let judged = judge::list(answer, watch::NEVER_EMPTY, wire::paste);
        judged.map(|answered| answered.retain(|paste| !MARKS.contains(&paste.source.as_bytes())))
    }

    /// What connections are made with.
    pub(super) fn maker(&self) -> ConnectionMaker<'_> {
        ConnectionMaker {
            settings: &self.settings,
            attribution: self.attribution.as_deref(),
        }
    }
}

/// A breach with its facts: a bare name is none here.
pub(super) fn whole_breach(value: Value<'_>) -> Option<Breach> {
    wire::breach(value).filter(|_| value.is_object())
}

/// The breach that came in last. Dates of a kind: the order of their bytes is that of the times.
fn newest_of(breaches: &[Breach]) -> Option<watch::Newest> {
    let newest = breaches
        .iter()
        .max_by_key(|breach| breach.added_at.as_ref().map(RawText::as_bytes))?;
    Some((newest.name.clone(), newest.added_at.clone()))
}

fn no_breach() -> ProviderError {
    malformed_error("there is no breach in it")
}
