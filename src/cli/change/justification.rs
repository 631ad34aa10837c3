//! Why changes are made: reason, note and ticket.

use crate::entity::claim::{self, Justification, MAX_JUSTIFICATION_CHARS};

/// Why changes are made.
#[derive(Clone, Debug, PartialEq, Eq, Default, clap::Args)]
#[group(skip)]
pub struct JustificationOptions {
    /// The reason; kept with the job and with each leak.
    #[arg(long, value_name = "TEXT", value_parser = check_length)]
    pub reason: Option<String>,
    /// A note; kept with the job and with each leak.
    #[arg(long, value_name = "TEXT", value_parser = check_length)]
    pub note: Option<String>,
    /// A ticket's number; kept with the job and with each leak.
    #[arg(long, value_name = "TEXT", value_parser = check_length)]
    pub ticket: Option<String>,
}

impl JustificationOptions {
    /// What was said; blanks are nothing.
    pub fn justification(&self) -> Justification {
        let word = |word: &Option<String>| word.as_deref().and_then(claim::non_blank);
        Justification {
            reason: word(&self.reason),
            note: word(&self.note),
            ticket: word(&self.ticket),
        }
    }
}

fn check_length(text: &str) -> Result<String, String> {
    if text.chars().count() > MAX_JUSTIFICATION_CHARS {
        return Err(format!("at most {MAX_JUSTIFICATION_CHARS} characters"));
    }
    Ok(text.to_owned())
}
