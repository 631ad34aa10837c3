//! Taking pages in: by key, into the columns, without a tree of strings in between.

use super::{Slot, Table, columns::Cells, group::Machine};
use crate::entity::leak::{LeakBatch, LeakField, LeakRef};

/// Room for more rows than these is made as they come.
const TRUSTED: usize = 2_000_000;

/// What taking in a page did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ingested {
    /// New keys.
    pub added: usize,
    /// Known keys whose row changed, or was gone and is back.
    pub updated: usize,
    /// Known keys whose row is the same.
    pub unchanged: usize,
    /// Keys that this pass had brought before; they are counted above as well.
    pub repeated: usize,
}

impl Table {
    /// Begins a fresh reading of a profile: its number, for [`Table::ingest`] and [`Table::end_pass`].
    pub fn begin_pass(&mut self, slot: Slot) -> u32 {
        let pass = &mut self.passes[slot.0 as usize];
        *pass += 1;
        *pass
    }

    /// Makes room for so many rows in all, which is what providers say, so that columns need not grow page by page.
    /// They may say anything: what is taken on trust is bounded.
    pub fn reserve(&mut self, rows: u64) {
        let rows = usize::try_from(rows).unwrap_or(TRUSTED).min(TRUSTED);
        self.columns.reserve(rows);
    }

    /// Takes a page in. A known id updates its row and keeps its handle; of a repeated one the last wins.
    pub fn ingest(&mut self, slot: Slot, pass: u32, batch: &LeakBatch) -> Ingested {
        let mut done = Ingested::default();
        let overlaid = self.has_locals(slot);
        for leak in batch.iter() {
            let cells = self.cells(slot, &leak);
            let id = leak.text(LeakField::Id);
            let (row, new) = self.columns.find_or_add(slot, id, &cells);
            done.repeated += usize::from(self.columns.see(row, pass) && !new);
            if new {
                if overlaid {
                    self.overlay(row);
                }
                done.added += 1;
                continue;
            }
            let back = self.columns.set_gone(row, false);
            self.gone -= usize::from(back);
            if self.columns.cells(row) == cells {
                *(if back {
                    &mut done.updated
                } else {
                    &mut done.unchanged
                }) += 1;
            } else {
                self.columns.write(row, &cells);
                if overlaid {
                    self.overlay(row);
                }
                done.updated += 1;
            }
        }
        if done.added + done.updated > 0 {
            self.generation += 1;
        }
        done
    }

    /// Ends a pass that read everything: rows of the profile that it did not bring are gone. How many became so.
    pub fn end_pass(&mut self, slot: Slot, pass: u32) -> usize {
        let mut count = 0;
        for row in self.columns.handles() {
            if self.columns.slot(row) == slot && self.columns.pass(row) != pass {
                count += usize::from(self.columns.set_gone(row, true));
            }
        }
        self.gone += count;
        self.generation += u64::from(count > 0);
        self.settle_endpoints();
        count
    }

    fn cells(&mut self, slot: Slot, leak: &LeakRef<'_>) -> Cells {
        let login = self.intern_login(leak.get(LeakField::Login));
        let url = self.intern_url(leak.get(LeakField::Url));
        let domain = self.domains.intern_some(leak.get(LeakField::Domain));
        let machine = Machine {
            hostname: self.hostnames.intern_some(leak.get(LeakField::Hostname)),
            ip: self.machine_texts.intern_some(leak.get(LeakField::Ip)),
            os: self.machine_texts.intern_some(leak.get(LeakField::Os)),
            hardware_id: self
                .machine_texts
                .intern_some(leak.get(LeakField::HardwareId)),
            malware_path: self
                .machine_texts
                .intern_some(leak.get(LeakField::MalwarePath)),
            country: self.countries.intern_some(leak.get(LeakField::Country)),
        };
        let machine = self.intern_machine(machine);
        self.own_groups(slot, login, url, domain, machine);
        let breach = self.breaches.names.intern_some(leak.get(LeakField::Breach));
        let credential = self.intern_credential(leak.credential, login);
        self.own_more_groups(slot, breach, credential);
        Cells {
            login,
            url,
            domain,
            machine,
            class: self.classes.intern_some(leak.get(LeakField::Class)),
            word: self.words.intern_some(leak.get(LeakField::RemoteStatus)),
            email_domain: self.names.intern_some(leak.get(LeakField::EmailDomain)),
            url_domain: self.names.intern_some(leak.get(LeakField::UrlDomain)),
            seen: self.dates.intern(leak.get(LeakField::FirstSeen)),
            added: self.dates.intern(leak.get(LeakField::AddedAt)),
            risk: self.columns.risk_of(leak.risk),
            breach,
            credential,
            status: leak.status as u8,
            password: leak.password as u8,
            damaged: leak.damaged,
        }
    }
}
