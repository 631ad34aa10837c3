//! Reading: lists, counts, details, exports.

use super::*;

const LEAK: [&str; 30] = [
    "added_at",
    "attribution",
    "breach",
    "claim",
    "class",
    "connections",
    "country",
    "damaged",
    "device",
    "disputed",
    "domain",
    "first_seen",
    "id",
    "key",
    "login",
    "note",
    "noted",
    "origin",
    "password",
    "password_state",
    "profile",
    "provider",
    "reason",
    "remote_status",
    "risk",
    "sources",
    "status",
    "status_by",
    "status_source",
    "ticket",
];

fn assert_leak_members(leak: &Value) {
    let mut wanted = LEAK.to_vec();
    wanted.push("url");
    wanted.sort_unstable();
    assert_eq!(members(leak), wanted);
    assert!(leak["password"].is_null() || leak["password"] == "********");
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap()
}

#[tokio::test]
async fn leaks_are_listed_whole_and_newest_first() {
    let rig = CommandFixture::with_faults(300, "", "page_size = 70\n").await;
    let answer = rig
        .run(&["leaks", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        members(&answer),
        ["complete", "items", "loaded", "profiles", "schema", "total"]
    );
    assert_eq!(answer["schema"], 1);
    assert_eq!(
        (&answer["total"], &answer["loaded"]),
        (&json!(300), &json!(300))
    );
    assert_eq!(answer["complete"], true);
    assert_eq!(
        answer["profiles"],
        json!([{ "profile": "demo-pd", "provider": "projectdiscovery", "loaded": 300, "total": 300, "unreadable": 0, "left_out": [], "error": null }])
    );
    assert_eq!(items(&answer).len(), 300);
    for leak in items(&answer) {
        assert_leak_members(leak);
        assert_eq!(leak["connections"], Value::Null);
    }
    let seen: Vec<_> = items(&answer)
        .iter()
        .map(|leak| leak["first_seen"].as_str().unwrap())
        .collect();
    assert!(seen.is_sorted_by(|one, two| one >= two));
    let lines = rig
        .run(&["leaks", "list", "--format", "jsonl", "--limit", "3"])
        .await
        .assert_ok();
    let lines: Vec<Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    for (line, leak) in lines.iter().zip(items(&answer)) {
        assert_eq!(line["schema"], 1);
        assert_eq!(line["key"], leak["key"]);
    }
}

#[tokio::test]
async fn a_filter_and_a_sort_hold_in_every_format() {
    let rig = CommandFixture::with_leaks(300).await;
    let filter = [
        "--filter",
        "status:fixed class:employee",
        "--sort",
        "login,-seen",
    ];
    let with = |format| [&["leaks", "list"][..], &filter, &["--format", format]].concat();
    let answer = rig.run(&with("json")).await.assert_ok().json();
    assert!(!items(&answer).is_empty());
    for leak in items(&answer) {
        assert_eq!(
            (&leak["status"], &leak["class"]),
            (&json!("fixed"), &json!("employee"))
        );
    }
    let logins: Vec<_> = items(&answer)
        .iter()
        .map(|leak| leak["login"].as_str().unwrap().to_lowercase())
        .collect();
    assert!(logins.is_sorted());
    let csv = rig.run(&with("csv")).await.assert_ok().stdout;
    assert_eq!(csv.lines().count(), items(&answer).len() + 1);
    assert!(csv.starts_with("\"key\",\"profile\""));
    let header = csv.lines().next().unwrap();
    assert!(header.ends_with("\"_escaped\",\"_neutralised\""));
    assert!(!header.contains("password"));
    let table = rig.run(&with("table")).await.assert_ok().stdout;
    assert!(table.starts_with("STATUS"), "{table}");
    assert_eq!(table.lines().count(), items(&answer).len() + 1);
}

#[tokio::test]
async fn what_leaks_belong_to_is_listed_with_its_counts() {
    let rig = CommandFixture::with_leaks(300).await;
    for (noun, wanted) in [
        (
            "users",
            &[
                "connections",
                "first_seen",
                "id",
                "identity_type",
                "key",
                "leaks",
                "login",
                "profile",
                "provider",
                "risk",
                "sources",
            ][..],
        ),
        (
            "domains",
            &[
                "archived", "id", "key", "leaks", "name", "profile", "provider", "sources",
                "verified",
            ],
        ),
        (
            "connections",
            &[
                "attribution",
                "breach",
                "country",
                "date",
                "device",
                "form",
                "id",
                "key",
                "leaks",
                "metadata",
                "name",
                "paste",
                "profile",
                "provider",
                "resource_type",
                "risk",
                "tree",
            ],
        ),
    ] {
        let answer = rig
            .run(&[noun, "list", "--format", "json"])
            .await
            .assert_ok()
            .json();
        assert_eq!(answer["total"], Value::Null);
        assert_eq!(answer["loaded"], items(&answer).len());
        assert_eq!(members(&items(&answer)[0]), wanted, "{noun}");
        let count = rig.run(&[noun, "count"]).await.assert_ok().stdout;
        assert_eq!(count.trim(), items(&answer).len().to_string());
        let key = items(&answer)[0]["key"].as_str().unwrap();
        let shown = rig
            .run(&[noun, "show", key, "--format", "json"])
            .await
            .assert_ok()
            .json();
        assert_eq!(members(&shown), ["item", "schema"]);
        assert_eq!(shown["item"]["key"], key);
        assert_eq!(shown["item"]["leaks"], items(&answer)[0]["leaks"]);
        if noun == "users" {
            assert!(!shown["item"]["connections"].as_array().unwrap().is_empty());
        }
        assert!(
            rig.run(&[noun, "show", key])
                .await
                .assert_ok()
                .stdout
                .contains(key)
        );
        let named = rig
            .run(&[
                noun, "list", "--sort", "name", "--limit", "5", "--format", "csv",
            ])
            .await
            .assert_ok();
        assert_eq!(named.stdout.lines().count(), 6);
    }
    let domains = rig
        .run(&["domains", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let verified = |domain: &&Value| domain["verified"] == true;
    assert!(items(&domains).iter().any(|domain| verified(&domain)));
    assert!(
        items(&domains)
            .iter()
            .filter(verified)
            .any(|domain| domain["leaks"]["total"] != 0)
    );
}

#[tokio::test]
async fn groups_are_kept_by_their_own_members_and_by_any_of_their_leaks() {
    let rig = CommandFixture::with_leaks(300).await;
    let all = rig
        .run(&["users", "list", "--format", "json"])
        .await
        .assert_ok()
        .json();
    let fixed = rig
        .run(&[
            "users",
            "list",
            "--filter",
            "status:fixed",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    assert!(!items(&fixed).is_empty() && items(&fixed).len() < items(&all).len());
    for user in items(&fixed) {
        // Their counts are of all of their leaks, not of the ones that the filter takes.
        assert!(items(&all).contains(user));
    }
    let name = items(&all)[0]["login"].as_str().unwrap();
    let filter = format!("login:{name}");
    let own = rig
        .run(&["users", "list", "--filter", &filter, "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert!(items(&own).iter().any(|user| user["login"] == name));
    assert!(items(&own).len() < items(&all).len());
}

#[tokio::test]
async fn the_provider_counts_where_that_is_the_same_and_the_rest_is_counted_here() {
    let rig = CommandFixture::with_leaks(300).await;
    let pages = || rig.requests("GET", "/v1/leaks");
    let answer = rig
        .run(&["leaks", "count", "--by", "country", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        members(&answer),
        ["by", "complete", "count", "profiles", "schema"]
    );
    assert_eq!(
        (&answer["count"], &answer["complete"]),
        (&json!(300), &json!(true))
    );
    assert_eq!(answer["by"]["field"], "country");
    // One request counts, one groups: no leak is read.
    assert_eq!(pages().await, 2);
    assert_eq!(answer["profiles"][0]["loaded"], 0);
    for by in ["url", "ip", "host", "device", "country"] {
        let asked = rig
            .run(&["leaks", "count", "--by", by, "--format", "json"])
            .await
            .assert_ok()
            .json();
        // A filter that takes everything and that no provider is told: the leaks are read and counted here.
        let status = "status:open,fixed,unknown,new";
        let read = rig
            .run(&[
                "leaks", "count", "--by", by, "--filter", status, "--format", "json",
            ])
            .await
            .assert_ok()
            .json();
        assert_eq!(read["profiles"][0]["loaded"], 300, "{by}");
        assert_eq!(asked["profiles"][0]["loaded"], 0, "{by}");
        assert_eq!(asked["by"], read["by"], "{by}");
    }
    for by in [
        "status", "class", "risk", "source", "profile", "domain", "login", "os",
    ] {
        let answer = rig
            .run(&["leaks", "count", "--by", by, "--format", "json"])
            .await
            .assert_ok()
            .json();
        let groups = answer["by"]["groups"].as_array().unwrap();
        let counts: Vec<u64> = groups
            .iter()
            .map(|group| group["count"].as_u64().unwrap())
            .collect();
        assert_eq!(counts.iter().sum::<u64>(), 300, "{by}");
        assert!(counts.is_sorted_by(|one, two| one >= two), "{by}");
    }
    let risk = rig
        .run(&["leaks", "count", "--by", "risk", "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(
        risk["by"]["groups"],
        json!([{ "value": null, "count": 300 }])
    );
    let fixed = rig
        .run(&[
            "leaks",
            "count",
            "--filter",
            "status:fixed",
            "--format",
            "json",
        ])
        .await
        .assert_ok()
        .json();
    let truth = rig
        .statuses()
        .await
        .values()
        .filter(|word| *word == "fixed")
        .count();
    assert_eq!(fixed["count"], truth);
    assert_eq!(fixed["profiles"][0]["loaded"], 0);
    assert!(
        rig.run(&["leaks", "count", "--by", "status"])
            .await
            .assert_ok()
            .stdout
            .starts_with("COUNT  VALUE\n")
    );
}

#[tokio::test]
async fn one_leak_is_shown_by_one_call_without_its_password() {
    let rig = CommandFixture::with_leaks(300).await;
    let id = &rig.ids("open", 1).await[0];
    let key = format!("demo-pd:leak:{id}");
    let answer = rig
        .run(&["leaks", "show", &key, "--format", "json"])
        .await
        .assert_ok()
        .json();
    // What happened to it is of the one that is shown alone.
    let mut leak = answer["item"].clone();
    let history = leak.as_object_mut().unwrap().remove("history");
    assert_eq!(history, Some(json!([])));
    assert_leak_members(&leak);
    assert_eq!(answer["item"]["key"], key);
    let connections = answer["item"]["connections"].as_array().unwrap();
    assert!(!connections.is_empty());
    assert_eq!(rig.requests("GET", "/v1/leaks").await, 0);
    assert_eq!(rig.requests("POST", "/v1/leaks/info").await, 1);
    let connection = connections[0].as_str().unwrap();
    let found = rig
        .run(&["connections", "show", connection, "--format", "json"])
        .await
        .assert_ok()
        .json();
    assert_eq!(found["item"]["key"], connection);
    let table = rig.run(&["leaks", "show", &key]).await.assert_ok().stdout;
    assert!(table.contains(&key) && !table.contains("null"));
    for missing in [
        format!("demo-pd:leak:{}", "0".repeat(32)),
        format!("other:leak:{id}"),
        "demo-pd:leak:x".to_owned(),
    ] {
        let ran = rig
            .run(&["leaks", "show", &missing, "--format", "json"])
            .await
            .assert_exit(6);
        assert_eq!(
            (&ran.stdout[..], &ran.error()["kind"]),
            ("", &json!("not_found")),
            "{missing}"
        );
    }
    rig.run(&["users", "show", "demo-pd:user:nobody"])
        .await
        .assert_exit(6);
    rig.run(&["users", "show", &key]).await.assert_exit(2);
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_printed_and_ends_with_5() {
    let rig = CommandFixture::with_faults(300, "shift", "page_size = 50\n").await;
    rig.post_control("/faults", json!({ "faults": ["500:1"] }))
        .await;
    let ran = rig
        .run(&["leaks", "list", "--format", "json"])
        .await
        .assert_exit(5);
    let answer = ran.json();
    assert_eq!(answer["complete"], false);
    assert_eq!(
        members(&answer["profiles"][0]["error"]),
        ["hint", "kind", "message", "profile"]
    );
    assert_eq!(ran.error()["profile"], "demo-pd");
    rig.post_control("/faults", json!({ "faults": ["shift"] }))
        .await;
    let ran = rig.run(&["leaks", "list", "--format", "json"]).await;
    let answer = ran.json();
    assert_eq!(ran.exit == 0, answer["complete"] == true);
    let keys: std::collections::HashSet<_> = items(&answer)
        .iter()
        .map(|leak| leak["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys.len(), items(&answer).len(), "a key twice");
}

#[tokio::test]
async fn a_profile_that_cannot_be_used_makes_a_list_incomplete() {
    let rig = CommandFixture::with_leaks(50).await;
    rig.append("[profiles.broken]\nprovider = \"nobody\"\n");
    let ran = rig
        .run(&["leaks", "list", "--format", "json", "--quiet"])
        .await
        .assert_exit(5);
    let answer = ran.json();
    assert_eq!(
        (items(&answer).len(), &answer["complete"]),
        (50, &json!(false))
    );
    assert_eq!(answer["profiles"][1]["profile"], "broken");
    assert_eq!(answer["profiles"][1]["error"]["kind"], "config");
    let ran = rig
        .run(&[
            "leaks",
            "list",
            "--format",
            "json",
            "--quiet",
            "--profile",
            "demo-pd",
        ])
        .await;
    assert_eq!((ran.exit, &ran.json()["complete"]), (0, &json!(true)));
    let id = &rig.ids("open", 1).await[0];
    rig.run(&[
        "leaks",
        "fix",
        "--filter",
        &format!("key:{id}"),
        "--yes",
        "--quiet",
    ])
    .await
    .assert_exit(5);
    assert_eq!(rig.writes().await, 0);
}
