//! How an operator acts: palette, help, filter line, sets of marks, column cursor, mouse, programs, repeats, refreshes.

use super::Core;
use super::core_fixture::{key, page};
use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use stanch::{
    action::Action,
    app::{
        effect::{Effect, LoopEffect, MarksEffect, OutputEffect, ToolEffect},
        filter_line, help, input, layout, memory,
        message::{Message, ToolEnd},
        model::Pane,
        overlay::Overlay,
        palette,
        prompt::PromptKind,
        run_line,
    },
    config::{commands::UserCommand, keymap::Context},
    entity::status::Status,
};
use std::time::Duration;

fn press(core: &mut Core, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        let read = core.now.since_start;
        effects.extend(core.press_at(key, read));
    }
    effects
}

fn type_text(core: &mut Core, text: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for c in text.chars() {
        let key = match c {
            ' ' => "space".to_owned(),
            c => c.to_string(),
        };
        effects.extend(press(core, &[&key]));
    }
    effects
}

fn line(core: &Core) -> String {
    let prompt = core.model.prompt.as_ref().expect("a line is typed");
    prompt.input.value().to_owned()
}

fn shown(core: &Core) -> usize {
    core.model.workspace.leaks.list.order().len()
}

#[test]
fn the_palette_finds_by_letters_shows_keys_and_says_why_not() {
    let core = Core::with_leaks(30);
    let found = palette::candidates(&core.model, "mfx");
    assert_eq!(found[0].line, "mark-fixed");
    assert_eq!(found[0].keys, "f");
    let all = palette::candidates(&core.model, "");
    assert!(all.len() > 100);
    let recall = all.iter().find(|one| one.line == "remark-last").unwrap();
    assert_eq!(
        recall.unavailable.as_deref(),
        Some("no marks were cleared yet")
    );
    let fix = all.iter().find(|one| one.line == "mark-fixed").unwrap();
    assert_eq!(fix.unavailable, None);
    assert!(all.iter().any(|one| one.line == "profile acme"));
    assert!(all.iter().any(|one| one.line == "sort -seen"));
}

#[test]
fn the_palette_runs_what_the_cursor_is_on_and_offers_it_first_next_time() {
    let mut core = Core::with_leaks(30);
    press(&mut core, &[":"]);
    type_text(&mut core, "show mark");
    press(&mut core, &["esc", ":"]);
    type_text(&mut core, "facets");
    press(&mut core, &["enter"]);
    assert!(matches!(core.model.overlay(), Some(Overlay::Facets(_))));
    press(&mut core, &["esc", ":"]);
    let first = &palette::candidates(&core.model, "")[0];
    assert_eq!(first.line, "facets");
    // The second of what fits.
    type_text(&mut core, "sort ");
    press(&mut core, &["down", "enter"]);
    assert!(core.model.prompt.is_none());
    let second = core.model.workspace.history.commands.last().unwrap();
    assert!(second.starts_with("sort "), "{second}");
    // One that takes an argument asks for it.
    press(&mut core, &[":"]);
    type_text(&mut core, "marks sav");
    press(&mut core, &["enter"]);
    assert_eq!(line(&core), "marks save ");
    // What is named is meant: its neighbour would be another set.
    core.model.workspace.mark_sets = vec![("vpn leaks".into(), 2)];
    press(&mut core, &["esc", ":"]);
    type_text(&mut core, "marks delete vpn");
    let effects = press(&mut core, &["enter"]);
    let vpn = Effect::Marks(MarksEffect::DeleteSet("vpn".into()));
    assert_eq!(effects, [vpn]);
    press(&mut core, &[":"]);
    type_text(&mut core, "zzzz");
    press(&mut core, &["enter"]);
    assert_eq!(core.newest_notice(), "there is no such command");
}

