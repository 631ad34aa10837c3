//! The filter language: what it means, what it refuses, what it asks a provider.

use crate::support::parse;
use crate::table::{LeakBuilder, batch, profile, table_with};
use stanch::{
    entity::{
        key::{Kind, ProviderId},
        leak::{LeakField, RiskLevel},
        local_status::LocalStatus,
        query::{EntityQuery, LeakQuery},
        status::Status,
    },
    filter::Filter,
    table::{GroupKind, Marks, RowId, Table},
};

fn leaks() -> Vec<LeakBuilder> {
    use LeakField::*;
    vec![
        LeakBuilder::new("aa11")
            .with_field(Login, "M.Ortega@northwind.example")
            .with_field(Url, "https://portal.example/Login?next=a,b")
            .with_field(Class, "employee")
            .with_field(Country, "DE")
            .with_field(Hostname, "DESK-7")
            .with_field(HardwareId, "HW1")
            .with_field(Breach, "Adobe")
            .with_field(FirstSeen, "2026-02-28")
            .with_field(AddedAt, "2026-02-28T10:00:00Z")
            .with_status(Status::Open),
        LeakBuilder::new("bb22")
            .with_field(Login, "ana \"the\" one")
            .with_field(Domain, "northwind.example")
            .with_field(Class, "Customer")
            .with_field(Os, "Windows 11")
            .with_field(Ip, "192.0.2.7")
            .with_field(FirstSeen, "2026-01-31T23:59:59Z")
            .with_status(Status::Fixed),
        LeakBuilder {
            risk: Some(RiskLevel::None),
            ..LeakBuilder::new("CC33")
                .with_field(Login, "ΌΔΟΣ")
                .with_field(FirstSeen, "soon")
                .with_field(AddedAt, "")
                .with_field(Class, "")
                .with_status(Status::FalsePositive)
        },
        LeakBuilder {
            risk: Some(RiskLevel::High),
            ..LeakBuilder::new("dd44")
                .with_field(Url, "none")
                .with_field(Login, b"a\xffB")
                .with_status(Status::Unknown)
        },
    ]
}

