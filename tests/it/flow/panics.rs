//! A part of the program that panics is reported, and nothing waits for ever.

use super::{ConsoleFixture, Wrap};
use async_trait::async_trait;
use stanch::{
    entity::{
        capability::StoreLimits,
        change_response::{ChangeResponse, ReadBackEntry},
        connection::Related,
        domain::Domain,
        error::ProviderError,
        key::RemoteId,
        leak::LeakBatch,
        page::{LeakPage, PageRequest},
        profile::RateBudget,
        query::LeakQuery,
        raw_text::RawText,
        secret::Secret,
        status::Status,
    },
    provider::{DomainSource, LeakSource, Provider, SecretSource, StatusStore},
};
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq)]
enum PanicPoint {
    Leaks,
    Domains,
    Send,
    ReadBack,
    Reveal,
    /// The total is wrong by five.
    Total,
}

/// Panics in one operation or gives a wrong total; all else is the adapter's.
struct PanickingProvider(Arc<dyn Provider>, PanicPoint);

impl PanickingProvider {
    fn panic_at(&self, here: PanicPoint) {
        assert!(self.1 != here, "a panic on purpose");
    }
}

#[async_trait]
impl Provider for PanickingProvider {
    fn budget(&self) -> watch::Receiver<RateBudget> {
        self.0.budget()
    }
    async fn check(&self) -> Result<(), ProviderError> {
        self.0.check().await
    }
    fn leaks(&self) -> &dyn LeakSource {
        self
    }
    fn statuses(&self) -> Option<&dyn StatusStore> {
        Some(self)
    }
    fn secrets(&self) -> Option<&dyn SecretSource> {
        Some(self)
    }
    fn domains(&self) -> Option<&dyn DomainSource> {
        Some(self)
    }
}

#[async_trait]
impl LeakSource for PanickingProvider {
    fn page_size(&self) -> u32 {
        self.0.leaks().page_size()
    }
    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        self.panic_at(PanicPoint::Leaks);
        let mut page = self.0.leaks().page(query, page).await?;
        if self.1 == PanicPoint::Total {
            page.total = page.total.map(|total| total + 5);
        }
        Ok(page)
    }
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.0.leaks().count(query).await
    }
    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        self.0.leaks().leak(id).await
    }
    fn parse_status(&self, word: &RawText) -> Status {
        self.0.leaks().parse_status(word)
    }
}

#[async_trait]
impl StatusStore for PanickingProvider {
    fn limits(&self) -> StoreLimits {
        self.0.statuses().unwrap().limits()
    }
    fn request(&self) -> &'static str {
        self.0.statuses().unwrap().request()
    }
    async fn set_statuses(&self, ids: &[RemoteId], status: Status) -> ChangeResponse {
        self.panic_at(PanicPoint::Send);
        self.0.statuses().unwrap().set_statuses(ids, status).await
    }
    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<ReadBackEntry>, u64) {
        self.panic_at(PanicPoint::ReadBack);
        self.0.statuses().unwrap().read_back(ids, wanted).await
    }
    fn read_back_cost(&self, changes: u64, total: u64) -> u64 {
        self.0.statuses().unwrap().read_back_cost(changes, total)
    }
}

#[async_trait]
impl SecretSource for PanickingProvider {
    fn request(&self) -> &'static str {
        self.0.secrets().unwrap().request()
    }
    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        self.panic_at(PanicPoint::Reveal);
        self.0.secrets().unwrap().reveal(id).await
    }
}

#[async_trait]
impl DomainSource for PanickingProvider {
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        self.panic_at(PanicPoint::Domains);
        self.0.domains().unwrap().domains().await
    }
}

fn fixture(wrap: Wrap) -> ConsoleFixture {
    ConsoleFixture {
        wrap: Some(wrap),
        ..ConsoleFixture::with_leaks(100)
    }
}

#[tokio::test]
async fn a_page_that_panics_ends_the_load() {
    let driver = fixture(|inner| Arc::new(PanickingProvider(inner, PanicPoint::Leaks)))
        .open()
        .await;
    assert!(!driver.model().data.is_loading());
    driver.assert_screen("Press r to try again");
}

#[tokio::test]
async fn a_total_that_is_never_reached_is_said_after_a_second_reading() {
    let mut driver = fixture(|inner| Arc::new(PanickingProvider(inner, PanicPoint::Total)))
        .open()
        .await;
    let paging = &driver.model().data.profiles[0].paging;
    assert_eq!((paging.rows_received, paging.passes), (100, 2));
    assert!(!driver.model().data.is_complete() && !driver.model().data.is_loading());
    driver.assert_screen("have 100 of 105");
    assert!(driver.footer().contains("r loads them again"));
    driver.press("r").await.assert_screen("have 100 of 105");
}

#[tokio::test]
async fn domains_that_panic_do_not_take_the_leaks_with_them() {
    let driver = fixture(|inner| Arc::new(PanickingProvider(inner, PanicPoint::Domains)))
        .open()
        .await;
    assert!(driver.model().data.is_complete());
    driver.assert_screen("this is a bug");
}

#[tokio::test]
async fn a_job_that_panics_pauses_and_another_can_be_seen() {
    for wrap in [
        (|inner| Arc::new(PanickingProvider(inner, PanicPoint::Send)) as Arc<dyn Provider>) as Wrap,
        |inner| Arc::new(PanickingProvider(inner, PanicPoint::ReadBack)),
    ] {
        let mut driver = fixture(wrap).open().await;
        let open = driver.rows_with(Status::Open)[0];
        driver
            .mark(open)
            .press("f")
            .await
            .wait_for_reading_time()
            .await;
        driver.press("y").await;
        assert_eq!(
            driver.marked_ids().len(),
            1,
            "what was not verified stays marked"
        );
        driver.assert_screen("job 1 stopped");
        assert!(!driver.journal.jobs().await.unwrap()[0].state.is_final());
        driver.press("q").await;
        assert_eq!(
            driver.exit_code,
            Some(0),
            "a job that stopped holds nobody back"
        );
    }
}

#[tokio::test]
async fn a_reveal_that_panics_shows_nothing_and_says_so() {
    let mut driver = fixture(|inner| Arc::new(PanickingProvider(inner, PanicPoint::Reveal)))
        .open()
        .await;
    let order = driver.model().workspace.leaks.list.order().to_vec();
    let hidden = stanch::entity::leak::PasswordState::Hidden;
    let leak = order
        .into_iter()
        .find(|handle| driver.model().data.table.row(*handle).password == hidden);
    driver.move_cursor(leak.unwrap()).press("zr").await;
    assert!(driver.model().workspace.reveal.is_none());
    driver.assert_screen("not revealed");
}
