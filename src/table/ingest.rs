//! Taking pages in: by key, into the columns, without a tree of strings in between.

use super::{
    ProfileSlot, Table,
    columns::{RowValues, Upserted},
    group::Machine,
    interner::NO_VALUE,
};
use crate::entity::leak::{BatchPart, BatchRow, FIELD_COUNT, LeakBatch, LeakField};
use strum::IntoEnumIterator;

/// Room for more rows than these is made as they come.
const MAX_RESERVED_ROWS: usize = 2_000_000;

/// From so many rows on, what is kept of them is large.
const MIN_MAPPED_ROWS: usize = 100_000;

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
struct TextNumbers {
    first: u32,
    numbers: Vec<u32>,
}

impl TextNumbers {
    /// The number of a row's member.
    fn number(&self, row: &BatchRow, field: LeakField) -> u32 {
        let text = row.texts[field as usize].wrapping_sub(self.first);
        self.numbers.get(text as usize).copied().unwrap_or(NO_VALUE)
    }
}

impl Table {
    /// Begins a fresh reading of a profile: its number, for [`Table::ingest`] and [`Table::end_pass`].
    pub fn begin_pass(&mut self, slot: ProfileSlot) -> u32 {
        let pass = &mut self.passes[slot.0 as usize];
        *pass += 1;
        *pass
    }

    /// Makes room for so many rows in all, which is what providers say, so that columns need not grow page by page.
    /// They may say anything: what is taken on trust is bounded.
    pub fn reserve(&mut self, rows: u64) {
        let rows = usize::try_from(rows)
            .unwrap_or(MAX_RESERVED_ROWS)
            .min(MAX_RESERVED_ROWS);
        self.columns.reserve(rows);
        if rows < MIN_MAPPED_ROWS {
            return;
        }
        for strings in [
            &mut self.logins,
            &mut self.urls,
            &mut self.hostnames,
            &mut self.machine_texts,
        ] {
            strings.reserve_mapped();
        }
        self.groups.reserve_mapped();
        self.credentials.reserve_mapped();
    }

    /// Takes a page in. A known id updates its row and keeps its handle; of a repeated one the last wins.
    pub fn ingest(&mut self, slot: ProfileSlot, pass: u32, batch: &LeakBatch) -> Ingested {
        let mut done = Ingested::default();
        for part in 0..batch.part_count() {
            done += self.ingest_part(slot, pass, batch.part(part));
        }
        done
    }

    /// The same of one part of a page.
    pub fn ingest_part(&mut self, slot: ProfileSlot, pass: u32, part: BatchPart<'_>) -> Ingested {
        let known = self.intern_texts(part);
        let cells = self.row_values(part.rows, &known);
        self.add_owner_for_rows(slot, &cells);
        let id = |row: &BatchRow| part.text(row.texts[LeakField::Id as usize]);
        let ids: Vec<&[u8]> = part.rows.iter().map(id).collect();
        let mut done = Ingested::default();
        let overlaid = self.has_local_statuses(slot);
        for taken in self.columns.upsert(slot, &ids, &cells, pass) {
            let (row, changed) = match taken {
                Upserted::New(row) => {
                    done.added += 1;
                    (row, true)
                }
                Upserted::Known {
                    row,
                    repeated,
                    was_gone,
                    is_unchanged: same,
                } => {
                    done.repeated += usize::from(repeated);
                    self.gone -= usize::from(was_gone);
                    if was_gone || !same {
                        done.updated += 1;
                    } else {
                        done.unchanged += 1;
                    }
                    (row, !same)
                }
            };
            if changed && overlaid {
                self.apply_local_status(row);
            }
        }
        if done.added + done.updated > 0 {
            self.generation += 1;
        }
        done
    }

    /// Ends a pass that read everything: rows of the profile that it did not bring are gone. How many became so.
    pub fn end_pass(&mut self, slot: ProfileSlot, pass: u32) -> usize {
        let mut count = 0;
        for row in self.columns.row_ids() {
            if self.columns.slot(row) == slot && self.columns.pass(row) != pass {
                count += usize::from(self.columns.set_gone(row, true));
            }
        }
        self.gone += count;
        self.generation += u64::from(count > 0);
        self.resolve_endpoints();
        count
    }

    /// Interns the texts of a part, member by member.
    fn intern_texts(&mut self, part: BatchPart<'_>) -> TextNumbers {
        let mut numbers: [Vec<u32>; FIELD_COUNT] = Default::default();
        let mut texts: [Vec<&[u8]>; FIELD_COUNT] = Default::default();
        for (number, field, text) in part.iter_numbered() {
            numbers[field as usize].push(number);
            texts[field as usize].push(text);
        }
        let mut known = TextNumbers {
            first: part.first,
            numbers: vec![NO_VALUE; part.len()],
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
            LeakField::RemoteStatus => &mut self.status_words,
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
    fn row_values(&mut self, rows: &[BatchRow], known: &TextNumbers) -> Vec<RowValues> {
        use LeakField as Field;
        let machine = |row: &BatchRow| Machine {
            hostname: known.number(row, Field::Hostname),
            ip: known.number(row, Field::Ip),
            os: known.number(row, Field::Os),
            hardware_id: known.number(row, Field::HardwareId),
            malware_path: known.number(row, Field::MalwarePath),
            country: known.number(row, Field::Country),
        };
        let machines: Vec<Machine> = rows.iter().map(machine).collect();
        let machines = self.intern_machines(&machines);
        let credential = |row: &BatchRow| (row.credential, known.number(row, Field::Login));
        let credentials: Vec<_> = rows.iter().map(credential).collect();
        let credentials = self.intern_credentials(&credentials);
        rows.iter()
            .zip(machines.into_iter().zip(credentials))
            .map(|(row, (machine, credential))| RowValues {
                login: known.number(row, Field::Login),
                url: known.number(row, Field::Url),
                domain: known.number(row, Field::Domain),
                machine,
                class: known.number(row, Field::Class),
                status_word: known.number(row, Field::RemoteStatus),
                email_domain: known.number(row, Field::EmailDomain),
                url_domain: known.number(row, Field::UrlDomain),
                seen: known.number(row, Field::FirstSeen),
                added: known.number(row, Field::AddedAt),
                risk: self.columns.intern_risk(row.risk),
                breach: known.number(row, Field::Breach),
                credential,
                status: row.status as u8,
                password: row.password as u8,
                damaged: row.damaged,
            })
            .collect()
    }
}
