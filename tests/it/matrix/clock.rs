//! Clocks that jump: between a confirmation and going on, for all of a run, and while a job waits. What was confirmed
//! more than a day ago, or after now, is asked about again; a wait takes as long as it takes.

use super::{MatrixFixture, mode};
use crate::support::console_fixture::ConsoleFixture;
use jiff::{SignedDuration, Timestamp};
use stanch::{
    app::job::RunningJob,
    entity::{
        job::{JobState, PauseReason},
        status::Status,
    },
    runtime::clock::Clock as _,
};

/// Refused by policy.
const ASKED: i32 = 4;

#[tokio::test]
async fn a_job_goes_on_by_itself_only_within_a_day_of_its_confirmation() {
    let mut bench = MatrixFixture::new(mode("clock, between", "")).await;
    for (clock, asks) in [
        ("clock:+86520", true),
        ("clock:-86400", true),
        ("clock:-3600", true),
        // 1970 and 2038.
        ("clock:@0", true),
        ("clock:@2147483648", true),
        // Within the day; one hour is what summer time adds, and a minute is put right by the network.
        ("clock:+82800", false),
        ("clock:+3600", false),
        ("clock:-30", false),
    ] {
        bench.reset().await;
        bench.fix("kill:answer-before:2").await;
        let sent = bench.writes().await.len();
        let (code, _, said) = bench.run_with_output(&["jobs", "resume"], clock).await;
        if asks {
            assert_eq!(code, ASKED, "{clock}: {said}");
            assert!(
                said.contains("confirmed more than a day ago"),
                "{clock}: {said}"
            );
            assert_eq!(bench.writes().await.len(), sent, "{clock}: nothing is sent");
            assert!(!bench.has_ended().await, "{clock}");
            // Said yes to once more, under the same clock.
            assert!(
                bench
                    .run(&["jobs", "resume", "--yes"], clock)
                    .await
                    .success()
            );
        } else {
            assert_eq!(code, 0, "{clock}: {said}");
        }
        bench.report.record_run(bench.resume_nothing().await);
        bench.wait_for_writes().await;
        bench.assert_audit_complete(clock).await;
    }
    bench.report.assert_clean(8);
}

impl MatrixFixture {
    /// With nothing left to go on with, that is no failure.
    async fn resume_nothing(&self) -> std::process::ExitStatus {
        let status = self.run(&["jobs", "resume"], "").await;
        assert!(status.success(), "{status}");
        status
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_all_the_time_holds_nothing_up() {
    let mut bench = MatrixFixture::new(mode("clock, wrong", "")).await;
    for clock in [
        "clock:@0",
        "clock:@2147483648",
        "clock:@4102444800",
        "clock:-86400",
    ] {
        bench.reset().await;
        let status = bench.fix(clock).await;
        assert!(status.success(), "{clock}: {status}");
        bench.wait_for_writes().await;
        bench.assert_audit_complete(clock).await;
    }
    bench.report.assert_clean(0);
}

#[tokio::test]
async fn no_clock_shortens_or_lengthens_a_wait() {
    let day = SignedDuration::from_hours(24);
    let jumps: [fn(Timestamp, SignedDuration) -> Timestamp; 5] = [
        |now, day| now + day,
        |now, day| now - day,
        |_, _| Timestamp::UNIX_EPOCH,
        |_, _| Timestamp::from_second(1 << 31).unwrap(),
        |now, _| now + SignedDuration::from_hours(1),
    ];
    let waits = jumps.map(|jump| async move {
        let mut rig = ConsoleFixture::with_leaks(100);
        // The transport counts a wait from the machine's own clock.
        rig.now = Timestamp::now();
        let mut driver = rig.open().await;
        let open = driver.rows_with(Status::Open)[0];
        driver
            .mark(open)
            .press("f")
            .await
            .wait_for_reading_time()
            .await;
        driver.faults(&["429:1"]).await;
        // However long the start took: what the clock is behind would be waited for too.
        driver.clock.set(Timestamp::now());
        driver
            .keys("y")
            .run_until("the job pauses", |model| {
                model.jobs.running.iter().any(|job| job.paused.is_some())
            })
            .await;
        let writes = driver.writes().await.len();
        let left = driver.model().jobs.running[0].remaining_wait(driver.clock.now().since_start);
        let set = jump(driver.clock.now().wall, day);
        driver.clock.set(set);
        assert_eq!(
            driver.model().jobs.running[0].remaining_wait(driver.clock.now().since_start),
            left,
            "{set}: the countdown knows no clock"
        );
        driver.keys("gg").handle_pending().await;
        let waits = |job: &RunningJob| matches!(job.paused, Some((PauseReason::Rate, _)));
        assert!(waits(&driver.model().jobs.running[0]), "{set}: it waits on");
        driver.faults(&[]).await;
        driver
            .run_until("it goes on", |model| !model.jobs.running.iter().any(waits))
            .await;
        driver.run_until_settled().await;
        (
            driver.journal.jobs().await.unwrap()[0].state,
            driver.writes().await.len() - writes,
            set,
        )
    });
    for (state, sent, set) in futures_util::future::join_all(waits).await {
        // A day later, or before its confirmation, it asks before it sends; within the day it goes on.
        let later = set.duration_since(Timestamp::now());
        if later > -SignedDuration::from_secs(60) && later < day {
            assert_eq!((state, sent), (JobState::Done, 1), "{set}");
        } else {
            assert_eq!((state, sent), (JobState::Paused, 0), "{set}");
        }
    }
}
