//! What is asked for, in the one form of it; and words that several accounts may know: each once, and one account's
//! failure never hides what another says.

use super::{
    check,
    connect::Account,
    entities::{load, rows},
    exit::ExitCode,
    failure::Failure,
    format::Format,
    output::Output,
};
use crate::{
    entity::{
        error::ProviderError,
        lookup::input::{self, Refusal},
        profile::Profile,
        text::Text,
    },
    export::json,
};
use std::collections::BTreeSet;

/// An address to ask for; it is told where that is not what was typed.
pub(super) fn email(output: &mut Output, typed: &str) -> Result<String, Failure> {
    told(output, typed, input::email(typed))
}

/// A domain to ask for; it is told where that is not what was typed.
pub(super) fn domain(output: &mut Output, typed: &str) -> Result<String, Failure> {
    told(output, typed, input::domain(typed))
}

/// A name of a catalogue to ask for; it is told where that is not what was typed.
pub(super) fn name(output: &mut Output, typed: &str) -> Result<String, Failure> {
    told(output, typed, input::name(typed))
}

fn told(
    output: &mut Output,
    typed: &str,
    asked: Result<String, Refusal>,
) -> Result<String, Failure> {
    let asked = asked.map_err(|refusal| check::refused(&refusal))?;
    if let Some(words) = input::told(typed, &asked) {
        output.notice(&words);
    }
    Ok(asked)
}

/// What was answered so far.
#[derive(Debug, Default)]
pub(super) struct Asked {
    words: BTreeSet<Text>,
    failures: Vec<Failure>,
    answered: bool,
    /// Of accounts whose provider has no such list: no failure where another account has one.
    unable: Vec<Failure>,
}

impl Asked {
    /// Adds one account's answer.
    pub(super) fn add(&mut self, profile: &Profile, answer: Result<Vec<Text>, ProviderError>) {
        match answer {
            Ok(words) => {
                self.answered = true;
                self.words.extend(words);
            }
            Err(error) => {
                let failure = load::of_list(&profile.binding.name, &error);
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
            Format::Json => output.json(&json::answer("items", &self.words)),
            Format::Table => {
                for word in &self.words {
                    output.text(&format!("{}\n", rows::text(word).as_str()));
                }
                attribution(output, accounts);
            }
        }
    }

    /// The end of a command whose result is printed.
    pub(super) fn end(mut self, output: &mut Output) -> Result<ExitCode, Failure> {
        if !self.answered {
            self.failures.append(&mut self.unable);
        }
        end(output, &self.failures)
    }
}

/// The end of a command after its result: the failure that needs a person first; the others are told beside it.
pub(super) fn end(output: &mut Output, failures: &[Failure]) -> Result<ExitCode, Failure> {
    let worst = failures.iter().cloned().map(Some).fold(None, load::worse);
    for failure in failures {
        if Some(failure) != worst.as_ref() {
            output.notice(&format!("stanch: {}", failure.message));
        }
    }
    worst.map_or(Ok(ExitCode::Done), Err)
}

/// Whose data it was, after a table.
pub(super) fn attribution<T: ?Sized>(output: &mut Output, accounts: &[Account<'_, T>]) {
    let lines: BTreeSet<_> = accounts
        .iter()
        .filter_map(|(profile, _)| profile.attribution.as_deref())
        .collect();
    for line in lines {
        output.text(&format!("\n{}\n", rows::word(line).as_str()));
    }
}
