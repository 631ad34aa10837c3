//! What becomes of an effect whose task dies or is called off: whoever waits for it is told.

use super::{
    Core,
    core_fixture::{key, profile},
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
        claim::ClaimOperation,
        evidence::Evidence,
        job::{JobCommand, JobState},
        key::{JobId, RequestId},
        lookup::Lookup,
        secret::Secret,
    },
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What is answered in the place of an effect, from what is kept of it while its task runs.
fn reply<R: Request<Reply = Message>>(effect: &R, failure: Failure) -> Message {
    effect.for_failure().failure_reply(failure)
}

/// What is answered in the place of an effect; what the loop does itself has no task that could die.
fn failure_message(effect: Effect, failure: Failure) -> Option<Message> {
    Some(match effect {
        Effect::Data(effect) => reply(&effect, failure),
        Effect::Jobs(effect) => reply(&effect, failure),
        Effect::Claims(effect) => reply(&effect, failure),
        Effect::Notes(effect) => reply(&effect, failure),
        Effect::Access(effect) => reply(&effect, failure),
        Effect::Lookup(effect) => reply(&effect, failure),
        Effect::Reveal(effect) => reply(&effect, failure),
        Effect::Output(effect) => reply(&effect, failure),
        Effect::Evidence(effect) => reply(&effect, failure),
        Effect::Marks(effect) => reply(&effect, failure),
        Effect::News(effect) => reply(&effect, failure),
        Effect::Views(effect) => reply(&effect, failure),
        Effect::Tools(effect) => reply(&effect, failure),
        Effect::Session(effect) => reply(&effect, failure),
        Effect::Loop(_) => return None,
    })
}

fn fail_effect(core: &mut Core, effect: Effect) -> Vec<Effect> {
    core.update(Message::TaskPanicked);
    let message = failure_message(effect, Failure::Panicked);
    message.map_or_else(Vec::new, |message| core.update(message))
}

#[test]
fn whatever_dies_nothing_waits_for_it() {
    let mut core = Core::with_profiles(vec![profile("acme")]);
    for effect in stanch::app::start(&mut core.model) {
        fail_effect(&mut core, effect);
    }
    assert!(!core.model.data.is_loading());
    assert!(
        core.model.data.profiles[0].domains_error.is_some()
            || core.model.data.profiles[0].paging.error.is_some()
    );

    let mut core = Core::with_leaks(5);
    core.mark([1]);
    core.act(Action::MarkFixed);
    core.draw_frame();
    core.advance_clock(Duration::from_secs(1));
    let [record] = &core.act(Action::PlanApply)[..] else {
        panic!("no plan")
    };
    fail_effect(&mut core, record.clone());
    assert!(core.model.jobs.running.is_empty());
    for words in ["nothing was sent", "this is a bug"] {
        let mut notices = core.model.notices.newest_first();
        assert!(notices.any(|notice| notice.text.contains(words)), "{words}");
    }

    core.act(Action::Reveal);
    let reveal = RevealEffect::RevealSecret {
        key: key(1),
        copy: false,
    };
    fail_effect(&mut core, Effect::Reveal(reveal));
    assert!(core.model.workspace.reveal.is_none());
    assert!(wake::next_wake_up(&core.model).is_none_or(|due| due < Duration::from_secs(60)));
}

/// Effects that an operator waits for, and words of what is said where one dies.
#[expect(clippy::too_many_lines, reason = "a table")]
fn effects_with_results() -> Vec<(Effect, &'static str)> {
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
        items: Vec::new(),
    };
    let job = JobId(7);
    vec![
        (
            Effect::Data(DataEffect::LoadLocalRecords(Vec::new())),
            "cannot be read",
        ),
        (Effect::Jobs(JobEffect::LoadJobs), "failed"),
        (Effect::Jobs(JobEffect::LoadJob(job)), "failed"),
        (Effect::Jobs(JobEffect::LoadActiveLeaks), "cannot be read"),
        (Effect::Jobs(JobEffect::ResumeJob(job)), "failed"),
        (
            Effect::Jobs(JobEffect::LoadFollowUpTargets {
                job,
                command: JobCommand::Undo,
            }),
            "failed",
        ),
        (
            Effect::Claims(ClaimEffect::ChangeClaims {
                leaks: Vec::new(),
                operation: ClaimOperation::Claim,
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
            Effect::Reveal(RevealEffect::RevealSecret {
                key: key(1),
                copy: true,
            }),
            "failed",
        ),
        (
            Effect::Output(OutputEffect::CopyText {
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
            Effect::Output(OutputEffect::ExportLeaks {
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
            Effect::Output(OutputEffect::WriteAuditLine(Box::new(note))),
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
            Effect::Views(ViewsEffect::SaveViews {
                text: String::new(),
                keep_backup: false,
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
            Effect::Session(SessionEffect::SaveSession(String::new())),
            "failed",
        ),
    ]
}

#[test]
fn an_operator_is_told_what_did_not_happen_because_its_task_died() {
    for (effect, words) in effects_with_results() {
        let mut core = Core::with_leaks(3);
        let name = format!("{effect:?}");
        let message = failure_message(effect, Failure::Panicked).unwrap();
        core.update(message);
        let jobs = core.model.workspace.jobs.error.iter().map(|why| &**why);
        let notices: Vec<_> = core
            .model
            .notices
            .newest_first()
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
    let mut core = Core::with_leaks(3);
    let before = core.model.notices.newest_first().count();
    let called_off = failure_message(Effect::Data(domains), Failure::Cancelled).unwrap();
    assert_eq!(core.update(called_off), []);
    assert_eq!(core.model.notices.newest_first().count(), before);
    // What writes is never called off: its answer is what tells what became of it.
    let state = JobEffect::RecordJobState {
        job: JobId(1),
        state: JobState::Paused,
        paused: None,
    };
    assert_eq!(state.token(), None);
    assert_eq!(AccessEffect::PollAccess.token(), None);
    let lookup = LookupEffect::RunLookup {
        request,
        profile: name,
        lookup: Box::new(Lookup::Email("a@acme.example".to_owned())),
    };
    assert_eq!(lookup.token(), Some(request));
}
