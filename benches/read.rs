//! Reading: what a page costs off the update thread, from the request to the batch that the table takes in.
//!
//! ```text
//! cargo bench --bench read [-- LEAKS]      # ProjectDiscovery's, a hundred thousand where nothing is said
//! ```
//!
//! The stand-in answers from a thread of its own. Here one thread asks for one page after the other, as the console's
//! workers do, and its own processor time is counted. The same pages are also fetched and dropped: what is left is the
//! price of looking through them.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

use jiff::civil::date;
use stanch::{
    demo::{Demo, Options},
    entity::{
        fingerprint::FingerprintKey,
        key::{ProfileName, ProviderId},
        option::OptionValues,
        page::PageRequest,
        profile::AdapterSettings,
        query::LeakQuery,
        secret::Secret,
    },
    provider::registration,
};
use std::{sync::mpsc, time::Duration};
use tokio::runtime;

/// Leaks in a page.
const PAGE_SIZE: u32 = 1_000;

/// How often all pages are read; the middle one of these times is told.
const ROUNDS: usize = 7;

/// Processor time of this thread so far.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next();
    let nanoseconds = nanoseconds.and_then(|figure| figure.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn settings(base_url: &str) -> AdapterSettings {
    AdapterSettings {
        name: ProfileName::new("bench").expect("a name"),
        provider: ProviderId::new("projectdiscovery"),
        base_url: base_url.to_owned(),
        team_id: None,
        options: OptionValues::default(),
        rpm: None,
        page_size: None,
        bulk_size: None,
        verify: Vec::new(),
        allow_insecure_http: false,
        insecure_http_flag: false,
        ca_file: None,
        proxy: None,
        read_only: true,
        environment: String::new(),
        short: None,
        attribution: None,
        files: stanch::entity::files::FileSettings::default(),
        state: None,
        fingerprint: FingerprintKey::new([7; 32]),
    }
}

/// Starts the stand-in on a thread of its own: its address and its key.
fn serve(leaks: u32) -> (String, String) {
    let (say, said) = mpsc::channel();
    let server = std::thread::Builder::new().name("stand-in".to_owned());
    let started = server.spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let options = Options {
                leaks: u64::from(leaks),
                ..Options::projectdiscovery_only(date(2026, 3, 1))
            };
            let demo = Demo::start(options).await.expect("a server");
            let line = (demo.base_url(), demo.api_key().to_owned());
            say.send(line).expect("somebody listens");
            std::future::pending::<()>().await;
        });
    });
    started.expect("a thread");
    said.recv().expect("a server")
}

/// The middle one of the times that the rounds take.
async fn median_time(mut round: impl AsyncFnMut()) -> Duration {
    // Once without counting: the stand-in makes its pages the first time.
    round().await;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let before = processor_time();
        round().await;
        times.push(processor_time().saturating_sub(before));
    }
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let mut words = std::env::args().skip(1);
    let leaks: u32 = words.find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let pages = leaks.div_ceil(PAGE_SIZE);
    let (base_url, api_key) = serve(leaks);
    let registration = registration("projectdiscovery").expect("it is built");
    let key = Secret::new(api_key.clone().into_bytes());
    // The client wants one although nothing is encrypted here.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("a client");
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let (dropped, read, bytes) = runtime.expect("a runtime").block_on(async {
        let mut bytes = 0;
        let dropped = median_time(async || {
            bytes = 0;
            for page in 1..=pages {
                let url = format!("{base_url}/v1/leaks?limit={PAGE_SIZE}&page_number={page}");
                let answer = client.get(url).header("x-api-key", &api_key).send().await;
                let mut answer = answer.expect("an answer");
                while let Some(chunk) = answer.chunk().await.expect("a whole answer") {
                    bytes += chunk.len();
                }
            }
        })
        .await;
        let provider = (registration.connect)(settings(&base_url), key).expect("an adapter");
        let query = LeakQuery::default();
        let read = median_time(async || {
            let mut rows = 0;
            for index in 0..pages {
                let token = PageRequest {
                    index,
                    size: PAGE_SIZE,
                };
                let page = provider.leaks().page(&query, token).await.expect("a page");
                rows += page.leaks.len();
            }
            assert_eq!(rows, leaks as usize);
        })
        .await;
        (dropped, read, bytes)
    });
    println!(
        "{leaks} leaks in {pages} pages, {:.1} MB",
        bytes as f64 / 1e6
    );
    for (what, took) in [("fetched and dropped", dropped), ("read", read)] {
        let (page, leak) = (took / pages, took / leaks);
        println!(
            "{what:<20} {:>8.1} ms, {:>6.1} µs a page, {:>5} ns a leak",
            took.as_secs_f64() * 1e3,
            page.as_secs_f64() * 1e6,
            leak.as_nanos()
        );
    }
}
