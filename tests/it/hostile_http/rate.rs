//! Rate limits, 5xx and 4xx.

use super::{
    super::support::fault_server::{
        FaultServer, KEY, ServerResponse, connect, fast_limits, rows, settings,
    },
    Proof, Run, case, ids, is_unclear, list, list_of,
};
use jiff::Timestamp;
use stanch::{
    entity::{
        change_response::ReadBack, error::ProviderError, page::PageRequest, query::LeakQuery,
        status::Status,
    },
    http::Limits,
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "429_retry_after_seconds" => Box::pin(waits("429_retry_after_seconds", 45, 50)),
        "429_retry_after_http_date" => Box::pin(waits("429_retry_after_http_date", 30, 34)),
        "429_body_only" => Box::pin(waits("429_body_only", 45, 50)),
        "429_retry_after_zero" => Box::pin(zero()),
        "429_retry_after_huge" => Box::pin(huge()),
        "429_retry_after_garbage" => Box::pin(garbage()),
        "429_storm" => Box::pin(storm()),
        "429_on_half_of_batches" => Box::pin(half()),
        "rate_headers_lie" => Box::pin(lying_headers()),
        "rate_limit_plan_10rpm" => Box::pin(plan()),
        "500_once" => Box::pin(once()),
        "500_always" => Box::pin(always()),
        "500_after_partial_apply" => Box::pin(partly_applied()),
        "502_503_504" => Box::pin(passing(&[502, 503, 504])),
        "408_425" => Box::pin(passing(&[408, 425])),
        "401_missing" => Box::pin(unauthorised()),
        "403_plan" => Box::pin(forbidden()),
        "404_list_means_none" => Box::pin(missing_page()),
        _ => return None,
    })
}

/// The answer that a case of the corpus describes.
fn response_from_corpus(name: &str) -> ServerResponse {
    let server = &case(name)["server"];
    let headers: Vec<(String, String)> = server["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let mut headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (&n[..], &v[..])).collect();
    headers.push(("content-type", "application/json"));
    let status = server["status"].as_u64().unwrap() as u16;
    ServerResponse::new(
        status,
        &headers,
        server["body"].as_str().unwrap_or_default().as_bytes(),
    )
}

fn good_response() -> ServerResponse {
    ServerResponse::json(200, rows(0..2, 2))
}

async fn waits(name: &'static str, least: i64, most: i64) {
    let server = FaultServer::with_response(response_from_corpus(name)).await;
    let provider = server.connect(fast_limits());
    let mut budget = provider.budget();
    let asked_at = Timestamp::now();
    let reading = {
        let provider = provider.clone();
        tokio::spawn(async move { list(&provider).await })
    };
    let shown = budget.wait_for(|budget| budget.wait_until.is_some()).await;
    let until = shown.unwrap().wait_until.unwrap();
    let seconds = until.as_second() - asked_at.as_second();
    assert!((least..=most + 2).contains(&seconds), "{name}: {seconds}");
    assert_eq!(server.count(), 1);
    reading.abort();
}

async fn zero() {
    let server = FaultServer::with_responses(vec![
        response_from_corpus("429_retry_after_zero"),
        good_response(),
    ])
    .await;
    assert_eq!(list_of(&server).await.unwrap().leaks.len(), 2);
    let seen = server.requests();
    assert!(
        seen[1].at - seen[0].at >= fast_limits().min_429_wait,
        "the floor holds"
    );
}

async fn huge() {
    let server = FaultServer::with_response(response_from_corpus("429_retry_after_huge")).await;
    let provider = server.connect(fast_limits());
    for _ in 0..3 {
        let Err(ProviderError::RateLimited { until }) = list(&provider).await else {
            panic!("a wait of years is an error");
        };
        assert!(until > Timestamp::now());
    }
    assert_eq!(server.count(), 1, "nothing more is sent");
}

async fn garbage() {
    let server = FaultServer::with_responses(vec![
        response_from_corpus("429_retry_after_garbage"),
        good_response(),
    ])
    .await;
    assert!(list_of(&server).await.is_ok());
    let raw = ServerResponse::new(429, &[("retry-after", "soon\x1b[2J")], b"");
    let error = list_of(&FaultServer::with_response(raw).await)
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Malformed { .. }));
    assert!(!error.to_string().contains('\x1b'));
}

