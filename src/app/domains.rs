//! The watched domains and the request budget of a profile, as they come.

use super::{
    command::Refresh,
    model::{DataUpdate, Pane},
};
use crate::entity::{
    domain::Domain,
    error::ProviderError,
    key::{ProfileName, RequestId},
    profile::Budget,
};

/// The watched domains came, or did not.
pub(super) fn on_loaded(
    update: &mut DataUpdate<'_>,
    request: RequestId,
    name: &ProfileName,
    result: Result<Vec<Domain>, ProviderError>,
) {
    let Some(state) = update.data.profile_mut(name) else {
        return;
    };
    if state.domains_request != Some(request) {
        return;
    }
    let slot = state.slot;
    match result {
        Ok(domains) => {
            for domain in &domains {
                update.data.table.add_domain(slot, domain.name.as_bytes());
            }
            if let Some(state) = update.data.profile_mut(name) {
                state.domains = Some(domains);
                state.domains_error = None;
            }
        }
        Err(error) => {
            if let Some(state) = update.data.profile_mut(name) {
                state.domains_error = Some(error);
            }
        }
    }
    update.refresh(Refresh::Groups(Pane::Domains));
}
/// The budget of a profile is another one now.
pub(super) fn on_budget(update: &mut DataUpdate<'_>, name: &ProfileName, budget: Budget) {
    if let Some(state) = update.data.profile_mut(name) {
        state.budget = budget;
    }
}
