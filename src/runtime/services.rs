//! What effects are carried out with: providers, journal, files. One function per kind of effect, each ends in one message.

mod record;

use super::{files, hangup::Writes};
use crate::{
    app::{
        effect::{AuditNote, Effect},
        message::{Message, ReadBackResult},
    },
    clipboard::{self, Copied, Multiplexer, Via},
    entity::{
        answer::{Answer, ReadBack},
        error::{JournalError, ProviderError},
        job::{Change, ChangeState, ChangeUpdate},
        key::{EntityKey, JobId, ProfileName, RemoteId},
        secret::Secret,
        status::Status,
        text::Text,
        transition,
    },
    export,
    journal::{AuditOrigin, AuditRecord, AuditTarget, Journal},
    provider::Provider,
};
use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

/// Everything that effects need.
pub struct Services {
    /// The accounts.
    pub providers: HashMap<ProfileName, Arc<dyn Provider>>,
    /// The journal.
    pub journal: Journal,
    /// How a copy travels.
    pub clipboard: Via,
    /// What stands between this program and the terminal.
    pub multiplexer: Multiplexer,
    /// Where copies that are too long for the terminal go.
    pub state_directory: PathBuf,
    /// Requests that change something, for the end after a hang-up.
    pub writes: Writes,
    /// Console or command, for the audit log.
    pub origin: AuditOrigin,
}

impl Services {
    /// Carries an effect out.
    pub async fn perform(&self, effect: Effect) -> Message {
        match effect {
            Effect::FetchPage {
                request,
                profile,
                query,
                page,
            } => {
                let result = match self.provider(&profile) {
                    Ok(provider) => provider.leaks(&query, page).await.map(Box::new),
                    Err(error) => Err(error),
                };
                Message::PageLoaded {
                    request,
                    profile,
                    page,
                    result,
                }
            }
            Effect::FetchDomains { request, profile } => {
                let result = match self.provider(&profile) {
                    Ok(provider) => provider.domains().await,
                    Err(error) => Err(error),
                };
                Message::DomainsLoaded {
                    request,
                    profile,
                    result,
                }
            }
            effect @ (Effect::RecordJob(_)
            | Effect::SendChunk { .. }
            | Effect::ReadBack { .. }
            | Effect::WaitForJob { .. }
            | Effect::RecordState { .. }) => self.perform_for_job(effect).await,
            Effect::LoadJobs => Message::JobsLoaded(self.journal.jobs().await),
            Effect::LoadJob(id) => Message::JobLoaded(self.journal.job(id).await.map(Box::new)),
            Effect::LoadLiveKeys => Message::LiveKeysLoaded(self.journal.live_keys().await),
            Effect::LoadLocals(profiles) => {
                Message::LocalsLoaded(self.kept(profiles).await.map(Box::new))
            }
            Effect::Reveal { key, copy } => self.reveal(key, copy).await,
            Effect::Copy { text, what } => self.copy(text, what).await,
            Effect::ClearClipboard => {
                let mut bytes = clipboard::sequence(b" ", self.multiplexer);
                bytes.extend(clipboard::sequence(b"", self.multiplexer));
                let said = "asked the terminal to clear; tmux and clipboard managers may keep it";
                Message::Copied {
                    bytes: Secret::new(bytes),
                    result: Ok(said.to_owned()),
                }
            }
            Effect::Export { path, leaks } => {
                let note = AuditNote {
                    profile: None,
                    action: "export",
                    keys: Vec::new(),
                    outcome: "asked".into(),
                    detail: Some(format!("{} leaks", leaks.len())),
                };
                // An export holds no secret: it may go on without its line, and says so.
                let audited = self.audit(note).await.is_ok();
                let result = files::export(&path, leaks).await;
                Message::Exported {
                    path,
                    audited,
                    result,
                }
            }
            Effect::ReadMarks(path) => {
                let result = files::read_lines(&path).await;
                Message::MarksRead { path, result }
            }
            Effect::WriteMarks { path, keys } => {
                let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
                let result = export::write_new(&path, |file| file.write_all(lines.as_bytes()))
                    .map(|()| keys.len());
                Message::MarksWritten {
                    path,
                    result: result.map_err(|error| error.to_string()),
                }
            }
            Effect::Audit(note) => Message::Audited(self.audit(*note).await),
            // The loop carries these out itself.
            Effect::CancelRequest(_)
            | Effect::WriteTerminal(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit(_) => Message::Audited(Ok(())),
        }
    }

    /// What a job asks for.
    async fn perform_for_job(&self, effect: Effect) -> Message {
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
            } => {
                tokio::time::sleep(after).await;
                let indexes = changes.iter().map(|change| change.index).collect();
                let result = self.read_back(job, &profile, &changes, wanted, last).await;
                Message::ReadBackTaken {
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
                Message::JobStateRecorded {
                    job,
                    state,
                    paused: paused.map(|(why, _)| why),
                    result,
                }
            }
            other => Message::EffectFailed {
                effect: Box::new(other),
            },
        }
    }

