//! Breaches of people, and the catalogue.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stanch::demo::Options;

use super::super::{DemoFixture, client, text};
use super::{LeakedCheckerFixture, VERIFIED_DOMAIN, all_systems, encode_segment};

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|item| text(item, "Name")).collect()
}

#[tokio::test]
async fn people_are_those_of_the_other_systems() {
    let checker = LeakedCheckerFixture::new().await;
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
    let rig = DemoFixture {
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
    let checker = LeakedCheckerFixture::new().await;
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
    for (local, listed) in checker.aliases(VERIFIED_DOMAIN).await {
        let listed: Vec<String> = serde_json::from_value(listed).expect("names");
        met.extend(listed.iter().cloned());
        let address = encode_segment(&format!(" {}@{VERIFIED_DOMAIN} ", local.to_uppercase()));
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
    let path = format!("/external/breacheddomain/{VERIFIED_DOMAIN}");
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
    let checker = LeakedCheckerFixture::new().await;
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
async fn unknown_members_and_values_come_where_they_are_asked_for() {
    let checker = LeakedCheckerFixture::with_faults("unknown").await;
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
async fn the_same_seed_gives_the_same_answers() {
    let (one, other) = (
        LeakedCheckerFixture::new().await,
        LeakedCheckerFixture::new().await,
    );
    assert_eq!(one.key(), other.key());
    assert_eq!(
        one.aliases(VERIFIED_DOMAIN).await,
        other.aliases(VERIFIED_DOMAIN).await
    );
    let third = LeakedCheckerFixture::with_options(Options {
        seed: 2,
        ..all_systems()
    })
    .await;
    assert_ne!(one.key(), third.key());
    assert_ne!(
        one.aliases(VERIFIED_DOMAIN).await,
        third.aliases(VERIFIED_DOMAIN).await
    );
}
