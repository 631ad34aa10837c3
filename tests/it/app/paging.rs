//! Pages: how many at once, in which order, and when it ends.

use super::{
    Core,
    core_fixture::{name, page, profile},
};
use stanch::{
    action::Action,
    app::{
        self,
        effect::{DataEffect, Effect, LoopEffect},
        message::Message,
        pace::{INITIAL_IN_FLIGHT, MAX_IN_FLIGHT},
        paging::{MAX_EMPTY_PAGES, MAX_PASSES},
    },
    entity::{
        error::ProviderError,
        key::RequestId,
        page::{LeakPage, NextPage, PageRequest},
    },
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

fn requested_pages(effects: &[Effect]) -> Vec<(RequestId, u32)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Data(DataEffect::FetchPage { request, page, .. }) => {
                Some((*request, page.index))
            }
            _ => None,
        })
        .collect()
}

fn start() -> (Core, VecDeque<(RequestId, u32)>) {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    let effects = app::start(&mut core.model);
    (core, requested_pages(&effects).into())
}

/// Answers every page in an order, until no more is asked for; answers how many were.
fn run(
    newest_first: bool,
    most: usize,
    mut answer: impl FnMut(u32) -> LeakPage,
) -> (Core, Vec<u32>) {
    let (mut core, mut open) = start();
    let mut order = Vec::new();
    while let Some((request, index)) = if newest_first {
        open.pop_back()
    } else {
        open.pop_front()
    } {
        assert!(order.len() < most, "it never ends: {order:?}");
        assert!(open.len() < MAX_IN_FLIGHT as usize);
        order.push(index);
        let effects = core.load_page("acme", request, index, answer(index));
        open.extend(requested_pages(&effects));
    }
    assert!(!core.model.data.is_loading());
    (core, order)
}

fn page_of_ten(index: u32, total: u32) -> LeakPage {
    page(
        index * 10..((index + 1) * 10).min(total),
        Some(u64::from(total)),
    )
}

#[test]
fn pages_are_complete_whatever_the_order_of_arrival() {
    for newest_first in [false, true] {
        let (core, order) = run(newest_first, 20, |index| page_of_ten(index, 95));
        assert!(core.model.data.is_complete());
        assert_eq!(order.len(), 10);
        assert_eq!(core.model.data.table.len(), 95);
        let (model, list) = (&core.model, core.model.workspace.leaks.list.order());
        assert_eq!(list.len(), 95);
        assert_eq!(model.data.profiles[0].paging.duplicate_rows, 0);
    }
}

#[test]
fn four_pages_are_in_flight_once_the_total_is_known() {
    let (mut core, open) = start();
    assert_eq!(open.len(), 1);
    let effects = core.load_page("acme", open[0].0, 0, page_of_ten(0, 500));
    let pages: Vec<_> = requested_pages(&effects)
        .into_iter()
        .map(|(_, page)| page)
        .collect();
    assert_eq!(pages, [1, 2, 3, 4]);
    let effects = core.load_page("acme", open[0].0, 3, page_of_ten(3, 500));
    assert_eq!(requested_pages(&effects).len(), 1);
}

/// Answers pages of one profile in order, each so long after it was asked for; how many were on their way at most.
fn max_in_flight(
    core: &mut Core,
    pages: u32,
    takes: Duration,
    refused: impl Fn(u32) -> u64,
) -> Vec<usize> {
    let effects = app::start(&mut core.model);
    let mut open: VecDeque<_> = requested_pages(&effects)
        .into_iter()
        .map(|it| (core.now.since_start + takes, it))
        .collect();
    let mut most = Vec::new();
    while let Some((due, (request, index))) = open.pop_front() {
        most.push(open.len() + 1);
        core.now.since_start = core.now.since_start.max(due);
        let page = LeakPage {
            throttle_signals: refused(index),
            ..page_of_ten(index, pages * 10)
        };
        let effects = core.load_page("acme", request, index, page);
        let now = core.now.since_start;
        open.extend(
            requested_pages(&effects)
                .into_iter()
                .map(|it| (now + takes, it)),
        );
    }
    assert!(core.model.data.is_complete());
    most
}

#[test]
fn over_a_long_line_more_pages_are_in_flight_and_never_too_many() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    let most = max_in_flight(&mut core, 60, Duration::from_millis(80), |_| 0);
    assert_eq!(most[..2], [1, INITIAL_IN_FLIGHT as usize]);
    assert_eq!(most.iter().max(), Some(&(MAX_IN_FLIGHT as usize)));
}

