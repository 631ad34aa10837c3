//! `[store]`: where the journal of a team is. A wrong member makes the whole of it unusable: what a team does together
//! must not end up in a journal of this host.

use super::{
    problem::ProblemScope,
    profile::{PathBase, read_key_source},
    toml_reader::{TableReader, TomlReader, parse_string},
};
use crate::entity::profile::KeySource;
use std::path::PathBuf;
use toml::de::DeTable;

/// The team store.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreConfig {
    /// Where it is, without a password.
    pub url: String,
    /// Where the password comes from.
    pub password: Option<KeySource>,
    /// TLS with the certificate and its name verified; false only on a socket or loopback.
    pub verify: bool,
    /// A private certificate authority, PEM.
    pub ca_file: Option<PathBuf>,
    /// A client certificate, PEM.
    pub cert: Option<PathBuf>,
    /// Where its key comes from.
    pub cert_key: Option<KeySource>,
    /// Schema in the database.
    pub schema: String,
    /// A direct way for news where `url` is a pooler.
    pub listen_url: Option<String>,
    /// Listen where that works; false: only ask.
    pub listen: bool,
    /// Milliseconds between two questions where listening does not work.
    pub poll_ms: u32,
    /// Seconds for which a running job waits for a store that is gone.
    pub patience_seconds: u32,
    /// Where the team's key for fingerprints comes from.
    pub fingerprint_key: Option<KeySource>,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            password: None,
            verify: true,
            ca_file: None,
            cert: None,
            cert_key: None,
            schema: "stanch".to_owned(),
            listen_url: None,
            listen: true,
            poll_ms: 500,
            patience_seconds: 30,
            fingerprint_key: None,
        }
    }
}

const MEMBERS: &[&str] = &[
    "url",
    "password",
    "tls",
    "ca_file",
    "cert",
    "cert_key",
    "schema",
    "listen_url",
    "listen",
    "poll_ms",
    "patience_seconds",
    "fingerprint_key",
];

/// What can be wrong with the URL of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// It is none.
    Form,
    /// It has a password.
    Password,
    /// TLS is off, and it is not on this host.
    Beyond,
}

impl Wrong {
    fn message(self) -> (&'static str, &'static str) {
        match self {
            Self::Form => (
                "is no URL of a PostgreSQL server",
                "write it as \"postgres://ana@db.example:5432/stanch\", or \"postgres:///stanch?host=/run/postgresql\" for a socket",
            ),
            Self::Password => (
                "has a password in it, which is not accepted",
                "take it out, and say where it is: password = { command = [\"pass\", \"show\", \"…\"] }; then make a new one, this one has been seen",
            ),
            Self::Beyond => (
                "leaves this host, and tls is off",
                "take tls = \"off\" out: it is for a socket or a loopback address",
            ),
        }
    }
}

/// Checks a URL.
fn check(text: &str, verify: bool) -> Result<(), Wrong> {
    let url = url::Url::parse(text).map_err(|_| Wrong::Form)?;
    if !matches!(url.scheme(), "postgres" | "postgresql") || url.fragment().is_some() {
        return Err(Wrong::Form);
    }
    let queried = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    if url.password().is_some() || queried("password").is_some() {
        return Err(Wrong::Password);
    }
    // What the URL may say of the connection is said by this section.
    let allowed = ["host", "port", "user"];
    if url.query_pairs().any(|(key, _)| !allowed.contains(&&*key)) {
        return Err(Wrong::Form);
    }
    let host = queried("host").or_else(|| url.host_str().map(str::to_owned));
    let host = host.filter(|host| !host.is_empty()).ok_or(Wrong::Form)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    let local =
        host.starts_with('/') || host == "localhost" || address.is_ok_and(|ip| ip.is_loopback());
    if !verify && !local {
        return Err(Wrong::Beyond);
    }
    Ok(())
}

