//! `stanch watch deliveries` and `stanch watch test`: messages that were not delivered, and trying a channel out.

use super::{
    DeliveriesArguments, DeliveryCommand,
    administer::waiting_json,
    channels,
    clock::now,
    deliver::Deliverer,
    is_json,
    lines::{minute, time},
    open,
};
use crate::{
    cli::{
        context::CommandContext,
        entities::rows,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        output::Column,
    },
    entity::message::{Message, Topic},
    export::json,
    seen::{Seen, Waiting},
};
use serde_json::json as object;
use std::time::Duration;

/// Lists messages, gives one another try, or drops one.
pub(super) async fn run(
    session: &mut CommandContext,
    arguments: &DeliveriesArguments,
) -> Result<ExitCode, Failure> {
    let (seen, _) = memory(session).await?;
    match &arguments.command {
        None => list(session, &seen, arguments).await,
        Some(DeliveryCommand::Retry { id }) => {
            let kept = id.clone();
            let found = seen.ask(move |store| store.retry(&kept, now())).await;
            told(
                session,
                found.map_err(|error| Failure::from(&error))?,
                id,
                "is due again: the next round delivers it",
            )
        }
        Some(DeliveryCommand::Drop { id }) => {
            let kept = id.clone();
            let found = seen.ask(move |store| store.drop_message(&kept)).await;
            told(
                session,
                found.map_err(|error| Failure::from(&error))?,
                id,
                "is dropped",
            )
        }
    }
}

async fn memory(
    session: &mut CommandContext,
) -> Result<(Seen, crate::entity::seen::MarkKey), Failure> {
    let state = session.state_directory()?;
    let (journal, options) = open::memory(session, &state).await?;
    journal.close().await;
    let marks = options.marks.clone();
    let seen = Seen::open(options).await;
    Ok((seen.map_err(|error| Failure::from(&error))?, marks))
}

fn told(
    session: &mut CommandContext,
    found: bool,
    id: &str,
    what: &str,
) -> Result<ExitCode, Failure> {
    let shown = crate::entity::visible::escape(id.as_bytes());
    if !found {
        return Err(Failure::new(
            FailureKind::NotFound,
            format!("no message {} waits", shown.as_str()),
            "stanch watch deliveries lists them",
        ));
    }
    session
        .output
        .notice(&format!("stanch: {} {what}", shown.as_str()));
    Ok(ExitCode::Done)
}

async fn list(
    session: &mut CommandContext,
    seen: &Seen,
    arguments: &DeliveriesArguments,
) -> Result<ExitCode, Failure> {
    let waiting = seen.ask(|store| store.waiting()).await;
    let waiting = waiting.map_err(|error| Failure::from(&error))?;
    if is_json(arguments.format.format) {
        let items: Vec<_> = waiting.iter().map(waiting_json).collect();
        session.output.json(&json::answer("deliveries", items));
        return Ok(ExitCode::Done);
    }
    let columns = [
        Column::uncut("ID"),
        Column::text("CHANNEL"),
        Column::text("MADE"),
        Column::text("NEXT"),
        Column::number("TRIES"),
    ];
    let row = |one: &Waiting| {
        let next = if one.dead {
            "none".to_owned()
        } else {
            minute(one.due)
        };
        vec![
            rows::printable(&one.id),
            rows::printable(&one.channel),
            rows::printable(minute(one.made)),
            rows::printable(next),
            rows::printable(one.tries),
        ]
    };
    let lines: Vec<_> = waiting.iter().map(row).collect();
    session.output.table(&columns, &lines);
    Ok(ExitCode::Done)
}

/// Sends one message of its own kind and says what came of it.
pub(super) async fn test(session: &mut CommandContext, name: &str) -> Result<ExitCode, Failure> {
    let config = session.config_for_command()?;
    if let Some(problem) = config.watch_problem() {
        return Err(Failure::from(problem));
    }
    let (channel, ready) = channels::one(session, &config.watching, name)?;
    let (seen, marks) = memory(session).await?;
    let random: [u64; 2] = [fastrand::u64(..), fastrand::u64(..)];
    let message = Message {
        topic: Topic::Test,
        id: format!("msg_{:016x}{:016x}", random[0], random[1]),
        at: time(now()),
        watch: "test".to_owned(),
        installation: marks.message(&[b"installation"]).chars().take(8).collect(),
        ..Message::default()
    };
    let deliverer = Deliverer::new(seen, ready, marks, Duration::ZERO);
    match deliverer.send(&channel, &message).await {
        crate::notify::Outcome::Delivered => {
            let answer = object!({ "channel": channel.to_string(), "id": message.id, "ok": true });
            session.output.json(&json::answer("test", answer));
            Ok(ExitCode::Done)
        }
        crate::notify::Outcome::Unwanted => Err(failed(&channel, "it answers 410: not wanted")),
        crate::notify::Outcome::Failed { why, .. } => Err(failed(&channel, &why)),
    }
}

fn failed(channel: &crate::config::channel::Channel, why: &str) -> Failure {
    Failure {
        exit: ExitCode::Unreachable,
        kind: "unreachable",
        ..Failure::new(
            FailureKind::Internal,
            format!("{channel} was not told: {why}"),
            "check its address or program, and its secret",
        )
    }
}
