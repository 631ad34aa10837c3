//! Calls of the server: numbered, asked again where a connection broke.
//!
//! Every write is one call of one function and one round trip. No statement has a name, no session is changed: a pooler
//! may stand in between.

use super::{connect::Target, faults::FaultInjector, refusal::CallError};
use crate::{entity::error::JournalError, journal::port::TeamOptions};
use bytes::Bytes;
use futures_util::SinkExt as _;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Row,
    types::{ToSql, Type},
};

/// How long an ordinary call may take.
pub(super) const ORDINARY: Duration = Duration::from_secs(10);
/// How long a call may take that moves a whole plan.
pub(super) const LONG: Duration = Duration::from_secs(120);

/// Waits between two attempts to reach the server; the last one is repeated.
const BACK_OFF: &[u64] = &[200, 500, 1_000, 2_000, 5_000];
/// How often a call is made again that another one stood in the way of.
const CLASHES: u32 = 5;

/// A value with its type.
pub(super) type Value<'a> = (&'a (dyn ToSql + Sync), Type);

/// A connection that is made when it is needed, on a runtime of its own.
pub(super) struct Caller {
    runtime: Runtime,
    target: Target,
    client: Option<Client>,
    schema: String,
    patience: Duration,
    /// Number of the last request of this console.
    number: i64,
    /// The console and the number of the last request whose event the server has committed.
    committed: Option<(i32, i64)>,
    /// Injected faults, if any.
    pub(super) faults: FaultInjector,
}

