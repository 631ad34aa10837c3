//! The audit lines, and what is read of the journal beside its jobs.

use super::Services;
use crate::{
    app::{effect::AuditNote, message::LocalRecords, model::JournalAccess},
    entity::{
        claim::Justification,
        error::JournalError,
        job::{ChangeState, Job},
        key::{JobId, ProfileName},
        profile::ProfileBinding,
        team::Team,
    },
    journal::{Access, AuditRecord, AuditTarget, Journal},
};
use std::collections::BTreeMap;

/// What the journal lets a run do, as the model has it.
pub fn journal_state(journal: &Journal) -> JournalAccess {
    match journal.access() {
        Access::Writer => JournalAccess::Writer,
        Access::Follower { holder } => JournalAccess::Follower { holder },
        Access::ReadOnly { why } => JournalAccess::ReadOnly { reason: why },
    }
}

/// The team as the journal's console sees it; `None` where the journal is this host's own.
pub async fn team(journal: &Journal) -> Option<Box<Team>> {
    let news = journal.news()?;
    let state = news.state();
    // What cannot be read now is read when the store is back.
    let (holdings, pause) = if state.lost.is_some() {
        (BTreeMap::new(), Vec::new())
    } else {
        (
            journal.holdings().await.unwrap_or_default(),
            journal.asked_to_pause().await.unwrap_or_default(),
        )
    };
    Some(Box::new(Team {
        state,
        holdings,
        pause,
    }))
}

/// What the journal keeps beside its jobs.
pub async fn local_records(
    journal: &Journal,
    profiles: Vec<ProfileBinding>,
) -> Result<LocalRecords, JournalError> {
    Ok(LocalRecords {
        statuses: journal.local_statuses(profiles.clone()).await?,
        accepted_mappings: journal.accepted_mappings(profiles.clone()).await?,
        claims: journal.claims(profiles.clone()).await?,
        last_notes: journal.last_notes(profiles).await?,
    })
}

/// A job's words, as its audit lines have them.
fn justification_of(job: &Job) -> Justification {
    Justification {
        reason: job.reason.clone(),
        note: job.note.clone(),
        ticket: job.ticket.clone(),
    }
}

impl Services {
    /// Writes an audit line. A console that only watches cannot write one: what it does then must not need one.
    pub(super) async fn audit(&self, note: AuditNote) -> Result<(), JournalError> {
        self.journal.audit(self.audit_record(note)).await
    }

    /// The line, for those who know more.
    pub(super) fn audit_record(&self, note: AuditNote) -> AuditRecord {
        let mut record = AuditRecord::new(self.origin, note.action, note.outcome);
        record.profile = note.profile;
        record.target = match &note.keys[..] {
            [] => AuditTarget::Nothing,
            [key] => AuditTarget::One(key.clone()),
            keys => AuditTarget::Many(keys.len() as u64),
        };
        record.detail = note.detail;
        record
    }

    /// The request that changes leaks at a profile, without any value.
    pub(super) fn change_request(&self, profile: &ProfileName) -> Option<String> {
        let provider = self.providers.get(profile)?;
        provider.statuses().map(|store| store.request().to_owned())
    }

    /// A line for each change of a job that has ended: how the leak was, what it was to become, what came of it. The
    /// attempts themselves stand in the log already.
    pub(super) async fn audit_changes(&self, id: JobId) -> Result<(), JournalError> {
        let record = self.journal.job(id).await?;
        if !record.job.state.is_final() {
            return Ok(());
        }
        let words = justification_of(&record.job);
        let lines = record.changes.iter().map(|change| {
            let outcome = change.state().outcome();
            let outcome = match change.code() {
                Some(code) => format!("{outcome} ({code})"),
                None => outcome.to_string(),
            };
            let mut line = AuditRecord::new(self.origin, record.job.command.to_string(), outcome);
            line.profile = Some(change.key.profile.clone());
            line.target = AuditTarget::One(change.key.clone());
            line.job = Some(id);
            line.before = change.before.map(|status| status.to_string());
            line.after = Some(match change.state() {
                // Kept beside what the provider has for it.
                ChangeState::Local => record.job.wanted.to_string(),
                _ => change.wanted.to_string(),
            });
            if change.attempts() > 0 {
                line.request = self.change_request(&change.key.profile);
            }
            line.detail = change.reason().map(str::to_owned);
            line.justification = words.clone();
            line
        });
        let lines = lines.collect();
        self.journal.audit_job(id, lines).await
    }

    /// The lines of jobs that ended when they could not be written: the program died then, or the disk was full.
    pub async fn audit_missing(&self) {
        if self.journal.access() != Access::Writer {
            return;
        }
        let untold = self.journal.unaudited_jobs().await;
        let mut told = untold.as_ref().map(|_| ()).map_err(JournalError::kind);
        for id in untold.into_iter().flatten() {
            let tried = self.audit_changes(id).await;
            told = told.and(tried.map_err(|error| error.kind()));
        }
        if let Err(kind) = told {
            tracing::error!(kind, "the lines of a job are still not written");
        }
    }
}
