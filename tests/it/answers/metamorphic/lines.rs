//! The operations, one a line, and the stand-in that has something to find for each.

use super::{Outcome, RunOperation};
use crate::{
    contracts::{
        HIBP as HIBP_CONTRACT, LEAKED_CHECKER as LEAKED_CHECKER_CONTRACT,
        LEAKS_AI as LEAKS_AI_CONTRACT, PROJECTDISCOVERY as PROJECTDISCOVERY_CONTRACT,
    },
    support::fault_server::{RecordedRequest, ServerResponse},
};
use stanch::{
    entity::{
        account::{
            ApiKeyRequest, ApiKeyResponse, RelatedDomainQuery, StatsSubject, VerificationRequest,
            VerificationResponse,
        },
        breach::BreachQuery,
        capability::Ability,
        change_response::ReadBack,
        key::{Kind, RemoteId},
        lookup::{Lookup, Verdict},
        page::{EntityPage, FullList, PageRequest},
        query::{CountField, EntityQuery, LeakQuery},
        secret::Secret,
        status::Status,
    },
    provider::Provider,
};

/// One read operation of a provider.
pub(super) struct OperationCase {
    /// Its name in the contract.
    pub(super) operation: &'static str,
    /// The handle that asks for it; none where that is the leaks or the check of the key.
    pub(super) handle: Option<Ability>,
    /// Whether a request is one for it.
    pub(super) matches: fn(&RecordedRequest) -> bool,
    /// Its answer.
    pub(super) body: &'static str,
    pub(super) is_json: bool,
    /// Where its items are.
    pub(super) items: Option<&'static str>,
    /// Where its counts are; none where there is nothing else in it to hold them against.
    pub(super) counts: &'static [&'static str],
    /// Whether a list without items and without a count is an answer of this operation.
    pub(super) may_be_empty: bool,
    /// Whether a 404 without a body is an answer of this operation: that there is nothing.
    pub(super) bare_missing: bool,
    /// What comes where the service ignores the filter.
    pub(super) unfiltered: Option<&'static str>,
    /// A setting of the profile's that it is asked under.
    pub(super) setting: Option<(&'static str, &'static str)>,
    /// Asks for it.
    pub(super) run: RunOperation,
}

