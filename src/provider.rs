//! The provider port: what a remote system can be asked, whatever it is. Start with [`Provider`]; a provider is one
//! folder under `provider/` and one row in [`REGISTRY`].

mod draft;
pub mod judge;
pub mod leaked_checker;
pub mod leaks_ai;
pub mod projectdiscovery;
mod reading;

use crate::entity::{
    answer::{Answer, ReadBack, Reading},
    breach::{Breach, BreachQuery, Paste},
    capability::Capabilities,
    connection::{Connection, Form, Related},
    domain::Domain,
    error::ProviderError,
    key::{Kind, RemoteId},
    leak::{Leak, LeakBatch},
    lookup::{Lookup, LookupAnswer},
    page::{ConnectionPage, LeakPage, Listed, PageToken, UserPage},
    profile::{Budget, ProfileSettings},
    query::{EntityQuery, GroupBy, GroupCount, LeakQuery},
    report::{
        ApiKeyAnswer, ApiKeyCall, Associated, AssociatedQuery, Stats, StatsSubject, Subscription,
        VerificationAnswer, VerificationCall,
    },
    secret::Secret,
    status::Status,
    text::Text,
    user::User,
};
use crate::http::Limits;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch;

/// A remote system, at one profile. Every call is cancelled by dropping its future; a call that was never made is
/// never sent. What most systems lack has an answer here: that it is not supported.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it can do at this profile.
    fn capabilities(&self) -> Capabilities;

    /// The request that changes leaks, for the audit log: method and path template, never a path with values in it.
    fn change_request(&self) -> Option<&'static str> {
        None
    }

    /// The request that reveals a secret, for the audit log.
    fn reveal_request(&self) -> Option<&'static str> {
        None
    }

    /// The request budget, live.
    fn budget(&self) -> watch::Receiver<Budget>;

    /// One page of leaks. A page past the end is empty, not an error.
    async fn leaks(&self, query: &LeakQuery, page: PageToken) -> Result<LeakPage, ProviderError>;

    /// How many leaks there are, by the provider's own count.
    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError>;

    /// How many users or connections there are, by the provider's own count; of connections each form on its own. A
    /// form that a term cannot narrow is left out, and not supported is what no form can be narrowed by.
    async fn count_of(
        &self,
        kind: Kind,
        query: &EntityQuery,
    ) -> Result<Vec<(Option<Form>, u64)>, ProviderError> {
        let _ = (kind, query);
        unsupported("it counts leaks only")
    }

    /// How many leaks have each value of a field, counted by the provider, largest first.
    async fn count_by(
        &self,
        query: &LeakQuery,
        by: GroupBy,
    ) -> Result<Vec<GroupCount>, ProviderError> {
        let _ = (query, by);
        unsupported("it does not group")
    }

    /// One leak, without its secret, and what it is connected to.
    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError>;

    /// The secret of one leak. The only call that keeps one.
    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        let _ = id;
        unsupported("it shows no passwords")
    }

    /// The domains that the provider watches for this profile.
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError>;

    /// One page of the users that it lists itself, from the default token on. A term that it cannot narrow by is left
    /// out.
    async fn users(&self, query: &EntityQuery, page: PageToken) -> Result<UserPage, ProviderError> {
        let _ = (query, page);
        unsupported("it lists no users")
    }

    /// One page of the connections that it lists itself, from the default token on. A term that it cannot narrow by is
    /// left out.
    async fn connections(
        &self,
        query: &EntityQuery,
        page: PageToken,
    ) -> Result<ConnectionPage, ProviderError> {
        let _ = (query, page);
        unsupported("it lists no connections")
    }

    /// One user by its remote id, and what it is connected to.
    async fn user(&self, id: &RemoteId) -> Result<(User, Related), ProviderError> {
        let _ = id;
        unsupported("it lists no users")
    }

    /// One connection by its remote id, and what it is connected to.
    async fn connection(&self, id: &RemoteId) -> Result<(Connection, Related), ProviderError> {
        let _ = id;
        unsupported("it lists no connections")
    }

    /// Whether an id can be sent at all.
    fn accepts_id(&self, id: &RemoteId) -> bool {
        self.capabilities().ids.accepts(id.as_bytes())
    }

    /// Sends one chunk of changes, once. Never retried here: the caller reads back first.
    async fn send(&self, ids: &[RemoteId], status: Status) -> Answer {
        let _ = (ids, status);
        Answer::NotSent(ProviderError::Unsupported {
            why: "it stores no status".into(),
        })
    }

    /// Reads leaks back by the cheapest sufficient reads: every id gets exactly one reading. The second member is how
    /// many requests it took.
    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<Reading>, u64) {
        let _ = wanted;
        let unread = |id: &RemoteId| {
            let error = ProviderError::Unsupported {
                why: "it stores no status".into(),
            };
            (id.clone(), ReadBack::Unread(error))
        };
        (ids.iter().map(unread).collect(), 0)
    }

    /// How many requests reading `changes` leaks back is expected to take, when the profile has `total` leaks.
    fn read_back_cost(&self, changes: u64, total: u64) -> u64 {
        let _ = (changes, total);
        0
    }

    /// What a provider's own status word means.
    fn status_of(&self, word: &Text) -> Status {
        let _ = word;
        Status::Unknown
    }

    /// One page through the provider's own export operation, as JSON or as CSV.
    async fn export(
        &self,
        query: &LeakQuery,
        page: PageToken,
        csv: bool,
    ) -> Result<LeakPage, ProviderError> {
        let _ = (query, page, csv);
        unsupported("it has no export of its own")
    }

    /// Public statistics.
    async fn stats(
        &self,
        subject: &StatsSubject,
        unmask_email: bool,
    ) -> Result<Stats, ProviderError> {
        let _ = (subject, unmask_email);
        unsupported("it has no public statistics")
    }

    /// Related domains, all of them.
    async fn associated(
        &self,
        query: &AssociatedQuery,
    ) -> Result<Listed<Associated>, ProviderError> {
        let _ = query;
        unsupported("it lists no related domains")
    }

    /// A proof of ownership.
    async fn verification(
        &self,
        call: &VerificationCall,
    ) -> Result<VerificationAnswer, ProviderError> {
        let _ = call;
        unsupported("it takes no proofs of ownership")
    }

    /// Plan and limits.
    async fn subscription(&self) -> Result<Subscription, ProviderError> {
        unsupported("it does not tell plan and limits")
    }

    /// Looks something up: one answer for each operation that knows of it, in the contract's order.
    async fn lookup(&self, lookup: &Lookup) -> Vec<LookupAnswer> {
        let _ = lookup;
        Vec::new()
    }

    /// The catalogue of breaches.
    async fn breaches(&self, query: &BreachQuery) -> Result<Listed<Breach>, ProviderError> {
        let _ = query;
        unsupported("it has no catalogue of breaches")
    }

    /// One breach by its name.
    async fn breach(&self, name: &str) -> Result<Breach, ProviderError> {
        let _ = name;
        unsupported("it has no catalogue of breaches")
    }

    /// The breach that came into the catalogue last.
    async fn latest_breach(&self) -> Result<Breach, ProviderError> {
        unsupported("it has no catalogue of breaches")
    }

    /// The kinds of data that breaches hold.
    async fn data_classes(&self) -> Result<Vec<Text>, ProviderError> {
        unsupported("it has no catalogue of breaches")
    }

    /// The pastes that an address is in; none where it is in none.
    async fn pastes(&self, address: &str) -> Result<Listed<Paste>, ProviderError> {
        let _ = address;
        unsupported("it knows no pastes")
    }

    /// The services that pastes are looked for on.
    async fn paste_sources(&self) -> Result<Vec<Text>, ProviderError> {
        unsupported("it knows no pastes")
    }

    /// The administration of API keys, with a token of its own.
    async fn api_keys(
        &self,
        token: &Secret,
        call: &ApiKeyCall,
    ) -> Result<ApiKeyAnswer, ProviderError> {
        let _ = (token, call);
        unsupported("its keys cannot be administered from here")
    }

    /// The cheapest call that proves address and key.
    async fn check(&self) -> Result<(), ProviderError>;
}

