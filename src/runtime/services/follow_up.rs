//! A job that is taken up again, and what a retry, an undo or a redo of one has to know: what the journal holds, and
//! how its leaks stand now.

use super::{Services, jobs::update};
use crate::{
    app::{
        effect::AuditNote,
        follow::{self},
        job::targets::{FollowUpError, FollowUpTarget, FollowUpTargets, RemoteState},
        message::ResumedJob,
    },
    entity::{
        change_response::ReadBack,
        error::{JournalError, ProfileError, ProviderError},
        job::{Change, ChangeState, JobCommand, JobRecord, JobState, StorageTarget},
        key::{EntityKey, JobId, ProfileName, RemoteId},
        local_status::LocalStatus,
        status::Status,
        transition::ChangeEvent,
    },
};
use std::collections::{BTreeMap, HashMap};

/// A job of a job of a job: no chain is followed for ever.
const MAX_CHAIN_LENGTH: usize = 1_000;

impl Services {
    /// Reads a job that has not ended. What was under way when it was left is unknown from now on, on disk first.
    pub(super) async fn resume(&self, id: JobId) -> Result<ResumedJob, JournalError> {
        let mut record = self.journal.job(id).await?;
        if record.job.state.is_final() {
            return Ok(ResumedJob {
                record,
                min_ages: BTreeMap::new(),
                local_statuses: Vec::new(),
            });
        }
        if self.journal.news().is_some() {
            // Whoever held it before can record nothing more; what was in flight is unknown then.
            self.journal.take_job(id, false).await?;
            record = self.journal.job(id).await?;
            let unknown = |change: &Change| change.state() == ChangeState::Unknown;
            if record.changes.iter().any(unknown) {
                // What the old holder sent may still arrive: until then nothing is read as not applied.
                tokio::time::sleep(self.journal.settling(id).await?).await;
            }
        }
        let updates: Vec<_> = record
            .changes
            .iter()
            .filter(|change| {
                matches!(
                    change.state(),
                    ChangeState::Inflight | ChangeState::Accepted
                )
            })
            .map(|change| update(change, &ChangeEvent::Interrupted))
            .collect();
        if !updates.is_empty() {
            self.journal.record_read_backs(id, updates, 0, None).await?;
        }
        let line = self.audit_record(AuditNote {
            profile: None,
            action: "resume",
            keys: Vec::new(),
            outcome: "asked".into(),
            detail: Some(format!("job {id}")),
        });
        self.journal
            .record_state(id, JobState::Running, None, Some(line))
            .await?;
        record = self.journal.job(id).await?;
        let ages = self.journal.pending_ages(id).await?;
        let locals = self
            .journal
            .local_statuses(record.job.profiles.clone())
            .await?;
        Ok(ResumedJob {
            record,
            min_ages: ages,
            local_statuses: locals,
        })
    }

    /// Reads a job and how the leaks stand that a retry, an undo or a redo of it is about.
    ///
    /// # Errors
    /// Where a leak cannot be read: nothing is planned on a guess.
    pub async fn load_follow_up_targets(
        &self,
        id: JobId,
        command: JobCommand,
    ) -> Result<FollowUpTargets, FollowUpError> {
        let record = self.chain_origin(id, command).await?;
        let targets: Vec<Change> = follow::targets(command, &record);
        let locals: HashMap<EntityKey, LocalStatus> = self
            .journal
            .local_statuses(record.job.profiles.clone())
            .await?
            .into_iter()
            .collect();
        let asked = self.requested_statuses(&record, &targets).await?;
        let mut words = self.current_remote_statuses(&record, &targets).await?;
        let found = targets
            .into_iter()
            .zip(asked)
            .map(|(change, asked)| FollowUpTarget {
                remote: words.remove(&change.key).unwrap_or(RemoteState::NotStored),
                local: locals.get(&change.key).copied(),
                requested: asked,
                change,
            })
            .collect();
        Ok(FollowUpTargets {
            command,
            job: record.job,
            targets: found,
        })
    }

