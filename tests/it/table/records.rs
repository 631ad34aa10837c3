//! What providers list comes back as it came, whatever is in it: it is kept in numbers, and put together when somebody
//! asks.

use proptest::prelude::*;
use stanch::{
    entity::{
        breach::{Breach, BreachFlags, Paste},
        connection::{Connection, ConnectionKind, ResourceType},
        domain::LeakCounts,
        key::{EntityKey, Kind, ProfileName, ProviderId, RemoteId},
        leak::{Device, Risk, RiskLevel},
        raw_text::RawText,
        user::{IdentityType, User},
    },
    table::{GroupKind, ProfileSlot, Table},
};

/// Texts of the forms that are kept in a way of their own, and any others.
fn text() -> impl Strategy<Value = RawText> {
    let fixed = prop::sample::select(vec![
        "",
        "-",
        "DESKTOP-AB12",
        "192.0.2.7",
        "Germany",
        "2026-02-11T09:30:00Z",
        "2026-02-11T09:30:00.250Z",
        "2026-02-11",
        "0001-01-01T00:00:00Z",
        "m.ortega@northwind.example",
        "M.Ortega@northwind.example ",
        "7fb228dd-2e45-4eaf-a70a-ed7363a0a3dc",
        "endpoint:7fb228dd-2e45-4eaf-a70a-ed7363a0a3dc",
        "7fb228dd2e454eafa70aed7363a0a3dc",
    ]);
    prop_oneof![
        4 => fixed.prop_map(RawText::from),
        1 => prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| RawText::from(&bytes[..])),
    ]
}

