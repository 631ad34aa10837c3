//! The configuration: defaults, then the operator's file, then the command line. Text comes in, plain values go out;
//! nothing is ever written back. Whatever is wrong is a [`Problem`] with its place, and the console still starts:
//! a wrong profile is left out, a wrong policy counts as the strictest, a wrong key keeps its built-in binding.
//!
//! Start reading at [`Config::load`]. `document.rs` takes typed members out of TOML with their places, `profile.rs`
//! reads accounts, `keymap.rs` and `theme.rs` what their names say, `place.rs` finds the file.

pub mod channel;
pub mod chord;
pub mod commands;
pub mod console;
pub mod glyphs;
pub mod hooks;
pub mod keymap;
pub mod keymap_table;
pub mod location;
pub mod open;
pub mod option_table;
pub mod problem;
mod profile;
mod sections;
pub mod show;
pub mod store;
pub mod suggest;
pub mod theme;
mod toml_reader;
pub mod watching;

use self::{
    commands::UserCommand,
    console::Console,
    keymap::Keymap,
    problem::{Problem, ProblemScope, printable},
    store::StoreConfig,
    theme::{ColorChoice, ColorDepth, ResolvedTheme},
    toml_reader::TomlReader,
    watching::Watching,
};
use crate::entity::{
    option::ProviderSpec,
    profile::{AdapterSettings, KeySource},
};
use std::path::{Path, PathBuf};

pub use profile::{default_settings, profile_members};

/// A configured account: what its adapter needs, and where its keys are found.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileConfig {
    /// What the adapter needs.
    pub settings: AdapterSettings,
    /// Where the key comes from.
    pub key: Option<KeySource>,
    /// Where the second key, for key administration, comes from.
    pub jwt: Option<KeySource>,
    /// Where the password of encrypted archives comes from, where leaks are in files.
    pub archive_password: Option<KeySource>,
    /// Its name in a team; its own name where there is none.
    pub account: Option<String>,
}

/// What the operator may do.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own in the file"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Above this many changes a plan asks for its number.
    pub confirm_above: usize,
    /// A change needs a reason.
    pub require_reason: bool,
    /// Secrets may be revealed.
    pub reveal: bool,
    /// Secrets may be copied.
    pub copy_secrets: bool,
    /// Jobs of colleagues may be undone.
    pub undo_others: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            confirm_above: 50,
            require_reason: false,
            reveal: true,
            copy_secrets: false,
            undo_others: true,
        }
    }
}

/// Where a copy goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClipboardVia {
    /// Through the terminal.
    #[default]
    Osc52,
    /// The local desktop's clipboard (cargo feature `desktop-clipboard`).
    Desktop,
    /// To the standard input of this command.
    Command(Vec<String>),
    /// Into a file that only its owner can read.
    File,
    /// Nowhere.
    Off,
}

/// What the command line and the environment say: it comes after the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
pub struct Overrides {
    /// `--profile`, in order; empty for all.
    pub profiles: Vec<String>,
    /// `--read-only`.
    pub read_only: bool,
    /// `--insecure-http`.
    pub insecure_http: bool,
    /// `--ascii`.
    pub ascii: bool,
    /// The locale knows ASCII alone: [`location::is_ascii_locale`].
    pub ascii_locale: bool,
    /// `--color`, where it was given.
    pub color: Option<ColorChoice>,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `COLORFGBG`.
    pub color_fg_bg: Option<String>,
    /// How many colours the terminal has.
    pub depth: ColorDepth,
    /// What `~` stands for in a path.
    pub home: Option<PathBuf>,
    /// `STANCH_STORE_URL`.
    pub store_url: Option<String>,
}

/// Everything that is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The file it came from, if there is one.
    pub path: Option<PathBuf>,
    /// The accounts in play, in the order of the file, or of `--profile`.
    pub profiles: Vec<ProfileConfig>,
    /// What the operator may do.
    pub policy: Policy,
    /// Where a copy goes.
    pub clipboard: ClipboardVia,
    /// Reasons that are offered where a change wants one.
    pub reasons: Vec<String>,
    /// How the console behaves.
    pub console: Console,
    /// Programs of the operator's own.
    pub commands: Vec<UserCommand>,
    /// The keys.
    pub keymap: Keymap,
    /// The look.
    pub theme: ResolvedTheme,
    /// The team store; `None` for the journal of this host.
    pub store: Option<StoreConfig>,
    /// What is watched, and who is told.
    pub watching: Watching,
    /// What is wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: None,
            profiles: Vec::new(),
            policy: Policy::default(),
            clipboard: ClipboardVia::default(),
            reasons: Vec::new(),
            console: Console::default(),
            commands: Vec::new(),
            keymap: Keymap::builtin(),
            theme: ResolvedTheme::default(),
            store: None,
            watching: Watching::default(),
            problems: Vec::new(),
        }
    }
}

