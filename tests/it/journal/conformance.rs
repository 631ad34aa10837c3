//! What every store must do: each transition of a change that a write can make, recorded and read back; a step that was
//! made for another row; the audit line of an attempt; what others have changed.

use super::*;
use stanch::entity::{
    change_response::ChangeResponse,
    error::ProviderError,
    journal_changes::JournalChanges,
    transition::{MAX_ATTEMPTS, Step},
};

/// An event with all that it borrows.
#[derive(Clone, Debug)]
enum Happening {
    Answered(ChangeResponse, bool),
    Interrupted,
    ReadAfter(Observation, bool, bool, bool),
    ReadBefore(Observation),
}

impl Happening {
    fn step(&self, change: &Change) -> Step {
        match self {
            Self::Answered(answer, alone) => transition::step(
                change,
                &ChangeEvent::Answered {
                    response: answer,
                    is_single: *alone,
                },
            ),
            Self::Interrupted => transition::step(change, &ChangeEvent::Interrupted),
            Self::ReadAfter(observation, last, over, valid) => transition::step(
                change,
                &ChangeEvent::ReadAfter {
                    observation: observation.clone(),
                    is_last_read: *last,
                    window_over: *over,
                    confirmation_valid: *valid,
                },
            ),
            Self::ReadBefore(observation) => {
                transition::step(change, &ChangeEvent::ReadBefore(observation.clone()))
            }
        }
    }
}

fn rejected(status: u16) -> ProviderError {
    ProviderError::Rejected {
        status,
        message: None,
    }
}

/// Every event that a write can record, apart from those that the store makes itself.
fn happenings() -> Vec<Happening> {
    let unreachable = ProviderError::Unreachable {
        why: "no route".into(),
        not_sent: true,
    };
    let limited = ProviderError::RateLimited { until: noon() };
    let refused = |status| ChangeResponse::Refused {
        status,
        error: rejected(status),
    };
    let mut all = vec![
        Happening::Answered(ChangeResponse::Accepted, true),
        Happening::Answered(ChangeResponse::Accepted, false),
        Happening::Answered(ChangeResponse::NotSent(unreachable), true),
        Happening::Answered(ChangeResponse::NotSent(rejected(0)), true),
        Happening::Answered(ChangeResponse::RateLimited(limited), true),
        Happening::Answered(
            ChangeResponse::Unauthorised(ProviderError::Unauthorised { status: 401 }),
            true,
        ),
        Happening::Answered(refused(403), true),
        Happening::Answered(refused(403), false),
        Happening::Answered(refused(413), true),
        Happening::Answered(ChangeResponse::Ambiguous(rejected(500)), true),
        Happening::Interrupted,
    ];
    let observations = [
        Observation::Status(Status::Open),
        Observation::Status(Status::Fixed),
        Observation::Status(Status::Unknown),
        Observation::Gone(404),
        Observation::Unreadable("no route".into()),
        Observation::RequestBlocked(PauseReason::Net),
    ];
    for observation in observations {
        all.push(Happening::ReadBefore(observation.clone()));
        for (last, over) in [(true, true), (true, false), (false, true), (false, false)] {
            for valid in [true, false] {
                all.push(Happening::ReadAfter(observation.clone(), last, over, valid));
            }
        }
    }
    all
}

/// The writes that bring a change where an event is to meet it: how often it is sent, and what follows each time.
fn paths() -> Vec<Vec<Happening>> {
    let unclear = Happening::Answered(ChangeResponse::Ambiguous(rejected(500)), true);
    let as_before = Happening::ReadAfter(Observation::Status(Status::Open), true, true, true);
    let refused = ChangeResponse::Refused {
        status: 403,
        error: rejected(403),
    };
    // Sent as often as it may be, and unknown.
    let mut tired = Vec::new();
    for _ in 1..MAX_ATTEMPTS {
        tired.extend([unclear.clone(), as_before.clone()]);
    }
    tired.push(unclear.clone());
    vec![
        vec![Happening::Answered(ChangeResponse::Accepted, true)],
        vec![unclear],
        vec![Happening::Answered(refused, false)],
        tired,
    ]
}

/// A job under test: what the store should hold of it.
struct Model {
    journal: Journal,
    id: JobId,
    changes: Vec<Change>,
    /// The chunk that was sent last.
    chunk: u32,
}

impl Model {
    async fn new(room: &JournalFixture, changes: usize) -> Self {
        let journal = room.writer().await;
        let id = journal
            .record_job(plan(0..changes, &[]), None)
            .await
            .unwrap();
        let changes = journal.job(id).await.unwrap().changes;
        Self {
            journal,
            id,
            changes,
            chunk: 0,
        }
    }

    async fn send(&mut self, indexes: &[u32]) {
        let chunk = self.journal.record_intent(self.id, indexes.to_vec()).await;
        self.chunk += 1;
        assert_eq!(chunk, Ok(self.chunk));
        for index in indexes {
            let change = &mut self.changes[*index as usize];
            let sent = transition::step(change, &ChangeEvent::Sent);
            change.apply(sent);
        }
    }

