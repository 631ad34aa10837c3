//! Keys: whole, or by a part of the provider's id.

use crate::{
    filter::{Needle, case_fold, contains},
    table::{RowId, Table, columns::Columns},
};

/// Rows whose key is spelled so, and parts of ids.
#[derive(Clone, Debug)]
pub(super) struct KeyTerm {
    rows: Vec<RowId>,
    parts: Vec<Vec<u8>>,
    /// Those that can stand in an id that is packed: hexadecimal digits.
    packed: Vec<Vec<u8>>,
}

impl KeyTerm {
    pub(super) fn new(table: &Table, needles: &[Needle]) -> Self {
        let parts: Vec<Vec<u8>> = needles
            .iter()
            .map(|needle| needle.folded().to_vec())
            .collect();
        let digits = |part: &&Vec<u8>| part.len() <= 32 && part.iter().all(u8::is_ascii_hexdigit);
        Self {
            rows: needles
                .iter()
                .filter_map(|needle| find_exact(table, needle))
                .collect(),
            packed: parts.iter().filter(digits).cloned().collect(),
            parts,
        }
    }

    pub(super) fn matches(&self, columns: &Columns, row: RowId) -> bool {
        if self.rows.contains(&row) {
            return true;
        }
        if columns.is_unpacked(row) {
            let id = columns.id(row);
            let id = case_fold(&id);
            return self.parts.iter().any(|part| contains(&id, part));
        }
        if self.packed.is_empty() {
            return false;
        }
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(columns.packed_id(row)) {
            for (place, digit) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                *place = digit + if digit < 10 { b'0' } else { b'a' - 10 };
            }
        }
        self.packed.iter().any(|part| contains(&text, part))
    }
}

/// The row whose key is spelled so.
fn find_exact(table: &Table, needle: &Needle) -> Option<RowId> {
    let key: crate::entity::key::EntityKey = needle.text().parse().ok()?;
    (key.to_string() == needle.text())
        .then(|| table.find(&key))
        .flatten()
}
