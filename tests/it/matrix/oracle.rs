//! What was promised, against what happened.

#[cfg(feature = "postgres")]
use super::team;
use super::{MatrixFixture, was_killed};
use serde_json::Value;
use stanch::{
    entity::job::{ChangeOutcome, JobRecord},
    journal::{Journal, JournalOptions, OpenMode, Operator},
};
use std::{
    collections::{BTreeMap, HashSet},
    process::ExitStatus,
};

/// A promise that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Violation {
    /// Applied by us, and told as if it were not.
    Lost,
    /// Sent twice without a read in between.
    Double,
    /// Called verified, and it is not so.
    False,
    /// Without an end.
    Unsettled,
    /// A job that is not the whole plan.
    HalfPlanned,
    /// Sent without an intent on disk.
    Unrecorded,
    /// Told as failed, and neither refused nor turned down as often as it may be tried.
    Blamed,
    /// It could have been settled, and was not.
    Missed,
    /// Two wrote at once.
    TwoWriters,
    /// What the store holds is not as it was written.
    Damaged,
}

/// Runs, kills and broken promises.
#[derive(Debug)]
pub(super) struct Report {
    name: &'static str,
    runs: u32,
    kills: u32,
    checked: u32,
    pub(super) violations: Vec<(Violation, String)>,
}

impl Report {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            runs: 0,
            kills: 0,
            checked: 0,
            violations: Vec::new(),
        }
    }

    pub(super) fn record_run(&mut self, status: ExitStatus) {
        self.runs += 1;
        self.kills += u32::from(was_killed(status));
    }

    /// One more was judged.
    pub(super) fn record_check(&mut self) {
        self.checked += 1;
    }

    pub(super) fn add(&mut self, broken: Violation, what: impl Into<String>) {
        self.violations.push((broken, what.into()));
    }

    #[cfg(feature = "mutants")]
    pub(super) fn kinds(&self) -> std::collections::BTreeSet<Violation> {
        self.violations.iter().map(|(kind, _)| *kind).collect()
    }

    /// Several, each with so many kills at least, and all of them together.
    pub(super) fn assert_all_clean(name: &'static str, tallies: &[Self], kills: u32) {
        Self::all_of(name, tallies, kills * tallies.len() as u32);
    }

    /// Several, with so many kills in all of them together.
    pub(super) fn all_of(name: &'static str, tallies: &[Self], kills: u32) {
        let mut all = Self::new(name);
        for tally in tallies {
            all.runs += tally.runs;
            all.kills += tally.kills;
            all.checked += tally.checked;
            let broken = tally.violations.iter();
            let broken = broken.map(|(kind, what)| (*kind, format!("{}: {what}", tally.name)));
            all.violations.extend(broken);
        }
        all.assert_clean(kills);
    }

    /// Prints the numbers.
    #[expect(
        clippy::print_stdout,
        reason = "the numbers of the matrix are its result"
    )]
    pub(super) fn print(&self) {
        println!(
            "matrix: {}: {} runs, {} kills, {} judged, {} violations",
            self.name,
            self.runs,
            self.kills,
            self.checked,
            self.violations.len()
        );
    }

    /// Every promise was kept, and at least so many were killed.
    pub(super) fn assert_clean(&self, kills: u32) {
        self.print();
        assert_eq!(self.violations, [], "{}", self.name);
        assert!(
            self.kills >= kills,
            "{}: {} kills of {kills}",
            self.name,
            self.kills
        );
    }
}

pub(super) fn is_write(entry: &Value) -> bool {
    entry["method"] == "POST" && entry["path"] == "/v1/leaks/status"
}

/// Whether a page of leaks was given out. A web page in its place shows nothing.
fn is_list(entry: &Value) -> bool {
    let path = entry["path"].as_str().unwrap_or_default();
    let came = entry["status"] == 200 && entry["portal"] != true;
    entry["method"] == "GET" && path.starts_with("/v1/leaks") && came
}

