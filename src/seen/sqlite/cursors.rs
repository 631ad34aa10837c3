//! How far readers of events have come, and the messages that wait.

use crate::seen::port::{Position, Waiting};
use rusqlite::{Connection, OptionalExtension, Row, params};

type Sql<T> = Result<T, rusqlite::Error>;

const POSITION: &str = "SELECT name, seq, at, back FROM cursor";

fn position(row: &Row<'_>) -> Sql<Position> {
    Ok(Position {
        name: row.get(0)?,
        seq: row.get::<_, i64>(1)?.cast_unsigned(),
        at: row.get(2)?,
        back: row.get::<_, i64>(3)?.cast_unsigned(),
    })
}

/// One cursor.
pub(super) fn one(connection: &Connection, name: &str) -> Sql<Option<Position>> {
    connection
        .query_row(&format!("{POSITION} WHERE name = ?1"), [name], position)
        .optional()
}

/// Every cursor.
pub(super) fn all(connection: &Connection) -> Sql<Vec<Position>> {
    let mut query = connection.prepare(&format!("{POSITION} ORDER BY name"))?;
    let rows = query.query_map([], position)?;
    rows.collect()
}

/// Moves a cursor, or makes it.
pub(super) fn put(connection: &Connection, name: &str, to: u64, at: i64) -> Sql<()> {
    let to = to.cast_signed();
    connection.execute(
        "INSERT INTO cursor (name, seq, at, back) VALUES (?1, ?2, ?3, ?2) \
         ON CONFLICT (name) DO UPDATE SET \
         back = CASE WHEN seq = excluded.seq THEN back ELSE seq END, seq = excluded.seq, at = excluded.at",
        params![name, to, at],
    )?;
    Ok(())
}

/// Keeps a message; one that is there stays as it is.
pub(super) fn wait(connection: &Connection, one: &Waiting) -> Sql<()> {
    connection.execute(
        "INSERT INTO outbox (id, channel, made, due, tries, dead, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (id) DO NOTHING",
        params![one.id, one.channel, one.made, one.due, one.tries, one.dead, one.body],
    )?;
    Ok(())
}

/// The messages that wait, the oldest first.
pub(super) fn waiting(connection: &Connection) -> Sql<Vec<Waiting>> {
    let mut query = connection.prepare(
        "SELECT id, channel, made, due, tries, dead, body FROM outbox ORDER BY made, id",
    )?;
    let rows = query.query_map([], |row| {
        Ok(Waiting {
            id: row.get(0)?,
            channel: row.get(1)?,
            made: row.get(2)?,
            due: row.get(3)?,
            tries: row.get(4)?,
            dead: row.get(5)?,
            body: row.get(6)?,
        })
    })?;
    rows.collect()
}

/// Whether each of these messages waits and was never tried.
pub(super) fn are_untried(connection: &Connection, ids: &[String]) -> Sql<bool> {
    for id in ids {
        let untried: Option<bool> = connection
            .query_row(
                "SELECT tries = 0 AND dead = 0 FROM outbox WHERE id = ?1",
                [id],
                |row| row.get(0),
            )
            .optional()?;
        if untried != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}
