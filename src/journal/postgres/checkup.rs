//! What `doctor` asks of a team store: how it is reached, what this login may do there, and what of the server's settings
//! is weak.

use super::{
    API,
    call::Caller,
    check, feed,
    peer::{self, Peer},
    row::{damaged, get},
    schema::NEWEST,
    witness::Witness,
};
use crate::{
    entity::{
        error::JournalError,
        team::{Colleague, FeedKind},
    },
    journal::{location::StateDirectory, port::TeamOptions},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio_postgres::Row;

/// A certificate that ends sooner is worth a word.
const CERTIFICATE_DAYS: i64 = 14;

/// What became of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in order.
    Good,
    /// It works, and something may go wrong.
    Weak,
    /// It does not work.
    Bad(JournalError),
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreCheck {
    /// Its name.
    pub name: &'static str,
    /// What became of it.
    pub verdict: Verdict,
    /// In words.
    pub message: String,
    /// What to do about it; empty where nothing is to do.
    pub hint: &'static str,
}

impl StoreCheck {
    fn good(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Good,
            message: message.into(),
            hint: "",
        }
    }

    fn weak(name: &'static str, message: impl Into<String>, hint: &'static str) -> Self {
        Self {
            verdict: Verdict::Weak,
            hint,
            ..Self::good(name, message)
        }
    }

    fn bad(name: &'static str, error: JournalError, hint: &'static str) -> Self {
        Self {
            message: error.to_string(),
            verdict: Verdict::Bad(error),
            hint,
            ..Self::good(name, "")
        }
    }

    /// Weak with `bad` words where something is so, else good.
    fn of(
        name: &'static str,
        weak: bool,
        good: impl Into<String>,
        bad: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        if weak {
            Self::weak(name, bad, hint)
        } else {
            Self::good(name, good)
        }
    }
}

/// Looks at everything. That the server does not answer is its only error.
///
/// # Errors
/// `Unreachable` or `Forbidden` if nothing can be asked.
pub(super) fn all(
    caller: &mut Caller,
    options: &TeamOptions,
    state: Option<&StateDirectory>,
) -> Result<Vec<StoreCheck>, JournalError> {
    let start = Instant::now();
    let rows = ask(
        caller,
        "SELECT clock_timestamp(), split_part(current_setting('server_version'), ' ', 1)",
    )?;
    let first = start.elapsed();
    let row = rows.first().ok_or_else(|| damaged("an answer"))?;
    let mut checks = vec![StoreCheck::good(
        "store reachable",
        format!(
            "PostgreSQL {} answered in {} ms",
            get::<&str>(row, 1)?,
            first.as_millis()
        ),
    )];
    checks.push(tls(options));
    let (sent, asked) = (Timestamp::now(), Instant::now());
    let again = ask(caller, "SELECT clock_timestamp()")?;
    let round_trip = asked.elapsed();
    let offset = offset(again.first(), sent, round_trip)?;
    checks.push(StoreCheck::of(
        "store round trip",
        round_trip > Duration::from_millis(200),
        format!("{} ms", round_trip.as_millis()),
        format!("{} ms: every write waits so long", round_trip.as_millis()),
        "run the consoles nearer to the server",
    ));
    checks.push(StoreCheck::of(
        "store clock",
        offset.unsigned_abs() > Duration::from_secs(2),
        format!("{:+} ms from this host's", offset.as_millis()),
        format!(
            "{:+} ms from this host's: no decision rests on it, and times that are shown are off",
            offset.as_millis()
        ),
        "let both hosts take their time from one source (chrony, systemd-timesyncd)",
    ));
    checks.push(listening(options));
    let usable = schema(caller, &mut checks)?;
    checks.push(role(caller)?);
    if usable {
        checks.push(witness(caller, state));
        checks.extend(consoles(caller)?);
    }
    checks.extend(settings(caller)?);
    checks.extend(server(caller)?);
    Ok(checks)
}

