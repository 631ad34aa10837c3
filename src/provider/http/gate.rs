//! Who may send, and when: permits, the sliding window, the wait after a 429, and the stop after a refused key.
//!
//! The decisions are in [`Window`] and [`Gates`], which are given the time and are tested without a clock; [`Gate`]
//! waits for them.

use super::limits::Limits;
use crate::entity::{error::ProviderError, profile::Budget};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit, watch},
    time::Instant,
};

/// Longest wait that is kept at all: a header may name millennia.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// When requests were sent, and how many may be.
#[derive(Debug)]
struct Window {
    sends: VecDeque<Instant>,
    limit: Option<u32>,
    length: Duration,
}

impl Window {
    fn forget(&mut self, now: Instant) {
        while self
            .sends
            .front()
            .is_some_and(|at| now.duration_since(*at) >= self.length)
        {
            self.sends.pop_front();
        }
    }

    /// Notes a send, or tells how long to wait first.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.forget(now);
        if let Some(limit) = self.limit
            && let Some(over) = self.sends.len().checked_sub(limit.max(1) as usize)
        {
            // The limit may have shrunk: wait for as many to leave as are too many.
            return Err((self.sends[over] + self.length).duration_since(now));
        }
        self.sends.push_back(now);
        Ok(())
    }
}

/// Everything that keeps a request from being sent.
#[derive(Debug)]
struct Gates {
    window: Window,
    /// 429s since the last other answer.
    limited: u32,
    not_before: Option<Instant>,
    refused: Option<u16>,
    web_page_until: Option<Instant>,
    sent: u64,
}

/// What is to be done about one request now.
#[derive(Debug, PartialEq)]
enum Turn {
    Go,
    Wait(Duration),
    Refuse(ProviderError),
}

impl Gates {
    fn turn(&mut self, now: Instant, keyed: bool, limits: &Limits) -> Turn {
        if keyed && let Some(status) = self.refused {
            return Turn::Refuse(ProviderError::Unauthorised { status });
        }
        if keyed && self.web_page_until.is_some_and(|until| now < until) {
            return Turn::Refuse(super::web_page());
        }
        if let Some(wait) = self
            .not_before
            .map(|at| at.saturating_duration_since(now))
            .filter(|wait| !wait.is_zero())
        {
            return if wait > limits.limited_most + limits.limited_most / 10 {
                Turn::Refuse(limited_until(wait))
            } else {
                Turn::Wait(wait)
            };
        }
        match self.window.take(now) {
            Ok(()) => {
                self.sent += 1;
                Turn::Go
            }
            Err(wait) => Turn::Wait(wait),
        }
    }

    /// Notes a 429; tells the error where waiting is not for us to do. `jitter` is between 0 and 1.
    fn note_limited(
        &mut self,
        now: Instant,
        asked: Option<Duration>,
        jitter: f64,
        limits: &Limits,
    ) -> Option<ProviderError> {
        self.limited = self.limited.saturating_add(1);
        let least = limits.limited_least;
        // Whoever names no wait, or too short a one time and again, is given more room each time.
        let doubled = |times: u32| least.saturating_mul(1 << times.min(6));
        let wait = match asked {
            Some(asked) if self.limited <= 5 => asked.max(least),
            Some(asked) => asked.max(doubled(self.limited - 5)),
            None => doubled(self.limited - 1),
        };
        let wait = wait.min(YEAR);
        let wait = wait + wait.mul_f64(jitter / 10.0);
        let until = now + wait;
        self.not_before = Some(self.not_before.map_or(until, |at| at.max(until)));
        (wait > limits.limited_most + limits.limited_most / 10
            || self.limited >= limits.limited_storm)
            .then(|| limited_until(wait))
    }
}

fn limited_until(wait: Duration) -> ProviderError {
    ProviderError::RateLimited { until: after(wait) }
}