fn unsupported<T>(why: &str) -> Result<T, ProviderError> {
    Err(ProviderError::Unsupported { why: why.into() })
}

/// An adapter, or why there is none for these settings.
pub type Connected = Result<Arc<dyn Provider>, ProviderError>;

/// One provider's row.
pub struct Registration {
    /// As configuration spells it.
    pub id: &'static str,
    /// As a person calls it.
    pub title: &'static str,
    /// Its documented base URL.
    pub base_url: &'static str,
    /// Attribution that must be shown with its data.
    pub attribution: Option<&'static str>,
    /// Makes the adapter of one profile.
    pub connect: fn(ProfileSettings, Secret) -> Connected,
    /// The same within other limits of the transport, for the conformance suite.
    pub connect_within: fn(ProfileSettings, Secret, Limits) -> Connected,
}

/// Every provider that is built, one row each.
pub const REGISTRY: &[Registration] = &[
    projectdiscovery::REGISTRATION,
    leaks_ai::REGISTRATION,
    leaked_checker::REGISTRATION,
];

/// The row of a provider.
pub fn registration(id: &str) -> Option<&'static Registration> {
    REGISTRY.iter().find(|row| row.id == id)
}

/// Whether an id can be one of a provider's leaks.
pub fn takes_id(id: &str, leak: &[u8]) -> bool {
    id != projectdiscovery::REGISTRATION.id || projectdiscovery::IDS.accepts(leak)
}

/// The statuses that a provider stores itself: none of them is ever kept here for its leaks.
pub fn stores(id: &str) -> &'static [Status] {
    if id == projectdiscovery::REGISTRATION.id {
        projectdiscovery::STATUSES
    } else {
        &[]
    }
}

/// Whose data a profile's breaches and pastes are, where that must be said: the profile's own words for it, else the
/// provider's with the profile's address.
pub fn attribution(settings: &ProfileSettings) -> Option<String> {
    if settings.attribution.is_some() {
        return settings.attribution.clone();
    }
    let line = registration(settings.provider.as_str())?.attribution?;
    let address = url::Url::parse(&settings.base_url).ok()?;
    Some(format!(
        "{line}, {}",
        address.origin().ascii_serialization()
    ))
}

/// An owned leak of a one-row batch, for `show`.
pub fn single(batch: &LeakBatch, settings: &ProfileSettings) -> Option<Leak> {
    let row = batch.iter().next()?;
    let id = RemoteId::from(row.text(crate::entity::leak::LeakField::Id));
    Some(Leak::from_row(
        crate::entity::key::EntityKey::leak(settings.name.clone(), id),
        settings.provider.clone(),
        &row,
    ))
}
