//! The scenes, each played on a console of its own.

use super::{ConsoleFixture, Driver, StatuslessProvider};
use serde_json::json;
use stanch::{
    app::{
        message::Message,
        model::{GroupRef, Pane},
    },
    entity::{
        capability::Ability, error::ProviderError, leak::LeakField, profile::RateBudget,
        status::Status,
    },
    table::{GroupKind, RowId},
};
use std::time::Duration;

/// Every scene, by name.
pub(super) const SCENES: [&str; 33] = [
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
    "three",
    "mixed",
    "status-menu",
    "credentials",
    "inspect",
    "record",
    "breach",
    "check",
    "hidden",
    "profile",
    "views",
    "columns",
    "facets",
    "bytes",
    "news",
];

/// Plays one.
#[expect(clippy::too_many_lines, reason = "one arm a scene")]
pub(super) async fn play(name: &str, mut rig: ConsoleFixture) -> Driver {
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
        "three" | "mixed" => rig.statusless_providers = statusless_providers(),
        "news" => return news(rig).await,
        "credentials" | "inspect" | "breach" | "check" | "hidden" | "profile" | "facets" => {
            rig.all_systems = true;
            rig.leaks = 600;
        }
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
            driver
                .press("*f")
                .await
                .wait_for_reading_time()
                .await
                .press("1")
                .await;
        }
        "help" => {
            driver.press("?").await;
        }
        "menu" => {
            driver
                .press("o")
                .await
                .advance_clock(Duration::from_millis(300))
                .await;
        }
        "palette" => {
            driver.press(":mark").await;
        }
        "report" => report(&mut driver).await,
        "leave" => {
            driver.press("<space>").await;
            driver.press("f").await.wait_for_reading_time().await;
            driver.faults(&["hang:1"]).await;
            driver
                .keys("y")
                .run_until("the jobs pane shows the job", |model| {
                    model.jobs.running.iter().any(|job| job.sending)
                        && !model.workspace.jobs.jobs.is_empty()
                })
                .await;
            driver.keys("q").handle_pending().await;
        }
        "users" => {
            driver.press("1<enter>").await;
        }
        "connections" => {
            driver.press("<enter>").await;
        }
        "jobs" => {
            driver.press("jj<space>j<space>").await;
            driver
                .press("f")
                .await
                .wait_for_reading_time()
                .await
                .press("y")
                .await;
            // How long the disk took is another figure each time.
            let mut jobs = driver.journal.jobs().await.unwrap();
            jobs[0].timing.journal_ms = 7;
            driver.press("w").await;
            driver.send_message(Message::JobsLoaded(Ok(jobs))).await;
        }
        "range" => {
            driver.press("<space>jvjj").await;
        }
        "status-menu" => {
            driver
                .press("s")
                .await
                .advance_clock(Duration::from_millis(300))
                .await;
        }
        "views" => {
            driver
                .press("/status:open vpn<enter>otoSgu:view save open vpn, by user<enter>")
                .await;
            driver.press("zvj").await;
        }
        "columns" => {
            driver.press("Cjj<space>j>>J").await;
        }
        "bytes" => {
            for (keys, bytes) in [("<C-l>", 8_432), ("j", 47), ("jj", 66), ("<C-d>", 3_911)] {
                driver.recorder.accept(bytes);
                driver.press(keys).await;
            }
            driver.press("zb").await;
        }
        "errors" => {
            driver.faults(&["html:1"]).await;
            driver.press("5/").await.press("3r").await.press("!").await;
        }
        other => play_several(other, &mut driver).await,
    }
    wait_until_steady(&mut driver).await;
    driver
}

/// The scenes of several systems.
/// A second console on leaks of which four are new and two came back.
async fn news(mut rig: ConsoleFixture) -> Driver {
    let first = ConsoleFixture {
        news: true,
        size: rig.size,
        ..ConsoleFixture::with_leaks(120)
    };
    rig.news = true;
    rig.state = Some(first.open().await.end().await);
    rig.now = "2026-11-23T07:30:00Z".parse().unwrap();
    let mut driver = rig.start().await;
    let statuses = driver.statuses().await.into_iter();
    let fixed = statuses.filter(|(_, word)| word == "fixed").take(2);
    let open: serde_json::Map<String, serde_json::Value> =
        fixed.map(|(id, _)| (id, json!("open"))).collect();
    let inserted = json!({ "projectdiscovery": { "insert": 4 } });
    driver.control_post("/leaks", inserted).await;
    driver
        .control_post("/statuses", json!({ "projectdiscovery": open }))
        .await;
    driver.begin();
    driver.run_until_settled().await;
    driver.press("Nj").await;
    driver
}

