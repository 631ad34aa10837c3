//! Lookups from the console: what is asked of whom, what is never shown or kept, and what the answers come to.

use super::{
    Core,
    core::{name, profile},
};
use stanch::{
    action::Action,
    app::{
        check::CheckOverlay, effect::Effect, message::Message, overlay::Overlay, prompt::PromptKind,
    },
    entity::{
        error::ProviderError,
        key::RequestId,
        lookup::{Finding, Lookup, LookupAnswer, Verdict},
    },
};

/// Three accounts, two of which can look things up.
fn console() -> Core {
    let mut profiles = vec![profile("acme"), profile("one"), profile("two")];
    for profile in &mut profiles[1..] {
        profile.capabilities.lookups = true;
    }
    Core::of(profiles)
}

fn command(core: &mut Core, line: &str) -> Vec<Effect> {
    core.ask(Action::Palette);
    keys(core, line);
    core.press_at("enter", core.now.since_start)
}

fn keys(core: &mut Core, text: &str) {
    for c in text.chars() {
        let key = if c == ' ' {
            "space".to_owned()
        } else {
            c.to_string()
        };
        core.press_at(&key, core.now.since_start);
    }
}

fn lookups(effects: &[Effect]) -> Vec<(String, RequestId, Lookup)> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Lookup {
                request,
                profile,
                lookup,
            } => (profile.to_string(), *request, (**lookup).clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn overlay(core: &Core) -> &CheckOverlay {
    match core.model.overlay() {
        Some(Overlay::Check(check)) => check,
        other => panic!("{other:?}"),
    }
}

fn answer(verdict: Verdict) -> LookupAnswer {
    LookupAnswer {
        operation: "listBreachesForAccount",
        result: Ok(Finding {
            verdict,
            count: None,
            breaches: Vec::new(),
            pastes: Vec::new(),
            accounts: Vec::new(),
            note: None,
            evidence: stanch::entity::lookup::Evidence::Answered,
            message: None,
        }),
    }
}

#[test]
fn everyone_who_can_tell_is_asked_and_one_failure_hides_no_answer() {
    let mut core = console();
    let asked = lookups(&command(
        &mut core,
        "check email m.ortega@northwind.example",
    ));
    let names: Vec<_> = asked.iter().map(|(name, _, _)| &name[..]).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(
        asked[0].2,
        Lookup::Email("m.ortega@northwind.example".into())
    );
    assert_eq!(overlay(&core).verdict(), None);
    let answered = |core: &mut Core, of: &str, answers| {
        core.take(Message::LookedUp {
            request: asked[0].1,
            profile: name(of),
            answers,
        });
    };
    let failed = LookupAnswer {
        operation: "x",
        result: Err(ProviderError::Cancelled),
    };
    answered(&mut core, "one", vec![failed]);
    assert_eq!(overlay(&core).verdict(), None);
    answered(&mut core, "two", vec![answer(Verdict::Found)]);
    assert_eq!(overlay(&core).verdict(), Some(Verdict::Found));
    // Nothing is under way any more: closing calls nothing off.
    assert_eq!(core.ask(Action::Back), []);
    assert!(core.model.overlay().is_none());
}

#[test]
fn an_overlay_that_is_closed_calls_its_requests_off_and_late_answers_are_dropped() {
    let mut core = console();
    let asked = lookups(&command(&mut core, "check domain northwind.example"));
    for action in [Action::Back, Action::Quit, Action::Interrupt] {
        let mut core = Core {
            model: core.model.clone(),
            now: core.now,
        };
        assert_eq!(core.ask(action), [Effect::CancelRequest(asked[0].1)]);
        core.take(Message::LookedUp {
            request: asked[0].1,
            profile: name("one"),
            answers: vec![answer(Verdict::Found)],
        });
        assert!(core.model.overlay().is_none());
    }
}

#[test]
fn a_password_is_typed_hidden_and_is_in_no_text_of_the_model() {
    let mut core = console();
    assert_eq!(command(&mut core, "check password"), []);
    keys(&mut core, "hunter3");
    core.press_at("backspace", core.now.since_start);
    core.take(Message::Pasted("2\nsecond line".into()));
    let prompt = core.model.prompt.as_ref().unwrap();
    assert!(matches!(&prompt.kind, PromptKind::Hidden { line, .. } if line.characters() == 7));
    assert_eq!(prompt.input.value(), "");
    assert!(!format!("{prompt:?}").contains("hunter"));
    let effects = core.press_at("enter", core.now.since_start);
    let asked = lookups(&effects);
    assert!(asked.iter().all(
        |(_, _, lookup)| matches!(lookup, Lookup::Password(secret) if secret.expose() == b"hunter2")
    ));
    let model = format!("{:?}", core.model);
    assert!(!model.contains("hunter2") && !format!("{effects:?}").contains("hunter2"));
    assert_eq!(overlay(&core).shown, None);
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_remembered() {
    let mut core = console();
    for line in ["check password hunter2", "check card 5555555555554444"] {
        assert_eq!(command(&mut core, line), []);
        assert!(
            core.said().contains("is not typed on this line"),
            "{}",
            core.said()
        );
        assert!(core.model.palette_history.is_empty() && core.model.overlay().is_none());
    }
    command(&mut core, "check domain northwind.example");
    assert_eq!(
        core.model.palette_history,
        ["check domain northwind.example"]
    );
}

#[test]
fn what_is_no_card_and_no_four_digits_is_asked_of_nobody() {
    let mut core = console();
    for (kind, typed) in [
        ("card", "5555555555554445"),
        ("ssn", "078051120"),
        ("password", ""),
    ] {
        command(&mut core, &format!("check {kind}"));
        keys(&mut core, typed);
        assert_eq!(core.press_at("enter", core.now.since_start), [], "{kind}");
        assert!(core.model.overlay().is_none() && core.model.prompt.is_none());
        assert!(typed.is_empty() || !core.said().contains(typed));
    }
    command(&mut core, "check card");
    keys(&mut core, "5555 5555 5555 4444");
    assert_eq!(
        lookups(&core.press_at("enter", core.now.since_start)).len(),
        2
    );
    assert_eq!(overlay(&core).shown.as_deref(), Some("****-****-****-4444"));
}

#[test]
fn where_nobody_can_tell_it_says_so() {
    let mut core = Core::of(vec![profile("acme")]);
    assert_eq!(command(&mut core, "check password"), []);
    assert!(core.model.prompt.is_none());
    assert!(core.said().contains("can look anything up"));
}
