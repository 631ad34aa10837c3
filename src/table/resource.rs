//! What a host is, and whether it is one place.

use crate::{
    entity::{
        connection::ResourceType,
        placeholder::{is_identifying, parse_public_address},
    },
    filter::case_fold,
};
use std::net::IpAddr;

/// Whether a host is the same place for whoever goes to it: a private address, or the machine itself, is another for
/// everyone.
pub(super) fn is_public_host(host: &[u8]) -> bool {
    let host = host.trim_ascii();
    let named = host.strip_suffix(b".").unwrap_or(host);
    if named.eq_ignore_ascii_case(b"localhost") || !is_identifying(named) {
        return false;
    }
    crate::entity::host::parse_address(host).is_none() || parse_public_address(host).is_some()
}

/// What kind of resource a host is, told by itself and by a URL that it came from.
pub(super) fn resource_type(host: &[u8], url: &[u8]) -> ResourceType {
    let text = std::str::from_utf8(host).unwrap_or_default();
    let scheme = case_fold(&url[..url.len().min(10)]);
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
    fn a_host_that_is_everywhere_is_no_place() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "127.0.0.1",
            "192.168.1.1",
            "[::1]",
            "unknown",
            "n",
        ] {
            assert_eq!(is_public_host(host.as_bytes()), host == "n", "{host}");
        }
        assert!(is_public_host(b"vpn.acme.example") && is_public_host(b"203.0.113.8"));
    }

    #[test]
    fn a_host_says_what_kind_of_resource_it_is() {
        assert_eq!(
            resource_type(b"com.example.app", b"android://aGFzaA==@com.example.app/"),
            ResourceType::Apk
        );
        assert_eq!(
            resource_type(b"2001:db8::1", b"http://[2001:db8::1]:80/"),
            ResourceType::Ip
        );
        assert_eq!(
            resource_type(b"bank.example", b"bank.example/login"),
            ResourceType::Domain
        );
        assert_eq!(
            resource_type(b"bank.example", b"ftp://bank.example/"),
            ResourceType::Url
        );
    }
}
