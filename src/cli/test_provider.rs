//! An account that answers by script, for the tests of commands.

use super::accounts::Accounts;
use crate::{
    entity::{
        account::{ApiKeyRequest, ApiKeyResponse},
        breach::{Breach, BreachQuery, Paste},
        connection::Related,
        error::ProviderError,
        key::{ProfileName, ProviderId, RemoteId},
        leak::LeakBatch,
        lookup::{Lookup, LookupAnswer},
        page::{FullList, LeakPage, PageRequest},
        profile::{Profile, ProfileBinding, RateBudget},
        query::LeakQuery,
        raw_text::RawText,
        secret::Secret,
    },
    logging,
    provider::{
        ApiKeyAdministration, BreachCatalogue, LeakSource, LookupSource, PasteSource, Provider,
        capabilities_for, handles,
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
pub(super) struct ScriptedProvider {
    pub(super) lookup: Vec<LookupAnswer>,
    pub(super) breaches: Answer<Vec<Breach>>,
    pub(super) classes: Answer<Vec<RawText>>,
    pub(super) pastes: Answer<Vec<Paste>>,
    pub(super) api_keys: Answer<ApiKeyResponse>,
    /// What it was asked, in order.
    pub(super) requests: Mutex<Vec<String>>,
}

impl ScriptedProvider {
    fn record_request(&self, what: String) {
        let mut asked = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(what);
    }

    /// What it was asked, in order.
    pub(super) fn requests(&self) -> Vec<String> {
        let asked = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

fn unreachable<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Unreachable {
        why: "no network".to_owned(),
        not_sent: true,
    })
}

fn scripted_answer<T: Clone>(
    answer: Option<&Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    answer.cloned().unwrap_or_else(unreachable)
}

#[async_trait]
impl Provider for ScriptedProvider {
    fn budget(&self) -> watch::Receiver<RateBudget> {
        watch::channel(RateBudget::default()).1
    }

    async fn check(&self) -> Result<(), ProviderError> {
        unreachable()
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    handles! {
        lookup: LookupSource,
        catalogue: BreachCatalogue,
        pastes: PasteSource,
        api_keys: ApiKeyAdministration,
    }
}

#[async_trait]
impl LeakSource for ScriptedProvider {
    fn page_size(&self) -> u32 {
        100
    }

    async fn page(&self, _: &LeakQuery, _: PageRequest) -> Result<LeakPage, ProviderError> {
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
impl LookupSource for ScriptedProvider {
    async fn look_up(&self, lookup: &Lookup) -> Vec<LookupAnswer> {
        self.record_request(format!("lookup {}", lookup.kind()));
        self.lookup.clone()
    }
}

#[async_trait]
impl BreachCatalogue for ScriptedProvider {
    async fn breaches(&self, query: &BreachQuery) -> Result<FullList<Breach>, ProviderError> {
        self.record_request(format!("breaches {:?} {:?}", query.domain, query.spam));
        scripted_answer(self.breaches.as_ref()).map(FullList::from)
    }

    async fn breach(&self, name: &str) -> Result<Breach, ProviderError> {
        let all = scripted_answer(self.breaches.as_ref())?;
        let found = all
            .into_iter()
            .find(|breach| breach.name.as_str() == Some(name));
        found.ok_or(ProviderError::NotFound {
            status: 404,
            message: None,
        })
    }

    async fn latest_breach(&self) -> Result<Breach, ProviderError> {
        let all = scripted_answer(self.breaches.as_ref())?;
        all.into_iter().next_back().map_or_else(unreachable, Ok)
    }

    async fn data_classes(&self) -> Result<Vec<RawText>, ProviderError> {
        scripted_answer(self.classes.as_ref())
    }
}

#[async_trait]
impl PasteSource for ScriptedProvider {
    async fn pastes(&self, _: &str) -> Result<FullList<Paste>, ProviderError> {
        scripted_answer(self.pastes.as_ref()).map(FullList::from)
    }

    async fn services(&self) -> Result<Vec<RawText>, ProviderError> {
        scripted_answer(self.classes.as_ref())
    }
}

#[async_trait]
impl ApiKeyAdministration for ScriptedProvider {
    async fn administer(
        &self,
        token: &Secret,
        call: &ApiKeyRequest,
    ) -> Result<ApiKeyResponse, ProviderError> {
        let token = String::from_utf8_lossy(token.expose()).into_owned();
        self.record_request(format!("{call:?} with {token}"));
        scripted_answer(self.api_keys.as_ref())
    }
}

/// Accounts of these names, connected.
pub(super) fn accounts(fakes: &[(&str, &Arc<ScriptedProvider>)]) -> Accounts {
    let mut connected = Accounts {
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
            capabilities: capabilities_for(fake.as_ref()),
            verify: Vec::new(),
            rpm: None,
            attribution: Some("Whose it is".to_owned()),
        });
        let provider: Arc<dyn Provider> = Arc::<ScriptedProvider>::clone(fake);
        connected.providers.insert(name, provider);
    }
    connected
}
