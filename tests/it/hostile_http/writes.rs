//! What the answer to a bulk write proves, and what a lie does not.

use super::{
    super::support::fault_server::{
        ConnectionEnd, FaultServer, ServerResponse, fast_limits, id, rows,
    },
    Proof, Run, case, ids, is_unclear, list_of,
};
use stanch::entity::{change_response::ReadBack, error::ProviderError, status::Status};
use std::time::Duration;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "403_one_of_batch" => Box::pin(refused("403_one_of_batch", 403)),
        "400_bad_id" => Box::pin(refused("400_bad_id", 400)),
        "409_conflict" => Box::pin(unclear(409, "{}")),
        "501_405" => Box::pin(not_supported()),
        "200_updated_count_short" => Box::pin(short_count()),
        "200_updated_count_right_but_nothing_applied" => Box::pin(nothing_applied()),
        "200_other_leak_id" => Box::pin(other_id()),
        "200_status_error_word" => Box::pin(unclear(200, r#"{"status":"error","message":"x"}"#)),
        "204_no_body" => Box::pin(no_body()),
        "verify_read_leaks_passwords" => Box::pin(passwords_are_not_kept()),
        "trunc_keepalive_dies" => Box::pin(kept_alive_dies()),
        "answer_after_timeout" => Box::pin(late()),
        "redirect_307_post" => Box::pin(unclear(307, "{}")),
        _ => return None,
    })
}

async fn send(answer: ServerResponse, count: u32) -> (Proof, usize) {
    let server = FaultServer::with_response(answer).await;
    let proof = server
        .connect(fast_limits())
        .statuses()
        .unwrap()
        .set_statuses(&ids(count), Status::Fixed)
        .await;
    (proof, server.count())
}

async fn refused(name: &str, expected: u16) {
    let body = case(name)["server"]["body"].as_str().unwrap().to_owned();
    let (proof, requests) = send(ServerResponse::json(expected, body), 3).await;
    assert!(matches!(proof, Proof::Refused { status, .. } if status == expected));
    assert_eq!(requests, 1);
}

async fn unclear(status: u16, body: &str) {
    let headers = [
        ("content-type", "application/json"),
        ("location", "http://evil.example/"),
    ];
    let (proof, requests) = send(ServerResponse::new(status, &headers, body.as_bytes()), 3).await;
    assert!(is_unclear(&proof), "{proof:?}");
    assert_eq!(requests, 1);
}

async fn not_supported() {
    for status in [405, 501] {
        let (proof, requests) = send(ServerResponse::json(status, "{}"), 3).await;
        assert!(matches!(
            proof,
            Proof::Ambiguous(ProviderError::Unsupported { .. })
        ));
        assert_eq!(requests, 1);
    }
}

async fn short_count() {
    let body = case("200_updated_count_short")["server"]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(is_unclear(
        &send(ServerResponse::json(200, body), 100).await.0
    ));
    let larger = r#"{"status":"success","updated_count":101}"#;
    assert!(is_unclear(
        &send(ServerResponse::json(200, larger), 100).await.0
    ));
    let missing = r#"{"status":"success"}"#;
    assert!(is_unclear(
        &send(ServerResponse::json(200, missing), 100).await.0
    ));
}

async fn nothing_applied() {
    let server = FaultServer::start(|_, seen| match &seen.method[..] {
        "POST" => ServerResponse::json(200, r#"{"status":"success","updated_count":100}"#),
        _ if seen.query("status").as_deref() == Some("fixed") => {
            ServerResponse::json(200, rows(0..0, 0))
        }
        _ => ServerResponse::json(200, rows(0..100, 100)),
    })
    .await;
    let provider = server.connect(fast_limits());
    assert_eq!(
        provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(100), Status::Fixed)
            .await,
        Proof::Accepted
    );
    let (readings, _) = provider
        .statuses()
        .unwrap()
        .read_back(&ids(100), Status::Fixed)
        .await;
    assert_eq!(readings.len(), 100);
    let verified = readings
        .iter()
        .any(|(_, read)| matches!(read, ReadBack::StatusWord(word) if word.as_bytes() == b"fixed"));
    assert!(!verified, "a yes is not a proof");
}

async fn other_id() {
    let body = case("200_other_leak_id")["server"]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(is_unclear(
        &send(ServerResponse::json(200, body), 1).await.0
    ));
    let own = format!(
        r#"{{"status":"success","leak_id":"{}","new_status":"fixed"}}"#,
        id(0)
    );
    assert_eq!(
        send(ServerResponse::json(200, own.clone()), 1).await.0,
        Proof::Accepted
    );
    let word = own.replace("fixed", "open");
    assert!(is_unclear(
        &send(ServerResponse::json(200, word), 1).await.0
    ));
}

async fn no_body() {
    let empty = ServerResponse::raw(
        &b"HTTP/1.1 204 No Content\r\n\r\n"[..],
        ConnectionEnd::KeepAlive,
    );
    assert!(is_unclear(&send(empty.clone(), 2).await.0));
    assert!(super::is_malformed(
        &list_of(&FaultServer::with_response(empty).await).await
    ));
}

async fn passwords_are_not_kept() {
    let body = format!(
        r#"{{"success":true,"data":{{"id":"{}","password":"winter-boots-77","status":"fixed"}}}}"#,
        id(0)
    );
    let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
    let provider = server.connect(fast_limits());
    let (readings, _) = provider
        .statuses()
        .unwrap()
        .read_back(&ids(1), Status::Fixed)
        .await;
    assert_eq!(readings[0].1, ReadBack::StatusWord("fixed".into()));
    let (batch, _) = provider.leaks().leak(&ids(1)[0]).await.unwrap();
    let held: Vec<&[u8]> = batch
        .iter()
        .flat_map(|leak| leak.fields)
        .flatten()
        .collect();
    assert!(held.iter().all(|text| !text.starts_with(b"winter")));
}

async fn kept_alive_dies() {
    let server = FaultServer::start(|n, _| match n {
        0 => ServerResponse::json(200, rows(0..1, 1)),
        _ => ServerResponse::raw("", ConnectionEnd::Fin),
    })
    .await;
    let provider = server.connect(fast_limits());
    super::list(&provider).await.unwrap();
    assert!(is_unclear(
        &provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(3), Status::Fixed)
            .await
    ));
    assert_eq!(server.count(), 2, "no automatic resend");
}

async fn late() {
    let body = r#"{"status":"success","updated_count":3}"#;
    let server = FaultServer::with_response(
        ServerResponse::json(200, body).with_delay(Duration::from_secs(2)),
    )
    .await;
    let limits = stanch::http::Limits {
        request_timeout: Duration::from_millis(300),
        ..fast_limits()
    };
    let proof = server
        .connect(limits)
        .statuses()
        .unwrap()
        .set_statuses(&ids(3), Status::Fixed)
        .await;
    assert!(matches!(
        proof,
        Proof::Ambiguous(ProviderError::Timeout { .. })
    ));
}
