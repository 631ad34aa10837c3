//! Legible everywhere: without colour, in ASCII, on a light ground, with any script in a cell.

use super::{
    super::support::{console_fixture::look, test_backend::cells},
    ConsoleFixture, Driver, SCENES, SIZES, scene, screen_text,
};
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier},
};
use stanch::{
    config::{Config, Overrides, glyphs},
    entity::status::Status,
    ui::value,
};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthStr;

fn mono() -> Overrides {
    Overrides {
        no_color: true,
        ..Overrides::default()
    }
}

fn ascii() -> Overrides {
    Overrides {
        ascii: true,
        ..Overrides::default()
    }
}

fn light() -> Overrides {
    Overrides {
        color_fg_bg: Some("0;15".into()),
        ..Overrides::default()
    }
}

#[tokio::test]
async fn without_colour_and_on_a_light_ground_only_styles_differ() {
    for name in SCENES {
        for size in [SIZES[0], SIZES[2]] {
            let dark = screen_text(scene(name, size, Overrides::default()).await.buffer());
            let driver = scene(name, size, mono()).await;
            assert_eq!(screen_text(driver.buffer()), dark, "{name} {size:?}");
            for row in 0..size.1 {
                for (column, cell) in cells(driver.buffer(), row) {
                    let plain = cell.fg == Color::Reset && cell.bg == Color::Reset;
                    assert!(plain, "{name} {size:?}: colour at {column}, {row}");
                }
            }
            let light = scene(name, size, light()).await;
            assert_eq!(screen_text(light.buffer()), dark, "{name} {size:?}");
        }
    }
}

#[tokio::test]
async fn in_ascii_only_symbols_differ() {
    let own = [&glyphs::UNICODE, &glyphs::ASCII];
    let own: BTreeSet<&str> = own
        .iter()
        .flat_map(|set| set.families())
        .flat_map(|(_, symbols)| symbols)
        .collect();
    for name in SCENES {
        for size in [SIZES[0], SIZES[2]] {
            let unicode = scene(name, size, Overrides::default()).await;
            let ascii = scene(name, size, ascii()).await;
            for row in 0..size.1 {
                // The order of a sort is a word there: its letter is also the sign of what is fixed.
                let line: String = cells(unicode.buffer(), row)
                    .iter()
                    .map(|(_, cell)| cell.symbol())
                    .collect();
                if line.contains(['▲', '▼']) {
                    continue;
                }
                let both = cells(unicode.buffer(), row)
                    .into_iter()
                    .zip(cells(ascii.buffer(), row));
                for ((column, before), (_, after)) in both {
                    let (before, after) = (before.symbol(), after.symbol());
                    let place = format!("{name} {size:?} at {column}, {row}");
                    // A letter is the provider's: it stays as it came.
                    let provider = after.chars().all(char::is_alphanumeric);
                    assert!(after.is_ascii() || provider, "{place}: {after}");
                    let symbol = own.contains(before) || !before.is_ascii();
                    assert!(before == after || symbol, "{place}: {before} {after}");
                }
            }
        }
    }
}

#[test]
fn a_status_is_told_without_colour() {
    for overrides in [Overrides::default(), ascii()] {
        let look = look(&Config::load(None, &[], &overrides).theme);
        let mut words = BTreeSet::new();
        let mut glyphs = BTreeSet::new();
        for status in Status::iter() {
            let line = value::status(&look, status, false);
            assert!(words.insert(line.to_string()), "{status}");
            assert!(glyphs.insert(line.spans[0].content.to_string()), "{status}");
        }
        let gone = value::status(&look, Status::Open, true);
        assert!(words.insert(gone.to_string()));
    }
}

/// The two columns of a row in the leaks pane where its marker stands.
fn markers(buffer: &Buffer, driver: &Driver) -> Vec<String> {
    let title = (0..buffer.area.height).find(|row| {
        buffer[(1, *row)].symbol() == " " && {
            let line: String = cells(buffer, *row)
                .iter()
                .map(|(_, cell)| cell.symbol())
                .collect();
            line.contains(" status ") && line.contains(" login ")
        }
    });
    let first = title.unwrap() + 1;
    let rows = driver.model().workspace.leaks.list.order().len().min(4) as u16;
    (first..first + rows)
        .map(|row| format!("{}{}", buffer[(1, row)].symbol(), buffer[(2, row)].symbol()))
        .collect()
}

