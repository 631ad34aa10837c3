//! What the team store does that an embedded one cannot: many writers at once, jobs that go from one console to another,
//! requests that are asked twice, and what nobody may do.

use super::*;
use stanch::entity::{
    claim::{Claim, ClaimOperation},
    job::ChangeState::{Inflight, Unknown},
    journal_changes::JournalChanges,
};
use std::time::Duration;

/// A room with a team store, or none where the server is not installed.
macro_rules! room {
    () => {
        match JournalFixture::team() {
            Some(room) => room,
            None => return,
        }
    };
}

fn binding() -> ProfileBinding {
    plan([], &[]).plan.shares[0].binding.clone()
}

pub(super) fn leaks(numbers: impl IntoIterator<Item = usize>) -> Vec<(EntityKey, ProviderId)> {
    let provider = binding().provider;
    numbers
        .into_iter()
        .map(|number| (key(number), provider.clone()))
        .collect()
}

impl JournalFixture {
    /// A console of a login, on a host of its own.
    pub(super) async fn console(&self, role: &str, number: usize, fault: Option<&str>) -> Journal {
        let mut options = self.options(OpenMode::Write);
        options.directory = self.root.path().join(format!("state-{role}-{number}"));
        options.now = Timestamp::now;
        options.operator.host = format!("soc{number}");
        options.operator.pid = number.to_string();
        options.inject_fault = fault.map(str::to_owned);
        let database = self.database.as_ref().unwrap();
        options.team = Some(database.options(role));
        let journal = self.open(options).await.unwrap();
        assert_eq!(journal.access(), Access::Writer);
        journal
    }

    pub(super) fn query(&self, sql: &str) -> String {
        let database = self.database.as_ref().unwrap();
        database.sql(&format!("SET search_path = stanch; {sql}"))
    }

    pub(super) fn assert_in_order(&self) {
        let database = self.database.as_ref().unwrap();
        let found = database.admin(|admin| admin.check(true).unwrap());
        assert_eq!(found.problems, []);
    }
}

