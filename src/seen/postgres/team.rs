//! The connection to the team's memory, and how an account is written: read, judged, kept where nobody wrote meanwhile.

use super::{
    account::{self, Known, Names},
    reading::{self, Reading},
    row::{get, of_journal, of_line},
};
use crate::{
    entity::seen::{Account, Event, MarkKey, NewEvent, SeenLeak},
    journal::team_line::{Line, LineError},
    seen::{SeenError, SeenOptions, port::Waiting},
};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

/// So often is judged again what others wrote to meanwhile.
const TRIES: u32 = 20;

type Values<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// The store of a team.
pub(super) struct TeamSeen {
    line: Line,
    pub(super) names: Names,
    pub(super) marks: MarkKey,
    pub(super) epoch: Vec<u8>,
    pub(super) holder: String,
    pub(super) seat: String,
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

    /// Calls the server.
    pub(super) fn ask(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, SeenError> {
        self.line.ask(sql, values).map_err(of_line)
    }

    /// Calls the server for one row.
    pub(super) fn one(&mut self, sql: &str, values: Values<'_>) -> Result<Row, SeenError> {
        let mut rows = self.ask(sql, values)?;
        rows.pop().ok_or_else(|| SeenError::Io {
            why: "the team store lacks its own description".to_owned(),
        })
    }

    /// What is known of an account, and whether it has a row.
    pub(super) fn known(&mut self, account: &Account) -> Result<Known, SeenError> {
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

    /// Every account.
    pub(super) fn all(&mut self) -> Result<Vec<Known>, SeenError> {
        let sql = format!(
            "SELECT {} FROM @.seen_account ORDER BY id",
            account::COLUMNS
        );
        let rows = self.ask(&sql, &[])?;
        let known = rows.iter().map(|row| account::of_row(row, &self.names));
        let known: Result<Vec<Option<Known>>, SeenError> = known.collect();
        Ok(known?.into_iter().flatten().collect())
    }

    /// The leaks of an account, sorted by mark.
    pub(super) fn leaks_of(&mut self, id: i32) -> Result<Vec<SeenLeak>, SeenError> {
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
    pub(super) fn write<T>(
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

    /// Moves places, keeps messages and drops those that were added to others; false where one of these was tried.
    pub(super) fn tell_all(
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

    /// One step of a message.
    pub(super) fn step(
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
pub(super) struct Decision<T> {
    pub(super) account: Known,
    pub(super) reading: Reading<'static>,
    pub(super) leaks: Vec<SeenLeak>,
    pub(super) events: Vec<NewEvent>,
    pub(super) answer: T,
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
