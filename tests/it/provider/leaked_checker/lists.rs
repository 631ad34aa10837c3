//! Domains, leaks, users and connections, and each of these by itself.

use super::{
    ServerResponse, connect, display_texts, profile, provider_with, requested_paths, service,
};
use crate::support::fault_server::{FaultServer, fast_limits};
use stanch::{
    entity::{
        connection::ConnectionKind,
        error::ProviderError,
        key::{Kind, RemoteId},
        leak::{LeakField, PasswordState, RiskLevel},
        page::PageRequest,
        query::{EntityQuery, LeakQuery},
        raw_text::RawText,
        status::Status,
    },
    provider::Provider,
};
use std::sync::Arc;

async fn page(
    provider: &Arc<dyn Provider>,
    index: u32,
) -> Result<stanch::entity::page::LeakPage, ProviderError> {
    let token = PageRequest { index, size: 0 };
    provider.leaks().page(&LeakQuery::default(), token).await
}

#[tokio::test]
async fn every_mailbox_and_breach_is_a_leak_and_every_verified_domain_a_page() {
    let (server, provider) = service(|_, _| None).await;
    let first = page(&provider, 0).await.unwrap();
    assert_eq!(
        (first.total, first.next.page_count(), first.page_size),
        (None, Some(3), 1000)
    );
    let rows: Vec<_> = first.leaks.iter().collect();
    let ids: Vec<_> = rows
        .iter()
        .map(|row| std::str::from_utf8(row.text(LeakField::Id)).unwrap())
        .collect();
    let expected = [
        "m.ortega@northwind.example|BrightCart",
        "reception@northwind.example|brightcart",
        "reception@northwind.example|OldForum",
        "reception@northwind.example|Unlisted",
    ];
    assert_eq!(ids, expected);
    let text = |field| std::str::from_utf8(rows[0].text(field)).unwrap();
    assert_eq!(text(LeakField::Login), "m.ortega@northwind.example");
    assert_eq!(text(LeakField::Domain), "northwind.example");
    assert_eq!(text(LeakField::Breach), "BrightCart");
    assert_eq!(text(LeakField::FirstSeen), "2025-03-02");
    assert_eq!(text(LeakField::AddedAt), "2025-04-01T00:00:00Z");
    assert_eq!(text(LeakField::UrlDomain), "brightcart.example");
    assert_eq!(rows[1].text(LeakField::FirstSeen), b"2025-03-02");
    assert_eq!(rows[3].get(LeakField::FirstSeen), None);
    let states = (rows[0].status, rows[0].password);
    assert_eq!(states, (Status::Unknown, PasswordState::None));
    let breaches: Vec<RawText> = first.breaches.iter().map(|one| one.name.clone()).collect();
    assert_eq!(
        display_texts(&breaches),
        ["BrightCart", "brightcart", "OldForum", "Unlisted"]
    );
    assert_eq!(
        (first.breaches[1].accounts, first.breaches[3].accounts),
        (Some(1200), None)
    );
    // The second domain is clean, which the service calls not found.
    assert!(page(&provider, 1).await.unwrap().leaks.is_empty());
    assert_eq!(page(&provider, 2).await.unwrap().leaks.len(), 1);
    let past = page(&provider, 3).await.unwrap();
    assert_eq!((past.leaks.len(), past.next.page_count()), (0, Some(3)));
    let expected = [
        "GET /external/subscribeddomains",
        "GET /external/breacheddomain/emails/northwind.example",
        "GET /external/breaches",
        "GET /external/breacheddomain/emails/Quiet.example",
        "GET /external/breacheddomain/emails/acme.example",
    ];
    assert_eq!(requested_paths(&server), expected);
}

#[tokio::test]
async fn a_query_for_a_domain_or_an_address_asks_for_one_domain() {
    let (server, provider) = service(|_, _| None).await;
    let query = LeakQuery {
        email: Some("Reception@Northwind.example".into()),
        ..LeakQuery::default()
    };
    let answer = provider
        .leaks()
        .page(&query, PageRequest::default())
        .await
        .unwrap();
    assert_eq!((answer.leaks.len(), answer.next.page_count()), (3, Some(1)));
    assert_eq!(provider.leaks().count(&query).await, Ok(3));
    let query = LeakQuery {
        domain: Some("acme.example".into()),
        ..LeakQuery::default()
    };
    assert_eq!(provider.leaks().count(&query).await, Ok(1));
    let query = LeakQuery {
        domain: Some("open.example".into()),
        ..LeakQuery::default()
    };
    let answer = provider
        .leaks()
        .page(&query, PageRequest::default())
        .await
        .unwrap();
    assert_eq!((answer.leaks.len(), answer.next.page_count()), (0, Some(0)));
    requested_paths(&server);
    let unknown = LeakQuery {
        search: Some("vpn".into()),
        ..LeakQuery::default()
    };
    assert!(matches!(
        provider.leaks().count(&unknown).await,
        Err(ProviderError::Unsupported { .. })
    ));
}

