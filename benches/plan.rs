//! How long a key may have to wait while a plan of many leaks is made, confirmed, recorded and carried out: the time of
//! each update of the core, on a table of a million. What counts is the time on the processor: another program that has
//! it meanwhile is not to be blamed on this one.
//!
//! ```text
//! cargo bench --bench plan [-- leaks of the plan]
//! ```
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench says what it finds, and ends where it cannot go on"
)]

#[path = "support/console.rs"]
#[expect(dead_code, reason = "other benches use all of it")]
mod console;

use console::{Console, model};
use stanch::{
    action::Action,
    app::{
        self,
        effect::{Effect, JobEffect},
        job::RecordedPlan,
        message::{Message, Moment},
        model::{Model, ProfileState},
        wake,
    },
    entity::{
        capability::{Ability, Capabilities, IdFormat, StoreLimits},
        job::{Change, ChangeState, ChangeUpdate},
        key::{JobId, ProfileName, ProviderId},
        profile::{Profile, ProfileBinding},
        raw_text::RawText,
        status::Status,
        transition::{self, ChangeEvent},
    },
    runtime::terminal_output::TerminalCapabilities,
    table::RowId,
};
use std::time::Duration;

const LEAKS: usize = 1_000_000;
const JOB: JobId = JobId(1);

/// An account that stores what is asked of it, a hundred leaks a request.
fn profile() -> Profile {
    Profile {
        binding: ProfileBinding {
            name: ProfileName::new("bench").expect("a name"),
            provider: ProviderId::new("projectdiscovery"),
            origin: "https://api.example".into(),
            team: String::new(),
        },
        provider_title: "ProjectDiscovery".into(),
        environment: "test".into(),
        short: None,
        read_only: false,
        insecure: false,
        capabilities: Capabilities {
            abilities: [Ability::Statuses].into_iter().collect(),
            members: Vec::new(),
            page_size: 1_000,
            bulk_size: 100,
            store: Some(StoreLimits {
                statuses: vec![Status::Open, Status::Fixed],
                wider_reach: Vec::new(),
                ids: IdFormat::Hex32,
                changes: 100,
            }),
        },
        verify: vec![Duration::from_secs(1)],
        rpm: None,
        attribution: None,
    }
}

fn filled_model(leaks: usize) -> Model {
    let mut model = model(LEAKS);
    let profile = profile();
    let binding = &profile.binding;
    let slot = model
        .data
        .table
        .add_profile(binding.name.clone(), binding.provider.clone());
    model.data.profiles.push(ProfileState {
        profile,
        slot,
        paging: app::paging::Paging::default(),
        listed: app::natives::ListedProgress::default(),
        domains: None,
        domains_request: None,
        domains_error: None,
        files: stanch::app::changed_files::Files::default(),
        budget: stanch::entity::profile::RateBudget::default(),
    });
    model.setup.policy.confirm_above = usize::MAX;
    let rows = (0..LEAKS as u32).map(RowId);
    let open: Vec<_> = rows
        .filter(|row| model.data.table.status(*row) != Status::Fixed)
        .collect();
    // From all over the table.
    let step = (open.len() / leaks).max(1);
    model.workspace.marks = open.into_iter().step_by(step).take(leaks).collect();
    model
}

/// Milliseconds that this thread was on a processor so far.
fn processor_millis() -> f64 {
    // Taken note of when the processor is given away.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a clock");
    let nanoseconds = text.split(' ').next().and_then(|word| word.parse().ok());
    nanoseconds.unwrap_or(0.0_f64) / 1e6
}

/// The times of updates of one kind.
struct Times {
    label: &'static str,
    samples: Vec<f64>,
}

impl Times {
    fn new(what: &'static str) -> Self {
        Self {
            label: what,
            samples: Vec::new(),
        }
    }

    fn report(mut self) {
        self.samples.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = ((self.samples.len() as f64 * part) as usize).min(self.samples.len() - 1);
            self.samples[place]
        };
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.1} |",
            self.label,
            self.samples.len(),
            at(0.5),
            at(0.95),
            at(1.0),
            self.samples.iter().sum::<f64>()
        );
    }
}

struct Bench {
    console: Console,
    now: Moment,
}

impl Bench {
    fn update(&mut self, times: &mut Times, message: Message) -> Vec<Effect> {
        self.now.since_start += Duration::from_millis(1);
        let start = processor_millis();
        let updated = app::update(&mut self.console.model, message, self.now);
        times.samples.push(processor_millis() - start);
        updated.effects
    }

    fn act(&mut self, times: &mut Times, action: Action) -> Vec<Effect> {
        let read = self.now.since_start;
        self.update(
            times,
            Message::ActionRequested {
                action,
                read_at: read,
            },
        )
    }

    /// Everything that is due at this moment.
    fn run_due(&mut self, times: &mut Times) -> Vec<Effect> {
        let mut effects = Vec::new();
        while wake::next_wake_up(&self.console.model).is_some_and(|due| due <= self.now.since_start)
        {
            effects.extend(self.update(times, Message::TimerFired));
        }
        effects
    }
}

