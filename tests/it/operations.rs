//! Every operation of the four OpenAPI files, through the real client: each request that it makes and each answer that
//! the stand-in gives is as the file says. What is exercised is counted by a forwarder between the two, which keeps
//! both sides as they were on the wire.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it needs by failing"
)]

mod hibp;
mod leaked_checker;
mod leaks_ai;
mod projectdiscovery;
mod rate;

use crate::{contracts::Contract, support::fault_server::settings};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, Response},
};
use jiff::civil::date;
use serde_json::Value;
use stanch::{
    demo::{Demo, Options, SystemName, parse_list},
    entity::{
        connection::ConnectionKind,
        error::ProviderError,
        key::{Kind, ProviderId, RemoteId},
        leak::LeakField,
        option::AddressForm,
        page::{ConnectionPage, LeakPage, PageRequest, UserPage},
        profile::AdapterSettings,
        query::EntityQuery,
        secret::Secret,
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
    /// Behind the system's own prefix, as its contract has it.
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
    upstream: String,
    prefix: &'static str,
    /// Where the system's second address begins.
    keyless: Option<&'static str>,
    http: reqwest::Client,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Forwarder {
    /// Answers its own address too.
    async fn start(demo: &Demo, system: SystemName) -> (Self, String) {
        // Another test may have been first; either way it is there afterwards.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let prefix = system.prefix();
        let to = demo.system_base_url(system);
        let forwarder = Self {
            upstream: to.strip_suffix(prefix).unwrap().to_owned(),
            prefix,
            keyless: system.keyless_prefix(),
            http,
            exchanges: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{prefix}", listener.local_addr().unwrap());
        let routes = Router::new()
            .fallback(forward)
            .with_state(forwarder.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        (forwarder, url)
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap().clone()
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
        .request(
            head.method.clone(),
            format!("{}{target}", forwarder.upstream),
        )
        .headers(headers)
        .body(body.clone())
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let told = answer.headers().clone();
    assert_eq!(
        told.get("content-encoding"),
        None,
        "answers come as they are"
    );
    // An answer without a body has no media type either.
    let media = told
        .get("content-type")
        .map(|media| media.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let text = answer.bytes().await.unwrap();
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let whole = head.uri.path();
    let path = forwarder
        .keyless
        .and_then(|keyless| whole.strip_prefix(keyless))
        .unwrap_or_else(|| whole.strip_prefix(forwarder.prefix).unwrap());
    forwarder.exchanges.lock().unwrap().push(Exchange {
        method: head.method.to_string(),
        path: path.to_owned(),
        query: url::form_urlencoded::parse(query).into_owned().collect(),
        target,
        headers: head.headers,
        body,
        status: status.as_u16(),
        media,
        answer: text.clone(),
    });
    let mut response = Response::builder().status(status);
    for (name, value) in &told {
        let own = name.as_str().starts_with("x-ratelimit-");
        if own || name == "content-type" || name == "retry-after" {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(text)).unwrap()
}

/// A stand-in of every system, the forwarder before one of them, and clients for the forwarder.
struct OperationsFixture {
    demo: Demo,
    system: SystemName,
    contract: &'static Contract,
    forwarder: Forwarder,
    url: String,
}

impl OperationsFixture {
    async fn start(system: SystemName, contract: &'static Contract, faults: &str) -> Self {
        let demo = Demo::start(Options {
            leaks: 3_000,
            // Nobody waits for anything here.
            rpm: Some(1_000_000),
            faults: parse_list(faults).unwrap(),
            ..Options::all_systems(date(2026, 3, 1))
        })
        .await
        .unwrap();
        let (forwarder, url) = Forwarder::start(&demo, system).await;
        Self {
            demo,
            system,
            contract,
            forwarder,
            url,
        }
    }

    fn key(&self) -> &str {
        self.demo.system_api_key(self.system)
    }

    fn connect(&self, change: impl FnOnce(&mut AdapterSettings)) -> Arc<dyn Provider> {
        self.connect_with(self.key(), change)
    }

    /// A client whose key nobody gave out. It stops after one refusal, so every call takes a new one.
    fn connect_with_wrong_key(&self) -> Arc<dyn Provider> {
        self.connect_with("0123456789abcdef0123456789abcdef", |_| {})
    }

    fn connect_with(
        &self,
        key: &str,
        change: impl FnOnce(&mut AdapterSettings),
    ) -> Arc<dyn Provider> {
        let mut settings = settings(&self.url);
        settings.provider = ProviderId::new(self.system.provider());
        change(&mut settings);
        let row = registration(self.system.provider()).unwrap();
        (row.connect)(settings, Secret::from(key.to_owned())).unwrap()
    }

    /// What a control call of the stand-in answers.
    async fn control(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.demo.control_url());
        let answer = self.forwarder.http.get(url).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Changes something at the stand-in.
    async fn post_control(&self, path: &str, body: &Value) {
        let url = format!("{}{path}", self.demo.control_url());
        let request = self.forwarder.http.post(url).body(body.to_string());
        assert_eq!(request.send().await.unwrap().status(), 200, "{path} {body}");
    }

    /// Every exchange is as the contract says, and each of these secrets is in its one header and nowhere else.
    /// Answers which operations there are and which of them were exercised.
    fn check_exchanges(&self, secrets: &[(&str, &str)]) -> OperationCoverage {
        let operations = self.contract.operations();
        let mut count = OperationCoverage {
            all: operations.into_iter().map(|one| one.id).collect(),
            exercised: BTreeSet::new(),
        };
        let mut wrong = Vec::new();
        for one in &self.forwarder.exchanges() {
            let body = Some(&one.body[..]).filter(|body| !body.is_empty());
            let asked = self
                .contract
                .validate_request(&one.method, &one.path, &one.query, body);
            wrong.extend(asked.err());
            if !is_set_aside(self.system, one) {
                let answered = self.contract.validate_response(
                    &one.method,
                    &one.path,
                    one.status,
                    &one.media,
                    &one.answer,
                );
                wrong.extend(answered.err());
            }
            if let Some(operation) = self.contract.operation(&one.method, &one.path)
                && one.status == 200
            {
                count.exercised.insert(operation.id);
            }
            for (secret, header) in secrets {
                assert_secret_only_in(one, secret, header);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        count
    }

    /// The answers that an operation gave.
    fn statuses_by_operation(&self, id: &str) -> BTreeSet<u16> {
        let seen = self.forwarder.exchanges().into_iter();
        let of = |one: &Exchange| {
            let operation = self.contract.operation(&one.method, &one.path);
            operation.is_some_and(|operation| operation.id == id)
        };
        seen.filter(of).map(|one| one.status).collect()
    }
}

/// The one place where an answer is not held against its contract: Leaked Checker's describes two answers to a call
/// about a key, 200 and 401, and none for a key that is not there or a name that is none. Something has to be
/// answered, and the stand-in answers as the other operations of that contract do.
fn is_set_aside(system: SystemName, one: &Exchange) -> bool {
    system == SystemName::LeakedChecker
        && one.path.starts_with("/api-keys/")
        && matches!(one.status, 400 | 404)
}

/// A secret is in one header and nowhere else of a request.
fn assert_secret_only_in(one: &Exchange, secret: &str, header: &str) {
    assert!(!one.target.contains(secret), "a secret in a URL");
    let has = |bytes: &[u8]| memchr::memmem::find(bytes, secret.as_bytes()).is_some();
    assert!(!has(&one.body), "a secret in a body");
    let keyed = one.headers.iter().filter(|(_, v)| has(v.as_bytes()));
    for (name, _) in keyed {
        assert_eq!(name.as_str(), header);
    }
}

/// Which operations a contract has, and which of them were exercised with success.
struct OperationCoverage {
    all: BTreeSet<String>,
    exercised: BTreeSet<String>,
}

impl OperationCoverage {
    fn assert_complete(&self) {
        let missing: Vec<_> = self.all.difference(&self.exercised).collect();
        let all = self.all.len();
        assert!(missing.is_empty(), "of {all}, not exercised: {missing:?}");
    }
}

/// The ids of the leaks on a page.
fn ids(page: &LeakPage) -> Vec<RemoteId> {
    let rows = page.leaks.iter();
    rows.map(|row| RemoteId::from(row.text(LeakField::Id)))
        .collect()
}

/// A page of users, of all there are.
pub(crate) async fn users(
    provider: &Arc<dyn Provider>,
    page: PageRequest,
) -> Result<UserPage, ProviderError> {
    provider
        .users()
        .unwrap()
        .page(&EntityQuery::default(), page)
        .await
}

/// A page of connections, of all there are.
pub(crate) async fn connections(
    provider: &Arc<dyn Provider>,
    page: PageRequest,
) -> Result<ConnectionPage, ProviderError> {
    provider
        .connections()
        .unwrap()
        .page(&EntityQuery::default(), page)
        .await
}

/// How many users or connections there are.
async fn count_entities(
    provider: &Arc<dyn Provider>,
    kind: Kind,
) -> Result<Vec<(Option<ConnectionKind>, u64)>, ProviderError> {
    provider
        .entity_counts()
        .unwrap()
        .count_of(kind, &EntityQuery::default())
        .await
}

/// All users, page by page.
async fn every_user(provider: &Arc<dyn Provider>) -> Vec<stanch::entity::user::User> {
    let (mut all, mut next) = (Vec::new(), Some(PageRequest::default()));
    while let Some(page) = next {
        let mut got = users(provider, page).await.unwrap();
        assert_eq!(got.unreadable, 0);
        all.append(&mut got.items);
        next = got.next;
    }
    all
}

/// All connections, page by page.
async fn every_connection(
    provider: &Arc<dyn Provider>,
) -> Vec<stanch::entity::connection::Connection> {
    let (mut all, mut next) = (Vec::new(), Some(PageRequest::default()));
    while let Some(page) = next {
        let mut got = connections(provider, page).await.unwrap();
        assert_eq!(got.unreadable, 0);
        all.append(&mut got.items);
        next = got.next;
    }
    all
}

/// A refusal has this status.
fn assert_refused<T: std::fmt::Debug>(answer: &Result<T, ProviderError>, wanted: u16) {
    let status = match answer {
        Err(
            ProviderError::Unauthorised { status }
            | ProviderError::NotFound { status, .. }
            | ProviderError::Rejected { status, .. },
        ) => *status,
        Err(ProviderError::Forbidden { .. }) => 403,
        other => panic!("{wanted}: {other:?}"),
    };
    assert_eq!(status, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_every_contract_is_exercised() {
    let counts = [
        projectdiscovery::count().await,
        leaks_ai::count().await,
        leaked_checker::count().await,
        hibp::count().await,
    ];
    for count in &counts {
        count.assert_complete();
    }
    let exercised = counts.each_ref().map(|count| count.exercised.len());
    assert_eq!(exercised, [15, 13, 21, 17]);
    assert_eq!(exercised.iter().sum::<usize>(), 66);
    let services = stanch::provider::REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http);
    assert_eq!(
        services.count(),
        counts.len(),
        "one contract for each provider that is asked over HTTP"
    );
}
