//! The port's methods on the team's store.

use super::{
    reading::{self, Reading},
    row::{get, of_journal},
    team::{Decision, TeamSeen},
};
use crate::{
    entity::{
        seen::{Account, AccountState, Event, EventKind, Mark, Scan, SeenLeak},
        visible,
    },
    journal::team_line::Line,
    seen::{
        SeenError, Store,
        blindness::Blindness,
        judge::{Judging, of_account},
        port::{Failed, Lease, LeaseOf, Position, Recorded, ScanLine, Waiting},
    },
};
use std::collections::{HashMap, HashSet};
use tokio_postgres::types::Type;

const EVENT: &str =
    "SELECT seq, account, mark, kind, before, after, at, flags, count FROM @.seen_event";
const POSITION: &str =
    "SELECT name, seq, at, back FROM @.seen_cursor WHERE owner IN ('', session_user::text)";

impl Store for TeamSeen {
    fn epoch(&mut self) -> Result<Vec<u8>, SeenError> {
        Ok(self.epoch.clone())
    }

    fn account(&mut self, account: &Account) -> Result<AccountState, SeenError> {
        Ok(self.known(account)?.state)
    }

    fn accounts(&mut self) -> Result<Vec<AccountState>, SeenError> {
        Ok(self.all()?.into_iter().map(|known| known.state).collect())
    }

    fn leaks(&mut self, account: &Account) -> Result<Vec<SeenLeak>, SeenError> {
        let id = self.known(account)?.id;
        self.leaks_of(id)
    }

    fn counted(
        &mut self,
        account: &Account,
        since: i64,
    ) -> Result<HashSet<(Mark, u64)>, SeenError> {
        let id = self.known(account)?.id;
        let kind = EventKind::Own as i16;
        let rows = self.ask(
            "SELECT mark, count FROM @.seen_event WHERE account = $1 AND kind = $2 AND at >= $3 AND count <> 0",
            &[(&id, Type::INT4), (&kind, Type::INT2), (&since, Type::INT8)],
        )?;
        let number = |row, at| get::<i64>(row, at).map(i64::cast_unsigned);
        rows.iter()
            .map(|row| Ok((Mark(number(row, 0)?), number(row, 1)?)))
            .collect()
    }

    fn record(&mut self, scan: &Scan) -> Result<Recorded, SeenError> {
        let (events, baseline) = self.write(&scan.account, |store, mut account| {
            // Times never run backwards, whatever the clock does.
            let last = account.state.last_scan.unwrap_or(i64::MIN);
            let ended = scan.ended.max(last);
            let known = store.leaks_of(account.id)?;
            let own = store.uncounted(scan, &account.state)?;
            let mut judging = Judging::new(scan, ended, &account.state, own);
            judging.part(&known, &scan.leaks);
            drop(known);
            let mut findings = judging.end();
            if let Some(since) = account.state.blind_since {
                let seconds = ended.saturating_sub(since).max(0).cast_unsigned();
                let sighted = of_account(EventKind::Sighted, ended, seconds);
                findings.events.insert(0, sighted);
            }
            let state = &mut account.state;
            state.last_scan = Some(scan.began);
            (state.failures, state.blind_since) = (0, None);
            account.blind_told = None;
            if scan.whole {
                state.last_whole = Some(ended);
                state.probe.clone_from(&scan.probe);
            } else {
                // What a partial scan missed is found by the next one, so that must not be held back.
                state.probe = None;
            }
            if let Some((at, leaks)) = findings.baseline {
                (state.baseline_at, state.baseline_leaks) = (Some(at), leaks);
            }
            Ok(Decision {
                account,
                reading: Reading {
                    began: scan.began,
                    ended,
                    what: if scan.whole { "whole" } else { "partial" },
                    requests: scan.requests,
                    listed: Some(scan.leaks.len() as u64),
                    total: scan.total,
                },
                answer: findings.baseline.is_some(),
                leaks: findings.leaks,
                events: findings.events,
            })
        })?;
        Ok(Recorded { events, baseline })
    }

    fn quiet(&mut self, account: &Account, at: i64, requests: u64) -> Result<(), SeenError> {
        let known = self.known(account)?;
        let at = at.max(known.state.last_whole.unwrap_or(i64::MIN));
        if known.state.blind_since.is_some() {
            self.write(account, |_, mut account| {
                let since = account.state.blind_since.take();
                let sighted = since.map(|since| {
                    let seconds = at.saturating_sub(since).max(0).cast_unsigned();
                    of_account(EventKind::Sighted, at, seconds)
                });
                (account.state.failures, account.blind_told) = (0, None);
                Ok(Decision {
                    account,
                    reading: Reading::of(at, "sighted"),
                    leaks: Vec::new(),
                    events: sighted.into_iter().collect(),
                    answer: (),
                })
            })?;
        }
        let request = Line::request().map_err(of_journal)?;
        let (name, provider) = (
            self.names.there(account.profile.as_str()),
            account.provider.as_str(),
        );
        let (origin, asked) = (self.names.origin(account), requests.cast_signed());
        self.ask(
            "SELECT @.seen_quiet($1::text::uuid, $2, $3, $4, $5, $6, $7)",
            &[
                (&request, Type::TEXT),
                (&name, Type::TEXT),
                (&provider, Type::TEXT),
                (&account.team, Type::TEXT),
                (&origin, Type::TEXT),
                (&at, Type::INT8),
                (&asked, Type::INT8),
            ],
        )
        .map(drop)
    }

