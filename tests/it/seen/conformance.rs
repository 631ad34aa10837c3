//! What every store must do.

use super::*;

#[test]
fn messages_are_added_up_taken_by_one_and_tried_again() {
    for room in Room::every() {
        let mut store = room.open();
        let message = |id: &str| Waiting {
            id: id.to_owned(),
            channel: "hook:mail".to_owned(),
            made: 1,
            due: 1,
            tries: 0,
            dead: false,
            body: b"{}".to_vec(),
        };
        let ids = |store: &mut Box<dyn Store>| -> Vec<String> {
            let all = store.waiting().unwrap();
            all.into_iter().map(|one| one.id).collect()
        };
        let place = |to| vec![("all".to_owned(), to), ("told:all".to_owned(), to)];
        assert!(store.tell(&place(3), 10, &[message("a")], &[]).unwrap());
        let replaced = ["a".to_owned()];
        assert!(
            store
                .tell(&place(5), 11, &[message("b")], &replaced)
                .unwrap()
        );
        assert_eq!(ids(&mut store), ["b"]);
        assert!(store.begin("b", 0, 60).unwrap());
        assert!(!store.begin("b", 0, 60).unwrap(), "another has it");
        // What is tried is not added up any more, and nothing moves then.
        let replaced = ["b".to_owned()];
        assert!(
            !store
                .tell(&place(9), 12, &[message("c")], &replaced)
                .unwrap()
        );
        assert_eq!(ids(&mut store), ["b"]);
        assert_eq!(store.cursor("told:all").unwrap().unwrap().seq, 5);
        store.settle("b", 70, true).unwrap();
        let left = store.waiting().unwrap();
        assert_eq!((left[0].tries, left[0].due, left[0].dead), (1, 70, true));
        assert!(
            !store.begin("b", 1, 60).unwrap(),
            "it is not tried by itself"
        );
        assert!(store.retry("b", 80).unwrap() && !store.retry("x", 80).unwrap());
        let left = store.waiting().unwrap();
        assert_eq!((left[0].tries, left[0].due, left[0].dead), (0, 80, false));
    }
}

#[test]
fn a_first_reading_tells_its_baseline_and_nothing_else() {
    for room in Room::every() {
        let mut store = room.open();
        let leaks = (0..300).map(|id| leak(id, Status::Open)).collect();
        let recorded = store.record(&scan(100, leaks)).unwrap();
        assert!(recorded.baseline);
        assert_eq!(kinds(&recorded.events), [EventKind::Baseline]);
        assert_eq!(recorded.events[0].what.count, 300);
        let state = store.account(&account("acme")).unwrap();
        assert_eq!((state.baseline_at, state.baseline_leaks), (Some(100), 300));
        assert_eq!(store.leaks(&account("acme")).unwrap().len(), 300);
    }
}

#[test]
fn a_baseline_of_nothing_is_a_baseline() {
    for room in Room::every() {
        let mut store = room.open();
        assert!(store.record(&scan(100, Vec::new())).unwrap().baseline);
        let second = store
            .record(&scan(200, vec![leak(1, Status::Open)]))
            .unwrap();
        assert_eq!(kinds(&second.events), [EventKind::New]);
    }
}

#[test]
fn events_keep_their_ids_and_two_stores_make_each_once() {
    for room in Room::every() {
        let (mut one, mut two) = (room.open(), room.open());
        one.record(&scan(100, vec![leak(1, Status::Open)])).unwrap();
        let later = scan(200, vec![leak(1, Status::Open), leak(2, Status::Open)]);
        let first = one.record(&later).unwrap();
        assert_eq!(kinds(&first.events), [EventKind::New]);
        // The other one read the same at the same time.
        assert_eq!(two.record(&later).unwrap().events, []);
        let again = two.events(first.events[0].seq - 1).unwrap();
        assert_eq!(again, first.events);
        assert_eq!(two.end().unwrap(), first.events[0].seq);
        assert_eq!(two.position_at(200).unwrap(), first.events[0].seq - 1);
        assert_eq!(two.position_at(201).unwrap(), first.events[0].seq);
    }
}

#[test]
fn a_cursor_moves_with_its_messages_and_can_be_taken_back() {
    for room in Room::every() {
        let mut store = room.open();
        assert_eq!(store.cursor("all").unwrap(), None);
        store.move_cursor("all", 4, 100, &[]).unwrap();
        let message = Waiting {
            id: "msg_1".to_owned(),
            channel: "webhook:soc".to_owned(),
            made: 100,
            due: 100,
            tries: 0,
            dead: false,
            body: b"{}".to_vec(),
        };
        store
            .move_cursor("all", 9, 200, std::slice::from_ref(&message))
            .unwrap();
        store
            .move_cursor("all", 9, 300, std::slice::from_ref(&message))
            .unwrap();
        let cursor = store.cursor("all").unwrap().unwrap();
        assert_eq!((cursor.seq, cursor.back, cursor.at), (9, 4, 300));
        assert_eq!(store.waiting().unwrap(), [message]);
        store.tried("msg_1", 500, true).unwrap();
        let waiting = store.waiting().unwrap();
        assert_eq!(
            (waiting[0].tries, waiting[0].due, waiting[0].dead),
            (1, 500, true)
        );
        assert!(store.drop_message("msg_1").unwrap());
        assert!(!store.drop_message("msg_1").unwrap());
    }
}