#[tokio::test]
async fn counts_are_those_of_the_lists_and_nothing_is_asked_for_twice_in_a_minute() {
    let (server, provider) = service(|_, _| None).await;
    let mut leaks = 0;
    for index in 0..3 {
        leaks += page(&provider, index).await.unwrap().leaks.len() as u64;
    }
    let before = requested_paths(&server).len();
    assert_eq!(
        provider.leaks().count(&LeakQuery::default()).await,
        Ok(leaks)
    );
    let all = EntityQuery::default();
    assert_eq!(
        provider
            .entity_counts()
            .unwrap()
            .count_of(Kind::User, &all)
            .await,
        Ok(vec![(None, 3)])
    );
    let breaches = vec![(Some(ConnectionKind::Breach), 3)];
    assert_eq!(
        provider
            .entity_counts()
            .unwrap()
            .count_of(Kind::Connection, &all)
            .await,
        Ok(breaches)
    );
    assert_eq!(requested_paths(&server).len(), before);
}

#[tokio::test]
async fn users_and_breaches_are_narrowed_by_domain_and_by_nothing_else() {
    let (_server, provider) = service(|_, _| None).await;
    let under = |name: &str| EntityQuery {
        domain_ids: vec![RemoteId::from(name)],
        sort: vec![("login".into(), true)],
        ..EntityQuery::default()
    };
    let (one, first) = (under("acme.example"), PageRequest::default());
    let users = provider.users().unwrap().page(&one, first).await.unwrap();
    assert_eq!((users.items.len(), users.next), (1, None));
    let breaches = provider
        .connections()
        .unwrap()
        .page(&one, first)
        .await
        .unwrap();
    assert_eq!(breaches.items.len(), 1);
    // Counted under that domain alone.
    assert_eq!(breaches.items[0].leaks, Some(1));
    let count = async |kind, query: &EntityQuery| {
        provider
            .entity_counts()
            .unwrap()
            .count_of(kind, query)
            .await
    };
    assert_eq!(count(Kind::User, &one).await, Ok(vec![(None, 1)]));
    let breaches = Ok(vec![(Some(ConnectionKind::Breach), 1)]);
    assert_eq!(count(Kind::Connection, &one).await, breaches);
    let none = under("elsewhere.example");
    assert_eq!(count(Kind::User, &none).await, Ok(vec![(None, 0)]));
    // What it knows nothing of is left to us by a list, and is no count of its.
    for query in [
        EntityQuery {
            statuses: vec![Status::New],
            ..EntityQuery::default()
        },
        EntityQuery {
            risks: vec![RiskLevel::High],
            ..EntityQuery::default()
        },
        EntityQuery {
            login_part: Some("reception".into()),
            ..EntityQuery::default()
        },
    ] {
        let users = provider.users().unwrap().page(&query, first).await.unwrap();
        assert_eq!(users.items.len(), 2, "the first domain's");
        let breaches = provider
            .connections()
            .unwrap()
            .page(&query, first)
            .await
            .unwrap();
        assert_eq!(breaches.items.len(), 3);
        for kind in [Kind::User, Kind::Connection] {
            let refused = count(kind, &query).await.unwrap_err();
            assert!(matches!(refused, ProviderError::Unsupported { .. }));
        }
    }
}

#[tokio::test]
async fn domains_say_whether_they_are_verified() {
    let (server, provider) = service(|_, _| None).await;
    let domains = provider.domains().unwrap().domains().await.unwrap();
    let domains: Vec<_> = domains
        .iter()
        .map(|domain| (domain.name.as_str().unwrap(), domain.verified))
        .collect();
    let expected = [
        ("northwind.example", Some(true)),
        ("open.example", Some(false)),
        ("Quiet.example", Some(true)),
        ("acme.example", Some(true)),
    ];
    assert_eq!(domains, expected);
    assert_eq!(
        requested_paths(&server),
        ["GET /external/subscribeddomains"]
    );
}

