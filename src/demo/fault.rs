//! Faults: what can be made to go wrong on purpose, how it is written, and when it is due.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use strum::{EnumString, IntoEnumIterator as _};

/// How long a portal lasts whose duration is not given.
const PORTAL_SECONDS: u32 = 70;

/// What goes wrong. The words are those of `--faults`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, strum::Display, strum::EnumIter)]
#[strum(serialize_all = "kebab-case")]
pub enum FaultName {
    /// Connection cut before anything is applied.
    Drop,
    /// No answer, ever.
    Hang,
    /// No answer to a write, ever, and nothing applied.
    HangWrite,
    /// 429 with `Retry-After: 1`.
    #[strum(serialize = "429")]
    Throttle,
    /// 429 without the header.
    #[strum(serialize = "429-bare")]
    ThrottleBare,
    /// 429 with a date in the header.
    #[strum(serialize = "429-date")]
    ThrottleDate,
    /// 302 to another port, which keeps a log.
    Redirect,
    /// 500 to a read.
    #[strum(serialize = "500")]
    Failure,
    /// 200 with a web page.
    Html,
    /// 65 MiB of answer.
    Huge,
    /// 500 to a write, nothing applied.
    #[strum(serialize = "500-before")]
    FailureBefore,
    /// 500 to a write that was applied.
    #[strum(serialize = "500-after")]
    FailureAfter,
    /// 500 to a write of which the first half was applied.
    Half,
    /// The first half of a write applied, then 403.
    #[strum(serialize = "part-403")]
    PartForbidden,
    /// A web page on every path, for so many seconds from when it is set.
    Portal,
    /// A web page on every path, for 70 seconds from the so manieth write on, which is not applied.
    PortalAt,
    /// The first half of a write applied, all of it reported.
    HalfOk,
    /// Connection cut after a write was applied.
    DropAfter,
    /// Half the answer of a write that was applied.
    TruncateWrite,
    /// Success, nothing applied.
    Lie,
    /// Success, applied three seconds later.
    DelayedApply,
    /// Of a refused chunk the good ones are applied.
    Partial,
    /// A write was applied, and one more than it named is reported.
    CountMore,
    /// A write was applied, and one less than it named is reported.
    CountLess,
    /// What would be a 500 is a 502.
    #[strum(serialize = "as-502")]
    As502,
    /// What would be a 500 is a 503.
    #[strum(serialize = "as-503")]
    As503,
    /// What would be a 500 is a 504.
    #[strum(serialize = "as-504")]
    As504,
    /// 404 to a read, in the words of a web server.
    #[strum(serialize = "404-foreign")]
    ForeignMissing,
    /// 410 to a read: the interface was retired.
    #[strum(serialize = "410")]
    Gone,
    /// 200 to a read, with a body that says that it failed.
    SuccessFalse,
    /// The answer of a read within another object.
    Wrapped,
    /// A count in the answer of a read is one more than what came.
    Counts,
    /// The last item of a list is nothing.
    Damaged,
    /// The filter of a read is ignored.
    IgnoreFilter,
    /// Half the answer of a read.
    Truncate,
    /// One second of nothing, then 1 KiB a second.
    Slow,
    /// Between two pages a row comes in at the top and one leaves.
    Shift,
    /// The last row of a page is also the first of the next.
    Duplicate,
    /// Members and values that no document names.
    Unknown,
    /// One leak in a hundred has the status `NA`.
    Na,
    /// A page above 1,000 rows is refused rather than cut down.
    StrictLimit,
    /// Only `Authorization: Bearer` is accepted.
    BearerOnly,
    /// Statistics in the flat shape.
    FlatStats,
    /// Leaks.ai: a 401 whose body says 400.
    StatusMismatch,
    /// Leaked Checker: password ranges answer a truth value.
    Boolean,
    /// Leaked Checker: the second header is taken for the key's.
    AliasKey,
    /// Leaked Checker: a user agent is asked for.
    NeedAgent,
    /// Have I Been Pwned: a plan without k-anonymity, logs and adding of domains.
    #[strum(serialize = "small-plan")]
    SmallPlan,
    /// Have I Been Pwned: the key has no plan.
    #[strum(serialize = "no-plan")]
    NoPlan,
    /// Have I Been Pwned: the first domain is beyond the plan and refused.
    #[strum(serialize = "beyond-plan")]
    BeyondPlan,
    /// Have I Been Pwned: the first domain is beyond the plan and its list is cut.
    #[strum(serialize = "cut-domain")]
    CutDomain,
    /// Have I Been Pwned: a refused key is told in plain text.
    #[strum(serialize = "bare-401")]
    Bare401,
    /// Have I Been Pwned: a 404 has no body.
    #[strum(serialize = "bare-404")]
    Bare404,
    /// Have I Been Pwned: the lists of logs by domain are over their own limit.
    #[strum(serialize = "logs-429")]
    Logs429,
    /// Have I Been Pwned: password ranges answer 404.
    #[strum(serialize = "range-404")]
    Range404,
    /// Have I Been Pwned: the network in front answers 403 with a web page.
    #[strum(serialize = "edge-403")]
    Edge403,
    /// Have I Been Pwned: the network in front answers 503 with a web page.
    #[strum(serialize = "edge-503")]
    Edge503,
}