#[tokio::test]
async fn cursor_and_mark_are_told_without_colour_or_modifier() {
    for overrides in [mono(), ascii()] {
        let rig = ConsoleFixture {
            overrides,
            ..ConsoleFixture::with_leaks(50)
        };
        let mut driver = rig.open().await;
        driver.press("<space>j<space>kk<space>jkk").await;
        // Cursor alone, mark alone, both, neither: all four differ.
        driver.press("gg<esc><space>").await;
        let before = markers(driver.buffer(), &driver);
        driver.press("k").await;
        let after = markers(driver.buffer(), &driver);
        let seen: BTreeSet<_> = before.iter().chain(&after).collect();
        assert_eq!(seen.len(), 4, "{before:?} {after:?}");
    }
}

#[tokio::test]
async fn every_script_keeps_the_columns_where_they_are() {
    let mut foreign = BTreeSet::new();
    for size in SIZES {
        let rig = ConsoleFixture {
            size,
            hostile: true,
            ..ConsoleFixture::with_leaks(900)
        };
        let mut driver = rig.open().await;
        // Letters that are not ASCII sort last.
        driver.press("olG").await;
        for _ in 0..12 {
            let buffer = driver.buffer();
            let right = size.0 - 1;
            let mut urls = BTreeSet::new();
            for row in 2..size.1 - 2 {
                let cells = cells(buffer, row);
                let width: usize = cells
                    .iter()
                    .map(|(_, cell)| cell.symbol().width().max(1))
                    .sum();
                assert_eq!(width, usize::from(size.0), "row {row}");
                let edge = buffer[(right, row)].symbol();
                assert!(
                    "│┐┘─".contains(edge),
                    "{edge:?} in row {row}\n{}",
                    driver.screen()
                );
                let line: String = cells.iter().map(|(_, cell)| cell.symbol()).collect();
                if size.0 < 100 || line.matches('│').count() == 2 {
                    let start = cells
                        .windows(5)
                        .find(|window| {
                            let word: String = window.iter().map(|(_, c)| c.symbol()).collect();
                            word == "https"
                        })
                        .map(|window| window[0].0);
                    urls.extend(start);
                    foreign.extend(line.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()));
                }
            }
            // The list's column, and the detail's where the pane is alone.
            assert!(urls.len() <= 2, "{urls:?}\n{}", driver.screen());
            driver.press("<pgup>").await;
        }
    }
    for letter in ['山', '김', 'م'] {
        assert!(foreign.contains(&letter), "{letter}: {foreign:?}");
    }
}

#[tokio::test]
async fn no_overlay_leaves_the_screen_at_any_size() {
    for (columns, rows) in [(40, 12), (41, 13), (57, 12), (99, 29), (100, 30), (250, 70)] {
        for name in ["plan", "number"] {
            let driver = scene(name, (columns, rows), Overrides::default()).await;
            if driver.model().plan().is_some() {
                driver.assert_screen("cancel");
                let ready = driver.model().plan().unwrap().is_ready();
                assert!(!ready || driver.shows("y apply"), "{}", driver.screen());
            }
        }
    }
}

#[tokio::test]
async fn what_is_under_the_cursor_is_never_told_by_reverse_alone() {
    let driver = scene("console", SIZES[0], mono()).await;
    for row in 0..SIZES[0].1 {
        // The bar over the whole row stands beside the cursor's own sign.
        let has_cursor = cells(driver.buffer(), row)
            .iter()
            .any(|(_, cell)| cell.symbol() == glyphs::UNICODE.cursor);
        for (column, cell) in cells(driver.buffer(), row) {
            let reversed = cell.modifier.contains(Modifier::REVERSED);
            assert!(
                !reversed || cell.symbol() != " " || row == 0 || has_cursor,
                "only reversed at {column}, {row}"
            );
        }
    }
}
