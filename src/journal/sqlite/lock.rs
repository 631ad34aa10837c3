//! The writer's lock: the kernel holds it for one process and gives it back when that process dies, however it dies.

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

/// What trying to take the lock led to.
pub(super) enum LockResult {
    /// It is ours until the file is dropped.
    Acquired(File),
    /// Somebody else has it.
    Held {
        /// User, host, process and since when.
        holder: String,
    },
}

/// So often the lock is tried again, and so long is waited in between: longer than a look takes, and not so long that
/// it is felt.
const RETRIES: u32 = 3;
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// Takes the lock and writes into it who has it, or reads who has it. Waits for nobody who records.
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
        // Whoever looks who has it holds it too, for the blink of an eye.
        if acquired.is_ok() {
            break;
        }
        std::thread::sleep(RETRY_AFTER);
        acquired = flock(&file, FlockOperation::NonBlockingLockExclusive);
    }
    match acquired {
        Ok(()) => {
            // The lock is the kernel's; the name is a courtesy that a full disk may take away.
            write_holder(&mut file, who, now).ok();
            Ok(LockResult::Acquired(file))
        }
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => Ok(LockResult::Held {
            holder: read_holder(&mut file),
        }),
        Err(_) => Err(JournalError::Io {
            why: format!("{} cannot be locked", location::shown(path)),
        }),
    }
}

/// Who has the lock at this moment; nobody if it is free.
pub(super) fn holder(path: &Path) -> Result<Option<String>, JournalError> {
    let mut file = location::open(path, false)?;
    // Given back at once, when the file is closed.
    let free = flock(&file, FlockOperation::NonBlockingLockShared).is_ok();
    Ok((!free).then(|| read_holder(&mut file)))
}

fn write_holder(file: &mut File, who: &Operator, now: Timestamp) -> std::io::Result<()> {
    // Nobody reads the parts of a second.
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
    // Never more than a line's worth: the file is ours, but it is a file.
    if file.take(512).read_to_end(&mut line).is_err() || line.trim_ascii().is_empty() {
        return "one that is just starting".to_owned();
    }
    visible::escape(line.trim_ascii()).as_str().to_owned()
}
