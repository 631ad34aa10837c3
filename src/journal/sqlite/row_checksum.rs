//! Number of rows and checksum of a table. The hash of a row cannot show that a row was deleted, or restored from an
//! older copy; this can. The checksum is the XOR of the row hashes: a change costs one row, and the order does not
//! matter.

use super::{
    row::{HASH, number},
    store_error::StoreError,
};
use rusqlite::{Connection, OptionalExtension, params};

/// Tables with a checksum and the schema that begins to count their rows. Each has a column `hash`.
const TABLES: [(&str, i64); 5] = [
    ("local_status", MIN_SCHEMA),
    ("lossy", MIN_SCHEMA),
    ("claim", MIN_SCHEMA),
    ("author", MIN_SCHEMA),
    ("leak_event", 4),
];

/// First schema with checksums.
const MIN_SCHEMA: i64 = 3;

/// Change of a checksum that is not stored yet. If it is never stored, the table looks damaged.
#[must_use = "a change that is not written down makes the table look damaged"]
pub(super) struct RowChecksum {
    name: &'static str,
    count: i64,
    sum: [u8; HASH],
}

impl RowChecksum {
    /// Returns an empty change.
    pub(super) fn for_table(name: &'static str) -> Self {
        Self {
            name,
            count: 0,
            sum: [0; HASH],
        }
    }

    /// Adds an inserted row.
    pub(super) fn add(&mut self, hash: &[u8]) {
        self.count += 1;
        self.add_hash(hash);
    }

    /// Adds a deleted row.
    pub(super) fn remove(&mut self, hash: &[u8]) {
        self.count -= 1;
        self.add_hash(hash);
    }

    fn add_hash(&mut self, hash: &[u8]) {
        for (sum, byte) in self.sum.iter_mut().zip(hash) {
            *sum ^= byte;
        }
    }

    /// Stores the change.
    pub(super) fn store(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.count == 0 && self.sum == [0; HASH] {
            return Ok(());
        }
        let (count, sum) = stored_sum(connection, self.name)?;
        self.count += count;
        self.add_hash(&sum);
        connection.execute(
            "UPDATE tally SET count = ?2, sum = ?3 WHERE name = ?1",
            params![self.name, self.count, self.sum],
        )?;
        *self = Self::for_table(self.name);
        Ok(())
    }
}

/// Computes the checksums that a schema begins.
pub(super) fn compute_all(connection: &Connection, schema: i64) -> Result<(), StoreError> {
    for (name, _) in TABLES.iter().filter(|(_, since)| *since == schema) {
        let (count, sum) = computed_sum(connection, name)?;
        connection.execute(
            "INSERT INTO tally (name, count, sum) VALUES (?1, ?2, ?3)",
            params![name, count, sum],
        )?;
    }
    Ok(())
}

/// Compares every table with its checksum, and the jobs with the event chain.
pub(super) fn verify(connection: &Connection) -> Result<(), StoreError> {
    let schema = super::sql::version(connection)?;
    for (name, _) in TABLES.iter().filter(|(_, since)| *since <= schema) {
        verify_table(connection, name)?;
    }
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let jobs = count("SELECT count(*) FROM job")?;
    let recorded = count("SELECT count(*) FROM event WHERE what = 'recorded'")?;
    if jobs != recorded {
        return Err(StoreError::Damaged(format!(
            "the table job, with {jobs} of {recorded} jobs,"
        )));
    }
    Ok(())
}

/// Compares one table with its checksum. Whoever reads rows of it that nothing else refers to has to: a row that was
/// deleted is not missed otherwise.
pub(super) fn verify_table(connection: &Connection, name: &str) -> Result<(), StoreError> {
    if stored_sum(connection, name)? == computed_sum(connection, name)? {
        return Ok(());
    }
    Err(StoreError::Damaged(format!(
        "the table {name}, of which a row is missing or was not there,"
    )))
}

/// Returns true if the journal has checksums; one that was not written since is older.
pub(super) fn exists(connection: &Connection) -> Result<bool, StoreError> {
    Ok(super::sql::version(connection)? >= MIN_SCHEMA)
}

fn stored_sum(connection: &Connection, name: &str) -> Result<(i64, [u8; HASH]), StoreError> {
    connection
        .query_row(
            "SELECT count, sum FROM tally WHERE name = ?1",
            [name],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?
        .ok_or_else(|| StoreError::Damaged(format!("the tally of the table {name}")))
}

fn computed_sum(connection: &Connection, name: &str) -> Result<(i64, [u8; HASH]), StoreError> {
    let mut checksum = RowChecksum::for_table("");
    let mut statement = connection.prepare(&format!("SELECT hash FROM {name}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let hash: Vec<u8> = row.get(0)?;
        if hash.len() != HASH {
            return Err(StoreError::Damaged(format!("a row of the table {name}")));
        }
        checksum.add(&hash);
    }
    Ok((number(checksum.count.unsigned_abs()), checksum.sum))
}
