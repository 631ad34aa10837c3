//! Hosts as they are compared: one host is one host in Unicode and in `xn--`, in any letter case, with or without the
//! last dot, the brackets and the default port, and in any spelling of an address. What is shown stays what came.

use super::case_fold::case_fold;
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

/// No name is longer; what is longer is compared in lower case alone.
const MAX_HOST_BYTES: usize = 1024;

/// As often a host is read again to find the form that stays.
const READINGS: usize = 4;

/// The form in which hosts are compared: ASCII in lower case, addresses in their shortest spelling.
pub fn normalize(host: &[u8]) -> Cow<'_, [u8]> {
    let host = host.trim_ascii();
    if is_normalized(host, false) {
        return host.into();
    }
    // What was read can be read differently once more: lower case alone makes a long text short enough to be parsed.
    // The form in which hosts are compared is the one that stays.
    let mut normal = read(host);
    for _ in 0..READINGS {
        let again = read(&normal);
        if again == normal {
            break;
        }
        normal = again;
    }
    normal.into()
}

/// One reading of a host.
fn read(host: &[u8]) -> Vec<u8> {
    let host = trimmed(host);
    if is_normalized(host, false) {
        return host.to_vec();
    }
    match parse_like_browser(host) {
        Some(normal) => normal.into_bytes(),
        None => case_fold(without_end(host)).into_owned(),
    }
}

/// What to call a host: as it came, in lower case and without a last dot; addresses in their shortest spelling.
pub fn display_form(host: &[u8]) -> Cow<'_, [u8]> {
    if is_normalized(host, false) {
        return host.into();
    }
    let host = trimmed(host);
    if host.is_ascii() {
        return normalize(host);
    }
    match case_fold(without_end(host)) {
        // The lower case of some letters is ASCII.
        folded if folded.is_ascii() => normalize(&folded).into_owned().into(),
        folded => folded,
    }
}

/// The form in which a host is searched: as a person writes it.
fn search_form(host: &[u8]) -> Cow<'_, [u8]> {
    let normal = normalize(host);
    if !has_encoded_label(&normal) {
        return normal;
    }
    let Ok(text) = std::str::from_utf8(&normal) else {
        return normal;
    };
    match idna::domain_to_unicode(text) {
        (readable, Ok(())) => readable.into_bytes().into(),
        (_, Err(_)) => normal,
    }
}

/// The address that a text is, in whatever spelling: with brackets, with a zone, mapped from the older protocol.
pub fn parse_address(text: &[u8]) -> Option<IpAddr> {
    let text = text.trim_ascii();
    // A letter that no address has says it for nearly all names.
    let first = text.first()?;
    if !(first.is_ascii_hexdigit() || matches!(first, b'[' | b':')) || text.len() > 64 {
        return None;
    }
    // The first colon of an address is behind four digits at most, and only a bracket may stand before those.
    let named = |byte: &u8| byte.is_ascii_digit() || *byte == b'[';
    if !named(first) && !text.iter().take(6).any(|byte| *byte == b':') {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    if !inner.contains(':') {
        return inner.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let inner = inner.split('%').next()?;
    let address: Ipv6Addr = inner.parse().ok()?;
    Some(
        address
            .to_ipv4_mapped()
            .map_or(IpAddr::V6(address), IpAddr::V4),
    )
}

/// Whether a host is in its normal form already: nearly all are. Where letter case does not count, but for that.
fn is_normalized(host: &[u8], any_case: bool) -> bool {
    let plain = |byte: &u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'-' | b'_' | b'.')
            || any_case && byte.is_ascii_uppercase()
    };
    // Every byte is looked at, which is quicker than to stop at one.
    if !host.iter().fold(true, |all, byte| all & plain(byte)) {
        return false;
    }
    let last = match memchr::memrchr(b'.', host) {
        Some(dot) => host.get(dot + 1..).unwrap_or_default(),
        None => host,
    };
    // A browser reads numbers there as an address, and there are many ways to write one.
    match last.first() {
        Some(byte) if byte.is_ascii_digit() => parse_address(host).is_some() || !is_numeric(last),
        Some(_) => true,
        None => host.is_empty(),
    }
}