/// How far the server's clock is ahead.
fn offset(
    row: Option<&Row>,
    sent: Timestamp,
    round_trip: Duration,
) -> Result<SignedDuration, JournalError> {
    let row = row.ok_or_else(|| damaged("an answer"))?;
    let half = SignedDuration::try_from(round_trip / 2).unwrap_or_default();
    Ok(get::<Timestamp>(row, 0)?.duration_since(sent) - half)
}

fn tls(options: &TeamOptions) -> StoreCheck {
    const NAME: &str = "store tls";
    match peer::of(options) {
        Ok(None) => StoreCheck::good(NAME, "no TLS: a socket or a loopback address"),
        Ok(Some(Peer {
            name,
            version,
            days,
        })) => {
            let words = match days {
                Some(days) => {
                    format!("{version}, the certificate is that of {name}, {days} days left")
                }
                None => format!("{version}, the certificate is that of {name}"),
            };
            StoreCheck::of(
                NAME,
                days.is_some_and(|days| days < CERTIFICATE_DAYS),
                words.clone(),
                words,
                "renew the server's certificate: nobody is let in when it has ended",
            )
        }
        Err(error) => StoreCheck::bad(
            NAME,
            error,
            "[store] ca_file names the team's own certificate authority; the host in url must be the one in the certificate",
        ),
    }
}

fn listening(options: &TeamOptions) -> StoreCheck {
    const NAME: &str = "store feed";
    let (feed, took) = feed::probe(options);
    let poll = options.poll.as_millis();
    match feed {
        FeedKind::Listen => StoreCheck::good(
            NAME,
            format!("LISTEN works, its echo took {} ms", took.as_millis()),
        ),
        FeedKind::Poll if !options.listen => {
            StoreCheck::good(NAME, format!("listen is off: it is asked every {poll} ms"))
        }
        FeedKind::Poll => StoreCheck::weak(
            NAME,
            format!("LISTEN is deaf, a pooler it may be: it is asked every {poll} ms"),
            "[store] listen_url names a direct way to the server",
        ),
    }
}

/// Schema and interface; returns whether this program can use them.
fn schema(caller: &mut Caller, checks: &mut Vec<StoreCheck>) -> Result<bool, JournalError> {
    const NAME: &str = "store schema";
    let rows = ask(
        caller,
        "SELECT schema_version, api_min, api_max FROM @.meta",
    )?;
    let row = rows.first().ok_or_else(|| damaged("its own description"))?;
    let (version, lowest, highest): (i32, i32, i32) = (get(row, 0)?, get(row, 1)?, get(row, 2)?);
    let words = format!("schema {version}, interface {lowest} to {highest}, this stanch has {API}");
    let why = |why: String| JournalError::ReadOnly { why };
    let check = if version < NEWEST {
        let error = why(format!("{words}; schema {NEWEST} is wanted"));
        StoreCheck::bad(NAME, error, "its owner runs stanch store migrate")
    } else if (lowest..=highest).contains(&API) {
        StoreCheck::good(NAME, words)
    } else {
        StoreCheck::bad(NAME, why(words), "install the stanch that the team uses")
    };
    let usable = check.verdict == Verdict::Good;
    checks.push(check);
    Ok(usable)
}

/// What this login may do, and whether it may do more than it should.
fn role(caller: &mut Caller) -> Result<StoreCheck, JournalError> {
    const NAME: &str = "store role";
    let rows = ask(
        caller,
        "SELECT session_user::text, pg_has_role('stanch_owner', 'MEMBER'), \
         has_function_privilege('@.hello(uuid, text, text, text, text, text, integer)', 'EXECUTE'), \
         has_table_privilege('@.event', 'SELECT'), \
         has_table_privilege('@.event', 'INSERT, UPDATE, DELETE') OR has_table_privilege('@.audit', 'INSERT, UPDATE, DELETE')",
    )?;
    let row = rows.first().ok_or_else(|| damaged("an answer"))?;
    let role: String = get(row, 0)?;
    let (owns, writes, reads, tampers): (bool, bool, bool, bool) =
        (get(row, 1)?, get(row, 2)?, get(row, 3)?, get(row, 4)?);
    Ok(if !reads {
        let why = "it may not read the events".to_owned();
        StoreCheck::bad(
            NAME,
            JournalError::Forbidden { why },
            "GRANT stanch_analyst or stanch_auditor to this login",
        )
    } else if owns {
        StoreCheck::weak(
            NAME,
            format!("{role} owns the store"),
            "triage with a login of stanch_analyst: what an owner rewrites only the chain shows",
        )
    } else if tampers {
        StoreCheck::weak(
            NAME,
            format!("{role} may change events or audit lines"),
            "REVOKE it: analysts write through the functions alone",
        )
    } else if writes {
        StoreCheck::good(NAME, format!("{role} is an analyst"))
    } else {
        StoreCheck::good(NAME, format!("{role} is an auditor: reading only"))
    })
}