/// What the stand-in answers.
pub(super) enum CannedResponse {
    Json(&'static str),
    Text(&'static str),
    Csv(&'static str),
    Empty,
    NoSuch,
}

impl CannedResponse {
    pub(super) fn answer(&self) -> ServerResponse {
        match self {
            Self::Json(body) => ServerResponse::json(200, body),
            Self::Text(body) => {
                ServerResponse::new(200, &[("content-type", "text/plain")], body.as_bytes())
            }
            Self::Csv(body) => {
                ServerResponse::new(200, &[("content-type", "text/csv")], body.as_bytes())
            }
            Self::NoSuch => {
                ServerResponse::json(404, r#"{"statusCode":404,"message":"Not found"}"#)
            }
            Self::Empty => ServerResponse::json(
                404,
                r#"{"success":false,"message":"No breaches could be found"}"#,
            ),
        }
    }
}

const LINE: OperationCase = OperationCase {
    operation: "",
    handle: None,
    matches: |_| false,
    body: "",
    is_json: true,
    items: None,
    counts: &[],
    may_be_empty: false,
    bare_missing: false,
    unfiltered: None,
    setting: None,
    run: |_| Box::pin(async { Outcome::Failed }),
};

fn path(seen: &RecordedRequest) -> &str {
    seen.target.split('?').next().unwrap_or_default()
}

/// Whether a request is a `POST`, or is not.
fn is_post(seen: &RecordedRequest) -> bool {
    seen.method == "POST"
}

/// The lines of a provider.
pub(super) fn cases_for(provider: &str) -> &'static [OperationCase] {
    match provider {
        "projectdiscovery" => PROJECTDISCOVERY,
        "leaks-ai" => LEAKS_AI,
        "leaked-checker" => LEAKED_CHECKER,
        "hibp" => HIBP,
        other => panic!("{other} has no line in the metamorphic table"),
    }
}

/// The operations of its contract that read. The others change something, or are the deprecated lists, which the reader
/// of the current one reads.
pub(super) fn reads(provider: &str) -> Vec<String> {
    let contract = match provider {
        "projectdiscovery" => &PROJECTDISCOVERY_CONTRACT,
        "leaks-ai" => &LEAKS_AI_CONTRACT,
        "leaked-checker" => &LEAKED_CHECKER_CONTRACT,
        "hibp" => &HIBP_CONTRACT,
        other => panic!("{other} has no contract in the metamorphic table"),
    };
    let changes = [
        "updateLeakStatus",
        "requestDomainVerification",
        "deleteDomainVerification",
        "confirmDomainVerification",
        "createApiKey",
        "revokeApiKey",
        "startDnsProof",
        "checkDnsProof",
        "sendProofMail",
    ];
    let ids = contract
        .operations()
        .into_iter()
        .map(|operation| operation.id);
    ids.filter(|id| !changes.contains(&&id[..]) && !id.starts_with("deprecated"))
        .collect()
}

/// What the stand-in of a provider answers.
pub(super) fn service(provider: &str) -> fn(&RecordedRequest) -> CannedResponse {
    match provider {
        "projectdiscovery" => projectdiscovery,
        "leaks-ai" => leaks_ai,
        "hibp" => hibp,
        _ => leaked_checker,
    }
}

fn failed(result: Result<u64, stanch::entity::error::ProviderError>) -> Outcome {
    result.map_or(Outcome::Failed, |rows| Outcome::Rows(rows, true))
}

fn listed<T>(result: Result<FullList<T>, stanch::entity::error::ProviderError>) -> Outcome {
    result.map_or(Outcome::Failed, |listed| {
        Outcome::Rows(listed.len() as u64, listed.is_complete())
    })
}

/// All pages, as whoever reads a list adds them up.
async fn leaks(provider: &dyn Provider, export: Option<bool>) -> Outcome {
    let (mut rows, mut whole, mut total) = (0, true, None);
    let mut index = 0;
    loop {
        let token = PageRequest { index, size: 100 };
        let query = LeakQuery::default();
        let page = match export {
            None => provider.leaks().page(&query, token).await,
            Some(csv) => provider.export().unwrap().export(&query, token, csv).await,
        };
        let Ok(page) = page else {
            return Outcome::Failed;
        };
        rows += page.leaks.len() as u64;
        whole &=
            page.unreadable == 0 && page.missing_domains.is_empty() && page.contradiction.is_none();
        total = page.total.or(total);
        index += 1;
        if index >= page.next.page_count().unwrap_or(1) {
            return Outcome::Rows(rows, whole && total.is_none_or(|total| total == rows));
        }
    }
}

/// What a page of users or connections says beside its items.
fn page_summary<T>(
    page: &EntityPage<T>,
) -> (u64, bool, Option<(&'static str, u64)>, Option<PageRequest>) {
    let whole =
        page.unreadable == 0 && page.missing_domains.is_empty() && page.contradiction.is_none();
    (page.items.len() as u64, whole, page.part, page.next)
}

/// All pages of users, or of connections.
async fn natives(provider: &dyn Provider, kind: Kind) -> Outcome {
    let (mut rows, mut whole, mut token) = (0, true, PageRequest::default());
    let mut parts = std::collections::BTreeMap::new();
    let query = EntityQuery::default();
    loop {
        let page = match kind {
            Kind::User => provider
                .users()
                .unwrap()
                .page(&query, token)
                .await
                .map(|page| page_summary(&page)),
            _ => provider
                .connections()
                .unwrap()
                .page(&query, token)
                .await
                .map(|page| page_summary(&page)),
        };
        let Ok((came, is_whole, part, next)) = page else {
            return Outcome::Failed;
        };
        rows += came;
        whole &= is_whole;
        if let Some((part, total)) = part {
            let (seen, said) = parts.entry(part).or_insert((0, 0));
            (*seen, *said) = (*seen + came, total);
        }
        let next = next.filter(|next| next.index > token.index && rows < 1_000);
        let Some(next) = next else {
            let adds_up = parts.values().all(|(seen, said)| seen == said);
            return Outcome::Rows(rows, whole && adds_up);
        };
        token = next;
    }
}

/// What belongs to one thing: mostly nothing, and never a part of it.
async fn related(provider: &dyn Provider, kind: Kind, id: &str) -> Outcome {
    let relations = provider.relations().unwrap();
    failed(
        relations
            .related(kind, &RemoteId::from(id))
            .await
            .map(|_| 1),
    )
}

/// What one operation of a lookup says.
async fn look_up(provider: &dyn Provider, lookup: Lookup, operation: &str) -> Outcome {
    let answers = provider.lookup().unwrap().look_up(&lookup).await;
    let mut asked = answers.iter();
    // Under other settings it may be another operation that is asked.
    let Some(answer) = asked.find(|answer| answer.operation == operation) else {
        return Outcome::Failed;
    };
    match (answer.verdict(), &answer.result) {
        (_, Err(_)) => Outcome::Failed,
        (Verdict::Inconclusive, Ok(_)) => Outcome::Rows(0, false),
        (_, Ok(finding)) => {
            let rows = finding.breaches.len() + finding.pastes.len() + finding.accounts.len();
            let rows = (rows as u64).max(u64::from(finding.verdict == Verdict::Found));
            Outcome::Rows(rows, finding.evidence.is_conclusive())
        }
    }
}

async fn statistics(provider: &dyn Provider, subject: StatsSubject) -> Outcome {
    failed(
        provider
            .stats()
            .unwrap()
            .stats(&subject, false)
            .await
            .map(|stats| {
                let totals = stats.totals;
                let numbers = [
                    totals.leaks,
                    totals.devices,
                    totals.personal,
                    totals.employees,
                    totals.customers,
                    totals.combolists,
                ];
                let numbers = numbers.into_iter().flatten().count();
                (numbers + stats.countries.len() + stats.urls.len() + stats.timeline.len()) as u64
            }),
    )
}

// ---------------------------------------------------------------------------------------------------------------------

const PD_ROWS: &str = r#"{"data":[
 {"id":"00000000000000000000000000000001","status":"open","username":"a@acme.example","url":"https://a.example"},
 {"id":"00000000000000000000000000000002","status":"open","username":"b@acme.example","url":"https://b.example"},
 {"id":"00000000000000000000000000000003","status":"fixed","username":"c@acme.example","url":"https://c.example"}],
 "total_leaks":3,"total_count":3,"total_pages":1,"summary":{"total_leaks":3,"personal_leaks":0}}"#;
const PD_INFO: &str = r#"{"success":true,"data":{"id":"00000000000000000000000000000001","status":"open","username":"a@acme.example","password":"hunter2"}}"#;
const PD_GROUPS: &str =
    r#"{"group_summary":[{"country":"ES","count":2},{"country":"PT","count":1}],"total_leaks":3}"#;
const PD_CSV: &str = "id,username,status\n00000000000000000000000000000001,a@acme.example,open\n00000000000000000000000000000002,b@acme.example,open\n";
const PD_STATS: &str = r#"{"leak_devices_count":[{"devices":12}],"leak_user_count":[{"user":5}],"leak_country_stats":[{"Country":"Spain","CredentialsCount":30}],
 "top_used_urls_by_employees":[{"count":2,"url":"https://vpn.acme.example/"}],"leak_user_timeline":[{"CredentialsCount":3,"Month":2,"Year":2026}]}"#;
const PD_FLAT: &str = r#"{"email":"m@acme.example","total_leaks":7,"compromised_services":[{"service":"vpn","count":2}],"risk_timeline":[{"date":"2026-02-11","new_leaks":3}]}"#;
const PD_ASSOCIATED: &str = r#"{"domain":"acme.example","results":[{"domain":"a.example","sources":["whois_history"]},{"domain":"b.example","sources":[]}],
 "sources":[],"total_count":2,"total_pages":1}"#;
