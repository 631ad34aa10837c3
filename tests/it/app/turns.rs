//! More leaks than are sorted in one go: the screen is right at once, the rest follows in turns.

use super::core::{Core, page, profile};
use stanch::{
    action::Action,
    app::{self, layout, message::Message, model::Pane, view},
    entity::status::Status,
    filter::Filter,
    table::{GroupKind, Handle, Marks, SortField, SortKey, sort_groups},
    ui::kept::Glance,
};

const LEAKS: u32 = 30_000;

/// The whole order as it should be.
fn wanted(core: &Core) -> Vec<Handle> {
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

fn screen(core: &Core) -> Vec<Handle> {
    let list = &core.model.workspace.leaks.list;
    let screen = list.window(height(core)).to_vec();
    assert!(screen.contains(&list.cursor().unwrap()));
    assert_eq!(list.order()[list.position()], list.cursor().unwrap());
    screen
}

fn right_screen(core: &Core) -> Vec<Handle> {
    let at = core.model.workspace.leaks.list.offset();
    wanted(core)[at..at + height(core)].to_vec()
}

fn is_unsorted_somewhere(core: &Core) -> bool {
    core.model.workspace.leaks.list.order() != wanted(core)
}

fn many() -> Core {
    let mut core = read();
    core.finish_turns();
    assert_eq!(
        core.model.workspace.leaks.list.order().len(),
        LEAKS as usize
    );
    core
}

/// All are read, and the views are not made yet.
fn read() -> Core {
    let mut core = Core::of(vec![profile("acme")]);
    core.model.workspace.zoomed = true;
    stanch::app::start(&mut core.model);
    let mut page = page(1..=LEAKS, Some(u64::from(LEAKS)));
    page.page_size = LEAKS;
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.page_of("acme", request, 0, page);
    assert!(core.model.data.is_complete());
    core
}

impl Core {
    /// Whether something that happens is drawn.
    fn is_drawn(&mut self, message: Message) -> bool {
        app::update(&mut self.model, message, self.now).dirty
    }

    /// Takes turns until there is none left; how many there were.
    fn finish_turns(&mut self) -> usize {
        let mut turns = 0;
        while view::has_turns(self.model.context()) {
            self.take(Message::Ticked);
            turns += 1;
            assert!(turns < 200, "there is no end to it");
        }
        turns
    }
}

#[test]
fn a_sort_of_many_leaks_shows_the_right_screen_before_all_are_in_order() {
    let mut core = many();
    core.ask(Action::SortLogin);
    assert!(is_unsorted_somewhere(&core), "all at once");
    assert_eq!(screen(&core), right_screen(&core));
    for action in [
        Action::Down,
        Action::PageDown,
        Action::HalfPageDown,
        Action::PageDown,
        Action::Up,
    ] {
        core.ask(action);
        assert_eq!(screen(&core), right_screen(&core), "{action}");
    }
    assert!(core.finish_turns() > 0);
    assert!(!is_unsorted_somewhere(&core));
    assert_eq!(screen(&core), right_screen(&core));
}

#[test]
fn what_was_read_last_is_there_before_something_is_done_with_all_of_it() {
    for action in [Action::MarkAll, Action::InvertMarks] {
        let mut core = read();
        assert!(
            core.model.workspace.leaks.list.order().is_empty(),
            "it comes in turns"
        );
        core.ask(action);
        assert_eq!(core.model.workspace.marks.len(), LEAKS as usize, "{action}");
    }
    let mut core = read();
    core.ask(Action::Bottom);
    assert_eq!(
        core.model.workspace.leaks.list.cursor(),
        wanted(&core).last().copied()
    );
}

#[test]
fn turns_that_change_nothing_on_the_screen_draw_nothing_while_leaks_come() {
    let mut core = many();
    core.ask(Action::Refresh);
    assert!(core.model.data.is_loading());
    core.model.workspace.zoomed = false;
    core.ask(Action::FocusUsers);
    let (mut turns, mut frames) = (0, 0);
    while view::has_turns(core.model.context()) && turns < 20 {
        turns += 1;
        frames += usize::from(core.is_drawn(Message::Ticked));
    }
    assert!(turns > 3 && frames <= 1, "{frames} frames in {turns} turns");
    core.now.since_start += view::REPAINT;
    assert!(core.is_drawn(Message::Ticked), "what counts is drawn");
}

#[test]
fn the_cursor_stays_on_its_leak_in_an_order_that_is_not_made_yet() {
    let mut core = many();
    core.ask(Action::Bottom);
    for _ in 0..40 {
        core.ask(Action::PageUp);
    }
    let cursor = core.model.workspace.leaks.list.cursor();
    for action in [
        Action::SortLogin,
        Action::SortLogin,
        Action::SortStatus,
        Action::ReverseSort,
    ] {
        core.ask(action);
        assert_eq!(core.model.workspace.leaks.list.cursor(), cursor);
        assert_eq!(screen(&core), right_screen(&core), "{action}");
    }
    core.finish_turns();
    assert_eq!(core.model.workspace.leaks.list.cursor(), cursor);
    assert_eq!(screen(&core), right_screen(&core));
}

#[test]
fn what_needs_the_whole_order_has_it() {
    let mut core = many();
    core.ask(Action::SortStatus);
    core.ask(Action::RangeMark);
    assert!(!is_unsorted_somewhere(&core), "a range is of the order");
    core.ask(Action::SortLogin);
    core.ask(Action::Bottom);
    assert_eq!(
        core.model.workspace.leaks.list.cursor(),
        wanted(&core).last().copied()
    );
}

#[test]
fn marks_of_a_view_are_its_leaks_and_nothing_else() {
    let mut core = many();
    core.press_at("/", core.now.since_start);
    for key in ["u", "2", "9", "enter"] {
        core.press_at(key, core.now.since_start);
    }
    let shown = core.model.workspace.leaks.list.order().len();
    assert!((1_000..20_000).contains(&shown), "{shown}");
    core.ask(Action::MarkAll);
    assert_eq!(core.model.workspace.marks.len(), shown);
    assert_eq!(core.model.workspace.hidden_marks(), 0);
    core.ask(Action::ClearFilter);
    assert_eq!(core.model.workspace.hidden_marks(), 0);
    core.ask(Action::InvertMarks);
    assert_eq!(core.model.workspace.marks.len(), LEAKS as usize - shown);
    let mut all: Vec<_> = core.model.workspace.leaks.list.order().to_vec();
    all.retain(|row| core.model.workspace.marks.contains(*row));
    assert_eq!(all.len(), core.model.workspace.marks.len());
}

#[test]
fn a_pane_that_is_not_on_the_screen_waits_until_it_is() {
    let mut core = many();
    assert!(
        core.model.workspace.users.list.order().is_empty(),
        "nobody sees them"
    );
    core.model.workspace.zoomed = false;
    assert!(view::has_turns(core.model.context()));
    core.finish_turns();
    assert_eq!(
        core.model.workspace.users.list.order().len(),
        LEAKS as usize
    );
}

#[test]
fn a_pane_that_gets_the_focus_is_never_shown_as_it_was_before_the_leaks_came() {
    let mut core = many();
    core.ask(Action::FocusUsers);
    assert!(
        core.model.workspace.is_making(Pane::Users),
        "it says that it counts"
    );
    core.finish_turns();
    assert!(!core.model.workspace.is_making(Pane::Users));
    assert_eq!(
        core.model.workspace.users.list.order().len(),
        LEAKS as usize
    );
}

#[test]
fn groups_that_are_made_in_turns_are_those_that_are_made_at_once() {
    let mut core = many();
    core.model.workspace.zoomed = false;
    core.ask(Action::FocusUsers);
    for action in [Action::SortLogin, Action::ReverseSort, Action::SortLeaks] {
        core.ask(action);
        assert!(core.finish_turns() > 1, "a portion a turn");
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
    let mut core = many();
    core.model.workspace.zoomed = false;
    core.ask(Action::FocusUsers);
    core.take(Message::Ticked);
    core.press_at("/", core.now.since_start);
    for key in ["u", "2", "9", "9", "enter"] {
        core.press_at(key, core.now.since_start);
    }
    core.finish_turns();
    let shown = core.model.workspace.users.list.order().len();
    assert!((10..200).contains(&shown), "{shown}");
}

#[test]
fn a_sort_key_that_comes_between_turns_wins() {
    let mut core = many();
    core.ask(Action::SortLogin);
    core.take(Message::Ticked);
    core.ask(Action::SortStatus);
    core.ask(Action::SortSeen);
    core.finish_turns();
    let by = SortKey {
        field: SortField::Seen,
        descending: true,
    };
    assert_eq!(core.model.workspace.leaks.sort, [by]);
    assert!(!is_unsorted_somewhere(&core));
}

#[test]
fn a_row_that_was_changed_is_not_kept_while_the_cursor_moves() {
    let mut core = many();
    core.finish_turns();
    let glance = |core: &Core| Glance::of(&core.model).unwrap();
    let before = glance(&core);
    core.ask(Action::Down);
    assert!(!before.kept(&glance(&core)).is_empty());
    // What was read back of a job: so many rows are drawn anew with the next beat, and not before.
    let row = screen(&core)[5];
    let (before, open) = (
        glance(&core),
        core.model.data.table.status(row) == Status::Open,
    );
    let status = if open { Status::Fixed } else { Status::Open };
    core.model
        .data
        .table
        .set_statuses([(row, status, &b"read"[..])]);
    core.ask(Action::Down);
    assert!(before.kept(&glance(&core)).is_empty());
}
