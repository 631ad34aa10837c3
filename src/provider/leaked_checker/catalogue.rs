//! The catalogue of breaches, pastes, and both as connections.

use super::{LeakedChecker, external, found, malformed, wire};
use crate::entity::{
    breach::{Breach, BreachQuery, Paste},
    connection::{Connection, Form},
    error::ProviderError,
    key::{EntityKey, Kind, RemoteId},
    text::Text,
};
use std::{collections::HashMap, sync::Arc};

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
            Ok(reply) => wire::breaches(reply.json()?)?,
            Err(ProviderError::Forbidden { .. } | ProviderError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let catalogue = Arc::new(Catalogue::new(&breaches));
        *held = Some(Arc::clone(&catalogue));
        Ok(catalogue)
    }

    pub(super) async fn breaches_of(
        &self,
        query: &BreachQuery,
    ) -> Result<Vec<Breach>, ProviderError> {
        let mut request = external(&["breaches"]);
        if let Some(domain) = &query.domain {
            request = request.private_query("domain", domain.trim());
        }
        if let Some(spam) = query.spam {
            request = request.query("isSpamList", spam);
        }
        let answer = self.transport.read(&request).await;
        let whole = *query == BreachQuery::default();
        let reply = if whole { Some(answer?) } else { found(answer)? };
        let Some(reply) = reply else {
            return Ok(Vec::new());
        };
        let breaches = wire::breaches(reply.json()?)?;
        if whole {
            *self.catalogue.lock().await = Some(Arc::new(Catalogue::new(&breaches)));
        }
        Ok(breaches)
    }

    pub(super) async fn breach_named(&self, name: &str) -> Result<Breach, ProviderError> {
        let reply = self.get(&["breach", name]).await?;
        let object = wire::object(reply.json()?, &["breach"])?;
        wire::breach(object).ok_or_else(no_breach)
    }

    pub(super) async fn newest_breach(&self) -> Result<Breach, ProviderError> {
        let reply = self.get(&["latestbreach"]).await?;
        let object = wire::object(reply.json()?, &["breach"])?;
        wire::breach(object).ok_or_else(no_breach)
    }

    pub(super) async fn classes(&self) -> Result<Vec<Text>, ProviderError> {
        let reply = self.get(&["dataclasses"]).await?;
        wire::names(reply.json()?, &["dataclasses", "data"])
    }

    /// The pastes that an address is in; `None` where the provider says that it is in none.
    pub(super) async fn pastes_of(
        &self,
        address: &str,
    ) -> Result<Option<Vec<Paste>>, ProviderError> {
        let request = external(&["pasteaccount", address]).private(address.as_bytes());
        let reply = found(self.transport.read(&request).await)?;
        reply.map(|reply| wire::pastes(reply.json()?)).transpose()
    }

    pub(super) async fn sources_of_pastes(&self) -> Result<Vec<Text>, ProviderError> {
        let reply = self.get(&["pastesources"]).await?;
        wire::names(reply.json()?, &["sources", "pastesources", "data"])
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

    /// A breach as a connection; `leaks` is how many of ours it has, where that is known.
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

fn no_breach() -> ProviderError {
    malformed("there is no breach in it")
}
