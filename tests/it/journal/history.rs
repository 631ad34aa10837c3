//! Notes without a change of status, and the history of a leak: who did what with it, when, and what came of it.

use super::*;
use stanch::entity::{
    claim::{ClaimOperation, ConsoleId},
    history::{HistoryAction, HistoryEntry},
    job::JobCommand,
};

fn binding() -> ProfileBinding {
    plan([], &[]).plan.shares[0].binding.clone()
}

fn leaks(numbers: &[usize]) -> Vec<(EntityKey, ProviderId)> {
    let provider = binding().provider;
    let of = |number: &usize| (key(*number), provider.clone());
    numbers.iter().map(of).collect()
}

async fn history(journal: &Journal, number: usize) -> Vec<HistoryEntry> {
    let known = journal.history(key(number), binding().provider).await;
    known.unwrap()
}

fn acts(history: &[HistoryEntry]) -> Vec<String> {
    history.iter().map(|entry| entry.what.to_string()).collect()
}

fn ana() -> ConsoleId {
    ConsoleId {
        user: "ana".into(),
        host: "jump1".into(),
        console: "pts/3".into(),
    }
}

#[tokio::test]
async fn a_leak_has_several_notes_each_with_its_author_and_time() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        assert_eq!(journal.notes(vec![binding()]).await.unwrap(), []);
        let first = journal.add_note(leaks(&[1, 2]), "called the owner".into());
        let first = first.await.unwrap();
        assert_eq!((&first.by, first.at), (&ana(), noon()));
        let second = journal.add_note(leaks(&[1]), "no answer\nyet".into());
        let second = second.await.unwrap();
        let all = room.reader().await.notes(vec![binding()]).await.unwrap();
        let expected = [
            (key(1), first.clone()),
            (key(2), first),
            (key(1), second.clone()),
        ];
        assert_eq!(all, expected, "who looks sees them");
        let mut elsewhere = binding();
        elsewhere.provider = ProviderId::new("elsewhere");
        assert_eq!(journal.notes(vec![elsewhere]).await.unwrap(), []);
        let last = journal.last_notes(vec![binding()]).await.unwrap();
        assert_eq!(last.len(), 2);
        assert_eq!(last[0].1.justification.note, Some(second.text));
        assert_eq!(last[0].1.author, Some(ana()));
        journal.close().await;
        room.writer().await.close().await;
    }
}

#[tokio::test]
async fn a_note_is_newer_than_the_words_of_a_job_and_keeps_its_reason_and_ticket() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..2, &[]), None).await.unwrap();
        let noted = journal.add_note(leaks(&[0]), "reset done".into());
        noted.await.unwrap();
        let last = journal.last_notes(vec![binding()]).await.unwrap();
        let words: Vec<_> = last.iter().map(|(_, noted)| &noted.justification).collect();
        assert_eq!(words[0].note.as_deref(), Some("reset done"));
        assert_eq!(words[0].reason, words[1].reason);
        assert_eq!(words[0].ticket, words[1].ticket);
        assert_eq!((last[0].1.job, last[1].1.job), (None, Some(id)));
    }
}

#[tokio::test]
async fn the_history_of_a_leak_has_changes_notes_claims_and_what_was_audited() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        assert_eq!(history(&journal, 0).await, []);
        journal
            .claim(leaks(&[0]), ClaimOperation::Claim)
            .await
            .unwrap();
        // One's own claim that lasts longer now is no act.
        journal
            .claim(leaks(&[0]), ClaimOperation::Claim)
            .await
            .unwrap();
        journal.renew_claims().await.unwrap();
        let skipped = [(key(3), SkipCode::Already)];
        let id = journal.record_job(plan(0..2, &skipped), None).await;
        let id = id.unwrap();
        let chunk = journal.record_intent(id, vec![0, 1]).await.unwrap();
        let refused = (ChangeState::Inflight, ChangeState::Refused);
        let answer = ChunkAnswer {
            chunk,
            class: "refused",
            status: Some(403),
            updates: vec![
                with_reason(0, refused, Some(403), Some("not yours")),
                update_between(1, ChangeState::Inflight, ChangeState::Accepted),
            ],
        };
        journal.record_answer(id, answer, None).await.unwrap();
        let noted = journal.add_note(leaks(&[0]), "asked the provider".into());
        noted.await.unwrap();
        let mut reveal = AuditRecord::new(AuditOrigin::Console, "reveal", "done");
        reveal.target = AuditTarget::One(key(0));
        journal.audit(reveal).await.unwrap();
        // A line of the job itself says nothing that the job does not.
        let mut line = AuditRecord::new(AuditOrigin::Console, "fix", "failed");
        (line.target, line.job) = (AuditTarget::One(key(0)), Some(id));
        journal.audit(line).await.unwrap();
        journal
            .claim(leaks(&[0]), ClaimOperation::Release)
            .await
            .unwrap();

        let entries = history(&room.reader().await, 0).await;
        let mut known = acts(&entries);
        known.sort_unstable();
        assert_eq!(known, ["claim", "fix", "note", "release", "reveal"]);
        let change = entries
            .iter()
            .find(|entry| entry.what == HistoryAction::Change(JobCommand::Fix))
            .unwrap();
        assert_eq!(change.job, Some(id));
        assert_eq!(change.by, Some(ana()));
        let statuses = (change.before, change.after);
        assert_eq!(statuses, (Some(Status::Open), Some(Status::Fixed)));
        assert_eq!(change.outcome.as_deref(), Some("failed"));
        assert_eq!(change.detail.as_deref(), Some("HTTP 403: not yours"));
        assert_eq!(change.words.ticket.as_deref(), Some("INC-7"));
        let note = entries
            .iter()
            .find(|entry| entry.what == HistoryAction::Note)
            .unwrap();
        assert_eq!(note.words.note.as_deref(), Some("asked the provider"));
        assert_eq!(acts(&history(&journal, 1).await), ["fix"]);
        assert_eq!(history(&journal, 3).await, [], "it was skipped");
        let foreign = journal.history(key(0), ProviderId::new("elsewhere")).await;
        assert_eq!(
            acts(&foreign.unwrap()),
            ["reveal"],
            "the log knows keys alone"
        );
    }
}

