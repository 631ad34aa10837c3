//! One request from its first byte to its last: log, delay, key, limit, faults, answer.

use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, Response, Uri};

use super::control;
use super::delivery;
use super::fault::{Due, FaultName, Kind};
use super::rate::Rate;
use super::receiving;
use super::state::{Place, Shared, lock};
use super::system::{Answer, Apply, Call, Failure, Manner, Operation, Route, segments};
use super::tamper;
use super::wire::Cut;

/// A body above this is refused.
const LARGEST_BODY: usize = 64 * 1_024 * 1_024;

/// The routes of the main port: control below its prefix, everything else to the systems.
pub(crate) fn routes(shared: Shared) -> Router {
    Router::new().fallback(
        move |ConnectInfo(cut): ConnectInfo<Cut>, request: Request| {
            let shared = shared.clone();
            async move { handle(shared, cut, request, None).await }
        },
    )
}

/// The routes of the port of one system: everything to it.
pub(crate) fn routes_of(shared: Shared, index: usize) -> Router {
    Router::new().fallback(
        move |ConnectInfo(cut): ConnectInfo<Cut>, request: Request| {
            let shared = shared.clone();
            async move { handle(shared, cut, request, Some(index)).await }
        },
    )
}

/// The query, decoded.
pub(crate) fn query_of(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

async fn handle(shared: Shared, cut: Cut, request: Request, only: Option<usize>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return delivery::whole(&Answer::message(413, "Request body too large"));
    };
    if let Some(path) = parts.uri.path().strip_prefix(control::PREFIX)
        && only.is_none()
    {
        return control::handle(shared, parts.method, path.to_owned(), body).await;
    }
    if receiving::is_for(parts.uri.path()) && only.is_none() {
        let head = receiving::Head::of(&parts.method, &parts.uri, &parts.headers);
        return match receiving::take(&shared, head, &body).await {
            Some(answer) => delivery::whole(&answer),
            None => no_answer(&cut),
        };
    }
    let incoming = Incoming {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
    };
    let path = incoming.uri.path();
    let found = shared
        .systems()
        .iter()
        .enumerate()
        .filter(|(index, place)| match only {
            Some(only) => *index == only,
            None => !place.front.has_own_port(),
        })
        .filter_map(|(index, place)| {
            let rest = path.strip_prefix(place.front.prefix())?;
            rest.starts_with('/').then(|| (index, rest.to_owned()))
        })
        // The system at the root has what no other prefix takes.
        .min_by_key(|(_, rest)| rest.len());
    match found {
        Some((index, rest)) => Visit { shared, cut, index }.receive(incoming, &rest).await,
        None => delivery::whole(&Answer::message(404, "Not found")),
    }
}

/// A request, read whole.
struct Incoming {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// One request on its way through a system.
struct Visit {
    shared: Shared,
    cut: Cut,
    index: usize,
}

impl Visit {
    fn place(&self) -> &Place {
        &self.shared.systems()[self.index]
    }

    async fn receive(self, incoming: Incoming, path: &str) -> Response<Body> {
        let query = query_of(&incoming.uri);
        let front = &self.place().front;
        let route = front.route(&incoming.method, path);
        let ids = match &route {
            Route::To(operation) => front.named_ids(operation, &incoming.body),
            Route::WrongMethod | Route::Nowhere => None,
        };
        let number = self.shared.requests().open(
            front.name(),
            &incoming.method,
            incoming.uri.path(),
            &query,
            ids,
        );
        if !self.shared.0.latency.is_zero() {
            tokio::time::sleep(self.shared.0.latency).await;
        }
        let is_write = matches!(&route, Route::To(operation) if operation.kind == Kind::Write);
        let has_portal = lock(&self.shared.0.faults).has_portal(Instant::now(), is_write);
        if has_portal {
            self.shared.requests().meets_portal(number);
        }
        let response = match route {
            _ if has_portal => delivery::whole(&delivery::page()),
            Route::To(operation) => self.admit(operation, incoming, query, path).await,
            Route::WrongMethod => delivery::whole(&front.failure(Failure::WrongMethod)),
            Route::Nowhere => delivery::whole(&front.failure(Failure::Nowhere)),
        };
        if response.extensions().get::<NoAnswer>().is_none() {
            let status = response.status().as_u16();
            self.shared.requests().close(number, status);
        }
        response
    }

    /// Key, then limit, then faults: a request that is turned away counts for nothing after it.
    async fn admit(
        &self,
        operation: &'static Operation,
        incoming: Incoming,
        query: Vec<(String, String)>,
        path: &str,
    ) -> Response<Body> {
        let switches = self.shared.switches();
        let front = &self.place().front;
        let admitted = if self.place().refuses_key() {
            // As if it had brought none.
            front.admit(operation, &HeaderMap::new(), switches)
        } else {
            front.admit(operation, &incoming.headers, switches)
        };
        if let Err(answer) = admitted {
            return delivery::whole(&answer);
        }
        let passed = if front.counts(operation) {
            lock(&self.place().window).pass(Instant::now())
        } else {
            Ok(None)
        };
        let rate = match passed {
            Ok(rate) => rate,
            Err(refused) => {
                let wait = refused.wait;
                let mut response = self.throttled(Some(wait), Some(wait.to_string()));
                self.tell_rate(operation, refused.rate, &mut response);
                return response;
            }
        };
        let mut response = self.carry_out(operation, incoming, query, path).await;
        if let Some(rate) = rate {
            self.tell_rate(operation, rate, &mut response);
        }
        response
    }

    fn tell_rate(&self, operation: &Operation, rate: Rate, response: &mut Response<Body>) {
        let headers = self.place().front.rate_headers(operation, rate);
        delivery::add_headers(response, &headers);
    }

