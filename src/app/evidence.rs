//! A bundle of evidence: about the marks, the leak under the cursor, or a job. What is loaded goes in as it stands.

use super::{
    answers,
    effect::Effect,
    message::Message,
    model::{Model, Pane},
    paging::grouped,
    plan,
    prompt::{Prompt, PromptKind},
};
use crate::{
    entity::{
        error::JournalError,
        evidence::{Evidence, Subject},
        job::{Change, JobRecord},
        key::JobId,
    },
    table::Handle,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Why no bundle can be written now; `Ok` if one can.
pub(super) fn available(model: &Model) -> Result<(), String> {
    if model.focus == Pane::Jobs {
        let job = model.jobs.list.cursor();
        return job
            .map(|_| ())
            .ok_or_else(|| "no job is under the cursor".into());
    }
    if plan::targets(model).0.is_empty() {
        return Err("no leak is marked or under the cursor".into());
    }
    Ok(())
}

/// Opens the prompt for a directory's name.
pub(super) fn open(model: &mut Model) {
    let time = model
        .now
        .wall
        .to_zoned(model.setup.zone.clone())
        .strftime("%Y%m%d-%H%M%S")
        .to_string();
    let job = model
        .jobs
        .list
        .cursor()
        .filter(|_| model.focus == Pane::Jobs);
    let name = match job {
        Some(job) => format!("stanch-evidence-job-{job}-{time}"),
        None => format!("stanch-evidence-{time}"),
    };
    let path = model.setup.directory.join(name);
    model.prompt = Some(Prompt::new(
        PromptKind::Evidence(job),
        path.to_string_lossy(),
    ));
}

/// The directory has a name: a job is read first, leaks are here.
pub(super) fn write(model: &Model, path: PathBuf, job: Option<JobId>) -> Vec<Effect> {
    if let Some(job) = job {
        return vec![Effect::LoadEvidence { job, path }];
    }
    let (handles, _) = plan::targets(model);
    vec![Effect::WriteEvidence {
        path,
        evidence: Arc::new(of_leaks(model, &handles)),
    }]
}

/// What writing a bundle came to, step by step.
pub(super) fn on_message(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::EvidenceLoaded { path, result } => on_loaded(model, path, result),
        Message::EvidenceWritten {
            path,
            audited,
            result,
        } => on_written(model, &path, audited, result),
        _ => Vec::new(),
    }
}

/// The job of a bundle was read.
fn on_loaded(
    model: &mut Model,
    path: PathBuf,
    result: Result<Box<JobRecord>, JournalError>,
) -> Vec<Effect> {
    match result {
        Ok(record) => vec![Effect::WriteEvidence {
            path,
            evidence: Arc::new(of_job(model, *record)),
        }],
        Err(error) => answers::said(model, Err(error.to_string()), "no evidence was written"),
    }
}

/// The bundle was written, or was not.
fn on_written(
    model: &mut Model,
    path: &Path,
    audited: bool,
    result: Result<(usize, String), String>,
) -> Vec<Effect> {
    let path = path.display().to_string();
    let but = if audited {
        ""
    } else {
        "; not in the audit log, which this console cannot write"
    };
    let text = |(count, seal): (usize, String)| {
        let leaks = if count == 1 { "leak" } else { "leaks" };
        format!(
            "evidence about {} {leaks} written to {path}, seal {}{but}",
            grouped(count as u64),
            seal.get(..12).unwrap_or_default()
        )
    };
    answers::said(model, result.map(text), "no evidence was written")
}

/// Evidence about leaks as they stand.
fn of_leaks(model: &Model, handles: &[Handle]) -> Evidence {
    let of = |handle: &Handle| {
        let leak = model.table.leak(*handle);
        Subject {
            key: leak.key.clone(),
            provider: Some(leak.provider.clone()),
            leak: Some(leak),
            credential: model.table.credential(*handle),
            change: None,
        }
    };
    Evidence {
        job: None,
        subjects: handles.iter().map(of).collect(),
    }
}

/// Evidence about a job: its changes, with the leaks that are loaded.
fn of_job(model: &Model, record: JobRecord) -> Evidence {
    let profiles = &record.job.profiles;
    let of = |change: Change| {
        let handle = model.table.find(&change.key);
        let binding = profiles
            .iter()
            .find(|binding| binding.name == change.key.profile);
        Subject {
            key: change.key.clone(),
            provider: binding.map(|binding| binding.provider.clone()),
            leak: handle.map(|handle| model.table.leak(handle)),
            credential: handle.and_then(|handle| model.table.credential(handle)),
            change: Some(change),
        }
    };
    let subjects = record.changes.into_iter().map(of).collect();
    Evidence {
        job: Some(Box::new(record.job)),
        subjects,
    }
}