/// What a request is, as far as faults care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A page of rows; also a read.
    List,
    /// Any other read.
    Read,
    /// Something changes.
    Write,
}

impl FaultName {
    /// Every how-many-th request, unless told otherwise.
    fn default_every(self) -> u32 {
        match self {
            Self::Throttle | Self::ThrottleBare | Self::ThrottleDate => 5,
            Self::Drop
            | Self::Hang
            | Self::HangWrite
            | Self::Redirect
            | Self::Failure
            | Self::Html
            | Self::Huge
            | Self::FailureBefore
            | Self::FailureAfter
            | Self::Half
            | Self::PartForbidden
            | Self::HalfOk
            | Self::DropAfter
            | Self::TruncateWrite
            | Self::Truncate => 7,
            Self::Portal => PORTAL_SECONDS,
            Self::PortalAt => 3,
            Self::ForeignMissing
            | Self::Gone
            | Self::SuccessFalse
            | Self::Wrapped
            | Self::Counts
            | Self::Damaged
            | Self::IgnoreFilter
            | Self::Lie
            | Self::DelayedApply
            | Self::Partial
            | Self::CountMore
            | Self::CountLess
            | Self::As502
            | Self::As503
            | Self::As504
            | Self::Slow
            | Self::Shift
            | Self::Duplicate
            | Self::Unknown
            | Self::Na
            | Self::StrictLimit
            | Self::BearerOnly
            | Self::FlatStats
            | Self::StatusMismatch
            | Self::Boolean
            | Self::AliasKey
            | Self::NeedAgent
            | Self::SmallPlan
            | Self::NoPlan
            | Self::BeyondPlan
            | Self::CutDomain
            | Self::Bare401
            | Self::Bare404
            | Self::Logs429
            | Self::Range404
            | Self::Edge403
            | Self::Edge503 => 1,
        }
    }

    /// Whether the fault meets requests of this kind. Switches meet all.
    fn applies_to(self, kind: Kind) -> bool {
        match self {
            Self::Failure
            | Self::Html
            | Self::Huge
            | Self::Truncate
            | Self::ForeignMissing
            | Self::Gone
            | Self::SuccessFalse
            | Self::Wrapped
            | Self::Counts
            | Self::Damaged
            | Self::IgnoreFilter => kind != Kind::Write,
            Self::HangWrite
            | Self::FailureBefore
            | Self::FailureAfter
            | Self::Half
            | Self::PartForbidden
            | Self::HalfOk
            | Self::DropAfter
            | Self::TruncateWrite
            | Self::Lie
            | Self::DelayedApply
            | Self::Partial
            | Self::CountMore
            | Self::CountLess => kind == Kind::Write,
            // It is no fault of a request: whoever comes meets it.
            Self::Portal | Self::PortalAt => false,
            Self::Shift | Self::Duplicate | Self::Unknown => kind == Kind::List,
            Self::Drop
            | Self::Hang
            | Self::Throttle
            | Self::ThrottleBare
            | Self::ThrottleDate
            | Self::Redirect
            | Self::As502
            | Self::As503
            | Self::As504
            | Self::Slow
            | Self::Na
            | Self::StrictLimit
            | Self::BearerOnly
            | Self::FlatStats
            | Self::StatusMismatch
            | Self::Boolean
            | Self::AliasKey
            | Self::NeedAgent
            | Self::SmallPlan
            | Self::NoPlan
            | Self::BeyondPlan
            | Self::CutDomain
            | Self::Bare401
            | Self::Bare404
            | Self::Logs429
            | Self::Range404
            | Self::Edge403
            | Self::Edge503 => true,
        }
    }
}

