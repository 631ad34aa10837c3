//! Retry, budget, permits, and what goes out with a request.

use super::{
    super::support::fault_server::{
        FaultServer, KEY, ServerResponse, connect, fast_limits, rows, settings,
    },
    ids, list, provider_with_response,
};
use stanch::{
    entity::{
        account::StatsSubject, change_response, error::ProviderError, query::LeakQuery,
        status::Status,
    },
    http::Limits,
};
use std::time::Duration;

#[tokio::test]
async fn the_key_goes_out_once_in_its_header_and_nowhere_else() {
    let (server, provider) = provider_with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    list(&provider).await.unwrap();
    let seen = &server.requests()[0];
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert!(!seen.target.contains(KEY));
    let carrying = seen
        .headers
        .iter()
        .filter(|(_, value)| value.contains(KEY))
        .count();
    assert_eq!(carrying, 1);
    let agent = seen.header("user-agent").unwrap();
    assert_eq!(agent, concat!("stanch/", env!("CARGO_PKG_VERSION")));
    assert_eq!(seen.header("referer"), None);
    assert_eq!(seen.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn a_write_is_never_sent_twice() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let (server, provider) = provider_with_response(ServerResponse::json(status, "{}")).await;
        let proof = provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(0..2), Status::Fixed)
            .await;
        assert!(
            !matches!(proof, change_response::ChangeResponse::Accepted),
            "{status}"
        );
        assert_eq!(server.count(), 1, "{status}");
    }
}

#[tokio::test]
async fn at_most_eight_requests_are_in_flight() {
    let slow = ServerResponse::json(200, rows(0..1, 1)).with_delay(Duration::from_millis(20));
    let (server, provider) = provider_with_response(slow).await;
    let calls: Vec<_> = (0..24)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { list(&provider).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((server.max_in_flight(), server.count()), (8, 24));
}

#[tokio::test]
async fn the_budget_shows_what_was_used_and_what_is_waited_for() {
    let server = FaultServer::with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    let mut profile = settings(&server.url());
    profile.rpm = Some(2);
    let window = Duration::from_millis(300);
    let provider = connect(
        profile,
        Limits {
            window,
            ..fast_limits()
        },
    );
    let mut budget = provider.budget();
    assert_eq!((budget.borrow().limit, budget.borrow().used), (Some(2), 0));
    list(&provider).await.unwrap();
    list(&provider).await.unwrap();
    assert_eq!(budget.borrow_and_update().used, 2);
    let third = {
        let provider = provider.clone();
        tokio::spawn(async move { list(&provider).await })
    };
    let is_shown = budget
        .wait_for(|budget| budget.wait_until.is_some())
        .await
        .is_ok();
    assert!(is_shown, "the wait is visible");
    third.await.unwrap().unwrap();
    assert_eq!(budget.borrow_and_update().wait_until, None);
    let times: Vec<_> = server.requests().iter().map(|seen| seen.at).collect();
    assert!(times[2] - times[0] > Duration::from_millis(200));
}

#[tokio::test]
async fn the_limit_is_learnt_from_answers_unless_the_profile_sets_it() {
    let headers = [
        ("content-type", "application/json"),
        ("x-ratelimit-limit", "600"),
    ];
    let answer = ServerResponse::new(200, &headers, rows(0..1, 1).as_bytes());
    let (server, provider) = provider_with_response(answer).await;
    list(&provider).await.unwrap();
    assert_eq!(provider.budget().borrow().limit, Some(600));
    let mut profile = settings(&server.url());
    profile.rpm = Some(30);
    let provider = connect(profile, fast_limits());
    list(&provider).await.unwrap();
    assert_eq!(provider.budget().borrow().limit, Some(30));
}

#[tokio::test]
async fn public_calls_work_with_a_key_that_was_refused() {
    let server = FaultServer::start(|_, seen| match seen.header("x-api-key") {
        Some(_) => ServerResponse::json(401, "{}"),
        None => ServerResponse::json(200, r#"{"leak_user_count":[{"user":0}]}"#),
    })
    .await;
    let provider = server.connect(fast_limits());
    assert!(list(&provider).await.is_err());
    let subject = StatsSubject::Domain("acme.example".into());
    assert!(
        provider
            .stats()
            .unwrap()
            .stats(&subject, false)
            .await
            .is_ok()
    );
    assert!(list(&provider).await.is_err());
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_refusal_that_repeats_what_was_sent_is_not_shown() {
    let echo = format!(r#"{{"message":"no leak of someone@acme.example with {KEY}"}}"#);
    let (_, provider) = provider_with_response(ServerResponse::json(400, echo)).await;
    let query = LeakQuery {
        email: Some("Someone@acme.example".into()),
        ..LeakQuery::default()
    };
    let error = provider.leaks().count(&query).await.unwrap_err();
    let expected = ProviderError::Rejected {
        status: 400,
        message: None,
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_named_proxy_is_used_but_never_for_this_machine() {
    let server = FaultServer::with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    let proxy = FaultServer::with_response(ServerResponse::json(200, rows(0..1, 1))).await;
    let mut profile = settings(&server.url());
    profile.proxy = Some(proxy.url());
    list(&connect(profile, fast_limits())).await.unwrap();
    assert_eq!((server.count(), proxy.count()), (1, 0));
    // A named proxy is used for plain http that profile and run both allow.
    let mut profile = settings("http://provider.example/");
    profile.proxy = Some(proxy.url());
    (profile.allow_insecure_http, profile.insecure_http_flag) = (true, true);
    list(&connect(profile, fast_limits())).await.unwrap();
    assert_eq!(proxy.count(), 1);
}

#[tokio::test]
async fn a_closed_port_is_not_sent() {
    let server =
        FaultServer::cut_after(0, super::super::support::fault_server::ConnectionEnd::Fin).await;
    let mut profile = settings(&server.url());
    profile.base_url = "http://127.0.0.1:1/".into();
    let provider = connect(profile, fast_limits());
    let proof = provider
        .statuses()
        .unwrap()
        .set_statuses(&ids(0..2), Status::Open)
        .await;
    let change_response::ChangeResponse::NotSent(ProviderError::Unreachable {
        why,
        not_sent: true,
    }) = proof
    else {
        panic!("{proof:?}");
    };
    assert!(why.contains("refused"), "{why}");
}
