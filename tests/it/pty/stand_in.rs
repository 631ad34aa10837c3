//! The stand-in in this process, with a configuration for a program outside of it.

use serde_json::{Value, json};
use stanch::demo::{Demo, Options};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A running stand-in and its configuration.
pub(crate) struct StandIn {
    runtime: tokio::runtime::Runtime,
    demo: Demo,
    home: TempDir,
}

impl StandIn {
    /// With so many leaks, always the same.
    pub(crate) fn with_leaks(leaks: u64) -> Self {
        Self::with_options(Options {
            leaks,
            ..Options::projectdiscovery_only(jiff::civil::date(2026, 3, 1))
        })
    }

    pub(crate) fn with_options(options: Options) -> Self {
        // Another test may have been first; either way it is there afterwards.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(1)
            .build()
            .unwrap();
        let demo = runtime.block_on(Demo::start(options)).unwrap();
        let home = tempfile::tempdir().unwrap();
        let stand_in = Self {
            runtime,
            demo,
            home,
        };
        for (path, secret) in stand_in.demo.key_files(&stand_in.key_file()) {
            write_private(&path, secret);
        }
        let config = stand_in.demo.config_toml(&stand_in.key_file());
        write_private(&stand_in.config(), &config);
        stand_in
    }

    fn key_file(&self) -> PathBuf {
        self.home.path().join("key")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home.path().join("config.toml")
    }

    pub(crate) fn key(&self) -> &str {
        self.demo.api_key()
    }

    fn send(&self, request: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        self.runtime.block_on(async {
            let answer = request(&client).send().await.unwrap();
            assert!(answer.status().is_success());
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
        })
    }

    /// Asks the control side.
    pub(crate) fn control(&self, path: &str) -> Value {
        self.send(|client| client.get(format!("{}{path}", self.demo.control_url())))
    }

    /// Reads from the provider's side.
    pub(crate) fn get(&self, path: &str) -> Value {
        self.send(|client| {
            client
                .get(format!("{}{path}", self.demo.base_url()))
                .header("X-API-Key", self.key())
        })
    }

    /// Asks the provider's side.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        self.send(|client| {
            client
                .post(format!("{}{path}", self.demo.base_url()))
                .header("X-API-Key", self.key())
                .header("content-type", "application/json")
                .body(body.to_string())
        })
    }

    /// Lets things go wrong from now on.
    pub(crate) fn faults(&self, faults: &[&str]) {
        self.send(|client| {
            client
                .post(format!("{}/faults", self.demo.control_url()))
                .body(json!({ "faults": faults }).to_string())
        });
    }

    /// Changes something behind a client's back.
    pub(crate) fn set(&self, path: &str, body: &Value) {
        self.send(|client| {
            client
                .post(format!("{}{path}", self.demo.control_url()))
                .body(body.to_string())
        });
    }

    /// Every request so far, as `METHOD path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let all = self.control("/requests");
        let all = all["requests"].as_array().unwrap().iter();
        all.map(|one| {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            format!("{} {}", text("method"), text("path"))
        })
        .collect()
    }

    /// Waits until a request has come in.
    pub(crate) fn wait_for(&self, request: &str) {
        let deadline = std::time::Instant::now() + super::console::TEST_TIMEOUT;
        while !self.requests().iter().any(|one| one == request) {
            assert!(std::time::Instant::now() < deadline, "{request}");
            std::thread::yield_now();
        }
    }

    /// The status of every leak.
    pub(crate) fn statuses(&self) -> Value {
        self.control("/statuses")["projectdiscovery"].clone()
    }

    /// Runs something on the stand-in's runtime.
    pub(crate) fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }
}

/// Writes a new file that is ours alone.
pub(crate) fn write_private(path: &Path, text: &str) {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
