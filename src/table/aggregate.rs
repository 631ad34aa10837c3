//! Groups with their counts, and the entities that are made of them.

use super::{
    GroupId, GroupKind, RowId, Table,
    group_counts::{GroupCounting, GroupRow},
    resource,
};
use crate::entity::{
    connection::{Connection, ConnectionKind},
    date::parse_seconds,
    domain::{Domain, LeakCounts},
    leak::{Device, LeakField, Risk},
    placeholder::is_placeholder,
    raw_text::RawText,
    user::{IdentityType, User},
};
use std::collections::HashSet;

impl Table {
    /// The groups of rows, with counts, by their numbers. What providers list of them themselves counts as a source.
    pub fn aggregate(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = RowId>,
    ) -> Vec<GroupRow> {
        let mut gathering = GroupCounting::new(self, kind);
        gathering.count(self, rows);
        gathering.add_sources(self);
        gathering.finish()
    }

    /// The same for a pane: with the groups that no leak of the scope has and a provider lists.
    pub fn overview(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = RowId>,
        scope: &[(GroupKind, GroupId)],
    ) -> Vec<GroupRow> {
        let mut gathering = GroupCounting::new(self, kind);
        gathering.count(self, rows);
        gathering.add_listed_groups(self, scope);
        gathering.finish()
    }

    /// A user with the counts of all of its rows.
    pub fn user(&self, group: GroupId) -> User {
        self.user_for_row(&self.group_row(GroupKind::User, group))
    }

    /// A user with the counts of a group row, and the gravest risk that a provider sees.
    pub fn user_for_row(&self, row: &GroupRow) -> User {
        let natives = self.listed_entities(GroupKind::User, row.group);
        let listed: Vec<User> = natives
            .iter()
            .filter_map(super::ListedEntity::user)
            .collect();
        let login = self.first_login(row.group);
        let owner = self.owner(GroupKind::User, row.group);
        let told = listed.iter().find_map(|user| user.identity_type);
        User {
            key: self.group_key(GroupKind::User, row.group),
            provider: self.profiles[owner.0 as usize].1.clone(),
            login: RawText::from(login),
            identity_type: told.or_else(|| Some(identity_type(login))),
            risk: highest_risk(listed.iter().filter_map(|user| user.risk)),
            first_seen: self
                .date_for_row(row.first())
                .into_iter()
                .chain(listed.iter().filter_map(|user| user.first_seen.clone()))
                .min_by_key(|date| parse_seconds(date.as_bytes()).unwrap_or(i64::MAX)),
            leaks: counts(row),
            sources: row.sources,
            connections: None,
        }
    }

    /// A domain with the counts of all of its rows.
    pub fn domain(&self, group: GroupId) -> Domain {
        self.domain_for_row(&self.group_row(GroupKind::Domain, group))
    }

    /// A domain with the counts of a group row.
    pub fn domain_for_row(&self, row: &GroupRow) -> Domain {
        let owner = self.owner(GroupKind::Domain, row.group);
        Domain {
            key: self.group_key(GroupKind::Domain, row.group),
            provider: self.profiles[owner.0 as usize].1.clone(),
            name: RawText::from(&*self.group_name(GroupKind::Domain, row.group)),
            verified: None,
            archived: None,
            leaks: Some(counts(row)),
            sources: row.sources,
        }
    }

    /// A connection with the counts of all of its rows.
    pub fn connection(&self, kind: GroupKind, group: GroupId) -> Connection {
        self.connection_for_row(kind, &self.group_row(kind, group))
    }

    /// A connection with the counts of a group row, and what providers know of it. A group that is none, such as a
    /// credential, comes as a resource of its name.
    pub fn connection_for_row(&self, kind: GroupKind, row: &GroupRow) -> Connection {
        let group = row.group;
        let owner = self.owner(kind, group);
        let name = self.group_name(kind, group);
        let mut connection = Connection {
            date: self.date_for_row(row.last()),
            leaks: Some(u64::from(row.total())),
            ..Connection::from_name(
                self.group_key(kind, group),
                self.profiles[owner.0 as usize].1.clone(),
                ConnectionKind::Resource,
                RawText::from(&*name),
            )
        };
        match kind {
            GroupKind::Endpoint => {
                let machine = self.endpoint_machine(group);
                let own = |text: Option<&[u8]>| text.map(RawText::from);
                connection.kind = ConnectionKind::Endpoint;
                connection.country = own(self.countries.get(machine.country));
                let device = Device {
                    hostname: own(self.hostnames.get(machine.hostname)),
                    ip: own(self.machine_texts.get(machine.ip)),
                    os: own(self.machine_texts.get(machine.os)),
                    hardware_id: own(self.machine_texts.get(machine.hardware_id)),
                    malware_path: own(self.machine_texts.get(machine.malware_path)),
                };
                connection.device = (device != Device::default()).then_some(device);
            }
            GroupKind::Resource => {
                let url = self.resource_url(group);
                // What a provider says of a host beats what can be told from a name alone.
                let told = if url.is_empty() {
                    let natives = self.listed_entities(kind, group);
                    let told =
                        |native: &super::ListedEntity<'_>| native.connection()?.resource_type;
                    natives.iter().find_map(told)
                } else {
                    None
                };
                connection.resource_type =
                    told.or_else(|| Some(resource::resource_type(&name, url)));
            }
            GroupKind::Breach => {
                connection.kind = ConnectionKind::Breach;
                connection.breach = self.breaches.get(group.0);
            }
            GroupKind::Paste => connection.kind = ConnectionKind::Paste,
            GroupKind::Domain
            | GroupKind::User
            | GroupKind::Credential
            | GroupKind::Profile
            | GroupKind::Source
            | GroupKind::Country => {}
        }
        connection.attribution = self.row_attribution(kind, row).map(str::to_owned);
        for native in self.listed_entities(kind, group) {
            if let Some(listed) = native.connection() {
                fill_missing(&mut connection, &listed);
            }
        }
        connection
    }

