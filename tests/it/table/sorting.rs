//! Orders that are made in slices, against the plain way.

use super::{LeakBuilder, all, batch, profile};
use proptest::prelude::*;
use stanch::{
    entity::{
        key::ProviderId,
        leak::{LeakField, RiskLevel},
        news::KINDS,
        status::Status,
    },
    table::{IncrementalSort, RowId, SortField, SortKey, Table},
};
use std::cmp::Ordering;
use strum::IntoEnumIterator;

/// Numbers that look drawn and are always the same.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

const LOGINS: [&str; 12] = [
    "",
    "a",
    "a\0",
    "A",
    "anna.smith",
    "anna.smith@a.example",
    "Anna.Smith@A.example",
    "anna.smith@a.example.org",
    "anna.sm",
    "anna.smi",
    "\u{ff}\u{ff}\u{ff}\u{ff}",
    "zz",
];
const DATES: [&str; 6] = [
    "2026-02-11",
    "2026-02-11T00:00:00Z",
    "2026-02-11T10:00:00Z",
    "1969-01-01",
    "soon",
    "9999-12-31",
];

/// A table whose rows share much; with `odd` some of its ids are no hexadecimal digits. Of an even seed there is one
/// profile, and no time of day.
fn table(rows: usize, odd: bool, seed: u64) -> Table {
    let mut draw = Rng(seed);
    let mut table = Table::new();
    let plain = seed.is_multiple_of(2);
    let names = if plain {
        &["acme"][..]
    } else {
        &["zeta", "acme"]
    };
    let slots: Vec<_> = names
        .iter()
        .map(|name| table.add_profile(profile(name), ProviderId::new("x")))
        .collect();
    let passes: Vec<_> = slots.iter().map(|slot| table.begin_pass(*slot)).collect();
    let dates: Vec<&str> = DATES
        .into_iter()
        .filter(|date| !plain || !date.contains('T'))
        .collect();
    for at in 0..rows {
        let id = if odd && draw.below(3) == 0 {
            format!("{}-{at}", ["v", "w1", ""][draw.below(3)])
        } else {
            format!("{:016x}{at:016x}", draw.below(7))
        };
        let mut leak = LeakBuilder::new(&id).with_status(Status::from_u8(draw.below(6) as u8));
        let risks = [
            None,
            Some(RiskLevel::None),
            Some(RiskLevel::Low),
            Some(RiskLevel::High),
        ];
        leak.risk = risks[draw.below(4)];
        if draw.below(8) > 0 {
            leak = leak.with_field(LeakField::FirstSeen, dates[draw.below(dates.len())]);
        }
        let texts = [LeakField::Login, LeakField::Domain, LeakField::Hostname];
        for field in texts {
            if draw.below(6) > 0 {
                leak = leak.with_field(field, LOGINS[draw.below(LOGINS.len())]);
            }
        }
        // Of most URLs there is one, so that they are too many to be ranked.
        let url = format!("https://a.example/{}", draw.below(30_000));
        leak = leak.with_field(LeakField::Url, url);
        let of = draw.below(slots.len());
        table.ingest(slots[of], passes[of], &batch(&[leak]));
    }
    for slot in slots {
        let rows: Vec<RowId> = all(&table)
            .into_iter()
            .filter(|row| table.slot(*row) == slot && draw.below(4) == 0)
            .collect();
        let found: Vec<_> = rows
            .iter()
            .map(|row| (*row, draw.below(9) as i64))
            .collect();
        table.set_found(found);
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    *row,
                    super::news::told(&table, *row, KINDS[draw.below(4)], 1),
                )
            })
            .collect();
        table.set_news(slot, told);
    }
    table
}

