//! A group by itself: whether it matches a filter by its own members.

use super::{GroupId, GroupKind, GroupRow, Table};
use crate::{
    entity::{connection::ConnectionKind, key::EntityKey, leak::RiskLevel, status::Status},
    filter::{Candidate, Field, Filter},
};
use std::borrow::Cow;

/// What a filter sees of a group, without looking at its leaks.
struct GroupCandidate<'t> {
    table: &'t Table,
    kind: GroupKind,
    group: GroupId,
    key: EntityKey,
    name: Cow<'t, [u8]>,
    /// How many leaks it has.
    leaks: u64,
    /// What providers call it.
    listed: Vec<&'t [u8]>,
}

impl Candidate for GroupCandidate<'_> {
    fn key(&self) -> &EntityKey {
        &self.key
    }

    fn status(&self) -> Option<Status> {
        None
    }

    fn risk(&self) -> Option<RiskLevel> {
        None
    }

    fn search_texts(&self) -> Vec<&[u8]> {
        let mut words = vec![&*self.name];
        words.extend(&self.listed);
        for field in [Field::Host, Field::Ip, Field::Os, Field::Country] {
            words.extend(self.values(field));
        }
        words
    }

    fn values(&self, field: Field) -> Vec<&[u8]> {
        let name = || vec![&*self.name];
        match (self.kind, field) {
            (GroupKind::User, Field::Login)
            | (GroupKind::Domain, Field::Domain)
            | (GroupKind::Resource, Field::Host)
            | (GroupKind::Breach, Field::Breach) => name(),
            (_, Field::Form) => kind_word(self.kind).into_iter().collect(),
            (
                GroupKind::Endpoint,
                Field::Host | Field::Ip | Field::Os | Field::Country | Field::Device,
            ) => {
                let table = self.table;
                let machine = table.endpoint_machine(self.group);
                let texts = match field {
                    Field::Host => vec![table.hostnames.get(machine.hostname)],
                    Field::Ip => vec![table.machine_texts.get(machine.ip)],
                    Field::Os => vec![table.machine_texts.get(machine.os)],
                    Field::Country => vec![table.countries.get(machine.country)],
                    _ => vec![
                        table.machine_texts.get(machine.hardware_id),
                        table.hostnames.get(machine.hostname),
                    ],
                };
                texts.into_iter().flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    fn leaks(&self) -> Option<u64> {
        Some(self.leaks)
    }
}

/// The word for a kind of connection.
fn kind_word(kind: GroupKind) -> Option<&'static [u8]> {
    let form: &'static str = match kind {
        GroupKind::Endpoint => ConnectionKind::Endpoint,
        GroupKind::Resource => ConnectionKind::Resource,
        GroupKind::Breach => ConnectionKind::Breach,
        GroupKind::Paste => ConnectionKind::Paste,
        GroupKind::Domain
        | GroupKind::User
        | GroupKind::Credential
        | GroupKind::Profile
        | GroupKind::Source
        | GroupKind::Country => {
            return None;
        }
    }
    .into();
    Some(form.as_bytes())
}

impl Table {
    /// Whether a group matches a filter by its own members; terms about leaks are not for it, see [`Filter::split_by_target`].
    pub fn group_matches(&self, kind: GroupKind, row: &GroupRow, own: &Filter) -> bool {
        let group = row.group;
        own.matches(&GroupCandidate {
            table: self,
            kind,
            group,
            key: self.group_key(kind, group),
            name: self.group_name(kind, group),
            leaks: u64::from(row.total()),
            listed: self
                .listed_entities(kind, group)
                .into_iter()
                .filter_map(|native| native.name())
                .collect(),
        })
    }
}
