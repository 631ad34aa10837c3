//! `stanch demo`: the console on the embedded stand-in.

#[cfg(feature = "postgres")]
mod team;

use super::{
    console::open,
    context::{CommandContext, StoreChoice},
    exit::ExitCode,
    failure::{Failure, FailureKind},
};
use crate::{
    config::{Config, Overrides},
    demo as server, export,
};

/// What the stand-in is like; `demo` and `serve` share it.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct StandInOptions {
    /// The same number makes the same leaks.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many leaks there are in all.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub leaks: u64,
    /// Let every answer wait this many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,
    /// Allow this many requests a minute.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rpm: Option<u32>,
    /// Let things go wrong: NAME or NAME:N, with commas between them.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub faults: Vec<String>,
    /// The day that dates count back from; today unless it is given.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub today: Option<jiff::civil::Date>,
}

fn parse_day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse()
        .map_err(|_| "a day, such as 2026-02-28".to_owned())
}

/// `stanch demo`.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// What the stand-in is like.
    #[command(flatten)]
    pub stand_in: StandInOptions,
    /// On a private PostgreSQL server, so that a second console can work on the same leaks.
    #[cfg(feature = "postgres")]
    #[arg(long)]
    pub team: bool,
}

impl Default for StandInOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            leaks: 5_000,
            latency: 0,
            rpm: None,
            faults: Vec::new(),
            today: None,
        }
    }
}

impl StandInOptions {
    /// The server's own options.
    pub fn server_options(&self, listen: std::net::SocketAddr) -> Result<server::Options, Failure> {
        let today = self.today.unwrap_or_else(|| jiff::Zoned::now().date());
        let faults = server::parse_list(&self.faults.join(",")).map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                error.to_string(),
                "stanch demo --help; the names are in the manual",
            )
        })?;
        Ok(server::Options {
            listen,
            seed: self.seed,
            leaks: self.leaks,
            latency: std::time::Duration::from_millis(self.latency),
            rpm: self.rpm,
            faults,
            ..server::Options::all_systems(today)
        })
    }
}

/// Opens the console on the stand-in: no configuration, no network, and unless `$STANCH_STATE_DIR` says otherwise
/// nothing of it stays.
pub async fn run(session: &mut CommandContext, arguments: &Arguments) -> Result<ExitCode, Failure> {
    open::check_terminal(session)?;
    session.store = StoreChoice::Embedded;
    let server = start(
        arguments
            .stand_in
            .server_options(std::net::SocketAddr::from((
                std::net::Ipv4Addr::LOCALHOST,
                0,
            )))?,
    )
    .await?;
    let temporary = TemporaryDirectory::new()?;
    let state = match session
        .environment
        .get("STANCH_STATE_DIR")
        .filter(|value| !value.is_empty())
    {
        Some(directory) => directory.into(),
        None => temporary.0.join("state"),
    };
    let (config_path, key_path) = (temporary.0.join("config.toml"), temporary.0.join("key"));
    write_keys(&server, &key_path)?;
    let archive = temporary.0.join("stealer-logs.zip");
    write_private_bytes(
        &archive,
        &server::stealer::zipped(&server::stealer::logs(arguments.stand_in.seed, MACHINES)),
    )?;
    let text = server.config_toml(&key_path) + FILES;
    // The demo has profiles of its own: flags still count, what names a profile does not.
    let overrides = Overrides {
        profiles: Vec::new(),
        ..session.overrides()
    };
    let config = Config::load(
        Some((&config_path, &text)),
        &super::context::provider_specs(),
        &overrides,
    );
    #[cfg(feature = "postgres")]
    let private = if arguments.team {
        Some(start_team(session, &temporary.0, &text).await?)
    } else {
        None
    };
    let config = match own_look(session)? {
        None => config,
        Some(own) => Config {
            profiles: config.profiles,
            path: config.path,
            problems: config.problems,
            ..own
        },
    };
    // The environment word of its profile says demo on every frame.
    let banner = None;
    let code = open::open(session, &config, true, &state, banner, None).await;
    #[cfg(feature = "postgres")]
    drop(private);
    // First what must not stay: after a hang-up the process does not wait for the server's end.
    drop(temporary);
    server.stop().await;
    Ok(ExitCode::from_code(code?))
}

/// Machines in the archive that a demo opens beside the services.
const MACHINES: usize = 24;

