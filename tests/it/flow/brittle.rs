//! A part of the program that panics is reported, and nothing waits for ever.

use super::{Rig, Wrap};
use async_trait::async_trait;
use stanch::{
    entity::{
        answer::{Answer, Reading},
        capability::StoreLimits,
        connection::Related,
        domain::Domain,
        error::ProviderError,
        key::RemoteId,
        leak::LeakBatch,
        page::{LeakPage, PageToken},
        profile::Budget,
        query::LeakQuery,
        secret::Secret,
        status::Status,
        text::Text,
    },
    provider::{DomainSource, LeakSource, Provider, SecretSource, StatusStore},
};
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq)]
enum Weak {
    Leaks,
    Domains,
    Send,
    ReadBack,
    Reveal,
    /// The total is wrong by five.
    Total,
}

/// Panics in one operation or gives a wrong total; all else is the adapter's.
struct Brittle(Arc<dyn Provider>, Weak);

impl Brittle {
    fn breaks(&self, here: Weak) {
        assert!(self.1 != here, "a panic on purpose");
    }
}

#[async_trait]
impl Provider for Brittle {
    fn budget(&self) -> watch::Receiver<Budget> {
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
impl LeakSource for Brittle {
    fn page_size(&self) -> u32 {
        self.0.leaks().page_size()
    }
    async fn page(&self, query: &LeakQuery, page: PageToken) -> Result<LeakPage, ProviderError> {
        self.breaks(Weak::Leaks);
        let mut page = self.0.leaks().page(query, page).await?;
        if self.1 == Weak::Total {
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
    fn status_of(&self, word: &Text) -> Status {
        self.0.leaks().status_of(word)
    }
}

#[async_trait]
impl StatusStore for Brittle {
    fn limits(&self) -> StoreLimits {
        self.0.statuses().unwrap().limits()
    }
    fn request(&self) -> &'static str {
        self.0.statuses().unwrap().request()
    }
    async fn send(&self, ids: &[RemoteId], status: Status) -> Answer {
        self.breaks(Weak::Send);
        self.0.statuses().unwrap().send(ids, status).await
    }
    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<Reading>, u64) {
        self.breaks(Weak::ReadBack);
        self.0.statuses().unwrap().read_back(ids, wanted).await
    }
    fn read_back_cost(&self, changes: u64, total: u64) -> u64 {
        self.0.statuses().unwrap().read_back_cost(changes, total)
    }
}

#[async_trait]
impl SecretSource for Brittle {
    fn request(&self) -> &'static str {
        self.0.secrets().unwrap().request()
    }
    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        self.breaks(Weak::Reveal);
        self.0.secrets().unwrap().reveal(id).await
    }
}

#[async_trait]
impl DomainSource for Brittle {
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        self.breaks(Weak::Domains);
        self.0.domains().unwrap().domains().await
    }
}

fn rig(wrap: Wrap) -> Rig {
    Rig {
        wrap: Some(wrap),
        ..Rig::of(100)
    }
}

#[tokio::test]
async fn a_page_that_panics_ends_the_load() {
    let driver = rig(|inner| Arc::new(Brittle(inner, Weak::Leaks)))
        .open()
        .await;
    assert!(!driver.model().data.is_loading());
    driver.sees("Press r to try again");
}

#[tokio::test]
async fn a_total_that_is_never_reached_is_said_after_a_second_reading() {
    let mut driver = rig(|inner| Arc::new(Brittle(inner, Weak::Total)))
        .open()
        .await;
    let paging = &driver.model().data.profiles[0].paging;
    assert_eq!((paging.seen, paging.passes), (100, 2));
    assert!(!driver.model().data.is_complete() && !driver.model().data.is_loading());
    driver.sees("have 100 of 105");
    assert!(driver.footer().contains("r loads them again"));
    driver.press("r").await.sees("have 100 of 105");
}

#[tokio::test]
async fn domains_that_panic_do_not_take_the_leaks_with_them() {
    let driver = rig(|inner| Arc::new(Brittle(inner, Weak::Domains)))
        .open()
        .await;
    assert!(driver.model().data.is_complete());
    driver.sees("this is a bug");
}

#[tokio::test]
async fn a_job_that_panics_pauses_and_another_can_be_seen() {
    for wrap in [
        (|inner| Arc::new(Brittle(inner, Weak::Send)) as Arc<dyn Provider>) as Wrap,
        |inner| Arc::new(Brittle(inner, Weak::ReadBack)),
    ] {
        let mut driver = rig(wrap).open().await;
        let open = driver.rows_with(Status::Open)[0];
        driver.mark(open).press("f").await.read_plan().await;
        driver.press("y").await;
        assert_eq!(
            driver.marked().len(),
            1,
            "what was not verified stays marked"
        );
        driver.sees("job 1 stopped");
        assert!(!driver.journal.jobs().await.unwrap()[0].state.is_final());
        driver.press("q").await;
        assert_eq!(
            driver.ended,
            Some(0),
            "a job that stopped holds nobody back"
        );
    }
}

#[tokio::test]
async fn a_reveal_that_panics_shows_nothing_and_says_so() {
    let mut driver = rig(|inner| Arc::new(Brittle(inner, Weak::Reveal)))
        .open()
        .await;
    let order = driver.model().workspace.leaks.list.order().to_vec();
    let hidden = stanch::entity::leak::PasswordState::Hidden;
    let leak = order
        .into_iter()
        .find(|handle| driver.model().data.table.row(*handle).password == hidden);
    driver.go(leak.unwrap()).press("zr").await;
    assert!(driver.model().workspace.reveal.is_none());
    driver.sees("not revealed");
}