fn hits(table: &Table, text: &str) -> String {
    let filter = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let filter = filter.with_now("2026-03-01T00:00:00Z".parse().unwrap());
    let marks: Marks = [RowId(1), RowId(3)].into_iter().collect();
    let fast = table.select(&filter, &[], None, &marks);
    let slow: Vec<RowId> = (0..table.row_id_count() as u32)
        .map(RowId)
        .filter(|&row| filter.matches_with_mark(&table.leak(row), marks.contains(row)))
        .collect();
    assert_eq!(fast, slow, "{text}: the fast way is not the plain way");
    fast.iter()
        .map(|row| (b'0' + row.0 as u8) as char)
        .collect()
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a table of filters and what they take"
)]
fn filters_take_what_they_say() {
    let (mut table, _) = table_with(&leaks());
    let slot = table.add_profile(profile("other"), ProviderId::new("leaks-ai"));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[LeakBuilder::new("aa11")]));
    // The same status as before, so that only who keeps it is new.
    let local = LocalStatus {
        status: Status::Unknown,
        remote_when_set: Some(Status::New),
        set_at: jiff::Timestamp::UNIX_EPOCH,
        job: Some(stanch::entity::key::JobId(1)),
        by: None,
    };
    table.set_status(RowId(3), Status::Fixed, b"fixed");
    table.set_local_status(RowId(3), Some(local));
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
        ("risk:none", "014"),
        ("risk:level-none", "2"),
        ("risk:high,level-none", "23"),
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
        // Or, not and parentheses: not binds closest, then and, then or.
        ("ortega or ana", "01"),
        ("ortega OR status:unknown ana", "0"),
        ("(ortega or status:fixed) ana", "1"),
        ("(ortega or class:customer) and (northwind or x)", "01"),
        ("!ortega", "1234"),
        ("not ortega", "1234"),
        ("! ortega status:open", "34"),
        ("not ortega or ortega", "01234"),
        ("not (ortega or ana)", "234"),
        ("not not ortega", "0"),
        ("!!ortega", "0"),
        ("!(!ortega !ana)", "01"),
        ("ortega(desk)", "0"),
        ("((ortega))", "0"),
        ("\"and\" or \"or\"", "01"),
        ("!status:open", "12"),
        ("not risk:unknown", "23"),
        // Patterns look at text as it came, in any case unless they say so.
        ("/^m\\.ortega@/", "0"),
        ("/(?-i)^m\\.ortega@/", ""),
        ("/(?-i)^M\\.Ortega@/", "0"),
        ("/login\\?next/", "0"),
        ("/\\/login/", "0"),
        ("/^desk-\\d$/", "0"),
        ("/ortega|the/", "01"),
        ("/^none$/ or /windows/", "3"),
        ("/(?-u)a\\xffb/", "3"),
        ("/^$/", ""),
        ("!/./", "4"),
        // Letters in their order, in one member.
        ("~mtga", "0"),
        ("~ATOG", ""),
        ("~\"n t\"", "1"),
        ("~όσ", "2"),
        ("~desk7 or ~nne", "013"),
        // Comparisons.
        ("risk>=medium", "3"),
        ("risk>level-none", "3"),
        ("risk<high", "2"),
        ("risk<=level-none", "2"),
        ("risk>high", ""),
        ("seen:2026-02", "0"),
        ("seen:2026-01,2026-03", "1"),
        ("seen:2026-01-31..2026-02-28", "01"),
        ("seen:2026-02..", "0"),
        ("seen:..2026-01-31", "1"),
        ("seen:..2026-01-30", ""),
        ("seen>=2026-02", "0"),
        ("seen>2026-01", "0"),
        ("seen>2026-02-28", ""),
        ("seen<2026-02", "1"),
        ("seen<=2026-02-27", "1"),
        ("seen:none", "234"),
        ("seen:none,2026-02", "0234"),
        ("!seen:none", "01"),
        ("added:2026-02-28", "0"),
        ("added:none", "1234"),
        ("age<2d", "0"),
        ("age<24h", ""),
        ("age<=24h", "0"),
        ("age>=4w", "1"),
        ("age>4w or age<1w", "01"),
        ("!age>4w", "0234"),
        ("marked", "13"),
        ("!marked status:open", "04"),
        // A leak has no form and no leaks of its own.
        ("form:resource", ""),
        ("form:none", "01234"),
        ("leaks>=0", ""),
    ] {
        assert_eq!(hits(&table, text), wanted, "{text}");
    }
}

