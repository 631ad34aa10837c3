//! A report over a made-up quarter, against figures that `tests/report_truth.py` computes from what the stand-in was
//! made to do.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;

/// The day behind the stand-in's today, at noon.
const BEGIN: &str = "2026-03-02T12:00:00Z";

fn seconds(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// A quarter of an account, and what has happened in it.
struct Quarter {
    rig: CommandFixture,
    dice: fastrand::Rng,
    rounds: Vec<Value>,
    /// What we have changed since the last round, by id, and when the journal committed that.
    ours: BTreeMap<String, (&'static str, i64)>,
    /// What we have said is none of ours stays so.
    settled: BTreeSet<String>,
    now: i64,
}

impl Quarter {
    async fn of(leaks: u64, seed: u64) -> Self {
        Self {
            rig: CommandFixture::with_leaks(leaks).await,
            dice: fastrand::Rng::with_seed(seed),
            rounds: Vec::new(),
            ours: BTreeMap::new(),
            settled: BTreeSet::new(),
            now: seconds(BEGIN),
        }
    }

    /// Runs a command at the quarter's own time.
    async fn run(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = self.rig.command(arguments);
        command.env("STANCH_REHEARSE", format!("clock:@{}", self.now));
        self.rig.finish(command.spawn().unwrap()).await
    }

    /// Some ids with this status.
    async fn some(&mut self, status: &str, most: usize) -> Vec<String> {
        let all = self.rig.statuses().await;
        let mut ids: Vec<String> = all
            .into_iter()
            .filter(|(_, word)| word == status)
            .filter(|(id, _)| !self.ours.contains_key(id) && !self.settled.contains(id))
            .map(|(id, _)| id)
            .collect();
        self.dice.shuffle(&mut ids);
        ids.truncate(self.dice.usize(..=most));
        ids
    }

    async fn set(&self, ids: &[String], word: &str) {
        let words: BTreeMap<&String, &str> = ids.iter().map(|id| (id, word)).collect();
        let body = json!({ "projectdiscovery": words });
        self.rig.post_control("/statuses", body).await;
    }

    /// What happens between two rounds.
    async fn happen(&mut self) {
        let mut changes = json!({ "insert": self.dice.u32(..4) });
        match self.dice.u32(..4) {
            0 => changes["added_days_ago"] = self.dice.u32(..300).into(),
            1 => changes["without_date"] = true.into(),
            _ => {}
        }
        if self.dice.u32(..3) == 0 {
            changes["remove"] = self.dice.u32(..3).into();
        }
        let body = json!({ "projectdiscovery": changes });
        self.rig.post_control("/leaks", body).await;
        let open = self.some("open", 5).await;
        self.set(&open, "fixed").await;
        let fixed = self.some("fixed", 2).await;
        self.set(&fixed, "open").await;
    }

    /// We fix some, and say of some that they are none of ours; some that we fixed are opened by others at once.
    async fn work(&mut self) {
        for (word, most, verb) in [
            ("fixed", 4, &["leaks", "fix"][..]),
            ("false_positive", 1, &["leaks", "set", "false_positive"][..]),
        ] {
            let ids = self.some("open", most).await;
            if ids.is_empty() {
                continue;
            }
            let keys: Vec<String> = ids.iter().map(|id| format!("demo-pd:leak:{id}")).collect();
            let keys = keys.iter().map(String::as_str);
            let arguments: Vec<&str> = verb.iter().copied().chain(keys).chain(["--yes"]).collect();
            self.run(&arguments).await.assert_exit(0);
            let at = self.committed_at();
            if word == "false_positive" {
                self.settled.extend(ids.iter().cloned());
            }
            let ours = ids.into_iter().map(|id| (id, (word, at)));
            self.ours.extend(ours);
        }
        let ours = self.ours.iter().filter(|(_, (word, _))| *word == "fixed");
        let first: Vec<String> = ours.map(|(id, _)| id.clone()).take(1).collect();
        if self.dice.bool() {
            self.set(&first, "open").await;
        }
    }

    /// When the journal says that the last job's changes are settled: all were read back at once, or are kept here since
    /// the job is there.
    fn committed_at(&self) -> i64 {
        let path = self.rig.path("state").join("journal.db");
        let journal = rusqlite::Connection::open(path).unwrap();
        let job = "(SELECT max(id) FROM job)";
        let readings = format!(
            "SELECT at FROM event WHERE job = {job} AND what = 'readings' AND detail LIKE '%verified%'"
        );
        let mut query = journal.prepare(&readings).unwrap();
        let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let read: Vec<String> = rows.map(Result::unwrap).collect();
        assert!(read.len() < 2, "{read:?}");
        let at = read.into_iter().next().unwrap_or_else(|| {
            let created = format!("SELECT created_at FROM job WHERE id = {job}");
            journal.query_row(&created, [], |row| row.get(0)).unwrap()
        });
        seconds(&at)
    }

    /// A reading, and what was true then.
    async fn read(&mut self) {
        let ran = self.run(&["watch", "--once", "--quiet"]).await;
        assert!([0, 10].contains(&ran.exit), "{ran:?}");
        let stands = self.run(&["watch", "status", "--format", "json"]).await;
        let stands = stands.assert_ok().json();
        let at = stands["watch"]["accounts"][0]["last_whole"].as_str();
        self.rounds.push(json!({
            "at": seconds(at.unwrap()),
            "statuses": self.rig.statuses().await,
            "ours": std::mem::take(&mut self.ours),
        }));
    }

    /// What another program makes of it; none where there is no such program.
    async fn truth(&self, from: i64, to: i64) -> Option<Value> {
        let listed = self.rig.run(&["leaks", "list", "--format", "jsonl"]).await;
        let listed = listed.assert_ok();
        let of_leak = |line: &str| {
            let leak: Value = serde_json::from_str(line).unwrap();
            let known = json!({
                "class": leak["class"],
                "added": leak["added_at"].as_str().filter(|day| !day.is_empty()).map(seconds),
            });
            (leak["id"].as_str().unwrap().to_owned(), known)
        };
        let leaks: serde_json::Map<String, Value> = listed.stdout.lines().map(of_leak).collect();
        let world = json!({ "from": from, "to": to, "rounds": self.rounds, "leaks": leaks });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report_truth.py");
        let mut child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(world.to_string().as_bytes()).await.unwrap();
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        Some(serde_json::from_slice(&output.stdout).unwrap())
    }
}

/// The same figures, whatever stands beside them.
fn same(figures: &Value, truth: &Value) {
    for (name, number) in truth.as_object().unwrap() {
        if name == "curve" {
            let steps = figures["curve"].as_array().unwrap();
            let wanted = number.as_array().unwrap();
            assert_eq!(steps.len(), wanted.len());
            for (step, wanted) in steps.iter().zip(wanted) {
                assert_eq!(step["seconds"], wanted[0]);
                let open = step["open"].as_f64().unwrap();
                assert!((open - wanted[1].as_f64().unwrap()).abs() < 1e-9, "{step}");
            }
        } else {
            assert_eq!(&figures[name], number, "{name}: {figures:#}\n{truth:#}");
        }
    }
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
async fn a_quarter_is_counted_by_another_program_the_same() {
    let mut quarter = Quarter::of(150, 20).await;
    quarter.read().await;
    for _ in 0..24 {
        quarter.now += 3 * DAY + DAY / 2;
        quarter.happen().await;
        if quarter.dice.bool() {
            quarter.work().await;
        }
        quarter.now += DAY / 4;
        quarter.read().await;
    }
    quarter.now += DAY;
    let mut flows: BTreeMap<String, u64> = BTreeMap::new();
    for (first, last) in [
        ("2026-03-10", "2026-05-31"),
        ("2026-04-01", "2026-04-30"),
        ("2026-05-01", "2026-05-31"),
    ] {
        let from = seconds(&format!("{first}T00:00:00Z"));
        let to = seconds(&format!("{last}T00:00:00Z")) + DAY;
        let Some(truth) = quarter.truth(from, to).await else {
            eprintln!("there is no python3: the figures were compared with nothing");
            return;
        };
        let arguments = ["report", "--from", first, "--to", last, "--format", "json"];
        let report = quarter.run(&arguments).await.assert_ok().json();
        let report = &report["report"];
        same(&report["figures"], &truth);
        for check in report["checks"].as_array().unwrap() {
            assert_eq!(check["ok"], true, "{check}");
        }
        for (name, count) in truth["flows"].as_object().unwrap() {
            *flows.entry(name.clone()).or_default() += count.as_u64().unwrap();
        }
    }
    // The world had something of everything that is counted.
    for name in [
        "became_known",
        "came_back",
        "fixed_read_back",
        "fixed_elsewhere",
        "false_positive",
        "gone",
    ] {
        assert!(flows[name] > 0, "nothing was {name}: {flows:?}");
    }
}
