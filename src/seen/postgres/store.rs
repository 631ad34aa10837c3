//! The state of the team's store, and the port's methods.

use super::{
    account::{self, Known, Names},
    reading::{self, Reading},
};
use crate::{
    entity::{
        error::JournalError,
        seen::{Account, AccountState, Event, EventKind, MarkKey, NewEvent, Scan, SeenLeak},
    },
    journal::team_line::{Line, LineError},
    seen::{
        SeenError, SeenOptions, Store,
        judge::{Blindness, judge, of_account},
        port::{Failed, Lease, LeaseOf, Position, Recorded, ScanLine, Waiting},
    },
};
use std::collections::HashMap;
use tokio_postgres::{
    Row,
    types::{FromSql, ToSql, Type},
};

/// So often is judged again what others wrote to meanwhile.
const TRIES: u32 = 20;

const EVENT: &str =
    "SELECT seq, account, mark, kind, before, after, at, flags, count FROM @.seen_event";
const POSITION: &str =
    "SELECT name, seq, at, back FROM @.seen_cursor WHERE owner IN ('', session_user::text)";

type Values<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, SeenError> {
    row.try_get(at).map_err(|_| SeenError::Io {
        why: "the team store has a row that is none of its own".to_owned(),
    })
}

/// An error of the journal's, as one of the memory.
fn of_journal(error: JournalError) -> SeenError {
    match error {
        JournalError::Full => SeenError::Full,
        JournalError::Unreachable { why } => SeenError::Unreachable { why },
        JournalError::Forbidden { .. } | JournalError::Refused { .. } => SeenError::Refused {
            why: error.to_string(),
        },
        JournalError::Io { why } | JournalError::ReadOnly { why } => SeenError::Io { why },
        other => SeenError::Io {
            why: other.to_string(),
        },
    }
}

fn of_line(error: LineError) -> SeenError {
    match error {
        LineError::Meanwhile => SeenError::Io {
            why: "others read the same account all the time".to_owned(),
        },
        LineError::Store(error) => of_journal(error),
    }
}

/// The store of a team.
pub(super) struct TeamSeen {
    line: Line,
    names: Names,
    marks: MarkKey,
    epoch: Vec<u8>,
    holder: String,
    seat: String,
}

impl TeamSeen {
    /// Opens the store.
    pub(super) fn open(options: &SeenOptions) -> Result<Self, SeenError> {
        let team = options.team.as_ref().ok_or_else(|| SeenError::Io {
            why: "no team store is configured".to_owned(),
        })?;
        let mut store = Self {
            line: Line::new(team).map_err(of_journal)?,
            names: Names::of(team),
            marks: options.marks.clone(),
            epoch: Vec::new(),
            holder: holder(options),
            seat: options.seat.clone(),
        };
        let own = options.marks.check().cast_signed();
        let row = store.one("SELECT epoch, key_check FROM @.seen_meta", &[])?;
        store.epoch = get(&row, 0)?;
        let known = match get::<Option<i64>>(&row, 1)? {
            Some(known) => known,
            // Who only reads finds nothing that was marked.
            None => match store.one("SELECT @.seen_key($1)", &[(&own, Type::INT8)]) {
                Ok(row) => get(&row, 0)?,
                Err(SeenError::Refused { .. }) => own,
                Err(error) => return Err(error),
            },
        };
        if known == own {
            Ok(store)
        } else {
            Err(SeenError::OtherTeamKey)
        }
    }

