//! The commands, through the real binary, against the stand-in: answers, exit codes, and what must never be printed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it needs by failing"
)]

mod accounts;
mod after_kill;
mod audit;
mod browser;
mod changes;
mod checks;
mod confirmation;
mod exports;
mod handoffs;
mod hibp;
mod hooks;
mod jobs;
mod justification;
mod key_input;
mod killed;
mod lists;
mod local_statuses;
mod lookups;
mod news;
mod notified;
mod partial_writes;
mod pipes;
mod quarters;
mod refusals;
mod reports;
mod response_faults;
mod several_systems;
mod spreadsheet;
mod statuses;
#[cfg(feature = "postgres")]
mod store;
#[cfg(feature = "postgres")]
mod store_tls;
#[cfg(feature = "postgres")]
mod watch_team;
mod watched;
mod watching;
mod without_console;

use jiff::civil::date;
use serde_json::{Value, json};
use stanch::demo::{Demo, Options, SystemName, parse_list};
use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{io::AsyncWriteExt as _, process::Command};

/// A stand-in, a configuration for it, and a state directory.
struct CommandFixture {
    demo: Demo,
    http: reqwest::Client,
    home: tempfile::TempDir,
}

/// What a run left.
#[derive(Debug)]
struct CommandOutput {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl CommandOutput {
    /// The result as JSON; it must be all of standard output.
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The error line of `--format json`.
    fn error(&self) -> Value {
        let error: Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|_| panic!("no JSON error: {self:?}"));
        assert_eq!(error["schema"], 1);
        assert_eq!(error["exit"], self.exit);
        assert_eq!(
            members(&error["error"]),
            ["hint", "kind", "message", "profile"]
        );
        error["error"].clone()
    }

    fn assert_ok(self) -> Self {
        assert_eq!((self.exit, &self.stderr[..]), (0, ""), "{}", self.stdout);
        self
    }

    fn assert_exit(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:?}");
        self
    }
}

/// The names of an object's members, sorted.
fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    let mut names: Vec<_> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

impl CommandFixture {
    async fn with_leaks(leaks: u64) -> Self {
        Self::with_faults(leaks, "", "").await
    }

    /// With these faults, and these lines in the profile's table.
    async fn with_faults(leaks: u64, faults: &str, lines: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let faults = if faults.is_empty() {
            Vec::new()
        } else {
            parse_list(faults).unwrap()
        };
        let demo = Demo::start(Options {
            leaks,
            faults,
            ..Options::projectdiscovery_only(date(2026, 3, 1))
        })
        .await
        .unwrap();
        let rig = Self {
            demo,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            home: tempfile::tempdir().unwrap(),
        };
        let key = rig.path("key");
        std::fs::write(&key, rig.demo.api_key()).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut config = rig.demo.config_toml(&key);
        if !lines.contains("verify_seconds") {
            config += "verify_seconds = [0.05, 0.2]\n";
        }
        rig.configure(&(config + lines));
        rig
    }

    /// Three systems of the stand-in, one profile each.
    async fn with_all_systems(leaks: u64) -> Self {
        Self::with_systems(leaks, &crate::support::console_fixture::THREE).await
    }

    /// These systems of the stand-in, one profile each.
    async fn with_systems(leaks: u64, systems: &[SystemName]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let demo = Demo::start(Options {
            leaks,
            systems: systems.iter().copied().collect(),
            ..Options::all_systems(date(2026, 3, 1))
        })
        .await
        .unwrap();
        let rig = Self {
            demo,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            home: tempfile::tempdir().unwrap(),
        };
        let key = rig.path("key");
        for (path, secret) in rig.demo.key_files(&key) {
            std::fs::write(&path, secret).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let config = rig.demo.config_toml(&key);
        rig.configure(&config.replace(
            "[profiles.demo-pd]\n",
            "[profiles.demo-pd]\nverify_seconds = [0.05, 0.2]\n",
        ));
        rig
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.path("config.toml"), text).unwrap();
    }

    /// Adds to the configuration.
    fn append(&self, text: &str) {
        let config = std::fs::read_to_string(self.path("config.toml")).unwrap();
        self.configure(&(config + text));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command.env_clear();
        for name in ["PATH", "TERM"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.home.path())
            .env("STANCH_STATE_DIR", self.path("state"))
            .env("STANCH_CONFIG", self.path("config.toml"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.run_with(arguments, None).await
    }

    async fn run_with(&self, arguments: &[&str], input: Option<&str>) -> CommandOutput {
        let mut command = self.command(arguments);
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        if let Some(input) = input {
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(input.as_bytes()).await.unwrap();
        }
        self.finish(child).await
    }

    async fn finish(&self, child: tokio::process::Child) -> CommandOutput {
        let output = child.wait_with_output().await.unwrap();
        let ran = CommandOutput {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(self.demo.api_key()), "the key is printed");
        }
        ran
    }

    async fn control(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.demo.control_url());
        let answer = self.http.get(url).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    async fn post_control(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.demo.control_url());
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    async fn statuses(&self) -> serde_json::Map<String, Value> {
        let all = self.control("/statuses").await;
        all["projectdiscovery"].as_object().unwrap().clone()
    }

    /// Ids of leaks that have this status, in order.
    async fn ids(&self, status: &str, count: usize) -> Vec<String> {
        let all = self.statuses().await;
        let ids = all.iter().filter(|(_, word)| *word == status);
        let ids: Vec<_> = ids.map(|(id, _)| id.clone()).take(count).collect();
        assert_eq!(ids.len(), count);
        ids
    }

    /// How many requests to this path there were.
    async fn requests(&self, method: &str, path: &str) -> usize {
        let log = self.control("/requests").await;
        let entries = log["requests"].as_array().unwrap();
        let asked = |entry: &&Value| entry["method"] == method && entry["path"] == path;
        entries.iter().filter(asked).count()
    }

    async fn writes(&self) -> usize {
        self.requests("POST", "/v1/leaks/status").await
    }
}

/// Every file under a directory, as text.
fn texts(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    found
}
