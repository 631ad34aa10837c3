//! Gathers what a handoff tells: events, jobs, claims, notes, accounts.

use super::todo;
use crate::{
    cli::{accounts, context::CommandContext, failure::Failure, report::ground::Ground},
    entity::{
        job::{Job, JobRecord},
        key::{EntityKey, Kind, ProfileName},
        leak::Leak,
        seen::{Account as Of, Event, Mark},
    },
    journal::Journal,
    report::{
        self,
        handoff::{Account, Balance, Changed, Handoff, Happened, Held},
        words,
    },
};
use std::collections::{BTreeMap, HashMap};

/// What is known of a leak by its mark.
struct Names<'a> {
    ground: &'a Ground,
    /// Keys that the journal names.
    keys: HashMap<(ProfileName, Mark), EntityKey>,
    rows: HashMap<(ProfileName, Mark), Leak>,
}

impl<'a> Names<'a> {
    fn of(ground: &'a Ground, events: &[Event]) -> Self {
        let mut rows = HashMap::new();
        if let Some(table) = ground.table() {
            let wanted: std::collections::HashSet<(&Of, Mark)> = events
                .iter()
                .filter_map(|event| Some((event.account.as_ref()?, event.what.mark)))
                .collect();
            for known in &ground.leaks {
                let is_wanted = wanted.contains(&(&known.account, known.leak.mark));
                if let Some(row) = known.row.filter(|_| is_wanted) {
                    let key = (known.account.profile.clone(), known.leak.mark);
                    rows.insert(key, table.leak(row));
                }
            }
        }
        Self {
            ground,
            keys: HashMap::new(),
            rows,
        }
    }

    /// Learns a key that the journal names.
    fn learn(&mut self, key: &EntityKey) {
        let bindings = &self.ground.bindings;
        let binding = bindings.iter().find(|binding| binding.name == key.profile);
        if let Some(binding) = binding.filter(|_| key.kind == Kind::Leak) {
            let marks = &self.ground.marks;
            let mark = marks.mark(&binding.provider, Kind::Leak, key.id.as_bytes());
            self.keys.insert((key.profile.clone(), mark), key.clone());
        }
    }

    fn happened(&mut self, event: Event) -> Happened {
        let of = event.account.as_ref();
        let of = of.map(|account| (account.profile.clone(), event.what.mark));
        let leak = of.as_ref().and_then(|of| self.rows.remove(of));
        let known = of.and_then(|of| self.keys.get(&of).cloned());
        Happened {
            event,
            key: leak.as_ref().map(|leak| leak.key.clone()).or(known),
            leak,
        }
    }
}

/// Whether a job belongs to a shift.
fn is_of(job: &Job, from: i64, to: i64) -> bool {
    let within = |time: jiff::Timestamp| (from..to).contains(&time.as_second());
    within(job.created_at) || job.ended_at.map_or(!job.state.is_final(), within)
}

/// Gathers it.
pub(super) async fn handoff(
    session: &CommandContext,
    ground: &Ground,
    from: i64,
    to: i64,
    note: Option<String>,
) -> Result<Handoff, Failure> {
    let journal = super::journal(session).await?;
    let read = read(&journal, ground, from, to).await;
    journal.close().await;
    let Read {
        records,
        claims,
        notes,
    } = read?;
    let mine = |event: &&Event| {
        let account = event.account.as_ref();
        let is_mine = |of: &Of| ground.bindings.iter().any(|b| Of::from(b) == *of);
        (from..to).contains(&event.what.at)
            && event.what.kind.is_of_leak()
            && account.is_some_and(is_mine)
    };
    let mut events: Vec<Event> = ground.events.iter().filter(mine).cloned().collect();
    events.sort_by_key(|event| (event.what.kind, event.what.at, event.seq));
    let mut names = Names::of(ground, &events);
    for change in records.iter().flat_map(|record| &record.changes) {
        names.learn(&change.key);
    }
    let claimed = claims.iter().flat_map(|held| &held.keys);
    let noted = notes.iter().map(|(key, _)| key);
    for key in claimed.chain(noted) {
        names.learn(key);
    }
    let events: Vec<Happened> = events
        .into_iter()
        .map(|event| names.happened(event))
        .collect();
    let who = accounts::operator(session);
    let mut handoff = Handoff {
        from,
        to,
        by: format!("{}@{}", who.user, who.host),
        note,
        balance: balance(ground, from, to),
        todo: Vec::new(),
        events,
        changes: changes(ground, &records),
        jobs: records.into_iter().map(|record| record.job).collect(),
        claims,
        notes,
        accounts: accounts(ground, from, to),
        incomplete: ground
            .incomplete
            .as_ref()
            .map(|failure| failure.message.clone()),
    };
    handoff.todo = todo::of(&handoff, ground);
    Ok(handoff)
}

