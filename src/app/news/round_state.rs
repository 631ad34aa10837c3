//! What the console knows of its own rounds.

use crate::entity::key::ProfileName;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What the console knows of its own rounds. Moments are since the start.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    /// Between two rounds; `None` for never.
    pub(super) every: Option<Duration>,
    /// A whole reading is due after so long, whatever a probe says; zero leaves that to the operator.
    scan_every: Duration,
    pub(super) due: Option<Duration>,
    pub(super) is_asking: bool,
    pub(super) failures: u32,
    /// Accounts that are to be read when nothing is in the way.
    pub(super) changed: BTreeSet<ProfileName>,
    /// When that is tried next.
    pub(super) read_due: Option<Duration>,
    /// What the probe before the last whole reading of each said.
    pub(super) probes: BTreeMap<ProfileName, Vec<u8>>,
    /// What a probe has said since, and when that was heard.
    pub(super) heard: BTreeMap<ProfileName, (Vec<u8>, Timestamp)>,
    /// Until when each was known whole by this console's own doing, in seconds since 1970.
    pub(super) known: BTreeMap<ProfileName, i64>,
    /// When each was read last.
    read: BTreeMap<ProfileName, Duration>,
    /// Accounts whose key was refused: they are not asked again until they can be read.
    pub(super) refused: BTreeSet<ProfileName>,
    /// Accounts that cannot be read.
    pub(super) blind: BTreeSet<ProfileName>,
    pub(super) key_at: Option<Duration>,
}

impl Rounds {
    /// Makes a round every so often, and a whole reading after so long; `None` makes none.
    pub fn begin(&mut self, every: Option<Duration>, scan_every: Duration) {
        self.every = every;
        self.scan_every = scan_every;
        self.due = every;
    }

    /// Returns the moment at which something is to be done.
    pub(super) fn next(&self) -> Option<Duration> {
        let read = self.read_due.filter(|_| !self.changed.is_empty());
        let due = self.due.filter(|_| !self.is_asking);
        due.into_iter().chain(read).min()
    }

    /// Whether an account is to be read whatever a probe says.
    pub(super) fn is_old(&self, profile: &ProfileName, now: Duration) -> bool {
        let read = self.read.get(profile);
        !self.scan_every.is_zero() && read.is_none_or(|at| now >= *at + self.scan_every)
    }

    /// A key was pressed.
    pub(super) fn touched(&mut self, now: Duration) {
        self.key_at = Some(now);
    }

    /// Returns the accounts that cannot be read.
    pub(super) fn blind(&self) -> impl Iterator<Item = &ProfileName> {
        self.blind.iter()
    }

    /// Returns what a probe said of an account before a reading that began at this moment. One that was heard later may
    /// have seen what the reading has not.
    pub(super) fn probe(&self, profile: &ProfileName, began: Option<Timestamp>) -> Option<Vec<u8>> {
        let heard = self.heard.get(profile);
        let heard = heard.filter(|(_, at)| began.is_some_and(|began| *at <= began));
        heard
            .map(|(probe, _)| probe)
            .or(self.probes.get(profile))
            .cloned()
    }

    /// An account was read to its end.
    pub(super) fn on_read(&mut self, profile: &ProfileName, now: Duration) {
        self.read.insert(profile.clone(), now);
        self.refused.remove(profile);
    }

    /// A reading was kept: until when the account is known whole now, and what a probe from before it said. Without
    /// that, which is so where something could not be read or judged, the next round reads again.
    pub(super) fn on_kept(
        &mut self,
        profile: &ProfileName,
        whole: Option<i64>,
        probe: Option<Vec<u8>>,
    ) {
        if let Some(at) = whole {
            self.known.insert(profile.clone(), at);
        }
        match probe {
            Some(probe) => {
                self.probes.insert(profile.clone(), probe);
                self.blind.remove(profile);
            }
            None => drop(self.probes.remove(profile)),
        }
    }
}
