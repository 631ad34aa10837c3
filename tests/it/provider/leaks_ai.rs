//! Leaks.ai's operations, one by one.

mod entity_filters;

use super::super::support::fault_server::{
    FaultServer, KEY, RecordedRequest, ServerResponse, connect, fast_limits, settings,
};
use crate::contracts::LEAKS_AI;
use stanch::{
    entity::{
        capability::{Ability, LeakMember},
        connection::{ConnectionKind, ResourceType},
        error::ProviderError,
        fingerprint::FingerprintKey,
        key::{Kind, ProviderId, RemoteId},
        leak::{LeakField, PasswordState, Risk, RiskLevel},
        page::{LeakPage, PageRequest},
        profile::AdapterSettings,
        query::{EntityQuery, LeakQuery},
        raw_text::RawText,
        status::Status,
        user::IdentityType,
    },
    provider::{Provider, capabilities_for},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const LEAK: &str = "0e7f4a52-8c11-4b7d-9d0e-6a2b51c7f903";
const USER: &str = "9b1e60c4-7a55-4c38-b2f1-08d3e5a9c762";
const ENDPOINT: &str = "d2a7f9e0-4b63-41c8-a5d7-3f18c06b9e24";
const RESOURCE: &str = "5c0b8d16-31f2-4f7e-8f0a-c9e2a4d70b15";
const DOMAIN: &str = "3f6c0c0e-95a4-4d0b-9c3f-1f0c7a6d2b88";

fn profile(server: &FaultServer) -> AdapterSettings {
    AdapterSettings {
        provider: ProviderId::new("leaks-ai"),
        ..settings(&format!("{}/api/v1", server.url()))
    }
}

fn connect_to(server: &FaultServer) -> Arc<dyn Provider> {
    connect(profile(server), fast_limits())
}

/// The path of a request below the base.
fn path(seen: &RecordedRequest) -> String {
    let target = seen.target.strip_prefix("/api/v1").unwrap();
    target.split('?').next().unwrap().to_owned()
}

fn pairs(seen: &RecordedRequest) -> Vec<(String, String)> {
    let query = seen.target.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Every request is as the contract says, with the bare key in its one header, and without any password.
fn assert_requests_valid(server: &FaultServer) {
    for seen in server.requests() {
        let judged = LEAKS_AI.validate_request(&seen.method, &path(&seen), &pairs(&seen), None);
        assert_eq!(judged, Ok(()), "{}", seen.target);
        assert_eq!(seen.method, "GET");
        assert_eq!(seen.header("authorization"), Some(KEY));
        let keyed = seen.headers.iter().filter(|(_, value)| value.contains(KEY));
        assert_eq!(keyed.count(), 1);
        assert!(!seen.target.contains(KEY) && !seen.target.contains("password"));
        assert!(seen.body.is_empty());
    }
}

fn leak_json(more: &str) -> String {
    format!(
        r#"{{"id":"{LEAK}","risk_level":5,"risk_level_name":"medium","status":"investigating","url":"https://intranet.northwind.example/signin","login":"m.ortega@northwind.example","password":"***","first_seen":"2026-02-11T00:00:00.000Z","added_at":"2026-02-13T06:40:12.501Z"{more}}}"#
    )
}

fn user_json(more: &str) -> String {
    format!(
        r#"{{"id":"{USER}","login":"m.ortega@northwind.example","identity_type":"email","first_seen":"2026-01-30T08:00:00.000Z","risk_level":5,"risk_level_name":"medium"{more}}}"#
    )
}

fn endpoint_json(more: &str) -> String {
    format!(
        r#"{{"id":"{ENDPOINT}","date":null,"added_at":"2026-02-13T06:40:12.501Z","metadata":{{"exfiltration_date":"2026-02-10T22:05:00.000Z","tags":["a"]}},"risk_level":8,"risk_level_name":"high","status":"new","filename":"[ES]203.0.113.24.zip","tree":["[ES]203.0.113.24.zip/Passwords.txt","[ES]203.0.113.24.zip/Browsers/Info.txt"]{more}}}"#
    )
}

fn resource_json(more: &str) -> String {
    format!(
        r#"{{"id":"{RESOURCE}","resource":"198.51.100.7","type":"ip","first_seen":"2026-01-30T08:00:00.000Z","risk_level":1,"risk_level_name":"low"{more}}}"#
    )
}

fn connected(names: &[&str]) -> String {
    let all = BTreeMap::from([
        (
            "users",
            format!(
                r#"[{{"id":"{USER}","login":"m.ortega@northwind.example","identity_type":"email"}},{{"login":" Jo "}}]"#
            ),
        ),
        (
            "endpoints",
            format!(
                r#"[{{"id":"{ENDPOINT}","filename":"[ES]203.0.113.24.zip","date":"2026-02-10T22:05:00.000Z"}}]"#
            ),
        ),
        (
            "resources",
            format!(
                r#"[{{"id":"{RESOURCE}","resource":"intranet.northwind.example","type":"domain"}},{{"resource":"com.northwind.app","type":"apk"}}]"#
            ),
        ),
    ]);
    let members: Vec<String> = names
        .iter()
        .map(|name| format!(r#""{name}":{}"#, all[name]))
        .collect();
    format!(r#","connections":{{{}}}"#, members.join(","))
}

fn page_json(items: &[String], total: u64) -> String {
    format!(
        r#"{{"data":[{}],"pagination":{{"page":1,"per_page":25,"total_pages":{},"total_results":{total}}}}}"#,
        items.join(","),
        total.div_ceil(25)
    )
}

const DOMAINS: &str = r#"{"data":[{"id":"3f6c0c0e-95a4-4d0b-9c3f-1f0c7a6d2b88","domain":"northwind.example","archived":false},{"id":"71e0a8b4-2d15-4e6a-8a9b-4c5d6e7f8091","domain":"intranet.Northwind.example"},{"id":"81e0a8b4-2d15-4e6a-8a9b-4c5d6e7f8091","domain":"old.example","archived":true}],"pagination":{"page":1,"per_page":100,"total_pages":1,"total_results":3}}"#;

/// A whole service: one thing of each kind.
fn service(seen: &RecordedRequest) -> ServerResponse {
    let path = path(seen);
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let body = match parts[..] {
        ["domains"] => DOMAINS.to_owned(),
        [_, "count"] => r#"{"data":{"count":61}}"#.to_owned(),
        ["leaks"] => page_json(&[leak_json("")], 1),
        ["users"] => page_json(&[user_json("")], 1),
        ["endpoints"] => page_json(&[endpoint_json("")], 1),
        ["resources"] => page_json(&[resource_json("")], 1),
        ["leaks", LEAK] => data_json(&leak_json(&connected(&["users", "endpoints", "resources"]))),
        ["users", USER] => data_json(&user_json(&connected(&["endpoints", "resources"]))),
        ["endpoints", ENDPOINT] => data_json(&endpoint_json(&connected(&["users", "resources"]))),
        ["resources", RESOURCE] => data_json(&resource_json(&connected(&["users", "endpoints"]))),
        _ => {
            let body = r#"{"type":"not_found","status":404,"detail":"Not found."}"#;
            return ServerResponse::json(404, body);
        }
    };
    let judged = LEAKS_AI.validate_response("GET", &path, 200, "application/json", body.as_bytes());
    assert_eq!(judged, Ok(()));
    ServerResponse::json(200, body)
}

fn data_json(data: &str) -> String {
    format!(r#"{{"data":{data}}}"#)
}

async fn provider_with_service() -> (FaultServer, Arc<dyn Provider>) {
    let server = FaultServer::start(|_, seen| service(seen)).await;
    let provider = connect_to(&server);
    (server, provider)
}

/// A server with these leaks and the domains above.
async fn with_leaks(leaks: &str) -> (FaultServer, Arc<dyn Provider>) {
    let body = format!(r#"{{"data":[{leaks}],"pagination":{{"total_results":1}}}}"#);
    let server = FaultServer::start(move |_, seen| match &path(seen)[..] {
        "/domains" => ServerResponse::json(200, DOMAINS),
        _ => ServerResponse::json(200, &body),
    })
    .await;
    let provider = connect_to(&server);
    (server, provider)
}

async fn list(provider: &Arc<dyn Provider>) -> LeakPage {
    super::list(provider).await.unwrap()
}

fn remote_id(id: &str) -> RemoteId {
    RemoteId::from(id)
}

#[tokio::test]
async fn every_operation_is_a_read_with_the_bare_key() {
    let (server, provider) = provider_with_service().await;
    let (query, first) = (LeakQuery::default(), PageRequest::default());
    let all = EntityQuery::default();
    assert_eq!(list(&provider).await.total, Some(1));
    assert_eq!(provider.leaks().count(&query).await, Ok(61));
    provider.leaks().leak(&remote_id(LEAK)).await.unwrap();
    assert_eq!(
        provider
            .entity_counts()
            .unwrap()
            .count_of(Kind::User, &all)
            .await,
        Ok(vec![(None, 61)])
    );
    assert_eq!(
        provider
            .entity_counts()
            .unwrap()
            .count_of(Kind::Connection, &all)
            .await,
        Ok(vec![
            (Some(ConnectionKind::Endpoint), 61),
            (Some(ConnectionKind::Resource), 61)
        ])
    );
    assert_eq!(
        provider
            .entity_counts()
            .unwrap()
            .count_of(Kind::Leak, &all)
            .await,
        Ok(vec![(None, 61)])
    );
    provider.users().unwrap().page(&all, first).await.unwrap();
    provider
        .users()
        .unwrap()
        .user(&remote_id(USER))
        .await
        .unwrap();
    let endpoints = provider
        .connections()
        .unwrap()
        .page(&all, first)
        .await
        .unwrap();
    provider
        .connections()
        .unwrap()
        .page(&all, endpoints.next.unwrap())
        .await
        .unwrap();
    let key = &endpoints.items[0].key.id;
    provider
        .connections()
        .unwrap()
        .connection(key)
        .await
        .unwrap();
    provider
        .connections()
        .unwrap()
        .connection(&remote_id(&format!("resource:{RESOURCE}")))
        .await
        .unwrap();
    provider.domains().unwrap().domains().await.unwrap();
    provider.check().await.unwrap();
    assert_requests_valid(&server);
    let asked: BTreeSet<String> = server
        .requests()
        .iter()
        .map(|seen| LEAKS_AI.operation(&seen.method, &path(seen)).unwrap().id)
        .collect();
    let all = LEAKS_AI.operations();
    assert_eq!(asked, all.into_iter().map(|one| one.id).collect());
    assert_eq!(asked.len(), 13);
}

fn full_query() -> LeakQuery {
    LeakQuery {
        statuses: vec![
            Status::New,
            Status::Fixed,
            Status::FalsePositive,
            Status::New,
        ],
        risks: vec![RiskLevel::None, RiskLevel::Medium, RiskLevel::High],
        domain_ids: vec![
            remote_id(DOMAIN),
            remote_id("71e0a8b4-2d15-4e6a-8a9b-4c5d6e7f8091"),
        ],
        login_part: Some("ortega&x".into()),
        url_part: Some("https://sso".into()),
        url_path_part: Some("/adfs ls".into()),
        url_port: Some(8443),
        user: Some(remote_id(USER)),
        endpoint: Some(remote_id(&format!("endpoint:{ENDPOINT}"))),
        resource: Some(remote_id(&format!("resource:{RESOURCE}"))),
        sort: vec![
            ("added_at".into(), true),
            ("password".into(), false),
            ("risk_level".into(), false),
            ("added_at".into(), false),
        ],
        ..LeakQuery::default()
    }
}

#[tokio::test]
async fn every_parameter_has_its_own_rule_for_several_values() {
    let (server, provider) = provider_with_service().await;
    provider
        .leaks()
        .page(&full_query(), PageRequest { index: 2, size: 50 })
        .await
        .unwrap();
    provider.leaks().count(&full_query()).await.unwrap();
    assert_requests_valid(&server);
    let filters = [
        (
            "domain_id",
            &format!("{DOMAIN},71e0a8b4-2d15-4e6a-8a9b-4c5d6e7f8091")[..],
        ),
        ("status", "new"),
        ("status", "resolved"),
        ("status", "false_positive"),
        ("risk_level", "none,medium,high"),
        ("login", "ortega&x"),
        ("url", "https://sso"),
        ("url_path", "/adfs ls"),
        ("url_port", "8443"),
        ("user_id", USER),
        ("endpoint_id", ENDPOINT),
        ("resource_id", RESOURCE),
    ];
    let paging = [("page", "3"), ("per_page", "50")];
    let own = |all: &[&[(&str, &str)]]| -> Vec<(String, String)> {
        all.concat()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let seen = server.requests();
    let sort = [("sort", "-added_at,risk_level")];
    assert_eq!(pairs(&seen[0]), own(&[&paging, &filters, &sort]));
    let count = seen.iter().find(|seen| path(seen) == "/leaks/count");
    assert_eq!(pairs(count.unwrap()), own(&[&filters]));
}

#[tokio::test]
async fn what_only_we_can_judge_is_not_sent_and_not_counted_there() {
    let (server, provider) = provider_with_service().await;
    let text = |text: &str| Some(text.to_owned());
    for query in [
        // Ours may differ from its own: asking for its own would lose leaks.
        LeakQuery {
            status: Some(Status::Fixed),
            ..LeakQuery::default()
        },
        LeakQuery {
            statuses: vec![Status::New, Status::Open],
            ..LeakQuery::default()
        },
        LeakQuery {
            class: text("employee"),
            ..LeakQuery::default()
        },
        LeakQuery {
            search: text("vpn"),
            start_date: text("2026-01-01"),
            country: text("ES"),
            domain: text("northwind.example"),
            ..LeakQuery::default()
        },
    ] {
        provider
            .leaks()
            .page(&query, PageRequest::default())
            .await
            .unwrap();
        let before = server.count();
        let refused = provider.leaks().count(&query).await.unwrap_err();
        assert!(matches!(refused, ProviderError::Unsupported { .. }));
        assert_eq!(server.count(), before);
    }
    for seen in server.requests() {
        if path(&seen) == "/leaks" {
            assert_eq!(seen.target, "/api/v1/leaks?page=1&per_page=100");
        }
    }
    // A whole value holds itself as a part; the rest is filtered here.
    let whole = LeakQuery {
        email: text("m@northwind.example"),
        url: text("https://a.example/"),
        ..LeakQuery::default()
    };
    provider
        .leaks()
        .page(&whole, PageRequest::default())
        .await
        .unwrap();
    let seen = server.requests().pop().unwrap();
    assert_eq!(seen.query("login").as_deref(), Some("m@northwind.example"));
    assert_eq!(seen.query("url").as_deref(), Some("https://a.example/"));
    assert!(provider.leaks().count(&whole).await.is_err());
    assert_requests_valid(&server);
}

#[tokio::test]
async fn a_domain_may_be_named_by_its_name() {
    let (server, provider) = provider_with_service().await;
    let query = |id: &[u8]| LeakQuery {
        domain_ids: vec![RemoteId::from(id)],
        ..LeakQuery::default()
    };
    provider
        .leaks()
        .count(&query(b"Northwind.example"))
        .await
        .unwrap();
    let seen = server.requests().pop().unwrap();
    assert_eq!(seen.query("domain_id").as_deref(), Some(DOMAIN));
    let before = server.count();
    for id in [&b"other.example"[..], b"\xff", b"", b"a,b"] {
        let refused = provider.leaks().count(&query(id)).await.unwrap_err();
        assert!(matches!(refused, ProviderError::Unsupported { .. }));
    }
    assert_eq!(server.count(), before);
    assert_requests_valid(&server);
}

#[tokio::test]
async fn a_page_holds_a_hundred_rows_at_most() {
    let server = FaultServer::start(|_, seen| service(seen)).await;
    for (setting, size, asked) in [
        (None, 0, "100"),
        (Some(500), 0, "100"),
        (Some(40), 0, "40"),
        (Some(0), 0, "1"),
        (Some(40), 7, "7"),
        (None, 250, "100"),
    ] {
        let mut profile = profile(&server);
        profile.page_size = setting;
        let provider = connect(profile, fast_limits());
        let token = PageRequest { index: 0, size };
        provider
            .users()
            .unwrap()
            .page(&EntityQuery::default(), token)
            .await
            .unwrap();
        let seen = server.requests().pop().unwrap();
        assert_eq!(seen.query("per_page").as_deref(), Some(asked));
    }
    assert_requests_valid(&server);
}

#[tokio::test]
async fn it_says_what_it_can_do() {
    let (server, provider) = provider_with_service().await;
    let can = capabilities_for(provider.as_ref());
    let there = [
        Ability::Domains,
        Ability::Users,
        Ability::Connections,
        Ability::EntityCounts,
        Ability::Relations,
    ];
    assert_eq!(can.abilities, there.into_iter().collect());
    assert_eq!((can.store, can.page_size), (None, 100));
    assert_eq!(can.members, [LeakMember::Risk]);
    for (word, status) in [
        ("new", Status::New),
        ("investigating", Status::Investigating),
        ("resolved", Status::Fixed),
        ("false_positive", Status::FalsePositive),
        ("Resolved", Status::Unknown),
        ("", Status::Unknown),
    ] {
        assert_eq!(provider.leaks().parse_status(&RawText::from(word)), status);
    }
    assert!(provider.secrets().is_none());
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_leak_fills_its_row() {
    let more = r#","connections":{"endpoints":[{"filename":"[ES]203.0.113.24.zip"}]}"#;
    let (_, provider) = with_leaks(&leak_json(more)).await;
    let page = list(&provider).await;
    let row = page.leaks.iter().next().unwrap();
    for (field, value) in [
        (LeakField::Id, LEAK),
        (LeakField::Login, "m.ortega@northwind.example"),
        (LeakField::Url, "https://intranet.northwind.example/signin"),
        (LeakField::RemoteStatus, "investigating"),
        (LeakField::FirstSeen, "2026-02-11T00:00:00.000Z"),
        (LeakField::AddedAt, "2026-02-13T06:40:12.501Z"),
        (LeakField::EmailDomain, "northwind.example"),
        (LeakField::UrlDomain, "intranet.northwind.example"),
        (LeakField::Domain, "intranet.Northwind.example"),
        (LeakField::Country, "ES"),
        (LeakField::Ip, "203.0.113.24"),
    ] {
        assert_eq!(row.get(field), Some(value.as_bytes()), "{field:?}");
    }
    assert_eq!(row.status, Status::Investigating);
    assert_eq!(row.password, PasswordState::MaskedByProvider);
    let level = RiskLevel::Medium;
    let score = Some(5.0);
    assert_eq!(row.risk, Some(Risk { level, score }));
    assert_eq!((row.credential, row.damaged), (None, false));
}

#[tokio::test]
async fn what_is_strange_or_broken_is_kept() {
    let leaks = [
        r#"{"id":"1","login":null,"url":null,"status":"parked","risk_level_name":"extreme","new":[1]}"#,
        r#"{"id":"2","login":["a"],"url":{"x":1},"connections":7}"#,
        r#"{"id":"3","id":"4","login":"x"}"#,
        "{}",
        r#"{"id":"5","login":"m@old.example","connections":{"endpoints":[7,null]}}"#,
        "7",
        "null",
        "[]",
    ]
    .join(",");
    let (_, provider) = with_leaks(&leaks).await;
    let page = list(&provider).await;
    // What has no id cannot be told from another that has none.
    assert_eq!(page.unreadable, 4);
    let rows: Vec<_> = page.leaks.iter().collect();
    let ids: Vec<_> = rows.iter().map(|row| row.text(LeakField::Id)).collect();
    assert_eq!(ids, [&b"1"[..], b"2", b"3", b"5"]);
    let damaged: Vec<_> = rows.iter().map(|row| row.damaged).collect();
    assert_eq!(damaged, [false, true, true, false]);
    assert_eq!((rows[0].status, rows[0].risk), (Status::Unknown, None));
    assert_eq!(rows[1].get(LeakField::Login), Some(&br#"["a"]"#[..]));
    // An archived domain is not watched any more.
    assert_eq!(rows[3].get(LeakField::Domain), None);
    for body in [
        r#"{"data":{}}"#,
        r#"{"data":"x"}"#,
        r#"{"data":[],"data":[]}"#,
    ] {
        let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
        let error = super::list(&connect_to(&server)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{body}");
        let error = connect_to(&server)
            .users()
            .unwrap()
            .page(&EntityQuery::default(), PageRequest::default())
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{body}");
        let error = connect_to(&server)
            .leaks()
            .count(&LeakQuery::default())
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{body}");
    }
}

#[tokio::test]
async fn the_domains_are_asked_for_once_and_a_page_does_not_need_them() {
    let (server, provider) = with_leaks(&leak_json("")).await;
    let all = (0..6).map(|_| list(&provider));
    for page in futures_util::future::join_all(all).await {
        assert!(!page.domains_unknown);
    }
    let domains = |server: &FaultServer| {
        let seen = server.requests();
        seen.iter().filter(|seen| path(seen) == "/domains").count()
    };
    assert_eq!(domains(&server), 1);
    for status in [400, 403, 404] {
        let body = format!(r#"{{"data":[{}]}}"#, leak_json(""));
        let server = FaultServer::start(move |_, seen| match &path(seen)[..] {
            "/domains" => ServerResponse::json(status, "{}"),
            _ => ServerResponse::json(200, &body),
        })
        .await;
        let provider = connect_to(&server);
        for _ in 0..3 {
            let page = list(&provider).await;
            let row = page.leaks.iter().next().unwrap();
            assert_eq!(row.get(LeakField::Domain), None);
            assert!(page.domains_unknown, "{status}: it does not say so");
            assert!(row.get(LeakField::EmailDomain).is_some());
        }
        assert_eq!(domains(&server), 1, "{status}");
    }
}

#[tokio::test]
async fn domains_come_with_their_names_once_each() {
    let pages = [
        r#"{"data":[{"domain":"a.example"},{"domain":"b.example","archived":true},"c.example"],"pagination":{"total_pages":3}}"#,
        r#"{"data":[{"name":"A.example"},{"name":"d.example"}],"pagination":{"total_pages":3}}"#,
        r#"{"data":[{"name":"d.example"}],"pagination":{"total_pages":3}}"#,
    ];
    let server = FaultServer::start(move |n, _| ServerResponse::json(200, pages[n.min(2)])).await;
    let domains = connect_to(&server)
        .domains()
        .unwrap()
        .domains()
        .await
        .unwrap();
    let names: Vec<_> = domains
        .iter()
        .map(|one| one.name.as_str().unwrap())
        .collect();
    assert_eq!(names, ["a.example", "b.example", "c.example", "d.example"]);
    assert_eq!(domains[0].key.to_string(), "acme:domain:a.example");
    assert_eq!(domains[1].archived, Some(true));
    assert_eq!((domains[0].verified, domains[0].archived), (None, None));
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|seen| seen.query("page").unwrap())
        .collect();
    assert_eq!(asked, ["1", "2", "3"]);
    assert_requests_valid(&server);
    // One without a name may be any, and a total that is another's says that some are missing.
    for body in [
        r#"{"data":["a.example",7,{"x":1}]}"#,
        r#"{"data":["a.example"],"pagination":{"total_results":2,"total_pages":1}}"#,
        r#"{"data":null}"#,
    ] {
        let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
        assert!(
            connect_to(&server)
                .domains()
                .unwrap()
                .domains()
                .await
                .is_err(),
            "{body}"
        );
    }
    // One that ignores the page's number is not asked for ever.
    let server = FaultServer::with_response(ServerResponse::json(
        200,
        r#"{"data":["a.example"],"pagination":{"total_pages":900}}"#,
    ))
    .await;
    assert_eq!(
        connect_to(&server)
            .domains()
            .unwrap()
            .domains()
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_password_in_clear_becomes_a_fingerprint_and_nothing_else() {
    let leaks = [
        r#"{"id":"1","login":"M@x.example","password":"hunter2"}"#,
        r#"{"id":"2","password":"hunter\u0032","login":" m@x.example"}"#,
        r#"{"id":"3","login":"n@x.example","password":"hunter2"}"#,
        r#"{"id":"4","login":"m@x.example","password":"h****2"}"#,
        r#"{"id":"5","login":"m@x.example","password":""}"#,
        r#"{"id":"6","login":"m@x.example","password":"***"}"#,
        r#"{"id":"7","password":"hunter2"}"#,
    ]
    .join(",");
    let (_, provider) = with_leaks(&leaks).await;
    let page = list(&provider).await;
    let wanted = FingerprintKey::new([7; 32]).credential(b"m@x.example", b"hunter2");
    let rows: Vec<_> = page.leaks.iter().collect();
    assert_eq!(rows[0].credential, Some(wanted));
    assert_eq!(rows[1].credential, Some(wanted));
    assert!(rows[2].credential.is_some() && rows[2].credential != Some(wanted));
    assert!(rows[3..].iter().all(|row| row.credential.is_none()));
    let states: Vec<_> = rows.iter().map(|row| row.password).collect();
    assert_eq!(
        states,
        [
            PasswordState::Hidden,
            PasswordState::Hidden,
            PasswordState::Hidden,
            PasswordState::Hidden,
            PasswordState::Empty,
            PasswordState::MaskedByProvider,
            PasswordState::Hidden
        ]
    );
    for row in &rows {
        let all = row
            .fields
            .iter()
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .concat();
        assert!(memchr::memmem::find(&all, b"hunter").is_none());
    }
    // The other provider's adapter makes the same of the same.
    let row = r#"{"id":"a","username":"m@x.example","password":"hunter2"}"#;
    let body = format!(r#"{{"data":[{row}],"total_leaks":1}}"#);
    let (_, other) = super::provider_with_response(ServerResponse::json(200, body)).await;
    let page = list(&other).await;
    assert_eq!(page.leaks.iter().next().unwrap().credential, Some(wanted));
}

#[tokio::test]
async fn the_status_line_decides_and_not_the_body() {
    let body =
        r#"{"type":"validation_error","status":400,"detail":"Invalid sort field: \"colour\"."}"#;
    let asked = async |status: u16, body: &str| {
        let server = FaultServer::with_response(ServerResponse::json(status, body)).await;
        super::list(&connect_to(&server)).await.map(drop)
    };
    let message = Some(r#"Invalid sort field: "colour"."#.to_owned());
    assert_eq!(
        asked(401, body).await,
        Err(ProviderError::Unauthorised { status: 401 })
    );
    assert_eq!(
        asked(403, body).await,
        Err(ProviderError::Forbidden {
            message: message.clone()
        })
    );
    assert_eq!(
        asked(404, body).await.map_err(|error| error.kind()),
        Err("malformed"),
        "a list has no \"not found\""
    );
    let rejected = |status, message| Err(ProviderError::Rejected { status, message });
    assert_eq!(asked(400, body).await, rejected(400, message));
    let fine = r#"{"status":200,"detail":["one","two"]}"#;
    assert_eq!(
        asked(400, fine).await,
        rejected(400, Some("one; two".into()))
    );
    assert_eq!(asked(200, r#"{"status":400,"data":[]}"#).await, Ok(()));
}

#[tokio::test]
async fn words_that_repeat_what_we_sent_are_dropped() {
    let body = format!(r#"{{"detail":"no ortega, {LEAK}"}}"#);
    let server = FaultServer::with_response(ServerResponse::json(400, body)).await;
    let query = LeakQuery {
        login_part: Some("Ortega".into()),
        ..LeakQuery::default()
    };
    let silent = ProviderError::Rejected {
        status: 400,
        message: None,
    };
    let provider = connect_to(&server);
    let refused = provider.leaks().page(&query, PageRequest::default()).await;
    assert_eq!(refused.unwrap_err(), silent);
    assert_eq!(
        provider.leaks().leak(&remote_id(LEAK)).await.unwrap_err(),
        silent
    );
}

#[tokio::test]
async fn users_come_page_by_page() {
    let server = FaultServer::start(|_, seen| {
        let page: u32 = seen.query("page").unwrap().parse().unwrap();
        let rows = if page < 3 { 2 } else { 1 };
        let items: Vec<String> = (0..rows)
            .map(|n| format!(r#"{{"id":"{page}-{n}","login":"U{n}","identity_type":"robot"}}"#))
            .collect();
        let body = format!(
            r#"{{"data":[{}],"pagination":{{"total_pages":3,"total_results":5}}}}"#,
            items.join(",")
        );
        ServerResponse::json(200, body)
    })
    .await;
    let provider = connect_to(&server);
    let (mut token, mut ids) = (Some(PageRequest::default()), Vec::new());
    while let Some(page) = token {
        let page = provider
            .users()
            .unwrap()
            .page(&EntityQuery::default(), page)
            .await
            .unwrap();
        assert_eq!((page.total, page.unreadable), (Some(5), 0));
        ids.extend(page.items.iter().map(|user| user.key.to_string()));
        token = page.next;
    }
    let wanted = ["1-0", "1-1", "2-0", "2-1", "3-0"];
    assert_eq!(ids, wanted.map(|id| format!("acme:user:{id}")));
    // It gave two of a hundred, and has more: two is what it gives.
    let sizes: Vec<_> = server
        .requests()
        .iter()
        .map(|seen| seen.query("per_page").unwrap())
        .collect();
    assert_eq!(sizes, ["100", "2", "2"]);
    let (_, provider) = provider_with_service().await;
    let page = provider
        .users()
        .unwrap()
        .page(&EntityQuery::default(), PageRequest::default())
        .await
        .unwrap();
    let user = &page.items[0];
    assert_eq!(user.login, RawText::from("m.ortega@northwind.example"));
    assert_eq!(user.identity_type, Some(IdentityType::Email));
    assert_eq!(
        user.first_seen,
        Some(RawText::from("2026-01-30T08:00:00.000Z"))
    );
    assert_eq!(user.risk.map(|risk| risk.level), Some(RiskLevel::Medium));
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn connections_are_all_endpoints_and_then_all_resources() {
    let server = FaultServer::start(|_, seen| {
        let page: u32 = seen.query("page").unwrap().parse().unwrap();
        let path = path(seen);
        let (name, pages) = match &path[..] {
            "/endpoints" => ("filename", 2),
            _ => ("resource", 3),
        };
        let body = format!(
            r#"{{"data":[{{"id":"{page}","{name}":"n"}},7],"pagination":{{"total_pages":{pages}}}}}"#
        );
        ServerResponse::json(200, body)
    })
    .await;
    let provider = connect_to(&server);
    let (mut token, mut ids, mut last) = (Some(PageRequest::default()), Vec::new(), None);
    while let Some(page) = token {
        assert!(last < Some(page.index), "numbers ascend");
        last = Some(page.index);
        let page = provider
            .connections()
            .unwrap()
            .page(&EntityQuery::default(), page)
            .await
            .unwrap();
        assert_eq!((page.total, page.unreadable), (None, 1));
        ids.extend(page.items.iter().map(|one| one.key.to_string()));
        token = page.next;
    }
    let wanted = [
        "endpoint:1",
        "endpoint:2",
        "resource:1",
        "resource:2",
        "resource:3",
    ];
    assert_eq!(ids, wanted.map(|id| format!("acme:connection:{id}")));
    assert_requests_valid(&server);
    // No endpoints at all: the resources come all the same.
    let none = r#"{"data":null,"pagination":{"total_results":0}}"#;
    let empty = FaultServer::with_response(ServerResponse::json(200, none)).await;
    let provider = connect_to(&empty);
    let page = provider
        .connections()
        .unwrap()
        .page(&EntityQuery::default(), PageRequest::default())
        .await
        .unwrap();
    let page = provider
        .connections()
        .unwrap()
        .page(&EntityQuery::default(), page.next.unwrap())
        .await
        .unwrap();
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn an_endless_list_ends_where_a_page_is_empty() {
    let server = FaultServer::start(|n, _| {
        let item = if n == 0 { r#"{"login":"a"}"# } else { "" };
        let body = format!(
            r#"{{"data":[{item}],"pagination":{{"total_pages":99999999,"total_results":99999999}}}}"#
        );
        ServerResponse::json(200, body)
    })
    .await;
    let provider = connect_to(&server);
    let page = provider
        .users()
        .unwrap()
        .page(&EntityQuery::default(), PageRequest::default())
        .await
        .unwrap();
    let page = provider
        .users()
        .unwrap()
        .page(&EntityQuery::default(), page.next.unwrap())
        .await
        .unwrap();
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn an_endpoint_has_its_machine_its_tree_and_all_else_that_is_known() {
    let (_, provider) = provider_with_service().await;
    let (endpoint, related) = provider
        .connections()
        .unwrap()
        .connection(&remote_id(ENDPOINT))
        .await
        .unwrap();
    assert_eq!(
        endpoint.key.to_string(),
        format!("acme:connection:endpoint:{ENDPOINT}")
    );
    assert_eq!(endpoint.kind, ConnectionKind::Endpoint);
    assert_eq!(endpoint.name, RawText::from("[ES]203.0.113.24.zip"));
    assert_eq!(endpoint.country, Some(RawText::from("ES")));
    let device = endpoint.device.unwrap();
    assert_eq!(device.ip, Some(RawText::from("203.0.113.24")));
    assert_eq!(
        endpoint.date,
        Some(RawText::from("2026-02-10T22:05:00.000Z"))
    );
    assert_eq!(
        endpoint.tree.unwrap()[1],
        RawText::from("[ES]203.0.113.24.zip/Browsers/Info.txt")
    );
    assert_eq!(
        endpoint.metadata.unwrap(),
        RawText::from(r#"{"exfiltration_date":"2026-02-10T22:05:00.000Z","tags":["a"]}"#)
    );
    assert_eq!(endpoint.risk.map(|risk| risk.level), Some(RiskLevel::High));
    assert_eq!(related.users.len(), 2);
    assert_eq!(related.users[1].key.to_string(), "acme:user:jo");
    assert_eq!(related.connections.len(), 2);
}

#[tokio::test]
async fn hostile_endpoints_are_read_as_far_as_they_can_be() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(3000), "}".repeat(3000));
    let items = [
        format!(r#"{{"id":"1","filename":["x"],"metadata":{deep},"tree":{deep},"date":7}}"#),
        r#"{"id":"2","metadata":"x","tree":"x","risk_level":"high"}"#.to_owned(),
        r#"{"filename":"\ud800[ES]1.2.3.4.zip","tree":[{"name":"a","children":["b"]},7]}"#
            .to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
    ];
    let body = format!(r#"{{"data":[{}]}}"#, items.join(","));
    let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
    let page = connect_to(&server)
        .connections()
        .unwrap()
        .page(&EntityQuery::default(), PageRequest::default())
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.unreadable), (3, 2));
    let [one, two, three] = &page.items[..] else {
        panic!("three are left")
    };
    assert_eq!(
        (&one.metadata, one.tree.as_ref().map(Vec::len)),
        (&None, Some(1))
    );
    assert_eq!(
        (&one.name, &one.date),
        (&RawText::from(r#"["x"]"#), &Some(RawText::from("7")))
    );
    assert_eq!((&two.metadata, &two.tree, two.risk), (&None, &None, None));
    assert_eq!(two.name, RawText::from("2"));
    assert_eq!((&three.country, &three.device), (&None, &None));
    assert_eq!(three.tree, Some(vec![RawText::from("a/b")]));
}

#[tokio::test]
async fn one_thing_comes_with_what_it_is_connected_to() {
    let (server, provider) = provider_with_service().await;
    let (batch, related) = provider.leaks().leak(&remote_id(LEAK)).await.unwrap();
    let row = batch.iter().next().unwrap();
    assert_eq!(row.get(LeakField::Ip), Some(&b"203.0.113.24"[..]));
    assert_eq!(
        row.get(LeakField::Domain),
        Some(&b"intranet.Northwind.example"[..])
    );
    assert_eq!((related.users.len(), related.connections.len()), (2, 3));
    let kinds: Vec<_> = related
        .connections
        .iter()
        .map(|one| one.resource_type)
        .collect();
    assert_eq!(
        kinds,
        [None, Some(ResourceType::Domain), Some(ResourceType::Apk)]
    );
    let ids: Vec<_> = related
        .connections
        .iter()
        .map(|one| one.key.to_string())
        .collect();
    assert_eq!(ids[2], "acme:connection:resource:com.northwind.app");
    let (user, related) = provider
        .users()
        .unwrap()
        .user(&remote_id(USER))
        .await
        .unwrap();
    assert_eq!(user.key.id, remote_id(USER));
    assert_eq!((related.users.len(), related.connections.len()), (0, 3));
    // A bare id does not say which of the two lists it is of.
    let before = server.count();
    let (resource, related) = provider
        .connections()
        .unwrap()
        .connection(&remote_id(RESOURCE))
        .await
        .unwrap();
    assert_eq!(server.count() - before, 2);
    assert_eq!(
        (resource.kind, resource.resource_type),
        (ConnectionKind::Resource, Some(ResourceType::Ip))
    );
    assert_eq!((related.users.len(), related.connections.len()), (2, 1));
    let named = remote_id(&format!("endpoint:{RESOURCE}"));
    let missing = provider
        .connections()
        .unwrap()
        .connection(&named)
        .await
        .unwrap_err();
    assert!(matches!(missing, ProviderError::NotFound { .. }));
    assert_requests_valid(&server);
}

#[tokio::test]
async fn what_is_no_id_is_not_asked_for_and_another_thing_is_not_taken() {
    let (server, provider) = provider_with_service().await;
    for id in [&b""[..], b"\xff", b"count"] {
        let error = provider
            .leaks()
            .leak(&RemoteId::from(id))
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }));
        let error = provider
            .connections()
            .unwrap()
            .connection(&RemoteId::from(id))
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Unsupported { .. }));
    }
    let error = provider
        .users()
        .unwrap()
        .user(&remote_id(".."))
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Policy { .. }));
    assert_eq!(server.count(), 0);
    for body in [
        r#"{"data":{"id":"another","login":"x"}}"#,
        r#"{"data":[]}"#,
        "{}",
        r#"{"data":{},"data":{}}"#,
    ] {
        let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
        let provider = connect_to(&server);
        let error = provider.leaks().leak(&remote_id(LEAK)).await.unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{body}");
        let error = provider
            .users()
            .unwrap()
            .user(&remote_id(USER))
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{body}");
    }
}

#[tokio::test]
async fn a_check_asks_for_one_domain_and_does_without_where_there_are_none() {
    let (server, provider) = provider_with_service().await;
    provider.check().await.unwrap();
    assert_eq!(
        server.requests()[0].target,
        "/api/v1/domains?page=1&per_page=1"
    );
    assert_eq!(server.count(), 1);
    let server = FaultServer::start(|_, seen| match &path(seen)[..] {
        "/domains" => ServerResponse::json(404, "{}"),
        _ => service(seen),
    })
    .await;
    connect_to(&server).check().await.unwrap();
    assert_eq!(path(&server.requests()[1]), "/leaks/count");
    let server = FaultServer::with_response(ServerResponse::json(401, "{}")).await;
    let refused = connect_to(&server).check().await.unwrap_err();
    assert_eq!(refused, ProviderError::Unauthorised { status: 401 });
}
