//! The domain of a login's address and the host of a URL, in lower case. Either text may be anything.

/// What stands behind the last `@` of an address.
pub(super) fn of_login(login: &[u8]) -> Option<Vec<u8>> {
    let at = login.iter().rposition(|&b| b == b'@')?;
    let (before, behind) = (login.get(..at)?, login.get(at + 1..)?);
    let named = !before.trim_ascii().is_empty() && behind.contains(&b'.');
    named.then(|| folded(behind)).flatten()
}

/// Where a URL leads: without scheme, user, port and brackets. An app's package is no host.
pub(super) fn of_url(url: &[u8]) -> Option<Vec<u8>> {
    let url = url.trim_ascii();
    let rest = match memchr::memmem::find(url, b"://") {
        Some(at) if url.get(..at)?.eq_ignore_ascii_case(b"android") => return None,
        Some(at) => url.get(at + 3..)?,
        None => url.strip_prefix(b"//").unwrap_or(url),
    };
    // A browser takes a backslash for a slash.
    let authority = rest
        .split(|b| matches!(b, b'/' | b'\\' | b'?' | b'#'))
        .next()?;
    let host = authority.rsplit(|&b| b == b'@').next()?;
    let host = match host.strip_prefix(b"[") {
        Some(inner) => inner.split(|&b| b == b']').next()?,
        None => host.split(|&b| b == b':').next()?,
    };
    folded(host)
}

/// The form in which names are compared: without edge blanks and a last dot. Longer than a name can be is none.
pub(super) fn folded(name: &[u8]) -> Option<Vec<u8>> {
    let name = name.trim_ascii();
    let name = name.strip_suffix(b".").unwrap_or(name);
    (!name.is_empty() && name.len() <= 253).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_domains_are_found_in_what_people_type() {
        let text = |found: Option<Vec<u8>>| found.map(|name| String::from_utf8(name).unwrap());
        for (url, host) in [
            (
                "https://Intranet.Northwind.example/signin",
                "intranet.northwind.example",
            ),
            ("https://u:p@a.example:8443?x", "a.example"),
            ("a.example:443/x", "a.example"),
            ("//a.example./", "a.example"),
            (r"https://a.example\@b.example/", "a.example"),
            ("https://[2001:db8::7]:8443/", "2001:db8::7"),
        ] {
            assert_eq!(text(of_url(url.as_bytes())).as_deref(), Some(host), "{url}");
        }
        let long = "x".repeat(300);
        for url in ["", "https://", "android://hash@com.bank.app/", &long] {
            assert_eq!(of_url(url.as_bytes()), None, "{url}");
        }
        let domain = |login: &str| text(of_login(login.as_bytes()));
        assert_eq!(
            domain("M@Northwind.example ").as_deref(),
            Some("northwind.example")
        );
        assert_eq!(domain("a@b@c.example").as_deref(), Some("c.example"));
        assert_eq!(domain("m.ortega"), None);
        assert_eq!(domain("@northwind.example"), None);
        assert_eq!(domain("m@host"), None);
    }
}
