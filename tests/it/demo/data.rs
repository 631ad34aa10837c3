//! The data itself: the same for the same seed, realistic, and never stored.

use std::collections::{HashMap, HashSet};

use super::*;

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let (one, two) = (
        DemoFixture::with_leaks(150).await,
        DemoFixture::with_leaks(150).await,
    );
    for path in [
        "/v1/leaks?limit=100&page_number=2",
        "/v1/leaks?group_by=hostname",
        "/v1/leaks/stats/domain?domain=northlake.example",
        "/v1/user/domain-verification/status",
        "/v1/domain/associated",
        "/v1/scans/token",
    ] {
        assert_eq!(one.get(path).await.body, two.get(path).await.body, "{path}");
    }
    assert_eq!(one.demo.api_key(), two.demo.api_key());
    let other = DemoFixture::with_options(Options {
        seed: 2,
        ..options(150)
    })
    .await;
    assert_ne!(one.demo.api_key(), other.demo.api_key());
    let ids = |rows: Vec<Value>| rows.iter().map(id).collect::<HashSet<_>>();
    assert!(ids(one.rows("").await).is_disjoint(&ids(other.rows("").await)));
}

#[tokio::test]
async fn rows_look_like_an_account() {
    let rig = DemoFixture::with_leaks(5_000).await;
    let rows = rig.rows("").await;
    assert_eq!(rows.len(), 5_000);
    let count = |test: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| test(row)).count();
    let ids: HashSet<String> = rows.iter().map(id).collect();
    assert_eq!(ids.len(), 5_000);
    assert!(ids.iter().all(|id| id.len() == 32));
    assert!((450..750).contains(&count(&|row| row["status"] == "fixed")));
    assert!((240..360).contains(&count(&|row| row.to_string().contains("vpn"))));
    assert!(count(&|row| row["password"] == "***MASKED***") > 1_000);
    assert!(count(&|row| text(row, "password").is_empty()) > 50);
    assert!(count(&|row| row["hostname"].is_null()) > 20);
    assert!(count(&|row| row["hostname"] == "") > 20);
    let domains: HashSet<String> = rows.iter().map(|row| text(row, "domain")).collect();
    assert_eq!(
        domains.len(),
        9,
        "eight watched ones, and blank for personal leaks"
    );
    let mut people: HashMap<String, HashSet<String>> = HashMap::new();
    for row in &rows {
        let login = text(row, "username");
        people
            .entry(login.trim().to_lowercase())
            .or_default()
            .insert(login);
    }
    assert!(people.len() > 500);
    assert!(
        people
            .values()
            .filter(|spellings| spellings.len() > 1)
            .count()
            > 20
    );
    let dates: Vec<String> = rows.iter().map(|row| text(row, "log_date")).collect();
    assert!(dates.is_sorted_by(|newer, older| newer >= older));
    assert_eq!(dates[0], "2026-03-01");
    assert!(
        rows.iter()
            .all(|row| text(row, "fetched_at") >= text(row, "log_date"))
    );
}

#[tokio::test]
async fn odd_ids_come_only_on_request() {
    let rig = DemoFixture::with_options(Options {
        hostile: true,
        ..options(200)
    })
    .await;
    let rows = rig.rows("").await;
    let odd: Vec<String> = rows
        .iter()
        .map(id)
        .filter(|id| id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .collect();
    assert_eq!(odd.len(), 3);
    let got = rig.fix(&odd).await.unwrap();
    assert_eq!(got.status, 400);
    assert!(
        rows.iter()
            .any(|row| text(row, "username").contains('\u{1b}'))
    );
}

#[tokio::test]
async fn a_million_leaks_cost_no_time_to_start() {
    let rig = DemoFixture::with_leaks(1_000_000).await;
    let page = rig
        .get("/v1/leaks?limit=1000&page_number=1000")
        .await
        .json();
    assert_eq!(page["total_leaks"], 1_000_000);
    assert_eq!(page["data"].as_array().unwrap().len(), 1_000);
}
