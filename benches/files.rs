//! Files: what reading a list costs, beside the floors that no reader can go below.
//!
//! ```text
//! cargo bench --bench files [-- LINES]     # a million lines where nothing is said
//! ```
//!
//! Floor A finds the ends of lines. Floor B splits each line in three, makes one keyed hash of it and keeps the ids of
//! all: what has to be done at least. Then the same file is read by `import`, which keeps no rows, and page by page as
//! the console and the commands do.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

use stanch::{
    config::default_settings,
    entity::{
        fingerprint::FingerprintKey,
        key::{ProfileName, ProviderId},
        page::{NextPage, PageRequest},
        profile::AdapterSettings,
        query::LeakQuery,
        secret::Secret,
    },
    provider::{ImportQuery, Provider, registration},
};
use std::{
    collections::HashSet,
    fmt::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// How often each is measured; the middle one is told.
const ROUNDS: usize = 3;

fn middle(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn list(lines: usize) -> String {
    let mut text = String::with_capacity(lines * 72);
    for number in 0..lines {
        writeln!(
            text,
            "https://host-{}.example/login:user{number}@mail-{}.example:pass-{number:08x}",
            number % 10_007,
            number % 503
        )
        .expect("a text can be written to");
    }
    text
}

fn floor_a(text: &[u8]) -> usize {
    text.chunks(1 << 20)
        .map(|piece| memchr::memchr_iter(b'\n', piece).count())
        .sum()
}

fn floor_b(text: &[u8]) -> usize {
    let key = [7; 32];
    let mut ids: HashSet<[u8; 16]> = HashSet::new();
    let mut begin = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        let line = &text[begin..end];
        begin = end + 1;
        let mut colons = memchr::memchr_iter(b':', line).skip(1);
        let (first, second) = (colons.next().unwrap_or(0), colons.next().unwrap_or(0));
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(&line[..first]);
        hasher.update(&line[first..second]);
        hasher.update(&line[second..]);
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        ids.insert(id);
    }
    ids.len()
}

fn provider(path: &Path) -> Arc<dyn Provider> {
    let row = registration("file").expect("files are read");
    let name = ProfileName::new("file").expect("a name");
    let mut settings = AdapterSettings {
        fingerprint: FingerprintKey::new([7; 32]),
        ..default_settings(name, ProviderId::new(row.id), row.base_url, &[row.spec()])
    };
    settings.files.paths = vec![path.to_owned()];
    (row.connect)(settings, Secret::new(Vec::new())).expect("the file is there")
}

/// Reads page by page; answers the leaks and when the first page came.
async fn pages(provider: &dyn Provider) -> (usize, Duration) {
    let begun = Instant::now();
    let query = LeakQuery::default();
    let mut page = provider
        .leaks()
        .page(&query, PageRequest::default())
        .await
        .expect("a page");
    let first = begun.elapsed();
    let mut leaks = page.leaks.len();
    while let NextPage::Cursor(cursor) = &page.next {
        page = provider
            .leaks()
            .page_after(&query, cursor)
            .await
            .expect("a page");
        leaks += page.leaks.len();
    }
    (leaks, first)
}

fn main() {
    let lines = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let text = list(lines);
    let folder = std::env::temp_dir().join(format!("stanch-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("list.txt");
    std::fs::write(&path, &text).expect("a file");
    let (mut found_a, mut found_b) = (0, 0);
    let a = middle(|| found_a = floor_a(text.as_bytes()));
    let b = middle(|| found_b = floor_b(text.as_bytes()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let provider = provider(&path);
    let files = provider.files().expect("files");
    let mut found = 0;
    let import = middle(|| {
        let query = ImportQuery {
            rejects: 100,
            rows: 0,
            described: None,
        };
        found = runtime
            .block_on(files.import(query))
            .expect("a report")
            .report
            .totals
            .leaks;
    });
    let (mut leaks, mut first) = (0, Duration::ZERO);
    let paged = middle(|| (leaks, first) = runtime.block_on(pages(provider.as_ref())));
    std::fs::remove_dir_all(&folder).ok();
    println!("{lines} lines, {} bytes", text.len());
    println!("floor A   {a:>10.1?}  {found_a} ends of lines");
    println!("floor B   {b:>10.1?}  {found_b} ids");
    println!(
        "import    {import:>10.1?}  {found} leaks, {:.2} of floor B",
        ratio(b, import)
    );
    println!(
        "pages     {paged:>10.1?}  {leaks} leaks, {:.2} of floor B; first page after {first:.1?}",
        ratio(b, paged)
    );
}

fn ratio(floor: Duration, found: Duration) -> f64 {
    floor.as_secs_f64() / found.as_secs_f64()
}
