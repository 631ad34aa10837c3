//! `stanch statuses move`: what is kept under the name of a profile goes to another name.

use super::{MoveArguments, check_writable};
use crate::{
    cli::{
        accounts, audit_line,
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
        format::Format,
    },
    entity::{
        error::JournalError,
        key::{ProfileName, ProviderId},
        local_status::MoveResult,
        number::group_digits,
    },
    export::json,
    journal::{AuditOrigin, AuditRecord, AuditTarget, Journal, Move, OpenMode},
};
use serde::Serialize;

/// Plans, asks, moves.
pub(super) async fn run(
    session: &mut CommandContext,
    arguments: &MoveArguments,
) -> Result<ExitCode, Failure> {
    let (from, to) = (
        parse_profile_name(&arguments.from)?,
        parse_profile_name(&arguments.to)?,
    );
    if from == to {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{from} is the old name and the new one"),
            "give the name that statuses are kept under, then the profile that shall have them",
        ));
    }
    if !arguments.dry_run && session.options.read_only {
        let failure = Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "--dry-run shows what would be done",
        );
        let line = AuditRecord {
            detail: Some(format!("{from} to {to}")),
            ..audit_line::line("move_statuses", "")
        };
        audit_line::write_refusal(session, line, &failure).await;
        return Err(failure);
    }
    let provider = target_provider(session, &to)?;
    let ask = !arguments.yes && session.output.can_prompt();
    let mode = if !arguments.dry_run && (arguments.yes || ask) {
        OpenMode::Write
    } else {
        OpenMode::Read
    };
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, mode).await?;
    let wish = Move { from, to, provider };
    let done = attempt(session, &journal, &wish, (arguments, ask)).await;
    journal.close().await;
    done
}

async fn attempt(
    session: &mut CommandContext,
    journal: &Journal,
    wish: &Move,
    (arguments, ask): (&MoveArguments, bool),
) -> Result<ExitCode, Failure> {
    let fail = |error: JournalError| Failure::from(&error);
    let applies = !arguments.dry_run && (arguments.yes || ask);
    if applies {
        check_writable(journal).map_err(fail)?;
    }
    let counts = journal.plan_move(wish.clone()).await.map_err(fail)?;
    if counts.is_empty() {
        return Err(nothing_to_move(journal, wish).await?);
    }
    let format = arguments.format.format;
    if !applies {
        print(session, format, wish, counts, false);
        if arguments.dry_run {
            return Ok(ExitCode::Done);
        }
        return Err(Failure::new(
            FailureKind::Policy,
            "nothing was moved: there is no terminal to ask on",
            "--yes moves it without asking",
        ));
    }
    if ask && !confirm(session, wish, counts) {
        return Err(Failure::new(
            FailureKind::Policy,
            "nothing was moved",
            "--yes moves it without asking",
        ));
    }
    // The attempt stands in the audit log before it is made, its end behind it.
    let mut asked = AuditRecord::new(AuditOrigin::Command, "move_statuses", "asked");
    asked.profile = Some(wish.to.clone());
    asked.target = AuditTarget::Many(counts.statuses);
    asked.detail = Some(format!("{} to {}", wish.from, wish.to));
    let mut done = AuditRecord {
        outcome: "done".to_owned(),
        ..asked.clone()
    };
    journal.audit(asked).await.map_err(fail)?;
    let counts = journal
        .move_profile_data(wish.clone())
        .await
        .map_err(fail)?;
    done.detail = Some(format!(
        "{} to {}: {} statuses, {} older left out, words of {} leaks",
        wish.from, wish.to, counts.statuses, counts.older, counts.words
    ));
    journal.audit(done).await.map_err(fail)?;
    print(session, format, wish, counts, true);
    Ok(ExitCode::Done)
}

fn parse_profile_name(text: &str) -> Result<ProfileName, Failure> {
    ProfileName::new(text).map_err(|_| {
        Failure::new(
            FailureKind::Usage,
            "no profile can be called so: names are made of a-z, 0-9 and -",
            "stanch statuses export lists what is kept, and under which names",
        )
    })
}

/// The provider of the profile that shall have it: only a configured one shows what it has.
fn target_provider(session: &CommandContext, to: &ProfileName) -> Result<ProviderId, Failure> {
    let config = session.full_config();
    let mut profiles = config.profiles.iter().map(|profile| &profile.settings);
    let named = profiles.find(|settings| settings.name == *to);
    named
        .map(|settings| settings.provider.clone())
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Usage,
                format!("{to} is no configured profile"),
                "give the profile's name as it stands in the configuration; stanch config show lists them",
            )
        })
}

/// Why there is nothing to move.
async fn nothing_to_move(journal: &Journal, wish: &Move) -> Result<Failure, Failure> {
    let under = journal.local_status_counts().await;
    let under = under.map_err(|error| Failure::from(&error))?;
    let other = under.iter().find(|under| under.profile == wish.from);
    Ok(match other {
        Some(other) => Failure::new(
            FailureKind::Usage,
            format!(
                "what is kept under {} is of {}, and {} is {}",
                wish.from, other.provider, wish.to, wish.provider
            ),
            "statuses move between profiles of one provider: the ids of another mean other leaks",
        ),
        None => Failure {
            exit: ExitCode::NotFound,
            ..Failure::new(
                FailureKind::NotFound,
                format!("nothing is kept under {}", wish.from),
                "stanch statuses export lists what is kept, and under which names",
            )
        },
    })
}

fn confirm(session: &mut CommandContext, wish: &Move, counts: MoveResult) -> bool {
    session.output.prompt(&format!(
        "{}move it? [y/N] ",
        summary_text(wish, counts, false)
    ));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "yes")
}

fn print(
    session: &mut CommandContext,
    format: Format,
    wish: &Move,
    counts: MoveResult,
    done: bool,
) {
    #[derive(Serialize)]
    struct Answer<'a> {
        from: &'a ProfileName,
        to: &'a ProfileName,
        provider: &'a ProviderId,
        #[serde(flatten)]
        counts: MoveResult,
        done: bool,
    }
    let answer = Answer {
        from: &wish.from,
        to: &wish.to,
        provider: &wish.provider,
        counts,
        done,
    };
    match format {
        Format::Json => session.output.json(&json::answer("move", answer)),
        Format::Table => session.output.text(&summary_text(wish, counts, done)),
    }
}

/// All of it is ours or plain: profile names have a safe spelling.
fn summary_text(wish: &Move, counts: MoveResult, done: bool) -> String {
    let verb = if done { "moved" } else { "to move" };
    let mut lines = vec![format!(
        "{verb}: {} statuses of {} from {} to {}",
        group_digits(counts.statuses),
        wish.provider,
        wish.from,
        wish.to
    )];
    for (count, what) in [
        (counts.replaced, "of these take the place of an older one"),
        (counts.older, "more go, because a newer one is kept there"),
        (
            counts.words,
            "leaks take their reason, note or ticket along",
        ),
        (counts.mappings, "mappings that were said yes to come along"),
        (counts.events, "notes and claims of histories come along"),
    ] {
        if count > 0 {
            lines.push(format!("{} {what}", group_digits(count)));
        }
    }
    lines.join("\n") + "\n"
}
