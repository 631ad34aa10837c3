//! Creates, opens and migrates the database file.

use super::{fault_injector::FaultInjector, row_checksum, sql::version, store_error::StoreError};
use crate::{
    entity::error::{JournalError, MISSING_JOURNAL_REASON, NEWER_VERSION_REASON},
    journal::{location, location::StateDirectory},
};
use rusqlite::{Connection, OpenFlags};
use std::{io::ErrorKind, path::Path, time::Duration};

/// Migrations, one file each. A released one is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../assets/migrations/0001_jobs.sql"),
    include_str!("../../../assets/migrations/0002_local.sql"),
    include_str!("../../../assets/migrations/0003_claims.sql"),
    include_str!("../../../assets/migrations/0004_leak_events.sql"),
];

/// Newest schema that this program knows.
const NEWEST_SCHEMA: i64 = MIGRATIONS.len().cast_signed() as i64;

/// `Stnc` in the header of the file.
const APPLICATION_ID: i64 = 0x5374_6e63;

/// Result of opening a database file.
pub(super) enum OpenResult {
    /// It is migrated and undamaged.
    Writable(Connection),
    /// It can only be read.
    ReadOnly {
        /// A connection for reading, if one could be opened.
        connection: Option<Connection>,
        /// Reason, as text.
        why: String,
    },
}

/// Verifies what is stored, before anything is written.
pub(super) type Verify = fn(&mut Connection) -> Result<(), StoreError>;

/// Opens the database for writing, and creates it if it is missing. The caller has the writer's lock.
pub(super) fn open_to_write(
    place: &StateDirectory,
    faults: &mut FaultInjector,
    verify: Verify,
) -> Result<OpenResult, JournalError> {
    let path = place.database();
    match location::file_length(&path)? {
        Some(0) => {
            // Stanch never leaves it empty: it is created under another name.
            return Ok(OpenResult::ReadOnly {
                connection: None,
                why: format!(
                    "{} has been cut to nothing; put a copy of it back, or move it away",
                    location::printable_path(&path)
                ),
            });
        }
        Some(_) => {}
        None => {
            if let Err(error) = check_not_missing(place) {
                let JournalError::ReadOnly { why } = error else {
                    return Err(error);
                };
                return Ok(OpenResult::ReadOnly {
                    connection: None,
                    why,
                });
            }
            create(place, faults)?;
        }
    }
    match connect_to_write(place, faults, verify) {
        Ok(connection) => Ok(OpenResult::Writable(connection)),
        Err(fault) => match fault.into_reported(&path) {
            JournalError::ReadOnly { why } => Ok(OpenResult::ReadOnly {
                connection: open_any_schema(&path).ok().flatten(),
                why,
            }),
            error => Err(error),
        },
    }
}

/// Returns an error if an audit log is there without its journal.
pub(super) fn check_not_missing(place: &StateDirectory) -> Result<(), JournalError> {
    if location::file_length(&place.audit())?.is_some_and(|length| length > 0) {
        return Err(JournalError::ReadOnly {
            why: format!(
                "{} is there and {MISSING_JOURNAL_REASON}",
                location::printable_path(&place.audit())
            ),
        });
    }
    Ok(())
}

/// Opens the database for reading, if it exists. Rolls an interrupted commit back, as every reader must.
pub(super) fn connect_to_read(path: &Path) -> Result<Option<Connection>, StoreError> {
    let Some(connection) = open_any_schema(path)? else {
        return Ok(None);
    };
    let version = version(&connection)?;
    if version > NEWEST_SCHEMA {
        return Err(StoreError::Reported(newer_schema_error(version)));
    }
    Ok(Some(connection))
}

/// Opens a database of any schema, so that the error can name a newer one.
fn open_any_schema(path: &Path) -> Result<Option<Connection>, StoreError> {
    match location::file_length(path)? {
        None => return Ok(None),
        Some(0) => {
            return Err(StoreError::Damaged("the file, cut to nothing,".to_owned()));
        }
        Some(_) => {}
    }
    let connection = connect(path)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    let (application, version) = (application_id(&connection)?, version(&connection)?);
    if version == 0 && application == 0 {
        return Ok(None);
    }
    if application != APPLICATION_ID || version < 1 {
        return Err(StoreError::Damaged("the file's own name".to_owned()));
    }
    Ok(Some(connection))
}

