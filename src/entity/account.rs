//! What the operations beside leaks answer: statistics, related domains, proofs of ownership, plan and limits.

use super::{
    key::{ProfileName, ProviderId},
    raw_text::RawText,
    secret::Secret,
};
use serde::Serialize;
use serde_json::value::RawValue;

/// Counters of public statistics; absent ones are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct StatsTotals {
    /// All leaks.
    pub leaks: Option<u64>,
    /// Infected machines.
    pub devices: Option<u64>,
    /// Personal leaks.
    pub personal: Option<u64>,
    /// Leaks of employees.
    pub employees: Option<u64>,
    /// Leaks of customers.
    pub customers: Option<u64>,
    /// Rows in combination lists.
    pub combolists: Option<u64>,
}

/// A value and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// The value.
    pub value: RawText,
    /// How often.
    pub count: u64,
}

/// A URL (or service), whose leaks they are, and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UrlCount {
    /// `personal`, `employee`, `customer`; `None` where the answer does not say.
    pub class: Option<&'static str>,
    /// The URL or service.
    pub value: RawText,
    /// How often.
    pub count: u64,
}

/// Leaks of one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelinePoint {
    /// `YYYY-MM`.
    pub month: String,
    /// Whose leaks; `None` where the answer does not say.
    pub class: Option<&'static str>,
    /// How many.
    pub count: u64,
}

/// Which of the two published shapes an answer had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StatsShape {
    /// Arrays of one-member objects, as the OpenAPI document has it.
    Arrays,
    /// Flat, as the prose pages have it.
    Flat,
}

/// Public statistics of a domain or an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// The domain or address that was asked about.
    pub subject: RawText,
    /// Which shape came.
    pub shape: StatsShape,
    /// The counters.
    pub totals: StatsTotals,
    /// By country.
    pub countries: Vec<ValueCount>,
    /// By URL.
    pub urls: Vec<UrlCount>,
    /// By month.
    pub timeline: Vec<TimelinePoint>,
}

/// What public statistics are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatsSubject {
    /// A domain.
    Domain(String),
    /// An address.
    Email(String),
}

/// A related domain.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedDomain {
    /// Its name.
    pub domain: RawText,
    /// Where the relation was found.
    pub sources: Vec<RawText>,
    /// The provider's evidence, as it came; `null` if none.
    pub evidence: Option<Box<RawValue>>,
}

/// What related domains are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RelatedDomainQuery {
    /// One domain; all verified ones if none.
    pub domain: Option<String>,
    /// Only from these sources.
    pub sources: Vec<String>,
    /// Only active ones.
    pub active: Option<bool>,
    /// The provider's sort key.
    pub sort: Option<String>,
    /// Names alone, one a line.
    pub raw: bool,
}

/// How ownership is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::EnumString, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum VerificationType {
    /// A TXT record.
    Dns,
    /// A meta tag.
    Html,
    /// A file.
    File,
}

/// One call of the proof of ownership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerificationRequest {
    /// Start.
    Start {
        /// The root domain.
        domain: String,
        /// How.
        method: VerificationType,
        /// An address of the domain that the provider shall send a link to, in place of that.
        email: Option<String>,
    },
    /// Ask the provider to check.
    Confirm {
        /// The root domain.
        domain: String,
        /// How.
        method: VerificationType,
        /// Whom to tell.
        email: Option<String>,
    },
    /// Give it up.
    Withdraw {
        /// The root domain.
        domain: String,
        /// How.
        method: VerificationType,
    },
    /// List all.
    Status,
}

/// One proof of ownership in the provider's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerificationRecord {
    /// The domain.
    pub domain: RawText,
    /// `pending`, `verified`, `expired`, `deleted`, `failed`, or a word that we do not know.
    pub status: RawText,
    /// How, in the provider's word.
    #[serde(rename = "type")]
    pub method: Option<RawText>,
    /// What to publish, while it is pending.
    pub string: Option<RawText>,
    /// When it was asked for.
    pub created_at: Option<RawText>,
    /// How often it was checked.
    pub attempts: Option<u64>,
    /// When it was last checked.
    pub last_attempt_at: Option<RawText>,
}

/// What a call of the proof of ownership answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerificationResponse {
    /// To `Request`: what to publish.
    Requested {
        /// The domain.
        domain: RawText,
        /// How.
        method: VerificationType,
        /// The proof itself.
        string: RawText,
        /// What to publish where, in our words.
        publish: String,
    },
    /// To `Confirm` and `Drop`.
    Done {
        /// The domain.
        domain: RawText,
        /// The provider's words.
        message: RawText,
    },
    /// To `Status`.
    List(Vec<VerificationRecord>),
}

/// One call of the administration of API keys. It goes out with a token of its own, not with the profile's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiKeyRequest {
    /// List them.
    List,
    /// Make one.
    Create {
        /// What to call it.
        name: String,
    },
    /// Take one back.
    Revoke {
        /// Its id.
        id: String,
    },
    /// How much one was used.
    Usage {
        /// Its id.
        id: String,
    },
}

/// An API key in the provider's list. The key itself is never in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: Option<RawText>,
    /// What it is called.
    pub name: Option<RawText>,
    /// What else the provider says of it, by the provider's names; never a key.
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// What a call of the administration of API keys answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiKeyResponse {
    /// To `List`.
    List(Vec<ApiKeyRecord>),
    /// To `Create`: the one answer with a key in it.
    Created {
        /// Its id.
        id: Option<RawText>,
        /// What it is called.
        name: Option<RawText>,
        /// The key: to be shown once and stored nowhere.
        key: Secret,
    },
    /// To `Revoke`.
    Revoked,
    /// To `Usage`: the provider's members, as they came.
    Usage(serde_json::Map<String, serde_json::Value>),
}

/// Plan and limits of a profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subscription {
    /// Whose.
    pub profile: ProfileName,
    /// At which provider.
    pub provider: ProviderId,
    /// The plan's name.
    pub plan: Option<RawText>,
    /// Until when, as it came.
    pub until: Option<RawText>,
    /// Whether it is in force.
    pub active: Option<bool>,
    /// Requests a minute.
    pub rpm: Option<u32>,
    /// Whatever else it counts, by the provider's names.
    pub limits: serde_json::Map<String, serde_json::Value>,
}
