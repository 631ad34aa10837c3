//! A console that watches: once a second it asks whether the one that writes has written, and shows what that did. When
//! the writer has ended, it takes its place.

use super::{
    command::Command,
    effect::{AccessEffect, Effect, JobEffect, ViewsEffect},
    message::AccessPoll,
    model::{Access, JournalAccess},
    notice::{Notices, Severity},
};
use crate::entity::{error::JournalError, journal_changes::JournalChanges, team::Team};
use std::time::Duration;

/// What is said when the connection to a team's store is lost.
const LOST: &str = "the team store is lost: reading only; what colleagues did since is not shown";

/// How often.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

impl Access {
    /// Begins to ask, where another console writes.
    pub(super) fn begin(&mut self, now: Duration) {
        let follows = matches!(self.journal, JournalAccess::Follower { .. });
        // A team's store wakes who asks when something has happened.
        self.poll_due = match self.team {
            Some(_) => Some(now),
            None => follows.then_some(now + POLL_INTERVAL),
        };
    }

    /// The question, when it is time for it. The next one waits for its answer.
    pub(super) fn due(&mut self, now: Duration) -> Option<Effect> {
        self.poll_due.filter(|due| *due <= now)?;
        self.poll_due = None;
        Some(Effect::Access(AccessEffect::PollAccess))
    }

    /// Says what has become of the connection to a team's store, and takes up what colleagues ask for.
    fn tell_team(
        &mut self,
        team: Option<Box<Team>>,
        notices: &mut Notices,
        commands: &mut Vec<Command>,
        now: Duration,
    ) {
        let was = self.team.as_ref().and_then(|team| team.state.lost.clone());
        let lost = team.as_ref().and_then(|team| team.state.lost.clone());
        match (was, lost) {
            (None, Some(_)) => {
                let why = team.as_ref().and_then(|team| team.state.refused.clone());
                notices.push(Severity::Error, LOST, why, now);
            }
            (Some(_), None) => {
                let seen = |team: Option<&Box<Team>>| team.map_or(0, |team| team.state.seen);
                let more = seen(team.as_ref()) - seen(self.team.as_ref());
                let text = match more {
                    ..=0 => "the team store is back".to_owned(),
                    1 => "the team store is back: 1 change taken in".to_owned(),
                    more => format!("the team store is back: {more} changes taken in"),
                };
                // It is not lost any more, whether somebody has read that or not.
                if notices.current().is_some_and(|shown| shown.text == LOST) {
                    notices.hide();
                }
                notices.push(Severity::Info, text, None, now);
                commands.push(Command::StoreIsBack);
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        for job in team.iter().flat_map(|team| &team.pause) {
            commands.push(Command::PauseAsked(*job));
        }
        self.team = team;
    }

    /// What another console wrote is read; where it has ended, this one writes from now on.
    pub(super) fn on_watched(
        &mut self,
        now: Duration,
        notices: &mut Notices,
        commands: &mut Vec<Command>,
        result: Result<AccessPoll, JournalError>,
    ) -> Vec<Effect> {
        let watched = match result {
            Ok(watched) => watched,
            Err(error) => {
                self.poll_due = Some(now + POLL_INTERVAL);
                let text = format!("the journal cannot be watched: {error}");
                // Once, not once a second.
                if notices.current().map(|notice| &notice.text) != Some(&text) {
                    notices.push(Severity::Error, text, Some(error.hint().into()), now);
                }
                return Vec::new();
            }
        };
        let moved = watched.journal != self.journal;
        if moved {
            let (severity, text) = match &watched.journal {
                JournalAccess::Writer => (
                    Severity::Info,
                    "the other console has ended: this one writes now".to_owned(),
                ),
                JournalAccess::Follower { holder } => (
                    Severity::Info,
                    format!("another console holds the journal: {holder}"),
                ),
                JournalAccess::ReadOnly { reason: why } => (
                    Severity::Error,
                    format!("the journal is open for reading only: {why}"),
                ),
            };
            notices.push(severity, text, None, now);
            self.journal = watched.journal;
        }
        self.tell_team(watched.team, notices, commands, now);
        self.begin(now);
        // Who writes from now on asks about what the other one left unfinished.
        let changes = if moved {
            JournalChanges::ALL
        } else {
            watched.changes
        };
        let mut effects = Vec::new();
        if changes.jobs {
            effects.push(Effect::Jobs(JobEffect::LoadJobs));
        }
        if changes.active_leaks {
            effects.push(Effect::Jobs(JobEffect::LoadActiveLeaks));
        }
        if changes.affects_annotations() {
            commands.push(Command::LoadAnnotations);
        }
        // What the other one saved must not be written over by what was here before.
        if moved && self.journal == JournalAccess::Writer {
            effects.push(Effect::Views(ViewsEffect::LoadViews));
        }
        if changes.jobs {
            commands.push(Command::ReloadOpenJobs);
        }
        effects
    }
}
