//! The journal: what is on disk, in which order, and what becomes of a file that is not as it was left.

use jiff::Timestamp;
use rusqlite::Connection;
use stanch::{
    entity::{
        error::JournalError,
        job::{
            ChangeState, ChangeUpdate, JobCommand, JobRecord, JobState, NewJob, Outcome,
            PauseReason, Plan, PlanShare, PlannedChange, SkipCode, Skipped, plan_hash,
        },
        key::{EntityKey, JobId, ProfileName, ProviderId, RemoteId},
        profile::ProfileBinding,
        status::Status,
    },
    journal::{
        Access, AuditFault, AuditHead, AuditOrigin, AuditRecord, AuditTarget, AuditVerdict,
        FileSystem, Journal, OpenMode, Options, Who, verify_audit,
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

struct Room {
    root: TempDir,
}

impl Room {
    fn new() -> Self {
        Self {
            root: TempDir::new().unwrap(),
        }
    }

    fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.state().join(name)
    }

    fn options(&self, mode: OpenMode) -> Options {
        let who = Who {
            user: "ana".into(),
            host: "jump1".into(),
            tty: "pts/3".into(),
            pid: "4242".into(),
        };
        Options {
            now: noon,
            ..Options::new(self.state(), mode, who)
        }
    }

    async fn writer(&self) -> Journal {
        let journal = Journal::open(self.options(OpenMode::Write)).await.unwrap();
        assert_eq!(journal.access(), Access::Writer);
        journal
    }

    async fn reader(&self) -> Journal {
        Journal::open(self.options(OpenMode::Read)).await.unwrap()
    }

    /// Opens what may be damaged, and says why it is read only.
    async fn refused(&self) -> String {
        match Journal::open(self.options(OpenMode::Write))
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
    EntityKey::leak(profile(), RemoteId::from(&*format!("{number:032x}")))
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
            local: false,
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
        shares: vec![PlanShare {
            binding,
            remote: eligible.len(),
            local: 0,
            bulk_size: 100,
        }],
        eligible,
        skipped,
        requests: 1,
        reads: 1,
        eta_seconds: Some(2),
        hidden: 0,
        made_at: "2026-03-01T11:59:00Z".parse().unwrap(),
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

fn became(index: u32, state: ChangeState) -> ChangeUpdate {
    ChangeUpdate {
        index,
        state,
        code: None,
        reason: None,
    }
}

fn states(record: &JobRecord) -> Vec<ChangeState> {
    record.changes.iter().map(|change| change.state).collect()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[tokio::test]
async fn a_job_is_on_disk_at_every_step_and_its_numbers_always_sum_to_the_plan() {
    let room = Room::new();
    let (journal, look) = (room.writer().await, room.reader().await);
    let skipped = [
        (key(7), SkipCode::Already),
        (key(8), SkipCode::NotFound),
        (key(9), SkipCode::Drifted),
    ];
    let new = plan(0..4, &skipped);
    let id = journal.record_job(new.clone()).await.unwrap();

    let seen = look.job(id).await.unwrap();
    assert_eq!(seen.job.state, JobState::Planned);
    assert_eq!(seen.job.plan_hash, new.plan.hash);
    assert_eq!(seen.job.profiles, [new.plan.shares[0].binding.clone()]);
    assert_eq!(seen.job.created_at, new.confirmed_at);
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
    assert_eq!(seen.changes[4].reason.as_deref(), Some("already"));
    assert_eq!(seen.changes[5].before, None);
    assert_eq!(seen.changes[6].state.outcome(), Outcome::Drifted);

    let chunk = journal.record_intent(id, vec![0, 1, 2]).await.unwrap();
    assert_eq!(chunk, 1);
    let seen = look.job(id).await.unwrap();
    assert_eq!(seen.job.state, JobState::Running);
    assert_eq!(seen.job.started_at, Some(noon()));
    assert_eq!(states(&seen)[..3], [ChangeState::Inflight; 3]);
    assert_eq!(seen.changes[0].attempts, 1);

    let answer = vec![
        became(0, ChangeState::Accepted),
        became(1, ChangeState::Pending),
        ChangeUpdate {
            index: 2,
            state: ChangeState::Refused,
            code: Some(404),
            reason: Some("not found".into()),
        },
    ];
    journal
        .record_answer(id, chunk, "accepted", Some(200), answer)
        .await
        .unwrap();
    let seen = look.job(id).await.unwrap();
    assert_eq!(
        seen.changes[1].attempts, 0,
        "what was not applied was no try"
    );
    assert_eq!(seen.changes[2].code, Some(404));
    assert_eq!(seen.job.timing.writes, 1);
    assert_eq!(seen.job.counts.sum(), 7);

    journal
        .record_readings(id, vec![became(0, ChangeState::Verified)], 2)
        .await
        .unwrap();
    let until = Some("2026-03-01T12:01:00Z".parse().unwrap());
    journal
        .record_state(id, JobState::Paused, Some((PauseReason::Rate, until)))
        .await
        .unwrap();
    let seen = look.job(id).await.unwrap();
    assert_eq!(seen.job.paused, Some((PauseReason::Rate, until)));
    assert_eq!(seen.job.ended_at, None);
    assert_eq!(seen.job.timing.reads, 2);

    let chunk = journal.record_intent(id, vec![1, 3]).await.unwrap();
    assert_eq!(chunk, 2);
    journal
        .record_state(id, JobState::DoneWithExceptions, None)
        .await
        .unwrap();
    let seen = look.job(id).await.unwrap();
    assert_eq!(seen.job.ended_at, Some(noon()));
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

#[tokio::test]
async fn what_is_never_sent_is_cancelled_when_the_job_is_discarded() {
    let room = Room::new();
    let journal = room.writer().await;
    let id = journal.record_job(plan(0..2, &[])).await.unwrap();
    journal
        .record_state(id, JobState::Discarded, None)
        .await
        .unwrap();
    let record = journal.job(id).await.unwrap();
    assert_eq!(record.job.counts.cancelled, 2);
}

#[tokio::test]
async fn a_plan_is_used_once_and_a_leak_is_in_one_live_job() {
    let room = Room::new();
    let journal = room.writer().await;
    let first = plan(0..3, &[(key(9), SkipCode::Already)]);
    let id = journal.record_job(first.clone()).await.unwrap();
    assert_eq!(
        journal.record_job(first).await,
        Err(JournalError::StalePlan)
    );
    assert_eq!(
        journal.record_job(plan(2..5, &[])).await,
        Err(JournalError::StalePlan)
    );
    let jobs = journal.jobs().await.unwrap();
    assert_eq!(jobs.len(), 1, "a plan that was refused left nothing behind");
    let live = journal.live_keys().await.unwrap();
    assert_eq!(live, [(key(0), id), (key(1), id), (key(2), id)]);

    journal
        .record_state(id, JobState::Cancelled, None)
        .await
        .unwrap();
    assert_eq!(journal.live_keys().await.unwrap(), []);
    let second = journal.record_job(plan(2..5, &[])).await.unwrap();
    let order: Vec<_> = journal
        .jobs()
        .await
        .unwrap()
        .iter()
        .map(|job| job.id)
        .collect();
    assert_eq!(order, [second, id]);
}

#[tokio::test]
async fn an_intent_or_an_answer_out_of_order_is_refused_whole() {
    let room = Room::new();
    let journal = room.writer().await;
    let id = journal.record_job(plan(0..3, &[])).await.unwrap();
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
        journal.job(id).await.unwrap().changes[2].state,
        ChangeState::Pending
    );
    let lost = journal.record_answer(id, 7, "accepted", None, vec![]).await;
    assert!(matches!(lost, Err(JournalError::Io { .. })));
    journal
        .record_answer(
            id,
            chunk,
            "accepted",
            Some(200),
            vec![became(0, ChangeState::Verified)],
        )
        .await
        .unwrap();
    let back = vec![became(0, ChangeState::Pending)];
    let back = journal.record_readings(id, back, 1).await;
    assert!(
        matches!(back, Err(JournalError::Io { .. })),
        "final is final"
    );
    assert_eq!(
        journal.record_intent(JobId(99), vec![0]).await,
        Err(JournalError::NoJob(99))
    );
}

#[tokio::test]
async fn a_journal_that_was_closed_or_killed_opens_as_it_was_left() {
    let room = Room::new();
    let journal = room.writer().await;
    let id = journal.record_job(plan(0..3, &[])).await.unwrap();
    journal.record_intent(id, vec![0, 1]).await.unwrap();
    let before = journal.job(id).await.unwrap();
    let clone = journal.clone();
    journal.close().await;
    assert!(matches!(clone.jobs().await, Err(JournalError::Io { .. })));

    let again = room.writer().await;
    let mut after = again.job(id).await.unwrap();
    // The last commit cannot hold how long it took itself.
    after.job.timing.journal_ms = before.job.timing.journal_ms;
    assert_eq!(after, before);
    again.record_intent(id, vec![2]).await.unwrap();
}

#[tokio::test]
async fn ten_thousand_changes_are_recorded_at_once_and_read_back_equal() {
    let room = Room::new();
    let journal = room.writer().await;
    let new = plan(0..10_000, &[]);
    let start = std::time::Instant::now();
    let id = journal.record_job(new.clone()).await.unwrap();
    let took = start.elapsed();
    assert!(took.as_millis() < 1_000, "{took:?}");
    let record = journal.job(id).await.unwrap();
    assert_eq!(record.changes.len(), 10_000);
    for (change, planned) in record.changes.iter().zip(&new.plan.eligible) {
        assert_eq!(change.key, planned.key);
        assert_eq!(
            (change.before, change.wanted, change.state),
            (Some(planned.before), planned.wanted, ChangeState::Pending)
        );
    }
    assert_eq!(journal.live_keys().await.unwrap().len(), 10_000);
    let size = fs::metadata(room.file("journal.db")).unwrap().len();
    assert!(size < 2_500_000, "{size} bytes for 10,000 changes");
    for first in (0..10_000).step_by(100) {
        let indexes: Vec<u32> = (first..first + 100).collect();
        let all = |state| indexes.iter().map(|index| became(*index, state)).collect();
        let chunk = journal.record_intent(id, indexes.clone()).await.unwrap();
        journal
            .record_answer(id, chunk, "accepted", Some(200), all(ChangeState::Accepted))
            .await
            .unwrap();
        journal
            .record_readings(id, all(ChangeState::Verified), 1)
            .await
            .unwrap();
    }
    journal
        .record_state(id, JobState::Done, None)
        .await
        .unwrap();
    let job = journal.job(id).await.unwrap().job;
    assert_eq!(job.counts.verified, 10_000);
    assert_eq!((job.timing.writes, job.timing.reads), (100, 100));
    let spent = job.timing.journal_ms;
    // Under 4 s on a disk of its own; other tests sync at the same time.
    assert!(spent < 30_000, "{spent} ms of commits for 10,000 changes");
}

#[tokio::test]
async fn a_second_console_watches_and_is_told_who_writes() {
    let room = Room::new();
    let first = room.writer().await;
    let mut options = room.options(OpenMode::Write);
    options.who.user = "bo".into();
    let second = Journal::open(options).await.unwrap();
    let Access::Watcher { holder } = second.access() else {
        panic!("not a watcher: {:?}", second.access());
    };
    assert_eq!(
        holder,
        "ana@jump1, process 4242, since 2026-03-01T12:00:00Z"
    );
    let id = first.record_job(plan(0..1, &[])).await.unwrap();
    assert_eq!(
        second.jobs().await.unwrap().len(),
        1,
        "it sees what happens"
    );
    let locked = JournalError::Locked { holder };
    let intent = second.record_intent(id, vec![0]).await;
    assert_eq!(intent, Err(locked.clone()));
    let recorded = second.record_job(plan(5..6, &[])).await;
    assert_eq!(recorded, Err(locked.clone()));
    let record = AuditRecord::new(AuditOrigin::Console, "reveal", "done");
    assert_eq!(second.audit(record).await, Err(locked));
    second.close().await;
    first.close().await;
    assert_eq!(room.writer().await.access(), Access::Writer);
}

#[tokio::test]
async fn looking_takes_no_lock_and_makes_no_file() {
    let room = Room::new();
    let look = room.reader().await;
    assert_eq!(look.jobs().await.unwrap(), []);
    assert_eq!(look.live_keys().await.unwrap(), []);
    assert_eq!(look.job(JobId(1)).await, Err(JournalError::NoJob(1)));
    assert_eq!(look.audit_head().await.unwrap(), AuditHead::default());
    assert!(!room.state().exists());
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[])).await.unwrap();
    assert_eq!(
        look.jobs().await.unwrap().len(),
        1,
        "made later, found later"
    );
    let refused = look.record_job(plan(3..4, &[])).await;
    assert!(matches!(refused, Err(JournalError::ReadOnly { .. })));
}

#[tokio::test]
async fn everything_on_disk_is_closed_to_others() {
    let room = Room::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[])).await.unwrap();
    let record = AuditRecord::new(AuditOrigin::Console, "fix", "done");
    journal.audit(record).await.unwrap();
    assert_eq!(mode(&room.state()), 0o700);
    let names: Vec<_> = fs::read_dir(room.state())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for path in names {
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}

#[tokio::test]
async fn what_others_could_have_written_is_refused_with_what_to_do() {
    let why = async |room: &Room| match Journal::open(room.options(OpenMode::Write)).await {
        Err(JournalError::Io { why }) => why,
        Err(other) => panic!("{other:?}"),
        Ok(journal) => panic!("opened: {:?}", journal.access()),
    };
    let room = Room::new();
    room.writer().await.close().await;
    fs::set_permissions(room.state(), Permissions::from_mode(0o755)).unwrap();
    let said = why(&room).await;
    assert!(said.contains("chmod 0700"), "{said}");
    fs::set_permissions(room.state(), Permissions::from_mode(0o700)).unwrap();
    for name in ["journal.db", "journal.lock"] {
        fs::set_permissions(room.file(name), Permissions::from_mode(0o640)).unwrap();
        let said = why(&room).await;
        assert!(said.contains("chmod 0600") && said.contains(name), "{said}");
        fs::set_permissions(room.file(name), Permissions::from_mode(0o600)).unwrap();
    }
    fs::rename(room.file("journal.db"), room.file("elsewhere")).unwrap();
    symlink(room.file("elsewhere"), room.file("journal.db")).unwrap();
    let said = why(&room).await;
    assert!(said.contains("link"), "{said}");

    let linked = Room::new();
    fs::create_dir(linked.root.path().join("real")).unwrap();
    symlink(linked.root.path().join("real"), linked.state()).unwrap();
    let said = why(&linked).await;
    assert!(said.contains("link"), "{said}");
    let relative = Options {
        directory: "state".into(),
        ..room.options(OpenMode::Write)
    };
    assert!(Journal::open(relative).await.is_err());
}

#[tokio::test]
async fn a_network_file_system_is_for_reading_only() {
    let room = Room::new();
    room.writer().await.close().await;
    let options = Options {
        file_system: Some(FileSystem {
            magic: 0x6969,
            name: None,
        }),
        ..room.options(OpenMode::Write)
    };
    let journal = Journal::open(options).await.unwrap();
    let Access::ReadOnly { why } = journal.access() else {
        panic!("{:?}", journal.access());
    };
    assert!(why.contains("nfs"), "{why}");
    assert_eq!(journal.jobs().await.unwrap(), []);
    let refused = journal.record_job(plan(0..1, &[])).await;
    assert_eq!(refused, Err(JournalError::ReadOnly { why }));
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_half_is_recorded() {
    let room = Room::new();
    let options = Options {
        max_pages: Some(40),
        ..room.options(OpenMode::Write)
    };
    let journal = Journal::open(options).await.unwrap();
    let small = journal.record_job(plan(0..10, &[])).await.unwrap();
    assert_eq!(
        journal.record_job(plan(20..5_000, &[])).await,
        Err(JournalError::Full)
    );
    assert_eq!(journal.access(), Access::Writer);
    assert_eq!(journal.jobs().await.unwrap().len(), 1);
    assert_eq!(journal.live_keys().await.unwrap().len(), 10);
    journal.record_intent(small, vec![0]).await.unwrap();
    journal.close().await;
    let roomy = room.writer().await;
    roomy.record_job(plan(20..5_000, &[])).await.unwrap();

    let none = Room::new();
    let options = Options {
        max_pages: Some(3),
        ..none.options(OpenMode::Write)
    };
    let refused = Journal::open(options).await.err();
    assert_eq!(refused, Some(JournalError::Full));
    assert_eq!(none.writer().await.jobs().await.unwrap(), [], "room again");
}

#[tokio::test]
async fn a_newer_schema_is_for_reading_only() {
    let room = Room::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[])).await.unwrap();
    journal.close().await;
    room.sql().execute_batch("PRAGMA user_version = 7").unwrap();
    let journal = Journal::open(room.options(OpenMode::Write)).await.unwrap();
    let Access::ReadOnly { why } = journal.access() else {
        panic!("{:?}", journal.access());
    };
    assert!(why.contains("newer") && why.contains('7'), "{why}");
    assert_eq!(journal.jobs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_row_is_never_given_out_as_fine() {
    for (damage, what) in [
        (
            "UPDATE change SET state = 4 WHERE idx = 1",
            "change 1 of job 1",
        ),
        (
            "UPDATE change SET wanted = 0 WHERE idx = 0",
            "change 0 of job 1",
        ),
        (
            "UPDATE change SET id = x'00', before = 0 WHERE idx = 2",
            "change 2 of job 1",
        ),
        ("UPDATE job SET state = 'done'", "job 1"),
        ("UPDATE job SET ticket = 'INC-8'", "job 1"),
        ("UPDATE profile SET team = 'red'", "1"),
        ("DELETE FROM change WHERE idx = 2", "job 1"),
        ("UPDATE event SET detail = '{}' WHERE seq = 1", "event 1"),
        ("DELETE FROM event WHERE seq = 2", "event"),
    ] {
        let room = Room::new();
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..3, &[])).await.unwrap();
        journal.record_intent(id, vec![0]).await.unwrap();
        let sql = room.sql();
        sql.execute_batch(damage).unwrap();
        drop(sql);
        if what.contains("job") {
            let read = journal.job(id).await;
            let Err(JournalError::ReadOnly { why }) = &read else {
                panic!("{damage}: {read:?}");
            };
            assert!(why.contains(what), "{damage}: {why}");
            let written = journal.record_intent(id, vec![1]).await;
            assert!(
                matches!(written, Err(JournalError::ReadOnly { .. })),
                "{damage}: nothing is written once damage was seen"
            );
        }
        journal.close().await;
        let why = room.refused().await;
        assert!(
            why.contains(what) && why.contains("damaged"),
            "{damage}: {why}"
        );
    }
}

