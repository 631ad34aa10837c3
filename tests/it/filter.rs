//! The filter language: what it means, what it refuses, what it asks a provider.

use crate::table::{Made, batch, profile, table_of};
use stanch::{
    entity::{
        key::{Kind, ProviderId},
        leak::{LeakField, RiskLevel},
        local::LocalStatus,
        query::{EntityQuery, LeakQuery},
        status::Status,
    },
    filter::{Filter, parse},
    table::{GroupKind, Handle, Marks, Table},
};

fn leaks() -> Vec<Made> {
    use LeakField::*;
    vec![
        Made::new("aa11")
            .with(Login, "M.Ortega@northwind.example")
            .with(Url, "https://portal.example/Login?next=a,b")
            .with(Class, "employee")
            .with(Country, "DE")
            .with(Hostname, "DESK-7")
            .with(HardwareId, "HW1")
            .with(Breach, "Adobe")
            .status(Status::Open),
        Made::new("bb22")
            .with(Login, "ana \"the\" one")
            .with(Domain, "northwind.example")
            .with(Class, "Customer")
            .with(Os, "Windows 11")
            .with(Ip, "192.0.2.7")
            .status(Status::Fixed),
        Made {
            risk: Some(RiskLevel::None),
            ..Made::new("CC33")
                .with(Login, "ΌΔΟΣ")
                .with(Class, "")
                .status(Status::FalsePositive)
        },
        Made {
            risk: Some(RiskLevel::High),
            ..Made::new("dd44")
                .with(Url, "none")
                .with(Login, b"a\xffB")
                .status(Status::Unknown)
        },
    ]
}

fn hits(table: &Table, text: &str) -> String {
    let filter = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let fast = table.select(&filter, &[], None, &Marks::default());
    let slow: Vec<Handle> = (0..table.rows() as u32)
        .map(Handle)
        .filter(|&row| filter.matches(&table.leak(row)))
        .collect();
    assert_eq!(fast, slow, "{text}: the fast way is not the plain way");
    fast.iter()
        .map(|row| (b'0' + row.0 as u8) as char)
        .collect()
}

#[test]
fn filters_take_what_they_say() {
    let (mut table, _) = table_of(&leaks());
    let slot = table.add_profile(profile("other"), ProviderId::new("leaks-ai"));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[Made::new("aa11")]));
    // The same status as before, so that only who keeps it is new.
    let local = LocalStatus {
        status: Status::Unknown,
        remote_then: Some(Status::New),
        set_at: jiff::Timestamp::UNIX_EPOCH,
        job: None,
    };
    table.set_status(Handle(3), Status::Fixed, b"fixed");
    table.set_local(Handle(3), Some(local));
    for (text, wanted) in [
        ("", "01234"),
        ("  ", "01234"),
        ("NORTHWIND", "01"),
        ("northwind ortega", "0"),
        ("northwind and ortega", "0"),
        ("northwind AND status:fixed", "1"),
        ("\"the\\\" one\"", "1"),
        ("desk-7", "0"),
        ("windows", ""),
        ("hw1", ""),
        ("όδος", "2"),
        ("όδοσ", "2"),
        ("login:ab", ""),
        ("example/login", "0"),
        ("status:open", "034"),
        ("status:closed", "12"),
        ("status:fixed,unknown", "13"),
        ("status:FALSE_POSITIVE", "2"),
        ("STATUS:new", "4"),
        ("risk:none", "2"),
        ("risk:high,none", "23"),
        ("risk:unknown", "014"),
        ("class:customer", "1"),
        ("class:custom", ""),
        ("class:none", "234"),
        ("class:none,employee", "0234"),
        ("source:leaks-ai", "4"),
        ("source:projectdiscovery", "0123"),
        ("profile:acme", "0123"),
        ("profile:acm", ""),
        ("profile:none", ""),
        ("domain:NORTH", "1"),
        ("domain:none", "0234"),
        ("login:ortega,ana", "01"),
        ("login:none", "4"),
        ("url:none", "124"),
        ("url:\"none\"", "3"),
        ("url:\"a,b\"", "0"),
        ("url:a,zzz", "0"),
        ("host:desk", "0"),
        ("host:none", "1234"),
        ("ip:192.0.2", "1"),
        ("os:windows", "1"),
        ("os:\"windows 11\" ip:7", "1"),
        ("country:de", "0"),
        ("country:none", "1234"),
        ("device:hw1", "0"),
        ("device:desk", "0"),
        ("device:none", "1234"),
        ("breach:ADO", "0"),
        ("breach:none,x", "1234"),
        ("is:local", "3"),
        ("is:remote", "0124"),
        ("is:Disputed", "3"),
        ("is:local,remote", "01234"),
        ("is:local is:remote", ""),
        ("key:acme:leak:aa11", "0"),
        ("key:aa", "04"),
        ("key:cc33", "2"),
        ("key:none", ""),
        ("10.0.0.1:80", ""),
        ("<zz>", ""),
    ] {
        assert_eq!(hits(&table, text), wanted, "{text}");
    }
}

