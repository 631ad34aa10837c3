//! What every command is given: its surroundings as plain values.

use super::{
    failure::{Failure, FailureKind},
    files::{self, FromOptions},
    options::GlobalOptions,
    output::Output,
};
use crate::{
    config::{Config, Overrides, location},
    entity::{fingerprint::FingerprintKey, option::ProviderSpec},
    journal::TeamOptions,
    provider::{REGISTRY, Registration},
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

type VariableLookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// The environment, one variable at a time: it may hold secrets, so it is never copied whole.
pub struct Environment {
    lookup: Box<VariableLookup>,
    is_process: bool,
}

impl Environment {
    /// The process's own.
    pub fn from_process() -> Self {
        Self {
            lookup: Box::new(|name| std::env::var_os(name)),
            is_process: true,
        }
    }

    /// These variables alone, for tests.
    pub fn from_variables(variables: Vec<(&'static str, OsString)>) -> Self {
        let lookup = Box::new(move |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        });
        Self {
            lookup,
            is_process: false,
        }
    }

    /// A variable.
    pub fn get(&self, name: &str) -> Option<OsString> {
        (self.lookup)(name)
    }

    /// Whether it is that of the process, which is this program then and nothing else.
    pub fn is_process_environment(&self) -> bool {
        self.is_process
    }
}

/// One run of the program.
pub struct CommandContext {
    /// The options that work everywhere.
    pub options: GlobalOptions,
    /// The environment.
    pub environment: Environment,
    /// Standard output and standard error.
    pub output: Output,
    /// The configuration's file, whether it is there or not.
    pub config_path: Option<PathBuf>,
    /// Whether that file was named, so that it has to be there.
    pub is_config_explicit: bool,
    /// The installation's key for fingerprints, once it was read or made.
    pub fingerprint: Option<FingerprintKey>,
    /// Files instead of the configured profiles.
    pub from: FromOptions,
    /// What threads do first that work beside this one.
    pub on_thread_start: fn(),
    /// Which store the journal is in.
    pub store: StoreChoice,
    /// What the configuration says of a team's store, once its secrets were read.
    pub team: std::sync::OnceLock<Option<TeamOptions>>,
    /// What the console says when it opens: the screen behind it cannot be read then.
    pub greeting: Option<String>,
}

/// Which store the journal of a run is in.
#[derive(Clone, Debug, Default)]
pub enum StoreChoice {
    /// The one that the configuration says.
    #[default]
    Configured,
    /// The embedded one, whatever the configuration says: what is demonstrated never touches a team's.
    Embedded,
    /// This one.
    Team(Box<TeamOptions>),
}

impl CommandContext {
    /// Finds the configuration's file; reads nothing.
    pub fn new(options: GlobalOptions, environment: Environment, mut output: Output) -> Self {
        output.quiet = options.quiet;
        output.ascii = options.ascii || location::is_ascii_locale(|name| environment.get(name));
        let config_named = options.config.is_some() || {
            let variable = environment.get("STANCH_CONFIG");
            variable.is_some_and(|value| !value.is_empty())
        };
        let config_path = options
            .config
            .clone()
            .or_else(|| location::config_path(|name| environment.get(name)));
        Self {
            options,
            environment,
            output,
            config_path,
            is_config_explicit: config_named,
            fingerprint: None,
            from: FromOptions::default(),
            on_thread_start: || {},
            store: StoreChoice::default(),
            team: std::sync::OnceLock::new(),
            greeting: None,
        }
    }

    /// What command line and environment say over the file.
    pub fn overrides(&self) -> Overrides {
        location::with_environment(
            |name| self.environment.get(name),
            Overrides {
                profiles: self.options.profiles.clone(),
                read_only: self.options.read_only,
                insecure_http: self.options.insecure_http,
                ascii: self.options.ascii,
                color: self.options.color,
                ..Overrides::default()
            },
        )
    }

    /// Reads the configuration; problems are in it.
    pub fn config(&self) -> Config {
        let providers = provider_specs();
        let overrides = self.overrides();
        let path = self.config_path.as_deref();
        let mut config =
            location::read_config(path, self.is_config_explicit, &providers, &overrides);
        files::apply(&mut config, &self.from, &providers);
        config
    }

    /// Reads the configuration with every profile that it has, whichever this run was asked for.
    pub(super) fn full_config(&self) -> Config {
        let overrides = Overrides {
            profiles: Vec::new(),
            ..self.overrides()
        };
        location::read_config(
            self.config_path.as_deref(),
            self.is_config_explicit,
            &provider_specs(),
            &overrides,
        )
    }

    /// Reads the configuration for a command: what would make it work on less than it was asked for is a failure, the
    /// rest are notices.
    pub fn config_for_command(&mut self) -> Result<Config, Failure> {
        let config = self.config();
        if let Some(problem) = config.blocking_problem() {
            return Err(Failure::from(problem));
        }
        for problem in &config.problems {
            self.output.notice(&format!("stanch: {problem}"));
        }
        Ok(config)
    }

    /// Where the journal and the audit log live.
    pub fn state_directory(&self) -> Result<PathBuf, Failure> {
        location::state_directory(|name| self.environment.get(name)).ok_or_else(|| {
            Failure::new(
                FailureKind::Journal,
                "there is no home directory to keep the journal in",
                "set STANCH_STATE_DIR to a directory on a local disk",
            )
        })
    }

    /// The configuration's file, which some commands cannot do without.
    pub(super) fn require_config_path(&self) -> Result<&Path, Failure> {
        self.config_path.as_deref().ok_or_else(|| {
            Failure::new(
                FailureKind::Config,
                "there is no home directory to look for the configuration in",
                "set STANCH_CONFIG, or give --config FILE",
            )
        })
    }
}

/// What configuration needs to know of the providers that are built.
pub fn provider_specs() -> Vec<ProviderSpec> {
    REGISTRY.iter().map(Registration::spec).collect()
}
