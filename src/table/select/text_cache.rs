//! Texts that are looked at when a row asks for them, and what came of it: a value that many rows share is looked at
//! once.

use crate::{
    filter::{Needle, Pattern, Subsequence},
    table::{
        RowId, Table,
        interner::{Interner, NO_VALUE},
    },
};
use fixedbitset::FixedBitSet;
use memchr::memmem::Finder;

/// What is looked for in the members that bare words are looked for in.
#[derive(Clone, Debug)]
pub(super) struct TextTerm {
    pub(super) matcher: Matcher,
    caches: [TextCache; 4],
}

/// The members, in the order in which they are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextMember {
    Login,
    Url,
    Host,
    Domain,
}

pub(super) const TEXT_MEMBERS: [TextMember; 4] = [
    TextMember::Login,
    TextMember::Url,
    TextMember::Host,
    TextMember::Domain,
];

impl TextMember {
    pub(super) fn strings(self, table: &Table) -> &Interner {
        match self {
            Self::Login => &table.logins,
            Self::Url => &table.urls,
            Self::Host => &table.hostnames,
            Self::Domain => &table.domains,
        }
    }

    fn number(self, table: &Table, row: RowId) -> u32 {
        let columns = &table.columns;
        match self {
            Self::Login => columns.login(row),
            Self::Url => columns.url(row),
            Self::Domain => columns.domain(row),
            Self::Host => table
                .groups
                .machine(columns.machine(row))
                .map_or(NO_VALUE, |machine| machine.hostname),
        }
    }
}

/// How to look.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Text(Vec<Finder<'static>>),
    Pattern(Pattern),
    Subsequence(Subsequence),
}

impl Matcher {
    pub(super) fn from_needle(needle: &Needle) -> Self {
        Self::Text(
            needle
                .forms()
                .map(|form| Finder::new(form).into_owned())
                .collect(),
        )
    }

    /// Whether a value passes.
    fn matches(&self, strings: &Interner, number: u32) -> bool {
        match self {
            Self::Text(finders) => {
                let found = |text: &[u8]| finders.iter().any(|finder| finder.find(text).is_some());
                found(&strings.folded(number)) || strings.search_form(number).is_some_and(found)
            }
            Self::Pattern(pattern) => strings
                .get(number)
                .is_some_and(|text| pattern.matches(text)),
            Self::Subsequence(letters) => {
                letters.matches(&strings.folded(number))
                    || strings
                        .search_form(number)
                        .is_some_and(|form| letters.matches(form))
            }
        }
    }

    /// What looking at a value takes, in steps of about a row's.
    fn cost(&self, strings: &Interner, number: u32) -> usize {
        let length = strings.get(number).map_or(0, <[u8]>::len);
        match self {
            Self::Text(_) | Self::Subsequence(_) => 1 + length / 32,
            Self::Pattern(_) => 4 + length / 8,
        }
    }
}

/// What is known of the values of one member, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct TextCache {
    known: FixedBitSet,
    hits: FixedBitSet,
}

impl TextCache {
    /// Nothing is known.
    fn empty(strings: &Interner) -> Self {
        Self {
            known: FixedBitSet::with_capacity(strings.len()),
            hits: FixedBitSet::with_capacity(strings.len()),
        }
    }

    /// It is known that nothing but these can pass.
    fn with_candidates(strings: &Interner, candidates: &FixedBitSet) -> Self {
        let mut memo = Self::empty(strings);
        memo.known.insert_range(..);
        memo.known.difference_with(candidates);
        memo
    }
}

impl TextTerm {
    /// Nothing is known yet.
    pub(super) fn new(table: &Table, look: Matcher) -> Self {
        let memos = TEXT_MEMBERS.map(|place| TextCache::empty(place.strings(table)));
        Self {
            matcher: look,
            caches: memos,
        }
    }

    /// Only these, by member, need a look.
    pub(super) fn with_candidates(
        table: &Table,
        look: Matcher,
        candidates: &[FixedBitSet; 4],
    ) -> Self {
        let mut words = Self::new(table, look);
        for ((place, memo), candidates) in
            TEXT_MEMBERS.iter().zip(&mut words.caches).zip(candidates)
        {
            *memo = TextCache::with_candidates(place.strings(table), candidates);
        }
        words
    }

    /// Whether a member of a row passes.
    pub(super) fn matches(&self, table: &Table, row: RowId) -> bool {
        TEXT_MEMBERS.iter().zip(&self.caches).any(|(place, memo)| {
            let number = place.number(table, row);
            let at = number as usize;
            number != NO_VALUE
                && (memo.hits.contains(at)
                    || !memo.known.contains(at)
                        && self.matcher.matches(place.strings(table), number))
        })
    }

    /// The same, and remembers it.
    pub(super) fn matches_cached(&mut self, table: &Table, row: RowId, spent: &mut usize) -> bool {
        let look = &self.matcher;
        TEXT_MEMBERS
            .iter()
            .zip(&mut self.caches)
            .any(|(place, memo)| {
                let number = place.number(table, row);
                if number == NO_VALUE {
                    return false;
                }
                let at = number as usize;
                if memo.known.contains(at) {
                    return memo.hits.contains(at);
                }
                let strings = place.strings(table);
                *spent += look.cost(strings, number);
                let holds = look.matches(strings, number);
                memo.known.grow_and_insert(at);
                if holds {
                    memo.hits.grow_and_insert(at);
                }
                holds
            })
    }
}
