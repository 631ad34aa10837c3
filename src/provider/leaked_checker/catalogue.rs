//! The catalogue of breaches, pastes, and both as connections.

use super::{LeakedChecker, external_or_none, malformed, wire};
use crate::entity::{
    breach::{Breach, BreachQuery, Paste},
    connection::{Connection, Form},
    error::ProviderError,
    key::{EntityKey, Kind, RemoteId},
    page::Listed,
    text::Text,
};
use crate::{
    http::json::Value,
    provider::judge::{self, Judgement, ListForm},
};
use std::{collections::HashMap, sync::Arc};

/// The catalogue narrowed by a domain or by a flag may well be empty; whole it is not.
const NARROWED: ListForm = ListForm {
    under: &["breaches", "data"],
    may_be_empty: true,
};

/// Pastes of an address; a 404 is the answer that there are none.
const PASTES: ListForm = ListForm {
    under: &["pastes", "data"],
    may_be_empty: false,
};

/// Every breach by its name. A name is called stable and is spelt both ways: case is nothing here.
#[derive(Debug, Default)]
pub(super) struct Catalogue(HashMap<Vec<u8>, Breach>);

impl Catalogue {
    fn new(breaches: &[Breach]) -> Self {
        let named = |breach: &Breach| (breach.name.as_bytes().to_ascii_lowercase(), breach.clone());
        Self(breaches.iter().map(named).collect())
    }

    /// When a breach happened, where that is known.
    pub(super) fn date_of(&self, name: &Text) -> Option<&Text> {
        self.0
            .get(&name.as_bytes().to_ascii_lowercase())?
            .date
            .as_ref()
    }

    /// What is known of a breach, be it its name alone. The name stays as it is asked for.
    pub(super) fn of(&self, name: &Text) -> Breach {
        let known = self.0.get(&name.as_bytes().to_ascii_lowercase());
        Breach {
            name: name.clone(),
            ..known.cloned().unwrap_or_default()
        }
    }
}

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
            answer => wire::breaches(answer).listed()?.items,
        };
        let catalogue = Arc::new(Catalogue::new(&breaches));
        *held = Some(Arc::clone(&catalogue));
        Ok(catalogue)
    }

    pub(super) async fn breaches_of(
        &self,
        query: &BreachQuery,
    ) -> Result<Listed<Breach>, ProviderError> {
        let whole = *query == BreachQuery::default();
        if whole {
            let breaches = wire::breaches(self.get(&["breaches"]).await).listed()?;
            *self.catalogue.lock().await = Some(Arc::new(Catalogue::new(&breaches)));
            return Ok(breaches);
        }
        self.narrowed_breaches(query).await.listed()
    }

    /// The breaches of a domain or of a flag. The filter is applied again here: a service may ignore it.
    pub(super) async fn narrowed_breaches(&self, query: &BreachQuery) -> Judgement<Breach> {
        let mut request = external_or_none(&["breaches"]);
        if let Some(domain) = &query.domain {
            request = request.private_query("domain", domain.trim());
        }
        if let Some(spam) = query.spam {
            request = request.query("isSpamList", spam);
        }
        let answer = self.transport.read(&request).await;
        // A breach that has no more than a name cannot be held against the filter.
        let told = |value: Value<'_>| wire::breach(value).filter(|_| value.is_object());
        let judged = judge::list(answer, NARROWED, told);
        judged.map(|answered| answered.retain(|breach| passes(breach, query)))
    }

    pub(super) async fn breach_named(&self, name: &str) -> Result<Breach, ProviderError> {
        let request = external_or_none(&["breach", name]).private(name.as_bytes());
        let reply = self.transport.read(&request).await?;
        let object = wire::object(reply.json()?, &["breach"])?;
        let breach = wire::breach(object).ok_or_else(no_breach)?;
        let is_it = |known: &[u8]| letters(known) == letters(name.as_bytes());
        let titled = breach.title.as_ref().map(Text::as_bytes);
        if !is_it(breach.name.as_bytes()) && !titled.is_some_and(is_it) {
            return Err(malformed("it is about another breach"));
        }
        Ok(breach)
    }

    pub(super) async fn newest_breach(&self) -> Result<Breach, ProviderError> {
        let reply = self.get(&["latestbreach"]).await?;
        let object = wire::object(reply.json()?, &["breach"])?;
        wire::breach(object).ok_or_else(no_breach)
    }

    pub(super) async fn classes(&self) -> Result<Vec<Text>, ProviderError> {
        wire::names(self.get(&["dataclasses"]).await, &["dataclasses", "data"])
    }

    /// The pastes that an address is in.
    pub(super) async fn pastes_of(&self, address: &str) -> Judgement<Paste> {
        let request = external_or_none(&["pasteaccount", address]).private(address.as_bytes());
        judge::list(self.transport.read(&request).await, PASTES, wire::paste)
    }

    pub(super) async fn sources_of_pastes(&self) -> Result<Vec<Text>, ProviderError> {
        wire::names(
            self.get(&["pastesources"]).await,
            &["sources", "pastesources", "data"],
        )
    }

    fn connection_of(&self, form: Form, id: &[u8], name: Text) -> Connection {
        let id = [form.to_string().as_bytes(), b":", id].concat();
        let key = EntityKey {
            profile: self.settings.name.clone(),
            kind: Kind::Connection,
            id: RemoteId::from(&id[..]),
        };
        Connection {
            attribution: self.attribution.clone(),
            ..Connection::named(key, self.settings.provider.clone(), form, name)
        }
    }

    /// A breach as a connection; `leaks` is the number of leaks of this profile in it, where that is known.
    pub(super) fn breach_connection(&self, breach: Breach, leaks: Option<u64>) -> Connection {
        let name = breach.title.clone().filter(|title| !title.is_empty());
        let name = name.unwrap_or_else(|| breach.name.clone());
        let connection = self.connection_of(Form::Breach, breach.name.as_bytes(), name);
        Connection {
            date: breach.date.clone(),
            leaks,
            breach: Some(breach),
            ..connection
        }
    }

    /// A paste as a connection.
    pub(super) fn paste_connection(&self, paste: Paste) -> Connection {
        let id = [paste.source.as_bytes(), b":", paste.id.as_bytes()].concat();
        let name = paste.title.clone().filter(|title| !title.is_empty());
        let name = name.unwrap_or_else(|| Text::from(&id[..]));
        let connection = self.connection_of(Form::Paste, &id, name);
        Connection {
            date: paste.date.clone(),
            paste: Some(paste),
            ..connection
        }
    }
}

/// Whether a breach is one of those that were asked for.
fn passes(breach: &Breach, query: &BreachQuery) -> bool {
    let of_domain = query.domain.as_ref().is_none_or(|wanted| {
        let domain = breach.domain.as_ref().map(Text::as_bytes);
        domain.is_some_and(|domain| same(bare(domain), bare(wanted.as_bytes())))
    });
    let of_spam = query
        .spam
        .is_none_or(|wanted| breach.spam.unwrap_or(false) == wanted);
    of_domain && of_spam
}

/// A domain without the dot of the root.
fn bare(domain: &[u8]) -> &[u8] {
    let domain = domain.trim_ascii();
    domain.strip_suffix(b".").unwrap_or(domain)
}

/// What a name and a title have in common: neither case, blanks nor dots.
fn letters(name: &[u8]) -> Vec<u8> {
    let kept = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    kept.map(u8::to_ascii_lowercase).collect()
}

/// Names are spelt both ways: case is nothing here.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.trim_ascii().eq_ignore_ascii_case(two.trim_ascii())
}

fn no_breach() -> ProviderError {
    malformed("there is no breach in it")
}
