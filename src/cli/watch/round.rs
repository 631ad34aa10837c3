//! One round: a probe of each account, a scan where it is worth it, and what of it is told.

use super::{
    LineFormat, ScanWhen,
    clock::now,
    cursor,
    deliver::Deliverer,
    lines::Told,
    read,
    spec::{Manner, Spec},
    tell,
};
use crate::{
    cli::{
        accounts::{self, Accounts},
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
    },
    config::Config,
    entity::{
        error::ProviderError,
        key::ProfileName,
        seen::{Account, AccountState, Event, EventKind, Mark, MarkKey, Probe},
    },
    journal::{AuditOrigin, Journal},
    provider::Provider,
    runtime::{self, services::Services},
    seen::{Seen, SeenError, Store},
    table::ProfileSlot,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// Everything that rounds need.
pub(super) struct Watcher {
    pub(super) config: Config,
    pub(super) connected: Accounts,
    pub(super) services: Arc<Services>,
    pub(super) journal: Journal,
    pub(super) seen: Seen,
    pub(super) marks: MarkKey,
    pub(super) deliverer: Deliverer,
    pub(super) specs: Vec<Spec>,
    pub(super) manner: Manner,
    pub(super) every: Duration,
    /// Accounts whose key was refused: they are not asked again with it.
    pub(super) refused: HashSet<ProfileName>,
    /// What tells the keys that accounts were asked with since the start from others.
    pub(super) asked_with: HashMap<ProfileName, u64>,
    pub(super) state: PathBuf,
}

/// What became of one round.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// How many lines of leaks were told.
    pub(super) told: usize,
    /// Why accounts were not read, by profile.
    pub(super) failures: BTreeMap<ProfileName, Failure>,
    /// Requests to providers, as far as they are known here.
    pub(super) requests: u64,
}

/// Where a new watch begins: at the end of the list, but before it is said that what was seen was lost. With that the
/// places of all watches were lost, too, and nobody would hear of it.
fn newest(store: &mut dyn Store) -> Result<u64, SeenError> {
    let end = store.end()?;
    let events = store.events(0)?;
    let reset = events
        .iter()
        .rfind(|event| event.what.kind == EventKind::Reset);
    let was_read = events
        .iter()
        .rfind(|event| event.what.kind == EventKind::Baseline);
    Ok(match (reset, was_read) {
        (Some(reset), None) => reset.seq - 1,
        (Some(reset), Some(read)) if read.seq < reset.seq => reset.seq - 1,
        _ => end,
    })
}

/// Where a watch begins in a round.
pub(super) struct Start {
    /// Its place among the watches.
    pub(super) watch: usize,
    /// The last event that it has told.
    pub(super) after: u64,
}

/// What was read of the accounts that had to be.
pub(super) struct Reading {
    pub(super) run: Option<runtime::headless::HeadlessRun>,
    pub(super) scanned: HashSet<ProfileName>,
}

impl Watcher {
    /// Puts it together.
    #[expect(clippy::too_many_arguments, reason = "it is made in one place")]
    pub(super) fn new(
        config: Config,
        connected: Accounts,
        services: Arc<Services>,
        journal: Journal,
        seen: Seen,
        marks: MarkKey,
        deliverer: Deliverer,
        specs: Vec<Spec>,
        manner: Manner,
        every: Duration,
        state: PathBuf,
    ) -> Self {
        Self {
            config,
            connected,
            services,
            journal,
            seen,
            marks,
            deliverer,
            specs,
            manner,
            every,
            refused: HashSet::new(),
            asked_with: HashMap::new(),
            state,
        }
    }

    /// Makes what effects need anew, for providers that are other ones now.
    pub(super) fn renew_services(&mut self, session: &CommandContext) {
        self.services = accounts::services(
            session,
            &self.config,
            &self.connected,
            self.journal.clone(),
            &self.state,
            AuditOrigin::Command,
        );
    }

    /// Closes what is open.
    pub(super) async fn close(self) {
        self.journal.close().await;
    }

    /// One round, and the exit code that it makes.
    pub(super) async fn once(&mut self, session: &mut CommandContext) -> Result<ExitCode, Failure> {
        let round = self.round(session).await?;
        if let Some(failure) = self.elsewhere() {
            return Err(failure);
        }
        self.heartbeat().await?;
        let delivered = self.deliverer.once().await;
        self.speak(session).await;
        delivered.map_err(|error| Failure::from(&error))?;
        let failures: Vec<&Failure> = round.failures.values().collect();
        if round.told > 0 {
            for failure in &failures {
                session.output.failure(failure);
            }
            return Ok(ExitCode::Told);
        }
        let Some((last, others)) = failures.split_last() else {
            return Ok(ExitCode::Done);
        };
        for failure in others {
            session.output.failure(failure);
        }
        let all_refused = failures
            .iter()
            .all(|failure| failure.exit == ExitCode::Unauthorised);
        Err(Failure {
            exit: if all_refused {
                ExitCode::Unauthorised
            } else {
                ExitCode::Unreachable
            },
            ..(*last).clone()
        })
    }

