//! The scenes, each played on a console of its own.

use super::{Driver, Keeper, Rig};
use serde_json::json;
use stanch::{
    app::{
        message::Message,
        model::{GroupRef, Pane},
    },
    entity::{
        capability::Ability, error::ProviderError, leak::LeakField, profile::Budget, status::Status,
    },
    table::{GroupKind, Handle},
};
use std::time::Duration;

/// Every scene, by name.
pub(super) const SCENES: [&str; 32] = [
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
];

/// Plays one.
#[expect(clippy::too_many_lines, reason = "one arm a scene")]
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
        "three" | "mixed" => rig.keepers = keepers(),
        "credentials" | "inspect" | "breach" | "check" | "hidden" | "profile" | "facets" => {
            rig.everything = true;
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
                    model.jobs.running.iter().any(|job| job.sending)
                        && !model.workspace.jobs.jobs.is_empty()
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
        "status-menu" => {
            driver
                .press("s")
                .await
                .pass(Duration::from_millis(300))
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
                driver.recorder.takes(bytes);
                driver.press(keys).await;
            }
            driver.press("zb").await;
        }
        "errors" => {
            driver.faults(&["html:1"]).await;
            driver.press("5/").await.press("3r").await.press("!").await;
        }
        other => several(other, &mut driver).await,
    }
    steady(&mut driver).await;
    driver
}

/// The scenes of several systems.
async fn several(name: &str, driver: &mut Driver) {
    match name {
        "three" => three(driver).await,
        "mixed" => {
            for number in 0..3 {
                let row = driver.model().data.table.find(&keepers()[0].key(number));
                driver.mark(row.unwrap()).settle().await;
            }
            let open = driver.rows_with(Status::Open)[..4].to_vec();
            for handle in open {
                driver.mark(handle).settle().await;
            }
            driver.press("sp").await.read_plan().await;
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
            let leak = of_a_breach(driver);
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
pub(super) async fn steady(driver: &mut Driver) {
    let names: Vec<_> = driver
        .model()
        .data
        .profiles
        .iter()
        .filter(|state| state.profile.capabilities.can(Ability::Lookup))
        .map(|state| state.profile.binding.name.clone())
        .collect();
    for profile in names {
        let budget = Budget {
            limit: Some(500),
            used: 12,
            ..Budget::default()
        };
        driver
            .message(Message::BudgetChanged {
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
        let natives = model.data.table.natives(*kind, *group);
        let mut connections = natives.iter().filter_map(stanch::table::Native::connection);
        connections.any(|connection| connection.tree.is_some() && connection.metadata.is_some())
    };
    let (kind, group) = all.iter().copied().find(has_files).unwrap();
    String::from_utf8(model.data.table.group_name(kind, group).into_owned()).unwrap()
}

/// The first leak of the list that is from a breach.
pub(super) fn of_a_breach(driver: &Driver) -> Handle {
    let model = driver.model();
    let of_breach = |leak: &Handle| model.data.table.group(*leak, GroupKind::Breach).is_some();
    let mut all = model.workspace.leaks.list.order().iter().copied();
    all.find(of_breach).unwrap()
}

fn keepers() -> Vec<Keeper> {
    vec![
        Keeper::new("acme-ai", "Leaks.ai", 5),
        Keeper::new("acme-checker", "Leaked Checker", 3),
    ]
}

/// Three profiles: one waits for its budget, one has failed. A status of ours that its provider disputes is under the
/// cursor, and one that nobody disputes is below it.
async fn three(driver: &mut Driver) {
    let keepers = driver.keepers.clone();
    keepers[0].says(Status::New);
    driver.press("R").await;
    for keys in ["sp", "f"] {
        for number in 0..2 {
            let row = driver.model().data.table.find(&keepers[0].key(number));
            driver.go(row.unwrap()).settle().await;
            driver.press(keys).await.read_plan_and_apply().await;
        }
    }
    keepers[0].says(Status::Investigating);
    keepers[1].fails(ProviderError::Unauthorised { status: 401 });
    driver.press("R").await;
    let row = driver.model().data.table.find(&keepers[0].key(1));
    driver.go(row.unwrap()).settle().await;
    let undisputed = driver.model().data.table.find(&keepers[0].key(2));
    driver.go(undisputed.unwrap()).settle().await;
    driver.press("sp").await.read_plan_and_apply().await;
    driver.go(row.unwrap()).settle().await;
    let now = driver.model().now.wall;
    let budget = Budget {
        limit: Some(10),
        used: 10,
        free_at: Some(now + Duration::from_secs(37)),
        wait_until: Some(now + Duration::from_secs(37)),
        ..Budget::default()
    };
    let profile = keepers[0].name();
    driver
        .message(Message::BudgetChanged {
            profile,
            budget: Box::new(budget),
        })
        .await;
    driver.pass(Duration::from_secs(4)).await.press("kj").await;
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
