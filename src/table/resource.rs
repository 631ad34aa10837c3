//! The host of a URL, read the way a browser reads it, from text that need not be a URL at all.

use crate::{entity::connection::ResourceType, filter::fold};
use std::net::IpAddr;

/// The host in lower case, without user, port and brackets; nothing where there is none.
pub(super) fn host_of(url: &[u8]) -> Option<Vec<u8>> {
    let url = url.trim_ascii();
    let rest = match url.iter().position(|&b| b == b':') {
        Some(colon) if is_scheme(&url[..colon]) => {
            let behind = &url[colon + 1..];
            match behind.strip_prefix(b"//") {
                Some(rest) => rest,
                // `host:443/path` has no scheme; `javascript:…` has no host.
                None if behind.first().is_some_and(u8::is_ascii_digit) => url,
                None => return None,
            }
        }
        Some(_) | None => url.strip_prefix(b"//").unwrap_or(url),
    };
    // A browser takes a backslash for a slash.
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'\\' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = match authority.iter().rposition(|&b| b == b'@') {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    let host = match host.strip_prefix(b"[") {
        Some(inner) => &inner[..inner.iter().position(|&b| b == b']').unwrap_or(inner.len())],
        None => &host[..host.iter().position(|&b| b == b':').unwrap_or(host.len())],
    };
    (!host.trim_ascii().is_empty()).then(|| fold(host).into_owned())
}

fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// What kind of resource a host is, told by itself and by a URL that it came from.
pub(super) fn kind_of(host: &[u8], url: &[u8]) -> ResourceType {
    let text = std::str::from_utf8(host).unwrap_or_default();
    let scheme = fold(&url[..url.len().min(10)]);
    if scheme.starts_with(b"android://") {
        ResourceType::Apk
    } else if text.parse::<IpAddr>().is_ok() {
        ResourceType::Ip
    } else if scheme.starts_with(b"http://")
        || scheme.starts_with(b"https://")
        || !url.windows(3).any(|w| w == b"://")
    {
        ResourceType::Domain
    } else {
        ResourceType::Url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_the_one_that_a_browser_goes_to() {
        let host = |url: &str| host_of(url.as_bytes()).map(|h| String::from_utf8(h).unwrap());
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            host("https://Portal.Northwind.example/login?x"),
            some("portal.northwind.example")
        );
        assert_eq!(
            host("https://evil.example\\@bank.example/"),
            some("evil.example")
        );
        assert_eq!(
            host("https://bank.example@evil.example:8443/"),
            some("evil.example")
        );
        assert_eq!(host("bank.example/login"), some("bank.example"));
        assert_eq!(host("bank.example:443/login"), some("bank.example"));
        assert_eq!(host("http://[2001:db8::1]:80/"), some("2001:db8::1"));
        assert_eq!(
            host("android://aGFzaA==@com.example.app/"),
            some("com.example.app")
        );
        assert_eq!(host("javascript:alert(1)"), None);
        assert_eq!(host("https:///path"), None);
        assert_eq!(host(""), None);
        assert_eq!(
            kind_of(b"com.example.app", b"android://aGFzaA==@com.example.app/"),
            ResourceType::Apk
        );
        assert_eq!(
            kind_of(b"2001:db8::1", b"http://[2001:db8::1]:80/"),
            ResourceType::Ip
        );
        assert_eq!(
            kind_of(b"bank.example", b"bank.example/login"),
            ResourceType::Domain
        );
        assert_eq!(
            kind_of(b"bank.example", b"ftp://bank.example/"),
            ResourceType::Url
        );
    }
}
