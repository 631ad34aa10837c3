//! What help says above every kind of overlay: the keys of that overlay, and that they can be pressed now.

use super::{
    Core,
    job::{JOB, running_job},
};
use stanch::table::{GroupId, GroupKind};
use stanch::{
    action::Action,
    app::{
        help::{self, Entry},
        inspect::Inspected,
        overlay::Overlay,
    },
    entity::capability::Ability,
};
use std::{collections::BTreeSet, time::Duration};

/// The number of a kind: whoever adds one has to say here what its help must say.
fn number(overlay: &Overlay) -> usize {
    match overlay {
        Overlay::Help { .. } => 0,
        Overlay::Plan(_) => 1,
        Overlay::PlanBuild { .. } => 2,
        Overlay::Job { .. } => 3,
        Overlay::Notices { .. } => 4,
        Overlay::Traffic { .. } => 5,
        Overlay::Tour { .. } => 6,
        Overlay::MarkAll { .. } => 7,
        Overlay::Inspect(_) => 8,
        Overlay::Lookup(_) => 9,
        Overlay::Views { .. } => 10,
        Overlay::Columns(_) => 11,
        Overlay::Facets(_) => 12,
        Overlay::Quit => 13,
        Overlay::Resume { .. } => 14,
        Overlay::Record(_) => 15,
        Overlay::Team { .. } => 16,
        Overlay::Rejects { .. } => 17,
    }
}

const KINDS: usize = 18;

/// One way to open each kind, the actions that its help must offer, and the answers that it must name.
struct Row {
    open: fn() -> Core,
    actions: &'static [Action],
    answers: &'static [&'static str],
}

fn core_with_overlay(overlay: Overlay) -> Core {
    let mut core = Core::with_leaks(30);
    core.model.overlays.push(overlay);
    core
}

fn core_after(action: Action) -> Core {
    let mut core = Core::with_leaks(30);
    core.act(action);
    core
}

fn core_after_keys(keys: &[&str]) -> Core {
    let mut core = Core::with_profiles(vec![super::core_fixture::profile("acme")]);
    core.model.data.profiles[0]
        .profile
        .capabilities
        .abilities
        .insert(Ability::Lookup);
    for key in keys {
        core.press_at(key, Duration::ZERO);
    }
    core
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<Row> {
    use Action::{
        AddNote, Back, Bottom, Choose, CopyField, Down, Evidence, FocusJobs, JobCancel, JobPause,
        MoveDown, NextPane, PaneRight, PlanApply, PlanCancel, PlanNote, PlanReason, PlanTicket,
        Remove, RestoreColumns, ShowError, ToggleColumn, Wider,
    };
    const MOVES: &[Action] = &[Down, Bottom, Back, ShowError];
    const JOB_KEYS: &[Action] = &[
        Down, JobPause, JobCancel, Evidence, FocusJobs, ShowError, Back,
    ];
    const PLAN_KEYS: &[Action] = &[
        Down, Bottom, PlanApply, PlanCancel, PlanReason, PlanNote, PlanTicket,
    ];
    vec![
        Row {
            open: || {
                let mut core = Core::with_leaks(30);
                core.mark(1..=4);
                core.act(Action::MarkFixed);
                core
            },
            actions: PLAN_KEYS,
            answers: &[],
        },
        Row {
            open: || {
                let mut core = Core::with_leaks(30);
                core.model.setup.policy.confirm_above = 2;
                core.mark(1..=4);
                core.act(Action::MarkFixed);
                core
            },
            actions: PLAN_KEYS,
            answers: &["0-9", "backspace", "enter"],
        },
        Row {
            open: || core_with_overlay(Overlay::PlanBuild { leaks: 5_000 }),
            actions: &[PlanCancel],
            answers: &[],
        },
        Row {
            open: || {
                let (mut core, _) = running_job(&[1, 2, 3]);
                core.model.overlays.push(Overlay::Job {
                    id: JOB,
                    record: None,
                    finished: false,
                    scroll: 0,
                });
                core
            },
            actions: JOB_KEYS,
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::Notices { scroll: 0 }),
            actions: &[Down, Back],
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::Traffic { scroll: 0 }),
            actions: MOVES,
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::Team { scroll: 0 }),
            actions: MOVES,
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::Rejects { scroll: 0 }),
            actions: MOVES,
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::Tour { card: 0 }),
            actions: MOVES,
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::MarkAll { not_loaded: 1 }),
            actions: &[],
            answers: &["w", "y", "n q esc"],
        },
        Row {
            open: || {
                core_with_overlay(Overlay::Inspect(Box::new(Inspected::new((
                    GroupKind::User,
                    GroupId(0),
                )))))
            },
            actions: &[Down, Back, CopyField, Choose],
            answers: &[],
        },
        Row {
            open: || core_after(Action::Inspect),
            actions: &[Down, Back, CopyField, Choose, AddNote],
            answers: &[],
        },
        Row {
            open: || {
                core_after_keys(&[
                    ":", "c", "h", "e", "c", "k", "space", "e", "m", "a", "i", "l", "space", "a",
                    "@", "b", ".", "e", "x", "enter",
                ])
            },
            actions: MOVES,
            answers: &[],
        },
        Row {
            open: || {
                core_with_overlay(Overlay::Views {
                    cursor: 0,
                    confirming_delete: false,
                })
            },
            actions: &[Down, Choose, Remove, MoveDown, Back],
            answers: &[],
        },
        Row {
            open: || {
                core_with_overlay(Overlay::Views {
                    cursor: 0,
                    confirming_delete: true,
                })
            },
            actions: &[],
            answers: &["y", "n q esc"],
        },
        Row {
            open: || core_after(Action::Columns),
            actions: &[
                Down,
                Choose,
                ToggleColumn,
                RestoreColumns,
                MoveDown,
                Wider,
                Back,
            ],
            answers: &[],
        },
        Row {
            open: || core_after(Action::Facets),
            actions: &[Down, Choose, NextPane, PaneRight, Back],
            answers: &[],
        },
        Row {
            open: || core_with_overlay(Overlay::Quit),
            actions: &[],
            answers: &["w", "y", "n q esc"],
        },
        Row {
            open: || {
                core_with_overlay(Overlay::Resume {
                    jobs: vec![JOB],
                    drawn_at: Some(Duration::ZERO),
                })
            },
            actions: &[],
            answers: &["r", "d", "n q esc"],
        },
    ]
}