#[test]
fn help_does_what_its_cursor_is_on() {
    let mut core = Core::with_leaks(30);
    press(&mut core, &["?", "/"]);
    type_text(&mut core, "what the leaks in view");
    press(&mut core, &["enter"]);
    let found = loop {
        match help::chosen(&core.model) {
            Some(action) => break action,
            None => press(&mut core, &["j"]),
        };
    };
    assert_eq!(found, Action::Facets);
    press(&mut core, &["enter"]);
    assert!(matches!(core.model.overlay(), Some(Overlay::Facets(_))));
}

#[test]
fn a_filter_is_completed_explained_and_remembered() {
    let mut core = Core::with_leaks(30);
    press(&mut core, &["/"]);
    type_text(&mut core, "sta");
    let about = |core: &Core| core.model.prompt.as_ref().unwrap().description.clone();
    assert!(about(&core).unwrap().contains("status:"));
    press(&mut core, &["tab"]);
    assert_eq!(line(&core), "status:");
    assert!(about(&core).unwrap().contains("investigating"));
    press(&mut core, &["tab"]);
    assert_eq!(line(&core), "status:open");
    assert_eq!(shown(&core), 24);
    press(&mut core, &["tab"]);
    assert_eq!(line(&core), "status:closed");
    assert_eq!(shown(&core), 6);
    press(&mut core, &["shift-tab"]);
    assert_eq!(line(&core), "status:open");
    type_text(&mut core, " login:u7");
    press(&mut core, &["tab", "enter"]);
    assert_eq!(shown(&core), 1);
    assert_eq!(
        core.model.workspace.history.filters,
        ["status:open login:u7@acme.example"]
    );
    press(&mut core, &["\\", "/", "up"]);
    assert_eq!(line(&core), "status:open login:u7@acme.example");
    assert_eq!(shown(&core), 1);
    press(&mut core, &["down"]);
    assert_eq!(line(&core), "");
    let (before, words) = filter_line::completions(core.model.context(), "a or risk:h");
    assert_eq!(
        (&before[..], &words[..]),
        ("a or risk:", &["high".to_owned()][..])
    );
}

#[test]
fn filters_and_drafts_come_back_at_the_next_start() {
    let mut core = Core::with_leaks(30);
    core.model.workspace.history.remember_filter("vpn");
    core.model.session.draft.note = Some("called her".into());
    let text = core
        .model
        .session
        .changed(&core.model.views, core.model.context())
        .unwrap();
    let mut next = Core::with_leaks(30);
    let mut views = std::mem::take(&mut next.model.views);
    memory::restore(&mut views, &mut next.model.workspace_update(), &text).unwrap();
    assert_eq!(next.model.workspace.history.filters, ["vpn"]);
    assert_eq!(memory::draft(&text).note.as_deref(), Some("called her"));
    next.model.session.draft = memory::draft(&text);
    next.act(Action::MarkFixed);
    press(&mut next, &["o"]);
    assert_eq!(line(&next), "called her");
    // What belongs to no plan any more is no draft.
    press(&mut next, &["esc", "n"]);
    assert!(next.model.session.draft.is_empty());
}

