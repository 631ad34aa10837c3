//! `stanch config`: where the configuration is, what is wrong with it, what is in force, and a first one.

use super::{
    accounts,
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    format::{Format, FormatOption},
};
use crate::{
    config::{
        Config, location,
        problem::{Problem, ProblemScope},
        show,
    },
    credential,
    entity::{local_status::MOVE_HINT, visible::escape},
};
use serde_json::{Value, json};
use std::{io, path::Path};

/// What can be asked of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum Command {
    /// Print where the configuration is, whether it is there or not.
    Path(FormatOption),
    /// Say what is wrong with it, at file and line.
    Check(FormatOption),
    /// Print what is in force; never a key.
    Show(FormatOption),
    /// Write a first one with every option and its default; never over another.
    Init(FormatOption),
}

/// Answers it.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Path(options) => {
            let path = session.require_config_path()?.to_owned();
            print_path(session, *options, &path);
            Ok(ExitCode::Done)
        }
        Command::Check(options) => check(session, *options).await,
        Command::Show(options) => Ok(show(session, *options)),
        Command::Init(options) => {
            let path = session.require_config_path()?.to_owned();
            location::create(&path).map_err(|error| create_failure(&error))?;
            print_path(session, *options, &path);
            session.output.notice(
                "next: fill in a profile and where its key is, then stanch config check, then stanch doctor",
            );
            Ok(ExitCode::Done)
        }
    }
}

fn print_path(session: &mut CommandContext, options: FormatOption, path: &Path) {
    match options.format {
        Format::Table => {
            // Exact, so that it can be used; it is the operator's own.
            session.output.bytes(path.as_os_str().as_encoded_bytes());
            session.output.text("\n");
        }
        Format::Json => print_json(session, &json!({ "path": path.to_string_lossy() })),
    }
}

fn print_json(session: &mut CommandContext, config: &Value) {
    session
        .output
        .json(&json!({ "schema": 1, "config": config }));
}

async fn check(session: &mut CommandContext, options: FormatOption) -> Result<ExitCode, Failure> {
    let config = session.config();
    let problems: Vec<Problem> = config
        .problems
        .iter()
        .cloned()
        .chain(key_files(&config))
        .collect();
    let ok = problems.is_empty();
    let path = session.require_config_path()?.to_owned();
    // The journal is no part of the configuration: where it cannot be read, doctor says so.
    let left = accounts::find_orphaned_statuses(session)
        .await
        .unwrap_or_default();
    match options.format {
        Format::Json => print_json(
            session,
            &json!({
                "left_behind": left.iter().map(|under| json!({
                    "profile": under.profile, "provider": under.provider, "statuses": under.statuses,
                    "message": under.to_string(), "hint": MOVE_HINT,
                })).collect::<Vec<_>>(),
                "path": path.to_string_lossy(),
                "ok": ok,
                "problems": problems.iter().map(problem_json).collect::<Vec<_>>(),
            }),
        ),
        Format::Table if ok => {
            let path = escape(path.as_os_str().as_encoded_bytes());
            let profiles = config.profiles.len();
            let line = match (&config.path, profiles) {
                (None, _) => format!(
                    "no configuration at {}: the defaults are in force\n",
                    path.as_str()
                ),
                (Some(_), 1) => format!("{}: in order, 1 profile\n", path.as_str()),
                (Some(_), _) => format!("{}: in order, {profiles} profiles\n", path.as_str()),
            };
            session.output.text(&line);
        }
        Format::Table => {
            for problem in &problems {
                session.output.text(&format!("{problem}\n"));
            }
        }
    }
    if options.format == Format::Table {
        for under in &left {
            session
                .output
                .text(&format!("note: {under}\n  hint: {MOVE_HINT}\n"));
        }
    }
    Ok(if ok { ExitCode::Done } else { ExitCode::Usage })
}

/// Key files that no command would take: what doctor finds of them is found here, too.
fn key_files(config: &Config) -> impl Iterator<Item = Problem> {
    config.profiles.iter().filter_map(|profile| {
        let error = credential::check_file(profile.key.as_ref()?).err()?;
        let name = &profile.settings.name;
        Some(Problem {
            scope: ProblemScope::Profile(name.to_string()),
            file: config.path.clone(),
            line: None,
            column: None,
            message: format!("profile {name}: {error}"),
            hint: error.hint().to_owned(),
        })
    })
}

/// Paths that are not UTF-8 must not cost the answer.
fn problem_json(problem: &Problem) -> Value {
    json!({
        "file": problem.file.as_ref().map(|file| file.to_string_lossy()),
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    })
}

fn show(session: &mut CommandContext, options: FormatOption) -> ExitCode {
    let config = session.config();
    for problem in &config.problems {
        session.output.notice(&format!("stanch: {problem}"));
    }
    match options.format {
        Format::Table => session.output.text(&show::to_toml(&config)),
        Format::Json => print_json(session, &show::to_json(&config)),
    }
    if config.blocking_problem().is_some() {
        ExitCode::Usage
    } else {
        ExitCode::Done
    }
}

fn create_failure(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        Failure::new(
            FailureKind::Config,
            "there is a configuration already, and it is never overwritten",
            "stanch config path says where; move it away first, or name another file with --config",
        )
    } else {
        Failure::new(
            FailureKind::Config,
            format!("the configuration cannot be written: {}", error.kind()),
            "check the directory's owner, mode and disk, or name another file with --config",
        )
    }
}
