//! The transport: requests to one origin, with permits, limits and JSON. Entry point: [`Transport`].
//!
//! One for each profile, or one for each origin where a provider has two. It binds the key to one origin, follows no redirect, obeys no ambient proxy, limits time,
//! size and rate, and retries reads only. A write leaves it at most once; what its failure proves is in the error.

mod body;
mod client;
mod failure;
mod gate;
pub mod json;
mod judge;
mod limits;
mod not_found;
mod origin;
mod page_parts;
mod post;
mod quota;
mod request;
mod sends;
mod window;
mod zeroizing;

pub use judge::{Judge, Refusal};
pub use limits::Limits;
pub use not_found::NotFound;
pub use page_parts::PageParts;
pub use post::{Post, Posted, post};
pub use request::{HttpResponse, Media, Request};
pub use sends::Sends;
pub use zeroizing::ZeroizingBuffer;

use crate::entity::{
    error::{ProviderError, WEB_PAGE},
    profile::{AdapterSettings, RateBudget},
    secret::Secret,
};
use client::build_client;
use failure::{Failure, Retry};
use gate::Gate;
use origin::Origin;
use page_parts::LineSpeed;
use reqwest::{
    Client, Response,
    header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};
use zeroize::Zeroizing;

/// How a provider wants its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHeader {
    /// The header's name, in lower case.
    pub name: &'static str,
    /// What stands before the key: `Bearer `, or nothing.
    pub prefix: &'static str,
}

/// Sends one profile's requests.
pub struct Transport {
    client: Client,
    origin: Origin,
    key_name: HeaderName,
    key_value: HeaderValue,
    key: Secret,
    gate: Gate,
    line_speed: LineSpeed,
    limits: Limits,
    judge: Judge,
    rpm_is_set: bool,
    /// Whether there is a key for requests that take one.
    has_key: bool,
}

impl Transport {
    /// A transport for a profile. Refuses plain http beyond this machine before anything is looked up.
    pub fn new(
        settings: &AdapterSettings,
        key: Secret,
        header: KeyHeader,
        limits: Limits,
        judge: Judge,
    ) -> Result<Self, ProviderError> {
        let allow = settings.allow_insecure_http && settings.insecure_http_flag;
        let origin = Origin::new(&settings.base_url, allow)?;
        let key_value = sensitive_header(header.prefix, &key)?;
        let (ca_file, proxy) = (settings.ca_file.as_deref(), settings.proxy.as_deref());
        Ok(Self {
            client: build_client(ca_file, proxy, &origin, &limits)?,
            origin,
            key_name: HeaderName::from_static(header.name),
            key_value,
            key,
            gate: Gate::new(settings.rpm, limits.clone()),
            line_speed: LineSpeed::default(),
            limits,
            judge,
            rpm_is_set: settings.rpm.is_some(),
            has_key: true,
        })
    }

    /// A transport for another origin of the same profile, to which no key ever goes. It has a budget of its own and the
    /// same rules for addresses, certificates and the proxy.
    pub fn keyless(
        settings: &AdapterSettings,
        base_url: &str,
        limits: Limits,
        judge: Judge,
    ) -> Result<Self, ProviderError> {
        let settings = AdapterSettings {
            base_url: base_url.to_owned(),
            rpm: None,
            ..settings.clone()
        };
        let header = KeyHeader {
            name: "x-no-key",
            prefix: "",
        };
        let mut made = Self::new(&settings, Secret::new(Vec::new()), header, limits, judge)?;
        made.has_key = false;
        Ok(made)
    }

    /// Counts its requests together with whoever else has the same record: another transport of this profile, or another
    /// process.
    pub fn counting_in(mut self, sends: Arc<Sends>) -> Self {
        self.gate.count_in(sends);
        self
    }

    /// Tells in the budget of another transport of this profile when the operations of this one wait.
    pub fn as_part_of(mut self, whole: &Self, name: &'static str) -> Self {
        self.gate.tell_in(name, &whole.gate);
        self
    }

    /// Sets how many requests any minute may have, where the profile does not.
    pub fn learn_limit(&self, rpm: u32) {
        if !self.rpm_is_set {
            self.gate.set_limit(rpm, false);
        }
    }

    /// Sets how many requests any minute may have until that is learned, where neither the profile nor whoever counts in
    /// the same record says it.
    pub fn assume_limit(&self, rpm: u32) {
        if !self.rpm_is_set {
            self.gate.set_limit(rpm, true);
        }
    }

    /// Whether it speaks plain http beyond this machine: no bulk write, no password.
    pub fn is_insecure(&self) -> bool {
        self.origin.is_insecure()
    }

    /// The request budget, live.
    pub fn budget(&self) -> watch::Receiver<RateBudget> {
        self.gate.budget()
    }

    /// How many requests it has sent.
    pub fn sent(&self) -> u64 {
        self.gate.sent()
    }

