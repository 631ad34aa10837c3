//! A server that one test has for itself: it may be killed, stopped, starved and started again, and it may speak TLS with
//! certificates of its own authority.

use super::{Cluster, NOBODY, free_port, is_root, programs};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock, atomic::AtomicU32},
    time::{Duration, Instant},
};

/// How such a server is made.
#[derive(Default)]
pub(crate) struct Own {
    /// Where it lies; a temporary directory without it.
    pub(crate) directory: Option<PathBuf>,
    /// Lines of `pg_hba.conf` behind the one that trusts the socket.
    pub(crate) hba: &'static str,
    /// Settings, `name=value`.
    pub(crate) settings: Vec<String>,
    /// Whose certificate it shows: that of this name.
    pub(crate) shows: Option<(&'static Authority, &'static str)>,
}

impl Own {
    /// Makes and starts it; `None` where the programs are not installed.
    pub(crate) fn start(self) -> Option<&'static Cluster> {
        let programs = programs()?;
        let directory = self.directory.unwrap_or_else(|| {
            tempfile::Builder::new()
                .prefix("stanch-own-")
                .tempdir()
                .unwrap()
                .keep()
        });
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
        own(&directory);
        let port = free_port();
        let mut settings = self.settings;
        if let Some((authority, name)) = self.shows {
            for (what, extension) in [("cert", "pem"), ("key", "key")] {
                let file = format!("{name}.{extension}");
                let copy = directory.join(&file);
                fs::copy(authority.directory.join(&file), &copy).unwrap();
                fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
                own(&copy);
                settings.push(format!("ssl_{what}_file={}", copy.display()));
            }
            let ca = directory.join("ca.pem");
            fs::copy(authority.file("ca.pem"), &ca).unwrap();
            own(&ca);
            settings.push(format!("ssl_ca_file={}", ca.display()));
            settings.push("ssl=on".to_owned());
        }
        let cluster: &'static Cluster = Box::leak(Box::new(Cluster {
            programs,
            directory,
            port,
            made: AtomicU32::new(0),
            settings,
            process: Mutex::new(None),
            model: OnceLock::new(),
            one: Mutex::new(()),
        }));
        cluster.make(&format!("local all all trust\n{}", self.hba));
        cluster.run();
        cluster.roles();
        Some(cluster)
    }
}

/// Gives a file to the user that the server runs as.
fn own(path: &Path) {
    if is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

impl Cluster {
    fn process(&self) -> u32 {
        self.process.lock().unwrap().expect("it runs")
    }

    /// `kill -9` of the server and of everything below it, all at once.
    pub(crate) fn kill(&self) {
        let server = self.process();
        let mut all = children(server);
        all.insert(0, server);
        for process in &all {
            signal(*process, rustix::process::Signal::KILL);
        }
        gone(&all);
    }

    /// Stops the server and everything below it: connections stay, nothing is answered.
    pub(crate) fn hold(&self) {
        self.signal_all(rustix::process::Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) {
        self.signal_all(rustix::process::Signal::CONT);
    }

    fn signal_all(&self, what: rustix::process::Signal) {
        let server = self.process();
        signal(server, what);
        for process in children(server) {
            signal(process, what);
        }
    }

    /// Ends the server at once, as an administrator does: connections are cut, what was committed is written.
    pub(crate) fn end(&self) {
        let server = self.process();
        signal(server, rustix::process::Signal::INT);
        gone(&[server]);
    }

    /// Keeps a copy of its data; it does not run meanwhile.
    pub(crate) fn keep_copy(&self) {
        let copied = self
            .program("/bin/cp")
            .arg("-a")
            .arg(self.data())
            .arg(self.copy())
            .status();
        assert!(copied.unwrap().success());
    }

    /// Puts the copy in place of the data; it does not run meanwhile.
    pub(crate) fn put_copy_back(&self) {
        fs::remove_dir_all(self.data()).unwrap();
        fs::rename(self.copy(), self.data()).unwrap();
    }

    fn copy(&self) -> PathBuf {
        self.directory.join("copy")
    }

    /// Starts it again.
    pub(crate) fn start_again(&self) {
        self.run();
    }
}

fn signal(process: u32, signal: rustix::process::Signal) {
    let process = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(process) = process {
        rustix::process::kill_process(process, signal).ok();
    }
}

/// The state of a process and the one that started it.
fn stat(process: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    let state = words.next()?.chars().next()?;
    Some((state, words.next()?.parse().ok()?))
}

fn children(of: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process| stat(*process).is_some_and(|(_, parent)| parent == of))
        .collect()
}

/// Waits until none of them is there any more.
fn gone(all: &[u32]) {
    let limit = Instant::now() + Duration::from_secs(60);
    while all
        .iter()
        .any(|process| stat(*process).is_some_and(|(state, _)| state != 'Z'))
    {
        assert!(Instant::now() < limit, "the server does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until a process is stopped; false if it ends instead.
pub(crate) fn is_stopped(process: u32) -> bool {
    let limit = Instant::now() + Duration::from_secs(120);
    loop {
        match stat(process) {
            Some(('T' | 't', _)) => return true,
            Some(('Z' | 'X', _)) | None => return false,
            Some(_) => {}
        }
        assert!(Instant::now() < limit, "it neither stops nor ends");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A private certificate authority, by the program `openssl`.
pub(crate) struct Authority {
    directory: PathBuf,
}

impl Authority {
    /// Makes it, with certificates for `localhost`, for another name, and one that has ended.
    pub(crate) fn make() -> &'static Self {
        let directory = tempfile::Builder::new()
            .prefix("stanch-ca-")
            .tempdir()
            .unwrap()
            .keep();
        let authority = Self { directory };
        authority.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "30",
            "-subj",
            "/CN=the team",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign",
        ]);
        for (name, subject, names, days) in [
            ("localhost", "/CN=localhost", "DNS:localhost", "20"),
            ("elsewhere", "/CN=localhost", "DNS:db.example", "20"),
            ("ended", "/CN=localhost", "DNS:localhost", "-1"),
            ("ana", "/CN=ana", "DNS:ana", "20"),
        ] {
            let (key, request, out) = (
                format!("{name}.key"),
                format!("{name}.csr"),
                format!("{name}.pem"),
            );
            authority.openssl(&[
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                &key,
                "-out",
                &request,
                "-subj",
                subject,
            ]);
            let extensions = format!("{name}.ext");
            fs::write(
                authority.directory.join(&extensions),
                format!("subjectAltName={names}\n"),
            )
            .unwrap();
            authority.openssl(&[
                "x509",
                "-req",
                "-in",
                &request,
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                days,
                "-extfile",
                &extensions,
                "-out",
                &out,
            ]);
        }
        Box::leak(Box::new(authority))
    }

    /// One of its files.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let ran = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()
            .expect("openssl is installed");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "openssl {arguments:?}: {said}");
    }
}
