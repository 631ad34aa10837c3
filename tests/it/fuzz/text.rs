//! Readers of one text: what becomes printable, the forms in which things are compared, what is typed.

use super::{
    Target,
    engine::{Input, input, kind},
    hostile, words,
};
use crate::{
    properties::{is_forbidden, read_back},
    support::parse,
};
use stanch::{
    config::chord::{parse_sequence, sequence_text},
    entity::{
        case_fold::case_fold,
        date, host,
        id_file::Reader,
        key::{EntityKey, Kind},
        login::{display_login, normalized_login},
        lookup::input::{parse_domain, parse_email, parse_name, single_line},
        placeholder,
        visible::{escape, escape_prefix},
    },
    export::csv,
};
use strum::IntoEnumIterator as _;

/// What makes bytes printable.
pub(super) fn visible() -> Target {
    Target {
        longest: 600,
        ..Target::new(hostile(), |bytes| {
            let shown = escape(bytes);
            assert!(!shown.as_str().chars().any(is_forbidden), "{shown:?}");
            assert_eq!(read_back(bytes), bytes, "{shown:?}");
            for columns in [0, 1, 9, 80] {
                let prefix = escape_prefix(bytes, columns);
                assert!(shown.as_str().starts_with(&prefix.text));
                assert!(!prefix.is_whole || prefix.text == shown.as_str());
            }
            let _ = (
                placeholder::is_placeholder(bytes),
                placeholder::is_masked(bytes),
            );
            let _ = (
                placeholder::is_secret(bytes),
                placeholder::is_country(bytes),
            );
            kind((shown.parts().count().min(12), shown.is_right_to_left()))
        })
    }
}

/// What makes a value inert for a spreadsheet.
pub(super) fn cells() -> Target {
    let mut seeds = words(&[
        "=1+1",
        "-5",
        "+4",
        "@x",
        "2026-02-11",
        "true",
        "0012",
        "1e9",
        "\u{ff1d}x",
        "a",
    ]);
    seeds.extend(hostile());
    Target {
        words: words(&[
            "=", "+", "-", "@", "|", "\t", "\u{ff1d}", "\u{feff}", "'", "TRUE", "1/2",
        ]),
        longest: 600,
        ..Target::new(seeds, |bytes| {
            let cell = csv::cell("login", bytes);
            assert!(!cell.text.chars().any(is_forbidden), "{cell:?}");
            let first = cell.text.trim_start().chars().next();
            assert!(
                !matches!(first, Some('=' | '+' | '-' | '@' | '|' | '\u{ff1d}')),
                "{cell:?}"
            );
            // What was put before it can be taken away again.
            assert!(!cell.neutralised || cell.text.starts_with('\''), "{cell:?}");
            kind((cell.escaped, cell.neutralised))
        })
    }
}

/// Hosts and the places where they stand.
pub(super) fn hosts() -> Target {
    let seeds = [
        "vpn.acme.example",
        "VPN.Acme.example.",
        "m\u{fc}nchen.example",
        "xn--mnchen-3ya.example",
        "vpn\u{3002}acme\u{3002}example",
        "2001:DB8:0:0::7",
        "[2001:db8::7]:443",
        "::ffff:203.0.113.8",
        "0xcb.0.113.8",
        "m%C3%BCnchen.example",
        "https://user:word@vpn.acme.example:8443/login?x=y#z",
        "android://aGFzaA==@com.example.app/",
        "\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}",
    ];
    Target {
        words: words(&[
            "https://",
            "http://",
            "@",
            ":443",
            ":80",
            "[",
            "]",
            "::",
            "0x",
            "%41",
            "/",
            "\\",
            "?",
            "#",
            "xn--",
            ".\u{3002}",
            "::1%eth0",
            "\u{ad}",
            "\u{ff0e}",
        ]),
        longest: 300,
        runs: 6_000,
        ..Target::new(seeds, |bytes| {
            let normal = host::normalize(bytes);
            assert_eq!(shown(&host::normalize(&normal)), shown(&normal), "normal");
            let called = host::display_form(bytes);
            assert_eq!(shown(&host::display_form(&called)), shown(&called), "shown");
            assert_eq!(
                shown(&host::normalize(&called)),
                shown(&normal),
                "normal of shown"
            );
            let folded = case_fold(bytes);
            assert_eq!(shown(&case_fold(&folded)), shown(&folded), "folded");
            let place = host::find_host(bytes);
            if let Some(place) = &place {
                assert!(
                    place.authority.start <= place.host.start
                        && place.host.end <= place.authority.end
                );
                assert!(bytes.get(place.authority.clone()).is_some());
            }
            let address = host::parse_address(bytes);
            if let Some(address) = address {
                assert_eq!(
                    host::parse_address(address.to_string().as_bytes()),
                    Some(address)
                );
            }
            let searched = host::search_text(bytes);
            let wanted = host::search_needle(bytes);
            kind((
                address.is_some(),
                place.is_some(),
                searched.is_some(),
                wanted.is_some(),
                normal.len() == bytes.len(),
                normal.is_ascii(),
            ))
        })
    }
}

