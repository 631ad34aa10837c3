//! Groups over profiles: breaches, credentials, profiles; sources are kinds of systems.

use super::{LeakBuilder, all, batch, profile, table_with};
use stanch::{
    entity::{
        breach::Breach,
        fingerprint::{Fingerprint, FingerprintKey},
        key::{EntityKey, ProviderId},
        leak::LeakField,
        raw_text::RawText,
    },
    filter::Filter,
    table::{
        GroupId, GroupKind, GroupMerge, GroupRow, GroupSort, GroupSortField, IncrementalGroupSort,
        Marks, RowId, Table, sort_groups,
    },
};

const LOGIN: &str = "M.Ortega@northwind.example";

fn secret_fingerprint(secret: &str) -> Fingerprint {
    FingerprintKey::new([7; 32]).credential(LOGIN.as_bytes(), secret.as_bytes())
}

fn leak(id: &str, secret: Option<&str>) -> LeakBuilder {
    LeakBuilder {
        credential: secret.map(secret_fingerprint),
        ..LeakBuilder::new(id).with_field(LeakField::Login, LOGIN)
    }
}

/// One profile a name and a provider, each with the same three leaks.
fn table(profiles: &[(&str, &str)]) -> Table {
    let mut table = Table::new();
    for (name, provider) in profiles {
        let slot = table.add_profile(profile(name), ProviderId::new(provider));
        let pass = table.begin_pass(slot);
        let leaks = [
            leak("1", Some("hunter2")).with_field(LeakField::Breach, "Adobe"),
            leak("2", Some("other")),
            leak("3", None).with_field(LeakField::Breach, " "),
        ];
        table.ingest(slot, pass, &batch(&leaks));
    }
    table
}

#[test]
fn sources_are_providers_not_profiles() {
    for (profiles, sources) in [
        ([("one", "leaks-ai"), ("two", "leaked-checker")], 2),
        ([("one", "leaks-ai"), ("two", "leaks-ai")], 1),
    ] {
        let table = table(&profiles);
        let users = table.aggregate(GroupKind::User, all(&table));
        assert_eq!(users.len(), 1);
        assert_eq!((users[0].total(), users[0].sources), (6, sources));
        assert_eq!(table.user(users[0].group).sources, sources);
        let credentials = table.aggregate(GroupKind::Credential, all(&table));
        assert_eq!(credentials.len(), 2);
        for row in &credentials {
            assert_eq!((row.total(), row.sources), (2, sources));
        }
    }
}

#[test]
fn a_credential_is_a_group_with_a_name_that_gives_nothing_away() {
    let table = table(&[("one", "leaks-ai"), ("two", "leaked-checker")]);
    assert_eq!(table.group(RowId(2), GroupKind::Credential), None);
    let group = table.group(RowId(0), GroupKind::Credential).unwrap();
    assert_eq!(table.group(RowId(3), GroupKind::Credential), Some(group));
    assert_ne!(table.group(RowId(1), GroupKind::Credential), Some(group));
    assert_eq!(
        table.credential(RowId(3)),
        Some(secret_fingerprint("hunter2"))
    );
    let digits = secret_fingerprint("hunter2").to_string();
    let name = format!("m.ortega@northwind.example \u{b7} {}", &digits[..8]);
    assert_eq!(
        &*table.group_name(GroupKind::Credential, group),
        name.as_bytes()
    );
    assert_eq!(
        table.group_rows(GroupKind::Credential, group),
        [RowId(0), RowId(3)]
    );
    let marks: Marks = table
        .group_rows(GroupKind::Credential, group)
        .into_iter()
        .collect();
    assert_eq!(marks.len(), 2, "marking a group marks its leaks");
}

#[test]
fn a_changed_secret_moves_a_row_to_another_credential() {
    let (mut table, slot) = table_with(&[leak("1", Some("hunter2"))]);
    let before = table.group(RowId(0), GroupKind::Credential);
    let pass = table.begin_pass(slot);
    let done = table.ingest(slot, pass, &batch(&[leak("1", Some("hunter3"))]));
    assert_eq!(done.updated, 1);
    assert_ne!(table.group(RowId(0), GroupKind::Credential), before);
    let done = table.ingest(slot, pass, &batch(&[leak("1", None)]));
    assert_eq!(done.updated, 1);
    assert_eq!(table.group(RowId(0), GroupKind::Credential), None);
    assert!(
        table
            .aggregate(GroupKind::Credential, all(&table))
            .is_empty()
    );
}