fn is_numeric(label: &[u8]) -> bool {
    let hexadecimal = label
        .strip_prefix(b"0x")
        .or_else(|| label.strip_prefix(b"0X"));
    match hexadecimal {
        Some(digits) => digits.iter().all(u8::is_ascii_hexdigit),
        None => label.iter().all(u8::is_ascii_digit),
    }
}

fn has_encoded_label(host: &[u8]) -> bool {
    // Two hyphens are rare, and quicker to look for than letters of either case.
    memchr::memmem::find(host, b"--").is_some()
        && host.split(|byte| *byte == b'.').any(|label| {
            label
                .get(..4)
                .is_some_and(|begin| begin.eq_ignore_ascii_case(b"xn--"))
        })
}

/// As a browser reads it.
fn parse_like_browser(host: &[u8]) -> Option<String> {
    if host.len() > MAX_HOST_BYTES {
        return None;
    }
    if let Some(address) = parse_address(host) {
        return Some(address.to_string());
    }
    let text = std::str::from_utf8(host).ok()?;
    Some(match url::Host::parse(text).ok()? {
        url::Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_owned();
            (!name.is_empty()).then_some(name)?
        }
        url::Host::Ipv4(address) => address.to_string(),
        url::Host::Ipv6(address) => address.to_string(),
    })
}

/// A text without the blanks around it, those beyond ASCII too where it is UTF-8.
fn trimmed(text: &[u8]) -> &[u8] {
    std::str::from_utf8(text).map_or(text.trim_ascii(), |text| text.trim().as_bytes())
}

/// A host without the dots and the blanks at its end; all of it where it is nothing else.
fn without_end(host: &[u8]) -> &[u8] {
    let mut rest = host;
    while let Some(shorter) = rest.strip_suffix(b".").map(trimmed) {
        rest = shorter;
    }
    if rest.is_empty() { host } else { rest }
}

/// Where the host is in a URL, in an address of a mailbox or in a text that is a host alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSpan {
    /// The host, without brackets.
    pub host: Range<usize>,
    /// The host with its brackets and a port that its scheme means anyway.
    pub authority: Range<usize>,
}

/// Finds the host of a URL the way a browser does, in text that need not be one: without scheme, user, port and
/// brackets. None where there is none, as in `javascript:…`.
pub fn find_host(url: &[u8]) -> Option<HostSpan> {
    let begin = url.len() - url.trim_ascii_start().len();
    let end = url.trim_ascii_end().len().max(begin);
    let text = url.get(begin..end)?;
    let (scheme, from) = match memchr::memchr(b':', text) {
        Some(colon) if is_scheme(text.get(..colon)?) => {
            let behind = text.get(colon + 1..)?;
            // Behind these a browser takes a backslash for a slash, and goes without one or both.
            let slashes = behind
                .iter()
                .take_while(|byte| matches!(byte, b'/' | b'\\'))
                .count();
            let web = is_web_scheme(text.get(..colon)?);
            if web && slashes <= 2 && !behind.first().is_some_and(u8::is_ascii_digit) {
                (text.get(..colon)?, colon + 1 + slashes)
            } else if behind.starts_with(b"//") {
                (text.get(..colon)?, colon + 3)
            } else if behind.first().is_some_and(u8::is_ascii_digit) {
                // `host:443/path` has no scheme.
                (&b""[..], 0)
            } else {
                return None;
            }
        }
        Some(_) | None if text.starts_with(b"//") => (&b""[..], 2),
        Some(_) | None => (&b""[..], 0),
    };
    let rest = text.get(from..)?;
    // A browser takes a backslash for a slash.
    let stop = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'\\' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let authority = rest.get(..stop)?;
    let user = memchr::memrchr(b'@', authority).map_or(0, |at| at + 1);
    let named = authority.get(user..)?;
    let (inner, behind) = if named.first() == Some(&b'[') {
        match memchr::memchr(b']', named) {
            Some(close) => (1..close, close + 1),
            None => (1..named.len(), named.len()),
        }
    } else {
        let colon = memchr::memchr(b':', named).unwrap_or(named.len());
        (0..colon, colon)
    };
    if named.get(inner.clone())?.trim_ascii().is_empty() {
        return None;
    }
    let port = named.get(behind..).and_then(|port| port.strip_prefix(b":"));
    let usual = port.is_some_and(|port| is_default_port(scheme, port));
    let (first, behind) = (
        begin + from + user,
        if usual { named.len() } else { behind },
    );
    Some(HostSpan {
        host: first + inner.start..first + inner.end,
        authority: first..first + behind,
    })
}

