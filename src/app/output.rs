//! Getting things out: copies, exports, one revealed secret. Secrets only one at a time, and audited.

use super::{
    command::{Ask, Command},
    effect::{Effect, LoopEffect, OutputEffect, RevealEffect},
    model::{Context, FeatureUpdate, Pane, Reveal, WorkspaceUpdate},
    notice::Severity,
    view,
};
use crate::{
    action::Action,
    app::{cursor, targets},
    entity::{
        key::EntityKey,
        leak::{LeakField, PasswordState},
        number::group_digits,
        secret::Secret,
        visible::escape,
    },
    table::{GroupKind, RowId},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A secret stays on the screen so long.
pub const REVEAL_DURATION: Duration = Duration::from_secs(10);

/// Copies what an action names of the leak under the cursor.
pub fn copy(update: &mut FeatureUpdate<'_>, action: Action) -> Vec<Effect> {
    let context = update.context;
    let printable = |bytes: &[u8]| escape(bytes).as_str().to_owned();
    let text = match action {
        Action::CopyMarked => {
            let (handles, _) = targets::targets(context);
            let keys: Vec<_> = handles
                .iter()
                .map(|handle| context.data.table.key(*handle).to_string())
                .collect();
            Some((keys.join("\n"), "keys"))
        }
        Action::CopyCommand => command_line(context).map(|line| (line, "command line")),
        Action::CopyId => cursor_key(context).map(|key| (printable(key.id.as_bytes()), "id")),
        Action::CopyUser => {
            cursor_field(context, LeakField::Login).map(|text| (printable(&text), "user"))
        }
        Action::CopyHost => cursor_field(context, LeakField::Hostname)
            .or_else(|| cursor_resource(context))
            .map(|text| (printable(&text), "host")),
        Action::CopyRow => context
            .workspace
            .leaks
            .list
            .cursor()
            .filter(|_| context.workspace.focus == Pane::Leaks)
            .map(|handle| (format_row(context, handle), "row")),
        _ => None,
    };
    copy_text(update, text)
}

/// Copies a text, or says that there is none.
pub(super) fn copy_text(
    update: &mut FeatureUpdate<'_>,
    text: Option<(String, &'static str)>,
) -> Vec<Effect> {
    if let Some((text, what)) = text.filter(|(text, _)| !text.is_empty()) {
        vec![Effect::Output(OutputEffect::CopyText {
            text: Secret::from(text),
            what,
        })]
    } else {
        update.notify(Severity::Info, "nothing to copy here", None);
        Vec::new()
    }
}

fn cursor_key(context: Context<'_>) -> Option<EntityKey> {
    match context.workspace.focus {
        Pane::Leaks if context.workspace.leaks.grouping.is_some() => None,
        Pane::Leaks => context
            .workspace
            .leaks
            .list
            .cursor()
            .map(|handle| context.data.table.key(handle)),
        pane @ (Pane::Domains | Pane::Users | Pane::Connections) => context
            .workspace
            .groups(pane)?
            .list
            .cursor()
            .map(|(kind, group)| context.data.table.group_key(kind, group)),
        Pane::Jobs => None,
    }
}

fn cursor_field(context: Context<'_>, field: LeakField) -> Option<Vec<u8>> {
    match context.workspace.focus {
        // A person and a credential begin with the login.
        Pane::Leaks if context.workspace.leaks.grouping.is_some() => cursor::selected_view(context)
            .filter(|_| field == LeakField::Login)
            .and_then(|group| cursor::leaks_in_group(context, group).first().copied())
            .map(|handle| context.data.table.text(handle, field).into_owned()),
        Pane::Leaks => context
            .workspace
            .leaks
            .list
            .cursor()
            .map(|handle| context.data.table.text(handle, field).into_owned()),
        Pane::Users if field == LeakField::Login => context
            .workspace
            .users
            .list
            .cursor()
            .map(|(kind, group)| context.data.table.group_name(kind, group).to_vec()),
        Pane::Connections if field == LeakField::Hostname => context
            .workspace
            .connections
            .list
            .cursor()
            .map(|(kind, group)| context.data.table.group_name(kind, group).to_vec()),
        Pane::Domains | Pane::Users | Pane::Connections | Pane::Jobs => None,
    }
    .filter(|text| !text.is_empty())
}

fn cursor_resource(context: Context<'_>) -> Option<Vec<u8>> {
    let handle = context
        .workspace
        .leaks
        .list
        .cursor()
        .filter(|_| context.workspace.focus == Pane::Leaks)?;
    let group = context.data.table.group(handle, GroupKind::Resource)?;
    Some(
        context
            .data
            .table
            .group_name(GroupKind::Resource, group)
            .to_vec(),
    )
}

/// A row as text: its members with tabs between, without the secret.
fn format_row(context: Context<'_>, handle: RowId) -> String {
    let fields = [
        LeakField::Login,
        LeakField::Url,
        LeakField::Hostname,
        LeakField::Ip,
        LeakField::Country,
        LeakField::Class,
        LeakField::FirstSeen,
    ];
    let key = context.data.table.key(handle).to_string();
    let mut parts = vec![
        escape(key.as_bytes()).as_str().to_owned(),
        context.data.table.status(handle).to_string(),
    ];
    parts.extend(fields.iter().map(|field| {
        escape(&context.data.table.text(handle, *field))
            .as_str()
            .to_owned()
    }));
    parts.join("\t")
}

/// The command line that marks the targets fixed, ready to be run by hand.
pub fn command_line(context: Context<'_>) -> Option<String> {
    let (handles, _) = targets::targets(context);
    if handles.is_empty() {
        return None;
    }
    let mut words = vec!["stanch".to_owned()];
    words.extend(
        context
            .setup
            .command_prefix
            .iter()
            .map(|word| shell_quote(word)),
    );
    words.extend(["leaks".into(), "fix".into()]);
    if handles.len() > MAX_COMMAND_LINE_KEYS {
        // No shell takes that many: the keys come from what `ym` copied.
        words.extend(["--ids-from".into(), "-".into()]);
    } else {
        words.extend(
            handles
                .iter()
                .map(|handle| shell_quote(&context.data.table.key(*handle).to_string())),
        );
    }
    Some(words.join(" "))
}

/// So many keys fit on a command line.
const MAX_COMMAND_LINE_KEYS: usize = 200;

/// A word as a shell takes it.
pub fn shell_quote(word: &str) -> String {
    let plain = !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b":/._-=,@".contains(&b));
    if plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Asks for the secret under the cursor, for the screen or for the clipboard.
pub fn reveal(update: &mut WorkspaceUpdate<'_>, copy: bool) -> Vec<Effect> {
    let Some(handle) = update.workspace.leaks.list.cursor() else {
        return Vec::new();
    };
    let effects = reveal_leak(update, handle, copy);
    if !copy && !effects.is_empty() {
        let revealed = update.workspace.reveal.take();
        view::update_detail_now(update);
        update.workspace.detail_visible = true;
        update.workspace.reveal = revealed;
    }
    effects
}

/// Asks for the secret of a leak.
pub(super) fn reveal_leak(
    update: &mut WorkspaceUpdate<'_>,
    handle: RowId,
    copy: bool,
) -> Vec<Effect> {
    let now = update.now.since_start;
    match update.data.table.row(handle).password {
        PasswordState::Hidden => {}
        PasswordState::MaskedByProvider => {
            update.notices.push(
                Severity::Info,
                "masked by the provider: it does not show this password to this key",
                None,
                now,
            );
            return Vec::new();
        }
        PasswordState::Empty | PasswordState::None => {
            update
                .notices
                .push(Severity::Info, "this leak has no password", None, now);
            return Vec::new();
        }
    }
    if !copy {
        update.workspace.reveal = Some(Reveal {
            leak: handle,
            secret: None,
            masked_at: now + REVEAL_DURATION,
        });
    }
    vec![Effect::Reveal(RevealEffect::RevealSecret {
        key: update.data.table.key(handle),
        copy,
    })]
}

/// The secret came, or did not.
pub fn on_revealed(
    update: &mut WorkspaceUpdate<'_>,
    key: &EntityKey,
    copy: bool,
    result: Result<Secret, String>,
) -> Vec<Effect> {
    let now = update.now.since_start;
    match result {
        Ok(secret) if copy => {
            return vec![Effect::Output(OutputEffect::CopyText {
                text: secret,
                what: "secret",
            })];
        }
        Ok(secret) => {
            let wanted = update.data.table.find(key);
            match &mut update.workspace.reveal {
                // The cursor may have gone on: then nobody asked for this one any more.
                Some(reveal) if Some(reveal.leak) == wanted => {
                    reveal.secret = Some(secret);
                    reveal.masked_at = now + REVEAL_DURATION;
                }
                _ => {}
            }
        }
        Err(why) => {
            update.workspace.reveal = None;
            update
                .notices
                .push(Severity::Error, format!("not revealed: {why}"), None, now);
        }
    }
    Vec::new()
}

/// Opens the prompt for a file's name.
pub fn open_export(update: &mut FeatureUpdate<'_>) {
    let context = update.context;
    let day = context
        .now
        .wall
        .to_zoned(context.setup.zone.clone())
        .strftime("%Y%m%d-%H%M%S")
        .to_string();
    let path = context
        .setup
        .directory
        .join(format!("stanch-leaks-{day}.csv"));
    let line = Ask::Export(path.to_string_lossy().into_owned());
    update.commands.push(Command::Prompt(line));
}

/// Exports the marks, or what the leaks pane shows, to a new file.
pub fn export(context: Context<'_>, path: PathBuf) -> Vec<Effect> {
    let rows: Vec<RowId> = if context.workspace.marks.is_empty() {
        context.workspace.leaks.list.order().to_vec()
    } else {
        context.workspace.marks.iter().collect()
    };
    let leaks: Vec<_> = rows
        .iter()
        .map(|handle| context.data.table.leak(*handle))
        .collect();
    vec![Effect::Output(OutputEffect::ExportLeaks {
        path,
        leaks: Arc::new(leaks),
    })]
}

/// A copy is on its way. What is a secret is asked to leave the clipboard again.
pub(super) fn on_copied(
    clear_clipboard: &mut Option<Duration>,
    update: &mut FeatureUpdate<'_>,
    bytes: Secret,
    result: Result<String, String>,
) -> Vec<Effect> {
    let secret = matches!(&result, Ok(text) if text.starts_with("secret"));
    update.report(result, "not copied");
    if secret {
        *clear_clipboard = Some(update.context.now.since_start + CLIPBOARD_CLEAR_DELAY);
    }
    if bytes.is_empty() {
        return Vec::new();
    }
    vec![Effect::Loop(LoopEffect::WriteTerminal(bytes))]
}

/// A secret is asked to leave the clipboard after this.
const CLIPBOARD_CLEAR_DELAY: Duration = Duration::from_secs(30);

/// A file of leaks was written, or was not.
pub(super) fn on_exported(
    update: &mut FeatureUpdate<'_>,
    path: &Path,
    audited: bool,
    result: Result<usize, String>,
) {
    let but = if audited {
        ""
    } else {
        "; not in the audit log, which this console cannot write"
    };
    let text = |count| {
        let count = group_digits(count as u64);
        format!("{count} leaks exported to {}{but}", path.display())
    };
    update.report(result.map(text), "not exported");
}
