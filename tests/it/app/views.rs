//! Saved views in the core: who may change them, and what another console saved meanwhile.

use super::Core;
use stanch::{
    action::Action,
    app::{
        effect::{Effect, ViewsEffect},
        message::{AccessPoll, Message},
        model::JournalAccess,
        views::{self, file},
    },
    entity::journal_changes::JournalChanges,
};

fn run_command(core: &mut Core, line: &str) -> Vec<Effect> {
    core.act(Action::Palette);
    core.update(Message::TextPasted(line.to_owned()));
    core.press_at("enter", core.now.since_start)
}

fn names(core: &Core) -> Vec<&str> {
    let saved = core.model.views.saved.iter();
    saved.map(|view| &view.name[..]).collect()
}

#[test]
fn who_watches_changes_no_view_and_reads_them_before_it_does() {
    let mut core = Core::with_leaks(5);
    core.model.views.saved = views::default_views(None);
    let before: Vec<String> = names(&core).into_iter().map(str::to_owned).collect();
    core.model.access.journal = JournalAccess::Follower {
        holder: "ana@jump1".into(),
    };
    for line in ["view save mine alone", "view delete all"] {
        assert_eq!(run_command(&mut core, line), []);
        assert!(
            core.newest_notice().contains("another console holds"),
            "{}",
            core.newest_notice()
        );
    }
    assert_eq!(names(&core), before);
    // The other one saved a view and ended: what it saved is read before anything is written over it.
    let watched = AccessPoll {
        changes: JournalChanges::NONE,
        journal: JournalAccess::Writer,
        team: None,
    };
    let effects = core.update(Message::AccessPolled(Ok(watched)));
    assert!(effects.contains(&Effect::Views(ViewsEffect::LoadViews)));
    let mut others = core.model.views.saved.clone();
    others.truncate(1);
    others[0].name = "hers".into();
    core.update(Message::ViewsLoaded {
        path: "views.toml".into(),
        result: Ok(Some(file::serialize(
            &others,
            &stanch::app::views::Rest::default(),
        ))),
    });
    assert_eq!(names(&core), ["hers"]);
    let effects = run_command(&mut core, "view save his");
    let [
        Effect::Views(ViewsEffect::SaveViews {
            text,
            keep_backup: false,
        }),
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert!(text.contains("hers") && text.contains("his"), "{text}");
}

#[test]
fn one_writing_at_a_time_and_the_last_one_is_the_newest() {
    let mut core = Core::with_leaks(5);
    let first = run_command(&mut core, "view save one");
    assert!(matches!(
        &first[..],
        [Effect::Views(ViewsEffect::SaveViews { .. })]
    ));
    assert_eq!(run_command(&mut core, "view save two"), []);
    assert_eq!(run_command(&mut core, "view save three"), []);
    let next = core.update(Message::ViewsSaved(Ok(())));
    let [Effect::Views(ViewsEffect::SaveViews { text, .. })] = &next[..] else {
        panic!("{next:?}");
    };
    assert!(text.contains("two") && text.contains("three"));
    assert!(core.model.views.is_unsaved());
    assert_eq!(core.update(Message::ViewsSaved(Ok(()))), []);
    assert!(!core.model.views.is_unsaved());
    // What could not be written is told, and stays here.
    run_command(&mut core, "view save four");
    core.update(Message::ViewsSaved(Err("the disk is full".into())));
    assert!(core.newest_notice().contains("the disk is full"));
    assert!(names(&core).contains(&"four"));
}

#[test]
fn a_name_is_short_printable_and_no_word_of_the_command() {
    let mut core = Core::with_leaks(5);
    let long = "x".repeat(views::MAX_NAME_CHARS + 1);
    for name in ["", "list", "save twice", "a\u{202e}b", &long[..]] {
        assert!(views::check_name(name).is_err(), "{name}");
        assert_eq!(
            run_command(&mut core, &format!("view save {name}")),
            [],
            "{name}"
        );
    }
    assert_eq!(names(&core), [""; 0]);
    for name in ["7", "open & old", "größer", "漏れ"] {
        assert_eq!(views::check_name(name), Ok(()), "{name}");
    }
    for number in 0..views::MAX_VIEWS {
        run_command(&mut core, &format!("view save v{number}"));
    }
    run_command(&mut core, "view save one more");
    assert_eq!(core.model.views.saved.len(), views::MAX_VIEWS);
    assert!(
        core.newest_notice().contains("a hundred views"),
        "{}",
        core.newest_notice()
    );
}
