//! A change of leaks from its targets to its end: planned, confirmed, applied, reported. The commands that fix, reopen
//! and set leaks and those that retry, undo and redo jobs share it.

pub(super) mod apply;
mod justification;
mod plan_text;
pub(super) mod report;
pub(super) mod targets;

pub use justification::JustificationOptions;

use self::targets::TargetSelection;
use super::{
    accounts::Accounts,
    context::CommandContext,
    entities::load::{self, LoadReport},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    files::FromOptions,
    format::{Format, FormatOption},
};
use crate::{
    app::{
        model::{Context, JournalAccess},
        plan,
    },
    entity::{
        claim::Justification,
        error::JournalError,
        job::{JobCommand, Plan, SkipCode},
        status::Status,
    },
    export::json,
    filter::Filter,
    runtime::headless::HeadlessRun as Run,
};
use std::{path::PathBuf, time::Instant};

/// What the leaks shall become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCommand {
    /// Fixed.
    Fix,
    /// Open again.
    Reopen,
    /// One of the four.
    Set(Status),
}

/// `fix` and `reopen`. Exactly one of filter, file and keys is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[group(id = "targets", required = true, multiple = false, args = ["filter", "ids_from", "keys"])]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own on the command line"
)]
pub struct Arguments {
    /// All leaks that match; stanch --help has the language.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// The keys in this file, one a line, up to 64 MiB; - is standard input. A file of anything else is refused.
    #[arg(long, value_name = "FILE|-")]
    pub ids_from: Option<PathBuf>,
    /// These leaks: profile:leak:id, or the id alone when one profile is in play.
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// Why; kept with the job and with each leak.
    #[command(flatten)]
    pub justification: JustificationOptions,
    /// Take in leaks that are closed as something else: a false positive is marked fixed, for one.
    #[arg(long)]
    pub include_closed: bool,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Refuse unless exactly this many changes will be made.
    #[arg(long, value_name = "N")]
    pub expect_count: Option<usize>,
    /// Record the job and carry it out in a process of its own, which outlives the terminal.
    #[arg(long)]
    pub detach: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
    /// Where the leaks are.
    #[command(flatten)]
    pub from: FromOptions,
}

/// What a change wishes for, before its options.
pub(super) fn requested_change(change: StatusCommand) -> plan::PlanSpec {
    let (command, wanted) = match change {
        StatusCommand::Fix => (JobCommand::Fix, Status::Fixed),
        StatusCommand::Reopen => (JobCommand::Reopen, Status::Open),
        StatusCommand::Set(status) => (JobCommand::Set, status),
    };
    plan::PlanSpec {
        command,
        wanted,
        include_closed: false,
    }
}

/// Rules that need no list.
pub(super) fn check_policy(session: &CommandContext) -> Result<(), Failure> {
    if session.options.read_only {
        return Err(Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "--dry-run shows what would be done",
        ));
    }
    Ok(())
}

/// Where the policy wants a reason, there must be one.
pub(super) fn check_reason(session: &CommandContext, words: &Justification) -> Result<(), Failure> {
    if session.config().policy.require_reason && words.reason.is_none() {
        return Err(Failure::new(
            FailureKind::Policy,
            "the policy wants a reason with every change",
            "--reason TEXT gives it; --dry-run shows what would be done",
        ));
    }
    Ok(())
}

/// The journal must be ours to write.
pub(super) fn check_journal(run: &Run) -> Result<(), Failure> {
    let error = match run.model.access.journal.clone() {
        JournalAccess::Writer => return Ok(()),
        JournalAccess::Follower { holder } => JournalError::Locked { holder },
        JournalAccess::ReadOnly { reason: why } => JournalError::ReadOnly { why },
    };
    Err(Failure::from(&error))
}

/// What was named, once every leak that it may mean was read.
pub(super) enum Loaded {
    /// All leaks that match.
    Filter(Filter),
    /// The leaks of these keys.
    Keys(targets::ResolvedKeys),
}

impl Loaded {
    /// The leaks that are meant.
    pub(super) fn targets(self, context: Context<'_>) -> Result<Vec<plan::Target>, Failure> {
        match self {
            Self::Filter(filter) => Ok(targets::targets_by_filter(context, &filter)),
            Self::Keys(keys) => targets::targets_by_keys(context, keys),
        }
    }
}

