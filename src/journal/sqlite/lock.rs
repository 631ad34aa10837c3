//! The lock of the writer. The kernel holds it for one process and releases it when that process ends, also after `kill
//! -9`.

use crate::{
    entity::{error::JournalError, visible},
    journal::{fault_injection, location, port::Operator},
};
use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

/// Result of an attempt to acquire the lock.
pub(super) enum LockResult {
    /// This process has the lock until the file is dropped.
    Acquired(File),
    /// Another process has the lock.
    Held {
        /// User, host, process and start time.
        holder: String,
    },
}

/// Number of retries and the time between two. A console that reads the holder has the lock for less than that.
const RETRIES: u32 = 3;
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// Acquires the lock and writes the holder into the file, or reads the holder. Does not wait for a writer.
pub(super) fn try_acquire(
    path: &Path,
    who: &Operator,
    now: Timestamp,
) -> Result<LockResult, JournalError> {
    let mut file = location::open(path, false)?;
    if fault_injection::is_mutant_active("no_lock") {
        return Ok(LockResult::Acquired(file));
    }
    let mut acquired = flock(&file, FlockOperation::NonBlockingLockExclusive);
    for _ in 0..RETRIES {
        // A console that reads the holder has a shared lock for a moment.
        if acquired.is_ok() {
            break;
        }
        std::thread::sleep(RETRY_AFTER);
        acquired = flock(&file, FlockOperation::NonBlockingLockExclusive);
    }
    match acquired {
        Ok(()) => {
            // The name is for display only; a full disk may prevent it.
            write_holder(&mut file, who, now).ok();
            Ok(LockResult::Acquired(file))
        }
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => Ok(LockResult::Held {
            holder: read_holder(&mut file),
        }),
        Err(_) => Err(JournalError::Io {
            why: format!("{} cannot be locked", location::printable_path(path)),
        }),
    }
}

/// Returns the holder of the lock; `None` if it is free.
pub(super) fn holder(path: &Path) -> Result<Option<String>, JournalError> {
    let mut file = location::open(path, false)?;
    // Released when the file is dropped.
    let free = flock(&file, FlockOperation::NonBlockingLockShared).is_ok();
    Ok((!free).then(|| read_holder(&mut file)))
}

fn write_holder(file: &mut File, who: &Operator, now: Timestamp) -> std::io::Result<()> {
    // Fractions of a second are not displayed.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let line = format!(
        "{}@{}, process {}, since {now}\n",
        who.user, who.host, who.pid
    );
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(line.as_bytes())
}

fn read_holder(file: &mut File) -> String {
    let mut line = Vec::new();
    // The length is limited: another program may have written the file.
    if file.take(512).read_to_end(&mut line).is_err() || line.trim_ascii().is_empty() {
        return "one that is just starting".to_owned();
    }
    visible::escape(line.trim_ascii()).as_str().to_owned()
}
