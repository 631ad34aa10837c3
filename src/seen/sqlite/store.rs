//! The state of the embedded store, and the port's methods, each handed to the file of its noun.

use super::{accounts, cursors, fault::of_sql, file, parts, scans};
use crate::{
    entity::seen::{
        Account, AccountState, Event, EventKind, Mark, MarkKey, OwnChange, Scan, SeenLeak,
    },
    seen::{
        SeenError, SeenOptions, Store,
        judge::{self, Judging, of_account},
        port::{
            COUNTED_OVERLAP, Failed, Lease, LeaseOf, Position, Recorded, ScanLine, Waiting,
            come_back,
        },
    },
};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::HashSet;

/// The embedded store.
pub(super) struct SqliteSeen {
    connection: Connection,
    marks: MarkKey,
    epoch: Vec<u8>,
}

type Sql<T> = Result<T, rusqlite::Error>;

impl SqliteSeen {
    /// Opens the store.
    pub(super) fn open(options: &SeenOptions) -> Result<Self, SeenError> {
        let file::Opened { connection, moved } = file::open(options)?;
        let mut store = Self {
            connection,
            marks: options.marks.clone(),
            epoch: Vec::new(),
        };
        let check = options.marks.check().cast_signed();
        let known = store.commit(|work| {
            let known: Option<i64> = work
                .query_row("SELECT value FROM meta WHERE key = 'check'", [], |row| {
                    row.get(0)
                })
                .optional()?;
            if known.is_none() {
                work.execute(
                    "INSERT INTO meta (key, value) VALUES ('check', ?1)",
                    [check],
                )?;
            }
            Ok(known)
        })?;
        if known.is_some_and(|known| known != check) {
            return Err(SeenError::OtherKey);
        }
        store.epoch = store.read(|connection| {
            connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| {
                row.get(0)
            })
        })?;
        if moved {
            let now = (options.now)();
            let reset = of_account(EventKind::Reset, now, 0);
            store.commit(|work| {
                let row = scans::Row::of(0, now, now, "reset");
                scans::append(work, &row, &[reset]).map(drop)
            })?;
        }
        Ok(store)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Sql<T>) -> Result<T, SeenError> {
        work(&self.connection).map_err(|error| of_sql(&error))
    }

    fn commit<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Sql<T>) -> Result<T, SeenError> {
        let done = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let answer = work(&transaction)?;
                transaction.commit()?;
                Ok(answer)
            });
        done.map_err(|error| of_sql(&error))
    }

    /// Gives events their ids and their accounts.
    fn named(&self, events: Vec<scans::Placed>) -> Result<Vec<Event>, SeenError> {
        let accounts = self.read(accounts::all)?;
        let account = |id: i64| {
            let found = accounts.iter().find(|(known, _)| *known == id);
            found.map(|(_, state)| state.account.clone())
        };
        Ok(events
            .into_iter()
            .map(|placed| Event {
                seq: placed.seq,
                id: self.marks.event(&self.epoch, placed.seq),
                account: account(placed.account),
                what: placed.what,
            })
            .collect())
    }
}

/// The changes of ours that a reading is the first to count, read where it is judged.
fn uncounted(
    connection: &Connection,
    account: i64,
    scan: &Scan,
    state: &AccountState,
) -> Sql<Vec<OwnChange>> {
    let Some(first) = scan.own.iter().map(|own| own.at).min() else {
        return Ok(Vec::new());
    };
    let since = first.saturating_sub(COUNTED_OVERLAP);
    let counted = scans::counted(connection, account, since)?;
    Ok(judge::uncounted(&scan.own, state, scan.settle, &counted))
}

impl Store for SqliteSeen {
    fn epoch(&mut self) -> Result<Vec<u8>, SeenError> {
        Ok(self.epoch.clone())
    }

    fn account(&mut self, account: &Account) -> Result<AccountState, SeenError> {
        self.read(|connection| accounts::of(connection, account))
    }

    fn accounts(&mut self) -> Result<Vec<AccountState>, SeenError> {
        let all = self.read(accounts::all)?;
        Ok(all.into_iter().map(|(_, state)| state).collect())
    }

    fn leaks(&mut self, account: &Account) -> Result<Vec<SeenLeak>, SeenError> {
        self.read(|connection| match accounts::find(connection, account)? {
            Some(id) => accounts::leaks(connection, id),
            None => Ok(Vec::new()),
        })
    }

    fn states(&mut self, account: &Account) -> Result<(Vec<Mark>, Vec<u32>), SeenError> {
        self.read(|connection| match accounts::find(connection, account)? {
            Some(id) => accounts::states(connection, id),
            None => Ok((Vec::new(), Vec::new())),
        })
    }

