//! What is asked for, as people give it: the one form of it, or a refusal. Tables of what stands in mail programs,
//! lists and links, and texts that are put together at random.

use proptest::prelude::*;
use stanch::entity::{
    lookup::{
        Lookup, LookupKind,
        input::{parse_domain, parse_email, parse_lookup, parse_name, parse_secret, single_line},
    },
    secret::Secret,
};

const MAYA: &str = "maya@acme.example";

#[test]
fn an_address_is_found_in_what_surrounds_it() {
    for typed in [
        "maya@acme.example",
        " Maya@ACME.example ",
        "Maya Ortega <maya@acme.example>",
        "\"Ortega, Maya\" <maya@acme.example>",
        "'Maya Ortega' <maya@acme.example>;",
        "\"Maya Ortega <maya@acme.example>\"",
        "maya@acme.example <maya@acme.example>",
        "Maya Ortega [mailto:maya@acme.example]",
        "Maya Ortega (maya@acme.example)",
        "maya@acme.example (Maya Ortega)",
        "<maya@acme.example> (work)",
        "<maya@acme.example>",
        "<<maya@acme.example>>,",
        "maya@acme.example>",
        "[maya@acme.example]",
        "mailto:maya@acme.example",
        "MAILTO:maya@acme.example",
        "mailto:maya@acme.example?subject=hello%20there&cc=bob@acme.example",
        "mailto:maya%40acme.example",
        "<mailto:maya@acme.example?body=%3Cb%3E>",
        "mailto:Maya%20Ortega%20%3Cmaya%40acme.example%3E",
        "SMTP:maya@acme.example",
        "maya%40acme.example",
        "maya@acme.example.",
        "maya@acme.example,",
        "maya@acme.example;",
        "maya@acme.example ;, ",
        "maya@acme.example\u{3002}",
        "\"maya@acme.example\"",
        "\"maya@acme.example\",",
        "'maya@acme.example'",
        "`maya@acme.example`",
        "\u{201c}maya@acme.example\u{201d}",
        "\u{201e}maya@acme.example\u{201c}",
        "\u{ab}maya@acme.example\u{bb}",
        "\u{2039}maya@acme.example\u{203a}",
        "\u{300c}maya@acme.example\u{300d}",
        "\u{feff}maya@acme.example",
        "\u{200b}maya@acme.example\u{200b}",
        "\u{a0}maya@acme.example\u{202f}",
        "\u{2068}maya@acme.example\u{2069}",
        "\tmaya@acme.example\r\n",
        "maya\u{ff20}acme.example",
        "\u{ff4d}\u{ff41}\u{ff59}\u{ff41}\u{ff20}\u{ff41}cme.example",
        "\"maya\"@acme.example",
    ] {
        assert_eq!(parse_email(typed).as_deref(), Ok(MAYA), "{typed:?}");
    }
    for (typed, asked) in [
        ("O'Brien+news@acme.example", "o'brien+news@acme.example"),
        ("maya@M\u{fc}nchen.example", "maya@xn--mnchen-3ya.example"),
        (
            "maya@xn--mnchen-3ya.example.",
            "maya@xn--mnchen-3ya.example",
        ),
        ("maya@acme\u{3002}example", "maya@acme.example"),
        ("m\u{fc}ller@acme.example", "m\u{fc}ller@acme.example"),
        ("maya..o.@acme.example", "maya..o.@acme.example"),
        ("maya@mail_1.acme.example", "maya@mail_1.acme.example"),
    ] {
        assert_eq!(parse_email(typed).as_deref(), Ok(asked), "{typed:?}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_what_is_wrong() {
    for (typed, why) in [
        ("", "empty"),
        ("  \u{200b} ", "empty"),
        ("\"\"", "empty"),
        ("maya", "no @"),
        ("Maya Ortega", "no @"),
        ("Maya Ortega <maya>", "no @"),
        ("mailto:", "empty"),
        ("mailto:?to=maya@acme.example", "empty"),
        ("maya @acme.example", "blank"),
        ("maya@acme .example", "blank"),
        ("see maya@acme.example", "blank"),
        ("maya\u{a0}o@acme.example", "blank"),
        ("maya@acme.example; bob@acme.example", "two or more"),
        ("maya@acme.example,bob@acme.example", "two or more"),
        ("maya@acme.example bob@acme.example", "two or more"),
        (
            "Maya <maya@acme.example>, Bob <bob@acme.example>",
            "two or more",
        ),
        ("maya@acme.example <bob@acme.example>", "two or more"),
        ("maya@acme.example (bob@acme.example)", "two or more"),
        ("mailto:maya@acme.example,bob@acme.example", "two or more"),
        ("maya@@acme.example", "more than one @"),
        ("maya@acme.example@example", "more than one @"),
        ("@acme.example", "before the @"),
        ("maya@", "behind the @"),
        ("maya@acme", "behind the @"),
        ("maya@acme..example", "behind the @"),
        ("maya@-acme.example", "behind the @"),
        ("maya@acme$.example", "behind the @"),
        ("maya@10.0.0.1", "behind the @"),
        ("maya@acme.example_", "behind the @"),
        ("maya@acme%2eexample", "behind the @"),
        ("j***@acme.example", "masked"),
        ("*@acme.example", "masked"),
        ("maya@a***.example", "masked"),
        ("m\u{2022}\u{2022}\u{2022}a@acme.example", "masked"),
        ("maya@acme.exam...", "cut"),
        ("maya@acme.exam\u{2026}", "cut"),
        ("maya\u{0}@acme.example", "U+0000"),
        ("maya\u{1b}@acme.example", "U+001B"),
        ("ma\u{200b}ya@acme.example", "U+200B"),
        ("maya\u{202e}@acme.example", "U+202E"),
        ("maya@acme.example\nbob", "more than one line"),
        ("maya\ro@acme.example", "more than one line"),
        ("ma\tya@acme.example", "tab"),
        ("ma:ya@acme.example", "cannot stand"),
        ("\"ma\"ya@acme.example", "cannot stand"),
        ("mailto:%ff@acme.example", "no text"),
    ] {
        let refusal = parse_email(typed).unwrap_err();
        assert!(
            refusal.message.starts_with("that is no address: ") && refusal.message.contains(why),
            "{typed:?}: {refusal}"
        );
        assert!(!refusal.message.contains("maya"), "{refusal}");
    }
    let long = format!("{}@acme.example", "m".repeat(65));
    for long in [
        long,
        "m".repeat(3_000),
        "<".repeat(2_000),
        "(a@b<".repeat(400),
    ] {
        assert!(parse_email(&long).is_err());
    }
}

#[test]
fn a_domain_is_found_in_what_surrounds_it() {
    for typed in [
        "acme.example",
        " ACME.example ",
        "acme.example.",
        "acme.example,",
        "acme.example;",
        "\"acme.example\"",
        "\u{201c}acme.example\u{201d}.",
        "<acme.example>",
        "(acme.example)",
        "@acme.example",
        ".acme.example",
        "https://acme.example/",
        "HTTPS://Acme.Example",
        "http://acme.example:8443/login?next=%2f#top",
        "https://user:word@acme.example/",
        "//acme.example/",
        "acme.example/",
        "acme.example:443",
        "acme.example/login?a=b",
        "<https://acme.example/>",
        "\u{feff}acme.example\u{200b}",
        "acme\u{3002}example",
        "acme.example\r\n",
    ] {
        assert_eq!(
            parse_domain(typed).as_deref(),
            Ok("acme.example"),
            "{typed:?}"
        );
    }
    for typed in [
        "M\u{dc}NCHEN.example",
        "xn--mnchen-3ya.example",
        "https://m\u{fc}nchen.example.",
    ] {
        assert_eq!(
            parse_domain(typed).as_deref(),
            Ok("xn--mnchen-3ya.example"),
            "{typed:?}"
        );
    }
    for (typed, why) in [
        ("", "empty"),
        (" . ", "empty"),
        ("maya@acme.example", "an address"),
        ("mailto:maya@acme.example", "an address"),
        ("acme", "one part"),
        ("localhost", "one part"),
        ("acme..example", "single dots"),
        ("acme example", "blank"),
        ("acme.example, other.example", "blank"),
        ("acme.example,other.example", "two or more"),
        ("acme.example;other.example", "two or more"),
        ("10.0.0.1", "machine"),
        ("[2001:db8::1]", "machine"),
        ("2001:db8::1", "machine"),
        ("https://10.0.0.1/", "machine"),
        ("*.acme.example", "open or masked"),
        ("a\u{2022}\u{2022}e.example", "open or masked"),
        ("acme.exam...", "cut"),
        ("https:///", "link"),
        ("android://x@com.acme.app/", "another kind"),
        ("ac\u{200b}me.example", "U+200B"),
        ("https://ac\nme.example/", "more than one line"),
        ("ac\u{7}me.example", "U+0007"),
        ("acme$.example", "letters"),
        ("-acme.example", "letters"),
    ] {
        let refusal = parse_domain(typed).unwrap_err();
        assert!(
            refusal.message.starts_with("that is no domain: ") && refusal.message.contains(why),
            "{typed:?}: {refusal}"
        );
    }
}

#[test]
fn a_name_of_a_catalogue_keeps_what_is_inside() {
    for (typed, asked) in [
        (" BrightCart ", "BrightCart"),
        ("\"BrightCart\"", "BrightCart"),
        ("BrightCart,", "BrightCart"),
        ("\u{feff}Old Forum Inc.", "Old Forum Inc."),
        ("O'Reilly's", "O'Reilly's"),
    ] {
        assert_eq!(parse_name(typed).as_deref(), Ok(asked), "{typed:?}");
    }
    for wrong in ["", " \u{200b}", "a\nb", "a\u{1b}b", "a\tb", "a\u{200b}b"] {
        assert!(parse_name(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_secret_is_taken_as_it_is_or_refused() {
    let password = |bytes: &[u8]| parse_secret(LookupKind::Password, &Secret::new(bytes.to_vec()));
    for kept in [
        &b" lead"[..],
        b"trail ",
        b"tab\tinside",
        b"\t",
        b"p\xe4ss",
        b"\"quoted\"",
        b"a,",
    ] {
        let Ok(Lookup::Password(taken)) = password(kept) else {
            panic!("{kept:?}");
        };
        assert_eq!(taken.expose(), kept);
    }
    for wrong in [&b""[..], b"\xef\xbb\xbfhunter2", b"\xff\xfeh\0"] {
        assert!(password(wrong).is_err(), "{wrong:?}");
    }
    let typed = |kind, text: &str| parse_secret(kind, &Secret::from(text.to_owned()));
    assert!(matches!(
        typed(LookupKind::Card, "5555 5555-5555\t4444"),
        Ok(Lookup::Card(digits)) if digits.expose() == b"5555555555554444"
    ));
    for wrong in ["5555555555554445", "", "5555 5555 5555 444x"] {
        let refusal = typed(LookupKind::Card, wrong).unwrap_err();
        assert!(!refusal.message.contains("444"), "{refusal}");
    }
    assert!(typed(LookupKind::Ssn, "6789").is_ok());
    for wrong in ["123-45-6789", "67a9", ""] {
        let refusal = typed(LookupKind::Ssn, wrong).unwrap_err();
        assert!(!refusal.message.contains("6789"), "{refusal}");
    }
    // A secret has no other way in.
    for kind in [LookupKind::Password, LookupKind::Card, LookupKind::Ssn] {
        assert!(parse_lookup(kind, "x").is_err());
    }
}

/// What may stand around an address without being part of it.
fn around() -> impl Strategy<Value = (String, String)> {
    let blank = "[ \t\u{a0}\u{200b}\u{feff}\u{2060}\r\n]{0,3}";
    let pair = prop::sample::select(vec![
        ("", ""),
        ("<", ">"),
        ("\"", "\""),
        ("'", "'"),
        ("\u{201c}", "\u{201d}"),
        ("\u{ab}", "\u{bb}"),
        ("(", ")"),
        ("[", "]"),
        ("mailto:", ""),
        ("Mailto:", "?subject=x"),
        ("Maya Ortega <", ">"),
        ("\"Ortega, M.\" <", ">"),
        ("", " (Maya)"),
    ]);
    (blank, pair, "[,;]{0,2}", blank).prop_map(|(before, (open, close), mark, behind)| {
        (format!("{before}{open}"), format!("{close}{mark}{behind}"))
    })
}

proptest! {
    #[test]
    fn an_address_comes_out_whatever_stands_around_it(
        local in "[a-z0-9][a-z0-9+_-]{0,10}",
        host in "[a-z]([a-z0-9-]{0,8}[a-z0-9])?\\.example",
        (before, behind) in around(),
    ) {
        // A label with two hyphens in its third and fourth place is not of letters any more.
        prop_assume!(host.get(2..4) != Some("--"));
        let address = format!("{local}@{host}");
        let typed = format!("{before}{address}{behind}");
        prop_assert_eq!(parse_email(&typed), Ok(address.clone()), "{:?}", typed);
        // What came out is its own form, and two of them are never one.
        prop_assert_eq!(parse_email(&address), Ok(address.clone()));
        for between in [", ", ";", " ", "\n"] {
            let two = format!("{typed}{between}bob@other.example");
            prop_assert!(parse_email(&two).is_err(), "{:?}", two);
        }
    }

    #[test]
    fn nothing_that_is_typed_makes_a_form_of_it_that_is_not_its_own(text in "\\PC{0,40}|[a-z@.<>\"',;:%*() \\t/\\[\\]-]{0,40}") {
        if let Ok(asked) = parse_email(&text) {
            prop_assert_eq!(parse_email(&asked), Ok(asked.clone()));
            prop_assert_eq!(asked.matches('@').count(), 1);
        }
        if let Ok(asked) = parse_domain(&text) {
            prop_assert_eq!(parse_domain(&asked), Ok(asked.clone()));
        }
    }

    #[test]
    fn one_line_is_kept_byte_for_byte(
        line in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\r\n\t a\0"[..])], 1..20),
        end in prop::sample::select(vec!["", "\n", "\r", "\r\n"]),
    ) {
        let all = [&line[..], end.as_bytes()].concat();
        let rest = [&b"\r\n"[..], b"\n", b"\r"]
            .iter()
            .find_map(|end| all.strip_suffix(*end))
            .unwrap_or(&all);
        let mark = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"];
        let wrong = rest.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
            || mark.iter().any(|mark| rest.starts_with(mark))
            || std::str::from_utf8(rest)
                .is_ok_and(|rest| rest.contains(['\u{85}', '\u{2028}', '\u{2029}']));
        prop_assert_eq!(single_line(&all).ok(), (!wrong).then_some(rest));
        let two = [&all[..], b"\nsecond"].concat();
        prop_assert!(single_line(&two).is_err());
    }
}
