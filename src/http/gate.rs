//! Who may send, and when: permits, the sliding window, the wait after a 429, and the stop after a refused key.
//!
//! The decisions are in [`Window`] and [`Gates`], which are given the time and are tested without a clock; [`Gate`]
//! waits for them.

use super::{limits::Limits, quota::Quota, sends::Sends, window::Window};
use crate::entity::{
    error::ProviderError,
    profile::{PartLimit, RateBudget},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit, watch},
    time::Instant,
};

/// Longest wait that is stored: a header may name millennia.
const MAX_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// Everything that delays or refuses a request.
#[derive(Debug)]
struct Gates {
    window: Window,
    /// 429s since the last other answer.
    consecutive_429: u32,
    /// Consecutive rate limits that were stated by the body of a good answer.
    consecutive_limits_in_body: u32,
    not_before: Option<Instant>,
    /// Why nothing goes out with the key any more.
    key_refusal: Option<ProviderError>,
    web_page_until: Option<Instant>,
    sent: u64,
    /// Answers that asked for patience, and requests without one.
    throttle_signals: u64,
    /// Callers that wait for a permit.
    waiting: u32,
}

/// What is to be done about one request now.
#[derive(Debug, PartialEq)]
enum AsyncMutex {
    Go,
    Wait(Duration),
    Refuse(ProviderError),
}

impl Gates {
    fn new(rpm: Option<u32>, window: Duration) -> Self {
        Self {
            window: Window::new(rpm, window),
            consecutive_429: 0,
            consecutive_limits_in_body: 0,
            not_before: None,
            key_refusal: None,
            web_page_until: None,
            sent: 0,
            throttle_signals: 0,
            waiting: 0,
        }
    }

    /// Takes in what the provider says of the budget.
    fn record_quota(&mut self, now: Instant, quota: Quota, left: u64, set_by_profile: bool) {
        if !set_by_profile && quota.limit.is_some() {
            self.window.limit = quota.limit;
        }
        if let Some(length) = quota.window {
            // A second more: the provider counts arrivals, not departures.
            self.window.length = self.window.length.max(length + Duration::from_secs(1));
        }
        self.window.compare(now, quota, left);
    }

    /// Returns how long nothing will be sent: after a 429, and while a caller waits because the window is full.
    fn blocked_for(&mut self, now: Instant) -> Option<Duration> {
        let limited = self.not_before.map(|at| at.saturating_duration_since(now));
        let full = if self.waiting > 0 {
            self.window.wait(now)
        } else {
            None
        };
        limited.max(full).filter(|wait| !wait.is_zero())
    }

    fn decide(&mut self, now: Instant, keyed: bool, cost: u32, limits: &Limits) -> AsyncMutex {
        if keyed && let Some(error) = &self.key_refusal {
            return AsyncMutex::Refuse(error.clone());
        }
        if keyed && self.web_page_until.is_some_and(|until| now < until) {
            return AsyncMutex::Refuse(super::web_page_error());
        }
        if let Some(wait) = self
            .not_before
            .map(|at| at.saturating_duration_since(now))
            .filter(|wait| !wait.is_zero())
        {
            return if wait > limits.max_429_wait + limits.max_429_wait / 10 {
                AsyncMutex::Refuse(rate_limited_error(wait))
            } else {
                AsyncMutex::Wait(wait)
            };
        }
        match self.window.try_record(now, cost) {
            Ok(()) => {
                self.sent += 1;
                AsyncMutex::Go
            }
            Err(wait) => AsyncMutex::Wait(wait),
        }
    }

    /// Records a 429; returns the error if the wait is too long to wait here. `jitter` is between 0 and 1.
    fn record_limited(
        &mut self,
        now: Instant,
        asked: Option<Duration>,
        jitter: f64,
        limits: &Limits,
    ) -> Option<ProviderError> {
        self.consecutive_429 = self.consecutive_429.saturating_add(1);
        self.throttle_signals += 1;
        let least = limits.min_429_wait;
        // A provider that names no wait, or too short a wait repeatedly, is given a longer pause each time.
        let doubled = |times: u32| least.saturating_mul(1 << times.min(6));
        let wait = match asked {
            Some(asked) if self.consecutive_429 <= 5 => asked.max(least),
            Some(asked) => asked.max(doubled(self.consecutive_429 - 5)),
            None => doubled(self.consecutive_429 - 1),
        };
        let wait = wait.min(MAX_WAIT);
        let wait = wait + wait.mul_f64(jitter / 10.0);
        let until = now + wait;
        self.not_before = Some(self.not_before.map_or(until, |at| at.max(until)));
        (wait > limits.max_429_wait + limits.max_429_wait / 10
            || self.consecutive_429 >= limits.max_consecutive_429)
            .then(|| rate_limited_error(wait))
    }
}

