//! The schema of the team store: what it says of itself, and the steps that its owner takes it through.

use super::{API, call::Caller, refusal::CallError, row::get};
use crate::entity::{error::JournalError, fingerprint::FingerprintKey};
use std::time::Duration;

/// Migrations, one file each. A released one is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../assets/migrations/postgres/0001_team.sql"),
    include_str!("../../../assets/migrations/postgres/0002_functions.sql"),
    include_str!("../../../assets/migrations/postgres/0003_grants.sql"),
    include_str!("../../../assets/migrations/postgres/0004_seen.sql"),
    include_str!("../../../assets/migrations/postgres/0005_large_plans.sql"),
];

/// Newest schema that this program knows.
pub(super) const NEWEST: i32 = MIGRATIONS.len() as i32;

/// The groups that an owner, analysts and auditors are members of.
const ROLES: &[&str] = &["stanch_owner", "stanch_analyst", "stanch_auditor"];

/// What the store says of itself and of this login.
pub(super) struct Identity {
    pub(super) store: String,
    pub(super) lease: Duration,
    pub(super) send: Duration,
    pub(super) role: String,
    pub(super) writes: bool,
    pub(super) fingerprint_check: Option<Vec<u8>>,
}

/// How the store is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Seconds after which a console that was not seen may be taken for dead.
    pub lease_seconds: u32,
    /// Seconds that a write request may take as a whole.
    pub send_seconds: u32,
}

/// What the store says of itself and of this login.
///
/// # Errors
/// `ReadOnly` if this program cannot use the schema.
pub(super) fn identity(caller: &mut Caller) -> Result<Identity, JournalError> {
    let rows = caller
        .query(
            "SELECT store::text, schema_version, api_min, api_max, lease_seconds, send_seconds, session_user::text, \
             has_function_privilege('@.hello(uuid, text, text, text, text, text, integer)', 'EXECUTE'), fingerprint_check \
             FROM @.meta",
            &[],
        )
        .map_err(|error| error.into_journal(None))?;
    let row = rows
        .first()
        .ok_or_else(|| super::row::damaged("its own description"))?;
    let (version, lowest, highest): (i32, i32, i32) = (get(row, 1)?, get(row, 2)?, get(row, 3)?);
    if version < NEWEST {
        return Err(JournalError::ReadOnly {
            why: format!(
                "the team store has schema {version}, this stanch wants {NEWEST}; its owner runs stanch store migrate"
            ),
        });
    }
    if !(lowest..=highest).contains(&API) {
        return Err(JournalError::ReadOnly {
            why: format!(
                "the team store wants another stanch: interface {lowest} to {highest}, this one has {API}"
            ),
        });
    }
    let seconds = |at| {
        get::<i32>(row, at).map(|seconds| Duration::from_secs(u64::from(seconds.unsigned_abs())))
    };
    Ok(Identity {
        store: get(row, 0)?,
        lease: seconds(4)?,
        send: seconds(5)?,
        role: get(row, 6)?,
        writes: get(row, 7)?,
        fingerprint_check: get(row, 8)?,
    })
}

/// The SQL that makes a store in a schema, as one transaction.
pub(super) fn init_sql(schema: &str, terms: Terms, check: Option<[u8; 32]>) -> String {
    let check = check.map_or("NULL".to_owned(), |check| {
        let hex: String = check.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("decode('{hex}', 'hex')")
    });
    let steps: String = MIGRATIONS
        .iter()
        .map(|step| step.replace("@schema@", schema))
        .collect();
    format!(
        "BEGIN;\nSET LOCAL ROLE stanch_owner;\nCREATE SCHEMA {schema};\nSET LOCAL search_path = {schema}, pg_catalog;\n\
         {steps}\nINSERT INTO meta (schema_version, api_min, api_max, lease_seconds, send_seconds, fingerprint_check) \
         VALUES ({NEWEST}, {API}, {API}, {}, {}, {check});\nSELECT partition_for(1);\n\
         SELECT append(NULL, NULL, NULL, 'schema', '{{\"version\": {NEWEST}}}', NULL);\nCOMMIT;\n",
        terms.lease_seconds, terms.send_seconds,
    )
}

/// The SQL that makes the groups, and lets their members connect.
pub(super) fn roles_sql(database: &str) -> String {
    let roles: String = ROLES
        .iter()
        .map(|role| format!("CREATE ROLE {role};\n"))
        .collect();
    format!(
        "{roles}REVOKE ALL ON DATABASE {database} FROM PUBLIC;\nGRANT CONNECT ON DATABASE {database} TO stanch_analyst, stanch_auditor;\n"
    )
}

