//! When what may still be applied was sent: intents and answers say it in the chain of events, by the clock on the wall
//! and by how long the machine was up. Of the two the shorter time counts: a clock that was set on makes nothing older.

use super::{read, store_error::StoreError};
use crate::entity::{job::ChangeState, key::JobId};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// A moment by both clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClockReading {
    wall: Timestamp,
    /// Which boot of the machine, and how long it was up, where it says.
    up: Option<(String, Duration)>,
}

impl ClockReading {
    /// This moment, of which the wall's clock says so much.
    pub(super) fn at(wall: Timestamp) -> Self {
        Self {
            wall,
            up: boot().zip(uptime()),
        }
    }

    /// An event's detail with what the chain does not say of its moment by itself.
    pub(super) fn to_event(&self, mut detail: Value) -> Value {
        if let (Some((boot, up)), Some(detail)) = (&self.up, detail.as_object_mut()) {
            detail.insert("boot".to_owned(), json!(boot));
            detail.insert("up_ms".to_owned(), json!(up.as_millis() as u64));
        }
        detail
    }

    /// The moment of an event.
    fn from_chain(wall: Timestamp, detail: &Value) -> Self {
        let boot = detail.get("boot").and_then(Value::as_str);
        let up = detail.get("up_ms").and_then(Value::as_u64);
        Self {
            wall,
            up: boot.map(str::to_owned).zip(up.map(Duration::from_millis)),
        }
    }

    /// How long before `now` it was at least. Where the two clocks cannot tell, it is taken for now itself: nothing is
    /// ever held to be older than it is.
    fn age(&self, now: &Self) -> Duration {
        let (Some((boot, up)), Some((this_boot, up_now))) = (&self.up, &now.up) else {
            return Duration::ZERO;
        };
        if boot != this_boot {
            return Duration::ZERO;
        }
        // Negative where the clock was set back.
        let wall = Duration::try_from(now.wall.duration_since(self.wall)).unwrap_or_default();
        wall.min(up_now.saturating_sub(*up))
    }
}

/// How long ago at least each change of a job was sent that was sent and has not settled.
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

/// When each chunk of a job was answered, or where it never was, when its intent was recorded.
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

/// Which boot of the machine this is, where it says.
pub(super) fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// How long the machine was up, asleep or not, where it says.
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
            up: Some((boot.to_owned(), Duration::from_secs(up))),
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
            up: None,
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
        assert_eq!(before.up, None, "an event of an older program");
    }
}
