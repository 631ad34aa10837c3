//! What is kept here because a provider cannot: set and removed with jobs, read back whole, taken in from a file.

use super::*;
use stanch::{
    entity::{
        job::InexactMapping,
        local_status::{ImportResult, LocalStatus},
    },
    journal::{LocalStatusRecord, fingerprint_key},
};

fn binding() -> ProfileBinding {
    plan([], &[]).plan.shares[0].binding.clone()
}

/// A plan of its own for one status: where each leak's is stored, and what its provider says.
fn job_setting(
    wanted: Status,
    changes: &[(usize, StorageTarget, Option<Status>)],
    made_at: &str,
) -> NewJob {
    let mut new = plan(changes.iter().map(|(number, _, _)| *number), &[]);
    let local = changes
        .iter()
        .filter(|(_, place, _)| *place == StorageTarget::Local)
        .count();
    new.plan.command = JobCommand::Set;
    new.plan.wanted = wanted;
    new.plan.built_at = made_at.parse().unwrap();
    new.plan.shares[0].local = local;
    new.plan.shares[0].remote = changes.len() - local;
    for (planned, (_, place, remote)) in new.plan.eligible.iter_mut().zip(changes) {
        planned.storage_target = *place;
        planned.remote_status = *remote;
        planned.before = remote.unwrap_or(Status::New);
        planned.wanted = match place {
            StorageTarget::Both => Status::Fixed,
            StorageTarget::Local | StorageTarget::Remote => wanted,
        };
    }
    new
}

fn local_status(status: Status, remote_then: Option<Status>, job: Option<JobId>) -> LocalStatus {
    LocalStatus {
        status,
        remote_when_set: remote_then,
        set_at: noon(),
        job,
        by: None,
    }
}

async fn statuses(journal: &Journal) -> Vec<(EntityKey, LocalStatus)> {
    journal.local_statuses(vec![binding()]).await.unwrap()
}

impl JournalFixture {
    /// What is kept, each set now by the clock of its store, which is told as noon.
    async fn kept_now(&self, journal: &Journal) -> Vec<(EntityKey, LocalStatus)> {
        let mut found = statuses(journal).await;
        for (_, local) in &mut found {
            self.assert_now(Some(local.set_at));
            local.set_at = noon();
            // A team's store knows whose it is; a journal of one host has no need to.
            assert_eq!(local.by.take().is_some(), self.is_team());
        }
        found
    }
}

/// Sends the changes of a job and reads every one back as wanted.
async fn verify(journal: &Journal, job: JobId, indexes: &[u32]) {
    let all = |from, to| {
        indexes
            .iter()
            .map(|index| update_between(*index, from, to))
            .collect()
    };
    let chunk = journal.record_intent(job, indexes.to_vec()).await.unwrap();
    journal
        .record_answer(
            job,
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
            job,
            all(ChangeState::Accepted, ChangeState::Verified),
            1,
            None,
        )
        .await
        .unwrap();
}

const FIRST_TIME: &str = "2026-03-01T11:50:00Z";
const SECOND_TIME: &str = "2026-03-01T11:51:00Z";

