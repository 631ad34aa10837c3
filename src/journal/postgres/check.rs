//! Compares what is stored with its hashes, its counts and its chains.

use super::{
    call::Caller,
    row::{damaged, get},
    witness::Witness,
};
use crate::entity::{
    error::JournalError,
    hash_chain::{self, Head, hex},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio_postgres::{Row, types::Type};

/// Events that are read at a time.
const PAGE: i64 = 5_000;

const EVENTS: &str = "SELECT seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), role, console, n, job, what, \
     detail, prev, hash, \
     extract(epoch FROM clock_timestamp() - at)::float8 FROM @.event WHERE seq > $1 ORDER BY seq LIMIT $2";

/// An event, as far as a console needs it.
pub(super) struct Event {
    pub(super) console: Option<i32>,
    pub(super) what: String,
    /// How old it was when it was read, on the server's clock.
    pub(super) age: Duration,
}

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which rule it breaks.
    pub what: String,
    /// Where.
    pub detail: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Nothing is wrong.
    pub ok: bool,
    /// Events in the chain.
    pub events: i64,
    /// Lines in the audit log.
    pub audit: i64,
    /// Jobs.
    pub jobs: i64,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Verifies every event after the witness, calls `each` for it, and returns the new witness. Without a witness the newest
/// event becomes it.
///
/// # Errors
/// `Lost` if the witness's event is not there or another one; `ReadOnly` if an event is not as it was written.
pub(super) fn events(
    caller: &mut Caller,
    witness: Option<Witness>,
    store: &str,
    mut each: impl FnMut(&Event),
) -> Result<Witness, JournalError> {
    let Some(mut witness) = witness else {
        let rows = ask(
            caller,
            "SELECT seq, hash FROM @.event ORDER BY seq DESC LIMIT 1",
            &[],
        )?;
        let (seq, hash) = match rows.first() {
            Some(row) => (get(row, 0)?, text(&get::<Vec<u8>>(row, 1)?)),
            None => (0, Head::default().hash),
        };
        return Ok(Witness {
            store: store.to_owned(),
            seq,
            hash,
        });
    };
    let mut first = witness.seq > 0;
    loop {
        // The event that was seen last comes again, to be compared.
        let after = witness.seq - i64::from(first);
        let rows = ask(caller, EVENTS, &[(&after, Type::INT8), (&PAGE, Type::INT8)])?;
        let mut rows = rows.iter();
        if std::mem::take(&mut first) {
            let last = rows.next();
            let hash = last
                .map(|row| get::<Vec<u8>>(row, 9))
                .transpose()?
                .map(|hash| text(&hash));
            let same = last.is_some_and(|row| get(row, 0) == Ok(witness.seq));
            if !same || hash.as_deref() != Some(&witness.hash) {
                return Err(lost(caller, &witness, same));
            }
        }
        let mut count = 0;
        for row in rows {
            count += 1;
            let (seq, hash) = verified(row, witness.seq, &witness.hash)?;
            each(&Event {
                console: get(row, 3)?,
                what: get(row, 6)?,
                age: Duration::try_from_secs_f64(get(row, 10)?).unwrap_or_default(),
            });
            (witness.seq, witness.hash) = (seq, hash);
        }
        if count < PAGE - 1 {
            return Ok(witness);
        }
    }
}

fn lost(caller: &mut Caller, witness: &Witness, replaced: bool) -> JournalError {
    let head = ask(caller, "SELECT coalesce(max(seq), 0) FROM @.event", &[])
        .ok()
        .and_then(|rows| get::<i64>(rows.first()?, 0).ok())
        .unwrap_or_default();
    JournalError::Lost {
        from: if replaced {
            witness.seq
        } else {
            (head + 1).min(witness.seq)
        },
        to: witness.seq,
    }
}

/// Verifies one event against the one before; returns its number and hash.
fn verified(row: &Row, before: i64, prev: &str) -> Result<(i64, String), JournalError> {
    let seq: i64 = get(row, 0)?;
    let wrong = || damaged(&format!("event {seq}"));
    let (console, n): (Option<i32>, Option<i64>) = (get(row, 3)?, get(row, 4)?);
    let job: Option<i64> = get(row, 5)?;
    let mut parts = vec![seq.to_string(), get(row, 1)?, get(row, 2)?];
    // As the server joins them: what is null is left out, but for the job.
    parts.extend(console.map(|console| console.to_string()));
    parts.extend(n.map(|n| n.to_string()));
    parts.push(job.map(|job| job.to_string()).unwrap_or_default());
    parts.push(get(row, 6)?);
    parts.push(get(row, 7)?);
    let (stored_prev, hash): (Vec<u8>, Vec<u8>) = (get(row, 8)?, get(row, 9)?);
    let mut hasher = Sha256::new();
    hasher.update(&stored_prev);
    hasher.update(parts.join("\n").as_bytes());
    let made: [u8; 32] = hasher.finalize().into();
    if seq != before + 1 || text(&stored_prev) != prev || made[..] != hash[..] {
        return Err(wrong());
    }
    Ok((seq, hex(&made)))
}

fn text(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ask(
    caller: &mut Caller,
    sql: &str,
    values: &[super::call::Value<'_>],
) -> Result<Vec<Row>, JournalError> {
    caller
        .query(sql, values)
        .map_err(|error| error.into_journal(None))
}

/// Rules that the server compares: a name, and a query whose rows break it.
const RULES: &[(&str, &str)] = &[
    (
        "a leak in two live jobs or in none",
        "SELECT 'job ' || c.job || ', change ' || c.idx FROM @.change AS c JOIN @.job AS j ON j.id = c.job \
      WHERE j.ended_at IS NULL AND c.state <= 3 AND NOT EXISTS (SELECT 1 FROM @.live AS l WHERE l.account = c.account AND l.kind = c.kind AND l.id = c.id AND l.job = c.job)",
    ),
    (
        "a leak occupied by an ended job",
        "SELECT 'job ' || l.job FROM @.live AS l LEFT JOIN @.job AS j ON j.id = l.job WHERE j.id IS NULL OR j.ended_at IS NOT NULL",
    ),
    (
        "an open change in an ended job",
        "SELECT 'job ' || j.id FROM @.job AS j WHERE j.ended_at IS NOT NULL AND EXISTS (SELECT 1 FROM @.change AS c WHERE c.job = j.id AND c.state <= 3)",
    ),
    (
        "an intent with another token than that of its time",
        "SELECT 'event ' || e.seq FROM @.event AS e WHERE e.what = 'intent' AND (e.detail::jsonb->>'token')::int <> \
      1 + (SELECT count(*) FROM @.event AS t WHERE t.job = e.job AND t.what = 'taken' AND t.seq < e.seq)",
    ),
    (
        "a chunk without exactly one intent",
        "SELECT 'job ' || c.job || ', chunk ' || c.chunk FROM @.chunk AS c WHERE 1 <> \
      (SELECT count(*) FROM @.event AS e WHERE e.job = c.job AND e.what = 'intent' AND (e.detail::jsonb->>'chunk')::int = c.chunk)",
    ),
    (
        "more attempts than allowed",
        "SELECT 'job ' || job || ', change ' || idx FROM @.change WHERE attempts > 5",
    ),
    (
        "more audit lines than changes",
        "SELECT 'job ' || id FROM @.job WHERE told > (SELECT sum(x) FROM unnest(counts) AS x)",
    ),
];

/// Rules that take as long as all changes of all jobs.
const DEEP: &[(&str, &str)] = &[(
    "counts that are not those of the changes",
    "SELECT 'job ' || j.id FROM @.job AS j WHERE EXISTS (SELECT 1 FROM @.change AS c WHERE c.job = j.id) AND j.counts <> \
      (SELECT array_agg(coalesce(n, 0) ORDER BY slot) FROM generate_series(1, 11) AS slot LEFT JOIN \
       (SELECT (ARRAY[11, 11, 9, 10, 1, 2, 3, 4, 6, 3, 7, 8, 5])[state + 1] AS slot, count(*)::int AS n FROM @.change WHERE job = j.id GROUP BY 1) AS x USING (slot))",
)];

/// Verifies everything; `deep` also the counts of every job.
///
/// # Errors
/// `Unreachable` if the server does not answer. What is wrong is no error.
pub(super) fn all(caller: &mut Caller, deep: bool) -> Result<Found, JournalError> {
    let mut problems = Vec::new();
    let start = Witness {
        store: String::new(),
        seq: 0,
        hash: Head::default().hash,
    };
    match events(caller, Some(start), "", |_| {}) {
        Ok(_) => {}
        Err(JournalError::ReadOnly { why }) => problems.push(Problem {
            what: "event chain".to_owned(),
            detail: why,
        }),
        Err(error) => return Err(error),
    }
    problems.extend(audit(caller)?);
    for (what, sql) in RULES.iter().chain(if deep { DEEP } else { &[] }) {
        let rows = ask(
            caller,
            &format!("SELECT * FROM ({sql}) AS broken LIMIT 20"),
            &[],
        )?;
        for row in &rows {
            problems.push(Problem {
                what: (*what).to_owned(),
                detail: get(row, 0)?,
            });
        }
    }
    let rows = ask(
        caller,
        "SELECT (SELECT coalesce(max(seq), 0) FROM @.event), (SELECT coalesce(max(seq), 0) FROM @.audit), (SELECT count(*) FROM @.job)",
        &[],
    )?;
    let row = rows.first().ok_or_else(|| damaged("an answer"))?;
    Ok(Found {
        ok: problems.is_empty(),
        events: get(row, 0)?,
        audit: get(row, 1)?,
        jobs: get(row, 2)?,
        problems,
    })
}

/// Verifies the audit log as its copy would be.
fn audit(caller: &mut Caller) -> Result<Vec<Problem>, JournalError> {
    let mut bytes = Vec::new();
    let mut last = 0_i64;
    let mut problems = Vec::new();
    loop {
        let rows = ask(
            caller,
            "SELECT seq, body FROM @.audit WHERE seq > $1 ORDER BY seq LIMIT 1000",
            &[(&last, Type::INT8)],
        )?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            last = get(row, 0)?;
            bytes.extend_from_slice(get::<&str>(row, 1)?.as_bytes());
            bytes.push(b'\n');
        }
    }
    if let Some((line, fault)) = hash_chain::verify(&bytes, None).first_bad {
        problems.push(Problem {
            what: "audit log".to_owned(),
            detail: format!("line {line}: {fault}"),
        });
    }
    Ok(problems)
}