#[test]
fn every_group_is_a_scope_and_is_found_by_its_key() {
    let table = table(&[("one", "leaks-ai"), ("two", "leaked-checker")]);
    for kind in [
        GroupKind::User,
        GroupKind::Breach,
        GroupKind::Credential,
        GroupKind::Profile,
    ] {
        let group = table.group(RowId(0), kind).unwrap();
        let scoped = table.select(
            &Filter::default(),
            &[(kind, group)],
            None,
            &Marks::default(),
        );
        assert_eq!(scoped, table.group_rows(kind, group), "{kind:?}");
        let wanted = match kind {
            GroupKind::User => 6,
            GroupKind::Profile => 3,
            _ => 2,
        };
        assert_eq!(scoped.len(), wanted, "{kind:?}");
        let key = table.group_key(kind, group);
        let spelled: EntityKey = key.to_string().parse().unwrap();
        assert_eq!(table.find_group(kind, &spelled), Some(group), "{key}");
    }
    let second = table.group(RowId(3), GroupKind::Profile).unwrap();
    assert_eq!(second, GroupId(1), "the number of the slot");
    assert_eq!(&*table.group_name(GroupKind::Profile, second), b"two");
    let rows = table.select(
        &Filter::default(),
        &[(GroupKind::Profile, second)],
        None,
        &Marks::default(),
    );
    let users = table.overview(GroupKind::User, rows, &[(GroupKind::Profile, second)]);
    assert_eq!((users[0].total(), users[0].sources), (3, 1));
}

#[test]
fn breaches_are_told_with_their_leaks_and_attributed() {
    let mut table = table(&[("one", "leaks-ai"), ("two", "leaked-checker")]);
    assert_eq!(
        table.group_count(GroupKind::Breach),
        2,
        "a blank one among them"
    );
    assert_eq!(table.group(RowId(2), GroupKind::Breach), None);
    let (first, second) = (table.slot(RowId(0)), table.slot(RowId(3)));
    table.set_attribution(second, Some("CC BY 4.0".to_owned()));
    assert_eq!(table.attribution(first), None);
    assert_eq!(table.leak(RowId(0)).attribution, None);
    let leak = table.leak(RowId(3));
    assert_eq!(leak.attribution.as_deref(), Some("CC BY 4.0"));
    assert_eq!(leak.breach.as_ref().unwrap().name, RawText::from("Adobe"));
    let other = table.leak(RowId(4));
    assert_eq!(other.breach, None);
    assert_eq!(
        other.attribution, leak.attribution,
        "what no breach is known of is of the same source"
    );
    let adobe = Breach {
        name: RawText::from("Adobe"),
        title: Some(RawText::from("Adobe Systems")),
        verified: Some(true),
        ..Breach::default()
    };
    let before = table.generation();
    table.add_breaches(std::slice::from_ref(&adobe));
    assert_ne!(table.generation(), before);
    assert_eq!(table.leak(RowId(3)).breach, Some(adobe.clone()));
    let group = table.group(RowId(3), GroupKind::Breach).unwrap();
    let connection = table.connection(GroupKind::Breach, group);
    assert_eq!(connection.breach, Some(adobe));
    assert_eq!(connection.leaks, Some(2));
}

#[test]
fn leaks_are_gathered_by_provider_and_by_country() {
    let mut table = Table::new();
    for (name, provider) in [
        ("one", "leaks-ai"),
        ("two", "leaked-checker"),
        ("three", "leaks-ai"),
    ] {
        let slot = table.add_profile(profile(name), ProviderId::new(provider));
        let pass = table.begin_pass(slot);
        let leaks = [
            LeakBuilder::new("1").with_field(LeakField::Country, "DE"),
            LeakBuilder::new("2").with_field(LeakField::Country, " "),
            LeakBuilder::new("3")
                .with_field(LeakField::Country, "FR")
                .with_field(LeakField::Os, "Windows"),
        ];
        table.ingest(slot, pass, &batch(&leaks));
    }
    for (kind, prefix, wanted) in [
        (
            GroupKind::Source,
            "source",
            &[("leaks-ai", 6), ("leaked-checker", 3)][..],
        ),
        (GroupKind::Country, "country", &[("DE", 3), ("FR", 3)]),
    ] {
        let rows = table.aggregate(kind, all(&table));
        let found: Vec<_> = rows
            .iter()
            .map(|row| {
                let name = table.group_name(kind, row.group).into_owned();
                (String::from_utf8(name).unwrap(), row.total())
            })
            .collect();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect();
        assert_eq!(found, wanted, "{kind:?}");
        for row in rows {
            let key = table.group_key(kind, row.group);
            assert!(key.id.as_bytes().starts_with(prefix.as_bytes()), "{key}");
            assert_eq!(table.find_group(kind, &key), Some(row.group), "{key}");
            let scope = [(kind, row.group)];
            let scoped = table.select(&Filter::default(), &scope, None, &Marks::default());
            assert_eq!(scoped, table.group_rows(kind, row.group), "{kind:?}");
            assert_eq!(scoped.len(), row.total() as usize);
            assert_eq!(table.group_row(kind, row.group), row);
        }
    }
}

