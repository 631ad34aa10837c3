//! The client under a transport: what it may do on the way, and whom it believes.

use super::{limits::Limits, origin::Origin, policy_error};
use crate::entity::error::ProviderError;
use reqwest::Client;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// Makes the client of one origin: no redirects, no retries, no ambient proxy, and the authorities of the settings.
pub(super) fn build_client(
    ca_file: Option<&std::path::Path>,
    proxy: Option<&str>,
    origin: &Origin,
    limits: &Limits,
) -> Result<Client, ProviderError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing the race to another profile is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let mut builder = Client::builder()
        .user_agent(concat!("stanch/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(limits.connect_timeout)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .tcp_nodelay(true)
        .dns_resolver(origin.resolver());
    // Traffic to this machine has nothing to do with a proxy.
    if let Some(proxy) = proxy.filter(|_| !origin.is_loopback()) {
        let proxy = reqwest::Proxy::all(proxy).map_err(|_| policy_error("proxy is not a URL"))?;
        builder = builder.proxy(proxy);
    }
    builder = match ca_file {
        Some(file) => builder.tls_certs_merge(load_authorities(file)?),
        // Plain http needs no system store, which a bare container may not have.
        None if !origin.is_https() => builder.tls_certs_only([]),
        None => builder,
    };
    builder
        .build()
        .map_err(|_| policy_error("no client can be made of these settings: check ca_file, proxy and the system's certificates"))
}

fn load_authorities(file: &std::path::Path) -> Result<Vec<reqwest::Certificate>, ProviderError> {
    let unreadable = |()| policy_error("ca_file cannot be read as PEM certificates");
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .map_err(|_| unreadable(()))?
        .map(|found| {
            let der = found.map_err(|_| unreadable(()))?;
            reqwest::Certificate::from_der(&der).map_err(|_| unreadable(()))
        })
        .collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(unreadable(()));
    }
    Ok(found)
}
