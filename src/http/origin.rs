//! Where a profile's requests go, and that they go nowhere else: one exact origin, plain http only to this machine,
//! no private address behind a public name.

use crate::entity::error::ProviderError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};
use url::{Host, Url};

/// What may stand behind the origin's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AddressScope {
    /// This machine only.
    Loopback,
    /// Addresses of the public network only.
    Public,
    /// Anything: plain http that profile and run both allow.
    Anywhere,
}

/// Scheme, host, port and path prefix of a profile.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    base: Url,
    scope: AddressScope,
    insecure: bool,
}

impl Origin {
    /// Reads a profile's base URL. Plain http beyond this machine needs `allow_insecure`. Nothing is looked up here.
    pub(super) fn new(base_url: &str, allow_insecure: bool) -> Result<Self, ProviderError> {
        let base = Url::parse(base_url).map_err(|_| policy_error("base_url is not a URL"))?;
        let plain = match base.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(policy_error("base_url must start with https://")),
        };
        if !base.username().is_empty() || base.password().is_some() {
            return Err(policy_error("base_url must not hold a name or a password"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(policy_error("base_url must end after its path"));
        }
        let here = match base.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
            // The url crate has lower-cased it; whether it really is this machine is checked on the address.
            Some(Host::Domain(name)) => name == "localhost",
            None => return Err(policy_error("base_url names no host")),
        };
        if plain && !here && !allow_insecure {
            return Err(policy_error(
                "plain http beyond this machine would send the key in the clear: it needs allow_insecure_http in the profile and --insecure-http in this run",
            ));
        }
        let reach = if here {
            AddressScope::Loopback
        } else if plain {
            AddressScope::Anywhere
        } else {
            AddressScope::Public
        };
        Ok(Self {
            base,
            scope: reach,
            insecure: plain && !here,
        })
    }

    /// Plain http beyond this machine.
    pub(super) fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// This machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.scope == AddressScope::Loopback
    }

    /// Whether TLS is spoken.
    pub(super) fn is_https(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// An address of this origin; every segment and value is percent-encoded.
    pub(super) fn url(
        &self,
        path: &[String],
        query: &[(&'static str, String)],
    ) -> Result<Url, ProviderError> {
        // A dot segment would be resolved and leave the prefix.
        if path.iter().any(|part| matches!(&part[..], "" | "." | "..")) {
            return Err(policy_error("that cannot be part of an address"));
        }
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| policy_error("base_url is not a URL"))?
            .pop_if_empty()
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Whether an address has exactly this scheme, host and port. The key goes nowhere else.
    pub(super) fn owns(&self, url: &Url) -> bool {
        self.base.scheme() == url.scheme()
            && self.base.host() == url.host()
            && self.base.port_or_known_default() == url.port_or_known_default()
    }

    /// The resolver for a client of this origin. Other names, a proxy's, are not its business.
    pub(super) fn resolver(&self) -> AddressGuard {
        AddressGuard {
            host: self.base.host_str().unwrap_or_default().to_owned(),
            scope: self.scope,
        }
    }
}

fn policy_error(why: &str) -> ProviderError {
    ProviderError::Policy {
        why: why.to_owned(),
    }
}

/// Resolves names and refuses addresses that must not stand behind them. Literal addresses do not come here.
#[derive(Clone, Debug)]
pub(super) struct AddressGuard {
    host: String,
    scope: AddressScope,
}

impl AddressGuard {
    /// The addresses that may be connected to, or why none may be.
    fn admit(&self, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, DnsFailure> {
        let fits = |address: &SocketAddr| match self.scope {
            AddressScope::Loopback => address.ip().to_canonical().is_loopback(),
            AddressScope::Public => is_public(address.ip()),
            AddressScope::Anywhere => true,
        };
        if found.is_empty() {
            Err(DnsFailure::Unknown)
        } else if name != self.host || found.iter().all(fits) {
            Ok(found)
        } else if self.scope == AddressScope::Loopback {
            Err(DnsFailure::NotLoopback)
        } else {
            // One bad address among good ones is how rebinding looks: all are refused.
            Err(DnsFailure::Private)
        }
    }
}

impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| DnsFailure::Unknown)?
                .collect();
            let admitted = guard.admit(name.as_str(), found)?;
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DnsFailure {
    /// It has no address.
    Unknown,
    /// It is said to be this machine and is not.
    NotLoopback,
    /// A public name with a private address.
    Private,
}

impl fmt::Display for DnsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the name has no address",
            Self::NotLoopback => "localhost does not lead to this machine",
            Self::Private => "the name leads to a private address",
        })
    }
}

