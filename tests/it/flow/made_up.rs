//! Providers that are not built: what the port allows and none of the three systems has.

use super::Rig;
use async_trait::async_trait;
use stanch::{
    entity::{
        answer::{Answer, ReadBack, Reading},
        capability::{Reach, StoreLimits},
        connection::Related,
        error::ProviderError,
        job::ChangeState,
        key::RemoteId,
        leak::LeakBatch,
        page::{LeakPage, Next, PageCursor, PageToken},
        profile::Budget,
        query::LeakQuery,
        status::Status,
        text::Text,
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
struct MadeUp {
    inner: Arc<dyn Provider>,
    in_flight: AtomicUsize,
}

/// Rows in a page.
const ROWS: u32 = 10;

impl MadeUp {
    fn wrap(inner: Arc<dyn Provider>) -> Arc<dyn Provider> {
        Arc::new(Self {
            inner,
            in_flight: AtomicUsize::new(0),
        })
    }

    /// The page with this number of those that cursors lead to.
    async fn turn(&self, query: &LeakQuery, number: u32) -> Result<LeakPage, ProviderError> {
        let others = self.in_flight.fetch_add(1, Ordering::SeqCst);
        assert_eq!(others, 0, "only the page before says what follows");
        let mut page = LeakPage::default();
        let mut ends = false;
        if number.is_multiple_of(2) {
            let index = number / 2;
            let token = PageToken { index, size: ROWS };
            page = self.inner.leaks().page(query, token).await?;
            ends = page.leaks.len() < ROWS as usize;
        }
        page.page_size = ROWS;
        page.total = None;
        page.next = if ends {
            Next::End
        } else {
            Next::Cursor(format!("page {}", number + 1)[..].into())
        };
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        Ok(page)
    }
}

#[async_trait]
impl Provider for MadeUp {
    fn budget(&self) -> watch::Receiver<Budget> {
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
impl LeakSource for MadeUp {
    fn page_size(&self) -> u32 {
        ROWS
    }
    async fn page(&self, query: &LeakQuery, page: PageToken) -> Result<LeakPage, ProviderError> {
        assert_eq!(page.index, 0, "behind the first page a cursor leads on");
        self.turn(query, 0).await
    }
    async fn page_after(
        &self,
        query: &LeakQuery,
        cursor: &PageCursor,
    ) -> Result<LeakPage, ProviderError> {
        let number = cursor.as_str().strip_prefix("page ").unwrap();
        self.turn(query, number.parse().unwrap()).await
    }
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.inner.leaks().count(query).await
    }
    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.inner.leaks().leak(id).await
    }
    fn status_of(&self, word: &Text) -> Status {
        self.inner.leaks().status_of(word)
    }
}

#[async_trait]
impl StatusStore for MadeUp {
    fn limits(&self) -> StoreLimits {
        StoreLimits {
            wider: vec![(Status::Fixed, Reach::Login)],
            ..self.inner.statuses().unwrap().limits()
        }
    }
    fn request(&self) -> &'static str {
        "POST /made/up"
    }
    async fn send(&self, ids: &[RemoteId], status: Status) -> Answer {
        self.inner.statuses().unwrap().send(ids, status).await
    }
    async fn read_back(&self, ids: &[RemoteId], _: Status) -> (Vec<Reading>, u64) {
        let read = |id: &RemoteId| (id.clone(), ReadBack::Unprovable);
        (ids.iter().map(read).collect(), 1)
    }
    fn read_back_cost(&self, _: u64, _: u64) -> u64 {
        1
    }
}

fn rig(leaks: u64) -> Rig {
    Rig {
        wrap: Some(MadeUp::wrap),
        ..Rig::of(leaks)
    }
}

#[tokio::test]
async fn a_list_by_cursors_is_read_one_page_at_a_time_to_its_end() {
    let driver = rig(95).open().await;
    assert!(driver.model().data.is_complete());
    assert_eq!(driver.model().data.table.len(), 95);
    // Ten pages with leaks and nine without.
    assert_eq!(driver.model().data.profiles[0].paging.next, 19);
}

#[tokio::test]
async fn a_plan_says_what_else_a_provider_changes() {
    let mut driver = rig(40).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.mark(open).press("f").await;
    driver.sees("this also changes every leak of the same login");
}

#[tokio::test]
async fn a_plan_of_changes_that_stay_in_their_rows_says_nothing_more() {
    let mut driver = rig(40).open().await;
    let fixed = driver.rows_with(Status::Fixed)[0];
    driver.mark(fixed).press("F").await;
    driver.sees("1 will change");
    assert!(!driver.screen().contains("also changes"));
}

#[tokio::test]
async fn a_change_that_cannot_be_found_again_is_unverifiable() {
    let mut driver = rig(40).open().await;
    let open = driver.rows_with(Status::Open)[0];
    driver.mark(open).press("f").await.read_plan().await;
    driver.press("y").await;
    driver.settle().await;
    let jobs = driver.journal.jobs().await.unwrap();
    assert!(jobs[0].state.is_final(), "{:?}", jobs[0].state);
    let job = driver.journal.job(jobs[0].id).await.unwrap();
    assert_eq!(job.changes[0].state(), ChangeState::Unverifiable);
    let reason = job.changes[0].reason().unwrap_or_default();
    assert!(reason.contains("proves nothing"), "{reason}");
}
