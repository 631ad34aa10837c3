//! Where a status can be stored: by the abilities of a provider, what it says now and what is shown, all of it.

use super::{
    Core,
    core_fixture::{key, name, profile},
};
use stanch::{
    action::Action,
    app::{
        effect::{Effect, JobEffect},
        message::{LocalRecords, Message},
        plan::judge::{
            CurrentStatus, Eligibility, eligibility, nearest_stored_status, requested_status,
        },
    },
    entity::{
        job::{InexactMapping, StorageTarget},
        local_status::LocalStatus,
        status::Status::{self, FalsePositive, Fixed, Investigating, New, Open, Unknown},
    },
};
use strum::IntoEnumIterator;

/// What ProjectDiscovery stores.
const OPEN_AND_FIXED: &[Status] = &[Open, Fixed];
const NO_STATUSES: &[Status] = &[];
const LEAKS_AI_STATUSES: &[Status] = &[New, Investigating, Fixed, FalsePositive];

fn standing(shown: Status, remote: Option<Status>) -> CurrentStatus {
    CurrentStatus {
        effective: shown,
        remote,
        disputed: false,
    }
}

fn change(wanted: Status, place: StorageTarget, nearest: Option<Status>) -> Eligibility {
    Eligibility::Change {
        wanted,
        storage_target: place,
        nearest_status: nearest,
    }
}

#[test]
fn the_three_kinds_of_providers_judge_as_the_table_says() {
    use StorageTarget::{Both, Local, Remote};
    let already = Eligibility::NoChange;
    #[rustfmt::skip]
    let table = [
        // stores, wanted,        shown,         the provider says,   what comes of it
        (OPEN_AND_FIXED,  Fixed,         Open,          Some(Open),          change(Fixed, Remote, None)),
        (OPEN_AND_FIXED,  Fixed,         Fixed,         Some(Fixed),         already),
        (OPEN_AND_FIXED,  Fixed,         Unknown,       Some(Unknown),       change(Fixed, Remote, None)),
        (OPEN_AND_FIXED,  Open,          Fixed,         Some(Fixed),         change(Open, Remote, None)),
        (OPEN_AND_FIXED,  New,           Open,          Some(Open),          change(New, Local, Some(Open))),
        (OPEN_AND_FIXED,  New,           Fixed,         Some(Fixed),         change(Open, Both, Some(Open))),
        (OPEN_AND_FIXED,  Investigating, Open,          Some(Open),          change(Investigating, Local, Some(Open))),
        (OPEN_AND_FIXED,  Investigating, Fixed,         Some(Fixed),         change(Open, Both, Some(Open))),
        (OPEN_AND_FIXED,  FalsePositive, Open,          Some(Open),          change(Fixed, Both, Some(Fixed))),
        (OPEN_AND_FIXED,  FalsePositive, Fixed,         Some(Fixed),         change(FalsePositive, Local, Some(Fixed))),
        // Over what we kept: the provider's own status takes its place, and is only sent where it has to be.
        (OPEN_AND_FIXED,  Fixed,         FalsePositive, Some(Fixed),         change(Fixed, Local, None)),
        (OPEN_AND_FIXED,  Fixed,         Investigating, Some(Open),          change(Fixed, Remote, None)),
        (OPEN_AND_FIXED,  Open,          Investigating, Some(Open),          change(Open, Local, None)),
        (OPEN_AND_FIXED,  Open,          FalsePositive, Some(Fixed),         change(Open, Remote, None)),
        (OPEN_AND_FIXED,  Investigating, FalsePositive, Some(Fixed),         change(Open, Both, Some(Open))),
        (OPEN_AND_FIXED,  FalsePositive, FalsePositive, Some(Fixed),         already),
        // Nothing is stored: everything is kept here, and reopened means new.
        (NO_STATUSES, Fixed,         Unknown,       None,                change(Fixed, Local, None)),
        (NO_STATUSES, Fixed,         New,           Some(New),           change(Fixed, Local, None)),
        (NO_STATUSES, Open,          Fixed,         Some(New),           change(New, Local, None)),
        (NO_STATUSES, Open,          New,           Some(New),           already),
        (NO_STATUSES, FalsePositive, Fixed,         None,                change(FalsePositive, Local, None)),
        (NO_STATUSES, FalsePositive, FalsePositive, Some(New),           already),
        (NO_STATUSES, Investigating, New,           None,                change(Investigating, Local, None)),
        // Everything but open is stored.
        (LEAKS_AI_STATUSES, FalsePositive, New,           Some(New),           change(FalsePositive, Remote, None)),
        (LEAKS_AI_STATUSES, Open,          Fixed,         Some(Fixed),         change(New, Remote, None)),
        (LEAKS_AI_STATUSES, Open,          New,           Some(New),           already),
        (LEAKS_AI_STATUSES, Investigating, New,           Some(New),           change(Investigating, Remote, None)),
        (LEAKS_AI_STATUSES, Unknown,       New,           Some(New),           Eligibility::Unsupported),
    ];
    for (stores, wanted, shown, remote, expected) in table {
        let judged = eligibility(stores, wanted, standing(shown, remote));
        assert_eq!(
            judged, expected,
            "{stores:?}: {wanted} for {shown}, {remote:?}"
        );
    }
}

