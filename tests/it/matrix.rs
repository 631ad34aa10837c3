//! The fault matrix: the real binary is killed, hung up on, starved and raced against the stand-in, at every step and in
//! every way that the stand-in can fail; then it goes on, and the truth is asked for. The truth is what the stand-in
//! stores and what it was asked, never what the program says of itself.
//!
//! A part runs with the other tests, on small jobs. All of it, on jobs of 300 leaks in six chunks, and the numbers:
//! `cargo test --locked --test it -- --ignored --show-output matrix::`; `STANCH_MATRIX_MODES=0,13` chooses among the modes.

mod clock;
mod corruption;
mod disconnects;
mod disk_errors;
mod disk_full;
mod duplicates;
mod external_faults;
mod fixture;
mod kills;
mod more;
#[cfg(feature = "mutants")]
mod mutants;
mod oracle;
mod portal;
mod power;
mod races;
#[cfg(feature = "postgres")]
mod team;
mod undo;

use jiff::civil::date;
use oracle::Report;
use serde_json::{Value, json};
use stanch::demo::{Demo, Options, parse_list};
use std::{
    collections::BTreeMap,
    os::unix::{fs::PermissionsExt as _, process::ExitStatusExt as _},
    path::PathBuf,
    process::{ExitStatus, Stdio},
};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

/// Leaks of a job, and how many of them go out in one request.
#[derive(Clone, Copy, Debug)]
struct Size {
    leaks: usize,
    chunk: usize,
}

/// Six chunks, whatever the size: small ones run with the other tests.
const SMALL: Size = Size {
    leaks: 24,
    chunk: 4,
};
const LARGE: Size = Size {
    leaks: 300,
    chunk: 50,
};
/// A hundred chunks.
const HUGE: Size = Size {
    leaks: 10_000,
    chunk: 100,
};
/// A job that has not ended after so many runs will not end.
const RUNS: u32 = 12;

/// What the provider does wrong, and what must come of it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, none excludes another"
)]
#[derive(Clone, Copy, Debug)]
struct Mode {
    name: &'static str,
    faults: &'static str,
    /// The window of the read-backs.
    verify: &'static str,
    /// Leaks that are refused, by their place among 24, and how.
    refused: &'static [(usize, u16)],
    /// With all of them good, every one is verified, however often it is killed.
    ends_verified: bool,
    /// The provider turns the same leaks down as often as they may be tried.
    exhausts: bool,
    /// It does so where the job is killed again and again: each kill may cost a try.
    wears_out: bool,
    /// A web page stands before everything; it is gone after the first run that went on.
    portal: bool,
}

const fn mode(name: &'static str, faults: &'static str) -> Mode {
    Mode {
        name,
        faults,
        verify: "[0.02, 0.1]",
        refused: &[],
        ends_verified: true,
        exhausts: false,
        wears_out: false,
        portal: false,
    }
}

const MODES: &[Mode] = &[
    mode("ok", ""),
    mode("cut before apply", "drop:5"),
    mode("cut after apply", "drop-after:2"),
    Mode {
        wears_out: true,
        ..mode("500 before", "500-before:2")
    },
    mode("500 after", "500-after:2"),
    mode("half then 500", "half:2"),
    Mode {
        ends_verified: false,
        ..mode("half then 200", "half-ok:2")
    },
    Mode {
        ends_verified: false,
        wears_out: true,
        ..mode("a lie", "lie:1")
    },
    mode("429", "429:6"),
    mode("truncated answer", "truncate-write:2"),
    mode("reads fail", "500:3"),
    Mode {
        refused: &[(5, 403)],
        ..mode("one is foreign", "")
    },
    Mode {
        refused: &[(1, 404), (6, 404), (7, 404), (20, 404)],
        ..mode("four are gone", "")
    },
    Mode {
        verify: "[0.05, 1, 4]",
        ..mode("applied late", "delayed-apply:1")
    },
    mode("reports one more", "count-more:2"),
    mode("reports one less", "count-less:1"),
    Mode {
        refused: &[(5, 403)],
        ..mode("partial, one is foreign", "partial:1")
    },
    Mode {
        refused: &[(17, 404)],
        ..mode("partial, one is gone", "partial:1")
    },
    Mode {
        refused: SEVEN_REFUSED,
        ..mode("seven are gone", "")
    },
    Mode {
        refused: SEVEN_REFUSED,
        ..mode("partial, seven are gone", "partial:1")
    },
    mode("502 before, now and then", "500-before:3,as-502"),
    Mode {
        ends_verified: false,
        exhausts: true,
        ..mode("503 before, always", "500-before:1,as-503")
    },
    mode("504 after, always", "500-after:1,as-504"),
    Mode {
        ends_verified: false,
        exhausts: true,
        ..mode("502 at half, always", "half:1,as-502")
    },
    mode("429 at every second", "429:2"),
    Mode {
        ends_verified: false,
        ..mode("half then 403", "part-403:2")
    },
    Mode {
        portal: true,
        ..mode("a web page in mid-job", "portal-at:3")
    },
];

