//! Makes a filter and a scope ready for a table.

use super::{
    key_term::KeyTerm,
    predicate::{Column, DateColumn, DateTest, IsTerm, Member, Predicate},
    text_cache::{Matcher, TEXT_MEMBERS, TextMember, TextTerm},
};
use crate::{
    entity::news::KINDS,
    filter::{Expression, Field, Filter, LONG_S, Needle, Pattern, Subsequence, Term},
    table::{GroupId, GroupKind, Table, group::Machine, interner::Interner, news::is_word},
};
use fixedbitset::FixedBitSet;

/// How many rows will be looked at, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    /// All: every text is searched now.
    Full,
    /// Few: the texts that they have are looked at then.
    Lazy,
    /// All, in steps: what is quick is searched now.
    Incremental,
}

type Search<'s> = &'s dyn Fn(&Interner) -> FixedBitSet;

impl Table {
    pub(super) fn compile(
        &self,
        filter: &Filter,
        scope: &[(GroupKind, GroupId)],
        reach: Strategy,
    ) -> Predicate {
        let scoped = scope
            .iter()
            .map(|&(kind, group)| self.scope_test(kind, group));
        let parts = filter
            .conditions()
            .iter()
            .map(|part| self.compile_expression(part, filter.now(), reach));
        Predicate::all(scoped.chain(parts).collect())
    }

    fn compile_expression(
        &self,
        expression: &Expression,
        now: Option<i64>,
        reach: Strategy,
    ) -> Predicate {
        let each = |parts: &[Expression]| {
            let parts = parts.iter();
            parts
                .map(|part| self.compile_expression(part, now, reach))
                .collect()
        };
        match expression {
            Expression::Term(term) => self.compile_term(term, now, reach),
            Expression::All(parts) => Predicate::all(each(parts)),
            Expression::Any(parts) => Predicate::any(each(parts)),
            Expression::Not(part) => {
                Predicate::Not(Box::new(self.compile_expression(part, now, reach)))
            }
        }
    }

    fn scope_test(&self, kind: GroupKind, group: GroupId) -> Predicate {
        let (member, numbers) = match kind {
            GroupKind::Breach => return Predicate::Number(Member::Breach, group.0),
            GroupKind::Credential => return Predicate::Number(Member::Credential, group.0),
            GroupKind::Profile => {
                return Predicate::Slots([group.0 as usize].into_iter().collect());
            }
            GroupKind::Paste => return Predicate::never(),
            GroupKind::Source => {
                let slots = self.providers.iter().enumerate();
                let of = slots.filter(|(_, number)| u32::from(**number) == group.0);
                return Predicate::Slots(of.map(|(slot, _)| slot).collect());
            }
            GroupKind::Domain => (Member::Domain, self.domains.len()),
            GroupKind::User => (Member::Login, self.logins.len()),
            GroupKind::Endpoint | GroupKind::Country => {
                (Member::Machine, self.groups.machines().len())
            }
            GroupKind::Resource => (Member::Url, self.urls.len()),
        };
        let hits = (0..numbers)
            .filter(|&number| self.group_by_number(kind, number as u32) == Some(group))
            .collect();
        Predicate::Column(Column {
            member,
            hits,
            includes_missing: false,
        })
    }

    fn compile_term(&self, term: &Term, now: Option<i64>, reach: Strategy) -> Predicate {
        match term {
            Term::Status(set) => Predicate::Status(*set),
            Term::Risk(set) => Predicate::Risk(*set),
            Term::Marked => Predicate::Marked,
            // A leak has none.
            Term::Leaks(counts) if counts.missing => Predicate::Not(Box::new(Predicate::never())),
            Term::Leaks(_) => Predicate::never(),
            Term::Text(needle) => self.compile_text(needle, reach),
            Term::Pattern(pattern) => self.compile_pattern(pattern, reach),
            Term::Subsequence(letters) => self.compile_subsequence(letters, reach),
            Term::Date(Field::Found, moments) => {
                Predicate::Found(DateTest::Ranges(moments.clone()))
            }
            Term::Date(field, moments) => {
                self.compile_dates(*field, DateTest::Ranges(moments.clone()))
            }
            Term::Age(age) if age.field() == Field::Found => {
                Predicate::Found(DateTest::Age(*age, now))
            }
            Term::Age(age) => self.compile_dates(age.field(), DateTest::Age(*age, now)),
            Term::Equals(Field::Form, values) => {
                if values.missing {
                    Predicate::Not(Box::new(Predicate::never()))
                } else {
                    Predicate::never()
                }
            }
            Term::Equals(field @ (Field::Profile | Field::Source), values) => {
                let name = |(profile, provider): &(crate::entity::key::ProfileName, _)| {
                    let provider: &crate::entity::key::ProviderId = provider;
                    values.equals_any(if *field == Field::Profile {
                        profile.as_str().as_bytes()
                    } else {
                        provider.as_str().as_bytes()
                    })
                };
                let slots = self.profiles.iter().enumerate();
                Predicate::Slots(
                    slots
                        .filter(|(_, profile)| name(profile))
                        .map(|(at, _)| at)
                        .collect(),
                )
            }
            Term::Equals(Field::Is, values) => Predicate::Is(IsTerm {
                local: values.equals_any(b"local"),
                remote: values.equals_any(b"remote"),
                disputed: values.equals_any(b"disputed"),
                news: values.equals_any(b"news"),
                unread: values.equals_any(b"unread"),
                told: KINDS.map(|kind| {
                    is_word(kind).is_some_and(|word| values.equals_any(word.as_bytes()))
                }),
            }),
            Term::Contains(field @ (Field::Reason | Field::Ticket | Field::Claimed), values) => {
                Predicate::Annotation(*field, values.clone())
            }
            Term::Contains(Field::Key, values) => {
                Predicate::Key(KeyTerm::new(self, &values.needles))
            }
            Term::Equals(field, values) => {
                let equal = |strings: &Interner| {
                    strings.mark_matching(|text| {
                        values.needles.iter().any(|needle| needle.folded() == text)
                    })
                };
                self.compile_column(*field, values.missing, &equal)
            }
            Term::Contains(field, values) => {
                let contain = |strings: &Interner| {
                    strings.mark_containing(values.needles.iter().flat_map(Needle::forms))
                };
                self.compile_column(*field, values.missing, &contain)
            }
        }
    }

