//! Every operation of the OpenAPI file, through the real client: each request that it makes and each answer that the
//! stand-in gives is as the file says. What is exercised is counted by a forwarder between the two, which keeps both
//! sides as they were on the wire.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it needs by failing"
)]

use crate::{
    contracts::{PROJECTDISCOVERY, operations, validate_request, validate_response},
    support::fault_server::settings,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, Response},
};
use jiff::civil::date;
use stanch::{
    demo::{Demo, Options, parse_list},
    entity::{
        answer::{Answer, ReadBack},
        error::ProviderError,
        key::RemoteId,
        leak::LeakField,
        page::PageToken,
        profile::{AuthStyle, Lists, ProfileSettings},
        query::{GroupBy, LeakQuery},
        report::{
            AssociatedQuery, StatsSubject, VerificationAnswer, VerificationCall, VerificationType,
        },
        secret::Secret,
        status::Status,
    },
    provider::{Provider, registration},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// One exchange, as it was on the wire.
#[derive(Clone, Debug)]
struct Exchange {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    /// Path and query before they are decoded.
    target: String,
    headers: HeaderMap,
    body: Bytes,
    status: u16,
    media: String,
    answer: Bytes,
}

/// Sends everything on to a stand-in and keeps it.
#[derive(Clone)]
struct Forwarder {
    to: String,
    http: reqwest::Client,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Forwarder {
    /// Answers its own address too.
    async fn start(demo: &Demo) -> (Self, String) {
        // Another test may have been first; either way it is there afterwards.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let forwarder = Self {
            to: demo.base_url(),
            http,
            seen: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .fallback(forward)
            .with_state(forwarder.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        (forwarder, url)
    }

    fn seen(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap().clone()
    }
}

async fn forward(State(forwarder): State<Forwarder>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let target = head.uri.to_string();
    let mut headers = head.headers.clone();
    headers.remove("host");
    let answer = forwarder
        .http
        .request(head.method.clone(), format!("{}{target}", forwarder.to))
        .headers(headers)
        .body(body.clone())
        .send()
        .await
        .unwrap();
    let (status, media) = (answer.status(), answer.headers()["content-type"].clone());
    let encoding = answer.headers().get("content-encoding").cloned();
    assert_eq!(encoding, None, "answers come as they are");
    let text = answer.bytes().await.unwrap();
    let query = head.uri.query().unwrap_or_default().as_bytes();
    forwarder.seen.lock().unwrap().push(Exchange {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query).into_owned().collect(),
        target,
        headers: head.headers,
        body,
        status: status.as_u16(),
        media: media.to_str().unwrap().to_owned(),
        answer: text.clone(),
    });
    Response::builder()
        .status(status)
        .header("content-type", media)
        .body(Body::from(text))
        .unwrap()
}

/// A stand-in, the forwarder before it, and clients for the forwarder.
struct Rig {
    demo: Demo,
    forwarder: Forwarder,
    url: String,
}

impl Rig {
    async fn start(faults: &str) -> Self {
        let demo = Demo::start(Options {
            leaks: 400,
            faults: parse_list(faults).unwrap(),
            ..Options::on(date(2026, 3, 1))
        })
        .await
        .unwrap();
        let (forwarder, url) = Forwarder::start(&demo).await;
        Self {
            demo,
            forwarder,
            url,
        }
    }

    fn connect(&self, change: impl FnOnce(&mut ProfileSettings)) -> Arc<dyn Provider> {
        let mut settings = settings(&self.url);
        change(&mut settings);
        let key = Secret::from(self.demo.api_key().to_owned());
        (registration("projectdiscovery").unwrap().connect)(settings, key).unwrap()
    }
}

/// Everything that a provider can be asked, in every form that makes another request.
async fn ask_everything(rig: &Rig) {
    let provider = rig.connect(|_| {});
    provider.check().await.unwrap();
    provider.subscription().await.unwrap();
    assert!(!provider.domains().await.unwrap().is_empty());
    let ids = lists(&provider).await;
    changes(&provider, &ids).await;
    reports(&provider).await;
    proofs(&provider).await;
    let old = rig.connect(|settings| settings.lists = Lists::Deprecated);
    for index in 0.. {
        let page = PageToken { index, size: 100 };
        let page = old.leaks(&LeakQuery::default(), page).await.unwrap();
        if page.leaks.iter().next().is_none() {
            break;
        }
    }
    let team = rig.connect(with_team);
    team.leaks(&LeakQuery::default(), PageToken::default())
        .await
        .unwrap();
    team.leak(&ids[0]).await.unwrap();
    team.domains().await.unwrap();
}

fn with_team(settings: &mut ProfileSettings) {
    settings.team_id = Some("team-1".to_owned());
    settings.team_everywhere = true;
}

async fn lists(provider: &Arc<dyn Provider>) -> Vec<RemoteId> {
    let page = provider
        .leaks(&LeakQuery::default(), PageToken::default())
        .await
        .unwrap();
    let ids: Vec<RemoteId> = page
        .leaks
        .iter()
        .map(|row| RemoteId::from(row.text(LeakField::Id)))
        .filter(|id| provider.accepts_id(id))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    let queries = [
        LeakQuery {
            domain: text("northlake.example"),
            status: Some(Status::Open),
            class: text("employee"),
            ..LeakQuery::default()
        },
        LeakQuery {
            search: text("vpn & 100%"),
            start_date: text("2025-01-01"),
            end_date: text("2026-03-01"),
            sort: vec![("log_date".to_owned(), true)],
            ..LeakQuery::default()
        },
        LeakQuery {
            email: text("marta.weber@sample.example.org"),
            status: Some(Status::Fixed),
            time_range: text("last_month"),
            ..LeakQuery::default()
        },
        LeakQuery {
            country: text("Spain"),
            url: text("https://sso.northlake.example/adfs/ls/"),
            device_ip: text("192.0.2.1"),
            hostname: text("WS-1"),
            hardware_id: text("HW"),
            ..LeakQuery::default()
        },
    ];
    for query in &queries {
        provider.leaks(query, PageToken::default()).await.unwrap();
        provider
            .export(query, PageToken::default(), false)
            .await
            .unwrap();
        provider
            .export(query, PageToken::default(), true)
            .await
            .unwrap();
        provider.count(query).await.unwrap();
    }
    for by in [
        GroupBy::Url,
        GroupBy::Country,
        GroupBy::DeviceIp,
        GroupBy::Hostname,
        GroupBy::Email,
        GroupBy::HardwareId,
    ] {
        provider.count_by(&LeakQuery::default(), by).await.unwrap();
    }
    ids
}

async fn changes(provider: &Arc<dyn Provider>, ids: &[RemoteId]) {
    provider.leak(&ids[0]).await.unwrap();
    // Some are masked for everyone.
    let mut revealed = 0;
    for id in &ids[..10] {
        revealed += u32::from(provider.reveal(id).await.is_ok());
    }
    assert!(revealed > 0);
    let missing = RemoteId::from(&"0".repeat(32)[..]);
    provider.leak(&missing).await.unwrap_err();
    for (part, status) in [
        (&ids[..1], Status::Fixed),
        (&ids[..25], Status::Fixed),
        (&ids[..25], Status::Open),
    ] {
        let answer = provider.send(part, status).await;
        assert!(matches!(answer, Answer::Accepted), "{answer:?}");
        let (readings, _) = provider.read_back(part, status).await;
        assert_eq!(readings.len(), part.len());
        for (_, reading) in readings {
            let ReadBack::Word(word) = reading else {
                panic!("{reading:?}");
            };
            assert_eq!(provider.status_of(&word), status);
        }
    }
    let answer = provider.send(&[missing], Status::Fixed).await;
    assert!(matches!(answer, Answer::Refused { .. }), "{answer:?}");
}

async fn reports(provider: &Arc<dyn Provider>) {
    for unmask in [false, true] {
        let domain = StatsSubject::Domain("northlake.example".to_owned());
        provider.stats(&domain, unmask).await.unwrap();
        let email = StatsSubject::Email("marta.weber@sample.example.org".to_owned());
        provider.stats(&email, unmask).await.unwrap();
    }
    let queries = [
        AssociatedQuery::default(),
        AssociatedQuery {
            domain: Some("northlake.example".to_owned()),
            active: Some(true),
            ..AssociatedQuery::default()
        },
        AssociatedQuery {
            domain: Some("northlake.example".to_owned()),
            raw: true,
            ..AssociatedQuery::default()
        },
    ];
    for query in queries {
        provider.associated(&query).await.unwrap();
    }
}

async fn proofs(provider: &Arc<dyn Provider>) {
    let domain = || "new.example".to_owned();
    for how in [
        VerificationType::Dns,
        VerificationType::Html,
        VerificationType::File,
    ] {
        let requested = provider
            .verification(&VerificationCall::Request {
                domain: domain(),
                how,
            })
            .await
            .unwrap();
        assert!(matches!(requested, VerificationAnswer::Requested { .. }));
        // The stand-in may find the proof or not; either answer is one of the file's.
        let confirmed = provider
            .verification(&VerificationCall::Confirm {
                domain: domain(),
                how,
                email: Some("it@new.example".to_owned()),
            })
            .await;
        if let Err(error) = confirmed {
            assert!(matches!(error, ProviderError::Rejected { .. }), "{error:?}");
        }
        provider
            .verification(&VerificationCall::Status)
            .await
            .unwrap();
        provider
            .verification(&VerificationCall::Drop {
                domain: domain(),
                how,
            })
            .await
            .unwrap();
    }
}

impl Rig {
    /// Every exchange is as the contract says, and the key is in one header and nowhere else. Answers how many
    /// operations there are, and which of them were not exercised.
    fn judge(&self, header: &str) -> (usize, BTreeSet<String>) {
        let mut missing: BTreeSet<String> = operations().into_iter().map(|one| one.id).collect();
        let count = missing.len();
        let key = self.demo.api_key();
        let mut wrong = Vec::new();
        for one in &self.forwarder.seen() {
            let body = Some(&one.body[..]).filter(|body| !body.is_empty());
            wrong.extend(validate_request(&one.method, &one.path, &one.query, body).err());
            wrong.extend(
                validate_response(&one.method, &one.path, one.status, &one.media, &one.answer)
                    .err(),
            );
            if let Some(operation) = PROJECTDISCOVERY.operation(&one.method, &one.path) {
                missing.remove(&operation.id);
            }
            assert!(!one.target.contains(key), "a key in a URL");
            let has_key = |bytes: &[u8]| memchr::memmem::find(bytes, key.as_bytes()).is_some();
            assert!(!has_key(&one.body), "a key in a body");
            let keyed = one.headers.iter().filter(|(_, v)| has_key(v.as_bytes()));
            for (name, _) in keyed {
                assert_eq!(name.as_str(), header);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        (count, missing)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_exercised_and_every_exchange_is_as_the_contract_says() {
    let rig = Rig::start("").await;
    ask_everything(&rig).await;
    let (count, missing) = rig.judge("x-api-key");
    assert!(missing.is_empty(), "of {count}, not exercised: {missing:?}");
    assert_eq!(count, 15);
    let seen = rig.forwarder.seen();
    assert!(seen.iter().any(|one| one.headers.contains_key("x-team-id")));
    assert!(seen.iter().any(|one| one.headers.contains_key("x-api-key")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bearer_key_is_in_its_header_alone() {
    let rig = Rig::start("bearer-only").await;
    let bearer = rig.connect(|settings| settings.auth = AuthStyle::Bearer);
    let ids = lists(&bearer).await;
    changes(&bearer, &ids).await;
    proofs(&bearer).await;
    rig.judge("authorization");
    let seen = rig.forwarder.seen();
    assert!(
        seen.iter()
            .all(|one| one.headers.contains_key("authorization"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_forwarder_saw_what_the_stand_in_logged() {
    let rig = Rig::start("").await;
    ask_everything(&rig).await;
    let log = rig
        .forwarder
        .http
        .get(format!("{}/requests", rig.demo.control_url()))
        .send()
        .await
        .unwrap();
    let log: serde_json::Value = serde_json::from_slice(&log.bytes().await.unwrap()).unwrap();
    let logged: Vec<(String, String, u64)> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            (
                text("method"),
                text("path"),
                one["status"].as_u64().unwrap(),
            )
        })
        .collect();
    let mut seen: Vec<(String, String, u64)> = rig
        .forwarder
        .seen()
        .into_iter()
        .map(|one| (one.method, one.path, one.status.into()))
        .collect();
    let mut logged = logged;
    logged.sort();
    seen.sort();
    assert_eq!(seen, logged);
}
