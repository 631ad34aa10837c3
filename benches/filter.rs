//! How long a filter takes on a table of many leaks: whole, narrowed by a letter, and in steps to the first screen.
//!
//! `cargo bench --bench filter`, or with `-- 1000000` for the largest table alone.

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use stanch::{
    entity::{
        key::{ProfileName, ProviderId},
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState, Risk, RiskLevel},
        status::Status,
    },
    filter::parse,
    table::{Marks, RowId, SortField, SortKey, Table},
};
use std::{hint::black_box, sync::Arc};

/// Rows on a screen.
const SCREEN_ROWS: usize = 45;
/// Occurs in about 6 % of the rows.
const WORD: &str = "civuli";

/// Made-up words of two to four syllables.
fn random_word(random: &mut fastrand::Rng) -> String {
    let syllables = [
        "ba", "ce", "do", "fi", "gu", "ha", "ke", "lo", "mi", "nu", "pa", "re", "so", "ti", "vu",
    ];
    let count = random.usize(2..5);
    (0..count)
        .filter_map(|_| syllables.get(random.usize(..syllables.len())).copied())
        .collect()
}

/// About what a large organisation has: in a million rows some 700,000 logins, 110,000 URLs and 240,000 machines.
fn table(rows: usize) -> Table {
    let mut random = fastrand::Rng::with_seed(7);
    let mut table = Table::new();
    let Ok(name) = ProfileName::new("acme") else {
        return table;
    };
    let slot = table.add_profile(name, ProviderId::new("leaks-ai"));
    let pass = table.begin_pass(slot);
    let domains: Vec<String> = (0..200)
        .map(|_| random_word(&mut random) + ".example")
        .collect();
    let domain = |random: &mut fastrand::Rng| domains[random.usize(..domains.len())].clone();
    let urls: Vec<String> = (0..rows.div_ceil(9))
        .map(|_| {
            let host = if random.u8(..100) < 6 {
                format!("{WORD}.{}", domain(&mut random))
            } else {
                format!("{}.{}", random_word(&mut random), domain(&mut random))
            };
            format!("https://{host}/{}/login", random_word(&mut random))
        })
        .collect();
    let hosts: Vec<String> = (0..rows.div_ceil(4))
        .map(|at| format!("DESKTOP-{at:06X}"))
        .collect();
    let logins: Vec<String> = (0..rows.div_ceil(10) * 7)
        .map(|at| {
            format!(
                "{}.{}{at}@{}",
                random_word(&mut random),
                random_word(&mut random),
                domain(&mut random)
            )
        })
        .collect();
    let levels = [
        RiskLevel::None,
        RiskLevel::Low,
        RiskLevel::Medium,
        RiskLevel::High,
    ];
    let mut at = 0;
    while at < rows {
        let mut batch = LeakBatch::with_capacity(1000);
        for _ in 0..1000.min(rows - at) {
            at += 1;
            let id = format!("{at:032x}");
            let day = format!("2026-{:02}-{:02}", random.u8(1..13), random.u8(1..29));
            let mut fields: [Option<&[u8]>; FIELD_COUNT] = [None; FIELD_COUNT];
            fields[LeakField::Id as usize] = Some(id.as_bytes());
            fields[LeakField::Login as usize] =
                Some(logins[random.usize(..logins.len())].as_bytes());
            fields[LeakField::Url as usize] = Some(urls[random.usize(..urls.len())].as_bytes());
            fields[LeakField::Hostname as usize] =
                Some(hosts[random.usize(..hosts.len())].as_bytes());
            fields[LeakField::Domain as usize] = Some(domains[at % 20].as_bytes());
            fields[LeakField::FirstSeen as usize] = Some(day.as_bytes());
            batch.push(&LeakRef {
                fields,
                credential: None,
                status: Status::from_u8(random.u8(..5)),
                password: PasswordState::Hidden,
                risk: Some(Risk {
                    level: levels[random.usize(..4)],
                    score: None,
                }),
                damaged: false,
            });
        }
        table.ingest(slot, pass, &batch);
    }
    table
}

fn filters(criterion: &mut Criterion) {
    for rows in [10_000, 100_000, 1_000_000] {
        let table = table(rows);
        let marks = Marks::default();
        let mut order: Vec<RowId> = (0..rows as u32).map(RowId).collect();
        let sort = [SortKey {
            field: SortField::Seen,
            descending: true,
        }];
        table.sort(&mut order, &sort);
        let order: Arc<[RowId]> = order.into();
        let mut group = criterion.benchmark_group(rows.to_string());
        group.sample_size(20).sampling_mode(SamplingMode::Flat);

        for (name, text) in [
            ("one letter", "e"),
            ("6 %", WORD),
            ("no hit", "zzzz"),
            ("two words", "civuli.vu desktop-0"),
            ("numbers", "risk>=medium and not status:fixed"),
            ("or", "(civuli or desktop-00f) !status:fixed seen>=2026-03"),
            ("regex with a literal", r"/civuli\.[a-m]/"),
            ("regex", r"/^[a-d]+[e-m]*\.\w+\d5@/"),
            ("key", "key:00abc"),
        ] {
            let filter = parse(text, &[]).unwrap_or_default();
            group.bench_function(BenchmarkId::new("whole", name), |bencher| {
                bencher.iter(|| black_box(table.select(&filter, &[], Some(&order), &marks)));
            });
        }
        for (name, wide, narrow) in [
            ("c to ci", "c", "ci"),
            ("civul to civuli", "civul", "civuli"),
        ] {
            let wide = parse(wide, &[]).unwrap_or_default();
            let hits = table.select(&wide, &[], Some(&order), &marks);
            let narrow = parse(narrow, &[]).unwrap_or_default();
            group.bench_function(BenchmarkId::new("narrow", name), |bencher| {
                bencher.iter(|| black_box(table.select(&narrow, &[], Some(&hits), &marks)));
            });
        }
        for (name, text) in [
            ("fuzzy", "~civlogin"),
            ("fuzzy, no hit", "~zzqx"),
            ("regex", r"/^[a-d]+[e-m]*\.\w+\d5@/"),
            ("regex with a literal", r"/login$/"),
        ] {
            let filter = parse(text, &[]).unwrap_or_default();
            group.bench_function(BenchmarkId::new("first screen", name), |bencher| {
                bencher.iter(|| {
                    let mut selection = table.begin_selection(&filter, &[], Arc::clone(&order));
                    while !selection.step(&table, &marks, 1_000)
                        && selection.hits().len() < SCREEN_ROWS
                    {}
                    black_box(selection.hits().len())
                });
            });
            group.bench_function(BenchmarkId::new("one turn", name), |bencher| {
                let mut selection = table.begin_selection(&filter, &[], Arc::clone(&order));
                bencher.iter(|| {
                    if selection.step(&table, &marks, 100_000) {
                        selection = table.begin_selection(&filter, &[], Arc::clone(&order));
                    }
                    black_box(selection.hits().len())
                });
            });
            group.bench_function(BenchmarkId::new("in steps", name), |bencher| {
                bencher.iter(|| {
                    let mut selection = table.begin_selection(&filter, &[], Arc::clone(&order));
                    while !selection.step(&table, &marks, 100_000) {}
                    black_box(selection.into_hits())
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, filters);
criterion_main!(benches);