    /// Records what happens to some changes, by the write that it belongs to.
    async fn apply(&mut self, indexes: &[u32], what: &Happening) {
        let updates: Vec<_> = indexes
            .iter()
            .map(|index| ChangeUpdate {
                index: *index,
                step: what.step(&self.changes[*index as usize]),
            })
            .collect();
        for update in &updates {
            self.changes[update.index as usize].apply(update.step.clone());
        }
        let recorded = match what {
            Happening::Answered(..) => {
                let answer = ChunkAnswer {
                    chunk: self.chunk,
                    class: "accepted",
                    status: Some(200),
                    updates,
                };
                self.journal.record_answer(self.id, answer, None).await
            }
            _ => {
                self.journal
                    .record_read_backs(self.id, updates, 1, None)
                    .await
            }
        };
        recorded.unwrap();
    }

    /// What the store holds is what the transitions say, and its numbers are those of its changes.
    async fn assert_agrees(&self) {
        let record = self.journal.job(self.id).await.unwrap();
        assert_eq!(record.changes, self.changes);
        let outcomes = self.changes.iter().map(|change| change.state().outcome());
        assert_eq!(record.job.counts, outcomes.collect());
    }
}

#[tokio::test]
async fn every_store_records_every_transition_as_the_table_has_it() {
    let (paths, happenings) = (paths(), happenings());
    for room in JournalFixture::all_stores() {
        // One change for each event in each place; the first row is not sent, the second in flight.
        let width = happenings.len() as u32;
        let mut model = Model::new(&room, (paths.len() + 2) * happenings.len()).await;
        let row = |at: usize| -> Vec<u32> {
            let at = at as u32;
            (at * width..(at + 1) * width).collect()
        };
        model.send(&row(1)).await;
        for (at, path) in paths.iter().enumerate() {
            let row = row(at + 2);
            for what in path {
                if model.changes[row[0] as usize].state() == ChangeState::Pending {
                    model.send(&row).await;
                }
                model.apply(&row, what).await;
            }
        }
        model.assert_agrees().await;
        let mut before = model.changes.clone();
        for (at, what) in happenings.iter().enumerate() {
            let column: Vec<u32> = (0..paths.len() + 2).map(|line| row(line)[at]).collect();
            model.apply(&column, what).await;
        }
        model.assert_agrees().await;
        let moved = |(one, other): (&Change, &Change)| one != other;
        let count = before
            .iter()
            .zip(&model.changes)
            .filter(|pair| moved(*pair));
        assert!(count.count() > 60, "most of them meant something");
        // What was not sent is cancelled, then the job ends, and every change with it.
        let pending: Vec<u32> = model
            .changes
            .iter()
            .filter(|change| change.state() == ChangeState::Pending)
            .map(|change| change.index)
            .collect();
        let (cancelled, left) = pending.split_at(pending.len() / 2);
        assert!(!cancelled.is_empty() && !left.is_empty());
        let journal = model.journal.clone();
        let recorded = journal.record_cancelled(model.id, cancelled.to_vec(), None);
        recorded.await.unwrap();
        for index in cancelled {
            let change = &mut model.changes[*index as usize];
            let step = transition::step(change, &ChangeEvent::Cancelled);
            change.apply(step);
        }
        model.assert_agrees().await;
        let ended = journal.record_state(model.id, JobState::DoneWithExceptions, None, None);
        ended.await.unwrap();
        before.clone_from(&model.changes);
        for change in &mut model.changes {
            let step = transition::step(change, &ChangeEvent::JobEnded);
            change.apply(step);
        }
        assert_ne!(before, model.changes, "some were open");
        model.assert_agrees().await;
        assert_eq!(journal.active_leaks().await.unwrap(), []);
        // The same of a store that is opened anew.
        journal.close().await;
        model.journal = room.writer().await;
        model.assert_agrees().await;
    }
}

#[tokio::test]
async fn a_step_that_was_made_for_another_row_is_refused_whole() {
    for room in JournalFixture::all_stores() {
        let mut model = Model::new(&room, 2).await;
        let stale = model.changes.clone();
        model.send(&[0, 1]).await;
        let accepted = Happening::Answered(ChangeResponse::Accepted, true);
        let steps = |changes: &[Change]| -> Vec<ChangeUpdate> {
            let of = |change: &Change| ChangeUpdate {
                index: change.index,
                step: accepted.step(change),
            };
            changes.iter().map(of).collect()
        };
        // The second step rests on a change that was not sent yet.
        let mut mixed = steps(&model.changes);
        mixed[1] = steps(&stale).remove(1);
        let refused = model
            .journal
            .record_read_backs(model.id, mixed, 1, None)
            .await;
        assert!(
            matches!(refused, Err(JournalError::Io { .. })),
            "{refused:?}"
        );
        model.assert_agrees().await;
        // An answer that comes twice moves nothing the second time.
        let once = steps(&model.changes);
        model.apply(&[0, 1], &accepted).await;
        let twice = model.journal.record_read_backs(model.id, once, 1, None);
        assert!(twice.await.is_err());
        model.assert_agrees().await;
    }
}

