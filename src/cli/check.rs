//! `stanch check`: whether something is known to be leaked. Addresses and domains are arguments; passwords, cards and
//! numbers are read from standard input and never printed.

mod report;

use self::report::Report;
use super::{
    accounts::{self, Account},
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption},
    output::Output,
    secret_input,
};
use crate::entity::lookup::{
    Lookup, LookupKind,
    input::{self, Refusal},
};
use crate::provider::LookupSource;
use std::ffi::OsString;

/// What is looked up.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// An address: every account operation there is.
    Email(EmailArguments),
    /// A domain: its addresses that are known to be breached.
    Domain(DomainArguments),
    /// A password, from standard input; five characters of its hash are sent.
    Password(PasswordArguments),
    /// A card number, from standard input.
    Card(SecretArguments),
    /// The last four digits of a social security number, from standard input.
    Ssn(SecretArguments),
}

/// `email`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct EmailArguments {
    /// The address.
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `domain`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct DomainArguments {
    /// The domain.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `password`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct PasswordArguments {
    /// Look for the hash that Windows keeps of it (NTLM) instead of its SHA-1.
    #[arg(long)]
    pub ntlm: bool,
    /// What every secret has.
    #[command(flatten)]
    pub secret: SecretArguments,
}

/// `card` and `ssn`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct SecretArguments {
    /// Nothing: a secret comes from standard input. What is given all the same is refused without being quoted.
    #[arg(hide = true, allow_hyphen_values = true, value_name = "VALUE")]
    pub refused: Vec<OsString>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

impl Command {
    fn kind(&self) -> LookupKind {
        match self {
            Self::Email(_) => LookupKind::Email,
            Self::Domain(_) => LookupKind::Domain,
            Self::Password(_) => LookupKind::Password,
            Self::Card(_) => LookupKind::Card,
            Self::Ssn(_) => LookupKind::Ssn,
        }
    }

    fn format(&self) -> FormatOption {
        match self {
            Self::Email(arguments) => arguments.format,
            Self::Domain(arguments) => arguments.format,
            Self::Password(arguments) => arguments.secret.format,
            Self::Card(arguments) | Self::Ssn(arguments) => arguments.format,
        }
    }

    /// Why these arguments are refused: a secret is among them.
    pub(super) fn refusal(&self) -> Option<(String, String)> {
        let arguments = match self {
            Self::Password(arguments) => &arguments.secret,
            Self::Card(arguments) | Self::Ssn(arguments) => arguments,
            Self::Email(_) | Self::Domain(_) => return None,
        };
        if arguments.refused.is_empty() {
            return None;
        }
        let kind = self.kind();
        Some((
            format!(
                "{} is never an argument: the shell's history and other programs would see it",
                name(kind)
            ),
            format!(
                "run stanch check {kind} on a terminal to be asked for it, or give it on standard input"
            ),
        ))
    }
}

fn name(kind: LookupKind) -> &'static str {
    match kind {
        LookupKind::Email => "an address",
        LookupKind::Domain => "a domain",
        LookupKind::Password => "a password",
        LookupKind::Card => "a card number",
        LookupKind::Ssn => "a social security number",
    }
}

/// Looks something up at every profile that can.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    let connected = accounts::connect_required(session, &config)?;
    let able = connected.supporting(|it| it.lookup(), "looks anything up")?;
    let lookup = read_lookup(&mut session.output, command)?;
    // A number of four digits would be found in every date of the log; it is not logged, like the others.
    if let Lookup::Password(secret) | Lookup::Ntlm(secret) | Lookup::Card(secret) = &lookup {
        connected.secrets.add(secret);
    }
    look_up(&mut session.output, &able, lookup, command.format().format).await
}

/// Asks, and says what came of it. What was looked up is zeroed before anything is printed.
async fn look_up(
    output: &mut Output,
    accounts: &[Account<'_, dyn LookupSource + '_>],
    lookup: Lookup,
    format: Format,
) -> Result<ExitCode, Failure> {
    let report = query_accounts(accounts, &lookup).await;
    drop(lookup);
    report.print(output, format);
    report.finish(output)
}

/// Asks one account after the other; what one cannot tell, another may.
async fn query_accounts(
    accounts: &[Account<'_, dyn LookupSource + '_>],
    lookup: &Lookup,
) -> Report {
    let mut report = Report::for_lookup(lookup);
    for (profile, source) in accounts {
        let answers = source.look_up(lookup).await;
        report.add(profile, answers);
    }
    report
}

