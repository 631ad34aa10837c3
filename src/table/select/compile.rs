//! Makes a filter and a scope ready for a table.

use super::{
    key::Keys,
    memo::{Look, PLACES, Place, Words},
    test::{Column, DateColumn, Marked, Member, Test, Wanted},
};
use crate::{
    filter::{Expression, Field, Filter, LONG_S, Letters, Needle, Pattern, Term},
    table::{GroupId, GroupKind, Table, group::Machine, strings::Strings},
};
use fixedbitset::FixedBitSet;

/// How many rows will be looked at, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All: every text is searched now.
    Whole,
    /// Few: the texts that they have are looked at then.
    Few,
    /// All, in steps: what is quick is searched now.
    Steps,
}

type Search<'s> = &'s dyn Fn(&Strings) -> FixedBitSet;

impl Table {
    pub(super) fn compile(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        reach: Reach,
    ) -> Test {
        let scoped = scope
            .iter()
            .map(|&(kind, group)| self.scope_test(kind, group));
        let parts = filter
            .all()
            .iter()
            .map(|part| self.expression(part, filter.now(), reach));
        Test::all(scoped.chain(parts).collect())
    }

    fn expression(&self, expression: &Expression, now: Option<i64>, reach: Reach) -> Test {
        let each = |parts: &[Expression]| {
            let parts = parts.iter();
            parts
                .map(|part| self.expression(part, now, reach))
                .collect()
        };
        match expression {
            Expression::Term(term) => self.term(term, now, reach),
            Expression::All(parts) => Test::all(each(parts)),
            Expression::Any(parts) => Test::any(each(parts)),
            Expression::Not(part) => Test::Not(Box::new(self.expression(part, now, reach))),
        }
    }

    fn scope_test(&self, kind: GroupKind, group: GroupId) -> Test {
        let (member, numbers) = match kind {
            GroupKind::Breach => return Test::Number(Member::Breach, group.0),
            GroupKind::Credential => return Test::Number(Member::Credential, group.0),
            GroupKind::Profile => return Test::Slots([group.0 as usize].into_iter().collect()),
            GroupKind::Paste => return Test::nothing(),
            GroupKind::Source => {
                let slots = self.providers.iter().enumerate();
                let of = slots.filter(|(_, number)| u32::from(**number) == group.0);
                return Test::Slots(of.map(|(slot, _)| slot).collect());
            }
            GroupKind::Domain => (Member::Domain, self.domains.len()),
            GroupKind::User => (Member::Login, self.logins.len()),
            GroupKind::Endpoint | GroupKind::Country => {
                (Member::Machine, self.groups.machines().len())
            }
            GroupKind::Resource => (Member::Url, self.urls.len()),
        };
        let hits = (0..numbers)
            .filter(|&number| self.group_of(kind, number as u32) == Some(group))
            .collect();
        Test::Column(Column {
            member,
            hits,
            none: false,
        })
    }

    fn term(&self, term: &Term, now: Option<i64>, reach: Reach) -> Test {
        match term {
            Term::Status(set) => Test::Status(*set),
            Term::Risk(set) => Test::Risk(*set),
            Term::Marked => Test::Marked,
            // A leak has none.
            Term::Leaks(counts) if counts.missing => Test::Not(Box::new(Test::nothing())),
            Term::Leaks(_) => Test::nothing(),
            Term::Text(needle) => self.bare_text(needle, reach),
            Term::Pattern(pattern) => self.pattern(pattern, reach),
            Term::Letters(letters) => self.letters(letters, reach),
            Term::Date(field, moments) => self.dates(*field, Wanted::Moments(moments.clone())),
            Term::Age(age) => self.dates(age.field(), Wanted::Age(*age, now)),
            Term::Word(Field::Form, values) => {
                if values.missing {
                    Test::Not(Box::new(Test::nothing()))
                } else {
                    Test::nothing()
                }
            }
            Term::Word(field @ (Field::Profile | Field::Source), values) => {
                let name = |(profile, provider): &(crate::entity::key::ProfileName, _)| {
                    let provider: &crate::entity::key::ProviderId = provider;
                    values.is_word(if *field == Field::Profile {
                        profile.as_str().as_bytes()
                    } else {
                        provider.as_str().as_bytes()
                    })
                };
                let slots = self.profiles.iter().enumerate();
                Test::Slots(
                    slots
                        .filter(|(_, profile)| name(profile))
                        .map(|(at, _)| at)
                        .collect(),
                )
            }
            Term::Word(Field::Is, values) => Test::Is(Marked {
                local: values.is_word(b"local"),
                remote: values.is_word(b"remote"),
                disputed: values.is_word(b"disputed"),
            }),
            Term::Contains(field @ (Field::Reason | Field::Ticket | Field::Claimed), values) => {
                Test::Kept(*field, values.clone())
            }
            Term::Contains(Field::Key, values) => Test::Key(Keys::new(self, &values.any)),
            Term::Word(field, values) => {
                let equal = |strings: &Strings| {
                    strings.where_folded(|text| {
                        values.any.iter().any(|needle| needle.folded() == text)
                    })
                };
                self.column(*field, values.missing, &equal)
            }
            Term::Contains(field, values) => {
                let contain = |strings: &Strings| {
                    strings.containing(values.any.iter().flat_map(Needle::forms))
                };
                self.column(*field, values.missing, &contain)
            }
        }
    }

    fn bare_text(&self, needle: &Needle, reach: Reach) -> Test {
        if reach == Reach::Few {
            return Test::Words(Box::new(Words::new(self, Look::text(needle))));
        }
        self.in_words(|place| place.strings(self).containing(needle.forms()))
    }