#[tokio::test]
async fn a_verified_change_keeps_the_moment_at_which_that_was_committed() {
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let id = journal.record_job(plan(0..3, &[]), None).await.unwrap();
        assert!(journal.verified_at(id).await.unwrap().is_empty());
        let chunk = journal.record_intent(id, vec![0, 1]).await.unwrap();
        let moved = |index, from, to| update_between(index, from, to);
        let (inflight, accepted) = (ChangeState::Inflight, ChangeState::Accepted);
        let answer = ChunkAnswer {
            chunk,
            class: "accepted",
            status: Some(200),
            updates: vec![moved(0, inflight, accepted), moved(1, inflight, accepted)],
        };
        journal.record_answer(id, answer, None).await.unwrap();
        assert!(journal.verified_at(id).await.unwrap().is_empty());
        let read = vec![moved(1, accepted, ChangeState::Verified)];
        journal.record_read_backs(id, read, 1, None).await.unwrap();
        let first = journal.verified_at(id).await.unwrap();
        assert!(first.keys().eq(&[1]), "{first:?}");
        let job = journal.job(id).await.unwrap().job;
        assert!(first[&1] >= job.started_at.unwrap());
        let read = vec![moved(0, accepted, ChangeState::Verified)];
        journal.record_read_backs(id, read, 1, None).await.unwrap();
        let cancelled = journal.record_state(id, JobState::Cancelled, None, None);
        cancelled.await.unwrap();
        let both = journal.verified_at(id).await.unwrap();
        assert!(both.keys().eq(&[0, 1]), "{both:?}");
        assert_eq!(both[&1], first[&1], "it does not move");
        let ended = journal.job(id).await.unwrap().job.ended_at.unwrap();
        assert!(both[&1] <= both[&0] && both[&0] <= ended);
    }
}

#[tokio::test]
async fn the_line_of_an_attempt_is_written_with_the_write_that_it_belongs_to() {
    let line = |outcome: &str| Some(AuditRecord::new(AuditOrigin::Console, "fix", outcome));
    for room in JournalFixture::all_stores() {
        let journal = room.writer().await;
        let id = journal
            .record_job(plan(0..2, &[]), line("confirmed"))
            .await
            .unwrap();
        let again = journal.record_job(plan(0..2, &[]), line("confirmed")).await;
        assert_eq!(again, Err(JournalError::StalePlan));
        let chunk = journal.record_intent(id, vec![0]).await.unwrap();
        let answer = ChunkAnswer {
            chunk,
            class: "accepted",
            status: Some(200),
            updates: vec![update_between(
                0,
                ChangeState::Inflight,
                ChangeState::Accepted,
            )],
        };
        let answered = journal.record_answer(id, answer, line("accepted"));
        answered.await.unwrap();
        let read = vec![update_between(
            0,
            ChangeState::Accepted,
            ChangeState::Verified,
        )];
        let read = journal.record_read_backs(id, read, 1, line("1 verified"));
        read.await.unwrap();
        let cancelled = journal.record_cancelled(id, vec![1], line("1 not sent"));
        cancelled.await.unwrap();
        let ended = journal.record_state(id, JobState::Cancelled, None, line("done"));
        ended.await.unwrap();
        // A write that is refused has no line of its own.
        let refused = journal.record_read_backs(id, Vec::new(), 1, line("late"));
        assert!(refused.await.is_err());
        let log = journal.audit_log().await.unwrap();
        assert_eq!(log.report().first_bad, None);
        let outcomes: Vec<String> = log
            .lines()
            .map(|line| {
                let line: serde_json::Value = serde_json::from_slice(line).unwrap();
                line["outcome"].as_str().unwrap().to_owned()
            })
            .collect();
        let kind = JournalError::StalePlan.kind();
        assert_eq!(
            outcomes,
            [
                "confirmed",
                "confirmed",
                &format!("failed: {kind}"),
                "accepted",
                "1 verified",
                "1 not sent",
                "done"
            ]
        );
    }
}

#[tokio::test]
async fn what_others_have_changed_is_told_once() {
    for room in JournalFixture::all_stores() {
        let writer = room.writer().await;
        let reader = room.reader().await;
        let first = reader.changes_since().await.unwrap();
        assert_eq!(first, JournalChanges::ALL, "the first look shows all");
        assert_eq!(reader.changes_since().await.unwrap(), JournalChanges::NONE);
        writer.record_job(plan(0..1, &[]), None).await.unwrap();
        let changes = reader.changes_since().await.unwrap();
        assert!(changes.jobs && changes.active_leaks, "{changes:?}");
        assert_eq!(reader.changes_since().await.unwrap(), JournalChanges::NONE);
    }
}
