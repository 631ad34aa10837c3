//! What every provider must do. A provider joins by its row in the registry and one here: what a page of its looks
//! like on the wire.

use super::super::{
    operations::{connections, users},
    support::fault_server::{Answer, End, FaultServer, KEY, Seen, fast, id, rows, settings},
};
use stanch::{
    entity::{
        capability::Capabilities,
        error::ProviderError,
        key::ProviderId,
        page::{LeakPage, PageToken},
        query::LeakQuery,
        secret::Secret,
        status::Status,
    },
    http::Limits,
    provider::{Provider, REGISTRY, Registration},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// What a provider's answers look like.
struct Wire {
    provider: &'static str,
    /// A page of leaks by their numbers, and how many there are.
    page: fn(&[u32], u64) -> String,
    /// A page with one leak that has an unknown member and an unknown status.
    strange: fn() -> String,
    /// What it answers to a request that is not for a page, by its path.
    beside: fn(&str) -> Option<&'static str>,
    /// How many requests its first page takes.
    asks: usize,
    /// Whether a page tells how many leaks there are.
    counts: bool,
}

/// A page is one request, and tells a total.
const PAGED: Wire = Wire {
    provider: "",
    page: |_, _| String::new(),
    strange: String::new,
    beside: |_| None,
    asks: 1,
    counts: true,
};

const WIRES: &[Wire] = &[
    Wire {
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
    Wire {
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
        beside: |path| path.starts_with("/domains").then_some(r#"{"data":[]}"#),
        asks: 2,
        ..PAGED
    },
    Wire {
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
        beside: |path| match path {
            "/external/subscribeddomains" => Some(
                r#"{"new":1,"domains":[{"DomainName":"a.example","IsVerified":true,"New":[1]},{"DomainName":"b.example","IsVerified":true},{"DomainName":"c.example","IsVerified":true}]}"#,
            ),
            "/external/breaches" => Some(r#"[{"Name":"Adobe","Status":"new","New":{}}]"#),
            _ => None,
        },
        asks: 3,
        counts: false,
    },
];

impl Wire {
    /// Its answer to a request, where that is for a page with this one.
    fn answer(&self, seen: &Seen, page: impl FnOnce() -> String) -> Answer {
        let beside = (self.beside)(&seen.target);
        Answer::json(200, beside.map_or_else(page, str::to_owned))
    }
}

fn wired() -> impl Iterator<Item = (&'static Registration, &'static Wire)> {
    REGISTRY.iter().map(|row| {
        let mut found = WIRES.iter().filter(|wire| wire.provider == row.id);
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
    (row.connect_within)(profile, key, limits).unwrap_or_else(|error| panic!("{error}"))
}

async fn first(provider: &Arc<dyn Provider>) -> Result<LeakPage, ProviderError> {
    provider
        .leaks(&LeakQuery::default(), PageToken::default())
        .await
}

/// The error of the first page, and how often it was asked for.
async fn refused(row: &Registration, answer: Answer) -> (ProviderError, usize) {
    let server = FaultServer::always(answer).await;
    let limits = Limits {
        total: Duration::from_millis(500),
        ..fast()
    };
    let error = first(&connect(row, &server, limits)).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains(KEY) && !shown.contains("127.0.0.1"),
        "{shown}"
    );
    (error, server.count())
}

#[tokio::test]
async fn pages_follow_each_other_and_end_empty() {
    for (row, wire) in wired() {
        let asked = AtomicUsize::new(0);
        let server = FaultServer::start(move |_, seen| {
            wire.answer(seen, || {
                let n = asked.fetch_add(1, Ordering::SeqCst);
                let numbers: &[u32] = [&[0, 1, 2][..], &[3, 4], &[]][n.min(2)];
                (wire.page)(numbers, 5)
            })
        })
        .await;
        let provider = connect(row, &server, fast());
        let mut token = PageToken { index: 0, size: 3 };
        let mut lengths = Vec::new();
        for _ in 0..3 {
            let page = provider.leaks(&LeakQuery::default(), token).await.unwrap();
            assert_eq!(page.total, wire.counts.then_some(5));
            lengths.push(page.leaks.len());
            token = PageToken {
                index: token.index + 1,
                size: page.page_size,
            };
        }
        assert_eq!((lengths, token.size), (vec![3, 2, 0], 3), "{}", row.id);
        let targets = server.seen().into_iter().map(|seen| seen.target);
        let targets: Vec<String> = targets
            .filter(|target| (wire.beside)(target).is_none())
            .collect();
        assert!(
            targets[0] != targets[1] && targets[1] != targets[2],
            "{targets:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_key_is_unauthorised_and_asked_with_once() {
    for (row, _) in wired() {
        let key = ProviderError::Unauthorised { status: 401 };
        let plan = ProviderError::Payment { message: None };
        for (status, wanted) in [(401, key), (402, plan)] {
            let (error, asked) = refused(row, Answer::json(status, "{}")).await;
            assert_eq!((error, asked), (wanted, 1));
        }
    }
}

#[tokio::test]
async fn denied_and_missing_have_their_kinds() {
    for (row, _) in wired() {
        let (error, asked) = refused(row, Answer::json(403, r#"{"message":"no"}"#)).await;
        let message = Some("no".to_owned());
        assert_eq!((error, asked), (ProviderError::Forbidden { message }, 1));
        let (error, _) = refused(row, Answer::json(404, "{}")).await;
        assert!(matches!(
            error,
            ProviderError::NotThisService { status: 404, .. }
        ));
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_with_and_without_retry_after() {
    for (row, wire) in wired() {
        for headers in [&[][..], &[("retry-after", "0")]] {
            let server = FaultServer::start(move |n, seen| match n {
                0 => Answer::new(429, headers, b""),
                _ => wire.answer(seen, || (wire.page)(&[1], 1)),
            })
            .await;
            assert!(first(&connect(row, &server, fast())).await.is_ok());
            assert_eq!(server.count(), 1 + wire.asks);
        }
        let far = Answer::new(429, &[("retry-after", "3600")], b"");
        let (error, asked) = refused(row, far).await;
        assert!(matches!(error, ProviderError::RateLimited { .. }));
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn a_server_error_is_tried_again_five_times_at_most() {
    for (row, _) in wired() {
        for wanted in [500, 502, 503, 504] {
            let (error, asked) = refused(row, Answer::json(wanted, "{}")).await;
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
    for (row, _) in wired() {
        let (error, _) = refused(row, Answer::raw("", End::Hang)).await;
        assert!(matches!(error, ProviderError::Timeout { .. }));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_malformed_and_what_is_cut_is_not_used() {
    for (row, wire) in wired() {
        for body in ["[]x", "nonsense", "{\"data\":7}", "{}", "[]", "7"] {
            let (error, _) = refused(row, Answer::json(200, body)).await;
            assert!(
                matches!(error, ProviderError::Malformed { .. }),
                "{body}: {error:?}"
            );
        }
        let mut cut = Answer::json(200, (wire.page)(&[1, 2], 2));
        cut.bytes.truncate(cut.bytes.len() - 10);
        cut.end = End::Fin;
        let (error, asked) = refused(row, cut).await;
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

/// What a provider is asked for beside leaks, where it has it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beside {
    Check,
    Domains,
    Users,
    Connections,
}

impl Beside {
    const ALL: [Self; 4] = [Self::Check, Self::Domains, Self::Users, Self::Connections];

    fn is_had(self, capabilities: &Capabilities) -> bool {
        match self {
            Self::Check => true,
            Self::Domains => capabilities.domains,
            Self::Users => capabilities.users,
            Self::Connections => capabilities.connections,
        }
    }

    async fn ask(self, provider: &Arc<dyn Provider>) -> Result<(), ProviderError> {
        let page = PageToken::default();
        match self {
            Self::Check => provider.check().await,
            Self::Domains => provider.domains().await.map(drop),
            Self::Users => users(provider, page).await.map(drop),
            Self::Connections => connections(provider, page).await.map(drop),
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_beside_leaks_fails_alike() {
    let kinds = [
        (Answer::json(401, "{}"), "unauthorised"),
        (Answer::json(403, "{}"), "forbidden"),
        // It is nobody's own "not found".
        (Answer::json(404, "{}"), "malformed"),
        (
            Answer::new(429, &[("retry-after", "3600")], b""),
            "rate_limited",
        ),
        (Answer::json(500, "{}"), "rejected"),
        (Answer::json(200, "nonsense"), "malformed"),
        (Answer::raw("", End::Hang), "timeout"),
    ];
    let limits = Limits {
        total: Duration::from_millis(300),
        ..fast()
    };
    for (row, _) in wired() {
        for (answer, kind) in &kinds {
            let server = FaultServer::always(answer.clone()).await;
            let capabilities = connect(row, &server, limits.clone()).capabilities();
            for beside in Beside::ALL {
                if !beside.is_had(&capabilities) {
                    let provider = connect(row, &server, limits.clone());
                    let asked = server.count();
                    assert!(matches!(
                        beside.ask(&provider).await,
                        Err(ProviderError::Unsupported { .. })
                    ));
                    assert_eq!(server.count(), asked, "nothing is sent");
                    continue;
                }
                let provider = connect(row, &server, limits.clone());
                let error = beside.ask(&provider).await.unwrap_err();
                assert_eq!(error.kind(), *kind, "{} {beside:?}: {error:?}", row.id);
            }
        }
    }
}

#[tokio::test]
async fn no_answer_that_was_tampered_with_is_taken_for_whole() {
    for row in REGISTRY {
        crate::answers::metamorphic::check(row).await;
    }
}

#[tokio::test]
async fn a_dropped_call_gives_its_permit_back_and_one_never_polled_is_never_sent() {
    for (row, wire) in wired() {
        let server = FaultServer::start(move |n, seen| match n {
            0..4 => Answer::raw("", End::Hang),
            _ => wire.answer(seen, || (wire.page)(&[1], 1)),
        })
        .await;
        let provider = connect(row, &server, fast());
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let provider = provider.clone();
                tokio::spawn(async move { first(&provider).await })
            })
            .collect();
        while server.count() < 4 {
            tokio::task::yield_now().await;
        }
        calls.iter().for_each(tokio::task::JoinHandle::abort);
        drop(first(&provider));
        assert!(first(&provider).await.is_ok());
        assert_eq!(server.count(), 4 + wire.asks);
    }
}

#[tokio::test]
async fn unknown_members_and_words_never_cost_a_page() {
    for (row, wire) in wired() {
        let server = FaultServer::start(|_, seen| wire.answer(seen, || (wire.strange)())).await;
        let page = first(&connect(row, &server, fast())).await.unwrap();
        let leak = page.leaks.iter().next().unwrap();
        assert_eq!((page.unreadable, leak.status), (0, Status::Unknown));
        assert!(!leak.damaged);
    }
}

#[test]
fn every_row_has_its_own_id_and_an_https_address_or_says_why() {
    for (row, _) in wired() {
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