/// A plan of its own: two plans of one moment are one plan.
pub(super) fn own_plan(numbers: impl IntoIterator<Item = usize>, second: usize) -> NewJob {
    let mut new = plan(numbers, &[]);
    new.plan.built_at += jiff::SignedDuration::from_secs(second as i64);
    new
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_consoles_that_claim_the_same_leaks_each_leak_has_one_winner() {
    let room = room!();
    let mut consoles = Vec::new();
    for number in 0..20 {
        let role = ["ana", "ben", "cho"][number % 3];
        consoles.push((role, room.console(role, number, None).await));
    }
    let all = 200;
    let mut races = Vec::new();
    for (role, console) in &consoles {
        let (role, console) = (*role, console.clone());
        races.push(tokio::spawn(async move {
            let mut changed = Vec::new();
            for start in (0..all).step_by(20) {
                let claimed = console
                    .claim(leaks(start..start + 20), ClaimOperation::Claim)
                    .await
                    .unwrap();
                assert_eq!(claimed.changed.len() + claimed.held_by_others.len(), 20);
                for (_, claim) in &claimed.held_by_others {
                    assert_ne!(
                        claim.claimant.user, role,
                        "what is one's own is not held by another"
                    );
                }
                changed.extend(claimed.changed);
            }
            (role, changed)
        }));
    }
    let mut winners: std::collections::BTreeMap<EntityKey, std::collections::BTreeSet<&str>> =
        std::collections::BTreeMap::new();
    for race in races {
        let (role, changed) = race.await.unwrap();
        for key in changed {
            winners.entry(key).or_default().insert(role);
        }
    }
    assert_eq!(winners.len(), all);
    assert!(
        winners.values().all(|roles| roles.len() == 1),
        "{winners:?}"
    );
    for (_, console) in consoles {
        console.close().await;
    }
    room.assert_in_order();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_overlapping_plans_each_leak_is_in_one_live_job() {
    let room = room!();
    let mut races = Vec::new();
    let mut consoles = Vec::new();
    for number in 0..20_usize {
        let console = room
            .console(["ana", "ben", "cho"][number % 3], number, None)
            .await;
        consoles.push(console.clone());
        races.push(tokio::spawn(async move {
            // Every plan has leaks of its neighbours, in one order or the other.
            let mut wanted: Vec<usize> = (0..30).map(|at| (number * 20 + at) % 400).collect();
            if number % 2 == 1 {
                wanted.reverse();
            }
            console.record_job(own_plan(wanted, number), None).await
        }));
    }
    let mut recorded = 0;
    for race in races {
        match race.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(JournalError::StalePlan) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(recorded >= 6, "{recorded} were recorded");
    let doubled = room.query("SELECT count(*) FROM (SELECT account, kind, id FROM change WHERE state <= 3 GROUP BY 1, 2, 3 HAVING count(*) > 1) AS x");
    assert_eq!(doubled, "0");
    for console in consoles {
        console.close().await;
    }
    room.assert_in_order();
}

#[tokio::test]
async fn a_job_is_taken_over_from_a_dead_console_and_never_from_a_live_one_by_habit() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let id = ana.record_job(own_plan(0..4, 0), None).await.unwrap();
    ana.record_intent(id, vec![0, 1]).await.unwrap();
    let held = ben.take_job(id, false).await;
    let Err(JournalError::Held { by }) = held else {
        panic!("{held:?}");
    };
    assert!(by.starts_with("ana@soc1"), "{by}");
    let holdings = ben.holdings().await.unwrap();
    assert!(!holdings[&id].is_free() && !holdings[&id].is_own());
    // Asked for in so many words, it goes over at once; what was in flight is unknown.
    ben.take_job(id, true).await.unwrap();
    let record = ben.job(id).await.unwrap();
    assert_eq!(states(&record)[..2], [Unknown, Unknown]);
    assert_eq!(record.job.counts.unknown, 2);
    let age = ben.pending_ages(id).await.unwrap()[&0];
    assert_eq!(
        age,
        Duration::ZERO,
        "what the old holder sent may still arrive"
    );
    // The old holder can neither send nor record.
    let late = vec![update_between(0, Inflight, ChangeState::Accepted)];
    let answer = ChunkAnswer {
        chunk: 1,
        class: "accepted",
        status: Some(200),
        updates: late,
    };
    for late in [
        ana.record_intent(id, vec![2]).await.map(|_| ()),
        ana.record_answer(id, answer, None).await,
    ] {
        match late {
            Err(JournalError::TakenOver { by }) => assert_eq!(by, "ben@soc2"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ben.record_intent(id, vec![2]).await, Ok(2));
    // A console that says goodbye gives its job back, but for what is in flight.
    ben.close().await;
    ana.take_job(id, false).await.unwrap();
    assert_eq!(room.query("SELECT token FROM job"), "3");
    ana.record_state(id, JobState::Cancelled, None, None)
        .await
        .unwrap();
    ana.close().await;
    room.assert_in_order();
}

#[tokio::test]
async fn what_a_first_holder_sent_is_waited_for_by_whoever_comes_after_a_pause() {
    let room = room!();
    let (ana, ben, cho) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
        room.console("cho", 3, None).await,
    );
    let id = ana.record_job(own_plan(0..4, 0), None).await.unwrap();
    ana.record_intent(id, vec![0, 1]).await.unwrap();
    ben.take_job(id, true).await.unwrap();
    let whole = Duration::from_secs(60);
    assert!(ben.settling(id).await.unwrap() > whole);
    // Ben gives it back before he has read anything: what ana sent is under way all the same.
    ben.record_state(id, JobState::Paused, None, None)
        .await
        .unwrap();
    assert_eq!(room.query("SELECT holder IS NULL FROM job"), "t");
    cho.take_job(id, false).await.unwrap();
    assert!(cho.settling(id).await.unwrap() > whole);
    assert_eq!(cho.pending_ages(id).await.unwrap()[&0], Duration::ZERO);
    // What was read has arrived: after that nothing is waited for.
    let read = [0, 1].map(|at| update_between(at, Unknown, ChangeState::Verified));
    cho.record_read_backs(id, read.to_vec(), 1, None)
        .await
        .unwrap();
    cho.record_state(id, JobState::Paused, None, None)
        .await
        .unwrap();
    ben.take_job(id, false).await.unwrap();
    assert_eq!(ben.settling(id).await.unwrap(), Duration::ZERO);
    room.assert_in_order();
}

#[tokio::test]
async fn a_console_that_lost_its_job_goes_on_with_it_only_when_it_is_told_to() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let id = ana.record_job(own_plan(0..4, 0), None).await.unwrap();
    ana.record_intent(id, vec![0]).await.unwrap();
    ben.take_job(id, true).await.unwrap();
    ben.record_state(id, JobState::Paused, None, None)
        .await
        .unwrap();
    // Nobody runs it; what ana's console knows of it is older than what ben did.
    for _ in 0..2 {
        let late = ana.record_intent(id, vec![2]).await;
        let by = "ben@soc2".to_owned();
        assert_eq!(late, Err(JournalError::TakenOver { by: by.clone() }));
        let again = ana.confirm_job(id).await;
        assert_eq!(again, Err(JournalError::TakenOver { by }));
    }
    assert_eq!(
        room.query("SELECT token || ' ' || (holder IS NULL) || ' ' || chunks FROM job"),
        "2 true 1"
    );
    ana.take_job(id, false).await.unwrap();
    assert_eq!(ana.record_intent(id, vec![2]).await, Ok(2));
    room.assert_in_order();
}

#[tokio::test]
async fn an_older_copy_of_the_server_gets_no_intent_of_a_console_that_saw_more() {
    let room = room!();
    let ana = room.console("ana", 1, None).await;
    let id = ana.record_job(own_plan(0..4, 0), None).await.unwrap();
    ana.record_intent(id, vec![0]).await.unwrap();
    let database = room.database.as_ref().unwrap();
    let cut = || {
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ana'";
        database.sql(&format!("{all} AND datname = '{}'", database.name));
    };
    // The same server: it goes on.
    cut();
    assert_eq!(ana.record_intent(id, vec![1]).await, Ok(2));
    // A replica without the last commit has taken over.
    database.sql("SET session_replication_role = replica; DELETE FROM stanch.event WHERE seq = (SELECT max(seq) FROM stanch.event)");
    cut();
    let lost = ana.record_intent(id, vec![2]).await;
    assert!(matches!(lost, Err(JournalError::Lost { .. })), "{lost:?}");
    assert_eq!(room.query("SELECT count(*) FROM chunk"), "2");
    assert!(matches!(ana.access(), Access::ReadOnly { .. }));
}

#[tokio::test]
async fn an_older_schema_is_taken_to_the_newest_once_by_two_owners_at_the_same_time() {
    const LOCKS: &str = "FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND";
    let room = room!();
    room.query(
        "DO $$ DECLARE x record; BEGIN \
         FOR x IN SELECT oid::regclass AS name FROM pg_class WHERE relname LIKE 'seen\\_%' AND relkind = 'r' LOOP EXECUTE 'DROP TABLE ' || x.name || ' CASCADE'; END LOOP; \
         FOR x IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'seen\\_%' LOOP EXECUTE 'DROP FUNCTION ' || x.name; END LOOP; \
         END $$; UPDATE meta SET schema_version = 3",
    );
    let database = room.database.as_ref().unwrap();
    let migrate = || database.admin(|admin| admin.migrate().unwrap());
    std::thread::scope(|scope| {
        // Both have read the version before one of them may go on.
        scope.spawn(|| {
            room.query(&format!(
                "DO $$ BEGIN PERFORM pg_advisory_lock(hashtext('stanch.migrate')); \
                 WHILE (SELECT count(*) {LOCKS} NOT granted) < 2 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"
            ));
        });
        while room.query(&format!("SELECT count(*) {LOCKS} granted")) == "0" {}
        let two = [scope.spawn(migrate), scope.spawn(migrate)];
        assert_eq!(two.map(|one| one.join().unwrap()), [(3, 5), (3, 5)]);
    });
    let steps =
        room.query("SELECT string_agg(detail, ' ' ORDER BY seq) FROM event WHERE what = 'schema'");
    let made = [5, 4, 5].map(|step| format!("{{\"version\": {step}}}"));
    assert_eq!(
        steps,
        made.join(" "),
        "that of its making, and each step once"
    );
    assert_eq!(room.query("SELECT schema_version FROM meta"), "5");
    room.console("ana", 1, None).await;
    room.assert_in_order();
}

#[tokio::test]
async fn a_lease_that_is_over_lets_others_take_a_job_and_fences_nobody_by_itself() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let id = ana.record_job(own_plan(0..2, 0), None).await.unwrap();
    room.query("UPDATE console SET seen_at = now() - interval '1 hour' WHERE role = 'ana'");
    assert_eq!(
        ana.record_intent(id, vec![0]).await,
        Ok(1),
        "nobody took it"
    );
    // A sign of life may come between the two.
    for _ in 0..10 {
        room.query("UPDATE console SET seen_at = now() - interval '1 hour' WHERE role = 'ana'");
        if ben.take_job(id, false).await.is_ok() {
            break;
        }
    }
    assert!(ana.record_intent(id, vec![1]).await.is_err());
}

#[tokio::test]
async fn a_pause_gives_the_job_back_and_its_own_console_goes_on_without_a_take_over() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let id = ana.record_job(own_plan(0..2, 0), None).await.unwrap();
    let paused = Some((PauseReason::Rate, None));
    ana.record_state(id, JobState::Paused, paused, None)
        .await
        .unwrap();
    assert_eq!(room.query("SELECT holder IS NULL FROM job"), "t");
    assert_eq!(ana.record_intent(id, vec![0]).await, Ok(1));
    assert_eq!(room.query("SELECT token FROM job"), "1");
    ben.ask_pause(id).await.unwrap();
    assert_eq!(ana.asked_to_pause().await.unwrap(), [id]);
    assert_eq!(ben.asked_to_pause().await.unwrap(), []);
}