/// One fault and how often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub name: FaultName,
    /// On every how-many-th request; at least 1. Of `portal` the seconds that it lasts, of `portal-at` the write that it
    /// begins with, counted over all systems.
    pub every: u32,
}

/// Why a fault could not be read. The text names what is close.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault.
    #[error("unknown fault '{given}'{}", .closest.map_or_else(String::new, |closest| format!(", did you mean '{closest}'?")))]
    Name {
        /// What was given, printable.
        given: String,
        /// The closest name, where one is close.
        closest: Option<FaultName>,
    },
    /// What stands behind the colon is not a count.
    #[error("fault '{name}': '{given}' is not a count of 1 or more")]
    Every {
        /// The fault.
        name: FaultName,
        /// What was given, printable.
        given: String,
    },
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (word, count) = text
            .split_once(':')
            .map_or((text, None), |(word, count)| (word, Some(count)));
        let name = FaultName::from_str(word).map_err(|_| FaultError::Name {
            given: word.escape_debug().to_string(),
            closest: closest(word),
        })?;
        let every = match count {
            None => name.default_every(),
            Some(count) => count
                .parse()
                .ok()
                .filter(|every| *every > 0)
                .ok_or_else(|| FaultError::Every {
                    name,
                    given: count.escape_debug().to_string(),
                })?,
        };
        Ok(Self { name, every })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.every)
    }
}

/// Reads `NAME[:N],…`. Blanks around a name and empty parts are ignored.
pub fn parse_list(text: &str) -> Result<Vec<Fault>, FaultError> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(Fault::from_str)
        .collect()
}

fn closest(word: &str) -> Option<FaultName> {
    FaultName::iter()
        .map(|name| (strsim::levenshtein(word, &name.to_string()), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 3 && *distance * 2 <= word.chars().count())
        .map(|(_, name)| name)
}

/// The faults that are set, and how far each has counted.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<ActiveFault>,
}

#[derive(Debug)]
struct ActiveFault {
    fault: Fault,
    /// When it was set.
    set_at: Instant,
    /// Writes so far, of all systems.
    writes: u32,
    /// When a portal came up that begins at a write.
    portal_since: Option<Instant>,
    /// Requests so far, for each operation of each system on its own: the order in which different operations mix
    /// does not matter.
    counts: HashMap<(&'static str, &'static str), u32>,
}

impl ActiveFault {
    /// Whether this is a portal that stands at this moment.
    fn has_portal(&mut self, now: Instant, is_write: bool) -> bool {
        let (up_since, seconds) = match self.fault.name {
            FaultName::Portal => (Some(self.set_at), self.fault.every),
            FaultName::PortalAt => {
                self.writes += u32::from(is_write);
                if self.writes == self.fault.every && self.portal_since.is_none() {
                    self.portal_since = Some(now);
                }
                (self.portal_since, PORTAL_SECONDS)
            }
            _ => return false,
        };
        let lasts = Duration::from_secs(u64::from(seconds));
        up_since.is_some_and(|since| now.saturating_duration_since(since) < lasts)
    }
}

impl Faults {
    /// Replaces what is set; counting starts anew.
    pub(crate) fn replace(&mut self, faults: &[Fault]) {
        self.active = faults
            .iter()
            .map(|fault| ActiveFault {
                fault: *fault,
                set_at: Instant::now(),
                writes: 0,
                portal_since: None,
                counts: HashMap::new(),
            })
            .collect();
    }

    /// Counting starts anew.
    pub(crate) fn restart(&mut self) {
        for counted in &mut self.active {
            counted.counts.clear();
            counted.set_at = Instant::now();
            (counted.writes, counted.portal_since) = (0, None);
        }
    }

    /// Whether a fault is set at all, due or not: for switches.
    pub(crate) fn is_set(&self, name: FaultName) -> bool {
        self.active.iter().any(|counted| counted.fault.name == name)
    }