#[tokio::test]
async fn a_job_without_a_request_has_ended_with_its_recording() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let local = [
            (0, StorageTarget::Local, None),
            (1, StorageTarget::Local, Some(Status::New)),
        ];
        let new = job_setting(Status::Investigating, &local, FIRST_TIME);
        let id = journal.record_job(new, None).await.unwrap();
        let record = journal.job(id).await.unwrap();
        assert_eq!(record.job.state, JobState::Done);
        room.assert_now(record.job.ended_at);
        assert_eq!(record.job.counts.local, 2);
        assert_eq!(states(&record), [ChangeState::Local; 2]);
        assert_eq!(journal.active_leaks().await.unwrap(), []);
        // A console that does not know says the same once more.
        journal
            .record_state(id, JobState::Done, None, None)
            .await
            .unwrap();
        journal.close().await;

        let again = room.writer().await;
        let expected = [
            (key(0), local_status(Status::Investigating, None, Some(id))),
            (
                key(1),
                local_status(Status::Investigating, Some(Status::New), Some(id)),
            ),
        ];
        assert_eq!(room.kept_now(&again).await, expected);
        assert_eq!(
            again.all_local_statuses().await.unwrap()[1].previous,
            Some(Status::New)
        );
        let look = room.reader().await;
        assert_eq!(room.kept_now(&look).await, expected);
        let mut other = binding();
        other.provider = ProviderId::new("elsewhere");
        assert_eq!(again.local_statuses(vec![other]).await.unwrap(), []);
        let mut moved = binding();
        moved.origin = "http://127.0.0.1:2".into();
        assert_eq!(again.local_statuses(vec![moved]).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_later_status_takes_the_place_of_an_earlier_one_and_the_providers_word_is_none() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        let record = async |wanted, remote, made_at| {
            let new = job_setting(wanted, &[(0, StorageTarget::Local, remote)], made_at);
            journal.record_job(new, None).await.unwrap()
        };
        record(Status::Investigating, Some(Status::New), FIRST_TIME).await;
        let second = record(Status::Fixed, Some(Status::New), SECOND_TIME).await;
        let expected = local_status(Status::Fixed, Some(Status::New), Some(second));
        assert_eq!(statuses(&journal).await, [(key(0), expected)]);
        record(Status::New, Some(Status::New), "2026-03-01T11:52:00Z").await;
        assert_eq!(statuses(&journal).await, []);
    }
}

#[tokio::test]
async fn where_the_provider_stores_the_nearest_ours_is_kept_once_that_was_read_back() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let open = Some(Status::Open);
        let changes = [
            (0, StorageTarget::Both, open),
            (1, StorageTarget::Both, open),
            (2, StorageTarget::Local, Some(Status::Fixed)),
        ];
        let mut new = job_setting(Status::FalsePositive, &changes, FIRST_TIME);
        let lossy = InexactMapping {
            profile: profile(),
            wanted: Status::FalsePositive,
            stored: Status::Fixed,
            is_confirmed: false,
        };
        new.plan.inexact_mappings = vec![lossy.clone()];
        assert_eq!(
            journal.accepted_mappings(vec![binding()]).await.unwrap(),
            []
        );
        let id = journal.record_job(new, None).await.unwrap();
        let record = journal.job(id).await.unwrap();
        assert_eq!(record.job.state, JobState::Planned);
        assert_eq!((record.job.counts.local, record.job.counts.pending), (1, 2));
        let ours = local_status(Status::FalsePositive, Some(Status::Fixed), Some(id));
        assert_eq!(room.kept_now(&journal).await, [(key(2), ours)]);
        assert_eq!(journal.active_leaks().await.unwrap().len(), 2);

        verify(&journal, id, &[0]).await;
        let both = [(key(0), ours), (key(2), ours)];
        assert_eq!(room.kept_now(&journal).await, both);
        journal
            .record_state(id, JobState::DoneWithExceptions, None, None)
            .await
            .unwrap();
        // The one that was never sent is kept nowhere.
        assert_eq!(statuses(&journal).await.len(), 2);
        let confirmed = InexactMapping {
            is_confirmed: true,
            ..lossy
        };
        assert_eq!(
            journal.accepted_mappings(vec![binding()]).await.unwrap(),
            [confirmed]
        );
    }
}

#[tokio::test]
async fn what_a_provider_was_made_to_say_itself_is_kept_no_longer() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let fixed = Some(Status::Fixed);
        let local = [
            (0, StorageTarget::Local, fixed),
            (1, StorageTarget::Local, fixed),
        ];
        let new = job_setting(Status::FalsePositive, &local, FIRST_TIME);
        journal.record_job(new, None).await.unwrap();
        let remote = [
            (0, StorageTarget::Remote, fixed),
            (1, StorageTarget::Remote, fixed),
        ];
        let id = journal
            .record_job(job_setting(Status::Open, &remote, SECOND_TIME), None)
            .await
            .unwrap();
        assert_eq!(statuses(&journal).await.len(), 2, "nothing is proven yet");
        verify(&journal, id, &[1]).await;
        let left: Vec<_> = statuses(&journal)
            .await
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(left, [key(0)]);
    }
}

