//! The scenes, each played on a console of its own.

use super::{Driver, Rig};
use serde_json::json;
use stanch::{app::message::Message, entity::status::Status};
use std::time::Duration;

/// Every scene, by name.
pub(super) const SCENES: [&str; 18] = [
    "console",
    "loading",
    "error",
    "empty",
    "filter",
    "plan",
    "number",
    "help",
    "menu",
    "palette",
    "report",
    "first-run",
    "leave",
    "users",
    "connections",
    "jobs",
    "range",
    "errors",
];

/// Plays one.
pub(super) async fn play(name: &str, mut rig: Rig) -> Driver {
    match name {
        "loading" => {
            let mut driver = rig.start().await;
            driver.begin();
            return driver;
        }
        "error" => rig.faults = "500:1",
        "empty" => rig.leaks = 0,
        "report" => rig.bulk_size = 2,
        "first-run" => rig.first_run = true,
        _ => {}
    }
    let mut driver = rig.open().await;
    match name {
        "console" => {
            driver.press("j<space>jj<space><space>k").await;
        }
        "filter" => {
            driver.press("<space>/northl").await;
        }
        "plan" => {
            driver.press("vjjjjjjjjjjjvgg/class:customer<enter>f").await;
        }
        "number" => {
            driver.press("*f").await.read_plan().await.press("1").await;
        }
        "help" => {
            driver.press("?").await;
        }
        "menu" => {
            driver
                .press("o")
                .await
                .pass(Duration::from_millis(300))
                .await;
        }
        "palette" => {
            driver.press(":mark").await;
        }
        "report" => report(&mut driver).await,
        "leave" => {
            driver.press("<space>").await;
            driver.press("f").await.read_plan().await;
            driver.faults(&["hang:1"]).await;
            driver
                .keys("y")
                .until("the jobs pane shows the job", |model| {
                    model.running.iter().any(|job| job.sending) && !model.jobs.jobs.is_empty()
                })
                .await;
            driver.keys("q").take_in().await;
        }
        "users" => {
            driver.press("1<enter>").await;
        }
        "connections" => {
            driver.press("<enter>").await;
        }
        "jobs" => {
            driver.press("jj<space>j<space>").await;
            driver.press("f").await.read_plan().await.press("y").await;
            // How long the disk took is another figure each time.
            let mut jobs = driver.journal.jobs().await.unwrap();
            jobs[0].timing.journal_ms = 7;
            driver.press("w").await;
            driver.message(Message::JobsLoaded(Ok(jobs))).await;
        }
        "range" => {
            driver.press("<space>jvjj").await;
        }
        "errors" => {
            driver.faults(&["html:1"]).await;
            driver.press("5/").await.press("3r").await.press("!").await;
        }
        _ => {}
    }
    driver
}

/// Four open leaks and a fixed one: one of the open ones is refused, and its neighbour with it.
async fn report(driver: &mut Driver) {
    let open = driver.rows_with(Status::Open)[..4].to_vec();
    let fixed = driver.rows_with(Status::Fixed)[0];
    let mut ids: Vec<_> = open.iter().map(|handle| driver.id(*handle)).collect();
    ids.sort();
    let body = json!({"projectdiscovery": {"refuse": {&ids[0]: 403}}});
    driver.control_post("/leaks", body).await;
    for handle in open.into_iter().chain([fixed]) {
        driver.mark(handle).settle().await;
    }
    driver.press("f").await.read_plan().await.press("y").await;
}
