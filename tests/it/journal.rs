//! The journal: what every store must do ([`JournalFixture::all_stores`]), and what is on disk in the embedded one, in which order, and
//! what becomes of a file that is not as it was left ([`JournalFixture::new`]).

mod audit;
mod claims;
mod conformance;
mod faults;
mod files;
mod history;
mod local;
mod notes;
#[cfg(feature = "postgres")]
mod team;
#[cfg(feature = "postgres")]
mod team_figures;

use jiff::Timestamp;
use rusqlite::Connection;
use stanch::{
    entity::{
        capability::Reach,
        error::JournalError,
        job::{
            Change, ChangeOutcome, ChangeState, ChangeUpdate, JobCommand, JobRecord, JobState,
            NewJob, PauseReason, Plan, PlannedChange, ProfileShare, SkipCode, Skipped,
            StorageTarget, StoredState, plan_hash,
        },
        key::{EntityKey, JobId, ProfileName, ProviderId, RemoteId},
        profile::ProfileBinding,
        status::Status,
        transition::{self, ChangeEvent, Observation},
    },
    journal::{
        Access, AuditFault, AuditHead, AuditOrigin, AuditRecord, AuditTarget, AuditVerdict,
        ChunkAnswer, FileSystem, Journal, JournalOptions, OpenMode, Operator, STORES, StoreKind,
        verify_audit,
    },
};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A state directory of its own, and the kind of store in it.
struct JournalFixture {
    root: TempDir,
    store: &'static StoreKind,
    /// The database of a team store.
    #[cfg(feature = "postgres")]
    database: Option<crate::support::postgres::Database>,
}

impl JournalFixture {
    /// One with the embedded store, for what is true of its files alone.
    fn new() -> Self {
        Self::with_store(&STORES[0])
    }

    fn with_store(store: &'static StoreKind) -> Self {
        Self {
            root: TempDir::new().unwrap(),
            store,
            #[cfg(feature = "postgres")]
            database: None,
        }
    }

    /// One with each kind of store that can be had here: what every store must do is tested on all of them.
    fn all_stores() -> impl Iterator<Item = Self> {
        STORES.iter().filter_map(|store| {
            if store.name == "embedded" {
                return Some(Self::with_store(store));
            }
            Self::team()
        })
    }

    /// One with the team store, where the server's programs are installed.
    #[cfg(feature = "postgres")]
    fn team() -> Option<Self> {
        let cluster = crate::support::postgres::cluster()?;
        let store = STORES.iter().find(|store| store.name == "team")?;
        Some(Self {
            database: Some(cluster.database()),
            ..Self::with_store(store)
        })
    }

    #[cfg(not(feature = "postgres"))]
    fn team() -> Option<Self> {
        None
    }

    /// The embedded store alone: one writer, its clock, its files. What a team store does in its place is in
    /// `journal/team.rs`.
    fn alone() -> impl Iterator<Item = Self> {
        std::iter::once(Self::new())
    }

    fn is_team(&self) -> bool {
        self.store.name == "team"
    }

    /// The time of a row: that of the clock under test, or of the server.
    fn assert_now(&self, at: Option<Timestamp>) {
        if self.is_team() {
            assert!(at.is_some_and(|at| at > noon()));
        } else {
            assert_eq!(at, Some(noon()));
        }
    }

    async fn open(&self, options: JournalOptions) -> Result<Journal, JournalError> {
        Journal::open_in(self.store, options).await
    }

    fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.state().join(name)
    }

    fn options(&self, mode: OpenMode) -> JournalOptions {
        let who = Operator {
            user: "ana".into(),
            host: "jump1".into(),
            tty: "pts/3".into(),
            pid: "4242".into(),
        };
        JournalOptions {
            now: noon,
            #[cfg(feature = "postgres")]
            team: self
                .database
                .as_ref()
                .map(|database| database.options("ana")),
            ..JournalOptions::new(self.state(), mode, who)
        }
    }

    async fn writer(&self) -> Journal {
        let journal = self.open(self.options(OpenMode::Write)).await.unwrap();
        assert_eq!(journal.access(), Access::Writer);
        journal
    }

    async fn reader(&self) -> Journal {
        self.open(self.options(OpenMode::Read)).await.unwrap()
    }

    /// Opens what may be damaged, and says why it is read only.
    async fn open_error(&self) -> String {
        match self
            .open(self.options(OpenMode::Write))
            .await
            .map(|journal| journal.access())
        {
            Ok(Access::ReadOnly { why }) => why,
            other => panic!("not read only: {other:?}"),
        }
    }

    fn sql(&self) -> Connection {
        Connection::open(self.file("journal.db")).unwrap()
    }
}

