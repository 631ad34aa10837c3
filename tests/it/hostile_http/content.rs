//! Framing, kinds, sizes, times and redirects of an answer.

use super::{
    super::support::fault_server::{
        ConnectionEnd, FaultServer, ServerResponse, fast_limits, id, rows,
    },
    Run, case, is_malformed, list, list_of,
};
use flate2::{Compression, write::GzEncoder};
use stanch::{
    entity::{error::ProviderError, leak::LeakField, page::PageRequest, query::LeakQuery},
    http::Limits,
};
use std::{
    io::Write,
    time::{Duration, Instant},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "html_captive_portal" => Box::pin(web_page()),
        "json_as_text" => Box::pin(refused_kind("text/plain")),
        "charset_utf16" => Box::pin(refused_kind("application/json; charset=utf-16")),
        "bom" => Box::pin(bom()),
        "cl_and_te" => Box::pin(length_and_chunked()),
        "neg_or_huge_cl" => Box::pin(bad_lengths()),
        "http09" => Box::pin(malformed_raw("{\"a\":1}".into())),
        "extra_after_cl" => Box::pin(extra_bytes()),
        "header_1MiB" => Box::pin(malformed_raw(format!(
            "HTTP/1.1 200 OK\r\nx: {}\r\n\r\n",
            "x".repeat(1 << 20)
        ))),
        "info_1xx_flood" => Box::pin(early_hints()),
        "trailers_override" => Box::pin(trailers()),
        "gzip_bomb" => Box::pin(bomb()),
        "gzip_in_gzip" => Box::pin(twice_packed()),
        "page_too_many_items" => Box::pin(too_many()),
        "deep_json" => Box::pin(deep()),
        "total_count_wrong" => Box::pin(wrong_totals()),
        "invalid_utf8_body" => Box::pin(invalid_utf8()),
        "dup_keys" => Box::pin(twice_data()),
        "drip_headers" => Box::pin(drip()),
        "redirect_other_host" => Box::pin(redirect("https://evil.example/", Some("evil.example"))),
        "redirect_loop" => Box::pin(redirect("/same", None)),
        "page_ignores_per_page" => Box::pin(own_page_size()),
        _ => return None,
    })
}

fn response_with_type(kind: &str, body: &[u8]) -> ServerResponse {
    ServerResponse::new(200, &[("content-type", kind)], body)
}

async fn web_page() {
    let body = case("html_captive_portal")["server"]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    let server = FaultServer::with_response(response_with_type("text/html", body.as_bytes())).await;
    let provider = server.connect(fast_limits());
    for _ in 0..2 {
        let error = list(&provider).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "gave an answer that cannot be read: it is not the provider (a web page)"
        );
    }
    assert_eq!(server.count(), 1, "the key is not sent to it again at once");
}

async fn refused_kind(kind: &str) {
    let server =
        FaultServer::with_response(response_with_type(kind, b"{\"data\":[],\"total_leaks\":0}"))
            .await;
    assert!(is_malformed(&list_of(&server).await));
    assert_eq!(server.count(), 1);
}

async fn bom() {
    let body = format!("\u{feff}{}", rows(0..1, 1));
    let server = FaultServer::with_response(response_with_type(
        "application/json; charset=UTF-8",
        body.as_bytes(),
    ))
    .await;
    assert_eq!(list_of(&server).await.unwrap().leaks.len(), 1);
}

fn chunked(headers: &str, body: &str, trailers: &str) -> ServerResponse {
    ServerResponse::raw(
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n{trailers}\r\n",
            body.len()
        ),
        ConnectionEnd::KeepAlive,
    )
}

async fn length_and_chunked() {
    let answer = chunked("content-length: 2\r\n", &rows(0..2, 2), "");
    let server = FaultServer::with_response(answer).await;
    // Either reading is safe; half a page is not.
    match list_of(&server).await {
        Ok(page) => assert_eq!(page.leaks.len(), 2),
        Err(error) => assert!(
            matches!(error, ProviderError::Malformed { .. }),
            "{error:?}"
        ),
    }
}

async fn bad_lengths() {
    for length in ["-1", "99999999999999999999"] {
        malformed_raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{{}}"
        ))
        .await;
    }
}

async fn malformed_raw(bytes: String) {
    let server = FaultServer::with_response(ServerResponse::raw(bytes, ConnectionEnd::Fin)).await;
    let result = list_of(&server).await;
    assert!(is_malformed(&result), "{result:?}");
}

async fn extra_bytes() {
    let mut answer = ServerResponse::json(200, rows(0..1, 1));
    answer.bytes.extend_from_slice(b"EXTRA");
    let server = FaultServer::with_response(answer).await;
    let provider = server.connect(fast_limits());
    for _ in 0..2 {
        assert_eq!(list(&provider).await.unwrap().leaks.len(), 1);
    }
}

async fn early_hints() {
    let mut bytes = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(5000);
    bytes.extend(ServerResponse::json(200, rows(0..1, 1)).bytes);
    let server =
        FaultServer::with_response(ServerResponse::raw(bytes, ConnectionEnd::KeepAlive)).await;
    assert_eq!(list_of(&server).await.unwrap().leaks.len(), 1);
}

async fn trailers() {
    let server = FaultServer::with_response(chunked("", &rows(0..1, 1), "status: fixed\r\n")).await;
    let page = list_of(&server).await.unwrap();
    let row = page.leaks.iter().next().unwrap();
    assert_eq!(row.get(LeakField::RemoteStatus), Some(&b"open"[..]));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn compressed_response(coding: &str, body: &[u8]) -> ServerResponse {
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", coding),
    ];
    ServerResponse::new(200, &headers, body)
}

