//! Users, endpoints and resources, narrowed: what each parameter adds to each of their six paths.

use super::*;
use stanch::entity::query::EntityQuery;

const OTHER: &str = "71e0a8b4-2d15-4e6a-8a9b-4c5d6e7f8091";

type Pairs = Vec<(String, String)>;

/// What the lists and the counts were asked beside the page, by path. A count that is refused asks nothing.
async fn requested_parameters(query: &EntityQuery) -> BTreeMap<String, Pairs> {
    let (server, provider) = provider_with_service().await;
    let first = PageRequest::default();
    provider.users().unwrap().page(query, first).await.unwrap();
    let endpoints = provider
        .connections()
        .unwrap()
        .page(query, first)
        .await
        .unwrap();
    let resources = endpoints.next.unwrap();
    provider
        .connections()
        .unwrap()
        .page(query, resources)
        .await
        .unwrap();
    for kind in [Kind::User, Kind::Connection] {
        match provider
            .entity_counts()
            .unwrap()
            .count_of(kind, query)
            .await
        {
            Ok(counts) => assert!(!counts.is_empty() && counts.iter().all(|(_, n)| *n == 61)),
            Err(error) => assert!(matches!(error, ProviderError::Unsupported { .. })),
        }
    }
    assert_requests_valid(&server);
    let mut asked = BTreeMap::new();
    for seen in server.requests() {
        let mut pairs = pairs(&seen);
        pairs.retain(|(name, _)| name != "page" && name != "per_page");
        assert!(asked.insert(path(&seen), pairs).is_none(), "asked twice");
    }
    asked
}

/// What is expected of a path: these pairs, or that it is not asked.
type Expected<'a> = Option<&'a [(&'a str, &'a str)]>;

async fn assert_adds(query: &EntityQuery, expected: [Expected<'_>; 6]) {
    let paths = [
        "/users",
        "/users/count",
        "/endpoints",
        "/endpoints/count",
        "/resources",
        "/resources/count",
    ];
    let mut asked = requested_parameters(query).await;
    for (path, expected) in paths.into_iter().zip(expected) {
        let expected: Option<Pairs> = expected.map(|pairs| {
            let own = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            own.collect()
        });
        assert_eq!(asked.remove(path), expected, "{path} of {query:?}");
    }
}

#[tokio::test]
async fn every_parameter_is_sent_by_its_own_rule_where_the_contract_has_it() {
    let nothing: Expected<'_> = Some(&[]);
    assert_adds(&EntityQuery::default(), [nothing; 6]).await;

    let both = format!("{DOMAIN},{OTHER}");
    let domains = EntityQuery {
        domain_ids: vec![remote_id(DOMAIN), remote_id(OTHER)],
        ..EntityQuery::default()
    };
    assert_adds(&domains, [Some(&[("domain_id", &both)]); 6]).await;

    // Machines alone have a status: nothing else is narrowed by it, and so not counted.
    let statuses = EntityQuery {
        statuses: vec![
            Status::New,
            Status::Investigating,
            Status::Fixed,
            Status::FalsePositive,
            Status::New,
        ],
        ..EntityQuery::default()
    };
    let repeated: Expected<'_> = Some(&[
        ("status", "new"),
        ("status", "investigating"),
        ("status", "resolved"),
        ("status", "false_positive"),
    ]);
    assert_adds(
        &statuses,
        [nothing, None, repeated, repeated, nothing, None],
    )
    .await;

    let risks = EntityQuery {
        risks: vec![
            RiskLevel::None,
            RiskLevel::High,
            RiskLevel::Medium,
            RiskLevel::High,
        ],
        ..EntityQuery::default()
    };
    assert_adds(&risks, [Some(&[("risk_level", "none,high,medium")]); 6]).await;

    // Users alone have a login.
    let login = EntityQuery {
        login_part: Some("ortega&x=+1".into()),
        ..EntityQuery::default()
    };
    let part: Expected<'_> = Some(&[("login", "ortega&x=+1")]);
    assert_adds(&login, [part, part, nothing, None, nothing, None]).await;

    // A count has no order, and what is no key of a list is passed over.
    let sort = |keys: &[(&str, bool)]| EntityQuery {
        sort: keys
            .iter()
            .map(|(key, down)| ((*key).into(), *down))
            .collect(),
        ..EntityQuery::default()
    };
    let (risk, down): (Expected<'_>, Expected<'_>) = (
        Some(&[("sort", "risk_level")]),
        Some(&[("sort", "-risk_level")]),
    );
    for (keys, expected) in [
        (&[("risk_level", false)][..], [risk, risk, risk]),
        (&[("risk_level", true)], [down, down, down]),
        (
            &[("first_seen", true)],
            [Some(&[("sort", "-first_seen")][..]), nothing, nothing],
        ),
        (
            &[("login", false), ("risk_level", true)],
            [Some(&[("sort", "login")][..]), down, down],
        ),
        (
            &[("password", true), ("date", true), ("risk_level", false)],
            [risk, Some(&[("sort", "-date")]), risk],
        ),
        (&[("", false), ("-date", false)], [nothing; 3]),
    ] {
        let [users, endpoints, resources] = expected;
        let six = [users, nothing, endpoints, nothing, resources, nothing];
        assert_adds(&sort(keys), six).await;
    }
}

