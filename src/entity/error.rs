//! What goes wrong, in kinds. No library type, no URL and no value is ever in one of these.

use super::{job::PauseReason, key::ProfileName};
use jiff::Timestamp;

/// Why a provider did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The key was refused (401).
    #[error("the key was refused (HTTP {status})")]
    Unauthorised {
        /// The HTTP status.
        status: u16,
    },
    /// A request that went out without a key was refused (401): it wants one.
    #[error("asks for a key, and none was sent (HTTP {status}){}", message_suffix(.message.as_deref()))]
    Keyless {
        /// The HTTP status.
        status: u16,
        /// The provider's own words, cut and escaped.
        message: Option<String>,
        /// How to send one.
        remedy: &'static str,
    },
    /// The key's plan does not cover it, or was not paid for (402).
    #[error("wants payment: the plan does not cover this, or is used up (HTTP 402){}", message_suffix(.message.as_deref()))]
    Payment {
        /// The provider's own words, cut and escaped.
        message: Option<String>,
    },
    /// The key may not do this (403).
    #[error("access was denied (HTTP 403)")]
    Forbidden {
        /// The provider's own words, cut and escaped.
        message: Option<String>,
    },
    /// There is no such thing (404, 410).
    #[error("not found (HTTP {status})")]
    NotFound {
        /// The HTTP status.
        status: u16,
        /// The provider's own words, cut and escaped.
        message: Option<String>,
    },
    /// Too many requests, and the wait is longer than we wait.
    #[error("rate-limited")]
    RateLimited {
        /// When to try again.
        until: Timestamp,
    },
    /// No connection: name, address, TLS, proxy.
    #[error("cannot be reached: {why}")]
    Unreachable {
        /// What failed, in our words.
        why: String,
        /// No byte of the request had left.
        not_sent: bool,
    },
    /// It took too long.
    #[error("took too long: {why}")]
    Timeout {
        /// Which limit, in our words.
        why: String,
    },
    /// The provider refused the request for a reason of its own.
    #[error("refused the request (HTTP {status}){}", message_suffix(.message.as_deref()))]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// The answer's own `message` member alone, escaped, 200 characters at most, dropped when it holds a value that we sent.
        message: Option<String>,
    },
    /// An answer that cannot be read.
    #[error("gave an answer that cannot be read: {why}")]
    Malformed {
        /// What is wrong with it, in our words.
        why: String,
    },
    /// An answer that something else gave: a gateway, a proxy, a portal, a framework, an interface that was retired.
    #[error("gave an answer that cannot be read: {why}")]
    NotThisService {
        /// The HTTP status.
        status: u16,
        /// What shows it, in our words.
        why: String,
    },
    /// The provider has no such operation.
    #[error("cannot do this: {why}")]
    Unsupported {
        /// What it lacks, in our words.
        why: String,
    },
    /// We refuse: a rule of the profile or the transport.
    #[error("{why}")]
    Policy {
        /// Which rule, in our words.
        why: String,
    },
    /// It was called off.
    #[error("was cancelled")]
    Cancelled,
}

/// A provider's words behind ours.
fn message_suffix(message: Option<&str>) -> String {
    message
        .map(|words| format!(": {words}"))
        .unwrap_or_default()
}

/// What is said of a web page where an answer should be.
pub const WEB_PAGE: &str = "it is not the provider (a web page)";

impl ProviderError {
    /// Why nothing was asked of the provider at all, or somebody else answered in its place: a wait of our own after a
    /// web page, a limit or a refused key, a connection that did not come about, the web page itself. What was to be
    /// read is as unknown as before, and nothing was read in vain.
    pub fn pause_reason(&self) -> Option<PauseReason> {
        match self {
            Self::Unreachable { not_sent: true, .. } => Some(PauseReason::Net),
            Self::NotThisService { why, .. } if why == WEB_PAGE => Some(PauseReason::Net),
            Self::RateLimited { .. } => Some(PauseReason::Rate),
            Self::Unauthorised { .. } | Self::Keyless { .. } | Self::Payment { .. } => {
                Some(PauseReason::Auth)
            }
            _ => None,
        }
    }
}

impl ProviderError {
    /// What is said of it, with the words of the service also where a list of many changes has no room for them.
    pub fn in_full(&self) -> String {
        match self {
            Self::Forbidden { message } => format!("{self}{}", message_suffix(message.as_deref())),
            other => other.to_string(),
        }
    }

