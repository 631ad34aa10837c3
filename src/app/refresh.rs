//! Reading again by itself: after a time that the operator has set, and never while something is asked, typed or
//! changed. What is shown says when it was read.

mod state;

pub use state::{AutoRefresh, read_at};

use super::{changed_files, effect::Effect, message::FilesTold, model::Model, notice::Severity};
use crate::{
    config::console::{parse_refresh, refresh_word},
    entity::key::ProfileName,
};
use std::time::Duration;

/// Where something is in the way, it is tried again after so long.
const PUT_OFF: Duration = Duration::from_secs(5);

/// The lists have come to their end.
pub(super) fn on_read(model: &mut Model) {
    model.refresh.read_at = Some(model.now.wall);
    model.refresh.due = model
        .refresh
        .every
        .map(|every| model.now.since_start + every);
}

/// Whether everything is to be read again now: that is due, and nothing is in the way.
pub(super) fn is_due(model: &mut Model) -> bool {
    let now = model.now.since_start;
    if model.refresh.due.is_none_or(|due| due > now) {
        return false;
    }
    if is_busy(model) {
        model.refresh.due = Some(now + PUT_OFF);
        return false;
    }
    model.refresh.due = model.refresh.every.map(|every| now + every);
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

/// Something of files came. They are not read again while something is in the way.
pub(super) fn on_files(model: &mut Model, profile: &ProfileName, told: FilesTold) -> Vec<Effect> {
    let is_busy = is_busy(model);
    changed_files::on_told(&mut model.data_update(), is_busy, profile, told)
}

/// `:refresh 5m` and `:refresh off`.
pub(super) fn command(model: &mut Model, word: &str) {
    let now = model.now.since_start;
    match parse_refresh(word) {
        Ok(every) => {
            model.refresh.every = every;
            model.refresh.due = every.map(|every| now + every);
            let text = match every {
                None => "nothing is read by itself any more".to_owned(),
                Some(_) => format!("everything is read again every {}", refresh_word(every)),
            };
            model.notices.push(Severity::Info, text, None, now);
        }
        Err(hint) => {
            let text = "this is no time between two readings";
            let hint = Some(hint.to_owned());
            model.notices.push(Severity::Error, text, hint, now);
        }
    }
}
