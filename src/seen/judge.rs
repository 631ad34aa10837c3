//! What a reading of an account means, given what was remembered: one pure function, the same for every store. A store
//! calls it inside the transaction that keeps its answer, so that of several who read at once one makes the event.

use crate::entity::{
    seen::{
        AccountState, EventKind, LeakRead, Mark, NewEvent, OwnChange, PackedRead, Scan, SeenLeak,
        SeenState, UNKNOWN,
    },
    status::Status,
};
use std::{collections::HashSet, hash::BuildHasher};

/// What a store must keep of a reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Leaks that are new or stand otherwise.
    pub leaks: Vec<SeenLeak>,
    /// The events, as they are told.
    pub events: Vec<NewEvent>,
    /// When the first whole reading ended, and how many leaks it had; nothing where this is not it.
    pub baseline: Option<(i64, u64)>,
}

/// Judges a reading. `known`, the leaks of the scan and our own changes are sorted by mark.
pub fn judge(
    known: &[SeenLeak],
    scan: &Scan,
    account: &AccountState,
    own: Vec<OwnChange>,
) -> Findings {
    let mut judging = Judging::new(scan, scan.ended, account, own);
    judging.part(known, &scan.leaks);
    judging.end()
}

/// Our own changes to leaks of an account that no reading has counted yet, in their order. `counted` are the marks and
/// numbers of those that one has. What was settled long before the last reading began was there for it to count.
/// `settle` is how long the provider may take to show a change, in seconds.
pub fn uncounted<H: BuildHasher>(
    own: &[OwnChange],
    account: &AccountState,
    settle: i64,
    counted: &HashSet<(Mark, u64), H>,
) -> Vec<OwnChange> {
    let own = own.iter().filter(|own| {
        let last = account.last_scan;
        last.is_none_or(|last| own.may_be_unseen(last, settle))
            && !counted.contains(&(own.mark, own.number))
    });
    own.copied().collect()
}

/// What a change of ours makes of a leak that is remembered: how it stands now, and the event of it. Both are dated by
/// the moment at which the journal committed the change, and never before what is remembered of the leak.
pub fn apply_own(old: &SeenLeak, own: &OwnChange, ended: i64) -> (SeenLeak, NewEvent) {
    let at = own.at.min(ended).max(old.since).max(old.found);
    let state = own.applied_to(old.state);
    let leak = SeenLeak {
        state,
        since: if state == old.state { old.since } else { at },
        ..*old
    };
    let event = NewEvent {
        mark: old.mark,
        kind: EventKind::Own,
        before: old.state,
        after: state,
        at,
        older: false,
        confirmed: true,
        storm: false,
        count: own.number,
    };
    (leak, event)
}

/// A reading that is judged in parts, each of some of the marks: of a million leaks not all have to be in memory twice.
pub struct Judging<'a> {
    scan: &'a Scan,
    /// When it ended: never before what was kept last, whatever the clock says.
    ended: i64,
    account: &'a AccountState,
    /// Our own changes that no reading has counted, sorted by mark.
    own: Vec<OwnChange>,
    listed: u64,
    findings: Findings,
}

impl<'a> Judging<'a> {
    /// Begins with a reading of an account and our own changes that are [`uncounted`].
    pub fn new(scan: &'a Scan, ended: i64, account: &'a AccountState, own: Vec<OwnChange>) -> Self {
        Self {
            scan,
            ended,
            account,
            own,
            listed: 0,
            findings: Findings::default(),
        }
    }

    /// Judges the leaks of some of the marks: all that are known of these marks, and all that were read of them, both
    /// sorted. The parts may come in any order; none is left out.
    pub fn part(&mut self, known: &[SeenLeak], leaks: &[PackedRead]) {
        let mut old = known.iter().peekable();
        for leak in leaks.iter().map(PackedRead::leak) {
            while let Some(absent) = old.next_if(|old| old.mark < leak.mark) {
                self.absent(absent);
            }
            match old.next_if(|old| old.mark == leak.mark) {
                Some(old) => self.again(old, &leak),
                None => self.first(&leak),
            }
        }
        old.for_each(|absent| self.absent(absent));
        self.listed += leaks.len() as u64;
    }

    /// Returns the leaks of the parts since the last time that a store must keep.
    pub fn take_leaks(&mut self) -> Vec<SeenLeak> {
        std::mem::take(&mut self.findings.leaks)
    }

    fn has_baseline(&self) -> bool {
        self.account.baseline_at.is_some()
    }

    /// Whether this reading is the first whole one.
    fn is_baseline(&self) -> bool {
        !self.has_baseline() && self.scan.answered
    }

    /// A leak that was never read.
    fn first(&mut self, leak: &LeakRead) {
        let ended = self.ended;
        let is_baseline = self.is_baseline();
        let state = SeenState {
            remote: leak.remote,
            status: leak.status,
            risk: leak.risk,
            disputed: leak.disputed,
            baseline: is_baseline,
            tentative: !self.has_baseline() && !is_baseline,
            ..UNKNOWN
        };
        let seen = SeenLeak {
            mark: leak.mark,
            found: ended,
            before: self.account.last_whole,
            state,
            since: ended,
        };
        // How it reads may be how it stood before a change of ours.
        let own = self.own_of(leak.mark).filter(|_| leak.doubtful);
        let seen = own.map_or(seen, |own| self.count_own(&seen, &own));
        self.findings.leaks.push(seen);
        let asked_for = |since: i64| leak.added.is_some_and(|added| added >= since);
        if self.has_baseline() || (is_baseline && self.scan.since.is_some_and(asked_for)) {
            let kind = if leak.again {
                EventKind::Again
            } else {
                EventKind::New
            };
            let older = self
                .account
                .baseline_at
                .zip(leak.added)
                .is_some_and(|(baseline, added)| added < baseline);
            self.event(leak, kind, state, state, older);
        }
    }

