//! Claims: who has taken a leak on, until when, and what another console may do about it.

use super::*;
use stanch::entity::{
    claim::{Claim, ClaimOperation, ClaimResult, ConsoleId},
    journal_changes::JournalChanges,
};

fn binding() -> ProfileBinding {
    plan([], &[]).plan.shares[0].binding.clone()
}

fn leaks(numbers: &[usize]) -> Vec<(EntityKey, ProviderId)> {
    let provider = binding().provider;
    let of = |number: &usize| (key(*number), provider.clone());
    numbers.iter().map(of).collect()
}

fn keys(claims: &[(EntityKey, Claim)]) -> Vec<EntityKey> {
    claims.iter().map(|(key, _)| key.clone()).collect()
}

async fn claims(journal: &Journal) -> Vec<(EntityKey, Claim)> {
    journal.claims(vec![binding()]).await.unwrap()
}

fn seven_o_clock() -> Timestamp {
    "2026-03-01T19:00:00Z".parse().unwrap()
}

fn nine_o_clock() -> Timestamp {
    "2026-03-01T21:00:00Z".parse().unwrap()
}

/// Another console of the same user, at another time.
async fn second_console(room: &JournalFixture, now: fn() -> Timestamp) -> Journal {
    let mut options = room.options(OpenMode::Write);
    options.operator.tty = "pts/9".into();
    options.now = now;
    let journal = room.open(options).await.unwrap();
    assert_eq!(journal.access(), Access::Writer);
    journal
}

#[tokio::test]
async fn a_claim_names_user_host_and_console_and_lasts_eight_hours() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        assert_eq!(claims(&journal).await, []);
        let claimed = journal.claim(leaks(&[2, 1]), ClaimOperation::Claim).await;
        assert_eq!(claimed.unwrap().changed, [key(2), key(1)]);
        let claim = Claim {
            claimant: ConsoleId {
                user: "ana".into(),
                host: "jump1".into(),
                console: "pts/3".into(),
            },
            expires_at: "2026-03-01T20:00:00Z".parse().unwrap(),
            is_own: true,
            role: None,
        };
        let expected = [(key(1), claim.clone()), (key(2), claim)];
        assert_eq!(claims(&journal).await, expected);
        assert_eq!(
            claims(&room.reader().await).await,
            expected,
            "who looks sees it"
        );
        let mut elsewhere = binding();
        elsewhere.provider = ProviderId::new("elsewhere");
        assert_eq!(journal.claims(vec![elsewhere]).await.unwrap(), []);
        journal.close().await;

        let late = second_console(&room, seven_o_clock).await;
        assert_eq!(keys(&claims(&late).await), [key(1), key(2)]);
        assert!(claims(&late).await.iter().all(|(_, claim)| !claim.is_own));
        late.close().await;
        let later = second_console(&room, nine_o_clock).await;
        assert_eq!(claims(&later).await, [], "it ends by itself");
        let claimed = later
            .claim(leaks(&[1]), ClaimOperation::Claim)
            .await
            .unwrap();
        assert_eq!(
            claimed.held_by_others,
            [],
            "and stands in nobody's way then"
        );
    }
}

#[tokio::test]
async fn what_another_has_claimed_is_taken_only_when_that_was_asked_for() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        journal
            .claim(leaks(&[1, 2]), ClaimOperation::Claim)
            .await
            .unwrap();
        journal.close().await;

        let second = second_console(&room, seven_o_clock).await;
        for act in [ClaimOperation::Claim, ClaimOperation::Release] {
            let ClaimResult {
                changed,
                held_by_others: held,
            } = second.claim(leaks(&[1]), act).await.unwrap();
            assert_eq!(changed, [], "{act}");
            assert_eq!(keys(&held), [key(1)], "{act}");
            assert_eq!(held[0].1.claimant.user_at_host(), "ana@jump1");
            assert_eq!(held[0].1.claimant.console, "pts/3");
        }
        let claimed = second
            .claim(leaks(&[1, 3]), ClaimOperation::Claim)
            .await
            .unwrap();
        assert_eq!(claimed.changed, [key(3)], "the others are claimed");
        let taken = second
            .claim(leaks(&[1]), ClaimOperation::Take)
            .await
            .unwrap();
        assert_eq!(taken.changed, [key(1)]);
        let mine: Vec<_> = claims(&second)
            .await
            .into_iter()
            .filter(|(_, claim)| claim.is_own)
            .collect();
        assert_eq!(keys(&mine), [key(1), key(3)]);
        assert_eq!(
            mine[0].1.expires_at,
            "2026-03-02T03:00:00Z".parse().unwrap()
        );
        let released = second
            .claim(leaks(&[1, 3]), ClaimOperation::Release)
            .await
            .unwrap();
        assert_eq!(released.changed, [key(1), key(3)]);
        assert_eq!(keys(&claims(&second).await), [key(2)]);
    }
}

