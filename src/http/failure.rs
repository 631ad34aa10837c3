//! What went wrong, in our kinds and our words. No text of a library and no value of an answer passes here, but an
//! answer's own `message`, cut and escaped.

use super::{json, origin::DnsFailure};
use crate::entity::{error::ProviderError, visible};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::{borrow::Cow, error::Error, io, time::Duration};

/// Whether the same read may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// It would end the same.
    Never,
    /// After a pause, not shorter than this.
    After(Duration),
    /// When the rate limit allows.
    WhenAllowed,
    /// The same, said by the body of an answer whose status was good.
    WhenAllowedByBody,
}

/// What ended one attempt.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: ProviderError,
    pub(super) retry: Retry,
    /// The good status of an answer whose body says otherwise.
    pub(super) status: Option<u16>,
}

impl Failure {
    pub(super) fn permanent(error: ProviderError) -> Self {
        Self {
            error,
            retry: Retry::Never,
            status: None,
        }
    }

    /// What it proves of a write. A status of 429 proves that nothing was changed; the same in words, below a status
    /// that says the contrary, proves nothing.
    pub(super) fn into_write_error(self) -> ProviderError {
        match (self.status, self.error) {
            (Some(status), ProviderError::RateLimited { .. }) => ProviderError::Rejected {
                status,
                message: Some("it asks to wait, and says that it did not succeed".to_owned()),
            },
            (_, error) => error,
        }
    }

    pub(super) fn transient(error: ProviderError) -> Self {
        Self {
            error,
            retry: Retry::After(Duration::ZERO),
            status: None,
        }
    }

    pub(super) fn malformed(why: &str) -> Self {
        Self::permanent(ProviderError::Malformed {
            why: why.to_owned(),
        })
    }
}

/// The kind of a failed exchange.
pub(super) fn exchange_failure(error: &reqwest::Error) -> Failure {
    let unreachable = |why: &str, not_sent| ProviderError::Unreachable {
        why: why.to_owned(),
        not_sent,
    };
    let causes = causes(error);
    for cause in &causes {
        if let Some(dns) = cause.downcast_ref::<DnsFailure>() {
            return match dns {
                DnsFailure::Unknown => Failure::transient(unreachable(&dns.to_string(), true)),
                DnsFailure::NotLoopback | DnsFailure::Private => {
                    Failure::permanent(ProviderError::Policy {
                        why: dns.to_string(),
                    })
                }
            };
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            // Only a handshake knows certificates; anything later may follow a request.
            return match certificate(tls) {
                Some(why) => Failure::permanent(unreachable(why, true)),
                None => Failure::transient(unreachable(
                    "the encrypted connection failed",
                    error.is_connect(),
                )),
            };
        }
    }
    if error.is_connect() {
        let refused = causes.iter().any(|cause| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused)
        });
        let why = if error.is_timeout() {
            "no connection within the time limit"
        } else if refused {
            "the connection was refused"
        } else {
            "no connection"
        };
        return Failure::transient(unreachable(why, true));
    }
    let hyper = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<hyper::Error>());
    if hyper.is_some_and(hyper::Error::is_parse_too_large) {
        Failure::malformed("its headers are too large")
    } else if hyper.is_some_and(hyper::Error::is_parse) {
        Failure::malformed("it is not HTTP")
    } else if error.is_timeout() {
        Failure::transient(ProviderError::Timeout {
            why: "no complete answer within the time limit".to_owned(),
        })
    } else if error.is_builder() {
        Failure::permanent(ProviderError::Policy {
            why: "the request cannot be built from these settings".to_owned(),
        })
    } else {
        Failure::transient(unreachable(
            "the connection broke before the answer was complete",
            false,
        ))
    }
}

/// The chain of causes; an `io::Error` hides the one in it from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut found = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        found.push(cause);
        next = match cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    found
}

fn certificate(error: &rustls::Error) -> Option<&'static str> {
    use rustls::CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(why) = error else {
        return None;
    };
    Some(match why {
        Certificate::Expired | Certificate::ExpiredContext { .. } => {
            "its certificate has expired; if it has not, this machine's clock is wrong"
        }
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            "its certificate is not valid yet: this machine's clock may be wrong"
        }
        Certificate::UnknownIssuer => {
            "its certificate is from an authority that is not trusted here; ca_file names a private one"
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        // The library may add reasons: this list cannot be complete.
        _ => "its certificate is not valid",
    })
}

