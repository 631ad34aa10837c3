//! Pages, filters, orders, counts.

use super::*;

#[tokio::test]
async fn pages_add_up_to_the_whole() {
    let rig = LeaksAiFixture::with_leaks(1_500).await;
    for kind in KINDS {
        let ids = rig.ids(kind, "").await;
        assert_eq!(ids.len(), rig.count(kind, "").await, "{kind}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let body = rig.get_json(&format!("/{kind}")).await;
        assert_eq!(body["data"].as_array().unwrap().len(), ids.len().min(25));
        assert_eq!(
            body["pagination"],
            json!({
                "page": 1,
                "per_page": 25,
                "total_pages": ids.len().div_ceil(25),
                "total_results": ids.len(),
            })
        );
        let second = rig.get_json(&format!("/{kind}?per_page=7&page=2")).await;
        let second: Vec<String> = second["data"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(second, ids[7..14]);
        let past = rig.get_json(&format!("/{kind}?page=999")).await;
        assert_eq!(past["data"], json!([]));
        assert_eq!(past["pagination"]["total_results"], ids.len());
    }
    assert_eq!(rig.ids("leaks", "").await.len(), 150);
}

#[tokio::test]
async fn domains_are_paged_and_one_is_archived() {
    let rig = LeaksAiFixture::with_leaks(1_500).await;
    let all = rig.get_json("/domains").await;
    let rows = all["data"].as_array().unwrap();
    assert_eq!(rows.len(), 9);
    let (archived, live): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| row["archived"] == json!(true));
    assert_eq!(archived.len(), 1);
    let second = rig.get_json("/domains?per_page=4&page=3").await;
    assert_eq!(second["data"].as_array().unwrap()[..], rows[8..]);
    assert_eq!(second["pagination"]["total_pages"], 3);

    let everything = rig.count("leaks", "").await;
    let mut parts = 0;
    for domain in &live {
        parts += rig
            .count("leaks", &format!("domain_id={}", id(domain)))
            .await;
    }
    // Each leak is filed under one domain that is not archived.
    assert_eq!(parts, everything);
    let old = rig
        .ids("leaks", &format!("domain_id={}", id(archived[0])))
        .await;
    assert!(!old.is_empty() && old.len() < everything / 3);
    let (one, two) = (id(live[0]), id(live[1]));
    for kind in KINDS {
        let count = async |ids: &str| rig.count(kind, &format!("domain_id={ids}")).await;
        let both = count(&format!("{one},{two}")).await;
        assert!(
            both > count(&one).await && both > count(&two).await,
            "{kind}"
        );
        assert!(both <= rig.count(kind, "").await);
        let name = rig.ids(kind, &format!("domain_id={two}")).await;
        let got = rig
            .get_response(&format!("/{kind}/{}?domain_id={two}", name[0]))
            .await;
        assert_eq!(got.status, 200);
    }
    let outside = rig
        .ids("leaks", &format!("domain_id={two}"))
        .await
        .swap_remove(0);
    let got = rig
        .get_response(&format!("/leaks/{outside}?domain_id={one}"))
        .await;
    assert_eq!(got.status, 404);
}

/// What a row must be like to be taken.
type Rule<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

/// Whether a row's member is one of these.
fn member_is_one_of(
    member: &'static str,
    values: &'static [&'static str],
) -> impl Fn(&Value) -> bool {
    move |row| values.contains(&text(row, member).as_str())
}