    fn letters(&self, letters: &Letters, reach: Reach) -> Test {
        if reach != Reach::Whole {
            let look = Look::Letters(letters.clone());
            return Test::Words(Box::new(Words::new(self, look)));
        }
        self.in_words(|place| {
            place
                .strings(self)
                .where_folded(|text| letters.are_in(text))
        })
    }

    /// What has the text that every match has is looked at alone.
    fn pattern(&self, pattern: &Pattern, reach: Reach) -> Test {
        let look = Look::Pattern(pattern.clone());
        let needles = pattern.literal().map(|literal| {
            let long = literal.contains(&b's').then_some(LONG_S);
            [Some(literal), long].into_iter().flatten()
        });
        let candidates = |place: Place| {
            let strings = place.strings(self);
            if let Some(needles) = &needles {
                return strings.containing(needles.clone());
            }
            let mut all = FixedBitSet::with_capacity(strings.len());
            all.insert_range(..);
            all
        };
        match reach {
            Reach::Few => Test::Words(Box::new(Words::new(self, look))),
            Reach::Steps => {
                Test::Words(Box::new(Words::among(self, look, &PLACES.map(candidates))))
            }
            Reach::Whole => self.in_words(|place| {
                place
                    .strings(self)
                    .among(&candidates(place), |text| pattern.matches(text))
            }),
        }
    }

    /// The members that bare words are looked for in.
    fn in_words(&self, search: impl Fn(Place) -> FixedBitSet) -> Test {
        let columns = PLACES.into_iter().map(|place| {
            let hits = search(place);
            let (member, hits) = match place {
                Place::Login => (Member::Login, hits),
                Place::Url => (Member::Url, hits),
                Place::Domain => (Member::Domain, hits),
                Place::Host if hits.is_clear() => (Member::Machine, hits),
                Place::Host => {
                    let machines = self.groups.machines().iter().enumerate();
                    let hit = |machine: &Machine| hits.contains(machine.hostname as usize);
                    let machines = machines.filter(|(_, machine)| hit(machine));
                    (Member::Machine, machines.map(|(at, _)| at).collect())
                }
            };
            Test::Column(Column {
                member,
                hits,
                none: false,
            })
        });
        let found = |test: &Test| !matches!(test, Test::Column(column) if column.hits.is_clear());
        Test::any(columns.filter(found).collect())
    }

    /// Rows by a date: a plain time is its own number, any other text is looked at once.
    fn dates(&self, field: Field, wanted: Wanted) -> Test {
        let none = wanted.takes_none();
        Test::Dates(DateColumn {
            member: if field == Field::Added {
                Member::Added
            } else {
                Member::Seen
            },
            texts: self.dates.texts_where(|seconds| match seconds {
                Some(seconds) => wanted.takes(seconds),
                None => none,
            }),
            wanted,
        })
    }

    /// The test of one field, if a column holds it.
    fn column(&self, field: Field, missing: bool, search: Search<'_>) -> Test {
        let (member, strings) = match field {
            Field::Login => (Member::Login, &self.logins),
            Field::Url => (Member::Url, &self.urls),
            Field::Domain => (Member::Domain, &self.domains),
            Field::Class => (Member::Class, &self.classes),
            Field::Breach => (Member::Breach, &self.breaches.names),
            Field::Host => return self.machines(missing, search, &[HOST]),
            Field::Ip => return self.machines(missing, search, &[IP]),
            Field::Os => return self.machines(missing, search, &[OS]),
            Field::Country => return self.machines(missing, search, &[COUNTRY]),
            Field::Device => return self.machines(missing, search, &[HARDWARE, HOST]),
            Field::Status
            | Field::Risk
            | Field::Is
            | Field::Source
            | Field::Profile
            | Field::Reason
            | Field::Ticket
            | Field::Claimed
            | Field::Key
            | Field::Seen
            | Field::Added
            | Field::Age
            | Field::Form
            | Field::Leaks => return Test::nothing(),
        };
        let mut hits = search(strings);
        if missing && let Some(empty) = strings.find(b"") {
            hits.grow_and_insert(empty as usize);
        }
        Test::Column(Column {
            member,
            hits,
            none: missing,
        })
    }

    /// Machines that pass: those with a text that does, and with `none` those without one.
    fn machines(&self, missing: bool, search: Search<'_>, texts: &[MachineText]) -> Test {
        let searched: Vec<_> = texts
            .iter()
            .map(|text| {
                let strings = (text.strings)(self);
                (strings, search(strings), text.number)
            })
            .collect();
        let machines = self.groups.machines().iter().enumerate();
        let passing = machines.filter(|(_, machine)| {
            let mut empty = true;
            for (strings, hits, number) in &searched {
                let number = number(machine);
                if strings.get(number).is_some_and(|text| !text.is_empty()) {
                    if hits.contains(number as usize) {
                        return true;
                    }
                    empty = false;
                }
            }
            empty && missing
        });
        Test::Column(Column {
            member: Member::Machine,
            hits: passing.map(|(at, _)| at).collect(),
            none: missing,
        })
    }
}

/// A text that a machine has.
struct MachineText {
    strings: fn(&Table) -> &Strings,
    number: fn(&Machine) -> u32,
}

const HOST: MachineText = MachineText {
    strings: |table| &table.hostnames,
    number: |machine| machine.hostname,
};
const IP: MachineText = MachineText {
    strings: |table| &table.machine_texts,
    number: |machine| machine.ip,
};
const OS: MachineText = MachineText {
    strings: |table| &table.machine_texts,
    number: |machine| machine.os,
};
const HARDWARE: MachineText = MachineText {
    strings: |table| &table.machine_texts,
    number: |machine| machine.hardware_id,
};
const COUNTRY: MachineText = MachineText {
    strings: |table| &table.countries,
    number: |machine| machine.country,
};
