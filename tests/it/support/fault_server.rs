//! A raw-socket server on this machine that answers by script, and answers wrongly where the script says so: it cuts,
//! resets, hangs, drips and sends any bytes, and keeps what it was sent.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use stanch::{
    entity::{
        fingerprint::FingerprintKey,
        key::{ProfileName, ProviderId},
        option::OptionValues,
        profile::AdapterSettings,
        secret::Secret,
    },
    http::Limits,
    provider::{Provider, REGISTRY},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};

/// The key that every test profile has; it must be found nowhere but in its header.
pub(crate) const KEY: &str = "k3y-0f-th3-t3sts";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    /// Path and query, as they were on the wire.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Instant,
}

impl RecordedRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| &value[..])
    }

    /// A parameter of the query, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let url = url::Url::parse("http://x.example").unwrap();
        let url = url.join(&self.target).unwrap();
        let mut pairs = url.query_pairs();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ConnectionEnd {
    /// It does not: the next request is read.
    KeepAlive,
    /// Orderly.
    Fin,
    /// By a reset.
    Reset,
    /// Not at all: nothing more is sent.
    Hang,
}

/// What is sent for one request.
#[derive(Clone, Debug)]
pub(crate) struct ServerResponse {
    pub(crate) bytes: Vec<u8>,
    /// Sent byte by byte with this pause, if any.
    pub(crate) drip: Option<Duration>,
    /// Waited before the first byte.
    pub(crate) delay: Duration,
    pub(crate) end: ConnectionEnd,
}

impl ServerResponse {
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>, end: ConnectionEnd) -> Self {
        Self {
            bytes: bytes.into(),
            drip: None,
            delay: Duration::ZERO,
            end,
        }
    }

    /// A well-formed answer; headers of the caller come as they are.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            bytes.extend([name, ": ", value, "\r\n"]);
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        Self::raw(bytes, ConnectionEnd::KeepAlive)
    }

    pub(crate) fn json(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::new(
            status,
            &[("content-type", "application/json")],
            body.as_ref(),
        )
    }

    pub(crate) fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

type Responder = dyn Fn(usize, &RecordedRequest) -> ServerResponse + Send + Sync;

struct Shared {
    respond: Box<Responder>,
    requests: Mutex<Vec<RecordedRequest>>,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
    /// Reads so many bytes of a request, then ends so.
    cut: Option<(usize, ConnectionEnd)>,
}

/// A server that lives as long as the test's runtime.
#[derive(Clone)]
pub(crate) struct FaultServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    https: bool,
}

impl FaultServer {
    /// Answers each request, counted from 0, by a function.
    pub(crate) async fn start(
        respond: impl Fn(usize, &RecordedRequest) -> ServerResponse + Send + Sync + 'static,
    ) -> Self {
        Self::run(Box::new(respond), None, None).await
    }

    /// Gives the same answer to everything.
    pub(crate) async fn with_response(answer: ServerResponse) -> Self {
        Self::start(move |_, _| answer.clone()).await
    }

    /// Gives these answers in turn, and the last for ever.
    pub(crate) async fn with_responses(answers: Vec<ServerResponse>) -> Self {
        Self::start(move |n, _| answers[n.min(answers.len() - 1)].clone()).await
    }

    /// Reads only so many bytes of each request.
    pub(crate) async fn cut_after(bytes: usize, end: ConnectionEnd) -> Self {
        let unused = |_: usize, _: &RecordedRequest| ServerResponse::json(500, "");
        Self::run(Box::new(unused), Some((bytes, end)), None).await
    }

    /// Speaks TLS with a certificate of the fixtures.
    pub(crate) async fn with_tls(certificate: &str, answer: ServerResponse) -> Self {
        let config = tls_config(certificate, &[]);
        Self::run(Box::new(move |_, _| answer.clone()), None, Some(config)).await
    }

