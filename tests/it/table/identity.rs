//! What tells one thing from another: placeholders do not, spellings of one host do not either, and every date is one
//! or none.

use super::{LeakBuilder, all, batch, profile, table_with};
use crate::support::parse;
use stanch::{
    entity::{
        connection::{Connection, ConnectionKind},
        date,
        domain::LeakCounts,
        fingerprint::FingerprintKey,
        key::{EntityKey, Kind, ProviderId, RemoteId},
        leak::{Device, LeakField, LeakField::*, Risk, RiskLevel},
        raw_text::RawText,
        user::User,
    },
    table::{GroupKind, Marks, ProfileSlot, RowId, Table},
};

/// What stands for a missing value, one of each kind.
const NO_IDENTITY: &[&str] = &[
    "",
    " ",
    "UNKNOWN",
    "Unknown",
    "N/A",
    "NA",
    "None",
    "null",
    "nil",
    "undefined",
    "-",
    "--",
    "?",
    "Not Found",
    "0",
    "00000000",
    "00000000-0000-0000-0000-000000000000",
    "0.0.0.0",
    "::",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "03000200-0400-0500-0006-000700080009",
    "To be filled by O.E.M.",
    "Default string",
    "System Serial Number",
    "•••",
    "***",
    "(null)",
    "unknown hwid",
];

/// Addresses that are the same for everyone.
const COMMON_NAMES: &[&str] = &[
    "127.0.0.1",
    "10.0.0.5",
    "172.20.1.1",
    "192.168.1.10",
    "169.254.7.7",
    "100.64.1.1",
    "::1",
    "fe80::1",
    "fd00::7",
    "::ffff:192.168.1.10",
];

/// Spellings of one host.
const HOSTS: &[&[&str]] = &[
    &[
        "xn--mnchen-3ya.example",
        "münchen.example",
        "MÜNCHEN.example",
        "XN--MNCHEN-3YA.example",
        "münchen.example.",
        "mu\u{308}nchen.example",
        "münchen。example",
    ],
    &[
        "vpn.acme.example",
        "VPN.Acme.example",
        "vpn.acme.example.",
        "vpn。acme。example",
    ],
    &["xn--r8jz45g.xn--zckzah", "例え.テスト"],
];

const ADDRESSES: &[&[&str]] = &[
    &[
        "2001:db8::7",
        "2001:DB8:0:0::7",
        "2001:0db8:0000:0000:0000:0000:0000:0007",
    ],
    &["203.0.113.8", "::ffff:203.0.113.8", "::FFFF:cb00:7108"],
];

fn machine(id: usize, hardware: &str, host: &str, ip: &str) -> LeakBuilder {
    LeakBuilder::new(&format!("m{id}"))
        .with_field(HardwareId, hardware)
        .with_field(Hostname, host)
        .with_field(Ip, ip)
}

fn groups(table: &Table, kind: GroupKind) -> Vec<Option<u32>> {
    all(table)
        .into_iter()
        .map(|row| table.group(row, kind).map(|group| group.0))
        .collect()
}

fn count_selected(table: &Table, filter: &str) -> usize {
    let rows = table.select(&parse(filter).unwrap(), &[], None, &Marks::default());
    // The plain way says the same.
    let filter = parse(filter).unwrap();
    let plain = all(table)
        .into_iter()
        .filter(|row| filter.matches(&table.leak(*row)))
        .count();
    assert_eq!(rows.len(), plain, "{}", filter.text());
    plain
}

#[test]
fn where_the_hardware_id_says_nothing_host_name_and_address_decide_together() {
    for nothing in NO_IDENTITY {
        let (table, _) = table_with(&[
            machine(0, nothing, "LAPTOP-MAYA", "203.0.113.10"),
            machine(1, nothing, "DESKTOP-7QK2", "198.51.100.7"),
            machine(2, nothing, "laptop-maya", "203.0.113.10"),
            machine(3, nothing, "LAPTOP-MAYA", "203.0.113.11"),
        ]);
        let of = groups(&table, GroupKind::Endpoint);
        assert!(of[0].is_some() && of[0] == of[2], "{nothing}: {of:?}");
        assert!(
            of[0] != of[1] && of[0] != of[3] && of[1] != of[3],
            "{nothing}: {of:?}"
        );
        let key = table.group_key(
            GroupKind::Endpoint,
            table.group(RowId(2), GroupKind::Endpoint).unwrap(),
        );
        assert_eq!(
            table.find_group(GroupKind::Endpoint, &key),
            table.group(RowId(0), GroupKind::Endpoint)
        );
    }
}

