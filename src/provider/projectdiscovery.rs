//! ProjectDiscovery Cloud: fifteen operations, and the places where its documents contradict each other.
//!
//! Wire shapes are read in this folder and nowhere else: [`row`] (one leak), [`list`] (pages and counts), [`one`]
//! (one leak by its id), [`change`] (writing and reading back), [`export`], [`stats`] and [`domains`].

mod change;
mod domains;
mod export;
mod list;
mod one;
mod row;
mod stats;

use super::{
    AssociatedDomains, DomainSource, DomainVerification, ExportSource, GroupCounter, LeakSource,
    Provider, Registration, SecretSource, StatsSource, StatusStore, SubscriptionSource,
    judge::JUDGE, malformed, unsupported,
};
use crate::entity::{
    answer::{Answer, Reading},
    capability::{IdRule, StoreLimits},
    connection::Related,
    domain::Domain,
    error::ProviderError,
    key::RemoteId,
    leak::LeakBatch,
    option::{AddressForm, KeyNeed, OptionForm, OptionSpec},
    page::{LeakPage, Listed, PageToken},
    profile::{Budget, ProfileSettings},
    query::{GroupBy, GroupCount, LeakQuery},
    report::{
        Associated, AssociatedQuery, Stats, StatsSubject, Subscription, VerificationAnswer,
        VerificationCall,
    },
    secret::Secret,
    seen::Probe,
    status::Status,
    text::Text,
};
use crate::http::{KeyHeader, Limits, Request, Transport};
use async_trait::async_trait;
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use tokio::sync::watch;

/// Its row.
pub const REGISTRATION: Registration = Registration {
    id: "projectdiscovery",
    title: "ProjectDiscovery",
    base_url: "https://api.projectdiscovery.io",
    attribution: None,
    statuses: STATUSES,
    ids: IDS,
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: OPTIONS,
    connect,
    connect_within,
};

/// Send the team id on list, info and status too.
const TEAM_EVERYWHERE: &str = "team_everywhere";
/// How the key is presented: `X-API-Key: …` or `Authorization: Bearer …`.
const AUTH: &str = "auth";
const BEARER: &str = "bearer";
/// Which lists to read: `GET /v1/leaks`, and the deprecated three when it answers 404, 405 or 410; or these at once.
const LISTS: &str = "lists";
const DEPRECATED: &str = "deprecated";
/// Send the key for statistics too, which are said to be public.
const STATS_WITH_KEY: &str = "stats_with_key";

/// The settings of its own.
const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: TEAM_EVERYWHERE,
        form: OptionForm::Flag,
    },
    OptionSpec {
        name: AUTH,
        form: OptionForm::Word(&["x-api-key", BEARER]),
    },
    OptionSpec {
        name: LISTS,
        form: OptionForm::Word(&["current", DEPRECATED]),
    },
    OptionSpec {
        name: STATS_WITH_KEY,
        form: OptionForm::Flag,
    },
];

/// Rows in a page, where the profile does not say.
const PAGE_SIZE: u32 = 1000;

/// Changes in a request, where the profile does not say: the provider publishes no limit.
const BULK_SIZE: u32 = 100;

/// How its ids look.
const IDS: IdRule = IdRule::Hex32;
/// What it stores.
const STATUSES: &[Status] = &[Status::Open, Status::Fixed];

fn connect(settings: ProfileSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_within(settings, key, Limits::default())
}

fn connect_within(
    settings: ProfileSettings,
    key: Secret,
    limits: Limits,
) -> Result<Arc<dyn Provider>, ProviderError> {
    let header = if settings.options.is_word(AUTH, BEARER) {
        KeyHeader {
            name: "authorization",
            prefix: "Bearer ",
        }
    } else {
        KeyHeader {
            name: "x-api-key",
            prefix: "",
        }
    };
    let transport = Transport::new(&settings, key, header, limits, JUDGE)?;
    let in_use = if settings.options.is_word(LISTS, DEPRECATED) {
        InUse::Deprecated
    } else {
        InUse::Untried
    };
    Ok(Arc::new(ProjectDiscovery {
        transport,
        settings,
        lists: AtomicU8::new(in_use as u8),
    }))
}

