//! `stanch verify-domain`: proofs of ownership.

use super::{
    asked, audited,
    connect::{self, Account, Connected},
    entities::{load::Reading, plain, rows},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormatOption},
    session::Session,
};
use crate::{
    entity::{
        error::{ProfileError, ProviderError},
        key::{ProfileName, ProviderId},
        report::{VerificationAnswer, VerificationCall, VerificationRecord, VerificationType},
        text::Text,
        visible,
    },
    export::json,
    journal::AuditRecord,
    provider::DomainVerification,
};
use serde::Serialize;

/// The calls of a proof.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// Ask for what to publish.
    Request(RequestArguments),
    /// Ask the provider to look for it.
    Confirm(ConfirmArguments),
    /// Give the proof up.
    Drop(ProofArguments),
    /// List all proofs.
    Status(ListFormatOption),
}

/// What every proof has.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ProofArguments {
    /// The root domain.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// How.
    #[arg(long = "type", value_name = "TYPE", default_value = "dns", value_parser = super::values::verification())]
    pub how: VerificationType,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `request`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct RequestArguments {
    /// Which proof.
    #[command(flatten)]
    pub proof: ProofArguments,
    /// Have a link mailed to this address of the domain instead, such as postmaster@NAME.
    #[arg(long, value_name = "ADDR")]
    pub email: Option<String>,
    /// Send the mail without asking.
    #[arg(long)]
    pub yes: bool,
}

/// `confirm`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ConfirmArguments {
    /// Which proof.
    #[command(flatten)]
    pub proof: ProofArguments,
    /// Whom the provider shall tell.
    #[arg(long, value_name = "ADDR")]
    pub email: Option<String>,
}

/// Makes, checks, drops or lists proofs.
pub async fn run(session: &mut Session, command: &Command) -> Result<ExitCode, Failure> {
    let command = &normal(session, command)?;
    let Some(line) = line(command) else {
        return call(session, command, None).await;
    };
    let done = call(session, command, Some(&line)).await;
    if let Err(failure) = &done
        && failure.exit == ExitCode::Policy
    {
        audited::refused(session, line, failure).await;
    }
    done
}

/// The same with the domain, and the address that is asked, in their one form.
fn normal(session: &mut Session, command: &Command) -> Result<Command, Failure> {
    let mut command = command.clone();
    let output = &mut session.output;
    match &mut command {
        Command::Request(request) => {
            request.proof.name = asked::domain(output, &request.proof.name)?;
            if let Some(email) = &mut request.email {
                *email = asked::email(output, email)?;
            }
        }
        Command::Drop(proof) => proof.name = asked::domain(output, &proof.name)?,
        Command::Confirm(confirm) => {
            confirm.proof.name = asked::domain(output, &confirm.proof.name)?;
            if let Some(email) = &mut confirm.email {
                *email = asked::email(output, email)?;
            }
        }
        Command::Status(_) => {}
    }
    Ok(command)
}

/// What stands in the audit log of a call that changes something.
fn line(command: &Command) -> Option<AuditRecord> {
    let (action, proof) = match command {
        Command::Request(request) => ("verify_domain_request", &request.proof),
        Command::Confirm(confirm) => ("verify_domain_confirm", &confirm.proof),
        Command::Drop(proof) => ("verify_domain_drop", proof),
        Command::Status(_) => return None,
    };
    let how = match command {
        Command::Request(RequestArguments {
            email: Some(email), ..
        }) => format!("mail to {email}"),
        _ => proof.how.to_string(),
    };
    Some(AuditRecord {
        detail: Some(format!("{}, {how}", proof.name)),
        ..audited::line(action, "asked")
    })
}

async fn call(
    session: &mut Session,
    command: &Command,
    line: Option<&AuditRecord>,
) -> Result<ExitCode, Failure> {
    let changes = !matches!(command, Command::Status(_));
    if changes && session.options.read_only {
        return Err(read_only("--read-only forbids every change"));
    }
    let config = session.config_for_command()?;
    let connected = connect::connect_some(session, &config)?;
    let able = connected.able(|it| it.domain_verification(), "takes proofs of ownership")?;
    let (call, format) = match command {
        Command::Status(options) => return status(session, &connected, &able, *options).await,
        Command::Request(arguments) => (
            VerificationCall::Request {
                domain: arguments.proof.name.clone(),
                how: arguments.proof.how,
                email: arguments.email.clone(),
            },
            arguments.proof.format.format,
        ),
        Command::Confirm(arguments) => (
            VerificationCall::Confirm {
                domain: arguments.proof.name.clone(),
                how: arguments.proof.how,
                email: arguments.email.clone(),
            },
            arguments.proof.format.format,
        ),
        Command::Drop(arguments) => (
            VerificationCall::Drop {
                domain: arguments.name.clone(),
                how: arguments.how,
            },
            arguments.format.format,
        ),
    };
    let [(profile, proofs)] = able[..] else {
        let names: Vec<_> = able.iter().map(|(p, _)| p.binding.name.as_str()).collect();
        return Err(Failure::new(
            FailureKind::Usage,
            format!("several profiles could do this: {}", names.join(", ")),
            "say which with --profile NAME",
        ));
    };
    if profile.read_only {
        return Err(read_only("the profile is read-only"));
    }
    if let Command::Request(arguments) = command {
        may_mail(session, arguments)?;
    }
    let answer = match line {
        Some(line) => {
            let line = AuditRecord {
                profile: Some(profile.binding.name.clone()),
                ..line.clone()
            };
            let asked = proofs.verify(&call);
            audited::around(session, line, asked).await?
        }
        None => proofs.verify(&call).await,
    };
    let answer = answer.map_err(|error| {
        Failure::from(&ProfileError {
            profile: profile.binding.name.clone(),
            error,
        })
    })?;
    print(session, format, &answer);
    Ok(ExitCode::Done)
}

