//! Readings on their way to the memory of what was seen, and the operator's place in its list of events.

use super::Services;
use crate::{
    app::{
        effect::NewsEffect,
        message::Message,
        news::{Judged, NewsCursor, NewsError, Reading, Told},
    },
    entity::{
        error::ProviderError,
        key::{Kind, ProfileName, RemoteId},
        seen::{Mark, OwnChange, PackedRead, Scan},
        status::Status,
    },
    runtime::{
        own_changes,
        seen_memory::{self, SeenMemory},
    },
    table::RowId,
};
use std::{collections::HashSet, sync::Arc};

/// So many leaks that seem to have come back are read a second time; more are a storm.
const CONFIRMED: usize = 20;

/// What is changed so shortly before a reading may be seen by the one after it, in seconds.
const OVERLAP: i64 = 24 * 3_600;

/// What was found out about leaks that seem to have come back.
#[derive(Default)]
struct Second {
    /// A second reading did not agree, or could not be made.
    doubtful: HashSet<Mark>,
    /// None was made.
    unconfirmed: HashSet<Mark>,
}

impl Services {
    /// Keeps a reading, or moves the operator's place.
    pub(in crate::runtime) async fn news(&self, effect: NewsEffect) -> Message {
        match effect {
            NewsEffect::Load => Message::NewsLoaded(self.load_news().await),
            NewsEffect::Judge(reading) => {
                let profile = reading.scan.account.profile.clone();
                let result = self.judge(reading).await.map(Box::new);
                Message::ReadingJudged { profile, result }
            }
            NewsEffect::Record { reading, confirm } => {
                let profile = reading.scan.account.profile.clone();
                let result = self.confirm_and_record(reading, confirm).await;
                Message::ReadingJudged {
                    profile,
                    result: result.map(Box::new),
                }
            }
            NewsEffect::Move { to } => Message::NewsMoved {
                is_undone: false,
                result: self.move_cursor(Some(to)).await,
            },
            NewsEffect::MoveBack => Message::NewsMoved {
                is_undone: true,
                result: self.move_cursor(None).await,
            },
            NewsEffect::Look {
                accounts,
                after,
                every,
            } => Message::Looked(self.look(accounts, after, every).await),
        }
    }

    pub(super) fn memory(&self) -> Result<&SeenMemory, NewsError> {
        self.seen.as_deref().ok_or_else(|| NewsError {
            why: "nothing is kept of what is seen".to_owned(),
            hint: "start the console without files to look at",
        })
    }

    /// The operator's place; one that never was here begins at the end.
    async fn load_news(&self) -> Result<NewsCursor, NewsError> {
        let memory = self.memory()?;
        let (name, now) = (memory.cursor().to_owned(), memory.now());
        memory
            .ask(move |store| {
                let end = store.end()?;
                if let Some(position) = store.cursor(&name)? {
                    let (seq, at) = (position.seq, position.at);
                    return Ok(NewsCursor { seq, end, at });
                }
                store.move_cursor(&name, end, now, &[])?;
                Ok(NewsCursor {
                    seq: end,
                    end,
                    at: now,
                })
            })
            .await
    }

    /// Moves it; without a position back to where it was.
    async fn move_cursor(&self, to: Option<u64>) -> Result<NewsCursor, NewsError> {
        let memory = self.memory()?;
        let (name, now) = (memory.cursor().to_owned(), memory.now());
        memory
            .ask(move |store| {
                let end = store.end()?;
                let back = store.cursor(&name)?.map_or(end, |position| position.back);
                let seq = to.unwrap_or(back).min(end);
                store.move_cursor(&name, seq, now, &[])?;
                Ok(NewsCursor { seq, end, at: now })
            })
            .await
    }

    /// Keeps a reading, unless leaks in it seem to have come back.
    async fn judge(&self, reading: Arc<Reading>) -> Result<Judged, NewsError> {
        let own = self.own(&reading.scan).await?;
        let memory = self.memory()?;
        // There is one reading and no copy of it: it goes to the memory's thread and comes back from there.
        let mut reading = Arc::unwrap_or_clone(reading);
        let (reading, own, suspected) = memory
            .ask(move |store| {
                // Nothing comes back in a first reading; that need not be looked for.
                if store.account(&reading.scan.account)?.baseline_at.is_none() {
                    return Ok((reading, own, Vec::new()));
                }
                let scan = prepared(&mut reading, &own, &Second::default());
                let back = store.suspects(&scan)?.into_iter();
                let row = |mark| Some((mark, row_of(&scan.leaks, mark)?));
                let suspected: Vec<(Mark, RowId)> = back.filter_map(row).collect();
                reading.leaks = scan.leaks;
                Ok((reading, own, suspected))
            })
            .await?;
        if suspected.is_empty() {
            return self.record(reading, own, Second::default()).await;
        }
        if suspected.len() > CONFIRMED {
            let unconfirmed = suspected.into_iter().map(|(mark, _)| mark).collect();
            let second = Second {
                unconfirmed,
                ..Second::default()
            };
            return self.record(reading, own, second).await;
        }
        let rows = suspected.into_iter().map(|(_, row)| row).collect();
        let reading = Arc::new(reading);
        Ok(Judged::Suspected { reading, rows })
    }

