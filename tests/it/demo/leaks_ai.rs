//! The imitated Leaks.ai.

mod control;
mod data;
mod lists;

use std::collections::{BTreeMap, BTreeSet};

use stanch::demo::SystemName;

use super::*;
use crate::contracts::LEAKS_AI;

/// An id that belongs to nothing.
const MISSING: &str = "0e7f4a52-8c11-4b7d-9d0e-6a2b51c7f903";

/// Every kind of row that has lists, counts and ids.
const KINDS: [&str; 4] = ["leaks", "endpoints", "resources", "users"];

/// A stand-in of two systems, and the way to ask one of them.
struct LeaksAiFixture(DemoFixture);

fn two_systems(leaks: u64) -> Options {
    Options {
        systems: [SystemName::ProjectDiscovery, SystemName::LeaksAi].into(),
        ..options(leaks)
    }
}

impl LeaksAiFixture {
    async fn with_options(options: Options) -> Self {
        Self(DemoFixture::with_options(options).await)
    }

    /// So many leaks in all: a tenth of them here.
    async fn with_leaks(leaks: u64) -> Self {
        Self::with_options(two_systems(leaks)).await
    }

    async fn with_faults(leaks: u64, faults: &str) -> Self {
        let faults = parse_list(faults).unwrap();
        Self::with_options(Options {
            faults,
            ..two_systems(leaks)
        })
        .await
    }

    fn key(&self) -> &str {
        self.0.demo.system_api_key(SystemName::LeaksAi)
    }