fn profile() -> ProfileName {
    ProfileName::new("acme-pd").unwrap()
}

fn key(number: usize) -> EntityKey {
    EntityKey::for_leak(profile(), RemoteId::from(&*format!("{number:032x}")))
}

fn plan(eligible: impl IntoIterator<Item = usize>, skipped: &[(EntityKey, SkipCode)]) -> NewJob {
    let binding = ProfileBinding {
        name: profile(),
        provider: ProviderId::new("projectdiscovery"),
        origin: "http://127.0.0.1:1".into(),
        team: "blue".into(),
    };
    let eligible: Vec<_> = eligible
        .into_iter()
        .map(|number| PlannedChange {
            key: key(number),
            before: Status::Open,
            wanted: Status::Fixed,
            storage_target: StorageTarget::Remote,
            remote_status: Some(Status::Open),
        })
        .collect();
    let skipped: Vec<_> = skipped
        .iter()
        .map(|(key, code)| Skipped {
            key: key.clone(),
            before: (*code != SkipCode::NotFound).then_some(Status::Fixed),
            code: *code,
            reason: code.reason().to_owned(),
        })
        .collect();
    let hash = plan_hash(
        [&binding],
        Status::Fixed,
        eligible
            .iter()
            .map(|change| (change.key.to_string(), Some(change.before))),
    );
    let plan = Plan {
        hash,
        command: JobCommand::Fix,
        wanted: Status::Fixed,
        shares: vec![ProfileShare {
            binding,
            remote: eligible.len(),
            local: 0,
            bulk_size: 100,
            reach: Reach::Row,
        }],
        eligible,
        skipped,
        requests: 1,
        reads: 1,
        eta_seconds: Some(2),
        inexact_mappings: Vec::new(),
        hidden: 0,
        built_at: "2026-03-01T11:59:00Z".parse().unwrap(),
        source_job: None,
    };
    NewJob {
        plan,
        reason: Some("phished".into()),
        note: None,
        ticket: Some("INC-7".into()),
        confirmed_at: "2026-03-01T11:59:30.25Z".parse().unwrap(),
        plan_ms: 12,
    }
}

/// A step of a change that was sent once, from one state to another.
fn update_between(index: u32, from: ChangeState, to: ChangeState) -> ChangeUpdate {
    with_reason(index, (from, to), None, None)
}

fn with_reason(
    index: u32,
    (from, to): (ChangeState, ChangeState),
    code: Option<u16>,
    reason: Option<&str>,
) -> ChangeUpdate {
    let planned = Change::from_plan(
        index,
        key(0),
        None,
        Status::Fixed,
        StorageTarget::Remote,
        None,
    );
    let stored = StoredState {
        state: from,
        attempts: 1,
        code,
        reason: reason.map(str::to_owned),
    };
    update_to(&Change::from_stored(planned, stored), to)
}

/// A step of a change to any state.
fn update_to(change: &Change, to: ChangeState) -> ChangeUpdate {
    let nothing = Observation::Unreadable(String::new());
    let step = transition::step(change, &ChangeEvent::ReadBefore(nothing));
    ChangeUpdate {
        index: change.index,
        step: match to {
            ChangeState::Pending => step.with_attempts_forgotten(),
            to => step.with_injected_state(to),
        },
    }
}

