//! A reading on its way: the pages that its thread hands over.

use super::{
    super::{archive::Count, sink::Page},
    Catalogue,
};
use crate::{
    entity::{
        error::ProviderError,
        page::{LeakPage, NextPage, PageCursor, PageRequest},
    },
    provider::malformed_error,
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What comes from the thread.
pub(super) enum Piece {
    Page(Page),
    End(Arc<Catalogue>),
}

/// A reading on its way.
pub(super) struct Running {
    pub(super) generation: u64,
    /// The number of the page that comes next.
    pub(super) next: u64,
    pub(super) pieces: mpsc::Receiver<Piece>,
    /// Ends the reading when nobody waits for it any more.
    pub(super) count: Count,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.count.stop();
    }
}

/// What leads to its next page.
pub(super) fn cursor_of(running: &Running) -> PageCursor {
    PageCursor::from(format!("{}:{}", running.generation, running.next).as_str())
}

/// Waits for a page. Where the wait is called off, so is the reading.
pub(super) async fn pull(running: &mut Option<Running>) -> Result<LeakPage, ProviderError> {
    let Some(reading) = running else {
        return Err(ProviderError::Cancelled);
    };
    let mut wait = Wait {
        reading,
        over: false,
    };
    let piece = wait.reading.pieces.recv().await;
    wait.over = true;
    let reading = &mut *wait.reading;
    reading.next += 1;
    match piece {
        Some(Piece::Page(page)) => Ok(LeakPage {
            leaks: page.leaks,
            breaches: page.breaches,
            next: NextPage::Cursor(cursor_of(reading)),
            page_size: PageRequest::default().size,
            ..LeakPage::default()
        }),
        Some(Piece::End(done)) => Ok(LeakPage {
            next: NextPage::End,
            contradiction: done.lack(),
            ..LeakPage::default()
        }),
        None => Err(malformed_error("the reading ended without an end")),
    }
}

/// A wait for a page.
struct Wait<'r> {
    reading: &'r mut Running,
    over: bool,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.reading.pieces.close();
            self.reading.count.stop();
        }
    }
}
