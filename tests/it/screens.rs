//! What the console looks like: every scene at three sizes, as text and styles; and what must hold of all of them.
//!
//! `INSTA_UPDATE=always cargo test --test it screens::` takes new snapshots;
//! `STANCH_PICTURES=1 cargo test --test it pictures` makes the pictures under `assets/pictures/` anew.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accessibility;
mod pictures;
mod scenes;
mod walk;
mod words;

use super::support::{
    console_fixture::ConsoleFixture,
    driver::Driver,
    statusless_provider::StatuslessProvider,
    test_backend::{screen_text, styles},
};
use scenes::SCENES;
use stanch::config::Overrides;

const SIZES: [(u16, u16); 3] = [(160, 48), (80, 24), (40, 12)];

/// A scene as it stands on the screen of a console with these settings.
async fn scene(name: &str, size: (u16, u16), overrides: Overrides) -> Driver {
    let rig = ConsoleFixture {
        size,
        overrides,
        ..ConsoleFixture::with_leaks(120)
    };
    Box::pin(scenes::play(name, rig)).await
}

async fn snapshots(name: &str) {
    assert!(SCENES.contains(&name));
    for (columns, rows) in SIZES {
        let driver = scene(name, (columns, rows), Overrides::default()).await;
        let buffer = driver.buffer();
        let shown = format!("{}\n{}", screen_text(buffer), styles(buffer));
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), shown);
    }
}

macro_rules! scenes {
    ($($test:ident = $name:literal,)+) => {
        $(#[tokio::test]
        async fn $test() {
            snapshots($name).await;
        })+

        #[test]
        fn every_scene_has_snapshots() {
            assert_eq!(SCENES, [$($name),+]);
        }
    };
}

scenes! {
    console = "console",
    loading = "loading",
    error = "error",
    empty = "empty",
    filter = "filter",
    plan = "plan",
    number = "number",
    help = "help",
    menu = "menu",
    palette = "palette",
    report = "report",
    first_run = "first-run",
    leave = "leave",
    users = "users",
    connections = "connections",
    jobs = "jobs",
    marked_range = "range",
    errors = "errors",
    three_profiles = "three",
    mixed_plan = "mixed",
    status_menu = "status-menu",
    credentials = "credentials",
    inspect = "inspect",
    leak_record = "record",
    breach = "breach",
    check = "check",
    hidden = "hidden",
    scope_of_a_profile = "profile",
    saved_views = "views",
    columns = "columns",
    facets = "facets",
    bytes_sent = "bytes",
    since_left = "news",
}

#[tokio::test]
async fn too_small() {
    for (columns, rows) in [(39, 12), (40, 11), (10, 3), (1, 1)] {
        let mut driver = ConsoleFixture::with_leaks(50).open().await;
        driver.resize(columns, rows).run_until_settled().await;
        let shown = screen_text(driver.buffer());
        insta::assert_snapshot!(format!("too-small-{columns}x{rows}"), shown);
    }
}