const SEVEN_REFUSED: &[(usize, u16)] = &[
    (0, 404),
    (2, 404),
    (3, 404),
    (9, 404),
    (14, 404),
    (15, 404),
    (22, 404),
];

fn mode_by_name(name: &str) -> Mode {
    let found = MODES.iter().find(|mode| mode.name == name);
    *found.unwrap_or_else(|| panic!("no mode {name}"))
}

/// A stand-in with a mode, and the leaks of every job on it.
struct MatrixFixture {
    mode: Mode,
    size: Size,
    demo: Demo,
    http: reqwest::Client,
    home: tempfile::TempDir,
    ids: Vec<String>,
    /// State directories so far.
    states: u32,
    /// Where those lie, if not beside the configuration.
    disk: Option<PathBuf>,
    /// What the program's environment has beside the usual.
    environment: Vec<(&'static str, String)>,
    /// A mistake that the program makes on purpose.
    mutant: Option<&'static str>,
    /// The store of a team, where that keeps the jobs.
    #[cfg(feature = "postgres")]
    store: Option<team::Store>,
    report: Report,
}

impl MatrixFixture {
    async fn new(mode: Mode) -> Self {
        Self::with_size(mode, SMALL).await
    }

    async fn with_size(mode: Mode, size: Size) -> Self {
        let leaks = size.leaks as u64 * 2 + 72;
        let options = Options::projectdiscovery_only(date(2026, 3, 1));
        let mut bench = Self::with_options(mode, size, Options { leaks, ..options }).await;
        let open = bench.statuses().await.into_iter();
        let open = open.filter(|(_, status)| status == "open");
        bench.ids = open.map(|(id, _)| id).take(size.leaks).collect();
        assert_eq!(bench.ids.len(), size.leaks);
        bench
    }

