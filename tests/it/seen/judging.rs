//! What a reading means: each definition, and a world that changes at random.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// A store with a baseline of leak 1, which reads like this at second 1,000.
fn with(remote: Status) -> (Room, Box<dyn Store>) {
    let room = Room::own();
    let mut store = room.open();
    store.record(&scan(1_000, vec![leak(1, remote)])).unwrap();
    (room, store)
}

/// A change of ours that the provider stores, by a job of this number.
fn own_of_job(status: Status, at: i64, number: u64) -> Vec<OwnChange> {
    vec![OwnChange {
        mark: leak(1, status).mark,
        status,
        remote: Some(status),
        at,
        number,
    }]
}

fn own(status: Status, at: i64) -> Vec<OwnChange> {
    own_of_job(status, at, at.cast_unsigned())
}

fn after(store: &mut Box<dyn Store>, scan: &Scan) -> Vec<EventKind> {
    let events = store.record(scan).unwrap().events;
    kinds(&events)
        .into_iter()
        .filter(|kind| *kind != EventKind::Own)
        .collect()
}

#[test]
fn fixed_elsewhere_then_opened_came_back() {
    let (_home, mut store) = with(Status::Open);
    let read = |at, status| scan(at, vec![leak(1, status)]);
    assert_eq!(
        after(&mut store, &read(2_000, Status::Fixed)),
        [EventKind::Changed]
    );
    assert_eq!(
        after(&mut store, &read(3_000, Status::Open)),
        [EventKind::Regressed]
    );
    assert_eq!(after(&mut store, &read(4_000, Status::Open)), []);
    // A word that nobody knows is unresolved.
    after(&mut store, &read(5_000, Status::Fixed));
    assert_eq!(
        after(&mut store, &read(6_000, Status::Unknown)),
        [EventKind::Regressed]
    );
}

#[test]
fn fixed_by_us_then_opened_came_back_and_our_own_reopen_did_not() {
    let (_home, mut store) = with(Status::Open);
    let mut read = scan(2_000, vec![leak(1, Status::Fixed)]);
    read.own = own(Status::Fixed, 1_500);
    assert_eq!(after(&mut store, &read), []);
    let opened = scan(3_000, vec![leak(1, Status::Open)]);
    assert_eq!(after(&mut store, &opened), [EventKind::Regressed]);
    let mut reopened = scan(5_000, vec![leak(1, Status::Open)]);
    after(&mut store, &scan(4_000, vec![leak(1, Status::Fixed)]));
    reopened.own = own(Status::Open, 4_500);
    assert_eq!(after(&mut store, &reopened), []);
}

#[test]
fn fixed_by_us_and_opened_before_any_reading_came_back() {
    let (_home, mut store) = with(Status::Open);
    let mut read = scan(2_000, vec![leak(1, Status::Open)]);
    read.own = own(Status::Fixed, 1_500);
    assert_eq!(after(&mut store, &read), [EventKind::Regressed]);
    assert_eq!(
        after(&mut store, &scan(3_000, vec![leak(1, Status::Open)])),
        []
    );
}

/// The change is one that the last reading may not have seen for a minute; that it came back was told in that minute.
#[test]
fn what_came_back_while_our_change_settles_is_told_once_and_once_more_after_another_change() {
    let (_home, mut store) = with(Status::Open);
    let read = |at, fixed| {
        let mut read = scan(at, vec![leak(1, Status::Open)]);
        read.own = own(Status::Fixed, fixed);
        read
    };
    assert_eq!(
        after(&mut store, &read(1_510, 1_500)),
        [EventKind::Regressed]
    );
    assert_eq!(after(&mut store, &read(1_520, 1_500)), []);
    assert_eq!(after(&mut store, &read(1_530, 1_500)), []);
    // Fixed by us again, and opened by others before the next reading.
    assert_eq!(
        after(&mut store, &read(1_550, 1_540)),
        [EventKind::Regressed]
    );
    assert_eq!(after(&mut store, &read(1_560, 1_540)), []);
}

