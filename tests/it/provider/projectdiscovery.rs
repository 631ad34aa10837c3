//! ProjectDiscovery's operations, one by one.

use super::{
    super::support::fault_server::{
        FaultServer, ServerResponse, connect, fast_limits, id, rows, settings,
    },
    ids, list, provider_with_response,
};
use stanch::entity::{
    account::{RelatedDomainQuery, VerificationRequest, VerificationType},
    change_response::ChangeResponse as ChangeAnswer,
    error::ProviderError,
    leak::{LeakField, PasswordState},
    option::OptionValue,
    page::PageRequest,
    query::{CountField, LeakQuery},
    status::Status,
};

fn full_query() -> LeakQuery {
    LeakQuery {
        domain: Some("northwind.example".into()),
        email: Some("m@northwind.example".into()),
        search: Some("vpn & more".into()),
        status: Some(Status::Open),
        class: Some("employee".into()),
        start_date: Some("2026-01-01".into()),
        end_date: Some("2026-02-01".into()),
        time_range: Some("last_month".into()),
        country: Some("Spain".into()),
        hardware_id: Some("5A1B".into()),
        sort: vec![("log_date".into(), true)],
        ..LeakQuery::default()
    }
}

#[tokio::test]
async fn every_parameter_of_a_list_is_pushed_down() {
    let (server, provider) = provider_with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    provider
        .leaks()
        .page(&full_query(), PageRequest::default())
        .await
        .unwrap();
    let seen = &server.requests()[0];
    for (name, value) in [
        ("type", "employee"),
        ("domain", "northwind.example"),
        ("email", "m@northwind.example"),
        ("search", "vpn & more"),
        ("status", "open"),
        ("start_date", "2026-01-01"),
        ("end_date", "2026-02-01"),
        ("time_range", "last_month"),
        ("country", "Spain"),
        ("hardware_id", "5A1B"),
        ("group_by", "hardware_id"),
        ("sort_by", "log_date"),
        ("sort_order", "desc"),
        ("limit", "1000"),
        ("page_number", "1"),
    ] {
        assert_eq!(seen.query(name).as_deref(), Some(value), "{name}");
    }
    // Words that it does not know would be refused; the rows are filtered here anyway.
    let strange = LeakQuery {
        class: Some("contractor".into()),
        time_range: Some("yesterday".into()),
        sort: vec![("risk".into(), false)],
        ..LeakQuery::default()
    };
    provider
        .leaks()
        .page(&strange, PageRequest::default())
        .await
        .unwrap();
    assert_eq!(
        server.requests()[1].target,
        "/v1/leaks?limit=1000&page_number=1"
    );
}

#[tokio::test]
async fn the_team_goes_where_it_is_documented_and_elsewhere_by_setting() {
    for everywhere in [false, true] {
        let server = FaultServer::with_response(ServerResponse::json(200, "{}")).await;
        let mut profile = settings(&server.url());
        profile.team_id = Some("t-42".into());
        let flag = OptionValue::Flag(everywhere);
        profile.options.set("team_everywhere", flag);
        let provider = connect(profile, fast_limits());
        let query = LeakQuery::default();
        let token = PageRequest::default();
        let _ = provider.leaks().page(&query, token).await;
        let _ = provider.leaks().leak(&ids(0..1)[0]).await;
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(0..1), Status::Fixed)
            .await;
        let _ = provider
            .export()
            .unwrap()
            .export(&query, token, false)
            .await;
        let _ = provider
            .associated_domains()
            .unwrap()
            .list_associated(&RelatedDomainQuery::default())
            .await;
        let _ = provider.subscription().unwrap().subscription().await;
        let _ = provider
            .domain_verification()
            .unwrap()
            .verify(&VerificationRequest::Status)
            .await;
        let teams: Vec<bool> = server
            .requests()
            .iter()
            .map(|seen| seen.header("x-team-id") == Some("t-42"))
            .collect();
        assert_eq!(
            teams,
            [everywhere, everywhere, everywhere, true, true, true, true]
        );
    }
}

