//! The floor: how fast leaks can be fetched, parsed and kept at all on this machine, without a screen.
//!
//! ```text
//! stanch serve --leaks 1250000 > serve.json &       # eight of ten are ProjectDiscovery's, which is asked
//! cargo bench --bench floor -- serve.json [connections] [rows a page]
//! ```
//!
//! Pages are fetched by so many tasks on two threads, parsed without copies by serde into borrowed rows and put into a
//! struct of arrays: what repeats is interned, what does not lies in append-only arenas. Prints one JSON line.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

use serde::{Deserialize, Deserializer, de::Visitor};
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// A text as it came, borrowed where it has no escapes. `Option<Cow<str>>` alone would always be a copy.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<Row<'a>>,
    total_count: u64,
}

#[derive(Deserialize)]
struct Row<'a> {
    id: &'a str,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    username: Option<Text<'a>>,
    #[serde(borrow)]
    device_ip: Option<Text<'a>>,
    #[serde(borrow)]
    hostname: Option<Text<'a>>,
    #[serde(borrow)]
    os: Option<Text<'a>>,
    #[serde(borrow)]
    malware_path: Option<Text<'a>>,
    #[serde(borrow)]
    country: Option<Text<'a>>,
    #[serde(borrow)]
    log_date: Option<Text<'a>>,
    #[serde(borrow)]
    hardware_id: Option<Text<'a>>,
    #[serde(borrow)]
    domain: Option<Text<'a>>,
    #[serde(borrow)]
    email_domain: Option<Text<'a>>,
    #[serde(borrow)]
    url_domain: Option<Text<'a>>,
    #[serde(borrow)]
    fetched_at: Option<Text<'a>>,
    status: &'a str,
    user_type: &'a str,
}

/// Texts one behind the other.
#[derive(Default)]
struct Arena {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Arena {
    fn push(&mut self, text: Option<&Text<'_>>) {
        self.bytes
            .extend_from_slice(text.map_or("", |text| &text.0).as_bytes());
        self.ends.push(self.bytes.len() as u32);
    }
}

/// Texts that repeat, each once.
#[derive(Default)]
struct Interner {
    ids: HashMap<Box<str>, u32>,
    numbers: Vec<u32>,
}

impl Interner {
    fn push(&mut self, text: &str) {
        let next = self.ids.len() as u32;
        let number = match self.ids.get(text) {
            Some(known) => *known,
            None => *self.ids.entry(text.into()).or_insert(next),
        };
        self.numbers.push(number);
    }

    fn push_some(&mut self, text: Option<&Text<'_>>) {
        self.push(text.map_or("", |text| &text.0));
    }
}

#[derive(Default)]
struct LeakColumns {
    ids: Vec<[u8; 16]>,
    logins: Arena,
    hostnames: Arena,
    ips: Arena,
    hardware: Arena,
    paths: Arena,
    fetched: Arena,
    urls: Interner,
    systems: Interner,
    countries: Interner,
    dates: Interner,
    domains: Interner,
    email_domains: Interner,
    url_domains: Interner,
    statuses: Interner,
    classes: Interner,
}

impl LeakColumns {
    fn push(&mut self, row: &Row<'_>) {
        let id = u128::from_str_radix(row.id, 16).unwrap_or_default();
        self.ids.push(id.to_be_bytes());
        self.logins.push(row.username.as_ref());
        self.hostnames.push(row.hostname.as_ref());
        self.ips.push(row.device_ip.as_ref());
        self.hardware.push(row.hardware_id.as_ref());
        self.paths.push(row.malware_path.as_ref());
        self.fetched.push(row.fetched_at.as_ref());
        self.urls.push_some(row.url.as_ref());
        self.systems.push_some(row.os.as_ref());
        self.countries.push_some(row.country.as_ref());
        self.dates.push_some(row.log_date.as_ref());
        self.domains.push_some(row.domain.as_ref());
        self.email_domains.push_some(row.email_domain.as_ref());
        self.url_domains.push_some(row.url_domain.as_ref());
        self.statuses.push(row.status);
        self.classes.push(row.user_type);
    }
}

struct Client {
    client: reqwest::Client,
    base: String,
    key: String,
    rows: u32,
    bytes: Mutex<u64>,
    columns: Mutex<LeakColumns>,
}

impl Client {
    /// Fetches one page and keeps it; how many rows there are in all.
    async fn page(&self, number: u32) -> u64 {
        let url = format!(
            "{}/v1/leaks?limit={}&page_number={number}",
            self.base, self.rows
        );
        let answer = self.client.get(url).header("x-api-key", &self.key);
        let body = answer.send().await.expect("an answer").bytes().await;
        let body = body.expect("a whole answer");
        let page: Page<'_> = serde_json::from_slice(&body).expect("a page");
        *self.bytes.lock().expect("no panic") += body.len() as u64;
        let mut kept = self.columns.lock().expect("no panic");
        page.data.iter().for_each(|row| kept.push(row));
        page.total_count
    }
}

/// The figure behind a word in a file of `/proc/self`.
fn proc_value(file: &str, word: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(word));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    figure.and_then(|figure| figure.parse().ok()).unwrap_or(0)
}

/// Processor time of this process so far.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = text.rsplit(')').next().unwrap_or_default();
    let ticks = behind.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    // A hundred a second, on every Linux there is.
    Duration::from_millis(ticks * 10)
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let Some(file) = arguments.next() else {
        println!("floor: give the file that `stanch serve` wrote its line to");
        return;
    };
    let mut number = |usual| {
        let given = arguments.next().and_then(|word| word.parse().ok());
        given.unwrap_or(usual)
    };
    let (connections, rows): (u32, u32) = (number(8), number(1_000));
    let text = std::fs::read_to_string(&file).expect("the line of `stanch serve`");
    let line: serde_json::Value = serde_json::from_str(&text).expect("the line of `stanch serve`");
    let of = |name: &str| {
        let member = line["projectdiscovery"][name].as_str();
        member.expect("projectdiscovery is served").to_owned()
    };
    // The client wants one although nothing is encrypted here.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = Arc::new(Client {
        client: reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .tcp_nodelay(true)
            .build()
            .expect("a client"),
        base: of("base_url"),
        key: of("api_key"),
        rows,
        bytes: Mutex::default(),
        columns: Mutex::default(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()
        .expect("a runtime");
    let (start, before) = (Instant::now(), processor_time());
    runtime.block_on(async {
        let total = client.page(1).await;
        let pages = u32::try_from(total.div_ceil(u64::from(rows))).expect("not so many pages");
        let next = Arc::new(AtomicU32::new(2));
        let tasks: Vec<_> = (0..connections)
            .map(|_| {
                let (client, next) = (Arc::clone(&client), Arc::clone(&next));
                tokio::spawn(async move {
                    loop {
                        let page = next.fetch_add(1, Ordering::Relaxed);
                        if page > pages {
                            return;
                        }
                        client.page(page).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    });
    let (took, used) = (start.elapsed(), processor_time().saturating_sub(before));
    let kept = client.columns.lock().expect("no panic").ids.len();
    println!(
        "{}",
        serde_json::json!({
            "rows": kept,
            "rows_a_page": rows,
            "connections": connections,
            "seconds": took.as_secs_f64(),
            "rows_per_second": (kept as f64 / took.as_secs_f64()).round(),
            "cpu_seconds": used.as_secs_f64(),
            "megabytes": *client.bytes.lock().expect("no panic") / 1_000_000,
            "peak_mib": proc_value("/proc/self/status", "VmHWM:") / 1_024,
        })
    );
}