impl Config {
    /// The configuration of a file's text, or the defaults where there is none. Reads and asks nothing else.
    pub fn load(
        text: Option<(&Path, &str)>,
        providers: &[ProviderSpec],
        overrides: &Overrides,
    ) -> Self {
        let mut config = Self {
            path: text.map(|(path, _)| path.to_owned()),
            ..Self::default()
        };
        let mut reader = TomlReader::new(
            config.path.as_deref(),
            text.map(|(_, text)| text).unwrap_or_default(),
        );
        let mut theme = theme::ThemeSettings::default();
        if let Some(document) = reader.parse() {
            sections::read_sections(
                &mut sections::ConfigBuilder {
                    reader: &mut reader,
                    providers,
                    overrides,
                    profiles: &mut config.profiles,
                    policy: &mut config.policy,
                    reasons: &mut config.reasons,
                    console: &mut config.console,
                    commands: &mut config.commands,
                    clipboard: &mut config.clipboard,
                    keymap: &mut config.keymap,
                    theme: &mut theme,
                    store: &mut config.store,
                    watching: &mut config.watching,
                },
                document.get_ref(),
            );
        } else {
            config.policy = sections::STRICTEST_POLICY;
        }
        let mut problems = reader.into_problems();
        config.override_store(overrides, &mut problems);
        config.theme = theme::resolve(&theme, overrides);
        config.select(&overrides.profiles, &mut problems);
        config.problems = problems;
        config
    }

    /// The configuration of a file that is there but cannot be read: the defaults, the strictest policy, and why.
    pub fn unreadable(path: &Path, why: &str, overrides: &Overrides) -> Self {
        let mut config = Self::load(None, &[], overrides);
        config.path = Some(path.to_owned());
        config.policy = sections::STRICTEST_POLICY;
        config.problems.insert(
            0,
            Problem {
                scope: ProblemScope::File,
                file: config.path.clone(),
                line: None,
                column: None,
                message: format!("the configuration cannot be read: {why}"),
                hint: "check the file's owner and mode, or name another with --config".to_owned(),
            },
        );
        config
    }

    /// Whether a command may run on this: the file is understood, and what `--profile` names is there. The console
    /// starts regardless; a script must not run on less than it asked for.
    pub fn blocking_problem(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| {
            matches!(
                problem.scope,
                ProblemScope::Selection | ProblemScope::File | ProblemScope::Store
            )
        })
    }

    /// Problems of profiles that were left out, when all profiles are in play: their leaks will be missing.
    pub fn excluded_profile_problems(&self) -> impl Iterator<Item = (&str, &Problem)> {
        self.problems.iter().filter_map(|problem| {
            let ProblemScope::Profile(name) = &problem.scope else {
                return None;
            };
            let loaded = self
                .profiles
                .iter()
                .any(|profile| profile.settings.name.as_str() == name);
            (!loaded).then_some((&name[..], problem))
        })
    }

    /// Takes the store's URL from the environment, where it says one.
    fn override_store(&mut self, overrides: &Overrides, problems: &mut Vec<Problem>) {
        let Some(url) = &overrides.store_url else {
            return;
        };
        match store::override_url(self.store.take(), url) {
            Ok(store) => self.store = Some(store),
            Err((message, hint)) => problems.push(Problem {
                scope: ProblemScope::Store,
                file: None,
                line: None,
                column: None,
                message,
                hint,
            }),
        }
    }

    /// Why the journal cannot be opened: what is wrong with `[store]`.
    pub fn store_problem(&self) -> Option<&Problem> {
        self.problems
            .iter()
            .find(|problem| problem.scope == ProblemScope::Store)
    }

    /// Why no watch may run: one that tells nobody, or other people, is worse than none.
    pub fn watch_problem(&self) -> Option<&Problem> {
        self.problems
            .iter()
            .find(|problem| problem.scope == ProblemScope::Watch)
    }

    /// Keeps the profiles that are named, in that order; an unknown name is a problem, never ignored.
    fn select(&mut self, names: &[String], problems: &mut Vec<Problem>) {
        if names.is_empty() {
            return;
        }
        let mut chosen: Vec<ProfileConfig> = Vec::new();
        for name in names {
            let found = self
                .profiles
                .iter()
                .find(|profile| profile.settings.name.as_str() == name);
            if let Some(profile) = found {
                if !chosen.contains(profile) {
                    chosen.push(profile.clone());
                }
                continue;
            }
            let cause = problems
                .iter()
                .find(|problem| problem.scope == ProblemScope::Profile(name.clone()));
            let (message, hint) = match cause {
                Some(cause) => (
                    format!("profile {} cannot be used", printable(name)),
                    format!("{}: {}", cause.location(), cause.message),
                ),
                None => (
                    format!("no profile {}", printable(name)),
                    suggest::suggestion(
                        &suggest::suggest(
                            name,
                            self.profiles
                                .iter()
                                .map(|profile| profile.settings.name.as_str()),
                        ),
                        || "stanch config show lists the profiles".to_owned(),
                    ),
                ),
            };
            problems.push(Problem {
                scope: ProblemScope::Selection,
                file: None,
                line: None,
                column: None,
                message,
                hint,
            });
        }
        self.profiles = chosen;
    }
}
