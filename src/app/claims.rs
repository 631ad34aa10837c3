//! Claims: who works on a leak. They act at once and last eight hours; while this console runs it renews its own. What
//! another has claimed is never taken by the key that claims.

use super::{
    effect::{ClaimEffect, Effect},
    local,
    model::{Context, FeatureUpdate, JournalAccess},
    notice::Severity,
};
use crate::{
    action::Action,
    app::targets,
    entity::{
        claim::{CLAIM_DURATION, Claim, ClaimOperation, ClaimResult},
        error::JournalError,
        number::group_digits,
        visible::escape,
    },
    table::RowId,
};
use std::{collections::BTreeSet, time::Duration};

/// `a` claims or gives back; another key takes over.
pub(super) fn act(context: Context<'_>, action: Action) -> Vec<Effect> {
    if action == Action::TakeOver {
        take_over(context)
    } else {
        toggle(context)
    }
}

/// Our claims end later now, or do not; either way they are read again.
pub(super) fn on_renewed(
    update: &mut FeatureUpdate<'_>,
    result: Result<u64, JournalError>,
) -> Vec<Effect> {
    if let Err(error) = result {
        update.report(Err(error.to_string()), "claims were not renewed");
    }
    vec![local::load(update.context)]
}

/// `a`: claims the targets, or gives them back when all of them are ours.
fn toggle(context: Context<'_>) -> Vec<Effect> {
    let (handles, _) = targets::targets(context);
    let is_ours = |handle: &RowId| active_claim(context, *handle).is_some_and(|claim| claim.is_own);
    let act = if handles.iter().all(is_ours) {
        ClaimOperation::Release
    } else {
        ClaimOperation::Claim
    };
    change_claims(context, &handles, act)
}

/// Claims the targets whoever has them.
fn take_over(context: Context<'_>) -> Vec<Effect> {
    let (handles, _) = targets::targets(context);
    change_claims(context, &handles, ClaimOperation::Take)
}

fn change_claims(context: Context<'_>, handles: &[RowId], act: ClaimOperation) -> Vec<Effect> {
    let profiles = context.data.table.profiles();
    let leaks: Vec<_> = handles
        .iter()
        .filter_map(|handle| {
            let (_, provider) = profiles.get(usize::from(context.data.table.slot(*handle).0))?;
            Some((context.data.table.key(*handle), provider.clone()))
        })
        .collect();
    if leaks.is_empty() {
        return Vec::new();
    }
    vec![Effect::Claims(ClaimEffect::ChangeClaims {
        leaks,
        operation: act,
    })]
}

/// The claim on a row that holds now.
pub fn active_claim(context: Context<'_>, handle: RowId) -> Option<&Claim> {
    let claim = context.data.table.claim(handle)?;
    (claim.expires_at > context.now.wall).then_some(claim)
}

/// Whether any claim holds now.
pub fn has_active_claims(context: Context<'_>) -> bool {
    context
        .data
        .table
        .claims()
        .any(|claim| claim.expires_at > context.now.wall)
}

/// The claims are on disk, or are not.
pub fn on_claimed(
    update: &mut FeatureUpdate<'_>,
    act: ClaimOperation,
    result: Result<ClaimResult, JournalError>,
) -> Vec<Effect> {
    let claimed = match result {
        Ok(claimed) => claimed,
        Err(error) => {
            update.report(Err(error.to_string()), "nothing was claimed");
            return Vec::new();
        }
    };
    let count = claimed.changed.len();
    let done = match act {
        // Those that had a holder, and those that had none: now they are claimed.
        ClaimOperation::Claim | ClaimOperation::Take => "claimed for eight hours",
        ClaimOperation::Release => "given back",
    };
    let leaks = if count == 1 { "leak" } else { "leaks" };
    let mut text = format!("{} {leaks} {done}", group_digits(count as u64));
    let mut severity = Severity::Info;
    let mut hint = None;
    if !claimed.held_by_others.is_empty() {
        let names: BTreeSet<_> = claimed
            .held_by_others
            .iter()
            .map(|(_, claim)| holder_label(claim))
            .collect();
        let names: Vec<_> = names.into_iter().collect();
        let held = group_digits(claimed.held_by_others.len() as u64);
        let names = names.join(", ");
        if count == 0 {
            text = format!("nothing was claimed: {held} claimed by {names}");
        } else {
            text.push_str(&format!("; {held} skipped, claimed by {names}"));
        }
        severity = Severity::Warning;
        let key = update.context.keys.first(Action::TakeOver);
        hint = key.map(|key| format!("{key} takes them over"));
    }
    update.notify(severity, text, hint);
    vec![local::load(update.context)]
}

/// Whose a claim is, for the screen: user, host and console.
pub fn holder_label(claim: &Claim) -> String {
    let words = format!(
        "{} ({})",
        claim.claimant.user_at_host(),
        claim.claimant.console
    );
    escape(words.as_bytes()).as_str().to_owned()
}

/// When claims have to be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Since the start; `None` where there are none.
    pub due: Option<Duration>,
}

impl Claims {
    /// Sets when claims have to be looked at again: half way through our own lease, or when one runs out.
    pub(super) fn schedule(&mut self, context: Context<'_>) {
        let wall = context.now.wall;
        let writes = context.access.journal == JournalAccess::Writer;
        let claims = context.data.table.claims();
        let soonest = claims
            .map(|claim| {
                let left =
                    Duration::try_from(claim.expires_at.duration_since(wall)).unwrap_or_default();
                if claim.is_own && writes {
                    left.saturating_sub(CLAIM_DURATION / 2)
                } else {
                    left
                }
            })
            .min();
        // Never at once: what cannot be renewed must not be tried without end.
        self.due = soonest.map(|left| context.now.since_start + left.max(Duration::from_secs(60)));
    }

    /// What is due about claims: ours are renewed, and all are read again.
    pub(super) fn due(&mut self, context: Context<'_>) -> Option<Effect> {
        self.due.filter(|due| *due <= context.now.since_start)?;
        self.due = None;
        Some(if context.access.journal == JournalAccess::Writer {
            Effect::Claims(ClaimEffect::RenewClaims)
        } else {
            local::load(context)
        })
    }
}