fn rate_limited_error(wait: Duration) -> ProviderError {
    ProviderError::RateLimited {
        until: time_after(wait),
    }
}

/// The wall-clock time after a wait, whole seconds up; for display only.
fn time_after(wait: Duration) -> Timestamp {
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
    budget: watch::Sender<RateBudget>,
    /// Where this is the gate of a part of a profile's operations: what they are about, and the budget of the profile.
    whole: Option<(&'static str, watch::Sender<RateBudget>)>,
    limits: Limits,
}

/// The right to have one request in flight; given back on drop.
pub(super) struct Admission<'a> {
    _permit: SemaphorePermit<'a>,
    /// How many sends had left the window when this one was let through.
    expired: u64,
}

/// A caller that waits, for as long as it does: also one that is dropped waits no more.
struct WaitingCaller<'a>(&'a Gate);

impl<'a> WaitingCaller<'a> {
    fn new(gate: &'a Gate) -> Self {
        gate.gates().waiting += 1;
        gate.publish();
        Self(gate)
    }
}

impl Drop for WaitingCaller<'_> {
    fn drop(&mut self) {
        {
            let mut gates = self.0.gates();
            gates.waiting = gates.waiting.saturating_sub(1);
        }
        self.0.publish();
    }
}

impl Gate {
    pub(super) fn new(rpm: Option<u32>, limits: Limits) -> Self {
        let budget = RateBudget {
            limit: rpm,
            ..RateBudget::default()
        };
        Self {
            permits: Semaphore::new(limits.max_in_flight.max(1) as usize),
            gates: Mutex::new(Gates::new(rpm, limits.window)),
            budget: watch::Sender::new(budget),
            whole: None,
            limits,
        }
    }

    /// Tells in another gate's budget when the operations of this one wait.
    pub(super) fn tell_in(&mut self, name: &'static str, whole: &Self) {
        self.whole = Some((name, whole.budget.clone()));
    }

    fn gates(&self) -> MutexGuard<'_, Gates> {
        // Nothing in here can be half done: a panic elsewhere is no reason to stop counting.
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn budget(&self) -> watch::Receiver<RateBudget> {
        self.budget.subscribe()
    }

    /// Counts in a record that others count in, too.
    pub(super) fn count_in(&mut self, sends: Arc<Sends>) {
        self.gates().window.shared = Some(sends);
    }

    /// Sets how many requests any window may have: as somebody said, or as is assumed until then.
    pub(super) fn set_limit(&self, limit: u32, is_assumed: bool) {
        {
            let mut gates = self.gates();
            gates.window.limit = Some(limit);
            gates.window.is_assumed = is_assumed;
        }
        self.publish();
    }

    pub(super) fn sent(&self) -> u64 {
        self.gates().sent
    }

