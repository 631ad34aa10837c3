//! What the console says of every action in every kind of situation: whether it can be done and why not, whether the
//! palette offers it, what the footer says, what it does, and which rows are ready when it acts.

use super::{
    Core,
    core_fixture::{name, page, profile},
    job::{JOB, running_job},
    job_control::{change, job},
};
use ratatui::{buffer::Buffer, layout::Rect};
use stanch::{
    action::Action,
    app::{
        availability,
        effect::{Effect, OutputEffect},
        inspect::Inspected,
        message::Message,
        model::{JournalAccess, Model, Pane},
        notice::Notices,
        overlay::Overlay,
        palette, run_line, search, view,
    },
    config::Config,
    entity::{
        capability::Ability,
        job::{ChangeState, Job, JobCommand, JobState},
        key::JobId,
    },
    table::{GroupId, GroupKind},
    ui,
};
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};
use strum::IntoEnumIterator as _;

/// Where the operator is.
struct Situation {
    name: &'static str,
    open: fn() -> Core,
}

fn core_after(actions: &[Action]) -> Core {
    let mut core = Core::with_leaks(30);
    for action in actions {
        core.act(*action);
    }
    core
}

fn core_with_overlay(overlay: Overlay) -> Core {
    let mut core = Core::with_leaks(30);
    core.model.overlays.push(overlay);
    core
}

fn core_with(change: impl FnOnce(&mut Model)) -> Core {
    let mut core = Core::with_leaks(30);
    change(&mut core.model);
    core
}

fn core_after_command(line: &str) -> Core {
    let mut core = Core::with_leaks(30);
    let capabilities = &mut core.model.data.profiles[0].profile.capabilities;
    capabilities.abilities.insert(Ability::Lookup);
    run_line(&mut core.model, line);
    core
}

/// A console with the jobs of its journal, which has not the focus on them.
fn with_jobs(jobs: impl FnOnce(&Core) -> Vec<Job>) -> Core {
    let mut core = Core::with_leaks(30);
    let jobs = jobs(&core);
    core.update(Message::JobsLoaded(Ok(jobs)));
    core
}

fn done_jobs(core: &Core) -> Vec<Job> {
    let changes = [change(1, ChangeState::Verified)];
    vec![job(core, JobState::Done, &changes)]
}

fn failed_jobs(core: &Core) -> Vec<Job> {
    let changes = [
        change(1, ChangeState::Verified),
        change(2, ChangeState::Failed),
    ];
    vec![job(core, JobState::DoneWithExceptions, &changes)]
}

fn undone_jobs(core: &Core) -> Vec<Job> {
    let undo = Job {
        id: JobId(2),
        command: JobCommand::Undo,
        undo_of: Some(JOB),
        ..done_jobs(core).remove(0)
    };
    let fix = Job {
        undone_by: Some(JobId(2)),
        ..done_jobs(core).remove(0)
    };
    vec![undo, fix]
}

fn open_jobs_pane(mut core: Core) -> Core {
    core.act(Action::FocusJobs);
    core
}

fn report(mut core: Core) -> Core {
    core.model.overlays.push(Overlay::Job {
        id: JOB,
        record: None,
        finished: false,
        scroll: 0,
    });
    core
}

/// The plan of these leaks, which was read.
fn plan(mut core: Core, leaks: impl IntoIterator<Item = u32>) -> Core {
    core.mark(leaks);
    core.act(Action::MarkFixed);
    core.draw_frame();
    core.advance_clock(Duration::from_millis(301));
    core
}

fn other_writer() -> JournalAccess {
    JournalAccess::Follower {
        holder: "ana@jump1".into(),
    }
}

