//! The leak table: identity, groups, orders and selections.

mod facets;
mod groups;
mod identity;
mod locals;
mod natives;
mod news;
mod records;
mod sorting;

use crate::support::parse;
use stanch::{
    entity::{
        connection::{ConnectionKind, ResourceType},
        fingerprint::Fingerprint,
        key::{EntityKey, ProfileName, ProviderId},
        leak::{FIELD_COUNT, LeakBatch, LeakField, LeakRef, PasswordState, Risk, RiskLevel},
        status::Status,
        user::IdentityType,
    },
    filter::Filter,
    table::{
        GroupKind, GroupSort, GroupSortField, Marks, ProfileSlot, RowId, SortField, SortKey, Table,
        sort_groups,
    },
};

/// One leak for a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeakBuilder {
    pub(crate) fields: [Option<Vec<u8>>; FIELD_COUNT],
    pub(crate) with_status: u8,
    pub(crate) risk: Option<RiskLevel>,
    pub(crate) credential: Option<Fingerprint>,
}

impl LeakBuilder {
    pub(crate) fn new(id: &str) -> Self {
        Self::default().with_field(LeakField::Id, id)
    }

    pub(crate) fn with_field(mut self, field: LeakField, value: impl AsRef<[u8]>) -> Self {
        self.fields[field as usize] = Some(value.as_ref().to_vec());
        self
    }

    pub(crate) fn with_status(mut self, status: Status) -> Self {
        self.with_status = status as u8;
        self
    }
}

pub(crate) fn batch(leaks: &[LeakBuilder]) -> LeakBatch {
    let mut batch = LeakBatch::default();
    for leak in leaks {
        batch.push(&LeakRef {
            fields: std::array::from_fn(|at| leak.fields[at].as_deref()),
            status: Status::from_u8(leak.with_status),
            password: PasswordState::Hidden,
            risk: leak.risk.map(|level| Risk { level, score: None }),
            damaged: false,
            credential: leak.credential,
        });
    }
    batch
}

pub(crate) fn profile(name: &str) -> ProfileName {
    ProfileName::new(name).unwrap()
}

pub(crate) fn table_with(leaks: &[LeakBuilder]) -> (Table, ProfileSlot) {
    let mut table = Table::new();
    let slot = table.add_profile(profile("acme"), ProviderId::new("projectdiscovery"));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(leaks));
    (table, slot)
}

fn ids(table: &Table, rows: &[RowId]) -> Vec<String> {
    rows.iter()
        .map(|&row| String::from_utf8(table.text(row, LeakField::Id).into_owned()).unwrap())
        .collect()
}

fn all(table: &Table) -> Vec<RowId> {
    table.select(&Filter::default(), &[], None, &Marks::default())
}

const HEX: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn ids_stay_byte_for_byte_and_upper_case_is_another() {
    let upper = HEX.to_uppercase();
    let odd = ["", "x", &upper, "../../v1", "b3652f2555841f7652badd98\0"];
    let mut leaks: Vec<LeakBuilder> = odd.iter().map(|id| LeakBuilder::new(id)).collect();
    leaks.push(LeakBuilder::new(HEX));
    let (table, slot) = table_with(&leaks);
    assert_eq!(table.row_id_count(), 6);
    for id in odd.iter().copied().chain([HEX]) {
        let row = table.find_id(slot, id.as_bytes()).unwrap();
        assert_eq!(&*table.text(row, LeakField::Id), id.as_bytes());
        let key = table.key(row);
        assert_eq!(key.id.as_bytes(), id.as_bytes());
        assert_eq!(table.find(&key), Some(row));
        assert_eq!(table.leak(row).key, key);
    }
    assert_eq!(table.find_id(slot, b"y"), None);
    assert_eq!(table.find(&"other:leak:x".parse().unwrap()), None);
    assert_eq!(table.find(&"acme:user:x".parse().unwrap()), None);
}