fn change_update(change: &Change, state: ChangeState) -> ChangeUpdate {
    ChangeUpdate {
        index: change.index,
        step: transition::step(change, &ChangeEvent::Interrupted).with_injected_state(state),
    }
}

/// What comes of an effect, as the services say it.
fn answer(effect: Effect) -> Option<Message> {
    Some(match effect {
        Effect::Jobs(JobEffect::RecordJob(job)) => Message::JobRecorded {
            job: Box::new(RecordedPlan::new(*job)),
            result: Ok(JOB),
        },
        Effect::Jobs(JobEffect::SendChunk { job, changes, .. }) => Message::ChunkAnswered {
            job,
            indexes: changes.iter().map(|change| change.index).collect(),
            result: Ok((
                changes
                    .iter()
                    .map(|change| change_update(change, ChangeState::Accepted))
                    .collect(),
                None,
            )),
        },
        Effect::Jobs(JobEffect::CheckBeforeSend {
            job,
            profile,
            changes,
            expected,
        }) => {
            let read = changes.iter().map(|change| {
                let word = Some((expected, RawText::from("open")));
                (change_update(change, change.state()), word)
            });
            Message::PrecheckRecorded {
                job,
                profile,
                result: Ok(((1, read.collect()), None)),
            }
        }
        Effect::Jobs(JobEffect::ReadBack {
            job,
            changes,
            window_over: over,
            ..
        }) => {
            let read = changes.iter().map(|change| {
                let word = Some((Status::Fixed, RawText::from("fixed")));
                (change_update(change, ChangeState::Verified), word)
            });
            Message::ReadBackRecorded {
                job,
                indexes: changes.iter().map(|change| change.index).collect(),
                window_over: over,
                result: Ok((1, read.collect())),
            }
        }
        Effect::Jobs(JobEffect::RecordJobState { job, state, .. }) => Message::JobStateRecorded {
            job,
            state,
            paused: None,
            result: Ok(()),
            audit_result: Ok(()),
        },
        _ => return None,
    })
}

fn measure_job(leaks: usize) {
    let model = filled_model(leaks);
    let now = model.now;
    let console =
        Console::new(model, TerminalCapabilities::from_term("xterm-256color")).expect("a console");
    let mut bench = Bench { console, now };
    let mut before = Times::new("(the table comes to rest)");
    bench.run_due(&mut before);
    let mut opens = Times::new("`f` on the marked leaks");
    bench.act(&mut opens, Action::MarkFixed);
    opens.report();
    let mut turns = Times::new("a turn of the plan");
    while bench.console.model.plan().is_none() {
        bench.update(&mut turns, Message::TimerFired);
    }
    if !turns.samples.is_empty() {
        turns.report();
    }
    let mut frames = Times::new("a frame with the plan");
    for _ in 0..5 {
        let start = processor_millis();
        bench.console.draw().expect("a frame");
        frames.samples.push(processor_millis() - start);
    }
    frames.report();
    bench.update(&mut Times::new(""), Message::FrameDrawn);
    bench.now.since_start += Duration::from_secs(1);
    let mut confirms = Times::new("`y`");
    let mut effects = bench.act(&mut confirms, Action::PlanApply);
    confirms.report();
    let (mut recorded, mut looked) = (
        Times::new("the job is on disk"),
        Times::new("all looked over"),
    );
    let (mut answered, mut read) = (
        Times::new("a chunk is answered"),
        Times::new("all read back"),
    );
    let (mut ended, mut ticks) = (Times::new("the job's end"), Times::new("a tick meanwhile"));
    while let Some(message) = effects.pop() {
        let Some(message) = answer(message) else {
            continue;
        };
        let times = match &message {
            Message::JobRecorded { .. } => &mut recorded,
            Message::PrecheckRecorded { .. } => &mut looked,
            Message::ChunkAnswered { .. } => &mut answered,
            Message::ReadBackRecorded { .. } => &mut read,
            _ => &mut ended,
        };
        let more = bench.update(times, message);
        effects.extend(more);
        bench.run_due(&mut ticks);
    }
    assert!(
        bench.console.model.jobs.finished.contains(&JOB)
            && bench.console.model.workspace.marks.is_empty(),
        "the job did not end"
    );
    for times in [recorded, looked, answered, read, ended, ticks] {
        if !times.samples.is_empty() {
            times.report();
        }
    }
}

fn main() {
    let given: Option<usize> = std::env::args().skip(1).find_map(|word| word.parse().ok());
    for leaks in given.map_or(vec![10_000, 100_000], |given| vec![given]) {
        println!("\n{leaks} leaks of {LEAKS}, milliseconds of an update:\n");
        println!("| update | times | median | p95 | worst | all |");
        println!("|---|---|---|---|---|---|");
        measure_job(leaks);
    }
}
