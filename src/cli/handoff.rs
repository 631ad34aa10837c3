//! `stanch handoff`: what happened on a shift, and what the next one has to do. It is made of the journal, of what was seen
//! and of a reading of the accounts; nothing is changed at any provider.

mod gather;
mod todo;

use super::{
    accounts, audit_line,
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    input,
    report::ground::Ground,
    values::{self, Since},
};
use crate::{
    entity::{claim::non_blank, json as inert},
    export::{self, json},
    journal::OpenMode,
    report::handoff,
    seen::Seen,
};
use std::path::PathBuf;

/// `handoff`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// When the shift began: 8h, a date, a time, or last, the end of your last handoff.
    #[arg(long, value_name = "TIME", value_parser = begin, default_value = "last")]
    pub since: Begin,
    /// The form.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Form,
    /// Write to this new file; the next handoff then begins where this one ends.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What you have to say to whoever comes on.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Ask no provider: leaks are told by their keys.
    #[arg(long)]
    pub offline: bool,
}

/// Where a shift begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Where the last one ended.
    Last,
    /// Then.
    At(Since),
}

/// The form of a handoff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// Markdown.
    #[default]
    Md,
    /// For programs.
    Json,
}

/// The shift of somebody who never handed over, in seconds.
const SHIFT: i64 = 8 * 3600;

/// What was seen is kept for so long, in seconds.
const KEPT: i64 = 400 * 86_400;

/// `--since`.
fn begin(text: &str) -> Result<Begin, String> {
    if text == "last" {
        return Ok(Begin::Last);
    }
    let wrong = "write it as last, 8h, 2d, 2026-11-28 or 2026-11-28T14:00:00Z";
    match values::since(text) {
        Ok(since) => Ok(Begin::At(since)),
        Err(_) => Err(wrong.to_owned()),
    }
}

/// Makes a handoff.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let user = accounts::operator(session).user;
    let cursor = format!("handoff:{user}");
    let seen = seen(session).await?;
    let (last, end) = {
        let name = cursor.clone();
        let asked = seen.ask(move |store| Ok((store.cursor(&name)?, store.end()?)));
        asked.await.map_err(|error| Failure::from(&error))?
    };
    let ground = Ground::open(session, None, arguments.offline).await?;
    // What happened in this very second belongs to this shift, and to the next: twice is better than not at all.
    let to = ground.now + 1;
    let from = match arguments.since {
        Begin::Last => last.map_or(ground.now - SHIFT, |last| last.at),
        Begin::At(since) => since.seconds(ground.now),
    };
    let from = from.max(to - KEPT);
    if from >= to {
        return Err(Failure::new(
            FailureKind::Usage,
            "the shift begins after it ends",
            "give --since an earlier time",
        ));
    }
    let note = arguments.note.as_deref().and_then(non_blank);
    let made = gather::handoff(session, &ground, from, to, note).await?;
    let text = match arguments.format {
        Form::Md => handoff::md::handoff(&made).into_bytes(),
        Form::Json => {
            let body = handoff::json::handoff(&made);
            let mut line = inert::to_vec(&json::answer("handoff", body)).unwrap_or_default();
            line.push(b'\n');
            line
        }
    };
    match &arguments.output {
        None => session.output.bytes(&text),
        Some(path) => {
            export::write_new(path, |out| out.write_all(&text))
                .map_err(|error| Failure::from(&error))?;
            let moved = seen.ask(move |store| store.move_cursor(&cursor, end, to - 1, &[]));
            moved.await.map_err(|error| Failure::from(&error))?;
            let detail = format!(
                "since {}",
                jiff::Timestamp::from_second(from).unwrap_or_default()
            );
            audit_line::try_write(session, audit_line::line("handoff", detail)).await;
            session.output.notice(&format!(
                "stanch: the handoff is in {}",
                input::printable_path(path)
            ));
        }
    }
    match ground.incomplete {
        Some(failure) => Err(failure),
        None => Ok(ExitCode::Done),
    }
}

async fn seen(session: &mut CommandContext) -> Result<Seen, Failure> {
    let state = session.state_directory()?;
    let (journal, options) = super::watch::open::memory(session, &state).await?;
    journal.close().await;
    let opened = Seen::open(options).await;
    opened.map_err(|error| Failure::from(&error))
}

/// The journal, to be read.
async fn journal(session: &CommandContext) -> Result<crate::journal::Journal, Failure> {
    let state = session.state_directory()?;
    accounts::open_journal(session, &state, OpenMode::Read).await
}
