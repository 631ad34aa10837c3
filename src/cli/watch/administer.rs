//! How a watch stands, and forgetting what was seen.

use super::{
    ForgetArguments, TOLD, is_json,
    lines::{minute, time},
    open,
};
use crate::{
    cli::{
        audit_line,
        context::CommandContext,
        entities::rows,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
        output::Column,
    },
    entity::{seen::AccountState, visible::Visible},
    export::json,
    seen::{Position, Seen, SeenError, Waiting, kind_of},
};
use serde_json::{Value, json as object};

/// Shows how it stands.
pub(super) async fn status(
    session: &mut CommandContext,
    format: Format,
) -> Result<ExitCode, Failure> {
    let state = session.state_directory()?;
    let (journal, options) = open::memory(session, &state).await?;
    journal.close().await;
    let seen = Seen::open(options)
        .await
        .map_err(|error| Failure::from(&error))?;
    let all = seen.ask(|store| {
        let (accounts, cursors) = (store.accounts()?, store.cursors()?);
        Ok((accounts, cursors, store.waiting()?, store.end()?))
    });
    let (accounts, mut cursors, waiting, end) = all.await.map_err(|error| Failure::from(&error))?;
    // Where the messages of a watch ended is no reader's place.
    cursors.retain(|cursor| !cursor.name.starts_with(TOLD));
    if is_json(format) {
        let body = object!({
            "accounts": accounts.iter().map(account_json).collect::<Vec<_>>(),
            "cursors": cursors.iter().map(cursor_json).collect::<Vec<_>>(),
            "waiting": waiting.iter().map(waiting_json).collect::<Vec<_>>(),
            "events": end,
        });
        session.output.json(&json::answer("watch", body));
        return Ok(ExitCode::Done);
    }
    let columns = [
        Column::uncut("PROFILE"),
        Column::text("PROVIDER"),
        Column::text("BASELINE"),
        Column::number("LEAKS"),
        Column::text("LAST SCAN"),
        Column::text("LAST WHOLE"),
        Column::text("STATE"),
    ];
    let lines: Vec<Vec<Visible>> = accounts.iter().map(account_row).collect();
    session.output.table(&columns, &lines);
    session.output.text("\n");
    let columns = [
        Column::uncut("WATCH"),
        Column::number("AT"),
        Column::number("BEHIND"),
        Column::text("MOVED"),
    ];
    let lines: Vec<Vec<Visible>> = cursors
        .iter()
        .map(|cursor| {
            vec![
                rows::printable(&cursor.name),
                rows::printable(cursor.seq),
                rows::printable(end.saturating_sub(cursor.seq)),
                rows::printable(minute(cursor.at)),
            ]
        })
        .collect();
    session.output.table(&columns, &lines);
    if !waiting.is_empty() {
        session.output.text("\n");
        let line = match waiting.len() {
            1 => "1 message is not delivered: stanch watch deliveries\n".to_owned(),
            count => format!("{count} messages are not delivered: stanch watch deliveries\n"),
        };
        session.output.text(&line);
    }
    Ok(ExitCode::Done)
}

fn account_json(state: &AccountState) -> Value {
    object!({
        "profile": state.account.profile,
        "provider": state.account.provider,
        "team": state.account.team,
        "baseline_at": state.baseline_at.map(time),
        "baseline_leaks": state.baseline_at.map(|_| state.baseline_leaks),
        "last_scan": state.last_scan.map(time),
        "last_whole": state.last_whole.map(time),
        "failures": state.failures,
        "blind_since": state.blind_since.map(time),
    })
}

fn account_row(state: &AccountState) -> Vec<Visible> {
    let when = |at: Option<i64>| rows::optional_printable(at.map(minute));
    vec![
        rows::printable(&state.account.profile),
        rows::printable(&state.account.provider),
        when(state.baseline_at),
        rows::optional_printable(state.baseline_at.map(|_| state.baseline_leaks)),
        when(state.last_scan),
        when(state.last_whole),
        match (state.blind_since, state.failures) {
            (Some(since), _) => rows::printable(format!("blind since {}", minute(since))),
            (None, 0) => Visible::literal("read"),
            (None, failures) => rows::printable(format!("{failures} failed rounds")),
        },
    ]
}

fn cursor_json(cursor: &Position) -> Value {
    object!({ "name": cursor.name, "seq": cursor.seq, "moved_at": time(cursor.at) })
}

/// A message that waits, as JSON.
pub(super) fn waiting_json(waiting: &Waiting) -> Value {
    object!({
        "id": waiting.id,
        "channel": waiting.channel,
        "made_at": time(waiting.made),
        "due_at": time(waiting.due),
        "tries": waiting.tries,
        "dead": waiting.dead,
    })
}

/// Forgets what was seen.
pub(super) async fn forget(
    session: &mut CommandContext,
    arguments: &ForgetArguments,
) -> Result<ExitCode, Failure> {
    let what = arguments
        .profile
        .as_ref()
        .map_or_else(|| "every account".to_owned(), ToString::to_string);
    if !arguments.yes {
        let question = format!(
            "Forget what was seen at {what}? The next reading is a baseline and tells nothing. [y/N] "
        );
        if !session.output.can_prompt() {
            return Err(Failure::new(
                FailureKind::Policy,
                "what was seen is forgotten only where somebody says so",
                "add --yes",
            ));
        }
        session.output.prompt(&question);
        let mut answer = String::new();
        let is_yes = std::io::stdin().read_line(&mut answer).is_ok()
            && matches!(answer.trim(), "y" | "Y" | "yes");
        if !is_yes {
            return Err(Failure::new(
                FailureKind::Policy,
                "nothing was forgotten",
                "",
            ));
        }
    }
    let state = session.state_directory()?;
    let (journal, options) = open::memory(session, &state).await?;
    journal.close().await;
    let leaks = match &arguments.profile {
        None => {
            let kind = kind_of(&options);
            let forgotten = tokio::task::spawn_blocking(move || (kind.forget_all)(&options)).await;
            let forgotten = forgotten.unwrap_or_else(|_| {
                Err(SeenError::Io {
                    why: "its thread ended".to_owned(),
                })
            });
            forgotten.map_err(|error| Failure::from(&error))?
        }
        Some(name) => {
            let seen = Seen::open(options)
                .await
                .map_err(|error| Failure::from(&error))?;
            let name = name.to_string();
            let is_known = {
                let name = name.clone();
                seen.ask(move |store| {
                    let accounts = store.accounts()?;
                    Ok(accounts
                        .iter()
                        .any(|state| state.account.profile.as_str() == name))
                })
            };
            if !is_known.await.map_err(|error| Failure::from(&error))? {
                return Err(Failure::new(
                    FailureKind::NotFound,
                    "nothing is remembered of a profile of that name",
                    "stanch watch status lists them",
                ));
            }
            let forgotten = seen.ask(move |store| store.forget(Some(&name))).await;
            forgotten.map_err(|error| Failure::from(&error))?
        }
    };
    audit_line::try_write(
        session,
        audit_line::line("watch-forget", format!("{leaks} leaks of {what}")),
    )
    .await;
    session
        .output
        .notice(&format!("stanch: forgot {leaks} leaks of {what}"));
    Ok(ExitCode::Done)
}
