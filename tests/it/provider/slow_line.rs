//! Lists over a slow line: pages become smaller until they come in time, and together they are the list.

use super::super::support::fault_server::{
    ConnectionEnd, FaultServer, RecordedRequest, ServerResponse, connect, fast_limits, id, rows,
    settings,
};
use stanch::{
    entity::{
        error::ProviderError,
        key::ProviderId,
        leak::LeakField,
        page::PageRequest,
        profile::AdapterSettings,
        query::{EntityQuery, LeakQuery},
    },
    http::Limits,
    provider::Provider,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// What is slow at once, so that a test of it ends soon.
fn limits() -> Limits {
    Limits {
        slow_after: Duration::from_millis(150),
        min_bytes_per_second: 100_000,
        request_timeout: Duration::from_secs(20),
        ..fast_limits()
    }
}

/// One provider's lists: how it is asked for a page, and what it answers.
struct Kind {
    provider: &'static str,
    prefix: &'static str,
    index: &'static str,
    size: &'static str,
    answer: fn(std::ops::Range<u32>, u64) -> String,
}

const KINDS: [Kind; 2] = [
    Kind {
        provider: "projectdiscovery",
        prefix: "",
        index: "page_number",
        size: "limit",
        answer: |numbers, total| rows(numbers, total),
    },
    Kind {
        provider: "leaks-ai",
        prefix: "/api/v1",
        index: "page",
        size: "per_page",
        answer: leaks_ai,
    },
];

fn leaks_ai(numbers: std::ops::Range<u32>, total: u64) -> String {
    let items: Vec<_> = numbers
        .map(|n| {
            format!(
                r#"{{"id":"{}","login":"u{n}@acme.example","status":"new"}}"#,
                id(n)
            )
        })
        .collect();
    format!(
        r#"{{"data":[{}],"pagination":{{"total_results":{total}}}}}"#,
        items.join(",")
    )
}

impl Kind {
    fn settings(&self, server: &FaultServer, page_size: u32) -> AdapterSettings {
        AdapterSettings {
            provider: ProviderId::new(self.provider),
            page_size: Some(page_size),
            ..settings(&format!("{}{}", server.url(), self.prefix))
        }
    }

    /// The page that is asked for: its number from 0, and its size.
    fn requested_page(&self, seen: &RecordedRequest) -> Option<(u32, u32)> {
        // The watched domains are another list, and small.
        if seen.target.contains("domains") {
            return None;
        }
        let number = |name| seen.query(name)?.parse::<u32>().ok();
        Some((number(self.index)? - 1, number(self.size)?))
    }

    /// A list of so many rows, of which a page comes in time only while `in_time` says so.
    async fn server(
        &'static self,
        total: u32,
        in_time: impl Fn(u32) -> bool + Send + Sync + 'static,
    ) -> FaultServer {
        FaultServer::start(move |_, seen| {
            let Some((index, size)) = self.requested_page(seen) else {
                return ServerResponse::json(200, r#"{"data":[],"domains":[]}"#);
            };
            let first = (index * size).min(total);
            let body = (self.answer)(first..(first + size).min(total), u64::from(total));
            let answer = ServerResponse::json(200, body);
            if in_time(size) {
                return answer;
            }
            // Something comes, and then nothing for a long time.
            let begun = answer.bytes.len() - 20;
            ServerResponse::raw(&answer.bytes[..begun], ConnectionEnd::Hang)
        })
        .await
    }
}

/// Reads a list as the console does: the first page tells the size of all others.
async fn read(provider: &Arc<dyn Provider>) -> Result<Vec<String>, ProviderError> {
    let query = LeakQuery::default();
    let (mut ids, mut token) = (Vec::new(), PageRequest::default());
    loop {
        let page = provider.leaks().page(&query, token).await?;
        ids.extend(page.leaks.iter().map(|leak| {
            let id = leak.get(LeakField::Id).unwrap_or_default();
            String::from_utf8_lossy(id).into_owned()
        }));
        let size = page.page_size;
        token = PageRequest {
            index: token.index + 1,
            size,
        };
        let total = page.total.unwrap();
        if u64::from(token.index) * u64::from(size) >= total {
            return Ok(ids);
        }
    }
}

fn all(total: u32) -> Vec<String> {
    (0..total).map(id).collect()
}

#[tokio::test]
async fn a_page_that_comes_too_slowly_is_halved_until_it_comes() {
    for kind in &KINDS {
        let server = kind.server(23, |size| size <= 3).await;
        let provider = connect(kind.settings(&server, 20), limits());
        assert_eq!(read(&provider).await.unwrap(), all(23), "{}", kind.provider);
        let mut sizes: Vec<_> = server
            .requests()
            .iter()
            .filter_map(|seen| Some(kind.requested_page(seen)?.1))
            .collect();
        sizes.dedup();
        assert_eq!(sizes, [20, 10, 5, 2], "{}", kind.provider);
        // The line is known by then: another list begins small.
        let before = server.count();
        assert_eq!(read(&provider).await.unwrap(), all(23));
        let later = &server.requests()[before..];
        assert!(
            later
                .iter()
                .all(|seen| kind.requested_page(seen).is_none_or(|(_, size)| size == 2))
        );
    }
}

#[tokio::test]
async fn a_line_that_becomes_slow_in_the_middle_loses_and_doubles_no_row() {
    for kind in &KINDS {
        for most in [1, 4, 7] {
            let fast_for = Arc::new(AtomicU32::new(2));
            let left = Arc::clone(&fast_for);
            let server = kind
                .server(60, move |size| {
                    let quick = left.load(Ordering::SeqCst);
                    left.store(quick.saturating_sub(1), Ordering::SeqCst);
                    quick > 0 || size <= most
                })
                .await;
            let provider = connect(kind.settings(&server, 18), limits());
            assert_eq!(
                read(&provider).await.unwrap(),
                all(60),
                "{} {most}",
                kind.provider
            );
        }
    }
}

#[tokio::test]
async fn a_line_of_few_bytes_a_second_reads_a_list_to_its_end() {
    // A byte in about a millisecond, where a hundred would have to come: the proportion of 960 bytes to more than the
    // least that a line must bring, in a sixtieth of the time.
    let kind = &KINDS[0];
    let server = FaultServer::start(move |_, seen| {
        let Some((index, size)) = kind.requested_page(seen) else {
            return ServerResponse::json(404, "{}");
        };
        let first = (index * size).min(10);
        let mut answer = ServerResponse::json(200, rows(first..(first + size).min(10), 10));
        answer.drip = Some(Duration::from_millis(1));
        answer
    })
    .await;
    let limits = Limits {
        slow_after: Duration::from_secs(1),
        ..limits()
    };
    let provider = connect(kind.settings(&server, 40), limits);
    let pages: Vec<_> = (0..2).map(|_| read(&provider)).collect();
    // Two lists at once share the line: each waits for its turn.
    for list in futures_util::future::join_all(pages).await {
        assert_eq!(list.unwrap(), all(10));
    }
}

#[tokio::test]
async fn what_is_slow_with_a_single_row_is_told_and_what_stops_is_not_halved() {
    let kind = &KINDS[0];
    let limits = Limits {
        max_tries: 2,
        ..limits()
    };
    let server = kind.server(20, |_| false).await;
    let provider = connect(kind.settings(&server, 4), limits.clone());
    let error = read(&provider).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Timeout { why } if why.contains("slowly")),
        "{error}"
    );
    let sizes: Vec<_> = server
        .requests()
        .iter()
        .map(|seen| kind.requested_page(seen).unwrap().1)
        .collect();
    assert_eq!(
        sizes,
        [4, 2, 1, 1],
        "the last one is tried as often as any other read"
    );
    // Nothing at all comes: that says nothing of the size.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n";
    let server = FaultServer::with_response(ServerResponse::raw(head, ConnectionEnd::Hang)).await;
    let provider = connect(kind.settings(&server, 4), limits);
    let error = read(&provider).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Timeout { why } if why.contains("stopped")),
        "{error}"
    );
    assert!(
        server
            .requests()
            .iter()
            .all(|seen| kind.requested_page(seen) == Some((0, 4)))
    );
}

#[tokio::test]
async fn a_list_of_users_becomes_smaller_as_well() {
    let kind = &KINDS[1];
    for slow_from in [0, 1, 2] {
        let asked = Arc::new(AtomicU32::new(0));
        let server = kind
            .server(30, move |size| {
                asked.fetch_add(1, Ordering::SeqCst) < slow_from || size <= 3
            })
            .await;
        let provider = connect(kind.settings(&server, 12), limits());
        let (mut ids, mut next) = (Vec::new(), Some(PageRequest::default()));
        while let Some(token) = next {
            let page = provider
                .users()
                .unwrap()
                .page(&EntityQuery::default(), token)
                .await
                .unwrap();
            ids.extend(
                page.items
                    .iter()
                    .map(|user| String::from_utf8_lossy(user.key.id.as_bytes()).into_owned()),
            );
            next = page.next;
        }
        assert_eq!(ids, all(30), "slow from request {slow_from}");
    }
}
