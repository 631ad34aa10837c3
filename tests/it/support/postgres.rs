//! A private PostgreSQL server for the tests: made in a temporary directory, reached by its socket, gone with this
//! process. Without the server's programs the tests that want one say so and pass, unless `STANCH_TEST_POSTGRES` asks
//! for them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod own;

pub(crate) use own::{Authority, Own, is_stopped};

use stanch::{
    entity::secret::Secret,
    journal::{TeamOptions, TeamTls},
};
use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// The user that the server runs as where this process is root.
const NOBODY: u32 = 65_534;

/// The server of this process.
pub(crate) struct Cluster {
    /// The programs of the server.
    programs: PathBuf,
    /// Where its data and its socket are.
    pub(crate) directory: PathBuf,
    /// Its port, which names its socket too.
    pub(crate) port: u16,
    made: AtomicU32,
    /// What it is started with beside the usual.
    settings: Vec<String>,
    /// Its process, while it runs.
    process: Mutex<Option<u32>>,
    /// The database that others are made of.
    model: OnceLock<String>,
    /// One database is made at a time.
    one: Mutex<()>,
}

/// One database with a store in it.
pub(crate) struct Database {
    pub(crate) cluster: &'static Cluster,
    pub(crate) name: String,
}

/// Returns the server, or says that it is left out.
pub(crate) fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Result<Option<Cluster>, ()>> = OnceLock::new();
    // One failure is enough for all tests.
    let started = CLUSTER.get_or_init(|| std::panic::catch_unwind(start).map_err(|_| ()));
    let started = started.as_ref();
    started
        .expect("the server of the tests does not run")
        .as_ref()
}

fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    for version in ["18", "17", "16", "15"] {
        places.push(PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    }
    places
        .into_iter()
        .find(|place| place.join("initdb").exists() && place.join("postgres").exists())
}

fn start() -> Option<Cluster> {
    let Some(programs) = programs() else {
        let asked = std::env::var_os("STANCH_TEST_POSTGRES").is_some();
        assert!(
            !asked,
            "postgresql is not installed: apt-get install postgresql"
        );
        eprintln!("left out: postgresql is not installed");
        return None;
    };
    let directory = tempfile::Builder::new()
        .prefix("stanch-pg-")
        .tempdir()
        .unwrap()
        .keep();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        std::os::unix::fs::chown(&directory, Some(NOBODY), None).unwrap();
    }
    let port = free_port();
    let cluster = Cluster {
        programs,
        directory,
        port,
        made: AtomicU32::new(0),
        settings: Vec::new(),
        process: Mutex::new(None),
        model: OnceLock::new(),
        one: Mutex::new(()),
    };
    cluster.make("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n");
    cluster.run();
    cluster.roles();
    Some(cluster)
}

