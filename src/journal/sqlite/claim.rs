//! Claims of leaks: who works on a leak, and until when. An expired claim has no effect and is removed by the next
//! change.

use super::{
    chain, leak_event, row,
    row_checksum::{self, RowChecksum},
    seat::seat_of,
    sql::{accounts, placeholders},
    store_error::StoreError,
};
use crate::{
    entity::{
        claim::{CLAIM_DURATION, Claim, ClaimOperation, ClaimResult, ConsoleId},
        key::{EntityKey, ProviderId},
        profile::ProfileBinding,
    },
    journal::port::Operator,
};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use serde_json::json;
use std::collections::BTreeMap;

/// Columns of a claim; the hash is the last.
const COLUMNS: &str = "profile, provider, kind, id, user, host, console, until, hash";

/// Key of a claimed leak, with its provider.
type ClaimedLeak = (EntityKey, ProviderId);

/// Returns the claims on leaks of these profiles that have not expired.
pub(super) fn for_profiles(
    connection: &Connection,
    profiles: &[ProfileBinding],
    who: &Operator,
    now: Timestamp,
) -> Result<Vec<(EntityKey, Claim)>, StoreError> {
    let mut claims = Vec::new();
    if !row_checksum::exists(connection)? {
        return Ok(claims);
    }
    let me = seat_of(who);
    for (name, provider) in accounts(profiles) {
        let mut statement = connection.prepare(&format!(
            "SELECT {COLUMNS} FROM claim WHERE profile = ?1 AND provider = ?2 ORDER BY kind, id"
        ))?;
        let mut rows = statement.query(params![name, provider])?;
        while let Some(row) = rows.next()? {
            let ((key, _), by, until) = read(row)?;
            if until > now {
                let mine = by == me;
                claims.push((
                    key,
                    Claim {
                        claimant: by,
                        expires_at: until,
                        is_own: mine,
                        role: None,
                    },
                ));
            }
        }
    }
    Ok(claims)
}

/// Returns every claim, or an error if one is damaged.
pub(super) fn all(
    connection: &Connection,
) -> Result<BTreeMap<ClaimedLeak, (ConsoleId, Timestamp)>, StoreError> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM claim"))?;
    let mut rows = statement.query([])?;
    let mut claims = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (place, by, until) = read(row)?;
        claims.insert(place, (by, until));
    }
    Ok(claims)
}

/// Claims leaks, takes them over or releases them.
pub(super) fn apply(
    connection: &Connection,
    leaks: &[ClaimedLeak],
    act: ClaimOperation,
    who: &Operator,
    now: Timestamp,
) -> Result<ClaimResult, StoreError> {
    let me = seat_of(who);
    let before = all(connection)?;
    let mut after = before.clone();
    after.retain(|_, (_, until)| *until > now);
    let mut claimed = ClaimResult::default();
    let mut moved = Vec::new();
    for place in leaks {
        let holder = after.get(place);
        let theirs = holder.filter(|(by, _)| *by != me).cloned();
        match (act, theirs) {
            (ClaimOperation::Claim | ClaimOperation::Release, Some((by, until))) => {
                let claim = Claim {
                    claimant: by,
                    expires_at: until,
                    is_own: false,
                    role: None,
                };
                claimed.held_by_others.push((place.0.clone(), claim));
                continue;
            }
            (ClaimOperation::Release, None) => {
                if after.remove(place).is_none() {
                    continue;
                }
                moved.push(place.clone());
            }
            (ClaimOperation::Claim, None) | (ClaimOperation::Take, _) => {
                let old = after.insert(place.clone(), (me.clone(), now + CLAIM_DURATION));
                if old.is_none_or(|(by, _)| by != me) {
                    moved.push(place.clone());
                }
            }
        }
        claimed.changed.push(place.0.clone());
    }
    store(connection, &before, &after)?;
    leak_event::append(connection, &moved, (&me, now), &act.to_string(), None)?;
    if !claimed.changed.is_empty() {
        let detail = json!({"act": act, "leaks": claimed.changed.len(), "by": me.user_at_host(), "console": me.console});
        chain::append(connection, now, None, "claims", &detail)?;
    }
    Ok(claimed)
}

/// Extends the claims of this console, and returns their number.
pub(super) fn renew(
    connection: &Connection,
    who: &Operator,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let me = seat_of(who);
    let before = all(connection)?;
    let mut after = before.clone();
    after.retain(|_, (_, until)| *until > now);
    let mut count = 0;
    for (by, until) in after.values_mut() {
        if *by == me {
            *until = now + CLAIM_DURATION;
            count += 1;
        }
    }
    store(connection, &before, &after)?;
    if count > 0 {
        let detail =
            json!({"act": "renew", "leaks": count, "by": me.user_at_host(), "console": me.console});
        chain::append(connection, now, None, "claims", &detail)?;
    }
    Ok(count)
}

fn store(
    connection: &Connection,
    before: &BTreeMap<ClaimedLeak, (ConsoleId, Timestamp)>,
    after: &BTreeMap<ClaimedLeak, (ConsoleId, Timestamp)>,
) -> Result<(), StoreError> {
    let mut checksum = RowChecksum::for_table("claim");
    let mut remove = connection.prepare(
        "DELETE FROM claim WHERE profile = ?1 AND provider = ?2 AND kind = ?3 AND id = ?4",
    )?;
    let mut put = connection.prepare(&format!(
        "INSERT INTO claim ({COLUMNS}) VALUES ({})",
        placeholders(9)
    ))?;
    for (place, old) in before {
        if after.get(place) != Some(old) {
            let (values, hash) = values(place, old);
            remove.execute(params_from_iter(values.into_iter().take(4)))?;
            checksum.remove(&hash);
        }
    }
    for (place, new) in after {
        if before.get(place) != Some(new) {
            let (mut values, hash) = values(place, new);
            checksum.add(&hash);
            values.push(Value::Blob(hash));
            put.execute(params_from_iter(values))?;
        }
    }
    checksum.store(connection)
}

fn values(
    (key, provider): &ClaimedLeak,
    (by, until): &(ConsoleId, Timestamp),
) -> (Vec<Value>, Vec<u8>) {
    let values = vec![
        Value::from(key.profile.as_str().to_owned()),
        Value::from(provider.as_str().to_owned()),
        Value::from(row::kind_number(key.kind)),
        Value::Blob(row::encode_id(key.id.as_bytes())),
        Value::from(by.user.clone()),
        Value::from(by.host.clone()),
        Value::from(by.console.clone()),
        Value::from(until.to_string()),
    ];
    let hash = row::hash(None, &values);
    (values, hash)
}

fn read(row: &Row<'_>) -> Result<(ClaimedLeak, ConsoleId, Timestamp), StoreError> {
    let damaged = || StoreError::Damaged("a claim".to_owned());
    row::check(row, 8, None, damaged)?;
    let place = row::read_key(row, damaged)?;
    let by = ConsoleId {
        user: row.get(4)?,
        host: row.get(5)?,
        console: row.get(6)?,
    };
    let until = row.get::<_, String>(7)?.parse().map_err(|_| damaged())?;
    Ok((place, by, until))
}
