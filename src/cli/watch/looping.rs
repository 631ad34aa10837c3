//! A watch as a loop: rounds that never overlap and are never made up for, until a signal ends it.

use super::{
    clock::now,
    round::{Round, Watcher},
};
use crate::{
    cli::{
        accounts,
        context::CommandContext,
        exit::ExitCode,
        failure::{Failure, FailureKind},
    },
    config::ProfileConfig,
    entity::key::ProfileName,
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::Instant,
};

/// Between two rounds at least, at an account that is not on this machine.
const LEAST: Duration = Duration::from_secs(60);

/// An account that cannot be read is tried at least this often.
const LONGEST_BACKOFF: Duration = Duration::from_secs(3600);

/// A key that was refused is read again this often.
const KEY_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Scans of so long ago say what one takes, in seconds.
const KNOWN: i64 = 7 * 86_400;

/// Without a terminal the first round starts at random within this.
const FIRST: Duration = Duration::from_secs(30);

/// What ends a loop, or wakes it.
struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
    now: Signal,
}

enum Woken {
    Due,
    /// A round is asked for, of every watch.
    Asked,
    End(ExitCode),
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let of = |kind| {
            signal(kind).map_err(|_| {
                Failure::new(
                    FailureKind::Internal,
                    "signals cannot be listened for",
                    "check the limits on open files",
                )
            })
        };
        Ok(Self {
            term: of(SignalKind::terminate())?,
            int: of(SignalKind::interrupt())?,
            hup: of(SignalKind::hangup())?,
            now: of(SignalKind::user_defined1())?,
        })
    }

    /// Waits for an end.
    async fn end(&mut self) -> ExitCode {
        tokio::select! {
            _ = self.term.recv() => ExitCode::Terminated,
            _ = self.int.recv() => ExitCode::Interrupted,
            _ = self.hup.recv() => ExitCode::HungUp,
        }
    }

    /// Waits until a round is due, asked for, or the end.
    async fn wait(&mut self, time: Duration) -> Woken {
        tokio::select! {
            () = tokio::time::sleep(time) => Woken::Due,
            _ = self.now.recv() => Woken::Asked,
            _ = self.term.recv() => Woken::End(ExitCode::Terminated),
            _ = self.int.recv() => Woken::End(ExitCode::Interrupted),
            _ = self.hup.recv() => Woken::End(ExitCode::HungUp),
        }
    }
}

/// Runs rounds, and delivers beside them, until something ends them.
pub(super) async fn run(
    watcher: &mut Watcher,
    session: &mut CommandContext,
) -> Result<ExitCode, Failure> {
    let deliverer = watcher.deliverer.clone();
    tokio::select! {
        ended = rounds(watcher, session) => ended,
        // It delivers as long as there are rounds.
        () = deliverer.run() => Ok(ExitCode::Done),
    }
}

async fn rounds(watcher: &mut Watcher, session: &mut CommandContext) -> Result<ExitCode, Failure> {
    let every = interval(watcher)?;
    let every = stretched(watcher, session, every).await?;
    let mut signals = Signals::listen()?;
    let mut is_first = true;
    let mut failing: HashMap<ProfileName, u32> = HashMap::new();
    let mut key_read = now();
    if !session.output.has_terminal() && every >= LEAST {
        let wait = FIRST.mul_f64(fastrand::f64());
        if let Woken::End(code) = signals.wait(wait).await {
            return Ok(code);
        }
    }
    loop {
        let ended = {
            let round = watcher.round(session);
            tokio::select! {
                biased;
                round = round => Ok(round?),
                code = signals.end() => Err(code),
            }
        };
        let round = match ended {
            Ok(round) => round,
            // A round that is cut short is repeated by the next run: nothing is told that is not kept.
            Err(code) => return Ok(code),
        };
        say_failures(session, &round, &mut failing);
        let all = watcher.connected.profiles.len();
        if is_first && all > 0 && watcher.refused.len() == all {
            let failure = round.failures.into_values().next_back();
            return failure.map_or(Ok(ExitCode::Unauthorised), |failure| {
                Err(Failure {
                    exit: ExitCode::Unauthorised,
                    ..failure
                })
            });
        }
        is_first = false;
        // Rounds that are seconds apart are of a rehearsal, which does not wait for a quarter of an hour.
        let again = if every < LEAST { every } else { KEY_AGAIN };
        if now().saturating_sub(key_read) >= again.as_secs().cast_signed() {
            key_read = now();
            watcher.read_keys_again(session);
        }
        watcher.heartbeat().await?;
        watcher.speak(session).await;
        let due = watcher.next_round(backoff(every, &failing, all));
        loop {
            let left = due.saturating_duration_since(Instant::now());
            let woken = tokio::select! {
                woken = signals.wait(left) => Some(woken),
                () = watcher.deliverer.something_said() => None,
            };
            match woken {
                Some(Woken::End(code)) => return Ok(code),
                Some(Woken::Due) => break,
                Some(Woken::Asked) => {
                    watcher.specs.iter_mut().for_each(|spec| spec.next = None);
                    break;
                }
                None => watcher.speak(session).await,
            }
        }
    }
}

