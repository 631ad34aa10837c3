//! What a reading of an account means, given what was remembered: one pure function, the same for every store. A store
//! calls it inside the transaction that keeps its answer, so that of several who read at once one makes the event.

use crate::entity::{
    seen::{
        AccountState, EventKind, LeakRead, Mark, NewEvent, OwnChange, Scan, SeenLeak, SeenState,
        UNKNOWN,
    },
    status::Status,
};

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

/// Judges a reading. `known` and the leaks of the scan are sorted by mark.
pub fn judge(known: &[SeenLeak], scan: &Scan, account: &AccountState) -> Findings {
    let mut judging = Judging::new(scan, scan.ended, account);
    judging.part(known, &scan.leaks);
    judging.end()
}

/// A reading that is judged in parts, each of some of the marks: of a million leaks not all have to be in memory twice.
pub struct Judging<'a> {
    scan: &'a Scan,
    /// When it ended: never before what was kept last, whatever the clock says.
    ended: i64,
    account: &'a AccountState,
    listed: u64,
    findings: Findings,
}

impl<'a> Judging<'a> {
    /// Begins with a reading of an account.
    pub fn new(scan: &'a Scan, ended: i64, account: &'a AccountState) -> Self {
        Self {
            scan,
            ended,
            account,
            listed: 0,
            findings: Findings::default(),
        }
    }

    /// Judges the leaks of some of the marks: all that are known of these marks, and all that were read of them, both
    /// sorted. The parts may come in any order; none is left out.
    pub fn part(&mut self, known: &[SeenLeak], leaks: &[LeakRead]) {
        let mut old = known.iter().peekable();
        for leak in leaks {
            while let Some(absent) = old.next_if(|old| old.mark < leak.mark) {
                self.absent(absent);
            }
            match old.next_if(|old| old.mark == leak.mark) {
                Some(old) => self.again(old, leak),
                None => self.first(leak),
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
        self.findings.leaks.push(SeenLeak {
            mark: leak.mark,
            found: ended,
            before: self.account.last_whole,
            state,
            since: ended,
        });
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
        let was = old.state;
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
        if leak.doubtful {
            // It is there; how it stands is judged by a later reading.
            let there = SeenState {
                gone: false,
                missed: false,
                ..was
            };
            self.keep(old, there);
            return;
        }
        self.keep(old, now);
        if !self.has_baseline() {
            return;
        }
        // What was told of it after our change, with our change in mind, is not told again while that settles.
        let own = self.own_since(leak.mark).filter(|own| own.at >= old.since);
        let Some(kind) = Self::difference(was, now, own) else {
            return;
        };
        if kind == EventKind::Regressed && now == was {
            // It reads as it did; what is new is that this was told.
            self.findings.leaks.push(SeenLeak {
                since: self.ended,
                ..*old
            });
        }
        self.event(leak, kind, was, now, false);
    }

    /// The change of ours that the last reading cannot have seen.
    fn own_since(&self, mark: Mark) -> Option<&OwnChange> {
        let own = &self.scan.own;
        let at = own.binary_search_by_key(&mark, |own| own.mark).ok()?;
        let settled = own[at].at.saturating_add(self.scan.settle);
        (self.account.last_scan.is_none_or(|last| settled >= last)).then_some(&own[at])
    }

    /// What a leak's two states make, in the order of the kinds; nothing where they say the same.
    fn difference(was: SeenState, now: SeenState, own: Option<&OwnChange>) -> Option<EventKind> {
        let before = own.map_or(was.remote, |own| own.status);
        let by_us = own.is_some_and(|own| own.status.is_unresolved());
        if before == Status::Fixed && now.remote.is_unresolved() && !by_us {
            return Some(EventKind::Regressed);
        }
        if now.disputed && !was.disputed {
            return Some(EventKind::Disputed);
        }
        if was.gone {
            return was.status.is_unresolved().then_some(EventKind::Back);
        }
        let same_word = now.remote == was.remote || own.is_some_and(|own| own.status == now.remote);
        if now.risk != was.risk || !same_word {
            return Some(EventKind::Changed);
        }
        (now.remote != was.remote || now.status != was.status).then_some(EventKind::Own)
    }

    /// A leak that this reading does not have.
    fn absent(&mut self, old: &SeenLeak) {
        if !self.scan.whole || old.state.gone {
            return;
        }
        if !old.state.missed {
            let missed = SeenState {
                missed: true,
                ..old.state
            };
            self.keep(old, missed);
            return;
        }
        if self.ended.saturating_sub(old.since) < self.scan.gone_after {
            return;
        }
        let gone = SeenState {
            gone: true,
            missed: false,
            ..old.state
        };
        self.keep(old, gone);
        if self.has_baseline() {
            self.findings.events.push(NewEvent {
                mark: old.mark,
                kind: EventKind::Gone,
                before: old.state,
                after: gone,
                at: self.ended,
                older: false,
                confirmed: true,
                storm: false,
                count: 0,
            });
        }
    }

    fn keep(&mut self, old: &SeenLeak, state: SeenState) {
        if state != old.state {
            self.findings.leaks.push(SeenLeak {
                state,
                since: self.ended,
                ..*old
            });
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
        self.findings
            .events
            .sort_by_key(|event| (event.kind, event.mark));
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
