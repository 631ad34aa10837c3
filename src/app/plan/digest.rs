//! What a plan comes to, in numbers: counted once, while it is made, and not for each frame that shows it.

use crate::{
    app::{claims, model::Context},
    entity::{
        job::{Plan, PlannedChange, Skipped, StorageTarget},
        leak::LeakField,
        status::Status,
    },
    table::RowId,
};
use std::collections::{BTreeMap, HashMap};

/// So many domains are named.
const MAX_NAMED_DOMAINS: usize = 5;

/// A plan in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanSummary {
    /// Changes that are kept here alone.
    pub local_count: usize,
    /// What the leaks are now, in words.
    pub current_statuses: BTreeMap<(Status, &'static str), usize>,
    /// What they shall become.
    pub target_statuses: BTreeMap<Status, usize>,
    /// The domains with the most of them.
    pub domains: Vec<(Vec<u8>, usize)>,
    /// How many other domains there are.
    pub other_domains: usize,
    /// Why others are left alone.
    pub skip_reasons: BTreeMap<String, usize>,
    /// Who else works on them.
    pub claim_holders: BTreeMap<String, usize>,
}

/// A digest that is being counted.
#[derive(Clone, Debug, Default)]
pub(super) struct SummaryBuilder {
    summary: PlanSummary,
    domains: HashMap<Vec<u8>, usize>,
}

impl SummaryBuilder {
    /// Counts a change; its row, where it has one.
    pub(super) fn add_eligible(
        &mut self,
        context: Context<'_>,
        wanted: Status,
        change: &PlannedChange,
        row: Option<RowId>,
    ) {
        let digest = &mut self.summary;
        digest.local_count += usize::from(change.storage_target == StorageTarget::Local);
        let words = row.map_or(change.before.label(), |row| {
            status_label(context, row, change.before)
        });
        *digest
            .current_statuses
            .entry((change.before, words))
            .or_default() += 1;
        let then = match change.storage_target {
            StorageTarget::Both => wanted,
            StorageTarget::Remote | StorageTarget::Local => change.wanted,
        };
        *digest.target_statuses.entry(then).or_default() += 1;
        if let Some(row) = row {
            let domain = context.data.table.text(row, LeakField::Domain);
            match self.domains.get_mut(&*domain) {
                Some(count) => *count += 1,
                None => {
                    self.domains.insert(domain.into_owned(), 1);
                }
            }
            add_claim_holder(context, &mut digest.claim_holders, row);
        }
    }

    /// Counts a target that is left alone.
    pub(super) fn add_skipped(&mut self, skipped: &Skipped) {
        let reasons = &mut self.summary.skip_reasons;
        match reasons.get_mut(&skipped.reason) {
            Some(count) => *count += 1,
            None => {
                reasons.insert(skipped.reason.clone(), 1);
            }
        }
    }

    /// All are counted.
    pub(super) fn build(self) -> PlanSummary {
        let mut digest = self.summary;
        let mut domains: Vec<_> = self.domains.into_iter().collect();
        domains.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        digest.other_domains = domains.len().saturating_sub(MAX_NAMED_DOMAINS);
        domains.truncate(MAX_NAMED_DOMAINS);
        digest.domains = domains;
        digest
    }
}

/// The digest of a plan that is there already.
pub(super) fn summarize(context: Context<'_>, plan: &Plan) -> PlanSummary {
    let mut counting = SummaryBuilder::default();
    for change in &plan.eligible {
        counting.add_eligible(
            context,
            plan.wanted,
            change,
            context.data.table.find(&change.key),
        );
    }
    for skipped in &plan.skipped {
        counting.add_skipped(skipped);
    }
    counting.build()
}

/// A status in words. A provider that tells no status is not one whose word we do not know.
pub fn status_label(context: Context<'_>, row: RowId, status: Status) -> &'static str {
    let tells = || {
        !context
            .data
            .table
            .text(row, LeakField::RemoteStatus)
            .is_empty()
    };
    match status {
        Status::Unknown if !tells() => "no status",
        status => status.label(),
    }
}

fn add_claim_holder(context: Context<'_>, claimed: &mut BTreeMap<String, usize>, row: RowId) {
    if let Some(claim) = claims::active_claim(context, row).filter(|claim| !claim.is_own) {
        *claimed.entry(claims::holder_label(claim)).or_default() += 1;
    }
}

/// Counts anew who else works on the leaks of a plan.
pub(in crate::app) fn claimed(context: Context<'_>, plan: &Plan) -> BTreeMap<String, usize> {
    let mut claimed = BTreeMap::new();
    if claims::has_active_claims(context) {
        for change in &plan.eligible {
            if let Some(row) = context.data.table.find(&change.key) {
                add_claim_holder(context, &mut claimed, row);
            }
        }
    }
    claimed
}
