//! Texts that are looked at when a row asks for them, and what came of it: a value that many rows share is looked at
//! once.

use crate::{
    filter::{Letters, Needle, Pattern},
    table::{
        Handle, Table,
        strings::{NONE, Strings},
    },
};
use fixedbitset::FixedBitSet;
use memchr::memmem::Finder;

/// What is looked for in the members that bare words are looked for in.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) look: Look,
    memos: [Memo; 4],
}

/// The members, in the order in which they are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Login,
    Url,
    Host,
    Domain,
}

pub(super) const PLACES: [Place; 4] = [Place::Login, Place::Url, Place::Host, Place::Domain];

impl Place {
    pub(super) fn strings(self, table: &Table) -> &Strings {
        match self {
            Self::Login => &table.logins,
            Self::Url => &table.urls,
            Self::Host => &table.hostnames,
            Self::Domain => &table.domains,
        }
    }

    fn number(self, table: &Table, row: Handle) -> u32 {
        let columns = &table.columns;
        match self {
            Self::Login => columns.login(row),
            Self::Url => columns.url(row),
            Self::Domain => columns.domain(row),
            Self::Host => table
                .groups
                .machine(columns.machine(row))
                .map_or(NONE, |machine| machine.hostname),
        }
    }
}

/// How to look.
#[derive(Clone, Debug)]
pub(super) enum Look {
    Text(Vec<Finder<'static>>),
    Pattern(Pattern),
    Letters(Letters),
}

impl Look {
    pub(super) fn text(needle: &Needle) -> Self {
        Self::Text(
            needle
                .forms()
                .map(|form| Finder::new(form).into_owned())
                .collect(),
        )
    }

    /// Whether a value passes.
    fn holds(&self, strings: &Strings, number: u32) -> bool {
        match self {
            Self::Text(finders) => {
                let found = |text: &[u8]| finders.iter().any(|finder| finder.find(text).is_some());
                found(&strings.folded(number)) || strings.form(number).is_some_and(found)
            }
            Self::Pattern(pattern) => strings
                .get(number)
                .is_some_and(|text| pattern.matches(text)),
            Self::Letters(letters) => {
                letters.are_in(&strings.folded(number))
                    || strings
                        .form(number)
                        .is_some_and(|form| letters.are_in(form))
            }
        }
    }

    /// What looking at a value takes, in steps of about a row's.
    fn effort(&self, strings: &Strings, number: u32) -> usize {
        let length = strings.get(number).map_or(0, <[u8]>::len);
        match self {
            Self::Text(_) | Self::Letters(_) => 1 + length / 32,
            Self::Pattern(_) => 4 + length / 8,
        }
    }
}

/// What is known of the values of one member, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    known: FixedBitSet,
    hits: FixedBitSet,
}

impl Memo {
    /// Nothing is known.
    fn blank(strings: &Strings) -> Self {
        Self {
            known: FixedBitSet::with_capacity(strings.len()),
            hits: FixedBitSet::with_capacity(strings.len()),
        }
    }

    /// It is known that nothing but these can pass.
    fn beside(strings: &Strings, candidates: &FixedBitSet) -> Self {
        let mut memo = Self::blank(strings);
        memo.known.insert_range(..);
        memo.known.difference_with(candidates);
        memo
    }
}

impl Words {
    /// Nothing is known yet.
    pub(super) fn new(table: &Table, look: Look) -> Self {
        let memos = PLACES.map(|place| Memo::blank(place.strings(table)));
        Self { look, memos }
    }

    /// Only these, by member, need a look.
    pub(super) fn among(table: &Table, look: Look, candidates: &[FixedBitSet; 4]) -> Self {
        let mut words = Self::new(table, look);
        for ((place, memo), candidates) in PLACES.iter().zip(&mut words.memos).zip(candidates) {
            *memo = Memo::beside(place.strings(table), candidates);
        }
        words
    }

    /// Whether a member of a row passes.
    pub(super) fn hold(&self, table: &Table, row: Handle) -> bool {
        PLACES.iter().zip(&self.memos).any(|(place, memo)| {
            let number = place.number(table, row);
            let at = number as usize;
            number != NONE
                && (memo.hits.contains(at)
                    || !memo.known.contains(at) && self.look.holds(place.strings(table), number))
        })
    }

    /// The same, and remembers it.
    pub(super) fn hold_and_note(&mut self, table: &Table, row: Handle, spent: &mut usize) -> bool {
        let look = &self.look;
        PLACES.iter().zip(&mut self.memos).any(|(place, memo)| {
            let number = place.number(table, row);
            if number == NONE {
                return false;
            }
            let at = number as usize;
            if memo.known.contains(at) {
                return memo.hits.contains(at);
            }
            let strings = place.strings(table);
            *spent += look.effort(strings, number);
            let holds = look.holds(strings, number);
            memo.known.grow_and_insert(at);
            if holds {
                memo.hits.grow_and_insert(at);
            }
            holds
        })
    }
}