/// Which lists this session reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum InUse {
    /// The current one, which has not answered yet.
    Untried = 0,
    /// The current one.
    Current = 1,
    /// The deprecated three.
    Deprecated = 2,
}

/// The adapter of one profile.
struct ProjectDiscovery {
    transport: Transport,
    settings: ProfileSettings,
    lists: AtomicU8,
}

/// Whether an operation is documented to take `X-Team-Id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Team {
    /// It is.
    Documented,
    /// It is not: only with `team_everywhere`.
    Undocumented,
}

impl ProjectDiscovery {
    fn in_use(&self) -> InUse {
        match self.lists.load(Ordering::Relaxed) {
            1 => InUse::Current,
            2 => InUse::Deprecated,
            _ => InUse::Untried,
        }
    }

    fn use_lists(&self, lists: InUse) {
        self.lists.store(lists as u8, Ordering::Relaxed);
    }

    /// Adds the workspace where it belongs.
    fn with_team(&self, request: Request, team: Team) -> Request {
        let wanted = team == Team::Documented || self.settings.options.is_set(TEAM_EVERYWHERE);
        match &self.settings.team_id {
            Some(id) if wanted => request.header("x-team-id", id),
            _ => request,
        }
    }

    /// How many rows to ask for.
    fn size_of(&self, page: PageToken) -> u32 {
        if page.size == 0 {
            self.page_size()
        } else {
            page.size
        }
    }

    /// Why nothing may be changed on this profile, if so.
    fn no_changes(&self) -> Option<ProviderError> {
        let why = if self.settings.read_only {
            "the profile is read-only"
        } else if self.transport.is_insecure() {
            "nothing is changed over plain http"
        } else {
            return None;
        };
        Some(ProviderError::Policy { why: why.into() })
    }
}

/// The word that the provider stores for a status.
fn word_of(status: Status) -> Option<&'static str> {
    match status {
        Status::Fixed => Some("fixed"),
        Status::Open => Some("open"),
        Status::New | Status::Investigating | Status::FalsePositive | Status::Unknown => None,
    }
}

/// What its word means. `NA` is never explained, and `unfixed` was a filter's value once: both are unknown.
fn status_of(word: &[u8]) -> Status {
    match word {
        b"fixed" => Status::Fixed,
        b"open" => Status::Open,
        _ => Status::Unknown,
    }
}

/// Whether the provider says in its own words that an operation is not there any more, or not yet.
fn is_missing(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::NotFound { .. } | ProviderError::Rejected { status: 405, .. }
    )
}

/// Returns true if an operation is not there, by the word of the provider or of a gateway: another one is tried then.
fn is_gone(error: &ProviderError) -> bool {
    is_missing(error)
        || matches!(
            error,
            ProviderError::NotThisService {
                status: 404 | 410,
                ..
            }
        )
}

#[async_trait]
impl Provider for ProjectDiscovery {
    fn budget(&self) -> watch::Receiver<Budget> {
        self.transport.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        match self.scan_token().await {
            Err(error) if is_gone(&error) => self.count_all(&LeakQuery::default()).await.map(drop),
            other => other.map(drop),
        }
    }

    fn leaks(&self) -> &dyn LeakSource {
        self
    }

    fn statuses(&self) -> Option<&dyn StatusStore> {
        Some(self)
    }

    fn secrets(&self) -> Option<&dyn SecretSource> {
        // No password crosses a network in clear.
        (!self.transport.is_insecure()).then_some(self as &dyn SecretSource)
    }

    fn domains(&self) -> Option<&dyn DomainSource> {
        Some(self)
    }

    fn grouping(&self) -> Option<&dyn GroupCounter> {
        Some(self)
    }

