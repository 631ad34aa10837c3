//! How far the lists of users and connections of a profile are read.

use crate::entity::{
    error::ProviderError,
    key::{Kind, RequestId},
    page::PageToken,
};

/// How far one of the two lists is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The current request; answers to any other are dropped.
    pub request: Option<RequestId>,
    /// The page that is on its way.
    pub page: PageToken,
    /// Items that came in this reading.
    pub seen: u64,
    /// How many the provider says there are.
    pub total: Option<u64>,
    /// Pages that came in this reading.
    pub pages: u32,
    /// What stopped it.
    pub error: Option<ProviderError>,
    /// Items that could not be read, domains that were left out, answers that contradict themselves.
    pub lacking: u64,
    /// Whether it was read to its end, and nothing is lacking.
    pub complete: bool,
}

/// Both lists of a profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Natives {
    /// Its users.
    pub users: Listing,
    /// Its connections.
    pub connections: Listing,
}

impl Natives {
    /// Whether a page is on its way.
    pub fn is_loading(&self) -> bool {
        self.users.request.is_some() || self.connections.request.is_some()
    }

    pub(super) fn listing(&mut self, kind: Kind) -> &mut Listing {
        match kind {
            Kind::User => &mut self.users,
            _ => &mut self.connections,
        }
    }
}