#[tokio::test]
async fn a_torn_file_is_refused_and_never_silently_empty() {
    let room = Room::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..2_000, &[])).await.unwrap();
    let record = AuditRecord::new(AuditOrigin::Console, "fix", "done");
    journal.audit(record).await.unwrap();
    journal.close().await;
    let path = room.file("journal.db");
    let whole = fs::read(&path).unwrap();

    for cut in [0, 1, 100, 4_096, whole.len() / 2, whole.len() - 4_096] {
        fs::write(&path, &whole[..cut]).unwrap();
        room.refused().await;
        let look = room.reader().await;
        assert!(
            look.jobs().await.is_err() || look.job(JobId(1)).await.is_err(),
            "cut at {cut}"
        );
    }
    fs::write(
        &path,
        b"SQLite format 4 and then something else, long enough to be read as a header, maybe",
    )
    .unwrap();
    room.refused().await;
    fs::remove_file(&path).unwrap();
    let why = room.refused().await;
    assert!(why.contains("audit.jsonl"), "{why}");
    fs::write(&path, &whole).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(room.writer().await.jobs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_bit_that_falls_over_is_never_acted_on() {
    let room = Room::new();
    let journal = room.writer().await;
    let id = journal.record_job(plan(0..200, &[])).await.unwrap();
    let truth = journal.job(id).await.unwrap();
    journal.close().await;
    let path = room.file("journal.db");
    let whole = fs::read(&path).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut seen = 0;
    for _ in 0..120 {
        let mut bytes = whole.clone();
        let place = random.usize(0..bytes.len());
        bytes[place] ^= 1 << random.u8(0..8);
        fs::write(&path, &bytes).unwrap();
        let Ok(journal) = Journal::open(room.options(OpenMode::Write)).await else {
            seen += 1;
            continue;
        };
        match journal.job(id).await {
            Ok(mut record) => {
                record.job.timing.journal_ms = truth.job.timing.journal_ms;
                assert_eq!(record, truth, "bit at {place}");
            }
            Err(_) => seen += 1,
        }
        journal.close().await;
    }
    assert!(seen > 20, "only {seen} of 120 were noticed");
}

#[tokio::test]
async fn an_interrupted_start_leaves_nothing_in_the_way() {
    let room = Room::new();
    fs::create_dir(room.state()).unwrap();
    fs::set_permissions(room.state(), Permissions::from_mode(0o700)).unwrap();
    fs::write(room.file("journal.db.new"), b"").unwrap();
    assert_eq!(room.writer().await.jobs().await.unwrap(), []);
    assert!(!room.file("journal.db.new").exists());
}

#[tokio::test]
async fn the_audit_log_says_who_did_what_and_its_head_is_committed() {
    let room = Room::new();
    let journal = room.writer().await;
    let mut record = AuditRecord::new(AuditOrigin::Command, "fix", "accepted");
    record.profile = Some(profile());
    record.target = AuditTarget::One(key(3));
    record.before = Some("open".into());
    record.after = Some("fixed".into());
    record.request = Some("POST /v1/leaks/status".into());
    record.detail = Some("line\nbreak".into());
    journal.audit(record.clone()).await.unwrap();
    record.target = AuditTarget::Many(12);
    journal.audit(record).await.unwrap();
    let text = fs::read_to_string(room.file("audit.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["seq"], 1);
    assert_eq!(lines[0]["at"], "2026-03-01T12:00:00Z");
    assert_eq!(lines[0]["who"]["user"], "ana");
    assert_eq!(lines[0]["who"]["tty"], "pts/3");
    assert_eq!(lines[0]["from"], "command");
    assert_eq!(lines[0]["key"], key(3).to_string());
    assert_eq!(lines[1]["keys"], 12);
    assert_eq!(lines[1]["prev"], lines[0]["hash"]);
    let head = journal.audit_head().await.unwrap();
    assert_eq!(head.count, 2);
    assert_eq!(lines[1]["hash"], head.hash);
    let verdict = verify_audit(&room.file("audit.jsonl"), Some(&head)).unwrap();
    assert_eq!(
        verdict,
        AuditVerdict {
            records: 2,
            bad: None
        }
    );
}

async fn audited(room: &Room, records: usize) -> (Vec<u8>, AuditHead) {
    let journal = room.writer().await;
    for number in 0..records {
        let action = format!("fix {number}");
        let record = AuditRecord::new(AuditOrigin::Console, action, "done");
        journal.audit(record).await.unwrap();
    }
    let head = journal.audit_head().await.unwrap();
    journal.close().await;
    (fs::read(room.file("audit.jsonl")).unwrap(), head)
}

#[tokio::test]
async fn every_changed_byte_missing_moved_or_cut_line_of_the_audit_log_is_found() {
    let room = Room::new();
    let (whole, head) = audited(&room, 5).await;
    let path = room.file("audit.jsonl");
    let judge = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        verify_audit(&path, Some(&head)).unwrap().bad
    };
    assert_eq!(judge(&whole), None);
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let length = lines[0].len();
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 0x01;
        let line = 1 + (place / length) as u64;
        let (record, what) = judge(&changed).unwrap_or_else(|| panic!("byte {place} unnoticed"));
        assert_eq!(record, line, "byte {place}");
        if place + 1 < whole.len() {
            assert_eq!(what, AuditFault::Changed, "byte {place}");
        }
    }
    let without = |gone: usize| {
        let mut left = lines.clone();
        left.remove(gone);
        left.concat()
    };
    for gone in 0..4 {
        let found = judge(&without(gone));
        assert_eq!(found, Some((gone as u64 + 1, AuditFault::Missing)));
    }
    assert_eq!(judge(&without(4)), Some((5, AuditFault::Cut)));
    assert_eq!(judge(b""), Some((1, AuditFault::Cut)));
    for cut in 1..length {
        let found = judge(&whole[..whole.len() - cut]);
        assert_eq!(found, Some((5, AuditFault::Cut)), "cut by {cut}");
    }
    for place in 0..4 {
        let mut swapped = lines.clone();
        swapped.swap(place, place + 1);
        let found = judge(&swapped.concat());
        assert_eq!(found, Some((place as u64 + 1, AuditFault::Reordered)));
    }
    let mut twice = lines.clone();
    twice.insert(2, lines[1]);
    assert_eq!(judge(&twice.concat()), Some((3, AuditFault::Reordered)));
    fs::remove_file(&path).unwrap();
    let verdict = verify_audit(&path, Some(&head)).unwrap();
    assert_eq!(verdict.bad, Some((1, AuditFault::Cut)));
}

#[tokio::test]
async fn a_log_written_anew_is_found_by_its_head() {
    let (one, other) = (Room::new(), Room::new());
    let (_, head) = audited(&one, 3).await;
    let journal = other.writer().await;
    for _ in 0..3 {
        let record = AuditRecord::new(AuditOrigin::Console, "nothing", "done");
        journal.audit(record).await.unwrap();
    }
    let forged = other.file("audit.jsonl");
    assert!(verify_audit(&forged, None).unwrap().is_ok());
    let verdict = verify_audit(&forged, Some(&head)).unwrap();
    assert_eq!(verdict.bad, Some((3, AuditFault::Changed)));
}

#[tokio::test]
async fn a_start_takes_in_the_line_before_the_crash_and_takes_away_half_a_line() {
    let room = Room::new();
    let (whole, head) = audited(&room, 2).await;
    // The line was written, its head was not committed.
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let line: serde_json::Value = serde_json::from_slice(&whole[..first]).unwrap();
    let hash = line["hash"].as_str().unwrap();
    let sql = room.sql();
    sql.execute_batch(&format!(
        "UPDATE head SET count = 1, bytes = {first}, hash = x'{hash}' WHERE chain = 'audit'"
    ))
    .unwrap();
    drop(sql);
    let journal = room.writer().await;
    assert_eq!(journal.audit_head().await.unwrap(), head);
    journal.close().await;
    // A line was begun.
    let path = room.file("audit.jsonl");
    fs::write(&path, [&whole[..], &whole[..50]].concat()).unwrap();
    let journal = room.writer().await;
    let record = AuditRecord::new(AuditOrigin::Console, "fix", "done");
    journal.audit(record).await.unwrap();
    let head = journal.audit_head().await.unwrap();
    assert_eq!(head.count, 3);
    assert!(verify_audit(&path, Some(&head)).unwrap().is_ok());
}

#[tokio::test]
async fn of_consoles_that_start_together_exactly_one_writes() {
    for _ in 0..10 {
        let room = Room::new();
        let opened = futures_util::future::join_all(
            (0..4).map(|_| Journal::open(room.options(OpenMode::Write))),
        )
        .await;
        let writers = opened
            .iter()
            .filter(|journal| journal.as_ref().unwrap().access() == Access::Writer)
            .count();
        assert_eq!(writers, 1);
    }
}
