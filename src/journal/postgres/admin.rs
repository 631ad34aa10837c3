//! What the owner of a team store does with it, and what everybody may see of it: made, migrated, checked, counted.

use super::{
    API,
    call::{Caller, LONG},
    check, checkup,
    faults::FaultInjector,
    feed,
    import::Importer,
    row::{damaged, get},
    schema,
};
use crate::{
    entity::{
        error::JournalError,
        fingerprint::FingerprintKey,
        hash_chain::hex,
        team::{Colleague, FeedKind},
    },
    journal::{
        installation,
        location::StateDirectory,
        port::{Operator, TeamOptions},
    },
};
use jiff::Timestamp;
use serde::Serialize;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio_postgres::types::Type;

pub use super::import::Imported;
pub use check::{Found, Problem};
pub use checkup::{StoreCheck, Verdict};
pub use schema::Terms;

/// Where a chain ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainEnd {
    /// Number of its last entry.
    #[serde(rename = "seq")]
    pub seq: i64,
    /// Hash of it, hex.
    pub hash: String,
}

/// What a store says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreStatus {
    /// Id of the store.
    pub id: String,
    /// Login.
    pub role: String,
    /// `own`, `write` or `read`.
    pub can: &'static str,
    /// Steps of its schema.
    pub schema_version: i32,
    /// Interfaces that it takes.
    pub api: [i32; 2],
    /// Version of the server.
    pub server: String,
    /// `TLSv1.2` or `TLSv1.3`; `None` on a socket or loopback without it.
    pub tls: Option<String>,
    /// How news come.
    pub feed: FeedKind,
    /// How long a change takes to be told: that of an echo, or the time between two questions, in milliseconds.
    pub lag_ms: u64,
    /// How far the store's clock is ahead, in milliseconds.
    pub clock_offset_ms: i64,
    /// Round trip, in milliseconds.
    pub round_trip_ms: u64,
    /// Seconds of a lease.
    pub lease_seconds: i32,
    /// Seconds of a write request.
    pub send_seconds: i32,
    /// End of the event chain.
    pub head: ChainEnd,
    /// Lines of the audit log, and their last hash.
    pub audit: ChainEnd,
    /// Consoles that were seen within a day.
    pub consoles: Vec<Colleague>,
    /// Jobs that have not ended.
    pub live: i64,
    /// Of these, jobs that no live console runs.
    pub orphaned: i64,
    /// What is weak, in words.
    pub warnings: Vec<String>,
}

/// An account of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamAccount {
    /// Name in the team.
    pub name: String,
    /// Its provider.
    pub provider: String,
    /// Scheme, host and port that it is pinned to.
    pub origin: String,
    /// Team at the provider; empty if none.
    pub team: String,
}

/// A partition of changes that was dropped, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retained {
    /// Its name.
    pub part: String,
    /// Jobs whose changes were in it.
    pub jobs: i64,
    /// The changes.
    pub changes: i64,
}

/// A store, for commands. Every call blocks.
pub struct Admin {
    caller: Caller,
    options: TeamOptions,
}

impl Admin {
    /// A store that nothing was asked of yet.
    ///
    /// # Errors
    /// `Io` if the options cannot be used.
    pub fn new(options: TeamOptions) -> Result<Self, JournalError> {
        let mut caller = Caller::new(&options, FaultInjector::default())?;
        caller.set_patience(Duration::from_secs(2));
        Ok(Self { caller, options })
    }

    /// Makes the store, and the team's key in this state directory; returns where that is.
    ///
    /// # Errors
    /// `Refused` if the store is there already, `Forbidden` if this login may not make it.
    pub fn init(
        &mut self,
        terms: Terms,
        state: PathBuf,
    ) -> Result<(PathBuf, FingerprintKey), JournalError> {
        let place = StateDirectory::new(state)?;
        place.prepare()?;
        let key = match &self.options.fingerprint {
            Some(key) => key.clone(),
            None => installation::read_or_create(&place)?,
        };
        schema::init(&mut self.caller, &self.options.schema, terms, &key)?;
        Ok((place.fingerprint(), key))
    }

