//! Filters on the whole table: texts are searched once each, rows are then tests of numbers.

use super::{
    GroupId, GroupKind, Handle, Marks, Table,
    columns::Columns,
    group::Machine,
    strings::{NONE, Strings},
};
use crate::{
    entity::key::EntityKey,
    filter::{Field, Filter, Needle, RiskSet, StatusSet, Term, Values, contains, fold},
};
use fixedbitset::FixedBitSet;

/// A term or a scope made ready for this table.
enum Test<'a> {
    Any(Vec<Column>),
    Status(StatusSet),
    Risk(RiskSet),
    Slots(FixedBitSet),
    /// A row's own number, for one group of them.
    Number(fn(&Columns, Handle) -> u32, u32),
    Is(Marked),
    Filed(u16, u32),
    /// What the journal keeps beside the row's status.
    Kept(Field, &'a Values),
    Key {
        rows: Vec<Handle>,
        parts: &'a [Needle],
    },
}

/// What a row may be said to be; any of those named.
#[derive(Clone, Copy)]
struct Marked {
    local: bool,
    remote: bool,
    disputed: bool,
}

/// Numbers of one column that pass.
struct Column {
    read: fn(&Columns, Handle) -> u32,
    hits: FixedBitSet,
    /// Whether a row without a value passes.
    none: bool,
}

impl Column {
    fn passes(&self, columns: &Columns, row: Handle) -> bool {
        let number = (self.read)(columns, row) as usize;
        // The number for "none" is beyond every bitmap.
        number < self.hits.len() && self.hits.contains(number)
            || self.none && number == NONE as usize
    }
}

impl Table {
    /// The rows that a filter and a scope take, by handle; gone ones only where they are marked. `within` is what
    /// to look at: the previous hits, when [`Filter::narrows`] says that they suffice, the scope is no wider and the
    /// generation is the same.
    pub fn select(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        within: Option<&[Handle]>,
        marks: &Marks,
    ) -> Vec<Handle> {
        let scoped = scope
            .iter()
            .map(|&(kind, group)| self.scope_test(kind, group));
        let tests: Vec<Test<'_>> = scoped
            .chain(filter.terms().iter().map(|term| self.test(term)))
            .collect();
        let passes = |&row: &Handle| {
            (!self.is_gone(row) || marks.contains(row))
                && tests.iter().all(|test| self.passes(test, row))
        };
        match within {
            Some(rows) => rows.iter().copied().filter(passes).collect(),
            None => self.columns.handles().filter(passes).collect(),
        }
    }

    fn passes(&self, test: &Test<'_>, row: Handle) -> bool {
        match test {
            Test::Any(columns) => columns.iter().any(|c| c.passes(&self.columns, row)),
            Test::Status(set) => set.contains(self.status(row)),
            Test::Risk(set) => set.contains(self.columns.risk(row).map(|risk| risk.level)),
            Test::Slots(slots) => slots.contains(self.slot(row).0 as usize),
            Test::Number(read, number) => read(&self.columns, row) == *number,
            Test::Is(wanted) => {
                let local = self.is_local(row);
                wanted.local && local
                    || wanted.remote && !local
                    || wanted.disputed && self.is_disputed(row)
            }
            Test::Filed(slot, domain) => {
                self.slot(row).0 == *slot && self.columns.domain(row) == *domain
            }
            Test::Kept(field, values) => self.passes_kept(*field, values, row),
            Test::Key { rows, parts } => {
                rows.contains(&row) || {
                    let id = self.columns.id(row);
                    let id = fold(&id);
                    parts.iter().any(|part| contains(&id, part.folded()))
                }
            }
        }
    }

