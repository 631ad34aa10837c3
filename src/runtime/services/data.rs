//! What providers and the journal are asked for.

use super::{Services, local_records};
use crate::{
    app::{
        effect::DataEffect,
        message::{FilesTold, Message},
    },
    entity::{
        error::ProviderError,
        key::{Kind, ProfileName},
        page::{NativePage, PageRequest},
        query::EntityQuery,
    },
    provider::require,
};
use std::sync::Arc;

impl Services {
    /// Asks, and answers what came.
    pub(in crate::runtime) async fn perform_data(&self, effect: DataEffect) -> Message {
        match effect {
            DataEffect::FetchPage {
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
                            page.throttle_signals = provider.budget().borrow().throttle_signals;
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
            DataEffect::FetchDomains { request, profile } => {
                let source = self.provider(&profile);
                let result = match source.and_then(|it| require(it.domains())) {
                    Ok(source) => source.domains().await,
                    Err(error) => Err(error),
                };
                Message::DomainsLoaded {
                    request,
                    profile,
                    result,
                }
            }
            DataEffect::FetchListed {
                request,
                profile,
                kind,
                page,
            } => {
                let result = self.fetch_listed(&profile, kind, page).await;
                Message::ListedLoaded {
                    request,
                    profile,
                    kind,
                    result: result.map(Box::new),
                }
            }
            DataEffect::FetchRelated(key) => {
                let provider = self.provider(&key.profile);
                let result = match provider.and_then(|it| require(it.relations())) {
                    Ok(relations) => relations.related(key.kind, &key.id).await,
                    Err(error) => Err(error),
                };
                Message::RelatedLoaded {
                    key,
                    result: result.map(Box::new),
                }
            }
            DataEffect::LookAtFiles(profile) => {
                let provider = self.provider(&profile);
                let result = match provider.and_then(|it| require(it.files())) {
                    Ok(files) => files.look().await,
                    Err(error) => Err(error),
                };
                Message::FilesTold {
                    profile,
                    told: FilesTold::Looked(result),
                }
            }
            DataEffect::ReadReport(profile) => {
                let provider = self.provider(&profile);
                let result = provider.and_then(|it| require(it.files())).map(|files| {
                    let mut report = Box::new(files.report());
                    // They are many, and not shown.
                    report.files = Vec::new();
                    report.machines = Vec::new();
                    report
                });
                Message::FilesTold {
                    profile,
                    told: FilesTold::Report(result),
                }
            }
            DataEffect::LoadLocalRecords(profiles) => Message::LocalRecordsLoaded(
                local_records(&self.journal, profiles).await.map(Box::new),
            ),
        }
    }

    /// One page of the users or the connections that a provider lists itself.
    async fn fetch_listed(
        &self,
        profile: &ProfileName,
        kind: Kind,
        page: PageRequest,
    ) -> Result<NativePage, ProviderError> {
        // All of them: panes are filtered as one types, and what a list leaves out would be missing then.
        let all = EntityQuery::default();
        let provider = self.provider(profile)?;
        if kind == Kind::User {
            let users = require(provider.users())?;
            return users.page(&all, page).await.map(NativePage::Users);
        }
        let connections = require(provider.connections())?;
        let page = connections.page(&all, page).await;
        page.map(NativePage::Connections)
    }
}