#[test]
fn what_is_wrong_or_not_built_is_refused_at_its_column() {
    for (text, column, said) in [
        ("!fixed", 1, "not"),
        ("a !b", 3, "not"),
        ("a or b", 3, "or"),
        ("é OR b", 3, "or"),
        ("not a", 1, "not"),
        ("(a b)", 1, "parenthesis"),
        ("a(b)", 2, "parenthesis"),
        ("a)", 2, "parenthesis"),
        ("/re/", 1, "regular"),
        ("~fuz", 1, "letters"),
        ("marked", 1, "marked"),
        ("risk>=medium", 5, "comparison"),
        ("age<7d", 4, "comparison"),
        ("foo<7d", 1, "no field"),
        ("status=open", 7, "colon"),
        ("seen:2026-01..2026-03", 1, "seen"),
        ("a added:2026", 3, "added"),
        ("leaks:3", 1, "leaks"),
        ("form:paste", 1, "form"),
        ("is:mine", 4, "no such word"),
        ("is:none", 4, "no such word"),
        ("stauts:open", 1, "no field"),
        ("https://x", 1, "no field"),
        ("status:opne", 8, "no such word"),
        ("status:open,", 13, "missing"),
        ("status:", 8, "missing"),
        ("status:none", 8, "no such word"),
        ("risk:!high", 6, "no such word"),
        ("source:pd", 8, "no such word"),
        ("\"two", 1, "never closed"),
        ("é \"two", 3, "never closed"),
        ("\"\"", 1, "nothing"),
        ("\"a\"b", 4, "touches"),
        ("a\"b\"", 2, "inside"),
        ("login:\"a\"b", 10, "touches"),
        ("and", 1, "before"),
        ("a and", 3, "behind"),
        ("a and and b", 7, "before"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.message.contains(said), "{text}: {error}");
        assert!(!error.hint.is_empty(), "{text}");
    }
}

#[test]
fn near_names_are_offered() {
    for (text, wanted) in [
        ("stauts:open", "status"),
        ("hst:x", "host"),
        ("prof:x", "profile"),
        ("status:fixd", "fixed"),
        ("status:false", "false_positive"),
        ("risk:hihg", "high"),
        ("source:leaksai", "leaks-ai"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.hint.contains(wanted), "{text}: {}", error.hint);
    }
    let error = parse("https://portal.example").unwrap_err();
    assert!(error.hint.contains("quotes"), "{}", error.hint);
}

#[test]
fn only_what_loses_nothing_is_pushed_down() {
    let asked = |text: &str| parse(text).unwrap().push_down(false);
    assert_eq!(asked("status:fixed").status, Some(Status::Fixed));
    assert_eq!(asked("class:Employee").class.as_deref(), Some("employee"));
    for text in [
        "",
        "status:open",
        "status:closed",
        "status:fixed,new",
        "status:unknown",
        "class:employee,customer",
        "class:none",
        "class:other",
        "domain:northwind.example",
        "word",
        "country:DE",
        "host:a",
    ] {
        assert_eq!(asked(text), LeakQuery::default(), "{text}");
    }
    // A provider does not know what is fixed for us alone.
    let kept = |text: &str| parse(text).unwrap().push_down(true);
    assert_eq!(kept("status:fixed"), LeakQuery::default());
    let query = kept("status:fixed class:employee");
    assert_eq!(query.class.as_deref(), Some("employee"));
    assert_eq!(query.status, None);
}

