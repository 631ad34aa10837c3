//! The scans of a round: accounts read whole, our own changes laid beside, what seems to have come back read a second
//! time, and what came of it kept.

use super::{
    ScanWhen,
    clock::now,
    own::{self, Own},
    read::{self, When},
    round::{Reading, Round, Watcher},
};
use crate::{
    app::{
        digest::{Digest, KnownLeaks},
        model::Model,
    },
    cli::{
        accounts,
        context::CommandContext,
        entities::load,
        failure::{Failure, FailureKind},
    },
    entity::{
        error::ProviderError,
        key::ProfileName,
        seen::{Account, LeakRead, Mark, Probe, Scan},
        status::Status,
    },
    filter::Filter,
    runtime,
    seen::{Failed, Recorded},
    table::RowId,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// So many regressions of an account are read a second time; more are a storm.
const CONFIRMED: usize = 20;

/// So long a change may take to be seen where a profile says nothing.
const SETTLE: Duration = Duration::from_secs(60);

impl Watcher {
    /// Reads accounts whole and keeps what came of it.
    pub(super) async fn read(
        &mut self,
        session: &mut CommandContext,
        due: Vec<(ProfileName, Option<Probe>)>,
        unread: &HashSet<Mark>,
        round: &mut Round,
    ) -> Result<Reading, Failure> {
        let mut scanned = HashSet::new();
        if due.is_empty() {
            return Ok(Reading { run: None, scanned });
        }
        let (mut model, clock) = accounts::model(
            session,
            &self.config,
            &self.connected,
            &self.journal,
            None,
            true,
        );
        accounts::load_local_records(&mut model.data_update(), &self.connected, &self.journal)
            .await?;
        let services = Arc::clone(&self.services);
        let mut run = runtime::headless::HeadlessRun::new(model, services, clock);
        let names: Vec<ProfileName> = due.iter().map(|(name, _)| name.clone()).collect();
        let began = now();
        let own = self.own(&names, began).await?;
        let digest = self.digest(&run.model, &names, &own, unread).await?;
        run.model.data.digest = Some(Box::new(digest));
        load::load_leaks(&mut session.output, &mut run, &names, &Filter::default()).await;
        let own = self.own(&names, began).await?;
        for (name, probe) in due {
            let data = &mut run.model.data;
            let Some(state) = data.profile(&name) else {
                continue;
            };
            let (slot, is_whole) = (state.slot, read::is_whole(&state.paging));
            let leaks = match &mut data.digest {
                Some(digest) => digest.finish(slot, is_whole),
                None => Vec::new(),
            };
            let Some(state) = data.profile(&name) else {
                continue;
            };
            let account = Account::from(&state.profile.binding);
            if let Some(error) = state.paging.error.clone() {
                self.fail(&account, &error, round).await?;
                // What came before it failed is kept all the same.
                if state.paging.rows_received == 0 {
                    continue;
                }
            }
            let scan = self.scan(&run.model, &name, &own, began, leaks)?;
            round.requests += scan.requests;
            let mut scan = self.confirm(&run.model, &name, scan).await?;
            // A row that was not judged is looked at again in the next round.
            let is_settled = scan.leaks.iter().all(|leak| !leak.is_doubtful());
            scan.probe = probe.filter(|_| is_settled).map(|probe| probe.to_bytes());
            let kept: Recorded = {
                let recorded = self.seen.ask(move |store| store.record(&scan)).await;
                recorded.map_err(|error| Failure::from(&error))?
            };
            tracing::info!(
                profile = name.as_str(),
                events = kept.events.len(),
                baseline = kept.baseline,
                "an account was read"
            );
            if !round.failures.contains_key(&name) {
                scanned.insert(name);
            }
        }
        Ok(Reading {
            run: Some(run),
            scanned,
        })
    }

    /// What is known of accounts, so that of their readings only the rows are kept that something may be told of: those
    /// that differ from it, those that we have changed, and those that a watch has not told of yet.
    async fn digest(
        &self,
        model: &Model,
        names: &[ProfileName],
        own: &Own,
        unread: &HashSet<Mark>,
    ) -> Result<Digest, Failure> {
        let mut digest = Digest::new(self.marks.clone());
        for name in names {
            let Some(state) = model.data.profile(name) else {
                continue;
            };
            let account = Account::from(&state.profile.binding);
            let known = self.seen.ask(move |store| {
                let (marks, states) = store.states(&account)?;
                Ok((store.account(&account)?, marks, states))
            });
            let (account, marks, states) = known.await.map_err(|error| Failure::from(&error))?;
            let ours = read::own_changes(state, &self.marks, own);
            let ours = ours.iter().map(|own| own.mark);
            let known = KnownLeaks {
                marks,
                states,
                has_baseline: account.baseline_at.is_some(),
                since: self.manner.since.map(|since| since.seconds(now())),
                wanted: unread.iter().copied().chain(ours).collect(),
            };
            digest.add(state.slot, known);
        }
        Ok(digest)
    }

    async fn own(&self, names: &[ProfileName], began: i64) -> Result<Own, Failure> {
        let mut since = began;
        for account in self.accounts() {
            if names.contains(&account.profile) {
                let state = self.seen.ask(move |store| store.account(&account)).await;
                let state = state.map_err(|error| Failure::from(&error))?;
                since = since.min(state.last_scan.unwrap_or(i64::MAX));
            }
        }
        // A change that a reading may not have seen is compared again with the next one.
        let since = since.saturating_sub(24 * 3600);
        let changes = own::changes(&self.journal, names, since).await;
        changes.map_err(|error| Failure::from(&error))
    }

    fn scan(
        &self,
        model: &Model,
        name: &ProfileName,
        own: &Own,
        began: i64,
        leaks: Vec<LeakRead>,
    ) -> Result<Scan, Failure> {
        let state = model.data.profile(name).ok_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                "a profile is not there",
                "report this",
            )
        })?;
        let settle = state.profile.verify.last().copied().unwrap_or(SETTLE);
        let when = When {
            began,
            ended: now(),
            settle: i64::try_from(settle.as_secs_f64().ceil() as u64).unwrap_or(60),
            gone_after: if self.manner.scan == ScanWhen::Always {
                0
            } else {
                self.manner.scan_every
            },
            storm: self.manner.storm,
        };
        let mut scan = read::scan(state, &self.marks, own, when, leaks);
        scan.since = self.manner.since.map(|since| since.seconds(now()));
        Ok(scan)
    }

    /// Reads leaks that seem to have come back a second time: a provider may lag for a moment.
    async fn confirm(
        &self,
        model: &Model,
        name: &ProfileName,
        scan: Scan,
    ) -> Result<Scan, Failure> {
        let suspected = self.seen.ask(move |store| {
            let back = store.suspects(&scan)?;
            Ok((scan, back))
        });
        let (mut scan, back) = suspected.await.map_err(|error| Failure::from(&error))?;
        let regressed: HashSet<Mark> = back.into_iter().collect();
        if regressed.is_empty() {
            return Ok(scan);
        }
        let Some(provider) = self.provider(name) else {
            return Ok(scan);
        };
        let table = &model.data.table;
        let rows = read::find(table, &self.marks, &regressed);
        let by_mark: HashMap<_, RowId> = rows
            .into_iter()
            .map(|((_, mark), row)| (mark, row))
            .collect();
        for leak in scan
            .leaks
            .iter_mut()
            .filter(|leak| regressed.contains(&leak.mark()))
        {
            if regressed.len() > CONFIRMED {
                leak.set_unconfirmed(true);
                continue;
            }
            let Some(row) = by_mark.get(&leak.mark()) else {
                continue;
            };
            let id = read::id(table, *row);
            if !provider.leaks().accepts_id(&id) {
                leak.set_unconfirmed(true);
                continue;
            }
            match provider.leaks().leak(&id).await {
                Ok((batch, _)) => {
                    let status = batch.iter().next().map(|row| row.status);
                    leak.set_doubtful(status.is_none_or(|status| status == Status::Fixed));
                }
                Err(ProviderError::Unsupported { .. }) => leak.set_unconfirmed(true),
                Err(_) => leak.set_doubtful(true),
            }
        }
        Ok(scan)
    }

    /// Keeps that an account could not be read.
    pub(super) async fn fail(
        &mut self,
        account: &Account,
        error: &ProviderError,
        round: &mut Round,
    ) -> Result<(), Failure> {
        let name = account.profile.clone();
        let is_refused = error.is_refused_key() || matches!(error, ProviderError::Forbidden { .. });
        let failure = load::list_failure(&name, error);
        if is_refused {
            self.refused.insert(name.clone());
        }
        round.failures.insert(name, failure);
        let (account, failed) = (
            account.clone(),
            Failed {
                at: now(),
                refused: is_refused,
            },
        );
        let kept = self
            .seen
            .ask(move |store| store.failed(&account, failed))
            .await;
        kept.map(drop).map_err(|error| Failure::from(&error))
    }
}
