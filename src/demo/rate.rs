//! The limit of requests in any minute.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The window.
const MINUTE: Duration = Duration::from_secs(60);

/// A sliding window over the requests that were let through.
#[derive(Debug)]
pub(crate) struct Window {
    most: Option<u32>,
    passed: VecDeque<Instant>,
}

impl Window {
    /// A window for that many a minute; none is no limit.
    pub(crate) fn new(most: Option<u32>) -> Self {
        Self {
            most,
            passed: VecDeque::new(),
        }
    }

    /// Lets a request through, or says after how many whole seconds one would be.
    pub(crate) fn pass(&mut self, now: Instant) -> Result<(), u64> {
        let Some(most) = self.most else {
            return Ok(());
        };
        while self
            .passed
            .front()
            .is_some_and(|first| now.duration_since(*first) >= MINUTE)
        {
            self.passed.pop_front();
        }
        if self.passed.len() < most as usize {
            self.passed.push_back(now);
            return Ok(());
        }
        let wait = self.passed.front().map_or(MINUTE, |first| {
            MINUTE.saturating_sub(now.duration_since(*first))
        });
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_sees_more_than_the_limit() {
        let start = Instant::now();
        let mut window = Window::new(Some(2));
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(window.pass(at(0)), Ok(()));
        assert_eq!(window.pass(at(10)), Ok(()));
        assert_eq!(window.pass(at(11)), Err(49));
        assert_eq!(window.pass(at(59)), Err(1));
        assert_eq!(window.pass(at(60)), Ok(()));
        assert_eq!(window.pass(at(61)), Err(9));
    }
}
