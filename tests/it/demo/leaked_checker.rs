//! The imitated Leaked Checker, asked over real HTTP. Every answer is held against its contract.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};
use stanch::demo::{Demo, Options, SystemName, parse_list};

use super::{Got, Rig, client, options, text};
use crate::contracts::LEAKED_CHECKER;

/// A watched domain that is proved, and one whose proof is pending.
const PROVED: &str = "northlake.example";
const PENDING: &str = "orchidhealth.example";

/// A stand-in of all systems, and a client for this one.
struct Checker {
    demo: Demo,
    http: reqwest::Client,
}

fn all_systems() -> Options {
    Options {
        systems: SystemName::ALL.into(),
        ..options(2_000)
    }
}

/// An address as part of a path.
fn part(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn sha1(text: &str) -> String {
    Sha1::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

/// The lines of a password range that count.
fn lines(got: &Got) -> BTreeMap<String, u64> {
    let text = String::from_utf8(got.body.clone()).expect("text");
    text.split("\r\n")
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (suffix, count) = line.split_once(':').expect("two parts");
            (suffix.to_owned(), count.parse().expect("a count"))
        })
        .collect()
}

impl Checker {
    async fn with(options: Options) -> Self {
        Self {
            demo: Demo::start(options).await.expect("it starts"),
            http: client(),
        }
    }

    async fn new() -> Self {
        Self::with(all_systems()).await
    }

    async fn failing(faults: &str) -> Self {
        Self::with(Options {
            faults: parse_list(faults).expect("known faults"),
            ..all_systems()
        })
        .await
    }

    fn key(&self) -> &str {
        self.demo.api_key_of(SystemName::LeakedChecker)
    }

    fn bare(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let base = self.demo.base_url_of(SystemName::LeakedChecker);
        self.http.request(method, format!("{base}{path}"))
    }

    /// Sends a request, and checks the answer against the contract.
    async fn send(method: &Method, path: &str, request: reqwest::RequestBuilder) -> Got {
        let got = Rig::send(request).await.expect("an answer");
        let bare = path.split('?').next().unwrap_or_default();
        LEAKED_CHECKER
            .validate_response(method.as_str(), bare, got.status, got.media(), &got.body)
            .unwrap();
        got
    }

    /// Asks as the contract describes, with the key.
    async fn get(&self, path: &str) -> Got {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        LEAKED_CHECKER
            .validate_request("GET", bare, &query, None)
            .unwrap();
        self.ask(path).await
    }

    /// Asks anything, with the key.
    async fn ask(&self, path: &str) -> Got {
        let request = self.bare(Method::GET, path).header("X-API-Key", self.key());
        Self::send(&Method::GET, path, request).await
    }

    async fn post(&self, path: &str, body: Value) -> Got {
        let request = self
            .bare(Method::POST, path)
            .header("X-API-Key", self.key())
            .header("content-type", "application/json")
            .body(body.to_string());
        Self::send(&Method::POST, path, request).await
    }

    /// Administers keys. What the contract does not describe there is not checked against it.
    async fn administer(&self, method: Method, path: &str, body: Option<Value>) -> Got {
        let mut request = self.bare(method.clone(), path).bearer_auth(self.demo.jwt());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let got = Rig::send(request).await.expect("an answer");
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

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|item| text(item, "Name")).collect()
}

fn rate(got: &Got) -> [Option<&str>; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        let value = got.headers.get(format!("x-ratelimit-{name}"));
        value.and_then(|value| value.to_str().ok())
    })
}