    /// The job that is meant: a redo of a job that was undone is one of its undo.
    async fn chain_origin(
        &self,
        id: JobId,
        command: JobCommand,
    ) -> Result<JobRecord, FollowUpError> {
        let mut record = self.journal.job(id).await?;
        if command == JobCommand::Redo && record.job.command != JobCommand::Undo {
            let Some(undo) = record.job.undone_by else {
                return Err(FollowUpError::Refused(format!(
                    "job {id} was not undone: there is nothing to redo"
                )));
            };
            record = self.journal.job(undo).await?;
        }
        if !record.job.state.is_final() {
            return Err(FollowUpError::Refused(format!(
                "job {} has not ended",
                record.job.id
            )));
        }
        Ok(record)
    }

    /// What was asked for each of these changes. Where a provider stores the nearest that it has, the job's own row
    /// says it, or for what takes a job back the status that this job had found.
    async fn requested_statuses(
        &self,
        record: &JobRecord,
        targets: &[Change],
    ) -> Result<Vec<Status>, JournalError> {
        let mut of = record.clone();
        for _ in 0..MAX_CHAIN_LENGTH {
            let next = match of.job.command {
                JobCommand::Retry => of.job.retry_of,
                JobCommand::Undo => of.job.undo_of,
                JobCommand::Redo => of.job.redo_of,
                JobCommand::Fix | JobCommand::Reopen | JobCommand::Set => None,
            };
            let takes_back = of.job.command != JobCommand::Retry;
            let Some(next) = next else { break };
            of = self.journal.job(next).await?;
            if takes_back {
                let before: HashMap<&EntityKey, Option<Status>> = of
                    .changes
                    .iter()
                    .map(|change| (&change.key, change.before))
                    .collect();
                let asked = |change: &Change| {
                    let before = before.get(&change.key).copied().flatten();
                    match change.storage_target {
                        StorageTarget::Both => before.unwrap_or(record.job.wanted),
                        StorageTarget::Remote | StorageTarget::Local => change.wanted,
                    }
                };
                return Ok(targets.iter().map(asked).collect());
            }
        }
        let asked = |change: &Change| match change.storage_target {
            StorageTarget::Both => of.job.wanted,
            StorageTarget::Remote | StorageTarget::Local => change.wanted,
        };
        Ok(targets.iter().map(asked).collect())
    }

    /// What the providers that store statuses say of these leaks now.
    async fn current_remote_statuses(
        &self,
        record: &JobRecord,
        targets: &[Change],
    ) -> Result<HashMap<EntityKey, RemoteState>, FollowUpError> {
        let mut words = HashMap::new();
        for binding in &record.job.profiles {
            let Ok(provider) = self.provider(&binding.name) else {
                continue;
            };
            let Some(store) = provider.statuses() else {
                continue;
            };
            for (expected, changes) in group_by_status(&binding.name, targets) {
                let ids: Vec<RemoteId> =
                    changes.iter().map(|change| change.key.id.clone()).collect();
                let (readings, _) = store.read_back(&ids, expected).await;
                for (id, reading) in readings {
                    let remote = match reading {
                        ReadBack::StatusWord(word) => {
                            RemoteState::Status(provider.leaks().parse_status(&word))
                        }
                        ReadBack::Gone { status } => RemoteState::Gone(status),
                        // It is not known to be as it was left.
                        ReadBack::Unprovable => RemoteState::Status(Status::Unknown),
                        ReadBack::Unreadable(error) => {
                            return Err(read_error(&binding.name, error));
                        }
                    };
                    words.insert(EntityKey::for_leak(binding.name.clone(), id), remote);
                }
            }
        }
        Ok(words)
    }
}

/// The changes of one profile, by what they were set to: that is what most of them read as.
fn group_by_status<'a>(
    profile: &ProfileName,
    targets: &'a [Change],
) -> HashMap<Status, Vec<&'a Change>> {
    let mut groups: HashMap<Status, Vec<&Change>> = HashMap::new();
    for change in targets
        .iter()
        .filter(|change| change.key.profile == *profile)
    {
        groups.entry(change.wanted).or_default().push(change);
    }
    groups
}

fn read_error(profile: &ProfileName, error: ProviderError) -> FollowUpError {
    FollowUpError::Provider(ProfileError {
        profile: profile.clone(),
        error,
    })
}
