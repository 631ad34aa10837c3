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
        job::Recorded,
        message::{Message, Now},
        model::{Model, ProfileState},
        wake,
    },
    entity::{
        capability::{Ability, Capabilities, IdRule, StoreLimits},
        job::{Change, ChangeState, ChangeUpdate},
        key::{JobId, ProfileName, ProviderId},
        profile::{Profile, ProfileBinding},
        status::Status,
        text::Text,
        transition::{self, ChangeEvent},
    },
    runtime::wire::Facts,
    table::Handle,
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
                wider: Vec::new(),
                ids: IdRule::Hex32,
                changes: 100,
            }),
        },
        verify: vec![Duration::from_secs(1)],
        rpm: None,
        attribution: None,
    }
}

fn filled(leaks: usize) -> Model {
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
        natives: app::natives::Natives::default(),
        domains: None,
        domains_request: None,
        domains_error: None,
        files: stanch::app::changed_files::Files::default(),
        budget: stanch::entity::profile::Budget::default(),
    });
    model.setup.policy.confirm_above = usize::MAX;
    let rows = (0..LEAKS as u32).map(Handle);
    let open: Vec<_> = rows
        .filter(|row| model.data.table.status(*row) != Status::Fixed)
        .collect();
    // From all over the table.
    let step = (open.len() / leaks).max(1);
    model.workspace.marks = open.into_iter().step_by(step).take(leaks).collect();
    model
}

/// Milliseconds that this thread was on a processor so far.
fn spent() -> f64 {
    // Taken note of when the processor is given away.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a clock");
    let nanoseconds = text.split(' ').next().and_then(|word| word.parse().ok());
    nanoseconds.unwrap_or(0.0_f64) / 1e6
}

/// The times of updates of one kind.
struct Times {
    what: &'static str,
    all: Vec<f64>,
}

impl Times {
    fn of(what: &'static str) -> Self {
        Self {
            what,
            all: Vec::new(),
        }
    }

    fn say(mut self) {
        self.all.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = ((self.all.len() as f64 * part) as usize).min(self.all.len() - 1);
            self.all[place]
        };
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.1} |",
            self.what,
            self.all.len(),
            at(0.5),
            at(0.95),
            at(1.0),
            self.all.iter().sum::<f64>()
        );
    }
}

struct Bench {
    console: Console,
    now: Now,
}

impl Bench {
    fn take(&mut self, times: &mut Times, message: Message) -> Vec<Effect> {
        self.now.since_start += Duration::from_millis(1);
        let start = spent();
        let updated = app::update(&mut self.console.model, message, self.now);
        times.all.push(spent() - start);
        updated.effects
    }

    fn ask(&mut self, times: &mut Times, action: Action) -> Vec<Effect> {
        let read = self.now.since_start;
        self.take(times, Message::ActionAsked { action, read })
    }

    /// Everything that is due at this moment.
    fn turns(&mut self, times: &mut Times) -> Vec<Effect> {
        let mut effects = Vec::new();
        while wake::next(&self.console.model).is_some_and(|due| due <= self.now.since_start) {
            effects.extend(self.take(times, Message::Ticked));
        }
        effects
    }
}

fn became(change: &Change, state: ChangeState) -> ChangeUpdate {
    ChangeUpdate {
        index: change.index,
        step: transition::step(change, &ChangeEvent::Interrupted).as_if(state),
    }
}

