//! `stanch demo --team`: a private PostgreSQL server in a directory of the demo, with a store for two consoles in it. It
//! listens on a socket there alone, and ends with the demo.

use crate::{
    cli::failure::{Failure, FailureKind},
    entity::{error::JournalError, fingerprint::FingerprintKey},
    journal::{
        TeamOptions, TeamTls,
        team_store::{Admin, Terms},
    },
};
use std::{
    io::Write as _,
    os::unix::{
        fs::{OpenOptionsExt as _, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// User and group that the server runs as where the demo is run by root, as which no server runs.
const NOBODY: u32 = 65_534;

/// How long the server may take to start.
const START: Duration = Duration::from_secs(60);

/// The logins of the two consoles.
const LOGINS: [&str; 2] = ["ana", "ben"];

/// The server of one demo.
pub(super) struct PrivateServer {
    directory: PathBuf,
    child: Child,
    /// The team's key: what one console has seen the other knows too.
    key: Option<FingerprintKey>,
}

impl PrivateServer {
    /// Makes and starts it, and makes the store in it.
    ///
    /// # Errors
    /// `Unsupported` where the server's programs are not installed.
    pub(super) fn start(directory: &Path) -> Result<Self, Failure> {
        let programs = programs().ok_or_else(|| {
            Failure::new(
                FailureKind::Unsupported,
                "demo --team needs the programs of PostgreSQL, and they are not installed",
                "apt-get install postgresql (or dnf install postgresql-server); no service has to run",
            )
        })?;
        let directory = directory.join("server");
        let failed = |what: &str| {
            Failure::new(
                FailureKind::Internal,
                format!("the demo's server cannot be {what}"),
                "see whether the temporary directory has room; TMPDIR names another",
            )
        };
        let made = std::fs::create_dir(&directory).and_then(|()| {
            std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755))
        });
        made.map_err(|_| failed("given a directory"))?;
        let root = rustix::process::geteuid().is_root();
        if root {
            open_parents(&directory);
            std::os::unix::fs::chown(&directory, Some(NOBODY), Some(NOBODY))
                .map_err(|_| failed("given a directory"))?;
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            if root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command
                .current_dir(&directory)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        let data = directory.join("data");
        let made = program("initdb")
            .arg("-D")
            .arg(&data)
            .args([
                "-U",
                "owner",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return Err(failed("made"));
        }
        let child = program("postgres")
            .arg("-D")
            .arg(&data)
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "unix_socket_permissions=0700",
                "-c",
            ])
            .arg(format!("unix_socket_directories={}", directory.display()))
            // A signal of the terminal is for the console: the server ends with the demo.
            .process_group(0)
            .spawn()
            .map_err(|_| failed("started"))?;
        let mut server = Self {
            directory,
            child,
            key: None,
        };
        server.make_store().map_err(|error| Failure::from(&error))?;
        Ok(server)
    }

    fn make_store(&mut self) -> Result<(), JournalError> {
        let limit = Instant::now() + START;
        loop {
            let mut admin = Admin::new(self.options("owner"))?;
            let terms = Terms {
                lease_seconds: 20,
                send_seconds: 10,
            };
            match admin.init(terms, self.directory.with_file_name("owner")) {
                Err(JournalError::Unreachable { .. }) if Instant::now() < limit => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                Ok((path, key)) => {
                    self.keep_key(&path)?;
                    self.key = Some(key);
                    return admin.add_analysts(&LOGINS);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes the team's key as the configuration of the second console reads it.
    fn keep_key(&self, path: &Path) -> Result<(), JournalError> {
        let failed = |_| JournalError::Io {
            why: "the demo's key cannot be written".to_owned(),
        };
        let bytes = zeroize::Zeroizing::new(std::fs::read(path).map_err(failed)?);
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.key_file())
            .map_err(failed)?;
        file.write_all(digits.as_bytes()).map_err(failed)
    }

    fn key_file(&self) -> PathBuf {
        self.directory.with_file_name("team.key")
    }

    /// The store as a login finds it.
    fn options(&self, login: &str) -> TeamOptions {
        TeamOptions {
            url: self.url(login),
            password: None,
            tls: TeamTls::Off,
            ca_file: None,
            client: None,
            schema: "stanch".to_owned(),
            listen_url: None,
            listen: true,
            poll: Duration::from_millis(500),
            patience: Duration::from_secs(30),
            fingerprint: self.key.clone(),
            accounts: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// The store as the console of the demo finds it.
    pub(super) fn first(&self) -> TeamOptions {
        self.options(LOGINS[0])
    }

    /// What the configuration of the second console says of the store.
    pub(super) fn second(&self) -> String {
        format!(
            "\n[store]\nurl = \"{}\"\ntls = \"off\"\nfingerprint_key = {{ file = \"{}\" }}\n",
            self.url(LOGINS[1]),
            self.key_file().display()
        )
    }

    fn url(&self, login: &str) -> String {
        let socket = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres:///postgres?host={socket}&user={login}")
    }
}

impl Drop for PrivateServer {
    /// Ends the server at once: nothing in it is kept.
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            rustix::process::kill_process(pid, rustix::process::Signal::QUIT).ok();
        }
        self.child.wait().ok();
    }
}

/// Lets the server's user through the directory of the demo, in which nothing else can be read.
fn open_parents(directory: &Path) {
    if let Some(parent) = directory.parent() {
        std::fs::set_permissions(parent, std::fs::Permissions::from_mode(0o711)).ok();
    }
}

/// Where the server's programs are.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    versions.sort();
    places.extend(versions.into_iter().rev());
    places
        .into_iter()
        .find(|place| place.join("initdb").exists() && place.join("postgres").exists())
}
