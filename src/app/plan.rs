//! From targets to a plan: who is meant, what will change, what is left alone and why. A plan is frozen: nothing that
//! is loaded, filtered or marked later changes it.

mod cost;
pub mod judge;
pub mod words;

use super::{
    effect::Effect,
    grouping,
    message::Now,
    model::{JournalState, Model, Pane},
    notice::Severity,
    overlay::{Overlay, PlanOverlay},
    paging::grouped,
    refusal, view,
};
use crate::{
    entity::{
        claim::Words,
        job::{
            JobCommand, Lossy, NewJob, Place, Plan, PlannedChange, SkipCode, Skipped, plan_hash,
        },
        key::{EntityKey, ProfileName},
        status::Status,
    },
    table::Handle,
};
use cost::{cost, shares};
use judge::{Standing, Verdict};
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
pub fn targets(model: &Model) -> (Vec<Handle>, String) {
    if !model.marks.is_empty() {
        let handles: Vec<_> = model.marks.iter().collect();
        let words = format!(
            "{} marked {}",
            grouped(handles.len() as u64),
            leaks(handles.len())
        );
        return (handles, words);
    }
    match model.focus {
        Pane::Leaks if model.leaks.grouping.is_some() => {
            let Some((kind, group)) = grouping::under_cursor(model) else {
                return (Vec::new(), String::new());
            };
            let handles = grouping::leaks_of(model, (kind, group));
            let noun = grouping::noun(kind);
            let words = format!(
                "the {} {} of the {noun} under the cursor",
                handles.len(),
                leaks(handles.len())
            );
            (handles, words)
        }
        Pane::Leaks => (
            model.leaks.list.cursor().into_iter().collect(),
            "the leak under the cursor".into(),
        ),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => {
            let Some((kind, group)) = model.groups(pane).and_then(|groups| groups.list.cursor())
            else {
                return (Vec::new(), String::new());
            };
            let mut scope = model.scope_groups();
            scope.push((kind, group));
            let handles = model.table.select(
                &crate::filter::Filter::default(),
                &scope,
                None,
                &model.marks,
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

fn leaks(count: usize) -> &'static str {
    if count == 1 { "leak" } else { "leaks" }
}

/// How a leak stands: what is acted on, what the provider says, and whether the two are at odds.
pub fn standing(model: &Model, handle: Handle) -> Standing {
    Standing {
        shown: model.table.status(handle),
        remote: model.table.remote_said(handle),
        disputed: model.table.is_disputed(handle),
    }
}

/// Makes a plan.
pub fn make(
    model: &Model,
    command: JobCommand,
    wanted: Status,
    targets: &[Target],
    now: Now,
) -> Plan {
    let mut eligible = Vec::new();
    let mut skipped = Vec::new();
    let mut lines = Vec::with_capacity(targets.len());
    let mut bindings = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut lossy = BTreeSet::new();
    for target in targets {
        let key = match target {
            Target::Row(handle) => model.table.key(*handle),
            Target::Missing(key) => key.clone(),
        };
        if !seen.insert(key.clone()) {
            continue;
        }
        if let Some(state) = model.profile(&key.profile) {
            bindings.insert(state.profile.binding.clone());
        }
        let Target::Row(handle) = target else {
            lines.push((key.to_string(), None));
            skipped.push(skip(key, None, SkipCode::NotFound, None));
            continue;
        };
        let standing = standing(model, *handle);
        let before = standing.shown;
        lines.push((key.to_string(), Some(before)));
        match judge(model, *handle, &key, standing, wanted) {
            Ok(judged) => {
                let profile = key.profile.clone();
                lossy.extend(judged.lossy.map(|(asked, stored)| (profile, asked, stored)));
                eligible.push(PlannedChange {
                    key,
                    before,
                    wanted: judged.wanted,
                    place: judged.place,
                    remote: standing.remote,
                });
            }
            Err((code, reason)) => skipped.push(skip(key, Some(before), code, reason)),
        }
    }
    eligible.sort_by(|a, b| a.key.cmp(&b.key));
    skipped.sort_by(|a, b| a.key.cmp(&b.key));
    let hash = plan_hash(&bindings, wanted, lines);
    let shares = shares(model, &eligible);
    let (requests, reads, eta_seconds) = cost(model, &shares);
    let shown: BTreeSet<_> = if model.setup.headless {
        BTreeSet::new()
    } else {
        model.leaks.list.order().iter().copied().collect()
    };
    let hidden = if model.setup.headless {
        0
    } else {
        targets
            .iter()
            .filter(|target| matches!(target, Target::Row(handle) if !shown.contains(handle)))
            .count()
    };
    Plan {
        hash,
        command,
        wanted,
        shares,
        eligible,
        skipped,
        requests,
        reads,
        eta_seconds,
        lossy: lossy
            .into_iter()
            .map(|mapping| lossy_of(model, mapping))
            .collect(),
        hidden,
        made_at: now.wall,
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

/// A status that a profile stores as another one, and whether the operator has said yes to that before.
fn lossy_of(model: &Model, mapping: (ProfileName, Status, Status)) -> Lossy {
    let confirmed = model.lossy.contains(&mapping);
    let (profile, wanted, stored) = mapping;
    Lossy {
        profile,
        wanted,
        stored,
        confirmed,
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
    model: &Model,
    handle: Handle,
    key: &EntityKey,
    standing: Standing,
    wanted: Status,
) -> Result<Judged, (SkipCode, Option<String>)> {
    let Some(state) = model.profile_of(handle) else {
        return Err((SkipCode::NotFound, None));
    };
    if model.table.is_gone(handle) {
        return Err((SkipCode::Gone, None));
    }
    let stores = &state.profile.capabilities.statuses;
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
    // What is kept here alone goes nowhere: neither its id nor the way there matters.
    let sent = judged.place != Place::Local;
    if sent && !state.profile.capabilities.ids.accepts(key.id.as_bytes()) {
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
    if let Some(job) = model.live_keys.get(key) {
        return Err((
            SkipCode::InJob,
            Some(format!(
                "in job {job}, which has not ended: stanch jobs discard {job} gives it up"
            )),
        ));
    }
    Ok(judged)
}

/// Opens the plan of a bulk action on the targets.
pub fn open(model: &mut Model, command: JobCommand, wanted: Status) {
    let (handles, words) = targets(model);
    let targets: Vec<_> = handles.into_iter().map(Target::Row).collect();
    show(model, command, wanted, &targets, words);
}

/// Shows a plan and waits for its answer.
pub fn show(
    model: &mut Model,
    command: JobCommand,
    wanted: Status,
    targets: &[Target],
    words: String,
) {
    let now = model.now;
    let plan = make(model, command, wanted, targets, now);
    let number =
        (plan.eligible.len() > model.setup.policy.confirm_above).then_some(plan.eligible.len());
    let not_loaded = model
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
    let overlay = PlanOverlay {
        plan,
        targets: words,
        not_loaded,
        number,
        typed: String::new(),
        drawn: None,
        dropped: 0,
        scroll: 0,
        plan_ms: 0,
        lossy_confirmed: false,
        wants_reason: model.setup.policy.require_reason,
        words: Words::default(),
    };
    model.overlays.push(Overlay::Plan(Box::new(overlay)));
}

/// The plan without the targets that the filter hides: a new plan, drawn and read anew.
pub fn visible_only(model: &mut Model) {
    let Some(Overlay::Plan(old)) = model.overlays.pop() else {
        return;
    };
    let shown: BTreeSet<_> = model.leaks.list.order().iter().copied().collect();
    let keys = old
        .plan
        .eligible
        .iter()
        .map(|change| &change.key)
        .chain(old.plan.skipped.iter().map(|skipped| &skipped.key));
    let rows: Vec<_> = keys
        .filter_map(|key| model.table.find(key))
        .filter(|handle| shown.contains(handle))
        .map(Target::Row)
        .collect();
    let words = format!("{} of {} that the filter shows", rows.len(), old.targets);
    show(model, old.plan.command, old.plan.wanted, &rows, words);
    // They say why, whatever it is about.
    if let Some(new) = model.plan_mut() {
        new.words = old.words;
    }
}

/// Why nothing can be changed in this run, whatever the operator does.
pub fn never_writable(model: &Model) -> Option<String> {
    let all = !model.profiles.is_empty();
    if all && model.profiles.iter().all(|state| state.profile.read_only) {
        return Some(
            "every profile is read-only: --read-only, or read_only in the configuration".into(),
        );
    }
    None
}

/// Why no plan may be applied now, whatever it says.
pub fn refused(model: &Model) -> Option<String> {
    if let Some(why) = never_writable(model) {
        return Some(why);
    }
    if model.write_lock {
        return Some("writes are locked in this console: % unlocks them".into());
    }
    journal_refuses(model)
}

/// Why the journal cannot be written here.
pub fn journal_refuses(model: &Model) -> Option<String> {
    match &model.journal {
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
    let refused = refused(model);
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
        let effects = refusal::of_plan(model, &why);
        model
            .notices
            .push(Severity::Error, why, None, now.since_start);
        return effects;
    }
    if !overlay.is_ready() {
        return Vec::new();
    }
    let Some(Overlay::Plan(mut overlay)) = model.overlays.pop() else {
        return Vec::new();
    };
    // The answer covers what was asked about on the way to it.
    for lossy in &mut overlay.plan.lossy {
        lossy.confirmed = true;
    }
    model.words = overlay.words;
    confirm(model, overlay.plan, overlay.plan_ms)
}

/// `c`: the operator knows that a status is stored as another one. The plan still waits for its own answer.
pub fn confirm_lossy(model: &mut Model, read: std::time::Duration) {
    let Some(overlay) = model.plan_mut() else {
        return;
    };
    if overlay.takes_answer(read) {
        overlay.lossy_confirmed = true;
    } else {
        overlay.dropped += 1;
    }
}

/// A plan was accepted: it goes to the journal, and nowhere else.
pub fn confirm(model: &mut Model, plan: Plan, plan_ms: u64) -> Vec<Effect> {
    let Words {
        reason,
        note,
        ticket,
    } = std::mem::take(&mut model.words);
    let job = NewJob {
        plan,
        reason,
        note,
        ticket,
        confirmed_at: model.now.wall,
        plan_ms,
    };
    vec![Effect::RecordJob(Box::new(job))]
}
