//! The audit log as the journal's thread sees it: lines beside the database, their head in it.

use super::{SETTLE, SETTLING, Store};
use crate::{
    entity::error::JournalError,
    journal::{AuditHead, AuditLog, AuditRecord, audit, place, sqlite::chain},
};

impl Store {
    pub(in crate::journal) fn audit(
        &mut self,
        records: &[AuditRecord],
    ) -> Result<(), JournalError> {
        self.may_write()?;
        let (path, who, now) = (self.place.audit(), self.who.clone(), (self.now)());
        let Some(connection) = &self.connection else {
            return Err(self.closed());
        };
        let path_of_database = self.place.database();
        let head =
            chain::head(connection, "audit").map_err(|fault| fault.told(&path_of_database))?;
        self.rehearsal
            .appends()
            .map_err(|error| place::failed(&path, "write", &error))?;
        // What was written before, and not committed any more, comes first.
        let head = audit::recover(&path, &head)?.unwrap_or(head);
        // The line first: a head without its line would call an honest log cut. The other way round is mended at
        // the next start.
        let head = audit::append(&path, records, &who, now, &head)?;
        self.commit_at("audit", |transaction| {
            chain::set_head(transaction, "audit", &head)
        })
    }

    pub(in crate::journal) fn audit_head(&mut self) -> Result<AuditHead, JournalError> {
        let head = self.read(|transaction| chain::head(transaction, "audit"))?;
        Ok(head.map_or_else(AuditHead::default, |head| AuditHead {
            count: head.count,
            hash: blake3::Hash::from_bytes(head.hash).to_hex().to_string(),
        }))
    }

    pub(in crate::journal) fn audit_log(&mut self) -> Result<AuditLog, JournalError> {
        let mut tries = 0;
        loop {
            let head = self.audit_head()?;
            let bytes = audit::bytes(&self.place.audit())?;
            let log = AuditLog { bytes, head };
            tries += 1;
            // Another console writes the line first and commits the head then: it is given time for that.
            if !log.is_unsettled() || tries == SETTLING {
                return Ok(log);
            }
            std::thread::sleep(SETTLE);
        }
    }

    pub(in crate::journal) fn is_audit_log(&self, path: &std::path::Path) -> bool {
        let same = |path: &std::path::Path| std::fs::canonicalize(path).ok();
        same(path).is_some_and(|path| same(&self.place.audit()) == Some(path))
    }

    /// Takes in a line whose head was not committed any more, and takes away a line that was not written to its end.
    pub(super) fn recover_audit(&mut self) -> Result<(), JournalError> {
        let path = self.place.audit();
        let Some(head) = self.read(|transaction| chain::head(transaction, "audit"))? else {
            return Ok(());
        };
        match audit::recover(&path, &head)? {
            Some(head) => self.commit(|transaction| chain::set_head(transaction, "audit", &head)),
            None => Ok(()),
        }
    }
}
