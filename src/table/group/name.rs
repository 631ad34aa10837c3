//! What groups are called.

use super::{GroupId, GroupKind, NO_VALUE, Table};
use crate::{entity::placeholder::is_placeholder, filter::case_fold};
use std::borrow::Cow;

impl Table {
    /// What to call a group: the domain, the compared login, the machine's host name (else its hardware id, its
    /// address or what a provider calls it), the host, the breach, the login with the beginning of the fingerprint,
    /// the profile, the paste, the provider, the country.
    pub fn group_name(&self, kind: GroupKind, group: GroupId) -> Cow<'_, [u8]> {
        let at = group.0 as usize;
        match kind {
            GroupKind::Domain => self.domains.get(self.groups.domains[at].shown),
            GroupKind::User => self.user_name(group.0),
            GroupKind::Resource => self.names.get(self.groups.resources[at].0),
            GroupKind::Breach => self.breaches.names.get(group.0),
            GroupKind::Profile => Some(self.profiles[at].0.as_str().as_bytes()),
            GroupKind::Paste => self.listed_entities.pastes.get(group.0),
            GroupKind::Country => self.countries.get(group.0),
            GroupKind::Source => {
                let profile = self.source_slot(group).map(|slot| slot.0 as usize);
                let profile = profile.and_then(|at| self.profiles.get(at));
                profile.map(|(_, provider)| provider.as_str().as_bytes())
            }
            GroupKind::Credential => return self.credential_name(group).into(),
            GroupKind::Endpoint => {
                let machine = self.endpoint_machine(group);
                let own = [
                    self.hostnames.get(machine.hostname),
                    self.machine_texts.get(machine.hardware_id),
                    self.machine_texts.get(machine.ip),
                ]
                .into_iter()
                .flatten()
                .find(|text| !is_placeholder(text));
                own.or_else(|| {
                    let listed = self.listed_entities(kind, group);
                    listed.first()?.name()
                })
            }
        }
        .unwrap_or_default()
        .into()
    }

    /// What to call a group, in lower case.
    pub(in crate::table) fn folded_name(&self, kind: GroupKind, group: GroupId) -> Cow<'_, [u8]> {
        // Most are kept in lower case, and cost neither a search for what came nor a copy.
        match kind {
            GroupKind::User => {
                let user = self.groups.users[group.0 as usize];
                return self.logins.folded(user.display_login);
            }
            GroupKind::Domain => {
                let domain = self.groups.domains[group.0 as usize];
                return self.domains.folded(domain.shown);
            }
            GroupKind::Endpoint => {
                let host = self.endpoint_machine(group).hostname;
                if host != NO_VALUE {
                    let name = self.hostnames.folded(host);
                    if !is_placeholder(&name) {
                        return name;
                    }
                }
            }
            _ => {}
        }
        match self.group_name(kind, group) {
            Cow::Borrowed(name) => case_fold(name),
            Cow::Owned(name) => case_fold(&name).into_owned().into(),
        }
    }

    fn user_name(&self, user: u32) -> Option<&[u8]> {
        self.logins
            .get(self.groups.users.get(user as usize)?.display_login)
    }

    /// The login and the beginning of the fingerprint: enough to tell two apart, too little to look one up.
    fn credential_name(&self, group: GroupId) -> Vec<u8> {
        let fingerprint = self
            .credentials
            .get(group.0)
            .map(|fingerprint| fingerprint.to_string());
        let begin = fingerprint
            .as_deref()
            .and_then(|fingerprint| fingerprint.get(..8));
        let begin = begin.unwrap_or_default();
        match self.user_name(self.credentials.user(group.0)) {
            Some(login) => [login, " \u{b7} ".as_bytes(), begin.as_bytes()].concat(),
            None => begin.as_bytes().to_vec(),
        }
    }

    /// A user's login as it came first.
    pub(in crate::table) fn first_login(&self, group: GroupId) -> &[u8] {
        let user = &self.groups.users[group.0 as usize];
        let login = self.logins.get(user.first_login);
        login
            .or_else(|| self.logins.get(user.display_login))
            .unwrap_or_default()
    }

    /// A URL that led to a resource.
    pub(in crate::table) fn resource_url(&self, group: GroupId) -> &[u8] {
        let (_, url) = self.groups.resources[group.0 as usize];
        self.urls.get(url).unwrap_or_default()
    }
}