    /// One round.
    pub(super) async fn round(&mut self, session: &mut CommandContext) -> Result<Round, Failure> {
        let mut round = Round::default();
        let begun = Instant::now();
        self.specs.iter_mut().for_each(|spec| spec.begin(begun));
        for (name, failure) in self.connected.missing.clone() {
            if let Ok(name) = ProfileName::new(&name) {
                round.failures.insert(name, failure);
            }
        }
        self.take_turns(session).await?;
        let starts = self.starts().await?;
        if starts.is_empty() {
            return Ok(Round::default());
        }
        let (unread, unread_marks) = self.unread(&starts).await?;
        let own = self.own_accounts().await?;
        let mut due: Vec<(ProfileName, Option<Probe>)> = Vec::new();
        for account in self.accounts() {
            let name = account.profile.clone();
            let is_unread = unread.contains(&account);
            if self.refused.contains(&name) || !(is_unread || own.contains(&account)) {
                continue;
            }
            if let Some(failure) = self.used_up(&account).await? {
                round.failures.insert(name, failure);
                continue;
            }
            match self.probe(&account, is_unread, &mut round).await? {
                Ok(None) => {}
                Ok(Some(probe)) => due.push((name, probe)),
                Err(error) => self.fail(&account, &error, &mut round).await?,
            }
        }
        let reading = self.read(session, due, &unread_marks, &mut round).await?;
        if self.is_still_ours(&starts).await? {
            self.tell(session, &starts, &reading, &mut round).await?;
        }
        Ok(round)
    }

    /// The watches that run here in this round.
    pub(super) fn own_specs(&self) -> impl Iterator<Item = &Spec> {
        self.specs.iter().filter(|spec| spec.elsewhere.is_none())
    }

    pub(super) fn accounts(&self) -> Vec<Account> {
        let profiles = self.connected.profiles.iter();
        profiles
            .map(|profile| Account::from(&profile.binding))
            .collect()
    }

    pub(super) fn provider(&self, name: &ProfileName) -> Option<Arc<dyn Provider>> {
        self.connected.providers.get(name).cloned()
    }

    /// Where each watch that is due begins; a new one is given its place before anything is read.
    async fn starts(&self) -> Result<Vec<Start>, Failure> {
        let failed = |error: SeenError| Failure::from(&error);
        let mut starts = Vec::new();
        let due = self.specs.iter().enumerate();
        for (watch, spec) in due.filter(|(_, spec)| spec.is_due && spec.elsewhere.is_none()) {
            if let Some(after) = cursor::read(spec, &self.seen).await? {
                starts.push(Start { watch, after });
                continue;
            }
            let since = self.manner.since.map(|since| since.seconds(now()));
            let after = match since {
                Some(i64::MIN) => 0,
                Some(at) => {
                    let found = self.seen.ask(move |store| store.position_at(at)).await;
                    found.map_err(failed)?
                }
                None => self.seen.ask(newest).await.map_err(failed)?,
            };
            cursor::write(spec, &self.seen, after, now(), Vec::new()).await?;
            starts.push(Start { watch, after });
        }
        Ok(starts)
    }

    /// Accounts and leaks that a watch has events of which it has not told: their rows are needed.
    async fn unread(&self, starts: &[Start]) -> Result<(HashSet<Account>, HashSet<Mark>), Failure> {
        let Some(first) = starts.iter().map(|start| start.after).min() else {
            return Ok((HashSet::new(), HashSet::new()));
        };
        let events = self.seen.ask(move |store| store.events(first)).await;
        let events = events.map_err(|error| Failure::from(&error))?;
        let is_row =
            |event: &&Event| event.what.kind.is_of_leak() && event.what.kind != EventKind::Own;
        let events = events.iter().filter(is_row);
        let of_row = |event: &Event| Some((event.account.clone()?, event.what.mark));
        Ok(events.filter_map(of_row).unzip())
    }

