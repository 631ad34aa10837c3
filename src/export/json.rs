//! The JSON of every entity: each member that the schema lists is there, `null` where it does not apply. Text is exact,
//! as it came; only the secret is masked. Structs are written straight out: bytes that are no UTF-8 would not survive a
//! tree of values.

mod job;
pub mod list;

pub use job::job_json;

use super::{
    Record,
    breach::{breach_json, object, paste_json},
};
use crate::entity::{
    claim::ConsoleId,
    connection::{Connection, ConnectionKind, ResourceType},
    domain::{Domain, LeakCounts},
    files::Origin,
    job::{JobCommand, Plan, SkipCode},
    key::{EntityKey, JobId, ProfileName, ProviderId, RemoteId},
    leak::{Device, Leak, PasswordState, Risk, StatusBy},
    raw_text::RawText,
    role::Role,
    status::{Status, StatusSource},
    user::{IdentityType, User},
};
use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

/// The number of the schema.
pub const SCHEMA: u8 = 1;

/// What stands for any secret, whatever its length.
pub const MASK: &str = "********";

/// The schema's number, then the body's own members.
#[derive(Clone, Debug, Serialize)]
pub struct Schema<T> {
    schema: u8,
    #[serde(flatten)]
    body: T,
}

impl<T> Schema<T> {
    /// Puts the number before a body.
    pub fn new(body: T) -> Self {
        Self {
            schema: SCHEMA,
            body,
        }
    }
}

/// An answer: the schema's number and one named body, such as `{"schema":1,"plan":{…}}`.
pub fn answer<T: Serialize>(name: &'static str, body: T) -> impl Serialize {
    Answer { name, body }
}

struct Answer<T> {
    name: &'static str,
    body: T,
}

impl<T: Serialize> Serialize for Answer<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("schema", &SCHEMA)?;
        map.serialize_entry(self.name, &self.body)?;
        map.end()
    }
}

/// A record's own members.
pub(super) struct PlainRecord<'a>(pub(super) Record<'a>);

impl Serialize for PlainRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Record::Leak(leak) => leak_json(leak).serialize(serializer),
            Record::User(user) => user_json(user).serialize(serializer),
            Record::Domain(domain) => domain_json(domain).serialize(serializer),
            Record::Connection(connection) => connection_json(connection).serialize(serializer),
            Record::Job(job) => job_json(job, None).serialize(serializer),
        }
    }
}

/// A leak.
pub fn leak_json(leak: &Leak) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a, B> {
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a ProviderId,
        id: RawText,
        domain: &'a Option<RawText>,
        login: &'a Option<RawText>,
        url: &'a Option<RawText>,
        status: Status,
        status_source: StatusSource,
        status_by: Option<StatusBy>,
        remote_status: &'a Option<RawText>,
        disputed: bool,
        risk: Option<Risk>,
        class: &'a Option<RawText>,
        first_seen: &'a Option<RawText>,
        added_at: &'a Option<RawText>,
        country: &'a Option<RawText>,
        device: &'a Option<Device>,
        breach: Option<B>,
        password: Option<&'static str>,
        password_state: PasswordState,
        sources: u32,
        claim: Option<ClaimInfo>,
        reason: Option<&'a str>,
        note: Option<&'a str>,
        ticket: Option<&'a str>,
        noted: Option<NoteInfo>,
        connections: &'a Option<Vec<EntityKey>>,
        attribution: &'a Option<String>,
        damaged: bool,
        origin: Option<&'a Origin>,
    }
    /// Who has taken it on.
    #[derive(Serialize)]
    struct ClaimInfo {
        by: String,
        until: Timestamp,
        console: String,
        role: Option<Role>,
    }
    /// Whose the words are.
    #[derive(Serialize)]
    struct NoteInfo {
        by: Option<String>,
        at: Timestamp,
        job: Option<JobId>,
    }
    let words = leak.last_note.as_ref().map(|noted| &noted.justification);
    Json {
        key: &leak.key,
        profile: &leak.key.profile,
        provider: &leak.provider,
        id: id(&leak.key.id),
        domain: &leak.domain,
        login: &leak.login,
        url: &leak.url,
        status: leak.status,
        status_source: leak.status_source,
        status_by: leak.status_by,
        remote_status: &leak.remote_status,
        disputed: leak.disputed,
        risk: leak.risk,
        class: &leak.class,
        first_seen: &leak.first_seen,
        added_at: &leak.added_at,
        country: &leak.country,
        device: &leak.device,
        breach: leak.breach.as_ref().map(breach_json),
        password: match leak.password {
            PasswordState::Hidden | PasswordState::MaskedByProvider | PasswordState::Empty => {
                Some(MASK)
            }
            PasswordState::None => None,
        },
        password_state: leak.password,
        sources: leak.sources,
        claim: leak.claim.as_ref().map(|claim| ClaimInfo {
            by: claim.claimant.user_at_host(),
            until: claim.expires_at,
            console: claim.claimant.console.clone(),
            role: claim.role,
        }),
        reason: words.and_then(|words| words.reason.as_deref()),
        note: words.and_then(|words| words.note.as_deref()),
        ticket: words.and_then(|words| words.ticket.as_deref()),
        noted: leak.last_note.as_ref().map(|noted| NoteInfo {
            by: noted.author.as_ref().map(ConsoleId::user_at_host),
            at: noted.noted_at,
            job: noted.job,
        }),
        connections: &leak.connections,
        attribution: &leak.attribution,
        damaged: leak.damaged,
        origin: leak.origin.as_deref(),
    }
}