/// Moments are whole seconds, and much happens in one: each change counts once by its own number.
#[test]
fn two_changes_of_ours_in_one_second_count_once_each() {
    for room in Room::every() {
        let mut store = room.open();
        store
            .record(&scan(1_000, vec![leak(1, Status::Open)]))
            .unwrap();
        let mut read = |status, own: &[OwnChange]| {
            let mut read = scan(1_500, vec![leak(1, status)]);
            (read.own, read.settle) = (own.to_vec(), 0);
            after(&mut store, &read)
        };
        let first = own_of_job(Status::Fixed, 1_500, 7);
        assert_eq!(read(Status::Open, &first), [EventKind::Regressed]);
        assert_eq!(read(Status::Open, &first), []);
        // Fixed by us and opened by others once more.
        let second = own_of_job(Status::Fixed, 1_500, 8);
        assert_eq!(read(Status::Open, &second), [EventKind::Regressed]);
        assert_eq!(read(Status::Open, &second), []);
        // Fixed and opened by us.
        let third = own_of_job(Status::Fixed, 1_500, 9);
        assert_eq!(read(Status::Fixed, &third), []);
        let fourth = own_of_job(Status::Open, 1_500, 10);
        assert_eq!(read(Status::Open, &fourth), []);
        assert_eq!(read(Status::Open, &fourth), []);
    }
}

#[test]
fn a_change_of_ours_counts_for_a_leak_that_the_next_reading_misses() {
    let (_home, mut store) = with(Status::Open);
    let mut without = scan(2_000, Vec::new());
    without.whole = false;
    without.own = own(Status::Fixed, 1_500);
    assert_eq!(after(&mut store, &without), []);
    let mut with = scan(3_000, vec![leak(1, Status::Open)]);
    with.own = own(Status::Fixed, 1_500);
    assert_eq!(after(&mut store, &with), [EventKind::Regressed]);
}

/// The provider never said that it is fixed.
#[test]
fn a_leak_that_is_kept_here_as_fixed_does_not_come_back() {
    let (_home, mut store) = with(Status::New);
    let mut read = leak(1, Status::New);
    read.status = Status::Fixed;
    let mut kept = scan(2_000, vec![read]);
    kept.own = own(Status::Fixed, 1_500);
    kept.own[0].remote = None;
    assert_eq!(after(&mut store, &kept), []);
    assert_eq!(after(&mut store, &scan(3_000, vec![read])), []);
}

/// Flows of a report are dated by the moment of our change, not by the reading that counts it.
#[test]
fn a_change_of_ours_is_dated_by_its_own_moment_and_never_before_the_leak() {
    for (at, dated) in [(1_500, 1_500), (500, 1_000), (9_000, 2_000)] {
        let (_home, mut store) = with(Status::Open);
        let mut read = scan(2_000, vec![leak(1, Status::Fixed)]);
        read.own = own(Status::Fixed, at);
        // What was settled before the last reading was there for that one to count.
        read.settle = 1_000;
        let events = store.record(&read).unwrap().events;
        let own: Vec<_> = events.iter().map(|event| event.what).collect();
        assert_eq!((kinds(&events), own[0].at), (vec![EventKind::Own], dated));
        assert_eq!(own[0].before.remote, Status::Open);
        assert_eq!(own[0].after.remote, Status::Fixed);
        let kept = store.leaks(&account("acme")).unwrap();
        assert_eq!(
            (kept[0].since, kept[0].state.remote),
            (dated, Status::Fixed)
        );
    }
}

#[test]
fn a_row_that_is_not_settled_is_judged_by_a_later_reading() {
    let (_home, mut store) = with(Status::Open);
    let mut doubtful = leak(1, Status::Open);
    doubtful.doubtful = true;
    let mut early = scan(1_510, vec![doubtful]);
    early.own = own(Status::Fixed, 1_500);
    assert_eq!(after(&mut store, &early), []);
    let mut late = scan(1_700, vec![leak(1, Status::Open)]);
    late.own = own(Status::Fixed, 1_500);
    assert_eq!(after(&mut store, &late), [EventKind::Regressed]);
    late.began = 1_800;
    late.ended = 1_800;
    assert_eq!(after(&mut store, &late), []);
}