    fn found(&mut self, account: &Account) -> Result<Vec<(Mark, i64)>, SeenError> {
        self.read(|connection| match accounts::find(connection, account)? {
            Some(id) => accounts::found(connection, id),
            None => Ok(Vec::new()),
        })
    }

    fn suspects(&mut self, scan: &Scan) -> Result<Vec<Mark>, SeenError> {
        self.read(|connection| {
            let state = accounts::of(connection, &scan.account)?;
            let Some(id) = accounts::find(connection, &scan.account)? else {
                return Ok(Vec::new());
            };
            if state.baseline_at.is_none() {
                return Ok(Vec::new());
            }
            let own = uncounted(connection, id, scan, &state)?;
            let mut judging = Judging::new(scan, scan.ended, &state, own);
            parts::judge(connection, id, scan, &mut judging, |_| Ok(()))?;
            Ok(come_back(&judging.end().events))
        })
    }

    fn counted(
        &mut self,
        account: &Account,
        since: i64,
    ) -> Result<HashSet<(Mark, u64)>, SeenError> {
        self.read(|connection| match accounts::find(connection, account)? {
            Some(id) => scans::counted(connection, id, since),
            None => Ok(HashSet::new()),
        })
    }

    fn record(&mut self, scan: &Scan) -> Result<Recorded, SeenError> {
        let (events, baseline) = self.commit(|work| {
            let id = accounts::make(work, &scan.account)?;
            let state = accounts::of(work, &scan.account)?;
            // Times never run backwards, whatever the clock does.
            let ended = scan.ended.max(state.last_scan.unwrap_or(i64::MIN));
            let own = uncounted(work, id, scan, &state)?;
            let mut judging = Judging::new(scan, ended, &state, own);
            parts::judge(work, id, scan, &mut judging, |leaks| {
                accounts::keep(work, id, &leaks)
            })?;
            let mut findings = judging.end();
            if let Some(since) = state.blind_since {
                let seconds = ended.saturating_sub(since).max(0).cast_unsigned();
                let sighted = of_account(EventKind::Sighted, ended, seconds);
                findings.events.insert(0, sighted);
            }
            accounts::scanned(work, id, (scan, ended), findings.baseline)?;
            let row = scans::Row {
                requests: scan.requests,
                listed: Some(scan.leaks.len() as u64),
                total: scan.total,
                ..scans::Row::of(
                    id,
                    scan.began,
                    ended,
                    if scan.whole { "whole" } else { "partial" },
                )
            };
            let events = scans::append(work, &row, &findings.events)?;
            scans::prune(work, ended)?;
            Ok((events, findings.baseline.is_some()))
        })?;
        Ok(Recorded {
            events: self.named(events)?,
            baseline,
        })
    }

    fn quiet(&mut self, account: &Account, at: i64, requests: u64) -> Result<(), SeenError> {
        self.commit(|work| {
            let id = accounts::make(work, account)?;
            let state = accounts::of(work, account)?;
            let at = at.max(state.last_whole.unwrap_or(i64::MIN));
            if let Some(since) = state.blind_since {
                let seconds = at.saturating_sub(since).max(0).cast_unsigned();
                let sighted = of_account(EventKind::Sighted, at, seconds);
                scans::append(work, &scans::Row::of(id, at, at, "sighted"), &[sighted])?;
            }
            work.execute(
                "UPDATE account SET last_whole = ?2, failures = 0, blind_since = NULL, blind_told = NULL WHERE id = ?1",
                params![id, at],
            )?;
            scans::probed(work, id, at, requests)
        })
    }

    fn failed(&mut self, account: &Account, failed: Failed) -> Result<Option<Event>, SeenError> {
        let events = self.commit(|work| {
            let id = accounts::make(work, account)?;
            let told = accounts::failed(work, id, failed)?;
            let what = if failed.refused {
                "refused"
            } else {
                "unreachable"
            };
            let row = scans::Row::of(id, failed.at, failed.at, what);
            scans::append(work, &row, told.as_slice())
        })?;
        Ok(self.named(events)?.pop())
    }

    fn events(&mut self, after: u64) -> Result<Vec<Event>, SeenError> {
        let events = self.read(|connection| scans::events(connection, after))?;
        self.named(events)
    }

    fn end(&mut self) -> Result<u64, SeenError> {
        self.read(scans::end)
    }

    fn position_at(&mut self, at: i64) -> Result<u64, SeenError> {
        self.read(|connection| scans::position_at(connection, at))
    }

    fn cursor(&mut self, name: &str) -> Result<Option<Position>, SeenError> {
        self.read(|connection| cursors::one(connection, name))
    }

