//! When everything is read again, and when it was.

use crate::app::model::Context;
use jiff::Timestamp;
use std::time::Duration;

/// What is shown says its age where it is older than this, also where nothing is read by itself.
const OLD: Duration = Duration::from_secs(10 * 60);

/// When everything is read again, and when it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AutoRefresh {
    /// After so long; `None` for never.
    pub every: Option<Duration>,
    /// At this moment, since the start.
    pub due: Option<Duration>,
    /// When the lists had come to their end.
    pub read_at: Option<Timestamp>,
}

/// When what is shown was read, for the header: `read 14:02`; `None` where that is not worth a word.
pub fn read_at(auto: AutoRefresh, context: Context<'_>) -> Option<String> {
    let read = auto.read_at?;
    let age = context.now.wall.duration_since(read).as_secs();
    let is_old = u64::try_from(age).is_ok_and(|age| age >= OLD.as_secs());
    (auto.every.is_some() || is_old).then(|| {
        let local = read.to_zoned(context.setup.zone.clone());
        format!("read {}", local.strftime("%H:%M"))
    })
}
