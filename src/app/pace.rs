//! How many pages of a list are asked for at the same time. More while answers take no longer for it, half as many when
//! the provider says that it is too much: what a provider bears is known by its answers alone.

use std::{collections::BTreeMap, time::Duration};

/// So many pages at first, once it is known that there are so many.
pub const INITIAL_IN_FLIGHT: u32 = 4;
/// Never more than this, whatever the provider bears.
pub const MAX_IN_FLIGHT: u32 = 8;
/// An answer that takes so many times as long as the fastest one has waited for others of ours.
const SLOW_FACTOR: u32 = 2;

/// The width of one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimit {
    width: u32,
    /// When each page that is on its way was asked for.
    requested_at: BTreeMap<u32, Duration>,
    /// The fastest answer.
    fastest_response: Option<Duration>,
    /// Answers in a row that were as fast, since the width last changed.
    steady_responses: u32,
    /// How often the provider had refused or failed when the last answer came; not known before the first.
    throttle_signals: Option<u64>,
    /// Answers to come that were asked for at the width before: what befell them is known already.
    stale_responses: u32,
}

impl ConcurrencyLimit {
    /// How many pages may be on their way. Not more than the requests that a minute has, where that is known: the
    /// others would only wait here, and count as slow.
    pub fn width(&self, limit: Option<u32>) -> usize {
        let most = limit.unwrap_or(MAX_IN_FLIGHT).clamp(1, MAX_IN_FLIGHT);
        self.width.min(most) as usize
    }

    /// Notes that a page was asked for.
    pub fn on_request(&mut self, page: u32, now: Duration) {
        self.requested_at.insert(page, now);
    }

    /// Notes that a page came, and how often the provider has refused or failed by then.
    pub fn on_response(&mut self, page: u32, now: Duration, setbacks: u64) {
        let Some(asked) = self.requested_at.remove(&page) else {
            return;
        };
        let refused = self
            .throttle_signals
            .is_some_and(|before| setbacks > before);
        self.throttle_signals = Some(setbacks);
        if self.stale_responses > 0 {
            self.stale_responses -= 1;
            return;
        }
        if refused {
            self.width = (self.width / 2).max(1);
            self.steady_responses = 0;
            self.stale_responses = u32::try_from(self.requested_at.len()).unwrap_or(u32::MAX);
            return;
        }
        let took = now.saturating_sub(asked);
        let fastest = self
            .fastest_response
            .map_or(took, |fastest| fastest.min(took));
        self.fastest_response = Some(fastest);
        if took > fastest.saturating_mul(SLOW_FACTOR) {
            self.steady_responses = 0;
            return;
        }
        self.steady_responses += 1;
        if self.steady_responses >= self.width && self.width < MAX_IN_FLIGHT {
            self.width += 1;
            self.steady_responses = 0;
        }
    }
}

impl Default for ConcurrencyLimit {
    fn default() -> Self {
        Self {
            width: INITIAL_IN_FLIGHT,
            requested_at: BTreeMap::new(),
            fastest_response: None,
            steady_responses: 0,
            throttle_signals: None,
            stale_responses: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A provider of virtual time: answers pages in order, each after what `takes` says of how many are on their way.
    struct Provider {
        pace: ConcurrencyLimit,
        now: Duration,
        next: u32,
        on_the_way: Vec<(Duration, u32)>,
        setbacks: u64,
    }

    impl Provider {
        fn new() -> Self {
            Self {
                pace: ConcurrencyLimit::default(),
                now: Duration::ZERO,
                next: 0,
                on_the_way: Vec::new(),
                setbacks: 0,
            }
        }

        /// Asks for as many pages as may be, then answers the one that is due first. The width after it.
        fn turn(&mut self, limit: Option<u32>, takes: impl Fn(usize) -> u64) -> usize {
            while self.on_the_way.len() < self.pace.width(limit) {
                self.pace.on_request(self.next, self.now);
                let due = Duration::from_millis(takes(self.on_the_way.len() + 1));
                self.on_the_way.push((self.now + due, self.next));
                self.next += 1;
            }
            self.on_the_way.sort_unstable();
            let (due, page) = self.on_the_way.remove(0);
            self.now = self.now.max(due);
            self.pace.on_response(page, self.now, self.setbacks);
            self.pace.width(limit)
        }
    }

    #[test]
    fn it_grows_to_the_most_where_answers_take_no_longer() {
        let mut provider = Provider::new();
        let widths: Vec<_> = (0..40).map(|_| provider.turn(None, |_| 80)).collect();
        assert_eq!(widths[0], INITIAL_IN_FLIGHT as usize);
        assert!(widths.is_sorted());
        assert_eq!(widths[39], MAX_IN_FLIGHT as usize);
    }

    #[test]
    fn it_does_not_grow_where_more_at_once_only_wait_for_each_other() {
        let mut provider = Provider::new();
        for _ in 0..200 {
            assert!(
                provider.turn(None, |beside| 20 * beside as u64) <= INITIAL_IN_FLIGHT as usize + 1
            );
        }
    }

    #[test]
    fn a_refusal_halves_it_once_a_round_and_it_recovers() {
        let mut provider = Provider::new();
        while provider.turn(None, |_| 80) < MAX_IN_FLIGHT as usize {}
        // Each of the pages that are on their way may be refused: that is one and the same overload.
        provider.setbacks += 1;
        assert_eq!(provider.turn(None, |_| 80), 4);
        for _ in 0..7 {
            provider.setbacks += 1;
            assert_eq!(provider.turn(None, |_| 80), 4);
        }
        provider.setbacks += 1;
        assert_eq!(provider.turn(None, |_| 80), 2);
        for _ in 0..200 {
            provider.turn(None, |_| 80);
        }
        assert_eq!(provider.pace.width(None), MAX_IN_FLIGHT as usize);
    }

    #[test]
    fn it_never_falls_below_one_nor_exceeds_the_budget() {
        let mut provider = Provider::new();
        for _ in 0..100 {
            provider.setbacks += 1;
            assert!(provider.turn(None, |_| 80) >= 1);
        }
        assert_eq!(provider.pace.width(None), 1);
        let mut provider = Provider::new();
        for _ in 0..100 {
            assert_eq!(provider.turn(Some(3), |_| 80), 3);
        }
        assert_eq!(provider.pace.width(Some(0)), 1);
        assert_eq!(provider.pace.width(Some(u32::MAX)), MAX_IN_FLIGHT as usize);
    }

    #[test]
    fn an_answer_that_nobody_asked_for_changes_nothing() {
        let mut pace = ConcurrencyLimit::default();
        pace.on_response(7, Duration::from_secs(1), 9);
        assert_eq!(pace, ConcurrencyLimit::default());
    }
}