    /// With the systems of these options, one profile each, and no leaks chosen.
    async fn with_options(mode: Mode, size: Size, options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let demo = Demo::start(Options {
            rpm: Some(1_000_000),
            ..options
        })
        .await
        .unwrap();
        let bench = Self {
            mode,
            size,
            demo,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            home: tempfile::tempdir().unwrap(),
            ids: Vec::new(),
            states: 0,
            disk: None,
            environment: Vec::new(),
            mutant: None,
            #[cfg(feature = "postgres")]
            store: None,
            report: Report::new(mode.name),
        };
        let key = bench.home.path().join("key");
        for (path, secret) in bench.demo.key_files(&key) {
            std::fs::write(&path, secret).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let profile = "[profiles.demo-pd]\n";
        let lines = format!(
            "{profile}verify_seconds = {}\nbulk_size = {}\n",
            mode.verify, size.chunk
        );
        let config = bench.demo.config_toml(&key);
        assert!(config.contains(profile), "{config}");
        let config = config.replace(profile, &lines);
        std::fs::write(bench.home.path().join("config.toml"), config).unwrap();
        bench
    }

    /// Everything anew: nothing was asked, every leak is open, no job is known.
    async fn reset(&mut self) {
        self.states += 1;
        #[cfg(feature = "postgres")]
        self.renew_store();
        self.post("/reset", json!({})).await;
        let refuse: BTreeMap<&str, u16> = self.refused().collect();
        let leaks = json!({"projectdiscovery": {"refuse": refuse}});
        self.post("/leaks", leaks).await;
        self.faults(self.mode.faults).await;
    }

    /// The leaks that are refused, and how.
    fn refused(&self) -> impl Iterator<Item = (&str, u16)> {
        let scale = self.size.leaks / SMALL.leaks;
        let refused = self.mode.refused.iter();
        refused.map(move |(at, status)| (self.ids[at * scale].as_str(), *status))
    }

    fn state(&self) -> PathBuf {
        let disk = self.disk.as_deref().unwrap_or(self.home.path());
        disk.join(format!("state{}", self.states))
    }

    fn command(&self, arguments: &[&str], disaster: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        if !disaster.is_empty() {
            command.env("STANCH_REHEARSE", disaster);
        }
        if let Some(mistake) = self.mutant {
            command.env("STANCH_MISTAKE", mistake);
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        #[cfg(feature = "postgres")]
        if let Some(store) = &self.store {
            command.env("STANCH_STORE_URL", store.url());
        }
        command
            .env("HOME", self.home.path())
            .env("STANCH_STATE_DIR", self.state())
            .env("STANCH_CONFIG", self.home.path().join("config.toml"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts a job on all of the leaks.
    async fn start(&self, disaster: &str) -> Child {
        self.start_on(&self.ids, disaster).await
    }

    async fn start_on(&self, ids: &[String], disaster: &str) -> Child {
        let arguments = ["leaks", "fix", "--ids-from", "-", "--yes"];
        let mut child = self.command(&arguments, disaster).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let lines = ids.join("\n") + "\n";
        // It may be dead already.
        stdin.write_all(lines.as_bytes()).await.ok();
        child
    }

    /// Carries out a job, or dies of it.
    async fn fix(&mut self, disaster: &str) -> ExitStatus {
        let status = self.start(disaster).await.wait().await.unwrap();
        self.report.record_run(status);
        status
    }

    async fn resume(&mut self, disaster: &str) -> ExitStatus {
        #[cfg(feature = "postgres")]
        self.leases_end();
        let arguments = ["jobs", "resume", "--yes"];
        let mut child = self.command(&arguments, disaster).spawn().unwrap();
        let status = child.wait().await.unwrap();
        self.report.record_run(status);
        status
    }

    /// Goes on until the job has ended, then judges. Towards the end the provider behaves: a job that it has made wait
    /// must come to its end then.
    async fn wait_for_writes(&mut self) {
        if self.mode.portal && !self.has_ended().await {
            self.run_until_portal().await;
        }
        for run in 0..RUNS {
            if self.has_ended().await {
                break;
            }
            if run > RUNS / 2 {
                self.faults("").await;
            }
            self.resume("").await;
        }
        self.check_invariants().await;
    }

    async fn faults(&self, faults: &str) {
        let faults: Vec<_> = parse_list(faults)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        self.post("/faults", json!({ "faults": faults })).await;
    }

    async fn post(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.demo.control_url());
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.demo.control_url());
        let answer = self.http.get(url).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    async fn statuses(&self) -> BTreeMap<String, Value> {
        let all = self.get("/statuses").await;
        let all = all["projectdiscovery"].as_object().unwrap().clone();
        all.into_iter().collect()
    }

    /// Waits until everything is applied that the stand-in has put off.
    async fn wait_until_applied(&self) {
        while self.get("/outstanding").await["projectdiscovery"] != 0 {}
    }

    /// The requests to the stand-in, in order.
    async fn requests(&self) -> Vec<Value> {
        let log = self.get("/requests").await;
        log["requests"].as_array().unwrap().clone()
    }

    async fn writes(&self) -> Vec<Value> {
        let mut requests = self.requests().await;
        requests.retain(oracle::is_write);
        requests
    }
}

/// Whether a process died as by `kill -9`.
fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(9)
}
