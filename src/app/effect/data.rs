//! What providers and the journal know.

use super::{Failure, Request};
use crate::{
    app::message::{FilesTold, Message},
    entity::{
        key::{EntityKey, Kind, ProfileName, RequestId},
        page::{PageCursor, PageToken},
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
        page: PageToken,
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
    FetchNatives {
        /// Which request it belongs to.
        request: RequestId,
        /// Whose.
        profile: ProfileName,
        /// Users or connections.
        kind: Kind,
        /// Which page.
        page: PageToken,
    },
    /// Ask what belongs to one leak, user or connection.
    FetchRelated(EntityKey),
    /// Look whether a profile's files have changed.
    LookAtFiles(ProfileName),
    /// Ask what the last reading of a profile's files found.
    ReadReport(ProfileName),
    /// Read the statuses that we keep for these profiles.
    LoadLocals(Vec<ProfileBinding>),
}

impl Request for DataEffect {
    type Reply = Message;

    fn failed(self, failure: Failure) -> Message {
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
                result: Err(failure.of_provider()),
            },
            Self::FetchDomains { request, profile } => Message::DomainsLoaded {
                request,
                profile,
                result: Err(failure.of_provider()),
            },
            Self::FetchNatives {
                request,
                profile,
                kind,
                ..
            } => Message::NativesLoaded {
                request,
                profile,
                kind,
                result: Err(failure.of_provider()),
            },
            Self::FetchRelated(key) => Message::RelatedLoaded {
                key,
                result: Err(failure.of_provider()),
            },
            Self::LookAtFiles(profile) => Message::FilesTold {
                profile,
                told: FilesTold::Looked(Err(failure.of_provider())),
            },
            Self::ReadReport(profile) => Message::FilesTold {
                profile,
                told: FilesTold::Report(Err(failure.of_provider())),
            },
            Self::LoadLocals(_) => Message::LocalsLoaded(Err(failure.of_journal())),
        }
    }

    fn token(&self) -> Option<RequestId> {
        match self {
            Self::FetchPage { request, .. }
            | Self::FetchDomains { request, .. }
            | Self::FetchNatives { request, .. } => Some(*request),
            Self::FetchRelated(_)
            | Self::LookAtFiles(_)
            | Self::ReadReport(_)
            | Self::LoadLocals(_) => None,
        }
    }
}
