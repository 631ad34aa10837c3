//! A console that watches: once a second it asks whether the one that writes has written, and shows what that did. When
//! the writer has ended, it takes its place.

use super::{
    effect::{AccessEffect, Effect, JobEffect, ViewsEffect},
    local,
    message::Watched,
    model::{JournalState, Model},
    notice::Severity,
};
use crate::entity::{changes::JournalChanges, error::JournalError};
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// Begins to watch, where somebody else writes.
pub(super) fn begin(model: &mut Model) {
    model.access.watch_due = matches!(model.access.journal, JournalState::Watcher { .. })
        .then_some(model.now.since_start + EVERY);
}

/// The question, when it is time for it. The next one waits for its answer.
pub(super) fn due(model: &mut Model) -> Vec<Effect> {
    if model
        .access
        .watch_due
        .is_none_or(|due| due > model.now.since_start)
    {
        return Vec::new();
    }
    model.access.watch_due = None;
    vec![Effect::Access(AccessEffect::Watch)]
}

/// What somebody wrote is read, and a place that became free is ours.
pub(super) fn on_watched(model: &mut Model, result: Result<Watched, JournalError>) -> Vec<Effect> {
    let now = model.now.since_start;
    let watched = match result {
        Ok(watched) => watched,
        Err(error) => {
            model.access.watch_due = Some(now + EVERY);
            let text = format!("the journal cannot be watched: {error}");
            // Once, not once a second.
            if model.notices.current().map(|notice| &notice.text) != Some(&text) {
                model
                    .notices
                    .push(Severity::Error, text, Some(error.hint().into()), now);
            }
            return Vec::new();
        }
    };
    let moved = watched.journal != model.access.journal;
    if moved {
        let (severity, text) = match &watched.journal {
            JournalState::Writer => (
                Severity::Info,
                "the other console has ended: this one writes now".to_owned(),
            ),
            JournalState::Watcher { holder } => (
                Severity::Info,
                format!("another console holds the journal: {holder}"),
            ),
            JournalState::ReadOnly { why } => (
                Severity::Error,
                format!("the journal is open for reading only: {why}"),
            ),
        };
        model.notices.push(severity, text, None, now);
        model.access.journal = watched.journal;
    }
    begin(model);
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
        effects.push(Effect::Jobs(JobEffect::LoadLiveKeys));
    }
    if changes.annotations() {
        effects.push(local::load(model.context()));
    }
    // What the other one saved must not be written over by what was here before.
    if moved && model.access.journal == JournalState::Writer {
        effects.push(Effect::Views(ViewsEffect::LoadViews));
    }
    if changes.jobs {
        effects.extend(super::job::shown::reload(model));
    }
    effects
}
