//! `stanch`: the console on the configured profiles.

mod allocator;
pub(super) mod open;

use self::open::{check_terminal, open};
use super::{
    context::CommandContext,
    demo,
    exit::ExitCode,
    failure::Failure,
    files::{self, FromOptions, ReadingOptions},
};
use crate::app;

/// What the console shows at first.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[group(skip)]
pub struct Arguments {
    /// Show only what matches.
    #[arg(long, value_name = "EXPR", long_help = crate::cli::language::help("Show only what matches."))]
    pub filter: Option<String>,
    /// Open these files, folders or archives instead of the configured profiles.
    #[arg(value_name = "PATH")]
    pub paths: Vec<std::path::PathBuf>,
    /// How they are read.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// Opens the console on the configured profiles.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let from = FromOptions {
        from: arguments.paths.clone(),
        reading: arguments.reading.clone(),
    };
    files::check_words(&arguments.paths)?;
    files::check(&from)?;
    session.from = from;
    check_terminal(session)?;
    let config = session.config();
    if !session.options.profiles.is_empty()
        && let Some(problem) = config.blocking_problem()
    {
        return Err(Failure::from(problem));
    }
    // A file that was named, or whose profiles are all wrong, is no first run.
    if config.profiles.is_empty()
        && let Some(problem) = config.problems.first()
    {
        return Err(Failure::from(problem));
    }
    // One profile needs no more than is allowed, and starts and sorts sooner without this; a demo has few leaks.
    if config.profiles.len() > 1 {
        allocator::tune_allocator(&session.environment);
    }
    let state = session.state_directory()?;
    let code = open(
        session,
        &config,
        config.profiles.len() == 1,
        &state,
        None,
        arguments.filter.as_deref(),
    )
    .await?;
    if code == app::EXIT_START_DEMO {
        return demo::run(
            session,
            &demo::Arguments {
                stand_in: demo::StandInOptions::default(),
                #[cfg(feature = "postgres")]
                team: false,
            },
        )
        .await;
    }
    Ok(ExitCode::from_code(code))
}
