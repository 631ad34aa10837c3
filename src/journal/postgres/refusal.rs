//! What the server refuses, and what breaks on the way to it, in the journal's own words.

use crate::entity::{error::JournalError, key::JobId, visible};

/// Why a call did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// The server does not answer, or the connection broke.
    Gone(String),
    /// It takes no more connections, of anybody or of this login.
    Crowded {
        /// The login has as many as it may.
        of_login: bool,
    },
    /// Another call stood in the way.
    Clash,
    /// The server lacks what it had committed for this console.
    Lost {
        /// Number of its newest event.
        head: i64,
    },
    /// The server refused it.
    Refused {
        /// SQLSTATE.
        code: String,
        /// Its words, as they came.
        message: String,
    },
}

impl From<&tokio_postgres::Error> for CallError {
    fn from(error: &tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Gone(reason(error));
        };
        let code = db.code().code();
        match code {
            "53300" => Self::Crowded {
                // Its words are in the server's own language; which check it was is not.
                of_login: db.routine() == Some("InitializeSessionUserId"),
            },
            "57P01" | "57P02" | "57P03" => Self::Gone("it is restarting".to_owned()),
            // The functions of the store never answer so: the server takes no connections for this database.
            "55000" => Self::Gone("it takes no connections now".to_owned()),
            _ if code.starts_with("08") => Self::Gone("the connection broke".to_owned()),
            "40001" | "40P01" | "55P03" | "57014" => Self::Clash,
            // The same request on a connection that broke is still being carried out.
            "23505"
                if db
                    .constraint()
                    .is_some_and(|name| name.ends_with("_console_n_key")) =>
            {
                Self::Clash
            }
            code => Self::Refused {
                code: code.to_owned(),
                message: db.message().to_owned(),
            },
        }
    }
}

/// What broke, without the server's address.
fn reason(error: &tokio_postgres::Error) -> String {
    let mut source = std::error::Error::source(error);
    let mut last = error.to_string();
    while let Some(inner) = source {
        last = inner.to_string();
        source = inner.source();
    }
    server_text(&last)
}

impl CallError {
    /// The error of the journal; `about` is the job that the call was for.
    pub(super) fn into_journal(self, about: Option<JobId>) -> JournalError {
        let (code, message) = match self {
            Self::Gone(why) => return JournalError::Unreachable { why },
            Self::Crowded { of_login } => {
                let why = if of_login {
                    "it takes no more connections of this login (its CONNECTION LIMIT)"
                } else {
                    "it takes no more connections (its max_connections)"
                };
                return JournalError::Unreachable {
                    why: why.to_owned(),
                };
            }
            Self::Clash => {
                let why = "the team store is busy".to_owned();
                return JournalError::Io { why };
            }
            Self::Lost { head } => {
                return JournalError::Lost {
                    from: head + 1,
                    to: head + 1,
                };
            }
            Self::Refused { code, message } => (code, message),
        };
        let text = server_text(&message);
        let job = about.map_or(0, |job| job.0);
        match &code[..] {
            "ST001" => JournalError::TakenOver {
                by: "another console".to_owned(),
            },
            "ST002" => forbidden("this console is not known there"),
            "ST003" => JournalError::ReadOnly {
                why: format!("the team store wants another stanch: interface {text}"),
            },
            "ST004" => io(
                "the database runs every transaction serializable; ALTER DATABASE … SET default_transaction_isolation = 'read committed'",
            ),
            "ST005" => io(&format!(
                "job {job} has {text}; nothing more is recorded for it"
            )),
            "ST006" => JournalError::NoJob(job),
            "ST007" => JournalError::StalePlan,
            "ST008" => io(&format!("job {job}: out of order: {text}")),
            "ST009" => JournalError::Held { by: text },
            "ST011" => JournalError::ConfirmAgain,
            "ST012" => JournalError::Refused {
                why: account_elsewhere(&message),
            },
            "25006" => JournalError::ReadOnly {
                why: "the team store is read-only (a replica?)".to_owned(),
            },
            "42501" => forbidden("it may not do this"),
            "28000" | "28P01" => forbidden("the login was refused"),
            "3D000" => io("there is no such database at the team store"),
            "3F000" | "42P01" | "42883" => io(
                "the team store's schema is not there or older; its owner runs stanch store init or stanch store migrate",
            ),
            "53100" => JournalError::Full,
            _ => io(&format!("the team store answered {code}: {text}")),
        }
    }
}

fn io(why: &str) -> JournalError {
    JournalError::Io {
        why: why.to_owned(),
    }
}

fn forbidden(why: &str) -> JournalError {
    JournalError::Forbidden {
        why: why.to_owned(),
    }
}

fn account_elsewhere(message: &str) -> String {
    let told: serde_json::Value = serde_json::from_str(message).unwrap_or_default();
    let member = |name: &str| {
        server_text(
            told.get(name)
                .and_then(|value| value.as_str())
                .unwrap_or_default(),
        )
    };
    let team = member("team");
    let team = if team.is_empty() {
        String::new()
    } else {
        format!(", team {team}")
    };
    format!(
        "account {} of this store is {}{team}; this profile says something else",
        member("account"),
        member("origin"),
    )
}

/// A text of the server, made printable and short.
pub(super) fn server_text(text: &str) -> String {
    const LONGEST: usize = 200;
    let short: String = text.chars().take(LONGEST).collect();
    let cut = if short.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", visible::escape(short.as_bytes()).as_str())
}
