//! How long a job that runs here still takes: at the speed that it has had so far, and not before the budgets of its
//! accounts allow what it still has to ask of them.

use super::{MAX_SINGLE_READS, RunningJob};
use crate::{
    app::model::{Context, ProfileState},
    entity::{
        key::{JobId, ProfileName},
        profile::RateBudget,
    },
};

/// The seconds in which a budget counts its requests.
const RATE_WINDOW_SECONDS: u64 = 61;

/// What is known of the time that a job still takes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TimeLeft {
    /// The account whose budget it waits for, and the seconds until a request may go there again.
    pub budget_wait: Option<(ProfileName, u64)>,
    /// Changes that were answered in a minute so far.
    pub changes_per_minute: Option<u64>,
    /// The seconds until all is sent and can be read back.
    pub seconds: Option<u64>,
}

/// What is known now.
pub fn estimate(context: Context<'_>, job: &RunningJob) -> TimeLeft {
    let speed = job.speed(context.now.since_start);
    let (mut waits, mut allowed, mut first_reading) = (None, 0, 0);
    for name in job.open_profiles() {
        let Some(state) = context.data.profile(name) else {
            continue;
        };
        let wait = wait_seconds(&state.budget, context.now.wall);
        if wait > 0 && waits.as_ref().is_none_or(|(_, longest)| wait > *longest) {
            waits = Some((name.clone(), wait));
        }
        let requests = remaining_requests(job, state);
        allowed = allowed.max(seconds_at_rate(&state.budget, requests, context.now.wall));
        let verify = state.profile.verify.first();
        first_reading = first_reading.max(verify.map_or(0, std::time::Duration::as_secs));
    }
    let sends = job.counts().pending > 0;
    let measured = speed.map(|(_, left)| left);
    let seconds = (measured.is_some() || allowed > 0).then(|| {
        let first_reading = if sends { first_reading } else { 0 };
        measured.unwrap_or_default().max(allowed) + first_reading
    });
    TimeLeft {
        budget_wait: waits,
        changes_per_minute: speed.map(|(a_minute, _)| a_minute),
        seconds,
    }
}

/// The job that one has to wait for: an older one of this console at the same account.
pub fn blocking_job(context: Context<'_>, id: JobId) -> Option<JobId> {
    let job = context.jobs.running.iter().find(|job| job.id == id)?;
    let idle = !job.sending && job.pending_reads == 0 && !job.ending;
    if job.paused_by_operator || job.error.is_some() || !idle {
        return None;
    }
    super::earlier_job(context, id)
}

/// Requests that a job has still to make at an account: one a chunk, and those that read back what was sent.
fn remaining_requests(job: &RunningJob, state: &ProfileState) -> u64 {
    let name = &state.profile.binding.name;
    let waiting = job.queue.iter().filter(|chunk| chunk.profile == *name);
    let writes = waiting.count() as u64 + u64::from(job.sending);
    let open = job.open_count(name);
    let pages = state.paging.total.unwrap_or(open);
    let pages = pages.div_ceil(u64::from(state.paging.page_size.max(1)));
    let reads = if open <= MAX_SINGLE_READS {
        open
    } else {
        pages.max(1)
    };
    writes + reads
}

/// The seconds until a request may be sent.
fn wait_seconds(budget: &RateBudget, now: jiff::Timestamp) -> u64 {
    budget
        .wait_until
        .map_or(0, |until| seconds_until(until, now))
}

/// The seconds until so many requests may have been sent.
fn seconds_at_rate(budget: &RateBudget, requests: u64, now: jiff::Timestamp) -> u64 {
    let wait = wait_seconds(budget, now);
    let Some(limit) = budget.limit.map(u64::from).filter(|limit| *limit > 0) else {
        return wait;
    };
    let free = if wait > 0 {
        0
    } else {
        u64::from(budget.remaining(now).unwrap_or_default())
    };
    if requests <= free {
        return wait;
    }
    let windows = (requests - free).div_ceil(limit).saturating_sub(1);
    let free_at = budget.free_at.map_or(0, |until| seconds_until(until, now));
    let next = if wait > 0 { wait } else { free_at };
    next + windows * RATE_WINDOW_SECONDS
}

/// The whole seconds until a moment, at least those that have begun.
fn seconds_until(until: jiff::Timestamp, now: jiff::Timestamp) -> u64 {
    let left = until.duration_since(now).as_millis();
    u64::try_from(left).unwrap_or_default().div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn budget(limit: u32, used: u32, free_in: u64, wait: u64) -> RateBudget {
        let at = |seconds| jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(seconds);
        RateBudget {
            limit: Some(limit),
            used,
            free_at: Some(at(free_in)),
            wait_until: (wait > 0).then(|| at(wait)),
            throttle_signals: 0,
            reading: None,
            part: None,
        }
    }

    #[test]
    fn a_budget_lets_so_many_requests_go_in_every_window_and_no_more() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let rate = |budget: &RateBudget, requests| seconds_at_rate(budget, requests, now);
        assert_eq!(rate(&budget(10, 0, 0, 0), 10), 0);
        assert_eq!(rate(&budget(10, 8, 40, 0), 2), 0);
        assert_eq!(rate(&budget(10, 8, 40, 0), 3), 40);
        assert_eq!(rate(&budget(10, 10, 52, 52), 1), 52);
        assert_eq!(rate(&budget(10, 10, 52, 52), 10), 52);
        assert_eq!(rate(&budget(10, 10, 52, 52), 11), 52 + 61);
        assert_eq!(rate(&RateBudget::default(), 1_000), 0);
    }
}