    /// Whether an account must be scanned: with the probe from before, if it has one.
    async fn probe(
        &self,
        account: &Account,
        is_unread: bool,
        round: &mut Round,
    ) -> Result<Result<Option<Option<Probe>>, ProviderError>, Failure> {
        let Some(provider) = self.provider(&account.profile) else {
            return Ok(Ok(None));
        };
        let asked = account.clone();
        let state = self.seen.ask(move |store| store.account(&asked)).await;
        let state = state.map_err(|error| Failure::from(&error))?;
        let probe = match provider.leaks().probe().await {
            Ok(probe) => probe,
            // Some servers know no counts; then only a whole reading can tell.
            Err(ProviderError::Unsupported { .. } | ProviderError::Malformed { .. }) => None,
            Err(error) => return Ok(Err(error)),
        };
        let requests = probe.as_ref().map_or(0, |probe| u64::from(probe.requests));
        round.requests += requests;
        let is_due = is_unread || self.is_due(&state, probe.as_ref());
        if !is_due {
            let (account, at) = (account.clone(), now());
            let quiet = self
                .seen
                .ask(move |store| store.quiet(&account, at, requests));
            quiet.await.map_err(|error| Failure::from(&error))?;
            return Ok(Ok(None));
        }
        Ok(Ok(Some(probe)))
    }

    /// Why an account is not asked any more on this day; nothing where it may be.
    async fn used_up(&self, account: &Account) -> Result<Option<Failure>, Failure> {
        let most = self.config.watching.watch.requests_per_day;
        if most == 0 {
            return Ok(None);
        }
        let (account, midnight) = (account.clone(), now() - now().rem_euclid(86_400));
        let name = account.profile.clone();
        let lines = self.seen.ask(move |store| store.scans(midnight)).await;
        let lines = lines.map_err(|error| Failure::from(&error))?;
        let mine = lines.iter().filter(|line| line.account == account);
        let sent: u64 = mine.map(|line| line.requests).sum();
        Ok((sent >= u64::from(most)).then(|| Failure {
            exit: ExitCode::Unreachable,
            kind: "rate_limited",
            profile: Some(name.to_string()),
            ..Failure::new(
                FailureKind::Unsupported,
                format!("{name}: the {most} requests of this day are used up"),
                "it is asked again after midnight, UTC; [watch] requests_per_day sets the number",
            )
        }))
    }

    fn is_due(&self, state: &AccountState, probe: Option<&Probe>) -> bool {
        let is_old = |last: i64| now().saturating_sub(last) >= self.manner.scan_every;
        self.manner.scan == ScanWhen::Always
            || state.baseline_at.is_none()
            || state.last_scan.is_none_or(is_old)
            || probe.is_none()
            || state.probe != probe.map(Probe::to_bytes)
    }

    /// Lets each watch tell what is behind its cursor.
    async fn tell(
        &mut self,
        session: &mut CommandContext,
        starts: &[Start],
        reading: &Reading,
        round: &mut Round,
    ) -> Result<(), Failure> {
        let Some(first) = starts.iter().map(|start| start.after).min() else {
            return Ok(());
        };
        let events = self.seen.ask(move |store| store.events(first)).await;
        let events = events.map_err(|error| Failure::from(&error))?;
        let wanted: HashSet<_> = events
            .iter()
            .filter(|event| event.what.kind.is_of_leak())
            .map(|event| event.what.mark)
            .collect();
        let context = reading.run.as_ref().map(|run| &run.model.data.table);
        let rows = context.map_or_else(HashMap::new, |table| {
            read::find(table, &self.marks, &wanted)
        });
        let sight = tell::Sight {
            table: context,
            rows: &rows,
            scanned: &reading.scanned,
            slots: &Self::slots(reading),
            failures: &round.failures,
        };
        let mut told = Told::new(self.manner.format);
        let mut tellings = Vec::new();
        for Start { watch, after } in starts {
            let behind = events.iter().filter(|event| event.seq > *after);
            let spec = &self.specs[*watch];
            tellings.push(tell::of_watch(spec, *after, behind, &sight, &mut told));
        }
        let moved = tellings
            .iter()
            .zip(starts)
            .any(|(telling, start)| telling.to != start.after);
        let is_json = self.manner.format == LineFormat::Json;
        if moved || is_json {
            let lost = told.print(session, context, &round.failures, &self.connected);
            // What was not taken is told again by the next round.
            if lost {
                return Err(Failure::new(
                    FailureKind::Internal,
                    "standard output cannot be written",
                    "check the program that reads it; nothing is marked as told",
                ));
            }
        }
        for (Start { watch, after }, telling) in starts.iter().zip(&tellings) {
            let spec = &self.specs[*watch];
            self.move_on(spec, *after, telling, context).await?;
            round.told += telling.told.len();
        }
        Ok(())
    }

    fn slots(reading: &Reading) -> HashMap<Account, ProfileSlot> {
        let Some(run) = &reading.run else {
            return HashMap::new();
        };
        let profiles = run.model.data.profiles.iter();
        profiles
            .map(|state| (Account::from(&state.profile.binding), state.slot))
            .collect()
    }
}
