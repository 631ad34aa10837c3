//! `stanch verify-domain`: proofs of ownership.

use super::{
    accounts::{self, Account, Accounts},
    audit_line,
    context::CommandContext,
    entities::{load::LoadReport, rows, value_list},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormatOption},
    merged_list,
};
use crate::{
    entity::{
        account::{
            VerificationRecord, VerificationRequest, VerificationResponse, VerificationType,
        },
        error::{ProfileError, ProviderError},
        key::{ProfileName, ProviderId},
        raw_text::RawText,
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
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    let command = &normalize(session, command)?;
    let Some(line) = audit_record(command) else {
        return call(session, command, None).await;
    };
    let done = call(session, command, Some(&line)).await;
    if let Err(failure) = &done
        && failure.exit == ExitCode::Policy
    {
        audit_line::write_refusal(session, line, failure).await;
    }
    done
}

/// The same with the domain, and the address that is asked, in their one form.
fn normalize(session: &mut CommandContext, command: &Command) -> Result<Command, Failure> {
    let mut command = command.clone();
    let output = &mut session.output;
    match &mut command {
        Command::Request(request) => {
            request.proof.name = merged_list::with_verification(output, &request.proof.name)?;
            if let Some(email) = &mut request.email {
                *email = merged_list::normalize_email(output, email)?;
            }
        }
        Command::Drop(proof) => proof.name = merged_list::with_verification(output, &proof.name)?,
        Command::Confirm(confirm) => {
            confirm.proof.name = merged_list::with_verification(output, &confirm.proof.name)?;
            if let Some(email) = &mut confirm.email {
                *email = merged_list::normalize_email(output, email)?;
            }
        }
        Command::Status(_) => {}
    }
    Ok(command)
}

/// What stands in the audit log of a call that changes something.
fn audit_record(command: &Command) -> Option<AuditRecord> {
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
        ..audit_line::line(action, "asked")
    })
}

async fn call(
    session: &mut CommandContext,
    command: &Command,
    line: Option<&AuditRecord>,
) -> Result<ExitCode, Failure> {
    let changes = !matches!(command, Command::Status(_));
    if changes && session.options.read_only {
        return Err(read_only_failure("--read-only forbids every change"));
    }
    let config = session.config_for_command()?;
    let connected = accounts::connect_required(session, &config)?;
    let able = connected.supporting(|it| it.domain_verification(), "takes proofs of ownership")?;
    let (call, format) = match command {
        Command::Status(options) => return status(session, &connected, &able, *options).await,
        Command::Request(arguments) => (
            VerificationRequest::Start {
                domain: arguments.proof.name.clone(),
                method: arguments.proof.how,
                email: arguments.email.clone(),
            },
            arguments.proof.format.format,
        ),
        Command::Confirm(arguments) => (
            VerificationRequest::Confirm {
                domain: arguments.proof.name.clone(),
                method: arguments.proof.how,
                email: arguments.email.clone(),
            },
            arguments.proof.format.format,
        ),
        Command::Drop(arguments) => (
            VerificationRequest::Withdraw {
                domain: arguments.name.clone(),
                method: arguments.how,
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
        return Err(read_only_failure("the profile is read-only"));
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
            audit_line::audit_change(session, line, asked).await?
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
fn may_mail(session: &mut CommandContext, arguments: &RequestArguments) -> Result<(), Failure> {
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
    if !session.output.can_prompt() {
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
    session.output.prompt(&question);
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "yes") {
        return Ok(());
    }
    refused("the mail was not confirmed")
}

fn read_only_failure(why: &str) -> Failure {
    Failure::new(
        FailureKind::Policy,
        why,
        "verify-domain status only reads; it works all the same",
    )
}

#[derive(Serialize)]
struct RequestedProof<'a> {
    domain: &'a RawText,
    #[serde(rename = "type")]
    how: VerificationType,
    string: &'a RawText,
    publish: &'a str,
}

#[derive(Serialize)]
struct ProofResult<'a> {
    domain: &'a RawText,
    message: &'a RawText,
}

fn print(session: &mut CommandContext, format: Format, answer: &VerificationResponse) {
    let output = &mut session.output;
    match (answer, format) {
        (
            VerificationResponse::Requested {
                domain,
                method: how,
                string,
                publish,
            },
            Format::Json,
        ) => {
            let body = RequestedProof {
                domain,
                how: *how,
                string,
                publish,
            };
            output.json(&json::answer("verification", body));
        }
        (
            VerificationResponse::Requested {
                domain,
                method: how,
                string,
                publish,
            },
            Format::Table,
        ) => output.key_values(&[
            ("domain", rows::text(domain)),
            ("type", rows::printable(how)),
            ("proof", rows::text(string)),
            ("publish", rows::printable(publish)),
        ]),
        (VerificationResponse::Done { domain, message }, Format::Json) => {
            output.json(&json::answer(
                "verification",
                ProofResult { domain, message },
            ));
        }
        (VerificationResponse::Done { domain, message }, Format::Table) => output.key_values(&[
            ("domain", rows::text(domain)),
            ("message", rows::text(message)),
        ]),
        (VerificationResponse::List(records), _) => {
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
    session: &mut CommandContext,
    connected: &Accounts,
    able: &[Account<'_, dyn DomainVerification + '_>],
    options: ListFormatOption,
) -> Result<ExitCode, Failure> {
    let (mut items, mut reading) = (Vec::new(), LoadReport::default());
    for (profile, proofs) in able {
        match proofs.verify(&VerificationRequest::Status).await {
            Ok(VerificationResponse::List(records)) => {
                let count = records.len() as u64;
                reading.add(profile, count, Some(count), None);
                items.extend(records.into_iter().map(|record| Proof {
                    profile: profile.binding.name.clone(),
                    provider: profile.binding.provider.clone(),
                    record,
                }));
            }
            Ok(VerificationResponse::Requested { .. } | VerificationResponse::Done { .. }) => {
                let error = ProviderError::Malformed {
                    why: "it is no list of proofs".to_owned(),
                };
                reading.add(profile, 0, None, Some(&error));
            }
            Err(error) => reading.add(profile, 0, None, Some(&error)),
        }
    }
    reading.add_unusable(&connected.missing);
    value_list::list(
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
    reading.finish()
}

fn cells(proof: &Proof) -> Vec<Vec<u8>> {
    let record = &proof.record;
    let text = |text: &Option<RawText>| {
        text.as_ref()
            .map_or_else(Vec::new, |t| t.as_bytes().to_vec())
    };
    vec![
        proof.profile.as_str().as_bytes().to_vec(),
        record.domain.as_bytes().to_vec(),
        record.status.as_bytes().to_vec(),
        text(&record.method),
        text(&record.string),
        text(&record.created_at),
        record
            .attempts
            .map_or_else(Vec::new, |count| count.to_string().into_bytes()),
        text(&record.last_attempt_at),
    ]
}