/// Whether one leak was asked for, and its status, or that it is not there, was the answer.
fn is_single(entry: &Value) -> bool {
    let told = matches!(entry["status"].as_u64(), Some(200 | 403 | 404));
    entry["path"] == "/v1/leaks/info" && told && entry["portal"] != true
}

fn ids(entry: &Value) -> Vec<&str> {
    let ids = entry["ids"].as_array().into_iter().flatten();
    ids.filter_map(Value::as_str).collect()
}

/// The ids that were refused in a request of their own.
fn refused_alone(requests: &[Value]) -> HashSet<&str> {
    let is_refusal = |entry: &&Value| {
        let refused = matches!(entry["status"].as_u64(), Some(400 | 403 | 404));
        is_write(entry) && refused && ids(entry).len() == 1
    };
    requests.iter().filter(is_refusal).flat_map(ids).collect()
}

/// The ids that were sent twice without a read in between. What was refused or put off with an answer was not applied.
pub(super) fn duplicates(requests: &[Value]) -> Vec<String> {
    let mut unread: HashSet<&str> = HashSet::new();
    // Whose a single read was is not in the log: as many as there are unread must have been made.
    let mut singles = 0;
    let mut doubles = Vec::new();
    for entry in requests {
        if is_write(entry) {
            let not_applied = matches!(entry["status"].as_u64(), Some(400 | 401 | 403 | 404 | 429));
            if singles >= unread.len() {
                (singles, unread) = (0, HashSet::new());
            }
            for id in ids(entry) {
                if unread.contains(id) {
                    doubles.push(id.to_owned());
                }
                if !not_applied {
                    unread.insert(id);
                }
            }
        } else if is_list(entry) {
            (singles, unread) = (0, HashSet::new());
        } else if is_single(entry) {
            singles += 1;
        }
    }
    doubles
}

