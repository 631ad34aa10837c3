//! Disks that fail, at the port: what was said to be on disk is, what was refused is not, and the next one works.

use super::*;

fn options_with_fault(room: &JournalFixture, disaster: &str) -> JournalOptions {
    JournalOptions {
        inject_fault: Some(disaster.into()),
        ..room.options(OpenMode::Write)
    }
}

fn record() -> AuditRecord {
    AuditRecord::new(AuditOrigin::Console, "fix", "done")
}

/// A journal that is made and empty: what is written next is the first that can fail.
async fn fixture_with_journal() -> JournalFixture {
    let room = JournalFixture::new();
    room.writer().await.close().await;
    room
}

#[tokio::test]
async fn an_audit_line_whose_head_was_not_committed_does_not_break_the_chain_of_the_next() {
    let room = fixture_with_journal().await;
    // The line is written, and the commit of its head fails.
    let journal = Journal::open(options_with_fault(&room, "io-once:2"))
        .await
        .unwrap();
    let refused = journal.audit(record()).await;
    assert!(
        matches!(refused, Err(JournalError::Io { .. })),
        "{refused:?}"
    );
    journal.audit(record()).await.unwrap();
    let head = journal.audit_head().await.unwrap();
    assert_eq!(head.count, 2, "what was written stands");
    let verdict = verify_audit(&room.file("audit.jsonl"), Some(&head)).unwrap();
    assert_eq!((verdict.records, verdict.first_bad), (2, None));
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing_and_one_that_is_only_said_to_fail_is_there() {
    for (kind, there) in [("io-once", false), ("io-late-once", true)] {
        let room = fixture_with_journal().await;
        // The plan is the first write, the intent the second.
        let disaster = format!("{kind}:2");
        let journal = Journal::open(options_with_fault(&room, &disaster))
            .await
            .unwrap();
        let id = journal.record_job(plan(0..3, &[]), None).await.unwrap();
        let refused = journal.record_intent(id, vec![0, 1]).await;
        let Err(JournalError::Io { why }) = &refused else {
            panic!("{kind}: {refused:?}");
        };
        assert!(why.contains("the disk failed"), "{why}");
        assert_eq!(journal.access(), Access::Writer, "it may work again");
        let record = journal.job(id).await.unwrap();
        let sent = record
            .changes
            .iter()
            .filter(|change| change.state() == ChangeState::Inflight)
            .count();
        assert_eq!(sent, if there { 2 } else { 0 }, "{kind}");
        assert_eq!(record.job.counts.sum(), 3);
        journal.record_intent(id, vec![2]).await.unwrap();
        journal.close().await;
        assert_eq!(room.writer().await.jobs().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_reading_that_fails_is_said_and_is_no_empty_journal() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..3, &[]), None).await.unwrap();
    journal.close().await;
    let opened = Journal::open(options_with_fault(&room, "read:1"))
        .await
        .err();
    assert!(
        matches!(opened, Some(JournalError::Io { .. })),
        "{opened:?}"
    );
    let journal = Journal::open(JournalOptions {
        inject_fault: Some("read:1".into()),
        ..room.options(OpenMode::Read)
    })
    .await
    .unwrap();
    let jobs = journal.jobs().await;
    assert!(matches!(jobs, Err(JournalError::Io { .. })), "{jobs:?}");
}

#[tokio::test]
async fn every_network_file_system_is_refused_with_its_name_and_read() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[]), None).await.unwrap();
    journal.close().await;
    for (magic, name) in [
        (0x6969, "nfs"),
        (0x517b, "smb"),
        (0xff53_4d42, "cifs"),
        (0x6573_5546, "fuse.sshfs"),
    ] {
        let options = JournalOptions {
            file_system: Some(FileSystem {
                magic,
                name: Some(name.into()),
            }),
            ..room.options(OpenMode::Write)
        };
        let journal = Journal::open(options).await.unwrap();
        let Access::ReadOnly { why } = journal.access() else {
            panic!("{name}: {:?}", journal.access());
        };
        assert!(why.contains(name) && why.contains("network"), "{why}");
        assert_eq!(journal.jobs().await.unwrap().len(), 1, "{name}: it is read");
        let refused = Err(JournalError::ReadOnly { why });
        assert_eq!(journal.record_job(plan(5..6, &[]), None).await, refused);
        assert_eq!(journal.audit(record()).await, refused.map(drop));
        journal.changes_since().await.unwrap();
    }
}
