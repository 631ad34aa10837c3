//! What effects are carried out with: providers, journal, files. One function per kind of effect, each ends in one message.

mod asking;
mod evidence;
mod follow;
mod jobs;
mod keeping;
mod records;

pub use records::{journal_state, kept};

use super::{files, hangup::Writes};
use crate::{
    app::{
        effect::{AuditNote, Effect},
        message::Message,
    },
    clipboard::{self, Copied, Multiplexer, Via},
    entity::{
        error::ProviderError,
        job::{Change, ChangeState},
        key::{EntityKey, ProfileName},
        secret::Secret,
    },
    export,
    journal::{AuditOrigin, AuditRecord, Journal},
    provider::{Provider, SecretSource, needed},
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
            effect @ (Effect::FetchPage { .. }
            | Effect::FetchDomains { .. }
            | Effect::FetchNatives { .. }
            | Effect::FetchRelated(_)
            | Effect::Lookup { .. }) => self.ask(effect).await,
            effect @ (Effect::RecordJob(_)
            | Effect::SendChunk { .. }
            | Effect::ReadBack { .. }
            | Effect::WaitForJob { .. }
            | Effect::LookBefore { .. }
            | Effect::CancelChanges { .. }
            | Effect::RecordState { .. }) => self.perform_for_job(effect).await,
            Effect::ResumeJob(job) => {
                let result = self.resume(job).await.map(Box::new);
                Message::JobResumed { job, result }
            }
            Effect::Survey { job, command } => {
                let result = self.survey(job, command).await.map(Box::new);
                Message::Surveyed {
                    job,
                    command,
                    result,
                }
            }
            Effect::LoadJobs => Message::JobsLoaded(self.journal.jobs().await),
            Effect::LoadJob(id) => Message::JobLoaded(self.journal.job(id).await.map(Box::new)),
            Effect::LoadLiveKeys => Message::LiveKeysLoaded(self.journal.active_leaks().await),
            Effect::LoadLocals(profiles) => {
                Message::LocalsLoaded(kept(&self.journal, profiles).await.map(Box::new))
            }
            Effect::Claim { leaks, act } => self.claim(leaks, act).await,
            Effect::RenewClaims => Message::ClaimsRenewed(self.journal.renew_claims().await),
            Effect::Watch => self.watch().await,
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
                let ended = note.clone();
                let audited = self.audit(note).await.is_ok();
                let result = files::export(&path, leaks).await;
                if audited {
                    let outcome = match &result {
                        Ok(_) => "done".to_owned(),
                        Err(_) => "failed".to_owned(),
                    };
                    self.audit(AuditNote { outcome, ..ended }).await.ok();
                }
                Message::Exported {
                    path,
                    audited,
                    result,
                }
            }
            Effect::LoadEvidence { job, path } => {
                let result = self.journal.job(job).await.map(Box::new);
                Message::EvidenceLoaded { path, result }
            }
            Effect::WriteEvidence { path, evidence } => self.write_evidence(path, evidence).await,
            Effect::WriteMarks { path, keys } => {
                let lines: String = keys.iter().map(|key| format!("{key}\n")).collect();
                let result = export::write_new(&path, |file| file.write_all(lines.as_bytes()))
                    .map(|()| keys.len());
                Message::MarksWritten {
                    path,
                    result: result.map_err(|error| error.to_string()),
                }
            }
            effect @ (Effect::LoadViews
            | Effect::KeepViews { .. }
            | Effect::ExportViews { .. }
            | Effect::ImportViews(_)
            | Effect::KeepSession(_)
            | Effect::ReadMarks(_)) => self.keep(effect).await,
            Effect::Audit(note) => Message::Audited(self.audit(*note).await),
            // The loop carries these out itself.
            Effect::CancelRequest(_)
            | Effect::WriteTerminal(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit(_) => Message::Audited(Ok(())),
        }
    }

    fn provider(&self, profile: &ProfileName) -> Result<&Arc<dyn Provider>, ProviderError> {
        self.providers
            .get(profile)
            .ok_or_else(|| ProviderError::Unsupported {
                why: "the profile is not connected".into(),
            })
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
        let provider = self.provider(&key.profile);
        let request = provider
            .as_ref()
            .ok()
            .and_then(|it| it.secrets())
            .map(SecretSource::request);
        let line = |outcome| AuditRecord {
            request: request.map(str::to_owned),
            ..self.record_of(note(outcome))
        };
        if let Err(error) = self.journal.audit(line("asked".into())).await {
            return Message::Revealed {
                key,
                copy,
                result: Err(format!("the audit log cannot be written: {error}")),
            };
        }
        let result = match provider.and_then(|it| needed(it.secrets())) {
            Ok(source) => source.reveal(&key.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            // The attempt stands in the log already; that it failed too is worth a second line, not a second failure.
            let failed = line(format!("failed: {}", error.kind()));
            self.journal.audit(failed).await.ok();
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
        let (sender, copied) = tokio::sync::oneshot::channel();
        // A thread of its own: a console that ends does not wait for it, as it would for a task.
        let started = std::thread::Builder::new()
            .name("copy".to_owned())
            .spawn(move || {
                let copied = clipboard::copy(text.expose(), &via, multiplexer, &directory);
                sender.send(copied).ok();
            });
        let copied = match started {
            Ok(_) => copied.await.map_err(drop),
            Err(_) => Err(()),
        };
        let (bytes, result) = match copied {
            Ok(Ok(copy)) => match copy.copied {
                Copied::Bytes(bytes) => (bytes, Ok(format!("{what}: {}", copy.notice))),
                Copied::File(_) | Copied::Done => {
                    (Vec::new(), Ok(format!("{what}: {}", copy.notice)))
                }
            },
            Ok(Err(error)) => (Vec::new(), Err(error.to_string())),
            Err(()) => (Vec::new(), Err("the copy failed".to_owned())),
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
}

/// How long a console that ends waits for a write in flight.
pub const LAST_WRITE: Duration = Duration::from_secs(12);

/// Whether a change still waits for its end in a job of this process.
pub fn is_open(change: &Change) -> bool {
    !matches!(change.state(), ChangeState::Pending) && !change.state().is_final()
}
