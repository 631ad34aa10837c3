//! The control calls.

use std::path::Path;

use super::*;

#[tokio::test]
async fn requests_are_logged_in_order_without_secrets() {
    let rig = DemoFixture::with_leaks(50).await;
    let ids = rig.open_ids(2).await;
    rig.post_control("/reset", json!({})).await;
    rig.get("/v1/leaks?limit=3&search=vpn").await;
    rig.fix(&ids).await.unwrap();
    rig.post(
        "/v1/leaks/status",
        json!({ "leakid": ids[0], "status": "open" }),
    )
    .await;
    rig.get("/v1/nothing").await;
    let log = rig.control("/requests").await;
    let entries = log["requests"].as_array().unwrap().clone();
    let seen: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!([
                entry["n"],
                entry["method"],
                entry["path"],
                entry["status"],
                entry["ids"]
            ])
        })
        .collect();
    let wanted = [
        json!([1, "GET", "/v1/leaks", 200, null]),
        json!([2, "POST", "/v1/leaks/status", 200, ids]),
        json!([3, "POST", "/v1/leaks/status", 200, [ids[0]]]),
        json!([4, "GET", "/v1/nothing", 404, null]),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(
        entries[0]["query"],
        json!({ "limit": "3", "search": "vpn" })
    );
    let members: Vec<&String> = entries[0].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "at", "ids", "method", "n", "path", "portal", "provider", "query", "status"
        ]
    );
    assert!(
        entries
            .iter()
            .all(|entry| entry["provider"] == "projectdiscovery")
    );
    assert!(entries.iter().all(|entry| {
        entry["at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    }));
    assert!(!log.to_string().contains(rig.demo.api_key()));
}

#[tokio::test]
async fn statuses_name_every_leak_and_can_be_set_from_outside() {
    let rig = DemoFixture::with_leaks(120).await;
    let before = rig.statuses().await;
    assert_eq!(before.len(), 120);
    for row in rig.rows("").await {
        assert_eq!(before[&id(&row)], row["status"]);
    }
    let ids = rig.open_ids(2).await;
    let part = json!({ "projectdiscovery": { &ids[0]: "fixed", &ids[1]: "NA" } });
    assert_eq!(rig.post_control("/statuses", part).await.status, 200);
    assert_eq!(rig.status_by_id(&ids[0]).await, "fixed");
    assert_eq!(rig.status_by_id(&ids[1]).await, "NA");
    let row = rig.rows(&format!("search={}", ids[1])).await;
    assert_eq!(row[0]["status"], "NA");
    let wrong = [
        json!({ "projectdiscovery": { &ids[0]: "open", "nobody": "open" } }),
        json!({ "projectdiscovery": { &ids[0]: "closed" } }),
        json!({ "elsewhere": {} }),
        json!([]),
    ];
    for wrong in wrong {
        assert_eq!(rig.post_control("/statuses", wrong).await.status, 400);
    }
    assert_eq!(rig.status_by_id(&ids[0]).await, "fixed");
}

#[tokio::test]
async fn rows_come_in_at_the_top_and_are_open() {
    let rig = DemoFixture::with_leaks(60).await;
    let before: Vec<String> = rig.rows("").await.iter().map(id).collect();
    let insert = json!({ "projectdiscovery": { "insert": 3 } });
    assert_eq!(rig.post_control("/leaks", insert).await.status, 200);
    let after = rig.rows("").await;
    assert_eq!(after.len(), 63);
    let ids: Vec<String> = after.iter().map(id).collect();
    assert_eq!(ids[3..], before);
    assert!(
        after[..3]
            .iter()
            .all(|row| row["status"] == "open" && row["log_date"] == "2026-03-01")
    );
    assert_eq!(rig.statuses().await.len(), 63);
    assert_eq!(rig.fix(&ids[..2]).await.unwrap().status, 200);
    let wrong = json!({ "projectdiscovery": { "refuse": { &ids[0]: 500 } } });
    assert_eq!(rig.post_control("/leaks", wrong).await.status, 400);
}

#[tokio::test]
async fn reset_brings_back_the_start() {
    let rig = DemoFixture::with_leaks(80).await;
    let rows = rig.rows("").await;
    let (statuses, plan) = (
        rig.statuses().await,
        rig.get("/v1/scans/token").await.json(),
    );
    let ids = rig.open_ids(5).await;
    rig.fix(&ids).await.unwrap();
    rig.post_control(
        "/leaks",
        json!({ "projectdiscovery": { "refuse": { &ids[0]: 403 }, "insert": 2 } }),
    )
    .await;
    rig.post(
        "/v1/user/domain-verification/confirm",
        json!({ "domain": "orchidhealth.example" }),
    )
    .await;
    assert_ne!(rig.rows("").await, rows);
    assert_eq!(rig.post_control("/reset", json!({})).await.status, 200);
    assert_eq!(rig.control("/requests").await["requests"], json!([]));
    assert_eq!(rig.rows("").await, rows);
    assert_eq!(rig.statuses().await, statuses);
    assert_eq!(rig.get("/v1/scans/token").await.json(), plan);
    assert_eq!(rig.fix(&ids[..1]).await.unwrap().status, 200);
}

#[tokio::test]
async fn faults_are_replaced_while_it_runs() {
    let rig = DemoFixture::with_leaks(20).await;
    assert_eq!(rig.get("/v1/leaks").await.status, 200);
    let set = json!({ "faults": ["500:1"] });
    assert_eq!(rig.post_control("/faults", set).await.status, 200);
    assert_eq!(rig.get("/v1/leaks").await.status, 500);
    let wrong = rig
        .post_control("/faults", json!({ "faults": ["drp"] }))
        .await;
    assert_eq!(
        (wrong.status, wrong.message().as_str()),
        (400, "unknown fault 'drp', did you mean 'drop'?")
    );
    assert_eq!(rig.get("/v1/leaks").await.status, 500);
    rig.post_control("/faults", json!({ "faults": [] })).await;
    assert_eq!(rig.get("/v1/leaks").await.status, 200);
}

#[tokio::test]
async fn unknown_control_calls_are_refused() {
    let rig = DemoFixture::with_leaks(1).await;
    let get = async |path: &str| {
        let request = rig.http.get(format!("{}{path}", rig.demo.control_url()));
        DemoFixture::send(request).await.unwrap().status
    };
    assert_eq!(get("/nothing").await, 404);
    assert_eq!(get("/reset").await, 405);
}

#[tokio::test]
async fn it_announces_itself_and_writes_a_configuration() {
    let rig = DemoFixture::with_leaks(1).await;
    let announced: Value = serde_json::from_str(&rig.demo.announcement()).unwrap();
    assert_eq!(
        announced["projectdiscovery"]["base_url"],
        rig.demo.base_url()
    );
    assert_eq!(announced["projectdiscovery"]["api_key"], rig.demo.api_key());
    assert_eq!(announced["control"]["base_url"], rig.demo.control_url());
    assert!(!rig.demo.announcement().contains('\n'));
    let text = rig.demo.config_toml(Path::new("/tmp/odd \"name\"/key"));
    let config: toml::Table = text.parse().unwrap();
    let profile = &config["profiles"]["demo-pd"];
    assert_eq!(profile["provider"].as_str(), Some("projectdiscovery"));
    assert_eq!(
        profile["base_url"].as_str(),
        Some(rig.demo.base_url().as_str())
    );
    assert_eq!(
        profile["key"]["file"].as_str(),
        Some("/tmp/odd \"name\"/key")
    );
    assert_eq!(profile["environment"].as_str(), Some("demo"));
    assert!(!text.contains(rig.demo.api_key()));
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..options(1)
    };
    let error = Demo::start(options).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stand-in listens on loopback only, not on 0.0.0.0:0"
    );
}

#[tokio::test]
async fn stopping_frees_the_port_even_while_a_request_hangs() {
    let rig = DemoFixture::with_faults(5, "hang:1").await;
    let waiting = tokio::spawn(DemoFixture::send(rig.request(
        Method::GET,
        "/v1/leaks",
        None,
    )));
    while rig.control("/requests").await["requests"] == json!([]) {
        tokio::task::yield_now().await;
    }
    let address = rig.demo.base_url().trim_start_matches("http://").to_owned();
    rig.demo.stop().await;
    assert!(waiting.await.unwrap().is_err());
    assert!(tokio::net::TcpListener::bind(address).await.is_ok());
}
