//! Readings and events: appended, chained by hashes, dropped when they are old.

use crate::{
    entity::seen::{AccountState, EventKind, Mark, NewEvent, SeenState},
    seen::port::{EventFlags, ScanLine},
};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

type Sql<T> = Result<T, rusqlite::Error>;

/// Events, readings and marks of leaks that are gone are kept for so long, in seconds.
const KEPT: i64 = 400 * 24 * 3600;

/// A reading, before it has its number.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) account: i64,
    pub(super) began: i64,
    pub(super) ended: i64,
    pub(super) what: &'a str,
    pub(super) requests: u64,
    pub(super) listed: Option<u64>,
    pub(super) total: Option<u64>,
}

impl<'a> Row<'a> {
    /// A reading that took nothing.
    pub(super) fn of(account: i64, began: i64, ended: i64, what: &'a str) -> Self {
        Self {
            account,
            began,
            ended,
            what,
            requests: 0,
            listed: None,
            total: None,
        }
    }
}

/// An event with its place, and the row number of its account.
pub(super) struct Placed {
    pub(super) seq: u64,
    pub(super) account: i64,
    pub(super) what: NewEvent,
}

/// Appends a reading with its events and links it to the one before.
pub(super) fn append(
    connection: &Connection,
    row: &Row<'_>,
    events: &[NewEvent],
) -> Sql<Vec<Placed>> {
    connection.execute(
        "INSERT INTO scan (account, began, ended, what, requests, listed, total) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            row.account,
            row.began,
            row.ended,
            row.what,
            row.requests.cast_signed(),
            row.listed.map(u64::cast_signed),
            row.total.map(u64::cast_signed)
        ],
    )?;
    let scan = connection.last_insert_rowid();
    let mut insert = connection.prepare(
        "INSERT INTO event (scan, account, mark, kind, before, after, at, flags, count) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let mut placed = Vec::with_capacity(events.len());
    for event in events {
        insert.execute(params![
            scan,
            row.account,
            event.mark.0.cast_signed(),
            event.kind as u8,
            event.before.pack(),
            event.after.pack(),
            event.at,
            EventFlags::of(event).number(),
            event.count.cast_signed()
        ])?;
        placed.push(Placed {
            seq: connection.last_insert_rowid().cast_unsigned(),
            account: row.account,
            what: *event,
        });
    }
    let before: Vec<u8> =
        connection.query_row("SELECT value FROM meta WHERE key = 'chain'", [], |row| {
            row.get(0)
        })?;
    let hash = link(connection, &before, scan)?;
    connection.execute(
        "UPDATE scan SET hash = ?2 WHERE id = ?1",
        params![scan, hash],
    )?;
    connection.execute("UPDATE meta SET value = ?1 WHERE key = 'chain'", [hash])?;
    Ok(placed)
}

/// The hash of a reading behind another one: over its row and its events, each value with its length.
fn link(connection: &Connection, before: &[u8], scan: i64) -> Sql<Vec<u8>> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    let mut numbers = |numbers: &[Option<i64>]| {
        for number in numbers {
            hasher.update(&[u8::from(number.is_some())]);
            hasher.update(&number.unwrap_or(0).to_le_bytes());
        }
    };
    let what: String = connection.query_row(
        "SELECT id, account, began, ended, requests, listed, total, what FROM scan WHERE id = ?1",
        [scan],
        |row| {
            for column in 0..7 {
                numbers(&[row.get(column)?]);
            }
            row.get(7)
        },
    )?;
    let mut query = connection.prepare(
        "SELECT seq, mark, kind, before, after, at, flags, count FROM event WHERE scan = ?1 ORDER BY seq",
    )?;
    let mut rows = query.query([scan])?;
    while let Some(row) = rows.next()? {
        for column in 0..8 {
            numbers(&[row.get(column)?]);
        }
    }
    hasher.update(&(what.len() as u64).to_le_bytes());
    hasher.update(what.as_bytes());
    Ok(hasher.finalize().as_bytes().to_vec())
}

/// Counts a probe that found nothing, in the line of its hour.
pub(super) fn probed(connection: &Connection, account: i64, at: i64, requests: u64) -> Sql<()> {
    let hour = at - at.rem_euclid(3600);
    let line: Option<i64> = connection
        .query_row(
            "SELECT id FROM scan WHERE account = ?1 AND what = 'probe' AND began >= ?2 AND began < ?2 + 3600",
            params![account, hour],
            |row| row.get(0),
        )
        .optional()?;
    let requests = requests.cast_signed();
    match line {
        Some(line) => connection.execute(
            "UPDATE scan SET ended = ?2, requests = requests + ?3, times = times + 1 WHERE id = ?1",
            params![line, at, requests],
        )?,
        None => connection.execute(
            "INSERT INTO scan (account, began, ended, what, requests) VALUES (?1, ?2, ?2, 'probe', ?3)",
            params![account, at, requests],
        )?,
    };
    Ok(())
}

