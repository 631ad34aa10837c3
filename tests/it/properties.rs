//! What must hold for anything: random text, random pages, random orders.

use crate::support::parse;
use crate::table::{LeakBuilder, batch, profile};
use proptest::{collection::vec, prelude::*, sample::select};
use ratatui::style::Style;
use stanch::{
    entity::{
        key::{EntityKey, ProviderId, RemoteId},
        leak::{LeakField, RiskLevel},
        local_status::LocalStatus,
        query::LeakQuery,
        status::Status,
        visible::{escape, escape_prefix},
    },
    filter::Filter,
    table::{Marks, ProfileSlot, RowId, SortField, SortKey, Table},
    ui::text::fit,
};
use std::collections::HashMap;
use strum::IntoEnumIterator;

/// Bytes that are often UTF-8, often hostile, and now and then neither.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        select(
            &[
                '\u{301}',
                '\u{202e}',
                '\x1b',
                ' ',
                '漢',
                '\u{1f1e9}',
                '\u{1f3ff}',
                '\u{1161}',
                '\\',
                'x',
                '9'
            ][..]
        )
        .prop_map(|c| c.to_string().into_bytes()),
        vec(any::<u8>(), 1..3),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// So many, unless the environment says how many.
fn cases(few: u32) -> u32 {
    let told = std::env::var("PROPTEST_CASES").ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(few)
}

pub(crate) fn is_forbidden(c: char) -> bool {
    use unicode_properties::{GeneralCategory as G, UnicodeGeneralCategory};
    c != ' '
        && matches!(
            c.general_category(),
            G::Control
                | G::Format
                | G::Surrogate
                | G::PrivateUse
                | G::Unassigned
                | G::LineSeparator
                | G::ParagraphSeparator
                | G::SpaceSeparator
        )
        || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffc}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}')
}