#[test]
fn of_what_is_listed_only_a_login_in_any_letter_case_is_pushed_down() {
    let asked = |text: &str, kind| parse(text).unwrap().push_down_of(kind);
    let part = |text: &str| {
        let query = asked(text, Kind::User);
        let alone = EntityQuery {
            login_part: query.login_part.clone(),
            ..EntityQuery::default()
        };
        assert_eq!(query, alone, "{text}");
        query.login_part
    };
    for (text, wanted) in [
        ("login:j.1987@northwind", ".1987@"),
        ("login:@", "@"),
        ("login:M.Ortega_2024-7@x", "_2024-7@"),
        ("risk:high login:ortega@", "@"),
        ("login:\"a b.c\"", "."),
    ] {
        assert_eq!(part(text).as_deref(), Some(wanted), "{text}");
    }
    for text in [
        "",
        // Whether letter case counts there is not said.
        "login:ortega",
        // Part of an id, by which a user without a login is listed.
        "login:1987",
        "login:4b7d-9d0e",
        // One of several, or none.
        "login:a@b,c@d",
        "login:none",
        "login:none,a@b",
        // Of leaks, not of users.
        "risk:high",
        "status:new",
        "domain:northwind.example",
        "source:leaks-ai",
        // Also looked for elsewhere.
        "ortega@northwind.example",
        "key:a@b",
    ] {
        assert_eq!(part(text), None, "{text}");
    }
    for kind in [Kind::Connection, Kind::Domain] {
        for text in ["login:a@b", "risk:high", "host:desk-7", "status:new"] {
            assert_eq!(asked(text, kind), EntityQuery::default(), "{text}");
        }
    }
}

#[test]
fn a_longer_filter_narrows_a_shorter_one() {
    for (narrow, wide, wanted) in [
        ("ortega", "ort", true),
        ("ort", "ortega", false),
        ("ort x", "ort", true),
        ("ort", "", true),
        ("", "ort", false),
        ("ORTEGA", "ort", true),
        ("login:ortega", "ort", true),
        ("class:ortega", "ort", false),
        ("ort", "login:ort", false),
        ("status:fixed", "status:closed", true),
        ("status:closed", "status:fixed", false),
        ("login:abc", "login:ab,x", true),
        ("login:abc,y", "login:ab,x", false),
        ("login:none", "login:none,x", true),
        ("login:none", "login:x", false),
        ("class:employees", "class:employee", false),
        ("risk:high", "risk:high,low", true),
        ("key:ab", "key:a", false),
        ("is:local", "is:local,disputed", true),
        ("is:local,disputed", "is:local", false),
        ("breach:adobe", "breach:ado", true),
        ("breach:adobe", "ado", false),
    ] {
        let (narrow_filter, wide_filter) = (parse(narrow).unwrap(), parse(wide).unwrap());
        assert_eq!(
            narrow_filter.narrows(&wide_filter),
            wanted,
            "{narrow} / {wide}"
        );
    }
}

#[test]
fn a_profile_that_cannot_match_is_known_before_it_is_asked() {
    let checks = |text: &str| {
        parse(text)
            .unwrap()
            .checks_profile("acme", "projectdiscovery")
    };
    assert!(checks("") && checks("x status:open") && checks("profile:other,acme"));
    assert!(
        !checks("profile:other") && !checks("source:leaks-ai") && checks("source:ProjectDiscovery")
    );
}

#[test]
fn a_filter_on_users_tests_their_names_and_their_leaks() {
    let (table, _) = table_of(&leaks());
    let filter = parse("ortega status:open host:desk").unwrap();
    let (own, of_leaks) = filter.split(Kind::User);
    assert_eq!((own.terms().len(), of_leaks.terms().len()), (1, 2));
    let users = table.aggregate(GroupKind::User, (0..4).map(Handle));
    let matching: Vec<_> = users
        .iter()
        .filter(|row| own.matches(&table.user_of(row)))
        .collect();
    assert_eq!(matching.len(), 1);
    let (own, of_leaks) = filter.split(Kind::Connection);
    assert_eq!((own.terms().len(), of_leaks.terms().len()), (2, 1));
    let machine = table.connection(
        GroupKind::Endpoint,
        table.group(Handle(0), GroupKind::Endpoint).unwrap(),
    );
    assert!(
        parse("desk host:DESK-7 device:hw1")
            .unwrap()
            .matches(&machine)
    );
    assert!(!own.matches(&machine));
    let (own, rest) = filter.split(Kind::Leak);
    assert!(own == filter && rest.is_empty());
    let (own, _) = parse("domain:north login:x").unwrap().split(Kind::Domain);
    assert_eq!(own.terms().len(), 1);
}

#[test]
fn a_filter_keeps_its_text_and_tells_a_log_nothing() {
    let filter = parse(" ortega  host:a ").unwrap();
    assert_eq!(filter.text(), "ortega  host:a");
    assert_eq!(filter, parse("ortega host:a").unwrap());
    assert!(!format!("{filter:?} {:?}", filter.terms()).contains("ortega"));
    assert_eq!(Filter::default().and(&filter).text(), filter.text());
    assert_eq!(filter.and(&parse("x").unwrap()).terms().len(), 3);
}
