//! Interned text: each value once, in lower case for the search and as it came.

use super::{
    growth::{extend, push, reserve_mapped},
    hash::HashKeys,
    index::Index,
    prefix_key::prefix_key,
    rank_set::RankSet,
};
use crate::{entity::host, filter::case_fold};
use fixedbitset::FixedBitSet;
use memchr::memmem::Finder;
use std::{borrow::Cow, ops::Range};

/// Stands for "no value" in a column of string numbers.
pub(super) const NO_VALUE: u32 = u32::MAX;

/// Byte strings one behind the other, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Arena {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[at] as usize]
    }

    /// Where the bytes of a value are; of none for a number that there is not.
    fn span(&self, number: u32) -> Range<u32> {
        let at = number as usize;
        let Some(end) = self.ends.get(at) else {
            return 0..0;
        };
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        start.copied().unwrap_or(0)..*end
    }

    /// Whether so many bytes more can still be addressed.
    fn has_room(&self, bytes: usize) -> bool {
        self.bytes.len() + bytes < u32::MAX as usize
    }

    /// Appends; beyond 4 GiB in all, nothing of the value.
    pub(super) fn push(&mut self, bytes: &[u8]) -> u32 {
        if self.has_room(bytes.len()) {
            extend(&mut self.bytes, bytes);
        }
        push(&mut self.ends, self.bytes.len() as u32);
        (self.ends.len() - 1) as u32
    }

    /// The number of the value that a byte belongs to, which is this number or a later one: a search goes forward, and
    /// the next hit is most often near.
    fn number_at(&self, byte: usize, from: usize) -> usize {
        let beyond = |number: &usize| {
            self.ends
                .get(*number)
                .is_none_or(|end| *end as usize > byte)
        };
        let mut step = 1;
        let mut low = from;
        while !beyond(&(low + step - 1)) {
            low += step;
            step *= 2;
        }
        let high = self.ends.len().min(low + step);
        low + self.ends[low.min(high)..high].partition_point(|&end| end as usize <= byte)
    }

    fn reserve_mapped(&mut self) {
        reserve_mapped(&mut self.bytes);
        reserve_mapped(&mut self.ends);
    }
}

/// Distinct values, numbered from 0 in the order in which they came.
///
/// The folded forms lie in one arena, which is what a search runs over; a value that differs from its folded form
/// is kept once more as it came. Texts that are seldom searched are kept as they came alone
/// ([`Interner::without_folding`]).
#[derive(Clone, Debug, Default)]
pub(super) struct Interner {
    folded: Arena,
    /// The numbers of values that differ from their folded form, and these values, in the order of the numbers.
    differs: RankSet,
    originals: Arena,
    /// The beginnings of the folded forms, where these are sorted by: what most orders are told by.
    prefix_keys: Vec<u64>,
    /// The texts that are searched in another form too: their numbers, ascending, with that form.
    search_forms: Vec<(u32, Box<[u8]>)>,
    index: Index,
    hasher: HashKeys,
    without_folding: bool,
    /// What says whether a text says anything, where that is asked of every row, and the texts that do not.
    is_informative: Option<fn(&[u8]) -> bool>,
    uninformative: FixedBitSet,
    /// Whether texts have hosts in them, which are searched in one form, however they came.
    with_hosts: bool,
}

impl Interner {
    /// For texts that are not sorted by and seldom searched: half the memory where they have capitals, and a search
    /// that folds each.
    pub(super) fn without_folding() -> Self {
        Self {
            without_folding: true,
            ..Self::default()
        }
    }

    /// The same of texts that have hosts in them: see [`host::search_text`].
    pub(super) fn with_hosts(self) -> Self {
        Self {
            with_hosts: true,
            ..self
        }
    }

    /// The same of texts of which rows are asked whether they say anything.
    pub(super) fn with_informative_check(self, telling: fn(&[u8]) -> bool) -> Self {
        Self {
            is_informative: Some(telling),
            ..self
        }
    }