#[test]
fn a_provider_that_refuses_is_asked_for_less_at_once() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    let most = max_in_flight(&mut core, 60, Duration::from_millis(80), |page| {
        u64::from(page >= 30)
    });
    let before = most[..30].iter().max();
    assert_eq!(before, Some(&(MAX_IN_FLIGHT as usize)));
    assert_eq!(
        most[39..42].iter().max(),
        Some(&(MAX_IN_FLIGHT as usize / 2)),
        "{most:?}"
    );
}

#[test]
fn no_more_pages_are_in_flight_than_a_minute_has_requests() {
    let mut profile = profile("acme");
    profile.rpm = Some(3);
    let mut core = Core::with_profiles(vec![profile]);
    let most = max_in_flight(&mut core, 60, Duration::from_millis(80), |_| 0);
    assert_eq!(most.iter().max(), Some(&3));
}

#[test]
fn without_a_total_one_page_at_a_time_until_a_short_one() {
    let (core, order) = run(false, 20, |index| {
        page(index * 10..(index * 10 + 10).min(35), None)
    });
    assert_eq!(order, [0, 1, 2, 3]);
    assert!(core.model.data.is_complete());
    assert_eq!(core.model.data.table.len(), 35);
}

#[test]
fn empty_pages_end_it_only_after_a_few() {
    // One empty page in the middle is no end.
    let (core, _) = run(false, 20, |index| match index {
        2 => page([], Some(40)),
        3 => page((20..30).chain(30..40), Some(40)),
        index => page_of_ten(index, 40),
    });
    assert_eq!(core.model.data.table.len(), 40);
    assert!(core.model.data.is_complete());
    // A total that never comes true is.
    let (core, order) = run(false, 100, |_| page([], Some(1_000_000)));
    assert!(
        order.len()
            <= (MAX_EMPTY_PAGES as usize + INITIAL_IN_FLIGHT as usize) * MAX_PASSES as usize
    );
    assert!(!core.model.data.is_complete());
    assert!(core.newest_notice().contains("have 0 of 1,000,000"));
}

#[test]
fn empty_pages_are_nothing_odd_where_pages_alone_are_counted() {
    let (core, order) = run(false, 20, |index| LeakPage {
        next: NextPage::Pages(Some(9)),
        ..page(if index == 7 { 0..3 } else { 0..0 }, None)
    });
    assert_eq!(order.len(), 9);
    assert_eq!(core.model.data.table.len(), 3);
}

/// A page of a list by cursors: what it leads to, if anything.
fn with_cursor(page: LeakPage, next: Option<&str>) -> LeakPage {
    LeakPage {
        next: next.map_or(NextPage::End, |word| NextPage::Cursor(word.into())),
        ..page
    }
}

#[test]
fn a_cursor_is_followed_one_page_at_a_time() {
    let (mut core, mut open) = start();
    let mut cursors = Vec::new();
    for index in 0..5 {
        let (request, asked_for) = open.pop_front().unwrap();
        assert_eq!((asked_for, open.len()), (index, 0), "one at a time");
        // The total is known, and still nothing is asked for beside the page that the cursor leads to.
        let next = format!("after-{index}");
        let answer = with_cursor(page_of_ten(index, 50), (index < 4).then_some(&next[..]));
        let effects = core.load_page("acme", request, index, answer);
        for effect in &effects {
            if let Effect::Data(DataEffect::FetchPage { cursor, .. }) = effect {
                cursors.push(cursor.as_ref().unwrap().as_str().to_owned());
            }
        }
        open.extend(requested_pages(&effects));
    }
    assert_eq!(cursors, ["after-0", "after-1", "after-2", "after-3"]);
    assert!(open.is_empty() && core.model.data.is_complete());
    assert_eq!(core.model.data.table.len(), 50);
}

#[test]
fn an_empty_page_does_not_end_a_list_by_cursors() {
    let empty = 1..=MAX_EMPTY_PAGES * 4;
    let last = MAX_EMPTY_PAGES * 4 + 1;
    let (core, order) = run(false, 100, |index| {
        let rows = match index {
            0 => page(0..10, None),
            index if empty.contains(&index) => page([], None),
            _ => page(10..14, None),
        };
        with_cursor(rows, (index < last).then_some(&format!("{index}")[..]))
    });
    assert_eq!(order.len() as u32, last + 1);
    assert!(core.model.data.is_complete());
    assert_eq!(core.model.data.table.len(), 14);
}