#[tokio::test]
async fn a_note_is_written_by_the_writer_alone() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        let other = room.open(room.options(OpenMode::Write)).await.unwrap();
        let refused = other.add_note(leaks(&[0]), "late".into()).await;
        assert!(matches!(refused, Err(JournalError::Locked { .. })));
        assert_eq!(journal.notes(vec![binding()]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_note_that_was_changed_or_taken_out_is_noticed() {
    for damage in [
        "UPDATE leak_event SET text = 'nothing'",
        "UPDATE leak_event SET user = 'bo'",
        "UPDATE leak_event SET what = 'claim'",
        "UPDATE leak_event SET seq = 9",
        "DELETE FROM leak_event",
        "DELETE FROM tally WHERE name = 'leak_event'",
    ] {
        let room = JournalFixture::new();
        let journal = room.writer().await;
        let noted = journal.add_note(leaks(&[0]), "x".into());
        noted.await.unwrap();
        journal.close().await;
        room.writer().await.close().await;
        room.sql().execute_batch(damage).unwrap();
        let why = room.open_error().await;
        assert!(why.contains("damaged"), "{damage}: {why}");
    }
}

#[tokio::test]
async fn a_journal_of_the_third_schema_is_read_as_it_is_and_brought_up_to_date_by_who_writes() {
    let room = JournalFixture::new();
    let journal = room.writer().await;
    journal.record_job(plan(0..1, &[]), None).await.unwrap();
    journal.close().await;
    room.sql()
        .execute_batch(
            "DROP TABLE leak_event; DELETE FROM tally WHERE name = 'leak_event'; PRAGMA user_version = 3",
        )
        .unwrap();
    let look = room.reader().await;
    assert_eq!(look.notes(vec![binding()]).await.unwrap(), []);
    assert_eq!(acts(&history(&look, 0).await), ["fix"]);
    look.verify().await.unwrap();
    let journal = room.writer().await;
    let noted = journal.add_note(leaks(&[0]), "now".into());
    noted.await.unwrap();
    assert_eq!(acts(&history(&look, 0).await).len(), 2);
    journal.verify().await.unwrap();
}

#[tokio::test]
async fn notes_and_claims_go_with_the_name_of_their_profile() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        let noted = journal.add_note(leaks(&[0, 1]), "x".into());
        noted.await.unwrap();
        journal
            .claim(leaks(&[0]), ClaimOperation::Claim)
            .await
            .unwrap();
        let wish = stanch::journal::Move {
            from: profile(),
            to: ProfileName::new("renamed").unwrap(),
            provider: binding().provider,
        };
        assert_eq!(journal.plan_move(wish.clone()).await.unwrap().events, 3);
        assert_eq!(journal.move_profile_data(wish).await.unwrap().events, 3);
        assert_eq!(history(&journal, 0).await, []);
        let renamed = EntityKey {
            profile: ProfileName::new("renamed").unwrap(),
            ..key(0)
        };
        let known = journal.history(renamed, binding().provider).await.unwrap();
        let known: Vec<_> = acts(&known)
            .into_iter()
            .filter(|act| act != "import")
            .collect();
        assert_eq!(known, ["note", "claim"]);
        journal.verify().await.unwrap();
        journal.close().await;
        room.writer().await.close().await;
    }
}
