//! Lookups from the console: what is asked of whom, what is never shown or kept, and what the answers come to.

use super::{
    Core,
    core_fixture::{name, profile},
};
use stanch::{
    action::Action,
    app::{
        check::LookupOverlay,
        effect::{Effect, LookupEffect, LoopEffect},
        message::Message,
        overlay::Overlay,
        prompt::PromptKind,
    },
    entity::{
        capability::Ability,
        error::ProviderError,
        key::RequestId,
        lookup::{Finding, Lookup, LookupAnswer, Verdict},
    },
};

/// Three accounts, two of which can look things up.
fn console() -> Core {
    let mut profiles = vec![profile("acme"), profile("one"), profile("two")];
    for profile in &mut profiles[1..] {
        profile.capabilities.abilities.insert(Ability::Lookup);
    }
    Core::with_profiles(profiles)
}

fn command(core: &mut Core, line: &str) -> Vec<Effect> {
    core.act(Action::Palette);
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
            Effect::Lookup(LookupEffect::RunLookup {
                request,
                profile,
                lookup,
            }) => (profile.to_string(), *request, (**lookup).clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn overlay(core: &Core) -> &LookupOverlay {
    match core.model.overlay() {
        Some(Overlay::Lookup(check)) => check,
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
            evidence: stanch::entity::lookup::EvidenceGrade::Answered,
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
        core.update(Message::LookupAnswered {
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
    assert_eq!(core.act(Action::Back), []);
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
        assert_eq!(
            core.act(action),
            [Effect::Loop(LoopEffect::CancelRequest(asked[0].1))]
        );
        core.update(Message::LookupAnswered {
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
    core.update(Message::TextPasted("2\n".into()));
    let prompt = core.model.prompt.as_ref().unwrap();
    assert!(matches!(&prompt.kind, PromptKind::Secret { line, .. } if line.char_count() == 7));
    assert_eq!(prompt.input.value(), "");
    assert!(!format!("{prompt:?}").contains("hunter"));
    let effects = core.press_at("enter", core.now.since_start);
    let asked = lookups(&effects);
    assert!(asked.iter().all(
        |(_, _, lookup)| matches!(lookup, Lookup::Password(secret) if secret.expose() == b"hunter2")
    ));
    let model = format!("{:?}", core.model);
    assert!(!model.contains("hunter2") && !format!("{effects:?}").contains("hunter2"));
    assert_eq!(overlay(&core).display_text, None);
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_remembered() {
    let mut core = console();
    for line in ["check password hunter2", "check card 5555555555554444"] {
        assert_eq!(command(&mut core, line), []);
        assert!(
            core.newest_notice().contains("is not typed on this line"),
            "{}",
            core.newest_notice()
        );
        assert!(core.model.workspace.history.commands.is_empty() && core.model.overlay().is_none());
    }
    command(&mut core, "check domain northwind.example");
    assert_eq!(
        core.model.workspace.history.commands,
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
        assert!(typed.is_empty() || !core.newest_notice().contains(typed));
    }
    command(&mut core, "check card");
    keys(&mut core, "5555 5555 5555 4444");
    assert_eq!(
        lookups(&core.press_at("enter", core.now.since_start)).len(),
        2
    );
    assert_eq!(
        overlay(&core).display_text.as_deref(),
        Some("****-****-****-4444")
    );
}

#[test]
fn where_nobody_can_tell_it_says_so() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    assert_eq!(command(&mut core, "check password"), []);
    assert!(core.model.prompt.is_none());
    assert!(core.newest_notice().contains("can look anything up"));
}

/// What is pasted into the hidden line of `:check password`, and what is then looked up: nothing, or a secret.
fn pasted(text: &str) -> (Core, Option<Vec<u8>>) {
    let mut core = console();
    command(&mut core, "check password");
    core.update(Message::TextPasted(text.into()));
    let told = core.model.prompt.as_ref().unwrap().message.is_some();
    let effects = core.press_at("enter", core.now.since_start);
    let secret = lookups(&effects).pop().map(|(_, _, lookup)| match lookup {
        Lookup::Password(secret) => secret.expose().to_vec(),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        told,
        secret.is_none(),
        "{text:?}: said above the line, or looked up"
    );
    (core, secret)
}

#[test]
fn a_pasted_password_is_looked_up_as_it_came_or_refused() {
    for end in ["", "\n", "\r", "\r\n"] {
        for line in [
            "Winter2025!",
            "tab\tinside",
            " lead",
            "trail ",
            "\t",
            "ctrl\u{1}x",
            "in\u{feff}side",
        ] {
            let (core, secret) = pasted(&format!("{line}{end}"));
            assert_eq!(secret.as_deref(), Some(line.as_bytes()), "{line:?}{end:?}");
            assert!(core.model.overlay().is_some());
        }
    }
    let long = "x".repeat(4_097);
    let huge = "x".repeat(1 << 20);
    for refused in [
        "Winter2025!\ruser: maya",
        "Winter2025!\nuser: maya\n",
        "Winter2025!\r\n\r\n",
        "\nWinter2025!",
        "\u{feff}Winter2025!",
        "\u{fffd}inter2025!",
        "W\0i\0n\0",
        &long,
        &huge,
    ] {
        let (core, secret) = pasted(refused);
        assert_eq!(secret, None);
        assert!(core.model.overlay().is_none());
        let model = format!("{:?}", core.model);
        assert!(!model.contains("Winter2025") && !model.contains("user: maya"));
    }
}

#[test]
fn half_a_paste_is_no_secret_and_typed_tabs_belong_to_it() {
    let mut core = console();
    command(&mut core, "check password");
    keys(&mut core, "abc");
    core.update(Message::TextPasted("d\re".into()));
    // What was there before is gone too: what would be looked up is not what somebody meant.
    assert_eq!(core.press_at("enter", core.now.since_start), []);
    command(&mut core, "check password");
    keys(&mut core, "a");
    core.press_at("tab", core.now.since_start);
    keys(&mut core, "b");
    // A line feed ends the line as a carriage return does.
    let asked = lookups(&core.press_at("ctrl-j", core.now.since_start));
    assert!(asked.iter().all(
        |(_, _, lookup)| matches!(lookup, Lookup::Password(secret) if secret.expose() == b"a\tb")
    ));
    assert_eq!(asked.len(), 2);
    let mut core = console();
    command(&mut core, "check password");
    keys(&mut core, &"x".repeat(4_097));
    assert!(core.model.prompt.as_ref().unwrap().message.is_some());
    assert_eq!(core.press_at("enter", core.now.since_start), []);
}

/// The line and what is said of it, after text was pasted into a prompt.
fn line_after(action: Action, text: &str) -> (String, Option<String>) {
    let mut core = console();
    core.act(action);
    // What it proposes is not what is looked at here.
    core.press_at("ctrl-u", core.now.since_start);
    core.update(Message::TextPasted(text.into()));
    let prompt = core.model.prompt.as_ref().unwrap();
    let told = prompt.message.as_ref().map(|(_, words)| words.clone());
    (prompt.input.value().to_owned(), told)
}

#[test]
fn lines_that_are_pasted_are_never_joined_nor_dropped_without_a_word() {
    for (text, line, word) in [
        ("maya\nbob\n", "maya bob", Some("line ends")),
        ("maya\rbob", "maya bob", Some("line ends")),
        ("maya\r\nbob\r\n", "maya bob", Some("line ends")),
        ("maya\u{2028}bob", "maya bob", Some("line ends")),
        ("login:maya\tbob", "login:maya bob", Some("tabs")),
        ("\u{feff}maya", "maya", Some("byte order mark")),
        ("maya\r", "maya", None),
        ("maya bob", "maya bob", None),
        ("ma\u{1b}[2Jya", "", Some("control character")),
    ] {
        for action in [Action::Filter, Action::MarkPattern] {
            let (there, told) = line_after(action, text);
            assert_eq!(there, line, "{text:?}");
            assert_eq!(told.is_some(), word.is_some(), "{text:?}: {told:?}");
            assert!(word.is_none_or(|word| told.unwrap().contains(word)));
        }
    }
    for action in [Action::Palette, Action::Export] {
        let (there, told) = line_after(action, "one\rtwo");
        assert_eq!(there, "");
        assert!(told.unwrap().contains("one line"));
        assert_eq!(line_after(action, "one\n"), ("one".to_owned(), None));
    }
}

#[test]
fn a_paste_that_is_too_long_for_a_line_is_refused_with_the_length() {
    let huge = "word ".repeat(200_000);
    for action in [
        Action::Filter,
        Action::MarkPattern,
        Action::Palette,
        Action::Export,
    ] {
        let (there, told) = line_after(action, &huge);
        assert_eq!(there, "");
        assert!(told.unwrap().contains("16,384 bytes"));
        let fits = "x".repeat(16_384);
        assert_eq!(line_after(action, &fits), (fits, None));
    }
    // It goes where the cursor stands, at once.
    let mut core = console();
    core.act(Action::Palette);
    keys(&mut core, "ac");
    core.press_at("left", core.now.since_start);
    core.update(Message::TextPasted("b\u{e9}".into()));
    keys(&mut core, "d");
    let prompt = core.model.prompt.as_ref().unwrap();
    assert_eq!(prompt.input.value(), "ab\u{e9}dc");
}

#[test]
fn an_address_and_a_domain_are_asked_for_in_their_one_form_or_not_at_all() {
    for (line, asked) in [
        ("check email maya@acme.example", "maya@acme.example"),
        (
            "check email Maya Ortega <maya@acme.example>",
            "maya@acme.example",
        ),
        (
            "check email  \"Maya  O.\" <MAYA@acme.example>,",
            "maya@acme.example",
        ),
        (
            "check email mailto:maya@acme.example?subject=x",
            "maya@acme.example",
        ),
        ("check domain https://acme.example/", "acme.example"),
        (
            "check  domain M\u{fc}nchen.example.",
            "xn--mnchen-3ya.example",
        ),
    ] {
        let mut core = console();
        let lookups = lookups(&command(&mut core, line));
        assert_eq!(lookups.len(), 2, "{line}");
        assert!(
            lookups
                .iter()
                .all(|(_, _, lookup)| lookup.requested_text() == Some(asked)),
            "{lookups:?}"
        );
        assert_eq!(overlay(&core).display_text.as_deref(), Some(asked));
    }
    for line in [
        "check email maya",
        "check email maya @acme.example",
        "check email maya@acme.example; bob@acme.example",
        "check email j***@acme.example",
        "check domain maya@acme.example",
        "check domain acme",
    ] {
        let mut core = console();
        assert_eq!(command(&mut core, line), [], "{line}");
        assert!(core.model.overlay().is_none());
        let said = core.newest_notice();
        assert!(
            said.contains("that is no address: ") || said.contains("that is no domain: "),
            "{said}"
        );
    }
}
