//! What a job asks for: recording, sending, reading back. Each writes down what it is about to do before it does it.

use super::{
    Services,
    sending::{committed, send},
};
use crate::{
    app::{
        effect::{AuditNote, JobEffect},
        job::RecordedPlan,
        message::{ChunkResult, Message, ReadBackResult},
    },
    entity::{
        change_response::{ChangeResponse, ReadBack},
        claim::Justification,
        error::{JournalError, ProviderError},
        job::{
            Change, ChangeState, ChangeUpdate, InexactMapping, JobState, NewJob, PauseReason,
            StorageTarget,
        },
        key::{JobId, ProfileName, RemoteId},
        raw_text::RawText,
        status::Status,
        transition::{self, ChangeEvent, Observation, Step},
    },
    journal::{AuditRecord, ChunkAnswer, fault_injection::is_mutant_active},
    provider::{read_back, require},
};
use std::{collections::HashMap, sync::Arc};

impl Services {
    /// Carries out what jobs need.
    pub(in crate::runtime) async fn perform_jobs(&self, effect: JobEffect) -> Message {
        match effect {
            JobEffect::RecordJob(job) => self.record_job(job).await,
            JobEffect::SendChunk {
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
            JobEffect::ReadBack {
                job,
                profile,
                changes,
                wanted,
                delay: after,
                is_last_read: last,
                window_over: over,
                confirmation_valid: holds,
            } => {
                tokio::time::sleep(after).await;
                let indexes = changes.iter().map(|change| change.index).collect();
                let read = |seen| ChangeEvent::ReadAfter {
                    observation: seen,
                    is_last_read: last,
                    window_over: over,
                    confirmation_valid: holds,
                };
                let result = self.read(job, &profile, &changes, wanted, read).await;
                Message::ReadBackRecorded {
                    job,
                    indexes,
                    window_over: over,
                    result: result.map(|(read, _)| read),
                }
            }
            JobEffect::CheckBeforeSend {
                job,
                profile,
                changes,
                expected,
            } => {
                let result = self
                    .read(job, &profile, &changes, expected, ChangeEvent::ReadBefore)
                    .await;
                Message::PrecheckRecorded {
                    job,
                    profile,
                    result,
                }
            }
            JobEffect::CancelChanges { job, indexes } => {
                let result = self.cancel_changes(job, &indexes).await;
                Message::ChangesCancelled {
                    job,
                    indexes,
                    result,
                }
            }
            JobEffect::StartJobTimer { job, wait } => {
                tokio::time::sleep(wait).await;
                Message::JobTimerFired(job)
            }
            JobEffect::RecordJobState { job, state, paused } => {
                self.record_state(job, state, paused).await
            }
            JobEffect::ResumeJob(job) => {
                let result = self.resume(job).await.map(Box::new);
                Message::JobResumed { job, result }
            }
            JobEffect::TakeJob(job) => self.take_job(job).await,
            JobEffect::LoadFollowUpTargets { job, command } => {
                let result = self
                    .load_follow_up_targets(job, command)
                    .await
                    .map(Box::new);
                Message::FollowUpTargetsLoaded {
                    job,
                    command,
                    result,
                }
            }
            JobEffect::AskPause(job) => Message::PauseAsked {
                job,
                result: self.journal.ask_pause(job).await,
            },
            JobEffect::LoadJobs => Message::JobsLoaded(self.journal.jobs().await),
            JobEffect::LoadJob(id) => Message::JobLoaded(self.journal.job(id).await.map(Box::new)),
            JobEffect::LoadActiveLeaks => {
                Message::ActiveLeaksLoaded(self.journal.active_leaks().await)
            }
        }
    }

    /// Takes a job of another console over, and goes on with it.
    async fn take_job(&self, job: JobId) -> Message {
        let result = match self.journal.take_job(job, true).await {
            Ok(()) => self.resume(job).await.map(Box::new),
            Err(error) => Err(error),
        };
        Message::JobResumed { job, result }
    }

    /// Records the state of a job, and at its end its lines in the audit log.
    async fn record_state(
        &self,
        job: JobId,
        state: JobState,
        paused: Option<(PauseReason, Option<jiff::Timestamp>)>,
    ) -> Message {
        if state == JobState::Running && paused.is_none() {
            self.confirm_again(job).await.ok();
        }
        let result = self.journal.record_state(job, state, paused, None).await;
        // The job has ended whatever becomes of its lines; its attempts stand in the log already.
        let told = if result.is_ok() && state.is_final() {
            self.audit_changes(job).await
        } else {
            Ok(())
        };
        Message::JobStateRecorded {
            job,
            state,
            paused: paused.map(|(why, _)| why),
            result,
            audit_result: told,
        }
    }

    /// Records a plan. An attempt that fails is in the audit log too.
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
        for InexactMapping {
            profile,
            wanted,
            stored,
            ..
        } in &plan.inexact_mappings
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
            justification: Justification {
                reason: job.reason.clone(),
                note: job.note.clone(),
                ticket: job.ticket.clone(),
            },
            ..self.audit_record(note)
        };
        // The journal's thread reads the same plan; it is this task's again when that has answered.
        let job = Arc::new(*job);
        let result = self.journal.record_job(Arc::clone(&job), Some(line)).await;
        if let Ok(id) = &result {
            self.audit_local(&job, *id).await;
            // Where nothing is sent, that was the end.
            if job.plan.remote() == 0 {
                self.audit_changes(*id).await.ok();
            }
        }
        let job = Box::new(RecordedPlan::new(Arc::unwrap_or_clone(job)));
        Message::JobRecorded { job, result }
    }

    /// What is kept by us is set with the recording of its job. The plan's line stands in the log already; a second one
    /// that fails takes nothing back.
    async fn audit_local(&self, job: &NewJob, id: JobId) {
        for share in job.plan.shares.iter().filter(|share| share.local > 0) {
            let profile = &share.binding.name;
            let keys = job
                .plan
                .eligible
                .iter()
                .filter(|change| {
                    change.storage_target == StorageTarget::Local && change.key.profile == *profile
                })
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
    ) -> Result<ChunkResult, JournalError> {
        let _in_flight = self.writes.register();
        let indexes: Vec<u32> = changes.iter().map(|change| change.index).collect();
        let deadline = self.deadline().await?;
        let intent = self.journal.record_intent(job, indexes);
        let chunk = committed(deadline.as_ref(), intent).await?;
        let ids: Vec<RemoteId> = changes.iter().map(|change| change.key.id.clone()).collect();
        let store = self.provider(profile);
        let answer = match store.and_then(|it| require(it.statuses())) {
            Ok(store) => match send(store, &ids, wanted, deadline.as_ref()).await {
                ChangeResponse::Ambiguous(_) if is_mutant_active("blind_resend") => {
                    store.set_statuses(&ids, wanted).await
                }
                answer => answer,
            },
            Err(error) => ChangeResponse::NotSent(error),
        };
        drop(deadline);
        let event = ChangeEvent::Answered {
            response: &answer,
            is_single: changes.len() == 1,
        };
        let updates: Vec<_> = changes
            .iter()
            .map(|change| update(change, &event))
            .collect();
        let (class, status) = answer_class(&answer);
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
            ..self.audit_record(note)
        };
        let proof = ChunkAnswer {
            chunk,
            class,
            status,
            updates: updates.clone(),
        };
        self.journal.record_answer(job, proof, Some(line)).await?;
        Ok((updates, answer.into_error()))
    }

    /// Reads changes by the cheapest sufficient reads and records what that means for them; answers why one could not
    /// be read, too. `expected` is what most of them should read as.
    async fn read(
        &self,
        job: JobId,
        profile: &ProfileName,
        changes: &[Change],
        expected: Status,
        event: impl Fn(Observation) -> ChangeEvent<'static>,
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
                (id.clone(), ReadBack::Unreadable(error))
            };
            (ids.iter().map(unread).collect(), 0)
        };
        let means =
            |word: &RawText| provider.map_or(Status::Unknown, |it| it.leaks().parse_status(word));
        let by_id: HashMap<&RemoteId, &ReadBack> =
            readings.iter().map(|(id, reading)| (id, reading)).collect();
        let unread = ReadBack::Unreadable(ProviderError::Malformed {
            why: "the answer does not mention it".into(),
        });
        let mut updates = Vec::with_capacity(changes.len());
        let mut error = None;
        for change in changes {
            let reading = by_id.get(&change.key.id).copied().unwrap_or(&unread);
            let observation = match Observation::from_read_back(reading, means) {
                Observation::RequestBlocked(why) if is_mutant_active("page_is_a_reading") => {
                    Observation::Unreadable(why.to_string())
                }
                observation => observation,
            };
            let update = update(change, &event(observation));
            let word = match reading {
                ReadBack::StatusWord(word) => Some((means(word), word.clone())),
                ReadBack::Gone { .. } | ReadBack::Unprovable => None,
                ReadBack::Unreadable(unread) => {
                    error.get_or_insert_with(|| unread.clone());
                    None
                }
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
        let settled: Vec<_> = changes
            .iter()
            .zip(&updates)
            .filter(|(_, (update, _))| update.state().is_final())
            .collect();
        let line = (!settled.is_empty()).then(|| {
            let counts: crate::entity::job::OutcomeCounts = settled
                .iter()
                .map(|(_, (update, _))| update.state().outcome())
                .collect();
            self.audit_record(AuditNote {
                profile: Some(profile.clone()),
                action: "read_back",
                keys: settled
                    .iter()
                    .map(|(change, _)| change.key.clone())
                    .collect(),
                outcome: counts.to_string(),
                detail: Some(format!("job {job}")),
            })
        });
        self.journal
            .record_read_backs(job, record, reads, line)
            .await?;
        Ok(((reads, updates), error))
    }

    async fn cancel_changes(&self, job: JobId, indexes: &[u32]) -> Result<(), JournalError> {
        let line = self.audit_record(AuditNote {
            profile: None,
            action: "cancel",
            keys: Vec::new(),
            outcome: format!("{} not sent", indexes.len()),
            detail: Some(format!("job {job}")),
        });
        self.journal
            .record_cancelled(job, indexes.to_vec(), Some(line))
            .await
    }
}