#[test]
fn a_set_of_marks_is_saved_loaded_and_intersected() {
    let mut core = Core::with_leaks(30);
    core.mark(1..=4);
    let effects = run_line(&mut core.model, "marks save vpn");
    let [Effect::Marks(MarksEffect::SaveSet { name, keys })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((&name[..], keys.len()), ("vpn", 4));
    core.update(Message::MarkSetSaved {
        name: "vpn".into(),
        result: Ok(4),
    });
    assert_eq!(core.model.workspace.mark_sets, [("vpn".to_owned(), 4)]);
    core.model.workspace.marks = stanch::table::Marks::default();
    core.mark(3..=6);
    let loaded = |keep| Message::MarkSetLoaded {
        name: "vpn".into(),
        keep,
        result: Ok(Some((1..=4).map(key).collect())),
    };
    core.update(loaded(true));
    assert_eq!(core.model.workspace.marks.len(), 2);
    core.update(loaded(false));
    assert_eq!(core.model.workspace.marks.len(), 4);
    assert!(run_line(&mut core.model, "marks save  ").is_empty());
    core.update(Message::MarkSetLoaded {
        name: "nix".into(),
        keep: false,
        result: Ok(None),
    });
    assert_eq!(core.newest_notice(), "no marks are kept under that name");
}

#[test]
fn unsaved_marks_are_asked_about_before_the_end() {
    let mut core = Core::with_leaks(30);
    core.mark(1..=11);
    assert_eq!(core.act(Action::Quit), []);
    assert!(
        core.newest_notice().contains("11 marks are not saved"),
        "{}",
        core.newest_notice()
    );
    let quit = [Effect::Loop(LoopEffect::Quit(0))];
    assert_eq!(core.act(Action::Quit), quit);
    // Few of them, and saved ones, are not.
    let mut core = Core::with_leaks(30);
    core.mark(1..=10);
    assert_eq!(core.act(Action::Quit), quit);
    let mut core = Core::with_leaks(30);
    core.mark(1..=11);
    core.update(Message::MarkSetSaved {
        name: "all".into(),
        result: Ok(11),
    });
    assert_eq!(core.act(Action::Quit), quit);
}

#[test]
fn a_cell_narrows_sorts_counts_copies_and_marks() {
    let mut core = Core::with_leaks(30);
    core.act(Action::CellOnly);
    assert!(
        core.newest_notice().contains("zc puts it on"),
        "{}",
        core.newest_notice()
    );
    press(&mut core, &["z", "c"]);
    let first = core.model.workspace.column.unwrap();
    assert_eq!(first.title(), "status");
    press(&mut core, &["enter"]);
    let text = core.model.workspace.leaks.filter.filter.text().to_owned();
    assert!(text.starts_with("status:"), "{text}");
    press(&mut core, &["\\", "backspace"]);
    let text = core.model.workspace.leaks.filter.filter.text().to_owned();
    assert!(text.starts_with("!status:"), "{text}");
    press(&mut core, &["\\", "l"]);
    assert_eq!(core.model.workspace.column.unwrap().title(), "login");
    let effects = press(&mut core, &["Y"]);
    assert!(matches!(
        &effects[..],
        [Effect::Output(OutputEffect::CopyText { what: "login", .. })]
    ));
    press(&mut core, &[","]);
    assert_eq!(core.model.workspace.marks.len(), 1);
    press(&mut core, &[";"]);
    assert_eq!(
        core.model.workspace.leaks.sort[0].field.to_string(),
        "login"
    );
    press(&mut core, &["n"]);
    assert!(core.model.workspace.leaks.grouping.is_some());
    core.act(Action::GroupNone);
    press(&mut core, &["esc"]);
    assert!(core.model.workspace.column.is_none());
    // Without it the keys are those of the panes.
    let contexts = input::contexts(&core.model);
    assert!(!contexts.contains(&Context::CellCursor));
}

#[test]
fn the_last_change_is_done_again_through_a_plan() {
    let mut core = Core::with_leaks(30);
    core.act(Action::RepeatLast);
    assert_eq!(core.newest_notice(), "no change was planned yet");
    core.mark(1..=2);
    core.act(Action::SetInvestigating);
    press(&mut core, &["n"]);
    core.mark(3..=4);
    press(&mut core, &["."]);
    let plan = core.model.plan().expect("a plan");
    assert_eq!(plan.plan.wanted, Status::Investigating);
    assert_eq!(plan.plan.eligible.len(), 4);
}

fn command(confirm: bool) -> UserCommand {
    UserCommand {
        name: "ticket".into(),
        keys: vec![stanch::config::chord::Chord::parse("x").unwrap()],
        context: Context::Leaks,
        command: vec!["/bin/ticket".into(), "--new".into()],
        confirm,
    }
}

#[test]
fn programs_of_the_operator_are_asked_about_and_get_the_marks() {
    let mut core = Core::with_leaks(30);
    core.model.setup.commands = vec![command(true)];
    core.mark(1..=3);
    press(&mut core, &["x"]);
    let prompt = core.model.prompt.as_ref().unwrap();
    assert_eq!(prompt.kind, PromptKind::RunCommand(0));
    assert!(
        prompt
            .description
            .as_ref()
            .unwrap()
            .contains("/bin/ticket --new")
    );
    press(&mut core, &["n", "enter"]);
    assert_eq!(core.newest_notice(), "nothing was run");
    press(&mut core, &["x", "y"]);
    let effects = press(&mut core, &["enter"]);
    let [
        Effect::Tools(ToolEffect::Run {
            leaks,
            words,
            audited: true,
            ..
        }),
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((leaks.len(), &words[0][..]), (3, "/bin/ticket"));
    core.update(Message::ToolEnded {
        name: "ticket".into(),
        result: Ok(Box::new(ToolEnd {
            code: Some(0),
            out: b"INC-7\x1b[2J\nmore\n".to_vec(),
            err: Vec::new(),
        })),
    });
    let said = core.newest_notice();
    assert!(said.starts_with("ticket ended with 0: INC-7"), "{said}");
    assert!(
        !said.contains('\u{1b}') && said.ends_with("(1 more line)"),
        "{said}"
    );
    core.act(Action::ToggleWriteLock);
    assert_eq!(press(&mut core, &["x"]), []);
    assert!(
        core.newest_notice().contains("writes are locked"),
        "{}",
        core.newest_notice()
    );
}

#[test]
fn a_handoff_is_made_by_a_process_of_its_own() {
    let mut core = Core::with_leaks(3);
    let ask = |core: &mut Core| {
        press(core, &[":"]);
        type_text(core, "handoff shift.md");
        press(core, &["enter"])
    };
    let is_run = |effect: &Effect| matches!(effect, Effect::Tools(_));
    assert!(!ask(&mut core).iter().any(is_run));
    let why = core.newest_notice();
    assert!(why.contains("cannot be started a second time"), "{why}");
    // An error stays on the line until it was read.
    let mut core = Core::with_leaks(3);
    core.model.setup.own_program =
        Some(["stanch", "--config", "own.toml"].map(str::to_owned).into());
    let effects = ask(&mut core);
    let run = effects.iter().find(|effect| is_run(effect));
    let Some(Effect::Tools(ToolEffect::Run { words, leaks, .. })) = run else {
        panic!("{effects:?}");
    };
    assert_eq!(
        words[..],
        [
            "stanch",
            "--config",
            "own.toml",
            "handoff",
            "--output=shift.md"
        ]
    );
    assert!(leaks.is_empty());
    core.update(Message::ToolEnded {
        name: "handoff".into(),
        result: Ok(Box::new(ToolEnd {
            code: Some(0),
            out: Vec::new(),
            err: b"stanch: the handoff is in shift.md\n".to_vec(),
        })),
    });
    let said = core.newest_notice();
    assert!(said.ends_with("the handoff is in shift.md"), "{said}");
}

#[test]
fn marks_are_piped_without_a_shell() {
    let mut core = Core::with_leaks(30);
    core.mark(1..=2);
    press(&mut core, &["|"]);
    type_text(&mut core, "jq 'a b'");
    let effects = press(&mut core, &["enter"]);
    let [Effect::Tools(ToolEffect::Run { words, leaks, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (&words[..], leaks.len()),
        (&["jq".to_owned(), "a b".to_owned()][..], 2)
    );
}

fn mouse(core: &mut Core, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    let event = Event::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    });
    let read = core.now.since_start;
    match input::translate(&core.model, event, read) {
        Some(message) => core.update(message),
        None => Vec::new(),
    }
}

#[test]
fn the_mouse_scrolls_chooses_sorts_and_marks_and_nothing_else() {
    let mut core = Core::with_leaks(30);
    let area = layout::areas(core.model.context()).leaks.unwrap();
    let down = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut core, down, area.x + 5, area.y + 6);
    assert_eq!(core.model.workspace.leaks.list.position(), 0, "it is off");
    let on = run_line(&mut core.model, "mouse on");
    assert_eq!(on, [Effect::Loop(LoopEffect::Mouse(true))]);
    mouse(&mut core, down, area.x + 5, area.y + 6);
    assert_eq!(core.model.workspace.leaks.list.position(), 4);
    for row in [7, 8] {
        let drag = MouseEventKind::Drag(MouseButton::Left);
        mouse(&mut core, drag, area.x + 5, area.y + row);
    }
    let up = MouseEventKind::Up(MouseButton::Left);
    mouse(&mut core, up, area.x + 5, area.y + 8);
    assert_eq!(core.model.workspace.marks.len(), 3);
    mouse(
        &mut core,
        MouseEventKind::ScrollDown,
        area.x + 5,
        area.y + 6,
    );
    assert_eq!(core.model.workspace.leaks.list.position(), 9);
    // The first title is that of the status.
    mouse(&mut core, down, area.x + 4, area.y + 1);
    assert_eq!(
        core.model.workspace.leaks.sort[0].field.to_string(),
        "status"
    );
    let users = layout::areas(core.model.context()).users.unwrap();
    mouse(&mut core, down, users.x + 4, users.y + 2);
    assert_eq!(core.model.workspace.focus, Pane::Users);
    core.act(Action::FocusLeaks);
    core.act(Action::MarkFixed);
    for (column, row) in [(0, 0), (40, 20), (20, 46)] {
        mouse(&mut core, down, column, row);
    }
    assert!(core.model.plan().is_some(), "a click answers no plan");
    run_line(&mut core.model, "mouse off");
    assert!(!core.model.mouse.on);
}

#[test]
fn lists_are_read_again_by_themselves_when_nothing_is_in_the_way() {
    let mut core = Core::with_leaks(30);
    let loads = |effects: &[Effect]| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Data(_)))
    };
    run_line(&mut core.model, "refresh 5m");
    assert_eq!(core.model.refresh.every, Some(Duration::from_secs(300)));
    core.act(Action::MarkFixed);
    core.now.since_start += Duration::from_secs(301);
    core.now.wall += Duration::from_secs(301);
    assert!(!loads(&core.update(Message::TimerFired)), "a plan is open");
    press(&mut core, &["n"]);
    core.now.since_start += Duration::from_secs(10);
    assert!(loads(&core.update(Message::TimerFired)));
    assert!(core.model.data.is_loading());
    let request = core.model.data.profiles[0].paging.request.unwrap();
    let mut all = page(1..=30, Some(30));
    all.page_size = 1_000;
    core.load_page("acme", request, 0, all);
    assert!(core.model.refresh.read_at.is_some());
    run_line(&mut core.model, "refresh 1s");
    assert_eq!(core.newest_notice(), "this is no time between two readings");
    run_line(&mut core.model, "refresh off");
    assert_eq!(core.model.refresh.every, None);
}

