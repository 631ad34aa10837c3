//! From targets to a plan: who is meant, what will change, what is left alone and why. A plan is frozen: nothing that
//! is loaded, filtered or marked later changes it.

mod anew;
mod cost;
pub mod digest;
mod follow;
pub mod judge;
mod making;
mod order;
pub mod setting;
pub mod text;
pub mod word;
pub mod words;

pub use super::targets::Target;
use super::{
    command::Command,
    effect::{Effect, JobEffect},
    job,
    model::Context,
    notice::Severity,
    overlay::{Overlay, PlanOverlay, update::OverlayUpdate},
    refusal,
};
use crate::{
    app::{permission, targets},
    entity::{
        claim::Words,
        job::{JobCommand, NewJob, Plan},
        key::JobId,
        status::Status,
    },
    table::{Handle, Marks},
};
pub use anew::{include_closed, visible_only};
use cost::{cost, shares};
pub use follow::{follow, resumed, whose};
use judge::Standing;
pub use judge::Wish;
use making::{Asked, Made, TURN};
pub use making::{Making, make, make_as};
use std::collections::BTreeSet;

/// Opens the plan of a bulk action on the targets.
pub fn open(update: &mut OverlayUpdate<'_>, command: JobCommand, wanted: Status) {
    update.plan.last = Some((command, wanted));
    let (rows, targets) = targets::targets(update.context());
    // Who names a status for one leak means that leak, closed or not.
    let names_one = command == JobCommand::Set && rows.len() == 1;
    let asked = Asked {
        wish: Wish {
            command,
            wanted,
            include_closed: names_one,
        },
        targets,
        words: Words::default(),
    };
    begin(update, asked, rows);
}

/// Opens the plan of the last change once more, on what are the targets now.
pub fn repeat(update: &mut OverlayUpdate<'_>) {
    if let Some((command, wanted)) = update.plan.last {
        open(update, command, wanted);
    }
}

/// Plans of no more leaks than these are made at once.
const AT_ONCE: usize = 4_096;

/// Makes a plan and shows it: at once where that is quick, else in turns, and what is on the screen meanwhile says so.
fn begin(update: &mut OverlayUpdate<'_>, asked: Asked, rows: Vec<Handle>) {
    let making = Making::new(update.context(), asked, rows, BTreeSet::new(), update.now);
    if making.len() <= AT_ONCE {
        let asked = making.asked.clone();
        let made = making.finish(update.context());
        let at = update.overlays.len();
        put(update, made, asked, 0, at);
        return;
    }
    let leaks = making.len();
    update.plan.planning = Some(Box::new(making));
    update.overlays.push(Overlay::Planning { leaks });
}

/// Makes some more of a plan, if one is in the making. Answers whether there was, and whether the screen changes.
pub(super) fn take_turn(update: &mut OverlayUpdate<'_>) -> Option<bool> {
    let making = update.plan.planning.take()?;
    let is_it = |overlay: &Overlay| matches!(overlay, Overlay::Planning { .. });
    // Whoever took it off the screen does not want it any more.
    let at = update.overlays.iter().position(is_it)?;
    let (asked, begun) = (making.asked.clone(), making.begun.since_start);
    match making.step(update.context(), TURN) {
        Err(making) => {
            update.plan.planning = Some(making);
            Some(false)
        }
        Ok(made) => {
            let took = update.now.since_start.saturating_sub(begun);
            update.overlays.remove(at);
            put(update, *made, asked, took.as_millis() as u64, at);
            Some(true)
        }
    }
}

/// Shows a plan that was made, at its place among what lies above.
fn put(update: &mut OverlayUpdate<'_>, made: Made, asked: Asked, plan_ms: u64, at: usize) {
    let Made {
        plan,
        digest,
        rows,
        left,
        targets,
    } = made;
    let all: Vec<Option<Handle>> = rows.iter().chain(&left).copied().map(Some).collect();
    let not_loaded = update
        .data
        .profiles
        .iter()
        .map(|state| {
            state
                .paging
                .total
                .unwrap_or(0)
                .saturating_sub(state.paging.seen)
        })
        .sum();
    let order = order::of(update.context(), &plan, &all);
    let mut overlay = overlay(
        update.context(),
        plan,
        digest,
        asked.targets,
        not_loaded,
        None,
    );
    overlay.order = order;
    overlay.plan_ms = plan_ms;
    overlay.words = asked.words;
    overlay.include_closed = asked.wish.include_closed;
    overlay.rows = rows;
    overlay.of = targets;
    let at = at.min(update.overlays.len());
    update.overlays.insert(at, Overlay::Plan(Box::new(overlay)));
}

