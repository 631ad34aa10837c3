//! What a job asks for: recording, sending, reading back. Each writes down what it is about to do before it does it.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, Effect},
        job::Recorded,
        message::{Message, ReadBackResult},
    },
    entity::{
        answer::{Answer, ReadBack},
        claim::Words,
        error::{JournalError, ProviderError},
        job::{Change, ChangeState, ChangeUpdate, Lossy, NewJob, Place},
        key::{JobId, ProfileName, RemoteId},
        status::Status,
        text::Text,
        transition::{self, Event, Seen},
    },
    journal::{AuditRecord, rehearsal::mistake},
    provider::{needed, read_back},
};
use std::{collections::HashMap, sync::Arc};

impl Services {
    /// What a job asks for.
    pub(super) async fn perform_for_job(&self, effect: Effect) -> Message {
        match effect {
            Effect::RecordJob(job) => self.record_job(job).await,
            Effect::SendChunk {
                job,
                profile,
                changes,
                wanted,
            } => {
                let indexes = changes.iter().map(|change| change.index).collect();
                let result = self.send_chunk(job, &profile, &changes, wanted).await;
                Message::ChunkAnswered {
                    job,
                    indexes,
                    result,
                }
            }
            Effect::ReadBack {
                job,
                profile,
                changes,
                wanted,
                after,
                last,
                over,
                holds,
            } => {
                tokio::time::sleep(after).await;
                let indexes = changes.iter().map(|change| change.index).collect();
                let over = over || mistake("impatient");
                let read = |seen| Event::Read {
                    seen,
                    last,
                    over,
                    holds,
                };
                let result = self.read(job, &profile, &changes, wanted, read).await;
                Message::ReadBackTaken {
                    job,
                    indexes,
                    over,
                    result: result.map(|(read, _)| read),
                }
            }
            Effect::LookBefore {
                job,
                profile,
                changes,
                expected,
            } => {
                let result = self
                    .read(job, &profile, &changes, expected, Event::Looked)
                    .await;
                Message::LookedBefore {
                    job,
                    profile,
                    result,
                }
            }
            Effect::CancelChanges { job, indexes } => {
                let result = self.cancel_changes(job, &indexes).await;
                Message::ChangesCancelled {
                    job,
                    indexes,
                    result,
                }
            }
            Effect::WaitForJob { job, wait } => {
                tokio::time::sleep(wait).await;
                Message::JobWaited(job)
            }
            Effect::RecordState { job, state, paused } => {
                let result = self.journal.record_state(job, state, paused).await;
                // The job has ended whatever becomes of its lines; its attempts stand in the log already.
                let told = if result.is_ok() && state.is_final() {
                    self.tell_changes(job).await
                } else {
                    Ok(())
                };
                Message::JobStateRecorded {
                    job,
                    state,
                    paused: paused.map(|(why, _)| why),
                    result,
                    told,
                }
            }
            other => Message::EffectFailed {
                effect: Box::new(other),
            },
        }
    }

    /// The audit line of a plan comes before the plan: an attempt that fails is in it too.
    async fn record_job(&self, job: Box<NewJob>) -> Message {
        let keys: Vec<_> = job
            .plan
            .eligible
            .iter()
            .map(|change| change.key.clone())
            .collect();
        let plan = &job.plan;
        let mut detail = format!(
            "{} to {}, plan {}",
            plan.command,
            plan.wanted,
            plan.hash.get(..12).unwrap_or_default()
        );
        if plan.local() > 0 {
            detail.push_str(&format!(
                ", {} remote, {} local",
                plan.remote(),
                plan.local()
            ));
        }
        for Lossy {
            profile,
            wanted,
            stored,
            ..
        } in &plan.lossy
        {
            detail.push_str(&format!(", {wanted} stored as {stored} at {profile}"));
        }
        let note = AuditNote {
            // Of several none is named: the keys say whose they are.
            profile: match &plan.shares[..] {
                [share] => Some(share.binding.name.clone()),
                _ => None,
            },
            action: "plan",
            keys,
            outcome: "confirmed".into(),
            detail: Some(detail),
        };
        let line = AuditRecord {
            after: Some(plan.wanted.to_string()),
            words: Words {
                reason: job.reason.clone(),
                note: job.note.clone(),
                ticket: job.ticket.clone(),
            },
            ..self.record_of(note)
        };
        if let Err(error) = self.journal.audit(line.clone()).await {
            return Message::JobRecorded {
                job: Box::new(Recorded::of(*job)),
                result: Err(error),
            };
        }
        // The journal's thread looks at the same plan; it is ours again when that has answered.
        let job = Arc::new(*job);
        let result = self.journal.record_job(Arc::clone(&job)).await;
        match &result {
            Ok(id) => {
                self.tell_local(&job, *id).await;
                // Where nothing is sent, that was the end.
                if job.plan.remote() == 0 {
                    self.tell_changes(*id).await.ok();
                }
            }
            Err(error) => {
                let failed = AuditRecord {
                    outcome: format!("failed: {}", error.kind()),
                    ..line
                };
                self.journal.audit(failed).await.ok();
            }
        }
        let job = Box::new(Recorded::of(Arc::unwrap_or_clone(job)));
        Message::JobRecorded { job, result }
    }

