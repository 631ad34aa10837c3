//! `stanch jobs resume`: goes on with what a crash, a hang-up or a reboot has interrupted. What was under way is read
//! before anything is sent.

use super::ResumeArguments;
use crate::{
    app::job::take_over,
    cli::{
        accounts,
        change::{self, apply},
        context::CommandContext,
        detach,
        exit::ExitCode,
        failure::{Failure, FailureKind},
    },
    entity::{error::JournalError, key::JobId},
    journal::OpenMode,
    runtime::headless::HeadlessRun as Run,
};

/// Goes on with one job, or with all that have not ended.
pub(super) async fn run(
    session: &mut CommandContext,
    arguments: &ResumeArguments,
) -> Result<ExitCode, Failure> {
    if arguments.detached {
        detach::leave_terminal();
    }
    if session.options.read_only {
        return Err(Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "stanch jobs show says how the job stands",
        ));
    }
    let (mut run, _) = accounts::start_headless(session, OpenMode::Write).await?;
    let result = match change::check_journal(&run) {
        Ok(()) => resume(session, &mut run, arguments).await,
        Err(failure) => Err(failure),
    };
    run.journal().close().await;
    result
}

async fn resume(
    session: &mut CommandContext,
    run: &mut Run,
    arguments: &ResumeArguments,
) -> Result<ExitCode, Failure> {
    let (ids, held) = unfinished_jobs(run, arguments).await?;
    if let (true, Some(by)) = (ids.is_empty(), held) {
        return Err(Failure::from(&JournalError::Held { by }));
    }
    if ids.is_empty() {
        session.output.notice("stanch: no job is unfinished");
        return Ok(ExitCode::Done);
    }
    // From here on a signal must not cut a request in two.
    run.watch_signals();
    if arguments.detached {
        detach::report_ready(session);
    }
    let mut worst = Ok(ExitCode::Done);
    for id in ids {
        if arguments.take {
            asked_to_take(session, run, id, arguments.yes).await?;
        }
        if arguments.take || run.journal().news().is_some() {
            let taken = run.journal().take_job(id, arguments.take).await;
            taken.map_err(|error| Failure::from(&error))?;
        }
        let yes = arguments.yes;
        let again = |session: &mut CommandContext, run: &Run| yes || confirm(session, run, id);
        apply::resume(session, run, id, again).await;
        if arguments.detached {
            // Nobody reads what it prints: the journal has it.
            continue;
        }
        let result = apply::finish(session, run, id, arguments.format.format).await;
        let stops = result.is_err();
        if worst.as_ref().is_ok_and(|worst| *worst == ExitCode::Done) {
            worst = result;
        }
        if stops || run.exit_code().is_some() {
            break;
        }
    }
    worst
}

/// The jobs to go on with, the oldest first, and who runs one that is left out.
async fn unfinished_jobs(
    run: &Run,
    arguments: &ResumeArguments,
) -> Result<(Vec<JobId>, Option<String>), Failure> {
    let fail = |error| Failure::from(&error);
    if let Some(id) = arguments.id.map(JobId) {
        let record = run.journal().job(id).await.map_err(fail)?;
        if record.job.state.is_final() {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("job {id} has ended: there is nothing to resume"),
                "stanch jobs show tells what became of it",
            ));
        }
        return Ok((vec![id], None));
    }
    let jobs = run.journal().jobs().await.map_err(fail)?;
    let mut ids: Vec<_> = jobs
        .iter()
        .filter(|job| !job.state.is_final())
        .map(|job| job.id)
        .collect();
    ids.sort_unstable();
    let holdings = run.journal().holdings().await.map_err(fail)?;
    let own = holdings
        .values()
        .flat_map(|holding| &holding.runs_at)
        .find(|at| at.is_self);
    let role = own
        .map(|at| at.role.clone())
        .or_else(|| Some(run.journal().news()?.state().role));
    let mut held = None;
    ids.retain(|id| {
        let Some(holding) = holdings.get(id) else {
            return true;
        };
        // Nobody takes a colleague's job by habit.
        let mine = role.as_ref().is_none_or(|role| *role == holding.by.role);
        let free = holding.is_free() || holding.is_own();
        if !free && let Some(at) = &holding.runs_at {
            held = Some(at.seat());
        }
        free && (mine || arguments.all)
    });
    Ok((ids, held))
}

/// A console that is alive loses its job: on a terminal the word is typed, elsewhere `--yes` says so.
async fn asked_to_take(
    session: &mut CommandContext,
    run: &Run,
    id: JobId,
    yes: bool,
) -> Result<(), Failure> {
    let holdings = run.journal().holdings().await;
    let holdings = holdings.map_err(|error| Failure::from(&error))?;
    let Some(asked) = holdings
        .get(&id)
        .filter(|holding| !holding.is_free() && !holding.is_own())
        .map(take_over::question)
    else {
        return Ok(());
    };
    if yes {
        return Ok(());
    }
    let word = take_over::WORD;
    if session.output.can_prompt() {
        session
            .output
            .prompt(&format!("job {id} {}\ntype {word}: ", asked.about));
        let mut answer = String::new();
        if std::io::stdin().read_line(&mut answer).is_ok() && answer.trim() == word {
            return Ok(());
        }
    }
    Err(Failure::new(
        FailureKind::Policy,
        format!("job {id} {}", asked.about),
        format!("type {word} on a terminal, or give --yes"),
    ))
}

/// Asks on the terminal about a job that was confirmed too long ago.
fn confirm(session: &mut CommandContext, run: &Run, id: JobId) -> bool {
    let Some(job) = run.model.jobs.running.iter().find(|job| job.id == id) else {
        return false;
    };
    if !session.output.can_prompt() {
        return false;
    }
    let counts = job.counts();
    let open = counts.pending + counts.accepted + counts.unknown;
    let typed = usize::try_from(open).is_ok_and(|open| open > run.model.setup.policy.confirm_above);
    let asks = if typed {
        format!("type {open} to go on: ")
    } else {
        "go on? [y/N] ".to_owned()
    };
    session.output.prompt(&format!(
        "job {id}  {}\nit was confirmed more than a day ago, or the clock was set back since\n{asks}",
        counts.in_words()
    ));
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer).is_err() {
        return false;
    }
    let answer = answer.trim();
    if typed {
        answer == open.to_string()
    } else {
        matches!(answer, "y" | "yes")
    }
}
