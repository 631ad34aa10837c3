//! Every case of the hostile-HTTP corpus, by its name: played here by a raw socket, or named with the test elsewhere
//! that plays it. A case that is in neither fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod content;
mod rate;
mod tls;
mod truncation;
mod writes;

use super::support::fault_server::{FaultServer, fast_limits};
use stanch::{
    entity::{
        change_response::ChangeResponse as Proof,
        error::ProviderError,
        key::RemoteId,
        page::{LeakPage, PageRequest},
        query::LeakQuery,
    },
    provider::Provider,
};
use std::{collections::BTreeSet, future::Future, pin::Pin, sync::Arc};

const CORPUS: &str = include_str!("../fixtures/hostile_http.json");

type Run = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Cases that are not about one exchange, and where they are tested.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "dns_rebind_private",
        "http::origin: a_public_name_must_not_lead_to_a_private_address",
    ),
    (
        "read_your_write_delay",
        "the job's tests of reading back at 1, 10 and 60 s",
    ),
    ("million_pages", "the paging tests of the console"),
    ("page_shift_insert", "the paging tests of the console"),
    ("page_shift_delete", "the paging tests of the console"),
    ("page_empty_middle", "the paging tests of the console"),
    ("page_dup_ids", "the tests of the leak table"),
    ("page_sort_unstable", "the paging tests of the console"),
    (
        "mixed_tenants",
        "entity::job: a_plan_hash_does_not_know_the_order_of_its_targets_but_all_else",
    ),
];

fn corpus() -> Vec<serde_json::Value> {
    let corpus: serde_json::Value = serde_json::from_str(CORPUS).unwrap();
    corpus["cases"].as_array().unwrap().clone()
}

fn case(name: &str) -> serde_json::Value {
    let mut found = corpus().into_iter().filter(|case| case["name"] == name);
    found.next().unwrap_or_else(|| panic!("no case {name}"))
}

fn run(name: &str) -> Option<Run> {
    rate::run(name)
        .or_else(|| writes::run(name))
        .or_else(|| truncation::run(name))
        .or_else(|| content::run(name))
        .or_else(|| tls::run(name))
}

#[test]
fn every_case_of_the_corpus_is_played_here_or_named_elsewhere() {
    let cases = corpus();
    assert_eq!(cases.len(), 78);
    let mut names = BTreeSet::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} is there twice");
        let elsewhere = ELSEWHERE.iter().filter(|(known, _)| *known == name).count();
        let here = usize::from(run(name).is_some());
        assert_eq!(here + elsewhere, 1, "{name} must be in exactly one place");
    }
    for (name, _) in ELSEWHERE {
        assert!(names.contains(*name), "{name} is no case");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_that_is_played_here_holds() {
    let mut failed = Vec::new();
    let names: Vec<String> = corpus()
        .iter()
        .map(|case| case["name"].as_str().unwrap().to_owned())
        .collect();
    // A few at once: most of them wait.
    for some in names.chunks(6) {
        let runs: Vec<_> = some
            .iter()
            .filter_map(|name| Some((name.clone(), tokio::spawn(run(name)?))))
            .collect();
        for (name, running) in runs {
            if running.await.is_err() {
                failed.push(name);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// The first page.
async fn list(provider: &Arc<dyn Provider>) -> Result<LeakPage, ProviderError> {
    provider
        .leaks()
        .page(&LeakQuery::default(), PageRequest::default())
        .await
}

/// The first page of a server, within the limits of a test.
async fn list_of(server: &FaultServer) -> Result<LeakPage, ProviderError> {
    list(&server.connect(fast_limits())).await
}

/// `count` ids that can be sent.
fn ids(count: u32) -> Vec<RemoteId> {
    (0..count)
        .map(|n| RemoteId::from(&super::support::fault_server::id(n)[..]))
        .collect()
}

fn is_unclear(proof: &Proof) -> bool {
    matches!(proof, Proof::Ambiguous(_))
}

fn is_malformed(result: &Result<LeakPage, ProviderError>) -> bool {
    matches!(result, Err(ProviderError::Malformed { .. }))
}
