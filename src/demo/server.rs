//! One request from its first byte to its last: log, delay, key, limit, faults, answer.

use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, Response, Uri};

use super::control;
use super::delivery;
use super::fault::{DueFaults, FaultName, Kind};
use super::listener::Cut;
use super::rate::Rate;
use super::receiving;
use super::state::{MountedSystem, Shared, lock};
use super::system::{Answer, Apply, Call, Failure, Operation, RequestFaults, Route, segments};
use super::tamper;

/// A body above this is refused.
const MAX_BODY_BYTES: usize = 64 * 1_024 * 1_024;

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
pub(crate) fn parse_query(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}

async fn handle(shared: Shared, cut: Cut, request: Request, only: Option<usize>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return delivery::complete_response(&Answer::message(413, "Request body too large"));
    };
    if let Some(path) = parts.uri.path().strip_prefix(control::PREFIX)
        && only.is_none()
    {
        return control::handle(shared, parts.method, path.to_owned(), body).await;
    }
    if receiving::is_for(parts.uri.path()) && only.is_none() {
        let head = receiving::Head::of(&parts.method, &parts.uri, &parts.headers);
        return match receiving::take(&shared, head, &body).await {
            Some(answer) => delivery::complete_response(&answer),
            None => no_answer(&cut),
        };
    }
    let incoming = IncomingRequest {
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
            None => !place.router.has_own_port(),
        })
        .filter_map(|(index, place)| {
            let rest = path.strip_prefix(place.router.prefix())?;
            rest.starts_with('/').then(|| (index, rest.to_owned()))
        })
        // The system at the root has what no other prefix takes.
        .min_by_key(|(_, rest)| rest.len());
    match found {
        Some((index, rest)) => {
            RequestHandler { shared, cut, index }
                .receive(incoming, &rest)
                .await
        }
        None => delivery::complete_response(&Answer::message(404, "Not found")),
    }
}

/// A request, read whole.
struct IncomingRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// One request on its way through a system.
struct RequestHandler {
    shared: Shared,
    cut: Cut,
    index: usize,
}

impl RequestHandler {
    fn mounted_system(&self) -> &MountedSystem {
        &self.shared.systems()[self.index]
    }