/// What is looked up, read and checked; nothing is sent for what cannot be right.
fn read_lookup(output: &mut Output, command: &Command) -> Result<Lookup, Failure> {
    let kind = command.kind();
    let lookup = match command {
        Command::Email(arguments) => input::parse_lookup(kind, &arguments.address),
        Command::Domain(arguments) => input::parse_lookup(kind, &arguments.name),
        Command::Password(_) => {
            input::parse_secret(kind, &secret_input::read(output, "password: ")?)
        }
        Command::Card(_) => {
            input::parse_secret(kind, &secret_input::read(output, "card number: ")?)
        }
        Command::Ssn(_) => {
            input::parse_secret(kind, &secret_input::read(output, "last four digits: ")?)
        }
    };
    match (lookup, command) {
        (Ok(Lookup::Password(secret)), Command::Password(arguments)) if arguments.ntlm => {
            Ok(Lookup::Ntlm(secret))
        }
        (lookup, _) => lookup.map_err(|refusal| refusal_failure(&refusal)),
    }
}

/// What was given cannot be looked up: nothing was sent.
pub(super) fn refusal_failure(refusal: &Refusal) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("{}; nothing was sent", refusal.message),
        refusal.hint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::test_provider::{self, ScriptedProvider},
        entity::{
            breach::{Breach, Paste},
            error::ProviderError,
            lookup::{EvidenceGrade, Finding, LookupAnswer, Verdict},
            secret::Secret,
        },
    };
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn finding(verdict: Verdict) -> Finding {
        Finding {
            verdict,
            count: None,
            breaches: Vec::new(),
            pastes: Vec::new(),
            accounts: Vec::new(),
            note: None,
            evidence: EvidenceGrade::Answered,
            message: None,
        }
    }

    fn answered(operation: &'static str, result: Result<Finding, ProviderError>) -> LookupAnswer {
        LookupAnswer { operation, result }
    }

    fn with(lookup: Vec<LookupAnswer>) -> Arc<ScriptedProvider> {
        Arc::new(ScriptedProvider {
            lookup,
            ..ScriptedProvider::default()
        })
    }

    /// What was printed as the result, what beside it, and how it ended.
    async fn told(
        fakes: &[(&str, &Arc<ScriptedProvider>)],
        lookup: Lookup,
        format: Format,
    ) -> (String, String, Result<ExitCode, Failure>) {
        let (mut output, out, err) = Output::in_memory();
        let connected = test_provider::accounts(fakes);
        let able = connected.supporting(|it| it.lookup(), "").unwrap();
        let end = look_up(&mut output, &able, lookup, format).await;
        output.flush();
        (out.text(), err.text(), end)
    }

    fn check(text: &str) -> Value {
        let answer: Value = serde_json::from_str(text).unwrap();
        assert_eq!(answer["schema"], 1);
        answer["check"].clone()
    }

    #[tokio::test]
    async fn an_address_has_an_answer_of_every_operation() {
        let adobe = Breach {
            name: "Adobe".into(),
            title: Some("Adobe".into()),
            data_classes: vec!["Passwords".into(), "E-mail\u{202e}".into()],
            ..Breach::default()
        };
        let one = with(vec![
            answered(
                "breachedaccount",
                Ok(Finding {
                    breaches: vec![
                        Breach {
                            name: "Adobe".into(),
                            ..Breach::default()
                        },
                        adobe,
                    ],
                    pastes: vec![Paste {
                        source: "Pastebin".into(),
                        id: "x1".into(),
                        ..Paste::default()
                    }],
                    ..finding(Verdict::Found)
                }),
            ),
            answered("pasteaccount", Ok(finding(Verdict::Clean))),
        ]);
        let lookup = || Lookup::Email("a@b.example".to_owned());
        let (out, err, end) = told(&[("one", &one)], lookup(), Format::Json).await;
        assert_eq!((end.unwrap(), &err[..]), (ExitCode::Done, ""));
        let check = check(&out);
        let names: Vec<_> = check.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            names,
            [
                "answers",
                "asked",
                "attribution",
                "count",
                "note",
                "shown",
                "verdict",
                "what"
            ]
        );
        assert_eq!(
            [&check["what"], &check["verdict"], &check["shown"]],
            [&json!("email"), &json!("found"), &json!("a@b.example")]
        );
        assert_eq!(check["asked"], "a@b.example");
        assert_eq!(
            (&check["count"], &check["note"], &check["attribution"]),
            (&json!(1), &Value::Null, &json!("Whose it is"))
        );
        let first = &check["answers"][0];
        assert_eq!(
            (&first["profile"], &first["operation"], &first["error"]),
            (&json!("one"), &json!("breachedaccount"), &Value::Null)
        );
        assert_eq!(first["breaches"][1]["title"], "Adobe");
        assert_eq!(first["pastes"][0]["source"], "Pastebin");
        assert_eq!(check["answers"][1]["verdict"], "clean");
        let (out, _, _) = told(&[("one", &one)], lookup(), Format::Table).await;
        for part in ["found", "breachedaccount", "Pastebin", "Whose it is"] {
            assert!(out.contains(part), "{part}: {out}");
        }
        assert!(!out.contains('\u{202e}'), "{out}");
    }

    #[tokio::test]
    async fn an_answer_that_proves_nothing_is_inconclusive_and_no_failure() {
        let one = with(vec![answered(
            "pwnedpasswords",
            Ok(finding(Verdict::Inconclusive)),
        )]);
        let lookup = Lookup::Password(Secret::from("hunter2".to_owned()));
        let (out, err, end) = told(&[("one", &one)], lookup, Format::Json).await;
        assert_eq!((end.unwrap(), &err[..]), (ExitCode::Done, ""));
        let check = check(&out);
        assert_eq!(
            (&check["verdict"], &check["shown"], &check["count"]),
            (&json!("inconclusive"), &Value::Null, &Value::Null)
        );
        assert!(check["note"].as_str().unwrap().contains("proves nothing"));
        assert!(!out.contains("hunter2"));
        assert_eq!(one.requests(), ["lookup password"]);
    }

    #[tokio::test]
    async fn an_answer_that_is_no_evidence_is_told_and_ends_with_a_failure() {
        for (evidence, exit) in [
            (EvidenceGrade::Answered, None),
            (EvidenceGrade::NotFound, None),
            (EvidenceGrade::Refused, Some(5)),
            (EvidenceGrade::NotThisService, Some(5)),
            (EvidenceGrade::Unreadable, Some(5)),
            (EvidenceGrade::Contradictory, Some(5)),
        ] {
            let one = with(vec![answered(
                "a",
                Ok(Finding {
                    evidence,
                    message: Some("why it is so".to_owned()),
                    ..finding(Verdict::Clean)
                }),
            )]);
            let lookup = Lookup::Email("a@b.example".to_owned());
            let (out, _, end) = told(&[("one", &one)], lookup, Format::Json).await;
            let check = check(&out);
            let verdict = exit.map_or("clean", |_| "inconclusive");
            assert_eq!(check["verdict"], verdict);
            assert_eq!(check["answers"][0]["verdict"], verdict);
            assert_eq!(check["answers"][0]["evidence"], evidence.to_string());
            assert_eq!(check["answers"][0]["message"], "why it is so");
            let ended = end.err().map(|failure| failure.exit.code());
            assert_eq!(ended, exit, "{evidence}");
        }
    }

    #[tokio::test]
    async fn a_card_is_masked_and_four_digits_are_said_to_say_little() {
        let found = || {
            with(vec![answered(
                "breachedcc",
                Ok(Finding {
                    count: Some(3),
                    ..finding(Verdict::Found)
                }),
            )])
        };
        for format in [Format::Json, Format::Table] {
            let secret = |kind, text: &str| {
                input::parse_secret(kind, &Secret::from(text.to_owned())).unwrap()
            };
            let card = secret(LookupKind::Card, "5555555555554444");
            let (out, err, _) = told(&[("one", &found())], card, format).await;
            assert!(out.contains("****-****-****-4444"), "{out}");
            assert!(!out.contains("55") && !err.contains('5'), "{out}{err}");
            let ssn = secret(LookupKind::Ssn, "6789");
            let (out, err, _) = told(&[("one", &found())], ssn, format).await;
            assert!(out.contains("one person in ten thousand"), "{out}");
            assert!(!out.contains("6789") && !err.contains("6789"));
        }
    }

    #[tokio::test]
    async fn one_account_that_does_not_answer_hides_no_other_and_ends_with_its_code() {
        let (clean, broken, other) = (
            with(vec![answered("a", Ok(finding(Verdict::Clean)))]),
            with(vec![answered("a", Err(ProviderError::Cancelled))]),
            with(vec![answered(
                "a",
                Err(ProviderError::Unsupported { why: "x".into() }),
            )]),
        );
        let lookup = || Lookup::Domain("acme.example".to_owned());
        let fakes = [("clean", &clean), ("broken", &broken)];
        let (out, _, end) = told(&fakes, lookup(), Format::Json).await;
        let check = check(&out);
        assert_eq!(check["verdict"], "inconclusive");
        assert_eq!(check["answers"][0]["verdict"], "clean");
        assert_eq!(check["answers"][1]["error"]["kind"], "cancelled");
        assert_eq!(end.unwrap_err().profile.as_deref(), Some("broken"));
        // What an account does not offer leaves nothing open.
        let fakes = [("clean", &clean), ("other", &other)];
        let (out, _, end) = told(&fakes, lookup(), Format::Json).await;
        assert_eq!(super::tests::check(&out)["verdict"], "clean");
        assert_eq!(end.unwrap(), ExitCode::Done);
        let (_, _, end) = told(&[("other", &other)], lookup(), Format::Json).await;
        assert_eq!(end.unwrap_err().exit, ExitCode::Usage);
    }
}