#[test]
fn a_status_kept_here_is_disputed_once() {
    let (_home, mut store) = with(Status::New);
    let mut kept = leak(1, Status::New);
    kept.status = Status::FalsePositive;
    assert_eq!(after(&mut store, &scan(2_000, vec![kept])), []);
    let mut said = leak(1, Status::Fixed);
    said.status = Status::FalsePositive;
    said.disputed = true;
    assert_eq!(
        after(&mut store, &scan(3_000, vec![said])),
        [EventKind::Disputed]
    );
    assert_eq!(after(&mut store, &scan(4_000, vec![said])), []);
}

#[test]
fn a_new_leak_with_the_login_of_a_fixed_one_is_there_again() {
    let (_home, mut store) = with(Status::Fixed);
    let mut again = leak(2, Status::Open);
    again.again = true;
    let read = scan(
        2_000,
        vec![leak(1, Status::Fixed), again, leak(3, Status::Open)],
    );
    assert_eq!(after(&mut store, &read), [EventKind::Again, EventKind::New]);
}

#[test]
fn gone_takes_two_whole_readings_that_are_far_enough_apart() {
    let (_home, mut store) = with(Status::Open);
    let none = |at| scan(at, Vec::new());
    assert_eq!(after(&mut store, &none(2_000)), []);
    assert_eq!(after(&mut store, &none(2_005)), []);
    let mut partial = none(2_050);
    partial.whole = false;
    assert_eq!(after(&mut store, &partial), []);
    assert_eq!(after(&mut store, &none(2_060)), [EventKind::Gone]);
    assert_eq!(after(&mut store, &none(2_100)), []);
    let back = scan(3_000, vec![leak(1, Status::Open)]);
    assert_eq!(after(&mut store, &back), [EventKind::Back]);
    // One miss and it is there: nothing.
    assert_eq!(after(&mut store, &none(4_000)), []);
    assert_eq!(
        after(&mut store, &scan(5_000, vec![leak(1, Status::Open)])),
        []
    );
}

#[test]
fn what_was_fixed_when_it_went_and_is_open_when_it_returns_came_back() {
    let (_home, mut store) = with(Status::Fixed);
    after(&mut store, &scan(2_000, Vec::new()));
    assert_eq!(
        after(&mut store, &scan(3_000, Vec::new())),
        [EventKind::Gone]
    );
    let open = scan(4_000, vec![leak(1, Status::Open)]);
    assert_eq!(after(&mut store, &open), [EventKind::Regressed]);
}

#[test]
fn a_first_reading_that_is_cut_tells_nothing_and_the_next_goes_on_from_it() {
    let room = Room::own();
    let mut store = room.open();
    let mut cut = scan(100, (0..50).map(|id| leak(id, Status::Open)).collect());
    (cut.whole, cut.answered) = (false, false);
    assert_eq!(store.record(&cut).unwrap().events, []);
    let whole = scan(200, (0..90).map(|id| leak(id, Status::Open)).collect());
    let events = store.record(&whole).unwrap().events;
    assert_eq!(kinds(&events), [EventKind::Baseline]);
    assert_eq!(events[0].what.count, 90);
    let leaks = store.leaks(&account("acme")).unwrap();
    assert!(
        leaks
            .iter()
            .all(|leak| leak.state.baseline && !leak.state.tentative)
    );
}

#[test]
fn a_flood_is_marked_and_an_older_date_said() {
    let (_home, mut store) = with(Status::Open);
    let mut old = leak(2, Status::Open);
    old.added = Some(10);
    let events = store
        .record(&scan(2_000, vec![leak(1, Status::Open), old]))
        .unwrap()
        .events;
    assert!(events[0].what.older && !events[0].what.storm);
    let flood = scan(3_000, (1..700).map(|id| leak(id, Status::Open)).collect());
    let events = store.record(&flood).unwrap().events;
    assert_eq!(events.len(), 697);
    assert!(
        events
            .iter()
            .all(|event| event.what.storm && !event.what.older)
    );
}

