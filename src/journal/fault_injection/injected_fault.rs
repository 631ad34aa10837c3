//! Syntax of an injected fault:
//!
//! | words | what happens |
//! |---|---|
//! | `kill:STEP-SIDE:N` | it dies at the Nth commit of this kind, before it or after |
//! | `pages:N` | the database may have N pages |
//! | `full:STEP:N` | from the Nth commit of this kind on, the disk has no room |
//! | `io:N`, `io-once:N` | from the Nth write on, or the Nth alone, the disk fails: nothing of it was written |
//! | `io-late:N`, `io-late-once:N` | the same, and what was written is there all the same |
//! | `read:N` | from the Nth reading on, the disk fails |
//! | `power:N:DIRECTORY` | the power fails at the Nth moment of the commits; what may be left comes into the directory |
//! | `magic:HEX`, `magic:HEX:NAME` | the state directory lies on this file system |
//! | `clock:+S`, `clock:-S`, `clock:@S` | the wall's clock is so many seconds ahead, behind, or starts at this time |

use crate::journal::location::FileSystem;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

/// A fault to inject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) enum InjectedFault {
    Kill {
        point: CommitPoint,
        side: CommitSide,
    },
    MaxPages(u32),
    DiskFull {
        point: CommitPoint,
    },
    Io {
        kind: WriteFailure,
        position: u32,
        once: bool,
    },
    ReadError {
        position: u32,
    },
    PowerCut {
        position: u32,
        directory: PathBuf,
    },
    FileSystem(FileSystem),
    Clock(Clock),
}

/// The Nth commit of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct CommitPoint {
    pub(in crate::journal) step: String,
    pub(in crate::journal) position: u32,
}

/// Before or after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) enum CommitSide {
    Before,
    After,
}

/// What a failing write leaves: nothing, or everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) enum WriteFailure {
    NothingWritten,
    AllWritten,
}

/// Setting of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Clock {
    Shift(i64),
    Set(i64),
}

impl Clock {
    /// Returns the offset from the true time.
    pub(in crate::journal) fn offset(self, now: Timestamp) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Shift(seconds) => seconds,
            Self::Set(second) => second.saturating_sub(now.as_second()),
        })
    }
}

impl InjectedFault {
    /// Parses a fault; `None` if the text is none.
    pub(in crate::journal) fn parse(asked: &str) -> Option<Self> {
        let (kind, rest) = asked.split_once(':')?;
        let number = || rest.parse().ok();
        let io = |kind, once| {
            Some(Self::Io {
                kind,
                position: number()?,
                once,
            })
        };
        match kind {
            "kill" => {
                let (step, position) = rest.split_once(':')?;
                let (step, side) = step.split_once('-')?;
                let side = match side {
                    "before" => CommitSide::Before,
                    "after" => CommitSide::After,
                    _ => return None,
                };
                let at = CommitPoint::parse(step, position)?;
                Some(Self::Kill { point: at, side })
            }
            "pages" => number().map(Self::MaxPages),
            "full" => {
                let (step, position) = rest.split_once(':')?;
                let at = CommitPoint::parse(step, position)?;
                Some(Self::DiskFull { point: at })
            }
            "io" => io(WriteFailure::NothingWritten, false),
            "io-once" => io(WriteFailure::NothingWritten, true),
            "io-late" => io(WriteFailure::AllWritten, false),
            "io-late-once" => io(WriteFailure::AllWritten, true),
            "read" => Some(Self::ReadError {
                position: number()?,
            }),
            "power" => {
                let (position, directory) = rest.split_once(':')?;
                Some(Self::PowerCut {
                    position: position.parse().ok()?,
                    directory: directory.into(),
                })
            }
            "magic" => {
                let (magic, name) = match rest.split_once(':') {
                    Some((magic, name)) => (magic, Some(name.to_owned())),
                    None => (rest, None),
                };
                let magic = u64::from_str_radix(magic, 16).ok()?;
                Some(Self::FileSystem(FileSystem { magic, name }))
            }
            "clock" => Some(Self::Clock(match rest.strip_prefix('@') {
                Some(second) => Clock::Set(second.parse().ok()?),
                None => Clock::Shift(rest.parse().ok()?),
            })),
            _ => None,
        }
    }
}

impl CommitPoint {
    fn parse(step: &str, position: &str) -> Option<Self> {
        Some(Self {
            step: step.to_owned(),
            position: position.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disaster_is_read_and_nothing_else() {
        for asked in [
            "kill:intent-before:2",
            "pages:40",
            "full:answer:1",
            "io:3",
            "io-once:3",
            "io-late:3",
            "io-late-once:3",
            "read:1",
            "power:7:/tmp/x",
            "magic:6969",
            "magic:65735546:fuse.sshfs",
            "clock:+86400",
            "clock:-86400",
            "clock:@0",
        ] {
            assert!(InjectedFault::parse(asked).is_some(), "{asked}");
        }
        for asked in [
            "",
            "kill",
            "kill:intent:1",
            "pages:x",
            "magic:xyz",
            "flood:1",
        ] {
            assert_eq!(InjectedFault::parse(asked), None, "{asked}");
        }
    }

    #[test]
    fn a_clock_is_set_by_or_to() {
        let noon = Timestamp::from_second(1_000).unwrap();
        let seconds = |asked: &str| match InjectedFault::parse(asked) {
            Some(InjectedFault::Clock(clock)) => clock.offset(noon).as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(seconds("clock:+60"), 60);
        assert_eq!(seconds("clock:-60"), -60);
        assert_eq!(seconds("clock:@0"), -1_000);
    }
}
