//! The last words that were left with a leak, rows that were taken out, and the second schema.

use super::*;
use stanch::entity::claim::{ClaimOperation, ConsoleId, Justification};

fn binding() -> ProfileBinding {
    plan([], &[]).plan.shares[0].binding.clone()
}

/// A plan that is kept here alone, so that its leaks are free at once.
fn local_job(numbers: std::ops::Range<usize>, made_at: &str) -> NewJob {
    let mut new = plan(numbers, &[]);
    new.plan.built_at = made_at.parse().unwrap();
    new.plan.wanted = Status::FalsePositive;
    new.plan.shares[0].local = new.plan.eligible.len();
    new.plan.shares[0].remote = 0;
    for planned in &mut new.plan.eligible {
        planned.storage_target = StorageTarget::Local;
        planned.wanted = Status::FalsePositive;
    }
    new
}

#[tokio::test]
async fn the_last_words_stay_with_each_leak_and_say_whose_they_are() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let first = journal
            .record_job(local_job(0..3, "2026-03-01T11:50:00Z"), None)
            .await
            .unwrap();
        let mut silent = local_job(2..4, "2026-03-01T11:51:00Z");
        (silent.reason, silent.ticket) = (None, None);
        journal.record_job(silent, None).await.unwrap();
        let mut noted = local_job(1..2, "2026-03-01T11:52:00Z");
        (noted.reason, noted.note, noted.ticket) = (None, Some("asked twice".into()), None);
        let third = journal.record_job(noted, None).await.unwrap();

        let all = room
            .reader()
            .await
            .last_notes(vec![binding()])
            .await
            .unwrap();
        let keys: Vec<_> = all.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(keys, [key(0), key(1), key(2)], "silence changes nothing");
        assert_eq!(
            all[0].1.justification,
            Justification {
                reason: Some("phished".into()),
                note: None,
                ticket: Some("INC-7".into()),
            }
        );
        let ana = ConsoleId {
            user: "ana".into(),
            host: "jump1".into(),
            console: "pts/3".into(),
        };
        assert_eq!(all[0].1.author, Some(ana));
        assert_eq!((all[0].1.job, all[2].1.job), (Some(first), Some(first)));
        assert_eq!(all[1].1.job, Some(third));
        assert_eq!(all[1].1.justification.note.as_deref(), Some("asked twice"));
        assert_eq!(all[1].1.justification.reason, None, "the words of one job");
        journal.close().await;
        room.writer().await.close().await;
    }
}

#[tokio::test]
async fn a_row_that_was_taken_out_or_put_in_is_noticed() {
    for damage in [
        "DELETE FROM local_status",
        "DELETE FROM lossy",
        "DELETE FROM claim",
        "DELETE FROM author WHERE job = 2",
        "DELETE FROM live",
        "INSERT INTO live SELECT profile, kind, id, job FROM change WHERE job = 1 AND idx = 0",
        "DELETE FROM tally WHERE name = 'claim'",
        "UPDATE tally SET count = count + 1",
        "UPDATE claim SET user = 'bo'",
        "UPDATE claim SET until = '2036-03-01T12:00:00Z'",
        "UPDATE author SET host = 'jump2'",
        "PRAGMA foreign_keys = OFF; DELETE FROM share WHERE job = 1; DELETE FROM change WHERE job = 1; DELETE FROM job WHERE id = 1",
    ] {
        let room = JournalFixture::new();
        let journal = room.writer().await;
        let mut new = local_job(0..2, "2026-03-01T11:50:00Z");
        new.plan.inexact_mappings = vec![stanch::entity::job::InexactMapping {
            profile: profile(),
            wanted: Status::FalsePositive,
            stored: Status::Fixed,
            is_confirmed: true,
        }];
        journal.record_job(new, None).await.unwrap();
        journal.record_job(plan(5..6, &[]), None).await.unwrap();
        let leaks = vec![(key(0), binding().provider)];
        journal.claim(leaks, ClaimOperation::Claim).await.unwrap();
        journal.close().await;
        room.writer().await.close().await;
        room.sql().execute_batch(damage).unwrap();
        let why = room.open_error().await;
        assert!(why.contains("damaged"), "{damage}: {why}");
    }
}

