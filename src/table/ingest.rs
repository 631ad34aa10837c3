//! Taking pages in: by key, into the columns, without a tree of strings in between.

use super::{
    Slot, Table,
    columns::{Cells, Taken},
    group::Machine,
    strings::NONE,
};
use crate::entity::leak::{BatchPart, BatchRow, FIELDS, LeakBatch, LeakField};
use strum::IntoEnumIterator;

/// Room for more rows than these is made as they come.
const TRUSTED: usize = 2_000_000;

/// From so many rows on, what is kept of them is large.
const MANY: usize = 100_000;

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

impl std::ops::AddAssign for Ingested {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.repeated += other.repeated;
    }
}

/// The numbers that the texts of a part have in the table, by their numbers in the page.
struct Known {
    first: u32,
    numbers: Vec<u32>,
}

impl Known {
    /// The number of a row's member.
    fn of(&self, row: &BatchRow, field: LeakField) -> u32 {
        let text = row.texts[field as usize].wrapping_sub(self.first);
        self.numbers.get(text as usize).copied().unwrap_or(NONE)
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
        if rows < MANY {
            return;
        }
        for strings in [
            &mut self.logins,
            &mut self.urls,
            &mut self.hostnames,
            &mut self.machine_texts,
        ] {
            strings.set_apart();
        }
        self.groups.set_apart();
        self.credentials.set_apart();
    }

    /// Takes a page in. A known id updates its row and keeps its handle; of a repeated one the last wins.
    pub fn ingest(&mut self, slot: Slot, pass: u32, batch: &LeakBatch) -> Ingested {
        let mut done = Ingested::default();
        for part in 0..batch.parts() {
            done += self.ingest_part(slot, pass, batch.part(part));
        }
        done
    }

    /// The same of one part of a page.
    pub fn ingest_part(&mut self, slot: Slot, pass: u32, part: BatchPart<'_>) -> Ingested {
        let known = self.intern_texts(part);
        let cells = self.cells(part.rows, &known);
        self.own_groups(slot, &cells);
        let id = |row: &BatchRow| part.text(row.texts[LeakField::Id as usize]);
        let ids: Vec<&[u8]> = part.rows.iter().map(id).collect();
        let mut done = Ingested::default();
        let overlaid = self.has_locals(slot);
        for taken in self.columns.take(slot, &ids, &cells, pass) {
            let (row, changed) = match taken {
                Taken::New(row) => {
                    done.added += 1;
                    (row, true)
                }
                Taken::Known {
                    row,
                    repeated,
                    back,
                    same,
                } => {
                    done.repeated += usize::from(repeated);
                    self.gone -= usize::from(back);
                    if back || !same {
                        done.updated += 1;
                    } else {
                        done.unchanged += 1;
                    }
                    (row, !same)
                }
            };
            if changed && overlaid {
                self.overlay(row);
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

    /// Interns the texts of a part, member by member.
    fn intern_texts(&mut self, part: BatchPart<'_>) -> Known {
        let mut numbers: [Vec<u32>; FIELDS] = Default::default();
        let mut texts: [Vec<&[u8]>; FIELDS] = Default::default();
        for (number, field, text) in part.numbered() {
            numbers[field as usize].push(number);
            texts[field as usize].push(text);
        }
        let mut known = Known {
            first: part.first,
            numbers: vec![NONE; part.len()],
        };
        for field in LeakField::iter() {
            let found = self.intern_member(field, &texts[field as usize]);
            for (text, number) in numbers[field as usize].iter().zip(found) {
                known.numbers[(*text - part.first) as usize] = number;
            }
        }
        known
    }

    fn intern_member(&mut self, field: LeakField, texts: &[&[u8]]) -> Vec<u32> {
        let strings = match field {
            LeakField::Id => return Vec::new(),
            LeakField::Login => return self.intern_logins(texts),
            LeakField::Url => return self.intern_urls(texts),
            LeakField::FirstSeen | LeakField::AddedAt => {
                let dates = texts.iter();
                return dates.map(|text| self.dates.intern(Some(text))).collect();
            }
            LeakField::Domain => &mut self.domains,
            LeakField::Class => &mut self.classes,
            LeakField::RemoteStatus => &mut self.words,
            LeakField::Country => &mut self.countries,
            LeakField::Hostname => &mut self.hostnames,
            LeakField::Ip | LeakField::Os | LeakField::HardwareId | LeakField::MalwarePath => {
                &mut self.machine_texts
            }
            LeakField::EmailDomain | LeakField::UrlDomain => &mut self.names,
            LeakField::Breach => &mut self.breaches.names,
        };
        strings.intern_all(texts)
    }

    /// Rows in numbers.
    fn cells(&mut self, rows: &[BatchRow], known: &Known) -> Vec<Cells> {
        use LeakField as Field;
        let machine = |row: &BatchRow| Machine {
            hostname: known.of(row, Field::Hostname),
            ip: known.of(row, Field::Ip),
            os: known.of(row, Field::Os),
            hardware_id: known.of(row, Field::HardwareId),
            malware_path: known.of(row, Field::MalwarePath),
            country: known.of(row, Field::Country),
        };
        let machines: Vec<Machine> = rows.iter().map(machine).collect();
        let machines = self.intern_machines(&machines);
        let credential = |row: &BatchRow| (row.credential, known.of(row, Field::Login));
        let credentials: Vec<_> = rows.iter().map(credential).collect();
        let credentials = self.intern_credentials(&credentials);
        rows.iter()
            .zip(machines.into_iter().zip(credentials))
            .map(|(row, (machine, credential))| Cells {
                login: known.of(row, Field::Login),
                url: known.of(row, Field::Url),
                domain: known.of(row, Field::Domain),
                machine,
                class: known.of(row, Field::Class),
                word: known.of(row, Field::RemoteStatus),
                email_domain: known.of(row, Field::EmailDomain),
                url_domain: known.of(row, Field::UrlDomain),
                seen: known.of(row, Field::FirstSeen),
                added: known.of(row, Field::AddedAt),
                risk: self.columns.risk_of(row.risk),
                breach: known.of(row, Field::Breach),
                credential,
                status: row.status as u8,
                password: row.password as u8,
                damaged: row.damaged,
            })
            .collect()
    }
}