/// Shows a plan that is made; `resumes` is the job that goes on with it, where it is no new one.
pub(super) fn show_made(
    update: &mut OverlayUpdate<'_>,
    plan: Plan,
    words: String,
    not_loaded: u64,
    resumes: Option<JobId>,
) {
    let digest = digest::of(update.context(), &plan);
    let changes = plan.eligible.iter().map(|change| &change.key);
    let keys = changes.chain(plan.skipped.iter().map(|skipped| &skipped.key));
    let rows: Vec<Option<Handle>> = keys.map(|key| update.data.table.find(key)).collect();
    let order = order::of(update.context(), &plan, &rows);
    let mut overlay = overlay(update.context(), plan, digest, words, not_loaded, resumes);
    overlay.order = order;
    update.overlays.push(Overlay::Plan(Box::new(overlay)));
}

fn overlay(
    context: Context<'_>,
    plan: Plan,
    digest: digest::Digest,
    targets: String,
    not_loaded: u64,
    resumes: Option<JobId>,
) -> PlanOverlay {
    let number =
        (plan.eligible.len() > context.setup.policy.confirm_above).then_some(plan.eligible.len());
    PlanOverlay {
        plan,
        digest,
        rows: Vec::new(),
        of: Marks::default(),
        targets,
        not_loaded,
        resumes,
        number,
        typed: String::new(),
        entered: false,
        order: Vec::new(),
        drawn: None,
        dropped: 0,
        scroll: 0,
        plan_ms: 0,
        lossy_confirmed: false,
        include_closed: false,
        wants_reason: context.setup.policy.require_reason && resumes.is_none(),
        words: resumes.map_or_else(Words::default, |id| words_of(context, id)),
    }
}

/// `y`: applies the plan on top, if its answer counts.
pub fn apply(update: &mut OverlayUpdate<'_>, read: std::time::Duration) -> Vec<Effect> {
    let now = update.now;
    let old = update
        .plan()
        .and_then(|overlay| too_old(&overlay.plan, now.wall));
    let refused = permission::refused(update.context()).or(old);
    let Some(overlay) = update.plan_mut() else {
        return Vec::new();
    };
    if !overlay.takes_answer(read) {
        overlay.dropped += 1;
        return Vec::new();
    }
    let lacks = overlay
        .lacks_reason()
        .then(|| "the policy wants a reason with every change".to_owned());
    if let Some(why) = refused.or(lacks) {
        let effects = refusal::of_plan(update.context(), update.plan(), &why);
        update
            .notices
            .push(Severity::Error, why, None, now.since_start);
        return effects;
    }
    if !overlay.is_ready() {
        overlay.entered = true;
        return Vec::new();
    }
    let Some(Overlay::Plan(mut overlay)) = update.overlays.pop() else {
        return Vec::new();
    };
    // The answer covers what was asked about on the way to it.
    for lossy in &mut overlay.plan.lossy {
        lossy.confirmed = true;
    }
    if let Some(id) = overlay.resumes {
        update.commands.push(Command::ConfirmedAgain(id));
        return Vec::new();
    }
    update.plan.words = overlay.words;
    update.plan.planned = Some((overlay.plan.hash.clone(), overlay.rows));
    confirm(update, overlay.plan, overlay.plan_ms)
}

/// Why a plan of this age is not applied any more: what it rests on has had a day to change, or nobody can say how long.
pub fn too_old(plan: &Plan, now: jiff::Timestamp) -> Option<String> {
    (!job::holds(plan.made_at, now)).then(|| {
        "this plan is older than a day, or the clock was set back since: make it again".to_owned()
    })
}

/// `c`: the operator knows that a status is stored as another one. The plan still waits for its own answer.
pub fn confirm_lossy(update: &mut OverlayUpdate<'_>, read: std::time::Duration) {
    let Some(overlay) = update.plan_mut() else {
        return;
    };
    if overlay.takes_answer(read) {
        overlay.lossy_confirmed = true;
    } else {
        overlay.dropped += 1;
    }
}

/// A plan was accepted: it goes to the journal, and nowhere else.
pub fn confirm(update: &mut OverlayUpdate<'_>, plan: Plan, plan_ms: u64) -> Vec<Effect> {
    let Words {
        reason,
        note,
        ticket,
    } = std::mem::take(&mut update.plan.words);
    let job = NewJob {
        plan,
        reason,
        note,
        ticket,
        confirmed_at: update.now.wall,
        plan_ms,
    };
    vec![Effect::Jobs(JobEffect::RecordJob(Box::new(job)))]
}

/// Asks once more about a job that was confirmed too long ago.
pub(super) fn reconfirm(update: &mut OverlayUpdate<'_>, id: JobId) {
    let Some(job) = update.jobs.running.iter().find(|job| job.id == id) else {
        return;
    };
    let plan = resumed(update.context(), job, update.now);
    let words = format!("what job {} has not done yet", job.id);
    update
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::Job { .. }));
    show_made(update, plan, words, 0, Some(job.id));
}

/// What was said when a job was made.
fn words_of(context: Context<'_>, id: JobId) -> Words {
    let job = context.workspace.jobs.jobs.iter().find(|job| job.id == id);
    job.map_or_else(Words::default, |job| Words {
        reason: job.reason.clone(),
        note: job.note.clone(),
        ticket: job.ticket.clone(),
    })
}
