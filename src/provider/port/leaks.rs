//! The leaks of a provider: pages, counts, one leak, and what its status words mean.

use super::super::unsupported_error;
use crate::entity::{
    capability::LeakMember,
    connection::Related,
    error::ProviderError,
    key::RemoteId,
    leak::LeakBatch,
    page::{LeakPage, PageCursor, PageRequest},
    query::{CountField, GroupCount, LeakQuery},
    raw_text::RawText,
    seen::Probe,
    status::Status,
};
use async_trait::async_trait;

/// The one source that every provider has.
#[async_trait]
pub trait LeakSource: Send + Sync {
    /// Rows in a page, as asked for at this profile.
    fn page_size(&self) -> u32;

    /// Members of a leak that this provider fills in and others do not.
    fn optional_members(&self) -> &'static [LeakMember] {
        &[]
    }

    /// One page of leaks by its number, the first by the default token. A page past the end is empty, not an error.
    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError>;

    /// The page behind another one whose [`next`](LeakPage::next) was this cursor.
    async fn page_after(
        &self,
        query: &LeakQuery,
        cursor: &PageCursor,
    ) -> Result<LeakPage, ProviderError> {
        let _ = (query, cursor);
        Err(unsupported_error("its pages have numbers"))
    }

    /// How many leaks there are, by the provider's own count.
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError>;

    /// What a few requests tell of all its leaks; nothing where only a whole reading can tell whether anything changed.
    async fn probe(&self) -> Result<Option<Probe>, ProviderError> {
        Ok(None)
    }

    /// Whether one leak can be asked for by this id.
    fn accepts_id(&self, id: &RemoteId) -> bool {
        let _ = id;
        true
    }

    /// One leak, without its secret, and what the same answer says of its connections.
    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError>;

    /// What a status word of the provider means.
    fn parse_status(&self, word: &RawText) -> Status {
        let _ = word;
        Status::Unknown
    }
}

/// Counts of leaks by the values of a field.
#[async_trait]
pub trait GroupCounter: Send + Sync {
    /// How many leaks have each value of a field, counted by the provider, largest first.
    async fn count_grouped(
        &self,
        query: &LeakQuery,
        by: CountField,
    ) -> Result<Vec<GroupCount>, ProviderError>;
}

/// An export operation of the provider's own.
#[async_trait]
pub trait ExportSource: Send + Sync {
    /// One page through it, as JSON or as CSV.
    async fn export(
        &self,
        query: &LeakQuery,
        page: PageRequest,
        csv: bool,
    ) -> Result<LeakPage, ProviderError>;
}
