//! A console from a configuration that was read to its exit code: what `stanch` and `stanch demo` share.

use crate::{
    app::{
        message::Message,
        news,
        notice::{Notices, Severity},
    },
    cli::{
        accounts::{self, Accounts},
        context::CommandContext,
        failure::{Failure, FailureKind},
        orphaned_statuses, store,
    },
    config::{Config, theme::CursorChoice},
    entity::local_status::MOVE_HINT,
    filter,
    journal::{AuditOrigin, Journal, OpenMode},
    provider::ids,
    runtime::{
        RealScreen, Runtime, executor::Envelope, hangup, input::Events, services::team, signals,
        state_files, terminal, terminal_output::TerminalCapabilities,
    },
    ui::Look,
};
use std::{io::IsTerminal, path::Path, time::Duration};
use tokio::sync::mpsc::Sender;

/// A console needs a terminal that can move its cursor.
pub(in crate::cli) fn check_terminal(session: &CommandContext) -> Result<(), Failure> {
    let kind = session.environment.get("TERM").unwrap_or_default();
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if is_terminal && kind != "dumb" {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::Usage,
        if is_terminal {
            "this terminal cannot show a console (TERM=dumb)"
        } else {
            "a console needs a terminal on standard input and output"
        },
        "stanch leaks list and the other commands work without one: stanch --help",
    ))
}

fn wrong_filter(error: filter::FilterError) -> Failure {
    let text = format!(
        "the filter is wrong at column {}: {}",
        error.column, error.message
    );
    Failure::new(FailureKind::Usage, text, error.hint)
}

/// Connects the profiles, all of them or none when `strict`, and runs a console to its exit code.
pub(in crate::cli) async fn open(
    session: &mut CommandContext,
    config: &Config,
    strict: bool,
    state: &Path,
    banner: Option<String>,
    filter: Option<&str>,
) -> Result<u8, Failure> {
    let first_filter = filter
        .map(|text| filter::parse(text, &ids()))
        .transpose()
        .map_err(wrong_filter)?;
    let is_demo = banner.is_some();
    // The names of all zones are gone through for that of this machine: meanwhile, not afterwards.
    std::thread::spawn(jiff::tz::TimeZone::system);
    let journal = accounts::open_installation(session, state, OpenMode::Write).await?;
    store::tell_own_journal(session, state);
    let connected = match accounts::connect(session, config, strict) {
        Ok(connected) => connected,
        Err(failure) => {
            journal.close().await;
            return Err(failure);
        }
    };
    let (mut model, clock) = accounts::model(session, config, &connected, &journal, banner, false);
    model.access.team = team(&journal).await;
    if let Some(filter) = first_filter {
        model.workspace.leaks.filter.filter = filter;
    }
    let user = accounts::operator(session).user;
    state_files::load(model.split_workspace(), state, Some(&user));
    notify_problems(&mut model.notices, config, &connected);
    if let Some(greeting) = session.greeting.take() {
        // What is read meanwhile says something lesser.
        let severity = Severity::Warning;
        model.notices.push(severity, greeting, None, Duration::ZERO);
    }
    let whole = if is_demo {
        config.clone()
    } else {
        session.full_config()
    };
    notify_orphaned_statuses(&mut model.notices, &whole, &journal).await;
    let services = accounts::services(
        session,
        config,
        &connected,
        journal.clone(),
        state,
        AuditOrigin::Console,
    );
    if let Some(memory) = services
        .seen
        .as_ref()
        .filter(|_| !config.profiles.is_empty())
    {
        // Keeps what is read, and watches where the configuration says so.
        news::begin((&mut model.news, &mut model.views), memory.marks().clone());
        let watch = &config.watching.watch;
        model.news.rounds.begin(watch.console, watch.scan_every);
    }
    services.audit_missing().await;
    let look = Look {
        styles: config.theme.styles,
        glyphs: config.theme.glyphs(),
    };
    session.output.flush();
    let broken = |_| {
        Failure::new(
            FailureKind::Internal,
            "the terminal cannot be used",
            "try another terminal, or a command without a console",
        )
    };
    let guard = terminal::Guard::enter().map_err(broken)?;
    let facts = terminal_capabilities(session);
    let (screen, line) = terminal::open(facts).map_err(broken)?;
    let mut events = Events::start(std::sync::Arc::clone(&clock)).map_err(broken)?;
    let mut runtime = Runtime::new(
        model,
        look,
        screen,
        RealScreen(line),
        std::sync::Arc::clone(&services),
        clock,
    );
    if config.theme.cursor == CursorChoice::Auto {
        runtime.adapt_cursor();
    }
    let sender = runtime.sender();
    signals::watch_signals(&sender, &services.writes);
    let gone = sender.clone();
    hangup::spawn_watchdog(services.writes.clone(), move || {
        // Best effort: the watch itself ends the program if the loop does not.
        gone.try_send(Envelope {
            message: Message::QuitRequested(hangup::EXIT_CODE),
            completes_effect: false,
        })
        .ok();
    });
    forward_budgets(&connected, &sender);
    let ended = runtime.run(events.receiver()).await;
    if matches!(ended, Ok(code) if code == hangup::EXIT_CODE) || ended.is_err() {
        // Nothing is restored on a terminal that is not there.
        terminal::abandon();
    }
    drop(events);
    drop(guard);
    journal.close().await;
    ended.or(Ok(hangup::EXIT_CODE))
}

