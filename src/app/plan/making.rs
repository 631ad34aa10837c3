//! A plan in the making. A hundred thousand leaks take longer than a key may wait, so that it is made in slices, between
//! one message and the next: targets are put in the order of their keys, judged one after the other, and their lines are
//! hashed. What the table says of a leak counts at the moment when it is judged.

use super::{
    cost::{cost, shares},
    digest::{PlanSummary, SummaryBuilder},
    judge::{self, Judged, PlanSpec, skip, standing},
};
use crate::{
    app::{message::Moment, model::Context, targets::Target},
    entity::{
        claim::Justification,
        job::{
            InexactMapping, JobCommand, Plan, PlanHashInput, PlanHasher, PlannedChange, SkipCode,
            Skipped,
        },
        key::{EntityKey, ProfileName},
        profile::ProfileBinding,
        status::Status,
    },
    table::{IncrementalSort, Marks, ProfileSlot, RowId},
};
use std::collections::BTreeSet;

/// So much is done in one turn: less than a key may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct SliceBudget {
    partition_rows: usize,
    sort_rows: usize,
    check_rows: usize,
    hash_bytes: usize,
}

/// A turn's.
pub(super) const SLICE: SliceBudget = SliceBudget {
    partition_rows: 32_768,
    sort_rows: 8_192,
    check_rows: 4_096,
    hash_bytes: 1 << 20,
};

/// All of it.
const UNLIMITED: SliceBudget = SliceBudget {
    partition_rows: usize::MAX,
    sort_rows: usize::MAX,
    check_rows: usize::MAX,
    hash_bytes: usize::MAX,
};

/// What a plan is asked for.
#[derive(Clone, Debug)]
pub(super) struct PlanRequest {
    pub(super) spec: PlanSpec,
    /// Whose targets these are, in words.
    pub(super) target_label: String,
    /// Why it is made, where that was said already.
    pub(super) justification: Justification,
}

/// A plan in the making.
#[derive(Clone, Debug)]
pub struct PlanBuilder {
    pub(super) request: PlanRequest,
    /// When it was begun.
    pub(super) started_at: Moment,
    stage: Stage,
    targets: Marks,
    missing: BTreeSet<EntityKey>,
    eligible: Vec<PlannedChange>,
    rows: Vec<RowId>,
    skipped_rows: Vec<RowId>,
    skipped: Vec<Skipped>,
    hash_input: PlanHashInput,
    bindings: BTreeSet<ProfileBinding>,
    inexact_mappings: BTreeSet<(ProfileName, Status, Status)>,
    summary: SummaryBuilder,
}

#[derive(Clone, Debug)]
enum Stage {
    Partition(Box<IncrementalSort>),
    Sort(Box<IncrementalSort>, Vec<RowId>),
    Check(Vec<RowId>, usize),
    Hash(Box<PlanHasher>),
}

/// A plan that is made, and what belongs to it here.
#[derive(Clone, Debug)]
pub(super) struct BuiltPlan {
    pub(super) plan: Plan,
    pub(super) summary: PlanSummary,
    /// The rows of the changes, in their order.
    pub(super) rows: Vec<RowId>,
    /// The rows of what is left alone, in its order.
    pub(super) skipped_rows: Vec<RowId>,
    /// The rows of all targets.
    pub(super) targets: Marks,
}

/// Makes a plan, to the end, that leaves closed leaks of another kind alone.
pub fn build_plan(
    context: Context<'_>,
    command: JobCommand,
    wanted: Status,
    targets: &[Target],
    now: Moment,
) -> Plan {
    let wish = PlanSpec {
        command,
        wanted,
        include_closed: false,
    };
    build_plan_for(context, wish, targets, now)
}

/// Makes a plan, to the end.
pub fn build_plan_for(
    context: Context<'_>,
    wish: PlanSpec,
    targets: &[Target],
    now: Moment,
) -> Plan {
    let (mut rows, mut missing) = (Vec::with_capacity(targets.len()), BTreeSet::new());
    for target in targets {
        match target {
            Target::Row(row) => rows.push(*row),
            Target::Missing(key) => {
                missing.insert(key.clone());
            }
        }
    }
    let asked = PlanRequest {
        spec: wish,
        target_label: String::new(),
        justification: Justification::default(),
    };
    PlanBuilder::new(context, asked, rows, missing, now)
        .finish(context)
        .plan
}

impl PlanBuilder {
    /// Begins, with rows and with keys that nothing has.
    pub(super) fn new(
        context: Context<'_>,
        asked: PlanRequest,
        mut rows: Vec<RowId>,
        mut missing: BTreeSet<EntityKey>,
        now: Moment,
    ) -> Self {
        let mut targets = Marks::default();
        rows.retain(|row| targets.insert(*row));
        missing.retain(|key| {
            let row = context.data.table.find(key);
            row.is_none_or(|row| !targets.contains(row))
        });
        let mut lines = PlanHashInput::default();
        lines.reserve(rows.len());
        Self {
            request: asked,
            started_at: now,
            eligible: Vec::with_capacity(rows.len()),
            rows: Vec::with_capacity(rows.len()),
            stage: Stage::Partition(Box::new(context.data.table.begin_key_sort(rows))),
            targets,
            missing,
            skipped: Vec::new(),
            skipped_rows: Vec::new(),
            hash_input: lines,
            bindings: BTreeSet::new(),
            inexact_mappings: BTreeSet::new(),
            summary: SummaryBuilder::default(),
        }
    }

    /// How many leaks it is about.
    pub fn len(&self) -> usize {
        self.targets.len() + self.missing.len()
    }

