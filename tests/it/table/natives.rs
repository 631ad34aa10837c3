//! What providers list themselves: it joins the groups of the leaks, or makes its own.

use super::{LeakBuilder, all, batch, profile};
use crate::support::parse;
use stanch::{
    entity::{
        breach::{Breach, Paste},
        connection::{Connection, ConnectionKind, ResourceType},
        domain::LeakCounts,
        key::{EntityKey, Kind, ProviderId, RemoteId},
        leak::{Device, LeakField, Risk, RiskLevel},
        raw_text::RawText,
        user::User,
    },
    table::{
        GroupKind, GroupSort, GroupSortField, LISTED_KINDS, ProfileSlot, RowId, Table, sort_groups,
    },
};

/// Leaks from one provider, and a slot of each of two others.
fn table() -> (Table, ProfileSlot, ProfileSlot, ProfileSlot) {
    use LeakField::*;
    let mut table = Table::new();
    let mut add = |name: &str, id| table.add_profile(profile(name), ProviderId::new(id));
    let pd = add("pd", "projectdiscovery");
    let la = add("la", "leaks-ai");
    let lc = add("lc", "leaked-checker");
    let pass = table.begin_pass(pd);
    let leaks = [
        LeakBuilder::new("1")
            .with_field(Login, "M.Ortega@northwind.example")
            .with_field(Url, "https://portal.northwind.example/login")
            .with_field(Hostname, "DESK-7")
            .with_field(Ip, "192.0.2.7"),
        LeakBuilder::new("2")
            .with_field(HardwareId, "HW1")
            .with_field(Hostname, "TWIN"),
        LeakBuilder::new("3")
            .with_field(HardwareId, "HW2")
            .with_field(Hostname, "TWIN"),
    ];
    table.ingest(pd, pass, &batch(&leaks));
    (table, pd, la, lc)
}

fn key(table: &Table, slot: ProfileSlot, kind: Kind, id: &str) -> EntityKey {
    EntityKey {
        profile: table.profiles()[slot.0 as usize].0.clone(),
        kind,
        id: RemoteId::from(id),
    }
}

fn user(table: &Table, slot: ProfileSlot, id: &str, login: &str, level: RiskLevel) -> User {
    User {
        key: key(table, slot, Kind::User, id),
        provider: table.profiles()[slot.0 as usize].1.clone(),
        login: RawText::from(login),
        identity_type: None,
        risk: Some(Risk { level, score: None }),
        first_seen: Some(RawText::from("2020-01-02")),
        leaks: LeakCounts::default(),
        sources: 1,
        connections: None,
    }
}

fn connection(
    table: &Table,
    slot: ProfileSlot,
    form: ConnectionKind,
    id: &str,
    name: &str,
) -> Connection {
    Connection::from_name(
        key(table, slot, Kind::Connection, id),
        table.profiles()[slot.0 as usize].1.clone(),
        form,
        RawText::from(name),
    )
}

fn machine(table: &Table, slot: ProfileSlot, id: &str, device: Device) -> Connection {
    Connection {
        device: Some(device),
        ..connection(table, slot, ConnectionKind::Endpoint, id, "archive.zip")
    }
}

#[test]
fn a_listed_user_is_the_person_that_the_leaks_know() {
    let (mut table, _, la, lc) = table();
    let of_leaks = table.group(RowId(0), GroupKind::User).unwrap();
    let users = [
        user(
            &table,
            la,
            "u-1",
            " m.ortega@NORTHWIND.example",
            RiskLevel::Low,
        ),
        user(&table, la, "u-2", "ana@northwind.example", RiskLevel::High),
        user(&table, la, "u-3", "  ", RiskLevel::High),
    ];
    let before = table.generation();
    table.add_users(la, &users);
    assert_ne!(table.generation(), before);
    let listed = user(
        &table,
        lc,
        "x",
        "m.ortega@northwind.example",
        RiskLevel::High,
    );
    table.add_users(lc, &[listed]);
    assert_eq!(
        table.listed_count(la, GroupKind::User),
        2,
        "a blank one is nobody"
    );
    let rows = table.aggregate(GroupKind::User, all(&table));
    assert_eq!(rows.len(), 1, "of the leaks alone");
    assert_eq!(
        (rows[0].group, rows[0].total(), rows[0].sources),
        (of_leaks, 1, 3)
    );
    let found = table.user_for_row(&rows[0]);
    assert_eq!(found.risk.unwrap().level, RiskLevel::High);
    let natives = table.listed_entities(GroupKind::User, of_leaks);
    let ids: Vec<_> = natives
        .iter()
        .map(|native| (native.slot, native.key().to_string()))
        .collect();
    assert_eq!(
        ids,
        [(la, "la:user:u-1".to_owned()), (lc, "lc:user:x".to_owned())]
    );
    // For a pane, with the person whom no leak knows.
    let rows = table.overview(GroupKind::User, all(&table), &[]);
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[1].total(), rows[1].sources), (0, 1));
    let ana = table.user_for_row(&rows[1]);
    assert_eq!(ana.key.to_string(), "la:user:ana@northwind.example");
    assert_eq!(ana.first_seen.unwrap().as_str(), Some("2020-01-02"));
    let listed = key(&table, la, Kind::User, "u-2");
    assert_eq!(
        table.find_group(GroupKind::User, &listed),
        Some(rows[1].group)
    );
    let found = table.find_listed_entity(&listed).unwrap().user();
    assert_eq!(found.as_ref(), Some(&users[1]));
    assert!(table.group_matches(GroupKind::User, &rows[1], &parse("ana").unwrap()));
}