#[test]
fn what_is_wrong_is_refused_at_its_column() {
    for (text, column, said) in [
        ("!", 1, "behind"),
        ("a !", 3, "behind"),
        ("not", 1, "behind"),
        ("a or", 3, "behind"),
        ("or a", 1, "before"),
        ("é OR or b", 6, "before"),
        ("a or and b", 6, "before"),
        ("(a b", 1, "never closed"),
        ("a (b or (c)", 3, "never closed"),
        ("(", 1, "never closed"),
        ("a)", 2, "no parenthesis"),
        (")", 1, "no parenthesis"),
        ("()", 2, "nothing between"),
        ("a or ()", 7, "nothing between"),
        ("(a or)", 4, "behind"),
        ("/re", 1, "never closed"),
        ("//", 1, "nothing between"),
        ("a /b(c/", 5, "unclosed group"),
        ("/a/b", 4, "touches"),
        ("~", 2, "missing"),
        ("~ a", 2, "missing"),
        ("risk>=mdium", 7, "no such word"),
        ("risk>=unknown", 7, "no risk"),
        ("risk>=", 7, "missing"),
        ("age<7", 5, "no age"),
        ("age<d", 5, "no age"),
        ("age:7d", 5, "compared"),
        ("foo<7d", 1, "no field"),
        ("login>5", 6, "neither"),
        ("status=open", 7, "colon"),
        ("status!=open", 7, "!="),
        ("seen:2026", 6, "no day"),
        ("seen:2026-13", 6, "no day"),
        ("seen:2026-02-30", 6, "no day"),
        ("seen:2026-01..2026-0", 15, "no day"),
        ("seen:2026-03..2026-01", 15, "before"),
        ("seen:..", 6, "both ends"),
        ("a added>2026", 9, "no day"),
        ("leaks:many", 7, "no number"),
        ("leaks>=-1", 8, "no number"),
        ("form:file", 6, "no such word"),
        ("is:mine", 4, "no such word"),
        ("stauts:open", 1, "no field"),
        ("https://x", 1, "no field"),
        ("status:opne", 8, "no such word"),
        ("status:open,", 13, "missing"),
        ("status:", 8, "missing"),
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
    let deep = format!("{}a{}", "(".repeat(70), ")".repeat(70));
    assert!(parse(&deep).unwrap_err().message.contains("deep"));
    assert!(parse(&format!("{}a", "!".repeat(5000))).is_err());
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
    assert!(parse("age>high").unwrap_err().hint.contains("age<7d"));
    let error = parse("https://portal.example").unwrap_err();
    assert!(error.hint.contains("quotes"), "{}", error.hint);
}

#[test]
fn only_what_loses_nothing_is_pushed_down() {
    let asked = |text: &str| parse(text).unwrap().push_down(false);
    let fixed = asked("status:fixed");
    assert_eq!(fixed.status, Some(Status::Fixed));
    assert_eq!(fixed.statuses, [Status::Fixed]);
    let closed = asked("status:closed");
    assert_eq!(closed.status, None);
    assert_eq!(closed.statuses, [Status::Fixed, Status::FalsePositive]);
    assert_eq!(
        asked("status:fixed,new").statuses,
        [Status::New, Status::Fixed]
    );
    assert_eq!(asked("class:Employee").class.as_deref(), Some("employee"));
    assert_eq!(
        asked("risk>=medium").risks,
        [RiskLevel::Medium, RiskLevel::High]
    );
    assert_eq!(asked("login:Ana@x").login_part.as_deref(), Some("@"));
    // Parentheses around what must hold change nothing.
    let both = asked("(risk:high (class:employee))");
    assert_eq!(both.risks, [RiskLevel::High]);
    assert_eq!(both.class.as_deref(), Some("employee"));
    for text in [
        "",
        "status:open",
        "status:unknown",
        "status:unknown,fixed",
        "class:employee,customer",
        "class:none",
        "class:other",
        "risk:unknown,high",
        "domain:northwind.example",
        "word",
        "country:DE",
        "host:a",
        "login:ana",
        "!status:open",
        "not class:employee",
        "risk:high or class:employee",
        "not (risk:high class:employee)",
        "seen:2026-01",
        "added>=2026-01",
        "age<7d",
        "/fixed/",
        "~fixed",
        "marked",
        "leaks>3",
    ] {
        assert_eq!(asked(text), LeakQuery::default(), "{text}");
    }
    // A provider does not know what is fixed for us alone.
    let kept = |text: &str| parse(text).unwrap().push_down(true);
    assert_eq!(kept("status:fixed"), LeakQuery::default());
    let query = kept("status:fixed class:employee");
    assert_eq!(query.class.as_deref(), Some("employee"));
    assert_eq!((query.status, query.statuses), (None, Vec::new()));
}

#[test]
fn a_count_is_the_providers_only_where_it_was_told_everything() {
    let told = |text: &str| {
        let filter = parse(text).unwrap();
        filter.is_fully_pushed_down(&filter.push_down(false), "acme", "projectdiscovery")
    };
    for text in [
        "",
        "status:fixed",
        "class:employee status:fixed",
        "profile:acme",
        "!profile:other class:employee",
        "source:projectdiscovery or x",
    ] {
        assert!(told(text), "{text}");
    }
    for text in [
        "status:closed",
        "class:employee class:customer",
        "risk:high",
        "login:a@b",
        "!class:employee",
        "status:fixed or class:employee",
        "profile:other",
        "x",
    ] {
        assert!(!told(text), "{text}");
    }
}

#[test]
fn of_what_is_listed_only_a_login_in_any_letter_case_is_pushed_down() {
    let asked = |text: &str, kind| parse(text).unwrap().push_down_entities(kind);
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
        "!login:a@b",
        "login:a@b or login:c@d",
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
        ("a or ab", "a", true),
        ("a or b", "a", false),
        ("a", "a or b", true),
        ("ab or ba", "a or b", true),
        ("x ab", "(a x) or b", true),
        ("(ab x) or (a y)", "a", true),
        ("!a", "!ab", true),
        ("!ab", "!a", false),
        ("!(a or b)", "!a", true),
        ("~civuli", "~cvl", true),
        ("~cvl", "~civuli", false),
        ("/ab/", "/ab/", true),
        ("/abc/", "/ab/", false),
        ("risk>=high", "risk>=medium", true),
        ("seen:2026-01-05", "seen:2026-01", true),
        ("seen:2026-01", "seen:2026-01-05", false),
        ("seen>=2026-02", "seen>2026-01", true),
        ("seen:none", "seen:none,2026-01", true),
        ("seen:2026-01", "added:2026-01", false),
        ("leaks>10", "leaks>=10", true),
        ("leaks>=10", "leaks>10", false),
        ("age<3d", "age<1w", true),
        ("age<=7d", "age<1w", false),
        // What is old grows in number, and what is marked changes.
        ("age>7d", "age>7d", false),
        ("!age<7d", "!age<7d", false),
        ("marked", "marked", false),
    ] {
        let (narrow_filter, wide_filter) = (parse(narrow).unwrap(), parse(wide).unwrap());
        assert_eq!(
            narrow_filter.refines(&wide_filter),
            wanted,
            "{narrow} / {wide}"
        );
    }
}

