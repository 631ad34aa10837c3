//! The terminal goes away, or a signal comes, in every state that a console can be in. Afterwards the stand-in is asked
//! what it holds: whatever ended the console, the job goes on from there.

use super::{
    console::{Console, ConsoleOptions, PARALLEL_FACTOR, PROGRAM, cpu_ticks},
    stand_in::StandIn,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const FIX: &str = "POST /v1/leaks/status";

/// Without a write in flight it is gone within this; with one, within the other.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);
const WRITE_TIMEOUT: Duration = Duration::from_secs(12);

/// What the console is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Loading,
    Plan,
    Confirm,
    InFlight,
    Limited,
    Verifying,
    Reveal,
}

const STATES: [State; 8] = [
    State::Idle,
    State::Loading,
    State::Plan,
    State::Confirm,
    State::InFlight,
    State::Limited,
    State::Verifying,
    State::Reveal,
];

impl State {
    /// Whether a job is recorded in it.
    fn has_job(self) -> bool {
        matches!(self, Self::InFlight | Self::Limited | Self::Verifying)
    }

    fn exit_timeout(self) -> Duration {
        let alone = if self == Self::InFlight {
            WRITE_TIMEOUT
        } else {
            IDLE_TIMEOUT
        };
        alone * PARALLEL_FACTOR
    }
}

/// A console in a state, and the stand-in that it is on.
struct Scene {
    stand_in: StandIn,
    console: Console,
    state: State,
}

/// A leak whose password the stand-in tells.
fn leak_with_password(stand_in: &StandIn) -> String {
    let listed = stand_in.get("/v1/leaks?limit=1000").to_string();
    let statuses = stand_in.statuses();
    let mut ids = statuses.as_object().unwrap().keys();
    let told = ids.find(|id| {
        let leak = stand_in.post("/v1/leaks/info", &json!({ "leakid": id }));
        let password = leak["data"]["password"].as_str().unwrap_or_default();
        let plain = password.len() >= 8 && password.bytes().all(|b| b.is_ascii_graphic());
        plain && !password.contains("MASKED") && listed.contains(password)
    });
    told.unwrap().clone()
}

/// Another moment to read back what was accepted.
fn set_verify_seconds(stand_in: &StandIn, seconds: &str) {
    let path = stand_in.config();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("verify_"));
    let mut text: Vec<&str> = lines.collect();
    let line = format!("verify_seconds = {seconds}");
    text.push(&line);
    std::fs::write(&path, text.join("\n") + "\n").unwrap();
}

impl Scene {
    fn new(state: State, shell: Option<&'static str>) -> Self {
        let stand_in = if state == State::Loading {
            StandIn::with_options(stanch::demo::Options {
                leaks: 50_000,
                latency: Duration::from_millis(300),
                ..stanch::demo::Options::projectdiscovery_only(jiff::civil::date(2026, 3, 1))
            })
        } else {
            StandIn::with_leaks(200)
        };
        set_verify_seconds(&stand_in, "[40]");
        let mut start = ConsoleOptions::with_config(&stand_in.config());
        if let Some(shell) = shell {
            start = start.in_shell(shell);
        }
        let console = start.open();
        let mut scene = Self {
            stand_in,
            console,
            state,
        };
        scene.reach();
        scene
    }

    fn reach(&mut self) {
        let console = &mut self.console;
        if self.state == State::Loading {
            console.wait_for("of 50,000");
            return;
        }
        console.wait_for("leaks 200 of 200");
        match self.state {
            State::Idle | State::Loading => {}
            State::Reveal => {
                let id = leak_with_password(&self.stand_in);
                console.keys(&format!("/key:{id}\r"));
                console.wait_for("leaks 1 of 200");
                self.stand_in.faults(&["slow:1"]);
                console.keys("zr");
                console.wait_for("asking the provider");
            }
            State::Confirm => {
                console.keys("/status:open\r");
                console.wait_for("/status:open");
                console.keys("*f");
                console.wait_for("to apply");
                console.wait_until_quiet(Duration::from_millis(400));
                console.keys("1");
            }
            State::Plan | State::InFlight | State::Limited | State::Verifying => {
                console.keys("/status:open\r");
                console.wait_for("/status:open");
                console.keys("   ");
                console.wait_for("3 marked");
                console.keys("f");
                console.wait_for("3 will change");
            }
        }
        match self.state {
            State::InFlight => self.confirm(&["slow:1"]),
            State::Limited => {
                self.confirm(&["429:1"]);
                self.console.wait_for("resumes in");
            }
            State::Verifying => {
                self.confirm(&[]);
                self.console.wait_for("3 not yet verified");
            }
            _ => {}
        }
    }

    /// A plan takes no answer within 300 ms of being drawn. One answer too many would be a key of the console.
    fn confirm(&mut self, faults: &[&str]) {
        self.stand_in.faults(faults);
        self.console.wait_until_quiet(Duration::from_millis(600));
        self.console.keys("y");
        self.console.wait_without("y apply");
        self.stand_in.wait_for(FIX);
    }

