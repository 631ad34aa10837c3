//! Lists over a slow line: a page that does not come in time is asked for in smaller ones.

use super::{Transport, failure};
use crate::entity::{error::ProviderError, page::PageToken};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::{Mutex as Turn, MutexGuard as MyTurn},
    time::Instant,
};

/// How much the line to one provider brings in time.
#[derive(Debug, Default)]
pub(super) struct Line {
    slow: Mutex<Option<Slow>>,
    /// On a slow line pages come one after the other: several at once would only slow each other down.
    turn: Turn<()>,
}

#[derive(Clone, Copy, Debug)]
struct Slow {
    /// The most rows that are asked for at once.
    most: u32,
    /// When a page last came too slowly.
    since: Instant,
}

impl Line {
    fn slow(&self) -> MutexGuard<'_, Option<Slow>> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of so many rows came too slowly: half as many are asked for from now on.
    pub(super) fn note_slow(&self, rows: u32) {
        let mut slow = self.slow();
        let half = (rows / 2).max(1);
        let most = slow.map_or(half, |slow| slow.most.min(half));
        *slow = Some(Slow {
            most,
            since: Instant::now(),
        });
    }

    /// The most rows to ask for at once, if that is limited.
    fn most(&self) -> Option<u32> {
        self.slow().map(|slow| slow.most)
    }

    /// A list is begun anew: after a while the line may have become better.
    fn begin(&self, patience: std::time::Duration) {
        let mut slow = self.slow();
        if slow.is_some_and(|slow| slow.since.elapsed() >= patience) {
            *slow = None;
        }
    }
}

/// One page of a list, asked for in as many parts as the line needs: the whole page at once where it is not slow. The
/// parts together are exactly the page.
///
/// The first page of a list, whose size is not known yet, is made smaller: all pages after it have its size.
#[derive(Debug)]
pub struct Portions<'a> {
    line: &'a Line,
    /// Rows of the page.
    whole: u32,
    /// Rows before it.
    before: u64,
    /// Rows of it that have come.
    done: u32,
    /// Rows of the next part.
    size: u32,
    first: bool,
    ended: bool,
}

impl Transport {
    /// The parts of a page that holds so many rows.
    pub fn portions(&self, token: PageToken, whole: u32) -> Portions<'_> {
        let whole = whole.max(1);
        let first = token.index == 0 && token.size == 0;
        if first {
            self.line.begin(self.limits.slow_for);
        }
        let most = self.line.most().unwrap_or(u32::MAX).max(1);
        let size = match (whole <= most, first) {
            (true, _) => whole,
            (false, true) => most,
            (false, false) => divisor(whole, most),
        };
        Portions {
            line: &self.line,
            whole: if first { size } else { whole },
            before: u64::from(token.index) * u64::from(whole),
            done: 0,
            size,
            first,
            ended: false,
        }
    }
}

impl<'a> Portions<'a> {
    /// The part to ask for next, and the right to do so; `None` when the page is complete.
    pub async fn next(&self) -> Option<(PageToken, Option<MyTurn<'a, ()>>)> {
        let line = self.line;
        if self.ended || self.done >= self.whole {
            return None;
        }
        let index = (self.before + u64::from(self.done)) / u64::from(self.size);
        let token = PageToken {
            index: u32::try_from(index).ok()?,
            size: self.size,
        };
        let turn = match line.most() {
            Some(_) => Some(line.turn.lock().await),
            None => None,
        };
        Some((token, turn))
    }

    /// The part came, with so many rows. A part that is not full is the last of its list.
    pub fn took(&mut self, rows: u32) {
        self.done = self.done.saturating_add(self.size);
        self.ended |= rows < self.size;
    }

    /// Whether the part did not come only because the line is slow: then the next one is smaller.
    pub fn smaller(&mut self, error: &ProviderError) -> bool {
        if *error != failure::too_slow() || self.size <= 1 {
            return false;
        }
        if self.first {
            self.size /= 2;
            self.whole = self.size;
        } else {
            // What has come stays: the smaller parts fit into the larger one.
            self.size = divisor(self.size, self.size / 2);
        }
        true
    }
}

/// The largest number that divides `whole` and is not larger than `most`.
fn divisor(whole: u32, most: u32) -> u32 {
    (1..=most.min(whole))
        .rev()
        .find(|size| whole.is_multiple_of(*size))
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_divisor_is_the_largest_that_fits() {
        assert_eq!(divisor(100, 50), 50);
        assert_eq!(divisor(100, 12), 10);
        assert_eq!(divisor(25, 12), 5);
        assert_eq!(divisor(7, 3), 1);
        assert_eq!(divisor(100, 1_000), 100);
    }

    #[test]
    fn the_line_remembers_the_smallest_page_until_it_had_time_to_get_better() {
        let line = Line::default();
        for rows in [100, 50, 100] {
            line.note_slow(rows);
        }
        assert_eq!(line.most(), Some(25));
        line.begin(std::time::Duration::from_secs(60));
        assert_eq!(line.most(), Some(25));
        line.begin(std::time::Duration::ZERO);
        assert_eq!(line.most(), None);
        line.note_slow(1);
        assert_eq!(line.most(), Some(1));
    }
}