#[test]
fn where_nothing_is_left_machines_stay_apart() {
    for nothing in NO_IDENTITY {
        for (host, ip) in [
            (*nothing, "203.0.113.10"),
            ("LAPTOP", nothing),
            (nothing, nothing),
        ] {
            let rows = [machine(0, nothing, host, ip), machine(1, nothing, host, ip)];
            let (table, _) = table_with(&rows);
            assert_eq!(
                groups(&table, GroupKind::Endpoint),
                [None, None],
                "{nothing}|{host}|{ip}"
            );
        }
    }
    for ip in COMMON_NAMES {
        let rows = [
            machine(0, "", "USER-PC", ip),
            machine(1, "N/A", "USER-PC", ip),
        ];
        let (table, _) = table_with(&rows);
        assert_eq!(groups(&table, GroupKind::Endpoint), [None, None], "{ip}");
    }
}

#[test]
fn a_machine_is_one_in_every_spelling_of_its_id_and_its_address() {
    let (table, _) = table_with(&[
        machine(0, "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "UNKNOWN", ""),
        machine(
            1,
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "DESK-7",
            "203.0.113.1",
        ),
    ]);
    let of = groups(&table, GroupKind::Endpoint);
    assert!(of[0].is_some() && of[0] == of[1]);
    let group = table.group(RowId(0), GroupKind::Endpoint).unwrap();
    assert_eq!(&*table.group_name(GroupKind::Endpoint, group), b"DESK-7");
    for spellings in ADDRESSES {
        let rows: Vec<LeakBuilder> = (0..)
            .zip(*spellings)
            .map(|(id, ip)| machine(id, "-", "DESK-7.", ip))
            .collect();
        let (table, _) = table_with(&rows);
        let of = groups(&table, GroupKind::Endpoint);
        assert!(
            of[0].is_some() && of.iter().all(|group| *group == of[0]),
            "{spellings:?}"
        );
        for ip in *spellings {
            assert_eq!(
                count_selected(&table, &format!("ip:\"{ip}\"")),
                spellings.len(),
                "{ip}"
            );
        }
    }
}

#[test]
fn a_login_that_says_nothing_is_nobody() {
    let masked = [
        "j***@acme.example",
        "•••••••@acme.example",
        "j*@acme.example",
        "***@acme.example",
        "ma…@acme.example",
        "@acme.example",
        "[redacted]@acme.example",
        "unknown@unknown",
    ];
    for login in NO_IDENTITY.iter().chain(&masked) {
        let key = FingerprintKey::new([7; 32]);
        let mut rows = [
            LeakBuilder::new("a").with_field(Login, login),
            LeakBuilder::new("b").with_field(Login, login),
        ];
        for row in &mut rows {
            row.credential = Some(key.credential(login.as_bytes(), b"hunter2"));
        }
        let (table, _) = table_with(&rows);
        assert_eq!(groups(&table, GroupKind::User), [None, None], "{login}");
        assert_eq!(
            groups(&table, GroupKind::Credential),
            [None, None],
            "{login}"
        );
    }
    for login in [
        "nina@acme.example",
        "na@acme.example",
        "admin",
        "nathan",
        "unknown-7",
    ] {
        let (table, _) = table_with(&[
            LeakBuilder::new("a").with_field(Login, login),
            LeakBuilder::new("b").with_field(Login, login),
        ]);
        let of = groups(&table, GroupKind::User);
        assert!(of[0].is_some() && of[0] == of[1], "{login}");
    }
}

#[test]
fn values_that_say_nothing_make_no_group_of_any_kind() {
    for nothing in NO_IDENTITY.iter().filter(|nothing| **nothing != "NA") {
        let row = |id: &str| {
            LeakBuilder::new(id)
                .with_field(LeakField::Domain, nothing)
                .with_field(LeakField::Breach, nothing)
                .with_field(Url, nothing)
                .with_field(Country, nothing)
        };
        let (table, _) = table_with(&[row("a"), row("b")]);
        for kind in [
            GroupKind::Domain,
            GroupKind::Breach,
            GroupKind::Resource,
            GroupKind::Country,
        ] {
            assert_eq!(groups(&table, kind), [None, None], "{nothing}: {kind:?}");
        }
    }
    let (table, _) = table_with(&[LeakBuilder::new("a").with_field(Country, "NA")]);
    assert!(groups(&table, GroupKind::Country)[0].is_some(), "Namibia");
    for ip in COMMON_NAMES.iter().chain(&["localhost", "UNKNOWN"]) {
        let ip = if ip.contains(':') {
            format!("[{ip}]")
        } else {
            (*ip).to_owned()
        };
        let (table, _) =
            table_with(&[LeakBuilder::new("a").with_field(Url, format!("http://{ip}/"))]);
        assert_eq!(groups(&table, GroupKind::Resource), [None], "{ip}");
    }
}

#[test]
fn one_host_is_one_host_in_groups_filters_and_scope() {
    for spellings in HOSTS {
        let rows: Vec<LeakBuilder> = spellings
            .iter()
            .map(|host| {
                LeakBuilder::new(host)
                    .with_field(Url, format!("https://{host}:443/login"))
                    .with_field(Login, format!("Maya@{host}"))
                    .with_field(LeakField::Domain, host)
            })
            .collect();
        let (table, _) = table_with(&rows);
        for kind in [GroupKind::Resource, GroupKind::Domain, GroupKind::User] {
            let of = groups(&table, kind);
            assert!(
                of[0].is_some() && of.iter().all(|group| *group == of[0]),
                "{spellings:?} {kind:?}: {of:?}"
            );
            let group = table.group(RowId(0), kind).unwrap();
            let rows = table.select(
                &parse("").unwrap(),
                &[(kind, group)],
                None,
                &Marks::default(),
            );
            assert_eq!(rows.len(), spellings.len(), "{kind:?}");
            assert_eq!(table.group_rows(kind, group).len(), spellings.len());
            let key = table.group_key(kind, group);
            assert_eq!(table.find_group(kind, &key), Some(group), "{key}");
        }
        for host in *spellings {
            for field in ["url", "domain", "login"] {
                assert_eq!(
                    count_selected(&table, &format!("{field}:\"{host}\"")),
                    spellings.len(),
                    "{field}:{host}"
                );
            }
            assert_eq!(
                count_selected(&table, &format!("\"{host}\"")),
                spellings.len(),
                "{host}"
            );
            assert_eq!(
                count_selected(&table, &format!("url:\"https://{host}/login\"")),
                spellings.len(),
                "{host}"
            );
        }
        // What is shown is what came.
        for (row, host) in all(&table).into_iter().zip(*spellings) {
            assert_eq!(&*table.text(row, LeakField::Domain), host.as_bytes());
        }
    }
    for spellings in ADDRESSES {
        let url = |host: &str| {
            if host.contains(':') {
                format!("http://[{host}]:80/")
            } else {
                format!("http://{host}/")
            }
        };
        let rows: Vec<LeakBuilder> = spellings
            .iter()
            .map(|host| LeakBuilder::new(host).with_field(Url, url(host)))
            .collect();
        let (table, _) = table_with(&rows);
        let of = groups(&table, GroupKind::Resource);
        assert!(
            of[0].is_some() && of.iter().all(|group| *group == of[0]),
            "{spellings:?}"
        );
        for host in *spellings {
            assert_eq!(
                count_selected(&table, &format!("url:\"{host}\"")),
                spellings.len(),
                "{host}"
            );
        }
    }
}

fn key(slot: &str, kind: Kind, id: &str) -> EntityKey {
    EntityKey {
        profile: profile(slot),
        kind,
        id: RemoteId::from(id),
    }
}

fn archive(id: &str, ip: &str) -> Connection {
    let mut archive = Connection::from_name(
        key("la", Kind::Connection, id),
        ProviderId::new("leaks-ai"),
        ConnectionKind::Endpoint,
        RawText::from(&format!("[ES]{ip}.zip")[..]),
    );
    archive.device = Some(Device {
        ip: Some(RawText::from(ip)),
        ..Device::default()
    });
    archive
}

fn table_with_listing() -> (Table, ProfileSlot) {
    let mut table = Table::new();
    let slot = table.add_profile(profile("la"), ProviderId::new("leaks-ai"));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[machine(0, "", "", "203.0.113.24")]));
    (table, slot)
}