/// What two rows are compared by, the long way.
fn compare_rows(table: &Table, keys: &[SortKey], one: RowId, two: RowId) -> Ordering {
    fn last<T: Ord>(one: Option<T>, two: Option<T>, descending: bool) -> Ordering {
        match (one, two) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(two)) if descending => two.cmp(&one),
            (Some(one), Some(two)) => one.cmp(&two),
        }
    }
    let text = |row, field| {
        let text = String::from_utf8(table.text(row, field).into_owned()).unwrap();
        (!text.is_empty()).then(|| text.to_lowercase().into_bytes())
    };
    let status = |row| {
        let order = [
            Status::New,
            Status::Investigating,
            Status::Open,
            Status::Unknown,
            Status::Fixed,
        ];
        order
            .iter()
            .position(|it| *it == table.status(row))
            .unwrap_or(5)
    };
    let identity = |row| {
        let key = table.key(row);
        (key.profile.as_str().to_owned(), key.id.as_bytes().to_vec())
    };
    for key in keys {
        let down = key.descending;
        let field = |field| last(text(one, field), text(two, field), down);
        let order = match key.field {
            SortField::Seen => last(table.seen_seconds(one), table.seen_seconds(two), down),
            SortField::Added => last(table.added_seconds(one), table.added_seconds(two), down),
            SortField::Found => last(table.found_seconds(one), table.found_seconds(two), down),
            SortField::News => {
                let told = |row| table.fresh_news(row).map(|news| news.kind);
                last(told(one), told(two), down)
            }
            SortField::Status => last(Some(status(one)), Some(status(two)), down),
            SortField::Risk => {
                let risk = |row| table.row(row).risk.map(|risk| risk.level);
                last(risk(one), risk(two), down)
            }
            SortField::Login => field(LeakField::Login),
            SortField::Domain => field(LeakField::Domain),
            SortField::Url => field(LeakField::Url),
            SortField::Host => field(LeakField::Hostname),
            SortField::Country => field(LeakField::Country),
            SortField::Key => last(Some(identity(one)), Some(identity(two)), down),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    identity(one).cmp(&identity(two))
}

fn keys() -> impl Strategy<Value = Vec<SortKey>> {
    let fields: Vec<SortField> = SortField::iter().collect();
    let key = (proptest::sample::select(fields), any::<bool>())
        .prop_map(|(field, descending)| SortKey { field, descending });
    proptest::collection::vec(key, 0..4)
}

fn sort_rows(table: &Table, keys: &[SortKey]) -> Vec<RowId> {
    let mut wanted = all(table);
    wanted.sort_by(|one, two| compare_rows(table, keys, *one, *two));
    wanted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn few_rows_are_in_the_plain_order(keys in keys(), odd in any::<bool>(), seed in any::<u64>()) {
        let table = table(300, odd, seed);
        let mut rows = all(&table);
        table.sort(&mut rows, &keys);
        prop_assert_eq!(rows, sort_rows(&table, &keys));
    }
}

#[test]
fn many_rows_are_in_the_plain_order_whatever_the_keys() {
    for (odd, seed) in [(false, 7), (true, 7), (false, 8), (true, 8)] {
        let table = table(4_500, odd, seed);
        let both = |one, other| {
            [(one, false), (other, true)].map(|(field, descending)| SortKey { field, descending })
        };
        for keys in [
            both(SortField::Status, SortField::Seen),
            both(SortField::Domain, SortField::Login),
            both(SortField::Login, SortField::Risk),
            both(SortField::Url, SortField::Host),
            both(SortField::Risk, SortField::Added),
        ] {
            let mut rows = all(&table);
            table.sort(&mut rows, &keys);
            assert_eq!(rows, sort_rows(&table, &keys), "{keys:?} {odd} {seed}");
        }
    }
}

#[test]
fn any_place_of_an_order_in_the_making_can_be_put_in_order_first() {
    let table = table(9_000, false, 3);
    let keys = [SortKey {
        field: SortField::Login,
        descending: true,
    }];
    let wanted = sort_rows(&table, &keys);
    let mut sorting = IncrementalSort::new(&table, all(&table), &keys);
    let mut order = None;
    let mut turns = 0;
    while order.is_none() {
        order = sorting.partition_some(&table, 1_000);
        turns += 1;
    }
    // Each row is looked at, then put into its part.
    assert_eq!(turns, 18);
    let mut order = order.unwrap();
    let mut places: Vec<RowId> = order.clone();
    places.sort_unstable();
    assert_eq!(places, all(&table), "each row is in it once");
    for places in [4_000..4_050, 0..1, 8_950..9_000, 4_020..4_700, 9_000..9_000] {
        sorting.sort_at(&table, &mut order, &places);
        assert!(sorting.is_sorted_at(&places));
        assert_eq!(order[places.clone()], wanted[places]);
    }
    for &row in wanted.iter().step_by(997) {
        let around = sorting.bucket_at(&table, row);
        let place = wanted.iter().position(|other| *other == row).unwrap();
        assert!(around.contains(&place), "{around:?} {place}");
    }
    assert!(!sorting.is_sorted_at(&(0..9_000)));
    let mut turns = 1;
    while !sorting.sort_some(&table, &mut order, 1_000) {
        turns += 1;
    }
    assert!((2..20).contains(&turns), "{turns}");
    assert_eq!(order, wanted);
}

#[test]
fn an_order_of_nothing_is_empty() {
    let table = Table::new();
    let mut sorting = IncrementalSort::new(&table, Vec::new(), &[]);
    let mut order = sorting.partition_some(&table, 1).unwrap();
    assert!(order.is_empty());
    sorting.sort_at(&table, &mut order, &(0..1));
    assert!(sorting.sort_some(&table, &mut order, 1));
}