#[tokio::test]
async fn a_leak_of_another_live_job_is_not_set_here_either() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        journal.record_job(plan(0..2, &[]), None).await.unwrap();
        let local = [
            (1, StorageTarget::Local, None),
            (5, StorageTarget::Local, None),
        ];
        let refused = journal
            .record_job(job_setting(Status::Fixed, &local, FIRST_TIME), None)
            .await;
        assert_eq!(refused, Err(JournalError::StalePlan));
        assert_eq!(statuses(&journal).await, [], "everything or nothing");
    }
}

#[tokio::test]
async fn a_journal_of_the_first_schema_is_read_as_it_is_and_brought_up_to_date_by_who_writes() {
    let room = JournalFixture::new();
    fs::create_dir(room.state()).unwrap();
    fs::set_permissions(room.state(), Permissions::from_mode(0o700)).unwrap();
    room.sql()
        .execute_batch(include_str!("../../fixtures/journal/schema1.sql"))
        .unwrap();
    let path = room.file("journal.db");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let before = fs::read(&path).unwrap();

    let look = room.reader().await;
    let old = look.job(JobId(1)).await.unwrap();
    assert_eq!(old.job.state, JobState::Running);
    assert_eq!(statuses(&look).await, []);
    assert_eq!(look.all_local_statuses().await.unwrap(), []);
    assert_eq!(look.accepted_mappings(vec![binding()]).await.unwrap(), []);
    assert_eq!(fs::read(&path).unwrap(), before, "looking changes nothing");

    let journal = room.writer().await;
    assert_eq!(journal.job(JobId(1)).await.unwrap(), old);
    journal
        .record_read_backs(
            JobId(1),
            vec![update_to(&old.changes[1], ChangeState::Verified)],
            1,
            None,
        )
        .await
        .unwrap();
    let new = job_setting(
        Status::Fixed,
        &[(9, StorageTarget::Local, None)],
        FIRST_TIME,
    );
    let id = journal.record_job(new, None).await.unwrap();
    assert_eq!(id, JobId(2));
    let expected = [(key(9), local_status(Status::Fixed, None, Some(id)))];
    assert_eq!(statuses(&look).await, expected, "who looks sees it too");
    let version: i64 = room
        .sql()
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 4);
}

#[tokio::test]
async fn a_damaged_status_is_never_used() {
    for damage in [
        "UPDATE local_status SET status = 3",
        "UPDATE local_status SET remote_then = NULL",
        "UPDATE local_status SET id = x'00'",
        "UPDATE local_status SET profile = 'other', provider = 'elsewhere'",
        "UPDATE local_status SET set_at = '2036-03-01T12:00:00Z'",
        "UPDATE local_status SET job = NULL",
        "UPDATE local_status SET previous = 3",
        "UPDATE lossy SET stored = 2",
    ] {
        let room = JournalFixture::new();
        let journal = room.writer().await;
        let open = Some(Status::Open);
        let mut new = job_setting(
            Status::FalsePositive,
            &[(0, StorageTarget::Local, open)],
            FIRST_TIME,
        );
        new.plan.inexact_mappings = vec![InexactMapping {
            profile: profile(),
            wanted: Status::FalsePositive,
            stored: Status::Fixed,
            is_confirmed: false,
        }];
        journal.record_job(new, None).await.unwrap();
        room.sql().execute_batch(damage).unwrap();
        let (all, lossy) = (
            journal.all_local_statuses().await,
            journal.accepted_mappings(vec![binding()]).await,
        );
        assert!(
            matches!(all, Err(JournalError::ReadOnly { .. }))
                || matches!(lossy, Err(JournalError::ReadOnly { .. })),
            "{damage}: {all:?} {lossy:?}"
        );
        let written = journal.record_job(plan(5..6, &[]), None).await;
        assert!(
            matches!(written, Err(JournalError::ReadOnly { .. })),
            "{damage}: nothing is written once damage was seen"
        );
        journal.close().await;
        let why = room.open_error().await;
        assert!(why.contains("damaged"), "{damage}: {why}");
    }
}