/// Bytes for a message.
fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Logins.
pub(super) fn logins() -> Target {
    let seeds = [
        "M.Ortega@NorthWind.example",
        " maya@m\u{fc}nchen.example. ",
        "\u{c9}VA",
        "ACME\\maya",
        "\u{3a3}\u{3a3}@\u{3a3}.example",
        "maya@[2001:db8::7]",
    ];
    Target {
        words: words(&[
            "@", ".", "\u{a0}", "\u{b}", "\u{c}", "\u{85}", "\u{3000}", "xn--",
        ]),
        longest: 300,
        runs: 6_000,
        ..Target::new(seeds, |bytes| {
            let called = display_login(bytes);
            assert_eq!(shown(&display_login(&called)), shown(&called), "shown");
            let compared = normalized_login(bytes);
            assert_eq!(
                shown(&normalized_login(&compared)),
                shown(&compared),
                "compared"
            );
            assert_eq!(
                shown(&normalized_login(&called)),
                shown(&compared),
                "compared of shown"
            );
            kind((
                called.len() == bytes.len(),
                compared == called,
                compared.is_ascii(),
            ))
        })
    }
}

/// Dates.
pub(super) fn dates() -> Target {
    let seeds = [
        "2026-02-11",
        "2026-02-11T09:30:05.123+01:00",
        "2026-02-11 09:30:05 UTC",
        "Wed, 11 Feb 2026 09:30:05 GMT",
        "11 February 2026",
        "11.02.2026",
        "20260211T093005Z",
        "1770802205",
        "1770802205123",
        "1.770802205e9",
        "/Date(1770802205000+0100)/",
        "0001-01-01T00:00:00Z",
        "-009999-01-02T01:59:59Z",
        "9999-12-30T22:00:00Z",
    ];
    Target {
        words: words(&[
            "T", "Z", "+14:00", "-1200", "Feb", "PM", "am", "GMT", "/Date(", ")/", "24:00:00",
            "60", "02-30", "+00", "(x)",
        ]),
        longest: 100,
        runs: 6_000,
        ..Target::new(seeds, |bytes| {
            let seconds = date::parse_seconds(bytes);
            if let Some(seconds) = seconds {
                let moment = jiff::Timestamp::from_second(seconds).expect("a moment");
                let again = date::parse_seconds(moment.to_string().as_bytes());
                assert_eq!(again, Some(seconds), "{moment}");
            }
            kind(seconds.map(|seconds| seconds / 200_000_000))
        })
    }
}

/// What is looked up.
pub(super) fn lookups() -> Target {
    let seeds = [
        "Maya Ortega <maya@acme.example>",
        "mailto:maya%40acme.example?subject=x",
        "\u{201c}maya@m\u{fc}nchen.example\u{201d};",
        "https://acme.example:8443/login",
        "@acme.example",
        "acme\u{3002}example",
        "O'Reilly's",
        "\"'maya\"@acme.example",
        "mailto:a%2e%2e%2eb@acme.example",
    ];
    Target {
        words: words(&[
            "<", ">", "@", "mailto:", "smtp:", "(", ")", "\u{201c}", "\u{201d}", ";", ",", "...",
            "***", "%40", "[mailto:", "https://",
        ]),
        longest: 400,
        runs: 4_000,
        ..Target::new(seeds, |bytes| {
            let line = single_line(bytes);
            let Ok(text) = std::str::from_utf8(bytes) else {
                return kind(line.is_ok());
            };
            let found = [parse_email(text), parse_domain(text), parse_name(text)];
            for (found, read) in found.iter().zip([parse_email, parse_domain, parse_name]) {
                if let Ok(asked) = found {
                    assert_eq!(read(asked).as_ref(), Ok(asked), "{text:?}");
                    let hidden = asked.chars().any(char::is_control);
                    assert!(!hidden && !asked.is_empty(), "{asked:?}");
                }
            }
            let said = found.map(|found| found.map(|_| ()).map_err(|refusal| refusal.message));
            kind((line.is_ok(), said))
        })
    }
}