#[test]
fn a_profile_that_cannot_match_is_known_before_it_is_asked() {
    let checks = |text: &str| {
        let filter = parse(text).unwrap();
        filter.can_match_profile("acme", Some("projectdiscovery"))
    };
    for text in [
        "",
        "x status:open",
        "profile:other,acme",
        "source:ProjectDiscovery",
        "!profile:other",
        "profile:other or x",
        "!(profile:acme x)",
    ] {
        assert!(checks(text), "{text}");
    }
    for text in [
        "profile:other",
        "source:leaks-ai",
        "!profile:acme",
        "profile:other or source:leaks-ai",
        "x (profile:other or !source:projectdiscovery)",
    ] {
        assert!(!checks(text), "{text}");
    }
    // What it is an account at may not be known.
    let of_name = |text: &str| parse(text).unwrap().can_match_profile("acme", None);
    assert!(of_name("source:leaks-ai") && of_name("!source:leaks-ai") && !of_name("profile:x"));
}

#[test]
fn a_filter_on_users_tests_their_names_and_their_leaks() {
    let (table, _) = table_with(&leaks());
    let filter = parse("ortega status:open host:desk").unwrap();
    let (own, of_leaks) = filter.split_by_target(Kind::User);
    assert_eq!(
        (own.conditions().len(), of_leaks.conditions().len()),
        (1, 2)
    );
    let users = table.aggregate(GroupKind::User, (0..4).map(RowId));
    let matching: Vec<_> = users
        .iter()
        .filter(|row| own.matches(&table.user_for_row(row)))
        .collect();
    assert_eq!(matching.len(), 1);
    let (own, of_leaks) = filter.split_by_target(Kind::Connection);
    assert_eq!(
        (own.conditions().len(), of_leaks.conditions().len()),
        (2, 1)
    );
    let machine = table.connection(
        GroupKind::Endpoint,
        table.group(RowId(0), GroupKind::Endpoint).unwrap(),
    );
    assert!(
        parse("desk host:DESK-7 device:hw1")
            .unwrap()
            .matches(&machine)
    );
    assert!(!own.matches(&machine));
    // A part that joins both kinds is of leaks.
    let mixed = parse("(ana or status:open) leaks>1 !x").unwrap();
    let (own, of_leaks) = mixed.split_by_target(Kind::User);
    assert_eq!(
        (own.conditions().len(), of_leaks.conditions().len()),
        (2, 1)
    );
    let (own, rest) = filter.split_by_target(Kind::Leak);
    assert!(own == filter && rest.is_empty());
    let (own, _) = parse("domain:north login:x")
        .unwrap()
        .split_by_target(Kind::Domain);
    assert_eq!(own.conditions().len(), 1);
}

