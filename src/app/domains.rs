//! The watched domains and the request budget of a profile, as they come.

use super::{
    command::Refresh,
    model::{Context, DataUpdate, Pane},
};
use crate::{
    entity::{
        domain::Domain,
        error::ProviderError,
        host,
        key::{ProfileName, RequestId},
        profile::RateBudget,
    },
    table::{GroupId, GroupKind},
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
            let names = domains.iter().map(|domain| domain.name.as_bytes());
            update.data.table.set_watched_domains(slot, names);
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

/// What the profiles that have a domain say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Watched {
    /// Whether any of them has seen a proof that it is ours. `None` where none of them says.
    pub verified: Option<bool>,
    /// Whether none of them watches it any longer. `None` where none of them says.
    pub archived: Option<bool>,
    /// Whether a list of one of them did not come.
    pub unread: bool,
}

/// Returns what the profiles that have a domain say of it. A profile that lists its verified domains says of every other
/// that it is not verified.
pub fn watched(context: Context<'_>, domain: GroupId) -> Watched {
    let table = &context.data.table;
    let name = table.group_name(GroupKind::Domain, domain);
    let name = host::normalize(&name);
    let mut watched = Watched::default();
    let profiles = context.data.profiles.iter();
    for state in profiles.filter(|state| table.has_domain(state.slot, domain)) {
        watched.unread |= state.domains.is_none() && state.domains_error.is_some();
        let Some(listed) = &state.domains else {
            continue;
        };
        let told = listed
            .iter()
            .find(|told| host::normalize(told.name.as_bytes()) == name);
        let verified = told.map_or(Some(false), |told| told.verified);
        watched.verified = match (watched.verified, verified) {
            (Some(one), Some(other)) => Some(one || other),
            (one, other) => one.or(other),
        };
        watched.archived = match (watched.archived, told.and_then(|told| told.archived)) {
            (Some(one), Some(other)) => Some(one && other),
            (one, other) => one.or(other),
        };
    }
    watched
}

/// The budget of a profile is another one now.
pub(super) fn on_budget(update: &mut DataUpdate<'_>, name: &ProfileName, budget: RateBudget) {
    if let Some(state) = update.data.profile_mut(name) {
        state.budget = budget;
    }
}