const PD_NAMES: &str = "a.example\nb.example\n";
const PD_PROOFS: &str = r#"{"verification_requests":[{"domain":"acme.example","status":"verified"},{"domain":"b.example","status":"verified"}]}"#;
const PD_TOKEN: &str =
    r#"{"verified_domain":["acme.example"],"subscription_type":"ENT","end_date":"2027-01-01"}"#;
const ID: &str = "00000000000000000000000000000001";

fn projectdiscovery(seen: &RecordedRequest) -> CannedResponse {
    match path(seen) {
        "/v1/leaks/info" => CannedResponse::Json(PD_INFO),
        "/v1/leaks/export" if seen.query("format").as_deref() == Some("csv") => {
            CannedResponse::Csv(PD_CSV)
        }
        "/v1/leaks" if seen.query("group_by").is_some() => CannedResponse::Json(PD_GROUPS),
        "/v1/leaks" | "/v1/leaks/export" => CannedResponse::Json(PD_ROWS),
        "/v1/leaks/stats/domain" => CannedResponse::Json(PD_STATS),
        "/v1/leaks/stats/email" => CannedResponse::Json(PD_FLAT),
        "/v1/domain/associated" if seen.query("raw").is_some() => CannedResponse::Text(PD_NAMES),
        "/v1/domain/associated" => CannedResponse::Json(PD_ASSOCIATED),
        "/v1/user/domain-verification/status" => CannedResponse::Json(PD_PROOFS),
        "/v1/scans/token" => CannedResponse::Json(PD_TOKEN),
        _ => CannedResponse::Empty,
    }
}

const PD_COUNTS: &[&str] = &["/total_count", "/summary/total_leaks"];

