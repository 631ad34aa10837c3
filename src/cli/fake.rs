//! An account that answers by script, for the tests of commands.

use super::connect::Connected;
use crate::{
    entity::{
        breach::{Breach, BreachQuery, Paste},
        connection::Related,
        error::ProviderError,
        key::{ProfileName, ProviderId, RemoteId},
        leak::LeakBatch,
        lookup::{Lookup, LookupAnswer},
        page::{LeakPage, Listed, PageToken},
        profile::{Budget, Profile, ProfileBinding},
        query::LeakQuery,
        report::{ApiKeyAnswer, ApiKeyCall},
        secret::Secret,
        text::Text,
    },
    logging,
    provider::{
        ApiKeyAdministration, BreachCatalogue, LeakSource, LookupSource, PasteSource, Provider,
        capabilities_of,
    },
};
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;

type Answer<T> = Option<Result<T, ProviderError>>;

/// What it answers; what is not set is unreachable.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) lookup: Vec<LookupAnswer>,
    pub(super) breaches: Answer<Vec<Breach>>,
    pub(super) classes: Answer<Vec<Text>>,
    pub(super) pastes: Answer<Vec<Paste>>,
    pub(super) api_keys: Answer<ApiKeyAnswer>,
    /// What it was asked, in order.
    pub(super) asked: Mutex<Vec<String>>,
}

impl Fake {
    fn note(&self, what: String) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(what);
    }

    /// What it was asked, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

fn unreachable<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Unreachable {
        why: "no network".to_owned(),
        not_sent: true,
    })
}

fn scripted<T: Clone>(answer: Option<&Result<T, ProviderError>>) -> Result<T, ProviderError> {
    answer.cloned().unwrap_or_else(unreachable)
}

#[async_trait]
impl Provider for Fake {
    fn budget(&self) -> watch::Receiver<Budget> {
        watch::channel(Budget::default()).1
    }

    async fn check(&self) -> Result<(), ProviderError> {
        unreachable()
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn lookup(&self) -> Option<&dyn LookupSource> {
        Some(self)
    }

    fn catalogue(&self) -> Option<&dyn BreachCatalogue> {
        Some(self)
    }

    fn pastes(&self) -> Option<&dyn PasteSource> {
        Some(self)
    }

    fn api_keys(&self) -> Option<&dyn ApiKeyAdministration> {
        Some(self)
    }
}

#[async_trait]
impl LeakSource for Fake {
    fn page_size(&self) -> u32 {
        100
    }

    async fn page(&self, _: &LeakQuery, _: PageToken) -> Result<LeakPage, ProviderError> {
        unreachable()
    }

    async fn count(&self, _: &LeakQuery) -> Result<u64, ProviderError> {
        unreachable()
    }

    async fn leak(&self, _: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        unreachable()
    }
}

#[async_trait]
impl LookupSource for Fake {
    async fn look_up(&self, lookup: &Lookup) -> Vec<LookupAnswer> {
        self.note(format!("lookup {}", lookup.kind()));
        self.lookup.clone()
    }
}

#[async_trait]
impl BreachCatalogue for Fake {
    async fn breaches(&self, query: &BreachQuery) -> Result<Listed<Breach>, ProviderError> {
        self.note(format!("breaches {:?} {:?}", query.domain, query.spam));
        scripted(self.breaches.as_ref()).map(Listed::from)
    }

    async fn breach(&self, name: &str) -> Result<Breach, ProviderError> {
        let all = scripted(self.breaches.as_ref())?;
        let found = all
            .into_iter()
            .find(|breach| breach.name.as_str() == Some(name));
        found.ok_or(ProviderError::NotFound {
            status: 404,
            message: None,
        })
    }

    async fn latest(&self) -> Result<Breach, ProviderError> {
        let all = scripted(self.breaches.as_ref())?;
        all.into_iter().next_back().map_or_else(unreachable, Ok)
    }

    async fn data_classes(&self) -> Result<Vec<Text>, ProviderError> {
        scripted(self.classes.as_ref())
    }
}

#[async_trait]
impl PasteSource for Fake {
    async fn pastes(&self, _: &str) -> Result<Listed<Paste>, ProviderError> {
        scripted(self.pastes.as_ref()).map(Listed::from)
    }

    async fn services(&self) -> Result<Vec<Text>, ProviderError> {
        scripted(self.classes.as_ref())
    }
}

#[async_trait]
impl ApiKeyAdministration for Fake {
    async fn administer(
        &self,
        token: &Secret,
        call: &ApiKeyCall,
    ) -> Result<ApiKeyAnswer, ProviderError> {
        let token = String::from_utf8_lossy(token.expose()).into_owned();
        self.note(format!("{call:?} with {token}"));
        scripted(self.api_keys.as_ref())
    }
}

/// Accounts of these names, connected.
pub(super) fn connected(fakes: &[(&str, &Arc<Fake>)]) -> Connected {
    let mut connected = Connected {
        profiles: Vec::new(),
        providers: HashMap::new(),
        missing: Vec::new(),
        secrets: logging::Secrets::default(),
    };
    for (name, fake) in fakes {
        let Ok(name) = ProfileName::new(name) else {
            continue;
        };
        connected.profiles.push(Profile {
            binding: ProfileBinding {
                name: name.clone(),
                provider: ProviderId::new("fake"),
                origin: "http://127.0.0.1:1".to_owned(),
                team: String::new(),
            },
            provider_title: "Fake".to_owned(),
            environment: String::new(),
            short: None,
            read_only: false,
            insecure: false,
            capabilities: capabilities_of(fake.as_ref()),
            verify: Vec::new(),
            rpm: None,
            attribution: Some("Whose it is".to_owned()),
        });
        let provider: Arc<dyn Provider> = Arc::<Fake>::clone(fake);
        connected.providers.insert(name, provider);
    }
    connected
}
