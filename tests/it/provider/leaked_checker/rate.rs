//! The budget that the provider tells in its headers.

use super::{DOMAINS, ServerResponse, connect, profile};
use crate::support::fault_server::{FaultServer, fast_limits};
use stanch::http::Limits;
use std::time::Duration;

fn response_with_quota(limit: &str, remaining: &str, reset: &str) -> ServerResponse {
    let headers = [
        ("content-type", "application/json"),
        ("x-ratelimit-limit", limit),
        ("x-ratelimit-remaining", remaining),
        ("x-ratelimit-reset", reset),
    ];
    ServerResponse::new(200, &headers, DOMAINS.as_bytes())
}

#[tokio::test]
async fn what_is_left_by_the_providers_count_is_left_by_ours() {
    let server = FaultServer::with_response(response_with_quota("10", "3", "60")).await;
    let provider = connect(profile(&server), fast_limits());
    provider.domains().unwrap().domains().await.unwrap();
    let budget = provider.budget().borrow().clone();
    // One was ours, six were somebody else's.
    assert_eq!((budget.limit, budget.used), (Some(10), 7));
    let now = jiff::Timestamp::now();
    assert_eq!(budget.remaining(now), Some(3));
    let free = budget.free_at.unwrap().duration_since(now).as_secs();
    assert!((55..=62).contains(&free), "{free}");
    assert_eq!(budget.wait_until, None);
}

#[tokio::test]
async fn a_spent_budget_is_waited_for_with_a_countdown_and_a_caller_who_leaves_ends_it() {
    let server = FaultServer::with_response(response_with_quota("10", "0", "60")).await;
    let provider = connect(profile(&server), fast_limits());
    provider.domains().unwrap().domains().await.unwrap();
    let mut budget = provider.budget();
    let waiting = {
        let provider = provider.clone();
        tokio::spawn(async move { provider.domains().unwrap().domains().await })
    };
    let shown = budget.wait_for(|budget| budget.wait_until.is_some()).await;
    let until = shown.unwrap().wait_until.unwrap();
    let left = until.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((55..=62).contains(&left), "{left}");
    waiting.abort();
    let ended = budget.wait_for(|budget| budget.wait_until.is_none()).await;
    assert_eq!(ended.unwrap().used, 10);
    assert_eq!(server.count(), 1, "no eleventh");
}

#[tokio::test]
async fn headers_out_of_their_senses_change_nothing() {
    for odd in ["-1", "99999999999999999999", "soon", "", "1795600000.5"] {
        let server = FaultServer::with_response(response_with_quota(odd, odd, odd)).await;
        let provider = connect(profile(&server), fast_limits());
        for _ in 0..12 {
            provider.domains().unwrap().domains().await.unwrap();
        }
        let budget = provider.budget().borrow().clone();
        assert_eq!(
            (budget.limit, budget.used, budget.wait_until),
            (None, 12, None),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn at_the_limit_that_is_told_no_window_holds_one_more() {
    let server = FaultServer::start(|n, _| {
        let left = 4usize.saturating_sub(n % 4 + 1).to_string();
        let headers = [
            ("content-type", "application/json"),
            ("x-ratelimit-limit", "4"),
            ("x-ratelimit-remaining", &left[..]),
        ];
        ServerResponse::new(200, &headers, DOMAINS.as_bytes())
    })
    .await;
    let window = Duration::from_millis(400);
    let provider = connect(
        profile(&server),
        Limits {
            window,
            ..fast_limits()
        },
    );
    for _ in 0..14 {
        provider.domains().unwrap().domains().await.unwrap();
    }
    let times: Vec<_> = server.requests().iter().map(|seen| seen.at).collect();
    for (first, fifth) in times.iter().zip(&times[4..]) {
        // Arrivals jitter where departures do not; a real window has a second to spare for that.
        assert!(*fifth - *first + Duration::from_millis(120) > window);
    }
}