/// Reads the section; `None` where it cannot be used, with its problems reported.
pub(super) fn read(
    reader: &mut TomlReader<'_>,
    table: &DeTable<'_>,
    home: &PathBase,
    url_given: bool,
) -> Option<StoreConfig> {
    let default = StoreConfig::default();
    let mut section =
        TableReader::open(reader, ProblemScope::Store, "[store]", table, MEMBERS, &[]);
    let verify = section.keyword("tls", &["verify", "off"]) != Some("off");
    for name in ["url", "listen_url"] {
        let given = section
            .value(name)
            .and_then(|value| parse_string(value.get_ref()));
        match given.as_deref().map(|url| check(url, verify)) {
            Some(Err(wrong)) => {
                let (what, hint) = wrong.message();
                section.report_invalid(name, what, hint);
            }
            None if section.value(name).is_some() => {
                let (what, hint) = Wrong::Form.message();
                section.report_invalid(name, what, hint);
            }
            Some(Ok(())) | None => {}
        }
    }
    if section.value("url").is_none() && !url_given {
        section.report_invalid("url", "is missing", Wrong::Form.message().1);
    }
    let schema = section.read_member("schema", "\"stanch\", of a-z, 0-9 and _", |value| {
        let name = parse_string(value)?;
        let fits = name.len() <= 40
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        fits.then_some(name)
    });
    let config = StoreConfig {
        url: section.string("url").unwrap_or_default(),
        password: read_key_source(&mut section, "password", home),
        verify,
        ca_file: section.string("ca_file").map(|path| home.resolve(&path)),
        cert: section.string("cert").map(|path| home.resolve(&path)),
        cert_key: read_key_source(&mut section, "cert_key", home),
        schema: schema.unwrap_or(default.schema),
        listen_url: section.string("listen_url"),
        listen: section.keyword("listen", &["auto", "off"]) != Some("off"),
        poll_ms: section.integer("poll_ms", 50).unwrap_or(default.poll_ms),
        patience_seconds: section
            .integer("patience_seconds", 0)
            .unwrap_or(default.patience_seconds),
        fingerprint_key: read_key_source(&mut section, "fingerprint_key", home),
    };
    if config.cert.is_some() != config.cert_key.is_some() {
        let name = if config.cert.is_some() {
            "cert"
        } else {
            "cert_key"
        };
        section.report_invalid(
            name,
            "stands alone",
            "a client certificate needs both cert and cert_key",
        );
    }
    let whole = !section.report_invalid && MEMBERS.iter().all(|name| !section.is_invalid(name));
    whole.then_some(config)
}

/// Takes the URL of the environment in place of the file's.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn override_url(
    store: Option<StoreConfig>,
    url: &str,
) -> Result<StoreConfig, (String, String)> {
    let store = store.unwrap_or_default();
    match check(url, store.verify) {
        Ok(()) => Ok(StoreConfig {
            url: url.to_owned(),
            ..store
        }),
        Err(wrong) => {
            let (what, hint) = wrong.message();
            Err((format!("STANCH_STORE_URL {what}"), hint.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_no_password_and_stays_on_this_host_without_tls() {
        for (url, verify, wrong) in [
            ("postgres://ana@db.example:5432/stanch", true, None),
            ("postgresql://ana@db.example/stanch", true, None),
            ("postgres:///stanch?host=/run/postgresql", true, None),
            (
                "postgres:///stanch?host=/run/postgresql&user=ana",
                false,
                None,
            ),
            ("postgres://ana@127.0.0.1/stanch", false, None),
            ("postgres://ana@[::1]:5432/stanch", false, None),
            ("postgres://ana@localhost/stanch", false, None),
            (
                "postgres://ana@db.example/stanch",
                false,
                Some(Wrong::Beyond),
            ),
            (
                "postgres://ana@127.0.0.1.example/stanch",
                false,
                Some(Wrong::Beyond),
            ),
            (
                "postgres://ana:secret@db.example/stanch",
                true,
                Some(Wrong::Password),
            ),
            (
                "postgres://ana@db.example/stanch?password=x",
                true,
                Some(Wrong::Password),
            ),
            (
                "postgres://ana@db.example/stanch?sslmode=disable",
                true,
                Some(Wrong::Form),
            ),
            ("https://db.example/stanch", true, Some(Wrong::Form)),
            ("postgres:///stanch", true, Some(Wrong::Form)),
            ("db.example", true, Some(Wrong::Form)),
        ] {
            assert_eq!(check(url, verify).err(), wrong, "{url}");
        }
    }
}