    /// Reads leaks a second time, for a provider may lag for a moment, then keeps the reading.
    async fn confirm_and_record(
        &self,
        reading: Arc<Reading>,
        confirm: Vec<(RowId, RemoteId)>,
    ) -> Result<Judged, NewsError> {
        let own = self.own(&reading.scan).await?;
        let account = &reading.scan.account;
        let marks = self.memory()?.marks().clone();
        let mut second = Second::default();
        for (_, id) in confirm {
            let mark = marks.mark(&account.provider, Kind::Leak, id.as_bytes());
            match self.is_open_again(&account.profile, &id).await {
                Some(true) => {}
                Some(false) => drop(second.doubtful.insert(mark)),
                None => drop(second.unconfirmed.insert(mark)),
            }
        }
        let reading = Arc::unwrap_or_clone(reading);
        self.record(reading, own, second).await
    }

    /// Whether a leak reads as open; nothing where it cannot be read by its id.
    async fn is_open_again(&self, profile: &ProfileName, id: &RemoteId) -> Option<bool> {
        let provider = self.provider(profile).ok()?;
        if !provider.leaks().accepts_id(id) {
            return None;
        }
        match provider.leaks().leak(id).await {
            Ok((batch, _)) => {
                let status = batch.iter().next().map(|row| row.status);
                Some(status.is_some_and(|status| status != Status::Fixed))
            }
            Err(ProviderError::Unsupported { .. }) => None,
            Err(_) => Some(false),
        }
    }

    /// Keeps a reading and reads what is told of its leaks now.
    async fn record(
        &self,
        mut reading: Reading,
        own: Own,
        second: Second,
    ) -> Result<Judged, NewsError> {
        let memory = self.memory()?;
        let (name, now) = (memory.cursor().to_owned(), memory.now());
        let told = memory
            .ask(move |store| {
                let scan = prepared(&mut reading, &own, &second);
                let recorded = store.record(&scan)?;
                tracing::info!(
                    profile = scan.account.profile.as_str(),
                    events = recorded.events.len(),
                    baseline = recorded.baseline,
                    "an account was read"
                );
                let row_of = |mark| row_of(&scan.leaks, mark);
                let told = seen_memory::told(store, &scan.account, row_of, (&name, now))?;
                let probe = scan.probe.filter(|_| scan.whole);
                Ok(Told { probe, ..told })
            })
            .await?;
        Ok(Judged::Recorded(told))
    }

    /// What we changed ourselves in an account, by mark.
    async fn own(&self, scan: &Scan) -> Result<Own, NewsError> {
        let memory = self.memory()?;
        let account = scan.account.clone();
        let last = memory.ask(move |store| store.account(&account)).await?;
        let since = last.last_scan.unwrap_or(scan.began).min(scan.began);
        let profile = [scan.account.profile.clone()];
        let changes =
            own_changes::changes(&self.journal, &profile, since.saturating_sub(OVERLAP)).await;
        let changes = changes.map_err(|error| NewsError {
            why: error.to_string(),
            hint: "what came back cannot be told from what was reopened here",
        })?;
        let mark = |id: &RemoteId| {
            let marks = memory.marks();
            marks.mark(&scan.account.provider, Kind::Leak, id.as_bytes())
        };
        let here = |profile: &ProfileName| *profile == scan.account.profile;
        let settled = changes.settled.iter();
        let mut settled: Vec<OwnChange> = settled
            .filter(|(key, _)| here(&key.profile))
            .map(|(key, settled)| settled.of_mark(mark(&key.id)))
            .collect();
        settled.sort_unstable_by_key(|own| own.mark);
        let running = changes.running.iter();
        Ok(Own {
            settled,
            running: running
                .filter(|key| here(&key.profile))
                .map(|key| mark(&key.id))
                .collect(),
        })
    }
}

/// What we changed ourselves, by mark.
struct Own {
    settled: Vec<OwnChange>,
    running: HashSet<Mark>,
}

/// The row of a mark among leaks that are sorted.
fn row_of(leaks: &[PackedRead], mark: Mark) -> Option<RowId> {
    let at = leaks.binary_search_by_key(&mark, PackedRead::mark).ok()?;
    Some(RowId(leaks.get(at)?.place()))
}

/// A reading as the memory takes it; its leaks are taken out of it.
fn prepared(reading: &mut Reading, own: &Own, second: &Second) -> Scan {
    let mut leaks = std::mem::take(&mut reading.leaks);
    PackedRead::sort(&mut leaks);
    let scan = &reading.scan;
    let late = |own: &&OwnChange| own.may_be_unseen(scan.began, scan.settle);
    let late: HashSet<Mark> = own
        .settled
        .iter()
        .filter(late)
        .map(|own| own.mark)
        .collect();
    for leak in &mut leaks {
        let mark = leak.mark();
        leak.set_doubtful(
            late.contains(&mark) || own.running.contains(&mark) || second.doubtful.contains(&mark),
        );
        leak.set_unconfirmed(second.unconfirmed.contains(&mark));
    }
    // A row that was not judged is looked at again: what a probe said before it must not hold that back.
    let is_settled = leaks.iter().all(|leak| !leak.is_doubtful());
    Scan {
        leaks,
        own: own.settled.clone(),
        probe: scan.probe.clone().filter(|_| is_settled),
        ..scan.clone()
    }
}
