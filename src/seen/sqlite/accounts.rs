//! Accounts and the leaks that were seen in them.

use crate::{
    entity::{
        key::{ProfileName, ProviderId},
        seen::{Account, AccountState, Mark, NewEvent, Scan, SeenLeak, SeenState},
    },
    seen::{blindness::Blindness, port::Failed},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

type Sql<T> = Result<T, rusqlite::Error>;

const STATE: &str = "SELECT id, profile, provider, team, baseline_at, baseline_leaks, probe, last_scan, last_whole, \
                     failures, blind_since FROM account";

/// The row number of an account.
pub(super) fn find(connection: &Connection, account: &Account) -> Sql<Option<i64>> {
    connection
        .query_row(
            "SELECT id FROM account WHERE profile = ?1 AND provider = ?2 AND team = ?3",
            params![
                account.profile.as_str(),
                account.provider.as_str(),
                account.team
            ],
            |row| row.get(0),
        )
        .optional()
}

/// The row number of an account, which is made where it is not there.
pub(super) fn make(connection: &Connection, account: &Account) -> Sql<i64> {
    if let Some(id) = find(connection, account)? {
        return Ok(id);
    }
    connection.execute(
        "INSERT INTO account (profile, provider, team) VALUES (?1, ?2, ?3)",
        params![
            account.profile.as_str(),
            account.provider.as_str(),
            account.team
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// What is remembered of an account.
pub(super) fn of(connection: &Connection, account: &Account) -> Sql<AccountState> {
    let new = AccountState {
        account: account.clone(),
        baseline_at: None,
        baseline_leaks: 0,
        probe: None,
        last_scan: None,
        last_whole: None,
        failures: 0,
        blind_since: None,
    };
    let Some(id) = find(connection, account)? else {
        return Ok(new);
    };
    let found = connection
        .query_row(&format!("{STATE} WHERE id = ?1"), [id], state)
        .optional()?;
    Ok(found.flatten().map_or(new, |(_, state)| state))
}

/// Every account, with its row number.
pub(super) fn all(connection: &Connection) -> Sql<Vec<(i64, AccountState)>> {
    let mut query = connection.prepare(&format!("{STATE} ORDER BY id"))?;
    let rows = query.query_map([], state)?;
    let known: Sql<Vec<_>> = rows.collect();
    Ok(known?.into_iter().flatten().collect())
}

/// A row; nothing where its name is none that a profile can have.
fn state(row: &Row<'_>) -> Sql<Option<(i64, AccountState)>> {
    let (profile, provider): (String, String) = (row.get(1)?, row.get(2)?);
    let Ok(profile) = ProfileName::new(&profile) else {
        return Ok(None);
    };
    let state = AccountState {
        account: Account {
            profile,
            provider: ProviderId::new(&provider),
            team: row.get(3)?,
        },
        baseline_at: row.get(4)?,
        baseline_leaks: row.get::<_, i64>(5)?.cast_unsigned(),
        probe: row.get(6)?,
        last_scan: row.get(7)?,
        last_whole: row.get(8)?,
        failures: row.get(9)?,
        blind_since: row.get(10)?,
    };
    Ok(Some((row.get(0)?, state)))
}

/// The leaks of an account, sorted by mark.
pub(super) fn leaks(connection: &Connection, account: i64) -> Sql<Vec<SeenLeak>> {
    let mut leaks = leaks_between(connection, account, Mark(0), Mark(Mark::MAX.0 >> 1))?;
    let upper = Mark((Mark::MAX.0 >> 1) + 1);
    leaks.extend(leaks_between(connection, account, upper, Mark::MAX)?);
    Ok(leaks)
}

/// The leaks of an account from one mark to another, both included and of the same half, sorted by mark.
pub(super) fn leaks_between(
    connection: &Connection,
    account: i64,
    first: Mark,
    last: Mark,
) -> Sql<Vec<SeenLeak>> {
    // The database orders marks with their sign; within a half that is their order.
    let mut query = connection.prepare(
        "SELECT mark, found, before, state, since FROM seen WHERE account = ?1 AND mark BETWEEN ?2 AND ?3 ORDER BY mark",
    )?;
    let between = params![account, first.0.cast_signed(), last.0.cast_signed()];
    let rows = query.query_map(between, |row| {
        Ok(SeenLeak {
            mark: Mark(row.get::<_, i64>(0)?.cast_unsigned()),
            found: row.get(1)?,
            before: row.get(2)?,
            state: SeenState::unpack(row.get(3)?),
            since: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// The marks of an account, sorted, and how each leak stood, as a number.
pub(super) fn states(connection: &Connection, account: i64) -> Sql<(Vec<Mark>, Vec<u32>)> {
    let count = count(connection, account)?;
    let (mut marks, mut states) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut query =
        connection.prepare("SELECT mark, state FROM seen WHERE account = ?1 ORDER BY mark")?;
    let mut rows = query.query([account])?;
    while let Some(row) = rows.next()? {
        marks.push(Mark(row.get::<_, i64>(0)?.cast_unsigned()));
        states.push(row.get(1)?);
    }
    // The database orders marks with their sign: the upper half of them comes first.
    let upper = marks.partition_point(|mark| *mark > Mark(Mark::MAX.0 >> 1));
    marks.rotate_left(upper);
    states.rotate_left(upper);
    Ok((marks, states))
}

/// How many leaks are known of an account.
pub(super) fn count(connection: &Connection, account: i64) -> Sql<usize> {
    let count: i64 = connection.query_row(
        "SELECT count(*) FROM seen WHERE account = ?1",
        [account],
        |row| row.get(0),
    )?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// When leaks were found, sorted by mark, but for those of the first whole reading.
pub(super) fn found(connection: &Connection, account: i64) -> Sql<Vec<(Mark, i64)>> {
    let mut query =
        connection.prepare("SELECT mark, found FROM seen WHERE account = ?1 AND state & ?2 = 0")?;
    let first = i64::from(SeenState::OF_FIRST_READINGS);
    let rows = query.query_map(params![account, first], |row| {
        Ok((Mark(row.get::<_, i64>(0)?.cast_unsigned()), row.get(1)?))
    })?;
    let found: Sql<Vec<(Mark, i64)>> = rows.collect();
    let mut found = found?;
    found.sort_unstable_by_key(|(mark, _)| *mark);
    Ok(found)
}

/// Keeps leaks as they stand now.
pub(super) fn keep(connection: &Connection, account: i64, leaks: &[SeenLeak]) -> Sql<()> {
    let mut insert = connection.prepare(
        "INSERT INTO seen (account, mark, found, before, state, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (account, mark) DO UPDATE SET state = excluded.state, since = excluded.since",
    )?;
    // In the order of the table, so that each page is written once.
    let mut order: Vec<&SeenLeak> = leaks.iter().collect();
    order.sort_unstable_by_key(|leak| leak.mark.0.cast_signed());
    for leak in order {
        insert.execute(params![
            account,
            leak.mark.0.cast_signed(),
            leak.found,
            leak.before,
            leak.state.pack(),
            leak.since
        ])?;
    }
    Ok(())
}

/// Notes that an account was scanned.
pub(super) fn scanned(
    connection: &Connection,
    account: i64,
    (scan, ended): (&Scan, i64),
    baseline: Option<(i64, u64)>,
) -> Sql<()> {
    connection.execute(
        "UPDATE account SET last_scan = ?2, failures = 0, blind_since = NULL, blind_told = NULL WHERE id = ?1",
        params![account, scan.began],
    )?;
    if scan.whole {
        connection.execute(
            "UPDATE account SET last_whole = ?2, probe = ?3 WHERE id = ?1",
            params![account, ended, scan.probe],
        )?;
    } else {
        // What a partial scan missed is found by the next one, so that must not be held back.
        connection.execute("UPDATE account SET probe = NULL WHERE id = ?1", [account])?;
    }
    if let Some((at, leaks)) = baseline {
        connection.execute(
            "UPDATE account SET baseline_at = ?2, baseline_leaks = ?3 WHERE id = ?1",
            params![account, at, leaks.cast_signed()],
        )?;
    }
    Ok(())
}

/// Notes that an account could not be read; the event, where one is due.
pub(super) fn failed(
    connection: &Connection,
    account: i64,
    failed: Failed,
) -> Sql<Option<NewEvent>> {
    let blindness = connection.query_row(
        "SELECT failures, blind_since, blind_told, last_whole FROM account WHERE id = ?1",
        [account],
        |row| {
            Ok(Blindness {
                failures: row.get(0)?,
                since: row.get(1)?,
                told: row.get(2)?,
                last_whole: row.get(3)?,
            })
        },
    )?;
    let (blindness, event) = blindness.after(failed);
    connection.execute(
        "UPDATE account SET failures = ?2, blind_since = ?3, blind_told = ?4 WHERE id = ?1",
        params![account, blindness.failures, blindness.since, blindness.told],
    )?;
    Ok(event)
}

/// Forgets the leaks of a profile's accounts, or of all; their events stay for the readers that have not read them.
pub(super) fn forget(connection: &Connection, profile: Option<&str>) -> Sql<u64> {
    let mut leaks = 0;
    for (id, state) in all(connection)? {
        if profile.is_some_and(|name| name != state.account.profile.as_str()) {
            continue;
        }
        leaks += connection.execute("DELETE FROM seen WHERE account = ?1", [id])? as u64;
        connection.execute(
            "UPDATE account SET baseline_at = NULL, baseline_leaks = 0, probe = NULL, last_scan = NULL, \
             last_whole = NULL, failures = 0, blind_since = NULL, blind_told = NULL WHERE id = ?1",
            [id],
        )?;
    }
    Ok(leaks)
}
