//! The picture of what leaks have in common: its counts, and that it filters.

use super::{ConsoleFixture, Driver};
use stanch::{
    app::{
        facets::{FacetChart, FacetPanel, Value},
        overlay::Overlay,
    },
    entity::status::Status,
};

fn picture(driver: &Driver) -> &FacetPanel {
    match driver.model().overlay() {
        Some(Overlay::Facets(picture)) => picture,
        other => panic!("{other:?} is no picture"),
    }
}

fn filter(driver: &Driver) -> &str {
    driver.model().workspace.leaks.filter.filter.text()
}

#[tokio::test]
async fn a_value_narrows_the_leaks_and_the_picture_with_them() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    driver.press("#").await.assert_screen("300 leaks in view");
    let counted = &picture(&driver).values(FacetChart::Status)[0];
    assert_eq!(counted.value, Value::Status(Status::Open));
    let open = counted.count as usize;
    assert_eq!(driver.rows_with(Status::Open).len(), open);
    driver.press("<enter>").await;
    assert_eq!(filter(&driver), "status:open");
    assert_eq!(driver.model().workspace.leaks.list.order().len(), open);
    assert_eq!(picture(&driver).values(FacetChart::Status).len(), 1);
    assert_eq!(picture(&driver).total, open);
    // Another card on top of it, and both out again.
    driver.press("<tab>").await;
    let card = picture(&driver).current_chart();
    let least = picture(&driver).values(card).last().unwrap().count;
    let down = picture(&driver).values(card).len() - 1;
    driver.press(&"j".repeat(down)).await.press("<enter>").await;
    assert_eq!(picture(&driver).total, least as usize);
    assert!(
        filter(&driver).starts_with("status:open "),
        "{}",
        filter(&driver)
    );
    driver.press("<enter>").await;
    assert_eq!(filter(&driver), "status:open");
    driver.press("<shift-tab><enter>").await;
    assert_eq!(filter(&driver), "");
    driver.press("<esc>").await;
    assert!(driver.model().overlays.is_empty());
}

#[tokio::test]
async fn every_card_counts_every_leak() {
    let mut driver = ConsoleFixture::with_leaks(500).open().await;
    driver.press("#").await;
    let picture = picture(&driver);
    for card in [
        FacetChart::Status,
        FacetChart::Class,
        FacetChart::Country,
        FacetChart::Source,
    ] {
        let sum: u32 = picture
            .values(card)
            .iter()
            .map(|counted| counted.count)
            .sum();
        assert_eq!(sum, 500, "{card:?}");
    }
    let dated: u32 = picture.timeline.buckets.iter().map(|bar| bar.count).sum();
    assert_eq!(dated + picture.timeline.undated, 500);
    // Those of each date by status, too.
    for bar in &picture.timeline.buckets {
        assert_eq!(
            bar.by_status.iter().sum::<u32>(),
            bar.count,
            "{}",
            bar.first_day
        );
    }
}

#[tokio::test]
async fn the_cursor_goes_from_card_to_card_and_along_the_chart() {
    let mut driver = ConsoleFixture::with_leaks(300).open().await;
    driver.press("#").await;
    let mut cards = vec![picture(&driver).current_chart()];
    for _ in 0..200 {
        driver.keys("j");
    }
    driver.run_until_settled().await;
    assert_eq!(picture(&driver).current_chart(), FacetChart::Seen);
    let last = picture(&driver).timeline.buckets.len() - 1;
    assert_eq!(
        picture(&driver).cursor(FacetChart::Seen),
        last,
        "it begins with the newest"
    );
    driver.press("hh").await;
    assert_eq!(picture(&driver).cursor(FacetChart::Seen), last - 2);
    driver.press("l").await;
    assert_eq!(picture(&driver).cursor(FacetChart::Seen), last - 1);
    driver
        .press("<shift-tab><shift-tab><shift-tab><shift-tab><shift-tab><shift-tab>")
        .await;
    assert_eq!(picture(&driver).current_chart(), cards[0]);
    for _ in 0..8 {
        driver.press("<tab>").await;
        cards.push(picture(&driver).current_chart());
    }
    cards.dedup();
    assert_eq!(cards.first(), Some(&FacetChart::Status));
    assert_eq!(cards.last(), Some(&FacetChart::Seen));
}

#[tokio::test]
async fn no_leak_is_a_picture_too() {
    for size in [(160, 48), (80, 24), (40, 12)] {
        let rig = ConsoleFixture {
            size,
            ..ConsoleFixture::with_leaks(60)
        };
        let mut driver = rig.open().await;
        driver
            .press("/no such thing<enter>#")
            .await
            .assert_screen("0 leaks in view");
        driver.press("jk<tab>hl<enter>").await;
        assert_eq!(filter(&driver), "no such thing");
    }
}

#[tokio::test]
async fn what_is_drawn_fits_whatever_the_screen() {
    let mut driver = ConsoleFixture {
        all_systems: true,
        ..ConsoleFixture::with_leaks(300)
    }
    .open()
    .await;
    driver.press("#").await;
    for columns in [40, 66, 70, 80, 112, 200] {
        for rows in [12, 18, 20, 24, 48, 70] {
            driver.resize(columns, rows).run_until_settled().await;
            for keys in ["<tab>", "<tab>", "<tab>", "<tab>", "<tab>"] {
                driver.press(keys).await;
            }
            driver
                .press("hhh<shift-tab><shift-tab><shift-tab><shift-tab><shift-tab><shift-tab>")
                .await;
        }
    }
}

#[tokio::test]
async fn statuses_over_time_follow_the_filter_at_every_size() {
    for (columns, rows) in [(160, 48), (80, 24), (40, 12)] {
        let mut rig = ConsoleFixture::with_leaks(300);
        rig.size = (columns, rows);
        let mut driver = rig.open().await;
        driver.press("#").await;
        // To the last card, which is the chart.
        driver.press(&"<tab>".repeat(6)).await;
        assert_eq!(picture(&driver).current_chart(), FacetChart::Seen);
        let of = |driver: &Driver| {
            let timeline = &picture(driver).timeline;
            let bar = timeline.buckets[picture(driver).cursor(FacetChart::Seen)];
            (timeline.statuses(), bar)
        };
        let (statuses, bar) = of(&driver);
        assert!(statuses.len() > 1, "{statuses:?}");
        let here = statuses
            .iter()
            .find(|status| bar.by_status[**status as usize] > 0);
        driver.assert_screen(here.unwrap().label());
        driver.press("<esc>/status:fixed<enter>").await;
        driver.press("#").await.press(&"<tab>".repeat(6)).await;
        let (statuses, bar) = of(&driver);
        assert_eq!(statuses, [Status::Fixed]);
        assert_eq!(bar.by_status[Status::Fixed as usize], bar.count);
        driver.assert_screen("fixed");
    }
}