/// Reads every leak that the targets may mean. An incomplete list is never acted on, but for leaks of files that are
/// named by their keys and were read.
pub(super) async fn load_targets(
    session: &mut CommandContext,
    run: &mut Run,
    connected: &Accounts,
    named: TargetSelection,
) -> Result<Loaded, Failure> {
    let in_play = load::all_profiles(run.model.context());
    let (profiles, loaded) = match named {
        TargetSelection::Filter(filter) => (
            load::matching_profiles(run.model.context(), &filter),
            Loaded::Filter(filter),
        ),
        TargetSelection::Keys(words) => {
            let keys = targets::resolve_keys(words, &in_play)?;
            let asked = keys.profiles();
            let profiles = in_play.into_iter().filter(|name| asked.contains(name));
            (profiles.collect::<Vec<_>>(), Loaded::Keys(keys))
        }
    };
    // Everything, whatever the filter says: what a provider leaves out could not be told from what is not there.
    load::load_leaks(&mut session.output, run, &profiles, &Filter::default()).await;
    let asks = matches!(&loaded, Loaded::Filter(filter) if filter.asks_memory());
    load::news(&mut session.output, run, asks).await;
    let missing = match &loaded {
        Loaded::Filter(filter) => load::matching_unusable(connected, filter),
        Loaded::Keys(keys) => {
            let asked = keys.profiles();
            let asked = |name: &str| asked.iter().any(|profile| profile.as_str() == name);
            let missing = connected.missing.iter().filter(|(name, _)| asked(name));
            missing.cloned().collect()
        }
    };
    let context = run.model.context();
    let profiles: Vec<_> = match &loaded {
        Loaded::Filter(_) => profiles,
        // What files did not give is no part of what was named, once all of that was read.
        Loaded::Keys(keys) => profiles
            .into_iter()
            .filter(|profile| !keys.are_read_from_files(context, profile))
            .collect(),
    };
    LoadReport::from_model(context, &profiles, &missing).finish()?;
    Ok(loaded)
}

/// Reads everything that the targets need, and makes the plan. An incomplete list is never acted on.
pub(super) async fn prepare(
    session: &mut CommandContext,
    run: &mut Run,
    connected: &Accounts,
    wish: plan::PlanSpec,
    named: TargetSelection,
) -> Result<(Plan, u64), Failure> {
    let live = run.journal().active_leaks().await;
    let live = live.map_err(|error| Failure::from(&error))?;
    run.model.jobs.active_leaks.extend(live);
    let loaded = load_targets(session, run, connected, named).await?;
    for state in &mut run.model.data.profiles {
        if let Some(provider) = connected.providers.get(&state.profile.binding.name) {
            state.budget = provider.budget().borrow().clone();
        }
    }
    let start = Instant::now();
    let now = run.refresh_now();
    let targets = loaded.targets(run.model.context())?;
    let plan = plan::build_plan_for(run.model.context(), wish, &targets, now);
    let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok((plan, took))
}

/// From the plan to its end: shown, counted, asked about, applied.
pub(super) async fn execute(
    session: &mut CommandContext,
    run: &mut Run,
    arguments: &Arguments,
    mut plan: Plan,
    plan_ms: u64,
    ask: bool,
) -> Result<ExitCode, Failure> {
    let format = arguments.format.format;
    if arguments.dry_run {
        print(session, format, &plan);
    }
    let eligible = plan.eligible.len();
    if let Some(expected) = arguments.expect_count
        && expected != eligible
    {
        return Err(Failure::new(
            FailureKind::Policy,
            format!("{eligible} changes would be made, not {expected}: nothing was sent"),
            "--dry-run shows which",
        ));
    }
    if arguments.dry_run {
        return Ok(ExitCode::Done);
    }
    if plan.eligible.is_empty() {
        let refused = plan
            .skipped
            .iter()
            .find(|skipped| skipped.code == SkipCode::NotAllowed);
        if let Some(skipped) = refused {
            return Err(Failure::new(
                FailureKind::Policy,
                format!("nothing may be changed: {}", skipped.reason),
                "see read_only and allow_insecure_http of the profile; --dry-run shows the plan",
            ));
        }
        print(session, format, &plan);
        // Nothing of a job was taken back: that is no success.
        return Ok(if plan.is_incomplete_revert() {
            ExitCode::Partial
        } else {
            ExitCode::Done
        });
    }
    if !arguments.yes && !ask {
        print(session, format, &plan);
        return Err(Failure::new(
            FailureKind::Policy,
            "nothing was sent: there is no terminal to ask on",
            "--yes applies the plan without asking",
        ));
    }
    if ask && !confirm(session, run, &plan) {
        return Err(Failure::new(
            FailureKind::Policy,
            "not applied: nothing was sent",
            "--yes applies the plan without asking",
        ));
    }
    // The answer, or --yes, covers what a provider stores as something else; that is not asked again.
    for lossy in &mut plan.inexact_mappings {
        lossy.is_confirmed = true;
    }
    run.model.plan.justification = arguments.justification.justification();
    if arguments.detach {
        return apply::detach(session, run, plan, plan_ms, format).await;
    }
    apply::run(session, run, plan, plan_ms, format).await
}

fn print(session: &mut CommandContext, format: Format, plan: &Plan) {
    match format {
        Format::Json => session
            .output
            .json(&json::answer("plan", json::plan_json(plan))),
        Format::Table => session.output.text(&plan_text::format_plan(plan)),
    }
}

/// Asks on the terminal, as the console does: above the policy's number the number itself has to be typed.
fn confirm(session: &mut CommandContext, run: &Run, plan: &Plan) -> bool {
    let number = plan.eligible.len();
    let typed = number > run.model.setup.policy.confirm_above;
    let question = if typed {
        format!("type {number} to apply: ")
    } else {
        "apply? [y/N] ".to_owned()
    };
    session
        .output
        .prompt(&format!("{}{question}", plan_text::format_plan(plan)));
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer).is_err() {
        return false;
    }
    let answer = answer.trim();
    if typed {
        answer == number.to_string()
    } else {
        matches!(answer, "y" | "yes")
    }
}
