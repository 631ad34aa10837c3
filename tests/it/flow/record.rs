//! The record of one leak: its fields, its history and its notes, what can be copied, and the password.

use super::{ConsoleFixture, Driver};
use stanch::app::overlay::Overlay;

fn record(driver: &Driver) -> &stanch::app::record::Record {
    let shown = driver.model().overlay().and_then(Overlay::record);
    shown.expect("no record is open")
}

fn audit(driver: &Driver) -> String {
    std::fs::read_to_string(driver.state.path().join("state/audit.jsonl")).unwrap_or_default()
}

#[tokio::test]
async fn a_leak_is_shown_whole_with_what_was_done_about_it() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("a").await;
    driver.press("ncalled the owner<enter>").await;
    driver.assert_screen("note added to 1 leak");
    driver.press("i").await;
    driver
        .assert_screen("login")
        .assert_screen("history")
        .assert_screen("called the owner");
    driver
        .assert_screen("analyst@desk  claim")
        .assert_screen("analyst@desk  note");
    assert!(audit(&driver).contains("\"action\":\"note\""));
    // A second one, from the record itself: it is there at once.
    driver.press("nno answer yet<enter>").await;
    driver
        .assert_screen("called the owner")
        .assert_screen("no answer yet");
    driver.press("<esc>").await;
    assert!(driver.model().overlay().is_none());
    assert!(
        driver.shows("no answer yet"),
        "the last note is in the detail"
    );
}

#[tokio::test]
async fn a_change_is_in_the_history_with_its_outcome_and_its_reason() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("f").await.press("rreset done<enter>").await;
    driver.read_plan_and_apply().await;
    driver.press("i").await;
    driver
        .assert_screen("fix  open to fixed  verified  job 1")
        .assert_screen("reset done");
}

#[tokio::test]
async fn every_field_can_be_copied_and_nothing_of_it_is_cut() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.resize(40, 12).press("i").await;
    let mut fields = Vec::new();
    loop {
        let before = record(&driver).cursor;
        driver.recorder.take();
        driver.press("y").await;
        if !driver.recorder.take().is_empty() {
            fields.push(before);
        }
        driver.press("j").await;
        if record(&driver).cursor == before {
            break;
        }
    }
    assert!(fields.len() > 5, "{fields:?}");
    driver.press("gg").await;
    let screen = driver.screen();
    // What was said of the last copy, below the frame, may be cut.
    let framed: Vec<&str> = screen.lines().filter(|line| line.contains('│')).collect();
    assert!(framed.len() > 5, "{screen}");
    assert!(!framed.concat().contains('…'), "{screen}");
}

#[tokio::test]
async fn a_password_is_revealed_in_the_record_counts_down_and_goes_with_it() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("izr").await;
    driver.assert_screen("masked in 10 s");
    driver
        .advance_clock(std::time::Duration::from_secs(4))
        .await;
    driver.assert_screen("masked in 6 s");
    assert!(audit(&driver).contains("\"action\":\"reveal\""));
    driver.press("<esc>").await;
    assert!(driver.model().workspace.reveal.is_none());
    driver.press("izr").await;
    driver
        .advance_clock(std::time::Duration::from_secs(11))
        .await;
    assert!(driver.model().workspace.reveal.is_none());
    assert!(!driver.shows("masked in"));
}

#[tokio::test]
async fn from_one_leak_its_person_leads_to_the_others() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    driver.press("i").await;
    let first = record(&driver).leak;
    let items = stanch::app::record::items(driver.model().context(), record(&driver));
    let other = items
        .iter()
        .position(|item| matches!(item, stanch::app::record::Item::Leak(_)));
    let Some(other) = other else {
        panic!("the first leak of the stand-in has no other of its person or machine");
    };
    while record(&driver).cursor < other {
        driver.press("j").await;
    }
    driver.press("<enter>").await;
    assert_ne!(record(&driver).leak, first);
    driver.press("<esc>").await;
    assert_eq!(record(&driver).leak, first);
}

#[tokio::test]
async fn a_note_without_words_is_none_and_a_locked_console_writes_none() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    driver.press("n   <enter>").await;
    driver.press("%n").await;
    assert!(driver.model().prompt.is_none());
    assert!(!audit(&driver).contains("\"action\":\"note\""));
}

