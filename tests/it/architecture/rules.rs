//! The exceptions, each of them on purpose. A list here only grows with a reason, and shrinks gladly.

/// Where tasks, threads and processes are started. Who is not below `runtime`, `demo` or `cli` starts no task: the
/// journal has its thread, a copy or a key may come from a command.
pub(super) const TASKS: &[&str] = &[
    "cli/console.rs spawn",
    "cli/detach.rs spawn",
    "clipboard.rs spawn",
    "credential.rs spawn",
    "demo.rs spawn",
    "demo/control.rs spawn_blocking",
    "demo/server.rs spawn_blocking",
    "journal.rs spawn",
    "journal/sqlite/plan/changes.rs spawn",
    "runtime.rs spawn",
    "runtime/executor.rs spawn",
    "runtime/files.rs spawn_blocking",
    "runtime/hangup.rs spawn",
    "runtime/keys.rs spawn",
    "runtime/services.rs spawn",
    "runtime/session.rs spawn",
    "runtime/signals.rs spawn",
    "runtime/wire/line.rs spawn",
];

/// Files outside a provider's folder that name a provider.
pub(super) const PROVIDER_NAMES: &[&str] = &[];

/// Files that make spans: of provider text the second alone, the first of titles that are our own.
pub(super) const SPANS: &[&str] = &["ui/frame.rs", "ui/text.rs"];

/// Files above 500 lines that are to be divided.
pub(super) const TOO_LONG: &[&str] = &[];

/// Files that say where a change stands: the change itself, the transitions, and the reader of stored rows.
pub(super) const STANDINGS: &[&str] = &[
    "entity/job.rs",
    "entity/job/change.rs",
    "entity/transition.rs",
    "journal/sqlite/row.rs",
];

/// Files that may take a step to a state that the table does not have: the table itself, and rehearsed mistakes.
pub(super) const MISTAKES: &[&str] = &["entity/transition.rs", "runtime/services/jobs.rs"];