#[tokio::test]
async fn users_are_breached_mailboxes_and_connections_the_breaches_that_were_seen() {
    let (server, provider) = service(|_, _| None).await;
    let all = EntityQuery::default();
    let (mut token, mut users, mut pages) = (Some(PageRequest::default()), Vec::new(), 0);
    while let Some(page) = token {
        let answer = provider.users().unwrap().page(&all, page).await.unwrap();
        users.extend(answer.items);
        token = answer.next;
        pages += 1;
    }
    let shown: Vec<_> = users
        .iter()
        .map(|user| (user.login.as_str().unwrap(), user.leaks.total))
        .collect();
    let expected = [
        ("m.ortega@northwind.example", 1),
        ("reception@northwind.example", 3),
        ("m.ortega@acme.example", 1),
    ];
    assert_eq!((&shown[..], pages), (&expected[..], 3));
    assert_eq!(users[1].first_seen, Some(RawText::from("2012-07-01")));
    let connections = provider
        .connections()
        .unwrap()
        .page(&all, PageRequest::default())
        .await
        .unwrap();
    assert_eq!((connections.next, connections.total), (None, Some(3)));
    let seen: Vec<_> = connections
        .items
        .iter()
        .map(|one| (one.name.as_str().unwrap(), one.leaks.unwrap(), one.kind))
        .collect();
    let expected = [
        ("Bright Cart", 2, ConnectionKind::Breach),
        ("Old Forum", 2, ConnectionKind::Breach),
        ("Unlisted", 1, ConnectionKind::Breach),
    ];
    assert_eq!(seen, expected);
    let one = &connections.items[0];
    assert_eq!(one.key.to_string(), "acme:connection:breach:BrightCart");
    let line = format!("Leaked Checker, CC BY 4.0, {}", server.url());
    assert_eq!(one.attribution, Some(line));
    let breach = one.breach.as_ref().unwrap();
    assert_eq!(
        (breach.accounts, breach.verified, breach.spam),
        (Some(1200), Some(true), Some(false))
    );
    assert_eq!(shown_classes(breach), ["Email addresses", "Passwords"]);
    requested_paths(&server);
}

fn shown_classes(breach: &stanch::entity::breach::Breach) -> Vec<&str> {
    display_texts(&breach.data_classes)
}

#[tokio::test]
async fn a_leak_and_a_user_come_with_their_breaches_and_pastes() {
    let (server, provider) = service(|_, _| None).await;
    let id = RemoteId::from("reception@northwind.example|BrightCart");
    let (batch, related) = provider.leaks().leak(&id).await.unwrap();
    let row = batch.iter().next().unwrap();
    assert_eq!(
        row.text(LeakField::Id),
        b"reception@northwind.example|brightcart"
    );
    assert_eq!(row.text(LeakField::FirstSeen), b"2025-03-02");
    let names = |related: &stanch::entity::connection::Related| {
        let names = related
            .connections
            .iter()
            .map(|one| one.name.as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&related), ["Bright Cart", "dump-03", "Slexy:s2Kd90"]);
    let paste = related.connections[1].paste.as_ref().unwrap();
    assert_eq!(
        (paste.emails, related.connections[1].kind),
        (Some(88), ConnectionKind::Paste)
    );
    assert!(related.connections[1].attribution.is_some());
    assert_eq!(related.users.len(), 1);
    let id = RemoteId::from("Reception@northwind.example");
    let (user, related) = provider.users().unwrap().user(&id).await.unwrap();
    assert_eq!(user.login, RawText::from("reception@northwind.example"));
    let expected = [
        "Bright Cart",
        "Old Forum",
        "Unlisted",
        "dump-03",
        "Slexy:s2Kd90",
    ];
    assert_eq!(names(&related), expected);
    // A mailbox without pastes has none; one that is not listed is not found.
    let id = RemoteId::from("m.ortega@northwind.example");
    assert_eq!(
        names(&provider.users().unwrap().user(&id).await.unwrap().1),
        ["Bright Cart"]
    );
    for missing in [
        "m.ortega@northwind.example|OldForum",
        "nobody@northwind.example|OldForum",
        "m.ortega@clean.example|OldForum",
        "m.ortega|OldForum",
        "m.ortega@northwind.example",
        "",
    ] {
        let error = provider
            .leaks()
            .leak(&RemoteId::from(missing))
            .await
            .unwrap_err();
        assert!(
            matches!(error, ProviderError::NotFound { .. }),
            "{missing}: {error:?}"
        );
    }
    requested_paths(&server);
}