/// A user.
pub fn user_json(user: &User) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a> {
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a ProviderId,
        id: RawText,
        login: &'a RawText,
        identity_type: Option<IdentityType>,
        risk: Option<Risk>,
        first_seen: &'a Option<RawText>,
        leaks: LeakCounts,
        sources: u32,
        connections: &'a Option<Vec<EntityKey>>,
    }
    Json {
        key: &user.key,
        profile: &user.key.profile,
        provider: &user.provider,
        id: id(&user.key.id),
        login: &user.login,
        identity_type: user.identity_type,
        risk: user.risk,
        first_seen: &user.first_seen,
        leaks: user.leaks,
        sources: user.sources,
        connections: &user.connections,
    }
}

/// A domain.
pub fn domain_json(domain: &Domain) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a> {
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a ProviderId,
        id: RawText,
        name: &'a RawText,
        verified: Option<bool>,
        archived: Option<bool>,
        leaks: Option<LeakCounts>,
        sources: u32,
    }
    Json {
        key: &domain.key,
        profile: &domain.key.profile,
        provider: &domain.provider,
        id: id(&domain.key.id),
        name: &domain.name,
        verified: domain.verified,
        archived: domain.archived,
        leaks: domain.leaks,
        sources: domain.sources,
    }
}

/// A connection.
pub fn connection_json(connection: &Connection) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a, B, P> {
        key: &'a EntityKey,
        profile: &'a ProfileName,
        provider: &'a ProviderId,
        id: RawText,
        form: ConnectionKind,
        name: &'a RawText,
        resource_type: Option<ResourceType>,
        date: &'a Option<RawText>,
        leaks: Option<u64>,
        device: &'a Option<Device>,
        country: &'a Option<RawText>,
        risk: Option<Risk>,
        tree: &'a Option<Vec<RawText>>,
        metadata: Option<Box<RawValue>>,
        breach: Option<B>,
        paste: Option<P>,
        attribution: &'a Option<String>,
    }
    Json {
        key: &connection.key,
        profile: &connection.key.profile,
        provider: &connection.provider,
        id: id(&connection.key.id),
        form: connection.kind,
        name: &connection.name,
        resource_type: connection.resource_type,
        date: &connection.date,
        leaks: connection.leaks,
        device: &connection.device,
        country: &connection.country,
        risk: connection.risk,
        tree: &connection.tree,
        metadata: connection.metadata.as_ref().and_then(object),
        breach: connection.breach.as_ref().map(breach_json),
        paste: connection.paste.as_ref().map(paste_json),
        attribution: &connection.attribution,
    }
}

#[derive(Serialize)]
struct WantedChange {
    status: Status,
}

/// A plan: what stands behind `"plan"` in an answer.
pub fn plan_json(plan: &Plan) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct Json<'a> {
        hash: &'a str,
        command: JobCommand,
        change: WantedChange,
        profiles: Vec<Share<'a>>,
        targets: usize,
        eligible: Vec<&'a EntityKey>,
        skipped: Vec<SkippedLeak<'a>>,
        remote: usize,
        local: usize,
        requests: u64,
        reads: u64,
        eta_seconds: Option<u64>,
        lossy: Vec<Mapping<'a>>,
    }
    #[derive(Serialize)]
    struct Share<'a> {
        profile: &'a ProfileName,
        provider: &'a ProviderId,
        remote: usize,
        local: usize,
    }
    #[derive(Serialize)]
    struct Mapping<'a> {
        profile: &'a ProfileName,
        wanted: Status,
        stored: Status,
    }
    #[derive(Serialize)]
    struct SkippedLeak<'a> {
        key: &'a EntityKey,
        code: SkipCode,
        reason: &'a str,
    }
    Json {
        hash: &plan.hash,
        command: plan.command,
        change: WantedChange {
            status: plan.wanted,
        },
        profiles: plan
            .shares
            .iter()
            .map(|share| Share {
                profile: &share.binding.name,
                provider: &share.binding.provider,
                remote: share.remote,
                local: share.local,
            })
            .collect(),
        targets: plan.targets(),
        eligible: plan.eligible.iter().map(|change| &change.key).collect(),
        skipped: plan
            .skipped
            .iter()
            .map(|skipped| SkippedLeak {
                key: &skipped.key,
                code: skipped.code,
                reason: &skipped.reason,
            })
            .collect(),
        remote: plan.remote(),
        local: plan.local(),
        requests: plan.requests,
        reads: plan.reads,
        eta_seconds: plan.eta_seconds,
        lossy: plan
            .inexact_mappings
            .iter()
            .map(|lossy| Mapping {
                profile: &lossy.profile,
                wanted: lossy.wanted,
                stored: lossy.stored,
            })
            .collect(),
    }
}

fn id(id: &RemoteId) -> RawText {
    RawText::from(id.as_bytes())
}