    fn ask(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, SeenError> {
        self.line.ask(sql, values).map_err(of_line)
    }

    fn one(&mut self, sql: &str, values: Values<'_>) -> Result<Row, SeenError> {
        let mut rows = self.ask(sql, values)?;
        rows.pop().ok_or_else(|| SeenError::Io {
            why: "the team store lacks its own description".to_owned(),
        })
    }

    /// What is known of an account, and whether it has a row.
    fn known(&mut self, account: &Account) -> Result<Known, SeenError> {
        let name = self.names.there(account.profile.as_str());
        let provider = account.provider.as_str();
        let sql = format!(
            "SELECT {} FROM @.seen_account WHERE name = $1 AND provider = $2 AND team = $3",
            account::COLUMNS
        );
        let rows = self.ask(
            &sql,
            &[
                (&name, Type::TEXT),
                (&provider, Type::TEXT),
                (&account.team, Type::TEXT),
            ],
        )?;
        let found = rows.first().map(|row| account::of_row(row, &self.names));
        let mut known = found
            .transpose()?
            .flatten()
            .unwrap_or_else(|| Known::new(account));
        // Two profiles may stand for one account of the team.
        known.state.account = account.clone();
        Ok(known)
    }

    fn all(&mut self) -> Result<Vec<Known>, SeenError> {
        let sql = format!(
            "SELECT {} FROM @.seen_account ORDER BY id",
            account::COLUMNS
        );
        let rows = self.ask(&sql, &[])?;
        let known = rows.iter().map(|row| account::of_row(row, &self.names));
        let known: Result<Vec<Option<Known>>, SeenError> = known.collect();
        Ok(known?.into_iter().flatten().collect())
    }

    fn leaks_of(&mut self, id: i32) -> Result<Vec<SeenLeak>, SeenError> {
        let rows = self.ask(
            "SELECT mark, found, before, state, since FROM @.seen_leak WHERE account = $1",
            &[(&id, Type::INT4)],
        )?;
        let leaks: Result<Vec<SeenLeak>, SeenError> = rows.iter().map(reading::leak).collect();
        let mut leaks = leaks?;
        leaks.sort_unstable_by_key(|leak| leak.mark);
        Ok(leaks)
    }

    /// Writes what `decide` makes of an account, and decides again where others wrote meanwhile.
    fn write<T>(
        &mut self,
        account: &Account,
        mut decide: impl FnMut(&mut Self, Known) -> Result<Decision<T>, SeenError>,
    ) -> Result<(Vec<Event>, T), SeenError> {
        for _ in 0..TRIES {
            let known = self.known(account)?;
            let decision = decide(self, known)?;
            // Asked again after a broken connection it is the same request; decided again it is another one.
            let request = Line::request().map_err(of_journal)?;
            let written = reading::write(
                &mut self.line,
                &self.names,
                (&request, &decision.account),
                decision.reading,
                &decision.leaks,
                &decision.events,
            );
            let first = match written {
                Ok(first) => first,
                Err(LineError::Meanwhile) => continue,
                Err(error) => return Err(of_line(error)),
            };
            let events = decision.events.into_iter();
            let events = (first..).zip(events).map(|(seq, what)| Event {
                seq,
                id: self.marks.event(&self.epoch, seq),
                account: Some(account.clone()),
                what,
            });
            return Ok((events.collect(), decision.answer));
        }
        Err(of_line(LineError::Meanwhile))
    }

    fn tell_all(
        &mut self,
        cursors: &[(String, u64)],
        at: i64,
        messages: &[Waiting],
        replaced: &[String],
    ) -> Result<bool, SeenError> {
        let request = Line::request().map_err(of_journal)?;
        let names: Vec<&str> = cursors.iter().map(|(name, _)| &name[..]).collect();
        let seqs: Vec<i64> = cursors.iter().map(|(_, to)| to.cast_signed()).collect();
        let ids: Vec<&str> = messages.iter().map(|one| &one.id[..]).collect();
        let channels: Vec<&str> = messages.iter().map(|one| &one.channel[..]).collect();
        let made: Vec<i64> = messages.iter().map(|one| one.made).collect();
        let due: Vec<i64> = messages.iter().map(|one| one.due).collect();
        let tries: Vec<i32> = messages.iter().map(|one| one.tries.cast_signed()).collect();
        let dead: Vec<bool> = messages.iter().map(|one| one.dead).collect();
        let bodies: Vec<&[u8]> = messages.iter().map(|one| &one.body[..]).collect();
        let mut replaced: Vec<&str> = replaced.iter().map(|id| &id[..]).collect();
        replaced.sort_unstable();
        replaced.dedup();
        let row = self.one(
            "SELECT @.seen_tell($1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &[
                (&request, Type::TEXT),
                (&names, Type::TEXT_ARRAY),
                (&seqs, Type::INT8_ARRAY),
                (&at, Type::INT8),
                (&ids, Type::TEXT_ARRAY),
                (&channels, Type::TEXT_ARRAY),
                (&made, Type::INT8_ARRAY),
                (&due, Type::INT8_ARRAY),
                (&tries, Type::INT4_ARRAY),
                (&dead, Type::BOOL_ARRAY),
                (&bodies, Type::BYTEA_ARRAY),
                (&replaced, Type::TEXT_ARRAY),
            ],
        )?;
        get(&row, 0)
    }