#[tokio::test]
async fn all_twenty_one_operations_answer_as_described() {
    let checker = Checker::new().await;
    let aliases = checker.aliases(PROVED).await;
    let mut account = None;
    for local in aliases.keys() {
        let address = part(&format!("{local}@{PROVED}"));
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
        format!("/external/breacheddomain/{PROVED}"),
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
    let checker = Checker::new().await;
    for (path, status) in [
        (format!("/external/breachedaccount/nobody%40{PROVED}"), 404),
        (format!("/external/breachedemail/nobody%40{PROVED}"), 404),
        (format!("/external/pasteaccount/nobody%40{PROVED}"), 404),
        (format!("/external/breachedcc/email/nobody%40{PROVED}"), 404),
        ("/external/breach/NoSuchBreach".to_owned(), 404),
        ("/external/breachedaccount/%20".to_owned(), 400),
        ("/external/breachedaccount/nobody".to_owned(), 400),
        (
            "/external/breachedemail/a%40b.example?truncate=maybe".to_owned(),
            400,
        ),
        (format!("/external/breacheddomain/{PENDING}"), 403),
        (format!("/external/breacheddomain/emails/{PENDING}"), 403),
        ("/external/breacheddomain/stranger.example".to_owned(), 403),
        ("/external/breacheddomain/nonsense".to_owned(), 400),
        (format!("/external/breacheddomain/{PROVED}?limit=0"), 400),
        (format!("/external/breacheddomain/{PROVED}?limit=2000"), 200),
        ("/external/leakedpassword/CBFDG".to_owned(), 400),
        ("/external/leakedpassword/CBFDAC".to_owned(), 400),
    ] {
        let got = checker.ask(&path).await;
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
    let strict = Checker::failing("strict-limit").await;
    let path = format!("/external/breacheddomain/{PROVED}?limit=2000");
    assert_eq!(strict.ask(&path).await.status, 400);
}

#[tokio::test]
async fn each_way_to_have_no_key_has_its_words() {
    let checker = Checker::new().await;
    let path = "/external/latestbreach";
    let try_key = async |key: Option<&str>| {
        let mut request = checker.bare(Method::GET, path);
        if let Some(key) = key {
            request = request.header("X-API-Key", key);
        }
        let got = Checker::send(&Method::GET, path, request).await;
        (got.status, got.message())
    };
    for (key, word) in [
        (None, "missing"),
        (Some("abc"), "improperly formed"),
        (Some("0123456789abcdef0123456789abcdef"), "invalid"),
    ] {
        let message = format!("Access denied due to {word} X-API-Key");
        assert_eq!(try_key(key).await, (401, message));
    }
    for path in ["/external/status", "/external/leakedpassword/CBFDA"] {
        let got = Checker::send(&Method::GET, path, checker.bare(Method::GET, path)).await;
        assert_eq!(got.status, 200);
    }
}

#[tokio::test]
async fn people_are_those_of_the_other_systems() {
    let checker = Checker::new().await;
    let mut pairs = 0;
    let mut logins = BTreeSet::new();
    let domains = checker.get("/external/subscribeddomains").await.json();
    assert_eq!(domains["count"], 7);
    for domain in domains["domains"].as_array().expect("domains") {
        let name = text(domain, "DomainName");
        assert_eq!(domain["IsVerified"], json!(!domain["VerifiedAt"].is_null()));
        if domain["IsVerified"] == false {
            continue;
        }
        for (local, breaches) in checker.aliases(&name).await {
            pairs += breaches.as_array().expect("names").len();
            logins.insert(format!("{local}@{name}"));
        }
    }
    // A tenth of all leaks.
    assert_eq!(pairs, 200);
    let rig = Rig {
        http: client(),
        demo: checker.demo,
    };
    let theirs: BTreeSet<String> = rig
        .rows("")
        .await
        .iter()
        .map(|row| text(row, "username").trim().to_lowercase())
        .collect();
    let shared = logins.intersection(&theirs).count();
    assert!(shared * 4 > logins.len(), "{shared} of {}", logins.len());
}

#[tokio::test]
async fn an_account_has_the_breaches_that_its_domain_lists() {
    let checker = Checker::new().await;
    let catalogue = checker.get("/external/breaches").await.json();
    let unverified: BTreeSet<String> = catalogue
        .as_array()
        .expect("breaches")
        .iter()
        .filter(|breach| breach["IsVerified"] == false)
        .map(|breach| text(breach, "Name"))
        .collect();
    let mut met = BTreeSet::new();
    let mut dropped = 0;
    for (local, listed) in checker.aliases(PROVED).await {
        let listed: Vec<String> = serde_json::from_value(listed).expect("names");
        met.extend(listed.iter().cloned());
        let address = part(&format!(" {}@{PROVED} ", local.to_uppercase()));
        let path = format!("/external/breachedaccount/{address}");
        let got = checker.get(&path).await.json();
        assert_eq!(names(&got), listed);
        let whole = checker
            .get(&format!("{path}?truncateResponse=false"))
            .await
            .json();
        assert_eq!(names(&whole), listed);
        assert!(whole[0]["LeakedCount"].is_u64());
        let verified: Vec<String> = listed
            .iter()
            .filter(|name| !unverified.contains(*name))
            .cloned()
            .collect();
        dropped += listed.len() - verified.len();
        let got = checker
            .get(&format!("{path}?IncludeUnverified=false"))
            .await;
        let email = checker
            .get(&format!("/external/breachedemail/{address}?truncate=true"))
            .await;
        if verified.is_empty() {
            assert_eq!((got.status, email.status), (404, 404));
        } else {
            assert_eq!(names(&got.json()), verified);
            assert_eq!(email.json()["breaches"], json!(verified));
            assert_eq!(email.json()["count"], verified.len());
        }
        let domain = text(&whole[0], "Domain");
        if !domain.is_empty() {
            let got = checker.get(&format!("{path}?Domain={domain}")).await.json();
            assert!(names(&got).contains(&listed[0]));
            let got = checker
                .get(&format!("{path}?Domain=elsewhere.example"))
                .await;
            assert_eq!(got.status, 404);
        }
    }
    assert!(dropped > 0, "nobody is in an unverified breach");
    let path = format!("/external/breacheddomain/{PROVED}");
    let got = checker
        .get(&format!("{path}?truncate=true&limit=1000"))
        .await
        .json();
    let all: BTreeSet<String> = serde_json::from_value(got["breaches"].clone()).expect("names");
    assert_eq!(all, met);
    let got = checker.get(&format!("{path}?limit=3")).await.json();
    assert_eq!(got["count"], 3);
    assert!(got["breaches"][0]["Title"].is_string());
}

#[tokio::test]
async fn the_catalogue_is_whole_and_can_be_narrowed() {
    let checker = Checker::new().await;
    let all = checker.get("/external/breaches").await.json();
    assert_eq!(names(&all).len(), 334);
    let spam = checker
        .get("/external/breaches?isSpamList=true")
        .await
        .json();
    assert_eq!(names(&spam).len(), 10);
    let plain = checker
        .get("/external/breaches?isSpamList=false")
        .await
        .json();
    assert_eq!(names(&plain).len(), 324);
    let adobe = checker
        .get("/external/breaches?domain=Adobe.com")
        .await
        .json();
    assert_eq!(names(&adobe), ["Adobe"]);
    assert_eq!(adobe[0]["LeakedCount"], 152_445_165);
    assert_eq!(checker.get("/external/breach/aDOBE").await.json(), adobe[0]);
    let latest = checker.get("/external/latestbreach").await.json();
    assert_eq!(latest["AddedDate"], "2018-12-18T16:19:50Z");
    let classes = checker.get("/external/dataclasses").await.json();
    let classes: Vec<String> = serde_json::from_value(classes).expect("texts");
    assert!(classes.is_sorted());
    assert!(classes.iter().any(|class| class == "Email addresses"));
}

#[tokio::test]
async fn a_password_of_the_demo_is_in_its_range() {
    let checker = Checker::new().await;
    let hash = sha1("hunter2");
    let (prefix, suffix) = hash.split_at(5);
    let path = format!("/external/leakedpassword/{}", prefix.to_lowercase());
    let bare = checker.get(&path).await;
    assert_eq!(bare.media(), "text/plain");
    assert!(lines(&bare)[suffix] > 10_000);
    assert!(lines(&bare).values().all(|count| *count > 0));
    let request = checker
        .bare(Method::GET, &path)
        .header("Add-Padding", "true");
    let padded = Checker::send(&Method::GET, &path, request).await;
    let mut padded = lines(&padded);
    assert!((800..=1_000).contains(&padded.len()), "{}", padded.len());
    padded.retain(|_, count| *count > 0);
    assert_eq!(padded, lines(&bare));

    // A password that ProjectDiscovery shows is known here too.
    let url = format!("{}/v1/leaks?limit=200", checker.demo.base_url());
    let request = checker
        .http
        .get(url)
        .header("X-API-Key", checker.demo.api_key());
    let leaks = Rig::send(request).await.expect("leaks").json();
    let password = leaks["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| text(row, "password"))
        .find(|password| !password.is_empty() && !password.starts_with('*'))
        .expect("a password in clear");
    let hash = sha1(&password);
    let (prefix, suffix) = hash.split_at(5);
    let got = checker
        .get(&format!("/external/leakedpassword/{prefix}"))
        .await;
    assert!(lines(&got).contains_key(suffix));
}

#[tokio::test]
async fn a_truth_value_is_answered_where_that_is_asked_for() {
    let checker = Checker::failing("boolean").await;
    for prefix in ["CBFDA", "00000"] {
        let got = checker
            .get(&format!("/external/leakedpassword/{prefix}"))
            .await;
        assert_eq!(got.json(), json!({ "success": true, "found": true }));
    }
    let got = checker.ask("/external/leakedpassword/CBFDG").await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn the_second_header_and_the_agent_are_matters_of_a_switch() {
    let path = "/external/latestbreach";
    let by_alias = async |checker: &Checker| {
        let request = checker
            .bare(Method::GET, path)
            .header("leakedchecker-api-key", checker.key());
        Checker::send(&Method::GET, path, request).await.status
    };
    let plain = Checker::new().await;
    assert_eq!(by_alias(&plain).await, 401);
    assert_eq!(
        plain.get(path).await.status,
        200,
        "the test client names no agent"
    );
    assert_eq!(by_alias(&Checker::failing("alias-key").await).await, 200);
    let strict = Checker::failing("need-agent").await;
    assert_eq!(strict.get(path).await.status, 403);
    let request = strict
        .bare(Method::GET, path)
        .header("X-API-Key", strict.key())
        .header("User-Agent", "stanch-test");
    assert_eq!(Checker::send(&Method::GET, path, request).await.status, 200);
}

#[tokio::test]
async fn cards_and_numbers_are_found_or_not_in_the_vendors_words() {
    let checker = Checker::new().await;
    let card = async |number: &str| {
        let got = checker
            .post("/external/breachedcc", json!({ "cc_num": number }))
            .await;
        assert_eq!(got.status, 200);
        got.json()
    };
    let found = card("4111-1111-1111-1111").await;
    assert_eq!(found["message"], "Credit card found in breach database.");
    assert_eq!(found["data"]["is_breached"], true);
    assert_eq!(found["data"]["cc_masked"], "****-****-****-1111");
    let hits = found["data"]["breaches"].as_array().expect("hits").len();
    assert!(hits > 0);
    assert_eq!(found["data"]["breach_count"], hits);
    assert!(!found.to_string().contains("4111"));
    assert_eq!(
        card("4242424242424242").await,
        json!({
            "success": true,
            "message": "No breaches found for this credit card.",
            "data": {
                "is_breached": false,
                "cc_masked": "****-****-****-4242",
                "breach_count": 0,
                "breaches": [],
            },
        })
    );
    let mut found = 0;
    for number in 0..64 {
        let body = json!({ "last4": format!("{number:04}") });
        let got = checker.post("/external/breachedssn", body).await.json();
        let hit = got["data"]["is_breached"].as_bool().expect("a truth value");
        let message = if hit {
            "SSN found in breach database."
        } else {
            "No breaches found for this SSN."
        };
        assert_eq!(got["message"], message);
        assert_eq!(got["data"]["breach_count"] == 0, !hit);
        found += u32::from(hit);
    }
    assert!((1..32).contains(&found), "{found}");
}

#[tokio::test]
async fn the_rate_is_told_with_every_answer_and_kept() {
    let checker = Checker::new().await;
    let got = checker.get("/external/latestbreach").await;
    assert_eq!(rate(&got), [Some("500"), Some("499"), Some("60")]);
    let plan = checker.get("/external/subscription/status").await;
    assert_eq!(rate(&plan)[1], Some("498"));
    assert_eq!(plan.json()["data"]["SubscriptionName"], "Enterprise");
    assert_eq!(plan.json()["data"]["Rpm"], 500);

    let slow = Checker::with(Options {
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

#[tokio::test]
async fn a_made_key_opens_until_it_is_taken_back() {
    let checker = Checker::new().await;
    let path = "/external/breach/Adobe";
    let by_key = async |key: &str| {
        let request = checker.bare(Method::GET, path).header("X-API-Key", key);
        Checker::send(&Method::GET, path, request).await.status
    };
    let made = checker
        .administer(
            Method::POST,
            "/api-keys/",
            Some(json!({ "name": " Nightly job " })),
        )
        .await
        .json();
    let (id, key) = (text(&made["data"], "id"), text(&made["data"], "key"));
    assert_eq!(made["data"]["name"], "Nightly job");
    assert_eq!(key.len(), 32);
    assert_eq!(by_key(&key).await, 200);
    assert_eq!(by_key(&key).await, 200);

    let list = checker.administer(Method::GET, "/api-keys/", None).await;
    assert_eq!(list.json()["count"], 2);
    let shown = String::from_utf8(list.body).expect("text");
    assert!(!shown.contains(&key), "a key is shown once");
    assert!(!shown.contains(checker.key()));

    let usage = format!("/api-keys/{id}/usage");
    let used = checker.administer(Method::GET, &usage, None).await.json();
    assert_eq!(used["data"]["total_requests"], 2);
    assert_eq!(used["data"]["requests"], json!({ "getBreach": 2 }));

    let gone = format!("/api-keys/{id}");
    let got = checker.administer(Method::DELETE, &gone, None).await;
    assert_eq!((got.status, got.body.len()), (200, 0));
    assert_eq!(by_key(&key).await, 401);
    assert_eq!(by_key(checker.key()).await, 200);
    for (method, path) in [(Method::DELETE, &gone), (Method::GET, &usage)] {
        let got = checker.administer(method, path, None).await;
        assert_eq!(
            (got.status, got.json()["success"].clone()),
            (404, json!(false))
        );
    }
    for body in [json!({ "name": 7 }), json!({ "name": " " }), json!([])] {
        let got = checker
            .administer(Method::POST, "/api-keys/", Some(body))
            .await;
        assert_eq!(got.status, 400);
    }
}

#[tokio::test]
async fn keys_are_administered_with_the_token_alone() {
    let checker = Checker::new().await;
    let path = "/api-keys/";
    let key = checker.key();
    for request in [
        checker.bare(Method::GET, path),
        checker.bare(Method::GET, path).header("X-API-Key", key),
        checker.bare(Method::GET, path).bearer_auth(key),
        checker
            .bare(Method::GET, path)
            .header("Authorization", checker.demo.jwt()),
    ] {
        let got = Checker::send(&Method::GET, path, request).await;
        assert_eq!(got.status, 401);
        assert_eq!(got.json()["success"], false);
    }
    let path = "/external/latestbreach";
    let request = checker
        .bare(Method::GET, path)
        .bearer_auth(checker.demo.jwt());
    let got = Checker::send(&Method::GET, path, request).await;
    assert_eq!(got.status, 401, "the token is no key");
}

#[tokio::test]
async fn a_reset_gives_the_keys_back() {
    let checker = Checker::new().await;
    let got = checker
        .administer(Method::DELETE, "/api-keys/key-1", None)
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(checker.get("/external/latestbreach").await.status, 401);
    let request = checker
        .http
        .post(format!("{}/reset", checker.demo.control_url()));
    assert_eq!(Rig::send(request).await.expect("an answer").status, 200);
    assert_eq!(checker.get("/external/latestbreach").await.status, 200);
}

#[tokio::test]
async fn a_write_that_only_says_so_makes_no_key() {
    let checker = Checker::failing("lie").await;
    let made = checker
        .administer(
            Method::POST,
            "/api-keys/",
            Some(json!({ "name": "Nobody" })),
        )
        .await
        .json();
    let key = text(&made["data"], "key");
    let path = "/external/latestbreach";
    let request = checker.bare(Method::GET, path).header("X-API-Key", key);
    assert_eq!(Checker::send(&Method::GET, path, request).await.status, 401);
}

#[tokio::test]
async fn unknown_members_and_values_come_where_they_are_asked_for() {
    let checker = Checker::failing("unknown").await;
    let breaches = checker.get("/external/breaches").await.json();
    assert!(breaches[0].get("Severity").is_some());
    let domains = checker.get("/external/subscribeddomains").await.json();
    assert_eq!(
        domains["domains"][0]["VerificationMethod"],
        "carrier_pigeon"
    );
    let sources = checker.get("/external/pastesources").await.json();
    assert_eq!(sources.as_array().expect("sources").len(), 8);
}

#[tokio::test]
async fn the_request_log_holds_no_secret() {
    let checker = Checker::new().await;
    checker.get("/external/leakedpassword/CBFDA").await;
    checker
        .post(
            "/external/breachedcc",
            json!({ "cc_num": "5555555555554444" }),
        )
        .await;
    checker.administer(Method::GET, "/api-keys/", None).await;
    let request = checker
        .http
        .get(format!("{}/requests", checker.demo.control_url()));
    let log = Rig::send(request).await.expect("the log").json();
    let paths: Vec<String> = log["requests"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            assert_eq!(entry["provider"], "leaked_checker");
            text(entry, "path")
        })
        .collect();
    assert!(
        paths[0].ends_with("/external/leakedpassword/CBFDA"),
        "{paths:?}"
    );
    let log = log.to_string();
    for secret in [checker.key(), checker.demo.jwt(), "5555"] {
        assert!(!log.contains(secret));
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() {
    let (one, other) = (Checker::new().await, Checker::new().await);
    assert_eq!(one.key(), other.key());
    assert_eq!(one.aliases(PROVED).await, other.aliases(PROVED).await);
    let third = Checker::with(Options {
        seed: 2,
        ..all_systems()
    })
    .await;
    assert_ne!(one.key(), third.key());
    assert_ne!(one.aliases(PROVED).await, third.aliases(PROVED).await);
}
