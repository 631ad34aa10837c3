//! What the rows hold, and what they share with ProjectDiscovery.

use super::*;

fn login(row: &Value, member: &str) -> String {
    text(row, member).trim().to_lowercase()
}

#[tokio::test]
async fn people_and_their_passwords_are_shared_with_projectdiscovery() {
    let rig = LeaksAiFixture::with_leaks(5_000).await;
    let theirs = rig.0.rows("").await;
    let ours = rig.all("leaks", "").await;
    assert_eq!((theirs.len(), ours.len()), (4_000, 500));
    let people: BTreeSet<String> = theirs.iter().map(|row| login(row, "username")).collect();
    let shared = ours
        .iter()
        .filter(|row| people.contains(&login(row, "login")))
        .count();
    assert!((250..400).contains(&shared), "{shared}");

    let clear = |password: &String| !password.is_empty() && !password.contains("***");
    let credentials: BTreeSet<(String, String)> = theirs
        .iter()
        .map(|row| (login(row, "username"), text(row, "password")))
        .filter(|(_, password)| clear(password))
        .collect();
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut both = 0;
    for row in &ours {
        let credential = (login(row, "login"), text(row, "password"));
        if clear(&credential.1) {
            both += usize::from(credentials.contains(&credential));
            *seen.entry(credential).or_default() += 1;
        }
    }
    assert!(both > 50, "{both} credentials are clear at both");
    assert!(seen.values().filter(|count| **count > 1).count() > 10);
    let masked = ours.iter().filter(|row| row["password"] == "***").count();
    assert!((150..250).contains(&masked), "{masked}");
}

#[tokio::test]
async fn machines_are_shared_with_projectdiscovery() {
    let rig = LeaksAiFixture::with_leaks(5_000).await;
    let theirs: BTreeSet<String> = rig
        .0
        .rows("")
        .await
        .iter()
        .map(|row| text(row, "hostname"))
        .filter(|name| !name.is_empty())
        .collect();
    let endpoints = rig.all("endpoints", "").await;
    let shared = endpoints
        .iter()
        .filter(|row| theirs.contains(&text(&row["metadata"], "hostname")))
        .count();
    assert!(
        shared > endpoints.len() / 5,
        "{shared} of {}",
        endpoints.len()
    );
    assert!(shared < endpoints.len());
}

#[tokio::test]
async fn endpoints_are_archives_of_machines() {
    let rig = LeaksAiFixture::with_leaks(5_000).await;
    let rows = rig.all("endpoints", "").await;
    for row in &rows {
        let name = text(row, "filename");
        let (country, rest) = name[1..].split_once(']').unwrap();
        assert!(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()));
        let address: std::net::Ipv4Addr = rest.strip_suffix(".zip").unwrap().parse().unwrap();
        assert!(address.is_documentation(), "{name}");
        let tree = row["tree"].as_array().unwrap();
        assert!(tree.len() > 5);
        let root = format!("{name}/");
        assert!(
            tree.iter()
                .all(|path| path.as_str().unwrap().starts_with(&root))
        );
        assert!(tree.contains(&json!(format!("{name}/Passwords.txt"))));
    }
    let null = |member: &str| rows.iter().filter(|row| row[member].is_null()).count();
    assert!(null("date") > 0 && null("metadata") > 0);
    let states: BTreeSet<String> = rows.iter().map(|row| text(row, "status")).collect();
    assert_eq!(states.len(), 4);
}

#[tokio::test]
async fn leaks_show_every_state_level_and_kind_of_place() {
    let rig = LeaksAiFixture::with_leaks(5_000).await;
    let rows = rig.all("leaks", "").await;
    for (member, words) in [("status", 4), ("risk_level_name", 4)] {
        let seen: BTreeSet<String> = rows.iter().map(|row| text(row, member)).collect();
        assert_eq!(seen.len(), words, "{member}");
    }
    let level = |row: &Value| {
        (
            row["risk_level"].as_u64().unwrap(),
            text(row, "risk_level_name"),
        )
    };
    let pairs: BTreeMap<u64, String> = rows.iter().map(level).collect();
    assert!(
        rows.iter()
            .map(level)
            .all(|(risk, name)| pairs[&risk] == name)
    );
    assert_eq!(pairs[&5], "medium");
    assert!(rows.iter().any(|row| row["url"].is_null()));
    assert!(rows.iter().any(|row| row["first_seen"].is_null()));
    assert!(rows.iter().all(|row| {
        row["first_seen"].is_null() || text(row, "first_seen")[..10] <= text(row, "added_at")[..10]
    }));
    let kinds: BTreeSet<String> = rig
        .all("resources", "")
        .await
        .iter()
        .map(|row| text(row, "type"))
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["apk", "domain", "ip"]
    );
    let identities: BTreeSet<String> = rig
        .all("users", "")
        .await
        .iter()
        .map(|row| text(row, "identity_type"))
        .collect();
    assert_eq!(identities.len(), 2);
}

#[tokio::test]
async fn connections_point_at_each_other() {
    let rig = LeaksAiFixture::with_leaks(2_000).await;
    let risks: BTreeMap<String, String> = rig
        .all("users", "")
        .await
        .iter()
        .map(|row| (id(row), text(row, "risk_level_name")))
        .collect();
    let mut left_out = 0;
    for endpoint in rig.ids("endpoints", "").await {
        let whole = rig.get_item("endpoints", &endpoint).await;
        let shown = connected_ids(&whole, "users");
        assert!(shown.iter().all(|user| risks[user] != "none"));
        for user in &shown {
            let user = rig.get_item("users", user).await;
            assert!(connected_ids(&user, "endpoints").contains(&endpoint));
        }
        for leak in rig.ids("leaks", &format!("endpoint_id={endpoint}")).await {
            let leak = rig.get_item("leaks", &leak).await;
            left_out += connected_ids(&leak, "users").difference(&shown).count();
        }
        for resource in connected_ids(&whole, "resources").iter().take(1) {
            let resource = rig.get_item("resources", resource).await;
            assert!(connected_ids(&resource, "endpoints").contains(&endpoint));
            assert!(!connected_ids(&resource, "users").is_empty());
        }
    }
    assert!(left_out > 0);
}

#[tokio::test]
async fn rows_depend_on_the_seed_alone() {
    let rows = async |options: Options| {
        LeaksAiFixture::with_options(options)
            .await
            .all("leaks", "")
            .await
    };
    let (one, again) = (rows(two_systems(500)).await, rows(two_systems(500)).await);
    assert_eq!(one, again);
    let alone = Options {
        systems: [SystemName::LeaksAi].into(),
        ..two_systems(500)
    };
    assert_eq!(rows(alone).await, one);
    let other = Options {
        seed: 2,
        ..two_systems(500)
    };
    assert_ne!(rows(other).await, one);
}

#[tokio::test]
async fn projectdiscovery_alone_has_all_leaks() {
    let alone = DemoFixture::with_leaks(100).await;
    assert_eq!(alone.rows("").await.len(), 100);
    assert_eq!(alone.get("/leaks-ai/api/v1/leaks").await.status, 404);
    let shared = LeaksAiFixture::with_leaks(100).await;
    assert_eq!(shared.0.rows("").await.len(), 80);
}
