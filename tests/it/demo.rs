//! The stand-in server, asked over real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it needs by failing"
)]

mod answers;
mod control;
mod data;
mod faults;
mod leaked_checker;
mod leaks_ai;
mod lists;

use jiff::civil::date;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use stanch::demo::{Demo, Options, parse_list};

use crate::contracts::{validate_request, validate_response};

/// A running stand-in and a client for it.
struct DemoFixture {
    demo: Demo,
    http: reqwest::Client,
}

/// An answer, read whole.
#[derive(Debug)]
struct DemoResponse {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl DemoResponse {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }

    fn media(&self) -> &str {
        self.headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

fn options(leaks: u64) -> Options {
    Options {
        leaks,
        ..Options::projectdiscovery_only(date(2026, 3, 1))
    }
}

fn client() -> reqwest::Client {
    // Another test may have been first; either way it is there afterwards.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a plain client")
}

impl DemoFixture {
    async fn with_options(options: Options) -> Self {
        Self {
            demo: Demo::start(options).await.expect("it starts"),
            http: client(),
        }
    }

    async fn with_leaks(leaks: u64) -> Self {
        Self::with_options(options(leaks)).await
    }

    async fn with_faults(leaks: u64, faults: &str) -> Self {
        let faults = parse_list(faults).expect("known faults");
        Self::with_options(Options {
            faults,
            ..options(leaks)
        })
        .await
    }

    fn request(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.demo.base_url()))
            .header("X-API-Key", self.demo.api_key());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        request
    }

    /// Sends it; an answer cut short is an error.
    async fn send(request: reqwest::RequestBuilder) -> Result<DemoResponse, reqwest::Error> {
        let response = request.send().await?;
        Ok(DemoResponse {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }

    async fn get(&self, path: &str) -> DemoResponse {
        let request = self.request(Method::GET, path, None);
        Self::send(request).await.expect("an answer")
    }

    async fn post(&self, path: &str, body: Value) -> DemoResponse {
        let request = self.request(Method::POST, path, Some(body));
        Self::send(request).await.expect("an answer")
    }

    /// Sends a request that the contract describes, and checks the answer against it.
    async fn send_validated(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> DemoResponse {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let bytes = body.as_ref().map(|body| body.to_string().into_bytes());
        validate_request(method.as_str(), bare, &query, bytes.as_deref()).unwrap();
        self.send_and_validate_response(method, path, body).await
    }

    /// Sends any request, and checks the answer against the contract.
    async fn send_and_validate_response(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> DemoResponse {
        let bare = path.split('?').next().unwrap_or_default();
        let got = Self::send(self.request(method.clone(), path, body))
            .await
            .expect("an answer");
        validate_response(method.as_str(), bare, got.status, got.media(), &got.body).unwrap();
        got
    }

    /// All rows of a list, page by page.
    async fn rows(&self, query: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for page in 1.. {
            let got = self
                .get(&format!("/v1/leaks?limit=1000&page_number={page}&{query}"))
                .await;
            let part = got.json()["data"].as_array().expect("rows").clone();
            if part.is_empty() {
                break;
            }
            rows.extend(part);
        }
        rows
    }

    async fn control(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.demo.control_url()));
        Self::send(request).await.expect("an answer").json()
    }

    async fn post_control(&self, path: &str, body: Value) -> DemoResponse {
        let request = self
            .http
            .post(format!("{}{path}", self.demo.control_url()))
            .body(body.to_string());
        Self::send(request).await.expect("an answer")
    }

    async fn statuses(&self) -> serde_json::Map<String, Value> {
        let all = self.control("/statuses").await;
        all["projectdiscovery"]
            .as_object()
            .expect("statuses")
            .clone()
    }

    async fn status_by_id(&self, id: &str) -> String {
        let all = self.statuses().await;
        all[id].as_str().expect("a status").to_owned()
    }

    /// The first ids that are open.
    async fn open_ids(&self, count: usize) -> Vec<String> {
        let rows = self.rows("status=open").await;
        rows.iter().take(count).map(id).collect()
    }

    async fn fix(&self, ids: &[String]) -> Result<DemoResponse, reqwest::Error> {
        let body = json!({ "leakids": ids, "status": "fixed" });
        Self::send(self.request(Method::POST, "/v1/leaks/status", Some(body))).await
    }
}

fn id(row: &Value) -> String {
    text(row, "id")
}

/// A member as text, null as blank.
fn text(row: &Value, member: &str) -> String {
    row[member].as_str().unwrap_or_default().to_owned()
}
