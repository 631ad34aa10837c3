//! Groups with their counts, and the entities that are made of them.

use super::{GroupId, GroupKind, Handle, Table, resource, strings::NONE};
use crate::entity::{
    connection::{Connection, Form},
    domain::{Domain, LeakCounts},
    leak::{Device, LeakField},
    text::Text,
    user::{IdentityType, User},
};
use std::{borrow::Cow, cmp::Ordering};

/// One group of some rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupRow {
    /// Which.
    pub group: GroupId,
    /// Its rows.
    pub total: u32,
    /// Those that still need work.
    pub unresolved: u32,
    /// By the number of the status.
    pub by_status: [u32; 6],
    /// How many providers report it.
    pub sources: u32,
    /// The row with the earliest date, if any has one.
    pub first: Option<Handle>,
    /// The row with the latest date.
    pub last: Option<Handle>,
}

/// What groups are sorted by.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumString, strum::Display, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum GroupSortField {
    /// What it is called.
    Name,
    /// How many leaks it has.
    Leaks,
    /// How many of them need work.
    Unresolved,
    /// The latest date of its leaks.
    Seen,
}

/// A sort key for groups and its direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GroupSort {
    /// By what.
    pub field: GroupSortField,
    /// Largest first.
    pub descending: bool,
}

impl Table {
    /// The groups of rows, with counts, by their numbers.
    pub fn aggregate(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = Handle>,
    ) -> Vec<GroupRow> {
        let mut places = vec![NONE; self.groups(kind)];
        let mut found: Vec<Tally> = Vec::new();
        for row in rows {
            let Some(group) = self.group(row, kind) else {
                continue;
            };
            let place = &mut places[group.0 as usize];
            if *place == NONE {
                *place = found.len() as u32;
                found.push(Tally::new(group));
            }
            self.count(&mut found[*place as usize], row);
        }
        found.sort_unstable_by_key(|tally| tally.row.group);
        found.into_iter().map(|tally| tally.row).collect()
    }

    fn count(&self, tally: &mut Tally, row: Handle) {
        let status = self.status(row);
        let counts = &mut tally.row;
        counts.total += 1;
        counts.unresolved += u32::from(status.is_open());
        counts.by_status[status as usize] += 1;
        // 63 kinds of systems are told apart, which is many more than there are.
        let provider = self.providers[self.slot(row).0 as usize].min(63);
        tally.providers |= 1 << provider;
        counts.sources = tally.providers.count_ones();
        if let Some(seconds) = self.seen_seconds(row) {
            let closer = |known: Option<(i64, Handle)>, wanted: Ordering| match known {
                None => true,
                // Of two of one date the one that does not depend on which came first.
                Some((other, handle)) => {
                    seconds.cmp(&other) == wanted
                        || seconds == other && self.compare_keys(row, handle).is_lt()
                }
            };
            if closer(tally.first, Ordering::Less) {
                tally.first = Some((seconds, row));
            }
            if closer(tally.last, Ordering::Greater) {
                tally.last = Some((seconds, row));
            }
            counts.first = tally.first.map(|(_, row)| row);
            counts.last = tally.last.map(|(_, row)| row);
        }
    }

    /// A user with the counts of all of its rows.
    pub fn user(&self, group: GroupId) -> User {
        self.user_of(&self.whole(GroupKind::User, group))
    }

    /// A user with the counts of a group row.
    pub fn user_of(&self, row: &GroupRow) -> User {
        let login = self.first_login(row.group);
        let owner = self.owner(GroupKind::User, row.group);
        User {
            key: self.group_key(GroupKind::User, row.group),
            provider: self.profiles[owner.0 as usize].1.clone(),
            login: Text::from(login),
            identity_type: Some(identity_type(login)),
            risk: None,
            first_seen: self.date_of(row.first),
            leaks: counts(row),
            sources: row.sources,
            connections: None,
        }
    }

    /// A domain with the counts of all of its rows.
    pub fn domain(&self, group: GroupId) -> Domain {
        self.domain_of(&self.whole(GroupKind::Domain, group))
    }

    /// A domain with the counts of a group row.
    pub fn domain_of(&self, row: &GroupRow) -> Domain {
        let owner = self.owner(GroupKind::Domain, row.group);
        Domain {
            key: self.group_key(GroupKind::Domain, row.group),
            provider: self.profiles[owner.0 as usize].1.clone(),
            name: Text::from(self.group_name(GroupKind::Domain, row.group)),
            verified: None,
            archived: None,
            leaks: Some(counts(row)),
        }
    }

