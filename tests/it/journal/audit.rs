//! The audit log: who did what, and every way to tamper with it.

use super::*;

#[tokio::test]
async fn the_audit_log_says_who_did_what_and_its_head_is_committed() {
    let room = JournalFixture::new();
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
            first_bad: None
        }
    );
}

async fn log_with_records(room: &JournalFixture, records: usize) -> (Vec<u8>, AuditHead) {
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
    let room = JournalFixture::new();
    let (whole, head) = log_with_records(&room, 5).await;
    let path = room.file("audit.jsonl");
    let judge = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        verify_audit(&path, Some(&head)).unwrap().first_bad
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
    assert_eq!(verdict.first_bad, Some((1, AuditFault::Cut)));
}

#[tokio::test]
async fn a_log_written_anew_is_found_by_its_head() {
    let (one, other) = (JournalFixture::new(), JournalFixture::new());
    let (_, head) = log_with_records(&one, 3).await;
    let journal = other.writer().await;
    for _ in 0..3 {
        let record = AuditRecord::new(AuditOrigin::Console, "nothing", "done");
        journal.audit(record).await.unwrap();
    }
    let forged = other.file("audit.jsonl");
    assert!(verify_audit(&forged, None).unwrap().is_ok());
    let verdict = verify_audit(&forged, Some(&head)).unwrap();
    assert_eq!(verdict.first_bad, Some((3, AuditFault::Changed)));
}

#[tokio::test]
async fn a_start_takes_in_the_line_before_the_crash_and_takes_away_half_a_line() {
    let room = JournalFixture::new();
    let (whole, head) = log_with_records(&room, 2).await;
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
    // A line was cut by another hand: the next one is whole, and the cut one shows.
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let record = AuditRecord::new(AuditOrigin::Console, "fix", "done");
    journal.audit(record).await.unwrap();
    let last = fs::read_to_string(&path).unwrap();
    let last: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    assert_eq!(last["seq"], 4);
    let head = journal.audit_head().await.unwrap();
    let verdict = verify_audit(&path, Some(&head)).unwrap();
    assert_eq!(verdict.first_bad, Some((3, AuditFault::Changed)));
}