impl MatrixFixture {
    pub(super) async fn records(&self) -> Vec<JobRecord> {
        #[cfg_attr(
            not(feature = "postgres"),
            expect(unused_mut, reason = "a team sets more")
        )]
        let mut options = JournalOptions::new(self.state(), OpenMode::Read, Operator::default());
        #[cfg(feature = "postgres")]
        {
            options.team = self.store.as_ref().map(team::Store::options);
        }
        let journal = Journal::open(options).await.unwrap();
        let mut records = Vec::new();
        for job in journal.jobs().await.unwrap() {
            records.push(journal.job(job.id).await.unwrap());
        }
        journal.close().await;
        records
    }

    /// Whether every job has come to its end; where none was recorded, nothing is to do.
    pub(super) async fn has_ended(&self) -> bool {
        let records = self.records().await;
        records.iter().all(|record| record.job.state.is_final())
    }

    /// How many chunks were announced on disk.
    pub(super) fn chunks(&self) -> usize {
        #[cfg(feature = "postgres")]
        if let Some(store) = &self.store {
            return store.chunks();
        }
        let path = self.state().join("journal.db");
        let Ok(database) = rusqlite::Connection::open(path) else {
            return 0;
        };
        let query = "SELECT count(*) FROM chunk";
        let count = database.query_row(query, [], |row| row.get::<_, i64>(0));
        count.map_or(0, |count| usize::try_from(count).unwrap())
    }

    /// Holds what happened against what was promised.
    pub(super) async fn check_invariants(&mut self) {
        self.wait_until_applied().await;
        let records = self.records().await;
        let requests = self.requests().await;
        let truth = self.statuses().await;
        let writes: Vec<_> = requests.iter().filter(|entry| is_write(entry)).collect();
        let sent: HashSet<&str> = writes.iter().flat_map(|entry| ids(entry)).collect();
        let refused: HashSet<String> = self.refused().map(|(id, _)| id.to_owned()).collect();
        let turned_down = refused_alone(&requests);
        #[cfg(feature = "postgres")]
        let damage = self
            .store
            .as_ref()
            .map_or_else(Vec::new, team::Store::damage);
        let tally = &mut self.report;
        tally.record_check();
        #[cfg(feature = "postgres")]
        for what in damage {
            tally.add(Violation::Damaged, what);
        }
        for id in duplicates(&requests) {
            tally.add(Violation::Double, id);
        }
        let leaks = self.ids.len();
        let mut outcomes: BTreeMap<&str, Vec<ChangeOutcome>> = BTreeMap::new();
        for JobRecord { job, changes } in &records {
            if !job.state.is_final() {
                tally.add(
                    Violation::Unsettled,
                    format!("job {} is {}", job.id, job.state),
                );
            }
            if changes.len() != leaks || job.counts.sum() != leaks as u64 {
                let what = format!("job {}: {} of {leaks}", job.id, changes.len());
                tally.add(Violation::HalfPlanned, what);
            }
            for change in changes {
                if job.state.is_final() && !change.state().is_final() {
                    tally.add(
                        Violation::Unsettled,
                        format!("{} is {}", change.key, change.state()),
                    );
                }
                let id = change.key.id.as_str().unwrap();
                outcomes
                    .entry(id)
                    .or_default()
                    .push(change.state().outcome());
            }
        }
        for id in &self.ids {
            let id = id.as_str();
            let is_fixed = truth[id] == "fixed";
            let of = outcomes.get(id).map_or(&[][..], Vec::as_slice);
            let verified = of.contains(&ChangeOutcome::Verified);
            if verified && !is_fixed {
                tally.add(Violation::False, id);
            }
            // That it cannot be told is said, and is no lie.
            let told = verified || of.contains(&ChangeOutcome::Unverifiable);
            if is_fixed && sent.contains(id) && !told {
                tally.add(Violation::Lost, format!("{id} is {of:?}"));
            }
            // Failed is right where it was refused, or where the provider turned it down each time and the truth is
            // that it is not fixed. That it is fixed was told as lost above.
            let may_fail = refused.contains(id) || turned_down.contains(id) || self.mode.exhausts;
            if of.contains(&ChangeOutcome::Failed) && !may_fail {
                tally.add(Violation::Blamed, format!("{id} is {of:?}"));
            }
            if self.mode.ends_verified && !records.is_empty() && !verified && !refused.contains(id)
            {
                tally.add(Violation::Missed, format!("{id} is {of:?}"));
            }
        }
        if writes.len() > self.chunks() {
            let what = format!("{} requests, {} intents", writes.len(), self.chunks());
            self.report.add(Violation::Unrecorded, what);
        }
    }
}

#[test]
fn what_is_sent_twice_is_seen() {
    let write = |status: u16| serde_json::json!({"method": "POST", "path": "/v1/leaks/status", "status": status, "ids": ["a"]});
    let read =
        serde_json::json!({"method": "GET", "path": "/v1/leaks", "status": 200, "query": {}});
    assert_eq!(duplicates(&[write(200), write(200)]), ["a"]);
    assert_eq!(duplicates(&[write(500), read.clone(), write(200)]), [""; 0]);
    assert_eq!(duplicates(&[write(429), write(200)]), [""; 0]);
    // A web page in place of a reading shows nothing.
    let page = |mut entry: Value| {
        entry["portal"] = true.into();
        entry
    };
    let (sent, seen) = (page(write(200)), page(read.clone()));
    assert_eq!(duplicates(&[sent.clone(), seen, write(200)]), ["a"]);
    assert_eq!(duplicates(&[sent, read.clone(), write(200)]), [""; 0]);
    let single = |status: u16| serde_json::json!({"method": "POST", "path": "/v1/leaks/info", "status": status});
    assert_eq!(duplicates(&[write(500), single(500), write(200)]), ["a"]);
    assert_eq!(duplicates(&[write(500), single(404), write(200)]), [""; 0]);
    assert_eq!(
        duplicates(&[write(500), page(single(200)), write(200)]),
        ["a"]
    );
    assert_eq!(
        duplicates(&[write(500), write(429), read, write(200)]),
        ["a"]
    );
}
