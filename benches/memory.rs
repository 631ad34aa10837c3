//! What the leak table takes of memory, as the kernel counts it: `cargo bench --bench memory [-- ROWS]`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

use jiff::civil::date;
use stanch::{
    demo::batches,
    entity::key::{ProfileName, ProviderId},
    filter::Filter,
    table::{Marks, SortField, SortKey, Table},
};

/// `VmRSS` and `VmHWM` in KiB.
fn memory_kib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn report(what: &str, rows: u32, before: u64) {
    let (now, most) = memory_kib();
    let (mib, row) = (1024.0, 1024.0 / f64::from(rows));
    let taken = now.saturating_sub(before) as f64;
    println!(
        "{what:<28} {:>7.1} MiB now, {:>7.1} MiB at most, {:>6.1} bytes a row",
        now as f64 / mib,
        most as f64 / mib,
        taken * row
    );
}

fn main() {
    let mut words = std::env::args().skip(1);
    let rows: u32 = words
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let (before, _) = memory_kib();
    let mut table = Table::new();
    let name = ProfileName::new("acme").expect("a name");
    let slot = table.add_profile(name, ProviderId::new("projectdiscovery"));
    let pass = table.begin_pass(slot);
    for page in batches(rows, 1_000, date(2026, 3, 1)) {
        table.ingest(slot, pass, &page);
    }
    table.end_pass(slot, pass);
    println!("{}", table.row_id_count());
    report("loaded", rows, before);
    let mut order = table.select(&Filter::default(), &[], None, &Marks::default());
    report("with an order", rows, before);
    for (what, fields) in [
        ("by status and seen", [SortField::Status, SortField::Seen]),
        ("by domain and login", [SortField::Domain, SortField::Login]),
    ] {
        let keys = fields.map(|field| SortKey {
            field,
            descending: false,
        });
        table.sort(&mut order, &keys);
        report(what, rows, before);
    }
}