    async fn run(
        respond: Box<Responder>,
        cut: Option<(usize, ConnectionEnd)>,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            respond,
            requests: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            max_in_flight: AtomicUsize::new(0),
            cut,
        });
        let server = Self {
            address,
            shared: shared.clone(),
            https: tls.is_some(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (shared.clone(), tls.clone());
                tokio::spawn(async move {
                    let _ = match tls {
                        None => shared.serve(stream).await,
                        Some(config) => {
                            let acceptor = tokio_rustls::TlsAcceptor::from(config);
                            if let Ok(mut stream) = acceptor.accept(stream).await {
                                let _ = shared.answer_requests(&mut stream).await;
                            }
                            Ok(())
                        }
                    };
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.requests.lock().unwrap().len()
    }

    pub(crate) fn max_in_flight(&self) -> usize {
        self.shared.max_in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn reset_in_flight(&self) {
        self.shared.max_in_flight.store(0, Ordering::SeqCst);
    }

    /// The first registered provider at this server.
    pub(crate) fn connect(&self, limits: Limits) -> Arc<dyn Provider> {
        connect(settings(&self.url()), limits)
    }
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        if let Some((bytes, end)) = self.cut {
            let mut request = vec![0; bytes];
            if bytes > 0 {
                stream.read_exact(&mut request).await?;
            }
            return finish(stream, end).await;
        }
        let end = self.answer_requests(&mut stream).await?;
        finish(stream, end).await
    }

    async fn answer_requests<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
    ) -> std::io::Result<ConnectionEnd> {
        let mut buffer = Vec::new();
        while let Some(seen) = read_request(stream, &mut buffer).await? {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.max_in_flight.fetch_max(now, Ordering::SeqCst);
            let number = {
                let mut all = self.requests.lock().unwrap();
                all.push(seen.clone());
                all.len() - 1
            };
            let answer = (self.respond)(number, &seen);
            if !answer.delay.is_zero() {
                tokio::time::sleep(answer.delay).await;
            }
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            match answer.drip {
                None => stream.write_all(&answer.bytes).await?,
                Some(pause) => {
                    for byte in &answer.bytes {
                        stream.write_all(&[*byte]).await?;
                        stream.flush().await?;
                        tokio::time::sleep(pause).await;
                    }
                }
            }
            stream.flush().await?;
            if answer.end != ConnectionEnd::KeepAlive {
                return Ok(answer.end);
            }
        }
        Ok(ConnectionEnd::Fin)
    }
}

pub(super) async fn finish(mut stream: TcpStream, end: ConnectionEnd) -> std::io::Result<()> {
    match end {
        ConnectionEnd::KeepAlive | ConnectionEnd::Fin => stream.shutdown().await,
        ConnectionEnd::Reset => stream.set_zero_linger(),
        ConnectionEnd::Hang => std::future::pending().await,
    }
}

pub(super) async fn read_request<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> std::io::Result<Option<RecordedRequest>> {
    let head = loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let seen = RecordedRequest {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: buffer[head..head + length].to_vec(),
        at: Instant::now(),
    };
    buffer.drain(..head + length);
    Ok(Some(seen))
}

pub(crate) fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

pub(super) fn tls_config(certificate: &str, alpn: &[&[u8]]) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let chain = CertificateDer::pem_file_iter(fixture(&format!("{certificate}.pem")))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(fixture(&format!("{certificate}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

/// An HTTP/2 server that answers every request with `RST_STREAM` and this code; it counts them.
pub(crate) async fn resetting_h2(code: u32) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    let acceptor = tokio_rustls::TlsAcceptor::from(tls_config("good", &[b"h2"]));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, counter) = (acceptor.clone(), counter.clone());
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut preface = [0; 24];
                stream.read_exact(&mut preface).await?;
                stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await?;
                loop {
                    let mut head = [0; 9];
                    stream.read_exact(&mut head).await?;
                    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                    let mut payload = vec![0; length as usize];
                    stream.read_exact(&mut payload).await?;
                    let (kind, flags) = (head[3], head[4]);
                    if kind == 4 && flags & 1 == 0 {
                        stream.write_all(&[0, 0, 0, 4, 1, 0, 0, 0, 0]).await?;
                    }
                    if matches!(kind, 0 | 1) && flags & 1 == 1 {
                        counter.fetch_add(1, Ordering::SeqCst);
                        let mut frame = vec![0, 0, 4, 3, 0];
                        frame.extend_from_slice(&head[5..9]);
                        frame.extend_from_slice(&code.to_be_bytes());
                        stream.write_all(&frame).await?;
                    }
                    stream.flush().await?;
                }
                #[expect(unreachable_code, reason = "names the block's type")]
                std::io::Result::Ok(())
            });
        }
    });
    (url, requests)
}

/// Settings of a profile at an address.
pub(crate) fn settings(base_url: &str) -> AdapterSettings {
    AdapterSettings {
        name: ProfileName::new("acme").unwrap(),
        provider: ProviderId::new(REGISTRY[0].id),
        base_url: base_url.to_owned(),
        team_id: None,
        options: OptionValues::default(),
        rpm: None,
        page_size: None,
        bulk_size: None,
        verify: Vec::new(),
        allow_insecure_http: false,
        insecure_http_flag: false,
        ca_file: base_url
            .starts_with("https://127")
            .then(|| fixture("trusted.pem")),
        proxy: None,
        read_only: false,
        environment: String::new(),
        short: None,
        attribution: None,
        files: stanch::entity::files::FileSettings::default(),
        state: None,
        fingerprint: FingerprintKey::new([7; 32]),
    }
}

/// The adapter of settings, which must be good.
pub(crate) fn connect(settings: AdapterSettings, limits: Limits) -> Arc<dyn Provider> {
    try_connect(settings, limits).unwrap_or_else(|error| panic!("{error}"))
}

/// The adapter of settings.
pub(crate) fn try_connect(
    settings: AdapterSettings,
    limits: Limits,
) -> Result<Arc<dyn Provider>, stanch::entity::error::ProviderError> {
    let row = stanch::provider::registration(settings.provider.as_str()).unwrap();
    (row.connect_with_limits)(settings, Secret::from(KEY.to_owned()), limits)
}

/// Limits that let a test of them end soon.
pub(crate) fn fast_limits() -> Limits {
    Limits {
        connect_timeout: Duration::from_millis(800),
        request_timeout: Duration::from_secs(5),
        backoff: Duration::from_millis(2),
        min_429_wait: Duration::from_millis(5),
        ..Limits::default()
    }
}

/// A leak's id by its number.
pub(crate) fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// A page of open leaks by their numbers.
pub(crate) fn rows(numbers: impl IntoIterator<Item = u32>, total: u64) -> String {
    let items: Vec<String> = numbers
        .into_iter()
        .map(|n| {
            format!(
                r#"{{"id":"{}","status":"open","username":"u{n}@acme.example"}}"#,
                id(n)
            )
        })
        .collect();
    format!(
        r#"{{"data":[{}],"total_leaks":{total},"total_count":{total}}}"#,
        items.join(",")
    )
}
