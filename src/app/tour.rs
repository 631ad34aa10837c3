//! A walk through the console. On the demo it is done, in six steps that end with a job that is undone; elsewhere it is
//! told on cards of a title and a few lines, for it changes leaks.

use super::{
    model::{Context, FeatureUpdate, Pane},
    notice::Severity,
    overlay::{Overlay, update::plan_on_top},
    prompt::Prompt,
};
use crate::{
    action::Action,
    config::keymap,
    entity::job::{JobCommand, JobState},
};

/// The word that the profiles of the demo have for their environment.
const DEMO: &str = "demo";

/// The steps of the tour.
pub const STEPS: usize = 6;

/// Whether the tour can be done here: every account is of the demo.
pub(super) fn can_be_done(context: Context<'_>) -> bool {
    let mut profiles = context.data.profiles.iter();
    !context.data.profiles.is_empty() && profiles.all(|state| state.profile.environment == DEMO)
}

/// What the reader does in a step, with the keys that are in force; `None` where it is no step.
pub fn words(context: Context<'_>, step: usize) -> Option<String> {
    let key = |contexts: keymap::Context, action: Action| {
        let keys = context.setup.keymap.keys_for(contexts.chain(), action);
        let name = format!(":{action}");
        keys.into_iter().next().unwrap_or(name)
    };
    let list = |action| key(keymap::Context::Leaks, action);
    let plan = |action| key(keymap::Context::Plan, action);
    let words = match step {
        0 => format!(
            "type {} and vpn status:open, then Enter: the list narrows",
            list(Action::Filter)
        ),
        1 => format!(
            "{} marks one leak; mark two or three",
            list(Action::ToggleMark)
        ),
        2 => format!(
            "{} plans to mark them fixed: nothing is sent yet",
            list(Action::MarkFixed)
        ),
        3 => format!(
            "read the plan; {} applies it, {} would cancel",
            plan(Action::PlanApply),
            plan(Action::PlanCancel)
        ),
        4 => format!(
            "{} shows the jobs: wait until this one is done",
            list(Action::FocusJobs)
        ),
        5 => format!(
            "{} undoes it: a plan again, {} applies",
            list(Action::JobUndo),
            plan(Action::PlanApply)
        ),
        _ => return None,
    };
    Some(format!("tour {} of {STEPS}: {words}", step + 1))
}

/// Continues with the next step where this one is done.
pub(super) fn follow(
    tour: &mut Option<usize>,
    above: (&[Overlay], Option<&Prompt>),
    update: &mut FeatureUpdate<'_>,
) {
    let Some(step) = *tour else {
        return;
    };
    if is_done(step, above, update.context) {
        let next = step + 1;
        *tour = (next < STEPS).then_some(next);
        if tour.is_none() {
            let text = "the tour is over: the job is undone. ? lists the keys, : finds any command";
            update.notify(Severity::Info, text, None);
        }
    }
}

fn is_done(
    step: usize,
    (overlays, prompt): (&[Overlay], Option<&Prompt>),
    context: Context<'_>,
) -> bool {
    let (workspace, running) = (context.workspace, &context.jobs.running);
    let newest = workspace.jobs.jobs.first();
    let has_ended = |state: JobState| state.is_final();
    match step {
        0 => prompt.is_none() && !workspace.leaks.filter.filter.is_empty(),
        1 => workspace.marks.len() >= 2,
        2 => plan_on_top(overlays).is_some(),
        3 => overlays.is_empty() && (!running.is_empty() || newest.is_some()),
        4 => {
            workspace.focus == Pane::Jobs
                && running.is_empty()
                && newest.is_some_and(|job| has_ended(job.state))
        }
        5 => newest.is_some_and(|job| job.command == JobCommand::Undo && has_ended(job.state)),
        _ => true,
    }
}

/// The cards.
pub const CARDS: &[(&str, &[&str])] = &[
    (
        "Five panes",
        &[
            "1 domains, 2 users, 3 leaks, 4 connections, 5 jobs.",
            "Tab goes round. zf gives a pane the whole screen.",
        ],
    ),
    (
        "Drill down",
        &[
            "Enter on a domain shows its users, on a user the leaks, on a leak its connections.",
            "Esc goes back one step. The chips on the status line say where you are.",
        ],
    ),
    (
        "Narrow and mark",
        &[
            "/ narrows as you type: vpn risk>=medium !status:fixed. ? has the whole language.",
            "Space marks, * marks all that the filter shows, gm brings the last marks back.",
            "Marks hold on to leaks, not to rows: the status line always says how many are hidden.",
        ],
    ),
    (
        "Fix in bulk",
        &[
            "f shows the plan: what will change, what is skipped and why.",
            "y applies it. Above 50 changes you type their number first.",
            "s sets another status. What a provider cannot store is local only, with a sign.",
            "Every change is on disk before it is sent, and counts as fixed only when it was read back.",
        ],
    ),
    (
        "Find your way",
        &[
            "? lists the keys that work here, : finds any command.",
            "zr reveals one password for ten seconds, with an audit line.",
            "q quits.",
        ],
    ),
];
