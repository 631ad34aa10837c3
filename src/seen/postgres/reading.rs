//! Readings and events: written whole, verified, read.

use super::{
    account::{Known, Names},
    row::get,
};
use crate::{
    entity::seen::{EventKind, Mark, NewEvent, SeenLeak, SeenState},
    journal::team_line::{Line, LineError},
    seen::{
        SeenError,
        port::{EventFlags, Position, Waiting},
    },
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_postgres::{Row, types::Type};

/// A reading, before it has its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) began: i64,
    pub(super) ended: i64,
    pub(super) what: &'a str,
    pub(super) requests: u64,
    pub(super) listed: Option<u64>,
    pub(super) total: Option<u64>,
}

impl<'a> Reading<'a> {
    /// One that took nothing.
    pub(super) fn of(at: i64, what: &'a str) -> Self {
        Self {
            began: at,
            ended: at,
            what,
            requests: 0,
            listed: None,
            total: None,
        }
    }

    fn to_json(self) -> Value {
        json!({
            "began": self.began,
            "ended": self.ended,
            "what": self.what,
            "requests": self.requests,
            "listed": self.listed,
            "total": self.total,
        })
    }
}

/// Writes a reading with what came of it; the position of its first event. The account must be as it was when it was judged.
pub(super) fn write(
    line: &mut Line,
    names: &Names,
    (request, account): (&str, &Known),
    reading: Reading<'_>,
    leaks: &[SeenLeak],
    events: &[NewEvent],
) -> Result<u64, LineError> {
    let of = &account.state.account;
    let (name, provider, origin) = (
        names.there(of.profile.as_str()),
        of.provider.as_str(),
        names.origin(of),
    );
    let (kept, told) = (account.to_json(), reading.to_json());
    let leak = |column: fn(&SeenLeak) -> i64| -> Vec<i64> { leaks.iter().map(column).collect() };
    let (marks, found, since) = (
        leak(|leak| leak.mark.0.cast_signed()),
        leak(|leak| leak.found),
        leak(|leak| leak.since),
    );
    let before: Vec<Option<i64>> = leaks.iter().map(|leak| leak.before).collect();
    let states: Vec<i32> = leaks
        .iter()
        .map(|leak| leak.state.pack().cast_signed())
        .collect();
    let event = |column: fn(&NewEvent) -> i64| -> Vec<i64> { events.iter().map(column).collect() };
    let small = |column: fn(&NewEvent) -> u32| -> Vec<i32> {
        events
            .iter()
            .map(|event| column(event).cast_signed())
            .collect()
    };
    let (e_marks, e_at, e_count) = (
        event(|event| event.mark.0.cast_signed()),
        event(|event| event.at),
        event(|event| event.count.cast_signed()),
    );
    let kinds: Vec<i16> = events.iter().map(|event| event.kind as i16).collect();
    let (e_before, e_after, e_flags) = (
        small(|event| event.before.pack()),
        small(|event| event.after.pack()),
        small(|event| EventFlags::of(event).number()),
    );
    let rows = line.ask(
        "SELECT @.seen_write($1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        &[
            (&request, Type::TEXT),
            (&name, Type::TEXT),
            (&provider, Type::TEXT),
            (&of.team, Type::TEXT),
            (&origin, Type::TEXT),
            (&account.version, Type::INT8),
            (&kept, Type::JSONB),
            (&told, Type::JSONB),
            (&marks, Type::INT8_ARRAY),
            (&found, Type::INT8_ARRAY),
            (&before, Type::INT8_ARRAY),
            (&states, Type::INT4_ARRAY),
            (&since, Type::INT8_ARRAY),
            (&e_marks, Type::INT8_ARRAY),
            (&kinds, Type::INT2_ARRAY),
            (&e_before, Type::INT4_ARRAY),
            (&e_after, Type::INT4_ARRAY),
            (&e_at, Type::INT8_ARRAY),
            (&e_flags, Type::INT4_ARRAY),
            (&e_count, Type::INT8_ARRAY),
        ],
    )?;
    let answer: Option<&str> = rows.first().and_then(|row| row.try_get(0).ok());
    let first = answer.and_then(|answer| answer.split(' ').next()?.parse().ok());
    first.ok_or_else(|| {
        LineError::Store(crate::entity::error::JournalError::Io {
            why: "the team store answered what is no position".to_owned(),
        })
    })
}

/// An event of a row, with its position and the number of its account.
pub(super) fn event(row: &Row) -> Result<Option<(u64, i32, NewEvent)>, SeenError> {
    let kind = u8::try_from(get::<i16>(row, 3)?).ok();
    let Some(kind) = kind.and_then(EventKind::from_number) else {
        return Ok(None);
    };
    let number = |at| get::<i64>(row, at).map(i64::cast_unsigned);
    let state = |at| get::<i32>(row, at).map(|state| SeenState::unpack(state.cast_unsigned()));
    let flags = EventFlags::from_number(get::<i32>(row, 7)?.cast_unsigned());
    let what = NewEvent {
        mark: Mark(number(2)?),
        kind,
        before: state(4)?,
        after: state(5)?,
        at: get(row, 6)?,
        older: flags.older,
        confirmed: !flags.unconfirmed,
        storm: flags.storm,
        count: number(8)?,
    };
    Ok(Some((number(0)?, get(row, 1)?, what)))
}

/// A leak of a row.
pub(super) fn leak(row: &Row) -> Result<SeenLeak, SeenError> {
    Ok(SeenLeak {
        mark: Mark(get::<i64>(row, 0)?.cast_unsigned()),
        found: get(row, 1)?,
        before: get(row, 2)?,
        state: SeenState::unpack(get::<i32>(row, 3)?.cast_unsigned()),
        since: get(row, 4)?,
    })
}

/// A place of a row.
pub(super) fn position(row: &Row) -> Result<Position, SeenError> {
    Ok(Position {
        name: get(row, 0)?,
        seq: get::<i64>(row, 1)?.cast_unsigned(),
        at: get(row, 2)?,
        back: get::<i64>(row, 3)?.cast_unsigned(),
    })
}

/// A message of a row.
pub(super) fn message(row: &Row) -> Result<Waiting, SeenError> {
    Ok(Waiting {
        id: get(row, 0)?,
        channel: get(row, 1)?,
        made: get(row, 2)?,
        due: get(row, 3)?,
        tries: get::<i32>(row, 4)?.cast_unsigned(),
        dead: get(row, 5)?,
        body: get(row, 6)?,
    })
}

/// Verifies the chain from `first` to `last`: how many records it has, or the first that is not as it was written. Rows have
/// their hash and the text that it is of; it is made again here.
pub(super) fn verify(
    rows: &[Row],
    first: Vec<u8>,
    last: &[u8],
) -> Result<Result<u64, u64>, SeenError> {
    let mut link = first;
    for (count, row) in (1..).zip(rows) {
        let (hash, body): (&[u8], &str) = (get(row, 0)?, get(row, 1)?);
        let mut hasher = Sha256::new();
        hasher.update(&link);
        hasher.update(body.as_bytes());
        link = hasher.finalize().to_vec();
        if link != hash {
            return Ok(Err(count));
        }
    }
    let count = rows.len() as u64;
    Ok(if link == last {
        Ok(count)
    } else {
        Err(count + 1)
    })
}