    fn compile_text(&self, needle: &Needle, reach: Strategy) -> Predicate {
        if reach == Strategy::Lazy {
            return Predicate::Text(Box::new(TextTerm::new(self, Matcher::from_needle(needle))));
        }
        self.compile_text_members(|place| place.strings(self).mark_containing(needle.forms()))
    }

    fn compile_subsequence(&self, letters: &Subsequence, reach: Strategy) -> Predicate {
        if reach != Strategy::Full {
            let look = Matcher::Subsequence(letters.clone());
            return Predicate::Text(Box::new(TextTerm::new(self, look)));
        }
        self.compile_text_members(|place| {
            place
                .strings(self)
                .mark_matching(|text| letters.matches(text))
        })
    }

    /// What has the text that every match has is looked at alone.
    fn compile_pattern(&self, pattern: &Pattern, reach: Strategy) -> Predicate {
        let look = Matcher::Pattern(pattern.clone());
        let needles = pattern.literal().map(|literal| {
            let long = literal.contains(&b's').then_some(LONG_S);
            [Some(literal), long].into_iter().flatten()
        });
        let candidates = |place: TextMember| {
            let strings = place.strings(self);
            if let Some(needles) = &needles {
                return strings.mark_containing(needles.clone());
            }
            let mut all = FixedBitSet::with_capacity(strings.len());
            all.insert_range(..);
            all
        };
        match reach {
            Strategy::Lazy => Predicate::Text(Box::new(TextTerm::new(self, look))),
            Strategy::Incremental => Predicate::Text(Box::new(TextTerm::with_candidates(
                self,
                look,
                &TEXT_MEMBERS.map(candidates),
            ))),
            Strategy::Full => self.compile_text_members(|place| {
                place
                    .strings(self)
                    .mark_matching_in(&candidates(place), |text| pattern.matches(text))
            }),
        }
    }

    /// The members that bare words are looked for in.
    fn compile_text_members(&self, search: impl Fn(TextMember) -> FixedBitSet) -> Predicate {
        let columns = TEXT_MEMBERS.into_iter().map(|place| {
            let hits = search(place);
            let (member, hits) = match place {
                TextMember::Login => (Member::Login, hits),
                TextMember::Url => (Member::Url, hits),
                TextMember::Domain => (Member::Domain, hits),
                TextMember::Host if hits.is_clear() => (Member::Machine, hits),
                TextMember::Host => {
                    let machines = self.groups.machines().iter().enumerate();
                    let hit = |machine: &Machine| hits.contains(machine.hostname as usize);
                    let machines = machines.filter(|(_, machine)| hit(machine));
                    (Member::Machine, machines.map(|(at, _)| at).collect())
                }
            };
            Predicate::Column(Column {
                member,
                hits,
                includes_missing: false,
            })
        });
        let found =
            |test: &Predicate| !matches!(test, Predicate::Column(column) if column.hits.is_clear());
        Predicate::any(columns.filter(found).collect())
    }

    /// Rows by a date: a plain time is its own number, any other text is looked at once.
    fn compile_dates(&self, field: Field, wanted: DateTest) -> Predicate {
        let none = wanted.matches_missing();
        Predicate::Dates(DateColumn {
            member: if field == Field::Added {
                Member::Added
            } else {
                Member::Seen
            },
            texts: self.dates.mark_matching(|seconds| match seconds {
                Some(seconds) => wanted.matches(seconds),
                None => none,
            }),
            test: wanted,
        })
    }

    /// The test of one field, if a column holds it.
    fn compile_column(&self, field: Field, missing: bool, search: Search<'_>) -> Predicate {
        let (member, strings) = match field {
            Field::Login => (Member::Login, &self.logins),
            Field::Url => (Member::Url, &self.urls),
            Field::Domain => (Member::Domain, &self.domains),
            Field::Class => (Member::Class, &self.classes),
            Field::Breach => (Member::Breach, &self.breaches.names),
            Field::Host => return self.compile_machines(missing, search, &[HOST]),
            Field::Ip => return self.compile_machines(missing, search, &[IP]),
            Field::Os => return self.compile_machines(missing, search, &[OS]),
            Field::Country => return self.compile_machines(missing, search, &[COUNTRY]),
            Field::Device => return self.compile_machines(missing, search, &[HARDWARE, HOST]),
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
            | Field::Found
            | Field::Age
            | Field::Form
            | Field::Leaks => return Predicate::never(),
        };
        let mut hits = search(strings);
        if missing && let Some(empty) = strings.find(b"") {
            hits.grow_and_insert(empty as usize);
        }
        Predicate::Column(Column {
            member,
            hits,
            includes_missing: missing,
        })
    }

    /// Machines that pass: those with a text that does, and with `none` those without one.
    fn compile_machines(
        &self,
        missing: bool,
        search: Search<'_>,
        texts: &[MachineText],
    ) -> Predicate {
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
        Predicate::Column(Column {
            member: Member::Machine,
            hits: passing.map(|(at, _)| at).collect(),
            includes_missing: missing,
        })
    }
}

/// A text that a machine has.
struct MachineText {
    strings: fn(&Table) -> &Interner,
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