    /// What is kept by us is set with the recording of its job. The plan's line stands in the log already; a second one
    /// that fails takes nothing back.
    async fn tell_local(&self, job: &NewJob, id: JobId) {
        for share in job.plan.shares.iter().filter(|share| share.local > 0) {
            let profile = &share.binding.name;
            let keys = job
                .plan
                .eligible
                .iter()
                .filter(|change| change.place == Place::Local && change.key.profile == *profile)
                .map(|change| change.key.clone())
                .collect();
            self.audit(AuditNote {
                profile: Some(profile.clone()),
                action: "set_status",
                keys,
                outcome: "local".into(),
                detail: Some(match job.plan.wanted {
                    Status::Unknown => format!("job {id}, to no status, ours removed"),
                    wanted => format!("job {id}, to {wanted}, kept here"),
                }),
            })
            .await
            .ok();
        }
    }

    /// Intent committed, request sent, answer committed: in this order, and the request never without the intent.
    async fn send_chunk(
        &self,
        job: JobId,
        profile: &ProfileName,
        changes: &[Change],
        wanted: Status,
    ) -> Result<(Answer, Vec<ChangeUpdate>), JournalError> {
        let _in_flight = self.writes.begin();
        let indexes: Vec<u32> = changes.iter().map(|change| change.index).collect();
        let chunk = self.journal.record_intent(job, indexes).await?;
        let ids: Vec<RemoteId> = changes.iter().map(|change| change.key.id.clone()).collect();
        let store = self.provider(profile);
        let answer = match store.and_then(|it| needed(it.statuses())) {
            Ok(store) => match store.send(&ids, wanted).await {
                Answer::Unclear(_) if mistake("blind_resend") => store.send(&ids, wanted).await,
                answer => answer,
            },
            Err(error) => Answer::NotSent(error),
        };
        let event = Event::Answered {
            answer: &answer,
            alone: changes.len() == 1,
        };
        let updates: Vec<_> = changes
            .iter()
            .map(|change| update(change, &event))
            .collect();
        let (class, status) = class_of(&answer);
        self.journal
            .record_answer(job, chunk, class, status, updates.clone())
            .await?;
        let note = AuditNote {
            profile: Some(profile.clone()),
            action: "set_status",
            keys: changes.iter().map(|change| change.key.clone()).collect(),
            outcome: status
                .map_or_else(|| class.to_owned(), |status| format!("{class} ({status})")),
            detail: Some(format!("job {job}, chunk {chunk}, to {wanted}")),
        };
        let line = AuditRecord {
            job: Some(job),
            after: Some(wanted.to_string()),
            request: self.change_request(profile),
            ..self.record_of(note)
        };
        self.journal.audit(line).await?;
        Ok((answer, updates))
    }

