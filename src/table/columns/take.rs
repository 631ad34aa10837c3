//! Rows as they come in, a page at a time.

use super::{Cells, Columns, DASHED, MEMBERS, ODD_ID, PackedId, packed};
use crate::table::{Handle, Slot, growth::push};

/// What became of a row that was taken in.
#[derive(Clone, Copy, Debug)]
pub(in crate::table) enum Taken {
    /// It is new.
    New(Handle),
    /// It was here.
    Known {
        row: Handle,
        /// The same pass had brought it before.
        repeated: bool,
        /// It was gone.
        back: bool,
        /// It is as it was.
        same: bool,
    },
}

impl Columns {
    /// Takes rows in by their ids, in steps over all of them. Answers for each what became of it; of two with one id
    /// the second finds the first.
    pub(in crate::table) fn take(
        &mut self,
        slot: Slot,
        ids: &[&[u8]],
        cells: &[Cells],
        pass: u32,
    ) -> Vec<Taken> {
        let ids: Vec<PackedId<'_>> = ids.iter().map(|id| packed(id)).collect();
        let hashes: Vec<u64> = ids.iter().map(|id| self.hash(slot.0, id)).collect();
        // Only for the memory, which is near then.
        let likely = self.index.likely(&hashes).into_iter().flatten();
        let met = likely.filter(|row| self.flags[*row as usize] != 0).count();
        let mut taken = Vec::with_capacity(ids.len());
        let mut fresh: Vec<Cells> = Vec::with_capacity(ids.len() - met.min(ids.len()));
        for (id, (hash, cells)) in ids.iter().zip(hashes.into_iter().zip(cells)) {
            if let Some(row) = self.find_packed(slot, id, hash) {
                self.write_new(&mut fresh, pass);
                taken.push(self.again(row, cells, pass));
            } else {
                taken.push(Taken::New(self.add(slot, id, hash)));
                fresh.push(*cells);
            }
        }
        self.write_new(&mut fresh, pass);
        taken
    }

    /// A row that is here already.
    fn again(&mut self, row: Handle, cells: &Cells, pass: u32) -> Taken {
        let at = row.0 as usize;
        let repeated = self.passes.get(at) == pass;
        self.passes.set(at, pass);
        let back = self.set_gone(row, false);
        let same = self.cells(row) == *cells;
        if !same {
            self.write(row, cells);
        }
        Taken::Known {
            row,
            repeated,
            back,
            same,
        }
    }

    /// A row of an id alone; what else is of it is written with others.
    fn add(&mut self, slot: Slot, id: &PackedId<'_>, hash: u64) -> Handle {
        let row = self.ids.len() as u32;
        match id {
            PackedId::Hex(bytes) => {
                push(&mut self.ids, *bytes);
                push(&mut self.flags, 0);
            }
            PackedId::Dashed(bytes) => {
                self.odd += 1;
                push(&mut self.ids, *bytes);
                push(&mut self.flags, ODD_ID | DASHED);
            }
            PackedId::Odd(text) => {
                self.odd += 1;
                let mut place = [0; 16];
                place[..4].copy_from_slice(&self.odd_ids.push(text).to_le_bytes());
                push(&mut self.ids, place);
                push(&mut self.flags, ODD_ID);
            }
        }
        self.slots.set(row as usize, slot.0.into());
        push(&mut self.statuses, 0);
        self.index.insert(hash, row);
        Handle(row)
    }

    /// Writes the last rows, which are there by their ids alone: column by column.
    fn write_new(&mut self, fresh: &mut Vec<Cells>, pass: u32) {
        if fresh.is_empty() {
            return;
        }
        let from = self.ids.len() - fresh.len();
        self.passes.append(from, fresh.iter().map(|_| pass));
        for (column, member) in self.numbers().into_iter().zip(MEMBERS) {
            column.append(from, fresh.iter().map(member));
        }
        for (row, cells) in (from as u32..).zip(fresh.iter()) {
            self.write_flags(Handle(row), cells);
        }
        fresh.clear();
    }
}
