//! A line to the stand-in that breaks: it stands between, passes on what comes, and cuts one connection at the place
//! that it is told, in the way that it is told. Every request has a connection of its own, so that each can be named.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::fault_server::{ConnectionEnd, finish, read_request, tls_config};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Notify,
};

/// Where a connection is cut: the classes of the corpus, and whether a byte of the request can have left by then.
pub(crate) const CLASSES: [(&str, bool); 15] = [
    ("in TCP SYN", false),
    ("in TLS handshake", false),
    ("after request line", true),
    ("in request headers", true),
    ("in request body (50%)", true),
    ("after request, before status line", true),
    ("in status line", true),
    ("in response headers", true),
    ("between headers and body", true),
    ("first body byte", true),
    ("middle of a UTF-8 character", true),
    ("inside a string escape", true),
    ("after last byte before FIN", true),
    ("in chunk size line", true),
    ("in trailers", true),
];

/// What is added to an answer, so that there is something to cut: a letter of two bytes, an escape.
const NOTE: &str = "\"note\":\"é\\\"\",";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) connection: usize,
    /// Empty, where it was cut before it was whole.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) ids: Vec<String>,
}

#[derive(Clone, Debug)]
struct Plan {
    connection: usize,
    class: &'static str,
    end: ConnectionEnd,
}

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    connections: usize,
    received: Vec<ReceivedRequest>,
    cut: bool,
}

struct Shared {
    upstream: SocketAddr,
    tls: Option<Arc<rustls::ServerConfig>>,
    state: Mutex<State>,
    /// The line is to be mended.
    restored: Notify,
}

/// A line to a stand-in.
#[derive(Clone)]
pub(crate) struct CuttingProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl CuttingProxy {
    /// A line to this address.
    pub(crate) async fn start(url: &str, tls: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cutter = Self {
            address: listener.local_addr().unwrap(),
            shared: Arc::new(Shared {
                upstream: url.trim_start_matches("http://").parse().unwrap(),
                tls: tls.then(|| tls_config("good", &[])),
                state: Mutex::default(),
                restored: Notify::new(),
            }),
        };
        tokio::spawn(cutter.clone().listen(listener));
        cutter
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.shared.tls.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// Counts anew, and cuts nothing.
    pub(crate) fn reset(&self) {
        *self.shared.state.lock().unwrap() = State::default();
    }

    /// Counts anew, and cuts this connection, the first of which is 0.
    pub(crate) fn cut(&self, connection: usize, class: &'static str, end: ConnectionEnd) {
        self.reset();
        self.shared.state.lock().unwrap().plan = Some(Plan {
            connection,
            class,
            end,
        });
    }

    /// Lets connections through again, where none came about.
    pub(crate) fn restore(&self) {
        self.shared.restored.notify_one();
    }

    /// Whether the line was cut.
    pub(crate) fn was_cut(&self) -> bool {
        self.shared.state.lock().unwrap().cut
    }

    /// What came, in order.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        self.shared.state.lock().unwrap().received.clone()
    }

    async fn listen(self, mut listener: TcpListener) {
        loop {
            // The next connection never comes about.
            if let Some(end) = self.shared.take_refusal() {
                drop(listener);
                let full = match end {
                    ConnectionEnd::Hang => Some(black_hole(self.address).await),
                    _ => None,
                };
                self.shared.restored.notified().await;
                drop(full);
                listener = bind(self.address).await;
            }
            let Ok((stream, _)) = listener.accept().await else {
                return;
            };
            let number = {
                let mut state = self.shared.state.lock().unwrap();
                state.connections += 1;
                state.connections - 1
            };
            // One after the other: what a cut falls on is the same each time.
            let shared = Arc::clone(&self.shared);
            let hangs = matches!(
                shared.plan(number),
                Some(Plan {
                    end: ConnectionEnd::Hang,
                    ..
                })
            );
            let serve = async move { shared.serve(number, stream).await.ok() };
            if hangs {
                tokio::spawn(serve);
            } else {
                serve.await;
            }
        }
    }
}

impl Shared {
    /// How the connection that comes next is refused, if it is.
    fn take_refusal(&self) -> Option<ConnectionEnd> {
        let mut state = self.state.lock().unwrap();
        let plan = state.plan.clone()?;
        let due = plan.class == "in TCP SYN" && plan.connection == state.connections && !state.cut;
        state.cut |= due;
        due.then_some(plan.end)
    }

    /// What this connection is cut by.
    fn plan(&self, number: usize) -> Option<Plan> {
        let state = self.state.lock().unwrap();
        let plan = state.plan.clone()?;
        (plan.class != "in TCP SYN" && plan.connection == number && !state.cut).then_some(plan)
    }

    fn wait_until_restored(&self) {
        self.state.lock().unwrap().cut = true;
    }

