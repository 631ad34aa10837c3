//! The imitated Leaked Checker, asked over real HTTP. Every answer is held against its contract.

mod breaches;
mod keys;
mod secrets;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value, json};
use stanch::demo::{Demo, Options, SystemName, parse_list};

use super::{DemoFixture, DemoResponse, client, options};
use crate::contracts::LEAKED_CHECKER;

/// A watched domain that is proved, and one whose proof is pending.
const VERIFIED_DOMAIN: &str = "northlake.example";
const PENDING_DOMAIN: &str = "orchidhealth.example";

/// A stand-in of all systems, and a client for this one.
struct LeakedCheckerFixture {
    demo: Demo,
    http: reqwest::Client,
}

fn all_systems() -> Options {
    Options {
        systems: crate::support::console_fixture::THREE.into(),
        ..options(2_000)
    }
}

/// An address as part of a path.
fn encode_segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl LeakedCheckerFixture {
    async fn with_options(options: Options) -> Self {
        Self {
            demo: Demo::start(options).await.expect("it starts"),
            http: client(),
        }
    }

    async fn new() -> Self {
        Self::with_options(all_systems()).await
    }

    async fn with_faults(faults: &str) -> Self {
        Self::with_options(Options {
            faults: parse_list(faults).expect("known faults"),
            ..all_systems()
        })
        .await
    }

    fn key(&self) -> &str {
        self.demo.system_api_key(SystemName::LeakedChecker)
    }

    fn request_without_key(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let base = self.demo.system_base_url(SystemName::LeakedChecker);
        self.http.request(method, format!("{base}{path}"))
    }

    /// Sends a request, and checks the answer against the contract.
    async fn send(method: &Method, path: &str, request: reqwest::RequestBuilder) -> DemoResponse {
        let got = DemoFixture::send(request).await.expect("an answer");
        let bare = path.split('?').next().unwrap_or_default();
        LEAKED_CHECKER
            .validate_response(method.as_str(), bare, got.status, got.media(), &got.body)
            .unwrap();
        got
    }

    /// Asks as the contract describes, with the key.
    async fn get(&self, path: &str) -> DemoResponse {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        LEAKED_CHECKER
            .validate_request("GET", bare, &query, None)
            .unwrap();
        self.get_unvalidated(path).await
    }

    /// Asks anything, with the key.
    async fn get_unvalidated(&self, path: &str) -> DemoResponse {
        let request = self
            .request_without_key(Method::GET, path)
            .header("X-API-Key", self.key());
        Self::send(&Method::GET, path, request).await
    }

    async fn post(&self, path: &str, body: Value) -> DemoResponse {
        let request = self
            .request_without_key(Method::POST, path)
            .header("X-API-Key", self.key())
            .header("content-type", "application/json")
            .body(body.to_string());
        Self::send(&Method::POST, path, request).await
    }

    /// Administers keys. What the contract does not describe there is not checked against it.
    async fn administer(&self, method: Method, path: &str, body: Option<Value>) -> DemoResponse {
        let mut request = self
            .request_without_key(method.clone(), path)
            .bearer_auth(self.demo.jwt());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let got = DemoFixture::send(request).await.expect("an answer");
        if matches!(got.status, 200 | 401) {
            LEAKED_CHECKER
                .validate_response(method.as_str(), path, got.status, got.media(), &got.body)
                .unwrap();
        }
        got
    }

    async fn aliases(&self, domain: &str) -> Map<String, Value> {
        let got = self
            .get(&format!("/external/breacheddomain/emails/{domain}"))
            .await;
        assert_eq!(got.status, 200, "{got:?}");
        got.json().as_object().expect("an object").clone()
    }
}

fn rate(got: &DemoResponse) -> [Option<&str>; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        let value = got.headers.get(format!("x-ratelimit-{name}"));
        value.and_then(|value| value.to_str().ok())
    })
}

#[tokio::test]
async fn all_twenty_one_operations_answer_as_described() {
    let checker = LeakedCheckerFixture::new().await;
    let aliases = checker.aliases(VERIFIED_DOMAIN).await;
    let mut account = None;
    for local in aliases.keys() {
        let address = encode_segment(&format!("{local}@{VERIFIED_DOMAIN}"));
        let (pastes, cards) = (
            checker
                .get(&format!("/external/pasteaccount/{address}"))
                .await
                .status,
            checker
                .get(&format!("/external/breachedcc/email/{address}"))
                .await
                .status,
        );
        assert!(matches!((pastes, cards), (200 | 404, 200 | 404)));
        if pastes == 200 && (cards == 200 || account.is_none()) {
            account = Some(address);
        }
    }
    let account = account.expect("somebody is in a paste");
    let mut asked = BTreeSet::from([
        "listBreachedAliases".to_owned(),
        "listCardBreachesForEmail".to_owned(),
    ]);
    let mut paths = vec![
        "/external/status".to_owned(),
        "/external/subscription/status".to_owned(),
        "/external/subscribeddomains".to_owned(),
        format!("/external/breachedaccount/{account}"),
        format!("/external/breachedemail/{account}?include_unverified=true"),
        format!("/external/breacheddomain/{VERIFIED_DOMAIN}"),
        "/external/breaches".to_owned(),
        "/external/breach/Adobe".to_owned(),
        "/external/latestbreach".to_owned(),
        "/external/dataclasses".to_owned(),
        format!("/external/pasteaccount/{account}"),
        "/external/pastesources".to_owned(),
        "/external/leakedpassword/CBFDA".to_owned(),
    ];
    for path in paths.drain(..) {
        let got = checker.get(&path).await;
        assert_eq!(got.status, 200, "{path}");
        assert!(!got.body.is_empty(), "{path}");
        asked.extend(operation("GET", &path));
    }
    for (path, body) in [
        (
            "/external/breachedcc",
            json!({ "cc_num": "5555555555554444" }),
        ),
        ("/external/breachedssn", json!({ "last4": "1234" })),
    ] {
        assert_eq!(checker.post(path, body).await.status, 200);
        asked.extend(operation("POST", path));
    }
    for (method, path, body) in [
        (
            Method::POST,
            "/api-keys/",
            Some(json!({ "name": "Nightly job" })),
        ),
        (Method::GET, "/api-keys/", None),
        (Method::GET, "/api-keys/key-2/usage", None),
        (Method::DELETE, "/api-keys/key-2", None),
    ] {
        let got = checker.administer(method.clone(), path, body).await;
        assert_eq!(got.status, 200, "{path}");
        asked.extend(operation(method.as_str(), path));
    }
    let all: BTreeSet<String> = LEAKED_CHECKER
        .operations()
        .into_iter()
        .map(|known| known.id)
        .collect();
    assert_eq!(asked, all);
}

