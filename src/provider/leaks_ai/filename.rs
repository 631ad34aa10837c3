//! Reads what an archive's file name says of the machine: `[ES]203.0.113.24.zip`. Stealers name files as they like, so
//! everything here may be missing, and nothing is told that may be something else:
//!
//! ```text
//! name     = part… [ending]                  ending: .zip .rar .7z .tar.gz …, with a copy's number before it
//! part     = "[" country "]"                 two letters of ISO 3166; the first such part counts
//!          | country                         at the beginning, before a part that is an address or an id in brackets
//!          | address                         four numbers and no fifth, or an IPv6 address (`_` for `:` too)
//!          | version                         `v4.0.1.2`, `Chrome_120.0.60.71`: no address
//! ```

use crate::entity::{host, placeholder};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is known of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Machine {
    /// Its country's code, as it is written.
    pub(super) country: Option<String>,
    /// Its address.
    pub(super) ip: Option<String>,
}

/// The codes of countries.
const COUNTRIES: &str = include_str!("../../../assets/iso-3166.txt");

/// Endings of archives and of their parts.
const ENDINGS: [&str; 14] = [
    ".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".txt", ".log", ".zipx",
    ".001", ".bin",
];

/// What stands before the number of a version.
const PRODUCTS: [&str; 25] = [
    "v", "ver", "version", "build", "release", "rev", "chrome", "chromium", "edge", "firefox",
    "opera", "brave", "vivaldi", "yandex", "windows", "win", "macos", "android", "browser",
    "client", "agent", "bot", "update", "setup", "app",
];

/// Reads a file name.
pub(super) fn parse_machine(name: &[u8]) -> Machine {
    let Ok(name) = std::str::from_utf8(name) else {
        return Machine::default();
    };
    let stem = stem(name);
    let ip = find_ipv6(stem).or_else(|| find_ipv4(stem));
    Machine {
        country: bracketed_country(stem).or_else(|| leading_country(stem, ip.is_some())),
        ip,
    }
}

/// A name without the endings of an archive.
fn stem(name: &str) -> &str {
    let mut stem = name.trim();
    loop {
        let cut = ENDINGS.iter().find_map(|ending| {
            let at = stem.len().checked_sub(ending.len())?;
            let end = stem.get(at..)?;
            end.eq_ignore_ascii_case(ending).then(|| stem.get(..at))?
        });
        match cut {
            Some(cut) => stem = cut.trim_end(),
            None => return stem,
        }
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2
        && COUNTRIES
            .split_ascii_whitespace()
            .any(|known| known.eq_ignore_ascii_case(code))
}

/// The first country that stands in brackets of its own.
fn bracketed_country(stem: &str) -> Option<String> {
    stem.split('[').skip(1).find_map(|part| {
        let (inner, _) = part.split_once(']')?;
        let inner = inner.trim();
        is_country(inner).then(|| inner.to_owned())
    })
}

/// A country at the beginning, in capitals, where what follows is about a machine.
fn leading_country(stem: &str, has_address: bool) -> Option<String> {
    let (code, rest) = stem.split_at_checked(2)?;
    let behind = rest.trim_start_matches([' ', '_', '-']);
    let parted = behind.len() < rest.len() || rest.starts_with('[');
    let id = || {
        let inner = behind
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        inner.is_some_and(|(inner, _)| is_id(inner))
    };
    let capitals = code.bytes().all(|byte| byte.is_ascii_uppercase());
    (capitals && parted && is_country(code) && (has_address || id())).then(|| code.to_owned())
}

/// Whether a text is a hardware id: hexadecimal digits with hyphens.
fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let all = text
        .bytes()
        .all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'{' | b'}'));
    all && digits >= 16
}