#[test]
fn a_short_page_does_not_end_a_list_by_cursors_and_a_full_one_may() {
    let (core, order) = run(false, 100, |index| match index {
        0 => with_cursor(page(0..3, None), Some("one")),
        _ => with_cursor(page(3..13, None), None),
    });
    assert_eq!(order, [0, 1]);
    assert!(core.model.data.is_complete());
}

#[test]
fn a_cursor_that_leads_back_ends_the_list_and_it_is_not_whole() {
    let (core, order) = run(false, 100, |index| {
        with_cursor(page_of_ten(index, 100), Some("same"))
    });
    assert_eq!(order, [0, 1]);
    assert!(!core.model.data.is_complete());
    assert!(
        core.newest_notice().contains("leads back"),
        "{}",
        core.newest_notice()
    );
}

#[test]
fn a_total_that_the_pages_of_a_cursor_do_not_reach_is_said_after_a_second_reading() {
    let (core, order) = run(false, 100, |index| {
        with_cursor(page_of_ten(index, 30), (index < 1).then_some("one"))
    });
    assert_eq!(order, [0, 1, 0, 1]);
    assert!(!core.model.data.is_complete());
    assert!(
        core.newest_notice().contains("have 20 of 30"),
        "{}",
        core.newest_notice()
    );
}

#[test]
fn a_page_size_of_nothing_cannot_loop() {
    let (core, order) = run(false, 20, |index| LeakPage {
        page_size: 0,
        ..page_of_ten(index, 20)
    });
    assert!(order.len() <= 4, "{order:?}");
    assert_eq!(core.model.data.table.len(), 20);
}

#[test]
fn a_page_that_repeats_for_ever_ends() {
    let (core, order) = run(false, 100, |_| page(0..10, Some(200)));
    assert_eq!(order.len(), 20 * MAX_PASSES as usize);
    assert_eq!(core.model.data.table.len(), 10);
    assert!(!core.model.data.is_complete());
    assert!(core.newest_notice().contains("have 10 of 200"));
}

#[test]
fn a_clamped_page_size_is_followed() {
    let mut profile = profile("acme");
    profile.capabilities.page_size = 1_000;
    let mut core = Core::with_profiles(vec![profile]);
    let effects = app::start(&mut core.model);
    let request = requested_pages(&effects)[0].0;
    let effects = core.load_page("acme", request, 0, page_of_ten(0, 25));
    for effect in &effects {
        if let Effect::Data(DataEffect::FetchPage { page, .. }) = effect {
            assert_eq!(page.size, 10);
        }
    }
    assert_eq!(requested_pages(&effects).len(), 2);
}

#[test]
fn rows_that_cannot_be_read_are_counted_and_said() {
    let (core, _) = run(false, 20, |index| {
        let mut answer = if index == 0 {
            page(0..9, Some(20))
        } else {
            page_of_ten(index, 20)
        };
        answer.unreadable = u32::from(index == 0);
        answer
    });
    assert!(!core.model.data.is_complete(), "one may be any");
    assert!(core.newest_notice().contains("1 row could not be read"));
}

#[test]
fn a_domain_that_was_left_out_is_named_and_the_list_is_not_complete() {
    let (core, _) = run(false, 20, |index| LeakPage {
        missing_domains: vec!["acme.example".into()],
        ..page_of_ten(index, 10)
    });
    assert!(!core.model.data.is_complete());
    assert!(
        core.newest_notice().contains("left out: acme.example"),
        "{}",
        core.newest_notice()
    );
}

#[test]
fn a_list_whose_leaks_lack_their_domain_is_not_complete_and_says_why() {
    let (core, _) = run(false, 20, |index| LeakPage {
        domains_unknown: index == 0,
        ..page_of_ten(index, 20)
    });
    assert_eq!(core.model.data.table.len(), 20, "what came stays");
    assert!(!core.model.data.is_complete());
    let said = core.newest_notice();
    assert!(said.contains("watched domains could not be read"), "{said}");
}

#[test]
fn of_contradicting_totals_none_is_believed_and_one_more_page_is_asked_for() {
    for believed in [10, 1_000] {
        let (core, order) = run(false, 100, |index| {
            let rows = index * 10..(index * 10 + 10).min(35).max(index * 10);
            let mut answer = page(rows, None);
            answer.contradiction = Some(format!("its totals are {believed} and another"));
            answer
        });
        assert_eq!(order, [0, 1, 2, 3, 4], "until a page is empty");
        assert_eq!(core.model.data.table.len(), 35);
        assert!(!core.model.data.is_complete());
        assert!(
            core.newest_notice().contains("its totals are"),
            "{}",
            core.newest_notice()
        );
    }
    // A later page that contradicts itself takes back what an earlier one said.
    let (core, _) = run(false, 100, |index| {
        if index == 0 {
            return page_of_ten(0, 20);
        }
        let mut answer = page((index * 10).min(30)..(index * 10 + 10).min(30), None);
        answer.contradiction = Some("its totals are two".to_owned());
        answer
    });
    assert_eq!(core.model.data.table.len(), 30);
    assert!(!core.model.data.is_complete());
}

