//! Passwords, cards and numbers.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;
use sha1::{Digest as _, Sha1};

use super::super::{DemoFixture, DemoResponse, text};
use super::LeakedCheckerFixture;

fn sha1(text: &str) -> String {
    Sha1::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

/// The lines of a password range that count.
fn lines(got: &DemoResponse) -> BTreeMap<String, u64> {
    let text = String::from_utf8(got.body.clone()).expect("text");
    text.split("\r\n")
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (suffix, count) = line.split_once(':').expect("two parts");
            (suffix.to_owned(), count.parse().expect("a count"))
        })
        .collect()
}

#[tokio::test]
async fn a_password_of_the_demo_is_in_its_range() {
    let checker = LeakedCheckerFixture::new().await;
    let hash = sha1("hunter2");
    let (prefix, suffix) = hash.split_at(5);
    let path = format!("/external/leakedpassword/{}", prefix.to_lowercase());
    let bare = checker.get(&path).await;
    assert_eq!(bare.media(), "text/plain");
    assert!(lines(&bare)[suffix] > 10_000);
    assert!(lines(&bare).values().all(|count| *count > 0));
    let request = checker
        .request_without_key(Method::GET, &path)
        .header("Add-Padding", "true");
    let padded = LeakedCheckerFixture::send(&Method::GET, &path, request).await;
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
    let leaks = DemoFixture::send(request).await.expect("leaks").json();
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
    let checker = LeakedCheckerFixture::with_faults("boolean").await;
    for prefix in ["CBFDA", "00000"] {
        let got = checker
            .get(&format!("/external/leakedpassword/{prefix}"))
            .await;
        assert_eq!(got.json(), json!({ "success": true, "found": true }));
    }
    let got = checker
        .get_unvalidated("/external/leakedpassword/CBFDG")
        .await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn cards_and_numbers_are_found_or_not_in_the_vendors_words() {
    let checker = LeakedCheckerFixture::new().await;
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
async fn the_request_log_holds_no_secret() {
    let checker = LeakedCheckerFixture::new().await;
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
    let log = DemoFixture::send(request).await.expect("the log").json();
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
