//! The numbers of a job, kept with each of its changes: what is asked of a job with every message must not take as long
//! as the job is large.

use crate::entity::{
    job::{Change, ChangeState, OutcomeCounts},
    key::ProfileName,
};

/// How many changes of a job are in each state, were answered, and are open at each account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ChangeCounts {
    states: Vec<(ChangeState, u64)>,
    answered_count: u64,
    open: Vec<(ProfileName, u64)>,
}

/// Whether it was sent and something came of that.
fn is_answered(change: &Change) -> bool {
    change.attempts() > 0 && !matches!(change.state(), ChangeState::Pending | ChangeState::Inflight)
}

/// The number of one of a few.
fn count_mut<'a, T: PartialEq + Clone>(of: &'a mut Vec<(T, u64)>, what: &T) -> Option<&'a mut u64> {
    let at = of.iter().position(|(known, _)| known == what);
    let at = at.unwrap_or_else(|| {
        of.push((what.clone(), 0));
        of.len() - 1
    });
    of.get_mut(at).map(|(_, count)| count)
}

impl ChangeCounts {
    /// Of these.
    pub(super) fn from_changes(changes: &[Change]) -> Self {
        let mut tally = Self::default();
        // Most are as the one before.
        let alike = |one: &Change, two: &Change| {
            one.state() == two.state()
                && is_answered(one) == is_answered(two)
                && one.key.profile == two.key.profile
        };
        for run in changes.chunk_by(alike) {
            if let Some(first) = run.first() {
                tally.adjust(first, |count| *count += run.len() as u64);
            }
        }
        tally
    }

    /// Counts a change.
    pub(super) fn add(&mut self, change: &Change) {
        self.adjust(change, |count| *count += 1);
    }

    /// Counts a change no more.
    pub(super) fn remove(&mut self, change: &Change) {
        self.adjust(change, |count| *count = count.saturating_sub(1));
    }

    fn adjust(&mut self, change: &Change, how: impl Fn(&mut u64)) {
        if let Some(count) = count_mut(&mut self.states, &change.state()) {
            how(count);
        }
        if is_answered(change) {
            how(&mut self.answered_count);
        }
        if !change.state().is_final()
            && let Some(count) = count_mut(&mut self.open, &change.key.profile)
        {
            how(count);
        }
    }

    /// Whether any is in such a state.
    pub(super) fn has(&self, is: impl Fn(ChangeState) -> bool) -> bool {
        let mut states = self.states.iter();
        states.any(|(state, count)| *count > 0 && is(*state))
    }

    /// How many were sent and answered.
    pub(super) fn answered_count(&self) -> u64 {
        self.answered_count
    }

    /// How many are open at an account.
    pub(super) fn open_count(&self, name: &ProfileName) -> u64 {
        let found = self.open.iter().find(|(known, _)| known == name);
        found.map_or(0, |(_, count)| *count)
    }

    /// The accounts of those that are open.
    pub(super) fn open_profiles(&self) -> impl Iterator<Item = &ProfileName> {
        let open = self.open.iter().filter(|(_, count)| *count > 0);
        open.map(|(name, _)| name)
    }

    /// The numbers, by outcome.
    pub(super) fn by_outcome(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for (state, count) in &self.states {
            counts.add_many(state.outcome(), *count);
        }
        counts
    }
}
