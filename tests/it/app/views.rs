//! Saved views in the core: who may change them, and what another console saved meanwhile.

use super::Core;
use stanch::{
    action::Action,
    app::{
        effect::{Effect, ViewsEffect},
        message::{Message, Watched},
        model::JournalState,
        views::{self, file},
    },
    entity::changes::JournalChanges,
};

fn typed(core: &mut Core, line: &str) -> Vec<Effect> {
    core.ask(Action::Palette);
    core.take(Message::Pasted(line.to_owned()));
    core.press_at("enter", core.now.since_start)
}

fn names(core: &Core) -> Vec<&str> {
    let saved = core.model.views.saved.iter();
    saved.map(|view| &view.name[..]).collect()
}

#[test]
fn who_watches_changes_no_view_and_reads_them_before_it_does() {
    let mut core = Core::with(5);
    core.model.views.saved = views::at_first(None);
    let before: Vec<String> = names(&core).into_iter().map(str::to_owned).collect();
    core.model.access.journal = JournalState::Watcher {
        holder: "ana@jump1".into(),
    };
    for line in ["view save mine alone", "view delete all"] {
        assert_eq!(typed(&mut core, line), []);
        assert!(
            core.said().contains("another console holds"),
            "{}",
            core.said()
        );
    }
    assert_eq!(names(&core), before);
    // The other one saved a view and ended: what it saved is read before anything is written over it.
    let watched = Watched {
        changes: JournalChanges::NONE,
        journal: JournalState::Writer,
        team: None,
    };
    let effects = core.take(Message::Watched(Ok(watched)));
    assert!(effects.contains(&Effect::Views(ViewsEffect::LoadViews)));
    let mut others = core.model.views.saved.clone();
    others.truncate(1);
    others[0].name = "hers".into();
    core.take(Message::ViewsLoaded {
        path: "views.toml".into(),
        result: Ok(Some(file::write(
            &others,
            &stanch::app::views::Rest::default(),
        ))),
    });
    assert_eq!(names(&core), ["hers"]);
    let effects = typed(&mut core, "view save his");
    let [Effect::Views(ViewsEffect::KeepViews { text, aside: false })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(text.contains("hers") && text.contains("his"), "{text}");
}

#[test]
fn one_writing_at_a_time_and_the_last_one_is_the_newest() {
    let mut core = Core::with(5);
    let first = typed(&mut core, "view save one");
    assert!(matches!(
        &first[..],
        [Effect::Views(ViewsEffect::KeepViews { .. })]
    ));
    assert_eq!(typed(&mut core, "view save two"), []);
    assert_eq!(typed(&mut core, "view save three"), []);
    let next = core.take(Message::ViewsKept(Ok(())));
    let [Effect::Views(ViewsEffect::KeepViews { text, .. })] = &next[..] else {
        panic!("{next:?}");
    };
    assert!(text.contains("two") && text.contains("three"));
    assert!(core.model.views.is_unsaved());
    assert_eq!(core.take(Message::ViewsKept(Ok(()))), []);
    assert!(!core.model.views.is_unsaved());
    // What could not be written is told, and stays here.
    typed(&mut core, "view save four");
    core.take(Message::ViewsKept(Err("the disk is full".into())));
    assert!(core.said().contains("the disk is full"));
    assert!(names(&core).contains(&"four"));
}

#[test]
fn a_name_is_short_printable_and_no_word_of_the_command() {
    let mut core = Core::with(5);
    let long = "x".repeat(views::LONGEST_NAME + 1);
    for name in ["", "list", "save twice", "a\u{202e}b", &long[..]] {
        assert!(views::check_name(name).is_err(), "{name}");
        assert_eq!(typed(&mut core, &format!("view save {name}")), [], "{name}");
    }
    assert_eq!(names(&core), [""; 0]);
    for name in ["7", "open & old", "größer", "漏れ"] {
        assert_eq!(views::check_name(name), Ok(()), "{name}");
    }
    for number in 0..views::MOST {
        typed(&mut core, &format!("view save v{number}"));
    }
    typed(&mut core, "view save one more");
    assert_eq!(core.model.views.saved.len(), views::MOST);
    assert!(core.said().contains("a hundred views"), "{}", core.said());
}
