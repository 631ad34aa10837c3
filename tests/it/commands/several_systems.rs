//! Several systems at once: one list, one plan, what is kept here, and what providers list themselves.

use super::*;

/// The leaks of a provider with a status, by key.
fn keys(list: &Value, provider: &str, status: &str, count: usize) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    let keys: Vec<String> = items
        .filter(|leak| leak["provider"] == provider && leak["status"] == status)
        .map(|leak| leak["key"].as_str().unwrap().to_owned())
        .take(count)
        .collect();
    assert_eq!(keys.len(), count, "{provider} has too few {status}");
    keys
}

async fn list(rig: &CommandFixture, arguments: &[&str]) -> Value {
    let json = [arguments, &["--format", "json"]].concat();
    rig.run(&json).await.assert_ok().json()
}

#[tokio::test]
async fn a_status_that_a_provider_cannot_store_is_kept_here_and_stays() {
    let rig = CommandFixture::with_all_systems(400).await;
    let leaks = list(&rig, &["leaks", "list"]).await;
    let mut targets = keys(&leaks, "projectdiscovery", "open", 3);
    targets.extend(keys(&leaks, "leaks-ai", "new", 2));
    let keys: Vec<&str> = targets.iter().map(String::as_str).collect();
    let set = |more: &[&'static str]| {
        let words = [&["leaks", "set", "false_positive"][..], &keys, more].concat();
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = async |more: &[&'static str]| {
        let words = set(more);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        rig.run(&words).await
    };
    let plan = run(&["--dry-run", "--format", "json"])
        .await
        .assert_ok()
        .json()["plan"]
        .clone();
    assert_eq!(
        (&plan["command"], &plan["change"]),
        (&json!("set"), &json!({ "status": "false_positive" }))
    );
    assert_eq!(
        (&plan["remote"], &plan["local"]),
        (&json!(3), &json!(2)),
        "{plan}"
    );
    let lossy = json!([{ "profile": "demo-pd", "wanted": "false_positive", "stored": "fixed" }]);
    assert_eq!(plan["lossy"], lossy);
    let text = run(&["--dry-run"]).await.assert_ok().stdout;
    assert!(
        text.contains("ProjectDiscovery 3 remote · Leaks.ai 2 local")
            || text.contains("Leaks.ai 2 local · ProjectDiscovery 3 remote"),
        "{text}"
    );
    assert!(
        text.contains("demo-pd stores false_positive as fixed"),
        "{text}"
    );
    // Nobody to ask, and no --yes: nothing is sent, nothing is kept.
    run(&[]).await.assert_exit(4);
    let job = run(&["--yes", "--format", "json"]).await.assert_ok().json()["job"].clone();
    assert_eq!(
        (&job["command"], &job["state"]),
        (&json!("set"), &json!("done"))
    );
    assert_eq!(
        (&job["counts"]["verified"], &job["counts"]["local"]),
        (&json!(3), &json!(2))
    );
    // Another process, and the same state.
    let leaks = list(&rig, &["leaks", "list"]).await;
    let of = |key: &str| {
        let items = leaks["items"].as_array().unwrap();
        items
            .iter()
            .find(|leak| leak["key"] == key)
            .unwrap()
            .clone()
    };
    for key in &keys {
        let leak = of(key);
        assert_eq!(leak["status"], "false_positive", "{leak}");
        assert_eq!(
            (&leak["status_source"], &leak["disputed"]),
            (&json!("local"), &json!(false)),
            "{leak}"
        );
        let shown = list(&rig, &["leaks", "show", key]).await;
        assert_eq!(shown["item"]["status"], "false_positive", "{shown}");
    }
    assert_eq!(of(keys[0])["remote_status"], "fixed");
    let text = rig.run(&["leaks", "list"]).await.assert_ok().stdout;
    assert_eq!(text.matches("false_positive (local)").count(), 5, "{text}");
    let text = run(&["--dry-run"]).await.assert_ok().stdout;
    assert!(text.starts_with("0 will change, 5 skipped"), "{text}");
}

#[tokio::test]
async fn people_and_machines_of_several_systems_are_one_list() {
    let rig = CommandFixture::with_all_systems(400).await;
    let users = list(&rig, &["users", "list"]).await;
    let items = users["items"].as_array().unwrap();
    let shared: Vec<_> = items.iter().filter(|user| user["sources"] != 1).collect();
    assert!(!shared.is_empty(), "nobody is known to two systems");
    let mut logins: Vec<_> = items
        .iter()
        .map(|user| user["login"].as_str().unwrap().to_lowercase())
        .collect();
    let all = logins.len();
    logins.sort_unstable();
    logins.dedup();
    assert_eq!(logins.len(), all, "one login, two rows");
    assert!(items.iter().any(|user| !user["risk"].is_null()));
    let count = list(&rig, &["users", "count"]).await;
    assert_eq!(count["count"], all);
    let key = shared[0]["key"].as_str().unwrap();
    let shown = list(&rig, &["users", "show", key]).await;
    assert_eq!(shown["item"]["login"], shared[0]["login"]);
    assert!(!shown["item"]["connections"].as_array().unwrap().is_empty());

    let connections = list(&rig, &["connections", "list"]).await;
    let items = connections["items"].as_array().unwrap();
    let machine = items
        .iter()
        .find(|item| item["tree"].as_array().is_some_and(|tree| tree.len() > 1))
        .expect("a machine with the files of an archive");
    assert_eq!(machine["form"], "endpoint");
    let text = rig
        .run(&["connections", "show", machine["key"].as_str().unwrap()])
        .await
        .assert_ok()
        .stdout;
    assert!(text.contains("└── "), "{text}");
    let text = rig
        .run(&[
            "connections",
            "show",
            machine["key"].as_str().unwrap(),
            "--ascii",
        ])
        .await
        .assert_ok()
        .stdout;
    assert!(text.contains("`-- ") && !text.contains('└'), "{text}");
}

#[tokio::test]
async fn one_system_that_refuses_empties_no_other() {
    let rig = CommandFixture::with_all_systems(400).await;
    for (path, _) in rig.demo.key_files(&rig.path("key")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path != rig.path("key") && !name.contains("jwt") {
            std::fs::write(path, "wrong").unwrap();
        }
    }
    for noun in ["leaks", "users", "connections"] {
        let ran = rig
            .run(&[noun, "list", "--format", "json"])
            .await
            .assert_exit(12);
        let list = ran.json();
        assert_eq!(list["complete"], false, "{noun}");
        assert!(!list["items"].as_array().unwrap().is_empty(), "{noun}");
        let profiles = list["profiles"].as_array().unwrap();
        let of = |name: &str| profiles.iter().find(|load| load["profile"] == name);
        assert_eq!(of("demo-pd").unwrap()["error"], Value::Null);
        let refused = profiles
            .iter()
            .find(|load| load["provider"] == "leaks-ai")
            .unwrap();
        assert_eq!(refused["error"]["kind"], "unauthorised", "{noun}");
    }
}

/// A user whose login is spelled in two ways is shown as it came first, and profiles are read side by side.
fn in_lower_case(user: &Value) -> Value {
    let mut user = user.clone();
    user["login"] = user["login"].as_str().unwrap().to_lowercase().into();
    user
}

#[tokio::test]
async fn a_login_is_narrowed_by_the_provider_and_the_list_stays_the_same() {
    let rig = CommandFixture::with_all_systems(400).await;
    let all = list(&rig, &["users", "list"]).await;
    // Every part of a login of several systems, in letters that nobody has written.
    let items = all["items"].as_array().unwrap();
    let shared = items.iter().find(|user| user["sources"] != 1).unwrap();
    let login = shared["login"].as_str().unwrap().to_uppercase();
    for part in [&login[..], &login[1..], "@NORTH", "@"] {
        let filter = format!("login:{part}");
        let filtered = list(&rig, &["users", "list", "--filter", &filter]).await;
        let fits = |user: &&Value| {
            let login = user["login"].as_str().unwrap().to_lowercase();
            login.contains(&part.to_lowercase())
        };
        let expected: Vec<Value> = items.iter().filter(fits).map(in_lower_case).collect();
        let found = filtered["items"].as_array().unwrap().iter();
        let found: Vec<Value> = found.map(in_lower_case).collect();
        assert_eq!(found, expected, "{filter}");
        let count = list(&rig, &["users", "count", "--filter", &filter]).await;
        assert_eq!(count["count"], expected.len());
    }
    // What tests the leaks is not asked of the users: they come whole, with what is known of them.
    let filtered = list(&rig, &["users", "list", "--filter", "risk:high"]).await;
    let grave = filtered["items"].as_array().unwrap();
    assert!(!grave.is_empty());
    for user in grave {
        assert!(items.contains(user), "{user}");
    }
    let log = rig.control("/requests").await;
    let asked = |entry: &&Value| entry["path"] == "/leaks-ai/api/v1/users";
    let requests = log["requests"].as_array().unwrap().iter();
    let asked: Vec<&Value> = requests
        .filter(asked)
        .map(|entry| &entry["query"])
        .collect();
    let with = asked.iter().filter(|query| query["login"].is_string());
    assert!(with.clone().count() >= 8, "{asked:?}");
    assert!(
        with.clone()
            .all(|query| query["login"].as_str().unwrap().contains(['@', '.']))
    );
    assert!(asked.iter().all(|query| query["risk_level"].is_null()));
}

#[tokio::test]
async fn what_a_filter_lets_a_provider_decide_is_in_its_requests_and_changes_nothing() {
    let rig = CommandFixture::with_all_systems(400).await;
    // Each with what is asked for, at which provider.
    for (filter, path, parameter, wanted) in [
        ("risk>=medium", LEAKS_AI, "risk_level", "medium,high"),
        ("status:new", LEAKS_AI, "status", "new"),
        ("login:.", LEAKS_AI, "login", "."),
        ("status:fixed", "/v1/leaks", "status", "fixed"),
        ("class:employee ~e", "/v1/leaks", "type", "employee"),
    ] {
        let queries = async || {
            let log = rig.control("/requests").await;
            let requests = log["requests"].as_array().unwrap().clone();
            let asked = requests.into_iter().filter(|entry| entry["path"] == path);
            asked
                .map(|entry| entry["query"].clone())
                .collect::<Vec<_>>()
        };
        let before = queries().await.len();
        let pushed = list(&rig, &["leaks", "list", "--filter", filter]).await;
        let between = queries().await;
        // The same without anything that must hold.
        let local = format!("not not ({filter})");
        let local = list(&rig, &["leaks", "list", "--filter", &local]).await;
        let after = queries().await;
        assert_eq!(pushed["items"], local["items"], "{filter}");
        assert!(!local["items"].as_array().unwrap().is_empty(), "{filter}");
        let (first, second) = (&between[before..], &after[between.len()..]);
        assert!(!first.is_empty() && !second.is_empty(), "{filter}");
        assert!(
            first.iter().all(|query| query[parameter] == wanted),
            "{filter}: {first:?}"
        );
        assert!(
            second.iter().all(|query| query[parameter].is_null()),
            "{filter}: {second:?}"
        );
    }
    for filter in [
        "seen>=2026-01 /e/",
        "status:open",
        "risk:unknown,high",
        "!class:employee",
    ] {
        list(&rig, &["leaks", "list", "--filter", filter]).await;
        let log = rig.control("/requests").await;
        let last = log["requests"].as_array().unwrap().iter();
        let mut last = last.rev().filter(|entry| entry["path"] == LEAKS_AI);
        let query = &last.next().unwrap()["query"];
        for parameter in ["status", "risk_level", "login"] {
            assert!(query[parameter].is_null(), "{filter}: {query}");
        }
    }
    // Marks are a console's: here nothing is marked, and not marked would be everything.
    for filter in ["marked", "not marked", "x or !marked"] {
        let ran = rig
            .run(&["leaks", "list", "--filter", filter])
            .await
            .assert_exit(2);
        assert!(ran.stderr.contains("console"), "{}", ran.stderr);
    }
}

const LEAKS_AI: &str = "/leaks-ai/api/v1/leaks";