    fn cursors(&mut self) -> Result<Vec<Position>, SeenError> {
        self.read(cursors::all)
    }

    fn move_cursor(
        &mut self,
        name: &str,
        to: u64,
        at: i64,
        messages: &[Waiting],
    ) -> Result<(), SeenError> {
        self.commit(|work| {
            cursors::put(work, name, to, at)?;
            messages.iter().try_for_each(|one| cursors::wait(work, one))
        })
    }

    fn tell(
        &mut self,
        cursors: &[(String, u64)],
        at: i64,
        messages: &[Waiting],
        replaced: &[String],
    ) -> Result<bool, SeenError> {
        self.commit(|work| {
            if !cursors::are_untried(work, replaced)? {
                return Ok(false);
            }
            for id in replaced {
                work.execute("DELETE FROM outbox WHERE id = ?1", [id])?;
            }
            for (name, to) in cursors {
                cursors::put(work, name, *to, at)?;
            }
            messages
                .iter()
                .try_for_each(|one| cursors::wait(work, one))?;
            Ok(true)
        })
    }

    fn begin(&mut self, id: &str, tries: u32, due: i64) -> Result<bool, SeenError> {
        self.commit(|work| {
            let begun = work.execute(
                "UPDATE outbox SET tries = tries + 1, due = ?3 WHERE id = ?1 AND tries = ?2 AND dead = 0",
                params![id, tries, due],
            )?;
            Ok(begun > 0)
        })
    }

    fn settle(&mut self, id: &str, due: i64, dead: bool) -> Result<(), SeenError> {
        self.commit(|work| {
            work.execute(
                "UPDATE outbox SET due = ?2, dead = ?3 WHERE id = ?1",
                params![id, due, dead],
            )
            .map(drop)
        })
    }

    fn retry(&mut self, id: &str, due: i64) -> Result<bool, SeenError> {
        self.commit(|work| {
            let found = work.execute(
                "UPDATE outbox SET tries = 0, due = ?2, dead = 0 WHERE id = ?1",
                params![id, due],
            )?;
            Ok(found > 0)
        })
    }

    fn keep_messages(&mut self, messages: &[Waiting]) -> Result<(), SeenError> {
        self.commit(|work| messages.iter().try_for_each(|one| cursors::wait(work, one)))
    }

    fn waiting(&mut self) -> Result<Vec<Waiting>, SeenError> {
        self.read(cursors::waiting)
    }

    fn tried(&mut self, id: &str, due: i64, dead: bool) -> Result<(), SeenError> {
        self.commit(|work| {
            work.execute(
                "UPDATE outbox SET tries = tries + 1, due = ?2, dead = ?3 WHERE id = ?1",
                params![id, due, dead],
            )
            .map(drop)
        })
    }

    fn drop_message(&mut self, id: &str) -> Result<bool, SeenError> {
        self.commit(|work| Ok(work.execute("DELETE FROM outbox WHERE id = ?1", [id])? > 0))
    }

    fn forget(&mut self, profile: Option<&str>) -> Result<u64, SeenError> {
        self.commit(|work| accounts::forget(work, profile))
    }

    fn scans(&mut self, since: i64) -> Result<Vec<ScanLine>, SeenError> {
        let accounts = self.read(accounts::all)?;
        self.read(|connection| scans::lines(connection, since, &accounts))
    }

    fn head(&mut self) -> Result<(u64, Vec<u8>), SeenError> {
        self.read(scans::head)
    }

    fn holds(&mut self, hash: &[u8]) -> Result<bool, SeenError> {
        self.read(|connection| scans::holds(connection, hash))
    }

    fn verify(&mut self) -> Result<Result<u64, u64>, SeenError> {
        self.read(scans::verify)
    }

    fn changes(&mut self) -> Result<u64, SeenError> {
        self.read(|connection| {
            let version: i64 = connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
            Ok(version.cast_unsigned())
        })
    }

    fn set_note(&mut self, name: &str, value: &[u8]) -> Result<(), SeenError> {
        self.commit(|work| {
            work.execute(
                "INSERT INTO meta (key, value) VALUES ('note ' || ?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                params![name, value],
            )
            .map(drop)
        })
    }

    fn note(&mut self, name: &str) -> Result<Option<Vec<u8>>, SeenError> {
        self.read(|connection| {
            connection
                .query_row(
                    "SELECT value FROM meta WHERE key = 'note ' || ?1",
                    [name],
                    |row| row.get(0),
                )
                .optional()
        })
    }

    fn lease(&mut self, _: &LeaseOf, _: u32) -> Result<Lease, SeenError> {
        Ok(Lease::Ours)
    }
}