struct Read {
    records: Vec<JobRecord>,
    claims: Vec<Held>,
    notes: Vec<(EntityKey, crate::entity::history::Note)>,
}

async fn read(journal: &Journal, ground: &Ground, from: i64, to: i64) -> Result<Read, Failure> {
    let failed = |error| Failure::from(&error);
    let bindings = &ground.bindings;
    let of_mine = |job: &Job| {
        let mine = |name: &ProfileName| bindings.iter().any(|binding| binding.name == *name);
        job.profiles.iter().any(|of| mine(&of.name))
    };
    let mut jobs = journal.jobs().await.map_err(failed)?;
    jobs.retain(|job| is_of(job, from, to) && of_mine(job));
    jobs.sort_by_key(|job| job.id);
    let mut records = Vec::new();
    for job in jobs {
        records.push(journal.job(job.id).await.map_err(failed)?);
    }
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    for (key, claim) in journal.claims(bindings.clone()).await.map_err(failed)? {
        let by = claim.claimant.user_at_host();
        let one = held.entry(by.clone()).or_insert(Held {
            by,
            until: claim.expires_at,
            keys: Vec::new(),
        });
        one.until = one.until.min(claim.expires_at);
        one.keys.push(key);
    }
    let mut notes = journal.notes(bindings.clone()).await.map_err(failed)?;
    notes.retain(|(_, note)| (from..to).contains(&note.at.as_second()));
    notes.sort_by(|one, two| (two.1.at, &one.0).cmp(&(one.1.at, &two.0)));
    let mut claims: Vec<Held> = held.into_values().collect();
    for held in &mut claims {
        held.keys.sort();
    }
    Ok(Read {
        records,
        claims,
        notes,
    })
}

fn balance(ground: &Ground, from: i64, to: i64) -> Option<Balance> {
    ground.has_baseline().then(|| {
        let figures = report::figures(&ground.input(from, to));
        Balance {
            open_start: figures.open_start,
            flows: words::flows(&figures),
            open_end: figures.open_end,
        }
    })
}

fn changes(ground: &Ground, records: &[JobRecord]) -> Vec<Changed> {
    let mut changes = Vec::new();
    for record in records {
        for change in &record.changes {
            let row = ground.table().and_then(|table| {
                let row = table.find(&change.key)?;
                Some(table.leak(row))
            });
            changes.push(Changed {
                job: record.job.id,
                command: record.job.command,
                key: change.key.clone(),
                leak: row,
                wanted: change.wanted,
                outcome: change.state().outcome(),
                reason: change.reason().map(str::to_owned),
            });
        }
    }
    changes.sort_by(|one, two| (one.job, &one.key).cmp(&(two.job, &two.key)));
    changes
}

fn accounts(ground: &Ground, from: i64, to: i64) -> Vec<Account> {
    let of = |state: &crate::entity::seen::AccountState| {
        let lines = ground
            .scans
            .iter()
            .filter(|line| line.account == state.account && line.ended >= from && line.began < to);
        let (mut readings, mut failed) = (0, 0);
        for line in lines {
            match &line.what[..] {
                "whole" | "probe" => readings += line.times,
                "partial" | "refused" | "unreachable" => failed += line.times,
                _ => {}
            }
        }
        Account {
            state: state.clone(),
            readings,
            failed,
        }
    };
    ground.states.iter().map(of).collect()
}