const PROJECTDISCOVERY: &[OperationCase] = &[
    OperationCase {
        operation: "listLeaks",
        matches: |seen| path(seen) == "/v1/leaks",
        body: PD_ROWS,
        items: Some("/data"),
        counts: PD_COUNTS,
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "countOfLeaks",
        matches: |seen| path(seen) == "/v1/leaks",
        body: PD_ROWS,
        counts: PD_COUNTS,
        run: |provider| {
            Box::pin(async { failed(provider.leaks().count(&LeakQuery::default()).await) })
        },
        ..LINE
    },
    OperationCase {
        operation: "getLeakInfo",
        matches: |seen| path(seen) == "/v1/leaks/info",
        body: PD_INFO,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .leaks()
                        .leak(&RemoteId::from(ID))
                        .await
                        .map(|(leaks, _)| leaks.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "secretOfLeak",
        handle: Some(Ability::Secrets),
        matches: |seen| path(seen) == "/v1/leaks/info",
        body: PD_INFO,
        run: |provider| {
            Box::pin(async {
                let secrets = provider.secrets().unwrap();
                failed(secrets.reveal(&RemoteId::from(ID)).await.map(|_| 1))
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "statusOfLeak",
        handle: Some(Ability::Statuses),
        matches: |seen| path(seen) == "/v1/leaks/info",
        body: PD_INFO,
        run: |provider| {
            Box::pin(async {
                let ids = [RemoteId::from(ID)];
                let store = provider.statuses().unwrap();
                let (readings, _) = store.read_back(&ids, Status::Fixed).await;
                match &readings[0].1 {
                    ReadBack::StatusWord(_) => Outcome::Rows(1, true),
                    ReadBack::Gone { .. } => Outcome::Rows(0, true),
                    ReadBack::Unprovable | ReadBack::Unreadable(_) => Outcome::Failed,
                }
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "groupsOfLeaks",
        handle: Some(Ability::Grouping),
        matches: |seen| path(seen) == "/v1/leaks",
        body: PD_GROUPS,
        items: Some("/group_summary"),
        run: |provider| {
            Box::pin(async {
                let grouping = provider.grouping().unwrap();
                let all = LeakQuery::default();
                let groups = grouping.count_grouped(&all, CountField::Country).await;
                failed(groups.map(|groups| groups.iter().map(|group| group.count).sum()))
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "exportLeaks",
        handle: Some(Ability::Export),
        matches: |seen| path(seen) == "/v1/leaks/export",
        body: PD_ROWS,
        items: Some("/data"),
        counts: PD_COUNTS,
        run: |provider| Box::pin(leaks(provider, Some(false))),
        ..LINE
    },
    OperationCase {
        operation: "exportLeaksCsv",
        handle: Some(Ability::Export),
        matches: |seen| path(seen) == "/v1/leaks/export",
        body: PD_CSV,
        is_json: false,
        run: |provider| Box::pin(leaks(provider, Some(true))),
        ..LINE
    },
    OperationCase {
        operation: "domainLeakStats",
        handle: Some(Ability::Stats),
        matches: |seen| path(seen) == "/v1/leaks/stats/domain",
        body: PD_STATS,
        run: |provider| {
            Box::pin(statistics(
                provider,
                StatsSubject::Domain("acme.example".to_owned()),
            ))
        },
        ..LINE
    },
    OperationCase {
        operation: "emailLeakStats",
        handle: Some(Ability::Stats),
        matches: |seen| path(seen) == "/v1/leaks/stats/email",
        body: PD_FLAT,
        run: |provider| {
            Box::pin(statistics(
                provider,
                StatsSubject::Email("m@acme.example".to_owned()),
            ))
        },
        ..LINE
    },
    OperationCase {
        operation: "associatedDomains",
        handle: Some(Ability::AssociatedDomains),
        matches: |seen| path(seen) == "/v1/domain/associated",
        body: PD_ASSOCIATED,
        items: Some("/results"),
        counts: &["/total_count"],
        run: |provider| {
            Box::pin(async {
                listed(
                    provider
                        .associated_domains()
                        .unwrap()
                        .list_associated(&RelatedDomainQuery::default())
                        .await,
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "associatedNames",
        handle: Some(Ability::AssociatedDomains),
        matches: |seen| path(seen) == "/v1/domain/associated",
        body: PD_NAMES,
        is_json: false,
        run: |provider| {
            Box::pin(async {
                let query = RelatedDomainQuery {
                    raw: true,
                    ..RelatedDomainQuery::default()
                };
                listed(
                    provider
                        .associated_domains()
                        .unwrap()
                        .list_associated(&query)
                        .await,
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "domainVerificationStatus",
        handle: Some(Ability::DomainVerification),
        matches: |seen| path(seen) == "/v1/user/domain-verification/status",
        body: PD_PROOFS,
        items: Some("/verification_requests"),
        may_be_empty: true,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .domain_verification()
                        .unwrap()
                        .verify(&VerificationRequest::Status)
                        .await
                        .map(|answer| match answer {
                            VerificationResponse::List(records) => records.len() as u64,
                            _ => 0,
                        }),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "verifiedDomains",
        handle: Some(Ability::Domains),
        matches: |seen| path(seen) == "/v1/user/domain-verification/status",
        body: PD_PROOFS,
        items: Some("/verification_requests"),
        may_be_empty: true,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .domains()
                        .unwrap()
                        .domains()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "planAndVerifiedDomains",
        handle: Some(Ability::Subscription),
        matches: |seen| path(seen) == "/v1/scans/token",
        body: PD_TOKEN,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .subscription()
                        .unwrap()
                        .subscription()
                        .await
                        .map(|plan| {
                            u64::from(plan.plan.is_some()) + u64::from(plan.until.is_some())
                        }),
                )
            })
        },
        ..LINE
    },
];

// ---------------------------------------------------------------------------------------------------------------------

macro_rules! paged {
    ($items:literal, $total:literal) => {
        concat!(
            r#"{"data":["#,
            $items,
            r#"],"pagination":{"page":1,"per_page":100,"total_pages":1,"total_results":"#,
            $total,
            "}}"
        )
    };
}

const LA_LEAKS: &str = paged!(
    r#"{"id":"l1","login":"a@acme.example","password":"***","status":"new"},{"id":"l2","login":"b@acme.example","password":"***","status":"new"}"#,
    2
);
const LA_USERS: &str = paged!(
    r#"{"id":"u1","login":"a@acme.example"},{"id":"u2","login":"b@acme.example"}"#,
    2
);
const LA_ENDPOINTS: &str = paged!(
    r#"{"id":"e1","filename":"[ES]203.0.113.24.zip"},{"id":"e2","filename":"x.zip"}"#,
    2
);
const LA_RESOURCES: &str = paged!(
    r#"{"id":"r1","resource":"acme.example","type":"domain"},{"id":"r2","resource":"b.example","type":"domain"}"#,
    2
);
const LA_DOMAINS: &str = paged!(
    r#"{"id":"d1","domain":"acme.example"},{"id":"d2","domain":"b.example"}"#,
    2
);
const LA_COUNT: &str = r#"{"data":{"count":2}}"#;
const LA_LEAK: &str =
    r#"{"data":{"id":"l1","login":"a@acme.example","password":"***","status":"new"}}"#;
const LA_USER: &str = r#"{"data":{"id":"u1","login":"a@acme.example"}}"#;
const LA_ENDPOINT: &str = r#"{"data":{"id":"e1","filename":"[ES]203.0.113.24.zip"}}"#;
const LA_RESOURCE: &str = r#"{"data":{"id":"r1","resource":"acme.example","type":"domain"}}"#;

fn leaks_ai(seen: &RecordedRequest) -> CannedResponse {
    match path(seen) {
        "/leaks" => CannedResponse::Json(LA_LEAKS),
        "/users" => CannedResponse::Json(LA_USERS),
        "/endpoints" => CannedResponse::Json(LA_ENDPOINTS),
        "/resources" => CannedResponse::Json(LA_RESOURCES),
        "/domains" => CannedResponse::Json(LA_DOMAINS),
        "/leaks/l1" => CannedResponse::Json(LA_LEAK),
        "/users/u1" => CannedResponse::Json(LA_USER),
        "/endpoints/e1" => CannedResponse::Json(LA_ENDPOINT),
        "/resources/r1" => CannedResponse::Json(LA_RESOURCE),
        other if other.ends_with("/count") => CannedResponse::Json(LA_COUNT),
        _ => CannedResponse::Empty,
    }
}

const LA_COUNTS: &[&str] = &["/pagination/total_results"];

/// How many of a kind there are; of connections, of one form.
async fn count_entities(provider: &dyn Provider, kind: Kind, form: &str) -> Outcome {
    let counts = provider
        .entity_counts()
        .unwrap()
        .count_of(kind, &EntityQuery::default())
        .await;
    failed(counts.map(|counts| {
        let of_form = counts
            .iter()
            .filter(|(of, _)| of.is_none_or(|of| of.to_string() == form));
        of_form.map(|(_, count)| count).sum()
    }))
}

const LEAKS_AI: &[OperationCase] = &[
    OperationCase {
        operation: "listLeaks",
        matches: |seen| path(seen) == "/leaks",
        body: LA_LEAKS,
        items: Some("/data"),
        counts: LA_COUNTS,
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "countLeaks",
        matches: |seen| path(seen) == "/leaks/count",
        body: LA_COUNT,
        run: |provider| {
            Box::pin(async { failed(provider.leaks().count(&LeakQuery::default()).await) })
        },
        ..LINE
    },
    OperationCase {
        operation: "getLeak",
        matches: |seen| path(seen) == "/leaks/l1",
        body: LA_LEAK,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .leaks()
                        .leak(&RemoteId::from("l1"))
                        .await
                        .map(|(leaks, _)| leaks.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "relationsOfLeak",
        handle: Some(Ability::Relations),
        matches: |seen| path(seen) == "/leaks/l1",
        body: LA_LEAK,
        run: |provider| Box::pin(related(provider, Kind::Leak, "l1")),
        ..LINE
    },
    OperationCase {
        operation: "listUsers",
        handle: Some(Ability::Users),
        matches: |seen| path(seen) == "/users",
        body: LA_USERS,
        items: Some("/data"),
        counts: LA_COUNTS,
        run: |provider| Box::pin(natives(provider, Kind::User)),
        ..LINE
    },
    OperationCase {
        operation: "countUsers",
        handle: Some(Ability::EntityCounts),
        matches: |seen| path(seen) == "/users/count",
        body: LA_COUNT,
        run: |provider| Box::pin(count_entities(provider, Kind::User, "")),
        ..LINE
    },
    OperationCase {
        operation: "getUser",
        handle: Some(Ability::Users),
        matches: |seen| path(seen) == "/users/u1",
        body: LA_USER,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .users()
                        .unwrap()
                        .user(&RemoteId::from("u1"))
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listEndpoints",
        handle: Some(Ability::Connections),
        matches: |seen| path(seen) == "/endpoints",
        body: LA_ENDPOINTS,
        items: Some("/data"),
        counts: LA_COUNTS,
        run: |provider| Box::pin(natives(provider, Kind::Connection)),
        ..LINE
    },
    OperationCase {
        operation: "countEndpoints",
        handle: Some(Ability::EntityCounts),
        matches: |seen| path(seen) == "/endpoints/count",
        body: LA_COUNT,
        run: |provider| Box::pin(count_entities(provider, Kind::Connection, "endpoint")),
        ..LINE
    },
    OperationCase {
        operation: "getEndpoint",
        handle: Some(Ability::Connections),
        matches: |seen| path(seen) == "/endpoints/e1",
        body: LA_ENDPOINT,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .connections()
                        .unwrap()
                        .connection(&RemoteId::from("endpoint:e1"))
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listResources",
        handle: Some(Ability::Connections),
        matches: |seen| path(seen) == "/resources",
        body: LA_RESOURCES,
        items: Some("/data"),
        counts: LA_COUNTS,
        run: |provider| Box::pin(natives(provider, Kind::Connection)),
        ..LINE
    },
    OperationCase {
        operation: "countResources",
        handle: Some(Ability::EntityCounts),
        matches: |seen| path(seen) == "/resources/count",
        body: LA_COUNT,
        run: |provider| Box::pin(count_entities(provider, Kind::Connection, "resource")),
        ..LINE
    },
    OperationCase {
        operation: "getResource",
        handle: Some(Ability::Connections),
        matches: |seen| path(seen) == "/resources/r1",
        body: LA_RESOURCE,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .connections()
                        .unwrap()
                        .connection(&RemoteId::from("resource:r1"))
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listDomains",
        handle: Some(Ability::Domains),
        matches: |seen| path(seen) == "/domains",
        body: LA_DOMAINS,
        items: Some("/data"),
        counts: LA_COUNTS,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .domains()
                        .unwrap()
                        .domains()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
];

// ---------------------------------------------------------------------------------------------------------------------

const LC_STATUS: &str = r#"{"success":true,"status":"operational","version":"1.0","message":"up"}"#;
const LC_PLAN: &str = r#"{"success":true,"data":{"SubscriptionName":"Premium","Rpm":30,"SubscribedUntil":"2027-01-31"}}"#;
const LC_DOMAINS: &str = r#"{"success":true,"count":2,"domains":[{"DomainName":"acme.example","IsVerified":true},{"DomainName":"b.example","IsVerified":true}]}"#;
const LC_BARE: &str = r#"[{"Name":"BrightCart","Title":"Bright Cart"},{"Name":"OldForum"}]"#;
const LC_WRAPPED: &str = r#"{"success":true,"count":2,"breaches":["BrightCart","OldForum"]}"#;
const LC_ALIASES: &str = r#"{"m.ortega":["BrightCart"],"reception":["BrightCart","OldForum"]}"#;
const LC_CATALOGUE: &str = r#"[{"Name":"BrightCart","Domain":"brightcart.example","IsSpamList":false},{"Name":"OldForum","Domain":"oldforum.example","IsSpamList":true}]"#;
const LC_NARROWED: &str = r#"[{"Name":"BrightCart","Domain":"acme.example","IsSpamList":false}]"#;
const LC_BREACH: &str = r#"{"Name":"BrightCart","Title":"Bright Cart"}"#;
const LC_OTHER: &str = r#"{"Name":"OldForum","Title":"Old Forum"}"#;
const LC_WORDS: &str = r#"["Passwords","Email addresses"]"#;
const LC_PASTES: &str =
    r#"[{"Source":"Pastebin","Id":"q7Rt2LmX"},{"Source":"Slexy","Id":"s2Kd90"}]"#;
/// `hunter2`: SHA-1 F3BBBD66A63D4BF1747940578EC3D0103530E21D.
const LC_HASHES: &str = "003AF1C58B0D4E6A92C7F18D5E60B2A4C37:4\r\n103AF1C58B0D4E6A92C7F18D5E60B2A4C37:4\r\nD66A63D4BF1747940578EC3D0103530E21D:17043\r\n";
const LC_CARD: &str = r#"{"success":true,"message":"Credit card found in breach database.","data":{"is_breached":true,"breach_count":2,"breaches":[{"source":"BrightCart2025"},{"source":"OldForum"}]}}"#;
const LC_CARDS: &str = r#"{"success":true,"count":2,"breaches":[{"source":"BrightCart2025","breach_date":"2025-03-02"},{"source":"OldForum"}]}"#;
const LC_KEYS: &str =
    r#"{"success":true,"count":2,"keys":[{"id":"1","name":"one"},{"id":"2","name":"two"}]}"#;
const LC_USAGE: &str = r#"{"success":true,"data":{"requests":12}}"#;

fn leaked_checker(seen: &RecordedRequest) -> CannedResponse {
    let target = path(seen);
    let under = |prefix: &str| target.starts_with(prefix);
    match target {
        "/external/status" => CannedResponse::Json(LC_STATUS),
        "/external/subscription/status" => CannedResponse::Json(LC_PLAN),
        "/external/subscribeddomains" => CannedResponse::Json(LC_DOMAINS),
        "/external/breaches" if seen.query("domain").is_some() => CannedResponse::Json(LC_NARROWED),
        "/external/breaches" => CannedResponse::Json(LC_CATALOGUE),
        "/external/breach/BrightCart" | "/external/latestbreach" => CannedResponse::Json(LC_BREACH),
        "/external/dataclasses" | "/external/pastesources" => CannedResponse::Json(LC_WORDS),
        "/external/breachedcc" | "/external/breachedssn" => CannedResponse::Json(LC_CARD),
        "/api-keys/" => CannedResponse::Json(LC_KEYS),
        "/api-keys/1/usage" => CannedResponse::Json(LC_USAGE),
        _ if under("/external/breachedaccount/") => CannedResponse::Json(LC_BARE),
        _ if under("/external/breachedemail/") => CannedResponse::Json(LC_WRAPPED),
        _ if under("/external/breacheddomain/emails/") => CannedResponse::Json(LC_ALIASES),
        _ if under("/external/breacheddomain/") => CannedResponse::Json(LC_WRAPPED),
        _ if under("/external/pasteaccount/") => CannedResponse::Json(LC_PASTES),
        _ if under("/external/breachedcc/email/") => CannedResponse::Json(LC_CARDS),
        _ if under("/external/leakedpassword/") => CannedResponse::Text(LC_HASHES),
        _ => CannedResponse::Empty,
    }
}

fn address() -> Lookup {
    Lookup::Email("m.ortega@acme.example".to_owned())
}

fn domain() -> Lookup {
    Lookup::Domain("acme.example".to_owned())
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

const LEAKED_CHECKER: &[OperationCase] = &[
    OperationCase {
        operation: "getApiStatus",
        matches: |seen| path(seen) == "/external/status",
        body: LC_STATUS,
        run: |provider| Box::pin(async { failed(provider.check().await.map(|()| 1)) }),
        ..LINE
    },
    OperationCase {
        operation: "getSubscriptionStatus",
        handle: Some(Ability::Subscription),
        matches: |seen| path(seen) == "/external/subscription/status",
        body: LC_PLAN,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .subscription()
                        .unwrap()
                        .subscription()
                        .await
                        .map(|plan| u64::from(plan.plan.is_some()) + u64::from(plan.rpm.is_some())),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listSubscribedDomains",
        handle: Some(Ability::Domains),
        matches: |seen| path(seen) == "/external/subscribeddomains",
        body: LC_DOMAINS,
        items: Some("/domains"),
        counts: &["/count"],
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .domains()
                        .unwrap()
                        .domains()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "watchedDomains",
        matches: |seen| path(seen) == "/external/subscribeddomains",
        body: LC_DOMAINS,
        items: Some("/domains"),
        counts: &["/count"],
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "listBreachesForAccount",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/external/breachedaccount/"),
        body: LC_BARE,
        items: Some(""),
        run: |provider| Box::pin(look_up(provider, address(), "listBreachesForAccount")),
        ..LINE
    },
    OperationCase {
        operation: "listBreachesForEmail",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/external/breachedemail/"),
        body: LC_WRAPPED,
        items: Some("/breaches"),
        counts: &["/count"],
        run: |provider| Box::pin(look_up(provider, address(), "listBreachesForEmail")),
        ..LINE
    },
    OperationCase {
        operation: "listBreachedAliases",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/external/breacheddomain/emails/"),
        body: LC_ALIASES,
        run: |provider| Box::pin(look_up(provider, domain(), "listBreachedAliases")),
        ..LINE
    },
    OperationCase {
        operation: "aliasesOfLeaks",
        matches: |seen| path(seen) == "/external/breacheddomain/emails/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "aliasesOfUsers",
        handle: Some(Ability::Users),
        matches: |seen| path(seen) == "/external/breacheddomain/emails/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(natives(provider, Kind::User)),
        ..LINE
    },
    OperationCase {
        operation: "aliasesOfConnections",
        handle: Some(Ability::Connections),
        matches: |seen| path(seen) == "/external/breacheddomain/emails/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(natives(provider, Kind::Connection)),
        ..LINE
    },
    OperationCase {
        operation: "countOfUsers",
        handle: Some(Ability::EntityCounts),
        matches: |seen| path(seen) == "/external/breacheddomain/emails/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(count_entities(provider, Kind::User, "")),
        ..LINE
    },
    OperationCase {
        operation: "relationsOfUser",
        handle: Some(Ability::Relations),
        matches: |seen| path(seen) == "/external/breacheddomain/emails/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(related(provider, Kind::User, "m.ortega@acme.example")),
        ..LINE
    },
    OperationCase {
        operation: "listBreachesForDomain",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen) == "/external/breacheddomain/acme.example",
        body: LC_WRAPPED,
        items: Some("/breaches"),
        counts: &["/count"],
        run: |provider| Box::pin(look_up(provider, domain(), "listBreachesForDomain")),
        ..LINE
    },
    OperationCase {
        operation: "listBreaches",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/external/breaches",
        body: LC_CATALOGUE,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                listed(
                    provider
                        .catalogue()
                        .unwrap()
                        .breaches(&BreachQuery::default())
                        .await,
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "narrowedBreaches",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/external/breaches",
        body: LC_NARROWED,
        unfiltered: Some(
            r#"[{"Name":"BrightCart","Domain":"acme.example"},{"Name":"OldForum","Domain":"oldforum.example"},{"Name":"Other","Domain":"acme.example.org"}]"#,
        ),
        run: |provider| Box::pin(look_up(provider, domain(), "listBreaches")),
        ..LINE
    },
    OperationCase {
        operation: "getBreach",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/external/breach/BrightCart",
        body: LC_BREACH,
        unfiltered: Some(LC_OTHER),
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .catalogue()
                        .unwrap()
                        .breach("BrightCart")
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "getLatestBreach",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/external/latestbreach",
        body: LC_BREACH,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .catalogue()
                        .unwrap()
                        .latest_breach()
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listDataClasses",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/external/dataclasses",
        body: LC_WORDS,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .catalogue()
                        .unwrap()
                        .data_classes()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listPastesForAccount",
        handle: Some(Ability::Pastes),
        matches: |seen| path(seen).starts_with("/external/pasteaccount/"),
        body: LC_PASTES,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                listed(
                    provider
                        .pastes()
                        .unwrap()
                        .pastes("m.ortega@acme.example")
                        .await,
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listPasteSources",
        handle: Some(Ability::Pastes),
        matches: |seen| path(seen) == "/external/pastesources",
        body: LC_WORDS,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .pastes()
                        .unwrap()
                        .services()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "checkPasswordPrefix",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/external/leakedpassword/"),
        body: LC_HASHES,
        is_json: false,
        run: |provider| {
            Box::pin(look_up(
                provider,
                Lookup::Password(secret("hunter2")),
                "checkPasswordPrefix",
            ))
        },
        ..LINE
    },
    OperationCase {
        operation: "checkCard",
        handle: Some(Ability::Lookup),
        matches: |seen| is_post(seen) && path(seen) == "/external/breachedcc",
        body: LC_CARD,
        items: Some("/data/breaches"),
        counts: &["/data/breach_count"],
        run: |provider| {
            Box::pin(look_up(
                provider,
                Lookup::Card(secret("5555555555554444")),
                "checkCard",
            ))
        },
        ..LINE
    },
    OperationCase {
        operation: "listCardBreachesForEmail",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/external/breachedcc/email/"),
        body: LC_CARDS,
        items: Some("/breaches"),
        counts: &["/count"],
        run: |provider| Box::pin(look_up(provider, address(), "listCardBreachesForEmail")),
        ..LINE
    },
    OperationCase {
        operation: "checkSsn",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen) == "/external/breachedssn",
        body: LC_CARD,
        items: Some("/data/breaches"),
        counts: &["/data/breach_count"],
        run: |provider| Box::pin(look_up(provider, Lookup::Ssn(secret("1234")), "checkSsn")),
        ..LINE
    },
    OperationCase {
        operation: "listApiKeys",
        handle: Some(Ability::ApiKeys),
        matches: |seen| path(seen) == "/api-keys/",
        body: LC_KEYS,
        items: Some("/keys"),
        counts: &["/count"],
        run: |provider| {
            Box::pin(async {
                let answer = provider
                    .api_keys()
                    .unwrap()
                    .administer(&secret("token"), &ApiKeyRequest::List)
                    .await;
                failed(answer.map(|answer| match answer {
                    ApiKeyResponse::List(keys) => keys.len() as u64,
                    _ => 0,
                }))
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "getApiKeyUsage",
        handle: Some(Ability::ApiKeys),
        matches: |seen| path(seen) == "/api-keys/1/usage",
        body: LC_USAGE,
        run: |provider| {
            Box::pin(async {
                let call = ApiKeyRequest::Usage { id: "1".to_owned() };
                failed(
                    provider
                        .api_keys()
                        .unwrap()
                        .administer(&secret("token"), &call)
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
];

// ---------------------------------------------------------------------------------------------------------------------

const HIBP_PLAN: &str = r#"{"SubscriptionName":"Pro 1","Description":"x","SubscribedUntil":"2027-02-01T00:00:00","Rpm":1000,"IncludesStealerLogs":true,"IncludesKAnon":true}"#;
const HIBP_DOMAINS: &str = r#"[{"DomainName":"acme.example"},{"DomainName":"b.example"}]"#;
/// `m.ortega@acme.example`: SHA-1 EF253850AEFFF0EE1DFD649ADAE66E12EE62E878.
const HIBP_RANGE: &str = r#"[{"hashSuffix":"0A4F1D6C2B7E9385D1F60C4B7A29E8135D","websites":["BrightCart"]},{"hashSuffix":"50AEFFF0EE1DFD649ADAE66E12EE62E878","websites":["BrightCart","OldForum"]}]"#;
const HIBP_LATEST: &str = r#"{"Name":"BrightCart","Title":"Bright Cart"}"#;
const HIBP_SITES: &str = r#"["sso.contoso.example","webmail.example.net"]"#;
const HIBP_CUSTOMERS: &str = r#"["dana@example.net","eve@example.org"]"#;
const HIBP_EMPLOYEES: &str = r#"{"m.ortega":["sso.contoso.example","webmail.example.net"]}"#;

fn hibp(seen: &RecordedRequest) -> CannedResponse {
    let target = path(seen);
    let under = |prefix: &str| target.starts_with(prefix);
    match target {
        "/subscription/status" => CannedResponse::Json(HIBP_PLAN),
        "/subscribeddomains" => CannedResponse::Json(HIBP_DOMAINS),
        "/breaches" if seen.query("domain").is_some() => CannedResponse::Json(LC_NARROWED),
        "/breaches" => CannedResponse::Json(LC_CATALOGUE),
        "/breach/BrightCart" | "/latestbreach" => CannedResponse::Json(HIBP_LATEST),
        "/dataclasses" => CannedResponse::Json(LC_WORDS),
        _ if under("/breachedaccount/range/") => CannedResponse::Json(HIBP_RANGE),
        _ if under("/breachedaccount/") => CannedResponse::Json(LC_BARE),
        _ if under("/breacheddomain/") => CannedResponse::Json(LC_ALIASES),
        _ if under("/stealerlogsbyemaildomain/acme") => CannedResponse::Json(HIBP_EMPLOYEES),
        _ if under("/stealerlogsbywebsitedomain/acme") => CannedResponse::Json(HIBP_CUSTOMERS),
        _ if under("/stealerlogsbyemail/") => CannedResponse::Json(HIBP_SITES),
        _ if under("/pasteaccount/") => CannedResponse::Json(LC_PASTES),
        _ if under("/passwords/range/") => CannedResponse::Text(LC_HASHES),
        _ => CannedResponse::NoSuch,
    }
}

const HIBP: &[OperationCase] = &[
    OperationCase {
        operation: "getSubscription",
        handle: Some(Ability::Subscription),
        matches: |seen| path(seen) == "/subscription/status",
        body: HIBP_PLAN,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .subscription()
                        .unwrap()
                        .subscription()
                        .await
                        .map(|plan| u64::from(plan.plan.is_some()) + u64::from(plan.rpm.is_some())),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listSubscribedDomains",
        handle: Some(Ability::Domains),
        matches: |seen| path(seen) == "/subscribeddomains",
        body: HIBP_DOMAINS,
        items: Some(""),
        may_be_empty: true,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .domains()
                        .unwrap()
                        .domains()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "provenDomains",
        handle: Some(Ability::DomainVerification),
        matches: |seen| path(seen) == "/subscribeddomains",
        body: HIBP_DOMAINS,
        items: Some(""),
        may_be_empty: true,
        run: |provider| {
            Box::pin(async {
                let call = VerificationRequest::Status;
                let answer = provider.domain_verification().unwrap().verify(&call).await;
                failed(answer.map(|answer| match answer {
                    VerificationResponse::List(records) => records.len() as u64,
                    _ => 0,
                }))
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "rangeBreachedAccounts",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/breachedaccount/range/"),
        body: HIBP_RANGE,
        items: Some(""),
        run: |provider| Box::pin(look_up(provider, address(), "rangeBreachedAccounts")),
        ..LINE
    },
    OperationCase {
        operation: "listBreachesForAccount",
        bare_missing: true,
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/breachedaccount/"),
        body: LC_BARE,
        items: Some(""),
        setting: Some(("email_lookup", "address")),
        run: |provider| Box::pin(look_up(provider, address(), "listBreachesForAccount")),
        ..LINE
    },
    OperationCase {
        operation: "listStealerSitesForEmail",
        bare_missing: true,
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/stealerlogsbyemail/"),
        body: HIBP_SITES,
        items: Some(""),
        setting: Some(("email_lookup", "address")),
        run: |provider| Box::pin(look_up(provider, address(), "listStealerSitesForEmail")),
        ..LINE
    },
    OperationCase {
        operation: "listBreachedMailboxes",
        bare_missing: true,
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/breacheddomain/"),
        body: LC_ALIASES,
        run: |provider| Box::pin(look_up(provider, domain(), "listBreachedMailboxes")),
        ..LINE
    },
    OperationCase {
        operation: "mailboxesOfLeaks",
        bare_missing: true,
        matches: |seen| path(seen) == "/breacheddomain/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "mailboxesOfUsers",
        bare_missing: true,
        handle: Some(Ability::Users),
        matches: |seen| path(seen) == "/breacheddomain/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(natives(provider, Kind::User)),
        ..LINE
    },
    OperationCase {
        operation: "mailboxesOfConnections",
        bare_missing: true,
        handle: Some(Ability::Connections),
        matches: |seen| path(seen) == "/breacheddomain/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(natives(provider, Kind::Connection)),
        ..LINE
    },
    OperationCase {
        operation: "countOfUsers",
        bare_missing: true,
        handle: Some(Ability::EntityCounts),
        matches: |seen| path(seen) == "/breacheddomain/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(count_entities(provider, Kind::User, "")),
        ..LINE
    },
    OperationCase {
        operation: "relationsOfUser",
        bare_missing: true,
        handle: Some(Ability::Relations),
        matches: |seen| path(seen) == "/breacheddomain/acme.example",
        body: LC_ALIASES,
        run: |provider| Box::pin(related(provider, Kind::User, "m.ortega@acme.example")),
        ..LINE
    },
    OperationCase {
        operation: "listStealerMailboxes",
        bare_missing: true,
        matches: |seen| path(seen) == "/stealerlogsbyemaildomain/acme.example",
        body: HIBP_EMPLOYEES,
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "listStealerEmailsForSite",
        bare_missing: true,
        matches: |seen| path(seen) == "/stealerlogsbywebsitedomain/acme.example",
        body: HIBP_CUSTOMERS,
        items: Some(""),
        run: |provider| Box::pin(leaks(provider, None)),
        ..LINE
    },
    OperationCase {
        operation: "listBreaches",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/breaches",
        body: LC_CATALOGUE,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                listed(
                    provider
                        .catalogue()
                        .unwrap()
                        .breaches(&BreachQuery::default())
                        .await,
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "narrowedBreaches",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/breaches",
        body: LC_NARROWED,
        unfiltered: Some(
            r#"[{"Name":"BrightCart","Domain":"acme.example"},{"Name":"OldForum","Domain":"oldforum.example"},{"Name":"Other","Domain":"acme.example.org"}]"#,
        ),
        run: |provider| Box::pin(look_up(provider, domain(), "listBreaches")),
        ..LINE
    },
    OperationCase {
        operation: "getBreach",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/breach/BrightCart",
        body: HIBP_LATEST,
        unfiltered: Some(LC_OTHER),
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .catalogue()
                        .unwrap()
                        .breach("BrightCart")
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "getLatestBreach",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/latestbreach",
        body: HIBP_LATEST,
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .catalogue()
                        .unwrap()
                        .latest_breach()
                        .await
                        .map(|_| 1),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listDataClasses",
        handle: Some(Ability::Catalogue),
        matches: |seen| path(seen) == "/dataclasses",
        body: LC_WORDS,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                failed(
                    provider
                        .catalogue()
                        .unwrap()
                        .data_classes()
                        .await
                        .map(|all| all.len() as u64),
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "listPastesForAccount",
        bare_missing: true,
        handle: Some(Ability::Pastes),
        matches: |seen| path(seen).starts_with("/pasteaccount/"),
        body: LC_PASTES,
        items: Some(""),
        run: |provider| {
            Box::pin(async {
                listed(
                    provider
                        .pastes()
                        .unwrap()
                        .pastes("m.ortega@acme.example")
                        .await,
                )
            })
        },
        ..LINE
    },
    OperationCase {
        operation: "checkPasswordRange",
        handle: Some(Ability::Lookup),
        matches: |seen| path(seen).starts_with("/passwords/range/"),
        body: LC_HASHES,
        is_json: false,
        run: |provider| {
            Box::pin(look_up(
                provider,
                Lookup::Password(secret("hunter2")),
                "checkPasswordRange",
            ))
        },
        ..LINE
    },
];
