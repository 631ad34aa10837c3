//! A job of a team that another console runs, or nobody: taking it over is asked about, and from a console that is alive
//! in so many words.

use super::{Effect, JobEffect, JobId, JobsUpdate, Severity};
use crate::{
    app::{model::Context, notice::format_seconds, permission},
    entity::{team::Holding, visible::escape},
};

/// What has to be typed before a console that is alive loses its job.
pub const WORD: &str = "take";

/// What is asked before a job is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose it is and since when nothing was heard, in words.
    pub about: String,
    /// It runs at a console that is alive: the word has to be typed.
    pub alive: bool,
}

/// What is to be asked before this console takes a job over; `None` where it is not a team's, or runs here.
pub fn asked(context: Context<'_>, id: JobId) -> Option<Asked> {
    if context.jobs.running.iter().any(|job| job.id == id) {
        return None;
    }
    let holding = context.access.team.as_ref()?.holdings.get(&id)?;
    (!holding.is_own()).then(|| question(holding))
}

/// The same, from what a store says.
pub fn question(holding: &Holding) -> Asked {
    let shown = |text: &str| escape(text.as_bytes()).as_str().to_owned();
    let alive = !holding.is_free();
    let about = match &holding.runs_at {
        Some(at) if alive => format!(
            "runs at {}, seen {} ago. Take it over? {}'s console loses it at once",
            shown(&at.seat()),
            format_seconds(at.seen_ago.as_secs()),
            shown(&at.role)
        ),
        Some(at) => format!(
            "no console runs it: {} ({}) was last seen {} ago. Take it over?",
            shown(&at.host),
            shown(&at.role),
            format_seconds(at.seen_ago.as_secs())
        ),
        None => format!(
            "no console runs it; it is {}'s. Take it over?",
            shown(&holding.by.role)
        ),
    };
    Asked { about, alive }
}

/// The answer was typed: the job is taken over and read before anything is sent, or everything stays as it is.
pub(in crate::app) fn answered(
    update: &mut JobsUpdate<'_>,
    (id, alive): (JobId, bool),
    answer: &str,
) -> Vec<Effect> {
    let wanted: &[&str] = if alive { &[WORD] } else { &["y", "yes", WORD] };
    let now = update.now.since_start;
    if !wanted.contains(&answer) {
        let text = format!("job {id} stays where it is");
        let hint = alive.then(|| format!("it is taken over with the word {WORD}"));
        update.notices.push(Severity::Info, text, hint, now);
        return Vec::new();
    }
    if let Some(why) = permission::refused(update.context()) {
        update.notices.push(Severity::Error, why, None, now);
        return Vec::new();
    }
    update.jobs.resuming.insert(id);
    vec![Effect::Jobs(JobEffect::TakeJob(id))]
}
