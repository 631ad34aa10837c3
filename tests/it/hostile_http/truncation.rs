//! Answers and requests that are cut, at every place and in every way.

use super::{
    super::support::fault_server::{
        ConnectionEnd, FaultServer, ServerResponse, connect, fast_limits, resetting_h2, rows,
        settings,
    },
    Proof, Run, case, ids, is_malformed, is_unclear, list, list_of,
};
use stanch::{
    entity::{error::ProviderError, page::PageRequest, query::LeakQuery, status::Status},
    http::Limits,
};
use std::{sync::atomic::Ordering, time::Duration};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "trunc_cl_short_fin" => Box::pin(short(ConnectionEnd::Fin)),
        "trunc_cl_short_rst" => Box::pin(short(ConnectionEnd::Reset)),
        "trunc_close_delimited_mid_json" => Box::pin(mid_json()),
        "trunc_close_delimited_csv" => Box::pin(csv()),
        "trunc_each_byte_class" => Box::pin(each_class()),
        "trunc_h2_rst" => Box::pin(h2_reset()),
        "h2_refused_stream_loop" => Box::pin(h2_refused()),
        _ => return None,
    })
}

async fn short(end: ConnectionEnd) {
    let whole = ServerResponse::json(200, rows(0..3, 3));
    let cut = ServerResponse::raw(&whole.bytes[..whole.bytes.len() - 20], end);
    let server = FaultServer::with_responses(vec![cut.clone(), whole]).await;
    assert_eq!(
        list_of(&server).await.unwrap().leaks.len(),
        3,
        "tried again, and whole"
    );
    let server = FaultServer::with_response(cut).await;
    assert!(list_of(&server).await.is_err(), "never half used");
    assert_eq!(server.count(), 5);
}

async fn mid_json() {
    let body = case("trunc_close_delimited_mid_json")["server"]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let cut = ServerResponse::raw(format!("{head}{body}"), ConnectionEnd::Fin);
    let whole = ServerResponse::raw(format!("{head}{}", rows(0..3, 3)), ConnectionEnd::Fin);
    let server = FaultServer::with_responses(vec![cut.clone(), whole]).await;
    assert_eq!(list_of(&server).await.unwrap().leaks.len(), 3);
    let server = FaultServer::with_response(cut).await;
    assert!(is_malformed(&list_of(&server).await));
    assert_eq!(server.count(), 5);
}

async fn csv() {
    let body = case("trunc_close_delimited_csv")["server"]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    let raw = format!("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n\r\n{body}");
    let server = FaultServer::with_response(ServerResponse::raw(raw, ConnectionEnd::Fin)).await;
    let provider = server.connect(fast_limits());
    let result = provider
        .export()
        .unwrap()
        .export(&LeakQuery::default(), PageRequest::default(), true)
        .await;
    let Err(ProviderError::Malformed { why }) = &result else {
        panic!("{result:?}");
    };
    assert!(why.contains("complete"));
}

/// A place in the exchange where it is cut.
struct CutCase {
    class: &'static str,
    /// Whether a byte of the request can have left.
    sent: bool,
    at: CutPoint,
}

enum CutPoint {
    /// No connection comes about.
    Connect,
    /// Bytes of the TLS hello that are read.
    Handshake,
    /// Bytes of the request that are read.
    Request(usize),
    /// Bytes of the answer that are written.
    Answer(Vec<u8>),
}

fn cuts() -> Vec<CutCase> {
    let body = r#"{"data":[{"id":"é","url":"a\"b","status":"open"}],"total_leaks":1}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    let part = |text: &str, upto: usize| text.as_bytes()[..upto].to_vec();
    let of_body = |upto: usize| {
        let mut bytes = format!("{head}\r\n").into_bytes();
        bytes.extend_from_slice(&body.as_bytes()[..upto]);
        CutPoint::Answer(bytes)
    };
    let chunked =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let in_trailers = format!("{chunked}{:x}\r\n{body}\r\n0\r\nstatus: fi", body.len());
    let cut = |class, sent, at| CutCase { class, sent, at };
    vec![
        cut("in TCP SYN", false, CutPoint::Connect),
        cut("in TLS handshake", false, CutPoint::Handshake),
        cut("after request line", true, CutPoint::Request(20)),
        cut("in request headers", true, CutPoint::Request(60)),
        cut("in request body (50%)", true, CutPoint::Request(280)),
        cut(
            "after request, before status line",
            true,
            CutPoint::Answer(Vec::new()),
        ),
        cut("in status line", true, CutPoint::Answer(part(&head, 9))),
        cut(
            "in response headers",
            true,
            CutPoint::Answer(part(&head, 30)),
        ),
        cut("between headers and body", true, of_body(0)),
        cut("first body byte", true, of_body(1)),
        cut(
            "middle of a UTF-8 character",
            true,
            of_body(body.find('é').unwrap() + 1),
        ),
        cut(
            "inside a string escape",
            true,
            of_body(body.find('\\').unwrap() + 1),
        ),
        cut("after last byte before FIN", true, of_body(body.len())),
        cut(
            "in chunk size line",
            true,
            CutPoint::Answer(format!("{chunked}4").into_bytes()),
        ),
        cut(
            "in trailers",
            true,
            CutPoint::Answer(in_trailers.into_bytes()),
        ),
    ]
}

