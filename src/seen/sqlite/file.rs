//! Opens and makes the file, moves a damaged one aside, and removes it.

use super::fault::{is_damage, of_place, of_sql};
use crate::{
    journal,
    seen::{SeenError, SeenOptions},
};
use rusqlite::{Connection, OpenFlags};
use std::{path::Path, time::Duration};

/// The file's name in the state directory.
const NAME: &str = "seen.db";

/// `Seen` in the header of the file.
const APPLICATION: i64 = 0x5365_656e;

const SCHEMA: &str = include_str!("../../../assets/migrations/seen_0001.sql");

/// The schema that this program knows.
const VERSION: i64 = 1;

/// An open file, and whether a damaged one was moved aside for it.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) moved: bool,
}

/// Opens the file; makes it where it is not there, and anew where it is damaged.
pub(super) fn open(options: &SeenOptions) -> Result<Opened, SeenError> {
    let path = journal::own_file(&options.directory, NAME).map_err(of_place)?;
    match connect(&path, options) {
        Ok(connection) => Ok(Opened {
            connection,
            moved: false,
        }),
        Err(Trouble::Damaged) => {
            let aside = path.with_file_name(format!("{NAME}.damaged-{}", (options.now)()));
            let failed = |_| SeenError::Io {
                why: "seen.db is damaged and cannot be moved aside".to_owned(),
            };
            std::fs::rename(&path, &aside).map_err(failed)?;
            // A journal of the damaged file would be rolled back into the new one.
            std::fs::remove_file(path.with_file_name(format!("{NAME}-journal"))).ok();
            let path = journal::own_file(&options.directory, NAME).map_err(of_place)?;
            match connect(&path, options) {
                Ok(connection) => Ok(Opened {
                    connection,
                    moved: true,
                }),
                Err(trouble) => Err(trouble.into_error()),
            }
        }
        Err(trouble) => Err(trouble.into_error()),
    }
}

/// Removes the file, whatever key it was made with; returns how many leaks were in it, as far as that can be read.
pub(super) fn forget_all(options: &SeenOptions) -> Result<u64, SeenError> {
    let path = journal::own_file(&options.directory, NAME).map_err(of_place)?;
    let leaks = connect(&path, options).ok().and_then(|connection| {
        let count =
            connection.query_row("SELECT count(*) FROM seen", [], |row| row.get::<_, i64>(0));
        count.ok()
    });
    for name in [NAME.to_owned(), format!("{NAME}-journal")] {
        match std::fs::remove_file(path.with_file_name(name)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(SeenError::Io {
                    why: format!("seen.db cannot be removed: {}", error.kind()),
                });
            }
        }
    }
    Ok(leaks.unwrap_or(0).cast_unsigned())
}

enum Trouble {
    Damaged,
    Newer(i64),
    Other(SeenError),
}

impl Trouble {
    fn into_error(self) -> SeenError {
        match self {
            Self::Damaged => SeenError::Io {
                why: "seen.db is damaged".to_owned(),
            },
            Self::Newer(version) => SeenError::Io {
                why: format!(
                    "seen.db was written by a newer stanch (schema {version}; this one knows {VERSION}); use that one"
                ),
            },
            Self::Other(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) {
            Self::Damaged
        } else {
            Self::Other(of_sql(&error))
        }
    }
}

fn connect(path: &Path, options: &SeenOptions) -> Result<Connection, Trouble> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA mmap_size = 0; PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; \
         PRAGMA secure_delete = ON; PRAGMA cache_size = -2048;",
    )?;
    if let Some(pages) = options.max_pages {
        connection.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?;
    }
    let version = pragma(&connection, "user_version")?;
    let application = pragma(&connection, "application_id")?;
    match version {
        0 if application == 0 => make(&mut connection)?,
        VERSION if application == APPLICATION => {}
        newer if newer > VERSION && application == APPLICATION => {
            return Err(Trouble::Newer(newer));
        }
        _ => return Err(Trouble::Damaged),
    }
    // The first pages alone: a whole check of a million leaks takes longer than a round.
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })?;
    if tables == 0 {
        return Err(Trouble::Damaged);
    }
    Ok(connection)
}

fn make(connection: &mut Connection) -> Result<(), Trouble> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have made it while this one waited.
    if pragma(&transaction, "user_version")? == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
        ))?;
        transaction.execute(
            "INSERT INTO meta (key, value) VALUES ('epoch', randomblob(16)), ('chain', zeroblob(32))",
            [],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, rusqlite::Error> {
    connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
}