/// Whoever only reads took a status that was deleted from the file for one that was never kept.
#[tokio::test]
async fn a_status_that_was_taken_out_is_noticed_by_who_only_reads() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    let new = local_job(0..2, "2026-03-01T11:50:00Z");
    journal.record_job(new, None).await.unwrap();
    journal.close().await;
    room.writer().await.close().await;
    let read = async || {
        let look = room.reader().await;
        look.local_statuses(vec![binding()]).await
    };
    assert_eq!(read().await.unwrap().len(), 2);
    room.sql()
        .execute_batch("DELETE FROM local_status WHERE id = (SELECT min(id) FROM local_status)")
        .unwrap();
    let why = read().await.unwrap_err().to_string();
    assert!(
        why.contains("local_status") && why.contains("damaged"),
        "{why}"
    );
}

#[tokio::test]
async fn a_journal_of_the_second_schema_is_read_as_it_is_and_brought_up_to_date_by_who_writes() {
    let room = JournalFixture::new();
    fs::create_dir(room.state()).unwrap();
    fs::set_permissions(room.state(), Permissions::from_mode(0o700)).unwrap();
    room.sql()
        .execute_batch(include_str!("../../fixtures/journal/schema2.sql"))
        .unwrap();
    let path = room.file("journal.db");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let before = fs::read(&path).unwrap();

    let look = room.reader().await;
    let mut profiles = Vec::new();
    for id in [JobId(1), JobId(2)] {
        profiles.extend(look.job(id).await.unwrap().job.profiles);
    }
    let kept = look.all_local_statuses().await.unwrap();
    assert_eq!(kept.len(), 5);
    assert_eq!(look.claims(profiles.clone()).await.unwrap(), []);
    assert_eq!(look.last_notes(profiles.clone()).await.unwrap(), []);
    assert_eq!(fs::read(&path).unwrap(), before, "looking changes nothing");

    let journal = room.writer().await;
    assert_eq!(journal.all_local_statuses().await.unwrap(), kept);
    let leak = (kept[0].key.clone(), kept[0].provider.clone());
    journal
        .claim(vec![leak], ClaimOperation::Claim)
        .await
        .unwrap();
    assert_eq!(look.claims(profiles).await.unwrap().len(), 1);
    journal.close().await;
    let version: i64 = room
        .sql()
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 4);
    room.writer().await.close().await;
    room.sql()
        .execute_batch("DELETE FROM local_status WHERE profile = 'demo-pd'")
        .unwrap();
    let why = room.open_error().await;
    assert!(why.contains("local_status"), "old rows count too: {why}");
}

#[tokio::test]
async fn lines_whose_head_was_not_committed_are_taken_in_and_a_torn_one_is_not() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal
        .audit(AuditRecord::new(AuditOrigin::Console, "first", "done"))
        .await
        .unwrap();
    journal.close().await;
    let old = fs::read(room.file("journal.db")).unwrap();
    let journal = room.writer().await;
    let lines = (0..5).map(|number| {
        AuditRecord::new(AuditOrigin::Console, format!("change {number}"), "verified")
    });
    journal.audit_all(lines.collect()).await.unwrap();
    let head = journal.audit_head().await.unwrap();
    assert_eq!(head.count, 6);
    journal.close().await;
    let whole = fs::read(room.file("audit.jsonl")).unwrap();

    // The lines are on disk, the head is not: as after a crash between the two.
    for cut in [whole.len(), whole.len() - 20] {
        fs::write(room.file("journal.db"), &old).unwrap();
        fs::write(room.file("audit.jsonl"), &whole[..cut]).unwrap();
        let journal = room.writer().await;
        let mended = journal.audit_head().await.unwrap();
        let expected = if cut == whole.len() { 6 } else { 5 };
        assert_eq!(mended.count, expected);
        let verdict = verify_audit(&room.file("audit.jsonl"), Some(&mended)).unwrap();
        assert_eq!((verdict.records, verdict.first_bad), (expected, None));
        journal.close().await;
    }
}
