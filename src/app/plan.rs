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
        claim::Justification,
        job::{JobCommand, NewJob, Plan},
        key::JobId,
        status::Status,
    },
    table::{Marks, RowId},
};
pub use anew::{drop_hidden, toggle_closed};
use cost::{cost, shares};
pub use follow::{build_follow_up, remaining_plan, whose};
use judge::CurrentStatus;
pub use judge::PlanSpec;
use making::{BuiltPlan, PlanRequest, SLICE};
pub use making::{PlanBuilder, build_plan, build_plan_for};
use std::collections::BTreeSet;

/// Opens the plan of a bulk action on the targets.
pub fn open(update: &mut OverlayUpdate<'_>, command: JobCommand, wanted: Status) {
    update.plan.last = Some((command, wanted));
    let (rows, targets) = targets::targets(update.context());
    // Who names a status for one leak means that leak, closed or not.
    let names_one = command == JobCommand::Set && rows.len() == 1;
    let asked = PlanRequest {
        spec: PlanSpec {
            command,
            wanted,
            include_closed: names_one,
        },
        target_label: targets,
        justification: Justification::default(),
    };
    start_build(update, asked, rows);
}

/// Opens the plan of the last change once more, on what are the targets now.
pub fn repeat(update: &mut OverlayUpdate<'_>) {
    if let Some((command, wanted)) = update.plan.last {
        open(update, command, wanted);
    }
}

/// Plans of no more leaks than these are made at once.
const MAX_IMMEDIATE_LEAKS: usize = 4_096;

/// Makes a plan and shows it: at once where that is quick, else in slices, and what is on the screen meanwhile says so.
fn start_build(update: &mut OverlayUpdate<'_>, asked: PlanRequest, rows: Vec<RowId>) {
    let making = PlanBuilder::new(update.context(), asked, rows, BTreeSet::new(), update.now);
    if making.len() <= MAX_IMMEDIATE_LEAKS {
        let asked = making.request.clone();
        let made = making.finish(update.context());
        let at = update.overlays.len();
        insert_overlay(update, made, asked, 0, at);
        return;
    }
    let leaks = making.len();
    update.plan.plan_builder = Some(Box::new(making));
    update.overlays.push(Overlay::plan_build(leaks));
}

/// Makes some more of a plan, if one is in the making. Answers whether there was, and whether the screen changes.
pub(super) fn run_slice(update: &mut OverlayUpdate<'_>) -> Option<bool> {
    let making = update.plan.plan_builder.take()?;
    // Whoever took it off the screen does not want it any more.
    let at = update.overlays.iter().position(Overlay::is_plan_build)?;
    let (asked, begun) = (making.request.clone(), making.started_at.since_start);
    match making.step(update.context(), SLICE) {
        Err(making) => {
            update.plan.plan_builder = Some(making);
            Some(false)
        }
        Ok(made) => {
            let took = update.now.since_start.saturating_sub(begun);
            update.overlays.remove(at);
            insert_overlay(update, *made, asked, took.as_millis() as u64, at);
            Some(true)
        }
    }
}

/// Shows a plan that was made, at its place among what lies above.
fn insert_overlay(
    update: &mut OverlayUpdate<'_>,
    made: BuiltPlan,
    asked: PlanRequest,
    plan_ms: u64,
    at: usize,
) {
    let BuiltPlan {
        plan,
        summary,
        rows,
        skipped_rows,
        targets,
    } = made;
    let all: Vec<Option<RowId>> = rows
        .iter()
        .chain(&skipped_rows)
        .copied()
        .map(Some)
        .collect();
    let not_loaded = update
        .data
        .profiles
        .iter()
        .map(|state| {
            state
                .paging
                .total
                .unwrap_or(0)
                .saturating_sub(state.paging.rows_received)
        })
        .sum();
    let order = order::order_targets(update.context(), &plan, &all);
    let mut overlay = build_overlay(
        update.context(),
        plan,
        summary,
        asked.target_label,
        not_loaded,
        None,
    );
    overlay.order = order;
    overlay.plan_ms = plan_ms;
    overlay.justification = asked.justification;
    overlay.include_closed = asked.spec.include_closed;
    overlay.rows = rows;
    overlay.target_rows = targets;
    let at = at.min(update.overlays.len());
    update.overlays.insert(at, overlay.into());
}

