//! The team store of a run, from the configuration and the sources of its secrets.

use crate::{
    cli::{
        context::{CommandContext, StoreChoice},
        failure::Failure,
    },
    config::location,
    journal::TeamOptions,
};
use std::path::Path;

/// The team store; `None` for the journal of this host.
///
/// # Errors
/// `[store]` is wrong, or a secret of it cannot be read: the journal of this host never takes the place of a team's.
pub(in crate::cli) fn options(session: &CommandContext) -> Result<Option<TeamOptions>, Failure> {
    match &session.store {
        StoreChoice::Embedded => return Ok(None),
        StoreChoice::Team(options) => return Ok(Some((**options).clone())),
        StoreChoice::Configured => {}
    }
    if let Some(read) = session.team.get() {
        return Ok(read.clone());
    }
    let read = configured(session)?;
    Ok(session.team.get_or_init(|| read).clone())
}

fn configured(session: &CommandContext) -> Result<Option<TeamOptions>, Failure> {
    // A configuration of very many lines takes long, and most of them say nothing of a store.
    if session.overrides().store_url.is_none() && !mentions_store(session.config_path.as_deref()) {
        return Ok(None);
    }
    let config = session.full_config();
    if let Some(problem) = config.store_problem() {
        return Err(Failure::from(problem));
    }
    match &config.store {
        Some(store) => of(store, &config).map(Some),
        None => match config.blocking_problem() {
            // What the file says of a store cannot be told.
            Some(problem) => Err(Failure::from(problem)),
            None => Ok(None),
        },
    }
}

/// Whether a file may have the section. One that is not there has none, and who reads it says so.
fn mentions_store(path: Option<&Path>) -> bool {
    let text = path.and_then(|path| location::raw(path).ok());
    text.is_some_and(|text| {
        text.lines().any(|line| {
            let line = line.trim_start().trim_start_matches(['[', ' ', '"', '\'']);
            line.starts_with("store")
        })
    })
}

#[cfg(not(feature = "postgres"))]
fn of(
    _: &crate::config::store::StoreConfig,
    _: &crate::config::Config,
) -> Result<TeamOptions, Failure> {
    Err(not_built())
}

#[cfg(not(feature = "postgres"))]
pub(super) fn not_built() -> Failure {
    Failure::new(
        crate::cli::failure::FailureKind::Config,
        "this program was built without the team store (cargo feature postgres)",
        "build it with --features postgres, or take [store] out",
    )
}

#[cfg(feature = "postgres")]
use reading::of;

/// What the configuration says of the store, with its secrets read.
#[cfg(feature = "postgres")]
mod reading {
    use crate::{
        cli::{
            exit::ExitCode,
            failure::{Failure, FailureKind},
        },
        config::{Config, store::StoreConfig},
        credential::{self, CredentialError},
        entity::{
            fingerprint::FingerprintKey,
            key::ProfileName,
            profile::{KeySource, ProfileBinding},
            secret::Secret,
        },
        journal::{TeamOptions, TeamTls},
    };
    use std::time::Duration;

    pub(super) fn of(store: &StoreConfig, config: &Config) -> Result<TeamOptions, Failure> {
        let read = |source: &Option<KeySource>, what: &str| match source {
            Some(source) => secret(source, what).map(Some),
            None => Ok(None),
        };
        let key = match &store.cert_key {
            Some(source) => {
                let read = credential::read_text(source);
                Some(read.map_err(|error| unreadable("store.cert_key", &error))?)
            }
            None => None,
        };
        let fingerprint = match read(&store.fingerprint_key, "store.fingerprint_key")? {
            Some(secret) => Some(fingerprint(&secret)?),
            None => None,
        };
        let accounts = config.profiles.iter().filter_map(|profile| {
            let account = profile.account.clone()?;
            Some((profile.settings.name.clone(), account))
        });
        let accounts: Vec<(ProfileName, String)> = accounts.collect();
        Ok(TeamOptions {
            url: store.url.clone(),
            password: read(&store.password, "store.password")?,
            tls: if store.verify {
                TeamTls::Verify
            } else {
                TeamTls::Off
            },
            ca_file: store.ca_file.clone(),
            client: store.cert.clone().zip(key),
            schema: store.schema.clone(),
            listen_url: store.listen_url.clone(),
            listen: store.listen,
            poll: Duration::from_millis(u64::from(store.poll_ms)),
            patience: Duration::from_secs(u64::from(store.patience_seconds)),
            fingerprint,
            accounts,
            origins: config
                .profiles
                .iter()
                .map(|profile| {
                    let settings = &profile.settings;
                    let origin = url::Url::parse(&settings.base_url);
                    ProfileBinding {
                        name: settings.name.clone(),
                        provider: settings.provider.clone(),
                        origin: origin.map_or_else(
                            |_| String::new(),
                            |url| url.origin().ascii_serialization(),
                        ),
                        team: settings.team_id.clone().unwrap_or_default(),
                    }
                })
                .collect(),
        })
    }

    fn secret(source: &KeySource, what: &str) -> Result<Secret, Failure> {
        let read = credential::read(source);
        let (secret, _) = read.map_err(|error| unreadable(what, &error))?;
        Ok(secret)
    }

    fn unreadable(what: &str, error: &CredentialError) -> Failure {
        Failure {
            kind: error.kind(),
            message: format!("{what}: {error}"),
            hint: error.hint().to_owned(),
            profile: None,
            exit: ExitCode::from_code(error.exit_code()),
        }
    }

    /// The team's key, as 64 hexadecimal digits or as 32 bytes.
    fn fingerprint(secret: &Secret) -> Result<FingerprintKey, Failure> {
        let bytes = secret.expose();
        let digits = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| text.len() == 64);
        let mut key = [0; 32];
        let read = match digits {
            Some(text) => key.iter_mut().enumerate().all(|(at, byte)| {
                let pair = text.get(at * 2..at * 2 + 2);
                let value = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
                value.map(|value| *byte = value).is_some()
            }),
            None => bytes.try_into().map(|bytes: [u8; 32]| key = bytes).is_ok(),
        };
        if read {
            Ok(FingerprintKey::new(key))
        } else {
            Err(Failure::new(
                FailureKind::Config,
                "store.fingerprint_key is no key: it has neither 64 hexadecimal digits nor 32 bytes",
                "stanch store init says where the team's key is; print it with xxd -p -c 64",
            ))
        }
    }
}
