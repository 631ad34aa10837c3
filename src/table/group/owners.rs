//! Which profiles have a group: leaks of theirs are in it, or they watch it.

use super::{Filed, GroupId, GroupKind, mapped_group, set_mapped};
use crate::{
    entity::{host, placeholder::is_placeholder},
    table::{ProfileSlot, Table, columns::RowValues, interner::NO_VALUE},
};
use fixedbitset::FixedBitSet;

impl Table {
    /// Notes that a profile has the groups of rows: each group in turn, so that what is next in the memory is near.
    pub(in crate::table) fn add_owner_for_rows(&mut self, slot: ProfileSlot, rows: &[RowValues]) {
        for row in rows {
            self.add_owner_for_domain(slot, row.domain);
        }
        let groups = &mut self.groups;
        for row in rows {
            groups.add_owner(
                GroupKind::User,
                mapped_group(&groups.user_by_login, row.login),
                slot,
            );
        }
        for row in rows {
            groups.add_owner(
                GroupKind::Resource,
                mapped_group(&groups.resource_by_url, row.url),
                slot,
            );
        }
        let mut new_of_leaks = Vec::new();
        for row in rows {
            let endpoint = mapped_group(&groups.endpoint_by_machine, row.machine);
            if let Some(GroupId(at)) = endpoint {
                let of_leaks = &mut groups.endpoints[at as usize].seen_in_leaks;
                if !std::mem::replace(of_leaks, true) {
                    new_of_leaks.push(at);
                }
            }
            groups.add_owner(GroupKind::Endpoint, endpoint, slot);
        }
        let some = |number: u32| (number != NO_VALUE).then_some(GroupId(number));
        for row in rows {
            groups.add_owner(GroupKind::Breach, some(row.breach), slot);
            groups.add_owner(GroupKind::Credential, some(row.credential), slot);
        }
        self.note_hosts(&new_of_leaks);
    }

    /// Notes that a profile has a domain. Returns its group, unless the text is a placeholder.
    pub(in crate::table) fn add_owner_for_domain(
        &mut self,
        slot: ProfileSlot,
        domain: u32,
    ) -> Option<GroupId> {
        let at = slot.0 as usize;
        let groups = &mut self.groups;
        if groups.domains_of_slot.len() <= at {
            groups.domains_of_slot.resize(at + 1, FixedBitSet::new());
        }
        if groups.domains_of_slot[at].contains(domain as usize) {
            return mapped_group(&groups.domain_by_text, domain);
        }
        let text = self.domains.get(domain);
        let text = text.filter(|text| !is_placeholder(text))?;
        let normal = host::normalize(text);
        let normal = if *normal == *text {
            domain
        } else {
            let normal = normal.into_owned();
            self.domains.intern(&normal)
        };
        let groups = &mut self.groups;
        let group = mapped_group(&groups.domain_by_text, normal).unwrap_or_else(|| {
            groups.domains.push(Filed {
                normal,
                shown: domain,
            });
            GroupId((groups.domains.len() - 1) as u32)
        });
        // The name is that of the first by its letters, whichever came first; capitals alone are no other name.
        let known = groups.domains[group.0 as usize].shown;
        if known != domain && self.domains.folded(domain) < self.domains.folded(known) {
            groups.domains[group.0 as usize].shown = domain;
        }
        for number in [normal, domain] {
            set_mapped(&mut groups.domain_by_text, number, group.0);
            groups.domains_of_slot[at].grow_and_insert(number as usize);
        }
        groups.add_owner(GroupKind::Domain, Some(group), slot);
        Some(group)
    }

    /// Returns true if leaks of a profile are filed under a domain, or the profile watches it.
    pub fn has_domain(&self, slot: ProfileSlot, domain: GroupId) -> bool {
        let filed = self.groups.domains.get(domain.0 as usize);
        let of_slot = self.groups.domains_of_slot.get(slot.0 as usize);
        filed
            .zip(of_slot)
            .is_some_and(|(filed, of_slot)| of_slot.contains(filed.normal as usize))
    }

    /// Takes in the domains that a profile watches, whether leaks are filed under them or not, in place of those before.
    pub fn set_watched_domains<'n>(
        &mut self,
        slot: ProfileSlot,
        names: impl IntoIterator<Item = &'n [u8]>,
    ) {
        let mut watched = Vec::new();
        for name in names {
            let text = self.domains.intern(name);
            watched.extend(self.add_owner_for_domain(slot, text));
        }
        watched.sort_unstable();
        watched.dedup();
        let at = slot.0 as usize;
        if self.groups.watched.len() <= at {
            self.groups.watched.resize(at + 1, Vec::new());
        }
        self.groups.watched[at] = watched;
    }

    /// The profile and the domain of each that a profile watches.
    pub(in crate::table) fn watched_domains(&self) -> impl Iterator<Item = (ProfileSlot, GroupId)> {
        let slots = (0..).map(ProfileSlot).zip(&self.groups.watched);
        slots.flat_map(|(slot, watched)| watched.iter().map(move |group| (slot, *group)))
    }

    /// Notes that a profile has a group.
    pub(in crate::table) fn add_owner_for_group(
        &mut self,
        kind: GroupKind,
        group: GroupId,
        slot: ProfileSlot,
    ) {
        self.groups.add_owner(kind, Some(group), slot);
    }
}