/// What comes of an effect, as the services say it.
fn answer(effect: Effect) -> Option<Message> {
    Some(match effect {
        Effect::Jobs(JobEffect::RecordJob(job)) => Message::JobRecorded {
            job: Box::new(Recorded::of(*job)),
            result: Ok(JOB),
        },
        Effect::Jobs(JobEffect::SendChunk { job, changes, .. }) => Message::ChunkAnswered {
            job,
            indexes: changes.iter().map(|change| change.index).collect(),
            result: Ok((
                changes
                    .iter()
                    .map(|change| became(change, ChangeState::Accepted))
                    .collect(),
                None,
            )),
        },
        Effect::Jobs(JobEffect::LookBefore {
            job,
            profile,
            changes,
            expected,
        }) => {
            let read = changes.iter().map(|change| {
                let word = Some((expected, Text::from("open")));
                (became(change, change.state()), word)
            });
            Message::LookedBefore {
                job,
                profile,
                result: Ok(((1, read.collect()), None)),
            }
        }
        Effect::Jobs(JobEffect::ReadBack {
            job, changes, over, ..
        }) => {
            let read = changes.iter().map(|change| {
                let word = Some((Status::Fixed, Text::from("fixed")));
                (became(change, ChangeState::Verified), word)
            });
            Message::ReadBackTaken {
                job,
                indexes: changes.iter().map(|change| change.index).collect(),
                over,
                result: Ok((1, read.collect())),
            }
        }
        Effect::Jobs(JobEffect::RecordState { job, state, .. }) => Message::JobStateRecorded {
            job,
            state,
            paused: None,
            result: Ok(()),
            told: Ok(()),
        },
        _ => return None,
    })
}

fn carried_out(leaks: usize) {
    let model = filled(leaks);
    let now = model.now;
    let console = Console::on(model, Facts::of("xterm-256color")).expect("a console");
    let mut bench = Bench { console, now };
    let mut before = Times::of("(the table comes to rest)");
    bench.turns(&mut before);
    let mut opens = Times::of("`f` on the marked leaks");
    bench.ask(&mut opens, Action::MarkFixed);
    opens.say();
    let mut turns = Times::of("a turn of the plan");
    while bench.console.model.plan().is_none() {
        bench.take(&mut turns, Message::Ticked);
    }
    if !turns.all.is_empty() {
        turns.say();
    }
    let mut frames = Times::of("a frame with the plan");
    for _ in 0..5 {
        let start = spent();
        bench.console.draw().expect("a frame");
        frames.all.push(spent() - start);
    }
    frames.say();
    bench.take(&mut Times::of(""), Message::FrameDrawn);
    bench.now.since_start += Duration::from_secs(1);
    let mut confirms = Times::of("`y`");
    let mut effects = bench.ask(&mut confirms, Action::PlanApply);
    confirms.say();
    let (mut recorded, mut looked) = (
        Times::of("the job is on disk"),
        Times::of("all looked over"),
    );
    let (mut answered, mut read) = (Times::of("a chunk is answered"), Times::of("all read back"));
    let (mut ended, mut ticks) = (Times::of("the job's end"), Times::of("a tick meanwhile"));
    while let Some(message) = effects.pop() {
        let Some(message) = answer(message) else {
            continue;
        };
        let times = match &message {
            Message::JobRecorded { .. } => &mut recorded,
            Message::LookedBefore { .. } => &mut looked,
            Message::ChunkAnswered { .. } => &mut answered,
            Message::ReadBackTaken { .. } => &mut read,
            _ => &mut ended,
        };
        let more = bench.take(times, message);
        effects.extend(more);
        bench.turns(&mut ticks);
    }
    assert!(
        bench.console.model.jobs.ended.contains(&JOB)
            && bench.console.model.workspace.marks.is_empty(),
        "the job did not end"
    );
    for times in [recorded, looked, answered, read, ended, ticks] {
        if !times.all.is_empty() {
            times.say();
        }
    }
}

fn main() {
    let given: Option<usize> = std::env::args().skip(1).find_map(|word| word.parse().ok());
    for leaks in given.map_or(vec![10_000, 100_000], |given| vec![given]) {
        println!("\n{leaks} leaks of {LEAKS}, milliseconds of an update:\n");
        println!("| update | times | median | p95 | worst | all |");
        println!("|---|---|---|---|---|---|");
        carried_out(leaks);
    }
}