    /// Waits for a permit. While the provider limits requests, only one request is in flight: all permits are taken.
    pub(super) async fn admit(
        &self,
        keyed: bool,
        cost: u32,
    ) -> Result<Admission<'_>, ProviderError> {
        loop {
            let alone = self.gates().consecutive_429 > 0;
            let wanted = if alone {
                self.limits.max_in_flight.max(1)
            } else {
                1
            };
            let Ok(mut permit) = self.permits.acquire_many(wanted).await else {
                return Err(ProviderError::Cancelled);
            };
            loop {
                let left;
                let (turn, limited) = {
                    let mut gates = self.gates();
                    let limited = gates.consecutive_429 > 0;
                    if limited && !alone {
                        break;
                    }
                    let turn = gates.decide(Instant::now(), keyed, cost, &self.limits);
                    left = gates.window.expired;
                    (turn, limited)
                };
                match turn {
                    AsyncMutex::Go => {
                        self.publish();
                        let permit = if limited {
                            permit
                        } else {
                            permit.split(1).unwrap_or(permit)
                        };
                        return Ok(Admission {
                            _permit: permit,
                            expired: left,
                        });
                    }
                    AsyncMutex::Wait(wait) => {
                        let _waiting = WaitingCaller::new(self);
                        tokio::time::sleep(wait).await;
                    }
                    AsyncMutex::Refuse(error) => return Err(error),
                }
            }
        }
    }

    /// Notes an answer that is not 429, and what it says of the budget.
    pub(super) fn record_response(
        &self,
        admission: &Admission<'_>,
        quota: Option<Quota>,
        set_by_profile: bool,
    ) {
        let now = Instant::now();
        let mut gates = self.gates();
        // An answer to a request from before the 429 says nothing about the limit.
        if gates.not_before.is_none_or(|at| at <= now) {
            gates.consecutive_429 = 0;
            gates.not_before = None;
        }
        if let Some(quota) = quota {
            gates.record_quota(now, quota, admission.expired, set_by_profile);
        }
        drop(gates);
        self.publish();
    }

    /// Records a 429; returns the error if the wait is too long to wait here.
    pub(super) fn record_limited(
        &self,
        asked: Option<Duration>,
    ) -> (Option<ProviderError>, Timestamp) {
        let now = Instant::now();
        let mut gates = self.gates();
        let error = gates.record_limited(now, asked, fastrand::f64(), &self.limits);
        let wait = gates
            .not_before
            .map(|at| at.saturating_duration_since(now))
            .unwrap_or_default();
        drop(gates);
        self.publish();
        (error, time_after(wait))
    }

    /// Notes the same where a good status came with it, which was taken for an answer at first.
    pub(super) fn record_limited_in_body(
        &self,
        asked: Duration,
    ) -> (Option<ProviderError>, Timestamp) {
        {
            let mut gates = self.gates();
            gates.consecutive_429 = gates.consecutive_429.max(gates.consecutive_limits_in_body);
            gates.consecutive_limits_in_body = gates.consecutive_limits_in_body.saturating_add(1);
        }
        self.record_limited(Some(asked))
    }

    /// Notes that a good answer held no such words.
    pub(super) fn record_success(&self) {
        self.gates().consecutive_limits_in_body = 0;
    }

    /// Notes that an answer asked for patience, or did not come: it is asked for again.
    pub(super) fn record_throttle(&self) {
        self.gates().throttle_signals += 1;
        self.publish();
    }

    /// Notes a refused key: nothing more is sent with it.
    pub(super) fn record_refused_key(&self, error: ProviderError) {
        self.gates().key_refusal = Some(error);
    }

    /// Notes a web page in place of an answer: the key is not sent again at once.
    pub(super) fn record_web_page(&self) {
        self.gates().web_page_until = Some(Instant::now() + self.limits.web_page_hold);
    }

    fn publish(&self) {
        let (limit, used, free, wait, setbacks) = {
            let now = Instant::now();
            let mut gates = self.gates();
            let wait = gates.blocked_for(now);
            let setbacks = gates.throttle_signals;
            let window = &mut gates.window;
            window.remove_expired(now);
            let last = window.sends.back().map(|at| *at + window.length);
            let free = last.map(|at| at.saturating_duration_since(now));
            let used = window.sends.len() as u32;
            (window.limit, used, free, wait, setbacks)
        };
        let free_at = free.filter(|_| limit.is_some()).map(time_after);
        let wait_until = wait.map(time_after);
        let budget = RateBudget {
            limit,
            used,
            free_at,
            wait_until,
            throttle_signals: setbacks,
            reading: None,
            part: None,
        };
        self.budget.send_if_modified(|held| {
            // What a part says of itself is not this gate's to change.
            let budget = RateBudget {
                part: held.part,
                ..budget
            };
            let changed = *held != budget;
            *held = budget;
            changed
        });
        if let Some((name, whole)) = &self.whole {
            let part = wait_until.map(|wait_until| PartLimit { name, wait_until });
            whole.send_if_modified(|held| std::mem::replace(&mut held.part, part) != part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(limit: Option<u32>) -> Gates {
        Gates::new(limit, Duration::from_secs(61))
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
                match gates.decide(now, true, 1, &limits) {
                    AsyncMutex::Go => sent.push(now),
                    AsyncMutex::Wait(wait) if random.bool() => now += wait,
                    AsyncMutex::Wait(_) => now += seconds(random.f64()),
                    AsyncMutex::Refuse(error) => panic!("{error}"),
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
                .try_record(start + seconds(f64::from(second)), 1)
                .unwrap();
        }
        gates.window.limit = Some(2);
        let wait = gates
            .window
            .try_record(start + seconds(10.0), 1)
            .unwrap_err();
        assert_eq!(wait, seconds(3.0 + 61.0 - 10.0));
    }

    #[test]
    fn a_wait_has_a_floor_a_jitter_of_a_tenth_and_a_ceiling_that_is_an_error() {
        let limits = Limits::default();
        let now = Instant::now();
        let wait = |asked: Option<u64>, jitter| {
            let mut gates = gates(None);
            let error = gates.record_limited(now, asked.map(Duration::from_secs), jitter, &limits);
            (gates.not_before.unwrap() - now, error.is_some())
        };
        assert_eq!(wait(Some(45), 0.0), (seconds(45.0), false));
        assert_eq!(wait(Some(45), 1.0), (seconds(49.5), false));
        assert_eq!(wait(Some(0), 0.0), (seconds(1.0), false));
        assert_eq!(wait(Some(900), 1.0), (seconds(990.0), false));
        assert_eq!(wait(Some(999_999_999), 0.0), (MAX_WAIT, true));
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
            error = gates.record_limited(now, Some(Duration::ZERO), 0.0, &limits);
            let wait = gates.not_before.unwrap() - now;
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [1, 1, 1, 1, 1, 2, 4, 8, 16, 32]);
        assert!(matches!(error, Some(ProviderError::RateLimited { .. })));
        assert_eq!(
            gates.decide(now, true, 1, &limits),
            AsyncMutex::Go,
            "one more may ask when it is time"
        );
    }

    #[test]
    fn a_long_limit_refuses_at_once_and_a_refused_key_stays_refused() {
        let limits = Limits::default();
        let now = Instant::now();
        let mut gates = gates(None);
        gates.record_limited(now, Some(Duration::from_secs(3600)), 0.0, &limits);
        assert!(matches!(
            gates.decide(now, true, 1, &limits),
            AsyncMutex::Refuse(ProviderError::RateLimited { .. })
        ));
        gates.not_before = None;
        let payment = ProviderError::Payment { message: None };
        gates.key_refusal = Some(payment.clone());
        assert_eq!(
            gates.decide(now, true, 1, &limits),
            AsyncMutex::Refuse(payment)
        );
        assert_eq!(
            gates.decide(now, false, 1, &limits),
            AsyncMutex::Go,
            "public calls need no key"
        );
    }

    fn quota(limit: u32, remaining: u32, seconds: u64) -> Quota {
        Quota {
            limit: Some(limit),
            remaining: Some(remaining),
            window: Some(Duration::from_secs(seconds)),
        }
    }

    #[test]
    fn what_others_sent_with_the_key_holds_us_back() {
        let limits = Limits::default();
        let now = Instant::now();
        let mut gates = gates(None);
        assert_eq!(gates.decide(now, true, 1, &limits), AsyncMutex::Go);
        // Ours is one of ten; the provider has counted seven.
        gates.record_quota(now + seconds(1.0), quota(10, 3, 60), 0, false);
        assert_eq!(gates.window.sends.len(), 7);
        for _ in 0..3 {
            assert_eq!(
                gates.decide(now + seconds(2.0), true, 1, &limits),
                AsyncMutex::Go
            );
        }
        // Our own first leaves before theirs, which were counted a second later.
        let full = gates.decide(now + seconds(2.0), true, 1, &limits);
        assert_eq!(full, AsyncMutex::Wait(seconds(59.0)));
        assert_eq!(
            gates.decide(now + seconds(61.0), true, 1, &limits),
            AsyncMutex::Go
        );
        let next = gates.decide(now + seconds(61.0), true, 1, &limits);
        assert_eq!(next, AsyncMutex::Wait(seconds(1.0)));
        // What agrees with us, or leaves us more, changes nothing.
        let held = gates.window.sends.len();
        gates.record_quota(now + seconds(61.0), quota(10, 9, 60), 0, false);
        assert_eq!(gates.window.sends.len(), held);
    }

    #[test]
    fn answers_that_come_late_or_out_of_order_are_not_taken_for_others() {
        let limits = Limits::default();
        let start = Instant::now();
        let mut gates = gates(Some(10));
        for _ in 0..10 {
            assert_eq!(gates.decide(start, true, 1, &limits), AsyncMutex::Go);
        }
        // The last of ten is answered first.
        gates.record_quota(start + seconds(1.0), quota(10, 0, 60), 0, true);
        gates.record_quota(start + seconds(1.0), quota(10, 6, 60), 0, true);
        assert_eq!(gates.window.sends.len(), 10);
        // An answer that took longer than a window speaks of what was in the window when it was asked.
        gates.record_quota(start + seconds(62.0), quota(10, 0, 60), 0, true);
        assert_eq!((gates.window.sends.len(), gates.window.expired), (0, 10));
        // One that was asked since speaks of others.
        gates.record_quota(start + seconds(63.0), quota(10, 4, 60), 10, true);
        assert_eq!(gates.window.sends.len(), 6);
    }

    #[test]
    fn a_reset_is_a_length_that_only_widens_the_window_and_a_set_limit_stays() {
        let now = Instant::now();
        let mut gates = gates(Some(5));
        gates.record_quota(now, quota(100, 100, 30), 0, true);
        assert_eq!(gates.window.length, seconds(61.0));
        gates.record_quota(now, quota(100, 100, 90), 0, true);
        assert_eq!(
            (gates.window.length, gates.window.limit),
            (seconds(91.0), Some(5))
        );
        let odd = Quota {
            remaining: Some(u32::MAX),
            ..Quota::default()
        };
        gates.record_quota(now, odd, u64::MAX, true);
        assert!(gates.window.sends.is_empty());
    }

    #[test]
    fn at_ten_a_minute_no_provider_sees_an_eleventh_whoever_sent_before() {
        let limits = Limits::default();
        let start = Instant::now() + seconds(60.0);
        for others in 0..=9 {
            let mut random = fastrand::Rng::with_seed(others);
            let mut gates = gates(None);
            let mut now = start;
            // Another console was here in the half minute before.
            let mut seen: Vec<Instant> = (0..others)
                .map(|_| start - seconds(random.f64() * 30.0))
                .collect();
            let mut ours = 0;
            while now < start + seconds(600.0) {
                seen.retain(|at| now - *at < seconds(60.0));
                if gates.decide(now, true, 1, &limits) == AsyncMutex::Go {
                    let left = gates.window.expired;
                    seen.push(now);
                    ours += 1;
                    assert!(seen.len() <= 10, "an eleventh after {others}");
                    let remaining = 10 - seen.len() as u32;
                    gates.record_quota(now, quota(10, remaining, 60), left, false);
                }
                now += seconds(random.f64() * 3.0);
            }
            assert!(ours > 50, "the window opens again: {ours}");
        }
    }

    #[test]
    fn three_processes_with_one_record_stay_within_one_limit() {
        let limits = Limits::default();
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("limits").join("acme");
        let start = Instant::now();
        let mut random = fastrand::Rng::with_seed(7);
        let mut all: Vec<Gates> = (0..3)
            .map(|_| {
                let mut one = gates(Some(9));
                one.window.shared = Some(Arc::new(Sends::in_file(path.clone()).at(start)));
                one
            })
            .collect();
        let (mut now, mut sent) = (start, Vec::new());
        while sent.len() < 200 {
            // Whoever asks, every fifth time for something that counts as two.
            let which = random.usize(..all.len());
            let cost = if sent.len() % 5 == 4 { 2 } else { 1 };
            if all[which].decide(now, true, cost, &limits) == AsyncMutex::Go {
                sent.extend((0..cost).map(|_| now));
            }
            now += seconds(random.f64() * 2.0);
        }
        for (at, first) in sent.iter().enumerate() {
            let later = sent[at..].iter();
            let within = later.filter(|one| **one - *first < seconds(60.0)).count();
            assert!(within <= 9, "{within}");
        }
        let took = *sent.last().unwrap() - start;
        assert!(
            took < seconds(200.0 / 9.0 * 61.0 * 1.3),
            "the window opens again: {took:?}"
        );
    }

    #[test]
    fn what_counts_as_two_waits_for_two() {
        let limits = Limits::default();
        let now = Instant::now();
        let mut gates = gates(Some(3));
        assert_eq!(gates.decide(now, true, 2, &limits), AsyncMutex::Go);
        let full = gates.decide(now + seconds(1.0), true, 2, &limits);
        assert_eq!(full, AsyncMutex::Wait(seconds(60.0)));
        assert_eq!(
            gates.decide(now + seconds(1.0), true, 1, &limits),
            AsyncMutex::Go
        );
        // One that counts for more than there are waits until nothing else is there.
        let most = gates.decide(now + seconds(61.0), true, 9, &limits);
        assert_eq!(most, AsyncMutex::Wait(seconds(1.0)));
        assert_eq!(
            gates.decide(now + seconds(62.0), true, 9, &limits),
            AsyncMutex::Go
        );
    }

    #[test]
    fn a_wait_is_told_while_somebody_waits_and_only_then() {
        let limits = Limits::default();
        let now = Instant::now();
        let mut gates = gates(Some(1));
        assert_eq!(gates.decide(now, true, 1, &limits), AsyncMutex::Go);
        assert_eq!(gates.blocked_for(now), None);
        gates.waiting = 1;
        assert_eq!(gates.blocked_for(now + seconds(1.0)), Some(seconds(60.0)));
        gates.record_limited(now, Some(Duration::from_secs(90)), 0.0, &limits);
        assert_eq!(gates.blocked_for(now), Some(seconds(90.0)));
        gates.waiting = 0;
        assert_eq!(gates.blocked_for(now), Some(seconds(90.0)));
        assert_eq!(gates.blocked_for(now + seconds(90.0)), None);
    }
}