#[test]
fn every_member_comes_back_as_it_came() {
    let mut leak = LeakBuilder::new(HEX);
    for (at, field) in leak.fields.iter_mut().enumerate().skip(1) {
        *field = Some(format!("Value \u{130} {at}\u{7f}").into_bytes());
    }
    leak.fields[LeakField::Os as usize] = None;
    leak.fields[LeakField::Ip as usize] = Some(Vec::new());
    leak.risk = Some(RiskLevel::High);
    let (table, _) = table_with(std::slice::from_ref(&leak));
    let row = table.row(RowId(0));
    for at in 1..FIELD_COUNT {
        assert_eq!(row.fields[at], leak.fields[at].as_deref(), "{at}");
    }
    assert_eq!(row.risk.unwrap().level, RiskLevel::High);
    assert_eq!(row.password, PasswordState::Hidden);
    let owned = table.leak(RowId(0));
    assert_eq!(owned.device.unwrap().os, None);
    assert_eq!(owned.provider.as_str(), "projectdiscovery");
}

#[test]
fn a_known_id_keeps_its_handle_and_the_last_wins() {
    let (mut table, slot) = table_with(&[
        LeakBuilder::new("a").with_field(LeakField::Login, "one"),
        LeakBuilder::new("b").with_field(LeakField::Login, "two"),
    ]);
    let before = table.generation();
    let pass = table.begin_pass(slot);
    let done = table.ingest(
        slot,
        pass,
        &batch(&[
            LeakBuilder::new("c"),
            LeakBuilder::new("b").with_field(LeakField::Login, "two"),
            LeakBuilder::new("a").with_field(LeakField::Login, "ONE"),
            LeakBuilder::new("a").with_field(LeakField::Login, "three"),
        ]),
    );
    assert_eq!((done.added, done.updated, done.unchanged), (1, 2, 1));
    assert_eq!(done.repeated, 1);
    assert_eq!(&*table.text(RowId(0), LeakField::Login), b"three");
    assert_eq!(table.find_id(slot, b"c"), Some(RowId(2)));
    assert_ne!(table.generation(), before);
    let before = table.generation();
    table.ingest(slot, pass, &batch(&[LeakBuilder::new("c")]));
    assert_eq!(table.generation(), before, "nothing changed");
}

#[test]
fn what_a_complete_pass_does_not_bring_is_gone_until_it_is_back() {
    let (mut table, slot) = table_with(&[LeakBuilder::new("a"), LeakBuilder::new("b")]);
    let other = table.add_profile(profile("other"), ProviderId::new("leaks-ai"));
    let pass = table.begin_pass(other);
    table.ingest(other, pass, &batch(&[LeakBuilder::new("a")]));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[LeakBuilder::new("b")]));
    assert_eq!(table.end_pass(slot, pass), 1);
    assert!(table.is_gone(RowId(0)) && !table.is_gone(RowId(2)));
    assert_eq!((table.len(), table.row_id_count()), (2, 3));
    assert_eq!(all(&table), [RowId(1), RowId(2)]);
    let marks: Marks = [RowId(0)].into_iter().collect();
    assert_eq!(
        table.select(&Filter::default(), &[], None, &marks).len(),
        3,
        "a marked one stays in sight"
    );
    let pass = table.begin_pass(slot);
    let done = table.ingest(slot, pass, &batch(&[LeakBuilder::new("a")]));
    assert_eq!((done.updated, table.len()), (1, 3));
}

#[test]
fn a_status_that_took_is_kept_with_the_provider_s_word() {
    let (mut table, _) = table_with(&[LeakBuilder::new("a")]);
    let before = table.generation();
    table.set_status(RowId(0), Status::Fixed, b"fixed");
    assert_eq!(table.status(RowId(0)), Status::Fixed);
    assert_eq!(&*table.text(RowId(0), LeakField::RemoteStatus), b"fixed");
    assert_ne!(table.generation(), before);
    let before = table.generation();
    table.set_status(RowId(0), Status::Fixed, b"fixed");
    assert_eq!(table.generation(), before);
}

