//! The event chain: what was recorded, in order. Each event has the hash of the one before; the head says where the
//! chain ends.

use super::{
    row::{number, update_values},
    store_error::StoreError,
};
use crate::{entity::key::JobId, journal::audit::Head};
use jiff::Timestamp;
use rusqlite::{Connection, params, types::Value};

/// Reads the head of a chain.
pub(super) fn head(connection: &Connection, chain: &str) -> Result<Head, StoreError> {
    let (count, bytes, hash): (i64, i64, Vec<u8>) = connection.query_row(
        "SELECT count, bytes, hash FROM head WHERE chain = ?1",
        [chain],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(Head {
        count: count.cast_unsigned(),
        bytes: bytes.cast_unsigned(),
        hash: hash
            .try_into()
            .map_err(|_| StoreError::Damaged(format!("the head of the {chain} chain")))?,
    })
}

/// Stores the head of a chain.
pub(super) fn set_head(
    connection: &Connection,
    chain: &str,
    head: &Head,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE head SET count = ?2, bytes = ?3, hash = ?4 WHERE chain = ?1",
        params![chain, number(head.count), number(head.bytes), head.hash],
    )?;
    Ok(())
}

/// Appends an event.
pub(super) fn append(
    connection: &Connection,
    at: Timestamp,
    job: Option<JobId>,
    what: &str,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let last = head(connection, "event")?;
    let seq = number(last.count + 1);
    let values = [
        Value::from(seq),
        Value::from(at.to_string()),
        Value::from(job.map(|job| job.0)),
        Value::from(what.to_owned()),
        Value::from(detail.to_string()),
    ];
    let hash = link(&last.hash, &values);
    let [seq, at, job, what, detail] = values;
    connection.execute(
        "INSERT INTO event (seq, at, job, what, detail, prev, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![seq, at, job, what, detail, last.hash, hash],
    )?;
    set_head(
        connection,
        "event",
        &Head {
            count: last.count + 1,
            bytes: 0,
            hash,
        },
    )
}

/// Verifies the whole chain. The error names the first changed event, or a missing end.
pub(super) fn verify(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare("SELECT seq, at, job, what, detail, prev, hash FROM event ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let (mut count, mut last) = (0_u64, [0_u8; 32]);
    while let Some(row) = rows.next()? {
        count += 1;
        let damaged = || StoreError::Damaged(format!("event {count}"));
        let mut values = Vec::with_capacity(5);
        for column in 0..5 {
            values.push(row.get::<_, Value>(column)?);
        }
        let prev: Vec<u8> = row.get(5)?;
        let hash: Vec<u8> = row.get(6)?;
        let whole = link(&last, &values);
        if values[0] != Value::from(number(count)) || prev != last || hash != whole {
            return Err(damaged());
        }
        last = whole;
    }
    let end = head(connection, "event")?;
    if end.count == count && end.hash == last {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!(
            "the event chain after {count} events"
        )))
    }
}

fn link(prev: &[u8; 32], values: &[Value]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(prev);
    update_values(&mut hasher, values);
    *hasher.finalize().as_bytes()
}