    async fn send_with_key(&self, method: Method, path: &str, key: &str) -> DemoResponse {
        let base = self.0.demo.system_base_url(SystemName::LeaksAi);
        let mut request = self.0.http.request(method, format!("{base}{path}"));
        if !key.is_empty() {
            request = request.header("Authorization", key);
        }
        DemoFixture::send(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> DemoResponse {
        self.send_with_key(Method::GET, path, self.key()).await
    }

    /// Asks, and checks the answer against the contract.
    async fn get_response(&self, path: &str) -> DemoResponse {
        let got = self.get(path).await;
        assert_described(path, &got);
        got
    }

    /// Asks what the contract describes, and checks both sides against it.
    async fn get_json(&self, path: &str) -> Value {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        LEAKS_AI
            .validate_request("GET", bare, &query, None)
            .unwrap();
        let got = self.get_response(path).await;
        assert_eq!(got.status, 200, "{path}: {:?}", got.json());
        got.json()
    }

    /// All rows of a list, page by page.
    async fn all(&self, kind: &str, query: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for page in 1.. {
            let body = self
                .get_json(&format!("/{kind}?page={page}&per_page=100&{query}"))
                .await;
            let part = body["data"].as_array().unwrap().clone();
            if part.is_empty() {
                break;
            }
            rows.extend(part);
        }
        rows
    }

    async fn ids(&self, kind: &str, query: &str) -> Vec<String> {
        self.all(kind, query).await.iter().map(id).collect()
    }

    async fn count(&self, kind: &str, query: &str) -> usize {
        let body = self.get_json(&format!("/{kind}/count?{query}")).await;
        usize::try_from(body["data"]["count"].as_u64().unwrap()).unwrap()
    }

    /// One thing by its id.
    async fn get_item(&self, kind: &str, id: &str) -> Value {
        self.get_json(&format!("/{kind}/{id}")).await["data"].take()
    }
}

/// Fails unless the contract describes the answer.
fn assert_described(path: &str, got: &DemoResponse) {
    let bare = path.split('?').next().unwrap();
    LEAKS_AI
        .validate_response("GET", bare, got.status, got.media(), &got.body)
        .unwrap();
}

/// The ids of a kind of connection.
fn connected_ids(thing: &Value, kind: &str) -> BTreeSet<String> {
    let items = thing["connections"][kind].as_array().unwrap();
    items.iter().map(id).collect()
}

#[tokio::test]
async fn every_operation_is_answered_as_described() {
    let rig = LeaksAiFixture::with_leaks(500).await;
    let operations = LEAKS_AI.operations();
    assert_eq!(operations.len(), 13);
    for operation in operations {
        let kind = operation.path.split('/').nth(1).unwrap();
        let path = match operation.path.find('{') {
            None => operation.path.clone(),
            Some(_) => format!("/{kind}/{}", rig.ids(kind, "").await[0]),
        };
        let body = rig.get_json(&path).await;
        let filled = match &body["data"] {
            Value::Array(rows) => !rows.is_empty(),
            data => data["count"].as_u64().is_some_and(|count| count > 0) || data["id"].is_string(),
        };
        assert!(filled, "{operation:?}: {body}");
    }
}

#[tokio::test]
async fn only_the_bare_key_is_taken() {
    let rig = LeaksAiFixture::with_leaks(50).await;
    let foreign = rig.0.demo.api_key().to_owned();
    let bearer = format!("Bearer {}", rig.key());
    for operation in LEAKS_AI.operations() {
        let path = operation.path.replace(['{', '}'], "");
        for key in ["", "wrong", &foreign, &bearer] {
            let got = rig.send_with_key(Method::GET, &path, key).await;
            assert_described(&path, &got);
            assert_eq!((got.status, &got.json()["status"]), (401, &json!(401)));
            assert_eq!(got.json()["type"], "unauthorized");
        }
    }
    let by_other_header = rig
        .0
        .http
        .get(format!(
            "{}/leaks",
            rig.0.demo.system_base_url(SystemName::LeaksAi)
        ))
        .header("X-API-Key", rig.key());
    assert_eq!(
        DemoFixture::send(by_other_header).await.unwrap().status,
        401
    );
    assert_eq!(rig.get("/leaks").await.status, 200);
}

#[tokio::test]
async fn a_refused_key_can_say_another_status_in_its_body() {
    let rig = LeaksAiFixture::with_faults(50, "status-mismatch").await;
    let got = rig.send_with_key(Method::GET, "/users", "wrong").await;
    assert_described("/users", &got);
    assert_eq!(got.status, 401);
    assert_eq!(got.json()["status"], 400);
    assert_eq!(got.json()["type"], "validation_error");
    assert_eq!(rig.get("/users").await.status, 200);
}

#[tokio::test]
async fn refusals_are_as_described() {
    let rig = LeaksAiFixture::with_leaks(50).await;
    let foreign = format!("domain_id={MISSING}");
    for kind in KINDS {
        for path in [
            format!("/{kind}?page=0"),
            format!("/{kind}?per_page=101"),
            format!("/{kind}?sort=colour"),
            format!("/{kind}?risk_level=grave"),
            format!("/{kind}/count?risk_level=grave"),
            format!("/{kind}?domain_id=7f1c"),
        ] {
            let got = rig.get_response(&path).await;
            assert_eq!(got.status, 400, "{path}");
            assert_eq!(got.json()["type"], "validation_error");
            assert_eq!(got.json()["status"], 400);
        }
        for path in [
            format!("/{kind}?{foreign}"),
            format!("/{kind}/count?{foreign}"),
            format!("/{kind}/{MISSING}?{foreign}"),
        ] {
            let got = rig.get_response(&path).await;
            assert_eq!((got.status, &got.json()["status"]), (403, &json!(403)));
        }
        for path in [
            format!("/{kind}/{MISSING}"),
            format!("/{kind}/7f1c"),
            format!("/{kind}/{MISSING}?domain_id=7f1c"),
        ] {
            let got = rig.get_response(&path).await;
            assert_eq!(
                (got.status, &got.json()["type"]),
                (404, &json!("not_found"))
            );
        }
        for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
            let path = format!("/{kind}/{MISSING}");
            let got = rig.send_with_key(method, &path, rig.key()).await;
            assert_eq!((got.status, &got.json()["status"]), (405, &json!(405)));
        }
    }
    let sort = rig.get_response("/leaks?sort=colour").await.json();
    assert_eq!(
        sort["detail"],
        "Invalid sort field: \"colour\". Valid: [\"risk_level\", \"first_seen\", \"added_at\"]."
    );
    for path in ["/", "/nothing", "/domains/count", "/leaks/a/b", "/leaks/"] {
        let got = rig.get(path).await;
        assert_eq!(
            (got.status, &got.json()["status"]),
            (404, &json!(404)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn too_many_requests_are_told_as_described() {
    let rig = LeaksAiFixture::with_faults(50, "429:1").await;
    let got = rig.get_response("/leaks").await;
    assert_eq!((got.status, &got.json()["status"]), (429, &json!(429)));
    assert_eq!(got.headers["retry-after"], "1");
    let bare = LeaksAiFixture::with_faults(50, "429-bare:1").await;
    let got = bare.get_response("/leaks").await;
    assert_eq!(got.status, 429);
    assert!(!got.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn each_system_has_its_own_minute() {
    let rig = LeaksAiFixture::with_options(Options {
        rpm: Some(2),
        ..two_systems(50)
    })
    .await;
    for status in [200, 200, 429] {
        assert_eq!(rig.get("/leaks").await.status, status);
    }
    assert_eq!(rig.0.get("/v1/leaks").await.status, 200);
}

#[tokio::test]
async fn faults_count_each_system_on_its_own() {
    let rig = LeaksAiFixture::with_faults(50, "500:2").await;
    assert_eq!(rig.get("/leaks").await.status, 200);
    // The operations have the same name in both contracts.
    assert_eq!(rig.0.get("/v1/leaks").await.status, 200);
    let got = rig.get("/leaks").await;
    assert_eq!((got.status, &got.json()["status"]), (500, &json!(500)));
    let other = rig.0.get("/v1/leaks").await;
    assert_eq!(
        (other.status, other.message()),
        (500, "Internal server error".into())
    );
}