#[test]
fn marks_count_what_they_hold() {
    let mut marks = Marks::default();
    assert!(marks.insert(RowId(7)) && !marks.insert(RowId(7)));
    assert!(!marks.toggle(RowId(7)) && marks.toggle(RowId(700)));
    marks.extend([RowId(1), RowId(1)]);
    assert_eq!(marks.len(), 2);
    assert_eq!(marks.iter().collect::<Vec<_>>(), [RowId(1), RowId(700)]);
    let mut fewer: Marks = [RowId(1)].into_iter().collect();
    assert_ne!(marks, fewer);
    marks.remove(RowId(700));
    assert_eq!(marks, fewer, "however far the bitmap reaches");
    fewer.clear();
    assert!(fewer.is_empty() && !fewer.contains(RowId(1)));
}

fn people_leaks() -> Vec<LeakBuilder> {
    use LeakField::*;
    vec![
        LeakBuilder::new("1")
            .with_field(Login, " M.Ortega@NorthWind.example")
            .with_field(Domain, "northwind.example")
            .with_field(Url, "https://portal.northwind.example/login")
            .with_field(HardwareId, "HW1")
            .with_field(Hostname, "DESK-7")
            .with_field(FirstSeen, "2026-02-11")
            .with_status(Status::Open),
        LeakBuilder::new("2")
            .with_field(Login, "m.ortega@northwind.example")
            .with_field(Domain, "northwind.example")
            .with_field(Url, "https://portal.northwind.example/other")
            .with_field(HardwareId, "HW1")
            .with_field(FirstSeen, "2026-03-01T10:00:00Z")
            .with_status(Status::Fixed),
        LeakBuilder::new("3")
            .with_field(Login, "ana")
            .with_field(Domain, "fabrikam.example")
            .with_field(Hostname, "A|B")
            .with_field(Ip, "192.0.2.7")
            .with_field(Url, "http://192.0.2.9/x")
            .with_field(FirstSeen, "soon")
            .with_status(Status::Unknown),
        LeakBuilder::new("4")
            .with_field(Login, "  ")
            .with_field(Domain, "")
            .with_field(Hostname, " "),
    ]
}

#[test]
fn groups_are_what_their_leaks_have_in_common() {
    let (table, _) = table_with(&people_leaks());
    let group = |row, kind| table.group(RowId(row), kind);
    for kind in [
        GroupKind::User,
        GroupKind::Domain,
        GroupKind::Endpoint,
        GroupKind::Resource,
    ] {
        assert_eq!(group(0, kind), group(1, kind), "{kind:?}");
        assert_ne!(group(0, kind), group(2, kind), "{kind:?}");
        assert_eq!(group(3, kind), None, "{kind:?}");
        for row in [0, 2] {
            let found = group(row, kind).unwrap();
            let key = table.group_key(kind, found);
            assert_eq!(table.find_group(kind, &key), Some(found), "{key}");
            let spelled: EntityKey = key.to_string().parse().unwrap();
            assert_eq!(table.find_group(kind, &spelled), Some(found), "{key}");
        }
    }
    let user = table.user(group(0, GroupKind::User).unwrap());
    assert_eq!(user.key.to_string(), "acme:user:m.ortega@northwind.example");
    assert_eq!(user.login.as_str(), Some(" M.Ortega@NorthWind.example"));
    assert_eq!(user.identity_type, Some(IdentityType::Email));
    assert_eq!(
        (user.leaks.total, user.leaks.unresolved, user.sources),
        (2, 1, 1)
    );
    assert_eq!(user.first_seen.unwrap().as_str(), Some("2026-02-11"));
    let machine = table.connection(GroupKind::Endpoint, group(0, GroupKind::Endpoint).unwrap());
    assert_eq!(machine.key.to_string(), "acme:connection:endpoint:HW1");
    assert_eq!(machine.name.as_str(), Some("DESK-7"));
    assert_eq!(
        (machine.kind, machine.leaks),
        (ConnectionKind::Endpoint, Some(2))
    );
    assert_eq!(machine.date.unwrap().as_str(), Some("2026-03-01T10:00:00Z"));
    let host = table.connection(GroupKind::Resource, group(2, GroupKind::Resource).unwrap());
    assert_eq!(host.resource_type, Some(ResourceType::Ip));
    assert_eq!(host.date, None, "an unreadable date is none");
    let domain = table.domain(group(2, GroupKind::Domain).unwrap());
    assert_eq!(domain.key.to_string(), "acme:domain:fabrikam.example");
    assert_eq!(domain.leaks.unwrap().total, 1);
}

