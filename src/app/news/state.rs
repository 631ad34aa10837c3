//! What the console knows of its news.

use super::{gathering::Gathering, reading::NewsCursor, round_state::Rounds};
use crate::{
    app::effect::Effect,
    entity::{key::ProfileName, news::NewsCounts, seen::MarkKey},
};
use std::{collections::VecDeque, time::Duration};

/// What the console knows of its news, and what of its readings is on the way to the memory.
#[derive(Clone, Debug, Default)]
pub struct NewsDesk {
    /// The key of the marks; without it nothing is kept.
    pub(super) marks: Option<MarkKey>,
    /// The journal has said what is kept beside the rows: without that no leak could be disputed.
    pub(super) has_statuses: bool,
    /// How far the operator has come.
    pub(super) cursor: Option<NewsCursor>,
    /// Profiles that were read and are to be gathered.
    pub(super) due: VecDeque<ProfileName>,
    /// The one that is.
    pub(super) gathering: Option<Gathering>,
    /// A reading is with the memory.
    pub(super) is_recording: bool,
    /// Effects that a turn has led to.
    pub(super) ready: Vec<Effect>,
    /// Where the list ended when the operator last looked at the news.
    pub(super) opened_at: Option<u64>,
    /// How many leaks there are news of, and of which generation of the table that is.
    pub(super) counts: NewsCounts,
    pub(super) counted: Option<u64>,
    /// The console's own rounds.
    pub rounds: Rounds,
}

impl NewsDesk {
    /// Returns true if what is read is kept.
    pub fn is_on(&self) -> bool {
        self.marks.is_some()
    }

    /// Returns the number of leaks that there are news of.
    pub fn counts(&self) -> NewsCounts {
        self.counts
    }

    /// Returns the moment since which there are news.
    pub fn since(&self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_second(self.cursor?.at).ok()
    }

    /// Returns the accounts that cannot be read, as far as the console's own rounds know.
    pub fn blind(&self) -> impl Iterator<Item = &ProfileName> {
        self.rounds.blind()
    }

    /// Returns the moment, since the start, at which the rounds have something to do.
    pub(in crate::app) fn next(&self) -> Option<Duration> {
        self.rounds.next()
    }

    /// A key was pressed.
    pub(in crate::app) fn touched(&mut self, now: Duration) {
        self.rounds.touched(now);
    }

    /// Returns true if a turn would do something.
    pub(in crate::app) fn has_turn(&self) -> bool {
        // How far the operator has come is known before the first reading is kept, and so are the statuses kept here.
        let is_known = self.cursor.is_some() && self.has_statuses;
        let is_free = self.is_on() && is_known && !self.is_recording;
        is_free && (self.gathering.is_some() || !self.due.is_empty())
    }

    /// The journal has answered what it keeps, or cannot.
    pub(in crate::app) fn on_statuses(&mut self) {
        self.has_statuses = true;
    }

    /// The effects that turns have led to.
    pub(in crate::app) fn take_ready(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.ready)
    }

    /// The operator looks at the news.
    pub(in crate::app) fn opened(&mut self) {
        self.opened_at = self.cursor.map(|cursor| cursor.end);
    }

    /// Returns where the operator's place shall be when this console ends; nothing where it stays.
    pub fn leaves_at(&self) -> Option<u64> {
        let cursor = self.cursor?;
        self.opened_at.filter(|at| *at > cursor.seq)
    }

    /// Keeps nothing any more.
    pub(super) fn stop(&mut self) {
        *self = Self {
            counts: self.counts,
            counted: self.counted,
            ..Self::default()
        };
    }
}