fn states(record: &JobRecord) -> Vec<ChangeState> {
    record.changes.iter().map(Change::state).collect()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[expect(clippy::too_many_lines, reason = "one job, from its plan to its end")]
#[tokio::test]
async fn a_job_is_on_disk_at_every_step_and_its_numbers_always_sum_to_the_plan() {
    for room in JournalFixture::all_stores() {
        let (journal, look) = (room.writer().await, room.reader().await);
        let skipped = [
            (key(7), SkipCode::Already),
            (key(8), SkipCode::NotFound),
            (key(9), SkipCode::Drifted),
        ];
        let new = plan(0..4, &skipped);
        let id = journal.record_job(new.clone(), None).await.unwrap();

        let seen = look.job(id).await.unwrap();
        assert_eq!(seen.job.state, JobState::Planned);
        assert_eq!(seen.job.plan_hash, new.plan.hash);
        assert_eq!(seen.job.profiles, [new.plan.shares[0].binding.clone()]);
        if !room.is_team() {
            assert_eq!(seen.job.created_at, new.confirmed_at);
        }
        assert_eq!(seen.job.reason.as_deref(), Some("phished"));
        assert_eq!(seen.job.ticket.as_deref(), Some("INC-7"));
        assert_eq!(seen.job.timing.plan_ms, 12);
        assert_eq!(
            (
                seen.job.counts.pending,
                seen.job.counts.skipped,
                seen.job.counts.drifted
            ),
            (4, 2, 1)
        );
        assert_eq!(seen.changes[4].reason(), Some("already"));
        assert_eq!(seen.changes[5].before, None);
        assert_eq!(seen.changes[6].state().outcome(), ChangeOutcome::Drifted);

        let chunk = journal.record_intent(id, vec![0, 1, 2]).await.unwrap();
        assert_eq!(chunk, 1);
        let seen = look.job(id).await.unwrap();
        assert_eq!(seen.job.state, JobState::Running);
        room.assert_now(seen.job.started_at);
        assert_eq!(states(&seen)[..3], [ChangeState::Inflight; 3]);
        assert_eq!(seen.changes[0].attempts(), 1);

        let answer = vec![
            update_between(0, ChangeState::Inflight, ChangeState::Accepted),
            update_between(1, ChangeState::Inflight, ChangeState::Pending),
            with_reason(
                2,
                (ChangeState::Inflight, ChangeState::Refused),
                Some(404),
                Some("not found"),
            ),
        ];
        journal
            .record_answer(
                id,
                ChunkAnswer {
                    chunk,
                    class: "accepted",
                    status: Some(200),
                    updates: answer,
                },
                None,
            )
            .await
            .unwrap();
        let seen = look.job(id).await.unwrap();
        assert_eq!(
            seen.changes[1].attempts(),
            0,
            "what was not applied was no try"
        );
        assert_eq!(seen.changes[2].code(), Some(404));
        assert_eq!(seen.job.timing.writes, 1);
        assert_eq!(seen.job.counts.sum(), 7);

        journal
            .record_read_backs(
                id,
                vec![update_between(
                    0,
                    ChangeState::Accepted,
                    ChangeState::Verified,
                )],
                2,
                None,
            )
            .await
            .unwrap();
        let until = Some("2026-03-01T12:01:00Z".parse().unwrap());
        journal
            .record_state(id, JobState::Paused, Some((PauseReason::Rate, until)), None)
            .await
            .unwrap();
        let seen = look.job(id).await.unwrap();
        assert_eq!(seen.job.pause, Some((PauseReason::Rate, until)));
        assert_eq!(seen.job.ended_at, None);
        assert_eq!(seen.job.timing.reads, 2);

        let chunk = journal.record_intent(id, vec![1, 3]).await.unwrap();
        assert_eq!(chunk, 2);
        journal
            .record_state(id, JobState::DoneWithExceptions, None, None)
            .await
            .unwrap();
        let seen = look.job(id).await.unwrap();
        room.assert_now(seen.job.ended_at);
        assert_eq!(
            states(&seen),
            [
                ChangeState::Verified,
                ChangeState::Unverifiable,
                ChangeState::Refused,
                ChangeState::Unverifiable,
                ChangeState::Skipped,
                ChangeState::Skipped,
                ChangeState::Drifted
            ]
        );
        assert_eq!(seen.job.counts.sum(), 7);
        let listed = journal.jobs().await.unwrap();
        assert!(listed[0].timing.journal_ms > 0, "six commits take time");
        assert_eq!(listed[0].counts, seen.job.counts);
    }
}

#[tokio::test]
async fn what_is_never_sent_is_cancelled_when_the_job_is_discarded() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..2, &[]), None).await.unwrap();
        journal
            .record_state(id, JobState::Discarded, None, None)
            .await
            .unwrap();
        let record = journal.job(id).await.unwrap();
        assert_eq!(record.job.counts.cancelled, 2);
    }
}

