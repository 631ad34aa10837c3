//! Paging: one answer, its continuation, and what the provider says of the whole.

use super::{
    breach::Breach, connection::Connection, leak::LeakBatch, raw_text::RawText, user::User,
};
use crate::entity::key::Kind;
use std::{ops::Deref, sync::Arc};

/// Which page to ask for; pages count from 0 whatever the provider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PageRequest {
    /// The page's number, from 0.
    pub index: u32,
    /// How many rows a page has been found to hold; 0 asks with the profile's setting.
    pub size: u32,
}

/// Where a list goes on: a word of the provider's own, of which nothing is read here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageCursor(Arc<str>);

impl PageCursor {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PageCursor {
    fn from(word: &str) -> Self {
        Self(word.into())
    }
}

/// Whether files are as they were when they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Nobody shall look.
    Never,
    /// As they were, as far as was looked.
    Same,
    /// Some have changed or came, and are still now: what they hold is read behind this cursor.
    Changed(PageCursor),
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// The pages have numbers, so that several can be asked for at once; this many, where the provider counts them.
    Pages(Option<u32>),
    /// One page, which is only found by this cursor.
    Cursor(PageCursor),
    /// Nothing: this was the last page.
    End,
}

impl NextPage {
    /// Numbered pages, by the provider's count.
    pub fn numbered(count: Option<u64>) -> Self {
        Self::Pages(count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
    }

    /// Returns how many numbered pages there are, where that is known.
    pub fn page_count(&self) -> Option<u32> {
        match self {
            Self::Pages(count) => *count,
            Self::Cursor(_) | Self::End => None,
        }
    }
}

impl Default for NextPage {
    fn default() -> Self {
        Self::Pages(None)
    }
}

/// One page of leaks.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LeakPage {
    /// The rows, in the provider's order.
    pub leaks: LeakBatch,
    /// How many rows the provider says there are in all; never trusted, only compared.
    pub total: Option<u64>,
    /// What follows this page.
    pub next: NextPage,
    /// How many rows a full page holds here: what was asked for, or what the provider clamped it to.
    pub page_size: u32,
    /// Rows that could not be read at all.
    pub unreadable: u32,
    /// What the breaches are that its rows are from.
    pub breaches: Vec<Breach>,
    /// Watched domains whose leaks are not in it, because they could not be asked for or were refused.
    pub missing_domains: Vec<RawText>,
    /// Its rows may lack the domain that they are filed under: the provider names it in a list of its own, and that list
    /// could not be read.
    pub domains_unknown: bool,
    /// How the totals in the answer contradict each other or its rows; then none of them is in this page.
    pub contradiction: Option<String>,
    /// How often the provider has refused or failed by now, all its answers together: [`Budget::throttle_signals`].
    ///
    /// [`Budget::throttle_signals`]: super::profile::RateBudget::throttle_signals
    pub throttle_signals: u64,
}

/// One page of users or connections that a provider lists itself.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EntityPage<T> {
    /// The entities, in the provider's order.
    pub items: Vec<T>,
    /// How many the provider says there are in all.
    pub total: Option<u64>,
    /// Which page comes next; `None` after the last.
    pub next: Option<PageRequest>,
    /// Items that could not be read at all.
    pub unreadable: u32,
    /// Which of the provider's lists this is a page of, and how many it says there are in that one: a reading adds up
    /// each of them.
    pub part: Option<(&'static str, u64)>,
    /// Watched domains of which nothing is in it, because they could not be asked for or were refused.
    pub missing_domains: Vec<RawText>,
    /// How the totals in the answer contradict each other or its items.
    pub contradiction: Option<String>,
}

impl<T> EntityPage<T> {
    /// Without items, the last one.
    pub fn empty() -> Self {
        Self {
            items: Vec::new(),
            total: None,
            next: None,
            unreadable: 0,
            part: None,
            missing_domains: Vec::new(),
            contradiction: None,
        }
    }
}

/// A list that one answer holds whole, with what stands against taking it for whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullList<T> {
    /// What could be read, in the provider's order.
    pub items: Vec<T>,
    /// Items that could not be read.
    pub unreadable: u32,
    /// How a count in the answer contradicts what came.
    pub contradiction: Option<String>,
}

impl<T> FullList<T> {
    /// Whether nothing stands against it.
    pub fn is_complete(&self) -> bool {
        self.unreadable == 0 && self.contradiction.is_none()
    }

    /// Keeps the items that pass.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }
}

impl<T> From<Vec<T>> for FullList<T> {
    fn from(items: Vec<T>) -> Self {
        Self {
            items,
            unreadable: 0,
            contradiction: None,
        }
    }
}

impl<T> Deref for FullList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

/// One page of users.
pub type UserPage = EntityPage<User>;

/// One page of connections.
pub type ConnectionPage = EntityPage<Connection>;

/// A page of either list.
#[derive(Clone, Debug, PartialEq)]
pub enum NativePage {
    /// Of users.
    Users(EntityPage<User>),
    /// Of connections.
    Connections(EntityPage<Connection>),
}

impl NativePage {
    /// Of what.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Users(_) => Kind::User,
            Self::Connections(_) => Kind::Connection,
        }
    }
}