/// The only four numbers in a row that make an address and no version. Of several that may be one, those that look
/// like a version are none; where more than one is left, none is taken.
fn find_ipv4(stem: &str) -> Option<String> {
    let mut found: Vec<Ipv4Addr> = Vec::new();
    let mut at = 0;
    while let Some(begin) = stem
        .get(at..)
        .and_then(|rest| rest.find(|c: char| c.is_ascii_digit()))
    {
        let begin = at + begin;
        let run = stem.get(begin..).unwrap_or_default();
        let length = run
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(run.len());
        at = begin + length;
        let (before, behind) = (stem.get(..begin).unwrap_or_default(), stem.get(at..));
        let whole = run.get(..length).unwrap_or_default();
        let number = whole.trim_end_matches('.');
        let Ok(address) = number.parse::<Ipv4Addr>() else {
            continue;
        };
        let glued = whole == number
            && behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic()));
        if !before.ends_with('.') && !glued && !is_version(before, address) {
            found.push(address);
        }
    }
    found.dedup();
    if found.len() > 1 {
        found.retain(|address| !looks_like_version(*address));
    }
    let [only] = found[..] else { return None };
    (!only.is_unspecified() && !only.is_broadcast()).then(|| only.to_string())
}

/// Whether what stands before four numbers makes them a version.
fn is_version(before: &str, address: Ipv4Addr) -> bool {
    let glued = before.ends_with(|c: char| c.is_alphabetic());
    let apart = before.trim_end_matches([' ', '_', '-']);
    let start = apart.rfind(|c: char| !c.is_alphabetic()).map_or(0, |at| {
        at + apart
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    let word = apart.get(start..).unwrap_or_default().to_lowercase();
    glued || PRODUCTS.contains(&&word[..]) || word.len() > 2 && looks_like_version(address)
}

/// Whether four numbers look like those that people give versions.
fn looks_like_version(address: Ipv4Addr) -> bool {
    address.octets().iter().all(|part| *part < 32)
}

/// An IPv6 address, also with `_` where a file's name can have no colon.
fn find_ipv6(stem: &str) -> Option<String> {
    let in_colons = stem
        .split(|c: char| !c.is_ascii_hexdigit() && c != ':' && c != '.')
        .filter(|run| run.matches(':').count() > 1)
        .find_map(|run| {
            run.trim_end_matches('.')
                .parse::<Ipv6Addr>()
                .ok()
                .map(|address| (run, address))
        });
    if let Some((run, address)) = in_colons {
        let run = run.trim_end_matches('.');
        // Mapped ones are of the older protocol.
        let told = match host::parse_address(run.as_bytes()) {
            Some(IpAddr::V4(address)) => address.to_string(),
            _ => run.to_owned(),
        };
        return (!address.is_unspecified()).then_some(told);
    }
    stem.split(|c: char| !c.is_ascii_hexdigit() && c != '_')
        .map(|run| run.trim_matches('_'))
        .filter(|run| run.bytes().any(|byte| byte.is_ascii_alphabetic()))
        .filter(|run| run.contains("__") || run.matches('_').count() == 7)
        .map(|run| run.replace('_', ":"))
        .find(|run| {
            // What is written of a machine is an address of the open network.
            let global = run.starts_with(['2', '3']) && run.find(':') == Some(4);
            global && placeholder::parse_public_address(run.as_bytes()).is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_and_address_are_read_where_they_are() {
        for (name, country, ip) in [
            ("[ES]203.0.113.24.zip", Some("ES"), Some("203.0.113.24")),
            ("[de] 203.0.113.24.7z", Some("de"), Some("203.0.113.24")),
            (
                "x_[US]_198.51.100.7_2026-02-10.rar",
                Some("US"),
                Some("198.51.100.7"),
            ),
            ("[FR]2001:db8::7.zip", Some("FR"), Some("2001:db8::7")),
            ("[UNKNOWN]203.0.113.24.zip", None, Some("203.0.113.24")),
            ("[ES]999.0.113.24.zip", Some("ES"), None),
            ("[E", None, None),
            ("1.2.3.zip", None, None),
            ("", None, None),
            ("[US]93.101.28.33.rar", Some("US"), Some("93.101.28.33")),
            (
                "BR[3F2504E0-4F89-11D3-9A0C-0305E82C3301] [2024-05-01T10_11_12].zip",
                Some("BR"),
                None,
            ),
            (
                "[DE]_2.0.0.1_RedLine_198.51.100.23.zip",
                Some("DE"),
                Some("198.51.100.23"),
            ),
            ("[PC][US]198.51.100.7.zip", Some("US"), Some("198.51.100.7")),
            (
                "US_10.0.19045.3693_198.51.100.9.7z",
                Some("US"),
                Some("198.51.100.9"),
            ),
            ("ZZ[UNKNOWN]0.0.0.0.zip", None, None),
            ("[IN]192.168.1.10.zip", Some("IN"), Some("192.168.1.10")),
            (
                "LummaC2_v4.0.1.2_[FR]203.0.113.77.rar",
                Some("FR"),
                Some("203.0.113.77"),
            ),
            (
                "[RU]203.0.113.5_2026.11.20.zip",
                Some("RU"),
                Some("203.0.113.5"),
            ),
            ("ES_203.0.113.24.zip", Some("ES"), Some("203.0.113.24")),
            (
                "[es]  203.0.113.24 (2).zip",
                Some("es"),
                Some("203.0.113.24"),
            ),
            (
                "[GB] 2001_db8__7 [2024-05-01T10_11_12].zip",
                Some("GB"),
                Some("2001:db8::7"),
            ),
            ("[US]93-101-28-33.rar", Some("US"), None),
            (
                "@logs_bot [ES]-203.0.113.24-[11.20.2026 10.11.12].zip",
                Some("ES"),
                Some("203.0.113.24"),
            ),
            ("1.2.3.4.5.6.zip", None, None),
            ("[MX]10.11.12.13.14.zip", Some("MX"), None),
            ("v1.2.3.4.zip", None, None),
            ("Version 1.2.3.4 [JP].zip", Some("JP"), None),
            ("Chrome_120.0.60.71.zip", None, None),
            (
                "Chrome_120.0.6099.71_[IT]203.0.113.9.zip",
                Some("IT"),
                Some("203.0.113.9"),
            ),
            (
                "StealC 2.1.0.3 [PL] 203.0.113.9.zip",
                Some("PL"),
                Some("203.0.113.9"),
            ),
            ("RedLine_198.51.100.23.zip", None, Some("198.51.100.23")),
            ("198.51.100.23_203.0.113.9.zip", None, None),
            ("[UK]203.0.113.9.zip", None, Some("203.0.113.9")),
            ("[XX][ZZ][EU]203.0.113.9.zip", None, Some("203.0.113.9")),
            ("ID_12345.zip", None, None),
            ("PC_203.0.113.9.zip", None, Some("203.0.113.9")),
            ("203.0.113.9.tar.gz", None, Some("203.0.113.9")),
            ("203.0.113.9.part1.rar", None, Some("203.0.113.9")),
            ("255.255.255.255.zip", None, None),
            (
                "[CA]::ffff:203.0.113.9.zip",
                Some("CA"),
                Some("203.0.113.9"),
            ),
            ("2024__05__01.zip", None, None),
        ] {
            let machine = parse_machine(name.as_bytes());
            assert_eq!(machine.country.as_deref(), country, "{name}");
            assert_eq!(machine.ip.as_deref(), ip, "{name}");
        }
        assert_eq!(
            parse_machine(b"[ES]203.0.113.24\xff.zip"),
            Machine::default()
        );
    }

    #[test]
    fn every_country_that_there_is_and_no_other_pair_of_letters_is_one() {
        let letters = || (b'A'..=b'Z').map(char::from);
        let pairs = letters().flat_map(|one| letters().map(move |two| format!("{one}{two}")));
        let known = pairs.filter(|code| {
            let name = format!("[{code}]203.0.113.9.zip");
            parse_machine(name.as_bytes()).country.is_some()
        });
        assert_eq!(known.count(), 249);
    }
}