#[test]
fn domains_and_users_are_one_over_all_profiles() {
    let mut table = Table::new();
    let mut slots = Vec::new();
    for (name, provider) in [("zeta", "projectdiscovery"), ("acme", "leaks-ai")] {
        let slot = table.add_profile(profile(name), ProviderId::new(provider));
        let pass = table.begin_pass(slot);
        table.ingest(slot, pass, &batch(&people_leaks()));
        slots.push(slot);
    }
    assert_eq!(table.group_count(GroupKind::Domain), 2);
    for kind in [GroupKind::User, GroupKind::Domain] {
        let groups = table.aggregate(kind, all(&table));
        assert_eq!(groups.len(), 2, "{kind:?}");
        assert_eq!(
            (groups[0].total(), groups[0].unresolved(), groups[0].sources),
            (4, 2, 2)
        );
        assert_eq!(groups[0].by_status[Status::Fixed as usize], 2);
        assert_eq!(
            table.group_rows(kind, groups[0].group),
            [RowId(0), RowId(1), RowId(4), RowId(5)]
        );
        // The key of any of its profiles finds it.
        let key = table.group_key(kind, groups[0].group);
        for name in ["zeta", "acme"] {
            let other = EntityKey {
                profile: profile(name),
                ..key.clone()
            };
            assert_eq!(table.find_group(kind, &other), Some(groups[0].group));
        }
    }
    let domain = table.group(RowId(4), GroupKind::Domain).unwrap();
    assert!(slots.iter().all(|slot| table.has_domain(*slot, domain)));
    let scope = [
        (
            GroupKind::User,
            table.group(RowId(0), GroupKind::User).unwrap(),
        ),
        (GroupKind::Domain, domain),
    ];
    let rows = table.select(
        &parse("status:closed").unwrap(),
        &scope,
        None,
        &Marks::default(),
    );
    assert_eq!(rows, [RowId(1), RowId(5)]);
}

#[test]
fn a_watched_domain_is_a_group_of_every_profile_that_watches_it() {
    let mut table = Table::new();
    let one = table.add_profile(profile("acme"), ProviderId::new("projectdiscovery"));
    let two = table.add_profile(profile("zeta"), ProviderId::new("leaks-ai"));
    let pass = table.begin_pass(one);
    table.ingest(one, pass, &batch(&people_leaks()));
    table.set_watched_domains(two, [&b"NORTHWIND.example."[..], b"quiet.example", b"n/a"]);
    let shown = |table: &Table| -> Vec<(String, u32, u32)> {
        let rows = table.overview(GroupKind::Domain, all(table), &[]);
        rows.iter()
            .map(|row| {
                let name = table.group_name(GroupKind::Domain, row.group);
                (
                    String::from_utf8_lossy(&name).to_lowercase(),
                    row.total(),
                    row.sources,
                )
            })
            .collect()
    };
    let row = |name: &str, leaks, sources| (name.to_owned(), leaks, sources);
    assert_eq!(
        shown(&table),
        [
            row("northwind.example", 2, 2),
            row("fabrikam.example", 1, 1),
            row("quiet.example", 0, 1),
        ]
    );
    // A list that is read again stands in place of the one before.
    table.set_watched_domains(two, []);
    assert_eq!(
        shown(&table),
        [
            row("northwind.example", 2, 1),
            row("fabrikam.example", 1, 1)
        ]
    );
}

