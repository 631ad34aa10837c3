//! Filters that are looked at in slices.

use super::{
    Core,
    core_fixture::{key, page, profile},
};
use crate::support::parse;
use stanch::{
    action::Action,
    app::{model::Pane, search, view, wake},
    table::{Marks, RowId},
};
use std::time::Duration;

/// Of the numbers those that end with a seven; nothing that every match has can be searched for.
const SEVENS_FILTER: &str = "/^u[0-9]*[7]@/";

const LEAKS: u32 = 30_000;

/// So many that they are looked at in several turns.
fn core_with_leaks() -> Core {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    core.model.workspace.zoomed = true;
    stanch::app::start(&mut core.model);
    let mut page = page(1..=LEAKS, Some(u64::from(LEAKS)));
    page.page_size = LEAKS;
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.load_page("acme", request, 0, page);
    while view::has_pending_work(core.model.context()) {
        core.advance_clock(Duration::ZERO);
    }
    core
}

fn is_searching(core: &Core) -> bool {
    core.model.workspace.leaks.pending_search.is_some()
}

fn run_slices(core: &mut Core) -> usize {
    let mut turns = 0;
    while is_searching(core) {
        // Each turn is asked for at once, and keys come in between.
        assert_eq!(
            wake::next_wake_up(&core.model),
            Some(core.model.now.since_start)
        );
        core.advance_clock(Duration::ZERO);
        turns += 1;
        assert!(turns < 1_000, "no end");
    }
    turns
}

fn matching_rows(core: &Core) -> Vec<RowId> {
    let table = &core.model.data.table;
    let filter = parse(SEVENS_FILTER).unwrap();
    let mut rows = table.select(&filter, &[], None, &Marks::default());
    table.sort(&mut rows, &core.model.workspace.leaks.sort);
    rows
}

#[test]
fn a_slow_filter_shows_its_first_screen_and_goes_on_in_turns() {
    let mut core = core_with_leaks();
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        SEVENS_FILTER,
    );
    let wanted = matching_rows(&core);
    assert_eq!(wanted.len(), 3_000);
    let first = core.model.workspace.leaks.list.order().to_vec();
    assert!(
        is_searching(&core) && first.len() < wanted.len(),
        "in one turn"
    );
    assert!(first.len() > 40, "no screen of {}", first.len());
    assert_eq!(first, wanted[..first.len()]);
    assert!(run_slices(&mut core) > 0);
    assert_eq!(core.model.workspace.leaks.list.order(), wanted);
    // A narrower one looks at the hits alone, and another text in between begins again.
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        &format!("{SEVENS_FILTER} u29"),
    );
    run_slices(&mut core);
    assert_eq!(core.model.workspace.leaks.list.order().len(), 111);
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        SEVENS_FILTER,
    );
    assert!(is_searching(&core));
    search::set_filter_text(&mut core.model.workspace_update(), Pane::Leaks, "");
    assert!(!is_searching(&core));
    assert_eq!(core.model.workspace.leaks.list.order().len(), 30_000);
}

#[test]
fn what_is_done_with_a_slow_filter_is_done_with_all_of_it() {
    let mut core = core_with_leaks();
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        SEVENS_FILTER,
    );
    assert!(is_searching(&core));
    core.act(Action::Down);
    assert!(is_searching(&core), "looking on waits for nothing");
    core.act(Action::MarkAll);
    assert!(!is_searching(&core));
    assert_eq!(core.model.workspace.marks.len(), 3_000);
}

#[test]
fn the_cursor_goes_back_to_its_row_when_the_first_screen_lacked_it() {
    let mut core = core_with_leaks();
    core.act(Action::Bottom);
    for _ in 0..3 {
        core.act(Action::Up);
    }
    let row = core.model.data.table.find(&key(29_997));
    assert_eq!(core.model.workspace.leaks.list.cursor(), row);
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        SEVENS_FILTER,
    );
    assert_ne!(core.model.workspace.leaks.list.cursor(), row);
    run_slices(&mut core);
    assert_eq!(core.model.workspace.leaks.list.cursor(), row);
}

#[test]
fn pages_that_come_in_between_begin_a_slow_filter_again() {
    let mut core = core_with_leaks();
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        SEVENS_FILTER,
    );
    assert!(is_searching(&core));
    let row = core.model.data.table.find(&key(29_997)).unwrap();
    let status = stanch::entity::status::Status::Fixed;
    core.model.data.table.set_status(row, status, b"fixed");
    run_slices(&mut core);
    assert_eq!(
        core.model.workspace.leaks.list.order(),
        matching_rows(&core)
    );
}

/// What is shown may be all there is, in its order: then it is not sorted again. In another order it is of no use.
#[test]
fn a_slow_filter_that_takes_all_is_in_the_sort_that_is_asked_for() {
    let mut core = core_with_leaks();
    search::set_filter_text(&mut core.model.workspace_update(), Pane::Leaks, "/^u/");
    run_slices(&mut core);
    for action in [
        Action::SortLogin,
        Action::ReverseSort,
        Action::SortStatus,
        Action::SortSeen,
    ] {
        core.act(action);
        run_slices(&mut core);
        let shown = core.model.workspace.leaks.list.order().to_vec();
        let mut wanted = shown.clone();
        core.model
            .data
            .table
            .sort(&mut wanted, &core.model.workspace.leaks.sort);
        assert_eq!(wanted.len(), LEAKS as usize);
        assert!(shown == wanted, "{action}");
    }
    search::set_filter_text(&mut core.model.workspace_update(), Pane::Leaks, "");
    core.act(Action::SortLogin);
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        SEVENS_FILTER,
    );
    run_slices(&mut core);
    assert_eq!(
        core.model.workspace.leaks.list.order(),
        matching_rows(&core)
    );
}

#[test]
fn the_bar_says_how_many_are_left_out_only_for_want_of_a_value() {
    let mut core = core_with_leaks();
    let undated = core.model.data.table.row_id_count() - {
        let rows = core.model.data.table.row_id_count() as u32;
        (0..rows)
            .filter(|row| core.model.data.table.seen_seconds(RowId(*row)).is_some())
            .count()
    };
    for (filter, lacking) in [
        ("", 0),
        ("u7", 0),
        ("seen>=2020-01", undated),
        ("not seen<2020-01", 0),
        ("seen>=2020-01,none", 0),
        ("risk>=low", LEAKS as usize),
        ("risk:high", 0),
        ("risk>=low or login:u", 0),
        ("risk>=low login:nobody", 0),
        ("risk>=low login:u17@", 1),
    ] {
        let Ok(filter) = parse(filter) else { continue };
        core.model.workspace.leaks.filter.filter = filter.clone();
        view::refresh_leaks(&mut core.model.workspace_update(), false);
        assert_eq!(
            core.model.workspace.leaks.missing_value_count,
            lacking,
            "{}",
            filter.text()
        );
    }
}
