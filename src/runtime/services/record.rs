//! What the journal is asked beside a job's way: to record a plan, and what it keeps because providers cannot.

use super::Services;
use crate::{
    app::{
        effect::AuditNote,
        message::{Kept, Message},
    },
    entity::{
        error::JournalError,
        job::{Lossy, NewJob, Place},
        key::JobId,
        profile::ProfileBinding,
    },
};

impl Services {
    /// What the journal keeps beside its jobs.
    pub(super) async fn kept(&self, profiles: Vec<ProfileBinding>) -> Result<Kept, JournalError> {
        Ok(Kept {
            statuses: self.journal.local_statuses(profiles.clone()).await?,
            lossy: self.journal.confirmed_lossy(profiles).await?,
        })
    }

    /// The audit line of a plan comes before the plan: an attempt that fails is in it too.
    pub(super) async fn record_job(&self, job: Box<NewJob>) -> Message {
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
        if let Err(error) = self.audit(note).await {
            return Message::JobRecorded {
                job,
                result: Err(error),
            };
        }
        let result = self.journal.record_job((*job).clone()).await;
        if let Ok(id) = result {
            self.tell_local(&job, id).await;
        }
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
                detail: Some(format!("job {id}, to {}, kept here", job.plan.wanted)),
            })
            .await
            .ok();
        }
    }
}
