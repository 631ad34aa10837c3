//! The pictures of the README, drawn from the screen's cells.
//!
//! `STANCH_PICTURES=1 cargo test --test it pictures` makes them anew; without it they are compared.

use super::{
    super::support::{console_fixture::ConsoleFixture, driver::Driver},
    SIZES,
    scenes::{breach_row, wait_until_steady},
};
use stanch::app::model::Pane;

/// A console at work: a job is done, a few leaks are marked.
async fn driver_with_job(size: (u16, u16)) -> Driver {
    let rig = ConsoleFixture {
        size,
        environment: "demo",
        ..ConsoleFixture::with_leaks(1_200)
    };
    let mut driver = rig.open().await;
    driver
        .press("jjvjjjjjvf")
        .await
        .wait_for_reading_time()
        .await;
    driver.press("y").await;
    driver
        .press(
            "<esc>+status:open class:customer country:poland<enter>+status:open login:novak<enter>",
        )
        .await;
    driver.press("ggjjjj").await;
    // The notice of the job has been read.
    driver
        .advance_clock(std::time::Duration::from_secs(4))
        .await;
    driver.press("k").await;
    driver
}

/// A person whom three systems know: all that is known of her in one list, and a status of ours among it.
async fn three_systems() -> Driver {
    let rig = ConsoleFixture {
        size: SIZES[0],
        environment: "demo",
        all_systems: true,
        ..ConsoleFixture::with_leaks(1_200)
    };
    let mut driver = rig.open().await;
    let users = driver.model().workspace.groups(Pane::Users).unwrap();
    let known_to_all = |group| users.rows.get(group).is_some_and(|row| row.sources == 3);
    let down = users.list.order().iter().position(known_to_all).unwrap();
    driver.press(&format!("2{}<enter>", "j".repeat(down))).await;
    let breach = breach_row(&driver);
    driver.move_cursor(breach).run_until_settled().await;
    driver.press("si").await.read_plan_and_apply().await;
    driver.move_cursor(breach).run_until_settled().await;
    driver.press("<space>").await;
    // The notice of the job has been read.
    driver
        .advance_clock(std::time::Duration::from_secs(4))
        .await;
    driver.press("k").await;
    wait_until_steady(&mut driver).await;
    driver
}

/// A person whom four systems know, and where the data of one leak come from.
async fn four_systems() -> Driver {
    let rig = ConsoleFixture {
        size: SIZES[0],
        environment: "demo",
        all_systems: true,
        fourth: true,
        ..ConsoleFixture::with_leaks(1_200)
    };
    let mut driver = rig.open().await;
    let users = driver.model().workspace.groups(Pane::Users).unwrap();
    let known_to_all = |group| users.rows.get(group).is_some_and(|row| row.sources == 4);
    let down = users.list.order().iter().position(known_to_all).unwrap();
    driver.press(&format!("2{}<enter>", "j".repeat(down))).await;
    driver.run_until_settled().await;
    driver.press("3").await;
    wait_until_steady(&mut driver).await;
    driver
}

/// What the leaks of three systems have in common.
async fn facets() -> Driver {
    let rig = ConsoleFixture {
        size: SIZES[0],
        environment: "demo",
        all_systems: true,
        ..ConsoleFixture::with_leaks(1_200)
    };
    let mut driver = rig.open().await;
    driver.press("/status:open<enter>#<tab><tab>j").await;
    driver
}

fn compare(name: &str, driver: &Driver) {
    super::super::support::picture::assert_picture(name, driver.buffer());
}

#[tokio::test]
async fn pictures_show_the_console_as_it_is() {
    for size in SIZES {
        let driver = driver_with_job(size).await;
        compare(&format!("console-{}x{}", size.0, size.1), &driver);
    }
    let mut driver = driver_with_job(SIZES[0]).await;
    driver
        .press("<esc>+class:employee vpn<enter>/status:open country:poland<enter>f")
        .await;
    compare("plan-160x48", &driver);
    compare("three-systems-160x48", &three_systems().await);
    compare("four-systems-160x48", &four_systems().await);
    compare("facets-160x48", &facets().await);
}
