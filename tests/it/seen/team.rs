//! What the memory of a team must do: several hosts at once, who may what, and what the server holds.

use super::*;
use stanch::{
    entity::profile::ProfileBinding,
    seen::{Lease, LeaseOf},
};

/// A room with a team's store, or none where the server is not installed.
macro_rules! room {
    () => {
        match Room::team() {
            Some(room) => room,
            None => return,
        }
    };
}

impl Room {
    fn host(&self, host: &str) -> Box<dyn Store> {
        let mut options = self.options(1, host);
        options.directory = self.home.path().join(host);
        (self.kind.open)(&options).unwrap()
    }

    fn login(&self, role: &str) -> SeenOptions {
        let mut options = self.options(1, "soc1");
        options.team = self
            .database
            .as_ref()
            .map(|database| database.options(role));
        options
    }

    fn sql(&self, sql: &str) -> String {
        let database = self.database.as_ref().unwrap();
        database.sql(&format!("SET search_path = stanch; {sql}"))
    }
}

#[test]
fn of_eight_hosts_that_read_the_same_each_event_is_made_by_one() {
    let room = room!();
    room.open()
        .record(&scan(100, vec![leak(0, Status::Fixed)]))
        .unwrap();
    let (rounds, hosts) = (5_u64, 8);
    let mut made = Vec::new();
    for round in 1..=rounds {
        // Each round brings twelve leaks, and the first one is open in each second round.
        let first = [Status::Fixed, Status::Open][round as usize % 2];
        let mut leaks = vec![leak(0, first)];
        leaks.extend((1..=12 * round).map(|id| leak(id, Status::Open)));
        let reading = scan(100 * (round as i64 + 1), leaks);
        std::thread::scope(|scope| {
            let reading = &reading;
            let room = &room;
            let hosts: Vec<_> = (0..hosts)
                .map(|host| {
                    scope.spawn(move || room.host(&format!("soc{host}")).record(reading).unwrap())
                })
                .collect();
            for host in hosts {
                made.extend(host.join().unwrap().events);
            }
        });
    }
    let mut store = room.open();
    let kept = store.events(1).unwrap();
    made.sort_by_key(|event| event.seq);
    assert_eq!(made, kept, "what each host was told is what the store has");
    let of = |kind| kept.iter().filter(|event| event.what.kind == kind).count();
    assert_eq!(of(EventKind::New), 12 * rounds as usize);
    assert_eq!(of(EventKind::Regressed), 3);
    let places: Vec<u64> = kept.iter().map(|event| event.seq).collect();
    let wanted: Vec<u64> = (2..2 + kept.len() as u64).collect();
    assert_eq!(places, wanted, "no position is left out");
    assert_eq!(store.verify().unwrap(), Ok(rounds * hosts + 1));
}

#[test]
fn a_lease_is_had_by_one_host_and_by_the_same_one_after_a_new_start() {
    let room = room!();
    let ours = |host: &str| {
        let watch = LeaseOf::Watch("all".to_owned());
        room.host(host).lease(&watch, 600).unwrap()
    };
    assert_eq!(ours("soc1"), Lease::Ours);
    assert_eq!(ours("soc2"), Lease::Of("ana@soc1".to_owned()));
    assert_eq!(ours("soc1"), Lease::Ours, "it was started again");
    assert_eq!(
        room.host("soc2")
            .lease(&LeaseOf::Watch("vip".to_owned()), 600)
            .unwrap(),
        Lease::Ours
    );
    room.sql("UPDATE seen_lease SET until = clock_timestamp() WHERE name = 'watch all'");
    assert_eq!(ours("soc2"), Lease::Ours);
    assert_eq!(ours("soc1"), Lease::Of("ana@soc2".to_owned()));
}

#[test]
fn a_key_of_another_team_is_refused_and_the_owner_may_forget_it() {
    let room = room!();
    room.open()
        .record(&scan(100, vec![leak(1, Status::Open)]))
        .unwrap();
    let other = (room.kind.open)(&room.options(2, "soc1"));
    assert_eq!(other.err(), Some(SeenError::OtherTeamKey));
    let refused = (room.kind.forget_all)(&room.login("ana"));
    assert!(matches!(refused, Err(SeenError::Refused { .. })));
    assert_eq!((room.kind.forget_all)(&room.login("dba")).unwrap(), 1);
    let mut anew = (room.kind.open)(&room.options(2, "soc1")).unwrap();
    let first = anew
        .record(&scan(200, vec![leak(1, Status::Open)]))
        .unwrap();
    assert_eq!(kinds(&first.events), [EventKind::Baseline]);
}

#[test]
fn an_auditor_reads_and_nobody_writes_a_table() {
    let room = room!();
    room.open()
        .record(&scan(100, vec![leak(1, Status::Open)]))
        .unwrap();
    let mut auditor = (room.kind.open)(&room.login("rev")).unwrap();
    assert_eq!(auditor.leaks(&account("acme")).unwrap().len(), 1);
    assert_eq!(auditor.verify().unwrap(), Ok(1));
    let written = auditor.record(&scan(200, Vec::new()));
    assert!(matches!(written, Err(SeenError::Refused { .. })));
    let moved = auditor.move_cursor("all", 1, 1, &[]);
    assert!(matches!(moved, Err(SeenError::Refused { .. })));
    for role in ["stanch_analyst", "stanch_auditor"] {
        let writable = room.sql(&format!(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'stanch' AND tablename LIKE 'seen%' \
             AND has_table_privilege('{role}', 'stanch.' || tablename, 'INSERT, UPDATE, DELETE, TRUNCATE')"
        ));
        assert_eq!(writable, "0", "{role}");
    }
}