    fn command(&self, arguments: &[&str]) -> Value {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .args(["--format", "json", "--config"])
            .arg(self.stand_in.config())
            .env_clear()
            .env("HOME", self.console.home())
            .env("STANCH_STATE_DIR", self.console.state())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{:?}: {said}", self.state);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What the journal holds tells the truth; the job goes on and comes to its end; nothing was sent twice unread.
    fn assert_nothing_lost(&self) {
        self.stand_in.faults(&[]);
        let jobs = self.command(&["jobs", "list"]);
        let jobs = jobs["items"].as_array().unwrap();
        if !self.state.has_job() {
            assert!(jobs.is_empty(), "{:?}: {jobs:?}", self.state);
            assert!(!self.stand_in.requests().iter().any(|one| one == FIX));
            return;
        }
        let job = &jobs[0];
        assert_eq!(
            (&job["state"], &job["paused"]["why"]),
            (&json!("paused"), &json!("hangup")),
            "{:?}: {job}",
            self.state
        );
        let shown = self.command(&["jobs", "show", "1"]);
        let outcomes: Vec<&Value> = shown["job"]["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| &change["outcome"])
            .collect();
        let wanted = match self.state {
            // The answer came and was recorded before the end.
            State::InFlight | State::Verifying => "accepted",
            _ => "pending",
        };
        assert_eq!(outcomes, [wanted; 3], "{:?}", self.state);
        set_verify_seconds(&self.stand_in, "[0.05, 0.2]");
        let done = self.command(&["jobs", "resume", "--yes"]);
        assert_eq!(done["job"]["counts"]["verified"], 3, "{:?}", self.state);
        let statuses = self.stand_in.statuses();
        for change in done["job"]["changes"].as_array().unwrap() {
            let key = change["key"].as_str().unwrap();
            let id = key.rsplit(':').next().unwrap();
            assert_eq!(statuses[id], "fixed");
        }
        assert_eq!(self.sent_without_read_back(), [""; 0], "{:?}", self.state);
    }

    /// Ids that were sent once more without a read in between; what was put off was not sent.
    fn sent_without_read_back(&self) -> Vec<String> {
        let log = self.stand_in.control("/requests");
        let (mut unread, mut twice) = (HashSet::new(), Vec::new());
        for entry in log["requests"].as_array().unwrap() {
            if entry["status"] == 429 {
                continue;
            }
            if entry["path"] != "/v1/leaks/status" {
                unread.clear();
                continue;
            }
            for id in entry["ids"].as_array().into_iter().flatten() {
                let id = id.as_str().unwrap().to_owned();
                if !unread.insert(id.clone()) {
                    twice.push(id);
                }
            }
        }
        twice
    }

    /// Passwords that the stand-in tells are in no file that the console left.
    fn assert_no_secret_left(&self) {
        let statuses = self.stand_in.statuses();
        let mut secrets: Vec<String> = Vec::new();
        for id in statuses.as_object().unwrap().keys() {
            let leak = self
                .stand_in
                .post("/v1/leaks/info", &json!({ "leakid": id }));
            let password = leak["data"]["password"].as_str().unwrap_or_default();
            if password.len() >= 8 && !password.contains("MASKED") && !password.contains("***") {
                secrets.push(password.to_owned());
            }
        }
        assert!(secrets.len() > 10, "only {} passwords", secrets.len());
        let mut looked = 0;
        for path in files(self.console.home()) {
            let bytes = std::fs::read(&path).unwrap();
            looked += bytes.len();
            for secret in &secrets {
                let at = memchr::memmem::find(&bytes, secret.as_bytes());
                assert_eq!(at, None, "a password in {}", path.display());
            }
        }
        assert!(looked > 0, "there is no file to look into");
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// Processor time from now until a process is gone, in hundredths of a second, as far as it can be seen.
fn ticks_until_exit(pid: u32, within: Duration) -> u64 {
    let (before, start) = (cpu_ticks(pid), Instant::now());
    let mut last = before;
    // Nothing ever comes: a wait that gives the processor away.
    let (_sender, receiver) = std::sync::mpsc::channel::<()>();
    while start.elapsed() < within {
        let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
            break;
        };
        let rest = text.rsplit_once(") ").unwrap().1;
        if rest.starts_with('Z') {
            break;
        }
        let fields: Vec<&str> = rest.split(' ').collect();
        last = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        receiver.recv_timeout(Duration::from_millis(20)).ok();
    }
    last - before
}

/// Takes the terminal away in a state and looks at what is left.
fn assert_hangup(state: State) {
    let mut scene = Scene::new(state, None);
    let start = Instant::now();
    scene.console.hang_up();
    let used = ticks_until_exit(scene.console.pid(), state.exit_timeout());
    assert_eq!(scene.console.exit(state.exit_timeout()), 129, "{state:?}");
    assert!(start.elapsed() < state.exit_timeout(), "{state:?}");
    assert!(used <= 50, "{state:?}: {used}0 ms of processor time");
    scene.assert_nothing_lost();
    if state == State::Reveal {
        scene.assert_no_secret_left();
    }
}

#[test]
fn when_the_terminal_goes_away_in_any_state_nothing_is_lost() {
    STATES.into_iter().for_each(assert_hangup);
}

#[test]
#[ignore = "five times every state takes long"]
fn five_times_in_every_state_nothing_is_lost() {
    for _ in 0..5 {
        STATES.into_iter().for_each(assert_hangup);
    }
}

#[test]
fn below_a_leader_that_stays_nothing_is_lost_either() {
    for state in [State::Plan, State::InFlight, State::Limited] {
        let script = r#"trap "" HUP; "$@"; echo $? >"$HOME/code""#;
        let mut scene = Scene::new(state, Some(script));
        scene.console.hang_up();
        scene.console.end(state.exit_timeout());
        let code = std::fs::read_to_string(scene.console.home().join("code")).unwrap();
        assert_eq!(code.trim(), "129", "{state:?}");
        scene.assert_nothing_lost();
    }
}

#[test]
fn after_a_hangup_not_a_byte_is_written_to_the_terminal() {
    // The signal alone: the terminal is still there to see what comes.
    for state in [State::Idle, State::Plan, State::Verifying] {
        let mut scene = Scene::new(state, None);
        scene.console.wait_until_quiet(Duration::from_millis(700));
        let before = scene.console.raw().len();
        scene.console.signal(Signal::HUP);
        assert_eq!(scene.console.exit(state.exit_timeout()), 129, "{state:?}");
        let after = scene.console.raw();
        let more = String::from_utf8_lossy(&after[before..]).into_owned();
        // One that counts time may have been drawing when it came.
        let allowed = state == State::Verifying && !more.contains("\x1b[?1049l");
        assert!(more.is_empty() || allowed, "{state:?}: {more:?}");
        scene.assert_nothing_lost();
    }
}

/// Sends a signal in a state: the terminal is as it was, and nothing is lost.
fn assert_ended_by(signal: Signal, state: State, code: u32) {
    let mut scene = Scene::new(state, None);
    scene.console.signal(signal);
    assert_eq!(
        scene.console.exit(WRITE_TIMEOUT * PARALLEL_FACTOR),
        code,
        "{state:?}: {signal:?}"
    );
    scene.console.assert_restored();
    scene.assert_nothing_lost();
}

#[test]
fn terminated_in_any_state_it_restores_the_terminal_and_loses_nothing() {
    for state in STATES {
        assert_ended_by(Signal::TERM, state, 143);
    }
}

#[test]
fn interrupted_from_outside_in_any_state_it_restores_the_terminal_and_loses_nothing() {
    for state in STATES {
        assert_ended_by(Signal::INT, state, 130);
    }
}

#[test]
#[ignore = "five times every state takes long"]
fn five_times_by_each_signal_nothing_is_lost() {
    for _ in 0..5 {
        for state in STATES {
            assert_ended_by(Signal::TERM, state, 143);
            assert_ended_by(Signal::INT, state, 130);
        }
    }
}

/// The only child of a process.
fn child_process(pid: u32) -> rustix::process::Pid {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(path).unwrap();
    let child = text.split_whitespace().next().unwrap().parse().unwrap();
    rustix::process::Pid::from_raw(child).unwrap()
}

#[test]
fn stopped_from_outside_and_gone_on_with_it_draws_anew_and_the_job_ends() {
    let script =
        r#"set -m; "$@"; echo "stopped with $?"; read answer; fg >/dev/null; echo "ended with $?""#;
    let mut scene = Scene::new(State::Verifying, Some(script));
    let child = child_process(scene.console.pid());
    rustix::process::kill_process(child, Signal::TSTP).unwrap();
    scene.console.wait_for("stopped with 148");
    scene.console.keys("\n");
    scene.console.wait_for("3 not yet verified");
    scene.console.wait_for("5 jobs 1");
    // Its keys are keys again, and not lines.
    scene.console.keys("w");
    scene.console.wait_for("p pause");
    rustix::process::kill_process(child, Signal::TERM).unwrap();
    scene.console.wait_for("ended with 143");
    assert_eq!(scene.console.exit(IDLE_TIMEOUT * PARALLEL_FACTOR * 2), 0);
    scene.assert_nothing_lost();
}

#[test]
fn a_leader_that_nobody_could_wake_does_not_stop() {
    let mut scene = Scene::new(State::Plan, None);
    scene.console.signal(Signal::TSTP);
    scene.console.keys("n");
    scene.console.wait_without("y apply");
    scene.console.keys("\x1a");
    scene.console.keys("?");
    scene.console.wait_for("Motion");
    scene.console.keys("qq");
    assert_eq!(scene.console.exit(IDLE_TIMEOUT * PARALLEL_FACTOR * 2), 0);
    scene.console.assert_restored();
}
