//! Readings on their way to the memory of what was seen, with every answer ordered by hand.

use super::core_fixture::{Core, key, name, profile};
use stanch::{
    app::{
        effect::{Effect, Failure, NewsEffect, Request as _},
        message::{LocalRecords, Message},
        news::{self, Judged, Look, Looked, NewsCursor, Reading, Told, What},
    },
    entity::{
        fingerprint::FingerprintKey,
        local_status::LocalStatus,
        seen::{Account, MarkKey},
        status::Status,
    },
};
use std::{sync::Arc, time::Duration};

/// A console that keeps news; nothing was answered yet.
fn console() -> Core {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    core.model.data.profiles[0].profile.capabilities.page_size = 1_000;
    let marks = MarkKey::of(&FingerprintKey::new([7; 32]));
    news::begin((&mut core.model.news, &mut core.model.views), marks);
    stanch::app::start(&mut core.model);
    let cursor = NewsCursor {
        seq: 0,
        end: 0,
        at: 0,
    };
    core.update(Message::NewsLoaded(Ok(cursor)));
    core
}

/// Leak 1, which the provider has as open, is kept as being looked at; the provider said fixed then.
fn kept() -> Message {
    let local = LocalStatus {
        status: Status::Investigating,
        remote_when_set: Some(Status::Fixed),
        set_at: jiff::Timestamp::UNIX_EPOCH,
        job: None,
        by: None,
    };
    Message::LocalRecordsLoaded(Ok(Box::new(LocalRecords {
        statuses: vec![(key(1), local)],
        ..LocalRecords::default()
    })))
}

/// Goes on until nothing is to be done; the readings that were given to the memory.
fn readings(core: &mut Core) -> Vec<Arc<Reading>> {
    let mut found = Vec::new();
    for _ in 0..100 {
        let effects = core.update(Message::TimerFired).into_iter();
        found.extend(effects.filter_map(|effect| match effect {
            Effect::News(NewsEffect::Judge(reading)) => Some(reading),
            _ => None,
        }));
    }
    found
}

fn disputed(reading: &Reading) -> usize {
    let leaks = reading.leaks.iter();
    leaks.filter(|leak| leak.leak().disputed).count()
}

/// A reading that came before the statuses kept here once was judged without them: the dispute was told a reading late.
#[test]
fn a_dispute_is_in_the_first_reading_whether_the_list_or_the_journal_answers_first() {
    let mut journal_first = console();
    journal_first.update(kept());
    assert_eq!(readings(&mut journal_first).len(), 0);
    journal_first.load("acme", 1..=3);
    let read = readings(&mut journal_first);
    assert_eq!((read.len(), disputed(&read[0])), (1, 1));

    let mut list_first = console();
    list_first.load("acme", 1..=3);
    assert_eq!(readings(&mut list_first).len(), 0, "the journal is awaited");
    list_first.update(kept());
    let read = readings(&mut list_first);
    assert_eq!((read.len(), disputed(&read[0])), (1, 1));
    assert_eq!(read[0].leaks.len(), 3);
}

/// A copy of the leaks that was kept for that took as much memory as they, for as long as they were recorded.
#[test]
fn a_reading_is_not_there_twice_while_it_is_recorded_and_its_failure_is_told_all_the_same() {
    let mut core = console();
    core.update(kept());
    core.load("acme", 1..=3);
    let reading = readings(&mut core).remove(0);
    assert_eq!(Arc::strong_count(&reading), 1);
    let confirm = NewsEffect::Record {
        reading: Arc::clone(&reading),
        confirm: Vec::new(),
    };
    for effect in [NewsEffect::Judge(reading), confirm] {
        let beside = effect.for_failure();
        let (NewsEffect::Judge(copy) | NewsEffect::Record { reading: copy, .. }) = &beside else {
            panic!("{beside:?}");
        };
        assert_eq!(copy.leaks, []);
        let told = [beside, effect].map(|it| format!("{:?}", it.failure_reply(Failure::Panicked)));
        assert_eq!(told[0], told[1]);
    }
}

/// The first reading was kept; the console looks every fifteen minutes.
fn watching() -> Core {
    let mut core = console();
    core.update(kept());
    core.load("acme", 1..=3);
    assert_eq!(readings(&mut core).len(), 1);
    judged(&mut core, None);
    let every = Duration::from_secs(900);
    core.model
        .news
        .rounds
        .begin(Some(every), Duration::from_secs(6 * 3_600));
    core
}

fn judged(core: &mut Core, probe: Option<Vec<u8>>) {
    let told = Told {
        whole: Some(1_000),
        probe,
        ..Told::default()
    };
    core.update(Message::ReadingJudged {
        profile: name("acme"),
        result: Ok(Box::new(Judged::Recorded(told))),
    });
}

/// What becomes due after so long.
fn after(core: &mut Core, seconds: u64) -> Vec<Effect> {
    let time = Duration::from_secs(seconds);
    core.now.since_start += time;
    core.now.wall += time;
    core.update(Message::TimerFired)
}