/// Whether the store has what a console of this installation saw last.
fn witness(caller: &mut Caller, state: Option<&StateDirectory>) -> StoreCheck {
    const NAME: &str = "store witness";
    let compared = (|| {
        let rows = ask(caller, "SELECT store::text FROM @.meta")?;
        let store: String = get(rows.first().ok_or_else(|| damaged("an answer"))?, 0)?;
        let kept = match state {
            Some(place) => Witness::read(place, &store)?,
            None => None,
        };
        let from = kept.as_ref().map(|kept| kept.seq);
        let head = check::events(caller, kept, &store, |_| {})?;
        Ok::<_, JournalError>((from, head.seq))
    })();
    match compared {
        Ok((Some(seen), head)) => StoreCheck::good(
            NAME,
            format!("event {seen}, seen last, is there; the chain from it to {head} is whole"),
        ),
        Ok((None, head)) => StoreCheck::good(
            NAME,
            format!(
                "no console of this installation has seen the store; its newest event is {head}"
            ),
        ),
        Err(error) => StoreCheck::bad(
            NAME,
            error,
            "do not write: ask the owner which backup or replica this is; stanch store check shows more",
        ),
    }
}

/// Who is there, with which versions, and whether one login sits on several hosts.
fn consoles(caller: &mut Caller) -> Result<Vec<StoreCheck>, JournalError> {
    let rows = ask(caller, "SELECT lease_seconds FROM @.meta")?;
    let lease: i32 = get(rows.first().ok_or_else(|| damaged("an answer"))?, 0)?;
    let lease = Duration::from_secs(u64::from(lease.unsigned_abs()));
    let all = feed::consoles(caller, lease, None, false)?;
    let online: Vec<&Colleague> = all.iter().filter(|console| console.online).collect();
    let mut hosts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for console in &online {
        hosts
            .entry(&console.role)
            .or_default()
            .insert(&console.host);
    }
    let shared: Vec<&str> = hosts
        .iter()
        .filter(|(_, hosts)| hosts.len() > 1)
        .map(|(role, _)| *role)
        .collect();
    let versions: BTreeSet<&str> = online.iter().map(|console| &*console.version).collect();
    let versions: Vec<&str> = versions.into_iter().collect();
    Ok(vec![
        StoreCheck::good("store consoles", format!("{} online", online.len())),
        StoreCheck::of(
            "store logins",
            !shared.is_empty(),
            "each login is used on one host at a time",
            format!(
                "used on several hosts at once: {}; who did what cannot be told apart",
                shared.join(", ")
            ),
            "give each analyst a login of their own",
        ),
        StoreCheck::of(
            "store versions",
            versions.len() > 1,
            match versions.first() {
                Some(version) => format!("every console that is online has {version}"),
                None => "no console is online".to_owned(),
            },
            format!(
                "consoles of several versions are online: {}",
                versions.join(", ")
            ),
            "install the newest on every host; the functions of the store do the same for all",
        ),
    ])
}

