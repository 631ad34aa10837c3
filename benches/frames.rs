//! What a frame costs at 160x48 with the leaks pane on the whole screen: the keys, the drawing and the bytes, without a
//! terminal. It must not grow with the rows.

#[path = "support/console.rs"]
mod console;

use console::{Console, model};
use criterion::Criterion;
use stanch::{action::Action, runtime::wire::Facts};

fn frames(criterion: &mut Criterion) {
    for leaks in [10_000, 100_000, 1_000_000] {
        let Ok(mut console) = Console::on(model(leaks), Facts::of("xterm-256color")) else {
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
                console.draw()
            });
        });
        console.act(Action::Down, 60);
        group.bench_function("scroll by one", |bencher| {
            bencher.iter(|| {
                console.act(Action::Down, 1);
                console.draw()
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
                console.draw()
            });
        });
        group.bench_function("what follows at rest", |bencher| {
            bencher.iter(|| {
                console.act(Action::Down, 1);
                console.rest();
                console.draw()
            });
        });
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    frames(&mut criterion);
    criterion.final_summary();
}
