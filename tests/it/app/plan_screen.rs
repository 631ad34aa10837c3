//! The screen of a plan: every target can be reached, in the order of the view, and the number that is typed is
//! answered in words.

use super::{
    super::support::{console_fixture::look, test_backend::screen_text},
    Core,
    core_fixture::{page, profile},
};
use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect};
use stanch::{
    action::Action,
    app::{message::Message, overlay::PlanOverlay, wake},
    config::Config,
    entity::leak::LeakField,
    table::RowId,
    ui::{self, redraw::UnchangedRows},
};
use std::time::Duration;

fn screen(core: &mut Core, (columns, rows): (u16, u16)) -> String {
    core.update(Message::TerminalResized { columns, rows });
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let look = look(&Config::default().theme);
    ui::draw(&core.model, &look, &UnchangedRows::NONE, &mut buffer);
    screen_text(&buffer)
}

fn plan(core: &Core) -> &PlanOverlay {
    core.model.plan().unwrap()
}

/// A console with so many leaks, sorted by login backwards, and a plan of all of them.
fn core_with_plan(count: u32, confirm_above: usize) -> Core {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    stanch::app::start(&mut core.model);
    let mut page = page(1..=count, Some(u64::from(count)));
    page.page_size = count;
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.load_page("acme", request, 0, page);
    assert!(core.model.data.is_complete());
    core.model.setup.policy.confirm_above = confirm_above;
    core.act(Action::SortLogin);
    core.act(Action::ReverseSort);
    core.mark(1..=count);
    core.act(Action::MarkFixed);
    while core.model.plan().is_none() {
        core.advance_clock(Duration::from_millis(1));
    }
    core.draw_frame();
    core.advance_clock(Duration::from_millis(301));
    core
}

/// The logins of the view, in its order.
fn logins(core: &mut Core) -> Vec<String> {
    while wake::has_pending_work(&core.model) {
        core.advance_clock(Duration::from_millis(1));
    }
    let order = core.model.workspace.leaks.list.order().to_vec();
    let login = |row: RowId| {
        let text = core
            .model
            .data
            .table
            .text(row, LeakField::Login)
            .into_owned();
        String::from_utf8(text).unwrap()
    };
    order.into_iter().map(login).collect()
}

/// The logins of the targets on a screen, in the order of its lines. What stands behind a small plan has no such words.
fn plan_rows(screen: &str) -> Vec<String> {
    let is_target = |line: &&str| line.contains("to fixed") || line.contains("skipped");
    let words = screen.lines().filter(is_target).filter_map(|line| {
        line.split_whitespace()
            .find(|word| word.ends_with("@acme.example"))
    });
    words.map(str::to_owned).collect()
}

/// Whether these stand one after the other in those.
fn is_part(part: &[String], whole: &[String]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_target_of_a_plan_can_be_reached_in_the_order_of_the_view(
        count in 1_u32..160,
        columns in 60_u16..120,
        rows in 12_u16..40,
    ) {
        let mut core = core_with_plan(count, 50);
        prop_assert_eq!(plan(&core).plan.skipped.is_empty(), count < 5);
        let all = logins(&mut core);
        let size = (columns, rows);
        screen(&mut core, size);
        core.act(Action::Bottom);
        let end = plan_rows(&screen(&mut core, size));
        prop_assert_eq!(end.last(), all.last());
        prop_assert!(is_part(&end, &all), "{:?}", end);
        // One line up shows one line more, and no key is lost beyond the end.
        let last = plan(&core).scroll;
        core.act(Action::Down);
        prop_assert_eq!(plan(&core).scroll, last);
        core.act(Action::Up);
        prop_assert_eq!(plan(&core).scroll, last.saturating_sub(1));
        // Line by line from the top, each target comes to be seen once.
        core.act(Action::Top);
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..=last {
            for login in plan_rows(&screen(&mut core, size)) {
                if !seen.contains(&login) {
                    seen.push(login);
                }
            }
            core.act(Action::Down);
        }
        prop_assert_eq!(seen, all);
    }
}

#[test]
fn the_end_of_a_plan_of_a_hundred_thousand_is_one_key_away() {
    let mut core = core_with_plan(100_000, 50);
    let all = logins(&mut core);
    let size = (160, 48);
    screen(&mut core, size);
    core.act(Action::Bottom);
    let picture = screen(&mut core, size);
    assert_eq!(plan_rows(&picture).last(), all.last(), "{picture}");
    assert!(picture.contains("of 100,000 targets"), "{picture}");
}