#[tokio::test]
async fn a_console_that_runs_renews_its_own_claims_and_no_others() {
    for room in JournalFixture::alone() {
        let journal = room.writer().await;
        journal
            .claim(leaks(&[1]), ClaimOperation::Claim)
            .await
            .unwrap();
        journal.close().await;
        let second = second_console(&room, seven_o_clock).await;
        second
            .claim(leaks(&[2]), ClaimOperation::Claim)
            .await
            .unwrap();
        assert_eq!(second.renew_claims().await, Ok(1));
        second.close().await;

        let mut options = room.options(OpenMode::Write);
        options.now = seven_o_clock;
        let first = room.open(options).await.unwrap();
        assert_eq!(first.renew_claims().await, Ok(1));
        let until: Timestamp = "2026-03-02T03:00:00Z".parse().unwrap();
        assert_eq!(claims(&first).await[0].1.expires_at, until);
        first.close().await;
        assert_eq!(
            second_console(&room, nine_o_clock)
                .await
                .renew_claims()
                .await,
            Ok(1)
        );
    }
}

#[tokio::test]
async fn who_watches_sees_claims_and_makes_none() {
    for room in JournalFixture::alone() {
        let first = room.writer().await;
        let mut options = room.options(OpenMode::Write);
        options.operator.tty = "pts/9".into();
        let second = room.open(options).await.unwrap();
        assert_eq!(
            second.changes_since().await,
            Ok(JournalChanges::ALL),
            "the first look shows all"
        );
        assert_eq!(second.changes_since().await, Ok(JournalChanges::NONE));
        first
            .claim(leaks(&[4]), ClaimOperation::Claim)
            .await
            .unwrap();
        assert_eq!(second.changes_since().await, Ok(JournalChanges::ALL));
        assert_eq!(second.changes_since().await, Ok(JournalChanges::NONE));
        assert_eq!(keys(&claims(&second).await), [key(4)]);
        for act in [
            ClaimOperation::Claim,
            ClaimOperation::Take,
            ClaimOperation::Release,
        ] {
            let refused = second.claim(leaks(&[4]), act).await;
            assert!(
                matches!(refused, Err(JournalError::Locked { .. })),
                "{act}: {refused:?}"
            );
        }
        let renewed = second.renew_claims().await;
        assert!(matches!(renewed, Err(JournalError::Locked { .. })));
        assert_eq!(keys(&claims(&first).await), [key(4)]);
    }
}

#[tokio::test]
async fn who_watches_takes_the_place_of_the_writer_that_has_ended() {
    for room in JournalFixture::alone() {
        let first = room.writer().await;
        let mut options = room.options(OpenMode::Write);
        options.operator.user = "bo".into();
        let second = room.open(options.clone()).await.unwrap();
        second.changes_since().await.unwrap();
        assert!(matches!(second.access(), Access::Follower { .. }));
        let id = first.record_job(plan(0..1, &[]), None).await.unwrap();
        first.close().await;

        assert_eq!(
            second.changes_since().await,
            Ok(JournalChanges::ALL),
            "the job"
        );
        assert!(
            matches!(second.access(), Access::Follower { .. }),
            "a lock that goes from hand to hand is left alone"
        );
        assert_eq!(second.changes_since().await, Ok(JournalChanges::ALL));
        assert_eq!(second.access(), Access::Writer);
        second.record_intent(id, vec![0]).await.unwrap();
        options.operator.user = "cy".into();
        let third = room.open(options).await.unwrap();
        let Access::Follower { holder } = third.access() else {
            panic!("{:?}", third.access());
        };
        assert!(holder.starts_with("bo@jump1"), "{holder}");
    }
}

#[tokio::test]
async fn a_watcher_does_not_take_the_place_in_a_journal_that_is_damaged() {
    let room = JournalFixture::new();
    let first = room.writer().await;
    first.record_job(plan(0..2, &[]), None).await.unwrap();
    let second = room.open(room.options(OpenMode::Write)).await.unwrap();
    first.close().await;
    room.sql()
        .execute_batch("UPDATE change SET state = 4")
        .unwrap();
    second.changes_since().await.unwrap();
    second.changes_since().await.unwrap();
    let Access::ReadOnly { why } = second.access() else {
        panic!("{:?}", second.access());
    };
    assert!(why.contains("damaged"), "{why}");
}
