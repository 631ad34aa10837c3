//! The domain of a login's address and the host of a URL, in lower case. Either text may be anything.

use crate::entity::host;

/// What stands behind the last `@` of an address.
pub(super) fn from_login(login: &[u8]) -> Option<Vec<u8>> {
    let at = login.iter().rposition(|&b| b == b'@')?;
    let (before, behind) = (login.get(..at)?, login.get(at + 1..)?);
    let named = !before.trim_ascii().is_empty() && behind.contains(&b'.');
    named.then(|| display_name(behind)).flatten()
}

/// Where a URL leads: without scheme, user, port and brackets. An app's package is no host.
pub(super) fn from_url(url: &[u8]) -> Option<Vec<u8>> {
    let scheme = url.trim_ascii_start().get(..10).unwrap_or_default();
    if scheme.eq_ignore_ascii_case(b"android://") {
        return None;
    }
    display_name(host::url_host(url)?)
}

/// The form in which names are compared, in whatever spelling they came. Longer than a name can be is none.
pub(super) fn normalize(name: &[u8]) -> Option<Vec<u8>> {
    display_name(name).map(|name| host::normalize(&name).into_owned())
}

/// What to call a host: in lower case, without edge blanks and a last dot. Longer than a name can be is none.
pub(super) fn display_name(name: &[u8]) -> Option<Vec<u8>> {
    let name = host::display_form(name);
    (!name.is_empty() && name.len() <= 253).then(|| name.into_owned())
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
            assert_eq!(
                text(from_url(url.as_bytes())).as_deref(),
                Some(host),
                "{url}"
            );
        }
        let long = "x".repeat(300);
        for url in ["", "https://", "android://hash@com.bank.app/", &long] {
            assert_eq!(from_url(url.as_bytes()), None, "{url}");
        }
        let domain = |login: &str| text(from_login(login.as_bytes()));
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