    fn provider(&self, profile: &ProfileName) -> Result<&Arc<dyn Provider>, ProviderError> {
        self.providers
            .get(profile)
            .ok_or_else(|| ProviderError::Unsupported {
                why: "the profile is not connected".into(),
            })
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
        let answer = match self.provider(profile) {
            Ok(provider) => provider.send(&ids, wanted).await,
            Err(error) => Answer::NotSent(error),
        };
        let (state, code, reason) = transition::after_answer(&answer);
        let updates: Vec<_> = changes
            .iter()
            .map(|change| ChangeUpdate {
                index: change.index,
                state,
                code,
                reason: reason.clone(),
            })
            .collect();
        let (class, status) = class_of(&answer);
        self.journal
            .record_answer(job, chunk, class, status, updates.clone())
            .await?;
        self.audit(AuditNote {
            profile: Some(profile.clone()),
            action: "set_status",
            keys: changes.iter().map(|change| change.key.clone()).collect(),
            outcome: class.to_owned(),
            detail: Some(format!("job {job}, chunk {chunk}, to {wanted}")),
        })
        .await?;
        Ok((answer, updates))
    }

    async fn read_back(
        &self,
        job: JobId,
        profile: &ProfileName,
        changes: &[Change],
        wanted: Status,
        last: bool,
    ) -> Result<ReadBackResult, JournalError> {
        let ids: Vec<RemoteId> = changes.iter().map(|change| change.key.id.clone()).collect();
        let provider = self.provider(profile).ok();
        // Without its provider nothing can be read, and every change says so.
        let (readings, reads) = match provider {
            Some(provider) => provider.read_back(&ids, wanted).await,
            None => (Vec::new(), 0),
        };
        let means =
            |word: &Text| provider.map_or(Status::Unknown, |provider| provider.status_of(word));
        let by_id: HashMap<&RemoteId, &ReadBack> =
            readings.iter().map(|(id, reading)| (id, reading)).collect();
        let unread = ReadBack::Unread(ProviderError::Malformed {
            why: "the answer does not mention it".into(),
        });
        let mut updates = Vec::with_capacity(changes.len());
        for change in changes {
            let reading = by_id.get(&change.key.id).copied().unwrap_or(&unread);
            let (state, code, reason) = transition::after_reading(change, reading, means, last);
            let word = match reading {
                ReadBack::Word(word) => Some((means(word), word.clone())),
                ReadBack::Gone { .. } | ReadBack::Unread(_) => None,
            };
            updates.push((
                ChangeUpdate {
                    index: change.index,
                    state,
                    code,
                    reason,
                },
                word,
            ));
        }
        let record: Vec<_> = updates.iter().map(|(update, _)| update.clone()).collect();
        self.journal.record_readings(job, record, reads).await?;
        let settled: Vec<_> = changes
            .iter()
            .zip(&updates)
            .filter(|(_, (update, _))| update.state.is_final())
            .collect();
        if !settled.is_empty() {
            let counts: crate::entity::job::Counts = settled
                .iter()
                .map(|(_, (update, _))| update.state.outcome())
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
        Ok((reads, updates))
    }

    /// The audit line is written first: a secret that cannot be accounted for is not shown.
    async fn reveal(&self, key: EntityKey, copy: bool) -> Message {
        let note = |outcome: String| AuditNote {
            profile: Some(key.profile.clone()),
            action: if copy { "copy_secret" } else { "reveal" },
            keys: vec![key.clone()],
            outcome,
            detail: None,
        };
        if let Err(error) = self.audit(note("asked".into())).await {
            return Message::Revealed {
                key,
                copy,
                result: Err(format!("the audit log cannot be written: {error}")),
            };
        }
        let result = match self.provider(&key.profile) {
            Ok(provider) => provider.reveal(&key.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            // The attempt stands in the log already; that it failed too is worth a second line, not a second failure.
            self.audit(note(format!("failed: {}", error.kind())))
                .await
                .ok();
        }
        Message::Revealed {
            key: key.clone(),
            copy,
            result: result.map_err(|error| error.to_string()),
        }
    }

    async fn copy(&self, text: Secret, what: &'static str) -> Message {
        let (via, multiplexer, directory) = (
            self.clipboard.clone(),
            self.multiplexer,
            self.state_directory.clone(),
        );
        let copied = tokio::task::spawn_blocking(move || {
            clipboard::copy(text.expose(), &via, multiplexer, &directory)
        })
        .await;
        let (bytes, result) = match copied {
            Ok(Ok(copy)) => match copy.copied {
                Copied::Bytes(bytes) => (bytes, Ok(format!("{what}: {}", copy.notice))),
                Copied::File(_) | Copied::Done => {
                    (Vec::new(), Ok(format!("{what}: {}", copy.notice)))
                }
            },
            Ok(Err(error)) => (Vec::new(), Err(error.to_string())),
            Err(_) => (Vec::new(), Err("the copy failed".to_owned())),
        };
        let outcome = if result.is_ok() { "sent" } else { "failed" };
        let note = AuditNote {
            profile: None,
            action: "copy",
            keys: Vec::new(),
            outcome: outcome.into(),
            detail: Some(what.to_owned()),
        };
        if self.audit(note).await.is_err() && what == "secret" {
            return Message::Copied {
                bytes: Secret::new(Vec::new()),
                result: Err("the audit log cannot be written".into()),
            };
        }
        Message::Copied {
            bytes: Secret::new(bytes),
            result,
        }
    }

    /// Writes an audit line. A console that only watches cannot write one: what it does then must not need one.
    async fn audit(&self, note: AuditNote) -> Result<(), JournalError> {
        let mut record = AuditRecord::new(self.origin, note.action, note.outcome);
        record.profile = note.profile;
        record.target = match &note.keys[..] {
            [] => AuditTarget::Nothing,
            [key] => AuditTarget::One(key.clone()),
            keys => AuditTarget::Many(keys.len() as u64),
        };
        record.detail = note.detail;
        self.journal.audit(record).await
    }
}

fn class_of(answer: &Answer) -> (&'static str, Option<u16>) {
    match answer {
        Answer::Accepted => ("accepted", Some(200)),
        Answer::NotSent(_) => ("not_sent", None),
        Answer::RateLimited(_) => ("rate_limited", Some(429)),
        Answer::Unauthorised(ProviderError::Unauthorised { status }) => {
            ("unauthorised", Some(*status))
        }
        Answer::Unauthorised(_) => ("unauthorised", None),
        Answer::Refused { status, .. } => ("refused", Some(*status)),
        Answer::Unclear(ProviderError::Rejected { status, .. }) => ("unclear", Some(*status)),
        Answer::Unclear(_) => ("unclear", None),
    }
}

/// How long a console that ends waits for a write in flight.
pub const LAST_WRITE: Duration = Duration::from_secs(12);

/// Whether a change still waits for its end in a job of this process.
pub fn is_open(change: &Change) -> bool {
    !matches!(change.state, ChangeState::Pending) && !change.state.is_final()
}
