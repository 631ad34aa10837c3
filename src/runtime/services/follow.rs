//! A job that is taken up again, and what a retry, an undo or a redo of one has to know: what the journal holds, and
//! how its leaks stand now.

use super::{Services, jobs::update};
use crate::{
    app::{
        effect::AuditNote,
        follow::{self},
        job::targets::{Found, Remote, Survey, SurveyError},
        message::Resumed,
    },
    entity::{
        answer::ReadBack,
        error::{JournalError, ProfileError, ProviderError},
        job::{Change, ChangeState, JobCommand, JobRecord, JobState, Place},
        key::{EntityKey, JobId, ProfileName, RemoteId},
        local::LocalStatus,
        status::Status,
        transition::ChangeEvent,
    },
};
use std::collections::{BTreeMap, HashMap};

/// A job of a job of a job: no chain is followed for ever.
const LONGEST_CHAIN: usize = 1_000;

impl Services {
    /// Reads a job that has not ended. What was under way when it was left is unknown from now on, on disk first.
    pub(super) async fn resume(&self, id: JobId) -> Result<Resumed, JournalError> {
        let mut record = self.journal.job(id).await?;
        if record.job.state.is_final() {
            return Ok(Resumed {
                record,
                ages: BTreeMap::new(),
                locals: Vec::new(),
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
        let line = self.record_of(AuditNote {
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
        Ok(Resumed {
            record,
            ages,
            locals,
        })
    }

    /// Reads a job and how the leaks stand that a retry, an undo or a redo of it is about.
    ///
    /// # Errors
    /// Where a leak cannot be read: nothing is planned on a guess.
    pub async fn survey(&self, id: JobId, command: JobCommand) -> Result<Survey, SurveyError> {
        let record = self.followed(id, command).await?;
        let targets: Vec<Change> = follow::targets(command, &record);
        let locals: HashMap<EntityKey, LocalStatus> = self
            .journal
            .local_statuses(record.job.profiles.clone())
            .await?
            .into_iter()
            .collect();
        let asked = self.asked(&record, &targets).await?;
        let mut words = self.words(&record, &targets).await?;
        let found = targets
            .into_iter()
            .zip(asked)
            .map(|(change, asked)| Found {
                remote: words.remove(&change.key).unwrap_or(Remote::NotAsked),
                local: locals.get(&change.key).copied(),
                asked,
                change,
            })
            .collect();
        Ok(Survey {
            command,
            job: record.job,
            found,
        })
    }

    /// The job that is meant: a redo of a job that was undone is one of its undo.
    async fn followed(&self, id: JobId, command: JobCommand) -> Result<JobRecord, SurveyError> {
        let mut record = self.journal.job(id).await?;
        if command == JobCommand::Redo && record.job.command != JobCommand::Undo {
            let Some(undo) = record.job.undone_by else {
                return Err(SurveyError::Refused(format!(
                    "job {id} was not undone: there is nothing to redo"
                )));
            };
            record = self.journal.job(undo).await?;
        }
        if !record.job.state.is_final() {
            return Err(SurveyError::Refused(format!(
                "job {} has not ended",
                record.job.id
            )));
        }
        Ok(record)
    }

    /// What was asked for each of these changes. Where a provider stores the nearest that it has, the job's own row
    /// says it, or for what takes a job back the status that this job had found.
    async fn asked(
        &self,
        record: &JobRecord,
        targets: &[Change],
    ) -> Result<Vec<Status>, JournalError> {
        let mut of = record.clone();
        for _ in 0..LONGEST_CHAIN {
            let next = match of.job.command {
                JobCommand::Retry => of.job.retries,
                JobCommand::Undo => of.job.undoes,
                JobCommand::Redo => of.job.redoes,
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
                    match change.place {
                        Place::Both => before.unwrap_or(record.job.wanted),
                        Place::Remote | Place::Local => change.wanted,
                    }
                };
                return Ok(targets.iter().map(asked).collect());
            }
        }
        let asked = |change: &Change| match change.place {
            Place::Both => of.job.wanted,
            Place::Remote | Place::Local => change.wanted,
        };
        Ok(targets.iter().map(asked).collect())
    }

    /// What the providers that store statuses say of these leaks now.
    async fn words(
        &self,
        record: &JobRecord,
        targets: &[Change],
    ) -> Result<HashMap<EntityKey, Remote>, SurveyError> {
        let mut words = HashMap::new();
        for binding in &record.job.profiles {
            let Ok(provider) = self.provider(&binding.name) else {
                continue;
            };
            let Some(store) = provider.statuses() else {
                continue;
            };
            for (expected, changes) in by_status(&binding.name, targets) {
                let ids: Vec<RemoteId> =
                    changes.iter().map(|change| change.key.id.clone()).collect();
                let (readings, _) = store.read_back(&ids, expected).await;
                for (id, reading) in readings {
                    let remote = match reading {
                        ReadBack::Word(word) => Remote::Status(provider.leaks().status_of(&word)),
                        ReadBack::Gone { status } => Remote::Gone(status),
                        // It is not known to be as it was left.
                        ReadBack::Unprovable => Remote::Status(Status::Unknown),
                        ReadBack::Unread(error) => return Err(unread(&binding.name, error)),
                    };
                    words.insert(EntityKey::leak(binding.name.clone(), id), remote);
                }
            }
        }
        Ok(words)
    }
}

/// The changes of one profile, by what they were set to: that is what most of them read as.
fn by_status<'a>(profile: &ProfileName, targets: &'a [Change]) -> HashMap<Status, Vec<&'a Change>> {
    let mut groups: HashMap<Status, Vec<&Change>> = HashMap::new();
    for change in targets
        .iter()
        .filter(|change| change.key.profile == *profile)
    {
        groups.entry(change.wanted).or_default().push(change);
    }
    groups
}

fn unread(profile: &ProfileName, error: ProviderError) -> SurveyError {
    SurveyError::Provider(ProfileError {
        profile: profile.clone(),
        error,
    })
}