    /// Whether there is a value that says something.
    pub(super) fn is_informative(&self, number: u32) -> bool {
        number != NO_VALUE && !self.uninformative.contains(number as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.folded.len()
    }

    /// The form that a value is searched in beside its own, where it has one.
    pub(super) fn search_form(&self, number: u32) -> Option<&[u8]> {
        if self.search_forms.is_empty() {
            return None;
        }
        let place = self
            .search_forms
            .binary_search_by_key(&number, |(number, _)| *number);
        Some(&self.search_forms.get(place.ok()?)?.1)
    }

    /// Makes room for very many values.
    pub(super) fn reserve_mapped(&mut self) {
        self.folded.reserve_mapped();
        if !self.prefix_keys.is_empty() {
            reserve_mapped(&mut self.prefix_keys);
        }
        if !self.differs.is_empty() {
            self.originals.reserve_mapped();
        }
    }

    /// The value as it came; nothing for [`NO_VALUE`].
    pub(super) fn get(&self, number: u32) -> Option<&[u8]> {
        (number != NO_VALUE).then(|| self.text(number))
    }

    fn text(&self, number: u32) -> &[u8] {
        match self.differs.rank(number) {
            Some(place) => self.originals.get(place),
            None => self.folded.get(number),
        }
    }

    /// The value in lower case.
    pub(super) fn folded(&self, number: u32) -> Cow<'_, [u8]> {
        let text = self.folded.get(number);
        if self.without_folding {
            case_fold(text)
        } else {
            text.into()
        }
    }

    /// The beginning of the value in lower case; nothing for one that has no byte, and for texts that are not sorted by.
    pub(super) fn prefix_key(&self, number: u32) -> Option<u64> {
        let beginning = self.prefix_keys.get(number as usize).copied();
        beginning.filter(|beginning| *beginning != 0)
    }

    /// The same of many values, one read close on the other; nought for nothing.
    pub(super) fn prefix_keys(&self, numbers: &[u32]) -> Vec<u64> {
        let of = |number: &u32| self.prefix_keys.get(*number as usize).copied();
        numbers
            .iter()
            .map(|number| of(number).unwrap_or(0))
            .collect()
    }

    /// The number of a value, if it is known.
    pub(super) fn find(&self, text: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_text(text);
        self.index.find(hash, |number| self.text(number) == text)
    }

    /// The number of a value, which is kept if it is new.
    pub(super) fn intern(&mut self, text: &[u8]) -> u32 {
        self.intern_hashed(text, self.hasher.hash_text(text))
    }

    /// The numbers of values, as [`Interner::intern`] would give them one by one. In steps over all of them: each step
    /// reads memory that is nowhere near, and the processor waits for many reads at once where none needs another.
    pub(super) fn intern_all(&mut self, texts: &[&[u8]]) -> Vec<u32> {
        let hashes: Vec<u64> = texts
            .iter()
            .map(|text| self.hasher.hash_text(text))
            .collect();
        let likely = self.index.first_candidates(&hashes).into_iter();
        let likely: Vec<u32> = likely.map(|number| number.unwrap_or(NO_VALUE)).collect();
        let spans: Vec<Range<u32>> = likely
            .iter()
            .map(|number| self.folded.span(*number))
            .collect();
        // What begins or ends otherwise is none of them, and of the others the memory is near then.
        let bytes = &self.folded.bytes[..];
        let at = |place: u32| bytes.get(place as usize).copied().unwrap_or_default();
        let ends: Vec<[u8; 2]> = spans
            .iter()
            .map(|span| [at(span.start), at(span.end.saturating_sub(1))])
            .collect();
        let alike: Vec<bool> = ends
            .iter()
            .zip(texts)
            .map(|(ends, text)| {
                matches!(text, [first, ..] if first.eq_ignore_ascii_case(&ends[0]))
                    && matches!(text, [.., last] if last.eq_ignore_ascii_case(&ends[1]))
            })
            .collect();
        let is_same = |number: u32, span: Range<u32>, text: &[u8]| match self.differs.rank(number) {
            Some(place) => self.originals.get(place) == text,
            None => bytes[span.start as usize..span.end as usize] == *text,
        };
        let known: Vec<bool> = likely
            .iter()
            .zip(spans.into_iter().zip(alike.into_iter().zip(texts)))
            .map(|(number, (span, (alike, text)))| alike && is_same(*number, span, text))
            .collect();
        let found = likely.into_iter().zip(known);
        found
            .zip(texts.iter().zip(hashes))
            .map(|((number, known), (text, hash))| {
                if known {
                    number
                } else {
                    self.intern_hashed(text, hash)
                }
            })
            .collect()
    }

