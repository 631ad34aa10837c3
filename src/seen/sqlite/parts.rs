//! A reading is judged in parts of the marks, so that what is known of a million leaks is not in memory at once.

use super::accounts;
use crate::{
    entity::seen::{Mark, Scan, SeenLeak},
    seen::judge::Judging,
};
use rusqlite::Connection;

type Sql<T> = Result<T, rusqlite::Error>;

/// Leaks of a part, about: marks are hashes, so parts of the same width are of about the same size.
const LEAKS: usize = 8_192;

/// Judges all parts of a reading; `keep` gets what each of them leads to.
pub(super) fn judge(
    connection: &Connection,
    account: i64,
    scan: &Scan,
    judging: &mut Judging<'_>,
    mut keep: impl FnMut(Vec<SeenLeak>) -> Sql<()>,
) -> Sql<()> {
    let known = accounts::count(connection, account)?;
    let bits = bits(scan.leaks.len().max(known));
    let parts = 1_u64 << bits;
    // In the order of the table, which is that of numbers with a sign: its pages are filled one after the other.
    for part in (parts / 2..parts).chain(0..parts / 2) {
        let first = Mark(part << (u64::BITS - bits));
        let last = Mark(first.0 | (Mark::MAX.0 >> bits));
        let from = scan.leaks.partition_point(|leak| leak.mark() < first);
        let to = scan.leaks.partition_point(|leak| leak.mark() <= last);
        let known = accounts::leaks_between(connection, account, first, last)?;
        judging.part(&known, &scan.leaks[from..to]);
        keep(judging.take_leaks())?;
    }
    Ok(())
}

/// So many of the first bits of a mark tell the parts of so many leaks; at least one does, the sign of the database.
fn bits(leaks: usize) -> u32 {
    leaks.div_ceil(LEAKS).max(2).next_power_of_two().ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_of_the_size_that_is_said_and_at_least_two() {
        assert_eq!(bits(0), 1);
        assert_eq!(bits(LEAKS), 1);
        assert_eq!(bits(2 * LEAKS), 1);
        assert_eq!(bits(2 * LEAKS + 1), 2);
        assert_eq!(bits(1_000_000), 7);
    }
}
