//! Counts by what people look at first, against a plain count of the same rows.

use super::{LeakBuilder, all, batch, profile};
use proptest::{collection::vec, option, prelude::*, sample::select};
use stanch::{
    entity::{
        date,
        key::ProviderId,
        leak::{LeakField, RiskLevel},
        raw_text::RawText,
        status::Status,
    },
    table::{Facets, MAX_FACET_VALUES, RowId, Table},
};
use std::collections::BTreeMap;

fn leaks() -> impl Strategy<Value = Vec<LeakBuilder>> {
    let text = |values: &'static [&'static str]| option::of(select(values));
    let dates = &[
        "2026-02-11",
        "2026-02-28T23:59:59Z",
        "2026-03-01T00:30:00+01:00",
        "1969-12-30",
        "0001-01-01",
        "9999-12-31",
        "soon",
        "",
    ];
    let one = (
        text(&[
            "employee", "Employee", "EMPLOYEE", "customer", "", "\u{130}x",
        ]),
        text(&["DE", "de", "FR", "", "US"]),
        text(dates),
        0_u8..7,
        option::of(select(
            &[
                RiskLevel::None,
                RiskLevel::Low,
                RiskLevel::Medium,
                RiskLevel::High,
            ][..],
        )),
    );
    vec(one, 0..60).prop_map(|all| {
        let made = all.into_iter().enumerate();
        made.map(|(at, (class, country, seen, status, risk))| {
            let mut leak = LeakBuilder::new(&format!("{at}"));
            let fields = [
                (LeakField::Class, class),
                (LeakField::Country, country),
                (LeakField::FirstSeen, seen),
            ];
            for (field, value) in fields {
                leak.fields[field as usize] = value.map(|value| value.as_bytes().to_vec());
            }
            (leak.with_status, leak.risk) = (status, risk);
            leak
        })
        .collect()
    })
}

fn table(one: &[LeakBuilder], two: &[LeakBuilder]) -> Table {
    let mut table = Table::new();
    for (name, provider, leaks) in [
        ("acme", "projectdiscovery", one),
        ("beta", "leaks-ai", two),
        ("gamma", "leaks-ai", one),
    ] {
        let slot = table.add_profile(profile(name), ProviderId::new(provider));
        let pass = table.begin_pass(slot);
        table.ingest(slot, pass, &batch(leaks));
    }
    table
}

fn count<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u32> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// Values in lower case with their counts.
fn fold_counts(values: &[(Option<RawText>, u32)]) -> BTreeMap<Option<String>, u32> {
    let text = |text: &RawText| text.as_str().unwrap().to_lowercase();
    let counts = values
        .iter()
        .map(|(value, n)| (value.as_ref().map(text), *n));
    let unique: BTreeMap<_, _> = counts.collect();
    assert_eq!(unique.len(), values.len(), "a value twice");
    unique
}

fn count_by_field(
    table: &Table,
    rows: &[RowId],
    field: LeakField,
) -> BTreeMap<Option<String>, u32> {
    count(rows.iter().map(|&row| {
        let text = String::from_utf8(table.text(row, field).into_owned()).unwrap();
        (!text.is_empty()).then(|| text.to_lowercase())
    }))
}

fn is_sorted_by_count<T>(values: &[(T, u32)]) -> bool {
    values.windows(2).all(|pair| pair[0].1 >= pair[1].1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn facets_are_a_plain_count(one in leaks(), two in leaks(), skip in 1_usize..4) {
        let table = table(&one, &two);
        // Some of the rows, in an order that is not theirs.
        let rows: Vec<RowId> = all(&table).into_iter().rev().step_by(skip).collect();
        let facets = table.facets(&rows);
        let leaks: Vec<_> = rows.iter().map(|&row| table.leak(row)).collect();
        let statuses: Vec<(Status, u32)> = count(leaks.iter().map(|leak| leak.status))
            .into_iter()
            .collect();
        prop_assert_eq!(&facets.status, &statuses);
        // What has none sorts first in an option, and gravest is greatest.
        let mut risks: Vec<_> = count(leaks.iter().map(|leak| leak.risk.map(|risk| risk.level)))
            .into_iter()
            .collect();
        risks.reverse();
        prop_assert_eq!(&facets.risk, &risks);
        prop_assert_eq!(fold_counts(&facets.class), count_by_field(&table, &rows, LeakField::Class));
        prop_assert_eq!(fold_counts(&facets.country), count_by_field(&table, &rows, LeakField::Country));
        prop_assert!(is_sorted_by_count(&facets.class) && is_sorted_by_count(&facets.country));
        let sources = count(leaks.iter().map(|leak| leak.provider.as_str().to_owned()));
        prop_assert_eq!(facets.source.iter().cloned().collect::<BTreeMap<_, _>>(), sources);
        prop_assert!(is_sorted_by_count(&facets.source));
        let dates = leaks.iter().map(|leak| {
            let text = leak.first_seen.as_ref()?;
            let time = jiff::Timestamp::from_second(date::parse_seconds(text.as_bytes())?).ok()?;
            let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
            Some((date.year(), date.month()))
        });
        let mut months = count(dates);
        prop_assert_eq!(facets.undated, months.remove(&None).unwrap_or(0));
        let months: Vec<(i16, i8, u32)> = months
            .into_iter()
            .filter_map(|(month, n)| month.map(|(year, month)| (year, month, n)))
            .collect();
        prop_assert_eq!(&facets.months, &months);
    }
}

#[test]
fn a_provider_with_endless_countries_does_not_make_an_endless_picture() {
    let leaks: Vec<LeakBuilder> = (0..3 * MAX_FACET_VALUES)
        .map(|at| {
            // The last country has two leaks.
            let country = at.min(3 * MAX_FACET_VALUES - 2);
            LeakBuilder::new(&at.to_string())
                .with_field(LeakField::Country, format!("C{country:04}"))
        })
        .collect();
    let table = table(&leaks, &[]);
    let facets = table.facets(&all(&table));
    assert_eq!(facets.country.len(), MAX_FACET_VALUES);
    let last = format!("C{:04}", 3 * MAX_FACET_VALUES - 2);
    assert_eq!(facets.country[0], (Some(RawText::from(&last[..])), 4));
    assert_eq!(facets.country[1], (Some(RawText::from("C0000")), 2));
    assert_eq!(table.facets(&[]), Facets::default());
}
