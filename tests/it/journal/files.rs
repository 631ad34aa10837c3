//! Files, modes, disks: what is refused, and what is read only.

use super::*;

#[tokio::test]
async fn everything_on_disk_is_closed_to_others() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[]), None).await.unwrap();
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
    let why = async |room: &JournalFixture| match Journal::open(room.options(OpenMode::Write)).await
    {
        Err(JournalError::Io { why }) => why,
        Err(other) => panic!("{other:?}"),
        Ok(journal) => panic!("opened: {:?}", journal.access()),
    };
    let room = JournalFixture::new();
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

    let linked = JournalFixture::new();
    fs::create_dir(linked.root.path().join("real")).unwrap();
    symlink(linked.root.path().join("real"), linked.state()).unwrap();
    let said = why(&linked).await;
    assert!(said.contains("link"), "{said}");
    let relative = JournalOptions {
        directory: "state".into(),
        ..room.options(OpenMode::Write)
    };
    assert!(Journal::open(relative).await.is_err());
}

#[tokio::test]
async fn an_empty_directory_of_ours_is_closed_before_it_is_used() {
    let room = JournalFixture::new();
    fs::create_dir(room.state()).unwrap();
    fs::set_permissions(room.state(), Permissions::from_mode(0o755)).unwrap();
    room.writer().await.close().await;
    assert_eq!(mode(&room.state()), 0o700);
}

#[tokio::test]
async fn a_network_file_system_is_for_reading_only() {
    let room = JournalFixture::new();
    room.writer().await.close().await;
    let options = JournalOptions {
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
    let refused = journal.record_job(plan(0..1, &[]), None).await;
    assert_eq!(refused, Err(JournalError::ReadOnly { why }));
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_half_is_recorded() {
    let room = JournalFixture::new();
    let options = JournalOptions {
        max_pages: Some(40),
        ..room.options(OpenMode::Write)
    };
    let journal = Journal::open(options).await.unwrap();
    let small = journal.record_job(plan(0..10, &[]), None).await.unwrap();
    assert_eq!(
        journal.record_job(plan(20..5_000, &[]), None).await,
        Err(JournalError::Full)
    );
    assert_eq!(journal.access(), Access::Writer);
    assert_eq!(journal.jobs().await.unwrap().len(), 1);
    assert_eq!(journal.active_leaks().await.unwrap().len(), 10);
    journal.record_intent(small, vec![0]).await.unwrap();
    journal.close().await;
    let roomy = room.writer().await;
    roomy.record_job(plan(20..5_000, &[]), None).await.unwrap();

    let none = JournalFixture::new();
    let options = JournalOptions {
        max_pages: Some(3),
        ..none.options(OpenMode::Write)
    };
    let refused = Journal::open(options).await.err();
    assert_eq!(refused, Some(JournalError::Full));
    assert_eq!(none.writer().await.jobs().await.unwrap(), [], "room again");
}

#[tokio::test]
async fn a_newer_schema_is_for_reading_only() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[]), None).await.unwrap();
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
        let room = JournalFixture::new();
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..3, &[]), None).await.unwrap();
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
        let why = room.open_error().await;
        assert!(
            why.contains(what) && why.contains("damaged"),
            "{damage}: {why}"
        );
    }
}

#[tokio::test]
async fn a_torn_file_is_refused_and_never_silently_empty() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..2_000, &[]), None).await.unwrap();
    let record = AuditRecord::new(AuditOrigin::Console, "fix", "done");
    journal.audit(record).await.unwrap();
    journal.close().await;
    let path = room.file("journal.db");
    let whole = fs::read(&path).unwrap();

    for cut in [0, 1, 100, 4_096, whole.len() / 2, whole.len() - 4_096] {
        fs::write(&path, &whole[..cut]).unwrap();
        room.open_error().await;
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
    room.open_error().await;
    fs::remove_file(&path).unwrap();
    let why = room.open_error().await;
    assert!(why.contains("audit.jsonl"), "{why}");
    fs::write(&path, &whole).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(room.writer().await.jobs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_bit_that_falls_over_is_never_acted_on() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    let id = journal.record_job(plan(0..200, &[]), None).await.unwrap();
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
        let noticed = journal.access() != Access::Writer;
        match journal.job(id).await {
            Ok(mut record) => {
                record.job.timing.journal_ms = truth.job.timing.journal_ms;
                assert_eq!(record, truth, "bit at {place}");
                seen += usize::from(noticed);
            }
            Err(_) => seen += 1,
        }
        journal.close().await;
    }
    assert!(seen > 20, "only {seen} of 120 were noticed");
}

#[tokio::test]
async fn an_interrupted_start_leaves_nothing_in_the_way() {
    let room = JournalFixture::new();
    fs::create_dir(room.state()).unwrap();
    fs::set_permissions(room.state(), Permissions::from_mode(0o700)).unwrap();
    fs::write(room.file("journal.db.new"), b"").unwrap();
    assert_eq!(room.writer().await.jobs().await.unwrap(), []);
    assert!(!room.file("journal.db.new").exists());
}

#[tokio::test]
async fn of_consoles_that_start_together_exactly_one_writes() {
    for _ in 0..10 {
        let room = JournalFixture::new();
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
