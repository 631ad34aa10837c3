//! What a frame costs at 160x48 with the leaks pane on the whole screen: the keys, the drawing and the bytes, without a
//! terminal. It must not grow with the rows. And what a job's outcomes cost until they are on the screen.

#[path = "support/console.rs"]
mod console;

use console::{Console, model};
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use stanch::{
    action::Action, app::view, entity::status::Status,
    runtime::terminal_output::TerminalCapabilities, table::RowId,
};

fn frames(criterion: &mut Criterion) {
    for leaks in [10_000, 100_000, 1_000_000] {
        let Ok(mut console) = Console::new(
            model(leaks),
            TerminalCapabilities::from_term("xterm-256color"),
        ) else {
            return;
        };
        let mut group = criterion.benchmark_group(format!("frame of {leaks}"));
        console.draw().ok();
        group.bench_function("nothing changed", |bencher| bencher.iter(|| console.draw()));
        // Down and up by turns: the marker moves, nothing scrolls.
        let mut down = false;
        group.bench_function("cursor", |bencher| {
            bencher.iter(|| {
                down = !down;
                console.act(if down { Action::Down } else { Action::Up }, 1);
                console.draw_moved()
            });
        });
        console.act(Action::Down, 60);
        group.bench_function("scroll by one", |bencher| {
            bencher.iter(|| {
                console.act(Action::Down, 1);
                console.draw_moved()
            });
        });
        console.act(Action::Top, 1);
        group.bench_function("page down", |bencher| {
            bencher.iter(|| {
                console.act(Action::PageDown, 1);
                console.draw()
            });
        });
        console.act(Action::Top, 1);
        group.bench_function("burst of 50 downs", |bencher| {
            bencher.iter(|| {
                console.act(Action::Down, 50);
                console.draw_moved()
            });
        });
        group.bench_function("what follows at rest", |bencher| {
            bencher.iter(|| {
                console.act(Action::Down, 1);
                console.pass_detail_delay();
                console.draw()
            });
        });
        outcomes(&mut group, &mut console, leaks);
        group.finish();
    }
}

/// What a job came to, or the first 100,000 leaks of it: the table takes it in, and the screen shows it.
fn outcomes(group: &mut BenchmarkGroup<'_, WallTime>, console: &mut Console, leaks: usize) {
    let rows = (0..leaks as u32).map(RowId);
    let rows: Vec<_> = rows
        .step_by((leaks / MAX_OUTCOMES).max(1))
        .take(MAX_OUTCOMES)
        .collect();
    let mut fixed = false;
    group.bench_function(format!("{} outcomes", rows.len()), |bencher| {
        bencher.iter(|| {
            fixed = !fixed;
            let (status, word): (_, &[u8]) = if fixed {
                (Status::Fixed, b"fixed")
            } else {
                (Status::Open, b"open")
            };
            let read = rows.iter().map(|row| (*row, status, word));
            console.model.data.table.set_statuses(read);
            view::refresh_soon(&mut console.model.workspace_update(), true);
            console.draw()
        });
    });
}

/// So many outcomes at most.
const MAX_OUTCOMES: usize = 100_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    frames(&mut criterion);
    criterion.final_summary();
}