#[test]
fn an_account_is_blind_after_three_failures_or_a_refused_key_and_sighted_once() {
    for room in Room::every() {
        let mut store = room.open();
        store.record(&scan(100, Vec::new())).unwrap();
        let failed = |at, refused| Failed { at, refused };
        let acme = account("acme");
        let said: Vec<bool> = [200, 300, 400, 500]
            .into_iter()
            .map(|at| store.failed(&acme, failed(at, false)).unwrap().is_some())
            .collect();
        assert_eq!(said, [false, false, true, false]);
        let after_a_day = store.failed(&acme, failed(400 + 24 * 3600, false)).unwrap();
        assert_eq!(after_a_day.unwrap().what.kind, EventKind::Blind);
        let before = store.end().unwrap();
        store.quiet(&acme, 90_000, 2).unwrap();
        store.quiet(&acme, 90_100, 2).unwrap();
        assert_eq!(kinds(&store.events(before).unwrap()), [EventKind::Sighted]);
        let refused = store.failed(&acme, failed(90_200, true)).unwrap();
        assert_eq!(refused.unwrap().what.kind, EventKind::Blind);
    }
}

#[test]
fn the_chain_of_readings_shows_what_was_changed() {
    for room in Room::every() {
        let mut store = room.open();
        for at in 1..5 {
            let leaks = (0..at).map(|id: i64| leak(id.cast_unsigned(), Status::Open));
            store.record(&scan(at * 100, leaks.collect())).unwrap();
        }
        assert_eq!(store.verify().unwrap(), Ok(4));
        let (count, hash) = store.head().unwrap();
        assert_eq!((count, hash.len()), (4, 32));
    }
}

#[test]
fn what_is_forgotten_is_a_baseline_again_and_the_events_stay() {
    for room in Room::every() {
        let mut store = room.open();
        store
            .record(&scan(100, vec![leak(1, Status::Open)]))
            .unwrap();
        store
            .record(&scan(
                200,
                vec![leak(1, Status::Open), leak(2, Status::Open)],
            ))
            .unwrap();
        assert_eq!(store.forget(Some("other")).unwrap(), 0);
        assert_eq!(store.forget(Some("acme")).unwrap(), 2);
        let again = store
            .record(&scan(300, vec![leak(1, Status::Open)]))
            .unwrap();
        assert_eq!(kinds(&again.events), [EventKind::Baseline]);
        assert_eq!(store.events(0).unwrap().len(), 3);
    }
}

#[test]
fn another_key_is_refused_and_a_damaged_file_moved_aside() {
    let home = tempfile::tempdir().unwrap();
    let kind = &STORES[0];
    (kind.open)(&options(home.path(), 1))
        .unwrap()
        .record(&scan(100, vec![leak(1, Status::Open)]))
        .unwrap();
    let other = (kind.open)(&options(home.path(), 2));
    assert_eq!(other.err(), Some(SeenError::OtherKey));
    assert_eq!((kind.forget_all)(&options(home.path(), 2)).unwrap(), 1);
    let mut anew = (kind.open)(&options(home.path(), 2)).unwrap();
    anew.record(&scan(100, vec![leak(1, Status::Open)]))
        .unwrap();
    drop(anew);
    let file = home.path().join("state/seen.db");
    std::fs::write(&file, b"this is no database at all, whatever its name says").unwrap();
    let mut store = (kind.open)(&options(home.path(), 2)).unwrap();
    assert_eq!(kinds(&store.events(0).unwrap()), [EventKind::Reset]);
    assert!(home.path().join("state/seen.db.damaged-1000").exists());
    let first = store
        .record(&scan(200, vec![leak(1, Status::Open)]))
        .unwrap();
    assert_eq!(kinds(&first.events), [EventKind::Baseline]);
}

#[test]
fn a_full_disk_is_said_and_nothing_is_half_kept() {
    let home = tempfile::tempdir().unwrap();
    let kind = &STORES[0];
    let mut small = options(home.path(), 1);
    small.max_pages = Some(24);
    let mut store = (kind.open)(&small).unwrap();
    let leaks = (0..20_000).map(|id| leak(id, Status::Open)).collect();
    assert_eq!(store.record(&scan(100, leaks)).err(), Some(SeenError::Full));
    assert_eq!(store.account(&account("acme")).unwrap().baseline_at, None);
    assert_eq!(store.leaks(&account("acme")).unwrap(), []);
}

