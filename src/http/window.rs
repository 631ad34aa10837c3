//! The sliding window: which requests count at a moment, and when the next one may be sent. It is given the time.

use super::{quota::Quota, sends::Sends};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::time::Instant;

/// When requests were sent, and how many may be.
#[derive(Debug)]
pub(super) struct Window {
    /// Ours, and those of others that the provider has counted.
    pub(super) sends: VecDeque<Instant>,
    /// How many have left the window.
    pub(super) expired: u64,
    pub(super) limit: Option<u32>,
    pub(super) length: Duration,
    /// The limit is taken for the smallest until somebody learns it.
    pub(super) is_assumed: bool,
    /// Where others count with us.
    pub(super) shared: Option<Arc<Sends>>,
}

impl Window {
    pub(super) fn new(limit: Option<u32>, length: Duration) -> Self {
        Self {
            sends: VecDeque::new(),
            expired: 0,
            limit,
            length,
            is_assumed: false,
            shared: None,
        }
    }

    pub(super) fn remove_expired(&mut self, now: Instant) {
        while self
            .sends
            .front()
            .is_some_and(|at| now.duration_since(*at) >= self.length)
        {
            self.sends.pop_front();
            self.expired += 1;
        }
    }

    /// How long to wait before the next send, if the window is full.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Duration> {
        self.wait_for(now, 1)
    }

    /// The same for a request that counts as several.
    fn wait_for(&mut self, now: Instant, cost: u32) -> Option<Duration> {
        self.remove_expired(now);
        let limit = self.limit?.max(1);
        // One that counts for more than all of them together waits until nothing else is in the window.
        let before = (limit - cost.clamp(1, limit)) as usize;
        // The limit may have shrunk: wait for as many to leave as are too many.
        let over = self.sends.len().checked_sub(before + 1)?;
        let leaves = *self.sends.get(over)? + self.length;
        Some(leaves.duration_since(now))
    }

    /// Records a request, or returns how long to wait first.
    pub(super) fn try_record(&mut self, now: Instant, cost: u32) -> Result<(), Duration> {
        let Some(shared) = self.shared.clone() else {
            return self.take_alone(now, cost);
        };
        // What others have sent since is in the record; nobody else takes from it meanwhile.
        let mut record = shared.open(now, self.length);
        self.sends = std::mem::take(&mut record.sends);
        if self.is_assumed && record.limit.is_some() {
            self.limit = record.limit;
        }
        let known = if self.is_assumed {
            record.limit
        } else {
            self.limit
        };
        let taken = self.take_alone(now, cost);
        if taken.is_ok() {
            record.keep(&self.sends, known);
        }
        taken
    }

    fn take_alone(&mut self, now: Instant, cost: u32) -> Result<(), Duration> {
        if let Some(wait) = self.wait_for(now, cost) {
            return Err(wait);
        }
        for _ in 0..cost.max(1) {
            self.sends.push_back(now);
        }
        Ok(())
    }

    /// Compares with the provider's own count. Where it has fewer requests left than we do, somebody else uses the
    /// key: what they sent is counted here too, as if it were sent now. `left` is how many had left the window when
    /// the answered request was sent: what was in it then, the provider may have counted.
    pub(super) fn compare(&mut self, now: Instant, quota: Quota, left: u64) {
        let (Some(limit), Some(remaining)) = (self.limit, quota.remaining) else {
            return;
        };
        self.remove_expired(now);
        let counted = self.sends.len() as u64 + self.expired.saturating_sub(left);
        let ours = u64::from(limit).saturating_sub(counted);
        for _ in u64::from(remaining)..ours {
            self.sends.push_back(now);
        }
    }
}