    /// Whether a request that comes at this moment meets a web page in place of every path. A write counts towards the
    /// one that brings such a page up.
    pub(crate) fn has_portal(&mut self, now: Instant, is_write: bool) -> bool {
        let mut stands = false;
        for counted in &mut self.active {
            stands |= counted.has_portal(now, is_write);
        }
        stands
    }

    /// Counts one request, and says which faults it meets.
    pub(crate) fn next_due(
        &mut self,
        system: &'static str,
        operation: &'static str,
        kind: Kind,
    ) -> DueFaults {
        let mut due = Vec::new();
        for counted in &mut self.active {
            if !counted.fault.name.applies_to(kind) {
                continue;
            }
            let seen = counted.counts.entry((system, operation)).or_default();
            *seen += 1;
            if seen.is_multiple_of(counted.fault.every) {
                due.push(counted.fault.name);
            }
        }
        DueFaults(due)
    }
}

/// The faults that one request meets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DueFaults(Vec<FaultName>);

impl DueFaults {
    /// Whether this one is among them.
    pub(crate) fn has(&self, name: FaultName) -> bool {
        self.0.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for name in FaultName::iter() {
            let fault: Fault = name.to_string().parse().unwrap();
            assert_eq!(fault.name, name);
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        let words: Vec<String> = FaultName::iter().map(|name| name.to_string()).collect();
        for word in [
            "429-bare",
            "500-after",
            "drop-after",
            "half-ok",
            "na",
            "delayed-apply",
        ] {
            assert!(words.iter().any(|known| known == word), "{word}");
        }
    }

    #[test]
    fn list_takes_counts_and_blanks() {
        let faults = parse_list("429:3, drop,,lie").unwrap();
        let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["429:3", "drop:7", "lie:1"]);
        assert_eq!(parse_list(""), Ok(vec![]));
    }

    #[test]
    fn errors_name_what_is_close() {
        let text = |given: &str| parse_list(given).unwrap_err().to_string();
        assert_eq!(text("dorp"), "unknown fault 'dorp', did you mean 'drop'?");
        assert_eq!(
            text("500-befor"),
            "unknown fault '500-befor', did you mean '500-before'?"
        );
        assert_eq!(text("xylophone"), "unknown fault 'xylophone'");
        assert_eq!(
            text("drop:0"),
            "fault 'drop': '0' is not a count of 1 or more"
        );
        assert_eq!(text("a\u{1b}"), "unknown fault 'a\\u{1b}'");
    }

    #[test]
    fn a_portal_lasts_so_long_from_when_it_was_set() {
        let mut faults = Faults::default();
        assert!(!faults.has_portal(Instant::now(), true));
        faults.replace(&parse_list("portal:70").unwrap());
        let after = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert!(faults.has_portal(after(0), false) && faults.has_portal(after(69), true));
        assert!(!faults.has_portal(after(71), true));
        assert_eq!(
            faults.next_due("one", "list", Kind::List),
            DueFaults::default()
        );
    }

    #[test]
    fn a_portal_at_a_write_lasts_seventy_seconds_from_that_write_on() {
        let mut faults = Faults::default();
        faults.replace(&parse_list("portal-at:2").unwrap());
        let start = Instant::now();
        let mut meets =
            |seconds, is_write| faults.has_portal(start + Duration::from_secs(seconds), is_write);
        assert!(!meets(0, false) && !meets(0, true) && !meets(400, false));
        assert!(meets(500, true) && meets(500, false) && meets(569, true));
        assert!(!meets(571, true) && !meets(572, false), "it comes once");
        faults.restart();
        assert!(!faults.has_portal(start, true) && faults.has_portal(start, true));
    }

    #[test]
    fn each_operation_counts_on_its_own() {
        let mut faults = Faults::default();
        faults.replace(&parse_list("500:2").unwrap());
        let fails = |faults: &mut Faults, operation, kind| {
            faults
                .next_due("one", operation, kind)
                .has(FaultName::Failure)
        };
        assert!(!fails(&mut faults, "list", Kind::List));
        assert!(!fails(&mut faults, "info", Kind::Read));
        assert!(
            !faults
                .next_due("two", "list", Kind::List)
                .has(FaultName::Failure)
        );
        assert!(fails(&mut faults, "list", Kind::List));
        assert!(!fails(&mut faults, "status", Kind::Write));
        assert!(!fails(&mut faults, "status", Kind::Write));
    }
}
