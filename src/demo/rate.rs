//! The limit of requests in any minute.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The window.
const MINUTE: Duration = Duration::from_secs(60);

/// How a minute's requests stand once one was let through, or was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Requests in any minute.
    pub(crate) limit: u32,
    /// How many more would be let through at once.
    pub(crate) remaining: u32,
    /// How long the window is, in seconds: a length, not a time.
    pub(crate) reset: u64,
}

/// A request that was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimited {
    /// After how many whole seconds one would be let through.
    pub(crate) wait: u64,
    /// How the minute stands.
    pub(crate) rate: Rate,
}

/// A sliding window over the requests that were let through.
#[derive(Debug)]
pub(crate) struct Window {
    limit: Option<u32>,
    admitted: VecDeque<Instant>,
}

impl Window {
    /// A window for that many a minute; none is no limit.
    pub(crate) fn new(most: Option<u32>) -> Self {
        Self {
            limit: most,
            admitted: VecDeque::new(),
        }
    }

    /// Lets a request through, or says when one would be. Without a limit there is nothing to tell.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Option<Rate>, RateLimited> {
        let Some(most) = self.limit else {
            return Ok(None);
        };
        while self
            .admitted
            .front()
            .is_some_and(|first| now.duration_since(*first) >= MINUTE)
        {
            self.admitted.pop_front();
        }
        if self.admitted.len() < most as usize {
            self.admitted.push_back(now);
            return Ok(Some(self.rate(most)));
        }
        let wait = self.admitted.front().map_or(MINUTE, |first| {
            MINUTE.saturating_sub(now.duration_since(*first))
        });
        Err(RateLimited {
            wait: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
            rate: self.rate(most),
        })
    }

    fn rate(&self, limit: u32) -> Rate {
        let used = u32::try_from(self.admitted.len()).unwrap_or(limit);
        Rate {
            limit,
            remaining: limit.saturating_sub(used),
            reset: MINUTE.as_secs(),
        }
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
        let rate = |remaining| Rate {
            limit: 2,
            remaining,
            reset: 60,
        };
        let refused = |wait| {
            let rate = rate(0);
            Err(RateLimited { wait, rate })
        };
        assert_eq!(window.admit(at(0)), Ok(Some(rate(1))));
        assert_eq!(window.admit(at(10)), Ok(Some(rate(0))));
        assert_eq!(window.admit(at(11)), refused(49));
        assert_eq!(window.admit(at(59)), refused(1));
        assert_eq!(window.admit(at(60)), Ok(Some(rate(0))));
        assert_eq!(window.admit(at(61)), refused(9));
        assert_eq!(Window::new(None).admit(start), Ok(None));
    }
}