/// Whether a browser knows by the scheme that a host follows.
fn is_web_scheme(text: &[u8]) -> bool {
    [&b"http"[..], b"https", b"ws", b"wss", b"ftp"]
        .iter()
        .any(|scheme| text.eq_ignore_ascii_case(scheme))
}

fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn is_default_port(scheme: &[u8], port: &[u8]) -> bool {
    let port = match port.iter().position(|byte| *byte != b'0') {
        Some(first) => &port[first..],
        None => port,
    };
    let usual: &[u8] = match &scheme.to_ascii_lowercase()[..] {
        b"http" | b"ws" => b"80",
        b"https" | b"wss" => b"443",
        b"ftp" => b"21",
        _ => return port.is_empty(),
    };
    port.is_empty() || port == usual
}

/// The host of a URL as it came; see [`find_host`].
pub fn url_host(url: &[u8]) -> Option<&[u8]> {
    url.get(find_host(url)?.host)
}

/// A text in the form in which hosts are searched, in lower case; nothing where lower case alone makes it so. For
/// URLs, mailboxes, hosts and addresses; any other text has none.
pub fn search_text(text: &[u8]) -> Option<Vec<u8>> {
    // An address may have colons, which are not those of a port.
    if let Some(address) = parse_address(text) {
        let address = address.to_string().into_bytes();
        return (*case_fold(text) != address[..]).then_some(address);
    }
    let place = find_host(text)?;
    let host = text.get(place.host.clone())?;
    if is_normalized(host, true) && !has_encoded_label(host) && place.host == place.authority {
        return None;
    }
    let bracketed = place.authority.start != place.host.start;
    if bracketed && parse_address(host).is_none() {
        return None;
    }
    let readable = search_form(host);
    let before = case_fold(text.get(..place.authority.start)?);
    let behind = case_fold(text.get(place.authority.end..)?);
    // Brackets keep an address from the port behind it, in whatever spelling.
    let whole = if bracketed && readable.contains(&b':') {
        [&before, &b"["[..], &readable, b"]", &behind].concat()
    } else {
        [&before[..], &readable, &behind].concat()
    };
    (whole != *case_fold(text)).then_some(whole)
}

