//! More leaks than are sorted in one go: the screen is right at once, the rest follows in slices.

use super::core_fixture::{Core, page, profile};
use stanch::{
    action::Action,
    app::{self, layout, message::Message, model::Pane, view},
    entity::status::Status,
    filter::Filter,
    table::{GroupKind, Marks, RowId, SortField, SortKey, sort_groups},
    ui::redraw::ListSnapshot,
};

const LEAKS: u32 = 30_000;

/// The whole order as it should be.
fn expected_order(core: &Core) -> Vec<RowId> {
    let mut rows = core.model.workspace.leaks.list.order().to_vec();
    core.model
        .data
        .table
        .sort(&mut rows, &core.model.workspace.leaks.sort);
    rows
}

fn height(core: &Core) -> usize {
    layout::rows(core.model.context(), Pane::Leaks)
}

fn rows_on_screen(core: &Core) -> Vec<RowId> {
    let list = &core.model.workspace.leaks.list;
    let screen = list.window(height(core)).to_vec();
    assert!(screen.contains(&list.cursor().unwrap()));
    assert_eq!(list.order()[list.position()], list.cursor().unwrap());
    screen
}

fn expected_screen(core: &Core) -> Vec<RowId> {
    let at = core.model.workspace.leaks.list.offset();
    expected_order(core)[at..at + height(core)].to_vec()
}

fn is_unsorted_somewhere(core: &Core) -> bool {
    core.model.workspace.leaks.list.order() != expected_order(core)
}

fn core_with_leaks() -> Core {
    let mut core = loaded_core();
    core.finish_slices();
    assert_eq!(
        core.model.workspace.leaks.list.order().len(),
        LEAKS as usize
    );
    core
}

/// All are read, and the views are not made yet.
fn loaded_core() -> Core {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    core.model.workspace.zoomed = true;
    stanch::app::start(&mut core.model);
    let mut page = page(1..=LEAKS, Some(u64::from(LEAKS)));
    page.page_size = LEAKS;
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.load_page("acme", request, 0, page);
    assert!(core.model.data.is_complete());
    core
}

impl Core {
    /// Whether something that happens is drawn.
    fn is_drawn(&mut self, message: Message) -> bool {
        app::update(&mut self.model, message, self.now).redraw
    }

    /// Takes turns until there is none left; how many there were.
    fn finish_slices(&mut self) -> usize {
        let mut turns = 0;
        while view::has_pending_work(self.model.context()) {
            self.update(Message::TimerFired);
            turns += 1;
            assert!(turns < 200, "there is no end to it");
        }
        turns
    }
}

#[test]
fn a_sort_of_many_leaks_shows_the_right_screen_before_all_are_in_order() {
    let mut core = core_with_leaks();
    core.act(Action::SortLogin);
    assert!(is_unsorted_somewhere(&core), "all at once");
    assert_eq!(rows_on_screen(&core), expected_screen(&core));
    for action in [
        Action::Down,
        Action::PageDown,
        Action::HalfPageDown,
        Action::PageDown,
        Action::Up,
    ] {
        core.act(action);
        assert_eq!(rows_on_screen(&core), expected_screen(&core), "{action}");
    }
    assert!(core.finish_slices() > 0);
    assert!(!is_unsorted_somewhere(&core));
    assert_eq!(rows_on_screen(&core), expected_screen(&core));
}

#[test]
fn what_was_read_last_is_there_before_something_is_done_with_all_of_it() {
    for action in [Action::MarkAll, Action::InvertMarks] {
        let mut core = loaded_core();
        assert!(
            core.model.workspace.leaks.list.order().is_empty(),
            "it comes in turns"
        );
        core.act(action);
        assert_eq!(core.model.workspace.marks.len(), LEAKS as usize, "{action}");
    }
    let mut core = loaded_core();
    core.act(Action::Bottom);
    assert_eq!(
        core.model.workspace.leaks.list.cursor(),
        expected_order(&core).last().copied()
    );
}

#[test]
fn turns_that_change_nothing_on_the_screen_draw_nothing_while_leaks_come() {
    let mut core = core_with_leaks();
    core.act(Action::Refresh);
    assert!(core.model.data.is_loading());
    core.model.workspace.zoomed = false;
    core.act(Action::FocusUsers);
    let (mut turns, mut frames) = (0, 0);
    while view::has_pending_work(core.model.context()) && turns < 20 {
        turns += 1;
        frames += usize::from(core.is_drawn(Message::TimerFired));
    }
    assert!(turns > 3 && frames <= 1, "{frames} frames in {turns} turns");
    core.now.since_start += view::REFRESH_INTERVAL;
    assert!(core.is_drawn(Message::TimerFired), "what counts is drawn");
}

#[test]
fn the_cursor_stays_on_its_leak_in_an_order_that_is_not_made_yet() {
    let mut core = core_with_leaks();
    core.act(Action::Bottom);
    for _ in 0..40 {
        core.act(Action::PageUp);
    }
    let cursor = core.model.workspace.leaks.list.cursor();
    for action in [
        Action::SortLogin,
        Action::SortLogin,
        Action::SortStatus,
        Action::ReverseSort,
    ] {
        core.act(action);
        assert_eq!(core.model.workspace.leaks.list.cursor(), cursor);
        assert_eq!(rows_on_screen(&core), expected_screen(&core), "{action}");
    }
    core.finish_slices();
    assert_eq!(core.model.workspace.leaks.list.cursor(), cursor);
    assert_eq!(rows_on_screen(&core), expected_screen(&core));
}

