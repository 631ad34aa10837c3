//! Statuses that are kept here under the name of a profile that is no longer configured: a renamed profile hides what an
//! analyst has found out, so that it is said wherever a run begins.

use super::{context::CommandContext, failure::Failure};
use crate::{
    config::Config,
    entity::local_status::{MOVE_HINT, ProfileStatusCount},
    journal::Journal,
};

/// Looks into a journal that is open; the configuration is one with every profile of its file.
pub(super) async fn find(
    config: &Config,
    journal: &Journal,
) -> Result<Vec<ProfileStatusCount>, Failure> {
    let mut under = journal
        .local_status_counts()
        .await
        .map_err(|error| Failure::from(&error))?;
    // Those too that have a fault are configured.
    under.retain(|under| {
        let name = under.profile.as_str();
        let broken = || {
            config
                .excluded_profile_problems()
                .any(|(known, _)| known == name)
        };
        let known = config.profiles.iter().any(|profile| {
            let settings = &profile.settings;
            settings.name == under.profile && settings.provider == under.provider
        });
        !known && !broken()
    });
    Ok(under)
}

/// Tells it beside the result of a command.
pub(super) fn notify(session: &mut CommandContext, left: &[ProfileStatusCount]) {
    for under in left {
        session
            .output
            .notice(&format!("stanch: {under}\nhint: {MOVE_HINT}"));
    }
}
