//! What a plan comes to, in numbers: counted once, while it is made, and not for each frame that shows it.

use crate::{
    app::{claims, model::Context},
    entity::{
        job::{Place, Plan, PlannedChange, Skipped},
        leak::LeakField,
        status::Status,
    },
    table::Handle,
};
use std::collections::{BTreeMap, HashMap};

/// So many domains are named.
const NAMED: usize = 5;

/// A plan in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Digest {
    /// Changes that are kept here alone.
    pub local: usize,
    /// What the leaks are now, in words.
    pub now: BTreeMap<(Status, &'static str), usize>,
    /// What they shall become.
    pub then: BTreeMap<Status, usize>,
    /// The domains with the most of them.
    pub domains: Vec<(Vec<u8>, usize)>,
    /// How many other domains there are.
    pub other_domains: usize,
    /// Why others are left alone.
    pub reasons: BTreeMap<String, usize>,
    /// Who else works on them.
    pub claimed: BTreeMap<String, usize>,
}

/// A digest that is being counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Counting {
    digest: Digest,
    domains: HashMap<Vec<u8>, usize>,
}

impl Counting {
    /// Counts a change; its row, where it has one.
    pub(super) fn eligible(
        &mut self,
        context: Context<'_>,
        wanted: Status,
        change: &PlannedChange,
        row: Option<Handle>,
    ) {
        let digest = &mut self.digest;
        digest.local += usize::from(change.place == Place::Local);
        let words = row.map_or(change.before.in_words(), |row| {
            said(context, row, change.before)
        });
        *digest.now.entry((change.before, words)).or_default() += 1;
        let then = match change.place {
            Place::Both => wanted,
            Place::Remote | Place::Local => change.wanted,
        };
        *digest.then.entry(then).or_default() += 1;
        if let Some(row) = row {
            let domain = context.data.table.text(row, LeakField::Domain);
            match self.domains.get_mut(&*domain) {
                Some(count) => *count += 1,
                None => {
                    self.domains.insert(domain.into_owned(), 1);
                }
            }
            claim(context, &mut digest.claimed, row);
        }
    }

    /// Counts a target that is left alone.
    pub(super) fn skipped(&mut self, skipped: &Skipped) {
        let reasons = &mut self.digest.reasons;
        match reasons.get_mut(&skipped.reason) {
            Some(count) => *count += 1,
            None => {
                reasons.insert(skipped.reason.clone(), 1);
            }
        }
    }

    /// All are counted.
    pub(super) fn end(self) -> Digest {
        let mut digest = self.digest;
        let mut domains: Vec<_> = self.domains.into_iter().collect();
        domains.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        digest.other_domains = domains.len().saturating_sub(NAMED);
        domains.truncate(NAMED);
        digest.domains = domains;
        digest
    }
}

/// The digest of a plan that is there already.
pub(super) fn of(context: Context<'_>, plan: &Plan) -> Digest {
    let mut counting = Counting::default();
    for change in &plan.eligible {
        counting.eligible(
            context,
            plan.wanted,
            change,
            context.data.table.find(&change.key),
        );
    }
    for skipped in &plan.skipped {
        counting.skipped(skipped);
    }
    counting.end()
}

/// A status in words. A provider that tells no status is not one whose word we do not know.
pub fn said(context: Context<'_>, row: Handle, status: Status) -> &'static str {
    let tells = || {
        !context
            .data
            .table
            .text(row, LeakField::RemoteStatus)
            .is_empty()
    };
    match status {
        Status::Unknown if !tells() => "no status",
        status => status.in_words(),
    }
}

fn claim(context: Context<'_>, claimed: &mut BTreeMap<String, usize>, row: Handle) {
    if let Some(claim) = claims::holder(context, row).filter(|claim| !claim.mine) {
        *claimed.entry(claims::shown(claim)).or_default() += 1;
    }
}

/// Counts anew who else works on the leaks of a plan.
pub(in crate::app) fn claimed(context: Context<'_>, plan: &Plan) -> BTreeMap<String, usize> {
    let mut claimed = BTreeMap::new();
    if claims::any(context) {
        for change in &plan.eligible {
            if let Some(row) = context.data.table.find(&change.key) {
                claim(context, &mut claimed, row);
            }
        }
    }
    claimed
}
