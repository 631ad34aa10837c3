//! Groups with their counts, and the entities that are made of them.

use super::{
    GroupId, GroupKind, Handle, Slot, Table, resource,
    sort::digits::{BYTES, bytes_from, sort_by_digits},
    strings::NONE,
};
use crate::entity::{
    connection::{Connection, Form},
    domain::{Domain, LeakCounts},
    leak::{Device, LeakField, Risk},
    text::Text,
    user::{IdentityType, User},
};

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
    /// The groups of rows, with counts, by their numbers. What providers list of them themselves counts as a source.
    pub fn aggregate(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = Handle>,
    ) -> Vec<GroupRow> {
        self.gather(kind, rows, |_| true, |_| false)
    }

    /// The same for a pane: with the groups that no leak of the scope has and a provider lists. Profiles in the scope
    /// say whose; where it holds another group, what of a list belongs to that is not known, and only the group itself
    /// is added.
    pub fn overview(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = Handle>,
        scope: &[(GroupKind, GroupId)],
    ) -> Vec<GroupRow> {
        let of_scope = |slot: Slot| {
            let mut profiles = scope.iter().filter(|(kind, _)| *kind == GroupKind::Profile);
            profiles.all(|(_, profile)| profile.0 == u32::from(slot.0))
        };
        let open = scope.iter().all(|(kind, _)| *kind == GroupKind::Profile);
        let mut others = scope.iter().filter(|(kind, _)| *kind != GroupKind::Profile);
        let only = match (others.next(), others.next()) {
            (Some(&(of, group)), None) if of == kind => Some(group),
            (_, _) => None,
        };
        self.gather(kind, rows, of_scope, |group| open || only == Some(group))
    }

    /// Counts rows by group, then what is listed by the profiles that `whose` takes; groups without a row are added
    /// where `adds` says so.
    fn gather(
        &self,
        kind: GroupKind,
        rows: impl IntoIterator<Item = Handle>,
        whose: impl Fn(Slot) -> bool,
        adds: impl Fn(GroupId) -> bool,
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
        for native in self.natives_of(kind).filter(|native| whose(native.slot)) {
            let place = &mut places[native.group.0 as usize];
            if *place == NONE {
                if !adds(native.group) {
                    continue;
                }
                *place = found.len() as u32;
                found.push(Tally::new(native.group));
            }
            let tally = &mut found[*place as usize];
            tally.add_source(self.provider_bit(native.slot));
        }
        // By their numbers, which is the order of the places.
        let places = places.into_iter().filter(|place| *place != NONE);
        places.map(|place| found[place as usize].row).collect()
    }

    /// The bit of a profile's provider. 63 kinds of systems are told apart, which is many more than there are.
    fn provider_bit(&self, slot: Slot) -> u64 {
        1 << self.providers[slot.0 as usize].min(63)
    }

    fn count(&self, tally: &mut Tally, row: Handle) {
        let status = self.status(row);
        let counts = &mut tally.row;
        counts.total += 1;
        counts.unresolved += u32::from(status.is_open());
        counts.by_status[status as usize] += 1;
        tally.add_source(self.provider_bit(self.slot(row)));
        let Some(seconds) = self.seen_seconds(row) else {
            return;
        };
        // Of two of one date the one that does not depend on which came first; where their texts are the same too, it
        // makes no difference.
        let beats = |known: Option<Handle>| {
            known.is_some_and(|known| {
                self.columns.seen(known) != self.columns.seen(row)
                    && self.compare_keys(row, known).is_lt()
            })
        };
        let counts = &mut tally.row;
        if seconds < tally.first || seconds == tally.first && beats(counts.first) {
            (tally.first, counts.first) = (seconds, Some(row));
        }
        if seconds > tally.last || seconds == tally.last && beats(counts.last) {
            (tally.last, counts.last) = (seconds, Some(row));
        }
    }

    /// A user with the counts of all of its rows.
    pub fn user(&self, group: GroupId) -> User {
        self.user_of(&self.group_row(GroupKind::User, group))
    }

    /// A user with the counts of a group row, and the gravest risk that a provider sees.
    pub fn user_of(&self, row: &GroupRow) -> User {
        let natives = self.natives(GroupKind::User, row.group);
        let listed = || natives.iter().filter_map(|native| native.user());
        let login = self.first_login(row.group);
        let owner = self.owner(GroupKind::User, row.group);
        let told = listed().find_map(|user| user.identity_type);
        User {
            key: self.group_key(GroupKind::User, row.group),
            provider: self.profiles[owner.0 as usize].1.clone(),
            login: Text::from(login),
            identity_type: told.or_else(|| Some(identity_type(login))),
            risk: gravest(listed().filter_map(|user| user.risk)),
            first_seen: self
                .date_of(row.first)
                .or_else(|| listed().find_map(|user| user.first_seen.clone())),
            leaks: counts(row),
            sources: row.sources,
            connections: None,
        }
    }

    /// A domain with the counts of all of its rows.
    pub fn domain(&self, group: GroupId) -> Domain {
        self.domain_of(&self.group_row(GroupKind::Domain, group))
    }

    /// A domain with the counts of a group row.
    pub fn domain_of(&self, row: &GroupRow) -> Domain {
        let owner = self.owner(GroupKind::Domain, row.group);
        Domain {
            key: self.group_key(GroupKind::Domain, row.group),
            provider: self.profiles[owner.0 as usize].1.clone(),
            name: Text::from(&*self.group_name(GroupKind::Domain, row.group)),
            verified: None,
            archived: None,
            leaks: Some(counts(row)),
        }
    }

    /// A connection with the counts of all of its rows.
    pub fn connection(&self, kind: GroupKind, group: GroupId) -> Connection {
        self.connection_of(kind, &self.group_row(kind, group))
    }

    /// A connection with the counts of a group row, and what providers know of it. A group that is none, such as a
    /// credential, comes as a resource of its name.
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
                Text::from(&*name),
            )
        };
        match kind {
            GroupKind::Endpoint => {
                let machine = self.endpoint_machine(group);
                let own = |text: Option<&[u8]>| text.map(Text::from);
                connection.form = Form::Endpoint;
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
                    let natives = self.natives(kind, group);
                    let told = |native: &&super::Native| native.connection()?.resource_type;
                    natives.iter().find_map(told)
                } else {
                    None
                };
                connection.resource_type = told.or_else(|| Some(resource::kind_of(&name, url)));
            }
            GroupKind::Breach => {
                connection.form = Form::Breach;
                connection.breach = self.breaches.get(group.0);
                connection.attribution = self.attribution(owner).map(str::to_owned);
            }
            GroupKind::Paste => {
                connection.form = Form::Paste;
                connection.attribution = self.attribution(owner).map(str::to_owned);
            }
            GroupKind::Domain
            | GroupKind::User
            | GroupKind::Credential
            | GroupKind::Profile
            | GroupKind::Source
            | GroupKind::Country => {}
        }
        for native in self.natives(kind, group) {
            if let Some(listed) = native.connection() {
                fill(&mut connection, listed);
            }
        }
        connection
    }

    /// A group with the counts of all of its rows that are not gone.
    pub fn group_row(&self, kind: GroupKind, group: GroupId) -> GroupRow {
        let rows = self.group_rows(kind, group);
        let mut tally = Tally::new(group);
        for row in rows {
            self.count(&mut tally, row);
        }
        for native in self.natives(kind, group) {
            tally.add_source(self.provider_bit(native.slot));
        }
        tally.row
    }

    /// When a group was last seen, in seconds since 1970: the latest date of its leaks, else what a provider says.
    pub fn group_seconds(&self, kind: GroupKind, row: &GroupRow) -> Option<i64> {
        let last = row.last.and_then(|last| self.seen_seconds(last));
        last.or_else(|| {
            let natives = self.natives(kind, row.group);
            let dates = natives.iter().filter_map(|native| {
                let date = match (native.connection(), native.user()) {
                    (Some(connection), _) => connection.date.as_ref(),
                    (None, user) => user?.first_seen.as_ref(),
                };
                crate::entity::date::seconds(date?.as_bytes())
            });
            dates.max()
        })
    }

    fn date_of(&self, row: Option<Handle>) -> Option<Text> {
        row.map(|row| Text::from(&*self.text(row, LeakField::FirstSeen)))
    }
}