#[test]
fn archives_with_ids_of_their_own_are_not_one_for_a_guessed_address() {
    let (mut table, slot) = table_with_listing();
    table.add_connections(
        slot,
        &[
            archive("one", "203.0.113.24"),
            archive("two", "203.0.113.24"),
        ],
    );
    let rows = table.overview(GroupKind::Endpoint, all(&table), &[]);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.total() == 0));
}

#[test]
fn listed_people_whose_logins_say_nothing_stay_apart_by_their_ids() {
    let (mut table, slot) = table_with_listing();
    let user = |id: &str, login: &str| User {
        key: key("la", Kind::User, id),
        provider: ProviderId::new("leaks-ai"),
        login: RawText::from(login),
        identity_type: None,
        risk: None,
        first_seen: None,
        leaks: LeakCounts::default(),
        sources: 1,
        connections: None,
    };
    let listed = [
        user("u1", "UNKNOWN"),
        user("u2", "UNKNOWN"),
        user("u3", "j***@acme.example"),
    ];
    table.add_users(slot, &listed);
    table.add_users(slot, &listed);
    let rows = table.overview(GroupKind::User, all(&table), &[]);
    assert_eq!(rows.len(), 3);
    let mut keys: Vec<String> = rows
        .iter()
        .map(|row| table.user_for_row(row).key.to_string())
        .collect();
    keys.sort();
    assert_eq!(keys, ["la:user:u1", "la:user:u2", "la:user:u3"]);
    assert_eq!(table.user_for_row(&rows[0]).login.as_str(), Some("UNKNOWN"));
    for row in &rows {
        let key = table.group_key(GroupKind::User, row.group);
        assert_eq!(table.find_group(GroupKind::User, &key), Some(row.group));
    }
}

