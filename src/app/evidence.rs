//! A bundle of evidence: about the marks, the leak under the cursor, or a job. What is loaded goes in as it stands.

use super::{
    command::{Ask, Command},
    effect::{Effect, EvidenceEffect},
    message::Message,
    model::{Context, FeatureUpdate, Pane},
    notice::outcome_summary,
    overlay::Overlay,
};
use crate::{
    action::{Action, Category},
    app::targets,
    entity::{
        error::JournalError,
        evidence::{Evidence, EvidenceItem},
        job::{Change, JobRecord},
        key::JobId,
        leak::LeakField,
        number::group_digits,
        visible,
    },
    table::RowId,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Why no bundle can be written now; `Ok` if one can.
pub(super) fn check_available(
    context: Context<'_>,
    overlay: Option<&Overlay>,
) -> Result<(), String> {
    if overlay.and_then(Overlay::job).is_some() {
        return Ok(());
    }
    if context.workspace.focus == Pane::Jobs {
        let job = context.workspace.jobs.list.cursor();
        return job
            .map(|_| ())
            .ok_or_else(|| "no job is under the cursor".into());
    }
    if subjects(None, context).is_empty() {
        return Err("no leak is marked or under the cursor".into());
    }
    Ok(())
}

/// What a bundle can be about now, a job or the leaks, the likeliest first: what is shown, else the job that has just
/// ended, else what is marked or under the cursor. Marks that a job leaves are no reason to think of other leaks.
fn subjects(open_job: Option<JobId>, context: Context<'_>) -> Vec<Option<JobId>> {
    if let Some(id) = open_job {
        return vec![Some(id)];
    }
    if context.workspace.focus == Pane::Jobs {
        let job = context.workspace.jobs.list.cursor();
        return job.map(Some).into_iter().collect();
    }
    let leaks = targets::has_targets(context).then_some(None);
    let ended = context.jobs.just_finished.map(Some);
    [ended, leaks].into_iter().flatten().collect()
}

/// What a bundle is about, in words.
fn describe(context: Context<'_>, subject: Option<JobId>) -> String {
    if let Some(id) = subject {
        let listed = context.workspace.jobs.jobs.iter().find(|job| job.id == id);
        let what = listed.map_or_else(String::new, |job| {
            let count = job.counts.sum();
            let leaks = if count == 1 { "leak" } else { "leaks" };
            format!(
                ", {} {leaks}: {}",
                group_digits(count),
                outcome_summary(job.counts)
            )
        });
        return format!("job {id}{what}");
    }
    let (handles, words) = targets::targets(context);
    match &handles[..] {
        [one] if context.workspace.marks.is_empty() => {
            let login = context.data.table.text(*one, LeakField::Login);
            format!("this leak, {}", visible::escape(&login).as_str())
        }
        _ => words,
    }
}

/// How the name of a bundle's directory begins.
const DIRECTORY_PREFIX: &str = "stanch-evidence-";

/// Where a bundle goes, unless the operator says otherwise.
fn default_directory(context: Context<'_>, subject: Option<JobId>) -> String {
    let time = context
        .now
        .wall
        .to_zoned(context.setup.zone.clone())
        .strftime("%Y%m%d-%H%M%S")
        .to_string();
    let name = match subject {
        Some(job) => format!("{DIRECTORY_PREFIX}job-{job}-{time}"),
        None => format!("{DIRECTORY_PREFIX}{time}"),
    };
    let path = context.setup.directory.join(name);
    path.to_string_lossy().into_owned()
}

/// Whether an action is about other leaks than those of the job that has just ended.
pub(super) fn is_about_other_leaks(action: Action) -> bool {
    let marks = action.category() == Category::Marks;
    marks
        || matches!(
            action,
            Action::Down
                | Action::Up
                | Action::Top
                | Action::Bottom
                | Action::HalfPageDown
                | Action::HalfPageUp
                | Action::PageDown
                | Action::PageUp
                | Action::Drill
                | Action::Filter
                | Action::FocusDomains
                | Action::FocusUsers
                | Action::FocusConnections
        )
}

/// Opens the prompt for a directory's name; above it stands what the bundle will be about.
pub(super) fn open(open_job: Option<JobId>, update: &mut FeatureUpdate<'_>) {
    let subjects = subjects(open_job, update.context);
    let Some(subject) = subjects.first().copied() else {
        return;
    };
    let path = default_directory(update.context, subject);
    let line = question(update.context, subject, subjects.len() > 1, path);
    update.commands.push(Command::Prompt(line));
}

/// `Tab`: the bundle is about the other thing.
pub(super) fn switch_subject(
    before: Option<JobId>,
    typed: &str,
    open_job: Option<JobId>,
    context: Context<'_>,
) -> Option<Ask> {
    let subjects = subjects(open_job, context);
    let other = subjects.iter().copied().find(|other| *other != before)?;
    // A name that the operator has typed stays.
    let ours = PathBuf::from(typed)
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(DIRECTORY_PREFIX));
    let path = if ours {
        default_directory(context, other)
    } else {
        typed.to_owned()
    };
    Some(question(context, other, true, path))
}