struct Tally {
    row: GroupRow,
    providers: u64,
    /// The earliest date so far, and the latest.
    first: i64,
    last: i64,
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
            first: i64::MAX,
            last: i64::MIN,
        }
    }

    fn add_source(&mut self, provider: u64) {
        self.providers |= provider;
        self.row.sources = self.providers.count_ones();
    }
}

/// Adds what a provider knows where nothing is known yet.
fn fill(connection: &mut Connection, listed: &Connection) {
    fn take<T: Clone>(own: &mut Option<T>, listed: Option<&T>) {
        if own.is_none() {
            *own = listed.cloned();
        }
    }
    take(&mut connection.date, listed.date.as_ref());
    take(&mut connection.device, listed.device.as_ref());
    take(&mut connection.country, listed.country.as_ref());
    take(&mut connection.tree, listed.tree.as_ref());
    take(&mut connection.metadata, listed.metadata.as_ref());
    take(&mut connection.breach, listed.breach.as_ref());
    take(&mut connection.paste, listed.paste.as_ref());
    take(&mut connection.attribution, listed.attribution.as_ref());
    connection.risk = gravest(connection.risk.into_iter().chain(listed.risk));
    if connection.leaks == Some(0) && listed.leaks.is_some() {
        connection.leaks = listed.leaks;
    }
}