/// The same of a text that is looked for, which may be a part of one.
pub fn search_needle(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let searched = search_text(text)?;
    // `acme.` may go on; `vpn.acme.example.` is a whole name with its last dot.
    let partial = text.ends_with(b".") && memchr::memchr_iter(b'.', text).count() < 2;
    (!partial && !searched.is_empty()).then_some(searched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(found: impl AsRef<[u8]>) -> String {
        String::from_utf8(found.as_ref().to_vec()).unwrap()
    }

    /// Spellings of one host, the normal form first.
    const ONE_EACH: &[&[&str]] = &[
        &[
            "xn--mnchen-3ya.example",
            "münchen.example",
            "MÜNCHEN.example",
            "XN--MNCHEN-3YA.EXAMPLE",
            "mu\u{308}nchen.example",
            "münchen.example.",
            "münchen。example",
            " münchen.example ",
            "m%C3%BCnchen.example",
        ],
        &[
            "vpn.acme.example",
            "VPN.Acme.example",
            "vpn.acme.example.",
            "vpn。acme。example",
        ],
        &[
            "2001:db8::7",
            "2001:DB8:0:0::7",
            "2001:0db8:0000:0000:0000:0000:0000:0007",
            "[2001:db8::7]",
            "2001:db8::0.0.0.7",
        ],
        &[
            "203.0.113.8",
            "::ffff:203.0.113.8",
            "[::ffff:cb00:7108]",
            "0xcb.0.113.8",
            "203.0.28936",
            "[203.0.113.8]",
            "203.000.113.010",
            "２０３.0.113.8",
        ],
        &["xn--r8jz45g.xn--zckzah", "例え.テスト"],
        &["my_host", "MY_HOST"],
    ];

    #[test]
    fn every_spelling_of_a_host_has_one_normal_form() {
        for spellings in ONE_EACH {
            for spelling in *spellings {
                assert_eq!(
                    text(normalize(spelling.as_bytes())),
                    spellings[0],
                    "{spelling}"
                );
            }
        }
        for (host, kept) in [
            ("a b", "a b"),
            ("", ""),
            (".", "."),
            ("xn--", "xn--"),
            ("1.2.3.4.5", "1.2.3.4.5"),
        ] {
            assert_eq!(text(normalize(host.as_bytes())), kept, "{host}");
        }
        assert_eq!(&*normalize(b"A\xff"), b"a\xff");
    }

    #[test]
    fn the_host_is_the_one_that_a_browser_goes_to() {
        for (url, host) in [
            (
                "https://Portal.Northwind.example/login?x",
                Some("Portal.Northwind.example"),
            ),
            ("https://evil.example\\@bank.example/", Some("evil.example")),
            (
                "https://bank.example@evil.example:8443/",
                Some("evil.example"),
            ),
            ("bank.example/login", Some("bank.example")),
            ("bank.example:443/login", Some("bank.example")),
            ("//bank.example", Some("bank.example")),
            (" http://[2001:db8::1]:80/ ", Some("2001:db8::1")),
            (
                "android://aGFzaA==@com.example.app/",
                Some("com.example.app"),
            ),
            ("https:\\\\bank.example\\login", Some("bank.example")),
            ("HTTPS:/bank.example/login", Some("bank.example")),
            ("http:bank.example", Some("bank.example")),
            ("mailto:bank.example", None),
            ("javascript:alert(1)", None),
            ("https:///path", None),
            ("", None),
        ] {
            assert_eq!(url_host(url.as_bytes()).map(text).as_deref(), host, "{url}");
        }
    }

    #[test]
    fn what_is_searched_has_the_host_in_one_form() {
        for (came, form) in [
            (
                "https://xn--mnchen-3ya.example/login",
                Some("https://münchen.example/login"),
            ),
            ("HTTPS://MÜNCHEN.example/", None),
            ("maya@XN--MNCHEN-3ya.example", Some("maya@münchen.example")),
            (
                "https://vpn.acme.example./",
                Some("https://vpn.acme.example/"),
            ),
            (
                "https://vpn.acme.example:443/x",
                Some("https://vpn.acme.example/x"),
            ),
            (
                "https://vpn.acme.example:00443/x",
                Some("https://vpn.acme.example/x"),
            ),
            ("https://vpn.acme.example:8443/x", None),
            (
                "https://[2001:DB8:0:0::7]:8443/",
                Some("https://[2001:db8::7]:8443/"),
            ),
            ("http://[2001:db8::7]/", None),
            ("2001:DB8:0:0::7", Some("2001:db8::7")),
            ("VPN.acme.example", None),
            ("bob@acme.example", None),
            ("C:\\Users\\x", None),
            ("[bar", None),
            ("nobody", None),
        ] {
            let found = search_text(came.as_bytes()).map(text);
            assert_eq!(found.as_deref(), form, "{came}");
        }
        assert_eq!(search_needle(b"acme."), None);
        assert_eq!(
            search_needle(b"vpn.acme.example.").map(text).as_deref(),
            Some("vpn.acme.example")
        );
    }
}