#[test]
fn whatever_a_provider_stores_nothing_is_claimed_that_was_not_asked_for() {
    let storable = [New, Investigating, Open, Fixed, FalsePositive];
    let remotes: Vec<_> = std::iter::once(None)
        .chain(Status::iter().map(Some))
        .collect();
    let mut judged = 0;
    for set in 0..1_u32 << storable.len() {
        let stores: Vec<_> = (0..storable.len())
            .filter(|at| set & (1 << at) != 0)
            .map(|at| storable[at])
            .collect();
        for (wanted, shown) in Status::iter().flat_map(|w| Status::iter().map(move |s| (w, s))) {
            for (remote, disputed) in remotes.iter().flat_map(|r| [(*r, false), (*r, true)]) {
                judged += 1;
                let standing = CurrentStatus {
                    effective: shown,
                    remote,
                    disputed,
                };
                let asked = requested_status(&stores, wanted);
                match eligibility(&stores, wanted, standing) {
                    Eligibility::Unsupported => assert_eq!(wanted, Unknown),
                    Eligibility::NoChange => assert!(asked == shown && !disputed),
                    Eligibility::Change {
                        wanted: stored,
                        storage_target: place,
                        nearest_status: near,
                    } => {
                        assert!(asked != shown || disputed);
                        match place {
                            StorageTarget::Remote => {
                                assert!(stored == asked && stores.contains(&stored));
                                assert!(remote != Some(stored) && near.is_none());
                            }
                            StorageTarget::Both => {
                                assert!(stored != asked && stores.contains(&stored));
                                assert!(remote != Some(stored) && near == Some(stored));
                                assert!(!stores.contains(&asked));
                            }
                            StorageTarget::Local => {
                                assert_eq!(stored, asked);
                                let near = nearest_stored_status(&stores, asked);
                                assert!(near.is_none() || near == remote);
                            }
                        }
                        // Worthless or not ours: neither is ever said of what still needs work, nor the other way.
                        assert_eq!(stored.is_unresolved(), asked.is_unresolved());
                    }
                }
            }
        }
    }
    assert_eq!(judged, 32 * 6 * 6 * 7 * 2);
}

#[test]
fn where_the_provider_objects_the_same_status_again_is_an_answer() {
    for (stores, remote, expected) in [
        (
            OPEN_AND_FIXED,
            Open,
            change(Fixed, StorageTarget::Both, Some(Fixed)),
        ),
        (
            NO_STATUSES,
            Fixed,
            change(FalsePositive, StorageTarget::Local, None),
        ),
    ] {
        let disputed = CurrentStatus {
            effective: FalsePositive,
            remote: Some(remote),
            disputed: true,
        };
        assert_eq!(eligibility(stores, FalsePositive, disputed), expected);
        // The other choice is the provider's own status: nothing is sent, and what we kept goes.
        assert_eq!(
            eligibility(stores, remote, disputed),
            change(remote, StorageTarget::Local, None)
        );
    }
}

fn local(status: Status, remote_then: Option<Status>) -> LocalStatus {
    LocalStatus {
        status,
        remote_when_set: remote_then,
        set_at: jiff::Timestamp::UNIX_EPOCH,
        job: None,
        by: None,
    }
}

#[test]
fn what_the_journal_keeps_holds_for_leaks_that_come_later_too() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    core.model.data.profiles[0].profile.capabilities.page_size = 1_000;
    stanch::app::start(&mut core.model);
    core.update(Message::LocalRecordsLoaded(Ok(Box::new(LocalRecords {
        statuses: vec![(key(1), local(Investigating, Some(Open)))],
        accepted_mappings: vec![InexactMapping {
            profile: name("acme"),
            wanted: Investigating,
            stored: Open,
            is_confirmed: true,
        }],
        ..LocalRecords::default()
    }))));
    core.load("acme", 1..=3);
    let row = core.model.data.table.find(&key(1)).unwrap();
    assert_eq!(core.model.data.table.status(row), Investigating);
    assert!(core.model.data.table.is_local(row));
    // What was said yes to before is not asked about again.
    core.mark([2]);
    core.act(Action::SetInvestigating);
    let plan = core.model.plan().unwrap();
    assert!(plan.is_ready() && !plan.needs_mapping_acceptance());
    assert_eq!(plan.plan.inexact_mappings.len(), 1);
}

#[test]
fn nothing_is_applied_before_its_loss_was_accepted() {
    let mut core = Core::with_leaks(4);
    core.mark([1, 2]);
    core.act(Action::SetFalsePositive);
    core.draw_frame();
    core.advance_clock(std::time::Duration::from_secs(1));
    assert!(core.model.plan().unwrap().needs_mapping_acceptance());
    assert_eq!(core.act(Action::PlanApply), []);
    assert!(core.model.plan().is_some());
    core.act(Action::PlanAcceptLossy);
    let effects = core.act(Action::PlanApply);
    let [Effect::Jobs(JobEffect::RecordJob(job))] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(
        job.plan
            .inexact_mappings
            .iter()
            .all(|lossy| lossy.is_confirmed)
    );
    assert_eq!((job.plan.remote(), job.plan.local()), (2, 0));
    let places: Vec<_> = job
        .plan
        .eligible
        .iter()
        .map(|change| change.storage_target)
        .collect();
    assert_eq!(places, [StorageTarget::Both; 2]);
}
