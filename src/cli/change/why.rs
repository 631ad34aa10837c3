//! Why changes are made: reason, note and ticket.

use crate::entity::claim::{self, LONGEST_WORDS, Words};

/// Why changes are made.
#[derive(Clone, Debug, PartialEq, Eq, Default, clap::Args)]
#[group(skip)]
pub struct WordsOptions {
    /// The reason; kept with the job and with each leak.
    #[arg(long, value_name = "TEXT", value_parser = within)]
    pub reason: Option<String>,
    /// A note; kept with the job and with each leak.
    #[arg(long, value_name = "TEXT", value_parser = within)]
    pub note: Option<String>,
    /// A ticket's number; kept with the job and with each leak.
    #[arg(long, value_name = "TEXT", value_parser = within)]
    pub ticket: Option<String>,
}

impl WordsOptions {
    /// What was said; blanks are nothing.
    pub fn words(&self) -> Words {
        let word = |word: &Option<String>| word.as_deref().and_then(claim::said);
        Words {
            reason: word(&self.reason),
            note: word(&self.note),
            ticket: word(&self.ticket),
        }
    }
}

fn within(text: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST_WORDS {
        return Err(format!("at most {LONGEST_WORDS} characters"));
    }
    Ok(text.to_owned())
}