#[test]
fn an_error_ends_it_and_calls_off_the_rest() {
    let (mut core, open) = start();
    let request = open[0].0;
    core.load_page("acme", request, 0, page_of_ten(0, 100));
    let effects = core.update(Message::PageLoaded {
        request,
        profile: name("acme"),
        page: PageRequest { index: 2, size: 10 },
        result: Err(ProviderError::Timeout { why: "x".into() }),
    });
    assert_eq!(effects, [Effect::Loop(LoopEffect::CancelRequest(request))]);
    assert!(!core.model.data.is_loading() && !core.model.data.is_complete());
    // What was on its way comes to nothing, and is not shown.
    core.load_page("acme", request, 1, page_of_ten(1, 100));
    assert_eq!(core.model.data.table.len(), 10);
}

#[test]
fn the_same_page_twice_is_taken_once() {
    let (mut core, open) = start();
    let request = open[0].0;
    core.load_page("acme", request, 0, page_of_ten(0, 30));
    core.load_page("acme", request, 0, page(50..60, Some(30)));
    assert_eq!(core.model.data.table.len(), 10);
    assert_eq!(core.model.data.profiles[0].paging.dropped_answers, 1);
}

#[test]
fn a_page_that_comes_in_parts_is_taken_in_once_and_whole() {
    let (mut core, open) = start();
    let request = open[0].0;
    let mut whole = page(0..1_200, Some(1_200));
    whole.page_size = 1_200;
    let leaks = Arc::new(whole);
    assert_eq!(leaks.leaks.part_count(), 3);
    let token = PageRequest { index: 0, size: 10 };
    let part = |request: RequestId, part: usize| Message::PagePartLoaded {
        request,
        profile: name("acme"),
        page: token,
        leaks: Arc::clone(&leaks),
        part,
    };
    // Of another request, or out of turn.
    core.update(part(RequestId(request.0 + 7), 0));
    core.update(part(request, 1));
    assert_eq!(core.model.data.table.len(), 0);
    core.update(part(request, 0));
    let first = core.model.data.table.len();
    assert!(first > 0 && core.model.data.is_loading());
    assert_eq!(
        core.model.workspace.leaks.list.order().len(),
        first,
        "it is shown"
    );
    core.update(part(request, 0));
    assert_eq!(core.model.data.table.len(), first);
    core.update(part(request, 1));
    assert!(core.model.data.table.len() > first && core.model.data.is_loading());
    core.update(Message::PageLoaded {
        request,
        profile: name("acme"),
        page: token,
        result: Ok(Arc::clone(&leaks)),
    });
    let paging = &core.model.data.profiles[0].paging;
    assert_eq!(
        (
            paging.rows_received,
            paging.duplicate_rows,
            paging.dropped_answers
        ),
        (1_200, 0, 0)
    );
    assert!(core.model.data.is_complete());
    assert_eq!(core.model.data.table.len(), 1_200);
    // Nothing is left of it: the next reading takes all of a page that comes at once.
    core.act(Action::Refresh);
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.update(part(request, 0));
    core.act(Action::Refresh);
    let request = core.model.data.profiles[0].paging.request.unwrap();
    core.update(Message::PageLoaded {
        request,
        profile: name("acme"),
        page: token,
        result: Ok(leaks),
    });
    let paging = &core.model.data.profiles[0].paging;
    assert_eq!((paging.rows_received, paging.duplicate_rows), (1_200, 0));
    assert!(core.model.data.is_complete());
}

#[test]
fn one_profile_that_fails_leaves_the_other_alone() {
    let mut core = Core::with_profiles(vec![profile("acme"), profile("beta")]);
    app::start(&mut core.model);
    let request = core
        .model
        .data
        .profile(&name("acme"))
        .unwrap()
        .paging
        .request;
    core.update(Message::PageLoaded {
        request: request.unwrap(),
        profile: name("acme"),
        page: PageRequest { index: 0, size: 10 },
        result: Err(ProviderError::Unauthorised { status: 401 }),
    });
    core.load("beta", 1..=4);
    assert_eq!(core.model.workspace.leaks.list.order().len(), 4);
    assert!(!core.model.data.is_complete() && !core.model.data.is_loading());
}