async fn each_class() {
    let classes = cuts();
    let named: Vec<_> = classes.iter().map(|cut| cut.class).collect();
    let case = case("trunc_each_byte_class");
    let expected: Vec<_> = case["server"]["cut"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    assert_eq!(named, expected);
    let limits = Limits {
        // Long enough for a busy machine: all runs wait at the same time.
        request_timeout: Duration::from_millis(1500),
        max_tries: 1,
        ..fast_limits()
    };
    let mut runs = Vec::new();
    for cut in &classes {
        for end in [
            ConnectionEnd::Fin,
            ConnectionEnd::Reset,
            ConnectionEnd::Hang,
        ] {
            runs.push(one_cut(cut, end, limits.clone()));
        }
    }
    assert_eq!(runs.len(), 45);
    futures_util::future::join_all(runs).await;
}

async fn one_cut(cut: &CutCase, end: ConnectionEnd, limits: Limits) {
    let mut held = Vec::new();
    let url = match &cut.at {
        CutPoint::Connect if end == ConnectionEnd::Hang => {
            let (url, backlog) = black_hole().await;
            held = backlog;
            url
        }
        CutPoint::Connect => closed_port().await,
        CutPoint::Handshake => FaultServer::cut_after(3, end)
            .await
            .url()
            .replace("http:", "https:"),
        CutPoint::Request(bytes) => FaultServer::cut_after(*bytes, end).await.url(),
        CutPoint::Answer(bytes) => {
            FaultServer::with_response(ServerResponse::raw(bytes.clone(), end))
                .await
                .url()
        }
    };
    let provider = connect(settings(&url), limits.clone());
    let at = format!("{} {end:?}", cut.class);
    let proof = provider
        .statuses()
        .unwrap()
        .set_statuses(&ids(3), Status::Fixed)
        .await;
    match proof {
        Proof::NotSent(_) => assert!(!cut.sent, "{at}: some of it had left"),
        Proof::Ambiguous(_) => assert!(cut.sent, "{at}: none of it had left"),
        other => panic!("{at}: {other:?}"),
    }
    // On a connection of its own: the kept one is dead by now.
    let read = list(&connect(settings(&url), limits)).await;
    if cut.class == "after last byte before FIN" && end != ConnectionEnd::Reset {
        assert_eq!(read.unwrap().leaks.len(), 1, "{at}: it was complete");
    } else if cut.class != "after last byte before FIN" {
        assert!(read.is_err(), "{at}: never half used");
    }
    drop(held);
}

async fn closed_port() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A listener whose queue is full: what is sent to it next gets no answer.
pub(super) async fn black_hole() -> (String, Vec<Box<dyn std::any::Any + Send>>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held: Vec<Box<dyn std::any::Any + Send>> = vec![Box::new(listener)];
    loop {
        let connecting = tokio::net::TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(100), connecting).await {
            Ok(stream) => held.push(Box::new(stream.unwrap())),
            Err(_) => return (format!("http://{address}"), held),
        }
    }
}

async fn h2_reset() {
    let (url, requests) = resetting_h2(2).await;
    let provider = connect(settings(&url), fast_limits());
    assert!(is_unclear(
        &provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(3), Status::Fixed)
            .await
    ));
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

async fn h2_refused() {
    let (url, requests) = resetting_h2(7).await;
    let provider = connect(settings(&url), fast_limits());
    assert!(list(&provider).await.is_err());
    assert_eq!(
        requests.load(Ordering::SeqCst),
        5,
        "our own tries, and no others"
    );
    assert!(is_unclear(
        &provider
            .statuses()
            .unwrap()
            .set_statuses(&ids(3), Status::Fixed)
            .await
    ));
    assert_eq!(requests.load(Ordering::SeqCst), 6);
}
