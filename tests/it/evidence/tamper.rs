//! Four hundred changes each of the audit log, of a copy and of a bundle, seeded: every one is found, where it is.

use super::{MANIFEST, bundle, names};
use stanch::{
    entity::hash_chain::{ChainFault, verify as verify_chain},
    export::evidence::verify,
    journal::{
        AuditOrigin, AuditRecord, Journal, JournalOptions, OpenMode, Operator, verify_audit,
        verify_copy,
    },
};
use std::fs;

const TAMPER_RUNS: usize = 400;

/// Spoils a text in one of four ways; answers the line that is wrong then, and how.
fn tamper(rng: &mut fastrand::Rng, whole: &[u8], way: usize) -> (Vec<u8>, u64, ChainFault) {
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let count = lines.len();
    let line_of = |place: usize| whole[..place].split(|byte| *byte == b'\n').count() as u64;
    match way {
        0 => {
            let place = rng.usize(..whole.len());
            let mut spoilt = whole.to_vec();
            spoilt[place] ^= 1 << rng.u8(..8);
            let what = if place + 1 == whole.len() {
                ChainFault::Cut
            } else {
                ChainFault::Changed
            };
            (spoilt, line_of(place), what)
        }
        1 => {
            let gone = rng.usize(..count);
            let mut left = lines;
            left.remove(gone);
            let what = if gone + 1 == count {
                ChainFault::Cut
            } else {
                ChainFault::Missing
            };
            (left.concat(), gone as u64 + 1, what)
        }
        2 if count > 1 => {
            let one = rng.usize(..count - 1);
            let other = rng.usize(one + 1..count);
            let mut moved = lines;
            moved.swap(one, other);
            (moved.concat(), one as u64 + 1, ChainFault::Reordered)
        }
        _ => {
            let end = rng.usize(..whole.len());
            (whole[..end].to_vec(), line_of(end), ChainFault::Cut)
        }
    }
}

#[tokio::test]
async fn four_hundred_changes_of_the_audit_log_and_of_its_copy_are_found() {
    let room = tempfile::tempdir().unwrap();
    let state = room.path().join("state");
    let who = Operator {
        user: "ana".to_owned(),
        ..Operator::default()
    };
    let options = JournalOptions::new(state.clone(), OpenMode::Write, who.clone());
    let journal = Journal::open(options).await.unwrap();
    for number in 0..40 {
        let record = AuditRecord::new(AuditOrigin::Console, format!("fix {number}"), "done");
        journal.audit(record).await.unwrap();
    }
    let log = journal.audit_log().await.unwrap();
    journal.close().await;
    assert!(log.report().is_ok());
    assert_eq!(log.uncommitted_lines(), 0);
    let copy = log
        .copy(&who, "2026-03-01T12:00:00Z".parse().unwrap())
        .unwrap();
    assert_eq!(verify_copy(&copy).first_bad, None);
    assert_eq!(verify_copy(&copy).records, 40);
    // The log itself without its end is no proof.
    assert_eq!(
        verify_copy(&log.bytes).first_bad,
        Some((41, ChainFault::Cut))
    );
    let path = state.join("audit.jsonl");
    let mut rng = fastrand::Rng::with_seed(400);
    for time in 0..TAMPER_RUNS {
        let (spoilt, record, what) = tamper(&mut rng, &log.bytes, time % 4);
        fs::write(&path, &spoilt).unwrap();
        let verdict = verify_audit(&path, Some(&log.head)).unwrap();
        assert_eq!(verdict.first_bad, Some((record, what)), "{time}");
        let (spoilt, record, what) = tamper(&mut rng, &copy, time % 4);
        assert_eq!(
            verify_copy(&spoilt).first_bad,
            Some((record, what)),
            "copy, {time}"
        );
    }
}

#[test]
fn four_hundred_changes_of_a_bundle_are_found() {
    let room = tempfile::tempdir().unwrap();
    let (path, written) = bundle(room.path());
    let files = names(&path);
    let mut rng = fastrand::Rng::with_seed(401);
    for time in 0..TAMPER_RUNS {
        let name = &files[rng.usize(..files.len())];
        let file = path.join(name);
        let whole = fs::read(&file).unwrap();
        let (spoilt, record, what) = tamper(&mut rng, &whole, time % 4);
        fs::write(&file, &spoilt).unwrap();
        let bad = verify(&path).unwrap().mismatch;
        let bad = bad.unwrap_or_else(|| panic!("{time}: {name} {record} {what} unnoticed"));
        assert_eq!(
            (&bad.file, bad.record, bad.fault),
            (name, record, what),
            "{time}"
        );
        fs::write(&file, &whole).unwrap();
    }
    for name in &files {
        let (file, away) = (path.join(name), room.path().join("away"));
        fs::rename(&file, &away).unwrap();
        let bad = verify(&path).unwrap().mismatch.unwrap();
        let what = if name == MANIFEST {
            ChainFault::Cut
        } else {
            ChainFault::Missing
        };
        assert_eq!((&bad.file, bad.record, bad.fault), (name, 1, what));
        // A link to it is not the file.
        std::os::unix::fs::symlink(&away, &file).unwrap();
        assert!(verify(&path).unwrap().mismatch.is_some());
        fs::remove_file(&file).unwrap();
        fs::rename(&away, &file).unwrap();
    }
    fs::write(path.join("more.jsonl"), "{}\n").unwrap();
    assert_eq!(verify(&path).unwrap().mismatch.unwrap().file, "more.jsonl");
    fs::remove_file(path.join("more.jsonl")).unwrap();
    let checked = verify(&path).unwrap();
    assert_eq!(
        (checked.mismatch, checked.manifest_hash),
        (None, Some(written.manifest_hash))
    );
}

#[tokio::test]
async fn lines_that_wait_for_their_commit_are_no_fault_and_stay_out_of_a_copy() {
    let room = tempfile::tempdir().unwrap();
    let options =
        |name: &str, mode| JournalOptions::new(room.path().join(name), mode, Operator::default());
    let journal = Journal::open(options("state", OpenMode::Write))
        .await
        .unwrap();
    let record =
        |number: u32| AuditRecord::new(AuditOrigin::Console, format!("fix {number}"), "done");
    for number in 0..3 {
        journal.audit(record(number)).await.unwrap();
    }
    let mut log = journal.audit_log().await.unwrap();
    let early = log.head.clone();
    for number in 3..5 {
        journal.audit(record(number)).await.unwrap();
    }
    let late = journal.audit_log().await.unwrap();
    log.bytes = late.bytes.clone();
    log.head = early;
    assert_eq!((log.uncommitted_lines(), log.report().first_bad), (2, None));
    let copy = log
        .copy(&Operator::default(), jiff::Timestamp::UNIX_EPOCH)
        .unwrap();
    assert_eq!(
        (verify_copy(&copy).records, verify_copy(&copy).first_bad),
        (3, None)
    );
    // What does not go on is a fault: a line more than once, or of another log.
    let line = late.lines().next().unwrap().to_vec();
    log.bytes.extend([&line[..], b"\n"].concat());
    assert_eq!(log.uncommitted_lines(), 0);
    assert!(!log.report().is_ok());
    assert_eq!(verify_chain(&late.bytes, Some(&late.head)).first_bad, None);
}