#[test]
fn a_scope_says_whose_lists_count() {
    let (mut table, _, la, lc) = table();
    let listed = user(&table, la, "u", "ana", RiskLevel::Low);
    table.add_users(la, &[listed]);
    let listed = user(&table, lc, "u", "ben", RiskLevel::Low);
    table.add_users(lc, &[listed]);
    let names = |scope: &[_]| {
        table
            .overview(GroupKind::User, [], scope)
            .iter()
            .map(|row| table.group_name(GroupKind::User, row.group).into_owned())
            .collect::<Vec<_>>()
    };
    let chip = |slot: ProfileSlot| {
        let key = key(
            &table,
            slot,
            Kind::Connection,
            &format!("profile:{}", table.profiles()[slot.0 as usize].0),
        );
        let group = table.find_group(GroupKind::Profile, &key).unwrap();
        (GroupKind::Profile, group)
    };
    assert_eq!(names(&[]), [b"ana", b"ben"]);
    assert_eq!(names(&[chip(lc)]), [b"ben"]);
    let ana = table
        .find_group(GroupKind::User, &key(&table, la, Kind::User, "u"))
        .unwrap();
    assert_eq!(names(&[(GroupKind::User, ana)]), [b"ana"]);
    assert!(names(&[(GroupKind::User, ana), chip(lc)]).is_empty());
    let host = table.group(RowId(0), GroupKind::Resource).unwrap();
    assert!(names(&[(GroupKind::Resource, host)]).is_empty());
}

#[test]
fn a_listed_resource_is_the_host_of_the_urls() {
    let (mut table, _, la, _) = table();
    let of_leaks = table.group(RowId(0), GroupKind::Resource);
    let mut listed = [
        connection(
            &table,
            la,
            ConnectionKind::Resource,
            "r-1",
            "Portal.northwind.example",
        ),
        connection(&table, la, ConnectionKind::Resource, "r-2", "2001:db8::1"),
        connection(
            &table,
            la,
            ConnectionKind::Resource,
            "r-3",
            "com.example.app",
        ),
        connection(&table, la, ConnectionKind::Resource, "r-4", " "),
    ];
    listed[1].resource_type = Some(ResourceType::Ip);
    listed[2].resource_type = Some(ResourceType::Apk);
    table.add_connections(la, &listed);
    let group = |id| {
        let key = key(&table, la, Kind::Connection, id);
        table.find_group(GroupKind::Resource, &key)
    };
    assert_eq!(group("r-1"), of_leaks);
    assert_eq!(group("r-4"), None);
    let told = |id| table.connection(GroupKind::Resource, group(id).unwrap());
    assert_eq!(told("r-2").name.as_str(), Some("2001:db8::1"));
    assert_eq!(told("r-2").resource_type, Some(ResourceType::Ip));
    assert_eq!(told("r-3").resource_type, Some(ResourceType::Apk));
    let rows = table.overview(GroupKind::Resource, all(&table), &[]);
    let counts: Vec<_> = rows.iter().map(|row| (row.total(), row.sources)).collect();
    assert_eq!(counts, [(1, 2), (0, 1), (0, 1)]);
    // Leaks that come later find the host there.
    let pass = table.begin_pass(la);
    table.ingest(
        la,
        pass,
        &batch(&[LeakBuilder::new("9").with_field(LeakField::Url, "android://x@com.example.app/")]),
    );
    assert_eq!(
        table.group(RowId(3), GroupKind::Resource),
        table.find_group(
            GroupKind::Resource,
            &key(&table, la, Kind::Connection, "r-3")
        )
    );
}

