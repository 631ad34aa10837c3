//! Reading again by itself: after a time that the operator has set, and never while something is asked, typed or
//! changed. What is shown says when it was read.

mod state;

pub use state::{AutoRefresh, read_at};

use super::{
    model::{FeatureUpdate, Model, now::Moment},
    notice::Severity,
};
use crate::config::console::{parse_refresh, refresh_word};
use std::time::Duration;

/// Where something is in the way, it is tried again after so long.
const PUT_OFF: Duration = Duration::from_secs(5);

/// The lists have come to their end.
pub(super) fn on_read(auto: &mut AutoRefresh, now: Moment) {
    auto.read_at = Some(now.wall);
    auto.due = auto.every.map(|every| now.since_start + every);
}

/// Whether everything is to be read again now: that is due, and nothing is in the way.
pub(super) fn is_due(auto: &mut AutoRefresh, now: Duration, is_busy: bool) -> bool {
    if auto.due.is_none_or(|due| due > now) {
        return false;
    }
    if is_busy {
        auto.due = Some(now + PUT_OFF);
        return false;
    }
    auto.due = auto.every.map(|every| now + every);
    true
}

/// Whether something is asked, typed, read or changed, so that nothing is to be read by itself.
pub(super) fn is_busy(model: &Model) -> bool {
    model.overlay().is_some()
        || model.prompt.is_some()
        || model.data.is_loading()
        || !model.jobs.running.is_empty()
        || model.workspace.leaks.range_mark.is_some()
}

/// `:refresh 5m` and `:refresh off`.
pub(super) fn command(auto: &mut AutoRefresh, update: &mut FeatureUpdate<'_>, word: &str) {
    let now = update.context.now.since_start;
    match parse_refresh(word) {
        Ok(every) => {
            auto.every = every;
            auto.due = every.map(|every| now + every);
            let text = match every {
                None => "nothing is read by itself any more".to_owned(),
                Some(_) => format!("everything is read again every {}", refresh_word(every)),
            };
            update.notify(Severity::Info, text, None);
        }
        Err(hint) => {
            let text = "this is no time between two readings";
            update.notify(Severity::Error, text, Some(hint.to_owned()));
        }
    }
}
