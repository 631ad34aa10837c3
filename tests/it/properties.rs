//! What must hold for anything: random text, random pages, random orders.

use crate::table::{Made, batch, profile};
use proptest::{collection::vec, prelude::*, sample::select};
use ratatui::style::Style;
use stanch::{
    entity::{
        key::{EntityKey, ProviderId},
        leak::{LeakField, RiskLevel},
        visible::{escape, escape_prefix},
    },
    filter::parse,
    table::{Marks, SortField, SortKey, Table},
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

fn forbidden(c: char) -> bool {
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
fn read_back(bytes: &[u8]) -> Vec<u8> {
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
        prop_assert!(!visible.as_str().chars().any(forbidden), "{:?}", visible.as_str());
        prop_assert_eq!(read_back(&bytes), bytes.clone());
        let prefix = escape_prefix(&bytes, columns);
        prop_assert!(visible.as_str().starts_with(&prefix.text));
        let line = fit(&bytes, columns, Style::default(), Style::default());
        prop_assert!(line.width() <= columns);
        let drawn: usize = line.spans.iter().map(ratatui::text::Span::width).sum();
        prop_assert!(drawn <= columns);
    }

    #[test]
    fn reading_a_filter_never_panics(text in "[ -~]{0,24}|\\PC{0,12}|([a-z]{1,6}[:!(\"~/ ,<>=]){0,6}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
        }
    }
}

/// Leaks over few values, so that they share much and repeat.
fn leak() -> impl Strategy<Value = Made> {
    let values = ["", "a", "B", "ab", "É", "é b", "none", "x/ab"];
    let dates = ["2026-01-02", "2026-01-02T03:04:05Z", "soon", ""];
    let value = move || proptest::option::of(select(values.to_vec()).prop_map(str::to_owned));
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
        proptest::option::of(select(dates.to_vec())),
        0_u8..6,
        select(risks.to_vec()),
    )
        .prop_map(move |(id, odd, values, date, status, risk)| {
            let id = if odd {
                format!("{id}")
            } else {
                format!("{id:032x}")
            };
            let mut leak = Made {
                status,
                risk,
                ..Made::new(&id)
            };
            for (field, value) in texts.into_iter().zip(values) {
                leak.fields[field as usize] = value.map(String::into_bytes);
            }
            leak.fields[LeakField::FirstSeen as usize] = date.map(|d| d.as_bytes().to_vec());
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
            ][..]
        ),
    ];
    vec(term, 0..3).prop_map(|terms| terms.join(" "))
}

/// Two profiles, filled with each leak under a random one, in the order given.
fn filled(leaks: &[(bool, Made)]) -> Table {
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

fn view(table: &Table, filter: &str, keys: &[SortKey]) -> Vec<EntityKey> {
    let filter = parse(filter).unwrap();
    let mut rows = table.select(&filter, &[], None, &Marks::default());
    table.sort(&mut rows, keys);
    rows.into_iter().map(|row| table.key(row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

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
        let mut leaks: Vec<(bool, Made)> = once.into_iter().map(|((second, _), leak)| (second, leak)).collect();
        let wanted = view(&filled(&leaks), &filter, &keys);
        if !leaks.is_empty() {
            let by = turn.index(leaks.len());
            leaks.rotate_left(by);
            leaks.reverse();
        }
        prop_assert_eq!(view(&filled(&leaks), &filter, &keys), wanted);
    }

    #[test]
    fn the_fast_way_takes_what_the_plain_way_takes(
        leaks in vec((any::<bool>(), leak()), 0..40),
        filter in filter_text(),
    ) {
        let table = filled(&leaks);
        let filter = parse(&filter).unwrap();
        let fast = table.select(&filter, &[], None, &Marks::default());
        let slow: Vec<_> = table
            .select(&parse("").unwrap(), &[], None, &Marks::default())
            .into_iter()
            .filter(|&row| filter.matches(&table.leak(row)))
            .collect();
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn narrowing_equals_looking_at_all(
        leaks in vec((any::<bool>(), leak()), 0..40),
        wide in filter_text(),
        more in filter_text(),
        other in filter_text(),
    ) {
        let table = filled(&leaks);
        let wide = parse(&wide).unwrap();
        let hits = table.select(&wide, &[], None, &Marks::default());
        for narrow in [format!("{} {more}", wide.text()), other] {
            let narrow = parse(&narrow).unwrap();
            if narrow.narrows(&wide) {
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
        let mut table = filled(&first);
        let keys: Vec<EntityKey> = (0..table.rows() as u32).map(|at| table.key(stanch::table::Handle(at))).collect();
        let slot = table.add_profile(profile("one"), ProviderId::new("projectdiscovery"));
        let pass = table.begin_pass(slot);
        let done = table.ingest(slot, pass, &batch(&second));
        table.end_pass(slot, pass);
        prop_assert_eq!(done.added + done.updated + done.unchanged, second.len());
        prop_assert_eq!(table.rows(), keys.len() + done.added);
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
