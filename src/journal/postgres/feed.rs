//! The second connection of a console: it listens, says that the console lives, and looks who is there. What happened is
//! read by the journal's thread; a hint only wakes it.

use super::{
    call::Caller,
    connect::Target,
    refusal::{CallError, server_text},
    row::get,
};
use crate::{
    entity::{
        error::JournalError,
        team::{Colleague, FeedKind},
    },
    journal::port::{News, TeamOptions},
};
use jiff::Timestamp;
use std::{
    cell::Cell,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::{Notify, mpsc};
use tokio_postgres::{
    Client, Row,
    types::{ToSql, Type},
};

/// Time between two signs of life.
const BEAT: Duration = Duration::from_secs(5);
/// How long the answer to one may take: with the time between two, and that before it is told, 15 seconds.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long the echo of an own notification may take.
const ECHO: Duration = Duration::from_secs(2);
/// Waits between two attempts to connect; the last one is repeated.
const BACK_OFF: &[u64] = &[200, 500, 1_000, 2_000, 5_000];

/// The consoles of the team: all, or those that were seen within a day.
const CONSOLES: &str = "SELECT c.id, c.role, c.os_user, c.host, c.tty, c.version, \
     to_char(c.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), to_char(c.seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), \
     greatest(extract(epoch FROM clock_timestamp() - c.seen_at), 0)::float8, c.gone_at IS NOT NULL, \
     (SELECT count(*) FROM @.job AS j WHERE j.holder = c.id AND j.ended_at IS NULL), \
     (SELECT count(*) FROM @.claim AS m WHERE m.role = c.role AND m.until > clock_timestamp()) \
     FROM @.console AS c WHERE $1 OR c.seen_at > now() - interval '1 day' ORDER BY c.id";

/// Secret and number of the console, once the server knows it.
type Introduced = Arc<Mutex<Option<(String, Option<i32>)>>>;

/// The thread of the feed. Dropping it ends it.
pub(super) struct Feed {
    stop: Arc<Notify>,
    who: Introduced,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    /// Starts the thread.
    pub(super) fn start(
        options: &TeamOptions,
        news: News,
        key: Option<String>,
        console: Option<i32>,
        thread_init: fn(),
    ) -> Result<Self, JournalError> {
        let url = options.listen_url.as_deref().unwrap_or(&options.url);
        let who: Introduced = Arc::new(Mutex::new(key.map(|key| (key, console))));
        let stop = Arc::new(Notify::new());
        let line = Line {
            target: Target::new(options, url)?,
            schema: options.schema.clone(),
            listens: options.listen,
            poll: options.poll,
            news,
            who: Arc::clone(&who),
            behind: Cell::new(None),
        };
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("team feed".to_owned())
            .spawn(move || {
                thread_init();
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                if let Ok(runtime) = runtime {
                    runtime.block_on(async {
                        tokio::select! {
                            () = line.run() => {}
                            () = stopped.notified() => {}
                        }
                    });
                }
            })
            .map_err(|_| JournalError::Io {
                why: "the thread of the team feed cannot be started".to_owned(),
            })?;
        Ok(Self {
            stop,
            who,
            thread: Some(thread),
        })
    }

    /// Says who the console is, once the server knows it.
    pub(super) fn introduce(&self, key: String, console: Option<i32>) {
        *self.who.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, console));
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// A connection for news, made again whenever it breaks.
struct Line {
    target: Target,
    schema: String,
    listens: bool,
    poll: Duration,
    news: News,
    who: Introduced,
    /// Since when there are events that were not taken in.
    behind: Cell<Option<Instant>>,
}

impl Line {
    async fn run(&self) {
        let mut failures = 0_usize;
        loop {
            let start = Instant::now();
            let error = self.session().await;
            if start.elapsed() > BEAT * 2 {
                failures = 0;
            }
            let lost = Timestamp::now().to_string();
            let refused = match &error {
                CallError::Refused { .. } | CallError::Crowded { .. } => {
                    Some(error.clone().into_journal(None).to_string())
                }
                _ => None,
            };
            let changed = self.news.update(|state| {
                state.lost.get_or_insert(lost);
                state.refused = refused;
            });
            if changed {
                self.news.wake();
            }
            let wait = BACK_OFF
                .get(failures)
                .or(BACK_OFF.last())
                .copied()
                .unwrap_or(5_000);
            failures += 1;
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }

    /// One connection, until it breaks.
    async fn session(&self) -> CallError {
        let (client, driver) = match self.target.connect().await {
            Ok(connected) => connected,
            Err(error) => return error,
        };
        let (sender, mut hints) = mpsc::unbounded_channel();
        let driver = tokio::spawn(driver.listen(move |payload| {
            sender.send(payload.to_owned()).ok();
        }));
        let error = match self.serve(&client, &mut hints).await {
            Ok(()) => CallError::Gone("the connection broke".to_owned()),
            Err(error) => error,
        };
        driver.abort();
        error
    }

    async fn serve(
        &self,
        client: &Client,
        hints: &mut mpsc::UnboundedReceiver<String>,
    ) -> Result<(), CallError> {
        let feed = self.listen(client, hints).await?;
        let lease = self.beat(client, feed).await?;
        // Whatever happened meanwhile is news.
        self.news.update(|state| state.lost = None);
        self.news.wake();
        // Three signs of life in a lease at least.
        let every = (lease / 3).clamp(Duration::from_secs(1), BEAT);
        let mut beats = tokio::time::interval(every);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut polls = tokio::time::interval(self.poll.max(Duration::from_millis(50)));
        polls.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut head = 0;
        loop {
            tokio::select! {
                hint = hints.recv() => match hint {
                    Some(_) => {
                        // Hints that pile up cost one look.
                        while hints.try_recv().is_ok() {}
                        self.news.wake();
                    }
                    None => return Ok(()),
                },
                _ = beats.tick() => {
                    self.beat(client, feed).await?;
                }
                _ = polls.tick(), if feed == FeedKind::Poll => {
                    let rows = self.ask(client, "SELECT coalesce(max(seq), 0) FROM @.event", &[]).await?;
                    let now = rows.first().and_then(|row| row.try_get::<_, i64>(0).ok()).unwrap_or(head);
                    if std::mem::replace(&mut head, now) != now {
                        self.news.wake();
                    }
                }
            }
        }
    }

    /// Listens, and tries whether a notification of our own comes back.
    async fn listen(
        &self,
        client: &Client,
        hints: &mut mpsc::UnboundedReceiver<String>,
    ) -> Result<FeedKind, CallError> {
        if !self.listens {
            return Ok(FeedKind::Poll);
        }
        Ok(match echo(client, hints).await? {
            Some(_) => FeedKind::Listen,
            None => FeedKind::Poll,
        })
    }

    /// Says that the console lives, and looks who else does; returns the lease.
    async fn beat(&self, client: &Client, feed: FeedKind) -> Result<Duration, CallError> {
        let who = self
            .who
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let before = Instant::now();
        let sent = Timestamp::now();
        let mut asked = false;
        let (mut clock, mut head) = (None, 0);
        if let Some((key, Some(_))) = &who {
            let rows = self
                .ask(
                    client,
                    "SELECT now, cardinality(asked) > 0, head FROM @.beat($1::uuid)",
                    &[(key, Type::TEXT)],
                )
                .await?;
            if let Some(row) = rows.first() {
                clock = row.try_get::<_, Timestamp>(0).ok();
                asked = row.try_get(1).unwrap_or(false);
                head = row.try_get(2).unwrap_or(0);
            }
        }
        let round_trip = before.elapsed();
        let rows = self.ask(client, CONSOLES, &[(&false, Type::BOOL)]).await?;
        let meta = self
            .ask(
                client,
                "SELECT lease_seconds, session_user::text FROM @.meta",
                &[],
            )
            .await?;
        let lease = meta
            .first()
            .and_then(|row| row.try_get::<_, i32>(0).ok())
            .unwrap_or(60);
        let role: String = meta
            .first()
            .and_then(|row| row.try_get(1).ok())
            .unwrap_or_default();
        let lease = Duration::from_secs(u64::from(lease.unsigned_abs()));
        let own = who.and_then(|(_, console)| console);
        let consoles: Vec<Colleague> = rows
            .iter()
            .filter_map(|row| colleague(row, lease, own).ok())
            .collect();
        let online = |consoles: &[Colleague]| -> Vec<(i32, u64)> {
            consoles
                .iter()
                .filter(|console| console.online)
                .map(|console| (console.id, console.jobs))
                .collect()
        };
        let mut changed = asked;
        self.news.update(|state| {
            let behind = (head > state.seen).then(|| self.behind.get().unwrap_or(before));
            self.behind.set(behind);
            state.behind_seconds = behind.map(|since| since.elapsed().as_secs());
            changed |= online(&state.consoles) != online(&consoles) || state.feed != feed;
            state.consoles = consoles;
            state.feed = feed;
            state.role = server_text(&role);
            state.round_trip_ms = round_trip.as_millis() as u64;
            state.refused = None;
            if let Some(clock) = clock {
                let half = jiff::SignedDuration::try_from(round_trip / 2).unwrap_or_default();
                let offset = clock.duration_since(sent) - half;
                state.clock_offset_ms = i64::try_from(offset.as_millis()).unwrap_or_default();
            }
        });
        if changed {
            self.news.wake();
        }
        Ok(lease)
    }

    async fn ask(
        &self,
        client: &Client,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, CallError> {
        let sql = sql.replace("@.", &format!("\"{}\".", self.schema));
        match tokio::time::timeout(PATIENCE, client.query_typed(&sql, values)).await {
            Ok(rows) => rows.map_err(|error| CallError::from(&error)),
            Err(_) => Err(CallError::Gone("no answer in time".to_owned())),
        }
    }
}

/// Reads a row of [`CONSOLES`].
fn colleague(row: &Row, lease: Duration, own: Option<i32>) -> Result<Colleague, JournalError> {
    let text = |at| get::<&str>(row, at).map(server_text);
    let id = get(row, 0)?;
    let seen_ago = Duration::try_from_secs_f64(get(row, 8)?).unwrap_or_default();
    let gone: bool = get(row, 9)?;
    Ok(Colleague {
        id,
        role: text(1)?,
        user: text(2)?,
        host: text(3)?,
        tty: text(4)?,
        version: text(5)?,
        since: text(6)?,
        seen_at: text(7)?,
        seen_ago,
        online: !gone && seen_ago < lease,
        jobs: get::<i64>(row, 10)?.cast_unsigned(),
        claims: get::<i64>(row, 11)?.cast_unsigned(),
        is_self: own == Some(id),
    })
}

/// The consoles of the team, `ever` or those that were seen within a day.
pub(super) fn consoles(
    caller: &mut Caller,
    lease: Duration,
    own: Option<i32>,
    ever: bool,
) -> Result<Vec<Colleague>, JournalError> {
    let rows = caller
        .query(CONSOLES, &[(&ever, Type::BOOL)])
        .map_err(|error| error.into_journal(None))?;
    rows.iter().map(|row| colleague(row, lease, own)).collect()
}

/// Tries whether a notification of our own comes back; returns how news come, and how long the last one takes at most.
pub(super) fn probe(options: &TeamOptions) -> (FeedKind, Duration) {
    let polls = (FeedKind::Poll, options.poll);
    let url = options.listen_url.as_deref().unwrap_or(&options.url);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let (Ok(target), Ok(runtime), true) = (Target::new(options, url), runtime, options.listen)
    else {
        return polls;
    };
    runtime.block_on(async {
        let Ok((client, driver)) = target.connect().await else {
            return polls;
        };
        let (sender, mut hints) = mpsc::unbounded_channel();
        let driver = tokio::spawn(driver.listen(move |payload| {
            sender.send(payload.to_owned()).ok();
        }));
        let took = echo(&client, &mut hints).await;
        driver.abort();
        match took {
            Ok(Some(took)) => (FeedKind::Listen, took),
            Ok(None) | Err(_) => polls,
        }
    })
}

/// Listens, tells itself something and waits for that; `None` if it does not come in time.
async fn echo(
    client: &Client,
    hints: &mut mpsc::UnboundedReceiver<String>,
) -> Result<Option<Duration>, CallError> {
    client
        .batch_execute("LISTEN stanch")
        .await
        .map_err(|error| CallError::from(&error))?;
    let start = Instant::now();
    client
        .batch_execute("SELECT pg_catalog.pg_notify('stanch', 'echo')")
        .await
        .map_err(|error| CallError::from(&error))?;
    let heard = tokio::time::timeout(ECHO, hints.recv()).await;
    Ok(matches!(heard, Ok(Some(_))).then(|| start.elapsed()))
}
