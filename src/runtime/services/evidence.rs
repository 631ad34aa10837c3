//! Writing a bundle of evidence: its audit lines around it, and the lines of the log that belong into it.

use super::Services;
use crate::{
    app::{
        effect::{AuditNote, EvidenceEffect},
        message::Message,
    },
    entity::{
        error::JournalError,
        evidence::Evidence,
        key::{EntityKey, JobId},
    },
    export::evidence::BundleContext,
    journal::{AuditLog, Operator},
    runtime::files,
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{collections::HashSet, path::PathBuf, sync::Arc};

impl Services {
    /// Reads a job for a bundle, or writes the bundle.
    pub(in crate::runtime) async fn perform_evidence(&self, effect: EvidenceEffect) -> Message {
        match effect {
            EvidenceEffect::LoadEvidence { job, path } => {
                let result = self.journal.job(job).await.map(Box::new);
                Message::EvidenceLoaded { path, result }
            }
            EvidenceEffect::WriteEvidence { path, evidence } => {
                let (audited, result) = self.bundle(path.clone(), evidence).await;
                Message::EvidenceWritten {
                    path,
                    audited,
                    result,
                }
            }
        }
    }

    /// Writes a bundle: whether the audit log says so, and how many leaks with the bundle's checksum, or why not. A bundle
    /// holds no secret: it may go without its audit line.
    pub(in crate::runtime) async fn bundle(
        &self,
        path: PathBuf,
        evidence: Arc<Evidence>,
    ) -> (bool, Result<(usize, String), String>) {
        let about = match &evidence.job {
            Some(job) => format!("job {}, {} leaks", job.id, evidence.items.len()),
            None => format!("{} leaks", evidence.items.len()),
        };
        let keys: Vec<EntityKey> = evidence
            .items
            .iter()
            .map(|subject| subject.key.clone())
            .collect();
        let note = |outcome: &str, detail: String| AuditNote {
            profile: None,
            action: "evidence",
            keys: keys.clone(),
            outcome: outcome.to_owned(),
            detail: Some(detail),
        };
        let audited = self.audit(note("asked", about.clone())).await.is_ok();
        let result = match self.circumstances().await {
            Ok((who, at, log)) => {
                let bundle = Arc::clone(&evidence);
                files::write_evidence(&path, evidence, move || {
                    circumstances(&bundle, who, at, &log)
                })
                .await
            }
            Err(error) => Err(error.to_string()),
        };
        let end = match &result {
            // Whoever has the log knows the bundle again by its seal.
            Ok(written) => note("done", format!("{about}, seal {}", written.manifest_hash)),
            Err(_) => note("failed", about),
        };
        let ended = self.audit(end).await.is_ok();
        let result = result.map(|written| (written.leaks, written.manifest_hash));
        (audited && ended, result)
    }

    async fn circumstances(&self) -> Result<(Operator, Timestamp, AuditLog), JournalError> {
        let (who, at) = self.journal.operator().await?;
        Ok((who, at, self.journal.audit_log().await?))
    }
}

/// Who, when, and the audit lines of the job or of these leaks.
fn circumstances(
    evidence: &Evidence,
    who: Operator,
    at: Timestamp,
    log: &AuditLog,
) -> BundleContext {
    let keys: HashSet<String> = evidence
        .items
        .iter()
        .map(|subject| subject.key.to_string())
        .collect();
    let job = evidence.job.as_ref().map(|job| job.id);
    let audit_lines = log
        .lines()
        .take(log.head.count as usize)
        .filter(|line| is_about(line, job, &keys))
        .map(<[u8]>::to_vec)
        .collect();
    BundleContext {
        at,
        user: who.user,
        host: who.host,
        tty: who.tty,
        audit: log.head.clone(),
        audit_lines,
    }
}

fn is_about(line: &[u8], wanted: Option<JobId>, keys: &HashSet<String>) -> bool {
    #[derive(Deserialize)]
    struct Members {
        key: Option<String>,
        job: Option<i64>,
        detail: Option<String>,
    }
    let Ok(members) = serde_json::from_slice::<Members>(line) else {
        return false;
    };
    match wanted {
        Some(JobId(id)) => {
            let named = format!("job {id}");
            let in_words = members.detail.is_some_and(|detail| {
                detail
                    .strip_prefix(&named)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
            });
            members.job == Some(id) || in_words
        }
        None => members.key.is_some_and(|key| keys.contains(&key)),
    }
}