/// The wall-clock time after a wait, whole seconds up; for display only.
fn after(wait: Duration) -> Timestamp {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let seconds = i64::try_from(whole).unwrap_or(i64::MAX);
    let now = Timestamp::now();
    now.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// The gate of one profile.
pub(super) struct Gate {
    permits: Semaphore,
    gates: Mutex<Gates>,
    budget: watch::Sender<Budget>,
    limits: Limits,
}

/// The right to have one request in flight; given back on drop.
pub(super) struct Admission<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Gate {
    pub(super) fn new(rpm: Option<u32>, limits: Limits) -> Self {
        let budget = Budget {
            limit: rpm,
            ..Budget::default()
        };
        Self {
            permits: Semaphore::new(limits.in_flight.max(1) as usize),
            gates: Mutex::new(Gates {
                window: Window {
                    sends: VecDeque::new(),
                    limit: rpm,
                    length: limits.window,
                },
                limited: 0,
                not_before: None,
                refused: None,
                web_page_until: None,
                sent: 0,
            }),
            budget: watch::Sender::new(budget),
            limits,
        }
    }

    fn gates(&self) -> MutexGuard<'_, Gates> {
        // Nothing in here can be half done: a panic elsewhere is no reason to stop counting.
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn budget(&self) -> watch::Receiver<Budget> {
        self.budget.subscribe()
    }

    pub(super) fn sent(&self) -> u64 {
        self.gates().sent
    }

    /// Waits for a turn. While the provider limits us, only one request is in flight: all permits are taken.
    pub(super) async fn admit(&self, keyed: bool) -> Result<Admission<'_>, ProviderError> {
        loop {
            let alone = self.gates().limited > 0;
            let wanted = if alone {
                self.limits.in_flight.max(1)
            } else {
                1
            };
            let Ok(mut permit) = self.permits.acquire_many(wanted).await else {
                return Err(ProviderError::Cancelled);
            };
            loop {
                let (turn, limited) = {
                    let mut gates = self.gates();
                    let limited = gates.limited > 0;
                    if limited && !alone {
                        break;
                    }
                    let turn = gates.turn(Instant::now(), keyed, &self.limits);
                    (turn, limited)
                };
                match turn {
                    Turn::Go => {
                        self.publish(None);
                        let permit = if limited {
                            permit
                        } else {
                            permit.split(1).unwrap_or(permit)
                        };
                        return Ok(Admission { _permit: permit });
                    }
                    Turn::Wait(wait) => {
                        self.publish(Some(after(wait)));
                        tokio::time::sleep(wait).await;
                    }
                    Turn::Refuse(error) => return Err(error),
                }
            }
        }
    }

    /// Notes an answer that is not 429.
    pub(super) fn note_answer(&self, limit: Option<u32>, set_by_profile: bool) {
        let mut gates = self.gates();
        // An answer to a request from before the 429 says nothing about the limit.
        if gates.not_before.is_none_or(|at| at <= Instant::now()) {
            gates.limited = 0;
            gates.not_before = None;
        }
        if !set_by_profile && limit.is_some() {
            gates.window.limit = limit;
        }
        let wait = gates
            .not_before
            .map(|at| after(at.saturating_duration_since(Instant::now())));
        drop(gates);
        self.publish(wait);
    }

    /// Notes a 429; tells the error where waiting is not for us to do.
    pub(super) fn note_limited(
        &self,
        asked: Option<Duration>,
    ) -> (Option<ProviderError>, Timestamp) {
        let now = Instant::now();
        let mut gates = self.gates();
        let error = gates.note_limited(now, asked, fastrand::f64(), &self.limits);
        let wait = gates
            .not_before
            .map(|at| at.saturating_duration_since(now))
            .unwrap_or_default();
        drop(gates);
        let until = after(wait);
        self.publish(Some(until));
        (error, until)
    }

    /// Notes a refused key: nothing more is sent with it.
    pub(super) fn note_refused(&self, status: u16) {
        self.gates().refused = Some(status);
    }

    /// Notes a web page in place of an answer: the key is not sent again at once.
    pub(super) fn note_web_page(&self) {
        self.gates().web_page_until = Some(Instant::now() + self.limits.web_page_hold);
    }

    fn publish(&self, wait_until: Option<Timestamp>) {
        let (limit, used, length) = {
            let mut gates = self.gates();
            gates.window.forget(Instant::now());
            let window = &gates.window;
            (window.limit, window.sends.len() as u32, window.length)
        };
        // Counted from now: a little late, never early.
        let free_at = (used > 0 && limit.is_some()).then(|| Timestamp::now() + length);
        let budget = Budget {
            limit,
            used,
            free_at,
            wait_until,
        };
        self.budget.send_if_modified(|held| {
            let changed = *held != budget;
            *held = budget;
            changed
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(limit: Option<u32>) -> Gates {
        Gates {
            window: Window {
                sends: VecDeque::new(),
                limit,
                length: Duration::from_secs(61),
            },
            limited: 0,
            not_before: None,
            refused: None,
            web_page_until: None,
            sent: 0,
        }
    }

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn at_most_the_limit_is_sent_in_any_61_seconds_however_often_one_asks() {
        let limits = Limits::default();
        let start = Instant::now();
        for limit in [1, 2, 7, 10] {
            let mut gates = gates(Some(limit));
            let mut now = start;
            let mut sent = Vec::new();
            let mut random = fastrand::Rng::with_seed(u64::from(limit));
            // Five minutes and more, by impatient callers.
            while now < start + seconds(400.0) {
                match gates.turn(now, true, &limits) {
                    Turn::Go => sent.push(now),
                    Turn::Wait(wait) if random.bool() => now += wait,
                    Turn::Wait(_) => now += seconds(random.f64()),
                    Turn::Refuse(error) => panic!("{error}"),
                }
            }
            for (at, first) in sent.iter().enumerate() {
                let within = sent[at..]
                    .iter()
                    .filter(|later| **later - *first < seconds(61.0))
                    .count();
                assert!(within <= limit as usize, "{within} of {limit}");
            }
            assert!(
                sent.len() >= limit as usize * 5,
                "the window must open again"
            );
        }
    }

    #[test]
    fn a_limit_that_shrinks_holds_back_until_enough_have_left() {
        let mut gates = gates(None);
        let start = Instant::now();
        for second in 0..5 {
            gates
                .window
                .take(start + seconds(f64::from(second)))
                .unwrap();
        }
        gates.window.limit = Some(2);
        let wait = gates.window.take(start + seconds(10.0)).unwrap_err();
        assert_eq!(wait, seconds(3.0 + 61.0 - 10.0));
    }

    #[test]
    fn a_wait_has_a_floor_a_jitter_of_a_tenth_and_a_ceiling_that_is_an_error() {
        let limits = Limits::default();
        let now = Instant::now();
        let wait = |asked: Option<u64>, jitter| {
            let mut gates = gates(None);
            let error = gates.note_limited(now, asked.map(Duration::from_secs), jitter, &limits);
            (gates.not_before.unwrap() - now, error.is_some())
        };
        assert_eq!(wait(Some(45), 0.0), (seconds(45.0), false));
        assert_eq!(wait(Some(45), 1.0), (seconds(49.5), false));
        assert_eq!(wait(Some(0), 0.0), (seconds(1.0), false));
        assert_eq!(wait(Some(900), 1.0), (seconds(990.0), false));
        assert_eq!(wait(Some(999_999_999), 0.0), (YEAR, true));
        assert!(wait(Some(u64::MAX), 1.0).1);
        assert_eq!(wait(None, 0.0), (seconds(1.0), false));
    }

    #[test]
    fn a_zero_wait_in_a_row_backs_off_and_a_storm_ends() {
        let limits = Limits::default();
        let mut gates = gates(None);
        let mut now = Instant::now();
        let mut waits = Vec::new();
        let mut error = None;
        while error.is_none() {
            error = gates.note_limited(now, Some(Duration::ZERO), 0.0, &limits);
            let wait = gates.not_before.unwrap() - now;
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [1, 1, 1, 1, 1, 2, 4, 8, 16, 32]);
        assert!(matches!(error, Some(ProviderError::RateLimited { .. })));
        assert_eq!(
            gates.turn(now, true, &limits),
            Turn::Go,
            "one more may ask when it is time"
        );
    }

    #[test]
    fn a_long_limit_refuses_at_once_and_a_refused_key_stays_refused() {
        let limits = Limits::default();
        let now = Instant::now();
        let mut gates = gates(None);
        gates.note_limited(now, Some(Duration::from_secs(3600)), 0.0, &limits);
        assert!(matches!(
            gates.turn(now, true, &limits),
            Turn::Refuse(ProviderError::RateLimited { .. })
        ));
        gates.not_before = None;
        gates.refused = Some(402);
        assert_eq!(
            gates.turn(now, true, &limits),
            Turn::Refuse(ProviderError::Unauthorised { status: 402 })
        );
        assert_eq!(
            gates.turn(now, false, &limits),
            Turn::Go,
            "public calls need no key"
        );
    }
}