    /// Whether the key, or the plan that it stands for, was refused: nothing goes out with it again.
    pub fn is_refused_key(&self) -> bool {
        matches!(self, Self::Unauthorised { .. } | Self::Payment { .. })
    }

    /// The word for JSON, as `surface` has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unauthorised { .. } | Self::Keyless { .. } | Self::Payment { .. } => {
                "unauthorised"
            }
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Rejected { .. } => "rejected",
            Self::Malformed { .. } | Self::NotThisService { .. } => "malformed",
            Self::Unsupported { .. } => "unsupported",
            Self::Policy { .. } => "policy",
            Self::Cancelled => "cancelled",
        }
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unauthorised { .. } => "check this profile's key and plan: stanch doctor",
            Self::Keyless { remedy: how, .. } => how,
            Self::Payment { .. } => {
                "see the plan and its limits at the provider (stanch subscription), or use another key"
            }
            Self::Forbidden { .. } => "ask the provider's administrator for access",
            Self::NotFound { .. } => "check base_url and the key or name that you asked for",
            Self::RateLimited { .. } => "wait, or set rpm lower in the profile",
            Self::Unreachable { .. } => {
                "check base_url, the network and the proxy setting, then try again"
            }
            Self::Timeout { .. } => "try again; a smaller page_size may help on a slow line",
            Self::Rejected { .. } => {
                "the provider's words say why; stanch doctor tests the profile"
            }
            Self::Malformed { .. } | Self::NotThisService { .. } => {
                "check that base_url is the provider's own address, not a login page or proxy"
            }
            Self::Unsupported { .. } => "another provider may be able to",
            Self::Policy { .. } => "see the profile's settings: stanch config show",
            Self::Cancelled => "start it again when you want it",
        }
    }

    /// The exit code that a command ends with when this ended it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unauthorised { .. }
            | Self::Keyless { .. }
            | Self::Payment { .. }
            | Self::Forbidden { .. } => 12,
            Self::NotFound { .. } => 6,
            Self::Unsupported { .. } => 2,
            Self::Policy { .. } => 4,
            Self::Cancelled => 130,
            Self::RateLimited { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Rejected { .. }
            | Self::Malformed { .. }
            | Self::NotThisService { .. } => 5,
        }
    }
}

/// A provider's error with the profile that it happened on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{profile} {}", .error.in_full())]
pub struct ProfileError {
    /// Whose.
    pub profile: ProfileName,
    /// What.
    pub error: ProviderError,
}

/// Why the journal did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Somebody else writes it.
    #[error("another console holds the journal: {holder}")]
    Locked {
        /// User, host, process id and since when.
        holder: String,
    },
    /// It can be read only: damaged, newer, or on a file system without locks.
    #[error("the journal is open for reading only: {why}")]
    ReadOnly {
        /// Why.
        why: String,
    },
    /// The disk is full.
    #[error("the disk is full: the journal cannot be written")]
    Full,
    /// Reading or writing failed.
    #[error("the journal cannot be read or written: {why}")]
    Io {
        /// What failed, in our words, with the path.
        why: String,
    },
    /// Nothing has that number.
    #[error("no job {0}")]
    NoJob(i64),
    /// The plan was confirmed before, or is not the one that was shown.
    #[error("the plan was already used or has changed")]
    StalePlan,
    /// The team store does not answer.
    #[error("the team store cannot be reached: {why}")]
    Unreachable {
        /// What failed, in our words.
        why: String,
    },
    /// A live console runs the job.
    #[error("the job runs at {by}")]
    Held {
        /// Role, host and process.
        by: String,
    },
    /// Another console has taken the job over.
    #[error("the job was taken over by {by}")]
    TakenOver {
        /// Role and host.
        by: String,
    },
    /// The team store refused the role.
    #[error("the team store refused the role: {why}")]
    Forbidden {
        /// What it refused, in our words.
        why: String,
    },
    /// A rule of the team store forbids it: an account at another origin, a store that is there already.
    #[error("{why}")]
    Refused {
        /// Which rule, in our words.
        why: String,
    },
    /// The configuration does not fit the team store.
    #[error("{why}")]
    Misconfigured {
        /// What does not fit, in our words.
        why: String,
    },
    /// The confirmation of the job is too old.
    #[error("the confirmation is older than 24 hours")]
    ConfirmAgain,
    /// The team store lacks what this console has seen in it, or has other events in their place.
    #[error(
        "the team store is older than what this console saw: events {from} to {to} are gone or are not the same"
    )]
    Lost {
        /// First event that is missing.
        from: i64,
        /// Last event that this console saw.
        to: i64,
    },
}