    /// Whose data a group is, where that must be said: that of the owner, else of the profile of its newest leak. What a
    /// provider lists itself says so itself.
    fn row_attribution(&self, kind: GroupKind, row: &GroupRow) -> Option<&str> {
        let of_newest = || self.attribution(self.slot(row.last()?));
        self.attribution(self.owner(kind, row.group))
            .or_else(of_newest)
    }

    /// A group with the counts of all of its rows that are not gone.
    pub fn group_row(&self, kind: GroupKind, group: GroupId) -> GroupRow {
        let rows = self.group_rows(kind, group);
        let mut counted = GroupRow::without_rows(group, 0);
        for row in rows {
            counted.count(self, row);
        }
        for native in self.listed_entities(kind, group) {
            counted.add_source(self, native.slot);
        }
        if kind == GroupKind::Domain {
            let watched = self.watched_domains();
            for (slot, _) in watched.filter(|(_, domain)| *domain == group) {
                counted.add_source(self, slot);
            }
        }
        counted.with_source_count()
    }

    /// When a group was last seen, in seconds since 1970: the latest date of its leaks, else what a provider says.
    pub fn group_seconds(&self, kind: GroupKind, row: &GroupRow) -> Option<i64> {
        let last = row.last().and_then(|last| self.seen_seconds(last));
        last.or_else(|| {
            let natives = self.listed_entities(kind, row.group);
            let dates = natives.iter().filter_map(|native| {
                let date = match (native.connection(), native.user()) {
                    (Some(connection), _) => connection.date,
                    (None, user) => user?.first_seen,
                };
                crate::entity::date::parse_seconds(date?.as_bytes())
            });
            dates.max()
        })
    }

    fn date_for_row(&self, row: Option<RowId>) -> Option<RawText> {
        row.map(|row| RawText::from(&*self.text(row, LeakField::FirstSeen)))
    }
}

/// Adds what a provider knows where nothing is known yet.
fn fill_missing(connection: &mut Connection, listed: &Connection) {
    fn fill_if_none<T: Clone>(own: &mut Option<T>, listed: Option<&T>) {
        if own.is_none() {
            *own = listed.cloned();
        }
    }
    // Of two dates the newest is told, and of files all.
    let time = |date: &Option<RawText>| {
        date.as_ref()
            .and_then(|date| parse_seconds(date.as_bytes()))
    };
    if connection.date.is_none() || time(&listed.date) > time(&connection.date) {
        connection.date.clone_from(&listed.date);
    }
    fill_device(&mut connection.device, listed.device.as_ref());
    fill_if_none(&mut connection.country, listed.country.as_ref());
    if let Some(files) = &listed.tree {
        let tree = connection.tree.get_or_insert_default();
        let known: HashSet<RawText> = tree.iter().cloned().collect();
        tree.extend(files.iter().filter(|file| !known.contains(*file)).cloned());
    }
    fill_if_none(&mut connection.metadata, listed.metadata.as_ref());
    fill_if_none(&mut connection.breach, listed.breach.as_ref());
    fill_if_none(&mut connection.paste, listed.paste.as_ref());
    fill_if_none(&mut connection.attribution, listed.attribution.as_ref());
    connection.risk = highest_risk(connection.risk.into_iter().chain(listed.risk));
    if connection.leaks == Some(0) && listed.leaks.is_some() {
        connection.leaks = listed.leaks;
    }
}

/// Adds members of a machine that are not known, or that say nothing.
fn fill_device(device: &mut Option<Device>, listed: Option<&Device>) {
    let Some(listed) = listed else { return };
    let own = device.get_or_insert_default();
    let members = [
        (&mut own.hostname, &listed.hostname),
        (&mut own.ip, &listed.ip),
        (&mut own.os, &listed.os),
        (&mut own.hardware_id, &listed.hardware_id),
        (&mut own.malware_path, &listed.malware_path),
    ];
    for (own, listed) in members {
        let says_nothing = |text: &RawText| is_placeholder(text.as_bytes());
        if own.as_ref().is_none_or(says_nothing) && listed.is_some() {
            own.clone_from(listed);
        }
    }
}

/// The gravest of some risks; of two of one level the first.
fn highest_risk(risks: impl Iterator<Item = Risk>) -> Option<Risk> {
    risks.reduce(|one, two| if two.level > one.level { two } else { one })
}

fn counts(row: &GroupRow) -> LeakCounts {
    LeakCounts {
        total: u64::from(row.total()),
        unresolved: u64::from(row.unresolved()),
    }
}

fn identity_type(login: &[u8]) -> IdentityType {
    let login = login.trim_ascii();
    let email = login.iter().position(|&b| b == b'@').is_some_and(|at| {
        let (name, host) = (&login[..at], &login[at + 1..]);
        !name.is_empty() && !host.is_empty() && !host.contains(&b'@') && !login.contains(&b' ')
    });
    if email {
        IdentityType::Email
    } else {
        IdentityType::Username
    }
}