    fn scope_test(&self, kind: GroupKind, group: GroupId) -> Test<'static> {
        let (read, numbers): (fn(&Columns, Handle) -> u32, usize) = match kind {
            GroupKind::Domain => {
                let (slot, domain) = self.filed_under(group);
                return Test::Filed(slot.0, domain);
            }
            GroupKind::Breach => return Test::Number(Columns::breach, group.0),
            GroupKind::Credential => return Test::Number(Columns::credential, group.0),
            GroupKind::Profile => return Test::Slots([group.0 as usize].into_iter().collect()),
            GroupKind::Paste => return Test::Any(Vec::new()),
            GroupKind::Source => {
                let slots = self.providers.iter().enumerate();
                let of = slots.filter(|(_, number)| u32::from(**number) == group.0);
                return Test::Slots(of.map(|(slot, _)| slot).collect());
            }
            GroupKind::User => (Columns::login, self.logins.len()),
            GroupKind::Endpoint | GroupKind::Country => {
                (Columns::machine, self.groups.machines().len())
            }
            GroupKind::Resource => (Columns::url, self.urls.len()),
        };
        let hits = (0..numbers)
            .filter(|&number| self.group_of(kind, number as u32) == Some(group))
            .collect();
        Test::Any(vec![Column {
            read,
            hits,
            none: false,
        }])
    }

    fn test<'a>(&self, term: &'a Term) -> Test<'a> {
        match term {
            Term::Status(set) => Test::Status(*set),
            Term::Risk(set) => Test::Risk(*set),
            Term::Text(needle) => {
                let values = Values {
                    any: vec![needle.clone()],
                    missing: false,
                };
                let fields = [Field::Login, Field::Url, Field::Host, Field::Domain];
                Test::Any(
                    fields
                        .into_iter()
                        .filter_map(|field| self.column(field, &values, Strings::containing_any))
                        .collect(),
                )
            }
            Term::Word(field @ (Field::Profile | Field::Source), values) => {
                let name = |at: usize| {
                    let (profile, provider) = &self.profiles[at];
                    if *field == Field::Profile {
                        profile.as_str()
                    } else {
                        provider.as_str()
                    }
                };
                Test::Slots(
                    (0..self.profiles.len())
                        .filter(|&at| values.is_word(name(at).as_bytes()))
                        .collect(),
                )
            }
            Term::Word(Field::Is, values) => Test::Is(Marked {
                local: values.is_word(b"local"),
                remote: values.is_word(b"remote"),
                disputed: values.is_word(b"disputed"),
            }),
            Term::Contains(field @ (Field::Reason | Field::Ticket | Field::Claimed), values) => {
                Test::Kept(*field, values)
            }
            Term::Contains(Field::Key, values) => Test::Key {
                rows: values.any.iter().filter_map(|n| self.exactly(n)).collect(),
                parts: &values.any,
            },
            Term::Word(field, values) => {
                Test::Any(self.columns_of(*field, values, Strings::equal_to_any))
            }
            Term::Contains(field, values) => {
                Test::Any(self.columns_of(*field, values, Strings::containing_any))
            }
        }
    }

    /// The row whose key is spelled so.
    fn exactly(&self, needle: &Needle) -> Option<Handle> {
        let key: EntityKey = needle.text().parse().ok()?;
        (key.to_string() == needle.text())
            .then(|| self.find(&key))
            .flatten()
    }

    fn columns_of(&self, field: Field, values: &Values, search: Search) -> Vec<Column> {
        self.column(field, values, search).into_iter().collect()
    }

    /// The test of one field, if a column holds it.
    fn column(&self, field: Field, values: &Values, search: Search) -> Option<Column> {
        let (read, strings): (fn(&Columns, Handle) -> u32, &Strings) = match field {
            Field::Login => (Columns::login, &self.logins),
            Field::Url => (Columns::url, &self.urls),
            Field::Domain => (Columns::domain, &self.domains),
            Field::Class => (Columns::class, &self.classes),
            Field::Breach => (Columns::breach, &self.breaches.names),
            Field::Host | Field::Ip | Field::Os | Field::Country | Field::Device => {
                return Some(self.machine_column(field, values, search));
            }
            Field::Status
            | Field::Risk
            | Field::Is
            | Field::Source
            | Field::Profile
            | Field::Reason
            | Field::Ticket
            | Field::Claimed
            | Field::Key => {
                return None;
            }
        };
        let mut hits = search(strings, values);
        if values.missing
            && let Some(empty) = strings.find(b"")
        {
            hits.grow_and_insert(empty as usize);
        }
        Some(Column {
            read,
            hits,
            none: values.missing,
        })
    }

    /// Machines that pass: those with a text that does, and with `none` those without one.
    fn machine_column(&self, field: Field, values: &Values, search: Search) -> Column {
        let other: Option<fn(&Machine) -> u32> = match field {
            Field::Ip => Some(|machine| machine.ip),
            Field::Os => Some(|machine| machine.os),
            Field::Device => Some(|machine| machine.hardware_id),
            Field::Status
            | Field::Risk
            | Field::Class
            | Field::Is
            | Field::Breach
            | Field::Source
            | Field::Profile
            | Field::Domain
            | Field::Login
            | Field::Url
            | Field::Host
            | Field::Country
            | Field::Reason
            | Field::Ticket
            | Field::Claimed
            | Field::Key => None,
        };
        let texts = |looked_at: bool, strings| looked_at.then(|| search(strings, values));
        let hosts = texts(
            matches!(field, Field::Host | Field::Device),
            &self.hostnames,
        );
        let countries = texts(field == Field::Country, &self.countries);
        let others = texts(other.is_some(), &self.machine_texts);
        let machines = self.groups.machines().iter();
        let hits = machines.enumerate().filter_map(|(at, machine)| {
            let members = [
                (&hosts, &self.hostnames, machine.hostname),
                (
                    &others,
                    &self.machine_texts,
                    other.map_or(NONE, |read| read(machine)),
                ),
                (&countries, &self.countries, machine.country),
            ];
            let mut members = members
                .into_iter()
                .filter_map(|(hits, strings, number)| {
                    let hits = hits.as_ref()?;
                    let text = strings.get(number)?;
                    (!text.is_empty()).then(|| hits.contains(number as usize))
                })
                .peekable();
            let passes = if members.peek().is_none() {
                values.missing
            } else {
                members.any(|hit| hit)
            };
            passes.then_some(at)
        });
        Column {
            read: Columns::machine,
            hits: hits.collect(),
            none: values.missing,
        }
    }
}

type Search = fn(&Strings, &Values) -> FixedBitSet;

impl Strings {
    fn containing_any(&self, values: &Values) -> FixedBitSet {
        self.containing(values.any.iter().map(Needle::folded))
    }

    fn equal_to_any(&self, values: &Values) -> FixedBitSet {
        self.where_folded(|text| values.any.iter().any(|needle| needle.folded() == text))
    }
}
