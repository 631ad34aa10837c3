//! The exceptions, each with its reason. A list of what is to go only shrinks: an entry that is not needed any more
//! fails the test, too.

/// Imports that are allowed for one reason.
pub(super) struct Imports {
    pub(super) why: &'static str,
    /// The file that imports, and the one that is imported.
    pub(super) imports: &'static [(&'static str, &'static str)],
}

/// A module that uses one that it should not.
pub(super) struct ModuleUse {
    pub(super) module: &'static str,
    pub(super) uses: &'static str,
    /// How many of its files do.
    pub(super) files: usize,
    pub(super) why: &'static str,
}

/// Modules of the table that are not there yet.
pub(super) const UNBUILT_MODULES: &[(&str, &str)] = &[
    (
        "feature",
        "the concerns of `app` share one model, until each has its own state",
    ),
    (
        "overlay",
        "an overlay stands in `app` and in `ui`, until each is one module",
    ),
];

/// Uses against the order of the table.
pub(super) const MODULE_USES: &[ModuleUse] = &[ModuleUse {
    module: "ui",
    uses: "app",
    files: 30,
    why: "drawing reads the model, until each feature has a state of its own below it",
}];

/// How many files take the whole model to change it: the core's entry (`app.rs`) and its routers for actions (`act`),
/// what else the terminal sends (`typed`), commands (`propagate`) and timers (`wake`).
pub(super) const MAX_FILES_WITH_MODEL: usize = 5;

/// How many files name a variant of `Overlay`, beside its own `Self`: what actions do to overlays, and who draws them.
pub(super) const MAX_FILES_WITH_OVERLAY: usize = 2;

/// Where tasks, threads and processes are started. Who is not below `runtime`, `demo` or `cli` starts no task: the
/// journal has its thread, a reading of files has one, a copy or a key may come from a command, a hook is one.
pub(super) const TASK_FILES: &[&str] = &[
    "cli/console/open.rs spawn",
    "cli/console/open.rs spawn_watchdog",
    "cli/demo.rs spawn_blocking",
    "cli/demo/team.rs spawn",
    "cli/detach.rs spawn",
    "cli/doctor.rs spawn_blocking",
    "cli/store.rs spawn_blocking",
    "cli/watch/administer.rs spawn_blocking",
    "cli/watch/deliver.rs spawn_blocking",
    "clipboard.rs spawn",
    "clipboard.rs spawn_input_writer",
    "credential.rs spawn",
    "demo.rs spawn",
    "demo/control.rs spawn_blocking",
    "demo/server.rs spawn_blocking",
    "journal.rs spawn",
    "journal/postgres/call.rs spawn",
    "journal/postgres/feed.rs spawn",
    "journal/sqlite/plan/changes.rs spawn",
    "notify/hook.rs spawn",
    "provider/file/reading.rs spawn",
    "runtime/deadline.rs spawn",
    "runtime/executor.rs spawn",
    "runtime/files.rs spawn_blocking",
    "runtime/hangup.rs spawn",
    "runtime/hangup.rs spawn_watchdog",
    "runtime/input.rs spawn",
    "runtime/services/output.rs spawn",
    "runtime/services/tools.rs spawn",
    "runtime/signals.rs spawn",
    "runtime/terminal_output/output.rs spawn",
    "seen.rs spawn",
];

/// Files outside a provider's folder that name a provider: one knows the exports of others by their names.
pub(super) const PROVIDER_NAMES: &[&str] = &["provider/file/export/formats.rs"];

/// Files of the stand-in that name a system outside its folder: where systems start, are called and share the leaks, and two
/// that share people with ProjectDiscovery.
pub(super) const SYSTEM_NAMES: &[&str] = &[
    "demo.rs",
    "demo/hibp.rs",
    "demo/leaked_checker.rs",
    "demo/name.rs",
    "demo/population.rs",
];

/// Files that make spans: of provider text the second alone, the first of titles that are our own.
pub(super) const SPAN_FILES: &[&str] = &["ui/frame.rs", "ui/text.rs"];

/// Files above 500 lines that are to be divided.
pub(super) const LONG_FILES: &[&str] = &[];

/// Files that say where a change stands: the change itself, the transitions, and the reader of stored rows.
pub(super) const STATE_FILES: &[&str] = &[
    "entity/job.rs",
    "entity/job/change.rs",
    "entity/job/step.rs",
    "entity/transition.rs",
    "journal/postgres/row.rs",
    "journal/sqlite/row.rs",
];

/// Files that may take a step to a state that the table does not have: the table itself, and rehearsed mistakes.
pub(super) const MUTANT_FILES: &[&str] = &["entity/job/step.rs", "runtime/services/jobs.rs"];

/// Imports that close a cycle today, in groups with the reason. Without them there is none; nothing is added here.
pub(super) const CYCLES: &[Imports] = &[Imports {
    why: "A reveal reads one leak of the catalogue that a reading made; the reading offers it.",
    imports: &[("provider/file/reveal.rs", "provider/file/reading.rs")],
}];
