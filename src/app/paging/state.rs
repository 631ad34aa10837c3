//! How far a profile's list is read.

use super::lack::incomplete_reason;
use crate::{
    app::pace::ConcurrencyLimit,
    entity::{
        error::ProviderError, key::RequestId, page::PageCursor, query::LeakQuery, raw_text::RawText,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How far a profile's leaks are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paging {
    /// When reading began.
    pub started_at: Option<jiff::Timestamp>,
    /// The current request; answers to any other are dropped.
    pub request: Option<RequestId>,
    /// What was asked for.
    pub query: Arc<LeakQuery>,
    /// Pages that are on their way.
    pub in_flight: BTreeSet<u32>,
    /// How many parts have come of pages that are not all here.
    pub(super) parts: BTreeMap<u32, usize>,
    /// How many may be.
    pub concurrency: ConcurrencyLimit,
    /// The number of the next page to ask for; pages found by cursors are counted, too.
    pub next_page: u32,
    /// How the list goes on.
    pub continuation: Continuation,
    /// Rows of a full page; known when the first page has come.
    pub page_size: u32,
    /// Pages that there should be, once known.
    pub pages: Option<u32>,
    /// What the provider says there are in all.
    pub total: Option<u64>,
    /// Different keys seen in this reading.
    pub rows_received: u64,
    /// Rows that came a second time in this reading.
    pub duplicate_rows: u64,
    /// Rows that could not be read.
    pub unreadable: u64,
    /// Watched domains that were not read.
    pub skipped_domains: Vec<RawText>,
    /// Rows may lack the domain that they are filed under.
    pub lacks_domains: bool,
    /// How totals in an answer contradict each other or its rows: none of them is believed any more.
    pub contradiction: Option<String>,
    /// Empty pages in a row, the newest page last.
    pub empty_pages: u32,
    /// How many whole readings there were, this one included.
    pub passes: u32,
    /// The table's number of this reading.
    pub pass: u32,
    /// What stopped it.
    pub error: Option<ProviderError>,
    /// How it stands.
    pub state: PagingState,
    /// Rows of this profile in the table, for the header.
    pub rows_retained: u64,
    /// Answers to older requests that were dropped.
    pub dropped_answers: u64,
}

/// The state of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PagingState {
    /// Nothing was asked for yet.
    #[default]
    Idle,
    /// Pages are coming.
    Loading,
    /// Everything is here.
    Complete,
    /// Something is missing, and the header says how much.
    Incomplete,
}

impl Paging {
    /// Whether pages are coming.
    pub fn is_loading(&self) -> bool {
        self.state == PagingState::Loading
    }

    /// Whether everything is here.
    pub fn is_complete(&self) -> bool {
        self.state == PagingState::Complete
    }

    /// Why what came is not all that there is, although nothing failed: nothing but rows that came and went, unless it
    /// is said here.
    pub fn incomplete_reason(&self) -> Option<String> {
        incomplete_reason(
            self.unreadable,
            &self.skipped_domains,
            self.lacks_domains,
            self.contradiction.as_deref(),
        )
    }
}

/// How a list goes on behind the pages that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Continuation {
    /// By numbers: several pages at once, as far as it is known that there are so many. A few empty pages in a row end
    /// the list.
    #[default]
    PageNumbers,
    /// By this cursor, one page at a time: what follows is known when the page has come. An empty page ends nothing.
    Cursor(PageCursor),
    /// It has ended.
    End,
}

/// No provider is asked for more pages than this.
pub const MAX_PAGES: u32 = 20_000;