#[test]
fn a_listed_machine_is_the_one_of_the_leaks_where_that_is_sure() {
    let (mut table, _, la, _) = table();
    let some = |text: &str| Some(RawText::from(text));
    let named = |host: &str| Device {
        hostname: some(host),
        ..Device::default()
    };
    let hardware = Device {
        hardware_id: some("HW2"),
        ..Device::default()
    };
    let other_ip = Device {
        ip: some("192.0.2.8"),
        ..named("DESK-7")
    };
    let listed = [
        machine(&table, la, "by-name", named("desk-7")),
        machine(&table, la, "by-hardware", hardware),
        machine(&table, la, "twin", named("TWIN")),
        machine(&table, la, "other", other_ip),
        machine(&table, la, "later", named("LAP-9")),
        connection(&table, la, ConnectionKind::Endpoint, "file", "archive.zip"),
    ];
    table.add_connections(la, &listed);
    let of_leak = |table: &Table, row| table.group(RowId(row), GroupKind::Endpoint);
    let group = |table: &Table, id| {
        let key = key(table, la, Kind::Connection, id);
        table.find_group(GroupKind::Endpoint, &key)
    };
    assert_eq!(group(&table, "by-name"), of_leak(&table, 0));
    assert_eq!(group(&table, "by-hardware"), of_leak(&table, 2));
    let rows = table.overview(GroupKind::Endpoint, all(&table), &[]);
    assert_eq!(rows.len(), 7, "three of leaks, four of a list");
    let file = group(&table, "file").unwrap();
    assert_eq!(
        &*table.group_name(GroupKind::Endpoint, file),
        b"archive.zip"
    );
    for row in &rows {
        let key = table.group_key(GroupKind::Endpoint, row.group);
        assert_eq!(
            table.find_group(GroupKind::Endpoint, &key),
            Some(row.group),
            "{key}"
        );
    }
    // A leak names the machine only later, with an address that the list has not.
    let pass = table.begin_pass(la);
    let leak = LeakBuilder::new("9")
        .with_field(LeakField::Hostname, "LAP-9")
        .with_field(LeakField::Ip, "192.0.2.9");
    table.ingest(la, pass, &batch(&[leak]));
    assert_ne!(group(&table, "later"), of_leak(&table, 3));
    table.end_pass(la, pass);
    assert_eq!(group(&table, "later"), of_leak(&table, 3));
    assert_eq!(
        table.overview(GroupKind::Endpoint, all(&table), &[]).len(),
        7
    );
}

#[test]
fn what_a_provider_knows_is_given_back() {
    let (mut table, _, la, lc) = table();
    let host = table.group(RowId(0), GroupKind::Resource).unwrap();
    let tree = vec![RawText::from("a/passwords.txt"), RawText::from("b.txt")];
    let breach = Breach {
        name: RawText::from("Adobe"),
        date: Some(RawText::from("2013-10-04")),
        ..Breach::default()
    };
    let paste = Paste {
        source: RawText::from("Pastebin"),
        id: RawText::from("8Q0BvKD8"),
        emails: Some(139),
        ..Paste::default()
    };
    let archive = Connection {
        tree: Some(tree.clone()),
        metadata: Some(RawText::from("{\"a\":1}")),
        date: Some(RawText::from("2026-05-01")),
        ..connection(&table, la, ConnectionKind::Endpoint, "e", "archive.zip")
    };
    let portal = Connection {
        risk: Some(Risk {
            level: RiskLevel::Medium,
            score: None,
        }),
        ..connection(
            &table,
            la,
            ConnectionKind::Resource,
            "r",
            "portal.northwind.example",
        )
    };
    let told = [
        Connection {
            breach: Some(breach.clone()),
            attribution: Some("CC BY 4.0".to_owned()),
            ..connection(&table, lc, ConnectionKind::Breach, "Adobe", "Adobe")
        },
        Connection {
            paste: Some(paste.clone()),
            leaks: Some(3),
            ..connection(&table, lc, ConnectionKind::Paste, "8Q0BvKD8", "a paste")
        },
    ];
    table.add_connections(la, &[archive, portal]);
    table.add_connections(lc, &told);
    let by = |kind, slot, id| {
        let key = key(&table, slot, Kind::Connection, id);
        table.connection(kind, table.find_group(kind, &key).unwrap())
    };
    let file = by(GroupKind::Endpoint, la, "e");
    assert_eq!(file.tree, Some(tree));
    assert_eq!(file.metadata.unwrap().as_str(), Some("{\"a\":1}"));
    assert_eq!(file.date.unwrap().as_str(), Some("2026-05-01"));
    assert_eq!((file.leaks, file.device), (Some(0), None));
    let risk = table.connection(GroupKind::Resource, host).risk;
    assert_eq!(risk.unwrap().level, RiskLevel::Medium);
    let adobe = by(GroupKind::Breach, lc, "Adobe");
    assert_eq!(
        (adobe.kind, adobe.breach),
        (ConnectionKind::Breach, Some(breach))
    );
    assert_eq!(adobe.attribution.as_deref(), Some("CC BY 4.0"));
    let pasted = by(GroupKind::Paste, lc, "8Q0BvKD8");
    assert_eq!(
        (pasted.kind, pasted.paste),
        (ConnectionKind::Paste, Some(paste))
    );
    assert_eq!(
        (pasted.name.as_str(), pasted.leaks),
        (Some("Pastebin 8Q0BvKD8"), Some(3))
    );
    // Their dates count where they have no leak.
    let mut rows = table.overview(GroupKind::Endpoint, all(&table), &[]);
    let by = GroupSort {
        field: GroupSortField::Seen,
        descending: true,
    };
    sort_groups(&table, GroupKind::Endpoint, &mut rows, by);
    let first = table.group_name(GroupKind::Endpoint, rows[0].group);
    assert_eq!(&*first, b"archive.zip");
}