/// Where no account can be read, the next round waits longer each time.
fn backoff(every: Duration, failing: &HashMap<ProfileName, u32>, accounts: usize) -> Duration {
    if failing.len() < accounts || accounts == 0 {
        return every;
    }
    let least = failing.values().copied().min().unwrap_or(0);
    let factor = 1_u32 << least.saturating_sub(1).min(10);
    every.saturating_mul(factor).min(LONGEST_BACKOFF.max(every))
}

/// A failure is said when it begins and when it has another cause, not each time.
fn say_failures(
    session: &mut CommandContext,
    round: &Round,
    failing: &mut HashMap<ProfileName, u32>,
) {
    for (name, failure) in &round.failures {
        let times = failing.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 {
            session.output.failure(failure);
        }
    }
    failing.retain(|name, _| round.failures.contains_key(name));
}

/// The interval that was asked for, where it may be.
fn interval(watcher: &Watcher) -> Result<Duration, Failure> {
    let every = watcher.every;
    let is_near = watcher.connected.profiles.iter().all(|profile| {
        let origin = &profile.binding.origin;
        ["http://127.0.0.1", "http://[::1]", "http://localhost"]
            .iter()
            .any(|near| origin.starts_with(near))
    });
    if every < LEAST && !is_near {
        return Err(Failure::new(
            FailureKind::Usage,
            "rounds are at least a minute apart",
            "write --every 1m or more",
        ));
    }
    Ok(every)
}

/// The interval, made longer where a scan would take more than half of it at the rate that the watch has; that is said.
async fn stretched(
    watcher: &Watcher,
    session: &mut CommandContext,
    every: Duration,
) -> Result<Duration, Failure> {
    let lines = watcher.seen.ask(|store| store.scans(now() - KNOWN)).await;
    let lines = lines.map_err(|error| Failure::from(&error))?;
    let mut longest = every;
    for profile in &watcher.config.profiles {
        let (name, Some(rpm)) = (&profile.settings.name, profile.settings.rpm) else {
            continue;
        };
        let whole = lines
            .iter()
            .rfind(|line| line.account.profile == *name && line.what == "whole");
        let Some(requests) = whole.map(|line| line.requests) else {
            continue;
        };
        let minutes = requests.div_ceil(u64::from(rpm.max(1)));
        let needed = Duration::from_secs(minutes.saturating_mul(120));
        if minutes > 1 && needed > every {
            session.output.notice(&format!(
                "stanch: {name}: a scan takes {requests} requests, {minutes} min at {rpm} a minute: every {} min",
                2 * minutes
            ));
            longest = longest.max(needed);
        }
    }
    Ok(longest)
}

impl Watcher {
    /// Says when each watch that told is due again, at least so long from now, and when the first of all is.
    fn next_round(&mut self, least: Duration) -> Instant {
        let now = Instant::now();
        // One number for all: watches of the same rhythm stay together.
        let about = 0.9 + 0.2 * fastrand::f64();
        let is_failing = least > self.every;
        for spec in &mut self.specs {
            if spec.is_due || spec.elsewhere.is_some() {
                spec.next = Some(now + spec.every.max(least).mul_f64(about));
            } else if is_failing {
                // Where nothing can be read, no other watch tries in between.
                spec.next = spec.next.map(|next| next.max(now + least));
            }
        }
        let first = self.specs.iter().filter_map(|spec| spec.next).min();
        first.unwrap_or(now + least).max(now)
    }

    /// Reads the keys of refused accounts again; one that is another key now is asked with.
    fn read_keys_again(&mut self, session: &mut CommandContext) {
        let refused = self.config.profiles.iter();
        let refused: Vec<ProfileConfig> = refused
            .filter(|profile| self.refused.contains(&profile.settings.name))
            .cloned()
            .collect();
        let mut is_changed = false;
        for profile in refused {
            let name = &profile.settings.name;
            let Some((key, was_read)) = self.key_of(session, &profile) else {
                continue;
            };
            // One that nothing was asked with since the start is the refused one where it was read at the start.
            let asked_with = self.asked_with.get(name);
            let is_same = asked_with.map_or(was_read, |asked| *asked == key);
            if !is_same
                && let Ok((name, provider)) =
                    accounts::connect_profile(session, &profile, &self.connected.secrets)
            {
                self.asked_with.insert(name.clone(), key);
                self.refused.remove(&name);
                self.connected.providers.insert(name, provider);
                is_changed = true;
            }
        }
        if is_changed {
            self.renew_services(session);
        }
    }

    /// What tells a profile's key from another one, and whether it was read before; none where it cannot be read.
    fn key_of(&self, session: &mut CommandContext, profile: &ProfileConfig) -> Option<(u64, bool)> {
        let source = profile.key.as_ref()?;
        let key = accounts::read_key(session, &profile.settings.name, source).ok()?;
        let was_read = self.connected.secrets.contains(&key);
        Some((self.marks.secret(key.expose()), was_read))
    }
}
