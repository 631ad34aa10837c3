//! What is asked for, in the one form of it; and words that several accounts may know: each once, and one account's
//! failure never hides what another says.

use super::{
    accounts::Account,
    check,
    entities::{load, rows},
    exit::ExitCode,
    failure::Failure,
    format::Format,
    output::Output,
};
use crate::{
    entity::{
        error::ProviderError,
        key::{ProfileName, ProviderId},
        lookup::input::{self, Refusal},
        profile::Profile,
        raw_text::RawText,
    },
    export::json,
};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;

/// What an account knows, and whose it is. In JSON its members stand beside those of the account.
#[derive(Serialize)]
#[serde(bound = "T: JsonMembers")]
pub(super) struct Attributed<T> {
    pub(super) profile: ProfileName,
    provider: ProviderId,
    #[serde(flatten, serialize_with = "serialize_members")]
    pub(super) item: T,
    pub(super) attribution: Option<String>,
}

/// What has members in JSON.
pub(super) trait JsonMembers {
    /// Returns its members.
    fn members(&self) -> impl Serialize + '_;
}

fn serialize_members<T: JsonMembers, S: Serializer>(
    item: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    item.members().serialize(serializer)
}

impl<T> Attributed<T> {
    /// What the account of a profile knows.
    pub(super) fn new(profile: &Profile, item: T) -> Self {
        Self {
            profile: profile.binding.name.clone(),
            provider: profile.binding.provider.clone(),
            item,
            attribution: profile.attribution.clone(),
        }
    }
}

/// An address to ask for; it is told where that is not what was typed.
pub(super) fn normalize_email(output: &mut Output, typed: &str) -> Result<String, Failure> {
    report_normalized(output, typed, input::parse_email(typed))
}

/// A domain to ask for; it is told where that is not what was typed.
pub(super) fn with_verification(output: &mut Output, typed: &str) -> Result<String, Failure> {
    report_normalized(output, typed, input::parse_domain(typed))
}

/// A name of a catalogue to ask for; it is told where that is not what was typed.
pub(super) fn normalize_name(output: &mut Output, typed: &str) -> Result<String, Failure> {
    report_normalized(output, typed, input::parse_name(typed))
}

fn report_normalized(
    output: &mut Output,
    typed: &str,
    asked: Result<String, Refusal>,
) -> Result<String, Failure> {
    let asked = asked.map_err(|refusal| check::refusal_failure(&refusal))?;
    if let Some(words) = input::changed_text(typed, &asked) {
        output.notice(&words);
    }
    Ok(asked)
}

/// What was answered so far.
#[derive(Debug, Default)]
pub(super) struct MergedList {
    values: BTreeSet<RawText>,
    failures: Vec<Failure>,
    answered: bool,
    /// Of accounts whose provider has no such list: no failure where another account has one.
    unable: Vec<Failure>,
}

impl MergedList {
    /// Adds one account's answer.
    pub(super) fn add(&mut self, profile: &Profile, answer: Result<Vec<RawText>, ProviderError>) {
        match answer {
            Ok(words) => {
                self.answered = true;
                self.values.extend(words);
            }
            Err(error) => {
                let failure = load::list_failure(&profile.binding.name, &error);
                match error {
                    ProviderError::Unsupported { .. } => self.unable.push(failure),
                    _ => self.failures.push(failure),
                }
            }
        }
    }

    /// Prints the words, one a line or as `items`.
    pub(super) fn print<T: ?Sized>(
        &self,
        output: &mut Output,
        format: Format,
        accounts: &[Account<'_, T>],
    ) {
        match format {
            Format::Json => output.json(&json::answer("items", &self.values)),
            Format::Table => {
                for word in &self.values {
                    output.text(&format!("{}\n", rows::text(word).as_str()));
                }
                if self.answered {
                    print_attribution(output, accounts);
                }
            }
        }
    }

    /// The end of a command whose result is printed.
    pub(super) fn finish(mut self, output: &mut Output) -> Result<ExitCode, Failure> {
        if !self.answered {
            self.failures.append(&mut self.unable);
        }
        finish(output, &self.failures)
    }
}

/// The end of a command after its result: the failure that needs a person first; the others are told beside it.
pub(super) fn finish(output: &mut Output, failures: &[Failure]) -> Result<ExitCode, Failure> {
    let worst = failures
        .iter()
        .cloned()
        .map(Some)
        .fold(None, load::more_severe);
    for failure in failures {
        if Some(failure) != worst.as_ref() {
            output.notice(&format!("stanch: {}", failure.message));
        }
    }
    worst.map_or(Ok(ExitCode::Done), Err)
}

/// Whose data it was, after a table.
pub(super) fn print_attribution<T: ?Sized>(output: &mut Output, accounts: &[Account<'_, T>]) {
    let lines = accounts
        .iter()
        .filter_map(|(profile, _)| profile.attribution.as_deref());
    print_sources(output, lines);
}

/// Names whoever must be named, each once.
pub(super) fn print_sources<'a>(output: &mut Output, lines: impl Iterator<Item = &'a str>) {
    for line in lines.collect::<BTreeSet<_>>() {
        output.text(&format!("\n{}\n", rows::printable(line).as_str()));
    }
}
