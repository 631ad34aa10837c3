//! The state of the team store: the caller, what this console is there, and which jobs it holds. Its children are the
//! traits of the port, one file a noun.

mod access;
mod audit;
mod claims;
mod handover;
mod jobs;
mod notes;
mod settled;
mod statuses;

use super::{
    API,
    call::{Caller, Value},
    check,
    faults::FaultInjector,
    feed,
    plan::{number_of, random_uuid},
    refusal::server_text,
    row::{self, Account, Accounts, get},
    schema::{self, Identity},
    witness::Witness,
};
use crate::{
    entity::{
        error::JournalError,
        key::{EntityKey, JobId, ProfileName, ProviderId},
        profile::ProfileBinding,
    },
    journal::{
        encoding,
        location::StateDirectory,
        port::{Access, JournalOptions, News, OpenMode, Operator, SharedAccess, TeamOptions},
    },
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio_postgres::types::Type;

/// The requests that leave an event under their number, whatever becomes of them.
const ALWAYS_EVENTS: [&str; 4] = ["record", "intent", "answer", "readings"];

/// How long the last call may take: who leaves does not wait for a server that does not answer.
const AT_END: Duration = Duration::from_secs(3);

/// How long the first call may take to find the server.
const AT_START: Duration = Duration::from_secs(2);

/// A job that this console holds.
struct Held {
    token: i32,
    /// When it was taken over, and how long what the old holder sent may still arrive.
    taken: Option<(Instant, Duration)>,
}

/// The team store.
pub(super) struct TeamStore {
    options: TeamOptions,
    place: StateDirectory,
    mode: OpenMode,
    who: Operator,
    now: fn() -> Timestamp,
    caller: Caller,
    access: SharedAccess,
    news: Option<News>,
    feed: Option<feed::Feed>,
    /// Secret of this console.
    key: String,
    /// Number of this console; `None` until the server knows it.
    console: Option<i32>,
    identity: Option<Identity>,
    accounts: Accounts,
    held: HashMap<JobId, Held>,
    /// Jobs that this console ran until another one took them over, and who that was.
    taken_over: HashMap<JobId, String>,
    /// When each change was sent, or its request answered.
    sent: HashMap<(JobId, u32), Instant>,
    spent: HashMap<JobId, Duration>,
    /// The newest event that was seen and verified.
    seen: Option<Witness>,
    /// The newest event that local statuses were read at.
    read_at: i64,
    /// Everything is news: nothing was asked for yet, or more than was meant has changed.
    all_is_news: bool,
}

impl TeamStore {
    /// Opens the store. That the server cannot be reached is no error: nothing can be written then, and the next look
    /// tries again.
    pub(super) fn open(options: JournalOptions) -> Result<Self, JournalError> {
        let team = options.team.clone().ok_or_else(|| JournalError::Io {
            why: "no team store is configured".to_owned(),
        })?;
        let faults = FaultInjector::new(options.inject_fault.as_deref());
        let mut caller = Caller::new(&team, faults)?;
        caller.set_patience(AT_START);
        let writes = options.mode == OpenMode::Write;
        let mut store = Self {
            place: StateDirectory::new(options.directory)?,
            mode: options.mode,
            who: options.operator,
            now: options.now,
            caller,
            access: Arc::new(Mutex::new(Access::ReadOnly {
                why: "it was opened for reading".to_owned(),
            })),
            news: writes.then(News::default),
            feed: None,
            key: random_uuid()?,
            console: None,
            identity: None,
            accounts: Accounts::new(),
            held: HashMap::new(),
            taken_over: HashMap::new(),
            sent: HashMap::new(),
            spent: HashMap::new(),
            seen: None,
            read_at: 0,
            all_is_news: true,
            options: team,
        };
        if let Err(error) = store.begin() {
            store.lose(&error);
        }
        store.caller.set_patience(store.options.patience);
        if let Some(news) = &store.news {
            store.feed = Some(feed::Feed::start(
                &store.options,
                news.clone(),
                store.console.is_some().then(|| store.key.clone()),
                store.console,
                options.thread_init,
            )?);
        }
        Ok(store)
    }

    /// Asks who we are there, compares the store with what was seen of it, and says hello.
    fn begin(&mut self) -> Result<(), JournalError> {
        let identity = schema::identity(&mut self.caller)?;
        if self.seen.is_none() {
            let witness = Witness::read(&self.place, &identity.store)?;
            let seen = check::events(&mut self.caller, witness, &identity.store, |_| {})?;
            seen.write(&self.place).ok();
            self.seen = Some(seen);
        }
        let writes = identity.writes;
        let role = identity.role.clone();
        self.identity = Some(identity);
        // Whose jobs are ours is asked before the feed has come round for the first time.
        if let Some(news) = &self.news {
            news.update(|state| state.role = server_text(&role));
        }
        if self.mode == OpenMode::Read {
            return Ok(());
        }
        if !writes {
            self.set_access(Access::ReadOnly {
                why: format!("{role} is an auditor of the team store"),
            });
            return Ok(());
        }
        let version = env!("CARGO_PKG_VERSION");
        let rows = self.caller.query_within(
            super::call::ORDINARY,
            "hello",
            "SELECT @.hello($1::uuid, $2, $3, $4, $5, $6, $7)",
            &[
                (&self.key, Type::TEXT),
                (&self.who.user, Type::TEXT),
                (&self.who.host, Type::TEXT),
                (&self.who.tty, Type::TEXT),
                (&self.who.pid, Type::TEXT),
                (&version, Type::TEXT),
                (&API, Type::INT4),
            ],
        );
        let rows = rows.map_err(|error| error.into_journal(None))?;
        self.console = rows.first().map(|row| get(row, 0)).transpose()?;
        self.set_access(Access::Writer);
        Ok(())
    }

    /// Calls a function that writes: its first two arguments are this console's key and the request's number.
    fn write(
        &mut self,
        about: Option<JobId>,
        step: &str,
        call: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, JournalError> {
        self.write_within(super::call::ORDINARY, about, step, call, values)
    }

    fn write_within(
        &mut self,
        limit: Duration,
        about: Option<JobId>,
        step: &str,
        call: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, JournalError> {
        self.may_write()?;
        let start = Instant::now();
        let number = self.caller.next_number();
        let key = self.key.clone();
        let mut all: Vec<Value<'_>> = vec![(&key, Type::TEXT), (&number, Type::INT8)];
        all.extend(values.iter().map(|(value, kind)| (*value, kind.clone())));
        let answered = self.caller.query_within(limit, step, call, &all);
        if let Some(job) = about {
            *self.spent.entry(job).or_default() += start.elapsed();
        }
        if answered.is_ok()
            && ALWAYS_EVENTS.contains(&step)
            && let Some(console) = self.console
        {
            self.caller.note_committed(console, number);
        }
        answered.map_err(|error| {
            let error = self.explained(error.into_journal(about), about);
            self.note(&error);
            error
        })
    }

    /// Reads; what it answers is of one moment.
    fn read(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, JournalError> {
        self.connected()?;
        let rows = self.caller.query(sql, values);
        rows.map_err(|error| error.into_journal(None))
    }

    /// Makes up for a server that could not be reached at the start.
    fn connected(&mut self) -> Result<(), JournalError> {
        if self.identity.is_some() {
            return Ok(());
        }
        self.caller.set_patience(Duration::ZERO);
        let begun = self.begin();
        self.caller.set_patience(self.options.patience);
        if let Err(error) = &begun {
            self.lose(error);
        }
        begun
    }

    fn may_write(&mut self) -> Result<(), JournalError> {
        if self.mode == OpenMode::Write {
            self.connected()?;
        }
        let access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        match &*access {
            Access::Writer => Ok(()),
            Access::Follower { holder } => Err(JournalError::Locked {
                holder: holder.clone(),
            }),
            Access::ReadOnly { why } => Err(JournalError::ReadOnly { why: why.clone() }),
        }
    }

    /// Says who has taken a job over, and which events are gone.
    fn explained(&mut self, error: JournalError, about: Option<JobId>) -> JournalError {
        if let JournalError::Lost { from, .. } = error {
            let seen = self.seen.as_ref().map_or(from, |seen| seen.seq);
            return JournalError::Lost {
                from,
                to: seen.max(from),
            };
        }
        let (JournalError::TakenOver { .. }, Some(job)) = (&error, about) else {
            return error;
        };
        self.held.remove(&job);
        let rows = self.caller.query(
            "SELECT c.role || '@' || c.host FROM @.event AS e JOIN @.console AS c ON c.id = e.console \
             WHERE e.job = $1 AND e.what = 'taken' ORDER BY e.seq DESC LIMIT 1",
            &[(&job.0, Type::INT8)],
        );
        let by = rows
            .ok()
            .and_then(|rows| get::<String>(rows.first()?, 0).ok());
        let by = server_text(&by.unwrap_or_else(|| "another console".to_owned()));
        self.taken_over.insert(job, by.clone());
        JournalError::TakenOver { by }
    }

    /// Nothing is written any more after what this error says.
    fn note(&mut self, error: &JournalError) {
        match error {
            JournalError::ReadOnly { why } => {
                self.set_access(Access::ReadOnly { why: why.clone() });
            }
            JournalError::Forbidden { .. } | JournalError::Lost { .. } => self.lose(error),
            _ => {}
        }
    }

    fn lose(&self, error: &JournalError) {
        self.set_access(Access::ReadOnly {
            why: error.to_string(),
        });
    }

    fn set_access(&self, access: Access) {
        *self.access.lock().unwrap_or_else(PoisonError::into_inner) = access;
    }

    /// Name of a profile in the team.
    fn name_of<'a>(&'a self, profile: &'a ProfileName) -> &'a str {
        let named = self.options.accounts.iter().find(|(own, _)| own == profile);
        named.map_or(profile.as_str(), |(_, name)| name)
    }

    /// Reads the accounts again, if one of them is not known.
    fn know_accounts(&mut self, known: impl Fn(&Accounts) -> bool) -> Result<(), JournalError> {
        if known(&self.accounts) && !self.accounts.is_empty() {
            return Ok(());
        }
        let rows = self.read(
            "SELECT id, name, provider, origin, team FROM @.account",
            &[],
        )?;
        let mut accounts = Accounts::new();
        for row in &rows {
            let name: String = get(row, 1)?;
            let named = self.options.accounts.iter().find(|(_, team)| *team == name);
            let profile = match named {
                Some((own, _)) => own.clone(),
                None => ProfileName::new(&name).map_err(|_| row::damaged("an account"))?,
            };
            accounts.insert(
                get(row, 0)?,
                Account {
                    profile,
                    provider: ProviderId::new(get(row, 2)?),
                    origin: get(row, 3)?,
                    team: get(row, 4)?,
                    name,
                },
            );
        }
        self.accounts = accounts;
        Ok(())
    }

    /// Numbers of the accounts of these profiles, of those that the store knows.
    fn numbers(&mut self, profiles: &[ProfileBinding]) -> Result<Vec<i32>, JournalError> {
        self.know_accounts(|_| false)?;
        Ok(profiles
            .iter()
            .filter_map(|binding| {
                number_of(
                    &self.accounts,
                    self.name_of(&binding.name),
                    binding.provider.as_str(),
                )
            })
            .collect())
    }

    /// Number of the account of a profile that is about to write; it is made, or compared with what it was pinned to.
    fn account_for_writing(&mut self, binding: &ProfileBinding) -> Result<i32, JournalError> {
        let name = self.name_of(&binding.name).to_owned();
        let provider = binding.provider.as_str().to_owned();
        let rows = self.write(
            None,
            "account",
            "SELECT @.account_of($1::uuid, $2, $3, $4, $5, $6)",
            &[
                (&name, Type::TEXT),
                (&provider, Type::TEXT),
                (&binding.origin, Type::TEXT),
                (&binding.team, Type::TEXT),
            ],
        )?;
        first(&rows, 0)
    }

    /// Columns of keys, for a call that takes arrays; keys of accounts that the store does not know are made known.
    fn columns(&mut self, leaks: &[(EntityKey, ProviderId)]) -> Result<KeyColumns, JournalError> {
        let mut columns = KeyColumns::default();
        self.know_accounts(|_| false)?;
        for (key, provider) in leaks {
            let name = self.name_of(&key.profile);
            let number = number_of(&self.accounts, name, provider.as_str());
            let number = if let Some(number) = number {
                number
            } else {
                let binding = self.binding_of(&key.profile, provider);
                let number = self.account_for_writing(&binding)?;
                self.know_accounts(|_| false)?;
                number
            };
            columns.account.push(number);
            columns.kind.push(encoding::kind_number(key.kind) as i16);
            columns.id.push(encoding::encode_id(key.id.as_bytes()));
        }
        Ok(columns)
    }

    /// A profile as this console connects it; without an origin where it is not known here.
    fn binding_of(&self, profile: &ProfileName, provider: &ProviderId) -> ProfileBinding {
        let known = self
            .options
            .origins
            .iter()
            .find(|binding| binding.name == *profile);
        known.cloned().unwrap_or_else(|| ProfileBinding {
            name: profile.clone(),
            provider: provider.clone(),
            origin: String::new(),
            team: String::new(),
        })
    }
}

impl Drop for TeamStore {
    /// Gives the jobs back and says goodbye, without waiting for a server that does not answer.
    fn drop(&mut self) {
        drop(self.feed.take());
        self.caller.set_patience(Duration::ZERO);
        if self.console.take().is_some() {
            let key = self.key.clone();
            let bye = "SELECT @.bye($1::uuid)";
            self.caller
                .query_within(AT_END, "other", bye, &[(&key, Type::TEXT)])
                .ok();
        }
        if let Some(seen) = &self.seen {
            seen.write(&self.place).ok();
        }
    }
}

/// Keys by column.
#[derive(Default)]
struct KeyColumns {
    account: Vec<i32>,
    kind: Vec<i16>,
    id: Vec<Vec<u8>>,
}

/// A column of the only row of an answer.
fn first<T: for<'a> tokio_postgres::types::FromSql<'a>>(
    rows: &[tokio_postgres::Row],
    at: usize,
) -> Result<T, JournalError> {
    get(rows.first().ok_or_else(|| row::damaged("an answer"))?, at)
}