fn operation(method: &str, path: &str) -> Option<String> {
    let bare = path.split('?').next().unwrap_or_default();
    LEAKED_CHECKER.operation(method, bare).map(|known| known.id)
}

#[tokio::test]
async fn refusals_are_as_described() {
    let checker = LeakedCheckerFixture::new().await;
    for (path, status) in [
        (
            format!("/external/breachedaccount/nobody%40{VERIFIED_DOMAIN}"),
            404,
        ),
        (
            format!("/external/breachedemail/nobody%40{VERIFIED_DOMAIN}"),
            404,
        ),
        (
            format!("/external/pasteaccount/nobody%40{VERIFIED_DOMAIN}"),
            404,
        ),
        (
            format!("/external/breachedcc/email/nobody%40{VERIFIED_DOMAIN}"),
            404,
        ),
        ("/external/breach/NoSuchBreach".to_owned(), 404),
        ("/external/breachedaccount/%20".to_owned(), 400),
        ("/external/breachedaccount/nobody".to_owned(), 400),
        (
            "/external/breachedemail/a%40b.example?truncate=maybe".to_owned(),
            400,
        ),
        (format!("/external/breacheddomain/{PENDING_DOMAIN}"), 403),
        (
            format!("/external/breacheddomain/emails/{PENDING_DOMAIN}"),
            403,
        ),
        ("/external/breacheddomain/stranger.example".to_owned(), 403),
        ("/external/breacheddomain/nonsense".to_owned(), 400),
        (
            format!("/external/breacheddomain/{VERIFIED_DOMAIN}?limit=0"),
            400,
        ),
        (
            format!("/external/breacheddomain/{VERIFIED_DOMAIN}?limit=2000"),
            200,
        ),
        ("/external/leakedpassword/CBFDG".to_owned(), 400),
        ("/external/leakedpassword/CBFDAC".to_owned(), 400),
    ] {
        let got = checker.get_unvalidated(&path).await;
        assert_eq!(got.status, status, "{path}");
        assert_eq!(got.json()["success"], json!(status == 200), "{path}");
        assert_eq!(rate(&got)[2], Some("60"), "{path}");
    }
    for (path, body) in [
        (
            "/external/breachedcc",
            json!({ "cc_num": "5555555555554445" }),
        ),
        ("/external/breachedcc", json!({ "number": 1 })),
        ("/external/breachedssn", json!({ "last4": "123" })),
        ("/external/breachedssn", json!([])),
    ] {
        assert_eq!(checker.post(path, body).await.status, 400);
    }
    let strict = LeakedCheckerFixture::with_faults("strict-limit").await;
    let path = format!("/external/breacheddomain/{VERIFIED_DOMAIN}?limit=2000");
    assert_eq!(strict.get_unvalidated(&path).await.status, 400);
}

#[tokio::test]
async fn the_rate_is_told_with_every_answer_and_kept() {
    let checker = LeakedCheckerFixture::new().await;
    let got = checker.get("/external/latestbreach").await;
    assert_eq!(rate(&got), [Some("500"), Some("499"), Some("60")]);
    let plan = checker.get("/external/subscription/status").await;
    assert_eq!(rate(&plan)[1], Some("498"));
    assert_eq!(plan.json()["data"]["SubscriptionName"], "Enterprise");
    assert_eq!(plan.json()["data"]["Rpm"], 500);

    let slow = LeakedCheckerFixture::with_options(Options {
        rpm: Some(2),
        ..all_systems()
    })
    .await;
    assert_eq!(
        slow.get("/external/subscription/status").await.json()["data"]["Rpm"],
        2
    );
    let missing = slow.get("/external/breach/NoSuchBreach").await;
    assert_eq!(rate(&missing), [Some("2"), Some("0"), Some("60")]);
    let refused = slow.get("/external/latestbreach").await;
    assert_eq!(refused.status, 429);
    assert_eq!(rate(&refused), [Some("2"), Some("0"), Some("60")]);
    let wait = refused.json()["retry_after"].as_u64().expect("seconds");
    assert!((1..=60).contains(&wait));
    assert_eq!(refused.headers["retry-after"], wait.to_string());
    assert_eq!(
        refused.message(),
        "Rate limit exceeded. Please wait before making more requests."
    );
}