#[test]
fn what_needs_the_whole_order_has_it() {
    let mut core = core_with_leaks();
    core.act(Action::SortStatus);
    core.act(Action::RangeMark);
    assert!(!is_unsorted_somewhere(&core), "a range is of the order");
    core.act(Action::SortLogin);
    core.act(Action::Bottom);
    assert_eq!(
        core.model.workspace.leaks.list.cursor(),
        expected_order(&core).last().copied()
    );
}

#[test]
fn marks_of_a_view_are_its_leaks_and_nothing_else() {
    let mut core = core_with_leaks();
    core.press_at("/", core.now.since_start);
    for key in ["u", "2", "9", "enter"] {
        core.press_at(key, core.now.since_start);
    }
    let shown = core.model.workspace.leaks.list.order().len();
    assert!((1_000..20_000).contains(&shown), "{shown}");
    core.act(Action::MarkAll);
    assert_eq!(core.model.workspace.marks.len(), shown);
    assert_eq!(core.model.workspace.hidden_marks(), 0);
    core.act(Action::ClearFilter);
    assert_eq!(core.model.workspace.hidden_marks(), 0);
    core.act(Action::InvertMarks);
    assert_eq!(core.model.workspace.marks.len(), LEAKS as usize - shown);
    let mut all: Vec<_> = core.model.workspace.leaks.list.order().to_vec();
    all.retain(|row| core.model.workspace.marks.contains(*row));
    assert_eq!(all.len(), core.model.workspace.marks.len());
}

#[test]
fn a_pane_that_is_not_on_the_screen_waits_until_it_is() {
    let mut core = core_with_leaks();
    assert!(
        core.model.workspace.users.list.order().is_empty(),
        "nobody sees them"
    );
    core.model.workspace.zoomed = false;
    assert!(view::has_pending_work(core.model.context()));
    core.finish_slices();
    assert_eq!(
        core.model.workspace.users.list.order().len(),
        LEAKS as usize
    );
}

#[test]
fn a_pane_that_gets_the_focus_is_never_shown_as_it_was_before_the_leaks_came() {
    let mut core = core_with_leaks();
    core.act(Action::FocusUsers);
    assert!(
        core.model.workspace.is_building_groups(Pane::Users),
        "it says that it counts"
    );
    core.finish_slices();
    assert!(!core.model.workspace.is_building_groups(Pane::Users));
    assert_eq!(
        core.model.workspace.users.list.order().len(),
        LEAKS as usize
    );
}

#[test]
fn groups_that_are_made_in_turns_are_those_that_are_made_at_once() {
    let mut core = core_with_leaks();
    core.model.workspace.zoomed = false;
    core.act(Action::FocusUsers);
    for action in [Action::SortLogin, Action::ReverseSort, Action::SortLeaks] {
        core.act(action);
        assert!(core.finish_slices() > 1, "a portion a turn");
        let users = &core.model.workspace.users;
        let table = &core.model.data.table;
        let rows = table.select(&Filter::default(), &[], None, &Marks::default());
        let mut wanted = table.overview(GroupKind::User, rows, &[]);
        sort_groups(table, GroupKind::User, &mut wanted, users.sort);
        let shown = users.list.order().iter();
        let shown: Vec<_> = shown.filter_map(|group| users.rows.get(group)).collect();
        assert_eq!(shown, wanted.iter().collect::<Vec<_>>(), "{action}");
    }
}

#[test]
fn a_filter_of_groups_that_comes_between_turns_wins() {
    let mut core = core_with_leaks();
    core.model.workspace.zoomed = false;
    core.act(Action::FocusUsers);
    core.update(Message::TimerFired);
    core.press_at("/", core.now.since_start);
    for key in ["u", "2", "9", "9", "enter"] {
        core.press_at(key, core.now.since_start);
    }
    core.finish_slices();
    let shown = core.model.workspace.users.list.order().len();
    assert!((10..200).contains(&shown), "{shown}");
}

#[test]
fn a_sort_key_that_comes_between_turns_wins() {
    let mut core = core_with_leaks();
    core.act(Action::SortLogin);
    core.update(Message::TimerFired);
    core.act(Action::SortStatus);
    core.act(Action::SortSeen);
    core.finish_slices();
    let by = SortKey {
        field: SortField::Seen,
        descending: true,
    };
    assert_eq!(core.model.workspace.leaks.sort, [by]);
    assert!(!is_unsorted_somewhere(&core));
}

#[test]
fn a_row_that_was_changed_is_not_kept_while_the_cursor_moves() {
    let mut core = core_with_leaks();
    core.finish_slices();
    let glance = |core: &Core| ListSnapshot::from_model(&core.model).unwrap();
    let before = glance(&core);
    core.act(Action::Down);
    assert!(!before.unchanged_rows(&glance(&core)).is_empty());
    // What was read back of a job: so many rows are drawn anew with the next beat, and not before.
    let row = rows_on_screen(&core)[5];
    let (before, open) = (
        glance(&core),
        core.model.data.table.status(row) == Status::Open,
    );
    let status = if open { Status::Fixed } else { Status::Open };
    core.model
        .data
        .table
        .set_statuses([(row, status, &b"read"[..])]);
    core.act(Action::Down);
    assert!(before.unchanged_rows(&glance(&core)).is_empty());
}