#[tokio::test]
async fn several_terms_go_together_with_the_page() {
    let (server, provider) = provider_with_service().await;
    let query = EntityQuery {
        // By the name that the keys of domains hold: the list of domains tells the id.
        domain_ids: vec![remote_id(DOMAIN), remote_id("Intranet.northwind.example")],
        statuses: vec![Status::Fixed],
        risks: vec![RiskLevel::High],
        login_part: Some("m.".into()),
        sort: vec![("risk_level".into(), true)],
    };
    let token = PageRequest { index: 2, size: 50 };
    provider.users().unwrap().page(&query, token).await.unwrap();
    provider
        .connections()
        .unwrap()
        .page(&query, token)
        .await
        .unwrap();
    assert_requests_valid(&server);
    let seen = server.requests();
    let targets: Vec<&str> = seen.iter().map(|seen| &seen.target[..]).collect();
    let domains = format!("domain_id={DOMAIN}%2C{OTHER}");
    assert_eq!(
        targets[1..],
        [
            format!(
                "/api/v1/users?page=3&per_page=50&{domains}&risk_level=high&login=m.&sort=-risk_level"
            ),
            format!(
                "/api/v1/endpoints?page=3&per_page=50&{domains}&status=resolved&risk_level=high&sort=-risk_level"
            ),
        ]
    );
    // Each form is counted by what it can be narrowed by.
    let query = EntityQuery {
        login_part: None,
        ..query
    };
    let counts = provider
        .entity_counts()
        .unwrap()
        .count_of(Kind::Connection, &query)
        .await;
    assert_eq!(counts, Ok(vec![(Some(ConnectionKind::Endpoint), 61)]));
    assert_requests_valid(&server);
}

#[tokio::test]
async fn a_status_without_a_word_narrows_no_list_and_is_not_counted() {
    let query = EntityQuery {
        statuses: vec![Status::New, Status::Open],
        ..EntityQuery::default()
    };
    let nothing: Expected<'_> = Some(&[]);
    assert_adds(&query, [nothing, None, nothing, None, nothing, None]).await;
}

#[tokio::test]
async fn leaks_are_counted_by_the_same_terms() {
    let (server, provider) = provider_with_service().await;
    let query = EntityQuery {
        domain_ids: vec![remote_id(DOMAIN)],
        statuses: vec![Status::New, Status::Fixed],
        risks: vec![RiskLevel::Low, RiskLevel::High],
        login_part: Some("m.".into()),
        sort: vec![("risk_level".into(), true)],
    };
    let counts = provider
        .entity_counts()
        .unwrap()
        .count_of(Kind::Leak, &query)
        .await;
    assert_eq!(counts, Ok(vec![(None, 61)]));
    let target = format!(
        "/api/v1/leaks/count?domain_id={DOMAIN}&status=new&status=resolved&risk_level=low%2Chigh&login=m."
    );
    assert_eq!(server.requests()[0].target, target);
    assert_requests_valid(&server);
}

#[tokio::test]
async fn a_domain_that_cannot_be_named_is_refused_before_anything_is_asked() {
    let (server, provider) = provider_with_service().await;
    // The names are asked for once, for whoever names one.
    provider.domains().unwrap().domains().await.unwrap();
    let before = server.count();
    for id in [&b"other.example"[..], b"\xff", b"", b"a,b"] {
        let query = EntityQuery {
            domain_ids: vec![RemoteId::from(id)],
            ..EntityQuery::default()
        };
        let first = PageRequest::default();
        let refused = [
            provider
                .users()
                .unwrap()
                .page(&query, first)
                .await
                .unwrap_err(),
            provider
                .connections()
                .unwrap()
                .page(&query, first)
                .await
                .unwrap_err(),
            provider
                .entity_counts()
                .unwrap()
                .count_of(Kind::User, &query)
                .await
                .unwrap_err(),
            provider
                .entity_counts()
                .unwrap()
                .count_of(Kind::Connection, &query)
                .await
                .unwrap_err(),
            provider
                .entity_counts()
                .unwrap()
                .count_of(Kind::Leak, &query)
                .await
                .unwrap_err(),
        ];
        for error in refused {
            assert!(matches!(error, ProviderError::Unsupported { .. }));
        }
    }
    assert_eq!(server.count(), before);
}

#[tokio::test]
async fn one_thing_is_asked_for_without_a_domain() {
    let (server, provider) = provider_with_service().await;
    let key = remote_id(&format!("endpoint:{ENDPOINT}"));
    provider
        .users()
        .unwrap()
        .user(&remote_id(USER))
        .await
        .unwrap();
    provider
        .connections()
        .unwrap()
        .connection(&key)
        .await
        .unwrap();
    let resource = remote_id(&format!("resource:{RESOURCE}"));
    provider
        .connections()
        .unwrap()
        .connection(&resource)
        .await
        .unwrap();
    provider.leaks().leak(&remote_id(LEAK)).await.unwrap();
    assert_requests_valid(&server);
    let one = |seen: &RecordedRequest| path(seen).matches('/').count() == 2;
    let seen = server.requests();
    let own: Vec<_> = seen.iter().filter(|seen| one(seen)).collect();
    assert_eq!(own.len(), 4);
    assert!(own.iter().all(|seen| !seen.target.contains('?')));
}
