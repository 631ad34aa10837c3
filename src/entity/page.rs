//! Paging: one answer, its continuation, and what the provider says of the whole.

use super::{breach::Breach, connection::Connection, leak::LeakBatch, user::User};

/// Which page to ask for; pages count from 0 whatever the provider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PageToken {
    /// The page's number, from 0.
    pub index: u32,
    /// How many rows a page has been found to hold; 0 asks with the profile's setting.
    pub size: u32,
}

/// One page of leaks.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeakPage {
    /// The rows, in the provider's order.
    pub leaks: LeakBatch,
    /// How many rows the provider says there are in all; never trusted, only compared.
    pub total: Option<u64>,
    /// How many pages the provider says there are.
    pub pages: Option<u64>,
    /// How many rows a full page holds here: what was asked for, or what the provider clamped it to.
    pub page_size: u32,
    /// Rows that could not be read at all.
    pub unreadable: u32,
    /// What the breaches are that its rows are from.
    pub breaches: Vec<Breach>,
    /// How often the provider has refused or failed by now, all its answers together: [`Budget::setbacks`].
    ///
    /// [`Budget::setbacks`]: super::profile::Budget::setbacks
    pub setbacks: u64,
}

/// One page of users or connections that a provider lists itself.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EntityPage<T> {
    /// The entities, in the provider's order.
    pub items: Vec<T>,
    /// How many the provider says there are in all.
    pub total: Option<u64>,
    /// Which page comes next; `None` after the last.
    pub next: Option<PageToken>,
    /// Items that could not be read at all.
    pub unreadable: u32,
}

/// One page of users.
pub type UserPage = EntityPage<User>;

/// One page of connections.
pub type ConnectionPage = EntityPage<Connection>;
