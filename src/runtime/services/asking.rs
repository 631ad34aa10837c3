//! Effects that ask a provider for something.

use super::Services;
use crate::{
    app::{effect::Effect, message::Message, natives::NativePage},
    entity::{
        connection::Related,
        error::ProviderError,
        key::{EntityKey, Kind},
        lookup::LookupAnswer,
        query::EntityQuery,
    },
    provider::Provider,
};
use std::sync::Arc;

/// What belongs to one leak, user or connection.
async fn related(provider: &dyn Provider, key: &EntityKey) -> Result<Related, ProviderError> {
    match key.kind {
        Kind::Leak => provider.leak(&key.id).await.map(|(_, related)| related),
        Kind::User => provider.user(&key.id).await.map(|(_, related)| related),
        Kind::Connection => provider
            .connection(&key.id)
            .await
            .map(|(_, related)| related),
        Kind::Domain => Ok(Related::default()),
    }
}

impl Services {
    /// Asks, and answers what came.
    pub(super) async fn ask(&self, effect: Effect) -> Message {
        match effect {
            Effect::FetchPage {
                request,
                profile,
                query,
                page,
            } => {
                let result = match self.provider(&profile) {
                    Ok(provider) => provider.leaks(&query, page).await.map(|mut page| {
                        page.setbacks = provider.budget().borrow().setbacks;
                        Arc::new(page)
                    }),
                    Err(error) => Err(error),
                };
                Message::PageLoaded {
                    request,
                    profile,
                    page,
                    result,
                }
            }
            Effect::FetchDomains { request, profile } => {
                let result = match self.provider(&profile) {
                    Ok(provider) => provider.domains().await,
                    Err(error) => Err(error),
                };
                Message::DomainsLoaded {
                    request,
                    profile,
                    result,
                }
            }
            Effect::FetchNatives {
                request,
                profile,
                kind,
                page,
            } => {
                // All of them: panes are filtered as one types, and what a list leaves out would be missing then.
                let all = EntityQuery::default();
                let result = match (self.provider(&profile), kind) {
                    (Ok(provider), Kind::User) => {
                        provider.users(&all, page).await.map(NativePage::Users)
                    }
                    (Ok(provider), _) => provider
                        .connections(&all, page)
                        .await
                        .map(NativePage::Connections),
                    (Err(error), _) => Err(error),
                };
                Message::NativesLoaded {
                    request,
                    profile,
                    kind,
                    result: result.map(Box::new),
                }
            }
            Effect::FetchRelated(key) => {
                let result = match self.provider(&key.profile) {
                    Ok(provider) => related(&**provider, &key).await,
                    Err(error) => Err(error),
                };
                Message::RelatedLoaded {
                    key,
                    result: result.map(Box::new),
                }
            }
            Effect::Lookup {
                request,
                profile,
                lookup,
            } => {
                let answers = match self.provider(&profile) {
                    Ok(provider) => provider.lookup(&lookup).await,
                    Err(error) => vec![LookupAnswer {
                        operation: "lookup",
                        result: Err(error),
                    }],
                };
                Message::LookedUp {
                    request,
                    profile,
                    answers,
                }
            }
            other => Message::EffectFailed {
                effect: Box::new(other),
            },
        }
    }
}