/// A port that nobody has, outside of the range that the system gives to connections: none of these may take it before
/// the server is there, or while it is started again.
fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(20_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Cluster {
    /// A program of the server, as a user that it accepts.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn make(&self, hba: &str) {
        let made = self
            .program("initdb")
            .arg("-D")
            .arg(self.data())
            .args([
                "-U",
                "boss",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .status()
            .unwrap();
        assert!(made.success(), "initdb");
        fs::write(self.data().join("pg_hba.conf"), hba).unwrap();
    }

    /// Starts the server from a thread that lives as long as this process, and which takes the server with it.
    fn run(&self) {
        let port = self.port.to_string();
        let socket = self.directory.display().to_string();
        let data = self.data().display().to_string();
        let directory = self.directory.clone();
        let mut command = Command::new("setpriv");
        if is_root() {
            let nobody = NOBODY.to_string();
            command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
        }
        command
            .args(["--pdeathsig", "QUIT"])
            .arg(self.programs.join("postgres"))
            .args(["-D", &data, "-p", &port, "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &format!("unix_socket_directories={socket}")])
            .args(["-c", "max_connections=200", "-c", "shared_buffers=64MB"])
            .args(["-c", "fsync=on", "-c", "logging_collector=off"])
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(
                fs::File::options()
                    .create(true)
                    .append(true)
                    .open(directory.join("log"))
                    .unwrap(),
            );
        let (started, process) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut server = command.spawn().expect("the server starts");
            started.send(server.id()).ok();
            server.wait().ok();
        });
        *self.process.lock().unwrap() = process.recv().ok();
        let limit = Instant::now() + Duration::from_secs(60);
        while let Err(error) = self.psql("postgres", "SELECT 1") {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            assert!(
                Instant::now() < limit,
                "the server does not answer: {error} {log}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The groups, and logins of each.
    fn roles(&self) {
        for sql in [
            "CREATE ROLE stanch_owner",
            "CREATE ROLE stanch_analyst",
            "CREATE ROLE stanch_auditor",
            "CREATE ROLE dba LOGIN PASSWORD 'own' IN ROLE stanch_owner",
            "CREATE ROLE ana LOGIN PASSWORD 'secret' IN ROLE stanch_analyst",
            "CREATE ROLE ben LOGIN PASSWORD 'secret' IN ROLE stanch_analyst",
            "CREATE ROLE cho LOGIN PASSWORD 'secret' IN ROLE stanch_analyst",
            "CREATE ROLE rev LOGIN PASSWORD 'secret' IN ROLE stanch_auditor",
        ] {
            self.sql("postgres", sql);
        }
    }

    fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let beside = self.programs.join("psql");
        let psql = if beside.exists() {
            beside
        } else {
            PathBuf::from("psql")
        };
        let output = Command::new(psql)
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "boss",
                "-d",
                database,
            ])
            .arg("-h")
            .arg(&self.directory)
            .args(["-p", &self.port.to_string(), "-c", sql])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout)
                .trim_end()
                .to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Runs SQL as the server's administrator, and returns what it prints.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        self.psql(database, sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// A connection to the model that has just been closed may still be there for a moment.
    fn make_database(&self, name: &str, model: &str) {
        let sql = format!("CREATE DATABASE {name} OWNER stanch_owner TEMPLATE {model}");
        let limit = Instant::now() + Duration::from_secs(60);
        while let Err(error) = self.psql("postgres", &sql) {
            assert!(Instant::now() < limit, "{error}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A new database without a store.
    pub(crate) fn empty(&'static self) -> Database {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("room_{number}");
        let _one = self
            .one
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.make_database(&name, "template0");
        Database {
            cluster: self,
            name,
        }
    }

    /// A new database with a store in it.
    pub(crate) fn database(&'static self) -> Database {
        let model = self.model.get_or_init(|| {
            let model = self.empty();
            model.init();
            model.name
        });
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("room_{number}");
        let _one = self
            .one
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.make_database(&name, model);
        let database = Database {
            cluster: self,
            name,
        };
        // Each store has an id of its own.
        database.sql("UPDATE stanch.meta SET store = gen_random_uuid()");
        database
    }
}

impl Database {
    /// Runs SQL as the server's administrator, and returns what it prints.
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.cluster.sql(&self.name, sql)
    }

    /// Where a login finds it.
    pub(crate) fn url(&self, role: &str) -> String {
        let socket = self
            .cluster
            .directory
            .display()
            .to_string()
            .replace('/', "%2F");
        format!(
            "postgres:///{}?host={socket}&port={}&user={role}",
            self.name, self.cluster.port
        )
    }

    /// The options of a login.
    pub(crate) fn options(&self, role: &str) -> TeamOptions {
        TeamOptions {
            url: self.url(role),
            password: None::<Secret>,
            tls: TeamTls::Off,
            ca_file: None,
            client: None,
            schema: "stanch".to_owned(),
            listen_url: None,
            listen: true,
            poll: Duration::from_millis(500),
            patience: Duration::from_secs(30),
            fingerprint: None,
            accounts: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Makes a store in it, as its owner would.
    pub(crate) fn init(&self) {
        self.admin(|admin| {
            let state = tempfile::tempdir().unwrap();
            let terms = stanch::journal::team_store::Terms {
                lease_seconds: 60,
                send_seconds: 30,
            };
            admin.init(terms, state.path().join("state")).unwrap();
        });
    }

    /// Does something as the owner, on a thread of its own: the calls block.
    pub(crate) fn admin<T: Send>(
        &self,
        work: impl FnOnce(&mut stanch::journal::team_store::Admin) -> T + Send,
    ) -> T {
        let options = self.options("boss");
        std::thread::scope(|scope| {
            let thread = scope
                .spawn(|| work(&mut stanch::journal::team_store::Admin::new(options).unwrap()));
            thread.join().unwrap()
        })
    }

    /// What a program's configuration says of it.
    pub(crate) fn section(&self, role: &str) -> String {
        format!("[store]\nurl = \"{}\"\ntls = \"off\"\n", self.url(role))
    }
}