/// Says which statuses are kept under profiles that are no longer configured. A journal that cannot be read is told by
/// what reads it.
async fn notify_orphaned_statuses(notices: &mut Notices, config: &Config, journal: &Journal) {
    let found = orphaned_statuses::find(config, journal).await;
    for under in found.unwrap_or_default() {
        let (text, hint) = (under.to_string(), Some(MOVE_HINT.to_owned()));
        notices.push(Severity::Warning, text, hint, Duration::ZERO);
    }
}

/// What the terminal understands, by its name; nothing but positions and colours where that is asked for.
fn terminal_capabilities(session: &CommandContext) -> TerminalCapabilities {
    let variable = |name| session.environment.get(name);
    if variable("STANCH_TERMINAL").is_some_and(|kind| kind == "plain") {
        return TerminalCapabilities::PLAIN;
    }
    TerminalCapabilities::from_term(&variable("TERM").unwrap_or_default().to_string_lossy())
}

fn forward_budgets(connected: &Accounts, sender: &Sender<Envelope>) {
    for (name, provider) in &connected.providers {
        let (profile, sender, mut budget) = (name.clone(), sender.clone(), provider.budget());
        tokio::spawn(async move {
            while budget.changed().await.is_ok() {
                let now = budget.borrow_and_update().clone();
                let message = Message::BudgetChanged {
                    profile: profile.clone(),
                    budget: Box::new(now),
                };
                if sender
                    .send(Envelope {
                        message,
                        completes_effect: false,
                    })
                    .await
                    .is_err()
                {
                    return;
                }
            }
        });
    }
}

/// What is wrong with the configuration and its profiles stands in the console, not on the screen behind it.
fn notify_problems(notices: &mut Notices, config: &Config, connected: &Accounts) {
    for problem in &config.problems {
        let place = problem.location();
        let text = if place.is_empty() {
            problem.message.clone()
        } else {
            format!("{place}: {}", problem.message)
        };
        notices.push(
            Severity::Warning,
            text,
            Some(problem.hint.clone()),
            Duration::ZERO,
        );
    }
    let told: Vec<&String> = config
        .problems
        .iter()
        .map(|problem| &problem.message)
        .collect();
    for (_, failure) in &connected.missing {
        // What the configuration says of it stands above already.
        if told
            .iter()
            .all(|message| !failure.message.ends_with(&message[..]))
        {
            let text = failure.message.clone();
            notices.push(
                Severity::Error,
                text,
                Some(failure.hint.clone()),
                Duration::ZERO,
            );
        }
    }
}