impl Caller {
    /// A caller that has no connection yet.
    pub(super) fn new(options: &TeamOptions, faults: FaultInjector) -> Result<Self, JournalError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| JournalError::Io {
                why: "its runtime cannot be started".to_owned(),
            })?;
        Ok(Self {
            runtime,
            target: Target::new(options, &options.url)?,
            client: None,
            schema: options.schema.clone(),
            patience: options.patience,
            number: 0,
            committed: None,
            faults,
        })
    }

    /// How long calls are tried again.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// True if the connection is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.target.is_encrypted()
    }

    /// The number of the next request that writes.
    pub(super) fn next_number(&mut self) -> i64 {
        self.number += 1;
        self.number
    }

    /// Notes that the server has committed the event of a request: a server without it is an older copy.
    pub(super) fn note_committed(&mut self, console: i32, number: i64) {
        self.committed = Some((console, number));
    }

    /// Calls the server. `@.` in the text stands for the schema. A connection that breaks is made again, and the same
    /// call is asked again: a request that has a number is carried out once.
    pub(super) fn query(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, CallError> {
        self.query_within(ORDINARY, "other", sql, values)
    }

    /// Calls the server with a limit for one attempt, as a step that faults can be injected at.
    pub(super) fn query_within(
        &mut self,
        limit: Duration,
        step: &str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, CallError> {
        let sql = self.qualified(sql);
        self.faults.before(step);
        let deaf = self.faults.loses_answer(step);
        let rows = self.patiently(|caller| {
            let answered = caller.once(limit, &sql, values);
            if deaf.replace(false) && answered.is_ok() {
                caller.client = None;
                return Err(CallError::Gone("the answer was lost".to_owned()));
            }
            answered
        })?;
        self.faults.after(step);
        Ok(rows)
    }

    /// Copies rows into a table, in one statement; they are in the server's binary form.
    pub(super) fn copy(&mut self, sql: &str, rows: &[Bytes]) -> Result<(), CallError> {
        let sql = self.qualified(sql);
        self.faults.before("copy");
        let deaf = self.faults.loses_answer("copy");
        self.patiently(|caller| {
            caller.connect()?;
            let (Some(client), faults) = (&caller.client, &mut caller.faults) else {
                return Err(CallError::Gone("no connection".to_owned()));
            };
            let copying = async {
                let sink = client.copy_in(&sql[..]).await?;
                let mut sink = std::pin::pin!(sink);
                for portion in rows {
                    faults.before("portion");
                    // What is only fed may not have left yet.
                    sink.send(portion.clone()).await?;
                    faults.after("portion");
                }
                sink.finish().await?;
                Ok::<(), tokio_postgres::Error>(())
            };
            let copied = caller
                .runtime
                .block_on(async { tokio::time::timeout(LONG, copying).await });
            match copied {
                Ok(Ok(())) if deaf.replace(false) => {
                    caller.client = None;
                    Err(CallError::Gone("the answer was lost".to_owned()))
                }
                Ok(copied) => copied.map_err(|error| CallError::from(&error)),
                // What the server does with it is not known: the connection is given up.
                Err(_) => {
                    caller.client = None;
                    Err(CallError::Gone("no answer in time".to_owned()))
                }
            }
        })?;
        self.faults.after("copy");
        Ok(())
    }

    /// Runs several statements as they stand; for the owner's commands.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), CallError> {
        self.connect()?;
        let Some(client) = &self.client else {
            return Err(CallError::Gone("no connection".to_owned()));
        };
        self.runtime
            .block_on(client.batch_execute(sql))
            .map_err(|error| CallError::from(&error))
    }

    fn qualified(&self, sql: &str) -> String {
        sql.replace("@.", &format!("\"{}\".", self.schema))
    }

    fn patiently<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Self) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let start = Instant::now();
        let mut waits = BACK_OFF.iter().copied().chain(std::iter::repeat(5_000));
        let mut clashes = 0;
        loop {
            let error = match attempt(self) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            match &error {
                CallError::Clash if clashes < CLASHES => {
                    clashes += 1;
                    std::thread::sleep(Duration::from_millis(20 * u64::from(clashes)));
                }
                CallError::Gone(_) | CallError::Crowded { .. } => {
                    self.client = None;
                    let wait = waits.next().map_or(Duration::ZERO, Duration::from_millis);
                    if start.elapsed() + wait > self.patience {
                        return Err(error);
                    }
                    std::thread::sleep(wait);
                }
                CallError::Clash | CallError::Refused { .. } | CallError::Lost { .. } => {
                    return Err(error);
                }
            }
        }
    }

    fn once(
        &mut self,
        limit: Duration,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, CallError> {
        self.connect()?;
        let Some(client) = &self.client else {
            return Err(CallError::Gone("no connection".to_owned()));
        };
        let asked = self
            .runtime
            .block_on(async { tokio::time::timeout(limit, client.query_typed(sql, values)).await });
        match asked {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(error)) => Err(CallError::from(&error)),
            Err(_) => {
                // What the server does with it is not known: the connection is given up, and the call asked again.
                self.client = None;
                Err(CallError::Gone("no answer in time".to_owned()))
            }
        }
    }

    fn connect(&mut self) -> Result<(), CallError> {
        if self
            .client
            .as_ref()
            .is_some_and(|client| !client.is_closed())
        {
            return Ok(());
        }
        self.client = None;
        let (client, driver) = self.runtime.block_on(self.target.connect())?;
        self.runtime.spawn(driver.run());
        self.same_history(&client)?;
        self.client = Some(client);
        Ok(())
    }

    /// Compares a new connection with what this console was told is committed. A server that lacks it is an older copy, a
    /// backup or a replica that took over: nothing may be written there that rests on what is gone. A server that still
    /// receives commits takes no writes and proves nothing.
    fn same_history(&self, client: &Client) -> Result<(), CallError> {
        let Some((console, number)) = self.committed else {
            return Ok(());
        };
        let sql = self.qualified(
            "SELECT EXISTS (SELECT 1 FROM @.event WHERE console = $1 AND n = $2) OR pg_catalog.pg_is_in_recovery(), \
             coalesce((SELECT max(seq) FROM @.event), 0)",
        );
        let values: &[Value<'_>] = &[(&console, Type::INT4), (&number, Type::INT8)];
        let asked = self.runtime.block_on(async {
            tokio::time::timeout(ORDINARY, client.query_typed(&sql, values)).await
        });
        let rows = match asked {
            Ok(rows) => rows.map_err(|error| CallError::from(&error))?,
            Err(_) => return Err(CallError::Gone("no answer in time".to_owned())),
        };
        match rows.first().map(|row| (row.try_get(0), row.try_get(1))) {
            Some((Ok(true), Ok::<i64, _>(_))) => Ok(()),
            Some((Ok(false), Ok(head))) => Err(CallError::Lost { head }),
            _ => Err(CallError::Gone("no answer to compare".to_owned())),
        }
    }
}