fn imported_status(number: usize, status: Status, set_at: &str) -> LocalStatusRecord {
    LocalStatusRecord {
        key: key(number),
        provider: binding().provider,
        local: LocalStatus {
            status,
            remote_when_set: None,
            set_at: set_at.parse().unwrap(),
            job: None,
            by: None,
        },
        previous: None,
        justification: stanch::entity::claim::Justification::default(),
    }
}

#[tokio::test]
async fn of_what_is_taken_in_the_newest_stays() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let new = job_setting(
            Status::Investigating,
            &[(0, StorageTarget::Local, None)],
            FIRST_TIME,
        );
        journal.record_job(new, None).await.unwrap();
        let file = vec![
            imported_status(0, Status::Fixed, "2026-03-01T11:59:59Z"),
            imported_status(1, Status::Fixed, "2026-02-01T12:00:00Z"),
            imported_status(1, Status::New, "2026-02-02T12:00:00Z"),
            imported_status(1, Status::FalsePositive, "2026-02-01T18:00:00Z"),
        ];
        let imported = journal.import_statuses(file.clone()).await.unwrap();
        let counts = |imported, unchanged, older| ImportResult {
            imported,
            unchanged,
            older,
        };
        assert_eq!(imported, counts(2, 0, 2));
        let all = journal.all_local_statuses().await.unwrap();
        assert_eq!(all[0].local.status, Status::Investigating);
        let taken = LocalStatus {
            by: None,
            ..all[1].local
        };
        assert_eq!(taken, file[2].local);
        assert_eq!(all[1].previous, Some(Status::Fixed));
        assert_eq!(all.len(), 2);
        let again = journal.import_statuses(all).await.unwrap();
        assert_eq!(again, counts(0, 2, 0));
        let later = vec![imported_status(0, Status::Fixed, "2090-03-01T12:00:01Z")];
        let later = journal.import_statuses(later).await.unwrap();
        assert_eq!(later, counts(1, 0, 0));
        let refused = room.reader().await.import_statuses(file).await;
        assert!(matches!(refused, Err(JournalError::ReadOnly { .. })));
        journal.close().await;
        let again = room.writer().await;
        assert_eq!(
            again.all_local_statuses().await.unwrap()[0].local.status,
            Status::Fixed
        );
    }
}

#[tokio::test]
async fn the_installations_key_is_made_once_by_who_writes() {
    let room = JournalFixture::new();
    let passing = room.reader().await.fingerprint_key().await.unwrap();
    assert!(!room.state().exists(), "who looks makes nothing");
    let journal = room.writer().await;
    let second = room.open(room.options(OpenMode::Write)).await.unwrap();
    second.fingerprint_key().await.unwrap();
    let path = room.file("fingerprint.key");
    assert!(!path.exists(), "a watcher holds no lock");
    fs::write(room.file("fingerprint.key.new"), b"cut").unwrap();
    let key = journal.fingerprint_key().await.unwrap();
    assert_eq!((mode(&path), fs::read(&path).unwrap().len()), (0o600, 32));
    assert!(!room.file("fingerprint.key.new").exists());
    assert!(key != passing, "two keys are alike");
    assert!(second.fingerprint_key().await.unwrap() == key);
    assert!(fingerprint_key(Some(&room.state())).unwrap() == key);
    assert!(fingerprint_key(None).unwrap() != key);
    journal.close().await;
    assert!(room.writer().await.fingerprint_key().await.unwrap() == key);

    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let Err(JournalError::Io { why }) = fingerprint_key(Some(&room.state())) else {
        panic!("read all the same");
    };
    assert!(
        why.contains("chmod 0600") && why.contains("fingerprint.key"),
        "{why}"
    );
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, b"short").unwrap();
    let refused = room.writer().await.fingerprint_key().await;
    let Err(JournalError::Io { why }) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        why.contains("5 bytes") && why.contains("remove it"),
        "{why}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"short", "never written over");
}
