//! A connection to the server of a team store: where it is, and how it is protected.

use super::refusal::CallError;
use crate::{
    entity::error::JournalError,
    journal::{
        location,
        port::{TeamOptions, TeamTls},
    },
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{path::Path, sync::Arc, time::Duration};
use tokio_postgres::{
    Client, Config, Connection, NoTls, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// Where the server is, and how it is reached.
#[derive(Clone)]
pub(super) struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// A connection that is driven by whoever asked for it.
pub(super) enum Driver {
    Plain(Box<Connection<Socket, tokio_postgres::tls::NoTlsStream>>),
    Tls(Box<Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>>),
}

impl Target {
    /// Reads the options; `url` is one of the two that they may have.
    ///
    /// # Errors
    /// `Io` if the URL or a file cannot be used.
    pub(super) fn new(options: &TeamOptions, url: &str) -> Result<Self, JournalError> {
        let mut config: Config = url
            .parse()
            .map_err(|_| unusable("store.url is no URL of a server"))?;
        if let Some(password) = &options.password {
            config.password(password.expose());
        }
        config
            .application_name("stanch")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(Duration::from_secs(15))
            .keepalives(true)
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        let socket = config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)));
        let tls = match options.tls {
            TeamTls::Verify if !socket => {
                config.ssl_mode(SslMode::Require);
                Some(MakeRustlsConnect::new(client_config(options)?))
            }
            TeamTls::Verify | TeamTls::Off => {
                config.ssl_mode(SslMode::Disable);
                None
            }
        };
        Ok(Self { config, tls })
    }

    /// How TLS is spoken with the first host of the URL, its name and its port; `None` without TLS.
    ///
    /// # Errors
    /// `Io` if a file of the options cannot be used.
    pub(super) fn tls_peer(
        &self,
        options: &TeamOptions,
    ) -> Result<Option<(Arc<ClientConfig>, String, u16)>, JournalError> {
        if self.tls.is_none() {
            return Ok(None);
        }
        let port = self.config.get_ports().first().copied().unwrap_or(5_432);
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => Ok(Some((
                Arc::new(client_config(options)?),
                host.clone(),
                port,
            ))),
            Some(Host::Unix(_)) | None => Ok(None),
        }
    }

    /// True if the connection is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Connects.
    pub(super) async fn connect(&self) -> Result<(Client, Driver), CallError> {
        let connecting = async {
            Ok(if let Some(tls) = &self.tls {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                (client, Driver::Tls(Box::new(connection)))
            } else {
                let (client, connection) = self.config.connect(NoTls).await?;
                (client, Driver::Plain(Box::new(connection)))
            })
        };
        match tokio::time::timeout(CONNECT * 2, connecting).await {
            Ok(connected) => {
                connected.map_err(|error: tokio_postgres::Error| CallError::from(&error))
            }
            Err(_) => Err(CallError::Gone(
                "no connection within 10 seconds".to_owned(),
            )),
        }
    }
}

impl Driver {
    /// Drives the connection until it ends.
    pub(super) async fn run(self) {
        match self {
            Self::Plain(connection) => (*connection).await.ok(),
            Self::Tls(connection) => (*connection).await.ok(),
        };
    }

    /// Drives the connection, and calls `told` with the payload of each notification.
    pub(super) async fn listen(self, told: impl FnMut(&str)) {
        match self {
            Self::Plain(connection) => each(*connection, told).await,
            Self::Tls(connection) => each(*connection, told).await,
        }
    }
}

async fn each<S, T>(mut connection: Connection<S, T>, mut told: impl FnMut(&str))
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let next = |connection: &mut Connection<S, T>, context: &mut std::task::Context<'_>| {
        connection.poll_message(context)
    };
    while let Some(Ok(message)) =
        std::future::poll_fn(|context| next(&mut connection, context)).await
    {
        if let tokio_postgres::AsyncMessage::Notification(notification) = message {
            told(notification.payload());
        }
    }
}

/// TLS 1.2 or newer, with the certificate and its name verified.
fn client_config(options: &TeamOptions) -> Result<ClientConfig, JournalError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable("TLS cannot be set up"))?;
    let builder = match &options.ca_file {
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots
                    .add(certificate)
                    .map_err(|_| file_error(path, "is no certificate authority"))?;
            }
            builder.with_root_certificates(roots)
        }
        None => builder
            .with_platform_verifier()
            .map_err(|_| unusable("the platform's certificate authorities cannot be read"))?,
    };
    match &options.client {
        Some((path, key)) => {
            let key = PrivateKeyDer::from_pem_slice(key.expose())
                .map_err(|_| unusable("store.cert_key is no private key in PEM"))?;
            builder
                .with_client_auth_cert(certificates(path)?, key)
                .map_err(|_| file_error(path, "does not belong to store.cert_key"))
        }
        None => Ok(builder.with_no_client_auth()),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, JournalError> {
    let wrong = || file_error(path, "cannot be read as certificates in PEM");
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|_| wrong())?
        .collect::<Result<_, _>>()
        .map_err(|_| wrong())?;
    if all.is_empty() {
        Err(wrong())
    } else {
        Ok(all)
    }
}

fn file_error(path: &Path, what: &str) -> JournalError {
    unusable(&format!("{} {what}", location::printable_path(path)))
}

fn unusable(why: &str) -> JournalError {
    JournalError::Io {
        why: why.to_owned(),
    }
}
