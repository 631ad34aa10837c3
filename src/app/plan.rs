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
pub mod words;

use crate::app::permission;
use crate::app::targets;
pub use anew::{include_closed, visible_only};
pub(super) use follow::bound;
pub use follow::{follow, resumed};
pub use making::{Making, Wish, make, make_as};

use super::{
    command::Command,
    effect::{Effect, JobEffect},
    grouping, job,
    model::{Context, GroupsPane, JournalState, Model, Pane, ProfileState},
    notice::Severity,
    overlay::{Overlay, PlanOverlay, update::OverlayUpdate},
    refusal, view,
};
use crate::{
    entity::{
        claim::Words,
        job::{JobCommand, NewJob, Place, Plan, SkipCode, Skipped},
        key::{EntityKey, JobId},
        number::grouped,
        status::Status,
    },
    table::{Handle, Marks},
};
use cost::{cost, shares};
use judge::{Standing, Verdict};
use making::{Asked, Made, TURN};
use std::collections::BTreeSet;

/// A target of a plan: a leak that is loaded, or a key that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A row of the table.
    Row(Handle),
    /// A key that was asked for and is not loaded.
    Missing(EntityKey),
}

/// How a leak stands: what is acted on, what the provider says, and whether the two are at odds.
pub fn standing(context: Context<'_>, handle: Handle) -> Standing {
    Standing {
        shown: context.data.table.status(handle),
        remote: context.data.table.remote_said(handle),
        disputed: context.data.table.is_disputed(handle),
    }
}

fn skip(key: EntityKey, before: Option<Status>, code: SkipCode, reason: Option<String>) -> Skipped {
    Skipped {
        key,
        before,
        code,
        reason: reason.unwrap_or_else(|| code.reason().to_owned()),
    }
}

/// What will be done to one leak.
struct Judged {
    wanted: Status,
    place: Place,
    /// What was asked for and what the provider has for it, where that is another status.
    lossy: Option<(Status, Status)>,
}

/// Whether one leak can be changed, to what and where; else why not.
fn judge(
    context: Context<'_>,
    state: Option<&ProfileState>,
    gone: bool,
    key: &EntityKey,
    standing: Standing,
    wish: Wish,
) -> Result<Judged, (SkipCode, Option<String>)> {
    let wanted = wish.wanted;
    let Some(state) = state else {
        return Err((SkipCode::NotFound, None));
    };
    if gone {
        return Err((SkipCode::Gone, None));
    }
    let stores = state.profile.capabilities.statuses();
    let judged = match judge::verdict(stores, wanted, standing) {
        Verdict::Unsupported => return Err((SkipCode::Unsupported, None)),
        Verdict::Already => {
            let word = judge::meant(stores, wanted).in_words();
            return Err((SkipCode::Already, Some(format!("already {word}"))));
        }
        Verdict::Change {
            wanted: stored,
            place,
            nearest,
        } => Judged {
            wanted: stored,
            place,
            lossy: nearest.map(|nearest| (judge::meant(stores, wanted), nearest)),
        },
    };
    if wish.leaves_closed(standing.shown) {
        let why = format!("closed as {}", standing.shown.in_words());
        return Err((SkipCode::Closed, Some(why)));
    }
    // What is kept here alone goes nowhere: neither its id nor the way there matters.
    may_change(context, state, key, judged.place != Place::Local)?;
    Ok(judged)
}

/// Whether a leak of an account may be changed now; what is sent has to be something that can be sent.
fn may_change(
    context: Context<'_>,
    state: &ProfileState,
    key: &EntityKey,
    sent: bool,
) -> Result<(), (SkipCode, Option<String>)> {
    if sent && !state.profile.capabilities.accepts_id(key.id.as_bytes()) {
        return Err((SkipCode::BadId, None));
    }
    if sent && state.profile.insecure {
        return Err((
            SkipCode::NotAllowed,
            Some("no bulk write over plain http".into()),
        ));
    }
    if state.profile.read_only {
        return Err((SkipCode::NotAllowed, None));
    }
    if let Some(job) = job::that_has(context, key) {
        return Err((
            SkipCode::InJob,
            Some(format!(
                "in job {job}, which has not ended: stanch jobs discard {job} gives it up"
            )),
        ));
    }
    Ok(())
}

/// Opens the plan of a bulk action on the targets.
pub fn open(update: &mut OverlayUpdate<'_>, command: JobCommand, wanted: Status) {
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

/// Whether a plan that is being made is on top.
pub fn is_making(model: &Model) -> bool {
    matches!(model.overlay(), Some(Overlay::Planning { .. }))
}

/// Whether a plan is in the making.
pub fn has_turns(model: &Model) -> bool {
    model.plan.planning.is_some()
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
        words: resumes.map_or_else(Words::default, |id| job::words(context, id)),
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