#[tokio::test]
async fn who_paused_a_job_is_known_until_it_goes_on() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let id = ana.record_job(own_plan(0..2, 0), None).await.unwrap();
    let paused_by = async |console: &Journal| {
        let holdings = console.holdings().await.unwrap();
        holdings[&id].paused_by.clone()
    };
    assert_eq!(paused_by(&ben).await, None);
    ana.record_state(id, JobState::Paused, None, None)
        .await
        .unwrap();
    assert_eq!(paused_by(&ben).await.as_deref(), Some("ana"));
    assert_eq!(ana.record_intent(id, vec![0]).await, Ok(1));
    ana.record_state(id, JobState::Running, None, None)
        .await
        .unwrap();
    assert_eq!(paused_by(&ana).await, None);
    ben.ask_pause(id).await.unwrap();
    assert_eq!(paused_by(&ana).await, None, "it still runs");
    ana.record_state(id, JobState::Paused, None, None)
        .await
        .unwrap();
    assert_eq!(paused_by(&ana).await.as_deref(), Some("ben"));
    // A wait of its own is nobody's.
    let waits = Some((PauseReason::Rate, None));
    ana.record_state(id, JobState::Paused, waits, None)
        .await
        .unwrap();
    assert_eq!(paused_by(&ben).await, None);
}

