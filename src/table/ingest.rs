//! Taking pages in: by key, into the columns, without a tree of strings in between.

use super::{Slot, Table, columns::Cells, group::Machine, strings::NONE};
use crate::entity::leak::{FIELDS, LeakBatch, LeakField, LeakRef};

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

/// The numbers that the texts of one page have in the table: what repeats in a page is looked up once.
struct Known(Vec<u32>);

/// A text that was not looked up yet. No text has this number: [`NONE`] stands for none.
const UNSEEN: u32 = NONE - 1;

impl Known {
    fn of(batch: &LeakBatch) -> Self {
        Self(vec![UNSEEN; batch.texts()])
    }

    /// The number of a row's member; `look_up` is asked the first time that its text comes.
    fn number(
        &mut self,
        leak: &LeakRef<'_>,
        numbers: &[u32; FIELDS],
        field: LeakField,
        look_up: impl FnOnce(&[u8]) -> u32,
    ) -> u32 {
        let Some(text) = leak.get(field) else {
            return NONE;
        };
        match self.0.get_mut(numbers[field as usize] as usize) {
            Some(number) if *number != UNSEEN => *number,
            Some(number) => {
                *number = look_up(text);
                *number
            }
            None => look_up(text),
        }
    }
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
        let mut known = Known::of(batch);
        for (leak, numbers) in batch.numbered() {
            let cells = self.cells(slot, &leak, numbers, &mut known);
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

    fn cells(
        &mut self,
        slot: Slot,
        leak: &LeakRef<'_>,
        numbers: &[u32; FIELDS],
        known: &mut Known,
    ) -> Cells {
        use LeakField as Field;
        let mut of = |field, look_up: &mut dyn FnMut(&[u8]) -> u32| {
            known.number(leak, numbers, field, look_up)
        };
        let login = self.intern_login(leak.get(Field::Login));
        let url = of(Field::Url, &mut |text| self.intern_url(Some(text)));
        let domain = of(Field::Domain, &mut |text| self.domains.intern(text));
        let texts = &mut self.machine_texts;
        let machine = Machine {
            hostname: self.hostnames.intern_some(leak.get(Field::Hostname)),
            ip: of(Field::Ip, &mut |text| texts.intern(text)),
            os: of(Field::Os, &mut |text| texts.intern(text)),
            hardware_id: texts.intern_some(leak.get(Field::HardwareId)),
            malware_path: texts.intern_some(leak.get(Field::MalwarePath)),
            country: of(Field::Country, &mut |text| self.countries.intern(text)),
        };
        let machine = self.intern_machine(machine);
        self.own_groups(slot, login, url, domain, machine);
        let breach = of(Field::Breach, &mut |text| self.breaches.names.intern(text));
        let credential = self.intern_credential(leak.credential, login);
        self.own_more_groups(slot, breach, credential);
        let (classes, words, names) = (&mut self.classes, &mut self.words, &mut self.names);
        let dates = &mut self.dates;
        Cells {
            login,
            url,
            domain,
            machine,
            class: of(Field::Class, &mut |text| classes.intern(text)),
            word: of(Field::RemoteStatus, &mut |text| words.intern(text)),
            email_domain: of(Field::EmailDomain, &mut |text| names.intern(text)),
            url_domain: of(Field::UrlDomain, &mut |text| names.intern(text)),
            seen: of(Field::FirstSeen, &mut |text| dates.intern(Some(text))),
            added: dates.intern(leak.get(Field::AddedAt)),
            risk: self.columns.risk_of(leak.risk),
            breach,
            credential,
            status: leak.status as u8,
            password: leak.password as u8,
            damaged: leak.damaged,
        }
    }
}