/// The profile of that archive, which nobody changes.
const FILES: &str = "\n[profiles.demo-files]\nprovider = \"file\"\npath = [\"stealer-logs.zip\"]\nenvironment = \"demo\"\nwatch = false\n";

/// Starts a private server for two consoles, and writes the configuration of the second one.
#[cfg(feature = "postgres")]
async fn start_team(
    session: &mut CommandContext,
    directory: &std::path::Path,
    text: &str,
) -> Result<team::PrivateServer, Failure> {
    // It waits for the server, and what speaks to a store must not do that on a thread that tasks run on.
    let place = directory.to_owned();
    let started = tokio::task::spawn_blocking(move || team::PrivateServer::start(&place)).await;
    let server = started.map_err(|_| {
        Failure::new(
            FailureKind::Internal,
            "the demo's server could not be started",
            "stanch demo opens the console without a team",
        )
    })??;
    session.store = StoreChoice::Team(Box::new(server.first()));
    let path = directory.join("second.toml");
    write_private(&path, &format!("{text}{}", server.second()))?;
    let script = directory.join("ben");
    let program = std::env::current_exe().unwrap_or_else(|_| "stanch".into());
    let quoted =
        |path: &std::path::Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''"));
    write_private(
        &script,
        &format!(
            "STANCH_STATE_DIR={} exec {} --config {} \"$@\"\n",
            quoted(&directory.join("second")),
            quoted(&program),
            quoted(&path)
        ),
    )?;
    let text = format!("in another terminal, as ben: sh {}", script.display());
    session.output.notice(&format!("stanch: {text}"));
    session.greeting = Some(text);
    Ok(server)
}

/// The keys, the look and the rules of the file that `--config` names, where it names one; else those of the demo.
fn own_look(session: &mut CommandContext) -> Result<Option<Config>, Failure> {
    if session.options.config.is_none() {
        return Ok(None);
    }
    let config = session.full_config();
    if let Some(problem) = config.blocking_problem() {
        return Err(Failure::from(problem));
    }
    for problem in &config.problems {
        session.output.notice(&format!("stanch: {problem}"));
    }
    Ok(Some(config))
}

/// Starts the server.
pub async fn start(options: server::Options) -> Result<server::Demo, Failure> {
    server::Demo::start(options).await.map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            error.to_string(),
            "give another --listen address, or none",
        )
    })
}

/// Writes the keys of the server, and a configuration that names their files: all of them, or none.
pub fn write_configuration(
    server: &server::Demo,
    path: &std::path::Path,
    key_path: &std::path::Path,
) -> Result<(), Failure> {
    write_keys(server, key_path)?;
    let written = write_private(path, &server.config_toml(key_path));
    if written.is_err() {
        // Without its configuration no key says anything to anyone.
        for (path, _) in server.key_files(key_path) {
            std::fs::remove_file(path).ok();
        }
    }
    written
}

/// Writes the keys of the server, each into a file of its own; where one cannot be written none stays.
fn write_keys(server: &server::Demo, key_path: &std::path::Path) -> Result<(), Failure> {
    let mut written: Vec<std::path::PathBuf> = Vec::new();
    for (path, secret) in server.key_files(key_path) {
        if let Err(failure) = write_private(&path, secret) {
            for path in written {
                std::fs::remove_file(path).ok();
            }
            return Err(failure);
        }
        written.push(path);
    }
    Ok(())
}

/// Writes a new file that is ours alone.
pub fn write_private(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    write_private_bytes(path, text.as_bytes())
}

fn write_private_bytes(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    export::write_new(path, |file| file.write_all(bytes)).map_err(|error| Failure {
        kind: error.kind(),
        message: error.to_string(),
        hint: error.hint().to_owned(),
        profile: None,
        exit: ExitCode::from_code(error.exit_code()),
    })
}

/// A directory of ours that is removed at the end.
struct TemporaryDirectory(std::path::PathBuf);

impl TemporaryDirectory {
    fn new() -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt;
        let path = std::env::temp_dir().join(format!(
            "stanch-demo-{}-{:08x}",
            std::process::id(),
            fastrand::u32(..)
        ));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|_| {
                Failure::new(
                    FailureKind::Internal,
                    "no temporary directory can be made",
                    "set TMPDIR to a directory that you may write",
                )
            })?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // What cannot be removed is empty but for made-up data.
        // A request that is on its way may write the record of requests meanwhile.
        for _ in 0..5 {
            if std::fs::remove_dir_all(&self.0).is_ok() {
                break;
            }
        }
    }
}