/// Makes the store.
///
/// # Errors
/// `Refused` if there is one already; `Forbidden` if this login may not make it.
pub(super) fn init(
    caller: &mut Caller,
    schema: &str,
    terms: Terms,
    key: &FingerprintKey,
) -> Result<(), JournalError> {
    let plain = |error: CallError| error.into_journal(None);
    let there = caller
        .query(
            "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
            &[(&schema, tokio_postgres::types::Type::TEXT)],
        )
        .map_err(plain)?;
    if !there.is_empty() {
        return Err(JournalError::Refused {
            why: format!("the schema {schema} is there already: stanch store status shows it"),
        });
    }
    let missing = caller
        .query(
            "SELECT r FROM unnest($1::text[]) AS r WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = r)",
            &[(&ROLES, tokio_postgres::types::Type::TEXT_ARRAY)],
        )
        .map_err(plain)?;
    for row in &missing {
        let role: String = get(row, 0)?;
        caller
            .batch(&format!("CREATE ROLE {role}"))
            .map_err(|error| roles_missing(error, &role))?;
    }
    let member = caller
        .query(
            "SELECT pg_catalog.pg_has_role('stanch_owner', 'MEMBER')",
            &[],
        )
        .map_err(plain)?;
    if !member
        .first()
        .is_some_and(|row| get(row, 0).unwrap_or(false))
    {
        caller
            .batch("DO $$ BEGIN EXECUTE format('GRANT stanch_owner TO %I', session_user); END $$")
            .map_err(|_| JournalError::Forbidden {
                why: "init wants a login that is a member of stanch_owner".to_owned(),
            })?;
    }
    caller
        .batch(
            "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); \
             EXECUTE format('GRANT CONNECT ON DATABASE %I TO stanch_analyst, stanch_auditor', current_database()); \
             EXECUTE format('GRANT CREATE ON DATABASE %I TO stanch_owner', current_database()); END $$",
        )
        .map_err(plain)?;
    caller
        .batch(&init_sql(schema, terms, Some(key.check())))
        .map_err(plain)
}

fn roles_missing(error: CallError, role: &str) -> JournalError {
    match error.into_journal(None) {
        JournalError::Forbidden { .. } => JournalError::Forbidden {
            why: format!(
                "the role {role} is missing and this login may not make it; an administrator runs what stanch store init --print-sql shows"
            ),
        },
        error => error,
    }
}

/// Takes the store to the newest schema, and returns the versions before and after.
///
/// # Errors
/// `Forbidden` if this login is not the owner's.
pub(super) fn migrate(caller: &mut Caller, schema: &str) -> Result<(i32, i32), JournalError> {
    let before = version(caller)?;
    for (at, step) in (1..).zip(MIGRATIONS) {
        if at <= before {
            continue;
        }
        if let Err(error) = caller.batch(&step_sql(schema, at, step)) {
            caller.batch("ROLLBACK").ok();
            // Of two that migrate at once the second one waits for the first, and finds the step made.
            if version(caller)? < at {
                return Err(error.into_journal(None));
            }
        }
    }
    Ok((before, before.max(NEWEST)))
}

/// Steps of the schema that were made.
fn version(caller: &mut Caller) -> Result<i32, JournalError> {
    let rows = caller
        .query("SELECT schema_version FROM @.meta", &[])
        .map_err(|error| error.into_journal(None))?;
    rows.first().map_or(Ok(0), |row| get(row, 0))
}

/// The SQL of all steps after a version.
pub(super) fn migrate_sql(schema: &str, after: i32) -> String {
    let steps = (1..).zip(MIGRATIONS).filter(|(at, _)| *at > after);
    steps.map(|(at, step)| step_sql(schema, at, step)).collect()
}

fn step_sql(schema: &str, at: i32, step: &str) -> String {
    let step = step.replace("@schema@", schema);
    format!(
        "BEGIN;\nSELECT pg_advisory_xact_lock(hashtext('{schema}.migrate'));\nSET LOCAL ROLE stanch_owner;\n\
         SET LOCAL search_path = {schema}, pg_catalog;\n\
         DO $made$ BEGIN IF to_regclass('{schema}.meta') IS NOT NULL THEN IF EXISTS (SELECT 1 FROM meta WHERE schema_version >= {at}) THEN \
         RAISE EXCEPTION 'step {at} was made' USING ERRCODE = 'ST014'; END IF; END IF; END $made$;\n\
         {step}\nUPDATE meta SET schema_version = {at} WHERE schema_version < {at};\n\
         SELECT append(NULL, NULL, NULL, 'schema', '{{\"version\": {at}}}', NULL);\nCOMMIT;\n"
    )
}