    fn export(&self) -> Option<&dyn ExportSource> {
        Some(self)
    }

    fn stats(&self) -> Option<&dyn StatsSource> {
        Some(self)
    }

    fn associated_domains(&self) -> Option<&dyn AssociatedDomains> {
        Some(self)
    }

    fn domain_verification(&self) -> Option<&dyn DomainVerification> {
        Some(self)
    }

    fn subscription(&self) -> Option<&dyn SubscriptionSource> {
        Some(self)
    }
}

#[async_trait]
impl LeakSource for ProjectDiscovery {
    fn page_size(&self) -> u32 {
        self.settings.page_size.unwrap_or(PAGE_SIZE).max(1)
    }

    async fn page(&self, query: &LeakQuery, page: PageToken) -> Result<LeakPage, ProviderError> {
        self.list(query, page).await
    }

    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.count_all(query).await
    }

    async fn probe(&self) -> Result<Option<Probe>, ProviderError> {
        self.probe_leaks().await
    }

    fn accepts_id(&self, id: &RemoteId) -> bool {
        IDS.accepts(id.as_bytes())
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        Ok((self.one_leak(id).await?, Related::default()))
    }

    fn status_of(&self, word: &Text) -> Status {
        status_of(word.as_bytes())
    }
}

#[async_trait]
impl StatusStore for ProjectDiscovery {
    fn limits(&self) -> StoreLimits {
        StoreLimits {
            statuses: STATUSES.to_vec(),
            wider: Vec::new(),
            ids: IDS,
            changes: self.settings.bulk_size.unwrap_or(BULK_SIZE).max(1),
        }
    }

    fn request(&self) -> &'static str {
        "POST /v1/leaks/status"
    }

    async fn send(&self, ids: &[RemoteId], status: Status) -> Answer {
        self.change(ids, status).await
    }

    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<Reading>, u64) {
        self.read_leaks_back(ids, wanted).await
    }

    fn read_back_cost(&self, changes: u64, total: u64) -> u64 {
        self.cost_of_reading_back(changes, total)
    }
}

#[async_trait]
impl SecretSource for ProjectDiscovery {
    fn request(&self) -> &'static str {
        "POST /v1/leaks/info"
    }

    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        self.one_secret(id).await
    }
}

#[async_trait]
impl DomainSource for ProjectDiscovery {
    async fn domains(&self) -> Result<Vec<Domain>, ProviderError> {
        self.verified_domains().await
    }
}

#[async_trait]
impl GroupCounter for ProjectDiscovery {
    async fn count_by(
        &self,
        query: &LeakQuery,
        by: GroupBy,
    ) -> Result<Vec<GroupCount>, ProviderError> {
        self.count_groups(query, by).await
    }
}

#[async_trait]
impl ExportSource for ProjectDiscovery {
    async fn export(
        &self,
        query: &LeakQuery,
        page: PageToken,
        csv: bool,
    ) -> Result<LeakPage, ProviderError> {
        self.export_page(query, page, csv).await
    }
}

#[async_trait]
impl StatsSource for ProjectDiscovery {
    async fn stats(
        &self,
        subject: &StatsSubject,
        unmask_email: bool,
    ) -> Result<Stats, ProviderError> {
        self.public_stats(subject, unmask_email).await
    }
}

#[async_trait]
impl AssociatedDomains for ProjectDiscovery {
    async fn associated(
        &self,
        query: &AssociatedQuery,
    ) -> Result<Listed<Associated>, ProviderError> {
        self.related_domains(query).await
    }
}

#[async_trait]
impl DomainVerification for ProjectDiscovery {
    async fn verify(&self, call: &VerificationCall) -> Result<VerificationAnswer, ProviderError> {
        self.verification(call).await
    }
}

#[async_trait]
impl SubscriptionSource for ProjectDiscovery {
    async fn subscription(&self) -> Result<Subscription, ProviderError> {
        self.plan().await
    }
}