#[test]
fn a_complete_reading_replaces_and_a_failed_one_empties_nothing() {
    let (mut table, _, la, lc) = table();
    let list = |table: &mut Table, slot, logins: &[&str]| {
        let users: Vec<User> = logins
            .iter()
            .map(|login| user(table, slot, login, login, RiskLevel::Low))
            .collect();
        table.add_users(slot, &users);
    };
    let count = |table: &Table| {
        (
            table.listed_count(la, GroupKind::User),
            table.listed_count(lc, GroupKind::User),
            table.overview(GroupKind::User, [], &[]).len(),
        )
    };
    for slot in [la, lc] {
        table.begin_listed(slot, GroupKind::User);
        list(&mut table, slot, &["ana", "ben"]);
        assert_eq!(table.end_listed(slot, GroupKind::User), 0);
    }
    let place = connection(&table, la, ConnectionKind::Resource, "r", "a.example");
    table.add_connections(la, &[place]);
    assert_eq!(count(&table), (2, 2, 2));
    // One that fails after its first page is not ended.
    table.begin_listed(la, GroupKind::User);
    list(&mut table, la, &["cleo"]);
    assert_eq!(count(&table), (3, 2, 3));
    table.begin_listed(la, GroupKind::User);
    list(&mut table, la, &["cleo", "dora"]);
    let before = table.generation();
    assert_eq!(table.end_listed(la, GroupKind::User), 2);
    assert_ne!(table.generation(), before);
    assert_eq!(count(&table), (2, 2, 4));
    assert_eq!(table.listed_count(la, GroupKind::Resource), 1);
    let ana = table
        .find_group(GroupKind::User, &key(&table, lc, Kind::User, "ana"))
        .unwrap();
    assert_eq!(table.user(ana).sources, 1);
    let gone = key(&table, la, Kind::User, "ana");
    assert!(table.find_listed_entity(&gone).is_none());
    for kind in LISTED_KINDS {
        table.begin_listed(lc, kind);
        table.end_listed(lc, kind);
    }
    assert_eq!(count(&table), (2, 0, 2));
}

#[test]
fn a_known_id_is_replaced_and_may_move() {
    let (mut table, _, la, _) = table();
    let listed = user(&table, la, "u", "ana", RiskLevel::Low);
    table.add_users(la, &[listed]);
    let before = table.generation();
    let listed = user(&table, la, "u", "ana", RiskLevel::Low);
    table.add_users(la, &[listed]);
    assert_eq!(table.generation(), before, "nothing changed");
    let listed = user(
        &table,
        la,
        "u",
        "m.ortega@northwind.example",
        RiskLevel::Low,
    );
    table.add_users(la, &[listed]);
    assert_ne!(table.generation(), before);
    let rows = table.overview(GroupKind::User, all(&table), &[]);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].total(), rows[0].sources), (1, 2));
}
