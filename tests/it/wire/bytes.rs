//! What a key costs on the line: a cursor that moves with the row bar and with its marker alone, a list that scrolls, a
//! page, on a terminal of 256 colours with the dark theme; and a move and a page in themes of 24-bit
//! colours, each change of which takes up to nineteen bytes.

use crate::support::{
    console_fixture::{ConsoleFixture, look},
    driver::Driver,
};
use ratatui::{layout::Size, style::Style};
use stanch::{
    config::{
        Config, Overrides,
        theme::{self, ColorDepth, ThemeName},
    },
    runtime::{
        renderer::Renderer,
        terminal_output::{FrameSink, TerminalBackend, TerminalCapabilities},
    },
    ui::{
        self, Look,
        redraw::{ListSnapshot, UnchangedRows},
    },
};
use std::io;

const SIZE: (u16, u16) = (160, 48);

/// Counts what it is sent.
#[derive(Debug, Default)]
struct Count(usize);

impl FrameSink for Count {
    fn size(&self) -> io::Result<Size> {
        Ok(SIZE.into())
    }

    fn send(&mut self, frame: Vec<u8>) -> io::Result<()> {
        self.0 += frame.len();
        Ok(())
    }
}

/// A terminal beside the driver's own, which counts bytes.
struct Terminal {
    canvas: Renderer<TerminalBackend<Count>>,
    glance: Option<ListSnapshot>,
    look: Look,
}

impl Terminal {
    fn new(look: Look) -> Self {
        let wire = TerminalBackend::new(
            Count::default(),
            TerminalCapabilities::from_term("xterm-256color"),
        )
        .unwrap();
        Self {
            canvas: Renderer::new(wire).unwrap(),
            glance: None,
            look,
        }
    }

    /// The bytes of the frame that shows a console as it stands.
    fn frame(&mut self, driver: &Driver) -> usize {
        let (model, look, sent) = (driver.model(), &self.look, self.canvas.backend().sink().0);
        let now = ListSnapshot::from_model(model);
        let kept = match (&self.glance, &now) {
            (Some(before), Some(now)) => before.unchanged_rows(now),
            _ => UnchangedRows::NONE,
        };
        self.glance = now;
        self.canvas
            .draw(&kept, |kept, buffer| ui::draw(model, look, kept, buffer))
            .unwrap();
        self.canvas.backend().sink().0 - sent
    }
}

/// The bytes of each of so many presses of a key; what follows a cursor that rests is no part of them.
async fn presses(
    driver: &mut Driver,
    terminal: &mut Terminal,
    key: &str,
    times: usize,
) -> Vec<usize> {
    let mut bytes = Vec::new();
    for _ in 0..times {
        driver.keys(key).handle_pending().await;
        bytes.push(terminal.frame(driver));
        driver.run_until_settled().await;
        terminal.frame(driver);
    }
    bytes
}

#[track_caller]
fn assert_within(what: &str, bytes: &[usize], limit: usize) {
    let most = bytes.iter().max().copied().unwrap_or(0);
    assert!(most <= limit, "{what}: {most} of {limit} bytes: {bytes:?}");
}

#[tokio::test]
async fn a_key_costs_what_is_promised_with_the_row_bar_and_with_the_marker() {
    let colours = Overrides {
        depth: ColorDepth::Indexed,
        ..Overrides::default()
    };
    let bar = look(&Config::load(None, &[], &colours).theme);
    let mut marker = bar.clone();
    marker.styles.cursor_row = Style::new();
    for (name, look, a_move, a_scroll) in [("bar", bar, 400, 400), ("marker", marker, 60, 400)] {
        for zoomed in [false, true] {
            let rig = ConsoleFixture {
                size: SIZE,
                all_systems: true,
                ..ConsoleFixture::with_leaks(600)
            };
            let mut driver = rig.open().await;
            if zoomed {
                driver.press("zf").await;
            }
            // The first key takes the hint of the start away.
            driver.press("j").await;
            let mut terminal = Terminal::new(look.clone());
            terminal.frame(&driver);
            let rows = driver
                .screen()
                .lines()
                .filter(|line| line.starts_with('│'))
                .count();
            let what = |key: &str| format!("{name}, zoomed {zoomed}, {key}");
            let height = stanch::app::layout::rows(
                driver.model().context(),
                stanch::app::model::Pane::Leaks,
            );
            assert!(rows > height, "{}", driver.screen());
            let moves = presses(&mut driver, &mut terminal, "j", height - 2).await;
            assert_within(&what("move"), &moves, a_move);
            let scrolls = presses(&mut driver, &mut terminal, "j", 40).await;
            assert_within(&what("scroll"), &scrolls, a_scroll);
            let pages = presses(&mut driver, &mut terminal, "<C-f>", 5).await;
            assert_within(&what("page"), &pages, 8_000);
            assert_eq!(terminal.frame(&driver), 0, "nothing changed");
        }
    }
}

#[tokio::test]
async fn every_theme_keeps_the_limits_with_24_bit_colours() {
    let config = Config::load(None, &[], &Overrides::default());
    for name in [
        ThemeName::Dark,
        ThemeName::Light,
        ThemeName::Catppuccin,
        ThemeName::Solarized,
    ] {
        let mut look = look(&config.theme);
        look.styles = theme::builtin(name).0;
        let rig = ConsoleFixture {
            size: SIZE,
            all_systems: true,
            ..ConsoleFixture::with_leaks(600)
        };
        let mut driver = rig.open().await;
        driver.press("j").await;
        let mut terminal = Terminal::new(look);
        terminal.frame(&driver);
        let moves = presses(&mut driver, &mut terminal, "j", 10).await;
        assert_within(&format!("{name:?}, move"), &moves, 400);
        let pages = presses(&mut driver, &mut terminal, "<C-f>", 5).await;
        assert_within(&format!("{name:?}, page"), &pages, 8_000);
    }
}
