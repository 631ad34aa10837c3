//! What becomes of an effect whose task dies or is called off: whoever waits for it is told.

use super::{
    Core,
    core::{key, profile},
};
use stanch::{
    action::Action,
    app::{
        effect::{
            AccessEffect, AuditNote, ClaimEffect, DataEffect, Effect, EvidenceEffect, Failure,
            JobEffect, LookupEffect, NotesEffect, OutputEffect, Request, RevealEffect,
            SessionEffect, ViewsEffect,
        },
        message::Message,
        wake,
    },
    entity::{
        claim::ClaimAct,
        evidence::Evidence,
        job::{JobCommand, JobState},
        key::{JobId, RequestId},
        lookup::Lookup,
        secret::Secret,
    },
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What is answered in the place of an effect; what the loop does itself has no task that could die.
fn failed(effect: Effect, failure: Failure) -> Option<Message> {
    Some(match effect {
        Effect::Data(effect) => effect.failed(failure),
        Effect::Jobs(effect) => effect.failed(failure),
        Effect::Claims(effect) => effect.failed(failure),
        Effect::Notes(effect) => effect.failed(failure),
        Effect::Access(effect) => effect.failed(failure),
        Effect::Lookup(effect) => effect.failed(failure),
        Effect::Reveal(effect) => effect.failed(failure),
        Effect::Output(effect) => effect.failed(failure),
        Effect::Evidence(effect) => effect.failed(failure),
        Effect::Marks(effect) => effect.failed(failure),
        Effect::News(effect) => effect.failed(failure),
        Effect::Views(effect) => effect.failed(failure),
        Effect::Tools(effect) => effect.failed(failure),
        Effect::Session(effect) => effect.failed(failure),
        Effect::Loop(_) => return None,
    })
}

fn dies(core: &mut Core, effect: Effect) -> Vec<Effect> {
    core.take(Message::TaskPanicked);
    let message = failed(effect, Failure::Panicked);
    message.map_or_else(Vec::new, |message| core.take(message))
}

#[test]
fn whatever_dies_nothing_waits_for_it() {
    let mut core = Core::of(vec![profile("acme")]);
    for effect in stanch::app::start(&mut core.model) {
        dies(&mut core, effect);
    }
    assert!(!core.model.data.is_loading());
    assert!(
        core.model.data.profiles[0].domains_error.is_some()
            || core.model.data.profiles[0].paging.error.is_some()
    );

    let mut core = Core::with(5);
    core.mark([1]);
    core.ask(Action::MarkFixed);
    core.frame();
    core.pass(Duration::from_secs(1));
    let [record] = &core.ask(Action::PlanApply)[..] else {
        panic!("no plan")
    };
    dies(&mut core, record.clone());
    assert!(core.model.jobs.running.is_empty());
    for words in ["nothing was sent", "this is a bug"] {
        let mut notices = core.model.notices.all();
        assert!(notices.any(|notice| notice.text.contains(words)), "{words}");
    }

    core.ask(Action::Reveal);
    let reveal = RevealEffect::Reveal {
        key: key(1),
        copy: false,
    };
    dies(&mut core, Effect::Reveal(reveal));
    assert!(core.model.workspace.reveal.is_none());
    assert!(wake::next(&core.model).is_none_or(|due| due < Duration::from_secs(60)));
}

/// Effects that an operator waits for, and words of what is said where one dies.
#[expect(clippy::too_many_lines, reason = "a table")]
fn awaited() -> Vec<(Effect, &'static str)> {
    let path = || PathBuf::from("a-file");
    let note = AuditNote {
        profile: None,
        action: "reveal",
        keys: Vec::new(),
        outcome: "asked".to_owned(),
        detail: None,
    };
    let evidence = Evidence {
        job: None,
        subjects: Vec::new(),
    };
    let job = JobId(7);
    vec![
        (
            Effect::Data(DataEffect::LoadLocals(Vec::new())),
            "cannot be read",
        ),
        (Effect::Jobs(JobEffect::LoadJobs), "failed"),
        (Effect::Jobs(JobEffect::LoadJob(job)), "failed"),
        (Effect::Jobs(JobEffect::LoadLiveKeys), "cannot be read"),
        (Effect::Jobs(JobEffect::ResumeJob(job)), "failed"),
        (
            Effect::Jobs(JobEffect::Survey {
                job,
                command: JobCommand::Undo,
            }),
            "failed",
        ),
        (
            Effect::Claims(ClaimEffect::Claim {
                leaks: Vec::new(),
                act: ClaimAct::Claim,
            }),
            "failed",
        ),
        (
            Effect::Notes(NotesEffect::AddNote {
                leaks: Vec::new(),
                text: String::new(),
            }),
            "no note was added",
        ),
        (
            Effect::Reveal(RevealEffect::Reveal {
                key: key(1),
                copy: true,
            }),
            "failed",
        ),
        (
            Effect::Output(OutputEffect::Copy {
                text: Secret::new(Vec::new()),
                what: "id",
            }),
            "not copied",
        ),
        (
            Effect::Output(OutputEffect::ClearClipboard),
            "still on the clipboard",
        ),
        (
            Effect::Output(OutputEffect::Export {
                path: path(),
                leaks: Arc::default(),
            }),
            "not exported",
        ),
        (
            Effect::Output(OutputEffect::ReadMarks(path())),
            "no marks were read",
        ),
        (
            Effect::Output(OutputEffect::WriteMarks {
                path: path(),
                keys: Vec::new(),
            }),
            "no marks were written",
        ),
        (
            Effect::Output(OutputEffect::Audit(Box::new(note))),
            "the audit log was not written",
        ),
        (
            Effect::Evidence(EvidenceEffect::LoadEvidence { job, path: path() }),
            "no evidence was written",
        ),
        (
            Effect::Evidence(EvidenceEffect::WriteEvidence {
                path: path(),
                evidence: Arc::new(evidence),
            }),
            "no evidence was written",
        ),
        (Effect::Views(ViewsEffect::LoadViews), "the saved views"),
        (
            Effect::Views(ViewsEffect::KeepViews {
                text: String::new(),
                aside: false,
            }),
            "failed",
        ),
        (
            Effect::Views(ViewsEffect::ExportViews {
                path: path(),
                text: String::new(),
                count: 1,
            }),
            "no views were written",
        ),
        (Effect::Views(ViewsEffect::ImportViews(path())), "failed"),
        (
            Effect::Session(SessionEffect::KeepSession(String::new())),
            "failed",
        ),
    ]
}

#[test]
fn an_operator_is_told_what_did_not_happen_because_its_task_died() {
    for (effect, words) in awaited() {
        let mut core = Core::with(3);
        let name = format!("{effect:?}");
        let message = failed(effect, Failure::Panicked).unwrap();
        core.take(message);
        let jobs = core.model.workspace.jobs.error.iter().map(|why| &**why);
        let notices: Vec<_> = core
            .model
            .notices
            .all()
            .map(|notice| &*notice.text)
            .chain(jobs)
            .collect();
        assert!(
            notices.iter().any(|text| text.contains(words)),
            "{name}: {notices:?}"
        );
    }
}

#[test]
fn what_is_no_longer_wanted_can_be_called_off_and_nothing_else() {
    let request = RequestId(3);
    let name = profile("acme").binding.name;
    let domains = DataEffect::FetchDomains {
        request,
        profile: name.clone(),
    };
    assert_eq!(domains.token(), Some(request));
    let mut core = Core::with(3);
    let before = core.model.notices.all().count();
    let called_off = failed(Effect::Data(domains), Failure::Cancelled).unwrap();
    assert_eq!(core.take(called_off), []);
    assert_eq!(core.model.notices.all().count(), before);
    // What writes is never called off: its answer is what tells what became of it.
    let state = JobEffect::RecordState {
        job: JobId(1),
        state: JobState::Paused,
        paused: None,
    };
    assert_eq!(state.token(), None);
    assert_eq!(AccessEffect::Watch.token(), None);
    let lookup = LookupEffect::Lookup {
        request,
        profile: name,
        lookup: Box::new(Lookup::Email("a@acme.example".to_owned())),
    };
    assert_eq!(lookup.token(), Some(request));
}
