//! How long, how much and how often: every number of the transport in one place, so that a test can shrink it.

use std::time::Duration;

/// The transport's limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Name, address and TLS together.
    pub connect_timeout: Duration,
    /// One request from its first byte to the answer's last.
    pub request_timeout: Duration,
    /// How long a body may trickle before its speed counts, and how often it is looked at then.
    pub slow_after: Duration,
    /// Bytes a second that a body must make.
    pub min_bytes_per_second: u64,
    /// How long a line is taken for slow after a page came too slowly: a list that is begun later is asked for in
    /// whole pages again.
    pub slow_for: Duration,
    /// Bytes of a body after decompression.
    pub max_decoded_bytes: usize,
    /// Decompressed bytes for each byte received.
    pub max_ratio: u64,
    /// Decompressed bytes from which on the ratio counts: a small page of blanks is no bomb.
    pub min_ratio_bytes: u64,
    /// Requests in flight for one profile.
    pub max_in_flight: u32,
    /// The window in which no more than the allowed number of requests is sent. One second more than a minute: the
    /// provider counts arrivals, not departures.
    pub window: Duration,
    /// Tries of one read, the first included.
    pub max_tries: u32,
    /// The first wait between two tries; it doubles, and a random part of it is taken.
    pub backoff: Duration,
    /// All tries of one read together, waits for a rate limit aside.
    pub max_retry_time: Duration,
    /// The least wait after a 429.
    pub min_429_wait: Duration,
    /// The longest wait after a 429; a longer one is given back to the caller.
    pub max_429_wait: Duration,
    /// 429s in a row after which a caller gets the error instead of another wait.
    pub max_consecutive_429: u32,
    /// How long nothing is sent after a web page came in place of an answer.
    pub web_page_hold: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            slow_after: Duration::from_secs(10),
            min_bytes_per_second: 1024,
            slow_for: Duration::from_secs(10 * 60),
            max_decoded_bytes: 64 << 20,
            max_ratio: 200,
            min_ratio_bytes: 64 << 10,
            max_in_flight: 8,
            window: Duration::from_secs(61),
            max_tries: 5,
            backoff: Duration::from_millis(500),
            max_retry_time: Duration::from_secs(120),
            min_429_wait: Duration::from_secs(1),
            max_429_wait: Duration::from_secs(15 * 60),
            max_consecutive_429: 10,
            web_page_hold: Duration::from_secs(10),
        }
    }
}