#[tokio::test]
async fn a_login_that_may_have_no_more_connections_is_told_so() {
    let room = room!();
    let database = room.database.as_ref().unwrap();
    let role = format!("few_{}", database.name);
    database.sql(&format!(
        "CREATE ROLE {role} LOGIN IN ROLE stanch_analyst CONNECTION LIMIT 0"
    ));
    let mut options = room.options(OpenMode::Read);
    options.team = Some(database.options(&role));
    let journal = room.open(options).await.unwrap();
    match journal.access() {
        Access::ReadOnly { why } => assert_eq!(
            why,
            "the team store cannot be reached: it takes no more connections of this login (its CONNECTION LIMIT)"
        ),
        other => panic!("{other:?}"),
    }
    // It is waited for.
    database.sql(&format!("ALTER ROLE {role} CONNECTION LIMIT 5"));
    assert_eq!(journal.jobs().await.unwrap(), []);
    journal.close().await;
    database.sql(&format!("DROP ROLE {role}"));
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_is_carried_out_once() {
    let room = room!();
    for step in [
        "intent", "answer", "readings", "record", "state", "claim", "audit",
    ] {
        let journal = room
            .console("ana", 1, Some(&format!("disconnect:{step}:1")))
            .await;
        let second = room
            .query("SELECT count(*) FROM job")
            .parse::<usize>()
            .unwrap();
        let attempt = AuditRecord::new(AuditOrigin::Console, "fix", "confirmed");
        let id = journal
            .record_job(
                own_plan(second * 10..second * 10 + 2, second),
                Some(attempt.clone()),
            )
            .await
            .unwrap();
        let chunk = journal.record_intent(id, vec![0, 1]).await.unwrap();
        assert_eq!(chunk, 1, "{step}");
        let answer = ChunkAnswer {
            chunk,
            class: "accepted",
            status: Some(200),
            updates: vec![
                update_between(0, Inflight, ChangeState::Accepted),
                update_between(1, Inflight, ChangeState::Accepted),
            ],
        };
        journal
            .record_answer(id, answer, Some(attempt.clone()))
            .await
            .unwrap();
        let read = vec![update_between(
            0,
            ChangeState::Accepted,
            ChangeState::Verified,
        )];
        journal
            .record_read_backs(id, read, 1, Some(attempt.clone()))
            .await
            .unwrap();
        journal
            .claim(leaks([second * 10 + 5]), ClaimOperation::Claim)
            .await
            .unwrap();
        journal.audit(attempt).await.unwrap();
        journal
            .record_state(id, JobState::DoneWithExceptions, None, None)
            .await
            .unwrap();
        journal.close().await;
        let events = room.query(&format!(
            "SELECT string_agg(what, ' ' ORDER BY seq) FROM event WHERE job = {}",
            id.0
        ));
        assert_eq!(
            events, "recorded words intent answer readings state",
            "{step}"
        );
    }
    assert_eq!(room.query("SELECT sum(lines) FROM audit"), "28");
    room.assert_in_order();
}

#[tokio::test]
async fn a_status_that_a_colleague_set_meanwhile_is_not_overwritten() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let local = |number: usize, before: Status, wanted: Status, second: usize| {
        let mut new = own_plan([number], second);
        new.plan.wanted = wanted;
        new.plan.shares[0].local = 1;
        new.plan.shares[0].remote = 0;
        let planned = &mut new.plan.eligible[0];
        (
            planned.storage_target,
            planned.before,
            planned.wanted,
            planned.remote_status,
        ) = (StorageTarget::Local, before, wanted, None);
        new
    };
    ana.local_statuses(vec![binding()]).await.unwrap();
    ben.local_statuses(vec![binding()]).await.unwrap();
    let first = ben
        .record_job(local(1, Status::New, Status::Investigating, 0), None)
        .await
        .unwrap();
    assert_eq!(ben.job(first).await.unwrap().job.counts.local, 1);
    let second = ana
        .record_job(local(1, Status::New, Status::Fixed, 1), None)
        .await
        .unwrap();
    let record = ana.job(second).await.unwrap();
    assert_eq!(states(&record), [ChangeState::Drifted]);
    assert_eq!(
        record.changes[0].reason(),
        Some("changed by ben@soc2 since")
    );
    assert_eq!(record.job.state, JobState::DoneWithExceptions);
    let kept = ana.local_statuses(vec![binding()]).await.unwrap();
    assert_eq!(kept[0].1.status, Status::Investigating);
    // Seen, it can be changed.
    let third = ana
        .record_job(local(1, Status::Investigating, Status::Fixed, 2), None)
        .await
        .unwrap();
    assert_eq!(states(&ana.job(third).await.unwrap()), [ChangeState::Local]);
    room.assert_in_order();
}