/// The accounts of the one round that is asked for.
fn round(effects: Vec<Effect>) -> Vec<Look> {
    let mut rounds = effects.into_iter().filter_map(|effect| match effect {
        Effect::News(NewsEffect::Look { accounts, .. }) => Some(accounts),
        _ => None,
    });
    let round = rounds.next().unwrap();
    assert!(rounds.next().is_none(), "one round at a time");
    round
}

fn hear(core: &mut Core, what: What) -> bool {
    let looked = Looked {
        profile: name("acme"),
        what,
    };
    let message = Message::Looked(Ok(vec![looked]));
    stanch::app::update(&mut core.model, message, core.now).redraw
}

#[test]
fn a_round_asks_when_it_is_due_reads_what_has_changed_and_draws_nothing() {
    let mut core = watching();
    assert_eq!(after(&mut core, 899), []);
    let asked = round(after(&mut core, 1));
    let account = Account::from(&core.model.data.profiles[0].profile.binding);
    let first = Look {
        account,
        probe: None,
        known: Some(1_000),
        is_old: false,
    };
    assert_eq!(asked, std::slice::from_ref(&first));
    assert_eq!(after(&mut core, 900), [], "an answer is awaited");
    assert!(!hear(
        &mut core,
        What::Changed {
            probe: Some(vec![1])
        }
    ));
    core.update(Message::TimerFired);
    assert!(core.model.data.is_loading(), "what has changed is read");
    core.load("acme", 1..=4);
    let read = readings(&mut core);
    assert_eq!(
        read[0].scan.probe,
        Some(vec![1]),
        "the probe is older than the reading"
    );
    let probe = read[0].scan.probe.clone();
    judged(&mut core, probe);
    for _ in 0..20 {
        let asked = round(after(&mut core, 900));
        assert_eq!(asked[0].probe, Some(vec![1]));
        assert!(!hear(&mut core, What::Quiet { whole: 2_000 }));
        assert_eq!(after(&mut core, 1), []);
        assert!(!core.model.data.is_loading());
    }
    // However quiet it is, what was read long ago is to be read again.
    let mut asked = Vec::new();
    while !asked.iter().any(|look: &Look| look.is_old) {
        asked = round(after(&mut core, 900));
        hear(&mut core, What::Quiet { whole: 2_000 });
    }
}

/// A probe that is heard while a list is read may count what the pages before it did not have.
#[test]
fn a_probe_heard_in_the_middle_of_a_reading_holds_nothing_back() {
    let mut core = watching();
    round(after(&mut core, 900));
    core.act(stanch::action::Action::RefreshAll);
    core.now.since_start += Duration::from_secs(1);
    core.now.wall += Duration::from_secs(1);
    hear(
        &mut core,
        What::Changed {
            probe: Some(vec![1]),
        },
    );
    core.load("acme", 1..=3);
    let read = readings(&mut core);
    assert_eq!(read[0].scan.probe, None);
}

#[test]
fn what_has_changed_is_not_read_while_somebody_types_or_decides() {
    let mut core = watching();
    round(after(&mut core, 900));
    core.press_at("/", core.now.since_start);
    hear(&mut core, What::Changed { probe: None });
    for _ in 0..5 {
        after(&mut core, 10);
        assert!(!core.model.data.is_loading());
    }
    core.press_at("esc", core.now.since_start);
    after(&mut core, 2);
    assert!(!core.model.data.is_loading(), "a key was pressed just now");
    after(&mut core, 10);
    assert!(core.model.data.is_loading());
}

#[test]
fn an_account_that_cannot_be_read_is_shown_and_a_refused_key_is_not_asked_with_again() {
    let mut core = watching();
    round(after(&mut core, 900));
    let away = |is_blind| What::Failed {
        is_refused: false,
        is_blind,
        why: "nobody answers".to_owned(),
    };
    assert!(!hear(&mut core, away(false)));
    let mut waited = 0;
    while core.model.news.blind().count() == 0 {
        waited += 900;
        let effects = after(&mut core, 900);
        if effects.is_empty() {
            continue;
        }
        round(effects);
        assert!(hear(&mut core, away(true)), "the header says so");
        assert_eq!(core.newest_notice(), "acme cannot be read: nobody answers");
    }
    assert!(waited >= 900);
    let next = core.model.now.since_start;
    // It waits longer each time.
    assert!(
        stanch::app::wake::next_wake_up(&core.model).unwrap() >= next + Duration::from_secs(1_800)
    );
    round(after(&mut core, 1_800));
    assert!(
        hear(&mut core, What::Quiet { whole: 3_000 }),
        "and that it is back"
    );
    assert_eq!(core.model.news.blind().count(), 0);
    round(after(&mut core, 900));
    hear(
        &mut core,
        What::Failed {
            is_refused: true,
            is_blind: true,
            why: "the key was refused".to_owned(),
        },
    );
    assert_eq!(after(&mut core, 4_000), []);
    assert_eq!(core.model.news.blind().count(), 1);
}

#[test]
fn where_another_process_watches_only_its_memory_is_looked_at() {
    let mut core = watching();
    round(after(&mut core, 900));
    hear(&mut core, What::Followed);
    round(after(&mut core, 10));
    hear(&mut core, What::Followed);
    assert_eq!(after(&mut core, 9), []);
    round(after(&mut core, 1));
}