#[test]
fn help_above_an_overlay_is_about_that_overlay() {
    let mut seen = BTreeSet::from([0]);
    for (at, row) in rows().into_iter().enumerate() {
        let mut core = (row.open)();
        let Some(overlay) = core.model.overlay() else {
            panic!("row {at} opens nothing: {}", core.newest_notice());
        };
        seen.insert(number(overlay));
        let (name, kinds) = (overlay.name(), core.model.overlays.len());
        core.press_at("?", core.now.since_start);
        assert_eq!(core.model.overlays.len(), kinds + 1, "{name}: ? opens help");
        let (mut offered, mut answers) = (Vec::new(), Vec::new());
        for entry in help::entries(&core.model, "") {
            match entry {
                Entry::Keys(_, action, why) => {
                    let why = why.unwrap_or_default();
                    let false_words = ["no plan is open", "no job is shown", "works in the leaks"];
                    for words in false_words {
                        assert!(!why.contains(words), "{name}: {action}: {why}");
                    }
                    offered.extend(why.is_empty().then_some(action));
                }
                Entry::Form(keys, _) => answers.push(keys),
                Entry::Language => panic!("{name}: no filter is typed there"),
                Entry::Answers | Entry::Chapter(_) => {}
            }
        }
        for action in row.actions {
            assert!(offered.contains(action), "{name}: {action} of {offered:?}");
        }
        assert_eq!(answers, row.answers, "{name}");
        // What it lists does something there: help is no list of dead keys.
        let dead = [
            Action::MarkFixed,
            Action::Filter,
            Action::Palette,
            Action::ToggleMark,
        ];
        assert!(
            dead.iter().all(|action| !offered.contains(action)),
            "{name}"
        );
        core.press_at("esc", core.now.since_start);
        assert_eq!(
            core.model.overlays.len(),
            kinds,
            "{name}: esc goes back to it"
        );
    }
    assert_eq!(seen, (0..KINDS).collect(), "every kind has a row");
}

#[test]
fn nothing_that_a_key_does_is_cut_off_on_any_screen() {
    let core = Core::with_leaks(30);
    for columns in [40, 80, 100, 160] {
        let room = usize::from(columns.min(help::MAX_WIDTH)) - 4;
        let lines = help::lines(&core.model, "", columns);
        for line in &lines {
            let width = line.head.chars().count() + line.text.chars().count();
            assert!(width <= room, "{columns}: {line:?}");
        }
        let all: Vec<&str> = lines.iter().map(|line| &line.text[..]).collect();
        let all = all.join(" ");
        let all: Vec<&str> = all.split_whitespace().collect();
        let all = all.join(" ");
        for entry in help::entries(&core.model, "") {
            let words = match entry {
                Entry::Keys(_, action, why) => {
                    let why = why.map(|why| format!(" Unavailable: {why}."));
                    format!("{}{}", action.help(), why.unwrap_or_default())
                }
                Entry::Form(_, what) => what.to_owned(),
                Entry::Language | Entry::Answers | Entry::Chapter(_) => continue,
            };
            assert!(all.contains(&words), "{columns}: {words}");
        }
    }
}
