//! What the memory of what was seen says of rows: when each was found here, and what is told of some.

use super::{ProfileSlot, RowId, Table};
use crate::entity::{
    news::{News, NewsCounts},
    raw_text::RawText,
    seen::EventKind,
};
use std::collections::HashMap;

/// Stands for a leak that was there at the first whole reading.
const BASELINE: u32 = 0;

/// When rows were found, and what is told of some of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Newsroom {
    /// By row, in seconds since 1970; shorter than the table where no later row was found after the first reading.
    found: Vec<u32>,
    /// Few leaks have news.
    news: HashMap<RowId, News>,
    /// What is told up to this position was looked at.
    looked_at: u64,
}

impl Table {
    /// When a leak was found here, in seconds since 1970; nothing where it was there at the first whole reading, or
    /// where nothing is known.
    pub fn found_seconds(&self, row: RowId) -> Option<i64> {
        let found = self.newsroom.found.get(row.0 as usize).copied();
        found.filter(|at| *at != BASELINE).map(i64::from)
    }

    /// The same as a date of the provider would be written; empty for nothing.
    pub fn found_text(&self, row: RowId) -> String {
        let moment = self
            .found_seconds(row)
            .and_then(|at| jiff::Timestamp::from_second(at).ok());
        moment.map_or_else(String::new, |moment| moment.to_string())
    }

    /// What is told of a leak, as long as it stands as it did then.
    pub fn news(&self, row: RowId) -> Option<&News> {
        if self.newsroom.news.is_empty() {
            return None;
        }
        let news = self.newsroom.news.get(&row)?;
        let holds = news.holds(self.status(row), self.is_disputed(row));
        (holds && !self.is_gone(row)).then_some(news)
    }

    /// The same, where nobody has said that it was looked at and nobody works on the leak.
    pub fn fresh_news(&self, row: RowId) -> Option<&News> {
        self.news(row)
            .filter(|news| news.seq > self.newsroom.looked_at && self.claim(row).is_none())
    }

    /// Whether there are news of a leak that was not looked at in this console.
    pub fn is_unread(&self, row: RowId) -> bool {
        self.fresh_news(row).is_some_and(|news| !news.is_read)
    }

    /// How many leaks there are fresh news of.
    pub fn count_news(&self) -> NewsCounts {
        let mut counts = NewsCounts::default();
        for row in self.newsroom.news.keys() {
            if let Some(news) = self.fresh_news(*row) {
                counts.add(news.kind);
            }
        }
        counts
    }

    /// Takes in when rows were found.
    pub fn set_found(&mut self, found: impl IntoIterator<Item = (RowId, i64)>) {
        let mut changed = false;
        for (row, at) in found {
            let place = row.0 as usize;
            if self.newsroom.found.len() <= place {
                self.newsroom.found.resize(place + 1, BASELINE);
            }
            let at = u32::try_from(at).unwrap_or(BASELINE);
            let old = std::mem::replace(&mut self.newsroom.found[place], at);
            changed |= old != at;
        }
        self.generation += u64::from(changed);
    }

    /// Replaces what is told of a profile's rows. What was looked at in this console stays so.
    pub fn set_news(&mut self, slot: ProfileSlot, news: impl IntoIterator<Item = (RowId, News)>) {
        let (mut old, others): (HashMap<RowId, News>, HashMap<RowId, News>) =
            std::mem::take(&mut self.newsroom.news)
                .into_iter()
                .partition(|(row, _)| self.slot(*row) == slot);
        let mut all = others;
        let mut changed = false;
        for (row, mut one) in news {
            let before = old.remove(&row);
            if let Some(before) = before.filter(|before| before.seq == one.seq) {
                one.is_read = before.is_read;
                changed |= before != one;
            } else {
                changed = true;
            }
            all.insert(row, one);
        }
        self.newsroom.news = all;
        self.generation += u64::from(changed || !old.is_empty());
    }

    /// What is told up to a position of the list was looked at.
    pub fn set_looked_at(&mut self, position: u64) {
        let changed = self.newsroom.looked_at != position;
        self.newsroom.looked_at = position;
        self.generation += u64::from(changed && !self.newsroom.news.is_empty());
    }

    /// Somebody looks at a leak; whether there were news of it that nobody had looked at. The order of the rows is left
    /// as it is: what is read does not vanish from under the cursor.
    pub fn read_news(&mut self, row: RowId) -> bool {
        if !self.is_unread(row) {
            return false;
        }
        let news = self.newsroom.news.get_mut(&row);
        news.is_some_and(|news| !std::mem::replace(&mut news.is_read, true))
    }

    /// Of fresh news, the place among the kinds.
    pub(super) fn news_rank(&self, row: RowId) -> Option<u64> {
        self.fresh_news(row).map(|news| news.kind as u64)
    }

    /// Lays beside a leak what is told of it.
    pub(super) fn tell_news(&self, row: RowId) -> (Option<RawText>, Vec<&'static str>) {
        let found = self.found_text(row);
        let found = (!found.is_empty()).then(|| RawText::from(found));
        let mut words = Vec::new();
        if let Some(news) = self.news(row) {
            words.extend(is_word(news.kind));
        }
        if self.fresh_news(row).is_some() {
            words.push("news");
        }
        if self.is_unread(row) {
            words.push("unread");
        }
        (found, words)
    }
}

/// What `is:` calls a kind. Disputed is asked for as such, whatever is told of it.
pub(super) fn is_word(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Regressed => Some("regressed"),
        EventKind::Again => Some("again"),
        EventKind::New => Some("new"),
        _ => None,
    }
}
