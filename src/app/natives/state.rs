//! How far the lists of users and connections of a profile are read.

use crate::entity::{
    error::ProviderError,
    key::{Kind, RequestId},
    page::PageRequest,
};

/// How far one of the two lists is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListProgress {
    /// The current request; answers to any other are dropped.
    pub request: Option<RequestId>,
    /// The page that is on its way.
    pub page: PageRequest,
    /// Items that came in this reading.
    pub items_received: u64,
    /// How many the provider says there are.
    pub total: Option<u64>,
    /// Pages that came in this reading.
    pub pages: u32,
    /// What stopped it.
    pub error: Option<ProviderError>,
    /// Items that could not be read, domains that were left out, answers that contradict themselves.
    pub missing_count: u64,
    /// Whether it was read to its end, and nothing is lacking.
    pub complete: bool,
}

/// Both lists of a profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedProgress {
    /// Its users.
    pub users: ListProgress,
    /// Its connections.
    pub connections: ListProgress,
}

impl ListedProgress {
    /// Whether a page is on its way.
    pub fn is_loading(&self) -> bool {
        self.users.request.is_some() || self.connections.request.is_some()
    }

    pub(super) fn progress_mut(&mut self, kind: Kind) -> &mut ListProgress {
        match kind {
            Kind::User => &mut self.users,
            _ => &mut self.connections,
        }
    }
}
