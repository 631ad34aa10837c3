//! What is particular to Leaked Checker. Every request that is made here is held against the OpenAPI file.

mod keys;
mod lists;
mod lookups;
mod rate;
mod reports;

use super::super::support::fault_server::{
    FaultServer, KEY, RecordedRequest, ServerResponse, fast_limits, settings,
};
use crate::contracts::LEAKED_CHECKER;
use stanch::{
    entity::{
        error::ProviderError, key::ProviderId, profile::AdapterSettings, raw_text::RawText,
        secret::Secret,
    },
    http::Limits,
    provider::{Provider, registration},
};
use std::sync::Arc;

const DOMAINS: &str = r#"{"success":true,"count":4,"domains":[
    {"DomainName":"northwind.example","IsVerified":true,"VerifiedAt":"2026-03-02T09:15:00+00:00","VerificationMethod":"dns","CreatedAt":"2026-03-01T17:00:00+00:00"},
    {"DomainName":"open.example","IsVerified":false,"VerifiedAt":null},
    {"DomainName":"Quiet.example","IsVerified":true},
    {"DomainName":"acme.example","IsVerified":true}]}"#;
const NORTHWIND: &str =
    r#"{"m.ortega":["BrightCart"],"reception":["brightcart","OldForum","Unlisted"]}"#;
const ACME: &str = r#"{"m.ortega":["OldForum"]}"#;
const CATALOGUE: &str = r#"[
    {"Name":"BrightCart","Title":"Bright Cart","Domain":"brightcart.example","BreachDate":"2025-03-02","AddedDate":"2025-04-01T00:00:00Z","LeakedCount":1200,"DataClasses":["Email addresses","Passwords"],"IsVerified":true,"IsSpamList":false},
    {"Name":"OldForum","Title":"Old Forum","Domain":"","BreachDate":"2012-07-01","AddedDate":"2013-12-04T00:00Z","PwnCount":9,"DataClasses":["Passwords"],"IsVerified":false,"IsSpamList":true}]"#;
const PASTES: &str = r#"[{"Source":"Pastebin","Id":"q7Rt2LmX","Title":"dump-03","Date":"2016-05-09T11:02:31Z","EmailCount":88},{"Source":"Slexy","Id":"s2Kd90","Title":null,"Date":null}]"#;

/// What the service answers where a test does not say otherwise. `None` is nothing found.
fn usual_response(path: &str) -> Option<&'static str> {
    Some(match path {
        "/external/status" => r#"{"success":true,"status":"operational","version":"1.0"}"#,
        "/external/subscribeddomains" => DOMAINS,
        "/external/breacheddomain/emails/northwind.example" => NORTHWIND,
        "/external/breacheddomain/emails/acme.example" => ACME,
        "/external/breaches" => CATALOGUE,
        "/external/pasteaccount/reception@northwind.example" => PASTES,
        _ => return None,
    })
}

fn not_found() -> ServerResponse {
    ServerResponse::json(
        404,
        r#"{"success":false,"message":"No breaches could be found"}"#,
    )
}

/// The path without the prefix of the base URL and without the query.
fn path(seen: &RecordedRequest) -> String {
    let target = seen.target.split('?').next().unwrap();
    target.strip_prefix("/api/v1").unwrap().to_owned()
}

fn profile(server: &FaultServer) -> AdapterSettings {
    let mut settings = settings(&format!("{}/api/v1", server.url()));
    settings.provider = ProviderId::new("leaked-checker");
    settings
}

fn connect(settings: AdapterSettings, limits: Limits) -> Arc<dyn Provider> {
    let row = registration("leaked-checker").unwrap();
    let key = Secret::from(KEY.to_owned());
    (row.connect_with_limits)(settings, key, limits).unwrap_or_else(|error| panic!("{error}"))
}

/// A server that answers as usual but for what `special` answers.
async fn service(
    special: impl Fn(&str, &RecordedRequest) -> Option<ServerResponse> + Send + Sync + 'static,
) -> (FaultServer, Arc<dyn Provider>) {
    let server = FaultServer::start(move |_, seen| {
        let path = path(seen);
        special(&path, seen)
            .or_else(|| usual_response(&path).map(|body| ServerResponse::json(200, body)))
            .unwrap_or_else(not_found)
    })
    .await;
    let provider = connect(profile(&server), fast_limits());
    (server, provider)
}

/// A server with one answer for one path, and the usual ones.
async fn provider_with(
    known: &'static str,
    status: u16,
    body: &'static str,
) -> (FaultServer, Arc<dyn Provider>) {
    service(move |path, _| (path == known).then(|| ServerResponse::json(status, body))).await
}

/// What was asked for, `METHOD path`, in order; each as the contract says, and with the key where it belongs.
fn requested_paths(server: &FaultServer) -> Vec<String> {
    let seen = server.requests();
    for one in &seen {
        check(one);
    }
    let line = |one: &RecordedRequest| {
        let target = one.target.strip_prefix("/api/v1").unwrap();
        format!("{} {target}", one.method)
    };
    seen.iter().map(line).collect()
}

fn check(seen: &RecordedRequest) {
    let path = path(seen);
    let query = seen.target.split_once('?').map_or("", |(_, query)| query);
    let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let valid = LEAKED_CHECKER.validate_request(&seen.method, &path, &query, Some(&seen.body));
    assert_eq!(valid, Ok(()));
    let public = path == "/external/status" || path.starts_with("/external/leakedpassword/");
    let administers = path.starts_with("/api-keys/");
    let key = (!public && !administers).then_some(KEY);
    assert_eq!(seen.header("x-api-key"), key, "{path}");
    assert_eq!(seen.header("authorization").is_some(), administers);
    assert!(seen.header("user-agent").is_some());
    let body = String::from_utf8_lossy(&seen.body);
    assert!(!seen.target.contains(KEY) && !body.contains(KEY));
}

fn display_texts(texts: &[RawText]) -> Vec<&str> {
    texts.iter().map(|text| text.as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_printed_address_is_refused_with_the_reason_the_setting_and_the_flag() {
    let row = registration("leaked-checker").unwrap();
    assert!(row.base_url.starts_with("https://"));
    let server = FaultServer::with_response(not_found()).await;
    for (setting, flag) in [(false, false), (true, false), (false, true)] {
        let mut settings = profile(&server);
        settings.base_url = "http://91.222.173.119:7000/api/v1".into();
        (settings.allow_insecure_http, settings.insecure_http_flag) = (setting, flag);
        let Err(ProviderError::Policy { why }) =
            (row.connect)(settings, Secret::from(KEY.to_owned()))
        else {
            panic!("plain http");
        };
        for word in ["in the clear", "allow_insecure_http", "--insecure-http"] {
            assert!(why.contains(word), "{why}");
        }
    }
}

#[tokio::test]
async fn data_is_attributed_to_the_service_at_its_address_or_as_the_profile_says() {
    let server = FaultServer::with_response(not_found()).await;
    let mut settings = profile(&server);
    let line = stanch::provider::attribution(&settings);
    let expected = format!("Leaked Checker, CC BY 4.0, {}", server.url());
    assert_eq!(line, Some(expected));
    let own = Some("Have I Been Pwned, December 2018, CC BY 4.0".to_owned());
    settings.attribution = own.clone();
    assert_eq!(stanch::provider::attribution(&settings), own);
    settings.attribution = None;
    settings.provider = ProviderId::new("projectdiscovery");
    assert_eq!(stanch::provider::attribution(&settings), None);
}
