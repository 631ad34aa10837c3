//! Where a status can be stored: by the abilities of a provider, what it says now and what is shown, all of it.

use super::{
    Core,
    core::{key, name, profile},
};
use stanch::{
    action::Action,
    app::{
        effect::{Effect, JobEffect},
        message::{Kept, Message},
        plan::judge::{Standing, Verdict, meant, nearest, verdict},
    },
    entity::{
        job::{InexactMapping, Place},
        local::LocalStatus,
        status::Status::{self, FalsePositive, Fixed, Investigating, New, Open, Unknown},
    },
};
use strum::IntoEnumIterator;

/// What ProjectDiscovery stores.
const TWO: &[Status] = &[Open, Fixed];
const NONE: &[Status] = &[];
const FOUR: &[Status] = &[New, Investigating, Fixed, FalsePositive];

fn standing(shown: Status, remote: Option<Status>) -> Standing {
    Standing {
        shown,
        remote,
        disputed: false,
    }
}

fn change(wanted: Status, place: Place, nearest: Option<Status>) -> Verdict {
    Verdict::Change {
        wanted,
        place,
        nearest,
    }
}

#[test]
fn the_three_kinds_of_providers_judge_as_the_table_says() {
    use Place::{Both, Local, Remote};
    let already = Verdict::Already;
    #[rustfmt::skip]
    let table = [
        // stores, wanted,        shown,         the provider says,   what comes of it
        (TWO,  Fixed,         Open,          Some(Open),          change(Fixed, Remote, None)),
        (TWO,  Fixed,         Fixed,         Some(Fixed),         already),
        (TWO,  Fixed,         Unknown,       Some(Unknown),       change(Fixed, Remote, None)),
        (TWO,  Open,          Fixed,         Some(Fixed),         change(Open, Remote, None)),
        (TWO,  New,           Open,          Some(Open),          change(New, Local, Some(Open))),
        (TWO,  New,           Fixed,         Some(Fixed),         change(Open, Both, Some(Open))),
        (TWO,  Investigating, Open,          Some(Open),          change(Investigating, Local, Some(Open))),
        (TWO,  Investigating, Fixed,         Some(Fixed),         change(Open, Both, Some(Open))),
        (TWO,  FalsePositive, Open,          Some(Open),          change(Fixed, Both, Some(Fixed))),
        (TWO,  FalsePositive, Fixed,         Some(Fixed),         change(FalsePositive, Local, Some(Fixed))),
        // Over what we kept: the provider's own status takes its place, and is only sent where it has to be.
        (TWO,  Fixed,         FalsePositive, Some(Fixed),         change(Fixed, Local, None)),
        (TWO,  Fixed,         Investigating, Some(Open),          change(Fixed, Remote, None)),
        (TWO,  Open,          Investigating, Some(Open),          change(Open, Local, None)),
        (TWO,  Open,          FalsePositive, Some(Fixed),         change(Open, Remote, None)),
        (TWO,  Investigating, FalsePositive, Some(Fixed),         change(Open, Both, Some(Open))),
        (TWO,  FalsePositive, FalsePositive, Some(Fixed),         already),
        // Nothing is stored: everything is kept here, and reopened means new.
        (NONE, Fixed,         Unknown,       None,                change(Fixed, Local, None)),
        (NONE, Fixed,         New,           Some(New),           change(Fixed, Local, None)),
        (NONE, Open,          Fixed,         Some(New),           change(New, Local, None)),
        (NONE, Open,          New,           Some(New),           already),
        (NONE, FalsePositive, Fixed,         None,                change(FalsePositive, Local, None)),
        (NONE, FalsePositive, FalsePositive, Some(New),           already),
        (NONE, Investigating, New,           None,                change(Investigating, Local, None)),
        // Everything but open is stored.
        (FOUR, FalsePositive, New,           Some(New),           change(FalsePositive, Remote, None)),
        (FOUR, Open,          Fixed,         Some(Fixed),         change(New, Remote, None)),
        (FOUR, Open,          New,           Some(New),           already),
        (FOUR, Investigating, New,           Some(New),           change(Investigating, Remote, None)),
        (FOUR, Unknown,       New,           Some(New),           Verdict::Unsupported),
    ];
    for (stores, wanted, shown, remote, expected) in table {
        let judged = verdict(stores, wanted, standing(shown, remote));
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
                let standing = Standing {
                    shown,
                    remote,
                    disputed,
                };
                let asked = meant(&stores, wanted);
                match verdict(&stores, wanted, standing) {
                    Verdict::Unsupported => assert_eq!(wanted, Unknown),
                    Verdict::Already => assert!(asked == shown && !disputed),
                    Verdict::Change {
                        wanted: stored,
                        place,
                        nearest: near,
                    } => {
                        assert!(asked != shown || disputed);
                        match place {
                            Place::Remote => {
                                assert!(stored == asked && stores.contains(&stored));
                                assert!(remote != Some(stored) && near.is_none());
                            }
                            Place::Both => {
                                assert!(stored != asked && stores.contains(&stored));
                                assert!(remote != Some(stored) && near == Some(stored));
                                assert!(!stores.contains(&asked));
                            }
                            Place::Local => {
                                assert_eq!(stored, asked);
                                let near = nearest(&stores, asked);
                                assert!(near.is_none() || near == remote);
                            }
                        }
                        // Worthless or not ours: neither is ever said of what still needs work, nor the other way.
                        assert_eq!(stored.is_open(), asked.is_open());
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
        (TWO, Open, change(Fixed, Place::Both, Some(Fixed))),
        (NONE, Fixed, change(FalsePositive, Place::Local, None)),
    ] {
        let disputed = Standing {
            shown: FalsePositive,
            remote: Some(remote),
            disputed: true,
        };
        assert_eq!(verdict(stores, FalsePositive, disputed), expected);
        // The other choice is the provider's own status: nothing is sent, and what we kept goes.
        assert_eq!(
            verdict(stores, remote, disputed),
            change(remote, Place::Local, None)
        );
    }
}

fn local(status: Status, remote_then: Option<Status>) -> LocalStatus {
    LocalStatus {
        status,
        remote_then,
        set_at: jiff::Timestamp::UNIX_EPOCH,
        job: None,
        by: None,
    }
}

#[test]
fn what_the_journal_keeps_holds_for_leaks_that_come_later_too() {
    let mut core = Core::of(vec![profile("acme")]);
    core.model.data.profiles[0].profile.capabilities.page_size = 1_000;
    stanch::app::start(&mut core.model);
    core.take(Message::LocalsLoaded(Ok(Box::new(Kept {
        statuses: vec![(key(1), local(Investigating, Some(Open)))],
        lossy: vec![InexactMapping {
            profile: name("acme"),
            wanted: Investigating,
            stored: Open,
            confirmed: true,
        }],
        ..Kept::default()
    }))));
    core.load("acme", 1..=3);
    let row = core.model.data.table.find(&key(1)).unwrap();
    assert_eq!(core.model.data.table.status(row), Investigating);
    assert!(core.model.data.table.is_local(row));
    // What was said yes to before is not asked about again.
    core.mark([2]);
    core.ask(Action::SetInvestigating);
    let plan = core.model.plan().unwrap();
    assert!(plan.is_ready() && !plan.asks_about_lossy());
    assert_eq!(plan.plan.lossy.len(), 1);
}

#[test]
fn nothing_is_applied_before_its_loss_was_accepted() {
    let mut core = Core::with(4);
    core.mark([1, 2]);
    core.ask(Action::SetFalsePositive);
    core.frame();
    core.pass(std::time::Duration::from_secs(1));
    assert!(core.model.plan().unwrap().asks_about_lossy());
    assert_eq!(core.ask(Action::PlanApply), []);
    assert!(core.model.plan().is_some());
    core.ask(Action::PlanAcceptLossy);
    let effects = core.ask(Action::PlanApply);
    let [Effect::Jobs(JobEffect::RecordJob(job))] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(job.plan.lossy.iter().all(|lossy| lossy.confirmed));
    assert_eq!((job.plan.remote(), job.plan.local()), (2, 0));
    let places: Vec<_> = job
        .plan
        .eligible
        .iter()
        .map(|change| change.place)
        .collect();
    assert_eq!(places, [Place::Both; 2]);
}