    fn step(
        &mut self,
        step: &str,
        id: &str,
        tries: u32,
        (due, dead): (i64, bool),
    ) -> Result<bool, SeenError> {
        let request = Line::request().map_err(of_journal)?;
        let tries = tries.cast_signed();
        let row = self.one(
            "SELECT @.seen_message_step($1::text::uuid, $2, $3, $4, $5, $6)",
            &[
                (&request, Type::TEXT),
                (&step, Type::TEXT),
                (&id, Type::TEXT),
                (&tries, Type::INT4),
                (&due, Type::INT8),
                (&dead, Type::BOOL),
            ],
        )?;
        get(&row, 0)
    }
}

/// What is to be written of an account.
struct Decision<T> {
    account: Known,
    reading: Reading<'static>,
    leaks: Vec<SeenLeak>,
    events: Vec<NewEvent>,
    answer: T,
}

/// What tells this installation from others, the same through every start of it.
fn holder(options: &SeenOptions) -> String {
    let place = options.directory.as_os_str().as_encoded_bytes();
    let mut hasher = blake3::Hasher::new();
    hasher.update(options.seat.as_bytes());
    hasher.update(b"\0");
    hasher.update(place);
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// Forgets everything, whatever key it was marked with; the owner's login alone may.
pub(super) fn forget_all(options: &SeenOptions) -> Result<u64, SeenError> {
    let team = options.team.as_ref().ok_or_else(|| SeenError::Io {
        why: "no team store is configured".to_owned(),
    })?;
    let mut line = Line::new(team).map_err(of_journal)?;
    let rows = line.ask("SELECT @.seen_forget_all()", &[]);
    let rows = rows.map_err(of_line)?;
    rows.first()
        .map_or(Ok(0), |row| get::<i64>(row, 0).map(i64::cast_unsigned))
}

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

    fn record(&mut self, scan: &Scan) -> Result<Recorded, SeenError> {
        let (events, baseline) = self.write(&scan.account, |store, mut account| {
            // Times never run backwards, whatever the clock does.
            let mut scan = scan.clone();
            scan.ended = scan.ended.max(account.state.last_scan.unwrap_or(i64::MIN));
            let mut findings = judge(&store.leaks_of(account.id)?, &scan, &account.state);
            if let Some(since) = account.state.blind_since {
                let seconds = scan.ended.saturating_sub(since).max(0).cast_unsigned();
                let sighted = of_account(EventKind::Sighted, scan.ended, seconds);
                findings.events.insert(0, sighted);
            }
            let state = &mut account.state;
            state.last_scan = Some(scan.began);
            (state.failures, state.blind_since) = (0, None);
            account.blind_told = None;
            if scan.whole {
                state.last_whole = Some(scan.ended);
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
                    ended: scan.ended,
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
            Some(who) => Lease::Of(
                crate::entity::visible::escape(who.as_bytes())
                    .as_str()
                    .to_owned(),
            ),
        })
    }
}