    async fn carry_out(
        &self,
        operation: &'static Operation,
        incoming: Incoming,
        query: Vec<(String, String)>,
        path: &str,
    ) -> Response<Body> {
        let system = self.place().front.name();
        let due = lock(&self.shared.0.faults).due(system, operation.id, operation.kind);
        if let Some(response) = self.turn_away(&due, &incoming).await {
            return response;
        }
        let call = Call {
            operation,
            segments: segments(path),
            headers: incoming.headers,
            query: tamper::without_filters(query, &due),
            body: incoming.body,
            manner: manner(self.shared.switches(), &due),
            now: Instant::now(),
        };
        let answer = self.answer(call).await;
        self.deliver(answer, operation, &due).await
    }

    /// The faults that keep a request from the system.
    async fn turn_away(&self, due: &Due, incoming: &Incoming) -> Option<Response<Body>> {
        if due.has(FaultName::Drop) {
            return Some(self.no_answer());
        }
        if due.has(FaultName::Hang) || due.has(FaultName::HangWrite) {
            self.shared.0.end.cancelled().await;
            return Some(self.no_answer());
        }
        if due.has(FaultName::Throttle) {
            return Some(self.throttled(Some(1), Some("1".to_owned())));
        }
        if due.has(FaultName::ThrottleBare) {
            return Some(self.throttled(None, None));
        }
        if due.has(FaultName::ThrottleDate) {
            let date = SystemTime::now() + Duration::from_secs(2);
            return Some(self.throttled(Some(2), Some(httpdate::fmt_http_date(date))));
        }
        if due.has(FaultName::Redirect) {
            let target = format!("http://{}{}", self.shared.0.elsewhere, incoming.uri);
            let answer = Answer::message(302, "Found").with("location", target);
            return Some(delivery::whole(&answer));
        }
        if due.has(FaultName::Failure) || due.has(FaultName::FailureBefore) {
            return Some(delivery::whole(&self.broken()));
        }
        if let Some(answer) = tamper::instead(due) {
            return Some(delivery::whole(&answer));
        }
        if due.has(FaultName::Html) {
            return Some(delivery::whole(&delivery::page()));
        }
        due.has(FaultName::Huge).then(delivery::huge)
    }

    /// The system's answer, computed where it may take its time.
    async fn answer(&self, call: Call) -> Answer {
        let (shared, index) = (self.shared.clone(), self.index);
        let work = move || shared.systems()[index].system().answer(&call);
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|_| self.broken())
    }

    /// The faults that come after the system has done its part. A refusal stays the refusal that it is.
    async fn deliver(&self, answer: Answer, operation: &Operation, due: &Due) -> Response<Body> {
        let broken = due.has(FaultName::FailureAfter) || due.has(FaultName::Half);
        let answer = if broken && answer.is_success() {
            self.broken()
        } else if due.has(FaultName::PartForbidden) && answer.is_success() {
            Answer::message(403, "Forbidden")
        } else {
            tamper::changed(answer, due)
        };
        if due.has(FaultName::DropAfter) {
            return self.no_answer();
        }
        let cut_short = match operation.kind {
            Kind::Write => due.has(FaultName::TruncateWrite),
            Kind::List | Kind::Read => due.has(FaultName::Truncate),
        };
        if cut_short {
            return delivery::half(&answer);
        }
        if due.has(FaultName::Slow) {
            return delivery::slow(&answer, self.shared.0.end.clone()).await;
        }
        delivery::whole(&answer)
    }

    fn broken(&self) -> Answer {
        let mut answer = self.place().front.failure(Failure::Broken);
        let faults = lock(&self.shared.0.faults);
        let other = [
            (FaultName::As502, 502),
            (FaultName::As503, 503),
            (FaultName::As504, 504),
        ]
        .into_iter()
        .find(|(name, _)| faults.is_set(*name));
        answer.status = other.map_or(answer.status, |(_, status)| status);
        answer
    }

    fn throttled(&self, seconds: Option<u64>, retry_after: Option<String>) -> Response<Body> {
        let mut answer = self.place().front.failure(Failure::Throttled(seconds));
        if let Some(value) = retry_after {
            answer = answer.with("retry-after", value);
        }
        delivery::whole(&answer)
    }

    fn no_answer(&self) -> Response<Body> {
        no_answer(&self.cut)
    }
}

/// Cuts the connection; the answer that is given here is never written.
fn no_answer(cut: &Cut) -> Response<Body> {
    cut.now();
    let mut response = delivery::whole(&Answer::bytes(500, "text/plain", Bytes::new()));
    response.extensions_mut().insert(NoAnswer);
    response
}

/// Marks an answer that is never written.
#[derive(Clone)]
struct NoAnswer;

fn manner(switches: Manner, due: &Due) -> Manner {
    let halves = [FaultName::Half, FaultName::HalfOk, FaultName::PartForbidden];
    let apply = if halves.iter().any(|half| due.has(*half)) {
        Apply::FirstHalf
    } else if due.has(FaultName::Lie) {
        Apply::Nothing
    } else if due.has(FaultName::DelayedApply) {
        Apply::Later
    } else if due.has(FaultName::Partial) {
        Apply::Good
    } else {
        Apply::All
    };
    let reported =
        i8::from(due.has(FaultName::CountMore)) - i8::from(due.has(FaultName::CountLess));
    Manner {
        apply,
        reported,
        shift: due.has(FaultName::Shift),
        duplicate: due.has(FaultName::Duplicate),
        unknown: due.has(FaultName::Unknown),
        ..switches
    }
}