async fn play_several(name: &str, driver: &mut Driver) {
    match name {
        "three" => open_three_systems(driver).await,
        "mixed" => {
            for number in 0..3 {
                let row = driver
                    .model()
                    .data
                    .table
                    .find(&statusless_providers()[0].key(number));
                driver.mark(row.unwrap()).run_until_settled().await;
            }
            let open = driver.rows_with(Status::Open)[..4].to_vec();
            for handle in open {
                driver.mark(handle).run_until_settled().await;
            }
            driver.press("sp").await.wait_for_reading_time().await;
        }
        "credentials" => {
            // The first one whole, of the second one leak.
            driver.press("gc<space>").await;
            driver.press("<enter><space><esc>").await;
        }
        "inspect" => {
            let name = machine_with_files(driver);
            driver.press(&format!("44/{name}<enter>i")).await;
            // The files come last.
            driver.press(&"j".repeat(40)).await;
        }
        "record" => {
            driver.press("a").await;
            driver.press("ncalled the owner<enter>i").await;
        }
        "breach" => {
            driver.press(":profile acme-lc<enter>").await;
        }
        "check" => {
            let leak = breach_row(driver);
            let login = driver.model().data.table.text(leak, LeakField::Login);
            let login = String::from_utf8(login.into_owned()).unwrap();
            driver.press(&format!(":check email {login}<enter>")).await;
        }
        "hidden" => {
            driver.press(":check password<enter>hunter2").await;
        }
        "profile" => {
            driver.press(":profile acme-la<enter>").await;
        }
        "facets" => {
            driver.press("/status:open<enter>#jj").await;
        }
        _ => {}
    }
}

/// How many requests are left depends on the pace of the machine: a limit that nothing was taken of does not.
pub(super) async fn wait_until_steady(driver: &mut Driver) {
    let names: Vec<_> = driver
        .model()
        .data
        .profiles
        .iter()
        .filter(|state| state.profile.capabilities.can(Ability::Lookup))
        .map(|state| state.profile.binding.name.clone())
        .collect();
    for profile in names {
        let budget = RateBudget {
            limit: Some(500),
            used: 12,
            ..RateBudget::default()
        };
        driver
            .send_message(Message::BudgetChanged {
                profile,
                budget: Box::new(budget),
            })
            .await;
    }
}

/// The name of the first machine whose files are known.
fn machine_with_files(driver: &Driver) -> String {
    let model = driver.model();
    let all = model
        .workspace
        .groups(Pane::Connections)
        .unwrap()
        .list
        .order();
    let has_files = |(kind, group): &GroupRef| {
        let natives = model.data.table.listed_entities(*kind, *group);
        let mut connections = natives
            .iter()
            .filter_map(stanch::table::ListedEntity::connection);
        connections.any(|connection| connection.tree.is_some() && connection.metadata.is_some())
    };
    let (kind, group) = all.iter().copied().find(has_files).unwrap();
    String::from_utf8(model.data.table.group_name(kind, group).into_owned()).unwrap()
}

/// The first leak of the list that is from a breach.
pub(super) fn breach_row(driver: &Driver) -> RowId {
    let model = driver.model();
    let of_breach = |leak: &RowId| model.data.table.group(*leak, GroupKind::Breach).is_some();
    let mut all = model.workspace.leaks.list.order().iter().copied();
    all.find(of_breach).unwrap()
}

fn statusless_providers() -> Vec<StatuslessProvider> {
    vec![
        StatuslessProvider::new("acme-ai", "Leaks.ai", 5),
        StatuslessProvider::new("acme-checker", "Leaked Checker", 3),
    ]
}

/// Three profiles: one waits for its budget, one has failed. A status of ours that its provider disputes is under the
/// cursor, and one that nobody disputes is below it.
async fn open_three_systems(driver: &mut Driver) {
    let keepers = driver.statusless_providers.clone();
    keepers[0].set_status(Status::New);
    driver.press("R").await;
    for keys in ["sp", "f"] {
        for number in 0..2 {
            let row = driver.model().data.table.find(&keepers[0].key(number));
            driver.move_cursor(row.unwrap()).run_until_settled().await;
            driver.press(keys).await.read_plan_and_apply().await;
        }
    }
    keepers[0].set_status(Status::Investigating);
    keepers[1].set_error(ProviderError::Unauthorised { status: 401 });
    driver.press("R").await;
    let row = driver.model().data.table.find(&keepers[0].key(1));
    driver.move_cursor(row.unwrap()).run_until_settled().await;
    let undisputed = driver.model().data.table.find(&keepers[0].key(2));
    driver
        .move_cursor(undisputed.unwrap())
        .run_until_settled()
        .await;
    driver.press("sp").await.read_plan_and_apply().await;
    driver.move_cursor(row.unwrap()).run_until_settled().await;
    let now = driver.model().now.wall;
    let budget = RateBudget {
        limit: Some(10),
        used: 10,
        free_at: Some(now + Duration::from_secs(37)),
        wait_until: Some(now + Duration::from_secs(37)),
        ..RateBudget::default()
    };
    let profile = keepers[0].name();
    driver
        .send_message(Message::BudgetChanged {
            profile,
            budget: Box::new(budget),
        })
        .await;
    driver
        .advance_clock(Duration::from_secs(4))
        .await
        .press("kj")
        .await;
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
        driver.mark(handle).run_until_settled().await;
    }
    driver
        .press("f")
        .await
        .wait_for_reading_time()
        .await
        .press("y")
        .await;
}
