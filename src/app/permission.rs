//! Whether this console may change anything now, and why not.

use super::model::{Context, JournalAccess};
use crate::entity::profile::ProfileBinding;

/// Why nothing can be changed in this run, whatever the operator does.
pub fn write_forbidden(context: Context<'_>) -> Option<String> {
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
    if let Some(why) = write_forbidden(context) {
        return Some(why);
    }
    if context.access.write_lock {
        return Some("writes are locked in this console: % unlocks them".into());
    }
    journal_unwritable(context)
}

/// Why the journal cannot be written here.
pub fn journal_unwritable(context: Context<'_>) -> Option<String> {
    match &context.access.journal {
        JournalAccess::Writer => None,
        JournalAccess::Follower { holder } => {
            Some(format!("another console holds the journal: {holder}"))
        }
        JournalAccess::ReadOnly { reason: why } => {
            Some(format!("the journal is open for reading only: {why}"))
        }
    }
}

/// Whether the profile of that name is still the account that a job is bound to.
pub(in crate::app) fn check_same_account(
    context: Context<'_>,
    binding: &ProfileBinding,
) -> Result<(), String> {
    match context.data.profile(&binding.name) {
        None => Err(format!("{} is not a profile of this run", binding.name)),
        Some(state) if state.profile.binding != *binding => Err(format!(
            "{} is another provider, address or team now than the job was confirmed for",
            binding.name
        )),
        Some(_) => Ok(()),
    }
}