/// Asks before somebody else gets a mail.
fn may_mail(session: &mut Session, arguments: &RequestArguments) -> Result<(), Failure> {
    let Some(email) = arguments.email.as_ref().filter(|_| !arguments.yes) else {
        return Ok(());
    };
    let refused = |why: &str| {
        Err(Failure::new(
            FailureKind::Policy,
            format!("{why}; nothing was sent"),
            "--yes sends the mail without asking",
        ))
    };
    if !session.output.can_ask() {
        return refused(
            "a mail to somebody else is sent after a question, and there is no terminal",
        );
    }
    let shown = visible::escape(email.as_bytes());
    let question = format!(
        "mail a link for {} to {}? [y/N] ",
        arguments.proof.name,
        shown.as_str()
    );
    session.output.ask(&question);
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "yes") {
        return Ok(());
    }
    refused("the mail was not confirmed")
}

fn read_only(why: &str) -> Failure {
    Failure::new(
        FailureKind::Policy,
        why,
        "verify-domain status only reads; it works all the same",
    )
}

#[derive(Serialize)]
struct Requested<'a> {
    domain: &'a Text,
    #[serde(rename = "type")]
    how: VerificationType,
    string: &'a Text,
    publish: &'a str,
}

#[derive(Serialize)]
struct Done<'a> {
    domain: &'a Text,
    message: &'a Text,
}

fn print(session: &mut Session, format: Format, answer: &VerificationAnswer) {
    let output = &mut session.output;
    match (answer, format) {
        (
            VerificationAnswer::Requested {
                domain,
                how,
                string,
                publish,
            },
            Format::Json,
        ) => {
            let body = Requested {
                domain,
                how: *how,
                string,
                publish,
            };
            output.json(&json::answer("verification", body));
        }
        (
            VerificationAnswer::Requested {
                domain,
                how,
                string,
                publish,
            },
            Format::Table,
        ) => output.fields(&[
            ("domain", rows::text(domain)),
            ("type", rows::word(how)),
            ("proof", rows::text(string)),
            ("publish", rows::word(publish)),
        ]),
        (VerificationAnswer::Done { domain, message }, Format::Json) => {
            output.json(&json::answer("verification", Done { domain, message }));
        }
        (VerificationAnswer::Done { domain, message }, Format::Table) => output.fields(&[
            ("domain", rows::text(domain)),
            ("message", rows::text(message)),
        ]),
        (VerificationAnswer::List(records), _) => {
            // A provider answers a list to `status` alone.
            output.json(&json::answer("items", records));
        }
    }
}

/// A proof, and whose.
#[derive(Serialize)]
struct Proof {
    profile: ProfileName,
    provider: ProviderId,
    #[serde(flatten)]
    record: VerificationRecord,
}

async fn status(
    session: &mut Session,
    connected: &Connected,
    able: &[Account<'_, dyn DomainVerification + '_>],
    options: ListFormatOption,
) -> Result<ExitCode, Failure> {
    let (mut items, mut reading) = (Vec::new(), Reading::default());
    for (profile, proofs) in able {
        match proofs.verify(&VerificationCall::Status).await {
            Ok(VerificationAnswer::List(records)) => {
                let count = records.len() as u64;
                reading.add(profile, count, Some(count), None);
                items.extend(records.into_iter().map(|record| Proof {
                    profile: profile.binding.name.clone(),
                    provider: profile.binding.provider.clone(),
                    record,
                }));
            }
            Ok(VerificationAnswer::Requested { .. } | VerificationAnswer::Done { .. }) => {
                let error = ProviderError::Malformed {
                    why: "it is no list of proofs".to_owned(),
                };
                reading.add(profile, 0, None, Some(&error));
            }
            Err(error) => reading.add(profile, 0, None, Some(&error)),
        }
    }
    reading.miss(&connected.missing);
    plain::list(
        &mut session.output,
        options.format,
        &items,
        &reading,
        &[
            "profile",
            "domain",
            "status",
            "type",
            "string",
            "created_at",
            "attempts",
            "last_attempt_at",
        ],
        cells,
    );
    reading.end()
}

fn cells(proof: &Proof) -> Vec<Vec<u8>> {
    let record = &proof.record;
    let text = |text: &Option<Text>| {
        text.as_ref()
            .map_or_else(Vec::new, |t| t.as_bytes().to_vec())
    };
    vec![
        proof.profile.as_str().as_bytes().to_vec(),
        record.domain.as_bytes().to_vec(),
        record.status.as_bytes().to_vec(),
        text(&record.how),
        text(&record.string),
        text(&record.created_at),
        record
            .attempts
            .map_or_else(Vec::new, |count| count.to_string().into_bytes()),
        text(&record.last_attempt_at),
    ]
}
