//! A plan in the making. A hundred thousand leaks take longer than a key may wait, so that it is made in turns, between
//! one message and the next: targets are put in the order of their keys, judged one after the other, and their lines are
//! hashed. What the table says of a leak counts at the moment when it is judged.

use super::{
    cost::{cost, shares},
    digest::{Counting, Digest},
    judge::{self, Judged, Wish, skip, standing},
};
use crate::{
    app::{message::Now, model::Context, targets::Target},
    entity::{
        claim::Words,
        job::{
            InexactMapping, JobCommand, Plan, PlanHashInput, PlanHasher, PlannedChange, SkipCode,
            Skipped,
        },
        key::{EntityKey, ProfileName},
        profile::ProfileBinding,
        status::Status,
    },
    table::{Handle, Marks, Slot, Sorting},
};
use std::collections::BTreeSet;

/// So much is done in one turn: less than a key may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    cast: usize,
    settle: usize,
    judge: usize,
    hash: usize,
}

/// A turn's.
pub(super) const TURN: Budget = Budget {
    cast: 32_768,
    settle: 8_192,
    judge: 4_096,
    hash: 1 << 20,
};

/// All of it.
const ALL: Budget = Budget {
    cast: usize::MAX,
    settle: usize::MAX,
    judge: usize::MAX,
    hash: usize::MAX,
};

/// What a plan is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) wish: Wish,
    /// Whose targets these are, in words.
    pub(super) targets: String,
    /// Why it is made, where that was said already.
    pub(super) words: Words,
}

/// A plan in the making.
#[derive(Clone, Debug)]
pub struct Making {
    pub(super) asked: Asked,
    /// When it was begun.
    pub(super) begun: Now,
    stage: Stage,
    targets: Marks,
    missing: BTreeSet<EntityKey>,
    eligible: Vec<PlannedChange>,
    rows: Vec<Handle>,
    left: Vec<Handle>,
    skipped: Vec<Skipped>,
    lines: PlanHashInput,
    bindings: BTreeSet<ProfileBinding>,
    lossy: BTreeSet<(ProfileName, Status, Status)>,
    counting: Counting,
}

#[derive(Clone, Debug)]
enum Stage {
    Cast(Box<Sorting>),
    Settle(Box<Sorting>, Vec<Handle>),
    Judge(Vec<Handle>, usize),
    Hash(Box<PlanHasher>),
}

/// A plan that is made, and what belongs to it here.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) digest: Digest,
    /// The rows of the changes, in their order.
    pub(super) rows: Vec<Handle>,
    /// The rows of what is left alone, in its order.
    pub(super) left: Vec<Handle>,
    /// The rows of all targets.
    pub(super) targets: Marks,
}

/// Makes a plan, to the end, that leaves closed leaks of another kind alone.
pub fn make(
    context: Context<'_>,
    command: JobCommand,
    wanted: Status,
    targets: &[Target],
    now: Now,
) -> Plan {
    let wish = Wish {
        command,
        wanted,
        include_closed: false,
    };
    make_as(context, wish, targets, now)
}

/// Makes a plan, to the end.
pub fn make_as(context: Context<'_>, wish: Wish, targets: &[Target], now: Now) -> Plan {
    let (mut rows, mut missing) = (Vec::with_capacity(targets.len()), BTreeSet::new());
    for target in targets {
        match target {
            Target::Row(row) => rows.push(*row),
            Target::Missing(key) => {
                missing.insert(key.clone());
            }
        }
    }
    let asked = Asked {
        wish,
        targets: String::new(),
        words: Words::default(),
    };
    Making::new(context, asked, rows, missing, now)
        .finish(context)
        .plan
}

