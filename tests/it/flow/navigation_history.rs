//! Drilling down, the way back, and what `Esc` ends first.

use super::ConsoleFixture;
use stanch::app::model::{Pane, ScopeItem};

#[tokio::test]
async fn drill_down_and_back() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    let all = driver.model().workspace.leaks.list.order().len();
    let users = driver.model().workspace.users.list.order().len();
    driver.press("1<enter>").await;
    assert_eq!(driver.model().workspace.focus, Pane::Users);
    assert!(driver.model().workspace.users.list.order().len() < users);
    assert!(driver.status_line().contains("domain:"));
    driver.press("<enter>").await;
    assert_eq!(driver.model().workspace.focus, Pane::Leaks);
    let some = driver.model().workspace.leaks.list.order().len();
    assert!(some < all && some > 0);
    assert!(driver.status_line().contains("user:"));
    driver.press("<enter>").await;
    assert_eq!(driver.model().workspace.focus, Pane::Connections);
    assert!(matches!(
        driver.model().workspace.scope.last(),
        Some(ScopeItem::Leak(_))
    ));
    let shared = driver.model().workspace.connections.list.order().len();
    assert!((1..=2).contains(&shared), "{shared}");
    driver.press("<enter>").await;
    assert_eq!(
        driver.model().workspace.focus,
        Pane::Leaks,
        "the leaks that share it"
    );
    assert_eq!(driver.model().workspace.scope.len(), 1);

    for focus in [Pane::Connections, Pane::Leaks, Pane::Users, Pane::Domains] {
        driver.press("<esc>").await;
        assert_eq!(driver.model().workspace.focus, focus);
    }
    assert!(driver.model().workspace.scope.is_empty());
    assert_eq!(driver.model().workspace.leaks.list.order().len(), all);
    assert_eq!(driver.model().workspace.users.list.order().len(), users);
    driver.press("L").await;
    assert_eq!(driver.model().workspace.focus, Pane::Users);
    driver.press("L").await;
    assert_eq!(driver.model().workspace.leaks.list.order().len(), some);
    driver.press("HH").await;
    assert_eq!(driver.model().workspace.leaks.list.order().len(), all);
    driver.press("H").await.assert_screen("no earlier view");
}

#[tokio::test]
async fn esc_ends_one_thing_at_a_time_in_order() {
    let mut rig = ConsoleFixture::with_leaks(200);
    rig.page_size = 50;
    let mut driver = rig.open().await;
    driver.press("<space><space>1<enter>").await;
    assert_eq!(driver.model().workspace.focus, Pane::Users);
    driver.press("3/example<enter>").await;
    let scope = driver.model().workspace.scope.len();
    driver.faults(&["hang:1"]).await;
    driver.keys("rv?").handle_pending().await;
    assert!(driver.model().data.is_loading());

    driver.keys("<esc>").handle_pending().await;
    assert!(driver.model().overlay().is_none(), "first the overlay");
    assert!(driver.model().workspace.leaks.range_mark.is_some());
    driver.keys("/ x<esc>").handle_pending().await;
    assert!(driver.model().prompt.is_none(), "then the prompt");
    assert_eq!(
        driver.model().workspace.leaks.filter.filter.text(),
        "example"
    );
    assert!(driver.model().workspace.leaks.range_mark.is_some());
    driver.keys("<esc>").handle_pending().await;
    assert!(
        driver.model().workspace.leaks.range_mark.is_none(),
        "then the range"
    );
    assert!(driver.model().data.is_loading());
    driver.keys("<esc>").handle_pending().await;
    assert!(!driver.model().data.is_loading(), "then the load");
    driver.assert_screen("loading stopped");
    driver.run_until_settled().await;
    driver.press("<esc>").await;
    assert!(
        driver.model().workspace.leaks.filter.filter.is_empty(),
        "then the filter"
    );
    assert_eq!(driver.model().workspace.scope.len(), scope);
    driver.press("<esc>").await;
    assert!(
        driver.model().workspace.scope.is_empty(),
        "then the drill-down"
    );
    assert_eq!(driver.marked_ids().len(), 2);
    driver.press("<esc>").await;
    assert!(driver.marked_ids().is_empty(), "then the marks");
    driver.press("gm").await;
    assert_eq!(driver.marked_ids().len(), 2);
}

#[tokio::test]
async fn panes_are_a_key_away_at_every_size() {
    for (columns, rows) in [(160, 48), (80, 24), (40, 12)] {
        let mut rig = ConsoleFixture::with_leaks(100);
        rig.size = (columns, rows);
        let mut driver = rig.open().await;
        for (key, pane) in [
            ("1", Pane::Domains),
            ("2", Pane::Users),
            ("4", Pane::Connections),
            ("5", Pane::Jobs),
            ("3", Pane::Leaks),
            ("<tab>", Pane::Connections),
            ("<shift-tab>", Pane::Leaks),
            ("w", Pane::Jobs),
        ] {
            driver.press(key).await;
            assert_eq!(driver.model().workspace.focus, pane, "{key} at {columns}");
            driver.assert_screen(&pane.to_string());
        }
    }
}

