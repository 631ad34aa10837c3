//! How many bytes a key takes at 160x48 with the leaks pane on the whole screen, by kind of terminal: medians of twenty,
//! printed as a table. `cargo bench --bench wire -- 100000` is for another number of leaks.

#[path = "support/console.rs"]
mod console;

use console::{Console, model};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};
use stanch::{
    action::Action,
    runtime::terminal_output::TerminalCapabilities,
    ui::{self, redraw::UnchangedRows},
};
use std::{
    cell::Cell,
    io::{self, Write},
    rc::Rc,
};

const TERMS: [&str; 5] = [
    "xterm-256color",
    "tmux-256color",
    "screen",
    "linux",
    "plain",
];

/// What is measured: what the keys are, how often each before a frame, and the target.
const CASES: [(&str, Action, usize, &str); 6] = [
    ("cursor move", Action::Down, 1, "60"),
    ("scroll by one row", Action::Down, 1, "400"),
    ("scroll back by one row", Action::Up, 1, "400"),
    ("half a page down", Action::HalfPageDown, 1, ""),
    ("page down", Action::PageDown, 1, "8000"),
    ("burst of 50 downs", Action::Down, 50, "1.2 frames"),
];

fn main() -> io::Result<()> {
    let leaks = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1_000_000);
    let mut columns = Vec::new();
    let mut model = model(leaks);
    for term in TERMS {
        let mut console = Console::new(model, TerminalCapabilities::from_term(term))?;
        columns.push(measure(&mut console)?);
        console.act(Action::Top, 1);
        model = console.model;
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "bytes, {leaks} leaks, 160x48, leaks pane on the whole screen"
    )?;
    write!(out, "{:<24}{:>12}", "", "target")?;
    for term in TERMS {
        write!(out, "{term:>16}")?;
    }
    writeln!(out)?;
    let names = ["first frame"]
        .into_iter()
        .chain(CASES.map(|(name, ..)| name))
        .chain(["at rest after a move", "nothing changed"]);
    let targets = [""]
        .into_iter()
        .chain(CASES.map(|(.., target)| target))
        .chain(["600", "0"]);
    for (row, (name, target)) in names.zip(targets).enumerate() {
        write!(out, "{name:<24}{target:>12}")?;
        for column in &columns {
            write!(out, "{:>16}", column.get(row).copied().unwrap_or(0))?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "stock ratatui: scroll by one row {}",
        stock_backend_bytes(model)?
    )
}

/// The bytes of each line.
fn measure(console: &mut Console) -> io::Result<Vec<usize>> {
    let mut column = vec![console.draw()?];
    for (name, action, times, _) in CASES {
        match name {
            "scroll by one row" => console.act(Action::Down, 60),
            "scroll back by one row" => console.act(Action::Up, 60),
            _ => {}
        }
        console.pass_detail_delay();
        console.draw()?;
        let mut sizes = Vec::new();
        for _ in 0..20 {
            console.act(action, times);
            sizes.push(console.draw()?);
        }
        column.push(median(sizes));
    }
    let mut sizes = Vec::new();
    for _ in 0..20 {
        console.act(Action::Down, 1);
        console.draw()?;
        console.pass_detail_delay();
        sizes.push(console.draw()?);
    }
    column.push(median(sizes));
    column.push(console.draw()?);
    Ok(column)
}

fn median(mut sizes: Vec<usize>) -> usize {
    sizes.sort_unstable();
    sizes.get(sizes.len() / 2).copied().unwrap_or(0)
}

/// What ratatui's own backend sends for a row.
fn stock_backend_bytes(model: stanch::app::model::Model) -> io::Result<usize> {
    let mut console = Console::new(model, TerminalCapabilities::PLAIN)?;
    let sent = Rc::new(Cell::new(0));
    let area = Rect::new(0, 0, console::SIZE.0, console::SIZE.1);
    let fixed = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let mut terminal = Terminal::with_options(
        CrosstermBackend::new(CountingWriter(Rc::clone(&sent))),
        fixed,
    )?;
    console.act(Action::Down, 60);
    let mut before = 0;
    for _ in 0..2 {
        before = sent.get();
        let (model, look) = (&console.model, &console.look);
        terminal.draw(|frame| {
            ui::draw(model, look, &UnchangedRows::NONE, frame.buffer_mut());
        })?;
        console.act(Action::Down, 1);
    }
    Ok(sent.get() - before)
}

/// Counts what is written.
struct CountingWriter(Rc<Cell<usize>>);

impl Write for CountingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
