//! Effects that ask a provider for something.

use super::Services;
use crate::{
    app::{effect::Effect, message::Message, natives::NativePage},
    entity::{key::Kind, lookup::LookupAnswer, query::EntityQuery},
    provider::needed,
};
use std::sync::Arc;

impl Services {
    /// Asks, and answers what came.
    pub(super) async fn ask(&self, effect: Effect) -> Message {
        match effect {
            Effect::FetchPage {
                request,
                profile,
                query,
                page,
                cursor,
            } => {
                let result = match self.provider(&profile) {
                    Ok(provider) => {
                        let leaks = provider.leaks();
                        let answer = match &cursor {
                            Some(cursor) => leaks.page_after(&query, cursor).await,
                            None => leaks.page(&query, page).await,
                        };
                        answer.map(|mut page| {
                            page.setbacks = provider.budget().borrow().setbacks;
                            Arc::new(page)
                        })
                    }
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
                let source = self.provider(&profile);
                let result = match source.and_then(|it| needed(it.domains())) {
                    Ok(source) => source.domains().await,
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
                let provider = self.provider(&profile);
                let result = if kind == Kind::User {
                    match provider.and_then(|it| needed(it.users())) {
                        Ok(users) => users.page(&all, page).await.map(NativePage::Users),
                        Err(error) => Err(error),
                    }
                } else {
                    match provider.and_then(|it| needed(it.connections())) {
                        Ok(source) => source.page(&all, page).await.map(NativePage::Connections),
                        Err(error) => Err(error),
                    }
                };
                Message::NativesLoaded {
                    request,
                    profile,
                    kind,
                    result: result.map(Box::new),
                }
            }
            Effect::FetchRelated(key) => {
                let provider = self.provider(&key.profile);
                let result = match provider.and_then(|it| needed(it.relations())) {
                    Ok(relations) => relations.related(key.kind, &key.id).await,
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
                let provider = self.provider(&profile);
                let answers = match provider.and_then(|it| needed(it.lookup())) {
                    Ok(source) => source.look_up(&lookup).await,
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
