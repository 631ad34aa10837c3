//! `--from PATH`: a profile of files instead of the configured ones, for one command.

use super::failure::{Failure, FailureKind};
use crate::{
    config::{
        Config, ProfileConfig, default_settings,
        problem::{Problem, ProblemScope},
        suggest,
    },
    entity::{
        key::{ProfileName, ProviderId},
        option::AddressForm,
        secret::Secret,
        visible::escape,
    },
    provider::{REGISTRY, Registration},
};
use clap::CommandFactory as _;
use std::{
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

/// Files instead of the configured profiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Files")]
#[group(skip)]
pub struct FromOptions {
    /// Read the leaks from this file, folder or archive instead of the configured profiles; give it again for more.
    #[arg(long, value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// How these files are read.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// How files are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[group(skip)]
pub struct ReadingOptions {
    /// What the columns of a table are: a TOML file.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// The encoding of what is no UTF-8, such as windows-1251; auto guesses.
    #[arg(long, value_name = "LABEL")]
    pub encoding: Option<String>,
    /// A watched domain; give it again for more.
    #[arg(long = "domain", value_name = "NAME")]
    pub domains: Vec<String>,
    /// The domain of addresses that stand without one.
    #[arg(long, value_name = "NAME")]
    pub alias_domain: Option<String>,
    /// The first line of this file opens encrypted archives.
    #[arg(long, value_name = "FILE")]
    pub archive_password_file: Option<PathBuf>,
}

impl FromOptions {
    /// Gives them to a process that goes on with what these files are read for.
    pub(super) fn pass_on(&self, command: &mut std::process::Command) {
        let reading = &self.reading;
        let paths = [
            ("--mapping", &reading.mapping),
            ("--archive-password-file", &reading.archive_password_file),
        ];
        let words = [
            ("--encoding", &reading.encoding),
            ("--alias-domain", &reading.alias_domain),
        ];
        for path in &self.from {
            command.arg("--from").arg(path);
        }
        for (option, path) in paths {
            if let Some(path) = path {
                command.arg(option).arg(path);
            }
        }
        for (option, word) in words {
            if let Some(word) = word {
                command.arg(option).arg(word);
            }
        }
        for domain in &reading.domains {
            command.arg("--domain").arg(domain);
        }
    }
}

impl ReadingOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The provider whose address is a path.
fn row() -> Option<&'static Registration> {
    REGISTRY.iter().find(|row| row.address == AddressForm::Path)
}

/// Whether the leaks of a profile are in files.
pub(super) fn is_of_files(profile: &ProfileConfig) -> bool {
    row().is_some_and(|row| row.id == profile.settings.provider.as_str())
}

/// Refuses what cannot be read twice, and what is not there.
pub(super) fn check(options: &FromOptions) -> Result<(), Failure> {
    if options.from.is_empty() {
        if options.reading.is_empty() {
            return Ok(());
        }
        return Err(Failure::new(
            FailureKind::Usage,
            "--mapping, --encoding, --domain, --alias-domain and --archive-password-file say how files are read, and none is given",
            "give --from PATH, or set them in a profile",
        ));
    }
    options
        .from
        .iter()
        .try_for_each(|path| check_path(path, true))
}

/// Refuses a path that is not there, or that cannot be read twice.
pub(super) fn check_path(path: &Path, strict: bool) -> Result<(), Failure> {
    let shown = escape(path.as_os_str().as_bytes());
    let shown = shown.as_str();
    let twice = |what: &str| {
        Failure::new(
            FailureKind::Usage,
            format!(
                "{what} cannot be read twice, and a password is only read when it is asked for"
            ),
            "write it into a file first",
        )
    };
    if path.as_os_str() == "-" {
        return Err(twice("standard input"));
    }
    let Ok(found) = std::fs::metadata(path) else {
        return Err(Failure::new(
            FailureKind::NotFound,
            format!("no such file: {shown}"),
            "check the path",
        ));
    };
    if strict && !found.is_file() && !found.is_dir() {
        return Err(twice(shown));
    }
    Ok(())
}

/// Puts a profile of these files in the place of the configured ones.
pub(super) fn apply(
    config: &mut Config,
    options: &FromOptions,
    all: &[crate::entity::option::ProviderSpec],
) {
    let (Some(row), false) = (row(), options.from.is_empty()) else {
        return;
    };
    let Ok(name) = ProfileName::new(row.id) else {
        return;
    };
    let configured = config
        .profiles
        .iter()
        .find(|profile| profile.settings.name == name);
    let mut profile = match configured {
        Some(profile) if is_of_files(profile) => profile.clone(),
        Some(_) => {
            refuse(
                config,
                format!("the profile {name} is of another provider"),
                "call it otherwise: --from needs that name",
            );
            return;
        }
        None => ProfileConfig {
            settings: default_settings(name, ProviderId::new(row.id), row.base_url, all),
            key: None,
            jwt: None,
            archive_password: None,
            account: None,
        },
    };
    config.problems.retain(|problem| {
        !matches!(
            problem.scope,
            ProblemScope::Profile(_) | ProblemScope::Selection
        )
    });
    let files = &mut profile.settings.files;
    files.paths.clone_from(&options.from);
    let reading = &options.reading;
    files.mapping = reading.mapping.clone().or(files.mapping.take());
    files.encoding = reading.encoding.clone().or(files.encoding.take());
    files.alias_domain = reading.alias_domain.clone().or(files.alias_domain.take());
    if !reading.domains.is_empty() {
        files.domains.clone_from(&reading.domains);
    }
    if let Some(path) = &reading.archive_password_file {
        if let Some(line) = first_line(path) {
            files.archive_password = Some(line);
        } else {
            refuse(
                config,
                "the file of the archives' password cannot be read".to_owned(),
                "check its path, owner and mode",
            );
            return;
        }
    }
    config.profiles = vec![profile];
}

fn refuse(config: &mut Config, message: String, hint: &str) {
    config.profiles.clear();
    config.problems.push(Problem {
        scope: ProblemScope::Selection,
        file: None,
        line: None,
        column: None,
        message,
        hint: hint.to_owned(),
    });
}

fn first_line(path: &Path) -> Option<Secret> {
    let bytes = zeroize::Zeroizing::new(std::fs::read(path).ok()?);
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    Some(Secret::new(
        line.strip_suffix(b"\r").unwrap_or(line).to_vec(),
    ))
}

/// The files that the console is opened on: words before any command.
pub(super) fn check_words(words: &[PathBuf]) -> Result<(), Failure> {
    for path in words {
        let check = check_path(path, true);
        let Err(failure) = check else { continue };
        let word = path.to_string_lossy();
        let program = super::Arguments::command();
        let commands = program.get_subcommands().map(clap::Command::get_name);
        let close = suggest::suggest(&word, commands);
        if failure.kind == "not_found" {
            let hint =
                suggest::suggestion(&close, || "stanch --help lists the commands".to_owned());
            return Err(Failure::new(
                FailureKind::Usage,
                format!(
                    "no such file, and no command either: {}",
                    escape(word.as_bytes()).as_str()
                ),
                hint,
            ));
        }
        return Err(failure);
    }
    Ok(())
}