#[tokio::test]
async fn a_breach_by_its_key_comes_with_its_people() {
    let body = r#"{"Name":"OldForum","Title":"Old Forum","BreachDate":"2012-07-01"}"#;
    let (server, provider) = provider_with("/external/breach/OldForum", 200, body).await;
    let id = RemoteId::from("breach:OldForum");
    let (connection, related) = provider
        .connections()
        .unwrap()
        .connection(&id)
        .await
        .unwrap();
    assert_eq!((connection.leaks, related.users.len()), (Some(2), 2));
    assert_eq!(requested_paths(&server)[0], "GET /external/breach/OldForum");
    let id = RemoteId::from("breach:Nothing");
    let missing = provider.connections().unwrap().connection(&id).await;
    assert!(matches!(missing, Err(ProviderError::NotFound { .. })));
    let id = RemoteId::from("paste:Pastebin:x");
    let paste = provider.connections().unwrap().connection(&id).await;
    assert!(matches!(paste, Err(ProviderError::Unsupported { .. })));
}

#[tokio::test]
async fn a_plan_without_catalogue_or_pastes_costs_no_leak() {
    let (_, provider) = service(|path, _| {
        let denied = path == "/external/breaches" || path.starts_with("/external/pasteaccount/");
        denied
            .then(|| ServerResponse::json(403, r#"{"success":false,"message":"not in the plan"}"#))
    })
    .await;
    let first = page(&provider, 0).await.unwrap();
    assert_eq!((first.leaks.len(), first.breaches.len()), (4, 4));
    let id = RemoteId::from("reception@northwind.example|OldForum");
    let (_, related) = provider.leaks().leak(&id).await.unwrap();
    assert_eq!(related.connections.len(), 1);
}

#[tokio::test]
async fn a_domain_that_is_refused_is_named_and_the_others_are_read() {
    for (status, body) in [
        (403, "{}"),
        (
            200,
            r#"{"success":false,"message":"This domain is not verified"}"#,
        ),
        (
            400,
            r#"{"success":false,"message":"This domain is not verified"}"#,
        ),
    ] {
        let (_, provider) = provider_with(
            "/external/breacheddomain/emails/northwind.example",
            status,
            body,
        )
        .await;
        let first = page(&provider, 0).await.unwrap();
        assert_eq!((first.leaks.len(), first.next.page_count()), (0, Some(3)));
        assert_eq!(
            display_texts(&first.missing_domains),
            ["northwind.example"],
            "{status}"
        );
        let third = page(&provider, 2).await.unwrap();
        assert_eq!((third.leaks.len(), third.missing_domains.len()), (1, 0));
        let users = provider
            .users()
            .unwrap()
            .page(&EntityQuery::default(), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(display_texts(&users.missing_domains), ["northwind.example"]);
        let connections = provider
            .connections()
            .unwrap()
            .page(&EntityQuery::default(), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(
            display_texts(&connections.missing_domains),
            ["northwind.example"]
        );
        assert!(matches!(
            provider.leaks().count(&LeakQuery::default()).await,
            Err(ProviderError::Unsupported { .. })
        ));
    }
}

#[tokio::test]
async fn a_domain_of_which_nothing_is_said_is_asked_for() {
    for (verified, pages) in [
        (r#""IsVerified":true"#, 1),
        (r#""IsVerified":null,"VerifiedAt":"2026-03-02""#, 1),
        (r#""IsVerified":"yes""#, 1),
        (r#""IsVerified":"false""#, 1),
        (r#""IsVerified":0"#, 1),
        (r#""PwnCount":2"#, 1),
        (r#""IsVerified":false"#, 0),
    ] {
        let body =
            format!(r#"{{"count":1,"domains":[{{"DomainName":"acme.example",{verified}}}]}}"#);
        let (_, provider) = service(move |path, _| {
            (path == "/external/subscribeddomains").then(|| ServerResponse::json(200, &body))
        })
        .await;
        let first = page(&provider, 0).await.unwrap();
        assert_eq!(first.next.page_count(), Some(pages), "{verified}");
        assert_eq!(first.leaks.len() as u32, pages, "{verified}");
    }
}

#[tokio::test]
async fn a_domain_in_several_spellings_is_asked_for_once() {
    let body = r#"{"count":4,"domains":[{"DomainName":"ACME.example"},{"DomainName":"acme.example."},
        {"DomainName":"münchen.example"},{"DomainName":"xn--mnchen-3ya.example"}]}"#;
    let (server, provider) = service(move |path, _| {
        (path == "/external/subscribeddomains").then(|| ServerResponse::json(200, body))
    })
    .await;
    let first = page(&provider, 0).await.unwrap();
    assert_eq!(first.next.page_count(), Some(2));
    page(&provider, 1).await.unwrap();
    let seen = server.requests();
    let asked = seen
        .iter()
        .filter(|seen| seen.target.contains("/breacheddomain/emails/"));
    assert_eq!(asked.count(), 2);
    let domains = provider.domains().unwrap().domains().await;
    assert_eq!(domains.unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_of_domains_that_contradicts_itself_is_told() {
    for body in [
        r#"{"count":2,"domains":[{"DomainName":"acme.example","IsVerified":true}]}"#,
        r#"{"count":"x","domains":[{"DomainName":"acme.example","IsVerified":true}]}"#,
    ] {
        let (_, provider) = provider_with("/external/subscribeddomains", 200, body).await;
        let first = page(&provider, 0).await.unwrap();
        assert!(
            first.contradiction.is_some() && first.leaks.len() == 1,
            "{body}"
        );
        assert!(provider.domains().unwrap().domains().await.is_err());
        assert!(provider.leaks().count(&LeakQuery::default()).await.is_err());
    }
    for body in [
        r#"{"domains":null}"#,
        r#"{"success":true,"data":{"domains":[]}}"#,
        r#"{"domain_list":[]}"#,
        r#"{"success":true,"domains":{"a":1}}"#,
    ] {
        let (_, provider) = provider_with("/external/subscribeddomains", 200, body).await;
        assert!(page(&provider, 0).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn hostile_shapes_lose_no_row_that_can_be_read() {
    let (_, provider) = provider_with(
        "/external/breacheddomain/emails/northwind.example",
        200,
        r#"{"success":"maybe","count":-1,"a\u0000|b":["X|Y",7,null,{"Name":"Z"},["deep",[[]]]],"\ud800":["BrightCart"],"b":{"x":1},"c":null,"":["OldForum"]}"#,
    )
    .await;
    let first = page(&provider, 0).await.unwrap();
    let ids: Vec<_> = first
        .leaks
        .iter()
        .map(|row| row.text(LeakField::Id).to_vec())
        .collect();
    let expected: [&[u8]; 4] = [
        b"a\0|b@northwind.example|X|Y",
        b"a\0|b@northwind.example|Z",
        b"\xed\xa0\x80@northwind.example|BrightCart",
        b"@northwind.example|OldForum",
    ];
    assert_eq!(ids, expected);
    // Its flag and its count are none, too.
    assert_eq!(first.unreadable, 7);
    let domains = r#"{"domains":[null,7,{"DomainName":null},{"DomainName":"..","IsVerified":true},{"DomainName":"","IsVerified":true},{"DomainName":"\ud800","IsVerified":true},{"DomainName":"a/b?c","IsVerified":"true"},{"DomainName":"A/B?C","IsVerified":true}]}"#;
    let (server, provider) = provider_with("/external/subscribeddomains", 200, domains).await;
    let first = page(&provider, 0).await.unwrap();
    assert_eq!((first.next.page_count(), first.unreadable), (Some(1), 4));
    assert_eq!(first.missing_domains.len(), 2);
    let last = &server.requests()[1].target;
    assert_eq!(last, "/api/v1/external/breacheddomain/emails/a%2Fb%3Fc");
}

#[tokio::test]
async fn a_web_page_and_a_success_that_is_none_are_no_lists() {
    let (_, provider) = provider_with(
        "/external/subscribeddomains",
        200,
        r#"{"success":false,"message":"x","domains":[]}"#,
    )
    .await;
    let refused = ProviderError::Rejected {
        status: 200,
        message: Some("x".to_owned()),
    };
    assert_eq!(page(&provider, 0).await, Err(refused));
    let server = FaultServer::with_response(ServerResponse::new(
        200,
        &[("content-type", "text/html")],
        b"<p>",
    ))
    .await;
    let error = page(&connect(profile(&server), fast_limits()), 0)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ProviderError::NotThisService { .. }),
        "{error:?}"
    );
}