impl std::error::Error for DnsFailure {}

/// Whether an address is one of the public network.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let carrier = first == 100 && (64..128).contains(&second);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_multicast()
                || first == 0
                || carrier)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_decided_by_the_parsed_address() {
        for here in [
            "http://127.0.0.1:8080/",
            "http://[::1]:1/",
            "http://localhost:1/",
            "http://LOCALHOST/",
            "http://2130706433/",
            "http://127.9.8.7/",
        ] {
            let origin = Origin::new(here, false).unwrap();
            assert!(origin.is_loopback() && !origin.is_insecure(), "{here}");
        }
        for away in [
            "http://91.222.173.119:7000/",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://128.0.0.1/",
            "http://0.0.0.0/",
            "http://provider.example/",
        ] {
            let refused = Origin::new(away, false).err();
            assert!(
                matches!(refused, Some(ProviderError::Policy { .. })),
                "{away}"
            );
            assert!(Origin::new(away, true).unwrap().is_insecure(), "{away}");
        }
        for bad in [
            "ftp://provider.example/",
            "https://user@provider.example/",
            "https://:pass@provider.example/",
            "https://provider.example/?x=1",
            "https://provider.example/#x",
            "provider.example",
        ] {
            assert!(Origin::new(bad, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_owns_its_scheme_host_and_port_and_no_other() {
        let origin = Origin::new("https://api.provider.example/prefix", false).unwrap();
        let owns = |url: &str| origin.owns(&Url::parse(url).unwrap());
        assert!(owns("https://api.provider.example/v1"));
        assert!(owns("https://API.provider.example:443/other"));
        assert!(!owns("http://api.provider.example/v1"));
        assert!(!owns("https://api.provider.example:444/v1"));
        assert!(!owns("https://api.provider.example.evil.example/v1"));
        assert!(!owns("https://provider.example/v1"));
    }

    #[test]
    fn an_address_keeps_the_prefix_and_encodes_what_it_is_given() {
        let origin = Origin::new("https://api.provider.example/pre/", false).unwrap();
        let url = origin.url(
            &["v1".into(), "a/b?c#d%e".into()],
            &[("q", "x&y=z é".into())],
        );
        assert_eq!(
            url.unwrap().as_str(),
            "https://api.provider.example/pre/v1/a%2Fb%3Fc%23d%25e?q=x%26y%3Dz+%C3%A9"
        );
        assert!(origin.url(&["..".into()], &[]).is_err());
    }

    #[test]
    fn a_public_name_must_not_lead_to_a_private_address() {
        let guard = Origin::new("https://api.provider.example", false)
            .unwrap()
            .resolver();
        let admit = |name: &str, ips: &[&str]| {
            let found = ips
                .iter()
                .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
                .collect();
            guard.admit(name, found).map(|kept| kept.len())
        };
        let own = "api.provider.example";
        assert_eq!(admit(own, &["198.51.100.7", "2001:4860::1"]), Ok(2));
        for private in [
            "169.254.169.254",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(
                admit(own, &["198.51.100.7", private]),
                Err(DnsFailure::Private),
                "{private}"
            );
        }
        assert_eq!(admit("proxy.example", &["10.0.0.1"]), Ok(1));
        assert_eq!(admit(own, &[]), Err(DnsFailure::Unknown));
    }

    #[test]
    fn localhost_must_lead_to_this_machine() {
        let guard = Origin::new("http://localhost:1", false).unwrap().resolver();
        let admit =
            |ip: &str| guard.admit("localhost", vec![SocketAddr::new(ip.parse().unwrap(), 0)]);
        assert!(admit("127.0.0.1").is_ok() && admit("::1").is_ok());
        assert_eq!(admit("198.51.100.7"), Err(DnsFailure::NotLoopback));
    }
}
