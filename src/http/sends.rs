//! A record of when requests were sent, for whoever has to stay within one limit together: two transports of a profile,
//! or several processes that use one key.
//!
//! Between processes it is a small file in the state directory, under a lock: eight bytes for the limit that was last
//! learned, 0 for none, and eight for each request, the milliseconds since 1970. Nothing else is in it. Where the file cannot be used the record is kept in this process alone.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;

/// Requests that a record holds at most: more than any plan allows in a minute.
const MOST: usize = 100_000;

/// The record.
#[derive(Debug)]
pub struct Sends {
    file: Option<PathBuf>,
    /// What was sent from here; what counts where there is no file.
    own: Mutex<VecDeque<Instant>>,
    /// What the clock showed at a moment, where time is made up.
    #[cfg(test)]
    made_up: Option<(Instant, u64)>,
}

impl Sends {
    /// A record for this process alone.
    pub fn here() -> Self {
        Self {
            file: None,
            own: Mutex::default(),
            #[cfg(test)]
            made_up: None,
        }
    }

    /// A record in a file, which is made when it is first used, as is its directory. Both are for their owner alone.
    pub fn in_file(file: PathBuf) -> Self {
        Self {
            file: Some(file),
            ..Self::here()
        }
    }

    /// The same on a clock that goes with the moments it is asked at, and showed a time at one of them.
    #[cfg(test)]
    pub(super) fn at(mut self, moment: Instant) -> Self {
        self.made_up = Some((moment, milliseconds()));
        self
    }

    /// What the clock shows now.
    #[cfg(test)]
    fn wall(&self, now: Instant) -> u64 {
        match self.made_up {
            Some((moment, shown)) => {
                shown + now.saturating_duration_since(moment).as_millis() as u64
            }
            None => milliseconds(),
        }
    }

    /// What the clock shows now.
    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "tests have a clock of their own")]
    fn wall(&self, _: Instant) -> u64 {
        milliseconds()
    }

    /// Opens the record: what was sent within `length` of now. It is locked until the answer is dropped.
    pub(super) fn open(&self, now: Instant, length: Duration) -> Record<'_> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        while own
            .front()
            .is_some_and(|at| now.duration_since(*at) >= length)
        {
            own.pop_front();
        }
        let wall = self.wall(now);
        let opened = self.file.as_deref().and_then(|path| {
            read(path)
                .inspect_err(|error| {
                    tracing::warn!(kind = %error.kind(), "the record of requests cannot be used; this process counts alone");
                })
                .ok()
        });
        let (file, limit, sends) = match opened {
            Some((file, limit, times)) => {
                let age = |at: u64| Duration::from_millis(wall.saturating_sub(at));
                let near = |at: &u64| {
                    // A clock that was set back must not hold anybody up for longer than a window.
                    at.saturating_sub(wall) <= length.as_millis() as u64 && age(*at) < length
                };
                let mut sends: Vec<Instant> = times
                    .into_iter()
                    .filter(near)
                    .map(|at| {
                        let ahead = Duration::from_millis(at.saturating_sub(wall));
                        now.checked_sub(age(at)).unwrap_or(now) + ahead
                    })
                    .collect();
                sends.sort_unstable();
                (Some(file), limit, sends.into())
            }
            None => (None, None, own.clone()),
        };
        Record {
            sends,
            limit,
            now,
            wall,
            file,
            own,
        }
    }
}

/// An opened record.
pub(super) struct Record<'a> {
    /// What was sent, the first first.
    pub(super) sends: VecDeque<Instant>,
    /// The limit that was last learned by anybody.
    pub(super) limit: Option<u32>,
    now: Instant,
    wall: u64,
    /// Locked.
    file: Option<File>,
    own: MutexGuard<'a, VecDeque<Instant>>,
}

impl Record<'_> {
    /// Keeps what was sent by now, and the limit that is known.
    pub(super) fn keep(mut self, sends: &VecDeque<Instant>, limit: Option<u32>) {
        self.own.clone_from(sends);
        let Some(mut file) = self.file.take() else {
            return;
        };
        let mut bytes = Vec::with_capacity(sends.len() * 8 + 8);
        bytes.extend_from_slice(&u64::from(limit.unwrap_or(0)).to_le_bytes());
        for at in sends.iter().rev().take(MOST).rev() {
            let age = self.now.saturating_duration_since(*at).as_millis() as u64;
            let ahead = at.saturating_duration_since(self.now).as_millis() as u64;
            let time = self.wall.saturating_sub(age) + ahead;
            bytes.extend_from_slice(&time.to_le_bytes());
        }
        let written = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&bytes))
            .and_then(|()| file.set_len(bytes.len() as u64));
        if let Err(error) = written {
            tracing::warn!(kind = %error.kind(), "the record of requests cannot be written; this process counts alone");
        }
    }
}

/// Opens and locks a file, and reads the limit and the times in it. A part of a time at its end is left out.
fn read(path: &Path) -> std::io::Result<(File, Option<u32>, Vec<u64>)> {
    // The state directory may be made here, what it stands in may not: that of a demo is gone when the demo ends.
    for directory in [path.parent().and_then(Path::parent), path.parent()] {
        let made = directory.map(|one| std::fs::DirBuilder::new().mode(0o700).create(one));
        if let Some(Err(error)) = made
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
    }
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    file.lock()?;
    let mut bytes = Vec::new();
    (&file).take(MOST as u64 * 8 + 8).read_to_end(&mut bytes)?;
    let mut numbers = bytes
        .chunks_exact(8)
        .filter_map(|eight| Some(u64::from_le_bytes(eight.try_into().ok()?)));
    let limit = numbers.next().and_then(|limit| u32::try_from(limit).ok());
    let times = numbers.collect();
    Ok((file, limit.filter(|limit| *limit > 0), times))
}

fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_record_is_shared_by_whoever_opens_the_same_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("limits").join("acme");
        let [one, two] = [(); 2].map(|()| Sends::in_file(path.clone()));
        let (now, length) = (Instant::now(), Duration::from_secs(61));
        let mut record = one.open(now, length);
        let mut sends = std::mem::take(&mut record.sends);
        sends.push_back(now);
        record.keep(&sends, Some(9));
        let record = two.open(now, length);
        assert_eq!((record.sends.len(), record.limit), (1, Some(9)));
        drop(record);
        assert_eq!(Sends::here().open(now, length).sends.len(), 0);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn what_is_old_or_of_another_time_or_cut_is_left_out() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("acme");
        let wall = milliseconds();
        let mut bytes = Vec::new();
        for time in [0, wall - 70_000, wall - 60_000, wall, wall + 3_600_000] {
            bytes.extend_from_slice(&time.to_le_bytes());
        }
        bytes.extend_from_slice(&[1, 2, 3]);
        std::fs::write(&path, bytes).unwrap();
        let sends = Sends::in_file(path);
        let record = sends.open(Instant::now(), Duration::from_secs(62));
        assert_eq!((record.sends.len(), record.limit), (2, None));
    }

    #[test]
    fn without_a_place_for_the_file_the_process_counts_alone() {
        let sends = Sends::in_file(PathBuf::from("/dev/null/limits/acme"));
        let (now, length) = (Instant::now(), Duration::from_secs(61));
        let record = sends.open(now, length);
        record.keep(&VecDeque::from([now]), None);
        assert_eq!(sends.open(now, length).sends.len(), 1);
    }
}
