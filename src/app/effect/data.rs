//! What providers and the journal know.

use super::{Failure, Request};
use crate::{
    app::message::{FilesTold, Message},
    entity::{
        key::{EntityKey, Kind, ProfileName, RequestId},
        page::{PageCursor, PageRequest},
        profile::ProfileBinding,
        query::LeakQuery,
    },
};
use std::sync::Arc;

/// What providers and the journal know.
#[derive(Clone, Debug, PartialEq)]
pub enum DataEffect {
    /// Ask for one page of leaks.
    FetchPage {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// What to ask for.
        query: Arc<LeakQuery>,
        /// Which page.
        page: PageRequest,
        /// What leads to it; `None` where its number does.
        cursor: Option<PageCursor>,
    },
    /// Ask for the watched domains.
    FetchDomains {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
    },
    /// Ask for one page of the users or connections that a provider lists itself.
    FetchListed {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// Users or connections.
        kind: Kind,
        /// Which page.
        page: PageRequest,
    },
    /// Ask what belongs to one leak, user or connection.
    FetchRelated(EntityKey),
    /// Look whether a profile's files have changed.
    LookAtFiles(ProfileName),
    /// Ask what the last reading of a profile's files found.
    ReadReport(ProfileName),
    /// Read the statuses that we keep for these profiles.
    LoadLocalRecords(Vec<ProfileBinding>),
}

impl Request for DataEffect {
    type Reply = Message;

    fn failure_reply(self, failure: Failure) -> Message {
        match self {
            Self::FetchPage {
                request,
                profile,
                page,
                ..
            } => Message::PageLoaded {
                request,
                profile,
                page,
                result: Err(failure.to_provider_error()),
            },
            Self::FetchDomains { request, profile } => Message::DomainsLoaded {
                request,
                profile,
                result: Err(failure.to_provider_error()),
            },
            Self::FetchListed {
                request,
                profile,
                kind,
                ..
            } => Message::ListedLoaded {
                request,
                profile,
                kind,
                result: Err(failure.to_provider_error()),
            },
            Self::FetchRelated(key) => Message::RelatedLoaded {
                key,
                result: Err(failure.to_provider_error()),
            },
            Self::LookAtFiles(profile) => Message::FilesTold {
                profile,
                told: FilesTold::Looked(Err(failure.to_provider_error())),
            },
            Self::ReadReport(profile) => Message::FilesTold {
                profile,
                told: FilesTold::Report(Err(failure.to_provider_error())),
            },
            Self::LoadLocalRecords(_) => {
                Message::LocalRecordsLoaded(Err(failure.to_journal_error()))
            }
        }
    }

    fn token(&self) -> Option<RequestId> {
        match self {
            Self::FetchPage { request, .. }
            | Self::FetchDomains { request, .. }
            | Self::FetchListed { request, .. } => Some(*request),
            Self::FetchRelated(_)
            | Self::LookAtFiles(_)
            | Self::ReadReport(_)
            | Self::LoadLocalRecords(_) => None,
        }
    }
}
