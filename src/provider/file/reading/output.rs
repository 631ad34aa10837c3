//! Who takes what a reading finds: a channel of pages, the first rows of a check, nobody.

use super::{
    super::sink::{Output, Page},
    Piece,
};
use crate::entity::{files::FileProgress, profile::RateBudget};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Gives pages away.
pub(super) struct Pages<'b> {
    pub(super) sender: mpsc::Sender<Piece>,
    pub(super) budget: &'b watch::Sender<RateBudget>,
    pub(super) rows: bool,
    /// When it was said last how far the reading is.
    pub(super) told: Option<Instant>,
}

/// It is said so often how far a reading is.
const TOLD: Duration = Duration::from_millis(50);

impl Output for Pages<'_> {
    fn wants_rows(&self) -> bool {
        self.rows
    }

    fn page(&mut self, page: Page) -> bool {
        self.sender.blocking_send(Piece::Page(page)).is_ok()
    }

    fn progress(&mut self, progress: FileProgress) -> bool {
        if self.told.is_none_or(|told| told.elapsed() >= TOLD) {
            self.told = Some(Instant::now());
            self.budget
                .send_modify(|budget| budget.reading = Some(progress));
        }
        !self.sender.is_closed()
    }
}

/// Keeps the first rows.
pub(super) struct Sample<'b> {
    pub(super) rows: usize,
    pub(super) page: Page,
    pub(super) budget: &'b watch::Sender<RateBudget>,
}

impl Output for Sample<'_> {
    fn wants_rows(&self) -> bool {
        self.page.leaks.len() < self.rows
    }

    fn page(&mut self, page: Page) -> bool {
        for leak in page.leaks.iter() {
            if self.page.leaks.len() < self.rows {
                self.page.leaks.push(&leak);
            }
        }
        true
    }

    fn progress(&mut self, progress: FileProgress) -> bool {
        self.budget
            .send_modify(|budget| budget.reading = Some(progress));
        true
    }
}

/// Takes nothing.
pub(super) struct Nothing;

impl Output for Nothing {
    fn wants_rows(&self) -> bool {
        false
    }

    fn page(&mut self, _: Page) -> bool {
        true
    }

    fn progress(&mut self, _: FileProgress) -> bool {
        true
    }
}