    fn intern_hashed(&mut self, text: &[u8], hash: u64) -> u32 {
        if let Some(number) = self.index.find(hash, |number| self.text(number) == text) {
            return number;
        }
        let folded = if self.without_folding {
            text.into()
        } else {
            case_fold(text)
        };
        let number = self.folded.push(&folded);
        if !self.without_folding {
            push(&mut self.prefix_keys, prefix_key(&folded, 0));
        }
        if *folded != *text {
            self.differs.insert(number);
            self.originals.push(text);
        }
        if self.is_informative.is_some_and(|telling| !telling(text)) {
            self.uninformative.grow_and_insert(number as usize);
        }
        if self.with_hosts
            && let Some(form) = host::search_text(text)
        {
            self.search_forms.push((number, form.into()));
        }
        self.index.insert(hash, number);
        number
    }

    /// [`Interner::intern`] of what may be absent.
    pub(super) fn intern_optional(&mut self, text: Option<&[u8]>) -> u32 {
        text.map_or(NO_VALUE, |text| self.intern(text))
    }

    /// Marks the values that contain one of the needles (folded, not empty).
    pub(super) fn mark_containing<'a>(
        &self,
        needles: impl IntoIterator<Item = &'a [u8]>,
    ) -> FixedBitSet {
        let finders: Vec<Finder<'_>> = needles.into_iter().map(Finder::new).collect();
        if self.without_folding {
            return self
                .mark_matching(|text| finders.iter().any(|finder| finder.find(text).is_some()));
        }
        let mut hits = FixedBitSet::with_capacity(self.len());
        let bytes = &self.folded.bytes[..];
        for finder in &finders {
            let needle = finder.needle();
            let (mut from, mut number) = (0, 0);
            while let Some(found) = finder.find(&bytes[from..]) {
                let at = from + found;
                number = self.folded.number_at(at, number);
                let end = self.folded.ends.get(number).map_or(at, |&end| end as usize);
                // A hit over the border of two values is none.
                from = if at + needle.len() <= end {
                    hits.insert(number);
                    end
                } else {
                    at + 1
                };
            }
        }
        for (number, form) in &self.search_forms {
            if finders.iter().any(|finder| finder.find(form).is_some()) {
                hits.insert(*number as usize);
            }
        }
        hits
    }

    /// Marks the values, as they came, for which something holds, among some.
    pub(super) fn mark_matching_in(
        &self,
        candidates: &FixedBitSet,
        holds: impl Fn(&[u8]) -> bool,
    ) -> FixedBitSet {
        let candidates = candidates.ones().take_while(|number| *number < self.len());
        candidates
            .filter(|number| holds(self.text(*number as u32)))
            .collect()
    }

    /// Marks the values for which something holds, in any form that they are searched in.
    pub(super) fn mark_matching(&self, holds: impl Fn(&[u8]) -> bool) -> FixedBitSet {
        let mut hits: FixedBitSet = (0..self.len())
            .filter(|&number| holds(&self.folded(number as u32)))
            .collect();
        for (number, form) in &self.search_forms {
            if holds(form) {
                hits.grow_and_insert(*number as usize);
            }
        }
        hits
    }
}