async fn bomb() {
    let page = gzip(rows(0..50, 50).as_bytes());
    let server = FaultServer::with_response(compressed_response("gzip", &page)).await;
    assert_eq!(
        list_of(&server).await.unwrap().leaks.len(),
        50,
        "honest compression is read"
    );
    assert_eq!(server.requests()[0].header("accept-encoding"), Some("gzip"));
    let server = FaultServer::with_responses(vec![
        compressed_response("gzip", &page[..page.len() - 9]),
        compressed_response("gzip", &page),
    ])
    .await;
    assert!(
        list_of(&server).await.is_ok(),
        "a cut stream is tried again"
    );
    assert_eq!(server.count(), 2);
    let blank = gzip(&vec![b' '; 32 << 20]);
    let server = FaultServer::with_response(compressed_response("gzip", &blank)).await;
    let start = Instant::now();
    assert!(is_malformed(&list_of(&server).await), "the ratio is capped");
    assert!(start.elapsed() < Duration::from_secs(10));
    let limits = Limits {
        max_ratio: u64::MAX,
        max_decoded_bytes: 1 << 20,
        ..fast_limits()
    };
    assert!(
        is_malformed(&list(&server.connect(limits.clone())).await),
        "the size is capped"
    );
    let plain = response_with_type("application/json", &vec![b' '; 2 << 20]);
    let server = FaultServer::with_response(plain).await;
    assert!(
        is_malformed(&list(&server.connect(limits)).await),
        "and without compression too"
    );
}

async fn twice_packed() {
    let twice = gzip(&gzip(rows(0..1, 1).as_bytes()));
    for coding in ["gzip, gzip", "gzip\r\ncontent-encoding: gzip", "br"] {
        let server = FaultServer::with_response(compressed_response(coding, &twice)).await;
        assert!(is_malformed(&list_of(&server).await), "{coding}");
    }
}

async fn too_many() {
    let server =
        FaultServer::with_response(ServerResponse::json(200, rows(0..100_000, 100_000))).await;
    let provider = server.connect(fast_limits());
    let token = PageRequest {
        index: 0,
        size: 100,
    };
    let page = provider
        .leaks()
        .page(&LeakQuery::default(), token)
        .await
        .unwrap();
    assert_eq!((page.leaks.len(), page.page_size), (100_000, 100));
}

async fn deep() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let body = format!(
        r#"{{"data":[{{"id":"{}","status":"open"}},{{"id":"{}","url":{deep}}},{deep}],"total_leaks":3}}"#,
        id(0),
        id(1)
    );
    let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
    let page = list_of(&server).await.unwrap();
    let damaged: Vec<bool> = page.leaks.iter().map(|leak| leak.damaged).collect();
    assert_eq!((damaged, page.unreadable), (vec![false, true], 1));
}

async fn wrong_totals() {
    let body = r#"{"data":[],"total_pages":-1,"total_count":1e15,"total_leaks":"many"}"#;
    let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
    let page = list_of(&server).await.unwrap();
    assert_eq!((page.next.page_count(), page.total), (None, None));
    assert!(page.contradiction.is_some());
}

async fn invalid_utf8() {
    let body = b"{\"data\":[{\"id\":\"a\",\"url\":\"x\xff\xfey\"},{\"id\":\"b\\ud800\"}],\"total_leaks\":2}";
    let server = FaultServer::with_response(response_with_type("application/json", body)).await;
    let page = list_of(&server).await.unwrap();
    let rows: Vec<_> = page.leaks.iter().collect();
    assert_eq!(rows[0].get(LeakField::Url), Some(&b"x\xff\xfey"[..]));
    assert_eq!(rows[1].get(LeakField::Id), Some(&b"b\xed\xa0\x80"[..]));
}

async fn twice_data() {
    let body = case("dup_keys")["server"]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    let server = FaultServer::with_response(ServerResponse::json(200, body)).await;
    assert!(is_malformed(&list_of(&server).await));
}

async fn drip() {
    let mut answer = ServerResponse::json(200, rows(0..1, 1));
    answer.drip = Some(Duration::from_millis(20));
    let server = FaultServer::with_response(answer).await;
    let limits = Limits {
        request_timeout: Duration::from_millis(250),
        max_tries: 1,
        ..fast_limits()
    };
    let error = list(&server.connect(limits)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Timeout { .. }));
    // A body that trickles is ended by its speed, long before the total.
    let limits = Limits {
        slow_after: Duration::from_millis(700),
        request_timeout: Duration::from_secs(30),
        max_tries: 1,
        ..fast_limits()
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n";
    let mut answer = ServerResponse::raw(head, ConnectionEnd::Hang);
    answer.drip = Some(Duration::ZERO);
    let server = FaultServer::with_response(answer).await;
    let start = Instant::now();
    let error = list(&server.connect(limits)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Timeout { .. }));
    assert!(start.elapsed() < Duration::from_secs(15));
}

async fn redirect(to: &str, named: Option<&str>) {
    let server =
        FaultServer::with_response(ServerResponse::new(302, &[("location", to)], b"")).await;
    let error = list_of(&server).await.unwrap_err();
    let ProviderError::Rejected {
        status: 302,
        message,
    } = &error
    else {
        panic!("{error:?}");
    };
    match named {
        Some(host) => assert!(message.as_ref().unwrap().contains(host)),
        None => assert_eq!(*message, None),
    }
    assert_eq!(server.count(), 1, "not followed");
}

async fn own_page_size() {
    let server = FaultServer::with_response(ServerResponse::json(200, rows(0..10, 95))).await;
    let page = list_of(&server).await.unwrap();
    assert_eq!((page.page_size, page.total), (10, Some(95)));
}