    /// A machine or a resource with the counts of all of its rows; of another kind the resource of that number.
    pub fn connection(&self, kind: GroupKind, group: GroupId) -> Connection {
        self.connection_of(kind, &self.whole(kind, group))
    }

    /// A machine or a resource with the counts of a group row.
    pub fn connection_of(&self, kind: GroupKind, row: &GroupRow) -> Connection {
        let group = row.group;
        let owner = self.owner(kind, group);
        let name = self.group_name(kind, group);
        let mut connection = Connection {
            date: self.date_of(row.last),
            leaks: Some(u64::from(row.total)),
            ..Connection::named(
                self.group_key(kind, group),
                self.profiles[owner.0 as usize].1.clone(),
                Form::Resource,
                Text::from(name),
            )
        };
        match kind {
            GroupKind::Endpoint => {
                let machine = self.endpoint_machine(group);
                let own = |text: Option<&[u8]>| text.map(Text::from);
                connection.form = Form::Endpoint;
                connection.country = own(self.countries.get(machine.country));
                connection.device = Some(Device {
                    hostname: own(self.hostnames.get(machine.hostname)),
                    ip: own(self.machine_texts.get(machine.ip)),
                    os: own(self.machine_texts.get(machine.os)),
                    hardware_id: own(self.machine_texts.get(machine.hardware_id)),
                    malware_path: own(self.machine_texts.get(machine.malware_path)),
                });
            }
            GroupKind::Resource => {
                connection.resource_type = Some(resource::kind_of(name, self.resource_url(group)));
            }
            GroupKind::Domain | GroupKind::User => {}
        }
        connection
    }

    fn whole(&self, kind: GroupKind, group: GroupId) -> GroupRow {
        let mut tally = Tally::new(group);
        for row in self.group_rows(kind, group) {
            self.count(&mut tally, row);
        }
        tally.row
    }

    fn date_of(&self, row: Option<Handle>) -> Option<Text> {
        row.map(|row| Text::from(&*self.text(row, LeakField::FirstSeen)))
    }
}

struct Tally {
    row: GroupRow,
    providers: u64,
    first: Option<(i64, Handle)>,
    last: Option<(i64, Handle)>,
}

impl Tally {
    fn new(group: GroupId) -> Self {
        Self {
            row: GroupRow {
                group,
                total: 0,
                unresolved: 0,
                by_status: [0; 6],
                sources: 0,
                first: None,
                last: None,
            },
            providers: 0,
            first: None,
            last: None,
        }
    }
}

fn counts(row: &GroupRow) -> LeakCounts {
    LeakCounts {
        total: u64::from(row.total),
        unresolved: u64::from(row.unresolved),
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

/// Sorts groups: by the key, then by name, then by what tells groups of one name apart; never by arrival. Groups
/// without a date come last in both directions.
pub fn sort_groups(table: &Table, kind: GroupKind, rows: &mut [GroupRow], by: GroupSort) {
    // The last date is read once a group, not once a comparison.
    let directed = |value: u64| {
        if by.descending {
            u64::MAX - value
        } else {
            value
        }
    };
    let mut keyed: Vec<(u64, Cow<'_, [u8]>, GroupRow)> = rows
        .iter()
        .map(|row| {
            let key = match by.field {
                GroupSortField::Name => 0,
                GroupSortField::Leaks => directed(u64::from(row.total)),
                GroupSortField::Unresolved => directed(u64::from(row.unresolved)),
                GroupSortField::Seen => row
                    .last
                    .and_then(|last| table.seen_seconds(last))
                    .map_or(u64::MAX, |seconds| {
                        directed(seconds.cast_unsigned() ^ 1 << 63)
                    }),
            };
            // So is the name: most names are in lower case already, and cost no copy.
            let name = crate::filter::fold(table.group_name(kind, row.group));
            (key, name, *row)
        })
        .collect();
    let backwards = by.field == GroupSortField::Name && by.descending;
    keyed.sort_unstable_by(|(one_key, one_name, one), (two_key, two_name, two)| {
        one_key
            .cmp(two_key)
            .then_with(|| {
                let names = one_name.cmp(two_name);
                if backwards { names.reverse() } else { names }
            })
            .then_with(|| {
                let (one, two) = (
                    table.group_key(kind, one.group),
                    table.group_key(kind, two.group),
                );
                one.id.cmp(&two.id).then_with(|| one.cmp(&two))
            })
    });
    for (place, (_, _, row)) in rows.iter_mut().zip(keyed) {
        *place = row;
    }
}
