//! Keys and the token: what opens what, and their administration.

use reqwest::Method;
use serde_json::json;

use super::super::{DemoFixture, text};
use super::LeakedCheckerFixture;

#[tokio::test]
async fn each_way_to_have_no_key_has_its_words() {
    let checker = LeakedCheckerFixture::new().await;
    let path = "/external/latestbreach";
    let try_key = async |key: Option<&str>| {
        let mut request = checker.request_without_key(Method::GET, path);
        if let Some(key) = key {
            request = request.header("X-API-Key", key);
        }
        let got = LeakedCheckerFixture::send(&Method::GET, path, request).await;
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
        let got = LeakedCheckerFixture::send(
            &Method::GET,
            path,
            checker.request_without_key(Method::GET, path),
        )
        .await;
        assert_eq!(got.status, 200);
    }
}

#[tokio::test]
async fn the_second_header_and_the_agent_are_matters_of_a_switch() {
    let path = "/external/latestbreach";
    let by_alias = async |checker: &LeakedCheckerFixture| {
        let request = checker
            .request_without_key(Method::GET, path)
            .header("leakedchecker-api-key", checker.key());
        LeakedCheckerFixture::send(&Method::GET, path, request)
            .await
            .status
    };
    let plain = LeakedCheckerFixture::new().await;
    assert_eq!(by_alias(&plain).await, 401);
    assert_eq!(
        plain.get(path).await.status,
        200,
        "the test client names no agent"
    );
    assert_eq!(
        by_alias(&LeakedCheckerFixture::with_faults("alias-key").await).await,
        200
    );
    let strict = LeakedCheckerFixture::with_faults("need-agent").await;
    assert_eq!(strict.get(path).await.status, 403);
    let request = strict
        .request_without_key(Method::GET, path)
        .header("X-API-Key", strict.key())
        .header("User-Agent", "stanch-test");
    assert_eq!(
        LeakedCheckerFixture::send(&Method::GET, path, request)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_made_key_opens_until_it_is_taken_back() {
    let checker = LeakedCheckerFixture::new().await;
    let path = "/external/breach/Adobe";
    let by_key = async |key: &str| {
        let request = checker
            .request_without_key(Method::GET, path)
            .header("X-API-Key", key);
        LeakedCheckerFixture::send(&Method::GET, path, request)
            .await
            .status
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
    let checker = LeakedCheckerFixture::new().await;
    let path = "/api-keys/";
    let key = checker.key();
    for request in [
        checker.request_without_key(Method::GET, path),
        checker
            .request_without_key(Method::GET, path)
            .header("X-API-Key", key),
        checker
            .request_without_key(Method::GET, path)
            .bearer_auth(key),
        checker
            .request_without_key(Method::GET, path)
            .header("Authorization", checker.demo.jwt()),
    ] {
        let got = LeakedCheckerFixture::send(&Method::GET, path, request).await;
        assert_eq!(got.status, 401);
        assert_eq!(got.json()["success"], false);
    }
    let path = "/external/latestbreach";
    let request = checker
        .request_without_key(Method::GET, path)
        .bearer_auth(checker.demo.jwt());
    let got = LeakedCheckerFixture::send(&Method::GET, path, request).await;
    assert_eq!(got.status, 401, "the token is no key");
}

#[tokio::test]
async fn a_reset_gives_the_keys_back() {
    let checker = LeakedCheckerFixture::new().await;
    let got = checker
        .administer(Method::DELETE, "/api-keys/key-1", None)
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(checker.get("/external/latestbreach").await.status, 401);
    let request = checker
        .http
        .post(format!("{}/reset", checker.demo.control_url()));
    assert_eq!(
        DemoFixture::send(request).await.expect("an answer").status,
        200
    );
    assert_eq!(checker.get("/external/latestbreach").await.status, 200);
}

#[tokio::test]
async fn a_write_that_only_says_so_makes_no_key() {
    let checker = LeakedCheckerFixture::with_faults("lie").await;
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
    let request = checker
        .request_without_key(Method::GET, path)
        .header("X-API-Key", key);
    assert_eq!(
        LeakedCheckerFixture::send(&Method::GET, path, request)
            .await
            .status,
        401
    );
}
