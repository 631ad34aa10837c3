//! `stanch leaks claim|release` and `stanch claims list`: who works on a leak, without a console.

use super::{
    accounts,
    change::{self, targets::TargetOptions},
    context::CommandContext,
    entities::{rows, value_list},
    exit::ExitCode,
    failure::{Failure, FailureKind},
    files::FromOptions,
    format::{Format, FormatOption, ListFormatOption},
    output::Column,
};
use crate::{
    app::plan::Target,
    entity::{
        claim::{Claim, ClaimOperation, ClaimResult},
        key::{EntityKey, ProfileName, ProviderId},
        number::group_digits,
        profile::ProfileBinding,
    },
    export::{Summary, json},
    journal::{OpenMode, Operator},
    runtime::headless::HeadlessRun as Run,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// `claim` and `release`.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Which leaks.
    #[command(flatten)]
    pub targets: TargetOptions,
    /// Also leaks that another has claimed.
    #[arg(long)]
    pub take: bool,
    /// Files instead of the configured profiles.
    #[command(flatten)]
    pub from: FromOptions,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// What can be read of claims.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// List the claims that hold.
    List(ListFormatOption),
}

/// A claim, as JSON and CSV have it.
#[derive(Serialize)]
struct Item {
    key: EntityKey,
    by: String,
    console: String,
    until: Timestamp,
    mine: bool,
}

impl Item {
    fn of(who: &Operator, (key, claim): (EntityKey, Claim)) -> Self {
        let mine = is_own(who, &claim);
        Self {
            key,
            by: claim.claimant.user_at_host(),
            console: claim.claimant.console,
            until: claim.expires_at,
            mine,
        }
    }
}

/// Lists claims. No provider is asked; the configuration says whose leaks are meant.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    let Command::List(options) = command;
    let config = session.config_for_command()?;
    if config.profiles.is_empty() {
        return Err(accounts::no_profile_failure());
    }
    let bindings = config
        .profiles
        .iter()
        .map(|profile| ProfileBinding {
            name: profile.settings.name.clone(),
            provider: profile.settings.provider.clone(),
            origin: String::new(),
            team: String::new(),
        })
        .collect();
    let state = session.state_directory()?;
    let journal = accounts::open_journal(session, &state, OpenMode::Read).await?;
    let claims = journal.claims(bindings).await;
    journal.close().await;
    let claims = claims.map_err(|error| Failure::from(&error))?;
    let items: Vec<Item> = {
        let who = accounts::operator(session);
        claims
            .into_iter()
            .map(|claim| Item::of(&who, claim))
            .collect()
    };
    let count = items.len() as u64;
    let summary = Summary {
        total: Some(count),
        loaded: count,
        complete: true,
        profiles: Vec::new(),
    };
    let names = ["by", "console", "until", "mine", "key"];
    value_list::print(
        &mut session.output,
        options.format,
        &items,
        &summary,
        &names,
        |item| {
            let mine = if item.mine { "yes" } else { "no" };
            [
                item.by.clone(),
                item.console.clone(),
                rows::moment(item.until, options.format),
                mine.to_owned(),
                item.key.to_string(),
            ]
            .map(String::into_bytes)
            .to_vec()
        },
    );
    Ok(ExitCode::Done)
}

/// Claims leaks, or releases them.
pub async fn change(
    session: &mut CommandContext,
    release: bool,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    if session.options.read_only {
        return Err(Failure::new(
            FailureKind::Policy,
            "--read-only forbids every change",
            "stanch claims list shows the claims that hold",
        ));
    }
    let named = arguments.targets.read()?;
    let (mut run, connected) = accounts::start_headless(session, OpenMode::Write).await?;
    let result = async {
        change::check_journal(&run)?;
        let loaded = change::load_targets(session, &mut run, &connected, named).await?;
        let targets = loaded.targets(run.model.context())?;
        let asked = targets.len();
        let leaks = leaks(&run, targets);
        if leaks.is_empty() && asked > 0 {
            return Err(Failure::new(
                FailureKind::NotFound,
                "no leak has any of these keys",
                "stanch leaks list prints keys; --profile decides which accounts are asked",
            ));
        }
        let missing = asked - leaks.len();
        let claimed = act(session, &run, leaks, release, arguments.take).await?;
        print(session, arguments.format.format, release, &claimed);
        if missing > 0 {
            let text = format!(
                "stanch: {} keys are of no leak",
                group_digits(missing as u64)
            );
            session.output.warning(&text);
        }
        Ok(if asked == 0 || !claimed.changed.is_empty() {
            ExitCode::Done
        } else {
            ExitCode::Partial
        })
    };
    let result = result.await;
    run.journal().close().await;
    result
}

