//! What an answer's headers say of the request budget.

use reqwest::header::HeaderMap;
use std::time::Duration;

/// A window longer than this is none that a header would mean: more likely it is a point in time.
const MAX_WINDOW_SECONDS: u64 = 3600;

/// The provider's own account of the budget; what is absent or out of its senses is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Quota {
    /// Requests allowed in a window.
    pub(super) limit: Option<u32>,
    /// Requests left in it, by the provider's count, which includes all other users of the key.
    pub(super) remaining: Option<u32>,
    /// How long the window is. The header calls it a reset; it is a length and not a time.
    pub(super) window: Option<Duration>,
}

/// Reads the three `X-RateLimit-*` headers.
pub(super) fn from_headers(headers: &HeaderMap) -> Quota {
    let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let small = |number: u64| u32::try_from(number).ok();
    Quota {
        limit: number("x-ratelimit-limit")
            .and_then(small)
            .filter(|limit| (1..=100_000).contains(limit)),
        remaining: number("x-ratelimit-remaining").and_then(small),
        window: number("x-ratelimit-reset")
            .filter(|seconds| (1..=MAX_WINDOW_SECONDS).contains(seconds))
            .map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn quota(pairs: &[(&'static str, &str)]) -> Quota {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        from_headers(&pairs.collect())
    }

    #[test]
    fn three_headers_are_read_and_a_point_in_time_is_no_length() {
        let read = quota(&[
            ("x-ratelimit-limit", "10"),
            ("x-ratelimit-remaining", " 3 "),
            ("x-ratelimit-reset", "60"),
        ]);
        let expected = Quota {
            limit: Some(10),
            remaining: Some(3),
            window: Some(Duration::from_secs(60)),
        };
        assert_eq!(read, expected);
        for odd in ["1795600000", "0", "-1", "soon", "99999999999999999999", ""] {
            let read = quota(&[("x-ratelimit-limit", odd), ("x-ratelimit-reset", odd)]);
            assert_eq!(read, Quota::default(), "{odd}");
        }
        for odd in ["-1", "99999999999999999999", "many"] {
            assert_eq!(quota(&[("x-ratelimit-remaining", odd)]), Quota::default());
        }
    }
}