/// Shows a plan that is made; `resumes` is the job that goes on with it, where it is no new one.
pub(super) fn open_built_plan(
    update: &mut OverlayUpdate<'_>,
    plan: Plan,
    words: String,
    not_loaded: u64,
    resumes: Option<JobId>,
) {
    let digest = digest::summarize(update.context(), &plan);
    let changes = plan.eligible.iter().map(|change| &change.key);
    let keys = changes.chain(plan.skipped.iter().map(|skipped| &skipped.key));
    let rows: Vec<Option<RowId>> = keys.map(|key| update.data.table.find(key)).collect();
    let order = order::order_targets(update.context(), &plan, &rows);
    let mut overlay = build_overlay(update.context(), plan, digest, words, not_loaded, resumes);
    overlay.order = order;
    update.overlays.push(overlay.into());
}

fn build_overlay(
    context: Context<'_>,
    plan: Plan,
    summary: digest::PlanSummary,
    targets: String,
    not_loaded: u64,
    resumes: Option<JobId>,
) -> PlanOverlay {
    let number =
        (plan.eligible.len() > context.setup.policy.confirm_above).then_some(plan.eligible.len());
    PlanOverlay {
        plan,
        summary,
        rows: Vec::new(),
        target_rows: Marks::default(),
        target_label: targets,
        not_loaded,
        resumed_job: resumes,
        required_number: number,
        typed_number: String::new(),
        apply_requested: false,
        order: Vec::new(),
        drawn_at: None,
        ignored_answers: 0,
        scroll: 0,
        plan_ms: 0,
        mappings_accepted: false,
        include_closed: false,
        requires_reason: context.setup.policy.require_reason && resumes.is_none(),
        justification: resumes.map_or_else(Justification::default, |id| words_of(context, id)),
    }
}

/// `y`: applies the plan on top, if its answer counts.
pub fn apply(update: &mut OverlayUpdate<'_>, read: std::time::Duration) -> Vec<Effect> {
    let now = update.now;
    let old = update
        .plan()
        .and_then(|overlay| confirmation_expired(&overlay.plan, now.wall));
    let refused = permission::refused(update.context()).or(old);
    let Some(overlay) = update.plan_mut() else {
        return Vec::new();
    };
    if !overlay.accepts_answer_at(read) {
        overlay.ignored_answers += 1;
        return Vec::new();
    }
    let lacks = overlay
        .is_reason_missing()
        .then(|| "the policy wants a reason with every change".to_owned());
    if let Some(why) = refused.or(lacks) {
        let effects = refusal::audit_refused_plan(update.context(), update.plan(), &why);
        update
            .notices
            .push(Severity::Error, why, None, now.since_start);
        return effects;
    }
    if !overlay.is_ready() {
        overlay.apply_requested = true;
        return Vec::new();
    }
    let Some(mut overlay) = update.overlays.pop().and_then(Overlay::into_plan) else {
        return Vec::new();
    };
    // The answer covers what was asked about on the way to it.
    for lossy in &mut overlay.plan.inexact_mappings {
        lossy.is_confirmed = true;
    }
    if let Some(id) = overlay.resumed_job {
        update.commands.push(Command::ConfirmedAgain(id));
        return Vec::new();
    }
    update.plan.justification = overlay.justification;
    update.plan.confirmed_rows = Some((overlay.plan.hash.clone(), overlay.rows));
    confirm(update, overlay.plan, overlay.plan_ms)
}

/// Why a plan of this age is not applied any more: what it rests on has had a day to change, or nobody can say how long.
pub fn confirmation_expired(plan: &Plan, now: jiff::Timestamp) -> Option<String> {
    (!job::contains_profile(plan.built_at, now)).then(|| {
        "this plan is older than a day, or the clock was set back since: make it again".to_owned()
    })
}

/// `c`: the operator knows that a status is stored as another one. The plan still waits for its own answer.
pub fn accept_mappings(update: &mut OverlayUpdate<'_>, read: std::time::Duration) {
    let Some(overlay) = update.plan_mut() else {
        return;
    };
    if overlay.accepts_answer_at(read) {
        overlay.mappings_accepted = true;
    } else {
        overlay.ignored_answers += 1;
    }
}

/// A plan was accepted: it goes to the journal, and nowhere else.
pub fn confirm(update: &mut OverlayUpdate<'_>, plan: Plan, plan_ms: u64) -> Vec<Effect> {
    let Justification {
        reason,
        note,
        ticket,
    } = std::mem::take(&mut update.plan.justification);
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
    let plan = remaining_plan(update.context(), job, update.now);
    let words = format!("what job {} has not done yet", job.id);
    job::shown::close_all(update.overlays);
    open_built_plan(update, plan, words, 0, Some(job.id));
}

/// What was said when a job was made.
fn words_of(context: Context<'_>, id: JobId) -> Justification {
    let job = context.workspace.jobs.jobs.iter().find(|job| job.id == id);
    job.map_or_else(Justification::default, |job| Justification {
        reason: job.reason.clone(),
        note: job.note.clone(),
        ticket: job.ticket.clone(),
    })
}