#[test]
fn a_mark_has_its_size_and_says_nothing_of_the_id() {
    let room = Room::own();
    let mut store = room.open();
    let id = b"0123456789abcdef0123456789abcdef";
    let mark = marks(1).mark(&ProviderId::new("projectdiscovery"), Kind::Leak, id);
    let mut one = leak(1, Status::Open);
    one.mark = mark;
    store.record(&scan(100, vec![one])).unwrap();
    drop(store);
    let bytes = std::fs::read(room.home.path().join("state/seen.db")).unwrap();
    for form in [
        &id[..],
        &id[..16],
        &[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef],
    ] {
        assert!(!bytes.windows(form.len()).any(|window| window == form));
    }
    assert_ne!(
        mark,
        marks(2).mark(&ProviderId::new("projectdiscovery"), Kind::Leak, id)
    );
    assert_ne!(mark, Mark::default());
}

#[test]
fn notes_are_kept_under_their_names_and_the_head_is_one_that_the_chain_holds() {
    for room in Room::every() {
        let mut store = room.open();
        assert_eq!(store.note("audited").unwrap(), None);
        store.set_note("audited", b"one").unwrap();
        store.set_note("audited", b"two").unwrap();
        assert_eq!(store.note("audited").unwrap().unwrap(), b"two");
        let (_, before) = store.head().unwrap();
        store
            .record(&scan(100, vec![leak(1, Status::Open)]))
            .unwrap();
        let (count, hash) = store.head().unwrap();
        assert!(count == 1 && hash != before);
        assert!(store.holds(&hash).unwrap() && !store.holds(&[7; 32]).unwrap());
    }
}

#[test]
fn probes_are_added_up_by_the_hour_and_readings_have_a_line_each() {
    for room in Room::every() {
        let mut store = room.open();
        let acme = account("acme");
        store.record(&scan(100, Vec::new())).unwrap();
        for at in [3_600, 3_700, 7_300] {
            store.quiet(&acme, at, 2).unwrap();
        }
        let lines = store.scans(0).unwrap();
        let seen: Vec<_> = lines
            .iter()
            .map(|line| (&line.what[..], line.ended, line.requests, line.times))
            .collect();
        let wanted = [
            ("whole", 100, 1, 1),
            ("probe", 3_700, 4, 2),
            ("probe", 7_300, 2, 1),
        ];
        assert_eq!(seen, wanted);
        assert_eq!(store.scans(4_000).unwrap().len(), 1);
        assert_eq!(store.account(&acme).unwrap().last_whole, Some(7_300));
        assert_eq!(store.verify().unwrap(), Ok(1));
    }
}

#[test]
fn what_is_older_than_four_hundred_days_goes_and_the_chain_still_holds() {
    const DAY: i64 = 86_400;
    for room in Room::every() {
        let mut store = room.open();
        store
            .record(&scan(100, vec![leak(1, Status::Open)]))
            .unwrap();
        let both = || vec![leak(1, Status::Open), leak(2, Status::Open)];
        store.record(&scan(200, both())).unwrap();
        let (_, old) = store.head().unwrap();
        store.record(&scan(401 * DAY, both())).unwrap();
        assert_eq!(store.scans(0).unwrap().len(), 1);
        assert_eq!(store.events(0).unwrap(), []);
        assert_eq!(store.end().unwrap(), 2, "positions are not given twice");
        assert_eq!(store.verify().unwrap(), Ok(1));
        assert!(store.holds(&old).unwrap(), "it begins behind that one");
        assert_eq!(store.leaks(&account("acme")).unwrap().len(), 2);
    }
}

/// A million leaks, kept and read again: `cargo test --test it a_million_leaks_are_kept -- --ignored --nocapture`.
#[test]
#[ignore = "a million leaks, kept and read twice"]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn a_million_leaks_are_kept_in_parts_and_make_no_events() {
    let room = Room::own();
    let mut store = room.open();
    let mut reading = scan(
        100,
        (0..1_000_000).map(|id| leak(id, Status::Open)).collect(),
    );
    let before = peak();
    let begun = std::time::Instant::now();
    let first = store.record(&reading).unwrap();
    assert_eq!(kinds(&first.events), [EventKind::Baseline]);
    println!(
        "kept in {:?}, {} KiB more",
        begun.elapsed(),
        peak() - before
    );
    (reading.began, reading.ended) = (200, 200);
    let (before, begun) = (peak(), std::time::Instant::now());
    assert_eq!(store.suspects(&reading).unwrap(), []);
    assert_eq!(store.record(&reading).unwrap().events, []);
    println!(
        "read again in {:?}, {} KiB more",
        begun.elapsed(),
        peak() - before
    );
    let file = std::fs::metadata(room.home.path().join("state/seen.db")).unwrap();
    println!("{} bytes in the file", file.len());
    assert!(file.len() < 40_000_000, "{}", file.len());
}

/// The most memory that this process has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}
