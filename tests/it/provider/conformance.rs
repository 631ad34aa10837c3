//! What every provider must do. A provider joins by its row in the registry and one here: what a page of its looks
//! like on the wire.

use super::super::support::fault_server::{
    ConnectionEnd, FaultServer, KEY, RecordedRequest, ServerResponse, fast_limits, id, rows,
    settings,
};
use stanch::{
    entity::{
        account::{ApiKeyRequest, RelatedDomainQuery, StatsSubject, VerificationRequest},
        breach::BreachQuery,
        capability::{Ability, Reach},
        change_response::ReadBack,
        error::ProviderError,
        key::{Kind, ProviderId, RemoteId},
        lookup::Lookup,
        option::AddressForm,
        page::{LeakPage, PageRequest},
        query::{CountField, EntityQuery, LeakQuery},
        secret::Secret,
        status::Status,
    },
    http::Limits,
    provider::{Provider, REGISTRY, Registration, capabilities_for, require},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use strum::IntoEnumIterator;

/// What a provider's answers look like.
struct WireFormat {
    provider: &'static str,
    /// A page of leaks by their numbers, and how many there are.
    page: fn(&[u32], u64) -> String,
    /// A page with one leak that has an unknown member and an unknown status.
    strange: fn() -> String,
    /// What it answers to a request that is not for a page, by its path.
    other_response: fn(&str) -> Option<&'static str>,
    /// How many requests its first page takes.
    requests_per_page: usize,
    /// Whether a page tells how many leaks there are.
    counts: bool,
    /// How many requests four pages at once begin with: one where the others wait for its answer.
    at_once: usize,
}

/// A page is one request, and tells a total.
const PAGED: WireFormat = WireFormat {
    provider: "",
    page: |_, _| String::new(),
    strange: String::new,
    other_response: |_| None,
    requests_per_page: 1,
    counts: true,
    at_once: 4,
};

const WIRE_FORMATS: &[WireFormat] = &[
    WireFormat {
        provider: "projectdiscovery",
        page: |numbers, total| rows(numbers.iter().copied(), total),
        strange: || {
            format!(
                r#"{{"new":{{"x":[]}},"data":[{{"id":"{}","status":"parked","user_type":"contractor","extra":[1]}}],"total_leaks":1}}"#,
                id(1)
            )
        },
        ..PAGED
    },
    WireFormat {
        provider: "leaks-ai",
        page: |numbers, total| {
            let item = |n: &u32| {
                format!(
                    r#"{{"id":"{n:08x}-0000-4000-8000-000000000000","login":"u{n}@acme.example","password":"***","status":"new","risk_level":5,"risk_level_name":"medium"}}"#
                )
            };
            let items: Vec<String> = numbers.iter().map(item).collect();
            format!(
                r#"{{"data":[{}],"pagination":{{"total_results":{total}}}}}"#,
                items.join(",")
            )
        },
        strange: || {
            r#"{"new":{"x":[]},"data":[{"id":"1","status":"parked","risk_level_name":"extreme","extra":[1]}],"pagination":7}"#.to_owned()
        },
        other_response: |path| path.starts_with("/domains").then_some(r#"{"data":[]}"#),
        requests_per_page: 2,
        ..PAGED
    },
    WireFormat {
        provider: "leaked-checker",
        page: |numbers, _| {
            let boxes: Vec<_> = numbers
                .iter()
                .map(|n| format!(r#""u{n}":["Adobe"]"#))
                .collect();
            if boxes.is_empty() {
                r#"{"count":0}"#.to_owned()
            } else {
                format!("{{{}}}", boxes.join(","))
            }
        },
        strange: || {
            r#"{"success":true,"u1":["Adobe",{"Name":"LinkedIn","New":{"x":[1]}}]}"#.to_owned()
        },
        other_response: |path| match path {
            "/external/subscribeddomains" => Some(
                r#"{"new":1,"domains":[{"DomainName":"a.example","IsVerified":true,"New":[1]},{"DomainName":"b.example","IsVerified":true},{"DomainName":"c.example","IsVerified":true}]}"#,
            ),
            "/external/breaches" => Some(r#"[{"Name":"Adobe","Status":"new","New":{}}]"#),
            _ => None,
        },
        requests_per_page: 3,
        counts: false,
        ..PAGED
    },
    WireFormat {
        provider: "hibp",
        page: |numbers, _| {
            let boxes: Vec<_> = numbers
                .iter()
                .map(|n| format!(r#""u{n}":["Adobe"]"#))
                .collect();
            if boxes.is_empty() {
                // A domain of which nothing is known is not found: this is the nearest that an answer comes to it.
                r#"{"u9":[]}"#.to_owned()
            } else {
                format!("{{{}}}", boxes.join(","))
            }
        },
        strange: || r#"{"u1":["Adobe",{"Name":"LinkedIn","New":{"x":[1]}}]}"#.to_owned(),
        other_response: |path| match path {
            "/subscription/status" => Some(
                r#"{"New":[1],"SubscriptionName":"Core 1","Rpm":1000,"IncludesStealerLogs":false,"IncludesKAnon":false}"#,
            ),
            "/subscribeddomains" => Some(
                r#"[{"DomainName":"a.example","New":[1]},{"DomainName":"b.example"},{"DomainName":"c.example"}]"#,
            ),
            "/breaches" => {
                Some(r#"[{"Name":"Adobe","Status":"new","New":{}},{"Name":"LinkedIn"}]"#)
            }
            _ => None,
        },
        requests_per_page: 4,
        counts: false,
        at_once: 1,
    },
];

impl WireFormat {
    /// Its answer to a request, where that is for a page with this one.
    fn answer(&self, seen: &RecordedRequest, page: impl FnOnce() -> String) -> ServerResponse {
        let beside = (self.other_response)(&seen.target);
        ServerResponse::json(200, beside.map_or_else(page, str::to_owned))
    }
}

fn providers_with_format() -> impl Iterator<Item = (&'static Registration, &'static WireFormat)> {
    let wired = REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http);
    wired.map(|row| {
        let mut found = WIRE_FORMATS.iter().filter(|wire| wire.provider == row.id);
        (
            row,
            found
                .next()
                .unwrap_or_else(|| panic!("{} has no wire here", row.id)),
        )
    })
}

fn connect(row: &Registration, server: &FaultServer, limits: Limits) -> Arc<dyn Provider> {
    let mut profile = settings(&server.url());
    profile.provider = ProviderId::new(row.id);
    let key = Secret::from(KEY.to_owned());
    (row.connect_with_limits)(profile, key, limits).unwrap_or_else(|error| panic!("{error}"))
}

async fn first_page(provider: &Arc<dyn Provider>) -> Result<LeakPage, ProviderError> {
    provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
}

/// The error of the first page, and how often it was asked for.
async fn refusal(row: &Registration, answer: ServerResponse) -> (ProviderError, usize) {
    let server = FaultServer::with_response(answer).await;
    let limits = Limits {
        request_timeout: Duration::from_millis(500),
        ..fast_limits()
    };
    let error = first_page(&connect(row, &server, limits))
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains(KEY) && !shown.contains("127.0.0.1"),
        "{shown}"
    );
    (error, server.count())
}

#[tokio::test]
async fn pages_follow_each_other_and_end_empty() {
    for (row, wire) in providers_with_format() {
        let asked = AtomicUsize::new(0);
        let server = FaultServer::start(move |_, seen| {
            wire.answer(seen, || {
                let n = asked.fetch_add(1, Ordering::SeqCst);
                let numbers: &[u32] = [&[0, 1, 2][..], &[3, 4], &[]][n.min(2)];
                (wire.page)(numbers, 5)
            })
        })
        .await;
        let provider = connect(row, &server, fast_limits());
        let mut token = PageRequest { index: 0, size: 3 };
        let mut lengths = Vec::new();
        for _ in 0..3 {
            let page = provider
                .leaks()
                .page(&LeakQuery::default(), token)
                .await
                .unwrap();
            assert_eq!(page.total, wire.counts.then_some(5));
            lengths.push(page.leaks.len());
            token = PageRequest {
                index: token.index + 1,
                size: page.page_size,
            };
        }
        assert_eq!((lengths, token.size), (vec![3, 2, 0], 3), "{}", row.id);
        let targets = server.requests().into_iter().map(|seen| seen.target);
        let targets: Vec<String> = targets
            .filter(|target| (wire.other_response)(target).is_none())
            .collect();
        assert!(
            targets[0] != targets[1] && targets[1] != targets[2],
            "{targets:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_key_is_unauthorised_and_asked_with_once() {
    for (row, _) in providers_with_format() {
        let key = ProviderError::Unauthorised { status: 401 };
        let plan = ProviderError::Payment { message: None };
        for (status, wanted) in [(401, key), (402, plan)] {
            let (error, asked) = refusal(row, ServerResponse::json(status, "{}")).await;
            assert_eq!((error, asked), (wanted, 1));
        }
    }
}

#[tokio::test]
async fn denied_and_missing_have_their_kinds() {
    for (row, _) in providers_with_format() {
        let (error, asked) = refusal(row, ServerResponse::json(403, r#"{"message":"no"}"#)).await;
        let message = Some("no".to_owned());
        assert_eq!((error, asked), (ProviderError::Forbidden { message }, 1));
        let (error, _) = refusal(row, ServerResponse::json(404, "{}")).await;
        assert!(matches!(
            error,
            ProviderError::NotThisService { status: 404, .. }
        ));
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_with_and_without_retry_after() {
    for (row, wire) in providers_with_format() {
        for headers in [&[][..], &[("retry-after", "0")]] {
            let server = FaultServer::start(move |n, seen| match n {
                0 => ServerResponse::new(429, headers, b""),
                _ => wire.answer(seen, || (wire.page)(&[1], 1)),
            })
            .await;
            assert!(
                first_page(&connect(row, &server, fast_limits()))
                    .await
                    .is_ok()
            );
            assert_eq!(server.count(), 1 + wire.requests_per_page);
        }
        let far = ServerResponse::new(429, &[("retry-after", "3600")], b"");
        let (error, asked) = refusal(row, far).await;
        assert!(matches!(error, ProviderError::RateLimited { .. }));
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn a_server_error_is_tried_again_five_times_at_most() {
    for (row, _) in providers_with_format() {
        for wanted in [500, 502, 503, 504] {
            let (error, asked) = refusal(row, ServerResponse::json(wanted, "{}")).await;
            assert!(
                matches!(error, ProviderError::Rejected { status, .. } if status == wanted),
                "{error:?}"
            );
            assert_eq!(asked, 5);
        }
    }
}

#[tokio::test]
async fn silence_is_a_timeout() {
    for (row, _) in providers_with_format() {
        let (error, _) = refusal(row, ServerResponse::raw("", ConnectionEnd::Hang)).await;
        assert!(matches!(error, ProviderError::Timeout { .. }));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_malformed_and_what_is_cut_is_not_used() {
    for (row, wire) in providers_with_format() {
        for body in ["[]x", "nonsense", "{\"data\":7}", "{}", "[]", "7"] {
            let (error, _) = refusal(row, ServerResponse::json(200, body)).await;
            assert!(
                matches!(error, ProviderError::Malformed { .. }),
                "{body}: {error:?}"
            );
        }
        let mut cut = ServerResponse::json(200, (wire.page)(&[1, 2], 2));
        cut.bytes.truncate(cut.bytes.len() - 10);
        cut.end = ConnectionEnd::Fin;
        let (error, asked) = refusal(row, cut).await;
        assert!(
            matches!(
                error,
                ProviderError::Unreachable {
                    not_sent: false,
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(asked, 5);
    }
}

/// The cheapest call of a handle, or the refusal of a provider that has it not.
async fn call_ability(ability: Ability, provider: &dyn Provider) -> Result<(), ProviderError> {
    let (id, page) = (RemoteId::from(&id(1)[..]), PageRequest::default());
    let (all, entities) = (LeakQuery::default(), EntityQuery::default());
    match ability {
        Ability::Statuses => {
            let store = require(provider.statuses())?;
            let (readings, _) = store.read_back(&[id], Status::Fixed).await;
            match readings.into_iter().next().unwrap().1 {
                ReadBack::Unreadable(error) => Err(error),
                ReadBack::Gone { .. } => Err(ProviderError::Forbidden { message: None }),
                ReadBack::StatusWord(_) | ReadBack::Unprovable => Ok(()),
            }
        }
        Ability::Secrets => require(provider.secrets())?.reveal(&id).await.map(drop),
        Ability::Files => require(provider.files())?.origin(&id).await.map(drop),
        Ability::Domains => require(provider.domains())?.domains().await.map(drop),
        Ability::Users => {
            let users = require(provider.users())?;
            users.page(&entities, page).await.map(drop)
        }
        Ability::Connections => {
            let connections = require(provider.connections())?;
            connections.page(&entities, page).await.map(drop)
        }
        Ability::EntityCounts => {
            let counts = require(provider.entity_counts())?;
            counts.count_of(Kind::User, &entities).await.map(drop)
        }
        Ability::Relations => {
            let relations = require(provider.relations())?;
            let user = RemoteId::from("ana@a.example");
            relations.related(Kind::User, &user).await.map(drop)
        }
        Ability::Grouping => {
            let grouping = require(provider.grouping())?;
            grouping
                .count_grouped(&all, CountField::Country)
                .await
                .map(drop)
        }
        Ability::Export => {
            let export = require(provider.export())?;
            export.export(&all, page, false).await.map(drop)
        }
        Ability::Lookup => {
            let lookup = Lookup::Domain("a.example".to_owned());
            let answers = require(provider.lookup())?.look_up(&lookup).await;
            let mut results = answers.into_iter().map(|answer| answer.result.map(drop));
            results.next().unwrap()
        }
        Ability::Catalogue => {
            let catalogue = require(provider.catalogue())?;
            catalogue.breaches(&BreachQuery::default()).await.map(drop)
        }
        Ability::Pastes => {
            let pastes = require(provider.pastes())?;
            pastes.pastes("ana@a.example").await.map(drop)
        }
        Ability::Stats => {
            let subject = StatsSubject::Domain("a.example".to_owned());
            require(provider.stats())?
                .stats(&subject, false)
                .await
                .map(drop)
        }
        Ability::AssociatedDomains => {
            let domains = require(provider.associated_domains())?;
            domains
                .list_associated(&RelatedDomainQuery::default())
                .await
                .map(drop)
        }
        Ability::DomainVerification => {
            let proofs = require(provider.domain_verification())?;
            proofs.verify(&VerificationRequest::Status).await.map(drop)
        }
        Ability::Subscription => {
            let subscription = require(provider.subscription())?;
            subscription.subscription().await.map(drop)
        }
        Ability::ApiKeys => {
            let token = Secret::from("token".to_owned());
            let keys = require(provider.api_keys())?;
            keys.administer(&token, &ApiKeyRequest::List)
                .await
                .map(drop)
        }
    }
}

#[tokio::test]
async fn a_handle_that_is_not_there_is_refused_in_words_and_sends_nothing() {
    for (row, _) in providers_with_format() {
        let server = FaultServer::with_response(ServerResponse::json(200, "{}")).await;
        let provider = connect(row, &server, fast_limits());
        let capabilities = capabilities_for(provider.as_ref());
        for ability in Ability::iter().filter(|one| !capabilities.can(*one)) {
            let why = ability.refusal().to_owned();
            let refused = call_ability(ability, provider.as_ref()).await;
            assert_eq!(
                refused,
                Err(ProviderError::Unsupported { why }),
                "{}",
                row.id
            );
        }
        assert_eq!(server.count(), 0, "nothing is sent");
    }
}

/// A handle is there exactly where its limits, its operations and its row of the registry say so.
#[tokio::test]
async fn the_set_of_handles_is_that_of_the_registry() {
    for (row, _) in providers_with_format() {
        let server = FaultServer::with_response(ServerResponse::json(200, "{}")).await;
        let capabilities = capabilities_for(connect(row, &server, fast_limits()).as_ref());
        assert_eq!(capabilities.statuses(), row.statuses, "{}", row.id);
        assert_eq!(
            capabilities.can(Ability::Statuses),
            capabilities.store.is_some()
        );
        if let Some(store) = &capabilities.store {
            assert_eq!(
                (store.ids, store.changes),
                (row.ids, capabilities.bulk_size)
            );
            // A change of any of them changes the row that was named, and no other.
            let reaches = store.statuses.iter().map(|status| store.reach(*status));
            assert!(reaches.into_iter().all(|reach| reach == Reach::Row));
        }
        assert!(capabilities.page_size > 0 && capabilities.bulk_size > 0);
    }
}

#[tokio::test]
async fn every_handle_fails_alike() {
    let kinds = [
        (ServerResponse::json(401, "{}"), "unauthorised"),
        (ServerResponse::json(403, "{}"), "forbidden"),
        // It is nobody's own "not found".
        (ServerResponse::json(404, "{}"), "malformed"),
        (
            ServerResponse::new(429, &[("retry-after", "3600")], b""),
            "rate_limited",
        ),
        (ServerResponse::json(500, "{}"), "rejected"),
        (ServerResponse::json(200, "nonsense"), "malformed"),
        (ServerResponse::raw("", ConnectionEnd::Hang), "timeout"),
    ];
    let limits = Limits {
        request_timeout: Duration::from_millis(300),
        ..fast_limits()
    };
    for (row, _) in providers_with_format() {
        for (answer, kind) in &kinds {
            let server = FaultServer::with_response(answer.clone()).await;
            let capabilities = capabilities_for(connect(row, &server, limits.clone()).as_ref());
            let provider = connect(row, &server, limits.clone());
            let error = provider.check().await.unwrap_err();
            assert_eq!(error.kind(), *kind, "{} check: {error:?}", row.id);
            for ability in Ability::iter().filter(|one| capabilities.can(*one)) {
                let provider = connect(row, &server, limits.clone());
                let error = call_ability(ability, provider.as_ref()).await.unwrap_err();
                assert_eq!(error.kind(), *kind, "{} {ability:?}: {error:?}", row.id);
            }
        }
    }
}

#[tokio::test]
async fn no_answer_that_was_tampered_with_is_taken_for_whole() {
    let mut violations = Vec::new();
    for row in REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http)
    {
        violations.extend(crate::answers::metamorphic::violations(row).await);
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[tokio::test]
async fn a_dropped_call_gives_its_permit_back_and_one_never_polled_is_never_sent() {
    for (row, wire) in providers_with_format() {
        let hanging = wire.at_once;
        let server = FaultServer::start(move |n, seen| match n {
            n if n < hanging => ServerResponse::raw("", ConnectionEnd::Hang),
            _ => wire.answer(seen, || (wire.page)(&[1], 1)),
        })
        .await;
        let provider = connect(row, &server, fast_limits());
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let provider = provider.clone();
                tokio::spawn(async move { first_page(&provider).await })
            })
            .collect();
        while server.count() < hanging {
            tokio::task::yield_now().await;
        }
        calls.iter().for_each(tokio::task::JoinHandle::abort);
        drop(first_page(&provider));
        assert!(first_page(&provider).await.is_ok());
        assert_eq!(server.count(), hanging + wire.requests_per_page);
    }
}

#[tokio::test]
async fn unknown_members_and_words_never_cost_a_page() {
    for (row, wire) in providers_with_format() {
        let server = FaultServer::start(|_, seen| wire.answer(seen, || (wire.strange)())).await;
        let page = first_page(&connect(row, &server, fast_limits()))
            .await
            .unwrap();
        let leak = page.leaks.iter().next().unwrap();
        assert_eq!((page.unreadable, leak.status), (0, Status::Unknown));
        assert!(!leak.damaged);
    }
}

#[test]
fn every_row_has_its_own_id_and_an_https_address_or_says_why() {
    for (row, _) in providers_with_format() {
        assert_eq!(
            REGISTRY.iter().filter(|other| other.id == row.id).count(),
            1
        );
        assert!(stanch::provider::registration(row.id).is_some());
        assert!(row.base_url.starts_with("http"));
        let mut profile = settings(row.base_url);
        profile.provider = ProviderId::new(row.id);
        let refused = (row.connect)(profile, Secret::from("bad\nkey".to_owned())).err();
        assert!(matches!(refused, Some(ProviderError::Policy { .. })));
    }
}