impl Making {
    /// Begins, with rows and with keys that nothing has.
    pub(super) fn new(
        context: Context<'_>,
        asked: Asked,
        mut rows: Vec<Handle>,
        mut missing: BTreeSet<EntityKey>,
        now: Now,
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
            asked,
            begun: now,
            eligible: Vec::with_capacity(rows.len()),
            rows: Vec::with_capacity(rows.len()),
            stage: Stage::Cast(Box::new(context.data.table.sorting_by_key(rows))),
            targets,
            missing,
            skipped: Vec::new(),
            left: Vec::new(),
            lines,
            bindings: BTreeSet::new(),
            lossy: BTreeSet::new(),
            counting: Counting::default(),
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
    pub(super) fn finish(self, context: Context<'_>) -> Made {
        let mut making = Box::new(self);
        loop {
            match making.step(context, ALL) {
                Ok(made) => return *made,
                Err(more) => making = more,
            }
        }
    }

    /// Does some more; the plan, once it is made.
    pub(super) fn step(
        mut self: Box<Self>,
        context: Context<'_>,
        budget: Budget,
    ) -> Result<Box<Made>, Box<Self>> {
        let table = &context.data.table;
        let stage = std::mem::replace(&mut self.stage, Stage::Judge(Vec::new(), 0));
        self.stage = match stage {
            Stage::Cast(mut sorting) => match sorting.cast(table, budget.cast) {
                None => Stage::Cast(sorting),
                Some(order) => Stage::Settle(sorting, order),
            },
            Stage::Settle(mut sorting, mut order) => {
                if sorting.settle(table, &mut order, budget.settle) {
                    Stage::Judge(order, 0)
                } else {
                    Stage::Settle(sorting, order)
                }
            }
            Stage::Judge(order, at) => {
                let end = order.len().min(at.saturating_add(budget.judge));
                self.judge(context, order.get(at..end).unwrap_or_default());
                if end < order.len() {
                    Stage::Judge(order, end)
                } else {
                    self.not_found(context);
                    let lines = std::mem::take(&mut self.lines);
                    let hashing = lines.hashing(&self.bindings, self.asked.wish.wanted);
                    Stage::Hash(Box::new(hashing))
                }
            }
            Stage::Hash(mut hashing) => match hashing.step(budget.hash) {
                None => Stage::Hash(hashing),
                Some(hash) => return Ok(Box::new(self.end(context, hash))),
            },
        };
        Err(self)
    }

    /// Judges some rows, which come in the order of their keys.
    fn judge(&mut self, context: Context<'_>, rows: &[Handle]) {
        let wish = self.asked.wish;
        let wanted = wish.wanted;
        let mut last: Option<Slot> = None;
        for (&row, key) in rows.iter().zip(context.data.table.keys(rows)) {
            let state = context.data.profile_of(row);
            let slot = context.data.table.slot(row);
            if let Some(state) = state.filter(|_| last != Some(slot)) {
                last = Some(slot);
                self.bindings.insert(state.profile.binding.clone());
            }
            let standing = standing(context, row);
            let before = standing.shown;
            self.lines.push(&key, Some(before));
            let gone = context.data.table.is_gone(row);
            match judge::judge(context, state, gone, &key, standing, wish) {
                Ok(Judged {
                    wanted: stored,
                    place,
                    lossy,
                }) => {
                    let profile = || key.profile.clone();
                    self.lossy
                        .extend(lossy.map(|(asked, stored)| (profile(), asked, stored)));
                    let change = PlannedChange {
                        key,
                        before,
                        wanted: stored,
                        place,
                        remote: standing.remote,
                    };
                    self.counting.eligible(context, wanted, &change, Some(row));
                    self.eligible.push(change);
                    self.rows.push(row);
                }
                Err((code, reason)) => {
                    self.left.push(row);
                    self.leave(skip(key, Some(before), code, reason));
                }
            }
        }
    }

    /// What nothing has is left alone, and listed.
    fn not_found(&mut self, context: Context<'_>) {
        for key in std::mem::take(&mut self.missing) {
            if let Some(state) = context.data.profile(&key.profile) {
                self.bindings.insert(state.profile.binding.clone());
            }
            self.lines.push(&key, None);
            self.leave(skip(key, None, SkipCode::NotFound, None));
        }
        self.skipped.sort_by(|a, b| a.key.cmp(&b.key));
    }

    fn leave(&mut self, skipped: Skipped) {
        self.counting.skipped(&skipped);
        self.skipped.push(skipped);
    }

    fn end(self, context: Context<'_>, hash: String) -> Made {
        let shares = shares(context, &self.eligible);
        let (requests, reads, eta_seconds) = cost(context, &shares);
        let hidden = if context.setup.headless {
            0
        } else {
            self.targets.len() - self.targets.common(&context.workspace.leaks.shown)
        };
        Made {
            plan: Plan {
                hash,
                command: self.asked.wish.command,
                wanted: self.asked.wish.wanted,
                shares,
                eligible: self.eligible,
                skipped: self.skipped,
                requests,
                reads,
                eta_seconds,
                lossy: self
                    .lossy
                    .into_iter()
                    .map(|mapping| lossy_of(context, mapping))
                    .collect(),
                hidden,
                made_at: self.begun.wall,
                of: None,
            },
            digest: self.counting.end(),
            rows: self.rows,
            left: self.left,
            targets: self.targets,
        }
    }
}

/// A status that a profile stores as another one, and whether the operator has said yes to that before.
pub(super) fn lossy_of(
    context: Context<'_>,
    mapping: (ProfileName, Status, Status),
) -> InexactMapping {
    let confirmed = context.data.lossy.contains(&mapping);
    let (profile, wanted, stored) = mapping;
    InexactMapping {
        profile,
        wanted,
        stored,
        confirmed,
    }
}