    /// Reads changes by the cheapest sufficient reads and records what that means for them; answers why one could not
    /// be read, too. `expected` is what most of them should read as.
    async fn read(
        &self,
        job: JobId,
        profile: &ProfileName,
        changes: &[Change],
        expected: Status,
        event: impl Fn(Seen) -> Event<'static>,
    ) -> Result<(ReadBackResult, Option<ProviderError>), JournalError> {
        let ids: Vec<RemoteId> = changes.iter().map(|change| change.key.id.clone()).collect();
        let provider = self.provider(profile).ok();
        // Without its provider nothing can be read, and every change says so.
        let (readings, reads) = if let Some(provider) = provider {
            read_back(provider.as_ref(), &ids, expected).await
        } else {
            let unread = |id: &RemoteId| {
                let error = ProviderError::Unsupported {
                    why: "the profile is not connected".into(),
                };
                (id.clone(), ReadBack::Unread(error))
            };
            (ids.iter().map(unread).collect(), 0)
        };
        let means = |word: &Text| provider.map_or(Status::Unknown, |it| it.leaks().status_of(word));
        let by_id: HashMap<&RemoteId, &ReadBack> =
            readings.iter().map(|(id, reading)| (id, reading)).collect();
        let unread = ReadBack::Unread(ProviderError::Malformed {
            why: "the answer does not mention it".into(),
        });
        let mut updates = Vec::with_capacity(changes.len());
        for change in changes {
            let reading = by_id.get(&change.key.id).copied().unwrap_or(&unread);
            let update = update(change, &event(Seen::of(reading, means)));
            let word = match reading {
                ReadBack::Word(word) => Some((means(word), word.clone())),
                ReadBack::Gone { .. } | ReadBack::Unprovable | ReadBack::Unread(_) => None,
            };
            updates.push((update, word));
        }
        // What stays as it is needs no row written: of ten thousand most do.
        let record: Vec<_> = changes
            .iter()
            .zip(&updates)
            .filter(|(change, (update, _))| {
                update.state() != change.state() || update.step.reason() != change.reason()
            })
            .map(|(_, (update, _))| update.clone())
            .collect();
        self.journal.record_readings(job, record, reads).await?;
        let settled: Vec<_> = changes
            .iter()
            .zip(&updates)
            .filter(|(_, (update, _))| update.state().is_final())
            .collect();
        if !settled.is_empty() {
            let counts: crate::entity::job::Counts = settled
                .iter()
                .map(|(_, (update, _))| update.state().outcome())
                .collect();
            self.audit(AuditNote {
                profile: Some(profile.clone()),
                action: "read_back",
                keys: settled
                    .iter()
                    .map(|(change, _)| change.key.clone())
                    .collect(),
                outcome: counts.to_string(),
                detail: Some(format!("job {job}")),
            })
            .await?;
        }
        let unread = readings.into_iter().find_map(|(_, reading)| match reading {
            ReadBack::Unread(error) => Some(error),
            ReadBack::Word(_) | ReadBack::Gone { .. } | ReadBack::Unprovable => None,
        });
        Ok(((reads, updates), unread))
    }

    async fn cancel_changes(&self, job: JobId, indexes: &[u32]) -> Result<(), JournalError> {
        self.journal.record_cancelled(job, indexes.to_vec()).await?;
        self.audit(AuditNote {
            profile: None,
            action: "cancel",
            keys: Vec::new(),
            outcome: format!("{} not sent", indexes.len()),
            detail: Some(format!("job {job}")),
        })
        .await
    }
}

/// What an event makes of a change, as the journal records it.
pub(super) fn update(change: &Change, event: &Event<'_>) -> ChangeUpdate {
    let step = transition::step(change, event);
    ChangeUpdate {
        index: change.index,
        step: match mistaken(event) {
            Some(ChangeState::Pending) => step.as_if_never_sent(),
            Some(state) => step.as_if(state),
            None => step,
        },
    }
}

/// What a program would make of an event that made one of the well-known mistakes. Only a rehearsal asks for one.
fn mistaken(event: &Event<'_>) -> Option<ChangeState> {
    let (state, name) = match event {
        Event::Answered { answer, alone } => match answer {
            Answer::Accepted if !alone && mistake("trusted_count") => {
                return Some(ChangeState::Verified);
            }
            Answer::Accepted => (ChangeState::Verified, "trusted_200"),
            Answer::Unclear(_) => (ChangeState::Failed, "timeout_is_failure"),
            Answer::Refused { .. } => (ChangeState::Refused, "chunk_refused"),
            _ => return None,
        },
        Event::Found => (ChangeState::Pending, "forgotten_inflight"),
        _ => return None,
    };
    mistake(name).then_some(state)
}

fn class_of(answer: &Answer) -> (&'static str, Option<u16>) {
    match answer {
        Answer::Accepted => ("accepted", Some(200)),
        Answer::NotSent(_) => ("not_sent", None),
        Answer::RateLimited(_) => ("rate_limited", Some(429)),
        Answer::Unauthorised(ProviderError::Unauthorised { status }) => {
            ("unauthorised", Some(*status))
        }
        Answer::Unauthorised(ProviderError::Payment { .. }) => ("unauthorised", Some(402)),
        Answer::Unauthorised(_) => ("unauthorised", None),
        Answer::Refused { status, .. } => ("refused", Some(*status)),
        Answer::Unclear(ProviderError::Rejected { status, .. }) => ("unclear", Some(*status)),
        Answer::Unclear(_) => ("unclear", None),
    }
}
