//! What effects came to, where it is no matter of paging or of a job: domains, budgets, the journal's lists, copies.

use super::{
    command::Refresh,
    effect::{Effect, LoopEffect},
    job, marks, memory,
    message::Message,
    model::{DataUpdate, Model, Pane},
    notice::Severity,
    views,
};
use crate::entity::{
    domain::Domain,
    error::{JournalError, ProviderError},
    ids::Given,
    key::{EntityKey, JobId, ProfileName, RequestId},
    number::grouped,
    profile::Budget,
    secret::Secret,
};
use std::{path::Path, time::Duration};

pub(super) fn domains_loaded(
    update: &mut DataUpdate<'_>,
    request: RequestId,
    name: &ProfileName,
    result: Result<Vec<Domain>, ProviderError>,
) -> Vec<Effect> {
    let Some(state) = update.data.profile_mut(name) else {
        return Vec::new();
    };
    if state.domains_request != Some(request) {
        return Vec::new();
    }
    let slot = state.slot;
    match result {
        Ok(domains) => {
            for domain in &domains {
                update.data.table.add_domain(slot, domain.name.as_bytes());
            }
            if let Some(state) = update.data.profile_mut(name) {
                state.domains = Some(domains);
                state.domains_error = None;
            }
        }
        Err(error) => {
            if let Some(state) = update.data.profile_mut(name) {
                state.domains_error = Some(error);
            }
        }
    }
    update.refresh(Refresh::Groups(Pane::Domains));
    Vec::new()
}

pub(super) fn budget_changed(
    update: &mut DataUpdate<'_>,
    name: &ProfileName,
    budget: Budget,
) -> Vec<Effect> {
    if let Some(state) = update.data.profile_mut(name) {
        state.budget = budget;
    }
    Vec::new()
}

pub(super) fn live_keys_loaded(
    model: &mut Model,
    result: Result<Vec<(EntityKey, JobId)>, JournalError>,
) -> Vec<Effect> {
    match result {
        Ok(keys) => {
            model.jobs.live_keys = job::live_keys(model.context(), keys);
            Vec::new()
        }
        Err(error) => said(
            model,
            Err(error.to_string()),
            "unfinished jobs cannot be read",
        ),
    }
}

pub(super) fn copied(
    model: &mut Model,
    bytes: Secret,
    result: Result<String, String>,
) -> Vec<Effect> {
    let secret = matches!(&result, Ok(text) if text.starts_with("secret"));
    said(model, result, "not copied");
    let mut effects = Vec::new();
    if !bytes.is_empty() {
        effects.push(Effect::Loop(LoopEffect::WriteTerminal(bytes)));
    }
    if secret {
        model.clear_clipboard = Some(model.now.since_start + CLIPBOARD);
    }
    effects
}

/// A secret is asked to leave the clipboard after this.
const CLIPBOARD: Duration = Duration::from_secs(30);

pub(super) fn said(model: &mut Model, result: Result<String, String>, failed: &str) -> Vec<Effect> {
    let now = model.now.since_start;
    match result {
        Ok(text) => model.notices.push(Severity::Info, text, None, now),
        Err(why) => model
            .notices
            .push(Severity::Error, format!("{failed}: {why}"), None, now),
    }
    Vec::new()
}

/// A task met a bug.
pub(super) fn of_a_bug(model: &mut Model) {
    let now = model.now.since_start;
    let text = "a part of the program failed; this is a bug";
    let hint = Some("see the log: --log FILE".into());
    model.notices.push(Severity::Error, text, hint, now);
}

/// A file of leaks was written, or was not.
pub(super) fn exported(
    model: &mut Model,
    path: &Path,
    audited: bool,
    result: Result<usize, String>,
) -> Vec<Effect> {
    let but = if audited {
        ""
    } else {
        "; not in the audit log, which this console cannot write"
    };
    let text = |count| {
        let count = grouped(count as u64);
        format!("{count} leaks exported to {}{but}", path.display())
    };
    said(model, result.map(text), "not exported")
}

/// A file of marks, of views or of where we stand was read or written, or was not.
pub(super) fn of_a_file(model: &mut Model, message: Message) -> Vec<Effect> {
    let written = |path: &Path, what: &str, result: Result<usize, String>| {
        result.map(|count| format!("{count} {what} written to {}", path.display()))
    };
    match message {
        Message::MarksRead { result, .. } => marks_read(model, result),
        Message::MarksWritten { path, result } => {
            let result = written(&path, "keys", result);
            said(model, result, "no marks were written")
        }
        Message::ViewsLoaded { path, result } => {
            views::take_in(model, &path.display().to_string(), result);
            Vec::new()
        }
        Message::ViewsKept(result) => views::on_kept(model, result),
        Message::ViewsExported { path, result } => {
            let result = written(&path, "views", result);
            said(model, result, "no views were written")
        }
        Message::ViewsImported(result) => views::on_import(model, result),
        Message::SessionKept(result) => memory::on_kept(&mut model.workspace_update(), result),
        _ => Vec::new(),
    }
}

/// A file of keys was read, or was not.
fn marks_read(model: &mut Model, result: Result<Vec<Given>, String>) -> Vec<Effect> {
    match result {
        Ok(given) => {
            marks::on_read(&mut model.workspace_update(), given);
            Vec::new()
        }
        Err(why) => said(model, Err(why), "no marks were read"),
    }
}
