//! From targets to a plan: who is meant, what will change, what is left alone and why. A plan is frozen: nothing that
//! is loaded, filtered or marked later changes it.

mod anew;
mod cost;
pub mod digest;
mod follow;
pub mod judge;
mod making;
mod order;
pub mod text;
pub mod words;

pub use anew::{include_closed, visible_only};
pub(super) use follow::bound;
pub use follow::{follow, resumed};
pub use making::{Making, Wish, make, make_as};

use super::{
    command::Command,
    effect::{Effect, JobEffect},
    grouping, job,
    model::{Context, GroupsPane, JournalState, Model, OverlayUpdate, Pane, ProfileState},
    notice::Severity,
    overlay::{Overlay, PlanOverlay},
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

/// The targets of a bulk action: the marked leaks; with none marked, the leaks behind the cursor of the focused pane.
/// The second member says so in words.
pub fn targets(context: Context<'_>) -> (Vec<Handle>, String) {
    if !context.workspace.marks.is_empty() {
        let handles: Vec<_> = context.workspace.marks.iter().collect();
        let words = format!(
            "{} marked {}",
            grouped(handles.len() as u64),
            leaks(handles.len())
        );
        return (handles, words);
    }
    match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_some() => {
            let Some((kind, group)) = grouping::under_cursor(context) else {
                return (Vec::new(), String::new());
            };
            let handles = grouping::leaks_of(context, (kind, group));
            let noun = grouping::noun(kind);
            let words = format!(
                "the {} {} of the {noun} under the cursor",
                handles.len(),
                leaks(handles.len())
            );
            (handles, words)
        }
        Pane::Leaks => (
            context.workspace.leaks.list.cursor().into_iter().collect(),
            "the leak under the cursor".into(),
        ),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            let Some((kind, group)) = context
                .workspace
                .groups(pane)
                .and_then(|groups| groups.list.cursor())
            else {
                return (Vec::new(), String::new());
            };
            let mut scope = context.workspace.scope_groups();
            scope.push((kind, group));
            let handles = context.data.table.select(
                &crate::filter::Filter::default(),
                &scope,
                None,
                &context.workspace.marks,
            );
            let noun = view::kind_of(pane);
            let words = format!(
                "the {} {} of the {noun} under the cursor",
                handles.len(),
                leaks(handles.len())
            );
            (handles, words)
        }
        Pane::Jobs => (Vec::new(), String::new()),
    }
}

/// Whether a bulk action finds anything to act on. This is asked with every frame, and gathers no leaks for it.
pub fn has_targets(context: Context<'_>) -> bool {
    if !context.workspace.marks.is_empty() {
        return true;
    }
    let of_group = |pane: &GroupsPane| {
        let row = pane.list.cursor().and_then(|group| pane.rows.get(&group));
        row.is_some_and(|row| row.total() > 0)
    };
    match context.workspace.focus {
        Pane::Leaks => match &context.workspace.leaks.grouping {
            Some(grouping) => of_group(&grouping.pane),
            None => context.workspace.leaks.list.cursor().is_some(),
        },
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            context.workspace.groups(pane).is_some_and(of_group)
        }
        Pane::Jobs => false,
    }
}

fn leaks(count: usize) -> &'static str {
    if count == 1 { "leak" } else { "leaks" }
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
    let (rows, targets) = targets(update.context());
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

/// Why nothing can be changed in this run, whatever the operator does.
pub fn never_writable(context: Context<'_>) -> Option<String> {
    let all = !context.data.profiles.is_empty();
    if all
        && context
            .data
            .profiles
            .iter()
            .all(|state| state.profile.read_only)
    {
        return Some(
            "every profile is read-only: --read-only, or read_only in the configuration".into(),
        );
    }
    None
}

/// Why no plan may be applied now, whatever it says.
pub fn refused(context: Context<'_>) -> Option<String> {
    if let Some(why) = never_writable(context) {
        return Some(why);
    }
    if context.access.write_lock {
        return Some("writes are locked in this console: % unlocks them".into());
    }
    journal_refuses(context)
}

/// Why the journal cannot be written here.
pub fn journal_refuses(context: Context<'_>) -> Option<String> {
    match &context.access.journal {
        JournalState::Writer => None,
        JournalState::Watcher { holder } => {
            Some(format!("another console holds the journal: {holder}"))
        }
        JournalState::ReadOnly { why } => {
            Some(format!("the journal is open for reading only: {why}"))
        }
    }
}

/// `y`: applies the plan on top, if its answer counts.
pub fn apply(model: &mut Model, read: std::time::Duration) -> Vec<Effect> {
    let now = model.now;
    let old = model
        .plan()
        .and_then(|overlay| too_old(&overlay.plan, now.wall));
    let refused = refused(model.context()).or(old);
    let Some(overlay) = model.plan_mut() else {
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
        let effects = refusal::of_plan(model.context(), model.plan(), &why);
        model
            .notices
            .push(Severity::Error, why, None, now.since_start);
        return effects;
    }
    if !overlay.is_ready() {
        overlay.entered = true;
        return Vec::new();
    }
    let Some(Overlay::Plan(mut overlay)) = model.overlays.pop() else {
        return Vec::new();
    };
    // The answer covers what was asked about on the way to it.
    for lossy in &mut overlay.plan.lossy {
        lossy.confirmed = true;
    }
    if let Some(id) = overlay.resumes {
        model.commands.push(Command::ConfirmedAgain(id));
        return Vec::new();
    }
    model.plan.words = overlay.words;
    model.plan.planned = Some((overlay.plan.hash.clone(), overlay.rows));
    confirm(&mut model.overlay_update(), overlay.plan, overlay.plan_ms)
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