#[test]
fn what_a_plan_leaves_alone_stands_among_its_targets_with_the_reason() {
    let mut core = core_with_plan(12, 50);
    let picture = screen(&mut core, (160, 48));
    // The list of leaks may be seen around the plan.
    for (login, words) in [
        ("u10@acme.example", "skipped: already fixed"),
        ("u11@acme.example", "open to fixed"),
    ] {
        let says = |line: &str| line.contains(login) && line.contains(words);
        assert!(picture.lines().any(says), "{login}: {picture}");
    }
}

#[test]
fn the_plan_of_hidden_targets_shows_them_too() {
    let mut core = Core::with_leaks(30);
    core.mark(1..=30);
    core.press_at("/", Duration::ZERO);
    for key in ["u", "7"] {
        core.press_at(key, Duration::ZERO);
    }
    core.press_at("enter", Duration::ZERO);
    core.act(Action::MarkFixed);
    assert!(plan(&core).plan.hidden > 0);
    let size = (160, 48);
    assert_eq!(plan_rows(&screen(&mut core, size)).len(), 30);
}

fn number_line(core: &mut Core) -> String {
    let picture = screen(core, (100, 30));
    let line = picture.lines().find(|line| line.contains("to apply:"));
    line.unwrap_or_else(|| panic!("{picture}")).to_owned()
}

#[test]
fn enter_says_what_is_missing_and_applies_nothing() {
    let mut core = core_with_plan(60, 20);
    let number = plan(&core).required_number.unwrap().to_string();
    let read = core.now.since_start;
    assert!(core.press_at("enter", read).is_empty());
    let picture = screen(&mut core, (100, 30));
    assert!(
        picture.contains(&format!("type the number {number} first")),
        "{picture}"
    );
    core.press_at("9", read);
    assert!(number_line(&mut core).contains(&format!("9  is not {number}")));
    assert!(core.press_at("enter", read).is_empty());
    let picture = screen(&mut core, (100, 30));
    assert!(
        picture.contains(&format!("not applied: 9 is not {number}")),
        "{picture}"
    );
    core.press_at("backspace", read);
    assert!(!number_line(&mut core).contains("is not"));
    for digit in number.chars() {
        assert!(!plan(&core).is_ready());
        core.press_at(&digit.to_string(), read);
    }
    assert!(number_line(&mut core).contains("y applies"));
    assert!(
        core.press_at("enter", read).is_empty(),
        "enter never applies"
    );
    assert!(!core.press_at("y", read).is_empty());
}

#[test]
fn while_a_number_is_typed_a_letter_does_nothing() {
    let mut core = core_with_plan(60, 20);
    let number = plan(&core).required_number.unwrap().to_string();
    let read = core.now.since_start;
    let mut typed = String::new();
    for digit in number.chars() {
        core.press_at(&digit.to_string(), read);
        typed.push(digit);
        for letter in ('a'..='z').chain('A'..='Z').chain("%!:/ ".chars()) {
            if letter == 'y' {
                continue;
            }
            let spelled = match letter {
                ' ' => "space".to_owned(),
                letter => letter.to_string(),
            };
            let (before, locked) = (plan(&core).clone(), core.model.access.write_lock);
            assert!(core.press_at(&spelled, read).is_empty(), "{letter}");
            assert!(core.model.prompt.is_none(), "{letter} opens a line");
            assert_eq!(plan(&core), &before, "{letter}");
            assert_eq!(core.model.access.write_lock, locked, "{letter}");
        }
    }
    assert!(plan(&core).is_ready());
    core.press_at("backspace", read);
    assert_eq!(plan(&core).typed_number, typed[..typed.len() - 1]);
    // Not right yet: it says so, and nothing is applied.
    assert!(core.press_at("y", read).is_empty());
    assert!(plan(&core).apply_requested);
    core.press_at("esc", read);
    assert!(core.model.plan().is_none());
}

#[test]
fn before_a_number_is_typed_a_plan_takes_its_other_keys() {
    let mut core = core_with_plan(60, 20);
    let read = core.now.since_start;
    core.press_at("o", read);
    assert!(core.model.prompt.is_some());
    core.press_at("esc", read);
    core.press_at("n", read);
    assert!(core.model.plan().is_none());
}

#[test]
fn a_reason_that_is_wanted_can_be_given_once_the_number_is_right() {
    let mut core = Core::with_leaks(60);
    core.model.setup.policy.confirm_above = 20;
    core.model.setup.policy.require_reason = true;
    core.mark(1..=60);
    core.act(Action::MarkFixed);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(301));
    let read = core.now.since_start;
    for digit in plan(&core).required_number.unwrap().to_string().chars() {
        core.press_at(&digit.to_string(), read);
    }
    core.press_at("enter", read);
    assert!(screen(&mut core, (100, 30)).contains("r gives the reason first"));
    core.press_at("r", read);
    assert!(core.model.prompt.is_some());
}
