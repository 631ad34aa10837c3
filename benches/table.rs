//! The leak table at ten thousand, a hundred thousand and a million of the stand-in's leaks.
#![expect(
    clippy::expect_used,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use jiff::civil::date;
use stanch::{
    demo::batches,
    entity::{key::ProfileName, key::ProviderId, leak::LeakBatch, status::Status},
    filter::{Filter, parse},
    table::{GroupKind, GroupSort, GroupSortField, Marks, RowId, SortField, SortKey, Table},
};
use std::{hint::black_box, time::Duration};

const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];

fn pages(leaks: u32) -> impl Iterator<Item = LeakBatch> {
    batches(leaks, 1_000, date(2026, 3, 1))
}

fn filled_table(pages: impl Iterator<Item = LeakBatch>) -> Table {
    let mut table = Table::new();
    let name = ProfileName::new("acme").expect("a name");
    let slot = table.add_profile(name, ProviderId::new("projectdiscovery"));
    let pass = table.begin_pass(slot);
    for page in pages {
        table.ingest(slot, pass, &page);
    }
    table.end_pass(slot, pass);
    table
}

fn all_rows(table: &Table) -> Vec<RowId> {
    table.select(&Filter::default(), &[], None, &Marks::default())
}

fn sort_key(field: SortField) -> SortKey {
    SortKey {
        field,
        descending: field == SortField::Seen,
    }
}

fn ingest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ingest");
    for size in SIZES {
        let pages: Vec<LeakBatch> = pages(size).collect();
        group.throughput(Throughput::Elements(u64::from(size)));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_with_large_drop(|| filled_table(pages.iter().cloned()));
        });
    }
    group.finish();
}

fn sorts(criterion: &mut Criterion, table: &Table, size: u32) {
    let mut group = criterion.benchmark_group("sort");
    let keys = [
        ("seen", vec![sort_key(SortField::Seen)]),
        (
            "status-seen",
            vec![sort_key(SortField::Status), sort_key(SortField::Seen)],
        ),
        (
            "domain-login",
            vec![sort_key(SortField::Domain), sort_key(SortField::Login)],
        ),
    ];
    let rows = all_rows(table);
    for (name, keys) in keys {
        group.bench_function(BenchmarkId::new(name, size), |bencher| {
            bencher.iter_batched(
                || rows.clone(),
                |mut rows| {
                    table.sort(&mut rows, &keys);
                    rows
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn groupings(criterion: &mut Criterion, table: &Table, size: u32) {
    let mut group = criterion.benchmark_group("group");
    let rows = all_rows(table);
    let most = GroupSort {
        field: GroupSortField::Leaks,
        descending: true,
    };
    for (name, kind) in [
        ("domain", GroupKind::Domain),
        ("user", GroupKind::User),
        ("machine", GroupKind::Endpoint),
        ("host", GroupKind::Resource),
    ] {
        group.bench_function(BenchmarkId::new(name, size), |bencher| {
            bencher.iter(|| table.aggregate(kind, rows.iter().copied()));
        });
        group.bench_function(
            BenchmarkId::new(format!("{name}-sorted"), size),
            |bencher| {
                let groups = table.aggregate(kind, rows.iter().copied());
                bencher.iter_batched(
                    || groups.clone(),
                    |mut groups| {
                        stanch::table::sort_groups(table, kind, &mut groups, most);
                        groups
                    },
                    BatchSize::PerIteration,
                );
            },
        );
    }
    group.bench_function(BenchmarkId::new("facets", size), |bencher| {
        bencher.iter(|| table.facets(black_box(&rows)));
    });
    group.finish();
}

fn marks(criterion: &mut Criterion, table: &Table, size: u32) {
    let mut group = criterion.benchmark_group("mark");
    let filter = parse("vpn", &[]).expect("a filter");
    let mut hits = table.select(&filter, &[], None, &Marks::default());
    table.sort(
        &mut hits,
        &[sort_key(SortField::Status), sort_key(SortField::Seen)],
    );
    group.throughput(Throughput::Elements(hits.len() as u64));
    group.bench_function(BenchmarkId::new("hits", size), |bencher| {
        bencher.iter(|| hits.iter().copied().collect::<Marks>());
    });
    group.finish();
}

fn outcomes(criterion: &mut Criterion, mut table: Table, size: u32) {
    let mut group = criterion.benchmark_group("outcomes");
    let step = (size as usize / 100_000).max(1);
    let keys: Vec<_> = all_rows(&table)
        .into_iter()
        .step_by(step)
        .map(|row| (row, table.key(row)))
        .collect();
    group.throughput(Throughput::Elements(keys.len() as u64));
    let mut fixed = false;
    group.bench_function(BenchmarkId::new("by-key", size), |bencher| {
        bencher.iter(|| {
            fixed = !fixed;
            let (status, word) = status(fixed);
            for (_, key) in &keys {
                if let Some(row) = table.find(key) {
                    table.set_status(row, status, word);
                }
            }
        });
    });
    group.bench_function(BenchmarkId::new("by-row", size), |bencher| {
        bencher.iter(|| {
            fixed = !fixed;
            let (status, word) = status(fixed);
            table.set_statuses(keys.iter().map(|(row, _)| (*row, status, word)));
        });
    });
    group.finish();
}

fn status(fixed: bool) -> (Status, &'static [u8]) {
    if fixed {
        (Status::Fixed, b"fixed")
    } else {
        (Status::Open, b"open")
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .without_plots()
        .configure_from_args();
    ingest(&mut criterion);
    for size in SIZES {
        let table = filled_table(pages(size));
        sorts(&mut criterion, &table, size);
        groupings(&mut criterion, &table, size);
        marks(&mut criterion, &table, size);
        outcomes(&mut criterion, table, size);
    }
    criterion.final_summary();
}