/// Keys and files of them.
pub(super) fn ids() -> Target {
    let seeds = [
        "acme:leak:7f1c\nacme:leak:50%25\n",
        "# triaged\n\n7f1c\r\n8a%0A\r",
        "\u{feff}acme:leak:\u{e9}\u{9b}\n",
        "{\"key\":\"acme:leak:7\"}\n",
        "acme:connection:a:b:c",
    ];
    let seeds = seeds
        .into_iter()
        .flat_map(|seed| [4, 64].map(|piece| input(piece, seed)));
    Target {
        seeds: seeds.collect(),
        words: words(&[
            "acme:leak:",
            ":",
            "%",
            "%FF",
            "%0a",
            "# ",
            "\",\"",
            ";",
            "<li>",
        ]),
        runs: 4_000,
        check: Box::new(|given: &Input| {
            let mut whole = Reader::default();
            let whole = whole.push(&given.bytes).and_then(|()| whole.finish());
            let mut reader = Reader::default();
            let pieces = given
                .bytes
                .chunks(given.part)
                .try_for_each(|piece| reader.push(piece))
                .and_then(|()| reader.finish());
            match (&whole, &pieces) {
                (Ok(whole), Ok(pieces)) => assert_eq!(whole, pieces),
                (Ok(_), Err(refusal)) | (Err(refusal), Ok(_)) => {
                    panic!("whole or in pieces, not both: {}", refusal.message)
                }
                (Err(_), Err(_)) => {}
            }
            if let Ok(text) = std::str::from_utf8(&given.bytes)
                && let Ok(key) = text.parse::<EntityKey>()
            {
                let spelled = key.to_string();
                assert!(!spelled.chars().any(char::is_control), "{spelled:?}");
                assert_eq!(spelled.parse::<EntityKey>(), Ok(key));
            }
            kind(
                whole
                    .map(|words| words.len())
                    .map_err(|refusal| refusal.hint),
            )
        }),
        ..Target::new([""; 0], |_| 0)
    }
}

/// The filter language.
pub(super) fn filters() -> Target {
    let seeds = [
        "status:open vpn",
        "risk>=medium or (login:@acme.example and !url:none)",
        "/^a.?s$/ ~maya \"two words\"",
        "seen:2026-01..2026-03 age<7d added>=2026-11-29T02:00",
        "not (class:employee,customer or leaks>9)",
        "marked key:acme:leak:7",
        "country:none risk:level-none is:disputed form:resource",
    ];
    let fields = [
        "status:",
        "risk",
        "class:",
        "source:",
        "profile:",
        "seen",
        "added",
        "age",
        "leaks",
        "form:",
        ">=",
        "<",
        "..",
        "!",
        "not ",
        " or ",
        " and ",
        "(",
        ")",
        "/",
        "~",
        "\"",
        ",",
        "none",
        "7d",
        "\\",
        "(?i)",
        "(?-u)\\xff",
        "{1000}",
        "[[:alpha:]]",
        "2026-02-30",
        "99999w",
    ];
    Target {
        words: words(&fields),
        longest: 300,
        runs: 4_000,
        ..Target::new(seeds, |bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else {
                return 0;
            };
            let filter = match parse(text) {
                Ok(filter) => filter,
                Err(error) => {
                    let columns = text.chars().count() + 1;
                    assert!((1..=columns).contains(&error.column), "{error}");
                    return kind(error.hint);
                }
            };
            assert!(
                parse(filter.text()).is_ok_and(|again| again == filter),
                "its own text"
            );
            let _ = filter.refines(&filter);
            // Both together are written as what means both.
            let other = parse("a or b").expect("a filter");
            let both = filter.and(&other);
            let again = parse(both.text());
            assert!(again.is_ok_and(|again| again == both), "{:?}", both.text());
            let _ = (
                filter.missing_value_filters(),
                filter.push_down(true),
                filter.push_down(false),
            );
            for of in Kind::iter() {
                let _ = (filter.split_by_target(of), filter.push_down_entities(of));
            }
            kind((
                filter.conditions().len(),
                filter.is_expensive(),
                filter.is_empty(),
            ))
        })
    }
}

/// Keys as a configuration writes them.
pub(super) fn chords() -> Target {
    let seeds = [
        "gg",
        "g space",
        "ctrl-d",
        "shift-tab",
        "alt-enter",
        "f13",
        "|",
        "\u{e9}",
        "c-d",
    ];
    Target {
        words: words(&[
            "ctrl-",
            "alt-",
            "shift-",
            "space",
            "tab",
            "f1",
            "-",
            " ",
            "esc",
            "pgup",
            "backspace",
        ]),
        longest: 40,
        runs: 4_000,
        ..Target::new(seeds, |bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else {
                return 0;
            };
            match parse_sequence(text) {
                Ok(chords) => {
                    let spelled = sequence_text(&chords);
                    assert_eq!(parse_sequence(&spelled), Ok(chords.clone()), "{spelled:?}");
                    kind(chords.len())
                }
                Err(error) => kind(error.to_string().split(' ').next()),
            }
        })
    }
}
