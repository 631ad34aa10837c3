//! Files that leaks are in: what a reading of them found, and whether they have changed since. A console looks every two
//! seconds, and never while something is asked, typed or changed; what has changed is read again, and its leaks keep
//! their rows, so that marks, cursor, statuses and notes stay with them.

pub(super) mod begin;
mod state;

pub use state::Files;

use super::{
    effect::{DataEffect, Effect},
    message::FilesTold,
    model::{Data, DataUpdate},
    notice::Severity,
    paging,
};
use crate::entity::{
    files::ImportReport, key::ProfileName, number::group_digits, page::FileChange,
};
use begin::EVERY;
use std::{sync::Arc, time::Duration};

/// The next moment at which files are looked at.
pub(super) fn next(data: &Data) -> Option<Duration> {
    data.profiles
        .iter()
        .filter_map(|state| state.files.due)
        .min()
}

/// The looks that are due; where something is in the way they are put off.
pub(super) fn due(data: &mut Data, now: Duration, is_busy: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    for state in &mut data.profiles {
        if state.files.due.is_none_or(|due| due > now) {
            continue;
        }
        // The next look is after the answer to this one.
        state.files.due = is_busy.then_some(now + EVERY);
        if !is_busy {
            let profile = state.profile.binding.name.clone();
            effects.push(Effect::Data(DataEffect::LookAtFiles(profile)));
        }
    }
    effects
}

/// An answer came.
pub(super) fn on_told(
    update: &mut DataUpdate<'_>,
    is_busy: bool,
    profile: &ProfileName,
    told: FilesTold,
) -> Vec<Effect> {
    let now = update.now.since_start;
    let Some(state) = update.data.profile_mut(profile) else {
        return Vec::new();
    };
    match told {
        FilesTold::Looked(Ok(FileChange::Never)) | FilesTold::Report(Err(_)) => {}
        FilesTold::Looked(Ok(FileChange::Changed(cursor))) if !is_busy => {
            let text = format!("{profile}: files have changed; they are read again");
            update.notices.push(Severity::Info, text, None, now);
            return paging::read_on(update, profile, cursor);
        }
        // What was stopped is not looked at before it is read again.
        FilesTold::Looked(_) if state.paging.error.is_some() => {}
        // What is to be read is offered again by the next look, and what could not be looked at may be there then.
        FilesTold::Looked(_) => state.files.due = Some(now + EVERY),
        FilesTold::Report(Ok(report)) => {
            let is_first = state.files.report.is_none();
            let report: Arc<ImportReport> = Arc::from(report);
            state.files.report = Some(Arc::clone(&report));
            if let (Some(text), true) = (summary(&report), is_first) {
                let severity = if report.problems.is_empty() {
                    Severity::Info
                } else {
                    Severity::Warning
                };
                let text = format!("{profile}: {text}");
                let hint = Some(":rejects lists what is no leak".to_owned());
                update.notices.push(severity, text, hint, now);
            }
        }
    }
    Vec::new()
}

/// What a reading found, where that is more than its leaks.
fn summary(report: &ImportReport) -> Option<String> {
    let totals = &report.totals;
    if totals.duplicates == 0 && totals.rejects == 0 && report.problems.is_empty() {
        return None;
    }
    let count = |count: u64, one: &str| {
        let many = if count == 1 { "" } else { "s" };
        format!("{} {one}{many}", group_digits(count))
    };
    Some(
        [
            count(totals.records, "record"),
            count(totals.duplicates, "duplicate"),
            count(totals.rejects, "reject"),
            count(report.problems.len() as u64, "problem"),
        ]
        .join(" · "),
    )
}