/// The events behind a position.
pub(super) fn events(connection: &Connection, after: u64) -> Sql<Vec<Placed>> {
    let mut query = connection.prepare(
        "SELECT seq, account, mark, kind, before, after, at, flags, count FROM event WHERE seq > ?1 ORDER BY seq",
    )?;
    let rows = query.query_map([after.cast_signed()], |row| {
        let flags = EventFlags::from_number(row.get(7)?);
        let Some(kind) = EventKind::from_number(row.get(3)?) else {
            return Ok(None);
        };
        Ok(Some(Placed {
            seq: row.get::<_, i64>(0)?.cast_unsigned(),
            account: row.get(1)?,
            what: NewEvent {
                mark: Mark(row.get::<_, i64>(2)?.cast_unsigned()),
                kind,
                before: SeenState::unpack(row.get(4)?),
                after: SeenState::unpack(row.get(5)?),
                at: row.get(6)?,
                older: flags.older,
                confirmed: !flags.unconfirmed,
                storm: flags.storm,
                count: row.get::<_, i64>(8)?.cast_unsigned(),
            },
        }))
    })?;
    let events: Sql<Vec<_>> = rows.collect();
    Ok(events?.into_iter().flatten().collect())
}

/// The marks and numbers of our own changes that readings of an account have counted since a moment.
pub(super) fn counted(
    connection: &Connection,
    account: i64,
    since: i64,
) -> Sql<HashSet<(Mark, u64)>> {
    let mut query = connection.prepare(
        "SELECT mark, count FROM event WHERE account = ?1 AND kind = ?2 AND at >= ?3 AND count <> 0",
    )?;
    let rows = query.query_map(params![account, EventKind::Own as u8, since], |row| {
        let (mark, number): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok((Mark(mark.cast_unsigned()), number.cast_unsigned()))
    })?;
    rows.collect()
}

/// The last position.
pub(super) fn end(connection: &Connection) -> Sql<u64> {
    let end: Option<i64> = connection
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(end.unwrap_or(0).cast_unsigned())
}

/// The position before the first event at or after a moment.
pub(super) fn position_at(connection: &Connection, at: i64) -> Sql<u64> {
    let first: Option<i64> =
        connection.query_row("SELECT min(seq) FROM event WHERE at >= ?1", [at], |row| {
            row.get(0)
        })?;
    match first {
        Some(first) => Ok((first - 1).cast_unsigned()),
        None => end(connection),
    }
}

/// The record of readings since a moment, the oldest first.
pub(super) fn lines(
    connection: &Connection,
    since: i64,
    accounts: &[(i64, AccountState)],
) -> Sql<Vec<ScanLine>> {
    let mut query = connection.prepare(
        "SELECT account, began, ended, what, requests, times FROM scan WHERE ended >= ?1 ORDER BY id",
    )?;
    let rows = query.query_map([since], |row| {
        let account: i64 = row.get(0)?;
        let Some((_, state)) = accounts.iter().find(|(id, _)| *id == account) else {
            return Ok(None);
        };
        Ok(Some(ScanLine {
            account: state.account.clone(),
            began: row.get(1)?,
            ended: row.get(2)?,
            what: row.get(3)?,
            requests: row.get::<_, i64>(4)?.cast_unsigned(),
            times: row.get::<_, i64>(5)?.cast_unsigned(),
        }))
    })?;
    let lines: Sql<Vec<_>> = rows.collect();
    Ok(lines?.into_iter().flatten().collect())
}

/// The number of records in the chain, and its last hash.
pub(super) fn head(connection: &Connection) -> Sql<(u64, Vec<u8>)> {
    let count: i64 = connection.query_row(
        "SELECT count(*) FROM scan WHERE hash IS NOT NULL",
        [],
        |row| row.get(0),
    )?;
    let hash = connection.query_row("SELECT value FROM meta WHERE key = 'chain'", [], |row| {
        row.get(0)
    })?;
    Ok((count.cast_unsigned(), hash))
}

/// Whether a record of the chain has this hash, or the chain begins behind one that had.
pub(super) fn holds(connection: &Connection, hash: &[u8]) -> Sql<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM scan WHERE hash = ?1) \
         OR EXISTS (SELECT 1 FROM meta WHERE key IN ('start', 'chain') AND value = ?1)",
        [hash],
        |row| row.get(0),
    )
}

/// Verifies the chain: the number of records, or the first one that is not as it was written.
pub(super) fn verify(connection: &Connection) -> Sql<Result<u64, u64>> {
    let start: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM meta WHERE key = 'start'", [], |row| {
            row.get(0)
        })
        .optional()?;
    let mut last = start.unwrap_or_else(|| vec![0; 32]);
    let mut query =
        connection.prepare("SELECT id, hash FROM scan WHERE hash IS NOT NULL ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        let (scan, hash): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        last = link(connection, &last, scan)?;
        if last != hash {
            return Ok(Err(count));
        }
    }
    let (_, end) = head(connection)?;
    Ok(if end == last {
        Ok(count)
    } else {
        Err(count + 1)
    })
}

/// Drops what is too old; the chain then begins behind the last reading that was dropped.
pub(super) fn prune(connection: &Connection, now: i64) -> Sql<()> {
    let limit = now - KEPT;
    let last: Option<(i64, Option<Vec<u8>>)> = connection
        .query_row(
            "SELECT id, hash FROM scan WHERE ended < ?1 AND hash IS NOT NULL ORDER BY id DESC LIMIT 1",
            [limit],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((last, Some(hash))) = last else {
        return Ok(());
    };
    connection.execute("DELETE FROM event WHERE scan <= ?1", [last])?;
    connection.execute("DELETE FROM scan WHERE id <= ?1", [last])?;
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('start', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [hash],
    )?;
    connection.execute(
        "DELETE FROM seen WHERE since < ?1 AND state & 4096 <> 0",
        [limit],
    )?;
    Ok(())
}
