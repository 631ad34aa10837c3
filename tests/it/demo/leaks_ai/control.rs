//! The control calls, the announcement and the configuration, with more than one system.

use std::path::Path;

use super::*;

impl LeaksAiFixture {
    async fn statuses(&self) -> serde_json::Map<String, Value> {
        let all = self.0.control("/statuses").await;
        all["leaks_ai"].as_object().unwrap().clone()
    }
}

#[tokio::test]
async fn statuses_name_every_leak_and_can_be_set_from_outside() {
    let rig = LeaksAiFixture::with_leaks(1_000).await;
    let before = rig.statuses().await;
    assert_eq!(before.len(), 100);
    for row in rig.all("leaks", "").await {
        assert_eq!(before[&id(&row)], row["status"]);
    }
    let leak = rig.ids("leaks", "status=new").await.swap_remove(0);
    let endpoint = rig.ids("endpoints", "status=new").await.swap_remove(0);
    let part = json!({ "leaks_ai": { &leak: "false_positive", &endpoint: "resolved" } });
    assert_eq!(rig.0.post_control("/statuses", part).await.status, 200);
    assert_eq!(
        rig.get_item("leaks", &leak).await["status"],
        "false_positive"
    );
    assert_eq!(
        rig.get_item("endpoints", &endpoint).await["status"],
        "resolved"
    );
    assert!(
        rig.ids("leaks", "status=false_positive")
            .await
            .contains(&leak)
    );
    assert!(!rig.ids("leaks", "status=new").await.contains(&leak));
    for wrong in [
        json!({ "leaks_ai": { &leak: "open" } }),
        json!({ "leaks_ai": { &leak: "new", MISSING: "new" } }),
        json!({ "leaks_ai": { "7f1c": "new" } }),
    ] {
        assert_eq!(rig.0.post_control("/statuses", wrong).await.status, 400);
    }
    assert_eq!(rig.statuses().await[&leak], "false_positive");
    rig.0.post_control("/reset", json!({})).await;
    assert_eq!(rig.statuses().await, before);
    assert_eq!(rig.get_item("endpoints", &endpoint).await["status"], "new");
}

#[tokio::test]
async fn rows_come_in_at_the_top_and_some_are_refused() {
    let rig = LeaksAiFixture::with_leaks(600).await;
    let before = rig.ids("leaks", "").await;
    let foreign = &before[0];
    let body = json!({ "leaks_ai": { "insert": 3, "refuse": { foreign: 403, &before[1]: 404 } } });
    assert_eq!(rig.0.post_control("/leaks", body).await.status, 200);
    let after = rig.all("leaks", "").await;
    let ids: Vec<String> = after.iter().map(id).collect();
    assert_eq!(ids[3..], before);
    assert!(after[..3].iter().all(|row| row["status"] == "new"));
    assert_eq!(rig.statuses().await.len(), 63);
    assert_eq!(rig.get_item("leaks", &ids[0]).await["id"], ids[0].as_str());
    let refused = rig.get_response(&format!("/leaks/{foreign}")).await;
    assert_eq!(
        (refused.status, &refused.json()["status"]),
        (403, &json!(403))
    );
    assert_eq!(
        rig.get_response(&format!("/leaks/{}", before[1]))
            .await
            .status,
        404
    );
    // The other system has seen none of it.
    assert_eq!(rig.0.rows("").await.len(), 480);
    rig.0.post_control("/reset", json!({})).await;
    assert_eq!(rig.ids("leaks", "").await, before);
    assert_eq!(
        rig.get_response(&format!("/leaks/{foreign}")).await.status,
        200
    );
}

#[tokio::test]
async fn the_log_has_the_whole_path_and_the_system() {
    let rig = LeaksAiFixture::with_leaks(50).await;
    rig.get("/leaks/count?password=hunter2&status=new").await;
    rig.send_with_key(Method::DELETE, "/users", "wrong").await;
    rig.0.get("/v1/leaks").await;
    let log = rig.0.control("/requests").await;
    let seen: Vec<Value> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            json!([
                entry["provider"],
                entry["path"],
                entry["status"],
                entry["ids"]
            ])
        })
        .collect();
    assert_eq!(
        seen,
        [
            json!(["leaks_ai", "/leaks-ai/api/v1/leaks/count", 200, null]),
            json!(["leaks_ai", "/leaks-ai/api/v1/users", 405, null]),
            json!(["projectdiscovery", "/v1/leaks", 200, null]),
        ]
    );
    assert!(!log.to_string().contains("hunter2"));
    assert!(!log.to_string().contains(rig.key()));
}

#[tokio::test]
async fn every_system_is_announced_and_configured() {
    let rig = LeaksAiFixture::with_leaks(50).await;
    let demo = &rig.0.demo;
    let announced: Value = serde_json::from_str(&demo.announcement()).unwrap();
    let base = demo.system_base_url(SystemName::LeaksAi);
    assert!(base.ends_with("/leaks-ai/api/v1"));
    assert_eq!(
        announced["leaks_ai"],
        json!({ "base_url": base, "api_key": rig.key() })
    );
    assert_eq!(announced["projectdiscovery"]["api_key"], demo.api_key());
    assert_ne!(demo.api_key(), rig.key());

    let key_file = Path::new("/tmp/odd \"name\"/key");
    let text = demo.config_toml(key_file);
    let config: toml::Table = text.parse().unwrap();
    let profile = &config["profiles"]["demo-la"];
    assert_eq!(profile["provider"].as_str(), Some("leaks-ai"));
    assert_eq!(profile["base_url"].as_str(), Some(base.as_str()));
    assert_eq!(profile["environment"].as_str(), Some("demo"));
    let files = demo.key_files(key_file);
    let named: Vec<Option<&str>> = ["demo-pd", "demo-la"]
        .iter()
        .map(|name| config["profiles"][name]["key"]["file"].as_str())
        .collect();
    assert_eq!(
        files
            .iter()
            .map(|(path, _)| path.to_str())
            .collect::<Vec<_>>(),
        named
    );
    assert_eq!(
        files.iter().map(|(_, key)| *key).collect::<Vec<_>>(),
        [demo.api_key(), rig.key()]
    );
    assert!(files.iter().all(|(_, key)| !text.contains(key)));
}