#[test]
fn a_filter_keeps_its_text_and_tells_a_log_nothing() {
    let filter = parse(" ortega  host:a ").unwrap();
    assert_eq!(filter.text(), "ortega  host:a");
    assert_eq!(filter, parse("ortega host:a").unwrap());
    assert!(!format!("{filter:?} {:?}", filter.conditions()).contains("ortega"));
    assert_eq!(Filter::default().and(&filter).text(), filter.text());
    assert_eq!(filter.and(&parse("x").unwrap()).conditions().len(), 3);
    let either = parse("a or b").unwrap();
    let both = either.and(&parse("c").unwrap());
    assert_eq!(both.text(), "(a or b) c");
    assert!(parse(both.text()).unwrap() == both);
}

#[test]
fn the_fast_way_is_the_same_for_few_rows_and_in_steps() {
    // So many that one of them is few.
    let more =
        (0..20).map(|at| LeakBuilder::new(&format!("f{at}")).with_field(LeakField::Login, "toe"));
    let (table, _) = table_with(&leaks().into_iter().chain(more).collect::<Vec<_>>());
    let marks: Marks = [RowId(1)].into_iter().collect();
    let order: Vec<RowId> = (0..24).rev().map(RowId).collect();
    for text in [
        "",
        "a",
        "~a or marked",
        "/o/ !marked",
        "!~o",
        "/e/ status:open",
        "(ortega or /the/) a",
    ] {
        let filter = parse(text).unwrap();
        let whole = table.select(&filter, &[], Some(&order), &marks);
        let mut selection = table.begin_selection(&filter, &[], order.clone().into());
        let mut steps = 0;
        while !selection.step(&table, &marks, 1) {
            steps += 1;
            assert!(steps < 100, "{text}: no end");
        }
        assert!(selection.is_current_for(&table));
        assert_eq!(selection.hits(), whole, "{text}");
        let one_by_one: Vec<RowId> = order
            .iter()
            .flat_map(|row| table.select(&filter, &[], Some(&[*row]), &marks))
            .collect();
        assert_eq!(one_by_one, whole, "{text}");
    }
}

#[test]
fn how_many_leaks_a_group_has_and_what_form_can_be_asked() {
    let (table, _) = table_with(&leaks());
    let users = table.aggregate(GroupKind::User, (0..4).map(RowId));
    let own = |text: &str, kind, row| table.group_matches(kind, row, &parse(text).unwrap());
    assert!(own("leaks:1 !leaks>1", GroupKind::User, &users[0]));
    assert!(own("form:none", GroupKind::User, &users[0]));
    let resources = table.aggregate(GroupKind::Resource, (0..4).map(RowId));
    assert!(own(
        "form:resource,paste",
        GroupKind::Resource,
        &resources[0]
    ));
    assert!(!own("form:endpoint", GroupKind::Resource, &resources[0]));
    let connection = table.connection_for_row(GroupKind::Resource, &resources[0]);
    assert!(
        parse("form:resource leaks>=1")
            .unwrap()
            .matches(&connection)
    );
}