impl JournalError {
    /// The exit code that a command ends with when this ended it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoJob(_) => 6,
            Self::StalePlan | Self::Refused { .. } => 4,
            Self::Locked { .. } | Self::Held { .. } | Self::TakenOver { .. } => 11,
            Self::Lost { .. } => 8,
            Self::Misconfigured { .. } => 2,
            Self::ReadOnly { .. }
            | Self::Full
            | Self::Io { .. }
            | Self::Unreachable { .. }
            | Self::Forbidden { .. }
            | Self::ConfirmAgain => 7,
        }
    }

    /// The word for JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Locked { .. } | Self::Held { .. } | Self::TakenOver { .. } => "locked",
            Self::NoJob(_) => "not_found",
            Self::StalePlan | Self::Refused { .. } => "policy",
            Self::Lost { .. } => "verification",
            Self::Misconfigured { .. } => "config",
            Self::ReadOnly { .. }
            | Self::Full
            | Self::Io { .. }
            | Self::Unreachable { .. }
            | Self::Forbidden { .. }
            | Self::ConfirmAgain => "journal",
        }
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "close the other console, or watch here until it ends",
            Self::ReadOnly { why } => read_only_hint(why),
            Self::Full => "free some space; nothing was sent that the journal does not hold",
            Self::Io { why } if why.contains("team store") || why.contains("store.") => {
                "stanch doctor says what of the team store is wrong, and what to do"
            }
            Self::Io { .. } => "check the state directory's owner, mode and disk",
            Self::NoJob(_) => "stanch jobs list names them",
            Self::StalePlan => "make the plan again",
            Self::Unreachable { .. } => {
                "check [store] and the network: stanch doctor; what was recorded is kept"
            }
            Self::Held { .. } => "wait for it, or take it over: stanch jobs resume ID --take",
            Self::TakenOver { .. } => "stanch jobs show ID shows how it goes on",
            Self::Forbidden { .. } => "ask the store's owner for the role stanch_analyst",
            Self::Refused { .. } => {
                "stanch store status and stanch store account list show what is there"
            }
            Self::Misconfigured { .. } => "see [store]: stanch config show",
            Self::ConfirmAgain => "resume the job: that confirms it again",
            Self::Lost { .. } => {
                "tell the store's owner: a copy was put back or a replica took over; where that is meant, remove team.witness from the state directory"
            }
        }
    }
}

/// What is said of a journal that a newer program wrote.
pub const NEWER_VERSION_REASON: &str = "a newer stanch wrote it";
/// What is said of a journal that is gone while its audit log is there.
pub const MISSING_JOURNAL_REASON: &str =
    "the journal that it belongs to is not; put journal.db back, or move both away";
/// What is said of a journal on a file system of another machine.
pub const NETWORK_FILE_SYSTEM_REASON: &str = "is on a network file system";

/// What can be done about a journal that can only be read. The reason is a sentence of our own, and each kind of reason
/// has a part of it that no other has.
fn read_only_hint(why: &str) -> &'static str {
    if why.contains(NEWER_VERSION_REASON) {
        "use the newer stanch with this state directory; stanch --version says which this one is"
    } else if why.contains(MISSING_JOURNAL_REASON) {
        "put the copy of journal.db back that belongs to this audit log; to begin anew, move the whole state directory away"
    } else if why.contains(NETWORK_FILE_SYSTEM_REASON) {
        "set STANCH_STATE_DIR to a directory on a local disk"
    } else if why.contains("may not be written") {
        "check the owner and mode of the state directory and of what is in it"
    } else if ["damaged", "cut to nothing", "is not a journal"]
        .iter()
        .any(|word| why.contains(word))
    {
        "put a copy of journal.db back that is whole; what is in this one can no longer be trusted"
    } else {
        "set STANCH_STATE_DIR to a directory on a local disk"
    }
}