#[tokio::test]
async fn filters_take_what_a_reader_of_all_rows_would() {
    let rig = LeaksAiFixture::with_leaks(3_000).await;
    let low = |row: &Value, member: &str| text(row, member).to_lowercase();
    let url = |row: &Value| url::Url::parse(&text(row, "url")).ok();
    let cases: Vec<(&str, &str, Rule)> = vec![
        (
            "leaks",
            "status=resolved",
            Box::new(member_is_one_of("status", &["resolved"])),
        ),
        (
            "leaks",
            "status=new&status=false_positive",
            Box::new(member_is_one_of("status", &["new", "false_positive"])),
        ),
        (
            "leaks",
            "risk_level=LOW,high",
            Box::new(member_is_one_of("risk_level_name", &["low", "high"])),
        ),
        (
            "leaks",
            "risk_level=none&risk_level=Medium",
            Box::new(member_is_one_of("risk_level_name", &["none", "medium"])),
        ),
        (
            "leaks",
            "login=NORTHLAKE",
            Box::new(move |row| low(row, "login").contains("northlake")),
        ),
        (
            "leaks",
            "url=vpn.",
            Box::new(move |row| low(row, "url").contains("vpn.")),
        ),
        (
            "leaks",
            "url_path=Login",
            Box::new(move |row| {
                url(row).is_some_and(|url| url.path().to_lowercase().contains("login"))
            }),
        ),
        (
            "leaks",
            "url_port=443",
            Box::new(move |row| url(row).is_some_and(|url| url.scheme() == "https")),
        ),
        (
            "leaks",
            "url_port=8443&status=new",
            Box::new(move |row| {
                row["status"] == "new" && url(row).is_some_and(|url| url.port() == Some(8_443))
            }),
        ),
        (
            "endpoints",
            "status=investigating&status=resolved",
            Box::new(member_is_one_of("status", &["investigating", "resolved"])),
        ),
        (
            "endpoints",
            "risk_level=medium,high",
            Box::new(member_is_one_of("risk_level_name", &["medium", "high"])),
        ),
        (
            "users",
            "risk_level=none",
            Box::new(member_is_one_of("risk_level_name", &["none"])),
        ),
        (
            "users",
            "login=Mail.example",
            Box::new(move |row| low(row, "login").contains("mail.example")),
        ),
        (
            "resources",
            "risk_level=high",
            Box::new(member_is_one_of("risk_level_name", &["high"])),
        ),
    ];
    for (kind, query, rule) in cases {
        let wanted: Vec<String> = rig
            .all(kind, "")
            .await
            .iter()
            .filter(|row| rule(row))
            .map(id)
            .collect();
        assert!(!wanted.is_empty(), "{kind}?{query}");
        assert_eq!(rig.ids(kind, query).await, wanted, "{kind}?{query}");
        assert_eq!(rig.count(kind, query).await, wanted.len(), "{kind}?{query}");
        assert!(wanted.len() < rig.count(kind, "").await, "{kind}?{query}");
    }
    let unknown = rig.get("/users?status=resolved&nonsense=1").await;
    assert_eq!(
        unknown.json()["pagination"]["total_results"],
        rig.count("users", "").await
    );
}

#[tokio::test]
async fn the_password_filter_finds_masked_ones_too() {
    let rig = LeaksAiFixture::with_leaks(3_000).await;
    let rows = rig.all("leaks", "").await;
    let clear = rows
        .iter()
        .map(|row| text(row, "password"))
        .find(|password| !password.is_empty() && password != "***")
        .unwrap();
    let word = clear.split('-').next().unwrap();
    let found = rig.all("leaks", &format!("password={word}-")).await;
    assert!(found.iter().any(|row| text(row, "password") == clear));
    assert!(
        found
            .iter()
            .all(|row| row["password"] == "***" || text(row, "password").contains(word))
    );
    assert_eq!(rig.count("leaks", "password=***").await, 0);
}

#[tokio::test]
async fn leaks_are_found_by_what_they_are_connected_to() {
    let rig = LeaksAiFixture::with_leaks(1_500).await;
    let mut of: BTreeMap<(&str, String), BTreeSet<String>> = BTreeMap::new();
    for leak in rig.ids("leaks", "").await {
        let whole = rig.get_item("leaks", &leak).await;
        for kind in ["users", "endpoints", "resources"] {
            let ids = connected_ids(&whole, kind);
            assert!(ids.len() <= 1);
            for id in ids {
                of.entry((kind, id)).or_default().insert(leak.clone());
            }
        }
    }
    assert!(of.values().any(|leaks| leaks.len() > 1));
    for kind in ["users", "endpoints", "resources"] {
        let listed = rig.ids(kind, "").await;
        let known: BTreeSet<_> = of.keys().filter(|(one, _)| *one == kind).collect();
        assert_eq!(listed.len(), known.len(), "{kind}");
        for id in listed.iter().take(12) {
            let parameter = format!("{}_id={id}", kind.trim_end_matches('s'));
            let found: BTreeSet<_> = rig.ids("leaks", &parameter).await.into_iter().collect();
            assert_eq!(found, of[&(kind, id.clone())], "{parameter}");
        }
    }
    assert_eq!(rig.count("leaks", &format!("user_id={MISSING}")).await, 0);
    assert_eq!(
        rig.get_response("/leaks?endpoint_id=7f1c").await.status,
        400
    );
}