    fn failed(&mut self, account: &Account, failed: Failed) -> Result<Option<Event>, SeenError> {
        let (mut events, ()) = self.write(account, |_, mut account| {
            let state = &mut account.state;
            let blindness = Blindness {
                failures: state.failures,
                since: state.blind_since,
                told: account.blind_told,
                last_whole: state.last_whole,
            };
            let (blindness, event) = blindness.after(failed);
            (state.failures, state.blind_since) = (blindness.failures, blindness.since);
            account.blind_told = blindness.told;
            let what = if failed.refused {
                "refused"
            } else {
                "unreachable"
            };
            Ok(Decision {
                account,
                reading: Reading::of(failed.at, what),
                leaks: Vec::new(),
                events: event.into_iter().collect(),
                answer: (),
            })
        })?;
        Ok(events.pop())
    }

    fn events(&mut self, after: u64) -> Result<Vec<Event>, SeenError> {
        let after = after.cast_signed();
        let sql = format!("{EVENT} WHERE seq > $1 ORDER BY seq");
        let rows = self.ask(&sql, &[(&after, Type::INT8)])?;
        let accounts = self.all()?.into_iter();
        let accounts: HashMap<i32, Account> = accounts
            .map(|known| (known.id, known.state.account))
            .collect();
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some((seq, account, what)) = reading::event(row)? {
                events.push(Event {
                    seq,
                    id: self.marks.event(&self.epoch, seq),
                    account: accounts.get(&account).cloned(),
                    what,
                });
            }
        }
        Ok(events)
    }

    fn end(&mut self) -> Result<u64, SeenError> {
        let row = self.one("SELECT last_event FROM @.seen_meta", &[])?;
        get::<i64>(&row, 0).map(i64::cast_unsigned)
    }

    fn position_at(&mut self, at: i64) -> Result<u64, SeenError> {
        let row = self.one(
            "SELECT coalesce((SELECT min(seq) - 1 FROM @.seen_event WHERE at >= $1), last_event) FROM @.seen_meta",
            &[(&at, Type::INT8)],
        )?;
        get::<i64>(&row, 0).map(i64::cast_unsigned)
    }

    fn cursor(&mut self, name: &str) -> Result<Option<Position>, SeenError> {
        let sql = format!("{POSITION} AND name = $1 AND owner = @.seen_owner(name)");
        let rows = self.ask(&sql, &[(&name, Type::TEXT)])?;
        rows.first().map(reading::position).transpose()
    }

    fn cursors(&mut self) -> Result<Vec<Position>, SeenError> {
        let sql = format!("{POSITION} ORDER BY name COLLATE \"C\"");
        let rows = self.ask(&sql, &[])?;
        rows.iter().map(reading::position).collect()
    }

    fn move_cursor(
        &mut self,
        name: &str,
        to: u64,
        at: i64,
        messages: &[Waiting],
    ) -> Result<(), SeenError> {
        self.tell_all(&[(name.to_owned(), to)], at, messages, &[])
            .map(drop)
    }

    fn tell(
        &mut self,
        cursors: &[(String, u64)],
        at: i64,
        messages: &[Waiting],
        replaced: &[String],
    ) -> Result<bool, SeenError> {
        self.tell_all(cursors, at, messages, replaced)
    }

    fn begin(&mut self, id: &str, tries: u32, due: i64) -> Result<bool, SeenError> {
        self.step("begin", id, tries, (due, false))
    }

    fn settle(&mut self, id: &str, due: i64, dead: bool) -> Result<(), SeenError> {
        self.step("settle", id, 0, (due, dead)).map(drop)
    }

    fn retry(&mut self, id: &str, due: i64) -> Result<bool, SeenError> {
        self.step("retry", id, 0, (due, false))
    }

    fn keep_messages(&mut self, messages: &[Waiting]) -> Result<(), SeenError> {
        self.tell_all(&[], 0, messages, &[]).map(drop)
    }

    fn waiting(&mut self) -> Result<Vec<Waiting>, SeenError> {
        let rows = self.ask(
            "SELECT id, channel, made, due, tries, dead, body FROM @.seen_message ORDER BY made, id COLLATE \"C\"",
            &[],
        )?;
        rows.iter().map(reading::message).collect()
    }

    fn tried(&mut self, id: &str, due: i64, dead: bool) -> Result<(), SeenError> {
        self.step("tried", id, 0, (due, dead)).map(drop)
    }

    fn drop_message(&mut self, id: &str) -> Result<bool, SeenError> {
        self.step("drop", id, 0, (0, false))
    }

    fn forget(&mut self, profile: Option<&str>) -> Result<u64, SeenError> {
        let request = Line::request().map_err(of_journal)?;
        let name = profile.map(|profile| self.names.there(profile));
        let row = self.one(
            "SELECT @.seen_forget($1::text::uuid, $2)",
            &[(&request, Type::TEXT), (&name, Type::TEXT)],
        )?;
        get::<i64>(&row, 0).map(i64::cast_unsigned)
    }

    fn scans(&mut self, since: i64) -> Result<Vec<ScanLine>, SeenError> {
        let accounts = self.all()?.into_iter();
        let accounts: HashMap<i32, Account> = accounts
            .map(|known| (known.id, known.state.account))
            .collect();
        let rows = self.ask(
            "SELECT account, began, ended, what, requests, times FROM @.seen_scan WHERE ended >= $1 ORDER BY id",
            &[(&since, Type::INT8)],
        )?;
        let mut lines = Vec::new();
        for row in &rows {
            let Some(account) = accounts.get(&get::<i32>(row, 0)?) else {
                continue;
            };
            lines.push(ScanLine {
                account: account.clone(),
                began: get(row, 1)?,
                ended: get(row, 2)?,
                what: get(row, 3)?,
                requests: get::<i64>(row, 4)?.cast_unsigned(),
                times: get::<i64>(row, 5)?.cast_unsigned(),
            });
        }
        Ok(lines)
    }

    fn head(&mut self) -> Result<(u64, Vec<u8>), SeenError> {
        let row = self.one(
            "SELECT (SELECT count(*) FROM @.seen_scan WHERE hash IS NOT NULL), last_hash FROM @.seen_meta",
            &[],
        )?;
        Ok((get::<i64>(&row, 0)?.cast_unsigned(), get(&row, 1)?))
    }

    fn holds(&mut self, hash: &[u8]) -> Result<bool, SeenError> {
        let row = self.one(
            "SELECT EXISTS (SELECT 1 FROM @.seen_scan WHERE hash = $1) \
             OR EXISTS (SELECT 1 FROM @.seen_meta WHERE first_hash = $1 OR last_hash = $1)",
            &[(&hash, Type::BYTEA)],
        )?;
        get(&row, 0)
    }

    fn verify(&mut self) -> Result<Result<u64, u64>, SeenError> {
        // Ends before rows: what is written in between is behind the end that was read.
        let ends = self.one(
            "SELECT first_hash, last_hash, last_scan FROM @.seen_meta",
            &[],
        )?;
        let last: i64 = get(&ends, 2)?;
        let rows = self.ask(
            "SELECT hash, @.seen_body(id) FROM @.seen_scan WHERE hash IS NOT NULL AND id <= $1 ORDER BY id",
            &[(&last, Type::INT8)],
        )?;
        let last: &[u8] = get(&ends, 1)?;
        reading::verify(&rows, get(&ends, 0)?, last)
    }

    fn changes(&mut self) -> Result<u64, SeenError> {
        let row = self.one(
            "SELECT last_event + (SELECT coalesce(sum(version), 0)::bigint FROM @.seen_account) FROM @.seen_meta",
            &[],
        )?;
        get::<i64>(&row, 0).map(i64::cast_unsigned)
    }

    fn set_note(&mut self, name: &str, value: &[u8]) -> Result<(), SeenError> {
        self.ask(
            "SELECT @.seen_note_set($1, $2)",
            &[(&name, Type::TEXT), (&value, Type::BYTEA)],
        )
        .map(drop)
    }

    fn note(&mut self, name: &str) -> Result<Option<Vec<u8>>, SeenError> {
        let rows = self.ask(
            "SELECT value FROM @.seen_note WHERE name = $1",
            &[(&name, Type::TEXT)],
        )?;
        rows.first().map(|row| get(row, 0)).transpose()
    }

    fn lease(&mut self, of: &LeaseOf, seconds: u32) -> Result<Lease, SeenError> {
        let name = match of {
            LeaseOf::Watch(name) => format!("watch {name}"),
            LeaseOf::Account(account) => {
                let (provider, team) = (&account.provider, &account.team);
                let name = self.names.there(account.profile.as_str());
                format!("account {provider} {name} {team}")
            }
        };
        let seconds = seconds.cast_signed();
        let row = self.one(
            "SELECT @.seen_lease_take($1, $2, $3, $4)",
            &[
                (&name, Type::TEXT),
                (&self.holder.clone(), Type::TEXT),
                (&self.seat.clone(), Type::TEXT),
                (&seconds, Type::INT4),
            ],
        )?;
        Ok(match get::<Option<&str>>(&row, 0)? {
            None => Lease::Ours,
            Some(who) => Lease::Of(visible::escape(who.as_bytes()).as_str().to_owned()),
        })
    }
}
