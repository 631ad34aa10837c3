//! `stanch notes`: notes on leaks, with author and time, beside the reason and note of a job. No provider is asked, and no
//! status changes.

use super::{
    accounts, audit_line,
    context::CommandContext,
    entities::{rows, value_list},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption, ListFormat, ListFormatOption},
    input,
};
use crate::{
    entity::{
        claim::{Justification, MAX_JUSTIFICATION_CHARS, non_blank},
        error::JournalError,
        key::{EntityKey, Kind, ProviderId},
        number::group_digits,
        profile::ProfileBinding,
    },
    export::{Summary, history::LeakNote, json},
    journal::{AuditRecord, AuditTarget, OpenMode},
};

/// Largest standard input that is read for a note, in bytes: more can be no note of [`MAX_JUSTIFICATION_CHARS`] characters.
const LONGEST_INPUT: usize = 4 * MAX_JUSTIFICATION_CHARS + 1_024;

/// What can be done with notes.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the notes on one leak, or on all leaks of the profiles in play, the oldest first.
    List(ListArguments),
    /// Add a note to leaks. Without --note the text is read from standard input.
    Add(AddArguments),
}

/// `list`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct ListArguments {
    /// The leak: profile:leak:id.
    #[arg(value_name = "KEY")]
    pub key: Option<EntityKey>,
    /// The form of the result.
    #[command(flatten)]
    pub format: ListFormatOption,
}

/// `add`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct AddArguments {
    /// The leaks: profile:leak:id.
    #[arg(value_name = "KEY", required = true)]
    pub keys: Vec<EntityKey>,
    /// The text.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// Lists notes or adds one.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(arguments) => list(session, arguments).await,
        Command::Add(arguments) => add(session, arguments).await,
    }
}

async fn list(
    session: &mut CommandContext,
    arguments: &ListArguments,
) -> Result<ExitCode, Failure> {
    let mut bindings = bindings(session)?;
    if let Some(key) = &arguments.key {
        provider_of(&bindings, key)?;
        bindings.retain(|binding| binding.name == key.profile);
    }
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
    let notes = journal.notes(bindings).await;
    let mut notes = notes.map_err(|error| Failure::from(&error))?;
    if let Some(wanted) = &arguments.key {
        notes.retain(|(key, _)| key == wanted);
    }
    let total = notes.len() as u64;
    let summary = Summary {
        total: Some(total),
        loaded: total,
        complete: true,
        profiles: Vec::new(),
    };
    let format = arguments.format.format;
    let items: Vec<_> = notes
        .iter()
        .map(|(key, note)| LeakNote { key, note })
        .collect();
    value_list::print(
        &mut session.output,
        format,
        &items,
        &summary,
        &["at", "by", "key", "note"],
        |item| cells(item, format),
    );
    Ok(ExitCode::Done)
}

fn cells(item: &LeakNote<'_>, format: ListFormat) -> Vec<Vec<u8>> {
    let LeakNote { key, note } = *item;
    vec![
        rows::moment(note.at, format).into_bytes(),
        note.by.user_at_host().into_bytes(),
        key.to_string().into_bytes(),
        note.text.clone().into_bytes(),
    ]
}

async fn add(session: &mut CommandContext, arguments: &AddArguments) -> Result<ExitCode, Failure> {
    let bindings = bindings(session)?;
    let mut leaks = Vec::new();
    for key in &arguments.keys {
        let leak = (key.clone(), provider_of(&bindings, key)?);
        if !leaks.contains(&leak) {
            leaks.push(leak);
        }
    }
    let mut line = audit_line::line("note", "asked");
    line.target = match &leaks[..] {
        [(key, _)] => AuditTarget::One(key.clone()),
        leaks => AuditTarget::Many(leaks.len() as u64),
    };
    if session.options.read_only {
        let failure = Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "notes list only reads; it works all the same",
        );
        audit_line::write_refusal(session, line, &failure).await;
        return Err(failure);
    }
    let text = text(arguments)?;
    line.justification = Justification {
        note: Some(text.clone()),
        ..Justification::default()
    };
    let journal = audit_line::open(session).await?;
    let fail = |error: JournalError| Failure::from(&error);
    // The attempt stands in the log before it is made, its end behind it.
    let written = async {
        journal.audit(line.clone()).await?;
        let note = journal.add_note(leaks.clone(), text).await?;
        let outcome = "done".to_owned();
        journal.audit(AuditRecord { outcome, ..line }).await?;
        Ok(note)
    };
    let note = written.await.map_err(fail);
    journal.close().await;
    let note = note?;
    match arguments.format.format {
        Format::Json => {
            let items: Vec<_> = leaks
                .iter()
                .map(|(key, _)| LeakNote { key, note: &note })
                .collect();
            session.output.json(&json::answer("notes", items));
        }
        Format::Table => {
            let count = leaks.len() as u64;
            let leaks = if count == 1 { "leak" } else { "leaks" };
            session
                .output
                .text(&format!("noted on {} {leaks}\n", group_digits(count)));
        }
    }
    Ok(ExitCode::Done)
}

/// The text of the note: the option, else all of standard input.
fn text(arguments: &AddArguments) -> Result<String, Failure> {
    let text = arguments.note.clone().map_or_else(piped, Ok)?;
    let Some(text) = non_blank(&text) else {
        return Err(Failure::new(
            FailureKind::Usage,
            "the note is empty",
            "give the text with --note, or on standard input",
        ));
    };
    let length = text.chars().count();
    if length > MAX_JUSTIFICATION_CHARS {
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "the note is longer than {} characters",
                group_digits(MAX_JUSTIFICATION_CHARS as u64)
            ),
            "shorten it, or put the rest where the ticket is",
        ));
    }
    Ok(text)
}

/// All of standard input, as far as a note can be long.
fn piped() -> Result<String, Failure> {
    let refused =
        |message: String| Failure::new(FailureKind::Usage, message, "give the text with --note");
    let mut bytes = Vec::new();
    let read: Result<(), std::io::Error> =
        input::for_each_chunk(std::io::stdin().lock(), |piece| {
            let left = LONGEST_INPUT.saturating_sub(bytes.len());
            bytes.extend_from_slice(piece.get(..left).unwrap_or(piece));
            Ok(())
        });
    read.map_err(|error| refused(format!("standard input cannot be read: {}", error.kind())))?;
    String::from_utf8(bytes).map_err(|_| refused("the note is not UTF-8 text".to_owned()))
}

/// Name and provider of the profiles in play.
fn bindings(session: &mut CommandContext) -> Result<Vec<ProfileBinding>, Failure> {
    let config = session.config_for_command()?;
    let settings = config.profiles.iter().map(|profile| &profile.settings);
    Ok(settings
        .map(|settings| ProfileBinding {
            name: settings.name.clone(),
            provider: settings.provider.clone(),
            origin: String::new(),
            team: String::new(),
        })
        .collect())
}

/// The provider of a leak's profile.
fn provider_of(bindings: &[ProfileBinding], key: &EntityKey) -> Result<ProviderId, Failure> {
    if key.kind != Kind::Leak {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("this is the key of a {}", key.kind),
            "notes are kept for leaks; stanch leaks list prints their keys",
        ));
    }
    bindings
        .iter()
        .find(|binding| binding.name == key.profile)
        .map(|binding| binding.provider.clone())
        .ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                format!("{} is no profile in play", key.profile),
                "stanch config show lists the profiles; --profile chooses among them",
            )
        })
}
