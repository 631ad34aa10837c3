//! Answers that say what they mean in an unusual place: a limit in words, no media type, a length that is too much, a
//! plan that is not paid for, a key that nobody sent.

use super::{
    super::support::fault_server::{
        ConnectionEnd, FaultServer, KEY, ServerResponse, connect, fast_limits, rows, settings,
    },
    ids, list, provider_with_response,
};
use stanch::{
    entity::{
        account::StatsSubject, change_response, error::ProviderError, option::OptionValue,
        status::Status,
    },
    http::Limits,
};
use std::time::{Duration, Instant};

fn good_response() -> ServerResponse {
    ServerResponse::json(200, rows(0..2, 2))
}

#[tokio::test]
async fn a_limit_in_the_words_of_a_good_status_is_waited_for() {
    let limit = r#"{"success":false,"message":"Too many requests","retry_after":WAIT}"#;
    let typed = [("content-type", "application/json"), ("retry-after", "0")];
    for limited in [
        ServerResponse::json(200, limit.replace("WAIT", "0")),
        ServerResponse::json(200, limit.replace("WAIT", "\"0\"")),
        ServerResponse::new(200, &typed, br#"{"success":false}"#),
        ServerResponse::new(200, &[], limit.replace("WAIT", "0").as_bytes()),
    ] {
        let server =
            FaultServer::with_responses(vec![limited.clone(), limited, good_response()]).await;
        let page = list(&server.connect(fast_limits())).await.unwrap();
        assert_eq!((page.leaks.len(), server.count()), (2, 3));
    }
    let server = FaultServer::with_responses(vec![
        ServerResponse::json(200, limit.replace("WAIT", "1")),
        good_response(),
    ])
    .await;
    list(&server.connect(fast_limits())).await.unwrap();
    let seen = server.requests();
    assert!(seen[1].at - seen[0].at >= Duration::from_millis(950));
    // One that never ends is told as what it is.
    let server =
        FaultServer::with_response(ServerResponse::json(200, limit.replace("WAIT", "0"))).await;
    let error = list(&server.connect(fast_limits())).await.unwrap_err();
    assert!(
        matches!(error, ProviderError::RateLimited { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn words_below_a_good_status_are_no_limit_where_one_part_is_missing() {
    // Without a wait, or with success, it is an answer like any other: no list, and nothing is waited for.
    for body in [
        r#"{"success":false,"message":"no"}"#,
        r#"{"success":true,"retry_after":1}"#,
        r#"{"success":"false","retry_after":1}"#,
        r#"{"success":false,"retry_after":-1}"#,
        r#"{"success":false,"retry_after":null}"#,
    ] {
        let (server, provider) = provider_with_response(ServerResponse::json(200, body)).await;
        let error = list(&provider).await.unwrap_err();
        assert!(
            !matches!(error, ProviderError::RateLimited { .. }),
            "{body}: {error:?}"
        );
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_limit_in_words_proves_nothing_of_a_write() {
    let (server, provider) = provider_with_response(ServerResponse::json(
        200,
        r#"{"success":false,"retry_after":0}"#,
    ))
    .await;
    for count in [1, 3] {
        let before = server.count();
        let proof = provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(0..count), Status::Fixed)
            .await;
        assert!(
            matches!(proof, change_response::ChangeResponse::Ambiguous(_)),
            "{proof:?}"
        );
        assert_eq!(server.count() - before, 1, "it is not sent again");
    }
}

#[tokio::test]
async fn json_that_does_not_say_what_it_is_is_read_and_nothing_else() {
    let list_body = rows(0..2, 2);
    for body in [
        list_body.clone(),
        format!(" \r\n{list_body}"),
        format!("\u{feff}{list_body}"),
    ] {
        let (_, provider) =
            provider_with_response(ServerResponse::new(200, &[], body.as_bytes())).await;
        assert_eq!(list(&provider).await.unwrap().leaks.len(), 2);
    }
    for body in [
        "",
        "not known",
        "<html><body>sign in</body></html>",
        "true",
        "12",
        "\"text\"",
        "{not json}",
        "id,status\n1,open\n",
        "0018A45C4D1DEF81644B54AB7F969B88D65:12\r\n",
    ] {
        let (server, provider) =
            provider_with_response(ServerResponse::new(200, &[], body.as_bytes())).await;
        let error = list(&provider).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Malformed { .. }),
            "{body}: {error:?}"
        );
        assert_eq!(server.count(), 1, "{body}");
    }
    // What says that it is something else stays refused.
    let (_, provider) = provider_with_response(ServerResponse::new(
        200,
        &[("content-type", "text/plain")],
        list_body.as_bytes(),
    ))
    .await;
    assert!(list(&provider).await.is_err());
}

#[tokio::test]
async fn a_length_over_the_limit_is_refused_before_a_byte_is_read() {
    for coding in ["", "content-encoding: gzip\r\n"] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{coding}content-length: 100001\r\n\r\n"
        );
        let server =
            FaultServer::with_response(ServerResponse::raw(head, ConnectionEnd::Hang)).await;
        let limits = Limits {
            max_decoded_bytes: 100_000,
            slow_after: Duration::from_secs(60),
            request_timeout: Duration::from_secs(60),
            ..fast_limits()
        };
        let start = Instant::now();
        let error = list(&server.connect(limits)).await.unwrap_err();
        assert!(
            matches!(&error, ProviderError::Malformed { why } if why.contains("larger")),
            "{error:?}"
        );
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_plan_that_is_not_paid_for_is_told_in_the_providers_words() {
    let (server, provider) = provider_with_response(ServerResponse::json(
        402,
        r#"{"message":"Your trial has ended"}"#,
    ))
    .await;
    for _ in 0..2 {
        let error = list(&provider).await.unwrap_err();
        let words = error.to_string();
        for part in ["payment", "plan", "402", "Your trial has ended"] {
            assert!(words.contains(part), "{words}");
        }
        assert!(!words.contains("key was refused"));
        assert_eq!((error.kind(), error.exit_code()), ("unauthorised", 12));
    }
    assert_eq!(server.count(), 1, "it is not asked with again");
    let server = FaultServer::with_response(ServerResponse::json(402, "{}")).await;
    let proof = server
        .connect(fast_limits())
        .statuses()
        .unwrap()
        .set_statuses(&ids(0..2), Status::Fixed)
        .await;
    assert!(
        matches!(proof, change_response::ChangeResponse::Unauthorised(_)),
        "{proof:?}"
    );
}

#[tokio::test]
async fn a_key_that_was_not_sent_is_never_called_refused() {
    let server = FaultServer::start(|_, seen| match seen.header("x-api-key") {
        Some(_) => good_response(),
        None => ServerResponse::json(401, r#"{"message":"API key required"}"#),
    })
    .await;
    let provider = server.connect(fast_limits());
    for subject in [
        StatsSubject::Domain("acme.example".into()),
        StatsSubject::Email("maya@acme.example".into()),
    ] {
        let error = provider
            .stats()
            .unwrap()
            .stats(&subject, false)
            .await
            .unwrap_err();
        let words = error.to_string();
        assert!(
            !words.contains("refused") && words.contains("none was sent"),
            "{words}"
        );
        assert!(words.contains("API key required"), "{words}");
        assert!(
            error.hint().contains("stats_with_key = true"),
            "{}",
            error.hint()
        );
        assert_eq!((error.kind(), error.exit_code()), ("unauthorised", 12));
    }
    // The key is as good as before.
    assert_eq!(list(&provider).await.unwrap().leaks.len(), 2);
}

#[tokio::test]
async fn statistics_take_the_key_where_the_profile_says_so() {
    for with_key in [false, true] {
        let stats = r#"{"total_leaks":3,"leak_classification":{}}"#;
        let server = FaultServer::with_response(ServerResponse::json(200, stats)).await;
        let mut profile = settings(&server.url());
        profile
            .options
            .set("stats_with_key", OptionValue::Flag(with_key));
        let provider = connect(profile, fast_limits());
        let subject = StatsSubject::Domain("acme.example".into());
        provider
            .stats()
            .unwrap()
            .stats(&subject, false)
            .await
            .unwrap();
        let sent = server.requests()[0].header("x-api-key").map(str::to_owned);
        assert_eq!(sent.as_deref(), with_key.then_some(KEY));
    }
}