fn create(place: &StateDirectory, faults: &mut FaultInjector) -> Result<(), JournalError> {
    let (unfinished, path) = (place.unfinished_database(), place.database());
    // Left by an interrupted start; nothing was ever recorded in it.
    for suffix in ["", "-journal"] {
        let mut name = unfinished.clone().into_os_string();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(location::io_error(&unfinished, "remove", &error)),
        }
    }
    drop(location::open(&unfinished, false)?);
    let made = connect(&unfinished)
        .and_then(|mut connection| {
            connection.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;")?;
            prepare(&mut connection, place, faults)
        })
        .map_err(|fault| fault.into_reported(&path))
        .and_then(|()| {
            // It counts only under its final name, so one sync at the end suffices.
            std::fs::File::open(&unfinished)
                .and_then(|file| file.sync_all())
                .map_err(|error| location::io_error(&path, "make", &error))
        });
    if let Err(error) = made {
        // If this fails, the next start removes it.
        std::fs::remove_file(&unfinished).ok();
        return Err(error);
    }
    std::fs::rename(&unfinished, &path)
        .map_err(|error| location::io_error(&path, "make", &error))?;
    place.sync()
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;",
    )?;
    Ok(connection)
}

fn connect_to_write(
    place: &StateDirectory,
    faults: &mut FaultInjector,
    verify: Verify,
) -> Result<Connection, StoreError> {
    faults.on_read()?;
    let mut connection = connect(&place.database())?;
    if application_id(&connection)? != APPLICATION_ID {
        return Err(StoreError::Damaged("the file's own name".to_owned()));
    }
    let version = version(&connection)?;
    if version > NEWEST_SCHEMA {
        return Err(StoreError::Reported(newer_schema_error(version)));
    }
    if table_definitions(&connection)? != table_definitions(&create_in_memory(version)?)? {
        return Err(StoreError::Damaged(
            "what the tables are made of".to_owned(),
        ));
    }
    connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;")?;
    prepare(&mut connection, place, faults)?;
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(StoreError::Damaged("a page".to_owned()));
    }
    whole(&connection, &place.database())?;
    verify(&mut connection)?;
    Ok(connection)
}

/// Verifies that the file is as long as its pages. Of a last page that is cut, `SQLite` reads the rest as zeros, which
/// no check finds where nothing was on it.
fn whole(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let size: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let wanted = u64::try_from(pages.saturating_mul(size)).unwrap_or(u64::MAX);
    if location::file_length(path)?.is_none_or(|length| length < wanted) {
        return Err(StoreError::Damaged("the end of the file".to_owned()));
    }
    Ok(())
}

fn prepare(
    connection: &mut Connection,
    place: &StateDirectory,
    faults: &mut FaultInjector,
) -> Result<(), StoreError> {
    // A large plan must fit into the cache: pages that do not are written and synced on the way.
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768;",
    )?;
    if let Some(pages) = faults.pages() {
        connection.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?;
    }
    let mut at = version(connection)?;
    while let Some(step) = usize::try_from(at).ok().and_then(|at| MIGRATIONS.get(at)) {
        at += 1;
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        row_checksum::compute_all(&transaction, at)?;
        transaction.execute_batch(&format!("PRAGMA user_version = {at}"))?;
        faults.on_commit("schema", &transaction, place)?;
        transaction.commit()?;
        faults.on_committed("schema", connection, place)?;
    }
    Ok(())
}

/// Returns an empty journal of a schema, in memory.
fn create_in_memory(version: i64) -> Result<Connection, StoreError> {
    let connection = Connection::open_in_memory()?;
    let steps = usize::try_from(version).unwrap_or(0);
    for step in MIGRATIONS.iter().take(steps) {
        connection.execute_batch(step)?;
    }
    Ok(connection)
}

/// Returns the table definitions of a file. They have no hash, and one changed byte may remove a constraint or rename a
/// column, which would be found too late.
fn table_definitions(connection: &Connection) -> Result<Vec<[Option<String>; 4]>, StoreError> {
    let mut query = connection.prepare(
        "SELECT type, name, tbl_name, CAST(sql AS TEXT) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' \
         ORDER BY type, name, rowid",
    )?;
    let rows = query.query_map([], |row| {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
    })?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// Returns the error of a schema that this program does not know.
fn newer_schema_error(version: i64) -> JournalError {
    JournalError::ReadOnly {
        why: format!(
            "{NEWER_VERSION_REASON} (schema {version}; this one knows {NEWEST_SCHEMA}); use that one"
        ),
    }
}

/// Returns the application id in the header of the file.
fn application_id(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA application_id", [], |row| row.get(0))?)
}