/// Reads the bytes back out of what is shown: possible only when no two values look the same.
pub(crate) fn read_back(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (is_escape, part) in escape(bytes).parts() {
        if !is_escape {
            out.extend_from_slice(part.as_bytes());
            continue;
        }
        for one in part.split('\\').skip(1) {
            let hex = |digits: &str| u32::from_str_radix(digits, 16).unwrap();
            let number = match one {
                "0" => 0,
                "a" => 7,
                "b" => 8,
                "t" => 9,
                "n" => 10,
                "v" => 11,
                "f" => 12,
                "r" => 13,
                "e" => 27,
                _ if one.starts_with('x') && hex(&one[1..]) >= 0x80 => {
                    out.push(hex(&one[1..]) as u8);
                    continue;
                }
                _ if one.starts_with('x') => hex(&one[1..]),
                _ => hex(one.strip_prefix("u{").unwrap().strip_suffix('}').unwrap()),
            };
            let c = char::from_u32(number).unwrap();
            out.extend_from_slice(c.to_string().as_bytes());
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shown_text_hides_nothing_and_can_be_read_back(bytes in bytes(), columns in 0_usize..24) {
        let visible = escape(&bytes);
        prop_assert!(!visible.as_str().chars().any(is_forbidden), "{:?}", visible.as_str());
        prop_assert_eq!(read_back(&bytes), bytes.clone());
        let prefix = escape_prefix(&bytes, columns);
        prop_assert!(visible.as_str().starts_with(&prefix.text));
        let line = fit(&bytes, columns, Style::default(), Style::default());
        prop_assert!(line.width() <= columns);
        let drawn: usize = line.spans.iter().map(ratatui::text::Span::width).sum();
        prop_assert!(drawn <= columns);
    }

    #[test]
    fn reading_a_filter_never_panics(
        text in "[ -~]{0,24}|\\PC{0,12}|([a-z]{1,6}[:!(\"~/ ,<>=]){0,6}|((seen|age|risk|leaks)[:<>=]{1,2}[0-9a-z.-]{0,12} ?[!()/~]{0,2}){0,3}",
    ) {
        if let Err(error) = parse(&text) {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
        }
    }
}

/// Leaks over few values, so that they share much and repeat.
fn leak() -> impl Strategy<Value = LeakBuilder> {
    // Two that are no UTF-8, and letters that are others in another case.
    let values: [&[u8]; 14] = [
        b"",
        b"a",
        b"B",
        b"ab",
        "É".as_bytes(),
        "é b".as_bytes(),
        b"none",
        b"x/ab",
        b"a\xffB",
        b"\xc3x\xa9",
        "a\u{17f}b \u{212a}".as_bytes(),
        "aſ\u{1b}[2J".as_bytes(),
        b"employee",
        b"A@b.x",
    ];
    let dates = [
        "2026-01-02",
        "2026-01-02T03:04:05Z",
        "2026-02-28T23:59:59Z",
        "2025-12-31",
        "soon",
        "",
    ];
    let value = move || proptest::option::of(select(values.to_vec()).prop_map(<[u8]>::to_vec));
    let texts = [
        LeakField::Login,
        LeakField::Url,
        LeakField::Domain,
        LeakField::Class,
        LeakField::Country,
        LeakField::Hostname,
        LeakField::Ip,
        LeakField::Os,
        LeakField::HardwareId,
        LeakField::Breach,
    ];
    let risks = [
        None,
        Some(RiskLevel::None),
        Some(RiskLevel::Low),
        Some(RiskLevel::High),
    ];
    (
        0_u8..40,
        any::<bool>(),
        vec(value(), texts.len()),
        vec(proptest::option::of(select(dates.to_vec())), 2),
        0_u8..6,
        select(risks.to_vec()),
    )
        .prop_map(move |(id, odd, values, dates, status, risk)| {
            let id = if odd {
                format!("{id}")
            } else {
                format!("{id:032x}")
            };
            let mut leak = LeakBuilder {
                with_status: status,
                risk,
                ..LeakBuilder::new(&id)
            };
            for (field, value) in texts.into_iter().zip(values) {
                leak.fields[field as usize] = value;
            }
            for (field, date) in [LeakField::FirstSeen, LeakField::AddedAt]
                .into_iter()
                .zip(dates)
            {
                leak.fields[field as usize] = date.map(|date| date.as_bytes().to_vec());
            }
            leak
        })
}

fn keys() -> impl Strategy<Value = Vec<SortKey>> {
    let fields: Vec<SortField> = SortField::iter().collect();
    let key = (select(fields), any::<bool>())
        .prop_map(|(field, descending)| SortKey { field, descending });
    vec(key, 0..4)
}

fn filter_text() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        select(&["a", "ab", "é", "\"é b\"", "x", "none", "\"x/\""][..]),
        select(
            &[
                "status:open",
                "status:closed",
                "status:fixed,new",
                "risk:none",
                "risk:unknown,high",
                "class:a",
                "class:employee",
                "login:a@B",
                "class:none",
                "class:none,ab",
                "domain:a",
                "domain:none",
                "login:b,x",
                "url:none",
                "url:\"none\"",
                "host:a",
                "host:none",
                "ip:a",
                "ip:none",
                "os:é",
                "country:b",
                "country:none,b",
                "device:a",
                "device:none",
                "key:1",
                "profile:one",
                "source:leaks-ai",
                "key:one:leak:7",
                "breach:a",
                "breach:none",
                "is:local",
                "is:remote,disputed",
                "risk>=low",
                "risk<high",
                "seen:2026-01",
                "seen:2025-12-31..2026-01-02",
                "seen:none",
                "seen:2026-02..,none",
                "seen>2026-01-02",
                "added<=2026-01",
                "added:none",
                "age<8w",
                "age>=58d",
                "age>1h",
                "marked",
                "form:none",
                "form:resource",
                "leaks>0",
            ][..]
        ),
        select(
            &[
                "/a/",
                "/ab|B/",
                "/(?-i)B/",
                "/^a.?s/",
                "/as/",
                "/b k/",
                "/x\\/ab$/",
                "/(?-u)\\xff/",
                "/[^a-z]{2}/",
                "~ab",
                "~é",
                "~xb",
                "~\"é b\"",
                "~x/",
            ][..]
        ),
    ];
    let term = term.prop_map(str::to_owned);
    let nested = term.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!{one}")),
            inner.clone().prop_map(|one| format!("not ({one})")),
            vec(inner.clone(), 2..4).prop_map(|some| format!("({})", some.join(" or "))),
            vec(inner.clone(), 2..4).prop_map(|some| format!("({})", some.join(" and "))),
            vec(inner, 2..4).prop_map(|some| some.join(" or ")),
        ]
    });
    vec(nested, 0..3).prop_map(|parts| parts.join(" "))
}

/// Two profiles, filled with each leak under a random one, in the order given.
fn table_with(leaks: &[(bool, LeakBuilder)]) -> Table {
    let mut table = Table::new();
    let one = table.add_profile(profile("one"), ProviderId::new("projectdiscovery"));
    let two = table.add_profile(profile("two"), ProviderId::new("leaks-ai"));
    let passes = [table.begin_pass(one), table.begin_pass(two)];
    for (second, leak) in leaks {
        let slot = if *second { two } else { one };
        table.ingest(
            slot,
            passes[usize::from(*second)],
            &batch(std::slice::from_ref(leak)),
        );
    }
    table
}

/// Statuses that we keep for some ids of the second profile.
fn locals() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop_oneof![Just(Vec::new()), vec((0_u8..40, any::<bool>()), 0..6)]
}

