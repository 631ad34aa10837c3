//! Providers that are not built: what the port allows and none of the three systems has.

use super::ConsoleFixture;
use async_trait::async_trait;
use stanch::{
    entity::{
        capability::{Reach, StoreLimits},
        change_response::{ChangeResponse, ReadBack, ReadBackEntry},
        connection::Related,
        error::ProviderError,
        job::ChangeState,
        key::RemoteId,
        leak::LeakBatch,
        page::{LeakPage, NextPage, PageCursor, PageRequest},
        profile::RateBudget,
        query::LeakQuery,
        raw_text::RawText,
        status::Status,
    },
    provider::{LeakSource, Provider, StatusStore},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::watch;

/// Leaks by cursors, ten at a time, with an empty page behind each; and a store whose changes go further than the row
/// and where absence proves nothing.
struct FictionalProvider {
    inner: Arc<dyn Provider>,
    in_flight: AtomicUsize,
}

/// Rows in a page.
const ROWS: u32 = 10;

impl FictionalProvider {
    fn wrap(inner: Arc<dyn Provider>) -> Arc<dyn Provider> {
        Arc::new(Self {
            inner,
            in_flight: AtomicUsize::new(0),
        })
    }

    /// The page with this number of those that cursors lead to.
    async fn fetch_rows(&self, query: &LeakQuery, number: u32) -> Result<LeakPage, ProviderError> {
        let others = self.in_flight.fetch_add(1, Ordering::SeqCst);
        assert_eq!(others, 0, "only the page before says what follows");
        let mut page = LeakPage::default();
        let mut ends = false;
        if number.is_multiple_of(2) {
            let index = number / 2;
            let token = PageRequest { index, size: ROWS };
            page = self.inner.leaks().page(query, token).await?;
            ends = page.leaks.len() < ROWS as usize;
        }
        page.page_size = ROWS;
        page.total = None;
        page.next = if ends {
            NextPage::End
        } else {
            NextPage::Cursor(format!("page {}", number + 1)[..].into())
        };
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        Ok(page)
    }
}

#[async_trait]
impl Provider for FictionalProvider {
    fn budget(&self) -> watch::Receiver<RateBudget> {
        self.inner.budget()
    }
    async fn check(&self) -> Result<(), ProviderError> {
        self.inner.check().await
    }
    fn leaks(&self) -> &dyn LeakSource {
        self
    }
    fn statuses(&self) -> Option<&dyn StatusStore> {
        Some(self)
    }
}

#[async_trait]
impl LeakSource for FictionalProvider {
    fn page_size(&self) -> u32 {
        ROWS
    }
    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        assert_eq!(page.index, 0, "behind the first page a cursor leads on");
        self.fetch_rows(query, 0).await
    }
    async fn page_after(
        &self,
        query: &LeakQuery,
        cursor: &PageCursor,
    ) -> Result<LeakPage, ProviderError> {
        let number = cursor.as_str().strip_prefix("page ").unwrap();
        self.fetch_rows(query, number.parse().unwrap()).await
    }
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.inner.leaks().count(query).await
    }
    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.inner.leaks().leak(id).await
    }
    fn parse_status(&self, word: &RawText) -> Status {
        self.inner.leaks().parse_status(word)
    }
}

#[async_trait]
impl StatusStore for FictionalProvider {
    fn limits(&self) -> StoreLimits {
        StoreLimits {
            wider_reach: vec![(Status::Fixed, Reach::Login)],
            ..self.inner.statuses().unwrap().limits()
        }
    }
    fn request(&self) -> &'static str {
        "POST /made/up"
    }
    async fn set_statuses(&self, ids: &[RemoteId], status: Status) -> ChangeResponse {
        self.inner
            .statuses()
            .unwrap()
            .set_statuses(ids, status)
            .await
    }
    async fn read_back(&self, ids: &[RemoteId], _: Status) -> (Vec<ReadBackEntry>, u64) {
        let read = |id: &RemoteId| (id.clone(), ReadBack::Unprovable);
        (ids.iter().map(read).collect(), 1)
    }
    fn read_back_cost(&self, _: u64, _: u64) -> u64 {
        1
    }
}

fn fixture(leaks: u64) -> ConsoleFixture {
    ConsoleFixture {
        wrap: Some(FictionalProvider::wrap),
        ..ConsoleFixture::with_leaks(leaks)
    }
}

#[tokio::test]
async fn a_list_by_cursors_is_read_one_page_at_a_time_to_its_end() {
    let driver = fixture(95).open().await;
    assert!(driver.model().data.is_complete());
    assert_eq!(driver.model().data.table.len(), 95);
    // Ten pages with leaks and nine without.
    assert_eq!(driver.model().data.profiles[0].paging.next_page, 19);
}

#[tokio::test]
async fn a_plan_says_what_else_a_provider_changes() {
    let mut driver = fixture(40).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.mark(open).press("f").await;
    driver.assert_screen("this also changes every leak of the same login");
}

#[tokio::test]
async fn a_plan_of_changes_that_stay_in_their_rows_says_nothing_more() {
    let mut driver = fixture(40).open().await;
    let fixed = driver.rows_with(Status::Fixed)[0];
    driver.mark(fixed).press("F").await;
    driver.assert_screen("1 will change");
    assert!(!driver.screen().contains("also changes"));
}

#[tokio::test]
async fn a_change_that_cannot_be_found_again_is_unverifiable() {
    let mut driver = fixture(40).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver
        .mark(open)
        .press("f")
        .await
        .wait_for_reading_time()
        .await;
    driver.press("y").await;
    driver.run_until_settled().await;
    let jobs = driver.journal.jobs().await.unwrap();
    assert!(jobs[0].state.is_final(), "{:?}", jobs[0].state);
    let job = driver.journal.job(jobs[0].id).await.unwrap();
    assert_eq!(job.changes[0].state(), ChangeState::Unverifiable);
    let reason = job.changes[0].reason().unwrap_or_default();
    assert!(reason.contains("proves nothing"), "{reason}");
}
