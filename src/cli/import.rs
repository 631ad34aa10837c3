//! `stanch import`: what a reading of files would find, and mappings to start with.

mod report;

use super::{
    accounts::{self, Accounts},
    context::CommandContext,
    exit::ExitCode,
    failure::{Failure, FailureKind},
    files::{self, FromOptions, ReadingOptions},
    format::{Format, FormatOption},
};
use crate::{
    entity::{error::ProviderError, files::ImportReport, visible::escape},
    export::json,
    logging,
    provider::{FileSource, Import, ImportQuery, Provider},
};
use std::path::PathBuf;

/// `stanch import`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Read files, keep nothing, and say what would be read, what is no leak, and why.
    Check(CheckArguments),
    /// Print a mapping for a table, filled in with what its header says.
    Mapping(MappingArguments),
}

/// `import check`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct CheckArguments {
    /// Files, folders, archives; without one those of the configured profiles.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How they are read.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// List so many rejects, or all.
    #[arg(long, value_name = "N|all", default_value = "100", value_parser = number_or_all)]
    pub rejects: usize,
    /// Print so many leaks as they would be read.
    #[arg(long, value_name = "N")]
    pub rows: Option<usize>,
    /// Print the first records field by field, with the column or label of each, and stop there.
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result.
    #[command(flatten)]
    pub format: FormatOption,
}

/// `import mapping`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct MappingArguments {
    /// A table.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Its encoding, where it is no UTF-8.
    #[arg(long, value_name = "LABEL")]
    pub encoding: Option<String>,
}

/// Records that are described where the number is not given.
const DESCRIBED: usize = 10;

fn number_or_all(text: &str) -> Result<usize, String> {
    match text {
        "all" => Ok(usize::MAX),
        number => number.parse().map_err(|_| "a number, or all".to_owned()),
    }
}

/// Reads files and says what is in them.
pub async fn run(session: &mut CommandContext, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Check(arguments) => check(session, arguments).await,
        Command::Mapping(arguments) => mapping(session, arguments).await,
    }
}

async fn check(
    session: &mut CommandContext,
    arguments: &CheckArguments,
) -> Result<ExitCode, Failure> {
    arguments
        .paths
        .iter()
        .try_for_each(|path| files::check_path(path, false))?;
    session.from = FromOptions {
        from: arguments.paths.clone(),
        reading: arguments.reading.clone(),
    };
    let connected = connected(session)?;
    let query = ImportQuery {
        rejects: arguments.rejects,
        rows: if arguments.dry_run {
            0
        } else {
            arguments.rows.unwrap_or(0)
        },
        described: arguments
            .dry_run
            .then_some(arguments.rows.unwrap_or(DESCRIBED)),
    };
    let mut all: Option<Import> = None;
    let mut sample = Vec::new();
    for profile in &connected.profiles {
        let Some((provider, source)) = source(&connected, profile.binding.name.as_str()) else {
            continue;
        };
        let found = read(session, provider, source, query).await?;
        if let Some(column) = &found.misfit {
            return Err(Failure::new(
                FailureKind::Usage,
                format!(
                    "the table has no column {}",
                    escape(column.as_bytes()).as_str()
                ),
                "stanch import mapping FILE prints a mapping of its header",
            ));
        }
        sample.extend(report::leaks(&found.sample, profile));
        all = Some(match all {
            Some(before) => report::joined(before, found),
            None => found,
        });
    }
    let Some(found) = all else {
        return Err(Failure::new(
            FailureKind::Usage,
            "no PATH is given, and no configured profile has files",
            "stanch import check PATH",
        ));
    };
    let complete = found.report.complete;
    let problems = found.report.problems.len();
    if arguments.dry_run {
        report::described(&mut session.output, arguments.format.format, &found);
    } else {
        match arguments.format.format {
            Format::Json => session.output.json(&json::answer(
                "import",
                report::Body::of(&found.report, &sample),
            )),
            Format::Table => report::table(&mut session.output, &found.report, &sample),
        }
    }
    if complete {
        return Ok(ExitCode::Done);
    }
    Err(incomplete(&found.report, problems))
}

fn incomplete(report: &ImportReport, problems: usize) -> Failure {
    let hint = report
        .problems
        .first()
        .map_or("read it again", |problem| &problem.hint);
    Failure {
        kind: "unreachable",
        message: match problems {
            1 => "1 file was not read whole".to_owned(),
            problems => format!("{problems} files were not read whole"),
        },
        hint: hint.to_owned(),
        profile: None,
        exit: ExitCode::Unreachable,
    }
}

/// Connects the profiles whose leaks are in files; no journal is opened.
fn connected(session: &mut CommandContext) -> Result<Accounts, Failure> {
    let mut config = session.config_for_command()?;
    config.profiles.retain(files::is_of_files);
    let secrets = logging::Secrets::default();
    if config.profiles.is_empty() {
        return Ok(Accounts {
            profiles: Vec::new(),
            providers: std::collections::HashMap::new(),
            missing: Vec::new(),
            secrets,
        });
    }
    accounts::connect(session, &config, true)
}

fn source<'c>(
    connected: &'c Accounts,
    name: &str,
) -> Option<(&'c dyn Provider, &'c dyn FileSource)> {
    let mut providers = connected.providers.iter();
    let (_, provider) = providers.find(|(known, _)| known.as_str() == name)?;
    Some((provider.as_ref(), provider.files()?))
}

/// Reads, and says how far it is.
async fn read(
    session: &mut CommandContext,
    provider: &dyn Provider,
    source: &dyn FileSource,
    query: ImportQuery,
) -> Result<Import, Failure> {
    let mut budget = provider.budget();
    let mut reading = std::pin::pin!(source.import(query));
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(250));
    loop {
        tokio::select! {
            found = &mut reading => return found.map_err(|error| Failure::from(&error)),
            _ = ticks.tick() => {
                let progress = budget.borrow_and_update().reading;
                if let Some(progress) = progress {
                    session.output.progress(&progress.in_words());
                }
            }
        }
    }
}

async fn mapping(
    session: &mut CommandContext,
    arguments: &MappingArguments,
) -> Result<ExitCode, Failure> {
    files::check_path(&arguments.file, true)?;
    session.from = FromOptions {
        from: vec![arguments.file.clone()],
        reading: ReadingOptions {
            encoding: arguments.encoding.clone(),
            ..ReadingOptions::default()
        },
    };
    let connected = connected(session)?;
    let profile = connected.profiles.first();
    let found = profile.and_then(|profile| source(&connected, profile.binding.name.as_str()));
    let Some((_, source)) = found else {
        return Err(accounts::no_profile_failure());
    };
    let text = source
        .template()
        .await
        .map_err(|error| match error {
            ProviderError::Unsupported { why } => Failure::new(
                FailureKind::Usage,
                format!("no mapping can be begun: {why}"),
                "write one: under [fields] login or password, with the name or the number of its column; stanch help files",
            ),
            error => Failure::from(&error),
        })?;
    session.output.text(&text);
    Ok(ExitCode::Done)
}