#[tokio::test]
async fn a_plan_that_is_not_on_the_screen_takes_no_answer() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver
        .press("O<space>f")
        .await
        .wait_for_reading_time()
        .await;
    driver.resize(20, 5).run_until_settled().await;
    driver.wait_for_reading_time().await.press("y").await;
    assert!(driver.model().plan().is_some());
    driver
        .resize(80, 24)
        .run_until_settled()
        .await
        .press("y")
        .await;
    driver.assert_screen("did not count");
    assert!(driver.model().plan().is_some());
    driver.wait_for_reading_time().await.press("y").await;
    assert!(driver.model().plan().is_none());
}

#[tokio::test]
async fn the_window_may_change_its_size_at_any_time() {
    let mut driver = ConsoleFixture::with_leaks(100).open().await;
    driver.press("jjjjjjjjjjjj<space>").await;
    let leak = driver.cursor();
    for (columns, rows) in [(40, 12), (39, 12), (200, 60), (1, 1), (80, 24), (160, 48)] {
        driver.resize(columns, rows).run_until_settled().await;
        assert_eq!(driver.cursor(), leak);
        assert_eq!(driver.buffer().area.width, columns);
    }
    driver.press("f").await;
    driver.resize(40, 12).run_until_settled().await;
    driver
        .assert_screen("1 will change")
        .assert_screen("y apply")
        .assert_screen("n cancel");
}

#[tokio::test]
async fn interrupt_ends_prompts_and_quits_only_the_second_time() {
    let mut driver = ConsoleFixture::with_leaks(50).open().await;
    driver.press("/x<C-c>").await;
    assert!(driver.model().prompt.is_none());
    driver.press("<C-c>").await.assert_screen("once more");
    driver
        .advance_clock(std::time::Duration::from_secs(3))
        .await;
    driver.press("<C-c>").await;
    assert_eq!(driver.exit_code, None);
    driver.press("<C-c>").await;
    assert_eq!(driver.exit_code, Some(0));
}

/// The connections pane as it is drawn: its title and the names of its rows.
fn beside(driver: &super::Driver) -> Vec<String> {
    let screen = driver.screen();
    let lines = screen.lines().map(|line| line.chars().take(47).collect());
    let lines: Vec<String> = lines
        .skip_while(|line: &String| !line.contains("4 connections"))
        .collect();
    lines
        .iter()
        .skip(2)
        .take_while(|line| !line.contains('\u{2500}'))
        .map(|line| line.trim_matches(['│', '❯', ' ']).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[tokio::test]
async fn the_connections_of_a_leak_keep_their_place_when_they_get_the_focus() {
    for way in ["4", "<enter>", "<tab>"] {
        let mut driver = ConsoleFixture::with_leaks(300).open().await;
        driver
            .advance_clock(std::time::Duration::from_millis(200))
            .await;
        driver.assert_screen("connections of this leak");
        let before = beside(&driver);
        assert!(before.len() > 1, "{}", driver.screen());
        driver.press(way).await;
        assert_eq!(driver.model().workspace.focus, Pane::Connections);
        driver.assert_screen("connections of this leak");
        assert_eq!(beside(&driver), before, "{way}: {}", driver.screen());
        // Enter goes into the first of them, the machine.
        let (kind, group) = driver
            .model()
            .workspace
            .connections
            .list
            .cursor()
            .unwrap_or_else(|| panic!("no cursor: {}", driver.screen()));
        assert_eq!(
            driver.model().workspace.connections.list.order().first(),
            Some(&(kind, group))
        );
        driver.press("<enter>").await;
        assert_eq!(driver.model().workspace.focus, Pane::Leaks);
        assert_eq!(
            driver.model().workspace.scope,
            [ScopeItem::Group(kind, group)]
        );
    }
}

#[tokio::test]
async fn the_same_key_again_shows_all_connections_and_leaves_no_leak_in_the_drill_down() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    driver.press("4").await;
    let few = driver.model().workspace.connections.list.order().len();
    driver.press("4").await;
    let all = driver.model().workspace.connections.list.order().len();
    assert!(all > few && few < 5, "{few} of {all}");
    assert!(driver.model().workspace.scope.is_empty());
    // Back among the leaks there is nothing to take back.
    driver.press("3").await.press("4").await.press("3").await;
    assert!(driver.model().workspace.scope.is_empty());
    assert!(driver.model().workspace.history_back.is_empty());
    driver.press("1").await.press("4").await;
    assert_eq!(driver.model().workspace.connections.list.order().len(), all);
}

#[tokio::test]
async fn the_environment_is_on_every_frame_at_every_size() {
    for (columns, rows) in [(160, 48), (120, 40), (80, 24), (40, 12)] {
        let rig = ConsoleFixture {
            size: (columns, rows),
            all_systems: true,
            environment: "prod",
            ..ConsoleFixture::with_leaks(60)
        };
        let mut driver = rig.open().await;
        for key in ["1", "2", "3", "4", "5"] {
            driver.press(key).await;
            let screen = driver.screen();
            let header = screen.lines().next().unwrap();
            assert!(header.contains("PROD"), "{columns}: {header}");
        }
    }
}
