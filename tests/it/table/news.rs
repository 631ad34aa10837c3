//! When leaks were found here, and what is told of them: as long as they stand as they did then.

use super::*;
use jiff::Timestamp;
use stanch::entity::{
    claim::{Claim, ConsoleId},
    news::News,
    seen::{EventKind, SeenState, UNKNOWN},
};

/// What is told of a row as it stands now.
pub(super) fn told(table: &Table, row: RowId, kind: EventKind, seq: u64) -> News {
    News {
        kind,
        seq,
        at: 1_000,
        after: SeenState {
            status: table.status(row),
            ..UNKNOWN
        },
        is_read: false,
    }
}

fn taken(table: &Table, filter: &str) -> Vec<RowId> {
    let filter = parse(filter)
        .unwrap()
        .with_now(Timestamp::from_second(10_000).unwrap());
    let rows = table.select(&filter, &[], None, &Marks::default());
    // The plain way says the same.
    let all = (0..table.row_id_count() as u32).map(RowId);
    let plain: Vec<RowId> = all
        .filter(|row| filter.matches(&table.leak(*row)))
        .collect();
    assert_eq!(rows, plain, "{}", filter.text());
    rows
}

fn three() -> (Table, ProfileSlot) {
    let leaks = ["a", "b", "c"].map(|id| LeakBuilder::new(id).with_status(Status::Open));
    let mut table = Table::new();
    let slot = table.add_profile(ProfileName::new("acme").unwrap(), ProviderId::new("x"));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&leaks));
    table.end_pass(slot, pass);
    (table, slot)
}

#[test]
fn what_is_told_is_asked_for_by_words_and_goes_with_the_status() {
    let (mut table, slot) = three();
    let (a, b) = (RowId(0), RowId(1));
    let news = [
        (a, told(&table, a, EventKind::Regressed, 3)),
        (b, told(&table, b, EventKind::New, 5)),
    ];
    table.set_news(slot, news);
    assert_eq!(taken(&table, "is:news"), [a, b]);
    assert_eq!(taken(&table, "is:unread"), [a, b]);
    assert_eq!(taken(&table, "is:regressed"), [a]);
    assert_eq!(taken(&table, "is:new"), [b]);
    assert_eq!(taken(&table, "is:regressed,new"), [a, b]);
    assert_eq!(taken(&table, "is:again"), []);
    assert_eq!(taken(&table, "!is:news"), [RowId(2)]);
    assert_eq!(table.count_news().to_string(), "1 new 1 back");

    assert!(table.read_news(a));
    assert!(!table.read_news(a), "once");
    assert_eq!(taken(&table, "is:unread"), [b]);
    assert_eq!(taken(&table, "is:news"), [a, b]);

    // What the operator looked at is still back, and no news.
    table.set_looked_at(4);
    assert_eq!(taken(&table, "is:news"), [b]);
    assert_eq!(taken(&table, "is:regressed"), [a]);
    table.set_looked_at(0);

    table.set_status(b, Status::Fixed, b"fixed");
    assert_eq!(taken(&table, "is:news"), [a]);
    assert_eq!(taken(&table, "is:new"), []);
    // The same again, and still read.
    table.set_news(slot, news);
    assert_eq!(taken(&table, "is:unread"), []);
    table.set_news(slot, []);
    assert_eq!(taken(&table, "is:news,unread,regressed,again,new"), []);
}

#[test]
fn what_somebody_works_on_is_no_news() {
    let (mut table, slot) = three();
    let row = RowId(0);
    let one = told(&table, row, EventKind::Again, 1);
    table.set_news(slot, [(row, one)]);
    assert_eq!(taken(&table, "is:news"), [row]);
    let claim = Claim {
        claimant: ConsoleId {
            user: "ana".into(),
            host: "desk".into(),
            console: "process 1".into(),
        },
        expires_at: Timestamp::UNIX_EPOCH,
        is_own: false,
        role: None,
    };
    table.set_claims(slot, [(b"a"[..].into(), claim)]);
    assert_eq!(taken(&table, "is:news"), []);
    assert_eq!(taken(&table, "is:again"), [row]);
}

#[test]
fn found_is_a_date_like_the_others_and_none_is_the_first_reading() {
    let (mut table, _) = three();
    let (a, b, c) = (RowId(0), RowId(1), RowId(2));
    table.set_found([(a, 0), (b, 3_000), (c, 9_000)]);
    assert_eq!(taken(&table, "found:none"), [a]);
    assert_eq!(taken(&table, "found:1970-01-01"), [b, c]);
    assert_eq!(taken(&table, "found>=1970-01-01T02:00"), [c]);
    assert_eq!(taken(&table, "found<1h"), [c]);
    assert_eq!(taken(&table, "found>1h"), [b]);
    assert_eq!(taken(&table, "!found<1h"), [a, b]);
    assert_eq!(table.found_text(b), "1970-01-01T00:50:00Z");
    assert_eq!(table.found_text(a), "");
}