/// A name, and how the console gets there.
type Row = (&'static str, fn() -> Core);

#[expect(clippy::too_many_lines, reason = "a table")]
fn situations() -> Vec<Situation> {
    use Action as A;
    let all: &[Row] = &[
        ("leaks", || Core::with_leaks(30)),
        ("leaks, none there", || Core::with_leaks(0)),
        ("leaks, none loaded yet", || {
            let mut core = Core::with_profiles(vec![profile("acme")]);
            stanch::app::start(&mut core.model);
            core
        }),
        ("leaks, some marked", || {
            let mut core = Core::with_leaks(30);
            core.mark(1..=3);
            core
        }),
        ("leaks, marks cleared", || {
            let mut core = Core::with_leaks(30);
            core.mark(1..=3);
            core.act(A::ClearMarks);
            core
        }),
        ("leaks, marked ones alone", || {
            let mut core = Core::with_leaks(30);
            core.mark(1..=3);
            core.act(A::ShowMarked);
            core
        }),
        ("leaks, filtered", || {
            let mut core = Core::with_leaks(30);
            search::set_filter_text(&mut core.model.workspace_update(), Pane::Leaks, "u1");
            core
        }),
        ("leaks, a range begun", || {
            core_after(&[A::RangeMark, A::Down])
        }),
        ("leaks, full screen", || core_after(&[A::FullScreen])),
        ("leaks by user", || core_after(&[A::GroupUser])),
        ("leaks by user, some marked", || {
            let mut core = core_after(&[A::GroupUser]);
            core.mark(1..=3);
            core
        }),
        ("domains", || core_after(&[A::FocusDomains])),
        ("users", || core_after(&[A::FocusUsers])),
        ("connections", || core_after(&[A::FocusConnections])),
        ("leaks of a user", || core_after(&[A::FocusUsers, A::Drill])),
        ("leaks, an earlier and a later view", || {
            core_after(&[A::FocusUsers, A::Drill, A::FocusUsers, A::HistoryBack])
        }),
        ("leaks, a view saved", || {
            core_after_command("view save night")
        }),
        ("jobs, none there", || open_jobs_pane(Core::with_leaks(30))),
        ("jobs, one done", || open_jobs_pane(with_jobs(done_jobs))),
        ("jobs, one with failures", || {
            open_jobs_pane(with_jobs(failed_jobs))
        }),
        ("jobs, one undone", || {
            open_jobs_pane(with_jobs(undone_jobs))
        }),
        ("jobs, one running", || {
            open_jobs_pane(running_job(&[1, 2, 3]).0)
        }),
        ("leaks, a job running", || running_job(&[1, 2, 3]).0),
        ("leaks, a job done", || with_jobs(done_jobs)),
        ("leaks, a job with failures", || with_jobs(failed_jobs)),
        ("leaks, a job undone", || with_jobs(undone_jobs)),
        ("writes locked", || core_after(&[A::ToggleWriteLock])),
        ("writes locked, jobs, one running", || {
            let mut core = open_jobs_pane(running_job(&[1, 2, 3]).0);
            core.act(A::ToggleWriteLock);
            core
        }),
        ("writes locked, jobs, one with failures", || {
            let mut core = open_jobs_pane(with_jobs(failed_jobs));
            core.act(A::ToggleWriteLock);
            core
        }),
        ("read-only profile", || {
            core_with(|model| model.data.profiles[0].profile.read_only = true)
        }),
        ("another console writes", || {
            core_with(|model| model.access.journal = other_writer())
        }),
        ("journal for reading only", || {
            let why = "it is of a later version".into();
            core_with(|model| model.access.journal = JournalAccess::ReadOnly { reason: why })
        }),
        ("no reveal by policy", || {
            core_with(|model| model.setup.policy.reveal = false)
        }),
        ("copies of secrets by policy", || {
            core_with(|model| model.setup.policy.copy_secrets = true)
        }),
        ("provider without passwords", || {
            core_with(|model| {
                let capabilities = &mut model.data.profiles[0].profile.capabilities;
                capabilities.abilities.remove(Ability::Secrets);
            })
        }),
        ("plain http", || {
            core_with(|model| model.data.profiles[0].profile.insecure = true)
        }),
        ("first run", || {
            let mut core = Core::with_profiles(Vec::new());
            stanch::app::start(&mut core.model);
            core
        }),
        ("first run, help", || {
            let mut core = Core::with_profiles(Vec::new());
            stanch::app::start(&mut core.model);
            core.act(A::Help);
            core
        }),
        ("help", || core_after(&[A::Help])),
        ("plan", || plan(Core::with_leaks(30), [1, 2])),
        ("plan, of leaks that are closed", || {
            let mut core = Core::with_leaks(30);
            core.mark([5, 10]);
            core.act(A::SetFalsePositive);
            core.draw_frame();
            core
        }),
        ("plan, some hidden", || {
            let mut core = Core::with_leaks(30);
            search::set_filter_text(&mut core.model.workspace_update(), Pane::Leaks, "u1");
            plan(core, [1, 2])
        }),
        ("plan, with a number", || {
            let mut core = Core::with_leaks(30);
            core.model.setup.policy.confirm_above = 2;
            plan(core, 1..=4)
        }),
        ("plan, writes locked", || {
            let mut core = plan(Core::with_leaks(30), [1, 2]);
            core.act(A::ToggleWriteLock);
            core
        }),
        ("plan in the making", || {
            core_with_overlay(Overlay::PlanBuild { leaks: 5_000 })
        }),
        ("help above a plan", || {
            let mut core = plan(Core::with_leaks(30), [1, 2]);
            core.act(A::Help);
            core
        }),
        ("job, running", || report(running_job(&[1, 2, 3]).0)),
        ("job, with failures", || report(with_jobs(failed_jobs))),
        ("help above a job", || {
            let mut core = report(with_jobs(failed_jobs));
            core.act(A::Help);
            core
        }),
        ("messages", || {
            core_with_overlay(Overlay::Notices { scroll: 0 })
        }),
        ("bytes", || {
            core_with_overlay(Overlay::Traffic { scroll: 0 })
        }),
        ("rejects", || {
            core_with_overlay(Overlay::Rejects { scroll: 0 })
        }),
        ("tour", || core_with_overlay(Overlay::Tour { card: 0 })),
        ("mark all", || {
            core_with_overlay(Overlay::MarkAll { not_loaded: 1 })
        }),
        ("inspect", || {
            core_with_overlay(Overlay::Inspect(Box::new(Inspected::new((
                GroupKind::User,
                GroupId(0),
            )))))
        }),
        ("check", || core_after_command("check email a@b.example")),
        ("views", || {
            let mut core = core_after_command("view save night");
            core.act(A::Views);
            core
        }),
        ("views, one to be deleted", || {
            let mut core = core_after_command("view save night");
            core.act(A::Views);
            core.act(A::Remove);
            core
        }),
        ("columns", || core_after(&[A::Columns])),
        ("facets", || core_after(&[A::Facets])),
        ("quit", || core_with_overlay(Overlay::Quit)),
        ("unfinished jobs", || {
            core_with_overlay(Overlay::Resume {
                jobs: vec![JOB],
                drawn_at: Some(Duration::ZERO),
            })
        }),
    ];
    let all = all.iter();
    all.map(|(name, open)| Situation { name, open: *open })
        .collect()
}

/// A copy of a console.
fn copy_to_clipboard(core: &Core) -> Core {
    Core {
        model: core.model.clone(),
        now: core.now,
    }
}

/// Lists actions under what they have in common, in the order of the first of each.
fn write_grouped(out: &mut String, title: &str, answers: impl Iterator<Item = (Action, String)>) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (action, answer) in answers {
        let place = *places.entry(answer.clone()).or_insert_with(|| {
            groups.push((answer, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(action.to_string());
    }
    for (answer, actions) in groups {
        let _ = writeln!(out, "  {title} {answer}: {}", actions.join(" "));
    }
}

/// The last line of a screen that is wide enough for all of it, with nothing to say but the keys.
fn footer(core: &Core) -> String {
    let mut model = core.model.clone();
    model.notices = Notices::default();
    let area = Rect::new(0, 0, 400, 1);
    let mut buffer = Buffer::empty(area);
    let look = super::super::support::console_fixture::look(&Config::default().theme);
    ui::footer::draw(&model, &look, area, &mut buffer);
    super::super::support::test_backend::screen_text(&buffer)
        .trim()
        .to_owned()
}

fn kind(effect: &Effect) -> String {
    if let Effect::Output(OutputEffect::WriteAuditLine(note)) = effect {
        let leaks = note.keys.len();
        return format!("Audit({} of {leaks}, {})", note.action, note.outcome);
    }
    // What it is for, then what it is.
    let shown = format!("{effect:?}");
    let mut words = shown.split(|c: char| !c.is_alphanumeric());
    words.nth(1).unwrap_or_default().to_owned()
}

fn overlays(model: &Model) -> Vec<&'static str> {
    model.overlays.iter().map(Overlay::name).collect()
}

/// What an action does, as far as it can be seen from outside.
fn describe_result(core: &Core, action: Action) -> String {
    let mut after = copy_to_clipboard(core);
    after.model.notices = Notices::default();
    let effects = after.act(action);
    let mut words: Vec<String> = effects.iter().map(kind).collect();
    let (was, is) = (overlays(&core.model), overlays(&after.model));
    if was != is {
        words.push(format!("shows {}", is.last().unwrap_or(&"the panes")));
    }
    if core.model.prompt.is_none() && after.model.prompt.is_some() {
        words.push("asks".to_owned());
    }
    if core.model.workspace.focus != after.model.workspace.focus {
        words.push(format!("goes to {:?}", after.model.workspace.focus));
    }
    if let Some(notice) = after.model.notices.current() {
        words.push(format!("says \"{}\"", notice.text));
    }
    if words.is_empty() {
        words.push("nothing of that".to_owned());
    }
    words.join(", ")
}

#[test]
fn every_action_answers_as_before_in_every_situation() {
    let mut all = String::new();
    for Situation { name, open } in situations() {
        let core = open();
        let model = &core.model;
        let _ = writeln!(all, "{name}\n  footer: {}", footer(&core));
        let can = |action| availability::availability(model, action);
        write_grouped(
            &mut all,
            "can",
            Action::iter().map(|action| match can(action) {
                Ok(()) => (action, "now".to_owned()),
                Err(why) => (action, format!("not ({why})")),
            }),
        );
        let offered: Vec<String> = palette::candidates(model, "")
            .into_iter()
            .map(|found| found.line)
            .collect();
        let (offered, left_out): (Vec<Action>, _) =
            Action::iter().partition(|action| offered.contains(&action.to_string()));
        assert!(offered.len() > left_out.len());
        write_grouped(
            &mut all,
            "palette",
            left_out
                .into_iter()
                .map(|action| (action, "without".to_owned())),
        );
        write_grouped(
            &mut all,
            "does",
            Action::iter().map(|action| (action, describe_result(&core, action))),
        );
    }
    insta::assert_snapshot!("action_table", all);
}

/// So many leaks that a search and an order of them take several turns.
fn many(leaks: u32) -> Core {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    core.model.workspace.zoomed = true;
    stanch::app::start(&mut core.model);
    let mut page = page(1..=leaks, Some(u64::from(leaks)));
    page.page_size = leaks;
    let request = core
        .model
        .data
        .profile(&name("acme"))
        .unwrap()
        .paging
        .request;
    core.load_page("acme", request.unwrap(), 0, page);
    while view::has_pending_work(core.model.context()) {
        core.advance_clock(Duration::ZERO);
    }
    core
}

fn searching() -> Core {
    let mut core = many(30_000);
    search::set_filter_text(
        &mut core.model.workspace_update(),
        Pane::Leaks,
        "/^u[0-9]*[7]@/",
    );
    assert!(core.model.workspace.leaks.pending_search.is_some());
    core
}

/// The order of the leaks is not made yet but for the screen.
fn sorting(mut core: Core) -> Core {
    core.act(Action::SortLogin);
    assert!(core.model.workspace.leaks.pending_sort.is_some());
    core
}

/// Which rows were ready when an action acted.
fn rows(core: &Core, action: Action) -> String {
    let mut after = copy_to_clipboard(core);
    after.act(action);
    let leaks = &after.model.workspace.leaks;
    let open = |was: bool, is: bool| match (was, is) {
        (true, true) => "waits",
        (true, false) => "finished",
        (false, true) => "begun",
        (false, false) => "none",
    };
    let searching = open(
        core.model.workspace.leaks.pending_search.is_some(),
        leaks.pending_search.is_some(),
    );
    let sorting = open(
        core.model.workspace.leaks.pending_sort.is_some(),
        leaks.pending_sort.is_some(),
    );
    format!("search {searching}, order {sorting}")
}

#[test]
fn every_action_has_the_rows_that_it_needs_as_before() {
    let mut all = String::new();
    let push = |mut core: Core, overlay| {
        core.model.overlays.push(overlay);
        core
    };
    let sorted = || sorting(many(21_000));
    let situations: Vec<(&str, Core)> = vec![
        ("leaks, while a search goes on", searching()),
        ("leaks, while they are put in order", sorted()),
        ("plan, while leaks are put in order", {
            plan(sorted(), [1, 2])
        }),
        ("messages, while leaks are put in order", {
            push(sorted(), Overlay::Notices { scroll: 0 })
        }),
        ("job, while leaks are put in order", {
            let mut core = sorted();
            let jobs = failed_jobs(&core);
            core.update(Message::JobsLoaded(Ok(jobs)));
            report(core)
        }),
        ("columns, while leaks are put in order", {
            let columns = core_after(&[Action::Columns]).model.overlays.remove(0);
            push(sorted(), columns)
        }),
        ("views, while leaks are put in order", {
            let overlay = Overlay::Views {
                cursor: 0,
                confirming_delete: false,
            };
            push(sorted(), overlay)
        }),
    ];
    for (name, core) in situations {
        let leaks = &core.model.workspace.leaks;
        assert!(
            leaks.pending_search.is_some() || leaks.pending_sort.is_some(),
            "{name}"
        );
        let _ = writeln!(all, "{name}");
        let top = core.model.overlay();
        let takes = |action: &Action| top.is_none_or(|overlay| overlay.accepts(*action));
        let can = |action: &Action| availability::availability(&core.model, *action).is_ok();
        let reached = Action::iter().filter(takes).filter(can);
        write_grouped(
            &mut all,
            "rows",
            reached.map(|action| (action, rows(&core, action))),
        );
    }
    insta::assert_snapshot!("action_rows", all);
}