    /// A leak that is known.
    fn again(&mut self, old: &SeenLeak, leak: &LeakRead) {
        let own = self.own_of(leak.mark);
        let ours = own.map_or(*old, |own| self.count_own(old, &own));
        let was = ours.state;
        if leak.doubtful {
            // It is there; how it stands is judged by a later reading.
            let there = SeenState {
                gone: false,
                missed: false,
                ..was
            };
            self.keep(old, self.stands(&ours, there));
            return;
        }
        let now = SeenState {
            remote: leak.remote,
            status: leak.status,
            risk: leak.risk,
            disputed: leak.disputed,
            baseline: was.baseline || (was.tentative && self.is_baseline()),
            tentative: was.tentative && !self.has_baseline() && !self.is_baseline(),
            gone: false,
            missed: false,
        };
        self.keep(old, self.stands(&ours, now));
        if !self.has_baseline() {
            return;
        }
        if let Some(kind) = Self::difference(was, now) {
            self.event(leak, kind, was, now, false);
        }
    }

    /// The change of ours to a leak that no reading has counted.
    fn own_of(&self, mark: Mark) -> Option<OwnChange> {
        let at = self.own.binary_search_by_key(&mark, |own| own.mark).ok()?;
        self.own.get(at).copied()
    }

    /// Counts a change of ours to a leak, and returns how the leak stands behind it.
    fn count_own(&mut self, old: &SeenLeak, own: &OwnChange) -> SeenLeak {
        let (leak, event) = apply_own(old, own, self.ended);
        if self.has_baseline() || self.is_baseline() {
            self.findings.events.push(event);
        }
        leak
    }

    /// A leak as this reading leaves it.
    fn stands(&self, old: &SeenLeak, state: SeenState) -> SeenLeak {
        if state == old.state {
            *old
        } else {
            SeenLeak {
                state,
                since: self.ended,
                ..*old
            }
        }
    }

    /// What a leak's two states make, in the order of the kinds; nothing where they say the same.
    fn difference(was: SeenState, now: SeenState) -> Option<EventKind> {
        if was.remote == Status::Fixed && now.remote.is_unresolved() {
            return Some(EventKind::Regressed);
        }
        if now.disputed && !was.disputed {
            return Some(EventKind::Disputed);
        }
        if was.gone {
            return was.status.is_unresolved().then_some(EventKind::Back);
        }
        if now.risk != was.risk || now.remote != was.remote {
            return Some(EventKind::Changed);
        }
        (now.status != was.status).then_some(EventKind::Own)
    }

    /// A leak that this reading does not have.
    fn absent(&mut self, old: &SeenLeak) {
        let own = self.own_of(old.mark);
        let ours = own.map_or(*old, |own| self.count_own(old, &own));
        let was = ours.state;
        // The moment of the first miss decides, whatever we changed since.
        let is_long_ago = self.ended.saturating_sub(old.since) >= self.scan.gone_after;
        if !self.scan.whole || was.gone || (was.missed && !is_long_ago) {
            let since = if was.missed { old.since } else { ours.since };
            self.keep(old, SeenLeak { since, ..ours });
            return;
        }
        if !was.missed {
            let missed = SeenState {
                missed: true,
                ..was
            };
            self.keep(old, self.stands(&ours, missed));
            return;
        }
        let gone = SeenState {
            gone: true,
            missed: false,
            ..was
        };
        self.keep(old, self.stands(&ours, gone));
        if self.has_baseline() {
            self.findings.events.push(NewEvent {
                mark: old.mark,
                kind: EventKind::Gone,
                before: was,
                after: gone,
                at: self.ended,
                older: false,
                confirmed: true,
                storm: false,
                count: 0,
            });
        }
    }

    fn keep(&mut self, old: &SeenLeak, now: SeenLeak) {
        if now != *old {
            self.findings.leaks.push(now);
        }
    }

    fn event(
        &mut self,
        leak: &LeakRead,
        kind: EventKind,
        before: SeenState,
        after: SeenState,
        older: bool,
    ) {
        self.findings.events.push(NewEvent {
            mark: leak.mark,
            kind,
            before,
            after,
            at: self.ended,
            older,
            confirmed: !leak.unconfirmed,
            storm: false,
            count: 0,
        });
    }

    /// Returns the events of all parts in the order in which they are told, the leaks that were not taken yet, and
    /// whether this was the first whole reading.
    pub fn end(mut self) -> Findings {
        let told = |event: &&mut NewEvent| event.kind != EventKind::Own;
        let events = self.findings.events.iter_mut().filter(told);
        if events.count() > self.scan.storm {
            let events = self.findings.events.iter_mut().filter(told);
            events.for_each(|event| event.storm = true);
        }
        // Our own changes stand before what a reading made of the same leaks, for they come before it.
        self.findings
            .events
            .sort_by_key(|event| (event.kind != EventKind::Own, event.kind, event.mark));
        if self.is_baseline() {
            self.findings.baseline = Some((self.ended, self.listed));
            let baseline = of_account(EventKind::Baseline, self.ended, self.listed);
            self.findings.events.insert(0, baseline);
        }
        self.findings
    }
}

/// An event that is of no leak.
pub fn of_account(kind: EventKind, at: i64, count: u64) -> NewEvent {
    NewEvent {
        mark: Mark::default(),
        kind,
        before: UNKNOWN,
        after: UNKNOWN,
        at,
        older: false,
        confirmed: true,
        storm: false,
        count,
    }
}
