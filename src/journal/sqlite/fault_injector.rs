//! Disasters at the commits of the embedded store: to die at one, a disk that is full or fails, a power cut.

use super::store_error::StoreError;
use crate::journal::{
    fault_injection::{
        self,
        injected_fault::{CommitSide, InjectedFault, WriteFailure},
    },
    location::{FileSystem, StateDirectory},
};
use rusqlite::{Connection, Transaction, ffi};

/// The disaster of one journal, and how far it is from it.
#[derive(Debug, Default)]
pub(super) struct FaultInjector {
    fault: Option<InjectedFault>,
    /// How large the database may become, in pages.
    pages: Option<u32>,
    /// Steps of the kind that was asked for.
    steps: u32,
    /// Writes that can fail.
    writes: u32,
    /// Readings.
    reads: u32,
    /// Moments at which the power can fail.
    power_cut_points: u32,
    /// Events on disk.
    events: i64,
    /// The disk has failed, and stays as it is.
    failed: bool,
}

impl FaultInjector {
    /// What was asked for: by a test, or else by the environment.
    pub(super) fn new(asked: Option<String>, pages: Option<u32>) -> Self {
        let fault = fault_injection::requested_fault(asked);
        let asked = match fault {
            Some(InjectedFault::MaxPages(pages)) => Some(pages),
            Some(_) | None => None,
        };
        Self {
            pages: pages.or(asked),
            fault,
            ..Self::default()
        }
    }

    /// How large the database may become, where a full disk was asked for.
    pub(super) fn pages(&self) -> Option<u32> {
        self.pages
    }

    /// What the directory lies on, where another file system was asked for.
    pub(super) fn file_system(&self) -> Option<FileSystem> {
        match &self.fault {
            Some(InjectedFault::FileSystem(system)) => Some(system.clone()),
            Some(_) | None => None,
        }
    }

    /// A transaction begins. On a full disk it finds no room for what it is about to write.
    pub(super) fn on_begin(
        &mut self,
        step: &str,
        transaction: &Transaction<'_>,
    ) -> Result<(), StoreError> {
        let Some(InjectedFault::DiskFull { point: at }) = &self.fault else {
            return Ok(());
        };
        if at.step == step {
            self.steps += 1;
        }
        if self.failed || (at.step == step && at.position == self.steps) {
            self.failed = true;
            // No page more than there are, and more to be written than fits in those.
            transaction.execute_batch(
                "PRAGMA max_page_count = 1; CREATE TABLE large (bytes BLOB); INSERT INTO large VALUES (zeroblob(1048576));",
            )?;
        }
        Ok(())
    }

    /// All of a transaction is written, and nothing of it committed.
    pub(super) fn on_commit(
        &mut self,
        step: &str,
        transaction: &Transaction<'_>,
        place: &StateDirectory,
    ) -> Result<(), StoreError> {
        self.maybe_kill(step, CommitSide::Before);
        self.power_cut(step, "before", transaction, place);
        self.power_cut(step, "during", transaction, place);
        if self.maybe_fail(WriteFailure::NothingWritten) {
            return Err(failure(ffi::SQLITE_IOERR_FSYNC));
        }
        Ok(())
    }

    /// A transaction is committed; whether that is believed is another matter.
    pub(super) fn on_committed(
        &mut self,
        step: &str,
        connection: &Connection,
        place: &StateDirectory,
    ) -> Result<(), StoreError> {
        self.maybe_kill(step, CommitSide::After);
        if matches!(self.fault, Some(InjectedFault::PowerCut { .. })) {
            self.events =
                connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
        }
        self.power_cut(step, "after", connection, place);
        if self.maybe_fail(WriteFailure::AllWritten) {
            return Err(failure(ffi::SQLITE_IOERR_DIR_FSYNC));
        }
        Ok(())
    }

    /// Something is about to be read.
    pub(super) fn on_read(&mut self) -> Result<(), StoreError> {
        self.reads += 1;
        let Some(InjectedFault::ReadError { position }) = self.fault else {
            return Ok(());
        };
        if self.reads >= position {
            return Err(failure(ffi::SQLITE_IOERR_READ));
        }
        Ok(())
    }

    /// A line is about to be written into a file beside the database.
    pub(super) fn on_append(&mut self) -> std::io::Result<()> {
        if self.maybe_fail(WriteFailure::NothingWritten) {
            return Err(rustix::io::Errno::IO.into());
        }
        Ok(())
    }

    /// Whether this write fails. Of one that fails late only a commit knows.
    fn maybe_fail(&mut self, kind: WriteFailure) -> bool {
        let Some(InjectedFault::Io {
            kind: asked,
            position,
            once,
        }) = self.fault
        else {
            return false;
        };
        if kind != asked {
            return false;
        }
        self.writes += 1;
        self.writes == position || (!once && self.writes > position)
    }

    /// Dies, as by `kill -9`, if this is the step that was asked for, the so manieth of its kind.
    fn maybe_kill(&mut self, step: &str, side: CommitSide) {
        let Some(InjectedFault::Kill {
            point: at,
            side: asked,
        }) = &self.fault
        else {
            return;
        };
        if at.step != step || *asked != side {
            return;
        }
        self.steps += 1;
        if self.steps == at.position {
            kill();
        }
    }

    /// Dies with the files as they are at this moment, and leaves beside them what a power cut could leave instead: the
    /// database before any of the transaction was written into it.
    fn power_cut(
        &mut self,
        step: &str,
        moment: &str,
        connection: &Connection,
        place: &StateDirectory,
    ) {
        let Some(InjectedFault::PowerCut {
            position,
            directory,
        }) = &self.fault
        else {
            return;
        };
        self.power_cut_points += 1;
        if self.power_cut_points != *position {
            return;
        }
        let told = format!("{step} {moment} {}", self.events);
        let database = place.database();
        // While it is made it has another name, and nothing of it counts.
        let kept =
            !database.exists() || std::fs::copy(&database, directory.join("before.db")).is_ok();
        let written = if moment == "during" {
            connection.cache_flush().is_ok()
        } else {
            true
        };
        if kept && written && std::fs::write(directory.join("moment"), told).is_ok() {
            kill();
        }
    }
}

fn failure(code: std::ffi::c_int) -> StoreError {
    StoreError::Sql(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
}

fn kill() {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).ok();
}
