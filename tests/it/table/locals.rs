//! Local statuses: laid over the provider's, before and after its rows, and disputed by it.

use super::{LeakBuilder, all, batch, profile, table_with};
use crate::support::parse;
use stanch::{
    entity::{
        key::{JobId, ProviderId, RemoteId},
        leak::LeakField,
        local_status::LocalStatus,
        status::{Status, StatusSource},
    },
    table::{GroupKind, Marks, RowId, SortField, SortKey, Table},
};

fn local(status: Status, remote_then: Option<Status>) -> LocalStatus {
    LocalStatus {
        status,
        remote_when_set: remote_then,
        set_at: jiff::Timestamp::UNIX_EPOCH,
        job: Some(JobId(7)),
        by: None,
    }
}

fn hits(table: &Table, text: &str) -> Vec<u32> {
    table
        .select(&parse(text).unwrap(), &[], None, &Marks::default())
        .into_iter()
        .map(|row| row.0)
        .collect()
}

fn leak_with_status(id: &str, status: Status, word: &str) -> LeakBuilder {
    LeakBuilder::new(id)
        .with_field(LeakField::RemoteStatus, word)
        .with_status(status)
}

#[test]
fn a_local_status_is_what_to_act_on_and_the_provider_s_is_kept() {
    let (mut table, slot) = table_with(&[
        leak_with_status("a", Status::New, "new"),
        leak_with_status("b", Status::New, "new"),
    ]);
    let before = table.generation();
    table.set_local_status(RowId(0), Some(local(Status::Fixed, Some(Status::New))));
    assert_ne!(table.generation(), before);
    assert_eq!(table.status(RowId(0)), Status::Fixed);
    assert_eq!(table.remote_status(RowId(0)), Status::New);
    assert!(table.is_local(RowId(0)) && !table.is_disputed(RowId(0)));
    assert!(!table.is_local(RowId(1)) && table.local_status(RowId(1)).is_none());
    let leak = table.leak(RowId(0));
    assert_eq!(leak.status, Status::Fixed);
    assert_eq!(leak.status_source, StatusSource::Local);
    assert_eq!(leak.remote_status.unwrap().as_str(), Some("new"));
    assert_eq!(table.leak(RowId(1)).status_source, StatusSource::Remote);
    assert_eq!(hits(&table, "status:fixed"), [0]);
    assert_eq!(hits(&table, "status:new"), [1]);
    let mut rows = all(&table);
    let by_status = SortKey {
        field: SortField::Status,
        descending: false,
    };
    table.sort(&mut rows, &[by_status]);
    assert_eq!(rows, [RowId(1), RowId(0)]);
    let profiles = table.aggregate(GroupKind::Profile, all(&table));
    assert_eq!((profiles[0].total(), profiles[0].unresolved()), (2, 1));
    let key = table.key(RowId(0));
    assert!(table.set_local_status_by_key(&key, None));
    assert_eq!(table.status(RowId(0)), Status::New);
    assert!(!table.is_local(RowId(0)));
    assert_eq!(table.local_status_count(slot), 0);
    assert!(!table.set_local_status_by_key(&"nobody:leak:x".parse().unwrap(), None));
}

#[test]
fn local_statuses_wait_for_their_rows_and_are_replaced_as_a_whole() {
    let mut table = Table::new();
    let slot = table.add_profile(profile("acme"), ProviderId::new("leaks-ai"));
    let other = table.add_profile(profile("other"), ProviderId::new("leaks-ai"));
    let kept = |ids: &[&str]| {
        ids.iter()
            .map(|id| (RemoteId::from(*id), local(Status::FalsePositive, None)))
            .collect::<Vec<_>>()
    };
    table.set_local_statuses(slot, kept(&["b", "c"]));
    assert_eq!(table.local_status_count(slot), 2);
    for slot in [slot, other] {
        let pass = table.begin_pass(slot);
        table.ingest(slot, pass, &batch(&["a", "b"].map(LeakBuilder::new)));
    }
    assert_eq!(hits(&table, "is:local"), [1]);
    assert_eq!(table.status(RowId(1)), Status::FalsePositive);
    table.set_local_statuses(slot, kept(&["a"]));
    assert_eq!(hits(&table, "is:local"), [0]);
    assert_eq!(table.status(RowId(1)), Status::New);
    assert_eq!(hits(&table, "profile:other is:local"), Vec::<u32>::new());
    let before = table.generation();
    table.set_local_statuses(slot, kept(&["a"]));
    assert_eq!(table.generation(), before, "nothing changed");
}

#[test]
fn a_provider_that_changes_its_mind_disputes_until_it_agrees_again() {
    let (mut table, slot) = table_with(&[leak_with_status("a", Status::New, "new")]);
    table.set_local_status(RowId(0), Some(local(Status::Fixed, Some(Status::New))));
    let mut tell = |status, word: &str| {
        let pass = table.begin_pass(slot);
        table.ingest(slot, pass, &batch(&[leak_with_status("a", status, word)]));
        assert_eq!(table.status(RowId(0)), Status::Fixed, "{word}");
        assert_eq!(table.remote_status(RowId(0)), status, "{word}");
        assert_eq!(
            table.is_disputed(RowId(0)),
            table.leak(RowId(0)).disputed,
            "{word}"
        );
        (
            table.is_disputed(RowId(0)),
            hits(&table, "is:disputed").len(),
        )
    };
    assert_eq!(tell(Status::New, "new"), (false, 0));
    assert_eq!(tell(Status::Investigating, "investigating"), (true, 1));
    assert_eq!(tell(Status::Investigating, "investigating"), (true, 1));
    assert_eq!(tell(Status::Fixed, "resolved"), (false, 0));
    assert_eq!(tell(Status::FalsePositive, "false_positive"), (true, 1));
    table.set_status(RowId(0), Status::New, b"new");
    assert!(table.is_local(RowId(0)) && !table.is_disputed(RowId(0)));
    table.set_status(RowId(0), Status::Open, b"open");
    assert!(table.is_disputed(RowId(0)));
    table.set_local_status(RowId(0), Some(local(Status::Fixed, Some(Status::Open))));
    assert!(!table.is_disputed(RowId(0)), "chosen again");
}

#[test]
fn a_provider_without_a_status_disputes_nothing() {
    let leak = LeakBuilder::new("a").with_status(Status::Unknown);
    let (mut table, slot) = table_with(std::slice::from_ref(&leak));
    assert_eq!(table.known_remote_status(RowId(0)), None);
    table.set_local_status(RowId(0), Some(local(Status::Fixed, None)));
    let pass = table.begin_pass(slot);
    table.ingest(
        slot,
        pass,
        &batch(&[leak.with_field(LeakField::Login, "x")]),
    );
    assert!(table.is_local(RowId(0)) && !table.is_disputed(RowId(0)));
    assert_eq!(table.status(RowId(0)), Status::Fixed);
}

#[test]
fn a_row_that_goes_and_comes_back_keeps_its_local_status() {
    let (mut table, slot) = table_with(&["a", "b"].map(LeakBuilder::new));
    table.set_local_status(RowId(0), Some(local(Status::Fixed, None)));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[LeakBuilder::new("b")]));
    table.end_pass(slot, pass);
    assert!(table.is_gone(RowId(0)) && table.is_local(RowId(0)));
    let pass = table.begin_pass(slot);
    table.ingest(slot, pass, &batch(&[LeakBuilder::new("a")]));
    assert!(!table.is_gone(RowId(0)));
    assert_eq!(table.status(RowId(0)), Status::Fixed);
}