#[test]
fn since_tells_what_was_added_of_a_first_reading() {
    let room = Room::own();
    let mut store = room.open();
    let dated = |id, added| LeakRead {
        added,
        risk: Some(RiskLevel::High),
        ..leak(id, Status::Open)
    };
    let leaks = vec![dated(1, Some(50)), dated(2, Some(150)), dated(3, None)];
    let mut first = scan(1_000, leaks);
    first.since = Some(100);
    let events = store.record(&first).unwrap().events;
    assert_eq!(kinds(&events), [EventKind::Baseline, EventKind::New]);
    assert_eq!(events[1].what.mark, dated(2, None).mark);
}

/// Three hundred leaks, and in each round one that comes, one that goes, one whose status changes, and readings that
/// miss rows and are partial: who stays for two readings is told once.
#[test]
fn in_a_world_that_changes_nothing_is_missed_and_nothing_told_twice() {
    changing(600);
}

#[test]
#[ignore = "ten thousand rounds take minutes; run it with --ignored"]
fn in_a_world_that_changes_long_nothing_is_missed_and_nothing_told_twice() {
    changing(10_000);
}

fn changing(rounds: i64) {
    let room = Room::own();
    let mut store = room.open();
    let mut dice = fastrand::Rng::with_seed(20);
    let mut world: BTreeMap<u64, Status> = (0..300).map(|id| (id, Status::Open)).collect();
    let read = |world: &BTreeMap<u64, Status>| -> Vec<LeakRead> {
        world
            .iter()
            .map(|(id, status)| leak(*id, *status))
            .collect()
    };
    store.record(&scan(0, read(&world))).unwrap();
    let mut told: BTreeMap<Mark, u32> = BTreeMap::new();
    let mut stayed: BTreeMap<u64, u32> = BTreeMap::new();
    let (mut next, mut back) = (300_u64, 0_i64);
    for round in 1..=rounds {
        world.insert(next, Status::Open);
        stayed.insert(next, 0);
        next += 1;
        let ids: Vec<u64> = world.keys().copied().collect();
        let leaving = ids[dice.usize(..ids.len())];
        world.remove(&leaving);
        let other = ids[dice.usize(..ids.len())];
        if let Some(status) = world.get_mut(&other) {
            let flipped = if *status == Status::Open {
                Status::Fixed
            } else {
                Status::Open
            };
            back += i64::from(flipped == Status::Open);
            *status = flipped;
        }
        let mut leaks = read(&world);
        let hidden = dice.bool();
        if hidden {
            // Pages shifted: a row was not read.
            leaks.remove(dice.usize(..leaks.len()));
        }
        let listed: BTreeSet<Mark> = leaks.iter().map(|leak| leak.mark).collect();
        for (id, readings) in &mut stayed {
            *readings += u32::from(listed.contains(&leak(*id, Status::Open).mark));
        }
        let mut reading = scan(round * 100, leaks);
        reading.whole = !hidden;
        for event in store.record(&reading).unwrap().events {
            match event.what.kind {
                EventKind::New => *told.entry(event.what.mark).or_default() += 1,
                EventKind::Regressed => back -= 1,
                EventKind::Gone => {
                    assert!(!listed.contains(&event.what.mark), "it is there");
                }
                _ => {}
            }
        }
    }
    assert!(told.values().all(|times| *times == 1), "told twice");
    for (id, readings) in stayed {
        let times = told.get(&leak(id, Status::Open).mark).copied().unwrap_or(0);
        assert_eq!(
            times,
            u32::from(readings > 0),
            "leak {id} in {readings} readings"
        );
    }
    // A row that was hidden when it flipped, or left, has flipped in no reading.
    assert!(back < rounds / 10, "{back} regressions were not told");
}