/// The step that an event makes of a change, as the journal records it. Injected mistakes replace it here and nowhere
/// else.
pub(super) fn update(change: &Change, event: &ChangeEvent<'_>) -> ChangeUpdate {
    let step =
        with_injected_fault(change, event).unwrap_or_else(|| transition::step(change, event));
    ChangeUpdate {
        index: change.index,
        step,
    }
}

/// The step of a program that makes one of the well-known mistakes, if one was asked for: only the fault matrix does.
fn with_injected_fault(change: &Change, event: &ChangeEvent<'_>) -> Option<Step> {
    let as_if = |state| Some(transition::step(change, event).with_injected_state(state));
    match event {
        ChangeEvent::Answered {
            response: answer,
            is_single: alone,
        } => match answer {
            ChangeResponse::Accepted
                if is_mutant_active("trusted_200")
                    || (!alone && is_mutant_active("trusted_count")) =>
            {
                as_if(ChangeState::Verified)
            }
            ChangeResponse::Ambiguous(_) if is_mutant_active("timeout_is_failure") => {
                as_if(ChangeState::Failed)
            }
            ChangeResponse::Refused { .. } if !alone && is_mutant_active("forgotten_halving") => {
                as_if(ChangeState::Pending)
            }
            ChangeResponse::Refused { .. } if is_mutant_active("chunk_refused") => {
                as_if(ChangeState::Refused)
            }
            _ => None,
        },
        ChangeEvent::Interrupted if is_mutant_active("forgotten_inflight") => {
            Some(transition::step(change, event).with_attempts_forgotten())
        }
        ChangeEvent::ReadAfter {
            observation,
            is_last_read,
            confirmation_valid,
            ..
        } if is_mutant_active("impatient") => {
            let over = ChangeEvent::ReadAfter {
                observation: observation.clone(),
                is_last_read: *is_last_read,
                window_over: true,
                confirmation_valid: *confirmation_valid,
            };
            Some(transition::step(change, &over))
        }
        _ => None,
    }
}

fn answer_class(answer: &ChangeResponse) -> (&'static str, Option<u16>) {
    match answer {
        ChangeResponse::Accepted => ("accepted", Some(200)),
        ChangeResponse::NotSent(_) => ("not_sent", None),
        ChangeResponse::RateLimited(_) => ("rate_limited", Some(429)),
        ChangeResponse::Unauthorised(ProviderError::Unauthorised { status }) => {
            ("unauthorised", Some(*status))
        }
        ChangeResponse::Unauthorised(ProviderError::Payment { .. }) => ("unauthorised", Some(402)),
        ChangeResponse::Unauthorised(_) => ("unauthorised", None),
        ChangeResponse::Refused { status, .. } => ("refused", Some(*status)),
        ChangeResponse::Ambiguous(ProviderError::Rejected { status, .. }) => {
            ("unclear", Some(*status))
        }
        ChangeResponse::Ambiguous(_) => ("unclear", None),
    }
}
