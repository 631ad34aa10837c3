//! ProjectDiscovery's read-back: the cheapest reads that suffice, one reading for every id.

use super::{
    super::support::fault_server::{
        FaultServer, RecordedRequest, ServerResponse, fast_limits, rows,
    },
    ids, provider_with_response,
};
use stanch::entity::{change_response::ReadBack, error::ProviderError, status::Status};

/// A provider with leaks 0 to `total`, those below `fixed` fixed, in pages of `size`.
fn leaks_server(seen: &RecordedRequest, total: u32, fixed: u32, size: u32) -> ServerResponse {
    if seen.target == "/v1/leaks/info" {
        let id = seen.json()["leakid"].as_str().unwrap().to_owned();
        let number = u32::from_str_radix(&id, 16).unwrap();
        if number >= total {
            return ServerResponse::json(404, r#"{"success":false,"message":"Leak not found"}"#);
        }
        let word = if number < fixed { "fixed" } else { "open" };
        return ServerResponse::json(
            200,
            format!(
                r#"{{"success":true,"data":{{"id":"{id}","password":"p","status":"{word}"}}}}"#
            ),
        );
    }
    let word = seen.query("status").unwrap();
    let range = if word == "fixed" {
        0..fixed
    } else {
        fixed..total
    };
    let page: u32 = seen.query("page_number").unwrap().parse().unwrap();
    let numbers: Vec<u32> = range
        .clone()
        .skip(((page - 1) * size) as usize)
        .take(size as usize)
        .collect();
    ServerResponse::json(
        200,
        rows(numbers, u64::from(range.end - range.start)).replace("open", &word),
    )
}

async fn read_back(
    count: u32,
    total: u32,
    fixed: u32,
) -> (Vec<ReadBack>, u64, Vec<RecordedRequest>) {
    let server = FaultServer::start(move |_, seen| leaks_server(seen, total, fixed, 100)).await;
    let provider = server.connect(fast_limits());
    let asked = ids(0..count);
    let (readings, requests) = provider
        .statuses()
        .unwrap()
        .read_back(&asked, Status::Fixed)
        .await;
    let order: Vec<_> = readings.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(order, asked, "every id gets exactly one reading");
    (
        readings.into_iter().map(|(_, read)| read).collect(),
        requests,
        server.requests(),
    )
}

fn count(readings: &[ReadBack], word: &str) -> usize {
    readings
        .iter()
        .filter(|read| **read == ReadBack::StatusWord(word.into()))
        .count()
}

#[tokio::test]
async fn few_leaks_are_read_back_one_by_one() {
    let (readings, requests, seen) = read_back(20, 19, 15).await;
    assert_eq!(
        (count(&readings, "fixed"), count(&readings, "open")),
        (15, 4)
    );
    assert_eq!(readings[19], ReadBack::Gone { status: 404 });
    assert_eq!(requests, 20);
    assert!(seen.iter().all(|seen| seen.target == "/v1/leaks/info"));
}

#[tokio::test]
async fn many_leaks_are_read_back_by_their_list_until_all_are_found() {
    let (readings, requests, seen) = read_back(150, 1000, 600).await;
    assert_eq!((count(&readings, "fixed"), requests), (150, 2));
    assert!(
        seen.iter()
            .all(|seen| seen.query("status").as_deref() == Some("fixed"))
    );
}

#[tokio::test]
async fn what_the_list_does_not_show_is_asked_for_singly() {
    let (readings, requests, _) = read_back(50, 49, 40).await;
    assert_eq!(
        (count(&readings, "fixed"), count(&readings, "open")),
        (40, 9)
    );
    assert_eq!(
        (&readings[49], requests),
        (&ReadBack::Gone { status: 404 }, 1 + 10)
    );
}

#[tokio::test]
async fn what_many_leaks_became_instead_is_read_from_the_other_list() {
    let (readings, requests, _) = read_back(400, 500, 100).await;
    assert_eq!(
        (count(&readings, "fixed"), count(&readings, "open")),
        (100, 300)
    );
    assert_eq!(requests, 1 + 3);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_leaves_every_leak_unread() {
    let (_, provider) = provider_with_response(ServerResponse::json(401, "{}")).await;
    for many in [5, 50] {
        let (readings, _) = provider
            .statuses()
            .unwrap()
            .read_back(&ids(0..many), Status::Fixed)
            .await;
        assert_eq!(readings.len(), many as usize);
        assert!(readings.iter().all(|(_, read)| matches!(
            read,
            ReadBack::Unreadable(ProviderError::Unauthorised { .. })
        )));
    }
    assert_eq!(provider.statuses().unwrap().read_back_cost(20, 5000), 20);
    assert_eq!(provider.statuses().unwrap().read_back_cost(21, 5001), 6);
}