#[tokio::test]
async fn of_a_large_plan_everything_is_recorded_or_nothing() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    let id = journal.record_job(plan([4_999], &[]), None).await.unwrap();
    // One leak of thousands is in another job: in the middle of what one statement puts in, after many that went well.
    let large = || {
        let gone = (9_000..9_030).map(|number| (key(number), SkipCode::Gone));
        plan(0..6_007, &gone.collect::<Vec<_>>())
    };
    let refused = journal.record_job(large(), None).await;
    assert_eq!(refused, Err(JournalError::StalePlan));
    assert_eq!(journal.active_leaks().await.unwrap(), [(key(4_999), id)]);
    assert_eq!(journal.jobs().await.unwrap().len(), 1);
    let ended = journal
        .record_state(id, JobState::Cancelled, None, None)
        .await;
    ended.unwrap();
    let id = journal.record_job(large(), None).await.unwrap();
    assert_eq!(journal.active_leaks().await.unwrap().len(), 6_007);
    let record = journal.job(id).await.unwrap();
    assert_eq!(record.changes.len(), 6_037);
    for (index, change) in record.changes.iter().enumerate() {
        let (number, state) = if index < 6_007 {
            (index, ChangeState::Pending)
        } else {
            (index - 6_007 + 9_000, ChangeState::Skipped)
        };
        assert_eq!((&change.key, change.state()), (&key(number), state));
        assert_eq!(change.index as usize, index);
    }
    // Every row points to what is there.
    journal.close().await;
    let sql = room.sql();
    let dangling = sql.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
        row.get::<_, i64>(0)
    });
    assert_eq!(dangling.unwrap(), 0);
}

#[tokio::test]
async fn a_plan_is_used_once_and_a_leak_is_in_one_live_job() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let first = plan(0..3, &[(key(9), SkipCode::Already)]);
        let id = journal.record_job(first.clone(), None).await.unwrap();
        assert_eq!(
            journal.record_job(first, None).await,
            Err(JournalError::StalePlan)
        );
        assert_eq!(
            journal.record_job(plan(2..5, &[]), None).await,
            Err(JournalError::StalePlan)
        );
        let jobs = journal.jobs().await.unwrap();
        assert_eq!(jobs.len(), 1, "a plan that was refused left nothing behind");
        let live = journal.active_leaks().await.unwrap();
        assert_eq!(live, [(key(0), id), (key(1), id), (key(2), id)]);

        journal
            .record_state(id, JobState::Cancelled, None, None)
            .await
            .unwrap();
        assert_eq!(journal.active_leaks().await.unwrap(), []);
        let second = journal.record_job(plan(2..5, &[]), None).await.unwrap();
        let order: Vec<_> = journal
            .jobs()
            .await
            .unwrap()
            .iter()
            .map(|job| job.id)
            .collect();
        assert_eq!(order, [second, id]);
    }
}

#[tokio::test]
async fn an_intent_or_an_answer_out_of_order_is_refused_whole() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..3, &[]), None).await.unwrap();
        let refused = |answer: Result<u32, JournalError>| {
            assert!(matches!(answer, Err(JournalError::Io { .. })), "{answer:?}");
        };
        refused(journal.record_intent(id, vec![0, 0]).await);
        refused(journal.record_intent(id, vec![]).await);
        refused(journal.record_intent(id, vec![0, 99]).await);
        assert_eq!(
            journal.job(id).await.unwrap().job.state,
            JobState::Planned,
            "a refused intent changes nothing"
        );
        let chunk = journal.record_intent(id, vec![0, 1]).await.unwrap();
        refused(journal.record_intent(id, vec![1, 2]).await);
        assert_eq!(
            journal.job(id).await.unwrap().changes[2].state(),
            ChangeState::Pending
        );
        let lost = journal
            .record_answer(
                id,
                ChunkAnswer {
                    chunk: 7,
                    class: "accepted",
                    status: None,
                    updates: vec![],
                },
                None,
            )
            .await;
        assert!(matches!(lost, Err(JournalError::Io { .. })));
        journal
            .record_answer(
                id,
                ChunkAnswer {
                    chunk,
                    class: "accepted",
                    status: Some(200),
                    updates: vec![update_between(
                        0,
                        ChangeState::Inflight,
                        ChangeState::Verified,
                    )],
                },
                None,
            )
            .await
            .unwrap();
        let back = vec![update_between(
            0,
            ChangeState::Verified,
            ChangeState::Pending,
        )];
        let back = journal.record_read_backs(id, back, 1, None).await;
        assert!(
            matches!(back, Err(JournalError::Io { .. })),
            "final is final"
        );
        assert_eq!(
            journal.record_intent(JobId(99), vec![0]).await,
            Err(JournalError::NoJob(99))
        );
    }
}

