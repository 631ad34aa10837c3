//! What an archive's file name tells of the machine: `[ES]203.0.113.24.zip`. Stealers name files as they like, so
//! everything here may be missing.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What is known of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Machine {
    /// Its country's code, as it is written.
    pub(super) country: Option<String>,
    /// Its address.
    pub(super) ip: Option<String>,
}

/// Reads a file name.
pub(super) fn machine(name: &[u8]) -> Machine {
    let Ok(name) = std::str::from_utf8(name) else {
        return Machine::default();
    };
    Machine {
        country: country(name),
        ip: v6(name).or_else(|| v4(name)),
    }
}

/// The first two letters that stand in brackets of their own.
fn country(name: &str) -> Option<String> {
    name.split('[').skip(1).find_map(|part| {
        let (inner, _) = part.split_once(']')?;
        let inner = inner.trim();
        let is_code = inner.len() == 2 && inner.bytes().all(|b| b.is_ascii_alphabetic());
        is_code.then(|| inner.to_owned())
    })
}

/// The first four numbers in a row that make an address; a file's ending may follow them.
fn v4(name: &str) -> Option<String> {
    name.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find_map(|run| {
            let parts: Vec<&str> = run.split('.').filter(|part| !part.is_empty()).collect();
            let address = parts.get(..4)?.join(".");
            address.parse::<Ipv4Addr>().is_ok().then_some(address)
        })
}

fn v6(name: &str) -> Option<String> {
    name.split(|c: char| !c.is_ascii_hexdigit() && c != ':')
        .filter(|run| run.matches(':').count() > 1)
        .find(|run| run.parse::<Ipv6Addr>().is_ok())
        .map(str::to_owned)
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
        ] {
            let machine = machine(name.as_bytes());
            assert_eq!(machine.country.as_deref(), country, "{name}");
            assert_eq!(machine.ip.as_deref(), ip, "{name}");
        }
        assert_eq!(machine(b"[ES]203.0.113.24\xff.zip"), Machine::default());
    }
}