#[tokio::test]
async fn a_large_plan_of_statuses_that_are_kept_here_is_not_joined_with_itself() {
    const LEAKS: usize = 3_000;
    let room = room!();
    let ana = room.console("ana", 1, None).await;
    let mut new = own_plan(0..LEAKS, 0);
    (new.plan.shares[0].local, new.plan.shares[0].remote) = (LEAKS, 0);
    for planned in &mut new.plan.eligible {
        planned.storage_target = StorageTarget::Local;
        (planned.before, planned.remote_status) = (Status::New, None);
    }
    let id = ana.record_job(new, None).await.unwrap();
    assert_eq!(ana.job(id).await.unwrap().job.counts.local, LEAKS as u64);
    let kept = ana.local_statuses(vec![binding()]).await.unwrap();
    assert_eq!(kept.len(), LEAKS);
    // What the server has read of the stage's index; it tells that a moment later.
    let read = || -> usize {
        let told = room.query(
            "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'stage_of_batch'",
        );
        told.parse().unwrap()
    };
    while read() == 0 {
        ana.claims(vec![binding()]).await.unwrap();
    }
    assert!(read() <= LEAKS * 20, "{} rows were read", read());
    room.assert_in_order();
}

#[tokio::test]
async fn two_that_connect_an_account_at_once_are_pinned_to_the_first() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    // It was only named so far.
    ana.claim(leaks([1]), ClaimOperation::Claim).await.unwrap();
    assert_eq!(room.query("SELECT origin FROM account"), "");
    let mut other = own_plan([2], 1);
    other.plan.shares[0].binding.origin = "http://127.0.0.1:2".to_owned();
    let (one, two) = tokio::join!(
        ana.record_job(own_plan([1], 0), None),
        ben.record_job(other, None)
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let pinned = room.query("SELECT origin FROM account");
    assert_eq!(pinned == "http://127.0.0.1:1", one.is_ok());
    let refused = one.and(two);
    assert!(
        matches!(refused, Err(JournalError::Refused { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn claims_are_those_of_the_login_and_a_colleague_is_told_who_holds_one() {
    let room = room!();
    let (ana, other) = (
        room.console("ana", 1, None).await,
        room.console("ana", 3, None).await,
    );
    let ben = room.console("ben", 2, None).await;
    let claimed = ana
        .claim(leaks([1, 2]), ClaimOperation::Claim)
        .await
        .unwrap();
    assert_eq!(claimed.changed, [key(1), key(2)]);
    assert_eq!(
        ben.changes_since().await,
        Ok(JournalChanges::ALL),
        "the first look shows all"
    );
    ana.claim(leaks([3]), ClaimOperation::Claim).await.unwrap();
    let news = ben.changes_since().await.unwrap();
    assert!(news.claims && !news.statuses, "{news:?}");
    let mine: Vec<bool> = other
        .claims(vec![binding()])
        .await
        .unwrap()
        .iter()
        .map(|(_, claim)| claim.is_own)
        .collect();
    assert_eq!(mine, [true; 3], "on another console of the same login");
    let seen = ben.claims(vec![binding()]).await.unwrap();
    let Claim {
        claimant: by,
        is_own: mine,
        expires_at: until,
        role,
    } = &seen[0].1;
    assert_eq!(
        role.map(|role| role.name().to_string()),
        Some("ana".to_owned())
    );
    assert_eq!((&*by.user, &*by.host, *mine), ("ana", "soc1", false));
    let left = until.duration_since(Timestamp::now());
    assert!(
        left > jiff::SignedDuration::from_hours(7) && left <= jiff::SignedDuration::from_hours(8)
    );
    for act in [ClaimOperation::Claim, ClaimOperation::Release] {
        let refused = ben.claim(leaks([1]), act).await.unwrap();
        assert_eq!(
            (refused.changed.len(), refused.held_by_others.len()),
            (0, 1),
            "{act}"
        );
    }
    let taken = ben.claim(leaks([1]), ClaimOperation::Take).await.unwrap();
    assert_eq!(taken.changed, [key(1)]);
    assert_eq!(ana.renew_claims().await, Ok(2));
    other
        .claim(leaks([2]), ClaimOperation::Release)
        .await
        .unwrap();
    assert_eq!(ana.claims(vec![binding()]).await.unwrap().len(), 2);
}

#[tokio::test]
async fn notes_and_acts_of_colleagues_are_in_the_history_of_a_leak() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    let id = ana.record_job(own_plan(0..2, 0), None).await.unwrap();
    ben.changes_since().await.unwrap();
    ana.claim(leaks([1]), ClaimOperation::Claim).await.unwrap();
    ana.claim(leaks([1]), ClaimOperation::Claim).await.unwrap();
    let note = ana
        .add_note(leaks([1, 2]), "asked twice".into())
        .await
        .unwrap();
    assert_eq!((&*note.by.user, &*note.by.host), ("ana", "soc1"));
    assert!(ben.changes_since().await.unwrap().notes);
    ben.claim(leaks([1]), ClaimOperation::Take).await.unwrap();
    let notes = ben.notes(vec![binding()]).await.unwrap();
    assert_eq!(notes, [(key(1), note.clone()), (key(2), note)]);
    let last = ben.last_notes(vec![binding()]).await.unwrap();
    let of_one = &last
        .iter()
        .find(|(of, _)| *of == key(1))
        .unwrap()
        .1
        .justification;
    assert_eq!(of_one.note.as_deref(), Some("asked twice"));
    assert_eq!(of_one.reason.as_deref(), Some("phished"), "the job's stays");
    let history = ben.history(key(1), binding().provider).await.unwrap();
    let acts: Vec<_> = history.iter().map(|entry| entry.what.to_string()).collect();
    assert_eq!(acts, ["fix", "claim", "note", "take"]);
    assert_eq!(history[0].job, Some(id));
    assert_eq!(history[3].by.as_ref().unwrap().user, "ben");
}

#[tokio::test]
async fn an_auditor_reads_and_writes_nothing_and_no_analyst_writes_a_table() {
    let room = room!();
    let ana = room.console("ana", 1, None).await;
    ana.record_job(own_plan(0..1, 0), None).await.unwrap();
    let database = room.database.as_ref().unwrap();
    let mut options = room.options(OpenMode::Write);
    options.team = Some(database.options("rev"));
    options.directory = room.root.path().join("state-rev");
    let rev = room.open(options).await.unwrap();
    let Access::ReadOnly { why } = rev.access() else {
        panic!("{:?}", rev.access());
    };
    assert!(why.contains("auditor"), "{why}");
    assert_eq!(rev.jobs().await.unwrap().len(), 1);
    let refused = rev.claim(leaks([1]), ClaimOperation::Claim).await;
    assert!(
        matches!(refused, Err(JournalError::ReadOnly { .. })),
        "{refused:?}"
    );
    for sql in [
        "UPDATE stanch.event SET what = 'x'",
        "DELETE FROM stanch.audit",
        "INSERT INTO stanch.live VALUES (1, 0, 'a', 1)",
        "SELECT stanch.append(1, 1, 1, 'x', 'x', 'x')",
        "LOCK TABLE stanch.turn IN EXCLUSIVE MODE",
        "SELECT * FROM stanch.stage",
        "SELECT key FROM stanch.console",
        "SELECT * FROM stanch.retain(now(), false)",
    ] {
        let tried = database.sql(&format!(
            "DO $$ BEGIN SET LOCAL ROLE ana; EXECUTE '{}'; RAISE EXCEPTION 'done'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$",
            sql.replace('\'', "''")
        ));
        assert_eq!(tried, "", "{sql}");
    }
}

#[tokio::test]
async fn a_store_that_lost_events_or_has_others_is_noticed() {
    let room = room!();
    let ana = room.console("ana", 1, None).await;
    ana.record_job(own_plan(0..1, 0), None).await.unwrap();
    ana.changes_since().await.unwrap();
    ana.changes_since().await.unwrap();
    let database = room.database.as_ref().unwrap();
    database.sql("SET session_replication_role = replica; DELETE FROM stanch.event WHERE seq = (SELECT max(seq) FROM stanch.event)");
    let lost = ana.changes_since().await;
    assert!(matches!(lost, Err(JournalError::Lost { .. })), "{lost:?}");
    assert!(matches!(ana.access(), Access::ReadOnly { .. }));
    assert_eq!(lost.unwrap_err().exit_code(), 8);
    drop(ana);
    // A changed event is found by who verifies the chain.
    let room = room!();
    let ana = room.console("ana", 1, None).await;
    ana.record_job(own_plan(0..1, 0), None).await.unwrap();
    room.query("UPDATE event SET detail = '{}' WHERE seq = 2");
    let damaged = ana.verify().await;
    let Err(JournalError::ReadOnly { why }) = damaged else {
        panic!("{damaged:?}");
    };
    assert!(why.contains("event 2"), "{why}");
}

#[tokio::test]
async fn a_console_is_woken_by_what_a_colleague_does_and_sees_who_is_there() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    ana.changes_since().await.unwrap();
    let news = ana.news().unwrap();
    ben.claim(leaks([7]), ClaimOperation::Claim).await.unwrap();
    let limit = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        news.wait(Duration::from_secs(10)).await;
        if ana.changes_since().await.unwrap().claims {
            break;
        }
        assert!(std::time::Instant::now() < limit, "no news of the claim");
    }
    while news.state().online() < 2 {
        news.wait(Duration::from_secs(10)).await;
        assert!(std::time::Instant::now() < limit, "{:?}", news.state());
    }
    assert_eq!(news.state().feed, stanch::entity::team::FeedKind::Listen);
    assert_eq!(news.state().role, "ana");
}

#[tokio::test]
async fn an_embedded_journal_is_taken_in_once_with_its_jobs_statuses_and_log() {
    let room = room!();
    let old = JournalFixture::new();
    let journal = old.writer().await;
    let attempt = AuditRecord::new(AuditOrigin::Console, "fix", "confirmed");
    let id = journal
        .record_job(plan(0..3, &[(key(9), SkipCode::Already)]), Some(attempt))
        .await
        .unwrap();
    let database = room.database.as_ref().unwrap();
    let who = old.options(OpenMode::Read).operator;
    journal.close().await;
    let refused = database.admin(|admin| admin.import(old.state(), &who, false));
    assert!(
        matches!(refused, Err(JournalError::Refused { .. })),
        "{refused:?}"
    );
    let journal = old.writer().await;
    journal
        .record_state(id, JobState::Cancelled, None, None)
        .await
        .unwrap();
    journal.close().await;
    for already in [false, true] {
        let imported = database.admin(|admin| admin.import(old.state(), &who, false));
        let imported = imported.unwrap();
        assert_eq!(
            (imported.jobs, imported.changes, imported.already),
            (1, 4, already)
        );
        assert_eq!(imported.audit, 1);
    }
    let ana = room.console("ana", 1, None).await;
    let jobs = ana.jobs().await.unwrap();
    assert_eq!(jobs.len(), 1);
    let record = ana.job(jobs[0].id).await.unwrap();
    assert_eq!(record.job.counts.cancelled, 3);
    assert_eq!(record.changes[0].key, key(0));
    assert_eq!(room.query("SELECT count(*) FROM audit_archive"), "1");
    let log = ana.audit_log().await.unwrap();
    assert_eq!(log.report().first_bad, None);
    ana.close().await;
    room.assert_in_order();
}

#[tokio::test]
async fn the_audit_log_of_a_team_is_sealed_by_the_server_and_its_copy_verifies_alone() {
    let room = room!();
    let (ana, ben) = (
        room.console("ana", 1, None).await,
        room.console("ben", 2, None).await,
    );
    for journal in [&ana, &ben, &ana] {
        let mut record = AuditRecord::new(AuditOrigin::Command, "fix", "accepted");
        record.detail = Some("line\nbreak and \"quotes\"".into());
        journal.audit(record).await.unwrap();
    }
    let log = ben.audit_log().await.unwrap();
    assert_eq!((log.report().records, log.report().first_bad), (3, None));
    let first: serde_json::Value = serde_json::from_slice(log.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["role"], &first["who"]["host"]),
        (&"ana".into(), &"soc1".into())
    );
    assert!(first.get("sha256").is_some() && first.get("hash").is_none());
    let (who, at) = ben.operator().await.unwrap();
    let copy = log.copy(&who, at).unwrap();
    let verdict = stanch::journal::verify_copy(&copy);
    assert_eq!((verdict.records, verdict.first_bad), (3, None));
    for at in (0..copy.len()).step_by(37) {
        let mut changed = copy.clone();
        changed[at] ^= 1;
        assert!(
            stanch::journal::verify_copy(&changed).first_bad.is_some(),
            "byte {at}"
        );
    }
}