#[tokio::test]
async fn counts_come_from_a_page_of_one_and_groups_from_the_provider() {
    let server = FaultServer::start(|_, seen| match seen.query("group_by").as_deref() {
        None => ServerResponse::json(200, rows(0..1, 41)),
        Some("country") => ServerResponse::json(
            200,
            r#"{"group_summary":[{"country":"Peru","count":6},{"country":null,"count":2},{"country":"Spain","count":19}],"total_leaks":27}"#,
        ),
        Some(_) => ServerResponse::json(200, rows(0..1, 1)),
    })
    .await;
    let provider = server.connect(fast_limits());
    let query = LeakQuery::default();
    assert_eq!(provider.leaks().count(&query).await, Ok(41));
    assert_eq!(server.requests()[0].query("limit").as_deref(), Some("1"));
    let groups = provider
        .grouping()
        .unwrap()
        .count_grouped(&query, CountField::Country)
        .await
        .unwrap();
    let shown: Vec<_> = groups
        .iter()
        .map(|group| (group.value.as_ref().and_then(|v| v.as_str()), group.count))
        .collect();
    assert_eq!(shown, [(Some("Spain"), 19), (Some("Peru"), 6), (None, 2)]);
    let listed = provider
        .grouping()
        .unwrap()
        .count_grouped(&query, CountField::Url)
        .await;
    assert!(matches!(listed, Err(ProviderError::Unsupported { .. })));
}