/// Names of 64 KiB were put in lower case again for every seven bytes in which they are alike.
#[test]
fn names_that_are_alike_for_long_are_sorted_like_short_ones() {
    let long = "x".repeat(60_000);
    let mut names: Vec<String> = ["", "a", "b", "\u{0}"]
        .iter()
        .flat_map(|end| [format!("{long}{end}"), format!("{}{end}", &long[..105])])
        .chain(["x".to_owned(), "y".to_owned()])
        .collect();
    let leaks: Vec<LeakBuilder> = names
        .iter()
        .enumerate()
        .map(|(at, name)| LeakBuilder::new(&at.to_string()).with_field(LeakField::Login, name))
        .collect();
    let (table, _) = table_with(&leaks);
    names.sort_unstable();
    for descending in [false, true] {
        let mut groups = table.aggregate(GroupKind::User, all(&table));
        let by = GroupSort {
            field: GroupSortField::Name,
            descending,
        };
        sort_groups(&table, GroupKind::User, &mut groups, by);
        let sorted: Vec<String> = groups
            .iter()
            .map(|row| table.group_key(GroupKind::User, row.group).id)
            .map(|id| String::from_utf8(id.as_bytes().to_vec()).unwrap())
            .collect();
        assert!(sorted == names, "descending: {descending}");
        names.reverse();
    }
}

/// More groups than are sorted at once, of several kinds.
fn table_with_many() -> Table {
    let mut table = Table::new();
    let slot = table.add_profile(profile("acme"), ProviderId::new("projectdiscovery"));
    let pass = table.begin_pass(slot);
    for page in stanch::demo::batches(40_000, 1_000, jiff::civil::date(2026, 3, 1)) {
        table.ingest(slot, pass, &page);
    }
    table
}

const KINDS: [GroupKind; 2] = [GroupKind::Endpoint, GroupKind::Resource];

fn every_order() -> impl Iterator<Item = GroupSort> {
    let fields = [
        GroupSortField::Name,
        GroupSortField::Leaks,
        GroupSortField::Unresolved,
        GroupSortField::Seen,
    ];
    fields
        .into_iter()
        .flat_map(|field| [false, true].map(|descending| GroupSort { field, descending }))
}

#[test]
fn groups_of_several_kinds_are_in_one_order_however_many_turns_it_takes() {
    let table = table_with_many();
    let name = |(kind, row): &(GroupKind, GroupRow)| {
        table.group_name(*kind, row.group).to_ascii_lowercase()
    };
    for by in every_order() {
        let mut merging = GroupMerge::new(by);
        let mut wanted: Vec<(GroupKind, GroupRow)> = Vec::new();
        for kind in KINDS {
            let rows = table.aggregate(kind, all(&table));
            assert!(!rows.is_empty());
            let mut sorted = rows.clone();
            sort_groups(&table, kind, &mut sorted, by);
            wanted.extend(sorted.into_iter().map(|row| (kind, row)));
            let mut sorting = IncrementalGroupSort::new(kind, rows.len(), by);
            let turns = (1..10_000)
                .find(|_| sorting.step(&table, &rows, 500))
                .unwrap();
            assert!(kind != GroupKind::Endpoint || turns > 10, "{turns}");
            merging.add(kind, rows, sorting.into_order());
        }
        // The kinds are in order: what is alike in what it is sorted by stays as it is.
        wanted.sort_by(|one, two| {
            let numbers = |row: &GroupRow| match by.field {
                GroupSortField::Leaks => Some(i64::from(row.total())),
                GroupSortField::Unresolved => Some(i64::from(row.unresolved())),
                GroupSortField::Seen => row.last().and_then(|leak| table.seen_seconds(leak)),
                GroupSortField::Name => None,
            };
            let (one_has, two_has) = (numbers(&one.1), numbers(&two.1));
            let order = match by.field {
                GroupSortField::Name => name(one).cmp(&name(two)),
                _ => one_has.cmp(&two_has),
            };
            let order = if by.descending {
                order.reverse()
            } else {
                order
            };
            let dated = by.field == GroupSortField::Seen;
            let last = one_has.is_none().cmp(&two_has.is_none());
            if dated { last.then(order) } else { order }
        });
        while !merging.step(&table, 700) {}
        let (order, rows) = merging.finish();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(kind, row)| (*kind, row.group))
            .collect();
        assert_eq!(order.len(), wanted.len());
        let other = order.iter().zip(&wanted).position(|(one, two)| one != two);
        let named = |(kind, group): &(GroupKind, GroupId)| {
            String::from_utf8_lossy(&table.group_name(*kind, *group)).into_owned()
        };
        assert_eq!(
            other.map(|at| (named(&order[at]), named(&wanted[at]))),
            None,
            "{by:?}"
        );
        assert_eq!(rows.len(), KINDS.len());
    }
}