#[tokio::test]
async fn a_journal_that_was_closed_or_killed_opens_as_it_was_left() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..3, &[]), None).await.unwrap();
        journal.record_intent(id, vec![0, 1]).await.unwrap();
        let mut before = journal.job(id).await.unwrap();
        let clone = journal.clone();
        journal.close().await;
        assert!(matches!(clone.jobs().await, Err(JournalError::Io { .. })));

        let again = room.writer().await;
        let mut after = again.job(id).await.unwrap();
        // The last commit cannot hold how long it took itself.
        after.job.timing.journal_ms = before.job.timing.journal_ms;
        // In a team whose console has it shows that this one is another.
        let holder = |record: &mut JobRecord| {
            let holding = record.job.holding.take()?;
            Some((holding.by.role, holding.token, holding.mine))
        };
        assert_eq!(holder(&mut after), holder(&mut before));
        assert_eq!(after, before);
        again.record_intent(id, vec![2]).await.unwrap();
    }
}

#[tokio::test]
async fn ten_thousand_changes_are_recorded_at_once_and_read_back_equal() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    let new = plan(0..10_000, &[]);
    let id = journal.record_job(new.clone(), None).await.unwrap();
    let record = journal.job(id).await.unwrap();
    assert_eq!(record.changes.len(), 10_000);
    for (change, planned) in record.changes.iter().zip(&new.plan.eligible) {
        assert_eq!(change.key, planned.key);
        assert_eq!(
            (change.before, change.wanted, change.state()),
            (Some(planned.before), planned.wanted, ChangeState::Pending)
        );
    }
    assert_eq!(journal.active_leaks().await.unwrap().len(), 10_000);
    let size = fs::metadata(room.file("journal.db")).unwrap().len();
    assert!(size < 2_500_000, "{size} bytes for 10,000 changes");
    for first in (0..10_000).step_by(100) {
        let indexes: Vec<u32> = (first..first + 100).collect();
        let all = |from, to| {
            indexes
                .iter()
                .map(|index| update_between(*index, from, to))
                .collect()
        };
        let chunk = journal.record_intent(id, indexes.clone()).await.unwrap();
        journal
            .record_answer(
                id,
                ChunkAnswer {
                    chunk,
                    class: "accepted",
                    status: Some(200),
                    updates: all(ChangeState::Inflight, ChangeState::Accepted),
                },
                None,
            )
            .await
            .unwrap();
        journal
            .record_read_backs(
                id,
                all(ChangeState::Accepted, ChangeState::Verified),
                1,
                None,
            )
            .await
            .unwrap();
    }
    journal
        .record_state(id, JobState::Done, None, None)
        .await
        .unwrap();
    let job = journal.job(id).await.unwrap().job;
    assert_eq!(job.counts.verified, 10_000);
    assert_eq!((job.timing.writes, job.timing.reads), (100, 100));
    // How long that takes is for the bench of the journal to say.
    assert!(job.timing.journal_ms > 0);
}

#[tokio::test]
async fn a_second_console_watches_and_is_told_who_writes() {
    for room in JournalFixture::alone() {
        let first = room.writer().await;
        let mut options = room.options(OpenMode::Write);
        options.operator.user = "bo".into();
        let second = room.open(options).await.unwrap();
        let Access::Follower { holder } = second.access() else {
            panic!("not a watcher: {:?}", second.access());
        };
        assert_eq!(
            holder,
            "ana@jump1, process 4242, since 2026-03-01T12:00:00Z"
        );
        let id = first.record_job(plan(0..1, &[]), None).await.unwrap();
        assert_eq!(
            second.jobs().await.unwrap().len(),
            1,
            "it sees what happens"
        );
        let locked = JournalError::Locked { holder };
        let intent = second.record_intent(id, vec![0]).await;
        assert_eq!(intent, Err(locked.clone()));
        let recorded = second.record_job(plan(5..6, &[]), None).await;
        assert_eq!(recorded, Err(locked.clone()));
        let record = AuditRecord::new(AuditOrigin::Console, "reveal", "done");
        assert_eq!(second.audit(record).await, Err(locked));
        second.close().await;
        first.close().await;
        assert_eq!(room.writer().await.access(), Access::Writer);
    }
}

#[tokio::test]
async fn looking_takes_no_lock_and_makes_no_file() {
    let room = JournalFixture::new();
    let look = room.reader().await;
    assert_eq!(look.jobs().await.unwrap(), []);
    assert_eq!(look.active_leaks().await.unwrap(), []);
    assert_eq!(look.job(JobId(1)).await, Err(JournalError::NoJob(1)));
    assert_eq!(look.audit_head().await.unwrap(), AuditHead::default());
    assert!(!room.state().exists());
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[]), None).await.unwrap();
    assert_eq!(
        look.jobs().await.unwrap().len(),
        1,
        "made later, found later"
    );
    let refused = look.record_job(plan(3..4, &[]), None).await;
    assert!(matches!(refused, Err(JournalError::ReadOnly { .. })));
}
