//! Effects that ask a provider for something.

use super::Services;
use crate::{
    app::{effect::Effect, message::Message, natives::NativePage},
    entity::{
        error::ProviderError,
        key::{Kind, ProfileName},
        lookup::LookupAnswer,
        page::PageToken,
        query::EntityQuery,
    },
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
                let result = self.natives(&profile, kind, page).await;
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

    /// One page of the users or the connections that a provider lists itself.
    async fn natives(
        &self,
        profile: &ProfileName,
        kind: Kind,
        page: PageToken,
    ) -> Result<NativePage, ProviderError> {
        // All of them: panes are filtered as one types, and what a list leaves out would be missing then.
        let all = EntityQuery::default();
        let provider = self.provider(profile)?;
        if kind == Kind::User {
            let users = needed(provider.users())?;
            return users.page(&all, page).await.map(NativePage::Users);
        }
        let connections = needed(provider.connections())?;
        let page = connections.page(&all, page).await;
        page.map(NativePage::Connections)
    }
}