    /// Whether it is about none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does all that is left.
    pub(super) fn finish(self, context: Context<'_>) -> BuiltPlan {
        let mut making = Box::new(self);
        loop {
            match making.step(context, UNLIMITED) {
                Ok(made) => return *made,
                Err(more) => making = more,
            }
        }
    }

    /// Does some more; the plan, once it is made.
    pub(super) fn step(
        mut self: Box<Self>,
        context: Context<'_>,
        budget: SliceBudget,
    ) -> Result<Box<BuiltPlan>, Box<Self>> {
        let table = &context.data.table;
        let stage = std::mem::replace(&mut self.stage, Stage::Check(Vec::new(), 0));
        self.stage = match stage {
            Stage::Partition(mut sorting) => {
                match sorting.partition_some(table, budget.partition_rows) {
                    None => Stage::Partition(sorting),
                    Some(order) => Stage::Sort(sorting, order),
                }
            }
            Stage::Sort(mut sorting, mut order) => {
                if sorting.sort_some(table, &mut order, budget.sort_rows) {
                    Stage::Check(order, 0)
                } else {
                    Stage::Sort(sorting, order)
                }
            }
            Stage::Check(order, at) => {
                let end = order.len().min(at.saturating_add(budget.check_rows));
                self.check_rows(context, order.get(at..end).unwrap_or_default());
                if end < order.len() {
                    Stage::Check(order, end)
                } else {
                    self.skip_missing(context);
                    let lines = std::mem::take(&mut self.hash_input);
                    let hashing = lines.into_hasher(&self.bindings, self.request.spec.wanted);
                    Stage::Hash(Box::new(hashing))
                }
            }
            Stage::Hash(mut hashing) => match hashing.step(budget.hash_bytes) {
                None => Stage::Hash(hashing),
                Some(hash) => return Ok(Box::new(self.build(context, hash))),
            },
        };
        Err(self)
    }

    /// Judges some rows, which come in the order of their keys.
    fn check_rows(&mut self, context: Context<'_>, rows: &[RowId]) {
        let wish = self.request.spec;
        let wanted = wish.wanted;
        let mut last: Option<ProfileSlot> = None;
        for (&row, key) in rows.iter().zip(context.data.table.keys(rows)) {
            let state = context.data.profile_for_row(row);
            let slot = context.data.table.slot(row);
            if let Some(state) = state.filter(|_| last != Some(slot)) {
                last = Some(slot);
                self.bindings.insert(state.profile.binding.clone());
            }
            let standing = standing(context, row);
            let before = standing.effective;
            self.hash_input.push(&key, Some(before));
            let gone = context.data.table.is_gone(row);
            match judge::check_eligibility(context, state, gone, &key, standing, wish) {
                Ok(Judged {
                    wanted: stored,
                    storage_target,
                    inexact_mapping,
                }) => {
                    let profile = || key.profile.clone();
                    self.inexact_mappings
                        .extend(inexact_mapping.map(|(asked, stored)| (profile(), asked, stored)));
                    let change = PlannedChange {
                        key,
                        before,
                        wanted: stored,
                        storage_target,
                        remote_status: standing.remote,
                    };
                    self.summary
                        .add_eligible(context, wanted, &change, Some(row));
                    self.eligible.push(change);
                    self.rows.push(row);
                }
                Err((code, reason)) => {
                    self.skipped_rows.push(row);
                    self.add_skipped(skip(key, Some(before), code, reason));
                }
            }
        }
    }

    /// What nothing has is left alone, and listed.
    fn skip_missing(&mut self, context: Context<'_>) {
        for key in std::mem::take(&mut self.missing) {
            if let Some(state) = context.data.profile(&key.profile) {
                self.bindings.insert(state.profile.binding.clone());
            }
            self.hash_input.push(&key, None);
            self.add_skipped(skip(key, None, SkipCode::NotFound, None));
        }
        self.skipped.sort_by(|a, b| a.key.cmp(&b.key));
    }

    fn add_skipped(&mut self, skipped: Skipped) {
        self.summary.add_skipped(&skipped);
        self.skipped.push(skipped);
    }

    fn build(self, context: Context<'_>, hash: String) -> BuiltPlan {
        let shares = shares(context, &self.eligible);
        let (requests, reads, eta_seconds) = cost(context, &shares);
        let hidden = if context.setup.headless {
            0
        } else {
            self.targets.len()
                - self
                    .targets
                    .intersection_len(&context.workspace.leaks.visible_rows)
        };
        BuiltPlan {
            plan: Plan {
                hash,
                command: self.request.spec.command,
                wanted: self.request.spec.wanted,
                shares,
                eligible: self.eligible,
                skipped: self.skipped,
                requests,
                reads,
                eta_seconds,
                inexact_mappings: self
                    .inexact_mappings
                    .into_iter()
                    .map(|mapping| inexact_mapping(context, mapping))
                    .collect(),
                hidden,
                built_at: self.started_at.wall,
                source_job: None,
            },
            summary: self.summary.build(),
            rows: self.rows,
            skipped_rows: self.skipped_rows,
            targets: self.targets,
        }
    }
}

/// A status that a profile stores as another one, and whether the operator has said yes to that before.
pub(super) fn inexact_mapping(
    context: Context<'_>,
    mapping: (ProfileName, Status, Status),
) -> InexactMapping {
    let confirmed = context.data.accepted_mappings.contains(&mapping);
    let (profile, wanted, stored) = mapping;
    InexactMapping {
        profile,
        wanted,
        stored,
        is_confirmed: confirmed,
    }
}