    /// Sends what changes nothing, and again where that may help.
    pub async fn read(&self, request: &Request) -> Result<HttpResponse, ProviderError> {
        let mut failing_since = None;
        let mut tries = 0;
        loop {
            let failure = match self.attempt(request).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let least = match failure.retry {
                Retry::Never => return Err(failure.error),
                Retry::After(_)
                    if request.rows > 1 && failure.error == failure::too_slow_error() =>
                {
                    // As it is it would take as long again: it is for the caller to ask for less.
                    self.gate.record_throttle();
                    self.line_speed.note_slow(request.rows);
                    return Err(failure.error);
                }
                Retry::WhenAllowed | Retry::WhenAllowedByBody => {
                    failing_since = None;
                    continue;
                }
                Retry::After(least) => least,
            };
            self.gate.record_throttle();
            tries += 1;
            // Not from the call on: a wait for the rate limit is no failure.
            let since = *failing_since.get_or_insert_with(Instant::now);
            let most = self.limits.backoff.saturating_mul(1 << tries.min(16) >> 1);
            let pause = most.mul_f64(fastrand::f64()).max(least);
            if tries >= self.limits.max_tries
                || since.elapsed() + pause > self.limits.max_retry_time
            {
                return Err(failure.error);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends what changes something, once. `RateLimited` and `Unauthorised` prove that nothing changed, as does
    /// `Unreachable` with `not_sent`, and `Policy`.
    pub async fn write(&self, request: &Request) -> Result<HttpResponse, ProviderError> {
        self.attempt(request)
            .await
            .map_err(Failure::into_write_error)
    }

    async fn attempt(&self, request: &Request) -> Result<HttpResponse, Failure> {
        let start = Instant::now();
        let answer = self.exchange(request).await;
        // Neither path nor query: both can name a person.
        let (method, ms) = (request.method.as_str(), start.elapsed().as_millis() as u64);
        match &answer {
            Ok(reply) => tracing::debug!(
                method,
                status = reply.status,
                bytes = reply.body.len(),
                ms,
                "answered"
            ),
            Err(failure) => tracing::warn!(method, kind = failure.error.kind(), ms, "not answered"),
        }
        answer
    }

    async fn exchange(&self, request: &Request) -> Result<HttpResponse, Failure> {
        let built = self.build(request).map_err(Failure::permanent)?;
        let admission = self
            .gate
            .admit(request.sends_key, request.cost)
            .await
            .map_err(Failure::permanent)?;
        let deadline = Instant::now() + self.limits.request_timeout;
        let response = tokio::time::timeout_at(deadline, self.client.execute(built))
            .await
            .map_err(|_| timeout_failure())?
            .map_err(|error| failure::exchange_failure(&error))?;
        let status = response.status().as_u16();
        if status == 429 {
            return Err(self.rate_limit_failure(response, deadline).await);
        }
        // The budget in an answer to a request without the key is not the budget of the key.
        let quota = request
            .sends_key
            .then(|| quota::from_headers(response.headers()));
        self.gate
            .record_response(&admission, quota, self.rpm_is_set);
        let is_empty =
            (200..=204).contains(&status) && !response.headers().contains_key(CONTENT_TYPE);
        if is_empty && request.may_be_empty {
            return Ok(HttpResponse {
                status,
                media: Media::Plain,
                body: ZeroizingBuffer::default(),
                index: None,
            });
        }
        match status {
            200..=203 => {
                let media =
                    body::media(response.headers(), &request.accepts).inspect_err(|failure| {
                        if failure.error == web_page_error() {
                            self.gate.record_web_page();
                        }
                    })?;
                let waits = failure::retry_headers(response.headers());
                let (body, outline) = body::read(response, media, deadline, &self.limits).await?;
                if let Some(wait) = failure::rate_limit_in_body(&waits, &body) {
                    return Err(self.rate_limit_in_body(wait));
                }
                self.gate.record_success();
                let reply = HttpResponse {
                    status,
                    media,
                    body,
                    index: outline,
                };
                self.check_refusal(request, reply)
            }
            204..=299 => Err(Failure::malformed("it has no complete content")),
            300..=399 => {
                let location = response.headers().get(reqwest::header::LOCATION);
                let message = failure::redirect(location.map(HeaderValue::as_bytes));
                Err(Failure::permanent(ProviderError::Rejected {
                    status,
                    message,
                }))
            }
            _ => Err(self
                .refusal_failure(request, status, response, deadline)
                .await),
        }
    }

    /// A 429 in the body of a good answer. What it says of a write is not what a 429 proves: see [`Failure::into_write_error`].
    fn rate_limit_in_body(&self, wait: Duration) -> Failure {
        let (error, until) = self.gate.record_limited_in_body(wait);
        Failure {
            retry: if error.is_some() {
                Retry::Never
            } else {
                Retry::WhenAllowedByBody
            },
            error: error.unwrap_or(ProviderError::RateLimited { until }),
            status: Some(200),
        }
    }

    async fn rate_limit_failure(&self, response: Response, deadline: Instant) -> Failure {
        let headers = response.headers().clone();
        let body = body::read_refusal(response, deadline).await;
        let (error, until) = self
            .gate
            .record_limited(failure::parse_retry_after(&headers, &body));
        match error {
            Some(error) => Failure::permanent(error),
            None => Failure {
                error: ProviderError::RateLimited { until },
                retry: Retry::WhenAllowed,
                status: None,
            },
        }
    }

    async fn refusal_failure(
        &self,
        request: &Request,
        status: u16,
        response: Response,
        deadline: Instant,
    ) -> Failure {
        let headers = response.headers().clone();
        let body = body::read_refusal(response, deadline).await;
        let message = self.message(request, &body);
        if let Some(error) =
            (self.judge.not_found_error)(status, &headers, &body, request.not_found)
        {
            return Failure::permanent(error);
        }
        let again = if !failure::is_transient(status) {
            Retry::Never
        } else if status == 503 {
            Retry::After(failure::parse_retry_after(&headers, &body).unwrap_or_default())
        } else {
            Retry::After(Duration::ZERO)
        };
        let with_key = request.sends_key || request.token.is_some();
        let error = failure::status_error(status, message, with_key);
        if request.sends_key && error.is_refused_key() {
            self.gate.record_refused_key(error.clone());
        }
        Failure {
            error,
            retry: again,
            status: None,
        }
    }

    /// A good answer, unless it says in itself that it is none.
    fn check_refusal(
        &self,
        request: &Request,
        reply: HttpResponse,
    ) -> Result<HttpResponse, Failure> {
        match (self.judge.refusal)(&reply) {
            None => Ok(reply),
            Some(Refusal::Own) => Err(Failure::permanent(ProviderError::Rejected {
                status: reply.status,
                message: self.message(request, &reply.body),
            })),
            Some(Refusal::Foreign) => {
                Err(Failure::permanent((self.judge.foreign_error)(reply.status)))
            }
        }
    }

    /// The answer's own words, where they repeat nothing that we sent.
    fn message(&self, request: &Request, body: &[u8]) -> Option<String> {
        let sent = request.redact.iter().map(|value| value.as_slice());
        let keys = [Some(&self.key), request.token.as_ref()];
        // Nothing repeats a key that is not there.
        let keys = keys.into_iter().flatten().map(Secret::expose);
        let keys = keys.filter(|key| !key.is_empty());
        let sent = sent.chain(keys);
        if request.refused_in_text {
            failure::text_message(body, sent)
        } else {
            failure::message(body, sent)
        }
    }

    fn build(&self, request: &Request) -> Result<reqwest::Request, ProviderError> {
        let mut url = self.origin.url(&request.path, &request.query)?;
        if request.trailing_slash {
            url.path_segments_mut()
                .map_err(|()| policy_error("base_url is not a URL"))?
                .push("");
        }
        let mut built = reqwest::Request::new(request.method.clone(), url);
        let headers = built.headers_mut();
        for media in &request.accepts {
            headers.append(ACCEPT, HeaderValue::from_static(media.name()));
        }
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for (name, value) in &request.headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| policy_error("a setting holds characters that cannot be sent"))?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        if let Some(body) = &request.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *built.body_mut() = Some(body.clone().into());
        }
        match &request.token {
            Some(token) => {
                let value = sensitive_header("Bearer ", token)?;
                self.attach(&mut built, AUTHORIZATION, value)?;
            }
            None if request.sends_key && self.has_key => {
                let (name, value) = (self.key_name.clone(), self.key_value.clone());
                self.attach(&mut built, name, value)?;
            }
            None => {}
        }
        Ok(built)
    }

    /// The only place that puts the key or a token on a request, and only on one to its own origin.
    fn attach(
        &self,
        request: &mut reqwest::Request,
        name: HeaderName,
        value: HeaderValue,
    ) -> Result<(), ProviderError> {
        if !self.origin.owns(request.url()) {
            return Err(policy_error("the key is only sent to its own origin"));
        }
        request.headers_mut().insert(name, value);
        Ok(())
    }
}

/// A header's value that is never shown.
fn sensitive_header(prefix: &str, secret: &Secret) -> Result<HeaderValue, ProviderError> {
    let mut value = Zeroizing::new(prefix.as_bytes().to_vec());
    value.extend_from_slice(secret.expose());
    let mut value = HeaderValue::from_bytes(&value)
        .map_err(|_| policy_error("the key holds characters that cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn timeout_failure() -> Failure {
    Failure::transient(ProviderError::Timeout {
        why: "no complete answer within the time limit".to_owned(),
    })
}

fn web_page_error() -> ProviderError {
    ProviderError::NotThisService {
        status: 200,
        why: WEB_PAGE.to_owned(),
    }
}

fn policy_error(why: &str) -> ProviderError {
    ProviderError::Policy {
        why: why.to_owned(),
    }
}