#[tokio::test]
async fn one_secret_is_revealed_and_a_mask_is_none() {
    let answer = |password: &str| {
        let body = format!(
            r#"{{"success":true,"data":{{"id":"{}","password":{password},"status":"open"}}}}"#,
            id(1)
        );
        ServerResponse::json(200, body)
    };
    let (server, provider) = provider_with_response(answer(r#""winter\u00e9-77""#)).await;
    let one = &ids(1..2)[0];
    assert_eq!(
        provider
            .secrets()
            .unwrap()
            .reveal(one)
            .await
            .unwrap()
            .expose(),
        "winteré-77".as_bytes()
    );
    assert_eq!(
        server.requests()[0].json(),
        serde_json::json!({"leakid": id(1)})
    );
    let (leak, _) = provider.leaks().leak(one).await.unwrap();
    assert_eq!(leak.iter().next().unwrap().password, PasswordState::Hidden);
    let other = provider.secrets().unwrap().reveal(&ids(2..3)[0]).await;
    assert!(
        matches!(other, Err(ProviderError::Malformed { .. })),
        "another leak's password is not ours"
    );
    for masked in [r#""***MASKED***""#, r#""***""#, "null"] {
        let (_, provider) = provider_with_response(answer(masked)).await;
        assert!(matches!(
            provider.secrets().unwrap().reveal(one).await,
            Err(ProviderError::Unsupported { .. })
        ));
    }
}

#[tokio::test]
async fn a_read_only_profile_changes_nothing() {
    let server = FaultServer::with_response(ServerResponse::json(200, "{}")).await;
    let mut profile = settings(&server.url());
    profile.read_only = true;
    let provider = connect(profile, fast_limits());
    let proof = provider
        .statuses()
        .unwrap()
        .set_statuses(&ids(0..2), Status::Fixed)
        .await;
    assert!(matches!(
        proof,
        stanch::entity::change_response::ChangeResponse::NotSent(ProviderError::Policy { .. })
    ));
    let call = VerificationRequest::Withdraw {
        domain: "x.example".into(),
        method: VerificationType::Dns,
    };
    assert!(matches!(
        provider.domain_verification().unwrap().verify(&call).await,
        Err(ProviderError::Policy { .. })
    ));
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn the_export_is_read_as_json_and_as_csv() {
    let csv = "id,url,username,password,device_ip,hostname,os,country,log_date,hardware_id,domain,email_domain,url_domain,status,user_type\r\n\
        7f1c,\"https://x.example/?a=\"\"1\"\",2\",m@x.example,winter-boots-77,,,,Spain,2026-02-11,,x.example,,,fixed,employee\r\n\
        02b9,short,row\r\n";
    let server = FaultServer::start(move |_, seen| match seen.query("format").as_deref() {
        Some("csv") => ServerResponse::new(
            200,
            &[("content-type", "text/csv; charset=utf-8")],
            csv.as_bytes(),
        ),
        _ => ServerResponse::json(200, rows(0..3, 3)),
    })
    .await;
    let provider = server.connect(fast_limits());
    let page = provider
        .export()
        .unwrap()
        .export(
            &full_query(),
            PageRequest {
                index: 2,
                size: 500,
            },
            true,
        )
        .await
        .unwrap();
    let leaks: Vec<_> = page.leaks.iter().collect();
    assert_eq!(
        leaks[0].text(LeakField::Url),
        b"https://x.example/?a=\"1\",2"
    );
    assert_eq!(
        (leaks[0].status, leaks[0].password),
        (Status::Fixed, PasswordState::Hidden)
    );
    assert_eq!(
        (leaks[0].text(LeakField::Country), leaks[0].damaged),
        (&b"Spain"[..], false)
    );
    // The row with a cell too few is counted, and is no leak.
    assert_eq!((leaks.len(), page.unreadable), (1, 1));
    assert_eq!((page.page_size, page.total), (500, None));
    let seen = &server.requests()[0];
    assert_eq!(
        (&seen.method[..], seen.header("accept")),
        ("POST", Some("text/csv"))
    );
    let body = seen.json();
    assert_eq!(
        (&body["type"], &body["limit"], &body["page_number"]),
        (&"employee".into(), &500.into(), &3.into())
    );
    assert_eq!(body["search"], "vpn & more");
    // CSV tells no total: a short first page is followed by another request, so that a clamp loses nothing.
    let first = provider
        .export()
        .unwrap()
        .export(&LeakQuery::default(), PageRequest::default(), true)
        .await
        .unwrap();
    assert_eq!(first.page_size, 2);
    let page = provider
        .export()
        .unwrap()
        .export(&LeakQuery::default(), PageRequest::default(), false)
        .await
        .unwrap();
    assert_eq!((page.leaks.len(), page.page_size), (3, 1000));
    for bad in ["<html>", "a,b\r\n1,2\r\n"] {
        let (_, provider) = provider_with_response(ServerResponse::new(
            200,
            &[("content-type", "text/csv")],
            bad.as_bytes(),
        ))
        .await;
        assert!(
            provider
                .export()
                .unwrap()
                .export(&LeakQuery::default(), PageRequest::default(), true)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn a_check_asks_the_scan_token_and_else_a_list_of_one() {
    let (server, provider) = provider_with_response(ServerResponse::json(200, "{}")).await;
    provider.check().await.unwrap();
    assert_eq!(server.requests()[0].target, "/v1/scans/token");
    let server = FaultServer::start(|_, seen| match &seen.target[..] {
        "/v1/scans/token" => ServerResponse::json(404, "{}"),
        _ => ServerResponse::json(200, rows(0..1, 9)),
    })
    .await;
    server.connect(fast_limits()).check().await.unwrap();
    assert_eq!(
        server.requests()[1].target,
        "/v1/leaks?limit=1&page_number=1"
    );
    let (_, provider) = provider_with_response(ServerResponse::json(401, "{}")).await;
    assert!(matches!(
        provider.check().await,
        Err(ProviderError::Unauthorised { .. })
    ));
}

/// Of three lists one was answered by a gateway: the rows of the two others were called all that there are.
#[tokio::test]
async fn a_deprecated_list_that_does_not_answer_leaves_the_whole_incomplete() {
    for lost in [
        "/v1/leaks/email",
        "/v1/leaks/domain",
        "/v1/leaks/domain/customers",
    ] {
        for status in [404, 405, 410] {
            let server = FaultServer::start(move |_, seen| {
                if seen.target.split('?').next() == Some(lost) {
                    ServerResponse::json(
                        status,
                        r#"{"message":"no Route matched with those values"}"#,
                    )
                } else {
                    ServerResponse::json(200, rows(0..1, 1))
                }
            })
            .await;
            let mut profile = settings(&server.url());
            profile
                .options
                .set("lists", OptionValue::Choice("deprecated"));
            let page = list(&connect(profile, fast_limits())).await.unwrap();
            let why = page.contradiction.unwrap_or_default();
            assert!(why.contains("lists"), "{lost} {status}: {why}");
            assert_eq!((page.leaks.len(), page.total), (2, None));
        }
    }
}

/// A count that could not be read was one of none.
#[tokio::test]
async fn groups_without_a_count_are_an_error() {
    for count in ["null", r#""many""#, "-1", "[2]", r#"2,"count":3"#] {
        let body = format!(
            r#"{{"group_summary":[{{"country":"Peru","count":6}},{{"country":"Spain","count":{count}}}],"total_leaks":6}}"#
        );
        let (_, provider) = provider_with_response(ServerResponse::json(200, body)).await;
        let groups = provider
            .grouping()
            .unwrap()
            .count_grouped(&LeakQuery::default(), CountField::Country)
            .await;
        assert!(
            matches!(groups, Err(ProviderError::Malformed { .. })),
            "{count}: {groups:?}"
        );
    }
}

#[tokio::test]
async fn the_deprecated_lists_are_read_by_setting_and_only_the_one_of_a_class() {
    let server = FaultServer::with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    let mut profile = settings(&server.url());
    profile
        .options
        .set("lists", OptionValue::Choice("deprecated"));
    let provider = connect(profile, fast_limits());
    list(&provider).await.unwrap();
    provider
        .leaks()
        .page(&full_query(), PageRequest::default())
        .await
        .unwrap();
    let paths: Vec<_> = server
        .requests()
        .iter()
        .map(|seen| seen.target.split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/leaks/email",
            "/v1/leaks/domain",
            "/v1/leaks/domain/customers",
            "/v1/leaks/domain"
        ]
    );
    let last = &server.requests()[3];
    assert_eq!(
        (
            last.query("search").as_deref(),
            last.query("email"),
            last.query("type")
        ),
        (Some("vpn & more"), None, None)
    );
    assert!(
        provider
            .grouping()
            .unwrap()
            .count_grouped(&full_query(), CountField::Url)
            .await
            .is_err()
    );
}

/// A change was called under way, and counted as an attempt, though the pause after a web page had kept it back.
#[tokio::test]
async fn change_within_the_pause_after_a_web_page_is_not_sent() {
    let page = ServerResponse::new(
        200,
        &[("content-type", "text/html")],
        b"<!doctype html><p>log in",
    );
    let (server, provider) = provider_with_response(page).await;
    assert!(list(&provider).await.is_err());
    let store = provider.statuses().unwrap();
    let answer = store.set_statuses(&ids(0..1), Status::Fixed).await;
    assert!(matches!(answer, ChangeAnswer::NotSent(_)), "{answer:?}");
    assert_eq!(server.count(), 1);
}

/// The first web page meets a request that has left: whether it was applied is not known.
#[tokio::test]
async fn change_that_met_a_web_page_may_have_been_applied() {
    let page = ServerResponse::new(
        200,
        &[("content-type", "text/html")],
        b"<!doctype html><p>log in",
    );
    let (server, provider) = provider_with_response(page).await;
    let store = provider.statuses().unwrap();
    let answer = store.set_statuses(&ids(0..1), Status::Fixed).await;
    assert!(matches!(answer, ChangeAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(server.count(), 1);
}
