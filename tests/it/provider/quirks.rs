//! The fourteen contradictions of ProjectDiscovery's documents, one test each, by number.

use super::{
    super::support::fault_server::{
        FaultServer, KEY, RecordedRequest, ServerResponse, connect, fast_limits, id, rows, settings,
    },
    ids, list, provider_with_response,
};
use stanch::entity::{
    account::{StatsShape, StatsSubject},
    change_response::{self, ReadBack},
    error::ProviderError,
    key::RemoteId,
    leak::PasswordState,
    option::OptionValue,
    page::PageRequest,
    query::LeakQuery,
    status::Status,
};

#[tokio::test]
async fn quirk_01_bearer_by_setting() {
    let server = FaultServer::with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    let mut profile = settings(&server.url());
    profile.options.set("auth", OptionValue::Choice("bearer"));
    list(&connect(profile, fast_limits())).await.unwrap();
    let seen = &server.requests()[0];
    assert_eq!(
        seen.header("authorization"),
        Some(&format!("Bearer {KEY}")[..])
    );
    assert_eq!(seen.header("x-api-key"), None);
}

#[tokio::test]
async fn quirk_02_ids_that_are_not_hexadecimal_are_shown_and_never_sent() {
    let bad = "c4763g36d5874h47c4763g36d5874h47";
    let body = format!(r#"{{"data":[{{"id":"{bad}","status":"open"}}],"total_leaks":1}}"#);
    let (server, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    let page = list(&provider).await.unwrap();
    assert_eq!(
        page.leaks.iter().next().unwrap().fields[0],
        Some(bad.as_bytes())
    );
    let accepts = |id: &str| provider.leaks().accepts_id(&RemoteId::from(id));
    assert!(!accepts(bad));
    assert!(accepts(&"aB".repeat(16)) && !accepts(&"a".repeat(31)) && !accepts(&"a".repeat(33)));
    for chunk in [
        vec![RemoteId::from(bad)],
        vec![ids(0..1)[0].clone(), RemoteId::from(bad)],
    ] {
        let proof = provider
            .statuses()
            .unwrap()
            .set_statuses(&chunk, Status::Fixed)
            .await;
        assert!(matches!(
            proof,
            change_response::ChangeResponse::NotSent(ProviderError::Unsupported { .. })
        ));
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn quirk_03_three_shapes_of_success_are_read() {
    let server = FaultServer::start(|_, seen| match &seen.target[..] {
        "/v1/leaks/info" => ServerResponse::json(
            200,
            format!(
                r#"{{"success":true,"data":{{"id":"{}","status":"open"}}}}"#,
                id(1)
            ),
        ),
        "/v1/leaks/status" => {
            ServerResponse::json(200, r#"{"status":"success","updated_count":2}"#)
        }
        _ => ServerResponse::json(200, rows(0..2, 2)),
    })
    .await;
    let provider = server.connect(fast_limits());
    assert_eq!(list(&provider).await.unwrap().leaks.len(), 2);
    assert_eq!(
        provider.leaks().leak(&ids(1..2)[0]).await.unwrap().0.len(),
        1
    );
    assert_eq!(
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(0..2), Status::Fixed)
            .await,
        change_response::ChangeResponse::Accepted
    );
    // Unwrapped, info says nothing of a leak.
    let bare = format!(r#"{{"id":"{}","status":"open"}}"#, id(1));
    let (_, provider) = provider_with_response(ServerResponse::json(200, bare)).await;
    assert!(provider.leaks().leak(&ids(1..2)[0]).await.is_err());
}

#[tokio::test]
async fn quirk_04_info_is_judged_by_its_http_status() {
    for (status, body) in [
        (
            400,
            r#"{"success":false,"message":"Invalid leak ID format"}"#,
        ),
        (
            403,
            r#"{"message":"Access denied: you don't have access to this leak"}"#,
        ),
        (404, r#"{"success":false,"message":"Leak not found"}"#),
    ] {
        let (_, provider) = provider_with_response(ServerResponse::json(status, body)).await;
        let error = provider.leaks().leak(&ids(1..2)[0]).await.unwrap_err();
        let (readings, _) = provider
            .statuses()
            .unwrap()
            .read_back(&ids(1..2), Status::Fixed)
            .await;
        match status {
            400 => {
                assert!(matches!(error, ProviderError::Rejected { status: 400, .. }));
                assert!(matches!(readings[0].1, ReadBack::Unreadable(_)));
            }
            403 => {
                assert!(matches!(
                    error,
                    ProviderError::Forbidden { message: Some(_) }
                ));
                assert_eq!(readings[0].1, ReadBack::Gone { status: 403 });
            }
            _ => {
                assert!(matches!(error, ProviderError::NotFound { .. }));
                assert_eq!(readings[0].1, ReadBack::Gone { status: 404 });
            }
        }
    }
}

#[tokio::test]
async fn quirk_05_the_answers_status_is_not_the_leaks() {
    // "status":"fixed" in the answer to a change is no "success".
    let (_, provider) = provider_with_response(ServerResponse::json(
        200,
        r#"{"status":"fixed","updated_count":2}"#,
    ))
    .await;
    let proof = provider
        .statuses()
        .unwrap()
        .set_statuses(&ids(0..2), Status::Fixed)
        .await;
    assert!(matches!(
        proof,
        change_response::ChangeResponse::Ambiguous(_)
    ));
    // "success" in a leak is no status of ours.
    assert_eq!(
        provider.leaks().parse_status(&"success".into()),
        Status::Unknown
    );
}

#[tokio::test]
async fn quirk_06_leakid_is_asked_and_leak_id_is_answered() {
    let server = FaultServer::start(|_, seen| {
        let body = seen.json();
        match body["leakid"].as_str() {
            Some(id) => ServerResponse::json(
                200,
                format!(
                    r#"{{"status":"success","leak_id":"{id}","new_status":{}}}"#,
                    body["status"]
                ),
            ),
            None => ServerResponse::json(
                200,
                format!(
                    r#"{{"status":"success","updated_count":{}}}"#,
                    body["leakids"].as_array().unwrap().len()
                ),
            ),
        }
    })
    .await;
    let provider = server.connect(fast_limits());
    assert_eq!(
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(3..4), Status::Open)
            .await,
        change_response::ChangeResponse::Accepted
    );
    assert_eq!(
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(3..6), Status::Fixed)
            .await,
        change_response::ChangeResponse::Accepted
    );
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(RecordedRequest::json)
        .collect();
    assert_eq!(
        bodies[0],
        serde_json::json!({"leakid": id(3), "status": "open"})
    );
    assert_eq!(
        bodies[1],
        serde_json::json!({"leakids": [id(3), id(4), id(5)], "status": "fixed"})
    );
}

#[tokio::test]
async fn quirk_07_na_and_unfixed_are_read_and_never_written() {
    let body = r#"{"data":[{"id":"a","status":"NA"},{"id":"b","status":"unfixed"},{"id":"c","status":null},{"id":"d","status":"open"}],"total_leaks":4}"#;
    let (server, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    let page = list(&provider).await.unwrap();
    let statuses: Vec<Status> = page.leaks.iter().map(|leak| leak.status).collect();
    assert_eq!(
        statuses,
        [
            Status::Unknown,
            Status::Unknown,
            Status::Unknown,
            Status::Open
        ]
    );
    let word = page
        .leaks
        .iter()
        .next()
        .unwrap()
        .get(stanch::entity::leak::LeakField::RemoteStatus);
    assert_eq!(word, Some(&b"NA"[..]), "the word is kept");
    for status in [
        Status::Unknown,
        Status::New,
        Status::Investigating,
        Status::FalsePositive,
    ] {
        let proof = provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(0..1), status)
            .await;
        assert!(matches!(
            proof,
            change_response::ChangeResponse::NotSent(ProviderError::Unsupported { .. })
        ));
        let query = LeakQuery {
            status: Some(status),
            ..LeakQuery::default()
        };
        provider
            .leaks()
            .page(&query, PageRequest::default())
            .await
            .unwrap();
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|seen| seen.query("status").is_none() && seen.method == "GET")
    );
}

#[tokio::test]
async fn quirk_08_both_shapes_of_statistics_without_a_key() {
    let arrays = r#"{"leak_devices_count":[{"devices":3}],"leak_customers_count":[{"customers":7}],"leak_user_count":[{"user":4}],
        "leak_employees_count":[{"employees":30}],"combolist_exposure":[{"combolist_exposure":9}],
        "leak_country_stats":[{"Country":"Spain","CredentialsCount":12},{"Country":null,"CredentialsCount":1}],
        "top_used_urls_by_employees":[{"count":19,"url":"https://sso.contoso.example/"}],
        "leak_user_timeline":[{"CredentialsCount":2,"Month":3,"Year":2026}],
        "user_sample_data":[{"password":"winter-boots-77","username":"x"}]}"#;
    let (server, provider) = provider_with_response(ServerResponse::json(200, arrays)).await;
    let subject = StatsSubject::Domain("contoso.example".into());
    let stats = provider
        .stats()
        .unwrap()
        .stats(&subject, true)
        .await
        .unwrap();
    assert_eq!(stats.shape, StatsShape::Arrays);
    let totals = stats.totals;
    assert_eq!(
        (
            totals.leaks,
            totals.devices,
            totals.personal,
            totals.employees,
            totals.customers,
            totals.combolists
        ),
        (None, Some(3), Some(4), Some(30), Some(7), Some(9))
    );
    assert_eq!((stats.countries.len(), stats.countries[0].count), (2, 12));
    assert_eq!(
        (stats.urls[0].class, stats.urls[0].count),
        (Some("employee"), 19)
    );
    assert_eq!(
        (&stats.timeline[0].month[..], stats.timeline[0].class),
        ("2026-03", Some("personal"))
    );
    assert!(!serde_json::to_string(&stats).unwrap().contains("winter"));
    let seen = &server.requests()[0];
    assert_eq!(
        (seen.header("x-api-key"), seen.header("x-team-id")),
        (None, None)
    );
    assert_eq!(seen.query("unmask_email").as_deref(), Some("true"));
    assert_eq!(seen.query("domain").as_deref(), Some("contoso.example"));

    let flat = r#"{"email":"m@x.example","total_leaks":5,"leak_classification":{"employee_leaks":2},
        "compromised_services":[{"service":"vpn","count":2,"last_seen":"2026-01-01"}],
        "risk_timeline":[{"date":"2026-02-11","new_leaks":3}]}"#;
    let soon = flat.replace("2026-02-11", "soon");
    let (_, provider) = provider_with_response(ServerResponse::json(200, soon)).await;
    let subject = StatsSubject::Email("m@x.example".into());
    assert!(
        provider
            .stats()
            .unwrap()
            .stats(&subject, false)
            .await
            .is_err()
    );
    let (server, provider) = provider_with_response(ServerResponse::json(200, flat)).await;
    let subject = StatsSubject::Email("m@x.example".into());
    let stats = provider
        .stats()
        .unwrap()
        .stats(&subject, false)
        .await
        .unwrap();
    assert_eq!(
        (stats.shape, stats.totals.leaks, stats.totals.employees),
        (StatsShape::Flat, Some(5), Some(2))
    );
    assert_eq!((stats.urls.len(), stats.timeline.len()), (1, 1));
    let seen = &server.requests()[0];
    assert!(seen.target.starts_with("/v1/leaks/stats/email?"));
    assert_eq!(seen.query("unmask_email"), None);

    let flat = r#"{"domain":"x.example","total_leaks":8,"employee_leaks":6,"customer_leaks":2,"recent_activity":{"last_7_days":1},
        "top_services":[{"service":"mail","count":4}],"geographic_distribution":[{"country":"Peru","count":8}]}"#;
    let (_, provider) = provider_with_response(ServerResponse::json(200, flat)).await;
    let stats = provider
        .stats()
        .unwrap()
        .stats(&StatsSubject::Domain("x.example".into()), false)
        .await
        .unwrap();
    assert_eq!(
        (stats.totals.customers, stats.countries[0].count),
        (Some(2), 8)
    );
}