fn metadata() -> impl Strategy<Value = RawText> {
    let value = prop::sample::select(vec![
        r#""Germany""#,
        r#""DESKTOP-AB12""#,
        r#""C:\\Users\\m""#,
        r#""C:\\Users\\m\n""#,
        r#""2026-02-11T09:30:00.250Z""#,
        r#""0123""#,
        "1234567",
        "00123",
        "12345678901234567890",
        "-1.5e300",
        "null",
        r#"[1,"a",{"b":"c"}]"#,
        r#""é\u0000\"""#,
    ]);
    let object = prop::collection::vec(value, 0..5).prop_map(|values| {
        let members = values
            .iter()
            .zip(0..)
            .map(|(value, at)| format!(r#""m{at}": {value}"#));
        RawText::from(format!("{{{}}}", members.collect::<Vec<_>>().join(", ")))
    });
    prop_oneof![4 => object, 1 => text()]
}

fn tree() -> impl Strategy<Value = Vec<RawText>> {
    let file = prop::sample::select(vec![
        "archive.zip/Passwords.txt",
        "archive.zip/Autofills/Chrome.txt",
        "archive.zip",
        "other/System.txt",
        "/",
        "",
    ]);
    prop::collection::vec(prop_oneof![file.prop_map(RawText::from), text()], 0..6)
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, any::<u64>(), Just(u64::MAX), Just(u64::MAX - 1)]
}

fn risk() -> impl Strategy<Value = Option<Risk>> {
    let level = prop::sample::select(vec![RiskLevel::None, RiskLevel::Low, RiskLevel::High]);
    let score = prop::option::of(prop::sample::select(vec![0.0, 7.5, -1e300]));
    prop::option::of((level, score).prop_map(|(level, score)| Risk { level, score }))
}

fn some_text() -> impl Strategy<Value = Option<RawText>> {
    prop::option::of(text())
}

fn key(kind: Kind, id: &RawText) -> EntityKey {
    EntityKey {
        profile: ProfileName::new("la").unwrap(),
        kind,
        id: RemoteId::from(id.as_bytes()),
    }
}

prop_compose! {
    fn user()(
        id in text(),
        login in text(),
        provider in prop::sample::select(vec!["leaks-ai", "another"]),
        identity in prop::sample::select(vec![None, Some(IdentityType::Email), Some(IdentityType::Username)]),
        risk in risk(),
        first_seen in some_text(),
        leaks in (number(), number()),
        sources in any::<u32>(),
        connections in prop::option::of(prop::collection::vec(text(), 0..3)),
    ) -> User {
        User {
            key: key(Kind::User, &id),
            provider: ProviderId::new(provider),
            login,
            identity_type: identity,
            risk,
            first_seen,
            leaks: LeakCounts { total: leaks.0, unresolved: leaks.1 },
            sources,
            connections: connections.map(|ids| ids.iter().map(|id| key(Kind::Connection, id)).collect()),
        }
    }
}

prop_compose! {
    fn device()(
        hostname in some_text(),
        ip in some_text(),
        os in some_text(),
        hardware_id in some_text(),
        malware_path in some_text(),
    ) -> Device {
        Device { hostname, ip, os, hardware_id, malware_path }
    }
}

prop_compose! {
    fn breach()(
        name in text(),
        title in some_text(),
        domain in some_text(),
        dates in (some_text(), some_text()),
        accounts in prop::option::of(number()),
        data_classes in prop::collection::vec(text(), 0..4),
        verified in any::<Option<bool>>(),
        spam in any::<Option<bool>>(),
    ) -> Breach {
        let (date, added_at) = dates;
        Breach { name, title, domain, date, added_at, accounts, data_classes, verified, spam, flags: BreachFlags::default() }
    }
}

prop_compose! {
    fn paste()(
        source in text(),
        id in text(),
        title in some_text(),
        date in some_text(),
        emails in prop::option::of(number()),
    ) -> Paste {
        Paste { source, id, title, date, emails }
    }
}

prop_compose! {
    fn connection()(
        form in prop::sample::select(vec![ConnectionKind::Endpoint, ConnectionKind::Resource, ConnectionKind::Breach, ConnectionKind::Paste]),
        id in text(),
        name in prop_oneof![text(), Just(RawText::from("archive.zip"))],
        provider in prop::sample::select(vec!["leaks-ai", "another"]),
        told in (
            prop::sample::select(vec![
                None,
                Some(ResourceType::Domain),
                Some(ResourceType::Ip),
                Some(ResourceType::Apk),
                Some(ResourceType::Url),
            ]),
            some_text(),
            prop::option::of(number()),
            risk(),
            some_text(),
        ),
        device in prop::option::of(device()),
        more in (prop::option::of(tree()), prop::option::of(metadata())),
        kinds in (prop::option::of(breach()), prop::option::of(paste())),
        attribution in prop::option::of("[a-z ]{0,4}"),
    ) -> Connection {
        let (resource_type, date, leaks, risk, country) = told;
        Connection {
            resource_type,
            date,
            leaks,
            device,
            country,
            risk,
            tree: more.0,
            metadata: more.1,
            breach: kinds.0,
            paste: kinds.1,
            attribution,
            ..Connection::from_name(key(Kind::Connection, &id), ProviderId::new(provider), form, name)
        }
    }
}

fn table() -> (Table, ProfileSlot) {
    let mut table = Table::new();
    table.add_profile(
        ProfileName::new("pd").unwrap(),
        ProviderId::new("projectdiscovery"),
    );
    let slot = table.add_profile(ProfileName::new("la").unwrap(), ProviderId::new("leaks-ai"));
    (table, slot)
}

fn kind_from_form(form: ConnectionKind) -> GroupKind {
    match form {
        ConnectionKind::Endpoint => GroupKind::Endpoint,
        ConnectionKind::Resource => GroupKind::Resource,
        ConnectionKind::Breach => GroupKind::Breach,
        ConnectionKind::Paste => GroupKind::Paste,
    }
}

proptest! {
    #[test]
    fn users_come_back_as_they_came(users in prop::collection::vec(user(), 1..12)) {
        let (mut table, slot) = table();
        let mut known: Vec<User> = Vec::new();
        for _ in 0..2 {
            table.begin_listed(slot, GroupKind::User);
            for user in &users {
                let before = table.listed_count(slot, GroupKind::User);
                table.add_users(slot, std::slice::from_ref(user));
                // Who has no name belongs nowhere, and what was known under the id stays.
                let is_new = known.iter().all(|other| other.key != user.key);
                if is_new && table.listed_count(slot, GroupKind::User) == before {
                    continue;
                }
                let native = table.find_listed_entity(&user.key).unwrap();
                prop_assert_eq!(native.key(), user.key.clone());
                if native.user().as_ref() == Some(user) {
                    known.retain(|other| other.key != user.key);
                    known.push(user.clone());
                }
            }
            for user in &known {
                let native = table.find_listed_entity(&user.key).unwrap();
                prop_assert_eq!(native.user(), Some(user.clone()));
            }
        }
        table.end_listed(slot, GroupKind::User);
        prop_assert_eq!(table.listed_count(slot, GroupKind::User), known.len());
        let before = table.generation();
        table.add_users(slot, &known);
        prop_assert_eq!(table.generation(), before, "nothing changed");
        for user in &known {
            let native = table.find_listed_entity(&user.key).unwrap();
            prop_assert_eq!(native.user(), Some(user.clone()));
        }
    }

    #[test]
    fn connections_come_back_as_they_came(all in prop::collection::vec(connection(), 1..12)) {
        let (mut table, slot) = table();
        let forms = [ConnectionKind::Endpoint, ConnectionKind::Resource, ConnectionKind::Breach, ConnectionKind::Paste];
        for _ in 0..2 {
            for form in forms {
                table.begin_listed(slot, kind_from_form(form));
            }
            table.add_connections(slot, &all);
        }
        for form in forms {
            table.end_listed(slot, kind_from_form(form));
        }
        for (at, connection) in all.iter().enumerate() {
            // Of two with one id and form the last is what is known; of two forms either may be found.
            let is_same = |other: &Connection| other.key == connection.key;
            if all[at + 1..].iter().any(is_same) || all[..at].iter().any(is_same) {
                continue;
            }
            // What has no name belongs nowhere.
            if let Some(native) = table.find_listed_entity(&connection.key) {
                prop_assert_eq!(native.key(), connection.key.clone());
                prop_assert_eq!(native.name(), Some(connection.name.as_bytes()));
                prop_assert_eq!(native.connection(), Some(connection.clone()));
                let of_group = table.listed_entities(native.kind, native.group);
                prop_assert!(of_group.iter().any(|other| other.key() == connection.key));
            }
        }
        let listed = table.listed_count(slot, GroupKind::Endpoint);
        let before = table.generation();
        table.begin_listed(slot, GroupKind::Endpoint);
        prop_assert_eq!(table.end_listed(slot, GroupKind::Endpoint), listed);
        prop_assert_eq!(table.listed_count(slot, GroupKind::Endpoint), 0);
        prop_assert_eq!(table.generation() != before, listed > 0);
    }
}