#[test]
fn an_account_of_another_origin_is_refused() {
    let room = room!();
    let at = |origin: &str| {
        let mut options = room.options(1, "soc1");
        if let Some(team) = &mut options.team {
            team.origins = vec![ProfileBinding {
                name: account("acme").profile,
                provider: account("acme").provider,
                origin: origin.to_owned(),
                team: String::new(),
            }];
        }
        (room.kind.open)(&options).unwrap()
    };
    at("https://api.example")
        .record(&scan(100, vec![leak(1, Status::Open)]))
        .unwrap();
    let refused = at("https://other.example").record(&scan(200, Vec::new()));
    match refused {
        Err(SeenError::Refused { why }) => {
            assert!(why.contains("account acme of this store is https://api.example"));
        }
        other => panic!("{other:?}"),
    }
    let gone = at("https://api.example").leaks(&account("acme")).unwrap();
    assert_eq!(gone.len(), 1);
}

#[test]
fn a_profile_has_the_name_that_the_team_gives_its_account() {
    let room = room!();
    let mut options = room.options(1, "soc1");
    if let Some(team) = &mut options.team {
        team.accounts = vec![(account("mine").profile, "acme".to_owned())];
    }
    let mut renamed = (room.kind.open)(&options).unwrap();
    let mut reading = scan(100, vec![leak(1, Status::Open)]);
    reading.account = account("mine");
    renamed.record(&reading).unwrap();
    let more = vec![leak(1, Status::Open), leak(2, Status::Open)];
    let told = room.open().record(&scan(200, more)).unwrap();
    assert_eq!(kinds(&told.events), [EventKind::New]);
    let heard = renamed.events(1).unwrap();
    assert_eq!(heard[0].account, Some(account("mine")));
    assert_eq!(renamed.forget(Some("mine")).unwrap(), 2);
}

#[test]
fn the_place_of_a_person_is_that_of_a_login_and_of_a_watch_that_of_all() {
    let room = room!();
    let mut ana = room.open();
    let mut ben = (room.kind.open)(&room.login("ben")).unwrap();
    for name in ["console:root", "all"] {
        ana.move_cursor(name, 7, 100, &[]).unwrap();
    }
    assert_eq!(ben.cursor("console:root").unwrap(), None);
    assert_eq!(ben.cursor("all").unwrap().unwrap().seq, 7);
    assert_eq!(ben.cursors().unwrap().len(), 1);
    assert_eq!(ana.cursors().unwrap().len(), 2);
}

#[test]
fn a_request_that_is_asked_again_is_carried_out_once() {
    let room = room!();
    room.open().record(&scan(100, Vec::new())).unwrap();
    let request = "11111111-2222-3333-4444-555555555555";
    let asked = format!(
        "SELECT seen_tell('{request}', ARRAY['all'], ARRAY[5::bigint], 1, ARRAY['m'], ARRAY['hook:mail'], ARRAY[1::bigint], \
         ARRAY[1::bigint], ARRAY[0], ARRAY[false], ARRAY['x'::bytea], '{{}}')"
    );
    assert_eq!(room.sql(&asked), "t");
    room.sql("DELETE FROM seen_message");
    assert_eq!(room.sql(&asked), "t");
    assert_eq!(room.open().waiting().unwrap(), []);
    let begun = format!("SELECT seen_message_step('{request}', 'drop', 'm', 0, 0, false)");
    assert_eq!(room.sql(&begun), "f", "the answer of that request");
}

#[test]
fn a_changed_reading_is_found_and_a_changed_event_too() {
    for change in [
        "UPDATE seen_scan SET requests = 99 WHERE id = 2",
        "UPDATE seen_event SET kind = 5 WHERE scan = 2",
        "DELETE FROM seen_event WHERE scan = 2",
    ] {
        let room = room!();
        let mut store = room.open();
        for at in 1..5 {
            let leaks = (0..at).map(|id: i64| leak(id.cast_unsigned(), Status::Open));
            store.record(&scan(at * 100, leaks.collect())).unwrap();
        }
        assert_eq!(store.verify().unwrap(), Ok(4));
        room.sql(change);
        assert_eq!(store.verify().unwrap(), Err(2), "{change}");
    }
}

#[test]
fn nothing_of_a_leak_is_on_the_server() {
    let room = room!();
    let id = b"0123456789abcdef0123456789abcdef";
    let mut one = leak(1, Status::Open);
    one.mark = marks(1).mark(&ProviderId::new("projectdiscovery"), Kind::Leak, id);
    let mut store = room.open();
    store.record(&scan(100, vec![one])).unwrap();
    one.remote = Status::Fixed;
    one.status = Status::Fixed;
    store.record(&scan(200, vec![one])).unwrap();
    let tables =
        room.sql("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'stanch'");
    let mut rows = String::new();
    for table in tables.split(' ') {
        rows += &room.sql(&format!("SELECT t::text FROM {table} AS t"));
    }
    assert!(rows.contains("whole"), "what is kept was read");
    for part in ["0123456789abcdef", "30313233343536373839616263646566"] {
        assert!(!rows.contains(part));
    }
    // Nor is the key, in any of its forms.
    let key = "0101010101010101";
    assert!(!rows.contains(key));
}