#[test]
fn configured_reasons_are_offered() {
    let mut core = Core::with_leaks(30);
    core.model.setup.reasons = vec!["phished".into(), "left".into()];
    core.act(Action::MarkFixed);
    press(&mut core, &["r", "tab"]);
    assert_eq!(line(&core), "phished");
    press(&mut core, &["tab"]);
    assert_eq!(line(&core), "left");
    press(&mut core, &["enter"]);
    let plan = core.model.plan().unwrap();
    assert_eq!(plan.justification.reason.as_deref(), Some("left"));
}

#[test]
fn the_tour_is_done_on_the_demo_and_told_elsewhere() {
    let mut core = Core::with_leaks(30);
    run_line(&mut core.model, "tour");
    assert!(matches!(core.model.overlay(), Some(Overlay::Tour { .. })));
    let mut core = Core::with_leaks(30);
    core.model.data.profiles[0].profile.environment = "demo".into();
    run_line(&mut core.model, "tour");
    assert_eq!(core.model.tour, Some(0));
    press(&mut core, &["/"]);
    type_text(&mut core, "acme");
    press(&mut core, &["enter"]);
    assert_eq!(core.model.tour, Some(1));
    press(&mut core, &["space", "space"]);
    assert_eq!(core.model.tour, Some(2));
    press(&mut core, &["f"]);
    assert_eq!(core.model.tour, Some(3));
}