/// The error of an answer that is not 2xx, by its status alone, and by whether a key or a token went out.
pub(super) fn status_error(status: u16, message: Option<String>, with_key: bool) -> ProviderError {
    match status {
        401 if with_key => ProviderError::Unauthorised { status },
        401 => ProviderError::Keyless {
            status,
            message,
            remedy: "the provider wants a key for this, and stanch sends none",
        },
        402 => ProviderError::Payment { message },
        403 => ProviderError::Forbidden { message },
        404 | 410 => ProviderError::NotFound { status, message },
        _ => ProviderError::Rejected { status, message },
    }
}

/// Of an answer's headers those that [`parse_retry_after`] reads.
pub(super) fn retry_headers(headers: &HeaderMap) -> HeaderMap {
    let kept = [RETRY_AFTER, DATE].into_iter();
    kept.filter_map(|name| Some((name.clone(), headers.get(name)?.clone())))
        .collect()
}

/// How long to wait, where a good status comes with the words of a 429: `"success": false` and a wait beside it.
pub(super) fn rate_limit_in_body(retry_after: &HeaderMap, body: &[u8]) -> Option<Duration> {
    // Such an answer is short; a list is not looked through for it.
    const MAX_LIMIT_BODY_BYTES: usize = 16 << 10;
    if body.len() > MAX_LIMIT_BODY_BYTES {
        return None;
    }
    let value = json::parse(body).ok()?;
    let failed = value
        .get("success")
        .is_some_and(|said| said.raw() == b"false");
    failed
        .then(|| parse_retry_after(retry_after, body))
        .flatten()
}

/// The answer comes more slowly than is waited for: a smaller one may come in time.
pub(super) fn too_slow_error() -> ProviderError {
    ProviderError::Timeout {
        why: "the answer comes too slowly".to_owned(),
    }
}

/// Whether a read that was answered so may be tried again.
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502..=504 | 506..=599)
}

/// The words for a redirect: where it points, and that it is not followed.
pub(super) fn redirect(location: Option<&[u8]>) -> Option<String> {
    let text = std::str::from_utf8(location?).ok()?;
    let url = url::Url::parse(text).ok()?;
    let host = visible::escape(url.host_str()?.as_bytes());
    Some(format!(
        "it points to {}; redirects are not followed",
        host.as_str()
    ))
}

/// The answer's own `message`, or its `detail`: escaped, one line, 200 characters, none when it repeats a value that we
/// sent.
pub(super) fn message<'a>(body: &[u8], sent: impl IntoIterator<Item = &'a [u8]>) -> Option<String> {
    let value = json::parse(body).ok()?;
    let text = message_text(value.get("message")).or_else(|| message_text(value.get("detail")))?;
    let lower = text.to_ascii_lowercase();
    let plain: Vec<u8> = percent_encoding::percent_decode(&lower).collect();
    for value in sent {
        let value = zeroize::Zeroizing::new(value.to_ascii_lowercase());
        let holds = |text: &[u8]| memchr::memmem::find(text, &value).is_some();
        if holds(&lower) || holds(&plain) {
            return None;
        }
    }
    let shown = visible::escape(&text);
    let cut: String = shown.as_str().chars().take(200).collect();
    (!cut.is_empty()).then_some(cut)
}

/// The words of a refusal that is plain text: escaped, one line, 200 characters, none when it repeats a value that we
/// sent, or is no sentence.
pub(super) fn text_message<'a>(
    body: &[u8],
    sent: impl IntoIterator<Item = &'a [u8]>,
) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.is_empty() || text.contains(['<', '{', '\n']) {
        return None;
    }
    let quoted = serde_json::json!({ "message": text }).to_string();
    message(quoted.as_bytes(), sent)
}