fn set_local_statuses(table: &mut Table, locals: &[(u8, bool)]) {
    let statuses = locals.iter().map(|(id, fixed)| {
        let status = LocalStatus {
            status: if *fixed { Status::Fixed } else { Status::New },
            remote_when_set: Some(Status::Open),
            set_at: now(),
            job: None,
            by: None,
        };
        (RemoteId::from(format!("{id:032x}").as_bytes()), status)
    });
    table.set_local_statuses(ProfileSlot(1), statuses.collect::<Vec<_>>());
}

fn now() -> jiff::Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

/// What the contract of the first provider says of the members of a query that it knows: the status word, and one type.
/// It knows no others and ignores them.
fn projectdiscovery_matches(query: &LeakQuery, leak: &LeakBuilder) -> bool {
    let fixed = Status::from_u8(leak.with_status) == Status::Fixed;
    let class = leak.fields[LeakField::Class as usize].as_deref();
    query
        .status
        .is_none_or(|status| (status == Status::Fixed) == fixed)
        && query
            .class
            .as_ref()
            .is_none_or(|wanted| class == Some(wanted.as_bytes()))
}

/// The same of the second: sets of statuses and risks by their words, and a part of the login, of which it does not say
/// whether letter case counts.
fn leaks_ai_matches(query: &LeakQuery, leak: &LeakBuilder, exact_case: bool) -> bool {
    let login = leak.fields[LeakField::Login as usize]
        .as_deref()
        .unwrap_or_default();
    let holds = |part: &str| {
        let (login, part) = if exact_case {
            (login.to_vec(), part.as_bytes().to_vec())
        } else {
            (
                login.to_ascii_uppercase(),
                part.as_bytes().to_ascii_uppercase(),
            )
        };
        login.windows(part.len()).any(|window| window == part)
    };
    let status = Status::from_u8(leak.with_status);
    (query.statuses.is_empty() || query.statuses.contains(&status))
        && (query.risks.is_empty() || leak.risk.is_some_and(|risk| query.risks.contains(&risk)))
        && query.login_part.as_deref().is_none_or(holds)
}