#[tokio::test]
async fn quirk_09_a_customers_password_may_come_clear_or_masked_and_is_never_kept() {
    let body = r#"{"data":[{"id":"a","user_type":"customer","password":"winter-boots-77"},{"id":"b","user_type":"customer","password":"***MASKED***"}],"total_leaks":2}"#;
    let (_, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    let page = list(&provider).await.unwrap();
    let states: Vec<_> = page.leaks.iter().map(|leak| leak.password).collect();
    assert_eq!(
        states,
        [PasswordState::Hidden, PasswordState::MaskedByProvider]
    );
    let held = page.leaks.iter().flat_map(|leak| leak.fields).flatten();
    assert!(held.into_iter().all(|text| text != b"winter-boots-77"));
}

#[tokio::test]
async fn quirk_10_a_thousand_rows_are_asked_for_and_a_clamp_is_followed_down() {
    let server = FaultServer::start(|_, seen| {
        let limit: u32 = seen.query("limit").unwrap().parse().unwrap();
        let page: u32 = seen.query("page_number").unwrap().parse().unwrap();
        let size = limit.min(20);
        let start = (page - 1) * size;
        ServerResponse::json(200, rows(start.min(45)..(start + size).min(45), 45))
    })
    .await;
    let provider = server.connect(fast_limits());
    let first = list(&provider).await.unwrap();
    assert_eq!((first.leaks.len(), first.page_size), (20, 20));
    let mut seen = first.leaks.len();
    for index in 1..3 {
        let token = PageRequest {
            index,
            size: first.page_size,
        };
        let page = provider
            .leaks()
            .page(&LeakQuery::default(), token)
            .await
            .unwrap();
        assert_eq!(page.page_size, 20);
        seen += page.leaks.len();
    }
    assert_eq!(seen, 45);
    assert_eq!(server.requests()[0].query("limit").as_deref(), Some("1000"));
    assert_eq!(server.requests()[2].query("limit").as_deref(), Some("20"));
    // A last page that is short is no clamp.
    let (_, provider) = provider_with_response(ServerResponse::json(200, rows(0..7, 7))).await;
    assert_eq!(list(&provider).await.unwrap().page_size, 1000);
}

#[tokio::test]
async fn quirk_10_a_size_that_is_refused_is_asked_for_smaller() {
    let server = FaultServer::start(|_, seen| match seen.query("limit").as_deref() {
        Some("5000") => ServerResponse::json(400, r#"{"message":"Invalid request parameters"}"#),
        _ => ServerResponse::json(200, rows(0..3, 3)),
    })
    .await;
    let mut profile = settings(&server.url());
    profile.page_size = Some(5000);
    let page = list(&connect(profile, fast_limits())).await.unwrap();
    assert_eq!((page.page_size, server.count()), (1000, 2));
}

#[tokio::test]
async fn quirk_11_the_deprecated_lists_stand_in_where_the_current_one_is_gone() {
    for status in [404, 405, 410] {
        let server = FaultServer::start(move |_, seen| {
            let path = seen.target.split('?').next().unwrap();
            match path {
                "/v1/leaks" => ServerResponse::json(status, "{}"),
                "/v1/leaks/email" => ServerResponse::json(200, rows(0..1, 1)),
                "/v1/leaks/domain" => ServerResponse::json(200, rows(1..4, 3)),
                _ => ServerResponse::json(200, rows(4..6, 2)),
            }
        })
        .await;
        let provider = server.connect(fast_limits());
        for _ in 0..2 {
            let page = list(&provider).await.unwrap();
            let classes: Vec<_> = page
                .leaks
                .iter()
                .map(|leak| leak.text(stanch::entity::leak::LeakField::Class))
                .collect();
            assert_eq!(
                classes,
                [
                    &b"personal"[..],
                    b"employee",
                    b"employee",
                    b"employee",
                    b"customer",
                    b"customer"
                ]
            );
            assert_eq!((page.total, page.page_size), (Some(6), 1000));
        }
        assert_eq!(provider.leaks().count(&LeakQuery::default()).await, Ok(6));
        assert_eq!(
            server.count(),
            1 + 3 + 3 + 3,
            "the current list is asked once"
        );
    }
}

#[tokio::test]
async fn quirk_12_only_the_literal_is_a_mask() {
    let body = r#"{"data":[{"id":"a","password":"masked_password"},{"id":"b","password":"***MASKED***"},{"id":"c","password":"***"},{"id":"d","password":""},{"id":"e"}],"total_leaks":5}"#;
    let (_, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    let page = list(&provider).await.unwrap();
    let states: Vec<_> = page.leaks.iter().map(|leak| leak.password).collect();
    assert_eq!(
        states,
        [
            PasswordState::Hidden,
            PasswordState::MaskedByProvider,
            PasswordState::MaskedByProvider,
            PasswordState::Empty,
            PasswordState::None
        ]
    );
}

#[tokio::test]
async fn quirk_13_errors_are_read_by_their_message_alone_and_pages_are_numbered() {
    let body = r#"{"message":"Too many words","kind":"k","code":"c","error":"e","error_id":"x","param":"p","status":400}"#;
    let (server, provider) = provider_with_response(ServerResponse::json(400, body)).await;
    let token = PageRequest { index: 4, size: 50 };
    let error = provider
        .leaks()
        .page(&LeakQuery::default(), token)
        .await
        .unwrap_err();
    let message = Some("Too many words".to_owned());
    assert_eq!(
        error,
        ProviderError::Rejected {
            status: 400,
            message
        }
    );
    let seen = &server.requests()[0];
    assert_eq!(
        (
            seen.query("page_number").as_deref(),
            seen.query("limit").as_deref()
        ),
        (Some("5"), Some("50"))
    );
    assert_eq!(seen.query("offset"), None);
}

#[tokio::test]
async fn quirk_14_an_id_is_kept_as_it_came() {
    let body =
        r#"{"data":[{"id":"leak_id_hash"},{"id":7},{"id":""},{"id":null},{}],"total_leaks":5}"#;
    let (_, provider) = provider_with_response(ServerResponse::json(200, body)).await;
    let page = list(&provider).await.unwrap();
    let found: Vec<_> = page.leaks.iter().map(|leak| leak.fields[0]).collect();
    assert_eq!(found, [Some(&b"leak_id_hash"[..]), Some(b"7"),]);
    // What has none cannot be told from another that has none.
    assert_eq!(page.unreadable, 3);
}