/// A text, or the texts of a list in one line, of which no more are read than can be shown.
fn message_text(value: Option<json::Value<'_>>) -> Option<Cow<'_, [u8]>> {
    let value = value?;
    if !value.is_array() {
        return value.string();
    }
    let texts: Vec<_> = value
        .elements()
        .filter_map(json::Value::string)
        .take(20)
        .collect();
    (!texts.is_empty()).then(|| Cow::Owned(texts.join(&b"; "[..])))
}

/// How long a 429 or 503 asks to wait: seconds, a date against the answer's own, or the body's `retry_after`.
pub(super) fn parse_retry_after(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(asked) = text(RETRY_AFTER).map(str::trim) {
        if !asked.is_empty() && asked.bytes().all(|b| b.is_ascii_digit()) {
            // More digits than fit are more than anyone waits.
            return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
        }
        let at = httpdate::parse_http_date(asked).ok();
        let now = text(DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        if let (Some(at), Some(now)) = (at, now) {
            return Some(at.duration_since(now).unwrap_or_default());
        }
    }
    let body = json::parse(body).ok()?;
    let asked = body.get("retry_after")?;
    let text = asked.string();
    let text = text
        .as_ref()
        .and_then(|text| std::str::from_utf8(text).ok());
    let seconds = asked
        .count()
        .or_else(|| text.and_then(|text| text.trim().parse().ok()))?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    reqwest::header::HeaderName::from_static(name),
                    reqwest::header::HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn a_wait_is_read_from_seconds_dates_and_bodies_and_never_from_garbage() {
        let wait = |pairs: &[_], body: &str| {
            parse_retry_after(&headers(pairs), body.as_bytes()).map(|d| d.as_secs())
        };
        assert_eq!(wait(&[("retry-after", "45")], ""), Some(45));
        assert_eq!(
            wait(&[("retry-after", "99999999999999999999999")], ""),
            Some(u64::MAX)
        );
        assert_eq!(wait(&[("retry-after", "soon")], ""), None);
        assert_eq!(wait(&[("retry-after", "-5")], ""), None);
        assert_eq!(
            wait(&[("retry-after", "soon")], "{\"retry_after\":45}"),
            Some(45)
        );
        assert_eq!(wait(&[], "{\"retry_after\":45}"), Some(45));
        assert_eq!(wait(&[], "{\"retry_after\":-45}"), None);
        let date = "Sun, 22 Nov 2026 12:00:00 GMT";
        let later = "Sun, 22 Nov 2026 12:00:30 GMT";
        assert_eq!(
            wait(&[("retry-after", later), ("date", date)], ""),
            Some(30)
        );
        assert_eq!(wait(&[("retry-after", date), ("date", later)], ""), Some(0));
        assert_eq!(wait(&[("retry-after", later)], ""), None);
    }

    #[test]
    fn a_message_is_cut_escaped_and_dropped_when_it_repeats_what_we_sent() {
        let said =
            |body: &str, sent: &[&str]| message(body.as_bytes(), sent.iter().map(|s| s.as_bytes()));
        let escaped = visible::escape(b"no\x1b[2J\nway");
        assert_eq!(
            said(r#"{"message":"no\u001b[2J\nway"}"#, &[]).as_deref(),
            Some(escaped.as_str())
        );
        assert_eq!(said(r#"{"message":"no key K3Y here"}"#, &["k3y"]), None);
        assert_eq!(
            said(r#"{"message":"no M%40x.example"}"#, &["m@x.example"]),
            None
        );
        assert_eq!(said(r#"{"error":"x"}"#, &[]), None);
        assert_eq!(
            said(r#"{"status":400,"detail":"no such sort"}"#, &[]).as_deref(),
            Some("no such sort")
        );
        assert_eq!(
            said(r#"{"message":7,"detail":["one",{"x":1},"two"]}"#, &[]).as_deref(),
            Some("one; two")
        );
        assert_eq!(said(r#"{"detail":["a k3y"]}"#, &["k3y"]), None);
        assert_eq!(said(r#"{"detail":[7]}"#, &[]), None);
        assert_eq!(said("<html>", &[]), None);
        let long = format!(r#"{{"message":"{}"}}"#, "é".repeat(500));
        assert_eq!(said(&long, &[]).unwrap().chars().count(), 200);
    }

    #[test]
    fn a_redirect_names_its_host_and_nothing_else() {
        let words = |to: &str| redirect(Some(to.as_bytes()));
        assert_eq!(
            words("https://u:p@evil.example/secret?x=1").as_deref(),
            Some("it points to evil.example; redirects are not followed")
        );
        assert_eq!(words("/same"), None);
        assert_eq!(redirect(None), None);
        assert_eq!(redirect(Some(b"\xff")), None);
    }
}
