//! ProjectDiscovery Cloud: fifteen operations, and the places where its documents contradict each other.
//!
//! Wire shapes are read in this folder and nowhere else: [`row`] (one leak), [`list`] (pages and counts), [`item`]
//! (one leak by its id), [`change`] (writing and reading back), [`export`], [`stats`] and [`domains`].

mod change;
mod domains;
mod export;
mod item;
mod list;
mod row;
mod stats;

use super::{
    AssociatedDomainSource, DomainSource, DomainVerification, ExportSource, GroupCounter,
    LeakSource, Provider, Registration, SecretSource, StatsSource, StatusStore, SubscriptionSource,
    handles, judge::JUDGE, malformed_error, unsupported_error,
};
use crate::entity::{
    account::{
        RelatedDomain, RelatedDomainQuery, Stats, StatsSubject, Subscription, VerificationRequest,
        VerificationResponse,
    },
    capability::{IdFormat, StoreLimits},
    change_response::{ChangeResponse, ReadBackEntry},
    connection::Related,
    domain::Domain,
    error::ProviderError,
    key::RemoteId,
    leak::LeakBatch,
    option::{AddressForm, KeyNeed, OptionForm, OptionSpec},
    page::{FullList, LeakPage, PageRequest},
    profile::{AdapterSettings, RateBudget},
    query::{CountField, GroupCount, LeakQuery},
    raw_text::RawText,
    secret::Secret,
    seen::Probe,
    status::Status,
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
    ids: ID_FORMAT,
    key: KeyNeed::Required,
    address: AddressForm::Http,
    options: OPTIONS,
    connect,
    connect_with_limits,
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
        form: OptionForm::Choice(&["x-api-key", BEARER]),
    },
    OptionSpec {
        name: LISTS,
        form: OptionForm::Choice(&["current", DEPRECATED]),
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
const ID_FORMAT: IdFormat = IdFormat::Hex32;
/// What it stores.
const STATUSES: &[Status] = &[Status::Open, Status::Fixed];

fn connect(settings: AdapterSettings, key: Secret) -> Result<Arc<dyn Provider>, ProviderError> {
    connect_with_limits(settings, key, Limits::default())
}

fn connect_with_limits(
    settings: AdapterSettings,
    key: Secret,
    limits: Limits,
) -> Result<Arc<dyn Provider>, ProviderError> {
    let header = if settings.options.is_choice(AUTH, BEARER) {
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
    let in_use = if settings.options.is_choice(LISTS, DEPRECATED) {
        ListVersion::Deprecated
    } else {
        ListVersion::Unknown
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
enum ListVersion {
    /// The current one, which has not answered yet.
    Unknown = 0,
    /// The current one.
    Current = 1,
    /// The deprecated three.
    Deprecated = 2,
}

/// The adapter of one profile.
struct ProjectDiscovery {
    transport: Transport,
    settings: AdapterSettings,
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
    fn list_version(&self) -> ListVersion {
        match self.lists.load(Ordering::Relaxed) {
            1 => ListVersion::Current,
            2 => ListVersion::Deprecated,
            _ => ListVersion::Unknown,
        }
    }

    fn set_list_version(&self, lists: ListVersion) {
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
    fn requested_rows(&self, page: PageRequest) -> u32 {
        if page.size == 0 {
            self.page_size()
        } else {
            page.size
        }
    }

    /// Why nothing may be changed on this profile, if so.
    fn change_refusal(&self) -> Option<ProviderError> {
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
fn status_word(status: Status) -> Option<&'static str> {
    match status {
        Status::Fixed => Some("fixed"),
        Status::Open => Some("open"),
        Status::New | Status::Investigating | Status::FalsePositive | Status::Unknown => None,
    }
}

/// What its word means. `NA` is never explained, and `unfixed` was a filter's value once: both are unknown.
fn parse_status(word: &[u8]) -> Status {
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
    fn budget(&self) -> watch::Receiver<RateBudget> {
        self.transport.budget()
    }

    async fn check(&self) -> Result<(), ProviderError> {
        match self.scan_token().await {
            Err(error) if is_gone(&error) => {
                self.count_leaks(&LeakQuery::default()).await.map(drop)
            }
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

    handles! {
        domains: DomainSource,
        grouping: GroupCounter,
        export: ExportSource,
        stats: StatsSource,
        associated_domains: AssociatedDomainSource,
        domain_verification: DomainVerification,
        subscription: SubscriptionSource,
    }
}

#[async_trait]
impl LeakSource for ProjectDiscovery {
    fn page_size(&self) -> u32 {
        self.settings.page_size.unwrap_or(PAGE_SIZE).max(1)
    }

    async fn page(&self, query: &LeakQuery, page: PageRequest) -> Result<LeakPage, ProviderError> {
        self.list(query, page).await
    }

    async fn count(&self, query: &LeakQuery) -> Result<u64, ProviderError> {
        self.count_leaks(query).await
    }

    async fn probe(&self) -> Result<Option<Probe>, ProviderError> {
        self.probe_leaks().await
    }

    fn accepts_id(&self, id: &RemoteId) -> bool {
        ID_FORMAT.accepts(id.as_bytes())
    }

    async fn leak(&self, id: &RemoteId) -> Result<(LeakBatch, Related), ProviderError> {
        Ok((self.fetch_leak(id).await?, Related::default()))
    }

    fn parse_status(&self, word: &RawText) -> Status {
        parse_status(word.as_bytes())
    }
}

#[async_trait]
impl StatusStore for ProjectDiscovery {
    fn limits(&self) -> StoreLimits {
        StoreLimits {
            statuses: STATUSES.to_vec(),
            wider_reach: Vec::new(),
            ids: ID_FORMAT,
            changes: self.settings.bulk_size.unwrap_or(BULK_SIZE).max(1),
        }
    }

    fn request(&self) -> &'static str {
        "POST /v1/leaks/status"
    }

    async fn set_statuses(&self, ids: &[RemoteId], status: Status) -> ChangeResponse {
        self.change(ids, status).await
    }

    async fn read_back(&self, ids: &[RemoteId], wanted: Status) -> (Vec<ReadBackEntry>, u64) {
        self.read_back_leaks(ids, wanted).await
    }

    fn read_back_cost(&self, changes: u64, total: u64) -> u64 {
        self.estimate_read_back_requests(changes, total)
    }
}

#[async_trait]
impl SecretSource for ProjectDiscovery {
    fn request(&self) -> &'static str {
        "POST /v1/leaks/info"
    }

    async fn reveal(&self, id: &RemoteId) -> Result<Secret, ProviderError> {
        self.fetch_secret(id).await
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
    async fn count_grouped(
        &self,
        query: &LeakQuery,
        by: CountField,
    ) -> Result<Vec<GroupCount>, ProviderError> {
        self.count_groups(query, by).await
    }
}

#[async_trait]
impl ExportSource for ProjectDiscovery {
    async fn export(
        &self,
        query: &LeakQuery,
        page: PageRequest,
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
impl AssociatedDomainSource for ProjectDiscovery {
    async fn list_associated(
        &self,
        query: &RelatedDomainQuery,
    ) -> Result<FullList<RelatedDomain>, ProviderError> {
        self.related_domains(query).await
    }
}

#[async_trait]
impl DomainVerification for ProjectDiscovery {
    async fn verify(
        &self,
        call: &VerificationRequest,
    ) -> Result<VerificationResponse, ProviderError> {
        self.verification(call).await
    }
}

#[async_trait]
impl SubscriptionSource for ProjectDiscovery {
    async fn subscription(&self) -> Result<Subscription, ProviderError> {
        self.plan().await
    }
}