fn view(table: &Table, filter: &str, keys: &[SortKey]) -> Vec<EntityKey> {
    let filter = parse(filter).unwrap();
    let mut rows = table.select(&filter, &[], None, &Marks::default());
    table.sort(&mut rows, keys);
    rows.into_iter().map(|row| table.key(row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_gives_the_same_view(
        leaks in vec((any::<bool>(), leak()), 0..30),
        turn in any::<prop::sample::Index>(),
        keys in keys(),
        filter in filter_text(),
    ) {
        // Of a repeated id the last wins, so each id comes once here.
        let mut once = HashMap::new();
        for (second, leak) in leaks {
            once.insert((second, leak.fields[0].clone()), leak);
        }
        let mut leaks: Vec<(bool, LeakBuilder)> = once.into_iter().map(|((second, _), leak)| (second, leak)).collect();
        let wanted = view(&table_with(&leaks), &filter, &keys);
        if !leaks.is_empty() {
            let by = turn.index(leaks.len());
            leaks.rotate_left(by);
            leaks.reverse();
        }
        prop_assert_eq!(view(&table_with(&leaks), &filter, &keys), wanted);
    }

    #[test]
    fn the_fast_way_takes_what_the_plain_way_takes(
        leaks in vec((any::<bool>(), leak()), 0..40),
        locals in locals(),
        marked in vec(0_u32..40, 0..10),
        filter in filter_text(),
        budget in 1_usize..60,
    ) {
        let mut table = table_with(&leaks);
        set_local_statuses(&mut table, &locals);
        let filter = parse(&filter).unwrap().with_now(now());
        let marks: Marks = marked.iter().map(|at| RowId(*at)).collect();
        let fast = table.select(&filter, &[], None, &marks);
        let slow: Vec<_> = table
            .select(&parse("").unwrap(), &[], None, &Marks::default())
            .into_iter()
            .filter(|&row| filter.matches_with_mark(&table.leak(row), marks.contains(row)))
            .collect();
        prop_assert_eq!(&fast, &slow);
        // Few rows, and rows in steps, in another order.
        let order: Vec<RowId> = (0..table.row_id_count() as u32).rev().map(RowId).collect();
        let wanted: Vec<RowId> = slow.into_iter().rev().collect();
        for few in order.chunks(table.row_id_count() / 9 + 1) {
            let hits = table.select(&filter, &[], Some(few), &marks);
            let of_few: Vec<RowId> =
                wanted.iter().copied().filter(|row| few.contains(row)).collect();
            prop_assert_eq!(hits, of_few);
        }
        let mut selection = table.begin_selection(&filter, &[], order.into());
        while !selection.step(&table, &marks, budget) {}
        prop_assert_eq!(selection.into_hits(), wanted);
    }

    #[test]
    fn a_filter_joined_to_another_says_what_its_text_says(
        leaks in vec((any::<bool>(), leak()), 0..20),
        one in filter_text(),
        two in filter_text(),
    ) {
        let table = table_with(&leaks);
        let (one, two) = (parse(&one).unwrap().with_now(now()), parse(&two).unwrap().with_now(now()));
        let both = one.and(&two);
        let again = parse(both.text()).unwrap().with_now(now());
        let each = |filter: &Filter| table.select(filter, &[], None, &Marks::default());
        let hits = each(&both);
        prop_assert_eq!(&hits, &each(&again));
        let second = each(&two);
        let in_both: Vec<RowId> =
            each(&one).into_iter().filter(|row| second.contains(row)).collect();
        prop_assert_eq!(hits, in_both);
    }

    #[test]
    fn what_a_provider_is_asked_for_loses_nothing(
        leaks in vec((any::<bool>(), leak()), 0..40),
        locals in locals(),
        filter in filter_text(),
        exact_case in any::<bool>(),
    ) {
        let mut whole = table_with(&leaks);
        set_local_statuses(&mut whole, &locals);
        let filter = parse(&filter).unwrap().with_now(now());
        let mut answered = table_with(&[]);
        set_local_statuses(&mut answered, &locals);
        for at in 0..whole.row_id_count() as u32 {
            let row = RowId(at);
            let slot = whole.slot(row);
            let (name, provider) = &whole.profiles()[slot.0 as usize];
            if !filter.can_match_profile(name.as_str(), Some(provider.as_str())) {
                continue;
            }
            let query = filter.push_down(whole.local_status_count(slot) > 0);
            let leak = &leaks
                .iter()
                .rev()
                .find(|(second, leak)| {
                    u16::from(*second) == slot.0
                        && leak.fields[0].as_deref() == Some(&*whole.text(row, LeakField::Id))
                })
                .unwrap()
                .1;
            let gives = if *provider == ProviderId::new("leaks-ai") {
                leaks_ai_matches(&query, leak, exact_case)
            } else {
                projectdiscovery_matches(&query, leak)
            };
            if gives {
                answered.ingest(slot, 1, &batch(std::slice::from_ref(leak)));
            }
        }
        let keys = |table: &Table| -> std::collections::BTreeSet<EntityKey> {
            let rows = table.select(&filter, &[], None, &Marks::default());
            rows.into_iter().map(|row| table.key(row)).collect()
        };
        prop_assert_eq!(keys(&answered), keys(&whole));
    }

    #[test]
    fn narrowing_equals_looking_at_all(
        leaks in vec((any::<bool>(), leak()), 0..40),
        wide in filter_text(),
        more in filter_text(),
        other in filter_text(),
    ) {
        let table = table_with(&leaks);
        let earlier = now() - jiff::SignedDuration::from_hours(30);
        let wide = parse(&wide).unwrap().with_now(earlier);
        let hits = table.select(&wide, &[], None, &Marks::default());
        for narrow in [format!("{} {more}", wide.text()), other] {
            let narrow = parse(&narrow).unwrap().with_now(now());
            if narrow.refines(&wide) {
                prop_assert_eq!(
                    table.select(&narrow, &[], Some(&hits), &Marks::default()),
                    table.select(&narrow, &[], None, &Marks::default())
                );
            }
        }
    }

    #[test]
    fn marks_and_handles_outlive_passes(
        first in vec((any::<bool>(), leak()), 0..30),
        second in vec(leak(), 0..30),
    ) {
        let mut table = table_with(&first);
        let keys: Vec<EntityKey> = (0..table.row_id_count() as u32).map(|at| table.key(stanch::table::RowId(at))).collect();
        let slot = table.add_profile(profile("one"), ProviderId::new("projectdiscovery"));
        let pass = table.begin_pass(slot);
        let done = table.ingest(slot, pass, &batch(&second));
        table.end_pass(slot, pass);
        prop_assert_eq!(done.added + done.updated + done.unchanged, second.len());
        prop_assert_eq!(table.row_id_count(), keys.len() + done.added);
        for (at, key) in keys.iter().enumerate() {
            prop_assert_eq!(table.find(key).map(|row| row.0 as usize), Some(at));
        }
        let live = table.select(&parse("").unwrap(), &[], None, &Marks::default());
        prop_assert_eq!(live.len(), table.len());
        for leak in &second {
            let row = table.find_id(slot, leak.fields[0].as_deref().unwrap()).unwrap();
            prop_assert!(!table.is_gone(row));
        }
    }
}
