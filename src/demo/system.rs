//! What one imitated system is to the server: its operations, and one value that answers them.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Kind;
use super::rate::Rate;

/// One operation of a system.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// Its name in the system's OpenAPI file.
    pub(crate) id: &'static str,
    /// What it is to a fault.
    pub(crate) kind: Kind,
    /// Whether it needs no key.
    pub(crate) public: bool,
}

/// Where a request leads.
pub(crate) enum Route {
    /// To an operation.
    Operation(&'static Operation),
    /// To a path that is known, by a method that is not.
    WrongMethod,
    /// Nowhere.
    NotFound,
}

/// How much of a write is really done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Apply {
    /// All of it.
    #[default]
    All,
    /// Nothing, and the answer says success.
    Nothing,
    /// The first half, and the answer says all.
    FirstHalf,
    /// All of it, three seconds later.
    Delayed,
    /// What is good, where otherwise all would be refused.
    OnlyValid,
}

/// Switches of a system whose answers hang on a plan, and that stands behind a network of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, any mix is possible"
)]
pub(crate) struct Odd {
    /// The plan has neither k-anonymity nor logs, and adds no domains.
    pub(crate) small_plan: bool,
    /// The key has no plan at all.
    pub(crate) no_plan: bool,
    /// The first domain is beyond the plan, and refused.
    pub(crate) beyond_plan: bool,
    /// The first domain is beyond the plan, and its list holds what counts towards no limit.
    pub(crate) cut_domain: bool,
    /// A refused key is told in plain text.
    pub(crate) bare_401: bool,
    /// A 404 has no body.
    pub(crate) bare_404: bool,
    /// The lists of logs by domain are over their own limit.
    pub(crate) logs_429: bool,
    /// Password ranges are not there.
    pub(crate) range_404: bool,
    /// The network in front answers 403 with a web page.
    pub(crate) edge_403: bool,
    /// The network in front answers 503 with a web page.
    pub(crate) edge_503: bool,
}

/// Faults and switches that a system itself carries out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fault of its own, any mix is possible"
)]
pub(crate) struct RequestFaults {
    /// How much of a write is done.
    pub(crate) apply: Apply,
    /// So many more than were applied are reported.
    pub(crate) reported_offset: i8,
    /// After this page a row comes in and one leaves.
    pub(crate) shift: bool,
    /// The page begins with the last row of the one before.
    pub(crate) duplicate: bool,
    /// The page has members and values that no document names.
    pub(crate) unknown: bool,
    /// Some statuses were never set.
    pub(crate) na: bool,
    /// Too large a page is refused.
    pub(crate) strict_limit: bool,
    /// Statistics in the flat shape.
    pub(crate) flat_stats: bool,
    /// The key is taken from `Authorization: Bearer` only.
    pub(crate) bearer_only: bool,
    /// The body of a refused key says another status than the answer does.
    pub(crate) status_mismatch: bool,
    /// Password ranges answer with a truth value.
    pub(crate) boolean: bool,
    /// What of the plan and the network in front of the system is otherwise than usual.
    pub(crate) odd: Odd,
    /// The key is also taken from the second header.
    pub(crate) alias_key: bool,
    /// A request without a user agent is refused.
    pub(crate) need_agent: bool,
}

/// One request to a system, read whole.
pub(crate) struct Call {
    /// Where it leads.
    pub(crate) operation: &'static Operation,
    /// The path behind the prefix, in parts between slashes, each decoded.
    pub(crate) segments: Vec<String>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The query, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
    /// What goes wrong with it.
    pub(crate) faults: RequestFaults,
    /// When it is answered.
    pub(crate) now: Instant,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The content type; empty where there is no body.
    pub(crate) content_type: &'static str,
    /// The body.
    pub(crate) body: Bytes,
    /// Headers besides the content type.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// An answer in JSON.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::bytes(status, "application/json", value.to_string().into_bytes())
    }

    /// A failure with one sentence.
    pub(crate) fn message(status: u16, message: &str) -> Self {
        Self::json(status, &json!({ "message": message }))
    }

    /// An answer of any kind.
    pub(crate) fn bytes(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type,
            body: body.into(),
            headers: Vec::new(),
        }
    }

    /// An answer without a body, and so without a content type.
    pub(crate) fn empty(status: u16) -> Self {
        Self::bytes(status, "", Bytes::new())
    }

    /// The same with one header more.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether it says success.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What the server itself has to refuse; how that is said is the system's own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is no such path.
    NotFound,
    /// The path is not asked by this method.
    WrongMethod,
    /// Too many requests; after so many seconds one would be let through, where that is said.
    RateLimited(Option<u64>),
    /// Something broke inside.
    Internal,
}