#[test]
fn of_a_merged_thing_all_files_the_newest_date_and_the_gravest_risk_are_told() {
    let (mut table, slot) = table_with_listing();
    let part = |id: &str, date: &str, level, file: &str| {
        let mut one = archive(id, "203.0.113.24");
        one.device = Some(Device {
            hardware_id: Some(RawText::from("HW-1")),
            ..Device::default()
        });
        one.date = Some(RawText::from(date));
        one.risk = Some(Risk { level, score: None });
        one.tree = Some(vec![RawText::from("a.txt"), RawText::from(file)]);
        one
    };
    table.add_connections(
        slot,
        &[
            part("one", "2025-01-01", RiskLevel::High, "b.txt"),
            part("two", "11.02.2026", RiskLevel::Low, "c.txt"),
        ],
    );
    let rows = table.overview(GroupKind::Endpoint, all(&table), &[]);
    assert_eq!(rows.len(), 1);
    let merged = table.connection_for_row(GroupKind::Endpoint, &rows[0]);
    assert_eq!(merged.date.unwrap().as_str(), Some("11.02.2026"));
    assert_eq!(merged.risk.unwrap().level, RiskLevel::High);
    let files: Vec<_> = merged
        .tree
        .unwrap()
        .iter()
        .map(|file| file.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(files, ["a.txt", "b.txt", "c.txt"]);
}

/// The rows of the shared case, and what was wrong of them: one machine each for three placeholders, one person each
/// for placeholders and masks.
#[test]
fn case_04_placeholder_names_are_no_identity() {
    let mut rows = Vec::new();
    let machines = [
        ("LAPTOP-MAYA", "203.0.113.10"),
        ("DESKTOP-7QK2", "198.51.100.7"),
        ("HR-PC-04", "192.0.2.44"),
    ];
    for hardware in ["UNKNOWN", "N/A", "00000000-0000-0000-0000-000000000000"] {
        for (host, ip) in machines {
            rows.push(machine(rows.len(), hardware, host, ip));
        }
    }
    for _ in 0..2 {
        rows.push(machine(rows.len(), "", "UNKNOWN", ""));
    }
    for login in [
        "UNKNOWN",
        "None",
        "N/A",
        "unknown",
        "-",
        "•••••••@acme.example",
        "j***@acme.example",
    ] {
        for _ in 0..2 {
            let at = rows.len();
            rows.push(
                machine(at, &format!("HW{at}"), &format!("PC-{at}"), "").with_field(Login, login),
            );
        }
    }
    let (table, _) = table_with(&rows);
    let endpoints = table.aggregate(GroupKind::Endpoint, all(&table));
    let mut totals: Vec<u32> = endpoints
        .iter()
        .map(stanch::table::GroupRow::total)
        .collect();
    totals.sort_unstable();
    assert_eq!(totals, [vec![1; 14], vec![3; 3]].concat());
    assert_eq!(table.aggregate(GroupKind::User, all(&table)), []);
    assert_eq!(
        count_selected(&table, "device:UNKNOWN"),
        5,
        "what came is still found"
    );
}

/// The hosts of the shared case.
#[test]
fn case_17_two_spellings_of_one_domain_are_one() {
    let urls = [
        "https://vpn.acme.example/",
        "https://VPN.ACME.example:8443/login",
        "https://vpn.acme.example./",
        "https://maya:s3cret@vpn.acme.example/x",
        "vpn.acme.example/login",
        "//vpn.acme.example",
        "https://vpn。acme。example/",
        " https://vpn.acme.example/ ",
        "https://münchen.example/login",
        "https://xn--mnchen-3ya.example/login",
        "HTTPS://MÜNCHEN.example/",
        "https://[2001:db8::7]:8443/",
        "http://[2001:DB8:0:0::7]/",
    ];
    let rows: Vec<LeakBuilder> = (0..)
        .zip(urls)
        .map(|(id, url): (u32, _)| LeakBuilder::new(&id.to_string()).with_field(Url, url))
        .collect();
    let (table, _) = table_with(&rows);
    let sites = table.aggregate(GroupKind::Resource, all(&table));
    let mut totals: Vec<(String, u32)> = sites
        .iter()
        .map(|row| {
            let name = table
                .group_name(GroupKind::Resource, row.group)
                .into_owned();
            (String::from_utf8(name).unwrap(), row.total())
        })
        .collect();
    totals.sort();
    assert_eq!(
        totals,
        [
            ("2001:db8::7".to_owned(), 2),
            ("münchen.example".to_owned(), 3),
            ("vpn.acme.example".to_owned(), 8),
        ]
    );
    for filter in [
        "url:münchen.example",
        "url:xn--mnchen-3ya.example",
        "url:MÜNCHEN.EXAMPLE",
        "url:münch",
    ] {
        assert_eq!(count_selected(&table, filter), 3, "{filter}");
    }
}

/// Dates in every form that is read, null dates, and texts that are none.
fn dates() -> Vec<Option<String>> {
    let mut dates = vec![None];
    let nulls = [
        "",
        "soon",
        "0001-01-01T00:00:00Z",
        "0001-01-01",
        "1601-01-01T00:00:00Z",
        "1900-01-01",
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0000-00-00",
        "03/04/2026",
        "2026-13-01",
        "0",
        "/Date(-62135596800000)/",
        "UNKNOWN",
    ];
    dates.extend(nulls.map(|text| Some(text.to_owned())));
    let mut day = jiff::civil::date(1985, 1, 1);
    while day.year() < 2040 {
        let (year, month, number) = (day.year(), day.month(), day.day());
        let seconds = day
            .to_zoned(jiff::tz::TimeZone::UTC)
            .unwrap()
            .timestamp()
            .as_second()
            + 3_661;
        dates.extend(
            [
                format!("{day}"),
                format!("{day}T01:01:01Z"),
                format!("{day}T01:01:01.25+0000"),
                format!("{day} 01:01:01"),
                format!("{year}/{month:02}/{number:02}"),
                format!("{number:02}.{month:02}.{year}"),
                format!("{number} {} {year}", day.strftime("%b")),
                format!("{month}/{number}/{year}"),
                format!("{seconds}"),
                format!("{seconds}000"),
                format!("/Date({seconds}000)/"),
            ]
            .map(Some),
        );
        day = day.checked_add(jiff::ToSpan::days(211)).unwrap();
    }
    dates
}

#[test]
fn every_leak_is_without_a_date_or_dated_and_never_both() {
    let dates = dates();
    let rows: Vec<LeakBuilder> = (0..)
        .zip(&dates)
        .map(|(id, date): (u32, _)| {
            let mut row = LeakBuilder::new(&id.to_string());
            for field in [FirstSeen, AddedAt] {
                row.fields[field as usize] = date.clone().map(String::into_bytes);
            }
            row
        })
        .collect();
    let (table, _) = table_with(&rows);
    let now = "2026-11-29T02:00:00Z".parse().unwrap();
    let hits = |filter: &str| {
        let filter = parse(filter).unwrap().with_now(now);
        let rows = table.select(&filter, &[], None, &Marks::default());
        let plain: Vec<RowId> = all(&table)
            .into_iter()
            .filter(|row| filter.matches(&table.leak(*row)))
            .collect();
        assert_eq!(rows, plain, "{}", filter.text());
        rows.len()
    };
    let dated = dates
        .iter()
        .flatten()
        .filter(|text| date::parse_seconds(text.as_bytes()).is_some())
        .count();
    assert!(dated > 800, "{dated}");
    let none = dates.len() - dated;
    for parts in [
        ["seen:none", "seen>=0001-01-01"].as_slice(),
        &[
            "seen:none",
            "seen<2010-01",
            "seen:2010-01..2020-06",
            "seen>2020-06",
        ],
        &[
            "added:none",
            "added<=2026-11-29T02:00",
            "added>2026-11-29T02:00",
        ],
        &["added:none", "added<12h", "added>=12h"],
        &["seen:none", "seen<9w", "seen>=9w"],
        &["age:none", "age<7d", "age>=7d"],
    ] {
        let counts: Vec<usize> = parts.iter().map(|part| hits(part)).collect();
        assert_eq!(counts[0], none, "{parts:?}");
        assert_eq!(
            counts.iter().sum::<usize>(),
            dates.len(),
            "{parts:?}: {counts:?}"
        );
    }
    assert_eq!(table.facets(&all(&table)).undated as usize, none);
}

#[test]
fn none_asks_for_what_has_no_value_whatever_the_field() {
    let (table, _) = table_with(&[LeakBuilder::new("a")]);
    let mut full = LeakBuilder::new("b");
    for field in <LeakField as strum::IntoEnumIterator>::iter().skip(1) {
        full.fields[field as usize] = Some(b"2026-02-11".to_vec());
    }
    full.risk = Some(RiskLevel::None);
    let (filled, _) = table_with(&[full]);
    for field in [
        "risk", "class", "domain", "login", "url", "host", "ip", "os", "country", "device",
        "breach", "seen", "added", "age",
    ] {
        assert_eq!(
            count_selected(&table, &format!("{field}:none")),
            1,
            "{field}"
        );
        assert_eq!(
            count_selected(&filled, &format!("{field}:none")),
            0,
            "{field}"
        );
    }
    for field in ["reason", "ticket", "claimed", "form", "leaks"] {
        assert_eq!(
            count_selected(&table, &format!("{field}:none")),
            1,
            "{field}"
        );
    }
    // Every leak has one of these.
    for field in ["status", "source", "profile", "is", "key"] {
        assert_eq!(
            count_selected(&table, &format!("{field}:none")),
            0,
            "{field}"
        );
    }
    assert_eq!(count_selected(&filled, "risk:level-none"), 1);
    assert_eq!(count_selected(&filled, "risk>=level-none"), 1);
    assert_eq!(count_selected(&table, "risk>=level-none"), 0);
}