#[test]
fn groups_are_sorted_with_undated_ones_last() {
    let (table, _) = table_with(&people_leaks());
    let mut rows = table.aggregate(GroupKind::User, all(&table));
    let mut names = |field, descending| {
        sort_groups(
            &table,
            GroupKind::User,
            &mut rows,
            GroupSort { field, descending },
        );
        rows.iter()
            .map(|row| table.group_name(GroupKind::User, row.group)[0])
            .collect::<Vec<_>>()
    };
    assert_eq!(names(GroupSortField::Name, false), b"am");
    assert_eq!(names(GroupSortField::Name, true), b"ma");
    assert_eq!(names(GroupSortField::Leaks, true), b"ma");
    assert_eq!(names(GroupSortField::Unresolved, false), b"am");
    assert_eq!(names(GroupSortField::Seen, false), b"ma");
    assert_eq!(names(GroupSortField::Seen, true), b"ma");
}

#[test]
fn rows_without_a_value_come_last_in_both_directions() {
    use LeakField::*;
    let (table, _) = table_with(&[
        LeakBuilder::new("1")
            .with_field(FirstSeen, "2026-01-02")
            .with_field(Login, "b"),
        LeakBuilder::new("2")
            .with_field(FirstSeen, "nonsense")
            .with_field(Login, ""),
        LeakBuilder::new("3")
            .with_field(FirstSeen, "1969-01-02")
            .with_field(Login, "A"),
        LeakBuilder::new("4"),
        LeakBuilder::new("5")
            .with_field(FirstSeen, "2026-01-02T00:00:01Z")
            .with_field(Login, "a"),
    ]);
    let order = |field, descending| {
        let mut rows = all(&table);
        rows.reverse();
        table.sort(&mut rows, &[SortKey { field, descending }]);
        ids(&table, &rows).concat()
    };
    assert_eq!(order(SortField::Seen, false), "31524");
    assert_eq!(order(SortField::Seen, true), "51324");
    assert_eq!(order(SortField::Login, false), "35124");
    assert_eq!(order(SortField::Login, true), "13524");
    assert_eq!(order(SortField::Key, true), "54321");
    assert_eq!(order(SortField::Host, true), "12345");
}

#[test]
fn statuses_sort_by_what_needs_work() {
    let leaks: Vec<LeakBuilder> = (0..6)
        .map(|status| LeakBuilder {
            with_status: status,
            ..LeakBuilder::new(&status.to_string())
        })
        .collect();
    let (table, _) = table_with(&leaks);
    let mut rows = all(&table);
    let key = |descending| {
        [SortKey {
            field: SortField::Status,
            descending,
        }]
    };
    table.sort(&mut rows, &key(false));
    assert_eq!(ids(&table, &rows).concat(), "012534");
    table.sort(&mut rows, &key(true));
    assert_eq!(ids(&table, &rows).concat(), "435210");
}

#[test]
fn any_number_of_sort_keys_fits() {
    use LeakField::*;
    let dates = ["9999-01-01", "1969-01-01", "2026-01-01", "0002-01-01"];
    let mut leaks = Vec::new();
    for at in 0..64 {
        leaks.push(
            LeakBuilder::new(&format!("{at:02}"))
                .with_field(FirstSeen, dates[at % 4])
                .with_field(AddedAt, dates[at / 4 % 4])
                .with_field(Login, dates[at / 16 % 4]),
        );
    }
    let (table, _) = table_with(&leaks);
    let fields = [
        SortField::Seen,
        SortField::Added,
        SortField::Seen,
        SortField::Added,
        SortField::Login,
    ];
    let keys = fields.map(|field| SortKey {
        field,
        descending: false,
    });
    let mut rows = all(&table);
    table.sort(&mut rows, &keys);
    let mut wanted = all(&table);
    wanted.sort_by_key(|&row| {
        let login = table.text(row, Login).into_owned();
        (
            table.seen_seconds(row),
            table.added_seconds(row),
            login,
            row,
        )
    });
    assert_eq!(rows, wanted);
}

#[test]
fn a_snapshot_equals_its_source_until_that_changes() {
    let (mut table, slot) = table_with(&people_leaks());
    let snapshot = table.clone();
    assert_eq!(snapshot, table);
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[LeakBuilder::new("9")]));
    assert_ne!(snapshot, table);
}