#[tokio::test]
async fn orders_are_as_asked_and_lose_no_row() {
    let rig = LeaksAiFixture::with_leaks(2_000).await;
    let number = |row: &Value| row["risk_level"].as_u64().unwrap();
    for (kind, sort, member, down) in [
        ("leaks", "sort=added_at", "added_at", false),
        ("leaks", "sort=-first_seen", "first_seen", true),
        ("leaks", "", "added_at", true),
        ("endpoints", "sort=-date", "date", true),
        ("endpoints", "", "added_at", true),
        ("users", "sort=-first_seen", "first_seen", true),
        ("users", "sort=-login", "login", true),
        ("users", "", "login", false),
        ("resources", "", "resource", false),
    ] {
        let rows = rig.all(kind, sort).await;
        assert_eq!(rows.len(), rig.count(kind, "").await);
        let keys: Vec<String> = rows.iter().map(|row| text(row, member)).collect();
        let sorted = if down {
            keys.is_sorted_by(|one, two| one >= two)
        } else {
            keys.is_sorted()
        };
        assert!(sorted, "{kind}?{sort}: {keys:?}");
        assert!(keys.first() != keys.last());
    }
    for kind in KINDS {
        let risks: Vec<u64> = rig
            .all(kind, "sort=-risk_level")
            .await
            .iter()
            .map(number)
            .collect();
        assert!(risks.is_sorted_by(|one, two| one >= two), "{kind}");
    }
    let two = rig.all("leaks", "sort=risk_level,-added_at").await;
    let keys: Vec<_> = two
        .iter()
        .map(|row| (number(row), std::cmp::Reverse(text(row, "added_at"))))
        .collect();
    assert!(keys.is_sorted());
    assert_eq!(
        rig.get_response("/users?sort=login,risk_level")
            .await
            .status,
        400
    );
    assert_eq!(
        rig.get_response("/endpoints?sort=added_at").await.status,
        400
    );
}

#[tokio::test]
async fn a_row_comes_in_and_one_leaves_between_pages() {
    let rig = LeaksAiFixture::with_faults(800, "shift").await;
    let first = rig.get_json("/leaks?per_page=20").await;
    let second = rig.get_json("/leaks?per_page=20&page=2").await;
    assert_eq!(first["pagination"]["total_results"], 80);
    assert_eq!(second["pagination"]["total_results"], 80);
    let ids =
        |body: &Value| -> Vec<String> { body["data"].as_array().unwrap().iter().map(id).collect() };
    let later = ids(&rig.get_json("/leaks?per_page=20").await);
    assert!(later[..2].iter().all(|id| !ids(&first).contains(id)));
    assert_eq!(later[2], ids(&first)[0]);
}

#[tokio::test]
async fn a_row_is_repeated_on_the_next_page() {
    let rig = LeaksAiFixture::with_faults(800, "duplicate").await;
    for kind in KINDS {
        let page = async |page: u32| -> Vec<String> {
            let body = rig
                .get_json(&format!("/{kind}?per_page=5&page={page}"))
                .await;
            body["data"].as_array().unwrap().iter().map(id).collect()
        };
        let (first, second) = (page(1).await, page(2).await);
        assert_eq!(first.len(), 5);
        assert_eq!(second.len(), 6);
        assert_eq!(first.last(), second.first());
    }
}

#[tokio::test]
async fn unknown_members_and_values_come_on_request() {
    let rig = LeaksAiFixture::with_faults(800, "unknown").await;
    for kind in KINDS {
        let rows = rig.get(&format!("/{kind}")).await.json();
        let rows = rows["data"].as_array().unwrap().clone();
        assert!(rows.iter().all(|row| row["stealer_family"].is_string()));
        assert!(rows.iter().any(|row| row["risk_level_name"] == "critical"));
        assert!(rows.iter().any(|row| row["risk_level_name"] != "critical"));
    }
}