/// The parts of a path between its slashes, each decoded; what is no text is replaced.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .skip(1)
        .map(|part| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8_lossy()
                .into_owned()
        })
        .collect()
}

/// The door of an imitated system: what needs no state, and so never waits for an answer that is being computed.
pub(crate) trait SystemRouter: Send + Sync {
    /// Its name in the announcement, the request log and the control calls.
    fn name(&self) -> &'static str;

    /// Where its paths begin on the server; empty for the system at the root.
    fn prefix(&self) -> &'static str;

    /// Whether it listens on a port of its own, where its paths begin at the root.
    fn has_own_port(&self) -> bool {
        false
    }

    /// Where a request leads; the path begins after the prefix.
    fn route(&self, method: &Method, path: &str) -> Route;

    /// The key that it takes.
    fn key(&self) -> &str;

    /// The token that administers keys, where there is one.
    fn jwt(&self) -> Option<&str> {
        None
    }

    /// Requests in any minute, unless the server is told otherwise; none is no limit.
    fn rpm(&self) -> Option<u32> {
        None
    }

    /// Whether a request of this operation counts among those of a minute.
    fn counts(&self, operation: &Operation) -> bool {
        let _ = operation;
        true
    }

    /// Lets a request in, or says what is wrong with its headers. Asked of public operations too.
    fn admit(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        manner: RequestFaults,
    ) -> Result<(), Answer>;

    /// What the server has to refuse, said in this system's way, without `Retry-After`.
    fn failure(&self, failure: Failure) -> Answer;

    /// Headers that tell how the minute's requests stand.
    fn rate_headers(&self, operation: &Operation, rate: Rate) -> Vec<(&'static str, String)> {
        let _ = (operation, rate);
        Vec::new()
    }

    /// The ids that a write names, for the request log; none for any other request.
    fn write_ids(&self, operation: &Operation, body: &[u8]) -> Option<Vec<String>>;
}

/// What becomes of a system's rows, behind a client's back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changes {
    /// Ids that are refused from now on, with 403 or 404.
    pub(crate) refuse: BTreeMap<String, u16>,
    /// So many rows come in at the top.
    pub(crate) insert: u32,
    /// They were added so many days ago, not today.
    pub(crate) added_days_ago: Option<u32>,
    /// Nothing says when they were added.
    pub(crate) without_date: bool,
    /// They have login, password and address of this leak.
    pub(crate) like: Option<String>,
    /// These rows leave.
    pub(crate) remove: Option<Removed>,
    /// Every row has a new id.
    pub(crate) renumber: bool,
}

/// Rows that leave.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Removed {
    /// So many, somewhere.
    Some(u32),
    /// Those with these ids.
    These(Vec<String>),
}

impl Changes {
    /// Whether it asks for more than refusals and new rows of today.
    pub(crate) fn is_elaborate(&self) -> bool {
        let plain = Self {
            refuse: self.refuse.clone(),
            insert: self.insert,
            ..Self::default()
        };
        *self != plain
    }

    /// Whether it asks for nothing.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The inside of an imitated system: state and answers in one value. Nothing here waits or touches the network.
pub(crate) trait System: Send {
    /// Answers one request whose key is good.
    fn answer(&mut self, call: &Call) -> Answer;

    /// Every leak's status, as JSON of `{"<id>": "<status>"}`.
    fn statuses(&mut self, now: Instant, manner: RequestFaults) -> Vec<u8>;

    /// How many writes were answered and are still to be applied.
    fn pending_writes(&mut self, _now: Instant, _manner: RequestFaults) -> usize {
        0
    }

    /// Sets statuses as if another operator had. Nothing is changed when it is refused.
    fn set_statuses(&mut self, statuses: &BTreeMap<String, String>) -> Result<(), String>;

    /// Changes which rows there are. Nothing is changed when it is refused.
    fn change_leaks(&mut self, changes: &Changes) -> Result<(), String>;

    /// As at the start.
    fn reset(&mut self);
}

/// One imitated system, ready to be served.
pub(crate) struct StandInSystem {
    /// Its door.
    pub(crate) router: Box<dyn SystemRouter>,
    /// Its inside.
    pub(crate) system: Box<dyn System>,
}
