//! Rows as they come in, a page at a time.

use super::{Columns, DASHED, MEMBERS, PackedId, RowValues, UNPACKED_ID, pack_id};
use crate::table::{ProfileSlot, RowId, growth::push};

/// What became of a row that was taken in.
#[derive(Clone, Copy, Debug)]
pub(in crate::table) enum Upserted {
    /// It is new.
    New(RowId),
    /// It was here.
    Known {
        row: RowId,
        /// The same pass had brought it before.
        repeated: bool,
        /// It was gone.
        was_gone: bool,
        /// It is as it was.
        is_unchanged: bool,
    },
}

impl Columns {
    /// Takes rows in by their ids, in steps over all of them. Answers for each what became of it; of two with one id
    /// the second finds the first.
    pub(in crate::table) fn upsert(
        &mut self,
        slot: ProfileSlot,
        ids: &[&[u8]],
        cells: &[RowValues],
        pass: u32,
    ) -> Vec<Upserted> {
        let ids: Vec<PackedId<'_>> = ids.iter().map(|id| pack_id(id)).collect();
        let hashes: Vec<u64> = ids.iter().map(|id| self.hash(slot.0, id)).collect();
        // Only for the memory, which is near then.
        let likely = self.index.first_candidates(&hashes).into_iter().flatten();
        let met = likely.filter(|row| self.flags[*row as usize] != 0).count();
        let mut taken = Vec::with_capacity(ids.len());
        let mut fresh: Vec<RowValues> = Vec::with_capacity(ids.len() - met.min(ids.len()));
        for (id, (hash, cells)) in ids.iter().zip(hashes.into_iter().zip(cells)) {
            if let Some(row) = self.find_packed(slot, id, hash) {
                self.write_new(&mut fresh, pass);
                taken.push(self.update_known(row, cells, pass));
            } else {
                taken.push(Upserted::New(self.add_row(slot, id, hash)));
                fresh.push(*cells);
            }
        }
        self.write_new(&mut fresh, pass);
        taken
    }

    /// A row that is here already.
    fn update_known(&mut self, row: RowId, cells: &RowValues, pass: u32) -> Upserted {
        let at = row.0 as usize;
        let repeated = self.passes.get(at) == pass;
        self.passes.set(at, pass);
        let back = self.set_gone(row, false);
        let same = self.row_values(row) == *cells;
        if !same {
            self.write(row, cells);
        }
        Upserted::Known {
            row,
            repeated,
            was_gone: back,
            is_unchanged: same,
        }
    }

    /// A row of an id alone; what else is of it is written with others.
    fn add_row(&mut self, slot: ProfileSlot, id: &PackedId<'_>, hash: u64) -> RowId {
        let row = self.ids.len() as u32;
        match id {
            PackedId::Hex(bytes) => {
                push(&mut self.ids, *bytes);
                push(&mut self.flags, 0);
            }
            PackedId::Dashed(bytes) => {
                self.unpacked_count += 1;
                push(&mut self.ids, *bytes);
                push(&mut self.flags, UNPACKED_ID | DASHED);
            }
            PackedId::Unpacked(text) => {
                self.unpacked_count += 1;
                let mut place = [0; 16];
                place[..4].copy_from_slice(&self.unpacked_ids.push(text).to_le_bytes());
                push(&mut self.ids, place);
                push(&mut self.flags, UNPACKED_ID);
            }
        }
        self.slots.set(row as usize, slot.0.into());
        push(&mut self.statuses, 0);
        self.index.insert(hash, row);
        RowId(row)
    }

    /// Writes the last rows, which are there by their ids alone: column by column.
    fn write_new(&mut self, fresh: &mut Vec<RowValues>, pass: u32) {
        if fresh.is_empty() {
            return;
        }
        let from = self.ids.len() - fresh.len();
        self.passes.append(from, fresh.iter().map(|_| pass));
        for (column, member) in self.number_columns().into_iter().zip(MEMBERS) {
            column.append(from, fresh.iter().map(member));
        }
        for (row, cells) in (from as u32..).zip(fresh.iter()) {
            self.write_flags(RowId(row), cells);
        }
        fresh.clear();
    }
}