    async fn serve(&self, number: usize, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let plan = self.plan(number);
        if let Some(Plan {
            class: "in TLS handshake",
            end,
            ..
        }) = plan
        {
            self.wait_until_restored();
            stream.read_exact(&mut [0; 3]).await?;
            return finish(stream, end).await;
        }
        match &self.tls {
            Some(config) => {
                let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(config));
                let mut stream = acceptor.accept(stream).await?;
                self.forward(number, None, &mut stream).await?;
                stream.shutdown().await
            }
            None => match self.forward(number, plan, &mut stream).await? {
                Some(end) => finish(stream, end).await,
                None => stream.shutdown().await,
            },
        }
    }

    /// Passes one request on and its answer back; answers how to cut, where it is to be cut here.
    async fn forward<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        number: usize,
        plan: Option<Plan>,
        stream: &mut S,
    ) -> std::io::Result<Option<ConnectionEnd>> {
        let of_request = match plan.as_ref().map(|plan| plan.class) {
            Some("after request line") => Some(20),
            Some("in request headers") => Some(60),
            Some("in request body (50%)") => Some(0),
            _ => None,
        };
        if let (Some(bytes), Some(plan)) = (of_request, &plan) {
            self.wait_until_restored();
            if bytes > 0 {
                stream.read_exact(&mut vec![0; bytes]).await?;
            } else {
                read_half(stream).await?;
            }
            self.record(number, "", "", Vec::new());
            return Ok(Some(plan.end));
        }
        let Some(seen) = read_request(stream, &mut Vec::new()).await? else {
            return Ok(None);
        };
        let ids = match &seen.json()["leakids"] {
            serde_json::Value::Array(ids) => ids
                .iter()
                .filter_map(|id| id.as_str())
                .map(str::to_owned)
                .collect(),
            _ => seen.json()["leakid"]
                .as_str()
                .map(str::to_owned)
                .into_iter()
                .collect(),
        };
        self.record(number, &seen.method, &seen.target, ids);
        let mut request = format!(
            "{} {} HTTP/1.1\r\nconnection: close\r\n",
            seen.method, seen.target
        );
        for (name, value) in seen.headers.iter().filter(|(name, _)| name != "connection") {
            request += &format!("{name}: {value}\r\n");
        }
        let mut request = (request + "\r\n").into_bytes();
        request.extend_from_slice(&seen.body);
        let mut upstream = TcpStream::connect(self.upstream).await?;
        upstream.write_all(&request).await?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).await?;
        let Some(plan) = plan else {
            stream.write_all(&answer).await?;
            stream.flush().await?;
            return Ok(None);
        };
        self.wait_until_restored();
        stream
            .write_all(&truncated_response(plan.class, &answer))
            .await?;
        stream.flush().await?;
        Ok(Some(plan.end))
    }

    fn record(&self, connection: usize, method: &str, path: &str, ids: Vec<String>) {
        self.state.lock().unwrap().received.push(ReceivedRequest {
            connection,
            method: method.into(),
            path: path.into(),
            ids,
        });
    }
}

/// The request's head and half of its body; the head alone, where it has none.
async fn read_half<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    stream.read_exact(&mut vec![0; length / 2]).await.map(drop)
}

/// What of an answer goes out before it is cut.
fn truncated_response(class: &str, answer: &[u8]) -> Vec<u8> {
    let end = memchr::memmem::find(answer, b"\r\n\r\n").unwrap() + 4;
    let (head, body) = (
        String::from_utf8_lossy(&answer[..end]).into_owned(),
        &answer[end..],
    );
    let body = String::from_utf8_lossy(body).replacen('{', &format!("{{{NOTE}"), 1);
    let lines: Vec<&str> = head
        .lines()
        .filter(|line| {
            let line = line.to_ascii_lowercase();
            !line.is_empty()
                && !line.starts_with("content-length")
                && !line.starts_with("transfer-encoding")
        })
        .collect();
    let sized = format!(
        "{}\r\ncontent-length: {}\r\n\r\n",
        lines.join("\r\n"),
        body.len()
    );
    let chunked = format!(
        "{}\r\ntransfer-encoding: chunked\r\n\r\n",
        lines.join("\r\n")
    );
    let of_body = |upto: usize| [sized.as_bytes(), &body.as_bytes()[..upto]].concat();
    match class {
        "after request, before status line" => Vec::new(),
        "in status line" => sized.as_bytes()[..9].to_vec(),
        "in response headers" => sized.as_bytes()[..30].to_vec(),
        "between headers and body" => of_body(0),
        "first body byte" => of_body(1),
        "middle of a UTF-8 character" => of_body(body.find('é').unwrap() + 1),
        "inside a string escape" => of_body(body.find('\\').unwrap() + 1),
        "after last byte before FIN" => of_body(body.len()),
        "in chunk size line" => format!("{chunked}4").into_bytes(),
        "in trailers" => {
            format!("{chunked}{:x}\r\n{body}\r\n0\r\nstatus: fi", body.len()).into_bytes()
        }
        other => panic!("no class {other}"),
    }
}

async fn bind(address: SocketAddr) -> TcpListener {
    loop {
        // What is left of the full queue holds the port for a moment.
        if let Ok(listener) = TcpListener::bind(address).await {
            return listener;
        }
        tokio::task::yield_now().await;
    }
}

/// A listener whose queue is full: what is sent to it next gets no answer.
async fn black_hole(address: SocketAddr) -> Vec<Box<dyn std::any::Any + Send>> {
    let listener = loop {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        if socket.bind(address).is_ok() {
            break socket.listen(1).unwrap();
        }
        tokio::task::yield_now().await;
    };
    let mut held: Vec<Box<dyn std::any::Any + Send>> = vec![Box::new(listener)];
    loop {
        let connecting = TcpStream::connect(address);
        match tokio::time::timeout(std::time::Duration::from_millis(100), connecting).await {
            Ok(stream) => held.push(Box::new(stream)),
            Err(_) => return held,
        }
    }
}