/// The settings that a team's journal rests on: name, setting, the value that is weak, what follows of it, what to do.
const SETTINGS: &[(&str, &str, &[&str], &str, &str)] = &[
    (
        "store synchronous_commit",
        "synchronous_commit",
        &["off", "local"],
        "every write raises it to on by itself",
        "ALTER DATABASE … SET synchronous_commit = on",
    ),
    (
        "store fsync",
        "fsync",
        &["off"],
        "a crash of the server may lose what was committed",
        "set fsync = on in postgresql.conf, and reload",
    ),
    (
        "store full_page_writes",
        "full_page_writes",
        &["off"],
        "a crash of the server may damage pages",
        "set full_page_writes = on in postgresql.conf, and reload",
    ),
    (
        "store checksums",
        "data_checksums",
        &["off"],
        "damage of the server's disk is not noticed",
        "pg_checksums --enable while the server is stopped",
    ),
    (
        "store isolation",
        "default_transaction_isolation",
        &["serializable", "repeatable read"],
        "nothing can be written",
        "ALTER DATABASE … SET default_transaction_isolation = 'read committed'",
    ),
    (
        "store writable",
        "default_transaction_read_only",
        &["on"],
        "nothing can be written: a replica, it may be",
        "name the primary in [store] url",
    ),
    (
        "store idle transactions",
        "idle_in_transaction_session_timeout",
        &["0"],
        "a client that hangs may hold locks for ever",
        "ALTER DATABASE … SET idle_in_transaction_session_timeout = '1min'",
    ),
];

fn settings(caller: &mut Caller) -> Result<Vec<StoreCheck>, JournalError> {
    let wanted: Vec<String> = SETTINGS
        .iter()
        .map(|(_, setting, ..)| format!("current_setting('{setting}')"))
        .collect();
    let rows = ask(caller, &format!("SELECT {}", wanted.join(", ")))?;
    let row = rows.first().ok_or_else(|| damaged("an answer"))?;
    let mut checks = Vec::with_capacity(SETTINGS.len());
    for (at, (name, setting, weak, follows, hint)) in SETTINGS.iter().enumerate() {
        let value: &str = get(row, at)?;
        let words = format!("{setting} is {value}");
        let bad = format!("{words}: {follows}");
        checks.push(StoreCheck::of(
            name,
            weak.contains(&value),
            words,
            bad,
            hint,
        ));
    }
    Ok(checks)
}

/// Connections, replicas and old snapshots. What belongs to other logins a server shows to few: what is not shown is left
/// out.
fn server(caller: &mut Caller) -> Result<Vec<StoreCheck>, JournalError> {
    let rows = ask(
        caller,
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type IS NULL OR backend_type = 'client backend'), \
         current_setting('max_connections')::bigint, \
         (SELECT count(*) FROM pg_stat_replication), current_setting('synchronous_standby_names'), \
         extract(epoch FROM clock_timestamp() - least((SELECT min(xact_start) FROM pg_stat_activity WHERE pid <> pg_backend_pid()), \
          (SELECT min(prepared) FROM pg_prepared_xacts)))::float8",
    )?;
    let row = rows.first().ok_or_else(|| damaged("an answer"))?;
    let (used, limit, replicas): (i64, i64, i64) = (get(row, 0)?, get(row, 1)?, get(row, 2)?);
    let names: &str = get(row, 3)?;
    let oldest = get::<Option<f64>>(row, 4)?.unwrap_or_default();
    let connections = format!("{used} of {limit} connections are used; a console takes two");
    Ok(vec![
        StoreCheck::of(
            "store connections",
            used * 10 > limit * 9,
            connections.clone(),
            connections,
            "raise max_connections, or put a pooler in between and name the direct way in listen_url",
        ),
        StoreCheck::of(
            "store replicas",
            replicas > 0 && names.is_empty(),
            if replicas == 0 {
                "no replica".to_owned()
            } else {
                format!("{replicas}, synchronous: {names}")
            },
            format!("{replicas}, none of them synchronous: a failover may lose the last commits"),
            "set synchronous_standby_names",
        ),
        StoreCheck::of(
            "store snapshots",
            oldest > 3_600.0,
            "no transaction that is seen from here is older than an hour",
            format!(
                "a transaction is open for {:.0} minutes: tables grow meanwhile",
                oldest / 60.0
            ),
            "find it in pg_stat_activity or pg_prepared_xacts, and end it",
        ),
    ])
}

fn ask(caller: &mut Caller, sql: &str) -> Result<Vec<Row>, JournalError> {
    caller
        .query(sql, &[])
        .map_err(|error| error.into_journal(None))
}