    /// Makes logins for analysts, without a password: for a private server alone.
    ///
    /// # Errors
    /// `Forbidden` if this login may not make one.
    pub fn add_analysts(&mut self, names: &[&str]) -> Result<(), JournalError> {
        for name in names
            .iter()
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase()))
        {
            self.caller
                .batch(&format!("CREATE ROLE {name} LOGIN IN ROLE stanch_analyst"))
                .map_err(|error| error.into_journal(None))?;
        }
        Ok(())
    }

    /// Takes the store to the newest schema; returns the versions before and after.
    ///
    /// # Errors
    /// `Forbidden` if this login is not the owner's.
    pub fn migrate(&mut self) -> Result<(i32, i32), JournalError> {
        schema::migrate(&mut self.caller, &self.options.schema)
    }

    /// Verifies everything; `deep` also the counts of every job.
    ///
    /// # Errors
    /// `Unreachable` if the server does not answer.
    pub fn check(&mut self, deep: bool) -> Result<Found, JournalError> {
        check::all(&mut self.caller, deep)
    }

    /// What the store says of itself.
    ///
    /// # Errors
    /// `Unreachable` if the server does not answer.
    pub fn status(&mut self) -> Result<StoreStatus, JournalError> {
        let (start, sent) = (Instant::now(), Timestamp::now());
        let rows = self.ask(
            "SELECT clock_timestamp(), m.store::text, m.schema_version, m.api_min, m.api_max, m.lease_seconds, m.send_seconds, \
             session_user::text, pg_has_role('stanch_owner', 'MEMBER'), pg_has_role('stanch_analyst', 'MEMBER'), \
             split_part(current_setting('server_version'), ' ', 1) FROM @.meta AS m",
        )?;
        let round_trip = start.elapsed();
        let row = rows.first().ok_or_else(|| damaged("its own description"))?;
        let lease: i32 = get(row, 5)?;
        let half = jiff::SignedDuration::try_from(round_trip / 2).unwrap_or_default();
        let offset = get::<Timestamp>(row, 0)?.duration_since(sent) - half;
        let (owns, writes): (bool, bool) = (get(row, 8)?, get(row, 9)?);
        let consoles = feed::consoles(
            &mut self.caller,
            Duration::from_secs(u64::from(lease.unsigned_abs())),
            None,
            false,
        )?;
        let head = self.end("SELECT seq, hash FROM @.event ORDER BY seq DESC LIMIT 1")?;
        let audit = self.end("SELECT seq, hash FROM @.audit ORDER BY seq DESC LIMIT 1")?;
        let counts = self.ask(
            "SELECT count(*), count(*) FILTER (WHERE j.holder IS NULL OR c.gone_at IS NOT NULL \
             OR c.seen_at + make_interval(secs => m.lease_seconds) < clock_timestamp()) \
             FROM @.meta AS m, @.job AS j LEFT JOIN @.console AS c ON c.id = j.holder WHERE j.ended_at IS NULL",
        )?;
        let counts = counts.first().ok_or_else(|| damaged("an answer"))?;
        let checks = checkup::all(&mut self.caller, &self.options, None)?;
        let (feed, lag) = feed::probe(&self.options);
        let tls = self.ask("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")?;
        let tls = tls
            .first()
            .and_then(|row| get::<Option<String>>(row, 0).ok()?)
            // Behind a pooler the server knows only of its own connection.
            .unwrap_or_else(|| "TLS".to_owned());
        Ok(StoreStatus {
            id: get(row, 1)?,
            role: get(row, 7)?,
            can: match (owns, writes) {
                (true, _) => "own",
                (false, true) => "write",
                (false, false) => "read",
            },
            schema_version: get(row, 2)?,
            api: [get(row, 3)?, get(row, 4)?],
            server: get(row, 10)?,
            tls: self.caller.is_encrypted().then_some(tls),
            feed,
            lag_ms: lag.as_millis() as u64,
            clock_offset_ms: i64::try_from(offset.as_millis()).unwrap_or_default(),
            round_trip_ms: round_trip.as_millis() as u64,
            lease_seconds: lease,
            send_seconds: get(row, 6)?,
            head,
            audit,
            consoles,
            live: get(counts, 0)?,
            orphaned: get(counts, 1)?,
            warnings: checks.iter().filter_map(warning).collect(),
        })
    }

    fn end(&mut self, sql: &str) -> Result<ChainEnd, JournalError> {
        let rows = self.ask(sql)?;
        let Some(row) = rows.first() else {
            return Ok(ChainEnd {
                seq: 0,
                hash: hex(&[0; 32]),
            });
        };
        let hash: Vec<u8> = get(row, 1)?;
        Ok(ChainEnd {
            seq: get(row, 0)?,
            hash: hex(&hash.try_into().unwrap_or_default()),
        })
    }

    /// Looks at everything that a team's store rests on, with the witness of this state directory.
    ///
    /// # Errors
    /// `Unreachable` if the server does not answer.
    pub fn checkup(&mut self, state: Option<PathBuf>) -> Result<Vec<StoreCheck>, JournalError> {
        let state = state.map(StateDirectory::new).transpose()?;
        checkup::all(&mut self.caller, &self.options, state.as_ref())
    }

    /// Takes a journal in; with `dry` only says what there is. A second time changes nothing.
    ///
    /// # Errors
    /// `Refused` while a job there has not ended; `Locked` while a console writes it; `Forbidden` if this login is not
    /// the owner's.
    pub fn import(
        &mut self,
        directory: PathBuf,
        who: &Operator,
        dry: bool,
    ) -> Result<Imported, JournalError> {
        Importer(&mut self.caller).import(directory, who, dry)
    }

    /// The accounts of the team.
    ///
    /// # Errors
    /// `Unreachable` if the server does not answer.
    pub fn accounts(&mut self) -> Result<Vec<TeamAccount>, JournalError> {
        let rows =
            self.ask("SELECT name, provider, origin, team FROM @.account ORDER BY name, provider")?;
        rows.iter()
            .map(|row| {
                Ok(TeamAccount {
                    name: get(row, 0)?,
                    provider: get(row, 1)?,
                    origin: get(row, 2)?,
                    team: get(row, 3)?,
                })
            })
            .collect()
    }

    /// Pins an account to another origin or team; returns how many accounts have that name.
    ///
    /// # Errors
    /// `Forbidden` if this login is not the owner's.
    pub fn set_account(
        &mut self,
        name: &str,
        origin: Option<&str>,
        team: Option<&str>,
    ) -> Result<i32, JournalError> {
        let rows = self
            .caller
            .query(
                "SELECT @.account_set($1, NULL, $2, $3)",
                &[
                    (&name, Type::TEXT),
                    (&origin, Type::TEXT),
                    (&team, Type::TEXT),
                ],
            )
            .map_err(|error| error.into_journal(None))?;
        get(rows.first().ok_or_else(|| damaged("an answer"))?, 0)
    }

    /// Drops the changes of jobs that ended before a time; with `dry` only says which.
    ///
    /// # Errors
    /// `Forbidden` if this login is not the owner's.
    pub fn retain(&mut self, before: Timestamp, dry: bool) -> Result<Vec<Retained>, JournalError> {
        let rows = self
            .caller
            .query_within(
                LONG,
                "retain",
                "SELECT part, jobs, changes FROM @.retain($1, $2)",
                &[(&before, Type::TIMESTAMPTZ), (&dry, Type::BOOL)],
            )
            .map_err(|error| error.into_journal(None))?;
        rows.iter()
            .map(|row| {
                Ok(Retained {
                    part: get(row, 0)?,
                    jobs: get(row, 1)?,
                    changes: get(row, 2)?,
                })
            })
            .collect()
    }

    fn ask(&mut self, sql: &str) -> Result<Vec<tokio_postgres::Row>, JournalError> {
        self.caller
            .query(sql, &[])
            .map_err(|error| error.into_journal(None))
    }
}

/// What is weak, as `store status` says it.
fn warning(check: &StoreCheck) -> Option<String> {
    (check.verdict == Verdict::Weak && check.name != "store role")
        .then(|| format!("{}: {}", check.message, check.hint))
}

/// The SQL that [`Admin::init`] runs: roles and database first, then the schema.
pub fn init_sql(schema: &str, terms: Terms) -> String {
    format!(
        "{}{}",
        schema::roles_sql("stanch"),
        schema::init_sql(schema, terms, None)
    )
}

/// The SQL that takes a store from a version to the newest one.
pub fn migrate_sql(schema: &str, after: i32) -> String {
    schema::migrate_sql(schema, after)
}

/// The interface of this program.
pub const INTERFACE: i32 = API;