fn question(context: Context<'_>, subject: Option<JobId>, several: bool, path: String) -> Ask {
    Ask::Evidence {
        job: subject,
        path,
        about: format!("evidence about {}", describe(context, subject)),
        other: several.then_some(match subject {
            Some(_) => "the leaks",
            None => "the last job",
        }),
    }
}

/// The directory has a name: a job is read first, leaks are here.
pub(super) fn write(context: Context<'_>, path: PathBuf, job: Option<JobId>) -> Vec<Effect> {
    if let Some(job) = job {
        return vec![Effect::Evidence(EvidenceEffect::LoadEvidence { job, path })];
    }
    let (handles, _) = targets::targets(context);
    vec![Effect::Evidence(EvidenceEffect::WriteEvidence {
        path,
        evidence: Arc::new(evidence_for_leaks(context, &handles)),
    })]
}

/// What writing a bundle came to, step by step.
pub(super) fn on_message(update: &mut FeatureUpdate<'_>, message: Message) -> Vec<Effect> {
    match message {
        Message::EvidenceLoaded { path, result } => on_loaded(update, path, result),
        Message::EvidenceWritten {
            path,
            audited,
            result,
        } => on_written(update, &path, audited, result),
        _ => Vec::new(),
    }
}

/// The job of a bundle was read.
fn on_loaded(
    update: &mut FeatureUpdate<'_>,
    path: PathBuf,
    result: Result<Box<JobRecord>, JournalError>,
) -> Vec<Effect> {
    match result {
        Ok(record) => vec![Effect::Evidence(EvidenceEffect::WriteEvidence {
            path,
            evidence: Arc::new(evidence_for_job(update.context, *record)),
        })],
        Err(error) => {
            update.report(Err(error.to_string()), "no evidence was written");
            Vec::new()
        }
    }
}

/// The bundle was written, or was not.
fn on_written(
    update: &mut FeatureUpdate<'_>,
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
            "evidence about {} {leaks} written to {path}, checksum {}{but}",
            group_digits(count as u64),
            seal.get(..12).unwrap_or_default()
        )
    };
    update.report(result.map(text), "no evidence was written");
    Vec::new()
}

/// Evidence about leaks as they stand.
pub fn evidence_for_leaks(context: Context<'_>, handles: &[RowId]) -> Evidence {
    let of = |handle: &RowId| {
        let leak = context.data.table.leak(*handle);
        EvidenceItem {
            key: leak.key.clone(),
            provider: Some(leak.provider.clone()),
            leak: Some(leak),
            credential: context.data.table.credential(*handle),
            change: None,
        }
    };
    Evidence {
        job: None,
        items: handles.iter().map(of).collect(),
    }
}

/// Evidence about a job: its changes, with the leaks that are loaded.
pub fn evidence_for_job(context: Context<'_>, record: JobRecord) -> Evidence {
    let profiles = &record.job.profiles;
    let of = |change: Change| {
        let handle = context.data.table.find(&change.key);
        let binding = profiles
            .iter()
            .find(|binding| binding.name == change.key.profile);
        EvidenceItem {
            key: change.key.clone(),
            provider: binding.map(|binding| binding.provider.clone()),
            leak: handle.map(|handle| context.data.table.leak(handle)),
            credential: handle.and_then(|handle| context.data.table.credential(handle)),
            change: Some(change),
        }
    };
    let subjects = record.changes.into_iter().map(of).collect();
    Evidence {
        job: Some(Box::new(record.job)),
        items: subjects,
    }
}