async fn storm() {
    let server = FaultServer::with_response(
        ServerResponse::json(429, "{}").with_delay(Duration::from_millis(3)),
    )
    .await;
    let limits = Limits {
        min_429_wait: Duration::from_millis(1),
        ..fast_limits()
    };
    let provider = server.connect(limits);
    assert!(matches!(
        list(&provider).await,
        Err(ProviderError::RateLimited { .. })
    ));
    assert_eq!(server.count(), 10, "ten in a row are a storm");
    server.reset_in_flight();
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { list(&provider).await })
        })
        .collect();
    for call in calls {
        let result = call.await.unwrap();
        assert!(matches!(result, Err(ProviderError::RateLimited { .. })));
    }
    assert_eq!(server.max_in_flight(), 1, "one at a time while limited");
    assert_eq!(server.count(), 16, "one probe for each caller");
}

async fn half() {
    let applied = Arc::new(Mutex::new(Vec::new()));
    let ledger = applied.clone();
    let server = FaultServer::start(move |n, seen| {
        if n % 2 == 1 {
            return ServerResponse::json(429, "{}");
        }
        let ids = seen.json()["leakids"].as_array().unwrap().clone();
        let count = ids.len();
        ledger.lock().unwrap().extend(ids);
        ServerResponse::json(
            200,
            format!(r#"{{"status":"success","updated_count":{count}}}"#),
        )
    })
    .await;
    let limits = Limits {
        min_429_wait: Duration::from_millis(1),
        ..fast_limits()
    };
    let provider = server.connect(limits);
    for chunk in ids(100).chunks(5) {
        loop {
            match provider
                .statuses()
                .unwrap()
                .set_statuses(chunk, Status::Fixed)
                .await
            {
                Proof::Accepted => break,
                Proof::RateLimited(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    let applied = applied.lock().unwrap();
    let distinct: BTreeSet<String> = applied.iter().map(ToString::to_string).collect();
    assert_eq!((applied.len(), distinct.len()), (100, 100));
}

async fn lying_headers() {
    let headers = [
        ("content-type", "application/json"),
        ("x-ratelimit-remaining", "-1"),
        ("x-ratelimit-reset", "99999999999999999999"),
        ("x-ratelimit-limit", "99999999999999999999"),
    ];
    let server =
        FaultServer::with_response(ServerResponse::new(200, &headers, rows(0..1, 1).as_bytes()))
            .await;
    let provider = server.connect(fast_limits());
    assert!(list(&provider).await.is_ok());
    assert_eq!(provider.budget().borrow().limit, None);
}

async fn plan() {
    let server = FaultServer::with_response(good_response()).await;
    let mut profile = settings(&server.url());
    profile.rpm = Some(10);
    let window = Duration::from_millis(400);
    let provider = connect(
        profile,
        Limits {
            window,
            ..fast_limits()
        },
    );
    let calls: Vec<_> = (0..45)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { list(&provider).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let times: Vec<_> = server.requests().iter().map(|seen| seen.at).collect();
    for (first, eleventh) in times.iter().zip(&times[10..]) {
        // Arrivals jitter where departures do not; a real window has a second to spare for that.
        assert!(*eleventh - *first + Duration::from_millis(120) > window);
    }
    assert_eq!(provider.budget().borrow().limit, Some(10));
}

async fn once() {
    let server =
        FaultServer::with_responses(vec![ServerResponse::json(500, "{}"), good_response()]).await;
    assert!(list_of(&server).await.is_ok());
    assert_eq!(server.count(), 2);
}

async fn always() {
    let html = ServerResponse::new(500, &[("content-type", "text/html")], b"<html>oops</html>");
    let server = FaultServer::with_response(html).await;
    let error = list_of(&server).await.unwrap_err();
    let expected = ProviderError::Rejected {
        status: 500,
        message: None,
    };
    assert_eq!((error, server.count()), (expected, 5));
}

async fn partly_applied() {
    let server = FaultServer::start(|n, seen| {
        if n == 0 {
            ServerResponse::json(500, "{}")
        } else {
            let id = seen.json()["leakid"].as_str().unwrap().to_owned();
            let word = if u32::from_str_radix(&id, 16).unwrap() < 2 {
                "fixed"
            } else {
                "open"
            };
            ServerResponse::json(
                200,
                format!(r#"{{"success":true,"data":{{"id":"{id}","status":"{word}"}}}}"#),
            )
        }
    })
    .await;
    let provider = server.connect(fast_limits());
    assert!(is_unclear(
        &provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(4), Status::Fixed)
            .await
    ));
    assert_eq!(server.count(), 1, "no blind resend");
    let (readings, requests) = provider
        .statuses()
        .unwrap()
        .read_back(&ids(4), Status::Fixed)
        .await;
    let words: Vec<_> = readings
        .iter()
        .map(|(_, read)| match read {
            ReadBack::StatusWord(word) => word.as_str().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        (words, requests),
        (vec!["fixed", "fixed", "open", "open"], 4)
    );
}

async fn passing(statuses: &'static [u16]) {
    let mut answers: Vec<_> = statuses
        .iter()
        .map(|status| ServerResponse::json(*status, "{}"))
        .collect();
    answers.push(good_response());
    let server = FaultServer::with_responses(answers).await;
    assert!(list_of(&server).await.is_ok());
    assert_eq!(server.count(), statuses.len() + 1);
    for status in statuses {
        let server = FaultServer::with_response(ServerResponse::json(*status, "{}")).await;
        let proof = server
            .connect(fast_limits())
            .statuses()
            .unwrap()
            .set_statuses(&ids(3), Status::Fixed)
            .await;
        assert!(is_unclear(&proof), "{status}: {proof:?}");
        assert_eq!(server.count(), 1);
    }
    if statuses.contains(&503) {
        let busy = ServerResponse::new(503, &[("retry-after", "9999")], b"");
        let server = FaultServer::with_response(busy).await;
        assert!(list_of(&server).await.is_err());
        assert_eq!(server.count(), 1, "a wait beyond the ceiling ends it");
    }
}

async fn unauthorised() {
    let server = FaultServer::with_response(response_from_corpus("401_missing")).await;
    let provider = server.connect(fast_limits());
    let refused = ProviderError::Unauthorised { status: 401 };
    assert_eq!(list(&provider).await.unwrap_err(), refused);
    assert_eq!(
        provider.leaks().count(&LeakQuery::default()).await,
        Err(refused.clone())
    );
    let proof = provider
        .statuses()
        .unwrap()
        .set_statuses(&ids(2), Status::Fixed)
        .await;
    assert_eq!(proof, Proof::Unauthorised(refused));
    assert_eq!(server.count(), 1, "nothing more is sent with that key");
}

async fn forbidden() {
    let server = FaultServer::with_response(response_from_corpus("403_plan")).await;
    let error = list_of(&server).await.unwrap_err();
    let ProviderError::Forbidden { message } = &error else {
        panic!("{error:?}");
    };
    assert!(message.as_ref().unwrap().contains("subscription plan"));
    assert!(!format!("{error:?}{error}").contains(KEY));
    assert_eq!(server.count(), 1);
}

async fn missing_page() {
    // Only the account lookups of another provider mean "none" by it; a page of a list that is there is missing.
    let server = FaultServer::start(|_, seen| match seen.query("page_number").as_deref() {
        Some("7") => ServerResponse::json(404, "{}"),
        _ => ServerResponse::json(200, rows(0..1, 20)),
    })
    .await;
    let provider = server.connect(fast_limits());
    list(&provider).await.unwrap();
    let seventh = PageRequest { index: 6, size: 1 };
    let error = provider
        .leaks()
        .page(&LeakQuery::default(), seventh)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        ProviderError::NotThisService { status: 404, .. }
    ));
}