    async fn receive(self, incoming: IncomingRequest, path: &str) -> Response<Body> {
        let query = parse_query(&incoming.uri);
        let front = &self.mounted_system().router;
        let route = front.route(&incoming.method, path);
        let ids = match &route {
            Route::Operation(operation) => front.write_ids(operation, &incoming.body),
            Route::WrongMethod | Route::NotFound => None,
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
        let is_write =
            matches!(&route, Route::Operation(operation) if operation.kind == Kind::Write);
        let has_portal = lock(&self.shared.0.faults).has_portal(Instant::now(), is_write);
        if has_portal {
            self.shared.requests().mark_portal(number);
        }
        let response = match route {
            _ if has_portal => delivery::complete_response(&delivery::web_page()),
            Route::Operation(operation) => self.admit(operation, incoming, query, path).await,
            Route::WrongMethod => delivery::complete_response(&front.failure(Failure::WrongMethod)),
            Route::NotFound => delivery::complete_response(&front.failure(Failure::NotFound)),
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
        incoming: IncomingRequest,
        query: Vec<(String, String)>,
        path: &str,
    ) -> Response<Body> {
        let switches = self.shared.global_faults();
        let front = &self.mounted_system().router;
        let admitted = if self.mounted_system().refuses_key() {
            // As if it had brought none.
            front.admit(operation, &HeaderMap::new(), switches)
        } else {
            front.admit(operation, &incoming.headers, switches)
        };
        if let Err(answer) = admitted {
            return delivery::complete_response(&answer);
        }
        let passed = if front.counts(operation) {
            lock(&self.mounted_system().window).admit(Instant::now())
        } else {
            Ok(None)
        };
        let rate = match passed {
            Ok(rate) => rate,
            Err(refused) => {
                let wait = refused.wait;
                let mut response = self.rate_limited(Some(wait), Some(wait.to_string()));
                self.add_rate_headers(operation, refused.rate, &mut response);
                return response;
            }
        };
        let mut response = self.execute(operation, incoming, query, path).await;
        if let Some(rate) = rate {
            self.add_rate_headers(operation, rate, &mut response);
        }
        response
    }

    fn add_rate_headers(&self, operation: &Operation, rate: Rate, response: &mut Response<Body>) {
        let headers = self.mounted_system().router.rate_headers(operation, rate);
        delivery::add_headers(response, &headers);
    }

    async fn execute(
        &self,
        operation: &'static Operation,
        incoming: IncomingRequest,
        query: Vec<(String, String)>,
        path: &str,
    ) -> Response<Body> {
        let system = self.mounted_system().router.name();
        let due = lock(&self.shared.0.faults).next_due(system, operation.id, operation.kind);
        if let Some(response) = self.refuse(&due, &incoming).await {
            return response;
        }
        let call = Call {
            operation,
            segments: segments(path),
            headers: incoming.headers,
            query: tamper::without_filters(query, &due),
            body: incoming.body,
            faults: request_faults(self.shared.global_faults(), &due),
            now: Instant::now(),
        };
        let answer = self.answer(call).await;
        self.deliver(answer, operation, &due).await
    }

    /// The faults that keep a request from the system.
    async fn refuse(&self, due: &DueFaults, incoming: &IncomingRequest) -> Option<Response<Body>> {
        if due.has(FaultName::Drop) {
            return Some(self.no_answer());
        }
        if due.has(FaultName::Hang) || due.has(FaultName::HangWrite) {
            self.shared.0.end.cancelled().await;
            return Some(self.no_answer());
        }
        if due.has(FaultName::Throttle) {
            return Some(self.rate_limited(Some(1), Some("1".to_owned())));
        }
        if due.has(FaultName::ThrottleBare) {
            return Some(self.rate_limited(None, None));
        }
        if due.has(FaultName::ThrottleDate) {
            let date = SystemTime::now() + Duration::from_secs(2);
            return Some(self.rate_limited(Some(2), Some(httpdate::fmt_http_date(date))));
        }
        if due.has(FaultName::Redirect) {
            let target = format!("http://{}{}", self.shared.0.redirect_target, incoming.uri);
            let answer = Answer::message(302, "Found").with_header("location", target);
            return Some(delivery::complete_response(&answer));
        }
        if due.has(FaultName::Failure) || due.has(FaultName::FailureBefore) {
            return Some(delivery::complete_response(&self.internal_error()));
        }
        if let Some(answer) = tamper::replacement(due) {
            return Some(delivery::complete_response(&answer));
        }
        if due.has(FaultName::Html) {
            return Some(delivery::complete_response(&delivery::web_page()));
        }
        due.has(FaultName::Huge).then(delivery::huge_response)
    }

    /// The system's answer, computed where it may take its time.
    async fn answer(&self, call: Call) -> Answer {
        let (shared, index) = (self.shared.clone(), self.index);
        let work = move || shared.systems()[index].system().answer(&call);
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|_| self.internal_error())
    }

    /// The faults that come after the system has done its part. A refusal stays the refusal that it is.
    async fn deliver(
        &self,
        answer: Answer,
        operation: &Operation,
        due: &DueFaults,
    ) -> Response<Body> {
        let broken = due.has(FaultName::FailureAfter) || due.has(FaultName::Half);
        let answer = if broken && answer.is_success() {
            self.internal_error()
        } else if due.has(FaultName::PartForbidden) && answer.is_success() {
            Answer::message(403, "Forbidden")
        } else {
            tamper::tamper(answer, due)
        };
        if due.has(FaultName::DropAfter) {
            return self.no_answer();
        }
        let cut_short = match operation.kind {
            Kind::Write => due.has(FaultName::TruncateWrite),
            Kind::List | Kind::Read => due.has(FaultName::Truncate),
        };
        if cut_short {
            return delivery::half_response(&answer);
        }
        if due.has(FaultName::Slow) {
            return delivery::slow_response(&answer, self.shared.0.end.clone()).await;
        }
        delivery::complete_response(&answer)
    }

    fn internal_error(&self) -> Answer {
        let mut answer = self.mounted_system().router.failure(Failure::Internal);
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

    fn rate_limited(&self, seconds: Option<u64>, retry_after: Option<String>) -> Response<Body> {
        let mut answer = self
            .mounted_system()
            .router
            .failure(Failure::RateLimited(seconds));
        if let Some(value) = retry_after {
            answer = answer.with_header("retry-after", value);
        }
        delivery::complete_response(&answer)
    }

    fn no_answer(&self) -> Response<Body> {
        no_answer(&self.cut)
    }
}

/// Cuts the connection; the answer that is given here is never written.
fn no_answer(cut: &Cut) -> Response<Body> {
    cut.cut_next_write();
    let mut response = delivery::complete_response(&Answer::bytes(500, "text/plain", Bytes::new()));
    response.extensions_mut().insert(NoAnswer);
    response
}

/// Marks an answer that is never written.
#[derive(Clone)]
struct NoAnswer;

fn request_faults(switches: RequestFaults, due: &DueFaults) -> RequestFaults {
    let halves = [FaultName::Half, FaultName::HalfOk, FaultName::PartForbidden];
    let apply = if halves.iter().any(|half| due.has(*half)) {
        Apply::FirstHalf
    } else if due.has(FaultName::Lie) {
        Apply::Nothing
    } else if due.has(FaultName::DelayedApply) {
        Apply::Delayed
    } else if due.has(FaultName::Partial) {
        Apply::OnlyValid
    } else {
        Apply::All
    };
    let reported =
        i8::from(due.has(FaultName::CountMore)) - i8::from(due.has(FaultName::CountLess));
    RequestFaults {
        apply,
        reported_offset: reported,
        shift: due.has(FaultName::Shift),
        duplicate: due.has(FaultName::Duplicate),
        unknown: due.has(FaultName::Unknown),
        ..switches
    }
}
