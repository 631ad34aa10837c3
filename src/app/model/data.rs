//! What is known: the leaks, and everything else that providers and the journal have told.

use crate::{
    app::{
        changed_files::Files, digest::Digest, model::GroupRef, natives::ListedProgress,
        paging::Paging,
    },
    entity::{
        domain::Domain,
        error::ProviderError,
        files::ImportReport,
        key::{EntityKey, ProfileName, RequestId},
        profile::{Profile, RateBudget},
        status::Status,
    },
    table::{ProfileSlot, RowId, Table},
};
use std::collections::{BTreeSet, HashMap};

/// What was asked for, and the groups that came; an answer that is not here yet has none.
pub type RelatedGroups = HashMap<EntityKey, BTreeSet<GroupRef>>;

/// What is known. Only what providers and the journal tell changes it.
#[derive(Clone, Debug)]
pub struct Data {
    /// The leaks.
    pub table: Table,
    /// What is kept of readings where few of their rows are needed; without it every row comes into the table.
    pub digest: Option<Box<Digest>>,
    /// What providers say belongs to what.
    pub related: RelatedGroups,
    /// The accounts.
    pub profiles: Vec<ProfileState>,
    /// Statuses that a profile stores as another one, and that the operator has said yes to: wanted, stored.
    pub accepted_mappings: BTreeSet<(ProfileName, Status, Status)>,
    /// How many statuses we keep.
    pub local_status_count: usize,
    /// No profile is configured: there is nothing to read, and the first-run screen is shown.
    pub first_run: bool,
}

impl Data {
    /// Returns the profile of this name.
    pub fn profile(&self, name: &ProfileName) -> Option<&ProfileState> {
        let mut profiles = self.profiles.iter();
        profiles.find(|state| state.profile.binding.name == *name)
    }

    pub(crate) fn profile_mut(&mut self, name: &ProfileName) -> Option<&mut ProfileState> {
        let mut profiles = self.profiles.iter_mut();
        profiles.find(|state| state.profile.binding.name == *name)
    }

    /// Returns the profile that a row belongs to.
    pub fn profile_for_row(&self, handle: RowId) -> Option<&ProfileState> {
        let slot = self.table.slot(handle);
        self.profiles.iter().find(|state| state.slot == slot)
    }

    /// Returns true if the lists of all profiles are complete.
    pub fn is_complete(&self) -> bool {
        self.profiles.iter().all(|state| state.paging.is_complete())
    }

    /// Returns what the last readings of files found, by profile.
    pub fn reports(&self) -> impl Iterator<Item = (&ProfileName, &ImportReport)> {
        self.profiles.iter().filter_map(|state| {
            let report = state.files.report.as_deref()?;
            Some((&state.profile.binding.name, report))
        })
    }

    /// Returns true while pages of any profile's list are on their way.
    pub fn is_loading(&self) -> bool {
        self.profiles.iter().any(|state| state.paging.is_loading())
    }
}

/// Numbers for requests: an answer names the request that it is for, and a cancelled request is known by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    last: u64,
}

impl Requests {
    /// Returns a number that was not used before.
    pub(crate) fn next_id(&mut self) -> RequestId {
        self.last += 1;
        RequestId(self.last)
    }
}

/// A profile and everything that came from it.
#[derive(Clone, Debug)]
pub struct ProfileState {
    /// What it is.
    pub profile: Profile,
    /// Its number in the table.
    pub slot: ProfileSlot,
    /// How far its leaks are read.
    pub paging: Paging,
    /// How far the users and connections are read that it lists itself.
    pub listed: ListedProgress,
    /// Its watched domains, once they came.
    pub domains: Option<Vec<Domain>>,
    /// Which request asks for them.
    pub domains_request: Option<RequestId>,
    /// Why they did not come.
    pub domains_error: Option<ProviderError>,
    /// Its request budget.
    pub budget: RateBudget,
    /// The files that its leaks are in, where they are in files.
    pub files: Files,
}
