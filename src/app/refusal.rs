//! Attempts that a rule forbids stand in the audit log too, where this console can write it.

use super::{
    effect::{AuditNote, Effect, OutputEffect},
    model::{Context, JournalAccess},
    overlay::PlanOverlay,
};
use crate::{
    action::{Action, Rule, Target},
    app::{permission, targets},
    entity::key::EntityKey,
};

/// The line of an action that cannot be done now, if it is a rule that forbids it.
pub(super) fn audit_refused_action(context: Context<'_>, action: Action, why: &str) -> Vec<Effect> {
    let policy = &context.setup.policy;
    let cursor = || {
        let handle = context.workspace.leaks.list.cursor();
        handle.map(|handle| context.data.table.key(handle))
    };
    let needs = action.requirement();
    let (name, keys): (_, Vec<EntityKey>) = match needs.rule {
        Rule::Reveal if !policy.reveal => ("reveal", cursor().into_iter().collect()),
        Rule::CopySecret if !(policy.reveal && policy.copy_secrets) => {
            ("copy_secret", cursor().into_iter().collect())
        }
        Rule::Write if permission::refused(context).is_some() => {
            let handles = match needs.target {
                Target::Leaks => targets::targets(context).0,
                Target::None | Target::Leak | Target::Job => Vec::new(),
            };
            let keys = handles
                .into_iter()
                .map(|handle| context.data.table.key(handle));
            ("plan", keys.collect())
        }
        Rule::None
        | Rule::Write
        | Rule::Journal
        | Rule::JobControl
        | Rule::Reveal
        | Rule::CopySecret => return Vec::new(),
    };
    audit_line(context, name, keys, why)
}

/// The line of a plan that may not be applied.
pub(super) fn audit_refused_plan(
    context: Context<'_>,
    overlay: Option<&PlanOverlay>,
    why: &str,
) -> Vec<Effect> {
    let Some(overlay) = overlay else {
        return Vec::new();
    };
    let changes = overlay.plan.eligible.iter();
    audit_line(
        context,
        "plan",
        changes.map(|c| c.key.clone()).collect(),
        why,
    )
}

fn audit_line(
    context: Context<'_>,
    action: &'static str,
    keys: Vec<EntityKey>,
    why: &str,
) -> Vec<Effect> {
    // One that watches cannot write it: who has the journal stands in the notice, and the notice in the log.
    if context.access.journal != JournalAccess::Writer {
        return Vec::new();
    }
    let profile = match &keys[..] {
        [key] => Some(key.profile.clone()),
        _ => None,
    };
    vec![Effect::Output(OutputEffect::WriteAuditLine(Box::new(
        AuditNote {
            profile,
            action,
            keys,
            outcome: format!("refused: {why}"),
            detail: None,
        },
    )))]
}
