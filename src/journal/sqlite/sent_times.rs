//! Times of attempts that may still be applied. Intents and answers store the wall clock and the uptime of the machine;
//! the shorter age counts, so that a clock that was set forward makes nothing older.

use super::{read, store_error::StoreError};
use crate::entity::{job::ChangeState, key::JobId};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// A reading of both clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClockReading {
    wall: Timestamp,
    /// Boot id and uptime; `None` if the system does not report them.
    boot_and_uptime: Option<(String, Duration)>,
}

impl ClockReading {
    /// Returns the present reading, with this wall clock.
    pub(super) fn with_wall(wall: Timestamp) -> Self {
        Self {
            wall,
            boot_and_uptime: boot_id().zip(uptime()),
        }
    }

    /// Adds to an event what the chain does not store of its time.
    pub(super) fn to_event(&self, mut detail: Value) -> Value {
        if let (Some((boot, up)), Some(detail)) = (&self.boot_and_uptime, detail.as_object_mut()) {
            detail.insert("boot".to_owned(), json!(boot));
            detail.insert("up_ms".to_owned(), json!(up.as_millis() as u64));
        }
        detail
    }

    /// Returns the reading of an event.
    fn from_chain(wall: Timestamp, detail: &Value) -> Self {
        let boot = detail.get("boot").and_then(Value::as_str);
        let up = detail.get("up_ms").and_then(Value::as_u64);
        Self {
            wall,
            boot_and_uptime: boot.map(str::to_owned).zip(up.map(Duration::from_millis)),
        }
    }

    /// Returns the minimum age at `now`. If the clocks cannot tell, it is zero: nothing is ever considered older than
    /// it is.
    fn age(&self, now: &Self) -> Duration {
        let (Some((boot, up)), Some((this_boot, up_now))) =
            (&self.boot_and_uptime, &now.boot_and_uptime)
        else {
            return Duration::ZERO;
        };
        if boot != this_boot {
            return Duration::ZERO;
        }
        // Negative if the clock was set back.
        let wall = Duration::try_from(now.wall.duration_since(self.wall)).unwrap_or_default();
        wall.min(up_now.saturating_sub(*up))
    }
}

/// Returns the minimum age of each change of a job that was sent and has not finished.
pub(super) fn ages(
    connection: &Connection,
    job: JobId,
    now: &ClockReading,
) -> Result<BTreeMap<u32, Duration>, StoreError> {
    let chunks = chunks(connection, job)?;
    let sent = read::changes(connection, job)?.into_iter().filter(|row| {
        matches!(
            row.change.state(),
            ChangeState::Inflight | ChangeState::Accepted | ChangeState::Unknown
        )
    });
    Ok(sent
        .filter_map(|row| {
            let moment = chunks.get(&row.chunk?)?;
            Some((row.change.index, moment.age(now)))
        })
        .collect())
}

/// Returns the time of each chunk's answer, or of its intent if it has none.
fn chunks(connection: &Connection, job: JobId) -> Result<HashMap<u32, ClockReading>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT seq, at, detail FROM event WHERE job = ?1 AND what IN ('intent', 'answer') ORDER BY seq",
    )?;
    let mut rows = statement.query(params![job.0])?;
    let mut chunks = HashMap::new();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let damaged = || StoreError::Damaged(format!("event {seq}"));
        let (at, detail): (String, String) = (row.get(1)?, row.get(2)?);
        let at: Timestamp = at.parse().map_err(|_| damaged())?;
        let detail: Value = serde_json::from_str(&detail).map_err(|_| damaged())?;
        let chunk = detail
            .get("chunk")
            .and_then(Value::as_u64)
            .and_then(|chunk| u32::try_from(chunk).ok())
            .ok_or_else(damaged)?;
        chunks.insert(chunk, ClockReading::from_chain(at, &detail));
    }
    Ok(chunks)
}

/// Returns the boot id; `None` if the system does not report it.
pub(super) fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// Returns the uptime, sleep included; `None` if the system does not report it.
fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: &str, boot: &str, up: u64) -> ClockReading {
        ClockReading {
            wall: wall.parse().unwrap(),
            boot_and_uptime: Some((boot.to_owned(), Duration::from_secs(up))),
        }
    }

    #[test]
    fn nothing_is_older_than_both_clocks_say() {
        let then = moment("2026-11-22T12:00:00Z", "a", 1_000);
        let table = [
            ("as it should be", "2026-11-22T12:00:30Z", "a", 1_030, 30),
            ("set on by a day", "2026-11-23T12:00:30Z", "a", 1_030, 30),
            ("set back", "2026-11-22T11:00:30Z", "a", 1_030, 0),
            (
                "to the year it began",
                "1970-01-01T00:00:00Z",
                "a",
                1_030,
                0,
            ),
            (
                "past what fits into 32 bits",
                "2038-01-19T03:14:08Z",
                "a",
                1_005,
                5,
            ),
            ("another boot", "2026-11-22T12:00:30Z", "b", 1_030, 0),
            ("another boot, just up", "2026-11-22T12:00:30Z", "b", 5, 0),
            (
                "the machine's own clock went back",
                "2026-11-22T12:00:30Z",
                "a",
                900,
                0,
            ),
        ];
        for (what, wall, boot, up, age) in table {
            let now = moment(wall, boot, up);
            assert_eq!(then.age(&now), Duration::from_secs(age), "{what}");
        }
        let silent = ClockReading {
            wall: then.wall,
            boot_and_uptime: None,
        };
        assert_eq!(silent.age(&then), Duration::ZERO);
        assert_eq!(then.age(&silent), Duration::ZERO);
    }

    #[test]
    fn a_moment_survives_the_chain() {
        let then = moment("2026-11-22T12:00:00Z", "a", 1_000);
        let detail = then.to_event(json!({"chunk": 1}));
        assert_eq!(detail["chunk"], 1);
        assert_eq!(ClockReading::from_chain(then.wall, &detail), then);
        let before = ClockReading::from_chain(then.wall, &json!({"chunk": 1}));
        assert_eq!(before.boot_and_uptime, None, "an event of an older program");
    }
}
