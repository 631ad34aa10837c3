//! How many pages of a list are asked for at the same time. More while answers take no longer for it, half as many when
//! the provider says that it is too much: what a provider bears is known by its answers alone.

use std::{collections::BTreeMap, time::Duration};

/// So many pages at first, once it is known that there are so many.
pub const FIRST: u32 = 4;
/// Never more than this, whatever the provider bears.
pub const MOST: u32 = 8;
/// An answer that takes so many times as long as the fastest one has waited for others of ours.
const LONGER: u32 = 2;

/// The width of one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    width: u32,
    /// When each page that is on its way was asked for.
    asked: BTreeMap<u32, Duration>,
    /// The fastest answer.
    fastest: Option<Duration>,
    /// Answers in a row that were as fast, since the width last changed.
    steady: u32,
    /// How often the provider had refused or failed when the last answer came; not known before the first.
    setbacks: Option<u64>,
    /// Answers to come that were asked for at the width before: what befell them is known already.
    old: u32,
}

impl Pace {
    /// How many pages may be on their way. Not more than the requests that a minute has, where that is known: the
    /// others would only wait here, and count as slow.
    pub fn width(&self, limit: Option<u32>) -> usize {
        let most = limit.unwrap_or(MOST).clamp(1, MOST);
        self.width.min(most) as usize
    }

    /// Notes that a page was asked for.
    pub fn ask(&mut self, page: u32, now: Duration) {
        self.asked.insert(page, now);
    }

    /// Notes that a page came, and how often the provider has refused or failed by then.
    pub fn answer(&mut self, page: u32, now: Duration, setbacks: u64) {
        let Some(asked) = self.asked.remove(&page) else {
            return;
        };
        let refused = self.setbacks.is_some_and(|before| setbacks > before);
        self.setbacks = Some(setbacks);
        if self.old > 0 {
            self.old -= 1;
            return;
        }
        if refused {
            self.width = (self.width / 2).max(1);
            self.steady = 0;
            self.old = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
            return;
        }
        let took = now.saturating_sub(asked);
        let fastest = self.fastest.map_or(took, |fastest| fastest.min(took));
        self.fastest = Some(fastest);
        if took > fastest.saturating_mul(LONGER) {
            self.steady = 0;
            return;
        }
        self.steady += 1;
        if self.steady >= self.width && self.width < MOST {
            self.width += 1;
            self.steady = 0;
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            width: FIRST,
            asked: BTreeMap::new(),
            fastest: None,
            steady: 0,
            setbacks: None,
            old: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A provider of virtual time: answers pages in order, each after what `takes` says of how many are on their way.
    struct Provider {
        pace: Pace,
        now: Duration,
        next: u32,
        on_the_way: Vec<(Duration, u32)>,
        setbacks: u64,
    }

    impl Provider {
        fn new() -> Self {
            Self {
                pace: Pace::default(),
                now: Duration::ZERO,
                next: 0,
                on_the_way: Vec::new(),
                setbacks: 0,
            }
        }

        /// Asks for as many pages as may be, then answers the one that is due first. The width after it.
        fn turn(&mut self, limit: Option<u32>, takes: impl Fn(usize) -> u64) -> usize {
            while self.on_the_way.len() < self.pace.width(limit) {
                self.pace.ask(self.next, self.now);
                let due = Duration::from_millis(takes(self.on_the_way.len() + 1));
                self.on_the_way.push((self.now + due, self.next));
                self.next += 1;
            }
            self.on_the_way.sort_unstable();
            let (due, page) = self.on_the_way.remove(0);
            self.now = self.now.max(due);
            self.pace.answer(page, self.now, self.setbacks);
            self.pace.width(limit)
        }
    }

    #[test]
    fn it_grows_to_the_most_where_answers_take_no_longer() {
        let mut provider = Provider::new();
        let widths: Vec<_> = (0..40).map(|_| provider.turn(None, |_| 80)).collect();
        assert_eq!(widths[0], FIRST as usize);
        assert!(widths.is_sorted());
        assert_eq!(widths[39], MOST as usize);
    }

    #[test]
    fn it_does_not_grow_where_more_at_once_only_wait_for_each_other() {
        let mut provider = Provider::new();
        for _ in 0..200 {
            assert!(provider.turn(None, |beside| 20 * beside as u64) <= FIRST as usize + 1);
        }
    }

    #[test]
    fn a_refusal_halves_it_once_a_round_and_it_recovers() {
        let mut provider = Provider::new();
        while provider.turn(None, |_| 80) < MOST as usize {}
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
        assert_eq!(provider.pace.width(None), MOST as usize);
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
        assert_eq!(provider.pace.width(Some(u32::MAX)), MOST as usize);
    }

    #[test]
    fn an_answer_that_nobody_asked_for_changes_nothing() {
        let mut pace = Pace::default();
        pace.answer(7, Duration::from_secs(1), 9);
        assert_eq!(pace, Pace::default());
    }
}
