//! Every action has a key, or stands here as one that has none.

use stanch::{
    action::Action,
    config::{
        chord::{parse_sequence, sequence_text},
        keymap::{Context, KeyMatch, Keymap},
    },
};
use strum::IntoEnumIterator as _;

/// Reached from the palette alone.
const UNBOUND: &[Action] = &[Action::ClearMarks];

#[test]
fn every_action_is_bound_or_said_not_to_be() {
    let keymap = Keymap::builtin();
    let bound: Vec<Action> = Context::iter()
        .flat_map(|context| keymap.bindings(context).collect::<Vec<_>>())
        .map(|(_, action)| action)
        .collect();
    for action in Action::iter() {
        assert_ne!(
            bound.contains(&action),
            UNBOUND.contains(&action),
            "{action}: bound and listed as unbound, or neither"
        );
    }
}

#[test]
fn every_built_in_key_can_be_reached() {
    let keymap = Keymap::builtin();
    for context in Context::iter() {
        for (keys, action) in keymap.bindings(context) {
            let pressed = parse_sequence(&keys).unwrap();
            assert_eq!(sequence_text(&pressed), keys);
            assert_eq!(
                keymap.lookup(context.chain(), &pressed),
                KeyMatch::Action(action)
            );
            for shorter in 1..pressed.len() {
                let menu = &pressed[..shorter];
                assert!(
                    matches!(keymap.lookup(context.chain(), menu), KeyMatch::Prefix(_)),
                    "{keys}"
                );
                assert!(
                    keymap.menu_title(menu).is_some(),
                    "{keys}: its menu has no name"
                );
            }
            assert!(keymap.keys_for(context.chain(), action).contains(&keys));
        }
    }
}

#[test]
fn menus_have_the_names_that_help_shows() {
    let keymap = Keymap::builtin();
    for (key, title) in [("o", "sort"), ("y", "copy"), ("=", "mark same")] {
        assert_eq!(
            keymap.menu_title(&parse_sequence(key).unwrap()),
            Some(title)
        );
    }
    let menu = keymap.lookup(Context::Leaks.chain(), &parse_sequence("y").unwrap());
    let KeyMatch::Prefix(entries) = menu else {
        panic!("y opens a menu")
    };
    let keys: Vec<&str> = entries.iter().map(|(key, _)| &key[..]).collect();
    assert_eq!(keys, ["i", "u", "h", "r", "m", "c", "p"]);
}

#[test]
fn no_key_of_the_list_answers_a_plan() {
    let keymap = Keymap::builtin();
    for key in ["enter", "f", "F", "space", "1", "ctrl-m"] {
        let Ok(pressed) = parse_sequence(key) else {
            continue;
        };
        assert_eq!(
            keymap.lookup(Context::Plan.chain(), &pressed),
            KeyMatch::None,
            "{key}"
        );
    }
}

#[test]
fn no_default_rests_on_a_multiplexers_or_the_terminals_key() {
    let keymap = Keymap::builtin();
    for context in Context::iter() {
        for (keys, action) in keymap.bindings(context) {
            let risky = ["ctrl-a", "ctrl-b", "ctrl-s", "ctrl-q"].contains(&&keys[..])
                || keys.contains("alt-");
            assert!(!risky, "{keys} = {action}");
        }
    }
}