#[tokio::test]
async fn the_detail_takes_the_focus_scrolls_and_gives_it_back() {
    let mut driver = ConsoleFixture::with_leaks(60).open().await;
    let cursor = driver.cursor();
    driver.press("6").await;
    driver.press("j").await.press("j").await;
    assert_eq!(driver.cursor(), cursor, "the cursor of the leaks stays");
    let scroll = driver.model().workspace.detail_scroll;
    assert!(scroll.is_some());
    driver.press("G").await;
    driver.assert_screen("key");
    driver.press("<esc>j").await;
    assert_ne!(driver.cursor(), cursor);
    assert_eq!(driver.model().workspace.detail_scroll, None);
    // Where there is no room, the record is named.
    driver.resize(40, 12).press("6").await;
    assert_eq!(driver.model().workspace.detail_scroll, None);
    assert!(driver.footer().contains("no room"), "{}", driver.footer());
}

fn inspected(driver: &Driver) -> &stanch::app::inspect::Inspected {
    match driver.model().overlay() {
        Some(Overlay::Inspect(record)) => record,
        other => panic!("{other:?} is no record of a group"),
    }
}

#[tokio::test]
async fn a_person_has_the_acts_on_all_its_leaks_each_folded_to_one_line() {
    for size in [(160, 48), (80, 24), (40, 12)] {
        let mut rig = ConsoleFixture::with_leaks(300);
        rig.size = size;
        let mut driver = rig.open().await;
        // The user with most open leaks; a cursor that was put on it stays on it.
        driver.press("2jk").await.press("f").await;
        driver.read_plan_and_apply().await;
        let job = driver.model().workspace.jobs.jobs.len();
        driver.press("<esc>").await.press("2").await;
        let changed = driver
            .rows_with(stanch::entity::status::Status::Fixed)
            .len();
        driver.press("i").await;
        let acts = match &inspected(&driver).history {
            stanch::app::inspect::Acts::Known(acts) => acts.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!((acts.len(), job), (1, 1), "{acts:?}");
        assert!(acts[0].leaks.len() > 1 && acts[0].leaks.len() <= changed);
        // Every line can be reached, and the last act is on the screen when the cursor is on it.
        let items =
            stanch::app::inspect::items(driver.model().context(), inspected(&driver), false);
        let act = items
            .iter()
            .position(|item| matches!(item, stanch::app::inspect::Item::Act(_)))
            .unwrap();
        while inspected(&driver).cursor < act {
            let before = inspected(&driver).cursor;
            driver.press("j").await;
            assert!(
                inspected(&driver).cursor > before,
                "the end comes before the history"
            );
        }
        driver.assert_screen("fix");
        driver.press("y").await;
        let leaks = format!("{} leaks", acts[0].leaks.len());
        assert!(
            stanch::app::inspect::act(&acts[0]).ends_with(&leaks),
            "{leaks}"
        );
        driver.press("gg").await.assert_screen("user");
    }
}

#[tokio::test]
async fn a_record_of_a_machine_leads_to_its_leaks_and_people_and_back() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    driver.press("44").await.press("i").await;
    let first = inspected(&driver).group;
    let open = |driver: &Driver, wanted: fn(&stanch::app::inspect::Item) -> bool| {
        let items = stanch::app::inspect::items(driver.model().context(), inspected(driver), false);
        items.iter().position(wanted).unwrap()
    };
    let related = open(&driver, |item| {
        matches!(item, stanch::app::inspect::Item::Group(..))
    });
    while inspected(&driver).cursor < related {
        driver.press("j").await;
    }
    driver.press("<enter>").await;
    assert_ne!(inspected(&driver).group, first);
    let leak = open(&driver, |item| {
        matches!(item, stanch::app::inspect::Item::Leak(_))
    });
    while inspected(&driver).cursor < leak {
        driver.press("j").await;
    }
    driver.press("<enter>").await;
    assert!(driver.model().overlay().and_then(Overlay::record).is_some());
    driver.press("<esc><esc>").await;
    assert_eq!(inspected(&driver).group, first);
    driver.press("<esc>").await;
    assert!(driver.model().overlays.is_empty());
}
