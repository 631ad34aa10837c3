//! Lists over a slow line: a page that does not come in time is asked for in smaller ones.

use super::{Transport, failure};
use crate::entity::{error::ProviderError, page::PageRequest};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::{Mutex as Turn, MutexGuard as MyTurn},
    time::Instant,
};

/// How much the line to one provider brings in time.
#[derive(Debug, Default)]
pub(super) struct LineSpeed {
    slow: Mutex<Option<SlowLine>>,
    /// On a slow line pages come one after the other: several at once would only slow each other down.
    sequential: Turn<()>,
}

#[derive(Clone, Copy, Debug)]
struct SlowLine {
    /// The most rows that are asked for at once.
    max_rows: u32,
    /// When a page last came too slowly.
    since: Instant,
}

impl LineSpeed {
    fn slow(&self) -> MutexGuard<'_, Option<SlowLine>> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of so many rows came too slowly: half as many are asked for from now on.
    pub(super) fn note_slow(&self, rows: u32) {
        let mut slow = self.slow();
        let half = (rows / 2).max(1);
        let most = slow.map_or(half, |slow| slow.max_rows.min(half));
        *slow = Some(SlowLine {
            max_rows: most,
            since: Instant::now(),
        });
    }

    /// The most rows to ask for at once, if that is limited.
    fn max_rows(&self) -> Option<u32> {
        self.slow().map(|slow| slow.max_rows)
    }

    /// A list is begun anew: after a while the line may have become better.
    fn begin_list(&self, patience: std::time::Duration) {
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
pub struct PageParts<'a> {
    line_speed: &'a LineSpeed,
    /// Rows of the page.
    page_rows: u32,
    /// Rows before it.
    first_row: u64,
    /// Rows of it that have come.
    received_rows: u32,
    /// Rows of the next part.
    part_rows: u32,
    is_first_page: bool,
    is_ended: bool,
}

impl Transport {
    /// The parts of a page that holds so many rows.
    pub fn page_parts(&self, token: PageRequest, whole: u32) -> PageParts<'_> {
        let whole = whole.max(1);
        let first = token.index == 0 && token.size == 0;
        if first {
            self.line_speed.begin_list(self.limits.slow_for);
        }
        let most = self.line_speed.max_rows().unwrap_or(u32::MAX).max(1);
        let size = match (whole <= most, first) {
            (true, _) => whole,
            (false, true) => most,
            (false, false) => divisor(whole, most),
        };
        PageParts {
            line_speed: &self.line_speed,
            page_rows: if first { size } else { whole },
            first_row: u64::from(token.index) * u64::from(whole),
            received_rows: 0,
            part_rows: size,
            is_first_page: first,
            is_ended: false,
        }
    }
}

impl<'a> PageParts<'a> {
    /// The part to ask for next, and the right to do so; `None` when the page is complete.
    pub async fn next(&self) -> Option<(PageRequest, Option<MyTurn<'a, ()>>)> {
        let line = self.line_speed;
        if self.is_ended || self.received_rows >= self.page_rows {
            return None;
        }
        let index = (self.first_row + u64::from(self.received_rows)) / u64::from(self.part_rows);
        let token = PageRequest {
            index: u32::try_from(index).ok()?,
            size: self.part_rows,
        };
        let turn = match line.max_rows() {
            Some(_) => Some(line.sequential.lock().await),
            None => None,
        };
        Some((token, turn))
    }

    /// The part came, with so many rows. A part that is not full is the last of its list.
    pub fn record_part(&mut self, rows: u32) {
        self.received_rows = self.received_rows.saturating_add(self.part_rows);
        self.is_ended |= rows < self.part_rows;
    }

    /// Whether the part did not come only because the line is slow: then the next one is smaller.
    pub fn reduce_on_slow(&mut self, error: &ProviderError) -> bool {
        if *error != failure::too_slow_error() || self.part_rows <= 1 {
            return false;
        }
        if self.is_first_page {
            self.part_rows /= 2;
            self.page_rows = self.part_rows;
        } else {
            // What has come stays: the smaller parts fit into the larger one.
            self.part_rows = divisor(self.part_rows, self.part_rows / 2);
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
        let line = LineSpeed::default();
        for rows in [100, 50, 100] {
            line.note_slow(rows);
        }
        assert_eq!(line.max_rows(), Some(25));
        line.begin_list(std::time::Duration::from_secs(60));
        assert_eq!(line.max_rows(), Some(25));
        line.begin_list(std::time::Duration::ZERO);
        assert_eq!(line.max_rows(), None);
        line.note_slow(1);
        assert_eq!(line.max_rows(), Some(1));
    }
}
