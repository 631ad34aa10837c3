//! A provider in memory that stores no status: what is thought of its leaks is kept by the console.

#![expect(clippy::unwrap_used, reason = "tests")]

use async_trait::async_trait;
use stanch::{
    entity::{
        connection::Related,
        error::ProviderError,
        key::{EntityKey, ProfileName, ProviderId, RemoteId},
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState},
        page::{LeakPage, PageRequest},
        profile::{Profile, ProfileBinding, RateBudget},
        query::LeakQuery,
        status::Status,
    },
    provider::{LeakSource, Provider, capabilities_for},
};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// So many leaks, numbered from 0, each with the provider's own word.
#[derive(Clone)]
pub(crate) struct StatuslessProvider {
    profile: &'static str,
    title: &'static str,
    leaks: u32,
    /// What it answers with instead, if anything.
    set_error: Arc<Mutex<Option<ProviderError>>>,
    /// What it says of each of its leaks.
    set_status: Arc<Mutex<Option<Status>>>,
    budget: Arc<watch::Sender<RateBudget>>,
}

impl StatuslessProvider {
    pub(crate) fn new(profile: &'static str, title: &'static str, leaks: u32) -> Self {
        Self {
            profile,
            title,
            leaks,
            set_error: Arc::default(),
            set_status: Arc::default(),
            budget: Arc::new(watch::channel(RateBudget::default()).0),
        }
    }

    /// From now on every leak has this status of the provider's own.
    pub(crate) fn set_status(&self, status: Status) {
        *self.set_status.lock().unwrap() = Some(status);
    }

    /// From now on nothing comes from it but this.
    pub(crate) fn set_error(&self, error: ProviderError) {
        *self.set_error.lock().unwrap() = Some(error);
    }

    pub(crate) fn name(&self) -> ProfileName {
        ProfileName::new(self.profile).unwrap()
    }

    pub(crate) fn key(&self, number: u32) -> EntityKey {
        let id = format!("{}-{number}", self.profile);
        EntityKey::for_leak(self.name(), id[..].into())
    }

    /// The profile as the console knows it.
    pub(crate) fn describe(&self) -> Profile {
        Profile {
            binding: ProfileBinding {
                name: self.name(),
                provider: ProviderId::new(self.profile),
                origin: "http://127.0.0.1".into(),
                team: String::new(),
            },
            provider_title: self.title.into(),
            environment: "test".into(),
            short: None,
            read_only: false,
            insecure: false,
            capabilities: capabilities_for(self),
            verify: Vec::new(),
            rpm: None,
            attribution: None,
        }
    }
}

#[async_trait]
impl Provider for StatuslessProvider {
    fn budget(&self) -> watch::Receiver<RateBudget> {
        self.budget.subscribe()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        Ok(())
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn local_step(&self) -> u32 {
        1
    }
}

#[async_trait]
impl LeakSource for StatuslessProvider {
    fn page_size(&self) -> u32 {
        100
    }

    async fn page(&self, _: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        if let Some(error) = self.set_error.lock().unwrap().clone() {
            return Err(error);
        }
        let says = *self.set_status.lock().unwrap();
        let word = says.map(|status| status.to_string());
        let mut leaks = LeakBatch::with_capacity(0);
        let numbers = if page.index == 0 { 0..self.leaks } else { 0..0 };
        for number in numbers {
            let id = self.key(number).id;
            let login = format!("ana{number}@acme.example");
            let mut fields = [None; FIELD_COUNT];
            fields[LeakField::Id as usize] = Some(id.as_bytes());
            fields[LeakField::Login as usize] = Some(login.as_bytes());
            fields[LeakField::FirstSeen as usize] = Some(b"2026-11-22");
            fields[LeakField::RemoteStatus as usize] = word.as_ref().map(String::as_bytes);
            leaks.push(&LeakRef {
                fields,
                status: says.unwrap_or(Status::Unknown),
                password: PasswordState::None,
                risk: None,
                damaged: false,
                credential: None,
            });
        }
        Ok(LeakPage {
            leaks,
            total: Some(u64::from(self.leaks)),
            page_size: 100,
            ..LeakPage::default()
        })
    }

    async fn count(&self, _: &LeakQuery) -> Result<u64, ProviderError> {
        Ok(u64::from(self.leaks))
    }

    async fn leak(&self, _: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        Ok((LeakBatch::with_capacity(0), Related::default()))
    }
}
