//! What services answer: the body of every operation that reads, of every provider, and whole answers with their heads.

use super::{
    Target,
    engine::{Input, input, kind},
    hostile, words,
};
use crate::{
    answers::metamorphic::{self, Operation},
    support::fault_server::{ConnectionEnd, FaultServer, KEY, ServerResponse, settings},
};
use stanch::{
    entity::{
        key::ProviderId, option::AddressForm, page::PageRequest, query::LeakQuery, secret::Secret,
    },
    http::Limits,
    provider::{Provider, REGISTRY, Registration},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Runtime, time::timeout};

/// No wait that an answer asks for is kept: it would only take time.
fn limits() -> Limits {
    Limits {
        connect_timeout: Duration::from_secs(20),
        request_timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        max_tries: 2,
        window: Duration::from_millis(1),
        min_429_wait: Duration::from_millis(1),
        max_429_wait: Duration::from_millis(1),
        max_consecutive_429: 2,
        web_page_hold: Duration::from_millis(1),
        ..Limits::default()
    }
}

/// Far more than any answer takes: a run that lasts longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// As many requests are answered in one run: of a number of pages that is made up nobody needs more.
const REQUESTS: u32 = 12;

fn connect(row: &Registration, url: &str) -> Arc<dyn Provider> {
    let mut profile = settings(url);
    profile.provider = ProviderId::new(row.id);
    (row.connect_with_limits)(profile, Secret::from(KEY.to_owned()), limits()).unwrap()
}

/// An operation of a provider, and its service.
struct Asked {
    row: &'static Registration,
    operation: Operation,
    url: String,
}

/// What the services answer at the moment.
#[derive(Default)]
struct Script {
    body: Mutex<Vec<u8>>,
    asked: AtomicU32,
}

fn threads() -> Runtime {
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// The bodies of answers.
pub(super) fn answers() -> Target {
    let threads = threads();
    let script = Arc::new(Script::default());
    let mut parts = Vec::new();
    let services = REGISTRY
        .iter()
        .filter(|row| row.address == AddressForm::Http);
    for row in services {
        for operation in metamorphic::operations(row.id) {
            let (script, is, is_json) = (script.clone(), operation.is, operation.is_json);
            let id = row.id;
            let server = threads.block_on(FaultServer::start(move |_, seen| {
                if script.asked.fetch_add(1, Ordering::SeqCst) >= REQUESTS {
                    return ServerResponse::json(404, "{}");
                }
                if !is(seen) {
                    return metamorphic::answer(id, seen);
                }
                let body = script.body.lock().unwrap().clone();
                let media = if is_json {
                    "application/json"
                } else if body.starts_with(b"id,") {
                    "text/csv"
                } else {
                    "text/plain"
                };
                ServerResponse::new(200, &[("content-type", media)], &body)
            }));
            parts.push(Asked {
                row,
                operation,
                url: server.url(),
            });
        }
    }
    let seeds = parts
        .iter()
        .enumerate()
        .map(|(part, asked)| input(part, asked.operation.body));
    let mut own = hostile();
    own.extend(words(&[
        "null",
        "\"id\":",
        "\"data\":",
        "\"total\":",
        "[]",
        "{}",
        "true",
        "2026-02-30",
        "[ES]203.0.113.8_x.zip",
        "\"\"\"",
        ",,,",
        "id,status",
    ]));
    Target {
        seeds: seeds.collect(),
        words: own,
        json: true,
        longest: 16_384,
        runs: 400,
        check: Box::new(move |given: &Input| {
            let asked = &parts[given.part];
            script.body.lock().unwrap().clone_from(&given.bytes);
            script.asked.store(0, Ordering::SeqCst);
            let outcome = threads.block_on(async {
                let provider = connect(asked.row, &asked.url);
                timeout(PATIENCE, asked.operation.rows(provider.as_ref())).await
            });
            kind((given.part, outcome.expect("it hangs")))
        }),
    }
}

/// Whole answers: status line, head and body.
pub(super) fn heads() -> Target {
    let body = r#"{"data":[],"total_leaks":0,"total_count":0}"#;
    let head = |lines: &str| {
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{lines}\r\n\r\n{body}")
    };
    let length = format!("content-length: {}", body.len());
    let seeds = [
        head(&length),
        head(&format!("{length}\r\nx-ratelimit-limit: 60\r\nx-ratelimit-remaining: 3\r\nx-ratelimit-reset: 12")),
        head("connection: close"),
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 18\r\n\r\n{\"retry_after\": 1}".to_owned(),
        "HTTP/1.1 503 X\r\nretry-after: Wed, 11 Feb 2026 09:30:05 GMT\r\ndate: Wed, 11 Feb 2026 09:30:04 GMT\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nlocation: /v1/leaks\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>".to_owned(),
    ];
    let threads = threads();
    let script = Arc::new(Script::default());
    let served = script.clone();
    let server = threads.block_on(FaultServer::start(move |_, _| {
        ServerResponse::raw(served.body.lock().unwrap().clone(), ConnectionEnd::Fin)
    }));
    let url = server.url();
    Target {
        words: words(&[
            "retry-after: ",
            "content-length: ",
            "content-encoding: gzip\r\n",
            "content-encoding: br\r\n",
            "content-type: ",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.0 ",
            " 204 ",
            " 304 ",
            " 401 ",
            "x-ratelimit-remaining: 0\r\n",
            "\r\n\r\n",
            "transfer-encoding: chunked\r\n",
            "location: http://127.0.0.1:1/\r\n",
            "ffffffffffffffff\r\n",
        ]),
        runs: 150,
        ..Target::new(seeds, move |bytes| {
            *script.body.lock().unwrap() = bytes.to_vec();
            let provider = connect(&REGISTRY[0], &url);
            let page = threads.block_on(async {
                let leaks = provider.leaks();
                let query = LeakQuery::default();
                timeout(PATIENCE, leaks.page(&query, PageRequest::default())).await
            });
            let page = page.expect("it hangs");
            kind(
                page.map(|page| page.total)
                    .map_err(|error| error.to_string()),
            )
        })
    }
}