/// The leaks that are there, with their providers.
fn leaks(run: &Run, targets: Vec<Target>) -> Vec<(EntityKey, ProviderId)> {
    let data = &run.model.data;
    let providers: HashMap<&ProfileName, &ProviderId> = data
        .profiles
        .iter()
        .map(|state| &state.profile.binding)
        .map(|binding| (&binding.name, &binding.provider))
        .collect();
    targets
        .into_iter()
        .filter_map(|target| match target {
            Target::Row(row) => Some(data.table.key(row)),
            Target::Missing(_) => None,
        })
        .filter_map(|key| {
            let provider = (*providers.get(&key.profile)?).clone();
            Some((key, provider))
        })
        .collect()
}

/// Does it. A release also gives back what the operator has claimed at another terminal of this host, and with `take`
/// what anybody has: the store releases a console's own claims alone, so these are taken over first.
async fn act(
    session: &CommandContext,
    run: &Run,
    leaks: Vec<(EntityKey, ProviderId)>,
    release: bool,
    take: bool,
) -> Result<ClaimResult, Failure> {
    let fail = |error| Failure::from(&error);
    let first = match (release, take) {
        (true, _) => ClaimOperation::Release,
        (false, true) => ClaimOperation::Take,
        (false, false) => ClaimOperation::Claim,
    };
    if leaks.is_empty() {
        return Ok(ClaimResult::default());
    }
    let mut claimed = run.claim(leaks.clone(), first).await.map_err(fail)?;
    if claimed.held_by_others.is_empty() {
        return Ok(claimed);
    }
    let who = accounts::operator(session);
    // A command without a terminal has no console of its own to go on with.
    let can_take = |claim: &Claim| {
        is_own(&who, claim) && (release || claim.claimant.console.starts_with("process "))
    };
    let (others, held): (Vec<_>, Vec<_>) = std::mem::take(&mut claimed.held_by_others)
        .into_iter()
        .partition(|(_, claim)| take || can_take(claim));
    claimed.held_by_others = held;
    let providers: HashMap<EntityKey, ProviderId> = leaks.into_iter().collect();
    let others: Vec<(EntityKey, ProviderId)> = others
        .into_iter()
        .filter_map(|(key, _)| {
            let provider = providers.get(&key)?.clone();
            Some((key, provider))
        })
        .collect();
    if others.is_empty() {
        return Ok(claimed);
    }
    let mut second = run
        .claim(others.clone(), ClaimOperation::Take)
        .await
        .map_err(fail)?;
    if release {
        second = run
            .claim(others, ClaimOperation::Release)
            .await
            .map_err(fail)?;
    }
    claimed.changed.extend(second.changed);
    claimed.held_by_others.extend(second.held_by_others);
    Ok(claimed)
}

/// Whether a claim is of this operator on this host, at whatever terminal.
fn is_own(who: &Operator, claim: &Claim) -> bool {
    claim.claimant.user == who.user && claim.claimant.host == who.host
}

fn print(session: &mut CommandContext, format: Format, release: bool, claimed: &ClaimResult) {
    #[derive(Serialize)]
    struct Held<'a> {
        key: &'a EntityKey,
        by: String,
        until: String,
    }
    #[derive(Serialize)]
    struct Answer<'a> {
        changed: &'a [EntityKey],
        held: Vec<Held<'a>>,
    }
    if format == Format::Json {
        let held = claimed.held_by_others.iter().map(|(key, claim)| Held {
            key,
            by: claim.claimant.user_at_host(),
            until: claim.expires_at.to_string(),
        });
        let answer = Answer {
            changed: &claimed.changed,
            held: held.collect(),
        };
        session.output.json(&json::answer("claimed", answer));
        return;
    }
    let done = if release { "released" } else { "claimed" };
    session.output.text(&format!(
        "{} {done}, {} held by others\n",
        group_digits(claimed.changed.len() as u64),
        group_digits(claimed.held_by_others.len() as u64)
    ));
    if claimed.held_by_others.is_empty() {
        return;
    }
    let lines: Vec<_> = claimed
        .held_by_others
        .iter()
        .map(|(key, claim)| {
            vec![
                rows::printable(claim.claimant.user_at_host()),
                rows::printable(rows::truncate_to_second(claim.expires_at)),
                rows::printable(key),
            ]
        })
        .collect();
    let columns = [
        Column::text("BY"),
        Column::text("UNTIL"),
        Column::uncut("KEY"),
    ];
    session.output.table(&columns, &lines);
}