/// The gravest of some risks; of two of one level the first.
fn gravest(risks: impl Iterator<Item = Risk>) -> Option<Risk> {
    risks.reduce(|one, two| if two.level > one.level { two } else { one })
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
    let directed = |value: u64| {
        if by.descending {
            u64::MAX - value
        } else {
            value
        }
    };
    let name = |at: u32| table.folded_name(kind, rows[at as usize].group);
    let backwards = by.field == GroupSortField::Name && by.descending;
    let digit = |chunk: usize, at: u32| {
        let row = &rows[at as usize];
        match (chunk.checked_sub(1), by.field) {
            (Some(chunk), _) => {
                let digit = bytes_from(&name(at), chunk);
                if backwards { !digit } else { digit }
            }
            (None, GroupSortField::Name) => 0,
            (None, GroupSortField::Leaks) => directed(u64::from(row.total)),
            (None, GroupSortField::Unresolved) => directed(u64::from(row.unresolved)),
            (None, GroupSortField::Seen) => {
                table.group_seconds(kind, row).map_or(u64::MAX, |seconds| {
                    directed(seconds.cast_unsigned() ^ 1 << 63)
                })
            }
        }
    };
    let next = |chunk: usize, equal: &[(u64, u32)]| {
        let ended = |at: u32| chunk > 0 && name(at).len() <= BYTES * chunk;
        let goes_on = equal.first().is_some_and(|(_, at)| !ended(*at));
        goes_on.then_some(chunk + 1)
    };
    let id = |at: &u32| table.group_key(kind, rows[*at as usize].group);
    let last = |alike: &mut [u32]| {
        alike.sort_by_cached_key(|at| {
            let key = id(at);
            (key.id.clone(), key)
        });
    };
    let mut places: Vec<u32> = (0..rows.len() as u32).collect();
    sort_by_digits(&mut places, &mut Vec::new(), 0, digit, next, last);
    let sorted: Vec<GroupRow> = places.iter().map(|at| rows[*at as usize]).collect();
    rows.copy_from_slice(&sorted);
}
